"""Feeds: what is followed, when it is due, and what each visit brought."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tidings.errors import NotFound
from tidings.model import Credentials, Feed, FeedStatus, Listed, NewFeed, PollOutcome, Validators
from tidings.store import entries, publishers, queue
from tidings.store.database import Connection, Row, storable
from tidings.store.values import key_parts, next_key, problem_json, problem_of, text_key
from tidings.urls import site_of

FIRST_INTERVAL_S = 3600


def add_feed(connection: Connection, new: NewFeed, *, now: datetime) -> tuple[Feed, bool]:
    """Return the followed feed, due at once when it is new, and whether it is."""
    known = connection.execute("SELECT * FROM feeds WHERE url_key = %s", (text_key(new.url),)).fetchone()
    if known:
        return _feed_of(known), False
    publisher_id = publishers.found_or_made(
        connection, new.site_url or new.url, name=new.title, site_url=new.site_url
    )
    given = new.credentials
    row = connection.execute(
        """
        INSERT INTO feeds (
            publisher_id, url, url_key, title, site_url, full_text, interval_s, next_poll_at, created_at,
            folder, starter, username, password
        ) VALUES (
            %(publisher_id)s, %(url)s, %(url_key)s, %(title)s, %(site_url)s, %(full_text)s, %(interval_s)s, %(now)s, %(now)s,
            %(folder)s, %(starter)s, %(username)s, %(password)s
        )
        ON CONFLICT (url_key) DO NOTHING RETURNING *
        """,
        {
            "publisher_id": publisher_id,
            "url": new.url,
            "url_key": text_key(new.url),
            "title": new.title,
            "site_url": new.site_url,
            "full_text": new.full_text,
            "interval_s": FIRST_INTERVAL_S,
            "now": now,
            "folder": new.folder,
            "starter": new.starter,
            "username": given.username if given else None,
            "password": given.password if given else None,
        },
    ).fetchone()
    if row is None:  # another process followed it in the same moment
        return add_feed(connection, new, now=now)
    return _feed_of(row), True


def feed(connection: Connection, feed_id: int) -> Feed:
    row = connection.execute("SELECT * FROM feeds WHERE id = %s", (feed_id,)).fetchone()
    if row is None:
        raise _no_feed(feed_id)
    return _feed_of(row)


def feeds(connection: Connection) -> list[Feed]:
    """Every feed, those with problems first, then by title."""
    found = [_feed_of(row) for row in connection.execute("SELECT * FROM feeds").fetchall()]
    return sorted(found, key=lambda f: (f.problem is None, (f.title or f.url).casefold(), f.id))


# What asks for the operator's eye: gone, a duplicate, in trouble, or active and silent for long.
_UNWELL = """
    (status IN ('gone', 'duplicate') OR status = 'active' AND (problem IS NOT NULL OR coalesce(last_changed_at < %(quiet_since)s, false)))
