"""The sample press over HTTP: every publisher on a host name and port of its own, all in one event loop and thread.

    with running(load_press(), start=start, clock=clock) as press_server:
        press_server.addresses["courier"]      # "http://harbour-courier.localhost:43211"
        press_server.feeds["courier"]

The clock is handed in, so a test moves it on (Clock.advance) and live articles arrive.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from sample.art import favicon, picture, tone
from sample.feeds import MEDIA_TYPES, render_feed, render_news_sitemap
from sample.hub import Hub, Subscription, Topic
from sample.pages import FeedLink, at_path, render_about, render_article, render_home, section_path
from sample.press import Article, Press, Publisher, Shown, slug

FIRST_PORT = 8701
GONE_AFTER = 2  # a dead feed says 404 this often, then 410
RETRY_AFTER_S = 120
PAGE_MAX_AGE_S = 30
PICTURE_MAX_AGE_S = 86_400
NEWS_SITEMAP = timedelta(days=2)
CONSENT_COOKIE = "einwilligung"
XML = "application/xml"


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
            log_level="warning",
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


class Site:
    """One publisher's web site: what it answers to each path."""

    def __init__(
        self,
        press: Press,
        publisher: Publisher,
        *,
        base: str,
        start: datetime,
        clock: Callable[[], datetime],
        client: httpx.AsyncClient,
    ) -> None:
        self.press = press
        self.publisher = publisher
        self.base = base
        self.start = start
        self.clock = clock
        self.feed_requests = 0
        self.hub = (
            Hub(base + publisher.hub_path, self._topics, clock=clock, client=client)
            if publisher.hub_path
            else None
        )
        mine = [a for a in press.articles.values() if a.publisher == publisher.id]
        self.by_number = {a.number: a for a in mine}
        self.by_path = {_path_key(a.path): a for a in mine}
        self.id_parameter = (re.search(r"\?(\w+)=", publisher.article_path) or [None, None])[1]
        self.section_feeds = {f"/feed/{slug(name) or name}": name for name in publisher.section_feeds}
        self.app = Starlette(routes=self._routes())

    def _routes(self) -> list[Route]:
        feeds = [Route(self.publisher.feed_path, self.feed)]
        feeds += [Route(path, self.feed) for path in self.section_feeds]
        feeds += [Route(path, self.moved_feed) for path in self.publisher.old_feed_paths]
        hub = [Route(self.publisher.hub_path, self.hub_request, methods=["POST"])] if self.hub else []
        return [
            *feeds,
            *hub,
            Route("/", self.home),
            Route("/about", self.about),
            Route("/robots.txt", self.robots),
            Route("/favicon.svg", self.icon),
            Route("/news-sitemap.xml", self.sitemap),
            Route("/section/{name}", self.section),
            Route("/img/{number:int}.png", self.picture),
            Route("/audio/{number:int}.wav", self.audio),
            Route("/print/{number:int}", self.print_view),
            Route("/a/{number:int}", self.short_link),
            Route("/einwilligung", self.consent, methods=["POST"]),
            Route("/{path:path}", self.article),
        ]

    # ── what is out ──────────────────────────────────────────────────────────────────────────────────────────────────

    def shown(self) -> tuple[Shown, ...]:
        """The articles that are out now, newest first."""
        return self.press.at(self.start, self.clock())[self.publisher.id]

    def issue(self) -> tuple[tuple[str, int], ...]:
        """What tells one state of the site from the next: articles and their revisions."""
        return tuple((one.article.id, one.revision) for one in self.shown())

    def find(self, article: Article | None) -> Shown | None:
        return next((one for one in self.shown() if one.article is article), None)

    def feed_links(self) -> list[FeedLink]:
        publisher = self.publisher
        if publisher.feed_linked != "html":
            return []
        media_type = MEDIA_TYPES[publisher.feed]
        sections = [
            FeedLink(f"{publisher.name}: {name}", at_path(self.base, path), media_type)
            for path, name in self.section_feeds.items()
        ]
        return [FeedLink(publisher.name, self.base + publisher.feed_path, media_type), *sections]

    def _feed_bytes(self, path: str) -> tuple[bytes, datetime]:
        section = self.section_feeds.get(path)
        shown = [one for one in self.shown() if section in (None, one.article.section)]
        changed_at = max((one.modified_at for one in shown), default=self.start - timedelta(days=30))
        title = self.publisher.name + (f": {section}" if section else "")
        body = render_feed(
            self.publisher, shown, base=self.base, path=path, title=title, changed_at=changed_at
        )
        return body, changed_at

    def _topics(self) -> Mapping[str, Topic]:
        url = self.base + self.publisher.feed_path
        media_type = f"{MEDIA_TYPES[self.publisher.feed]}; charset={self.publisher.charset}"
        return {url: Topic(url, media_type, self._feed_bytes(self.publisher.feed_path)[0])}

    # ── the feed ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def feed(self, request: Request) -> Response:
        self.feed_requests += 1
        if self.publisher.feed == "gone":
            status = 404 if self.feed_requests <= GONE_AFTER else 410
            return Response("There is no feed here any more.\n", status, media_type="text/plain")
        if self.publisher.feed == "throttled":
            headers = {"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
            return Response("Too many readers. Come back later.\n", 429, headers, media_type="text/plain")
        body, changed_at = self._feed_bytes(request.url.path)
        reply = conditional(
            request,
            body,
            media_type=f"{MEDIA_TYPES[self.publisher.feed]}; charset={self.publisher.charset}",
            modified_at=changed_at,
            max_age_s=self.publisher.max_age_s,
        )
        if self.hub and request.url.path == self.publisher.feed_path:
            reply.headers["Link"] = (
                f'<{self.hub.url}>; rel="hub", <{self.base}{request.url.path}>; rel="self"'
            )
        return reply

    async def moved_feed(self, request: Request) -> Response:
        return RedirectResponse(self.base + self.publisher.feed_path, 301)

    async def hub_request(self, request: Request) -> Response:
        assert self.hub is not None
        form = await request.form(max_fields=20)
        status, words = self.hub.request({k: v for k, v in form.items() if isinstance(v, str)})
        return Response(words + "\n", status, media_type="text/plain")

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def home(self, request: Request) -> Response:
        html = render_home(
            self.publisher, self.shown(), base=self.base, now=self.clock(), feeds=self.feed_links()
        )
        reply = self._html(request, html)
        if self.publisher.feed_linked == "header":
            media_type = MEDIA_TYPES[self.publisher.feed]
            link = f'<{self.base}{self.publisher.feed_path}>; rel="alternate"; type="{media_type}"'
            reply.headers["Link"] = link
        return reply

    async def section(self, request: Request) -> Response:
        sections = {*self.publisher.sections, *(a.section for a in self.by_number.values() if a.section)}
        name = next(
            (s for s in sections if section_path(s) == f"/section/{request.path_params['name']}"), None
        )
        if name is None:
            return self._missing(request)
        shown = [one for one in self.shown() if one.article.section == name]
        html = render_home(
            self.publisher, shown, base=self.base, now=self.clock(), feeds=self.feed_links(), heading=name
        )
        return self._html(request, html)

    async def about(self, request: Request) -> Response:
        html = render_about(self.publisher, base=self.base, now=self.clock(), feeds=self.feed_links())
        return self._html(request, html)

    async def article(self, request: Request) -> Response:
        key: tuple[str, str | None] = (request.url.path, None)
        if self.id_parameter:
            key = (request.url.path, request.query_params.get(self.id_parameter))
        shown = self.find(self.by_path.get(key))
        if shown is None:
            return self._missing(request)
        walled = shown.article.access == "consent" and CONSENT_COOKIE not in request.cookies
        return self._article(request, shown, "consent.html" if walled else "article.html")

    async def print_view(self, request: Request) -> Response:
        shown = self.find(self.by_number.get(request.path_params["number"]))
        if shown is None or self.publisher.id != "meridian":
            return self._missing(request)
        return self._article(request, shown, "print.html")

    async def short_link(self, request: Request) -> Response:
        shown = self.find(self.by_number.get(request.path_params["number"]))
        if shown is None:
            return self._missing(request)
        return RedirectResponse(at_path(self.base, shown.article.path), 301)

    async def consent(self, request: Request) -> Response:
        form = await request.form(max_fields=5)
        onward = form.get("weiter")
        known = isinstance(onward, str) and _path_key(onward) in self.by_path
        reply = RedirectResponse(at_path(self.base, str(onward)) if known else self.base + "/", 303)
        reply.set_cookie(CONSENT_COOKIE, "ja", max_age=86_400, httponly=True, samesite="lax")
        return reply

    def _article(self, request: Request, shown: Shown, template: str) -> Response:
        html = render_article(
            shown, self.shown(), base=self.base, now=self.clock(), feeds=self.feed_links(), template=template
        )
        return self._html(request, html)

    def _html(self, request: Request, html: str, *, status: int = 200) -> Response:
        body = html.encode(self.publisher.charset, "xmlcharrefreplace")
        headers = {"Cache-Control": f"max-age={PAGE_MAX_AGE_S}", "Content-Language": self.publisher.language}
        return squeezed(
            request, body, f"text/html; charset={self.publisher.charset}", status=status, headers=headers
        )

    def _missing(self, request: Request) -> Response:
        html = render_about(self.publisher, base=self.base, now=self.clock(), feeds=self.feed_links())
        return self._html(request, html, status=404)

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def robots(self, request: Request) -> Response:
        words = self.publisher.robots.strip().replace("{base}", self.base) + "\n"
        return Response(words, media_type="text/plain")

    async def icon(self, request: Request) -> Response:
        colours = self.publisher.colours
        letter = self.publisher.name.removeprefix("The ")[0]
        svg = favicon(letter, accent=colours["accent"], paper=colours["paper"])
        return Response(
            svg, media_type="image/svg+xml", headers={"Cache-Control": f"max-age={PICTURE_MAX_AGE_S}"}
        )

    async def picture(self, request: Request) -> Response:
        shown = self.find(self.by_number.get(request.path_params["number"]))
        if shown is None:
            return self._missing(request)
        body = picture(shown.article.number, accent=self.publisher.colours["accent"])
        return conditional(
            request, body, media_type="image/png", modified_at=shown.published_at, max_age_s=PICTURE_MAX_AGE_S
        )

    async def audio(self, request: Request) -> Response:
        shown = self.find(self.by_number.get(request.path_params["number"]))
        if shown is None or shown.article.id not in self.publisher.audio:
            return self._missing(request)
        return ranged(request, tone(shown.article.number), media_type="audio/wav")

    async def sitemap(self, request: Request) -> Response:
        since = self.clock() - NEWS_SITEMAP
        shown = [one for one in self.shown() if one.published_at >= since]
        return Response(render_news_sitemap(self.publisher, shown, base=self.base), media_type=XML)


def _path_key(path: str) -> tuple[str, str | None]:
    """(path, value of its one query parameter): what tells a publisher's addresses apart."""
    path, _, query = path.partition("?")
    return path, query.partition("=")[2] or None


# ── HTTP ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def conditional(
    request: Request, body: bytes, *, media_type: str, modified_at: datetime, max_age_s: int
) -> Response:
    """Return 304 when the client has this body, by ETag first and only then by date (RFC 9110 §13.2.2), else the body."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified_at.astimezone(UTC), usegmt=True),
        "Cache-Control": f"max-age={max_age_s}",
    }
    asked = request.headers.get("if-none-match")
    if asked is not None:
        fresh = asked.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in asked.split(","))
    else:
        fresh = _not_modified_since(request.headers.get("if-modified-since"), modified_at)
    if fresh:
        return Response(status_code=304, headers=headers)
    return squeezed(request, body, media_type, headers=headers)


def _not_modified_since(asked: str | None, modified_at: datetime) -> bool:
    try:
        since = parsedate_to_datetime(asked or "")
    except ValueError:
        return False
    return modified_at.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)


def squeezed(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the body, gzipped for those who take it, text only."""
    headers = {**(headers or {}), "Vary": "Accept-Encoding"}
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if takes_gzip and not media_type.startswith(("image/", "audio/")) and len(body) > 1000:
        body = gzip.compress(body, 3, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, {**headers, "Content-Type": media_type})


def ranged(request: Request, body: bytes, *, media_type: str) -> Response:
    """Return the body or the one byte range asked for (RFC 9110 §14); several ranges get the whole."""
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": media_type,
        "Cache-Control": f"max-age={PICTURE_MAX_AGE_S}",
    }
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", "").strip())
    if not found or not (found[1] or found[2]):
        return Response(body, 200, headers)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or len(body) - 1), len(body) - 1)
    else:
        first, last = max(len(body) - int(found[2]), 0), len(body) - 1
    if first > last:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, headers)
