"""Between the model's values and what a row keeps of them: JSON for what is only ever read whole."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidings.model import DeskChoice, Enclosure, Entry, Name, Phrase, Problem
from tidings.store.database import storable

# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def text_key(text: str) -> bytes:
    """Return the SHA-256 that stands for a text of any length in a unique index."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def page_key(*parts: float | int | str) -> str:
    """Return the opaque key of the row a list's page ended with."""
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def next_key(rows: Sequence[Mapping[str, Any]], limit: int, *columns: str) -> str | None:
    """Return the key of the page after these rows, None when there is none.

    rows: one more than `limit` was asked for, to see whether any follow; columns: those that the list is ordered by.
    """
    if not 0 < limit < len(rows):
        return None
    values = (rows[limit - 1][column] for column in columns)
    return page_key(*(moment_key(value) if isinstance(value, datetime) else value for value in values))


def key_parts(key: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Return what page_key was given; None for no key and for one that is none, which opens the first page.

    Keys come from addresses that anybody can type: an old or mistyped one is no reason for an error page.
    """
    if not key or len(key) > 500:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
    except (ValueError, RecursionError):
        return None
    if not isinstance(parts, list) or len(parts) != len(kinds):
        return None
    for part, kind in zip(parts, kinds, strict=True):
        fits = isinstance(part, kind) or (kind is float and isinstance(part, int))
        if not fits or isinstance(part, bool) or (isinstance(part, int) and abs(part) >= 2**63):
            return None
        if isinstance(part, float) and part != part:
            return None
    return tuple(parts)


def moment_key(at: datetime) -> int:
    """Return a moment in whole microseconds since 1970: exact, as PostgreSQL keeps it."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def moment_of(key: int) -> datetime | None:
    """Return the moment of a moment_key, None when it lies outside the calendar."""
    try:
        return datetime.fromtimestamp(key // 1_000_000, UTC).replace(microsecond=key % 1_000_000)
    except (ValueError, OverflowError, OSError):
        return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def as_json(value: Any) -> str:
    """Return JSON that PostgreSQL takes whatever the strings in it hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or not _is_utf8(text):
        return json.dumps(_cleaned(value), ensure_ascii=False, separators=(",", ":"))
    return text


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(key): _cleaned(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [_cleaned(part) for part in value]
    return value


def _moment_json(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def entry_json(entry: Entry) -> str:
    return as_json(
        {
            "guid": entry.guid,
            "url": entry.url,
            "title": entry.title,
            "summary": entry.summary,
            "content": entry.content,
            "byline": entry.byline,
            "published_at": _moment_json(entry.published_at),
            "updated_at": _moment_json(entry.updated_at),
            "language": entry.language,
            "categories": entry.categories,
            "image_url": entry.image_url,
            "enclosures": enclosures_value(entry.enclosures),
            "comments_url": entry.comments_url,
        }
    )


def entry_of(kept: Mapping[str, Any]) -> Entry:
    return Entry(
        guid=kept["guid"],
        url=kept["url"],
        title=kept["title"],
        summary=kept["summary"],
        content=kept["content"],
        byline=tuple(kept["byline"]),
        published_at=_moment(kept["published_at"]),
        updated_at=_moment(kept["updated_at"]),
        language=kept["language"],
        categories=tuple(kept["categories"]),
        image_url=kept["image_url"],
        enclosures=enclosures_of(kept["enclosures"]),
        comments_url=kept["comments_url"],
    )


def enclosures_value(enclosures: Sequence[Enclosure]) -> list[list[Any]]:
    return [[e.url, e.media_type, e.length_bytes, e.duration_s] for e in enclosures]


def enclosures_of(kept: Sequence[Sequence[Any]] | None) -> tuple[Enclosure, ...]:
    return tuple(Enclosure(*parts) for parts in kept or ())


def problem_json(problem: Problem | None) -> str | None:
    if problem is None:
        return None
    return as_json(
        {
            "code": problem.code,
            "message": problem.message,
            "detail": problem.detail,
            "status": problem.status,
        }
    )


def problem_of(kept: Mapping[str, Any] | None) -> Problem | None:
    return Problem(**kept) if kept else None


def names_json(names: Sequence[Name]) -> str:
    return as_json([[n.key, n.label, n.count, n.in_headline, n.kind, n.forms, n.roles] for n in names])


def names_of(kept: Sequence[Sequence[Any]]) -> tuple[Name, ...]:
    return tuple(Name(*parts[:5], *map(tuple, parts[5:])) for parts in kept)


def phrases_json(phrases: Sequence[Phrase]) -> str:
    return as_json([[p.key, p.words, p.weight, p.count] for p in phrases])


def phrases_of(kept: Sequence[Sequence[Any]]) -> tuple[Phrase, ...]:
    return tuple(Phrase(*parts) for parts in kept)


def desk_of(row: Mapping[str, Any], *, sure: float | None = None) -> DeskChoice | None:
    """Return the desk that a row's columns desk, desk_by and desk_sure name."""
    if row["desk"] is None:
        return None
    return DeskChoice(row["desk"], row["desk_by"], row["desk_sure"] if sure is None else sure)
