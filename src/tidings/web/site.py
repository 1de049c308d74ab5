"""create_app: the site's parts put together, and what readers see when something goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tidings import __version__
from tidings.errors import Conflict, FetchError, NotAllowed, NotFound, StoreBusy, TakenDown, TidingsError
from tidings.web import (
    asking,
    compare,
    corrections,
    entities,
    events,
    feeds,
    guard,
    health,
    hub,
    images,
    indexing,
    model,
    news,
    operator,
    phrasing,
    reading,
    renderings,
    summaries,
    takedowns,
    wrongs,
)
from tidings.web.desk import Assets, Desk, LoginNeeded, Reader, Visit
from tidings.web.headers import Envelope

if TYPE_CHECKING:
    from tidings.app import Tidings

log = structlog.get_logger("tidings.web")

_TITLES = {
    403: "Not for everyone",
    404: "Nothing under this address",
    405: "Not that way",
    409: "That cannot be done now",
    410: "Taken down",
    413: "Too large",
    422: "Something is missing",
    429: "Too many tries",
    500: "Our mistake",
    502: "No answer from there",
    503: "Back in a moment",
}
_WORDS = {
    403: "Only the operator of this site can do that.",
    404: "The address may be mistyped, or what stood here is gone. Search finds it if it is still kept.",
    405: "This address does not take that kind of request.",
    422: "The form was incomplete or held something that cannot be used. Go back and look it over.",
    500: "Something went wrong that we did not expect. It is in the log; reloading may help.",
    503: "The database does not answer. Reload in a few seconds; tidings doctor says what is wrong if it lasts.",
}


def create_app(tidings: Tidings) -> FastAPI:
    """Return the site of an instance; the caller closes the instance after the site has ended."""
    metrics = health.Metrics()
    desk = Desk(
        tidings=tidings,
        images=images.ImageProxy(
            tidings.fetcher,
            secret_key=lambda: tidings.secret_key,
            folder=tidings.settings.images,
        ),
        news=events.News(
            lambda stop: tidings.store.events(stop=stop), on_takedown=lambda: tidings.forget_made()
        ),
        metrics=metrics,
        throttle=guard.Throttle(),
        wrongs=guard.Once(most_an_hour=30),
        assets=Assets(),
    )

    index = indexing.Indexing(lambda: tidings.index_some())

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        desk.news.start()
        index.start()
        yield
        desk.news.stop()
        index.stop()
        desk.images.close()

    app = FastAPI(
        title="Tidings",
        version=__version__,
        lifespan=life,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = desk
    app.add_middleware(GZipMiddleware, minimum_size=600, compresslevel=5)
    app.add_middleware(Envelope, observe=metrics.observe, apologise=_apology)
    for part in (
        corrections,
        wrongs,
        model,
        summaries,
        compare,
        news,
        asking,
        phrasing,
        renderings,
        takedowns,
        reading,
        entities,
        operator,
        feeds,
        events,
        images,
        hub,
        health,
    ):
        app.include_router(part.router)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    app.add_api_route("/robots.txt", _robots, include_in_schema=False)
    app.add_api_route("/favicon.ico", _icon, include_in_schema=False)
    _add_error_pages(app)
    return app


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _static(visit: Reader, name: str) -> Response:
    asset = visit.desk.assets.get(name)
    if asset is None:
        raise HTTPException(404)
    is_hashed = asset.path.endswith(f"/{name}")
    headers = {
        "ETag": asset.etag,
        "Cache-Control": "public, max-age=31536000, immutable" if is_hashed else "public, max-age=300",
    }
    if visit.request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


async def _robots() -> Response:
    """Other people's articles are not ours to have indexed; the pages about Tidings itself are."""
    lines = ["User-agent: *", "Allow: /about", "Allow: /static/", "Disallow: /", ""]
    return PlainTextResponse("\n".join(lines), headers={"Cache-Control": "max-age=86400"})


async def _icon(visit: Reader) -> Response:
    return RedirectResponse(visit.desk.assets("icon.svg"), 301)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _add_error_pages(app: FastAPI) -> None:
    @app.exception_handler(LoginNeeded)
    def login_needed(request: Request, error: LoginNeeded) -> Response:
        visit = Visit(request)
        return RedirectResponse(f"/login?next={quote(visit.here, safe='')}", 303)

    @app.exception_handler(TidingsError)
    def expected(request: Request, error: TidingsError) -> Response:
        status = _status_of(error)
        if status >= 500:
            log.warning("request failed", path=request.url.path, detail=str(error))
        return _error_page(request, status, error.public_message, code=error.code)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        return _error_page(request, error.status_code)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, error: RequestValidationError) -> Response:
        # A wrong address and not a wrong form, when the part that does not fit stands in the path or the query.
        in_address = all(problem["loc"][0] in ("path", "query") for problem in error.errors())
        return _error_page(request, 404 if in_address else 422)


def _status_of(error: TidingsError) -> int:
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


_STATUSES = (
    (TakenDown, 410),
    (NotFound, 404),
    (Conflict, 409),
    (NotAllowed, 403),
    (StoreBusy, 503),
    (FetchError, 502),
)


def _apology(request: Request) -> Response:
    return _error_page(request, 500)


def _error_page(request: Request, status: int, message: str = "", *, code: str = "") -> Response:
    """Return an error in the site's voice, as JSON where JSON was asked for; it needs no database."""
    visit = Visit(request)
    said = message or _WORDS.get(status, "The request could not be answered.")
    if visit.wants_json:
        return visit.json({"error": code or str(status), "message": said}, status=status)
    if status >= 500:
        visit.session = None  # who is there cannot be asked of a database that may be away
    return visit.page(
        "error.html",
        status=status,
        headers={"Cache-Control": "no-store"},
        number=status,
        title=_TITLES.get(status, "That did not work"),
        message=said,
        may_log_in=status == 403 and visit.session is None,
    )
