"""One publisher's web site: what it answers to each path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sample.art import favicon, picture, tone
from sample.feeds import MEDIA_TYPES, render_feed, render_news_sitemap
from sample.hub import Hub, Topic
from sample.pages import (
    FeedLink,
    at_path,
    has_template,
    render_about,
    render_article,
    render_home,
    section_path,
)
from sample.press import Article, Press, Publisher, Shown, slug
from sample.replies import conditional, ranged, squeezed

GONE_AFTER = 2  # a dead feed says 404 this often, then 410
RETRY_AFTER_S = 120
PAGE_MAX_AGE_S = 30
PICTURE_MAX_AGE_S = 86_400
NEWS_SITEMAP = timedelta(days=2)
CONSENT_COOKIE = "einwilligung"
XML = "application/xml"


class Site:
    """A publisher's site; `app` is its ASGI application.  Used on one event loop."""

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
        house = [Route(self.publisher.hub_path, self.hub_request, methods=["POST"])] if self.hub else []
        if "consent" in self.publisher.walls:
            house.append(Route("/einwilligung", self.consent, methods=["POST"]))
        if has_template(self.publisher, "print.html"):
            house.append(Route("/print/{number:int}", self.print_view))
        return [
            *feeds,
            *house,
            Route("/", self.home),
            Route("/about", self.about),
            Route("/robots.txt", self.robots),
            Route("/favicon.svg", self.icon),
            Route("/news-sitemap.xml", self.sitemap),
            Route("/section/{name}", self.section),
            Route("/img/{number:int}.png", self.picture),
            Route("/audio/{number:int}.wav", self.audio),
            Route("/a/{number:int}", self.short_link),
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
        if shown is None:
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
        return ranged(
            request, tone(shown.article.number), media_type="audio/wav", max_age_s=PICTURE_MAX_AGE_S
        )

    async def sitemap(self, request: Request) -> Response:
        since = self.clock() - NEWS_SITEMAP
        shown = [one for one in self.shown() if one.published_at >= since]
        return Response(render_news_sitemap(self.publisher, shown, base=self.base), media_type=XML)


def _path_key(path: str) -> tuple[str, str | None]:
    """(path, value of its one query parameter): what tells a publisher's addresses apart."""
    path, _, query = path.partition("?")
    return path, query.partition("=")[2] or None
