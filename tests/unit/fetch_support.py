"""A small web server on loopback that says exactly the bytes it is told, and a fetcher that may visit it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType

from tidings.fetch import HttpFetcher, Limits, MemoryLedger, OwnHost
from tidings.fetch.addresses import Resolve
from tidings.fetch.client import DEFAULT_LIMITS
from tidings.ports import HostLedger

AT_WILL = OwnHost(spacing_s=0.0)
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Answer = bytes | Iterable[bytes]


@dataclass
class Site:
    """Serve `answer(request)` until the block ends.  An answer that is b"" closes the connection without a word."""

    answer: Callable[[Seen], Answer]
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Site:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.key = f"127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in list(self._open):
            peer.close()

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self._open.add(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            with peer, peer.makefile("rb") as incoming:
                while (line := incoming.readline()).strip():
                    method, target, _ = line.decode("latin-1").split(" ", 2)
                    headers: dict[str, str] = {}
                    while (line := incoming.readline().rstrip(b"\r\n")) != b"":
                        name, _, value = line.decode("latin-1").partition(":")
                        headers[name.lower()] = value.strip()
                    body = incoming.read(int(headers.get("content-length", 0)))
                    seen = Seen(method, target, headers, body)
                    self.requests.append(seen)
                    answer = self.answer(seen)
                    for part in [answer] if isinstance(answer, bytes) else answer:
                        peer.sendall(part)
                    if not answer or b"connection: close" in (answer if isinstance(answer, bytes) else b""):
                        return
        except (OSError, ValueError):  # gone, or speaking another language
            pass
        finally:
            self._open.discard(peer)


def reply(
    status: int = 200, body: bytes = b"", headers: Iterable[tuple[str, str]] = (), *, length: bool = True
) -> bytes:
    """Return the bytes of an answer, with its Content-Length unless told otherwise."""
    lines = [f"HTTP/1.1 {status} Told"]
    lines += [f"{name}: {value}" for name, value in headers]
    if length and status != 304:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


def pages(answers: dict[str, bytes]) -> Callable[[Seen], bytes]:
    """Answer by path; 404 elsewhere."""
    return lambda request: answers.get(request.target, reply(404))


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


def fetcher_for(
    *sites: Site | str,
    clock: Clock | None = None,
    ledger: HostLedger | None = None,
    own: OwnHost = AT_WILL,
    limits: Limits = DEFAULT_LIMITS,
    resolve: Resolve | None = None,
    spacing_s: float = 1.0,
) -> HttpFetcher:
    """Return a fetcher whose own hosts are these sites, with no space between requests."""
    clock = clock or Clock()
    more = {} if resolve is None else {"resolve": resolve}
    return HttpFetcher(
        clock=clock,
        sleep=clock.sleep,
        ledger=ledger or MemoryLedger(),
        version="0.1",
        contact="https://reader.example/bot",
        own_hosts={site if isinstance(site, str) else site.key: own for site in sites},
        spacing_s=spacing_s,
        limits=limits,
        **more,
    )
