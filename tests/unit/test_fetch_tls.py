"""Certificates are checked against the name that was asked for, though the connection goes to an address."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fetch_support import AT_WILL, Clock, reply

from tidings.errors import Unreachable
from tidings.fetch import HttpFetcher, MemoryLedger

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for news.example, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout {key}"
        f" -out {certificate} -subj /CN=news.example -addext subjectAltName=DNS:news.example"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def port(certificate: tuple[Path, Path]) -> Iterator[int]:
    """The port of a TLS server that says "secure"."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                    with context.wrap_socket(peer, server_side=True) as stream:
                        stream.recv(4096)
                        stream.sendall(reply(200, b"secure"))
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def fetcher_that_trusts(certificate: Path | None, *keys: str) -> HttpFetcher:
    clock = Clock()
    return HttpFetcher(
        clock=clock,
        sleep=clock.sleep,
        ledger=MemoryLedger(),
        version="0.1",
        contact="https://reader.example/bot",
        own_hosts=dict.fromkeys(keys, AT_WILL),
        resolve=lambda host, port: ["127.0.0.1"],
        ssl_context=None if certificate is None else ssl.create_default_context(cafile=str(certificate)),
    )


def test_a_certificate_of_the_name_is_accepted(certificate: tuple[Path, Path], port: int) -> None:
    fetcher = fetcher_that_trusts(certificate[0], f"news.example:{port}")
    assert fetcher.get(f"https://news.example:{port}/", purpose="feed").body == b"secure"


def test_a_certificate_of_another_name_is_not(certificate: tuple[Path, Path], port: int) -> None:
    fetcher = fetcher_that_trusts(certificate[0], f"other.example:{port}")
    with pytest.raises(Unreachable) as caught:
        fetcher.get(f"https://other.example:{port}/", purpose="feed")
    assert "its certificate is not valid (Hostname mismatch" in caught.value.public_message


def test_a_certificate_that_nobody_vouches_for_is_not(port: int) -> None:
    with pytest.raises(Unreachable) as caught:
        fetcher_that_trusts(None, f"news.example:{port}").get(f"https://news.example:{port}/", purpose="feed")
    assert "its certificate is not valid (self-signed certificate)" in caught.value.public_message