"""
_PLACE = f"CASE WHEN {_UNWELL} THEN 0 ELSE 1 END"
# A key holds a name's beginning only, so that the longest still fits an address; the id decides among the rest.
_NAME = "left(lower(coalesce(nullif(title, ''), url)), 24)"


def feeds_page(
    connection: Connection,
    *,
    quiet_since: datetime,
    named: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Listed[Feed]:
    """Feeds whose title holds `named`, those that are not well first, then by title."""
    key = key_parts(after, int, str, int)
    conditions = ["position(lower(%(named)s) IN lower(title)) > 0"] if named else []
    if key:
        conditions.append(f"({_PLACE}, {_NAME}, id) > (%(place)s, %(name)s, %(id)s)")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = connection.execute(
        f"""
        SELECT *, {_PLACE} AS place, {_NAME} AS sort_name FROM feeds {where}
        ORDER BY place, sort_name, id LIMIT %(limit)s
        """,
        {
            "quiet_since": quiet_since,
            "named": storable(named),
            "place": key[0] if key else None,
            "name": storable(key[1]) if key else None,
            "id": key[2] if key else None,
            "limit": limit + 1,
        },
    ).fetchall()
    shown = tuple(_feed_of(row) for row in rows[:limit])
    return Listed(shown, next_key(rows, limit, "place", "sort_name", "id"))


def feed_counts(connection: Connection, *, quiet_since: datetime) -> tuple[int, int]:
    """How many feeds are followed, and how many of them are not well."""
    row = connection.execute(
        f"SELECT count(*) AS followed, count(*) FILTER (WHERE {_UNWELL}) AS unwell FROM feeds",
        {"quiet_since": quiet_since},
    ).fetchone()
    assert row is not None
    return int(row["followed"]), int(row["unwell"])


def set_feed(
    connection: Connection,
    feed_id: int,
    *,
    status: FeedStatus | None = None,
    full_text: bool | None = None,
    title: str | None = None,
    folder: str | None = None,
    credentials: Credentials | None = None,
    next_poll_at: datetime | None = None,
    duplicate_of: int | None = None,
) -> Feed:
    """Change what is given; credentials without a user name (NOBODY) take away those that are kept.

    A visit that is asked for is not held up by the lease of one under way.  Duplicates of a feed that is not visited any
    more are visited again.
    """
    changed: dict[str, Any] = {
        "status": status,
        "full_text": full_text,
        "title": title,
        "folder": folder,
        "next_poll_at": next_poll_at,
        "duplicate_of": duplicate_of,
    }
    given = {column: value for column, value in changed.items() if value is not None}
    if credentials is not None:
        given |= {
            "username": credentials.username or None,
            "password": credentials.password if credentials.username else None,
        }
    if not given:
        return feed(connection, feed_id)
    assignments = ", ".join(f"{column} = %({column})s" for column in given)
    if next_poll_at is not None:
        assignments += ", leased_until = NULL"
    row = connection.execute(
        f"UPDATE feeds SET {assignments} WHERE id = %(id)s RETURNING *",
        {**given, "id": feed_id},
    ).fetchone()
    if row is None:
        raise _no_feed(feed_id)
    if status in _UNVISITED:
        _visit_duplicates_of(connection, feed_id)
    return _feed_of(row)


def set_hub(
    connection: Connection,
    feed_id: int,
    *,
    hub_url: str | None,
    topic_url: str | None,
    secret: str | None,
    lease_until: datetime | None,
) -> None:
    connection.execute(
        "UPDATE feeds SET hub_url = %s, topic_url = %s, hub_secret = %s, hub_lease_until = %s WHERE id = %s",
        (hub_url, topic_url, secret, lease_until, feed_id),
    )


def remove_feed(connection: Connection, feed_id: int) -> None:
    """Stop following: the feed goes with its entries, their pages and what the queue holds of them; articles stay.

    Bytes that another feed's pages need stay as well.

    What was not visited because it is a duplicate of this one is visited again.
    """
    row = connection.execute("SELECT publisher_id FROM feeds WHERE id = %s FOR UPDATE", (feed_id,)).fetchone()
    if row is None:
        raise _no_feed(feed_id)
    for table in ("work", "quarantine"):
        connection.execute(
            f"DELETE FROM {table} WHERE step = 'read' AND subject_id IN (SELECT id FROM entries WHERE feed_id = %s)",
            (feed_id,),
        )
    _visit_duplicates_of(connection, feed_id)
    digests = connection.execute(
        "SELECT DISTINCT digest FROM pages WHERE entry_id IN (SELECT id FROM entries WHERE feed_id = %s)",
        (feed_id,),
    ).fetchall()
    connection.execute("DELETE FROM feeds WHERE id = %s", (feed_id,))
    entries.forget_bytes(connection, [kept["digest"] for kept in digests])
    publishers.forget_unused(connection, row["publisher_id"])


# A duplicate is not here: the feed that it repeats is visited in its place.
_UNVISITED: tuple[FeedStatus, ...] = ("paused", "gone")


def _visit_duplicates_of(connection: Connection, feed_id: int) -> None:
    """Let what was not visited because this feed brought the same be visited again, at once."""
    connection.execute(
        """
        UPDATE feeds SET status = 'active', duplicate_of = NULL, next_poll_at = least(next_poll_at, now())
        WHERE duplicate_of = %s AND status = 'duplicate'
        """,
        (feed_id,),
    )


def claim_feeds(connection: Connection, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
    """Lease active feeds that are due, longest overdue first."""
    rows = connection.execute(
        """
        UPDATE feeds SET leased_until = %(until)s WHERE id = ANY(ARRAY(
            SELECT id FROM feeds
            WHERE status = 'active' AND next_poll_at <= %(now)s AND (leased_until IS NULL OR leased_until <= %(now)s)
            ORDER BY next_poll_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )) RETURNING *
        """,
        {"until": now + timedelta(seconds=lease_s), "now": now, "limit": limit},
    ).fetchall()
    return [_feed_of(row) for row in sorted(rows, key=lambda row: (row["next_poll_at"], row["id"]))]


def record_poll(connection: Connection, outcome: PollOutcome, digests: Mapping[str, bytes]) -> int:
    """Apply a visit; returns how many entries were new or changed.  A feed removed meanwhile is left alone."""
    before = connection.execute(
        """
        SELECT f.*, (SELECT min(o.id) FROM feeds o WHERE o.body_digest = %s AND o.id < f.id AND o.status = 'active') AS same_body
        FROM feeds f WHERE f.id = %s FOR UPDATE OF f
        """,
        (outcome.body_digest, outcome.feed_id),
    ).fetchone()
    if before is None:
        return 0
    document = outcome.document
    news: list[int] = []
    inserted = 0
    if document:
        news, inserted = entries.keep_entries(
            connection, outcome.feed_id, document.entries, digests, now=outcome.polled_at
        )
        is_first = before["last_changed_at"] is None
        queue.put(
            connection,
            "read",
            news,
            priority=queue.BULK if is_first else queue.LIVE,
            now=outcome.polled_at,
        )
    address, other = _address_after(connection, before, outcome.url)
    other = other or _twin(connection, before, outcome, entry_count=before["entry_count"] + inserted)
    status: FeedStatus = outcome.status
    duplicate_of: int | None = before["duplicate_of"]
    if before["status"] == "paused" and status == "active":
        status = "paused"  # paused while the visit was under way
    elif other and status == "active" and _is_visited(connection, other):
        status, duplicate_of = "duplicate", other
    connection.execute(
        """
        UPDATE feeds SET
            url = %(url)s, url_key = %(url_key)s, status = %(status)s, duplicate_of = %(duplicate_of)s,
            publisher_id = %(publisher_id)s, title = %(title)s, site_url = %(site_url)s, format = %(format)s,
            interval_s = %(interval_s)s, next_poll_at = %(next_poll_at)s, leased_until = NULL,
            etag = %(etag)s, last_modified = %(last_modified)s, body_digest = %(body_digest)s,
            last_polled_at = %(polled_at)s, last_changed_at = %(last_changed_at)s,
            last_status = %(last_status)s, failures = %(failures)s, problem = %(problem)s,
            moved_to = %(moved_to)s, moved_seen = %(moved_seen)s, entry_count = entry_count + %(inserted)s,
            skip_hours = %(skip_hours)s
        WHERE id = %(id)s
        """,
        {
            "id": outcome.feed_id,
            "status": status,
            "duplicate_of": duplicate_of,
            "publisher_id": before["publisher_id"],
            "title": before["title"],
            "site_url": before["site_url"],
            "format": document.format if document else before["format"],
            "interval_s": outcome.interval_s,
            "next_poll_at": outcome.next_poll_at,
            "etag": outcome.validators.etag,
            "last_modified": outcome.validators.last_modified,
            "body_digest": outcome.body_digest,
            "polled_at": outcome.polled_at,
            "last_changed_at": outcome.polled_at if document else before["last_changed_at"],
            "last_status": outcome.last_status,
            "failures": outcome.failures,
            "problem": problem_json(outcome.problem),
            "moved_to": outcome.moved_to,
            "moved_seen": outcome.moved_seen,
            "inserted": inserted,
            "skip_hours": sorted(document.skip_hours) if document else before["skip_hours"],
            **_stated(connection, before, outcome),
            **address,
        },
    )
    if status in _UNVISITED:
        _visit_duplicates_of(connection, outcome.feed_id)
    if document and before["site_url"] is None and document.site_url:
        publishers.forget_unused(connection, before["publisher_id"])
    return len(news)


def _stated(connection: Connection, before: Row, outcome: PollOutcome) -> dict[str, Any]:
    """What a feed's document says of itself, where nobody said it before; its site can name another publisher."""
    document = outcome.document
    if document is None:
        return {}
    publisher_id: int = before["publisher_id"]
    if before["site_url"] is None and document.site_url and site_of(document.site_url):
        publisher_id = publishers.found_or_made(
            connection, document.site_url, name=document.title, site_url=document.site_url
        )
    publishers.learn(
        connection,
        publisher_id,
        name=before["title"] or document.title,
        named_by=publishers.BY_FEED,
        site_url=document.site_url,
        language=document.language,
    )
    return {
        "publisher_id": publisher_id,
        "title": before["title"] or document.title,
        "site_url": before["site_url"] or document.site_url,
    }


