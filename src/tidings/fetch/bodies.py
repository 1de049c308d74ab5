"""Reading an answer's body within limits: bytes on the wire, bytes decoded, and the ratio between them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

MAX_RATIO = 200
"""Decoded over received bytes beyond which a body is taken for a bomb; real feeds and pages compress up to 40 times."""

_RATIO_COUNTS_FROM_BYTES = 1 << 20
_STEP_BYTES = 1 << 18

ACCEPT_ENCODING = "gzip, deflate"


class BodyTooLarge(Exception):
    """More bytes than allowed, or compressed beyond belief."""


class BodyBroken(Exception):
    """Not encoded as the answer says."""


class BodyCutShort(Exception):
    """The compressed stream ended in the middle."""


def read_body(chunks: Iterable[bytes], *, encoding: str, max_bytes: int, truncate: bool = False) -> bytes:
    """Return the decoded body; never holds more than max_bytes and one step of decoding.

    `encoding` is the Content-Encoding header ("" for none).  With `truncate` the first max_bytes are returned instead of
    raising BodyTooLarge.  Raises BodyTooLarge, BodyBroken, BodyCutShort, and whatever `chunks` raises.
    """
    body = bytearray()
    for part in _decoded(chunks, encoding):
        body += part
        if len(body) > max_bytes:
            if truncate:
                return bytes(body[:max_bytes])
            raise BodyTooLarge(f"more than {max_bytes} bytes")
    return bytes(body)


def _decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    codings = [
        coding for part in encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")
    ]
    if not codings:
        yield from chunks
    elif codings in (["gzip"], ["x-gzip"]):
        yield from _inflated(chunks, wbits=zlib.MAX_WBITS | 16)
    elif codings == ["deflate"]:
        yield from _inflated(_told_apart(chunks), wbits=0)
    else:
        raise BodyBroken(f"content encoding {encoding!r} was not asked for")


def _inflated(chunks: Iterable[bytes], *, wbits: int) -> Iterator[bytes]:
    """Yield decoded parts of at most _STEP_BYTES; `wbits` 0 is deflate in either form.

    gzip may hold several members one after another (RFC 1952 §2.2).  What follows the end and is no member is left out,
    as browsers do: a stray line break after a feed must not cost the feed.
    """
    decoder: zlib._Decompress | None = None
    received = decoded = 0
    pending, has_ended = b"", False
    for chunk in chunks:
        received += len(chunk)
        pending += chunk
        while pending:
            if has_ended and not _GZIP_MARK.startswith(pending[:2]):
                return
            if has_ended and len(pending) < 2:
                break
            if decoder is None:
                decoder, has_ended = zlib.decompressobj(wbits or _deflate_wbits(pending)), False
            try:
                part = decoder.decompress(pending, _STEP_BYTES)
            except zlib.error as exc:
                raise BodyBroken(str(exc)) from exc
            decoded += len(part)
            if decoded > _RATIO_COUNTS_FROM_BYTES and decoded > received * MAX_RATIO:
                raise BodyTooLarge(f"{received} bytes unpack to more than {decoded}")
            if part:
                yield part
            pending = decoder.unconsumed_tail
            if decoder.eof:
                pending, decoder, has_ended = decoder.unused_data, None, True
                if not wbits:
                    return
    if decoder is not None:
        yield decoder.flush()
        if not decoder.eof:
            raise BodyCutShort("the compressed body ended early")


_GZIP_MARK = b"\x1f\x8b"


def _told_apart(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks with at least two bytes in the first: what tells zlib-wrapped and raw deflate apart."""
    first = b""
    for chunk in chunks:
        if len(first) + len(chunk) < 2:
            first += chunk
            continue
        yield first + chunk
        first = b""
    if first:
        yield first


def _deflate_wbits(start: bytes) -> int:
    """RFC 9110 §8.4.1.2: "deflate" is the zlib format, but some servers send the bare stream."""
    is_zlib = len(start) >= 2 and start[0] & 0x0F == 8 and (start[0] * 256 + start[1]) % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
