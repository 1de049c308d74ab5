"""Answers as a careful web server gives them: validators, compression, byte ranges."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response


def conditional(
    request: Request, body: bytes, *, media_type: str, modified_at: datetime, max_age_s: int
) -> Response:
    """Return 304 when the client has this body, by ETag first and only then by date (RFC 9110 §13.2.2), else the body."""
    etag = _etag(body)
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


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


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
        if "ETag" in headers:  # these bytes are others, so the tag is weak (RFC 9110 §8.8.1)
            headers["ETag"] = "W/" + headers["ETag"]
    return Response(body, status, {**headers, "Content-Type": media_type})


def ranged(request: Request, body: bytes, *, media_type: str, max_age_s: int) -> Response:
    """Return the body or the one byte range asked for (RFC 9110 §14); several ranges get the whole."""
    etag = _etag(body)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": media_type,
        "Cache-Control": f"max-age={max_age_s}",
        "ETag": etag,
    }
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", "").strip())
    changed = request.headers.get("if-range", etag) != etag
    if changed or not found or not (found[1] or found[2]):
        return Response(body, 200, headers)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or len(body) - 1), len(body) - 1)
    else:
        first, last = max(len(body) - int(found[2]), 0), len(body) - 1
    if first > last:
        return Response(b"", 416, {**headers, "Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], 206, headers)
