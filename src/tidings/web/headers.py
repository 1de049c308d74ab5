"""What every answer carries and every request must respect: an ASGI layer around the whole site.

Plain ASGI and not Starlette's BaseHTTPMiddleware, which would put a task and a queue between us and every streamed byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("tidings.web")

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Audio and video stay at the publisher: they are too large to pass through, and a player needs ranges of them.
MEDIA_CONTENT_POLICY = f"{CONTENT_POLICY}; media-src https: http:"

_ALWAYS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Nothing to other sites.  Not "no-referrer": with it browsers send "Origin: null" with our own forms (Fetch standard,
    # "append a request Origin header"), and the origin of a form could not be checked any more.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}
MAX_REQUEST_BYTES = 16 << 20


class Envelope:
    """Adds the standing headers, answers HEAD as GET without a body, bounds what a request may send, times every answer.

    `observe(route, method, status, seconds)` is told of each answer when its last byte has been sent.  An error that nothing
    below expected is logged here and answered with `apologise(request)`, so that it too carries the headers.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        observe: Callable[[str, str, int, float], None],
        apologise: Callable[[Request], Response],
    ) -> None:
        self._app = app
        self._observe = observe
        self._apologise = apologise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        started = time.perf_counter()
        status = 500
        received = 0
        has_started = False

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_REQUEST_BYTES:
                return {"type": "http.disconnect"}
            return message

        async def dressed_send(message: Message) -> None:
            nonlocal status, has_started
            if message["type"] == "http.response.start":
                status, has_started = message["status"], True
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            elif message["type"] == "http.response.body" and method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        try:
            if not declared.isdigit() or int(declared) > MAX_REQUEST_BYTES:
                await _too_large(dressed_send)
            else:
                await self._app(inner, limited_receive, dressed_send)
        except Exception:
            log.exception("request failed", method=method, path=scope["path"])
            if has_started:
                raise
            answer = await run_in_threadpool(self._apologise, Request(inner))
            await answer(inner, receive, dressed_send)
        finally:
            route = getattr(inner.get("route"), "path", "(none)")
            self._observe(route, method, status, time.perf_counter() - started)


async def _too_large(send: Send) -> None:
    body = b"This is larger than anything this site takes.\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
