"""The address guard: no name, redirect or changed answer leads into the operator's own network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterable, Sequence

import httpcore
import pytest
from fetch_support import Site, fetcher_for, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.errors import FetchError, Refused, Unreachable
from tidings.fetch.addresses import is_public_address, resolve
from tidings.fetch.network import AddressRefused, Network

PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::8",
]
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::127.0.0.1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("literal", PUBLIC)
def test_public_addresses_are_public(literal: str) -> None:
    assert is_public_address(literal)


@pytest.mark.parametrize(
    "literal", [*PRIVATE, "", "localhost", "news.example", "127.1", "0x7f000001", "2130706433"]
)
def test_everything_else_is_not(literal: str) -> None:
    assert not is_public_address(literal)


def test_behind_nat64_the_address_inside_counts() -> None:
    assert is_public_address("64:ff9b::93.184.215.14")
    assert not any(is_public_address(f"64:ff9b::{literal}") for literal in PRIVATE if ":" not in literal)


@pytest.mark.parametrize(
    "literal",
    ["::ffff:1.1.1.1", "::1.1.1.1", "2002:101:101::1", "2001:0:101:101::1", "2606:4700::5efe:1.1.1.1"],
)
def test_other_addresses_inside_addresses_are_refused(literal: str) -> None:
    assert not is_public_address(literal)


@settings(deadline=None)
@given(st.ip_addresses())
def test_nothing_that_the_standard_library_calls_special_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    is_nat64 = address in ipaddress.ip_network("64:ff9b::/96")
    assert is_nat64 or not (special and is_public_address(str(address)))


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST.", "press.localhost", "a.b.localhost", "b.LocalHost."]
)
def test_names_under_localhost_are_loopback(name: str) -> None:
    assert resolve(name, 80) == ["127.0.0.1", "::1"]


def test_a_name_that_only_looks_like_localhost_is_not() -> None:
    with pytest.raises(socket.gaierror):
        resolve("notlocalhost.invalid", 80)


# ── through the client ───────────────────────────────────────────────────────────────────────────────────────────────


def names(**addresses: Sequence[str]) -> object:
    """Return a resolver of these names ("news_example") that knows literals too."""

    def look_up(host: str, port: int) -> Sequence[str]:
        known = addresses.get(host.replace(".", "_"))
        return known if known is not None else resolve(host, port)

    return look_up


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "press.localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    with Site(lambda _: reply(200, b"secret")) as site:
        with pytest.raises(Refused) as caught:
            fetcher_for().get(site.url("/", host=host), purpose="feed")
        assert site.connections == 0
        assert "private network" in caught.value.public_message
        assert isinstance(caught.value.__cause__, AddressRefused)


@pytest.mark.parametrize("purpose", ["feed", "page", "image", "discovery", "hub"])
def test_every_purpose_is_guarded(purpose: str) -> None:
    with Site(lambda _: reply(200, b"secret")) as site:
        with pytest.raises(FetchError):
            fetcher_for().get(site.url("/"), purpose=purpose)  # type: ignore[arg-type]
        with pytest.raises(Refused):
            fetcher_for().post(site.url("/"), {})
        assert site.connections == 0


def test_the_guard_speaks_of_the_page_also_when_robots_are_asked_first() -> None:
    with Site(lambda _: reply(200, b"secret")) as site, pytest.raises(Refused):
        fetcher_for().get(site.url("/"), purpose="page")


@pytest.mark.parametrize("hop", [1, 2, 3, 4, 5])
def test_a_redirect_to_a_private_address_is_refused_at_every_hop(hop: int) -> None:
    with Site(lambda _: reply(200, b"secret")) as inside:

        def answer(request: object) -> bytes:
            count = len(site.requests)
            there = inside.url("/admin", host="intranet.example") if count == hop else f"/{count}"
            return reply(301, headers=[("Location", there)])

        with Site(answer) as site:
            fetcher = fetcher_for(site, resolve=names(intranet_example=["127.0.0.1"]))  # type: ignore[arg-type]
            with pytest.raises(Refused):
                fetcher.get(site.url("/"), purpose="feed")
            assert (len(site.requests), inside.connections) == (hop, 0)


def test_an_own_host_may_lead_anywhere_but_only_on_its_own_port() -> None:
    with Site(lambda _: reply(200, b"mine")) as mine, Site(lambda _: reply(200, b"other")) as other:
        key = f"press.localhost:{mine.port}"
        fetcher = fetcher_for(key.upper())
        assert fetcher.get(mine.url("/", host="press.localhost"), purpose="feed").body == b"mine"
        for url in (other.url("/", host="press.localhost"), mine.url("/", host="localhost"), mine.url("/")):
            with pytest.raises(Refused):
                fetcher.get(url, purpose="feed")
        assert (mine.connections, other.connections) == (1, 0)


def test_an_own_host_may_be_an_ipv6_address() -> None:
    connected: list[str] = []
    with Site(lambda _: reply(200, b"mine")) as site:
        network = Network(
            resolve=lambda host, _: [host],
            own={f"[::1]:{site.port}"},
            monotonic=lambda: 0.0,
            sockets=Recorder(connected, site.port),
        )
        network.connect_tcp("::1", site.port).close()
        with pytest.raises(AddressRefused):
            network.connect_tcp("::1", site.port + 1)
    assert connected == ["::1"]


def test_a_name_that_turns_private_after_the_first_look_up_is_refused() -> None:
    """DNS rebinding: the second answer of the name is never used for a connection that the first one allowed."""
    with Site(lambda _: reply(200, b"secret")) as site:
        answers = [["203.0.114.1"], ["127.0.0.1"]]
        asked: list[str] = []

        def look_up(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return answers[min(len(asked), 2) - 1]

        connected: list[str] = []
        network = Network(
            resolve=look_up, own=(), monotonic=lambda: 0.0, sockets=Recorder(connected, site.port)
        )
        with pytest.raises(AddressRefused, match=r"answered from 127\.0\.0\.1"):
            network.connect_tcp("news.example", site.port)
        assert (asked, connected) == (["news.example"], ["203.0.114.1"])
        with pytest.raises(AddressRefused, match="leads to"):
            network.connect_tcp("news.example", site.port)
        assert connected == ["203.0.114.1"]


class Recorder(httpcore.SyncBackend):
    """Connects to loopback whatever it is told, as a router that rewrites destinations would."""

    def __init__(self, connected: list[str], port: int) -> None:
        self.connected = connected
        self.port = port

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append(host)
        return super().connect_tcp("127.0.0.1", self.port, timeout, local_address, socket_options or ())


def test_of_a_mixed_name_only_the_public_addresses_are_tried() -> None:
    tried: list[str] = []

    class Dead(httpcore.SyncBackend):
        def connect_tcp(self, host: str, *rest: object, **more: object) -> httpcore.NetworkStream:
            tried.append(host)
            raise httpcore.ConnectError("unreachable")

    addresses = ["10.0.0.1", "93.184.215.14", "::1", "2606:4700::1111"]
    network = Network(resolve=lambda *_: addresses, own=(), monotonic=lambda: 0.0, sockets=Dead())
    with pytest.raises(httpcore.ConnectError):
        network.connect_tcp("news.example", 443)
    assert tried == ["93.184.215.14", "2606:4700::1111"]


@pytest.mark.parametrize(
    "failure",
    [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long"), OSError("no")],
)
def test_a_name_without_an_address_is_unreachable(failure: Exception) -> None:
    def look_up(host: str, port: int) -> Sequence[str]:
        raise failure

    with pytest.raises(Unreachable) as caught:
        fetcher_for(resolve=look_up).get("http://news.example/", purpose="feed")
    assert caught.value.retry == "later"


def test_the_next_address_is_tried_when_the_first_does_not_answer() -> None:
    with Site(lambda _: reply(200, b"fine")) as site:
        fetcher = fetcher_for(
            f"news.example:{site.port}",
            resolve=names(news_example=["127.0.0.2", "127.0.0.1"]),  # type: ignore[arg-type]
        )
        assert fetcher.get(site.url("/", host="news.example"), purpose="feed").body == b"fine"


def test_the_environment_chooses_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Site(lambda _: reply(200, b"proxied")) as proxy, Site(lambda _: reply(200, b"direct")) as site:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, proxy.url(""))
        assert fetcher_for(site).get(site.url("/"), purpose="feed").body == b"direct"
        assert proxy.connections == 0


def test_a_server_without_tls_on_an_https_address_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_plainly() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65_536)
                peer.sendall(reply(400, b"speak HTTP"))

        threading.Thread(target=answer_plainly, daemon=True).start()
        own = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Unreachable) as caught:
            fetcher_for(own).get(f"https://{own}/", purpose="feed")
    assert isinstance(caught.value.__cause__, httpcore.ConnectError)
    assert "No secure connection" in caught.value.public_message
