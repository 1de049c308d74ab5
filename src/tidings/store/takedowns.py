"""What was taken down: a mark for each article, so that it does not come again; erasing.py takes down.

A mark holds no word of the article, and no address, which often spells its headline: digests tell it when it is sent again.
Its text has none: publishers show one text ("subscribe to read on") on many pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from tidings.errors import NotFound, TakenDown
from tidings.model import Takedown
from tidings.store.database import Connection, Row
from tidings.store.values import text_key
from tidings.urls import canonical_url


def address_key(url: str) -> bytes:
    """Return what stands for an address, whatever tracking parameters it carries."""
    return text_key(canonical_url(url) or url)


def entry_keys(row: Row) -> list[bytes]:
    """Return what an entry is known by: its guid in its feed, whose address or number may be another later, and its address.

    row: url, guid_key, feed_id, and the feed's url_key.
    """
    in_feed = (row["url_key"], b"feed %d" % row["feed_id"])
    by_guid = [hashlib.sha256(feed + row["guid_key"]).digest() for feed in in_feed]
    return [*by_guid, *([address_key(row["url"])] if row["url"] else [])]


# ── what must not come again ─────────────────────────────────────────────────────────────────────────────────────────


def taken_down(connection: Connection, keys: Iterable[bytes]) -> frozenset[bytes]:
    """Return those of these keys that stand for something taken down."""
    asked = list(keys)
    rows = connection.execute(
        "SELECT DISTINCT k FROM takedowns, unnest(keys) k WHERE keys && %s::bytea[] AND k = ANY(%s::bytea[])",
        (asked, asked),
    ).fetchall()
    return frozenset(bytes(row["k"]) for row in rows)


def unwanted(connection: Connection, entry_ids: Sequence[int]) -> frozenset[int]:
    """Return those of these entries that bring what was taken down."""
    rows = connection.execute(
        """
        SELECT e.id, e.feed_id, e.url, e.guid_key, f.url_key FROM entries e JOIN feeds f ON f.id = e.feed_id
        WHERE e.id = ANY(%s) AND EXISTS (SELECT FROM takedowns)
        """,
        (list(entry_ids),),
    ).fetchall()
    if not rows:
        return frozenset()
    keys = {row["id"]: entry_keys(row) for row in rows}
    taken = taken_down(connection, (key for some in keys.values() for key in some))
    return frozenset(entry_id for entry_id, some in keys.items() if not taken.isdisjoint(some))


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────


def takedowns(connection: Connection) -> list[Takedown]:
    """Every mark, the last first."""
    rows = connection.execute("SELECT * FROM takedowns ORDER BY taken_at DESC, article_id DESC").fetchall()
    return [takedown_of(row) for row in rows]


def undo(connection: Connection, *, article_id: int | None = None, url: str | None = None) -> list[Takedown]:
    """Forget the marks of an article, by its number, or by an address, which several may have had.

    The feeds they came from are read anew next time.  Raises NotFound.
    """
    rows = connection.execute(
        "DELETE FROM takedowns WHERE article_id = %s OR keys @> ARRAY[%s::bytea] RETURNING *",
        (article_id, address_key(url) if url is not None else None),
    ).fetchall()
    if not rows:
        raise NotFound(
            url or f"article {article_id}",
            "Nothing with this number or address was taken down. See what was with: tidings takedown --list",
        )
    connection.execute(
        "UPDATE feeds SET etag = NULL, last_modified = NULL, body_digest = NULL WHERE id = ANY(%s)",
        (sorted({feed_id for row in rows for feed_id in row["feed_ids"]}),),
    )
    return sorted((takedown_of(row) for row in rows), key=lambda mark: mark.article_id)


def no_article(connection: Connection, article_id: int) -> NotFound:
    """Return the error for an article that is not there: that it was taken down, if it was."""
    row = connection.execute("SELECT * FROM takedowns WHERE article_id = %s", (article_id,)).fetchone()
    if row is None:
        return NotFound(f"article {article_id}", "There is no such article here.")
    return TakenDown(f"article {article_id}", f"This article {_when_and_why(row)}")


def no_story(connection: Connection, story_id: int) -> NotFound:
    """Return the error for a story that is not there: that its articles were taken down, if they were."""
    row = connection.execute(
        "SELECT * FROM takedowns WHERE article_id = %(id)s OR story_id = %(id)s ORDER BY taken_at DESC LIMIT 1",
        {"id": story_id},
    ).fetchone()
    if row is None:
        return NotFound(f"story {story_id}", "There is no such story here.")
    return TakenDown(f"story {story_id}", f"What this story told {_when_and_why(row)}")


def _when_and_why(row: Row) -> str:
    why = f" The reason: {row['reason']}" if row["reason"] else ""
    return f"was taken down on {row['taken_at']:%-d %B %Y}.{why}"


def takedown_of(row: Row) -> Takedown:
    return Takedown(
        article_id=row["article_id"],
        site=row["site"],
        story_id=row["story_id"],
        taken_at=row["taken_at"],
        reason=row["reason"],
        editor=row["editor"],
    )
