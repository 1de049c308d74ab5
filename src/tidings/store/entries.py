"""Entries as their feeds state them, and the pages they lead to."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from tidings.model import Credentials, Entry, EntryToRead, Page, Validators, Work
from tidings.store import queue, takedowns
from tidings.store.database import Connection, Row
from tidings.store.publishers import PUBLISHER, publisher_of
from tidings.store.values import as_json, entry_json, entry_of, text_key
from tidings.urls import is_same_origin

_ZLIB_LEVEL = 6


def known_entries(connection: Connection, feed_id: int, guids: Sequence[str]) -> dict[str, bytes]:
    """The content digest of each of these entries that is already there, by guid."""
    asked = {text_key(guid): guid for guid in guids}
    rows = connection.execute(
        "SELECT guid_key, digest FROM entries WHERE feed_id = %s AND guid_key = ANY(%s)",
        (feed_id, list(asked)),
    ).fetchall()
    return {asked[row["guid_key"]]: row["digest"] for row in rows}


def keep_entries(
    connection: Connection,
    feed_id: int,
    entries: Sequence[Entry],
    digests: Mapping[str, bytes],
    *,
    now: datetime,
) -> tuple[list[int], int]:
    """Insert or change the entries that have a digest; returns the ids that changed anything, and how many were inserted.

    A guid that a document uses twice counts once, for its first entry, which is the newest by custom.  What was taken down is
    among the inserted, but deleted again, and taken off the feed's count.
    """
    chosen: dict[bytes, Entry] = {}
    for entry in entries:
        if entry.guid in digests:
            chosen.setdefault(text_key(entry.guid), entry)
    if not chosen:
        return [], 0
    rows = connection.execute(
        """
        INSERT INTO entries AS e (feed_id, guid_key, digest, url, title, entry, first_seen_at)
        SELECT %(feed_id)s, u.guid_key, u.digest, u.url, u.title, u.entry::json, %(now)s
        FROM unnest(%(keys)s::bytea[], %(digests)s::bytea[], %(urls)s::text[], %(titles)s::text[], %(entries)s::text[])
            WITH ORDINALITY AS u (guid_key, digest, url, title, entry, place)
        ORDER BY u.place DESC  -- the oldest first, so that ids rise with time
        ON CONFLICT (feed_id, guid_key) DO UPDATE SET
            digest = excluded.digest, url = excluded.url, title = excluded.title, entry = excluded.entry
        WHERE e.digest <> excluded.digest
        RETURNING id, xmax = 0 AS is_new
        """,
        {
            "feed_id": feed_id,
            "now": now,
            "keys": list(chosen),
            "digests": [digests[entry.guid] for entry in chosen.values()],
            "urls": [entry.url for entry in chosen.values()],
            "titles": [entry.title for entry in chosen.values()],
            "entries": [entry_json(entry) for entry in chosen.values()],
        },
    ).fetchall()
    unwanted = takedowns.unwanted(connection, [row["id"] for row in rows])
    forget(connection, unwanted)
    news = [row["id"] for row in rows if row["id"] not in unwanted]
    return news, sum(row["is_new"] for row in rows)


def entries_to_read(connection: Connection, work: Sequence[Work]) -> list[EntryToRead]:
    """The entries of these rows; rows whose entry is gone are finished and left out.

    So are later looks at what was read of a feed that is paused or has ended, and what was taken down meanwhile.
    """
    forget(connection, takedowns.unwanted(connection, [row.subject_id for row in work]))
    rows = connection.execute(
        f"""
        SELECT e.id, e.feed_id, e.entry, e.first_seen_at, e.article_id, f.full_text, f.url AS feed_url, f.username, f.password,
            {PUBLISHER},
            last_page.headers, a.made_by AS article_made_by
        FROM entries e JOIN feeds f ON f.id = e.feed_id JOIN publishers p ON p.id = f.publisher_id
        LEFT JOIN articles a ON a.id = e.article_id
        LEFT JOIN LATERAL (
            SELECT headers FROM pages WHERE entry_id = e.id AND url = e.url ORDER BY fetched_at DESC LIMIT 1
        ) last_page ON true
        WHERE e.id = ANY(%s) AND (f.status = 'active' OR NOT EXISTS (
            SELECT FROM work w WHERE w.step = 'read' AND w.subject_id = e.id AND w.priority = %s
        ))
        """,
        ([row.subject_id for row in work], queue.AGAIN),
    ).fetchall()
    found = {row["id"]: row for row in rows}
    queue.finish(connection, [row for row in work if row.subject_id not in found])
    return [
        EntryToRead(
            work=claimed,
            entry_id=row["id"],
            feed_id=row["feed_id"],
            publisher=publisher_of(row),
            entry=entry_of(row["entry"]),
            full_text=row["full_text"],
            credentials=_credentials(row),
            first_seen_at=row["first_seen_at"],
            article_id=row["article_id"],
            article_made_by=row["article_made_by"],
            page_validators=_validators(row["headers"]),
        )
        for claimed in work
        if (row := found.get(claimed.subject_id))
    ]


def _credentials(row: Row) -> Credentials | None:
    """The feed's credentials, for entries on the feed's own origin only: a link elsewhere must not carry them away."""
    if row["username"] is None or not is_same_origin(row["feed_url"], row["entry"].get("url")):
        return None
    return Credentials(row["username"], row["password"] or "")


def _validators(headers: Mapping[str, str] | None) -> Validators:
    if not headers:
        return Validators()
    return Validators(headers.get("etag"), headers.get("last-modified"))


def forget(connection: Connection, entry_ids: Collection[int]) -> None:
    """Delete entries with their pages and what the queue holds of them; bytes that no page needs go as well."""
    ids = sorted(entry_ids)
    if not ids:
        return
    queue.drop(connection, ("read",), ids)
    digests = connection.execute("SELECT digest FROM pages WHERE entry_id = ANY(%s)", (ids,)).fetchall()
    connection.execute(
        """
        WITH gone AS (DELETE FROM entries WHERE id = ANY(%s) RETURNING feed_id)
        UPDATE feeds f SET entry_count = entry_count - g.n
        FROM (SELECT feed_id, count(*) AS n FROM gone GROUP BY feed_id) g WHERE f.id = g.feed_id
        """,
        (ids,),
    )
    forget_bytes(connection, [row["digest"] for row in digests])


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def keep_page(connection: Connection, entry_id: int, page: Page) -> None:
    """Keep a page of an entry: its bytes once, whoever else answered the same; cookies are nobody's business."""
    exists = connection.execute("SELECT FROM entries WHERE id = %s FOR KEY SHARE", (entry_id,)).fetchone()
    if exists is None:
        return
    connection.execute(
        """
        INSERT INTO blobs AS b (digest, coding, length, bytes, kept_at) VALUES (%s, 'zlib', %s, %s, %s)
        ON CONFLICT (digest) DO UPDATE SET kept_at = greatest(b.kept_at, excluded.kept_at)
        """,
        (page.digest, len(page.body), zlib.compress(page.body, _ZLIB_LEVEL), page.fetched_at),
    )
    connection.execute(
        """
        INSERT INTO pages (entry_id, url, final_url, status, headers, fetched_at, digest)
        VALUES (%s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (entry_id, digest) DO UPDATE SET
            url = excluded.url, final_url = excluded.final_url, status = excluded.status,
            headers = excluded.headers, fetched_at = excluded.fetched_at
        """,
        (
            entry_id,
            page.url,
            page.final_url,
            page.status,
            as_json({name: value for name, value in page.headers.items() if name != "set-cookie"}),
            page.fetched_at,
            page.digest,
        ),
    )


