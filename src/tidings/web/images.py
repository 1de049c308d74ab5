"""Pictures from publishers through an address of our own: readers stay unseen by the publishers' servers.

An address carries a signature, so this is a proxy for pictures in our articles and for nothing else.  Only raster formats
pass, told by their first bytes and not by what the server claims: SVG is a document that can hold scripts.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import structlog
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tidings.errors import FetchError, Throttled
from tidings.fetch.pictures import kept_at
from tidings.ports import Fetcher
from tidings.web.desk import Reader

log = structlog.get_logger("tidings.web.images")

CACHE_BYTES = 256 << 20
KEEP_S = 30 * 86_400
_FAILED_S = 600.0
_MOST_FAILED = 2_000
_MOST_WAITING = 64

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Image:
    body: bytes
    media_type: str


def raster_type(body: bytes) -> str | None:
    """Return the media type of a raster image by its first bytes, None for anything else."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return None


class ImageProxy:
    """Fetches, checks and keeps pictures; `secret_key` signs their addresses, `folder` is a cache that may be deleted."""

    def __init__(
        self, fetcher: Fetcher, *, secret_key: Callable[[], str], folder: Path, cache_bytes: int = CACHE_BYTES
    ) -> None:
        self._fetcher = fetcher
        self._secret_key = secret_key
        self._folder = folder
        self._cache_bytes = cache_bytes
        self._lock = threading.Lock()
        self._written = 0
        self._failed: OrderedDict[str, float] = OrderedDict()
        # Threads of its own: slow picture servers must not take the threads that answer pages.
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="images")
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)

    @cached_property
    def _key(self) -> bytes:
        return hashlib.sha256(b"tidings.image:" + self._secret_key().encode()).digest()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    # ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────
    def href(self, url: str) -> str:
        """Return the address on this site under which a picture is shown."""
        packed = base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
        return f"/image/{self._signature(packed)}/{packed}"

    def url_of(self, signature: str, packed: str) -> str | None:
        """Return the picture's own address, None when the signature is not ours."""
        if not hmac.compare_digest(signature.encode(), self._signature(packed).encode()):
            return None
        try:
            return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None

    def _signature(self, packed: str) -> str:
        mac = hmac.new(self._key, packed.encode(), hashlib.sha256).digest()[:18]
        return base64.urlsafe_b64encode(mac).decode()

    # ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def kept(self, url: str) -> Image | None:
        """Return a picture from the cache."""
        try:
            body = self._path(url).read_bytes()
        except OSError:
            return None
        media_type = raster_type(body)
        return Image(body, media_type) if media_type else None

    async def fetch(self, url: str) -> Image | None:
        """Return a picture from its publisher, and keep it; None when there is none, or too much is asked for at once.

        No thread but those of pictures is held meanwhile.
        """
        with self._lock:
            if self._failed.get(url, 0.0) > time.monotonic():
                return None
        if not self._waiting.acquire(blocking=False):
            return None
        try:
            return await asyncio.wrap_future(self._pool.submit(self._fetch, url))
        finally:
            self._waiting.release()

    def _fetch(self, url: str) -> Image | None:
        try:
            body = self._fetcher.get(url, purpose="image").body
        except Throttled as error:
            self._remember_failure(url, min(error.retry_after_s, _FAILED_S))
            return None
        except FetchError as error:
            log.info("no picture", url=url, detail=error.detail or error.public_message)
            self._remember_failure(url, _FAILED_S)
            return None
        media_type = raster_type(body)
        if media_type is None:
            self._remember_failure(url, _FAILED_S)
            return None
        with contextlib.suppress(OSError):  # a full disk costs the cache, not the picture
            self._keep(url, body)
        return Image(body, media_type)

    def _remember_failure(self, url: str, seconds: float) -> None:
        with self._lock:
            self._failed[url] = time.monotonic() + seconds
            while len(self._failed) > _MOST_FAILED:
                self._failed.popitem(last=False)

    # ── the cache ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _path(self, url: str) -> Path:
        return kept_at(self._folder, url)

    def _keep(self, url: str, body: bytes) -> None:
        path = self._path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(body)
        os.replace(file.name, path)
        with self._lock:
            self._written += len(body)
            is_due = self._written > self._cache_bytes // 16
            if is_due:
                self._written = 0
        if is_due:
            self.trim()

    def trim(self) -> None:
        """Delete the oldest pictures until the cache is within its bounds."""
        kept = []
        for path in self._folder.glob("*/*"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                kept.append((stat.st_mtime, stat.st_size, path))
        excess = sum(size for _, size, _ in kept) - self._cache_bytes
        for _, size, path in sorted(kept):
            if excess <= 0:
                return
            with contextlib.suppress(OSError):
                path.unlink()
            excess -= size


@router.get("/image/{signature}/{packed}", include_in_schema=False)
async def image(visit: Reader, signature: str, packed: str) -> Response:
    """Answer with a picture; open to everybody who has a signed address, as apps that show our feeds do."""
    images = visit.desk.images
    url = await run_in_threadpool(images.url_of, signature, packed)
    if url is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    etag = f'"{hashlib.sha256(url.encode()).hexdigest()[:16]}"'
    headers = {"Cache-Control": f"public, max-age={KEEP_S}, immutable", "ETag": etag}
    if visit.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    found = await run_in_threadpool(images.kept, url) or await images.fetch(url)
    if found is None:
        return Response(status_code=404, headers={"Cache-Control": "max-age=300"})
    policy = {
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(found.body, headers={**headers, **policy}, media_type=found.media_type)
