"""What every handler works with: the instance, its templates and files, and one Visit for each request."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Form
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tidings import __version__
from tidings.errors import NotAllowed
from tidings.model import StoryView
from tidings.web import guard
from tidings.web.headers import MEDIA_CONTENT_POLICY
from tidings.web.present import Presenter, as_json, by_day

if TYPE_CHECKING:
    from tidings.app import Tidings
    from tidings.web.events import News
    from tidings.web.health import Metrics
    from tidings.web.images import ImageProxy

THEMES = ("auto", "light", "dark")


class LoginNeeded(Exception):
    """A page that only the operator may see: the reader is sent to the login form and back."""


# ── files of our own ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file; `path` holds a digest of its bytes, so it may be kept for ever."""

    path: str
    body: bytes
    media_type: str
    etag: str


class Assets:
    """The files of static/, read once; known by their plain name and by the name with the digest in it."""

    def __init__(self) -> None:
        self._by_name: dict[str, Asset] = {}
        for file in files("tidings.web").joinpath("static").iterdir():
            body = file.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:12]
            stem, _, suffix = file.name.rpartition(".")
            hashed = f"{stem}.{digest}.{suffix}"
            kind = {"js": "text/javascript"}.get(suffix) or mimetypes.guess_type(file.name)[0] or ""
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            asset = Asset(f"/static/{hashed}", body, kind, f'"{digest}"')
            self._by_name[file.name] = self._by_name[hashed] = asset

    def __call__(self, name: str) -> str:
        """Return the address of a file, for templates.  Raises KeyError for one that is not there."""
        return self._by_name[name].path

    def get(self, name: str) -> Asset | None:
        return self._by_name.get(name)