def kept_page(connection: Connection, entry_id: int) -> Page | None:
    """The last kept page of an entry."""
    row = connection.execute(
        """
        SELECT p.*, b.bytes FROM pages p JOIN blobs b USING (digest)
        WHERE p.entry_id = %s ORDER BY p.fetched_at DESC, p.id DESC LIMIT 1
        """,
        (entry_id,),
    ).fetchone()
    if row is None:
        return None
    return Page(
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        headers=row["headers"],
        body=zlib.decompress(row["bytes"]),
        fetched_at=row["fetched_at"],
        digest=row["digest"],
    )


def forget_bytes(connection: Connection, digests: Sequence[bytes]) -> None:
    """Drop those of these bytes that no page needs any more."""
    # Locked first, so that a page which is being kept with the same bytes is seen.
    connection.execute(
        "SELECT FROM blobs WHERE digest = ANY(%s) ORDER BY digest FOR UPDATE", (list(digests),)
    )
    connection.execute(
        "DELETE FROM blobs b WHERE digest = ANY(%s) AND NOT EXISTS (SELECT FROM pages WHERE digest = b.digest)",
        (list(digests),),
    )


def forget_pages(connection: Connection, *, before: datetime, limit: int = 1_000) -> int:
    """Drop pages fetched before a moment, and bytes that no page needs any more, at most `limit` of each.

    Returns how many pages there were; fewer than `limit` when it is done.
    """
    gone = connection.execute(
        "DELETE FROM pages WHERE id = ANY(ARRAY(SELECT id FROM pages WHERE fetched_at < %s LIMIT %s))",
        (before, limit),
    ).rowcount
    connection.execute(
        """
        DELETE FROM blobs WHERE digest = ANY(ARRAY(
            SELECT digest FROM blobs b
            WHERE kept_at < %s AND NOT EXISTS (SELECT FROM pages WHERE digest = b.digest) LIMIT %s
        ))
        """,
        (before, limit),
    )
    return gone