def _address_after(connection: Connection, before: Row, url: str | None) -> tuple[dict[str, Any], int | None]:
    """Where a feed lives after a visit, and the other feed that lives at the address it moved to: then it keeps its own."""
    own = {"url": before["url"], "url_key": before["url_key"]}
    if url is None or url == before["url"]:
        return own, None
    other = connection.execute(
        "SELECT id FROM feeds WHERE url_key = %s AND id <> %s", (text_key(url), before["id"])
    ).fetchone()
    if other:
        return own, int(other["id"])
    return {"url": url, "url_key": text_key(url)}, None


def _is_visited(connection: Connection, feed_id: int) -> bool:
    """Return whether a feed is visited, so that another may leave it to that one; it stays so until this transaction ends.

    Of two feeds that would leave it to each other in the same moment, one loses to the other and asks again.
    """
    row = connection.execute(
        "SELECT FROM feeds WHERE id = %s AND status = 'active' FOR SHARE", (feed_id,)
    ).fetchone()
    return row is not None


_TWIN_ENTRIES = 2  # an empty list, or the one line "this feed has moved", may well be the same in two places


def _twin(connection: Connection, before: Row, outcome: PollOutcome, *, entry_count: int) -> int | None:
    """The feed that this one only repeats: byte for byte, or by its own word and entry for entry.

    The one followed first stays.  Asked only once: the operator may have resumed a duplicate because the two differ after
    all.
    """
    if (
        before["status"] != "active"
        or before["duplicate_of"]
        or outcome.problem
        or entry_count < _TWIN_ENTRIES
    ):
        return None
    if before["same_body"]:
        return int(before["same_body"])
    document = outcome.document
    if document is None or not document.self_url or not document.entries:
        return None
    named = connection.execute(
        """
        SELECT f.id FROM feeds f WHERE f.url_key = %(url_key)s AND f.id <> %(id)s AND f.status = 'active' AND NOT EXISTS (
            SELECT FROM unnest(%(guids)s::bytea[]) AS u (guid_key)
            WHERE NOT EXISTS (SELECT FROM entries e WHERE e.feed_id = f.id AND e.guid_key = u.guid_key)
        )
        """,
        {
            "url_key": text_key(document.self_url),
            "id": outcome.feed_id,
            "guids": [text_key(entry.guid) for entry in document.entries],
        },
    ).fetchone()
    return int(named["id"]) if named else None


