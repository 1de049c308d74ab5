"""The sample press over HTTP: every publisher on a host name and port of its own, all in one event loop and thread.

    with running(load_press(), start=start, clock=clock) as press_server:
        press_server.addresses["courier"]      # "http://harbour-courier.localhost:43211"
        press_server.feeds["courier"]

The clock is handed in, so a test moves it on (Clock.advance) and live articles arrive.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from sample.hub import Hub, Subscription
from sample.pages import at_path
from sample.press import Press, Publisher
from sample.site import Site

FIRST_PORT = 8701


class Clock:
    """A clock that stands until it is told to move; for tests."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request that came in: what a test of politeness looks at."""

    publisher: str
    method: str
    path: str  # with the query
    status: int
    headers: Mapping[str, str]
    at: datetime


@dataclass(frozen=True)
class Running:
    """A press that is being served.  `addresses` and `feeds` are by publisher id; names are NAME.localhost."""

    press: Press
    start: datetime
    host: str
    ports: Mapping[str, int]
    addresses: Mapping[str, str]
    feeds: Mapping[str, str]
    visits: deque[Visit] = field(repr=False)
    hubs: Mapping[str, Hub] = field(repr=False)

    @property
    def subscriptions(self) -> list[Subscription]:
        return [one for hub in self.hubs.values() for one in hub.subscriptions.values()]

    def url(self, article_id: str) -> str:
        """The canonical address of an article."""
        article = self.press.articles[article_id]
        return at_path(self.addresses[article.publisher], article.path)

    def direct(self, url: str) -> tuple[str, dict[str, str]]:
        """Return (address, headers) that reach url where NAME.localhost cannot be looked up."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"{self.host}:{parts.port}").geturl(), {"Host": parts.netloc}


@contextlib.contextmanager
def running(
    press: Press,
    *,
    start: datetime,
    clock: Callable[[], datetime] | None = None,
    base_port: int = 0,
    host: str = "127.0.0.1",
    tick_s: float = 0.25,
) -> Iterator[Running]:
    """Serve the press until the block ends; base_port=0 takes free ports, else base_port stands for port 8701.

    clock says what time it is (aware; default: the system's); every tick_s the hubs look whether something came out.
    Raises OSError naming the publisher when a port is taken.
    """
    clock = clock or (lambda: datetime.now(UTC))
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(_listening(p, host, base_port)) for p in press.publishers.values()]
        ports = {p.id: s.getsockname()[1] for p, s in zip(press.publishers.values(), sockets, strict=True)}
        addresses = {p.id: f"http://{p.host}:{ports[p.id]}" for p in press.publishers.values()}
        newsstand = Newsstand(
            press, start=start, clock=clock, addresses=addresses, ports=ports, tick_s=tick_s
        )
        config = uvicorn.Config(
            newsstand,
            lifespan="on",
            access_log=False,
            log_config=None,  # the caller's logging stays as it is
            server_header=False,
            timeout_graceful_shutdown=1,
            backlog=512,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": sockets}, name="sample-press", daemon=True
        )
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the sample press did not start; the log above says why")
                thread.join(0.005)
            yield Running(
                press=press,
                start=start,
                host=host,
                ports=ports,
                addresses=addresses,
                feeds={p.id: addresses[p.id] + p.feed_path for p in press.publishers.values()},
                visits=newsstand.visits,
                hubs={p: site.hub for p, site in newsstand.sites.items() if site.hub},
            )
        finally:
            server.should_exit = True
            thread.join(5)
            server.force_exit = True  # somebody holds a connection open
            thread.join(5)


def _listening(publisher: Publisher, host: str, base_port: int) -> socket.socket:
    port = base_port + publisher.port - FIRST_PORT if base_port else 0
    # asyncio switches Nagle's delay off only for sockets that say they are TCP; with it every answer takes 40 ms
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind((host, port))
        one.listen(512)
    except OSError as exc:
        one.close()
        raise OSError(exc.errno, f"{publisher.name}: port {port} on {host}: {exc.strerror}") from exc
    return one


class Newsstand:
    """Every publisher's site behind one ASGI application; the port a request came in by says whose it is."""

    def __init__(
        self,
        press: Press,
        *,
        start: datetime,
        clock: Callable[[], datetime],
        addresses: Mapping[str, str],
        ports: Mapping[str, int],
        tick_s: float,
    ) -> None:
        self.clock = clock
        self.tick_s = tick_s
        self.client = httpx.AsyncClient(timeout=5, trust_env=False, limits=httpx.Limits(max_connections=20))
        self.visits: deque[Visit] = deque(maxlen=20_000)
        self.sites = {
            p.id: Site(press, p, base=addresses[p.id], start=start, clock=clock, client=self.client)
            for p in press.publishers.values()
        }
        self.by_port = {ports[name]: (name, site.app) for name, site in self.sites.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, app = self.by_port[scope["server"][1]]

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                path = scope["raw_path"].decode("latin-1").partition("?")[0] + (f"?{query}" if query else "")
                headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
                self.visits.append(
                    Visit(name, scope["method"], path, message["status"], headers, self.clock())
                )
            await send(message)

        await app(scope, receive, noting)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        watch = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        for site in self.sites.values():
            if site.hub:
                await site.hub.close()
        await self.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch(self) -> None:
        """Tell the hubs when their feed has changed."""
        with_hub = [(site, site.hub) for site in self.sites.values() if site.hub]
        last = {site.publisher.id: site.issue() for site, _ in with_hub}
        while True:
            await asyncio.sleep(self.tick_s)
            for site, hub in with_hub:
                issue = site.issue()
                if issue != last[site.publisher.id]:
                    last[site.publisher.id] = issue
                    hub.publish(site.base + site.publisher.feed_path)