# ── the desk ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Desk:
    """The instance and what the site keeps beside it for as long as it runs; one a site."""

    tidings: Tidings
    images: ImageProxy
    news: News
    metrics: Metrics
    throttle: guard.Throttle
    wrongs: guard.Once
    assets: Assets

    @cached_property
    def sessions(self) -> guard.Sessions:
        return guard.Sessions(self.tidings.secret_key)

    @cached_property
    def templates(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("tidings.web"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(asset=self.assets, version=__version__)
        environment.filters["groupby_day"] = by_day
        return environment

    @property
    def is_https(self) -> bool:
        return (self.tidings.settings.base_url or "").startswith("https://")


class Visit:
    """One request with everything a handler needs to answer it."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.desk: Desk = request.app.state.desk
        self.tidings = self.desk.tidings

    @cached_property
    def session(self) -> guard.Session | None:
        return self.desk.sessions.read(
            self.request.cookies.get(guard.SESSION_COOKIE),
            lambda: self.tidings.store.setting("operator_password"),
        )

    @property
    def is_operator(self) -> bool:
        return self.session is not None

    @cached_property
    def present(self) -> Presenter:
        return Presenter(
            now=self.tidings.clock(),
            image_href=self.desk.images.href,
            is_operator=self.is_operator,
        )

    @property
    def theme(self) -> str:
        chosen = self.request.cookies.get(guard.THEME_COOKIE)
        return chosen if chosen in THEMES else "auto"

    @property
    def wants_json(self) -> bool:
        """Whether the answer should be JSON: under /api, or asked for by a script of ours."""
        return self.request.url.path.startswith("/api/") or self.request.headers.get("accept", "").startswith(
            "application/json"
        )

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def here(self) -> str:
        """The address of this page, for coming back to it."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def full(self, path: str) -> str:
        """The whole address of a page of this site, for passing it on."""
        return f"{self.tidings.settings.site_url}{path}"

    @cached_property
    def form_token(self) -> str:
        return self.desk.sessions.form_token(self.session.nonce) if self.session else ""

    def story(self, story_id: int) -> StoryView:
        """Return the story that lives under an id or took its articles over.  Raises NotFound."""
        store = self.tidings.store
        view: StoryView = store.story(store.story_now(story_id))
        return view

    def require_operator(self) -> None:
        """Raises LoginNeeded unless the operator is here."""
        if not self.is_operator:
            raise LoginNeeded

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def page(
        self,
        template: str,
        *,
        status: int = 200,
        media: bool = False,
        headers: Mapping[str, str] | None = None,
        **views: Any,
    ) -> Response:
        """Return a page, or 304 when the reader has it; `media` allows players for audio and video elsewhere."""
        html = self.desk.templates.get_template(template).render(
            visit=self,
            operator=self.is_operator,
            theme=self.theme,
            path=self.request.url.path,
            form_token=self.form_token,
            **views,
        )
        body = html.encode()
        etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        answer_headers = {
            "Cache-Control": "private, no-cache",
            "Vary": "Cookie",
            "ETag": etag,
            **(headers or {}),
        }
        if media:
            answer_headers["Content-Security-Policy"] = MEDIA_CONTENT_POLICY
        if status == 200 and not self.said and self.request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=answer_headers)
        answer = Response(body, status, answer_headers, "text/html; charset=utf-8")
        if self.said:
            answer.delete_cookie(guard.SAID_COOKIE)
        return answer

    def json(self, view: Any, *, status: int = 200) -> Response:
        return JSONResponse(
            as_json(view), status, headers={"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept"}
        )

    def done(self, next_path: str | None = None, *, said: str = "") -> Response:
        """Return the answer to a form that worked: back to a page, or 204 for a script."""
        if self.wants_json:
            return Response(status_code=204)
        answer = RedirectResponse(guard.safe_next(next_path), 303)
        if said:
            self.set_cookie(answer, guard.SAID_COOKIE, self.desk.sessions.signed_words(said), max_age=30)
        return answer

    @cached_property
    def said(self) -> str:
        """What the last form has to say to the reader, once."""
        return self.desk.sessions.read_words(self.request.cookies.get(guard.SAID_COOKIE))

    def set_cookie(self, answer: Response, name: str, value: str, *, max_age: int | None) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=max_age,
            httponly=name != guard.THEME_COOKIE,
            samesite="lax",
            secure=self.desk.is_https or self.request.url.scheme == "https",
        )

    # ── forms before there is a session ──────────────────────────────────────────────────────────────────────────────
    def open_form(self) -> tuple[str, str]:
        """Return the nonce for this browser's cookie and a form token bound to it."""
        nonce = self.request.cookies.get(guard.FORM_COOKIE) or secrets.token_urlsafe(16)
        return nonce, self.desk.sessions.form_token(nonce)

    def check_open_form(self, token: str) -> None:
        """Raises NotAllowed unless the form is one that this browser was given."""
        nonce = self.request.cookies.get(guard.FORM_COOKIE, "")
        if not nonce or not self.desk.sessions.is_form_token(token, nonce):
            raise NotAllowed("form", "This form has expired. Go back, reload the page and send it again.")
        self.check_origin()

    def check_origin(self) -> None:
        if not guard.is_same_site(self.request, self.tidings.settings.site_url):
            raise NotAllowed("origin", "This form was not sent from this site, so nothing was changed.")


async def _visit(request: Request) -> Visit:
    return Visit(request)  # async, so that no thread is needed for it


Reader = Annotated[Visit, Depends(_visit)]


def _operator(visit: Reader, csrf: Annotated[str, Form()] = "") -> Visit:
    """Return the visit of an operator who sent one of our own forms.  Raises NotAllowed."""
    visit.check_origin()
    if visit.session is None:
        raise NotAllowed("session", "Only the operator can change this. Log in and try again.")
    token = csrf or visit.request.headers.get("x-form-token", "")
    if not visit.desk.sessions.is_form_token(token, visit.session.nonce):
        raise NotAllowed("form", "This form has expired. Go back, reload the page and send it again.")
    return visit


Operator = Annotated[Visit, Depends(_operator)]