def _no_feed(feed_id: int) -> NotFound:
    return NotFound(f"feed {feed_id}", f"There is no feed {feed_id}. It may have been removed.")


def _feed_of(row: Row) -> Feed:
    return Feed(
        id=row["id"],
        publisher_id=row["publisher_id"],
        url=row["url"],
        title=row["title"],
        site_url=row["site_url"],
        status=row["status"],
        full_text=row["full_text"],
        interval_s=row["interval_s"],
        next_poll_at=row["next_poll_at"],
        created_at=row["created_at"],
        format=row["format"],
        folder=row["folder"],
        starter=row["starter"],
        credentials=Credentials(row["username"], row["password"] or "")
        if row["username"] is not None
        else None,
        validators=Validators(row["etag"], row["last_modified"]),
        body_digest=row["body_digest"],
        last_polled_at=row["last_polled_at"],
        last_changed_at=row["last_changed_at"],
        last_status=row["last_status"],
        failures=row["failures"],
        problem=problem_of(row["problem"]),
        moved_to=row["moved_to"],
        moved_seen=row["moved_seen"],
        duplicate_of=row["duplicate_of"],
        skip_hours=frozenset(row["skip_hours"]),
        hub_url=row["hub_url"],
        topic_url=row["topic_url"],
        hub_secret=row["hub_secret"],
        hub_lease_until=row["hub_lease_until"],
        entry_count=row["entry_count"],
    )
