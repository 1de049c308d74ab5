"""Articles and their revisions: what the read step made of entries and pages.

One text stands in one place: a revision holds it, the article's row holds what lists show and points at its latest revision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from tidings.errors import Conflict, NotFound
from tidings.model import (
    Article,
    EntryToRead,
    Extract,
    Page,
    Renewed,
    Revision,
    RevisionChange,
    RevisionNote,
    Step,
    Work,
)
from tidings.store import entries, publishers, queue, takedowns
from tidings.store.database import Connection, Row, storable
from tidings.store.publishers import PUBLISHER, publisher_of
from tidings.store.values import as_json, enclosures_of, enclosures_value, text_key
from tidings.urls import site_of

ChangeOf = Callable[[Revision, Extract], RevisionChange | None]
LEAD_CHARS = 600

# ── recording ────────────────────────────────────────────────────────────────────────────────────────────────────────

_Fate = Literal["revision", "rewrite", "keep"]


def record_read(
    connection: Connection,
    entry: EntryToRead,
    *,
    page: Page | None,
    extract: Extract,
    url: str,
    text_digest: bytes,
    now: datetime,
    change_of: ChangeOf | None = None,
    again_at: datetime | None = None,
    renewed: Renewed | None = None,
) -> RevisionChange | None:
    """Keep the page, write the article or its next revision, queue "describe"; None when there is no new revision.

    At again_at the entry is read again, whatever this reading brought.  change_of tells a minor from a substantive change
    of the text; without it every change is substantive.  renewed takes the place of the current revision first.
    """
    finished = queue.finish(connection, [entry.work])
    if not finished:
        return None  # another worker has the row, or the entry changed meanwhile and is read again
    if takedowns.unwanted(connection, [entry.entry_id]):  # taken down since it was claimed
        entries.forget(connection, [entry.entry_id])
        return None
    if again_at is not None:
        queue.put_again(connection, "read", entry.entry_id, due_at=again_at)
    new = _Reading(entry, page, extract, url, text_digest, now)
    written = _found_or_written(connection, new)
    if written is None:  # taken down, and come again under another address
        entries.forget(connection, [entry.entry_id])
        return None
    article_id, known = written
    connection.execute(
        "UPDATE entries SET article_id = %s WHERE id = %s AND article_id IS DISTINCT FROM %s",
        (article_id, entry.entry_id, article_id),
    )
    change: RevisionChange | None = "first" if known is None else None
    if known is not None:
        known = _renew(connection, known, new, renewed)
        fate = _fate(known, new)
        if fate == "keep" or (fate == "rewrite" and not _differs(known, new)):
            return None
        if fate == "revision":
            change = _change(known, extract, change_of)
        _rewrite(connection, known, new, change)
    # Only the page an article was made from is kept: adverts make every answer new, and a wall must not hide the text.
    if page is not None:
        entries.keep_page(connection, entry.entry_id, page)
    # A change found by looking again is news.
    priority = finished[entry.entry_id] if finished[entry.entry_id] != queue.AGAIN else queue.LIVE
    queue.put(connection, "describe", [article_id], priority=priority, now=now)
    mark_changed(connection, [article_id])
    return change


def _renew(connection: Connection, known: Row, new: _Reading, renewed: Renewed | None) -> Row:
    """Return the article's row, its current revision as today's extractor reads the page that it was made from."""
    if (
        renewed is None
        or known["source_digest"] != renewed.page.digest
        or known["made_by"] == renewed.extract.made_by
    ):
        return known
    before = replace(new, page=renewed.page, extract=renewed.extract, text_digest=renewed.text_digest)
    if _fate(known, before) != "rewrite":
        return known
    _rewrite(connection, known, before, None)
    row = _locked(connection, "a.id = %s", known["id"])
    assert row is not None
    return row


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one reading brought."""

    entry: EntryToRead
    page: Page | None
    extract: Extract
    url: str
    text_digest: bytes
    now: datetime

    @property
    def source_digest(self) -> bytes:
        """Of the bytes the article was made from."""
        if self.page is not None:
            return self.page.digest
        stated = self.entry.entry
        return hashlib.sha256(
            "\0".join((stated.title, stated.summary, stated.content)).encode("utf-8", "surrogatepass")
        ).digest()


def _found_or_written(connection: Connection, new: _Reading) -> tuple[int, Row | None] | None:
    """Return the article's id and, when it was there before, its row, locked; None when it was taken down."""
    found = _locked(connection, "a.url_key = %s", text_key(new.url))
    # Only now: whoever takes it down holds the row until that is done.
    if found is None and takedowns.taken_down(connection, [takedowns.address_key(new.url)]):
        return None
    if found is None and new.entry.article_id is not None:
        # The same bytes read again by another extractor can name another canonical address: the article moves there.
        before = _locked(connection, "a.id = %s", new.entry.article_id)
        if before and before["source_digest"] == new.source_digest:
            connection.execute(
                "UPDATE articles SET url = %s, url_key = %s WHERE id = %s",
                (new.url, text_key(new.url), before["id"]),
            )
            found = before
    if found is not None:
        return found["id"], found
    row = connection.execute(
        f"""
        INSERT INTO articles ({", ".join(_COLUMNS)}, publisher_id, url, url_key, first_seen_at, last_changed_at)
        VALUES ({", ".join(f"%({c})s" for c in _COLUMNS)}, %(publisher_id)s, %(url)s, %(url_key)s, %(first_seen_at)s, %(now)s)
        ON CONFLICT (url_key) DO NOTHING RETURNING id
        """,
        {
            **_columns(new),
            "publisher_id": new.entry.publisher.id,
            "url": new.url,
            "url_key": text_key(new.url),
            "first_seen_at": new.entry.first_seen_at,
            "now": new.now,
        },
    ).fetchone()
    if row is None:  # written by another worker in the same moment
        return _found_or_written(connection, new)
    _add_revision(connection, row["id"], 1, "first", new)
    if new.extract.site_name:
        _learn_name(connection, new)
    return row["id"], None


def _locked(connection: Connection, which: str, value: object) -> Row | None:
    return connection.execute(
        f"""
        SELECT a.*, r.paragraphs, r.change, r.seen_at AS revision_seen_at FROM articles a
        JOIN revisions r ON r.article_id = a.id AND r.revision = a.revision
        WHERE {which} FOR UPDATE OF a
        """,
        (value,),
    ).fetchone()


def _fate(known: Row, new: _Reading) -> _Fate:
    """What a reading means for the article that is there.

    A better text is never lost to a poorer one (a wall, a page that is gone, another feed's summary), and only the
    publisher makes a revision: a new extractor, or the page in place of the feed's own text, rewrites the current one.
    """
    extract = new.extract
    if extract.from_feed and known["publisher_id"] != new.entry.publisher.id:
        return "keep"  # what another's feed says of the article, a link blog's remark, is not its text
    falls_back = extract.from_feed and not known["from_feed"]
    if falls_back and (new.page is None or known["entry_id"] != new.entry.entry_id):
        return "keep"
    if extract.access != "open" and known["access"] == "open":
        return "keep"
    if new.text_digest == known["text_digest"]:
        return "rewrite"
    by_extractor = known["made_by"] != extract.made_by and known["source_digest"] == new.source_digest
    is_better = (known["from_feed"] and not extract.from_feed) or (
        known["access"] != "open" and extract.access == "open"
    )
    return "rewrite" if by_extractor or is_better else "revision"


def _differs(known: Row, new: _Reading) -> bool:
    if tuple(known["paragraphs"]) != tuple(map(storable, new.extract.paragraphs)):
        return True
    values = _columns(new)
    return any(
        known[column] != values[column]
        for column in _COLUMNS
        if column not in ("revision", "enclosures", "confidence", "entry_id", "source_digest")
    )


def _change(known: Row, extract: Extract, change_of: ChangeOf | None) -> RevisionChange:
    if change_of is None:
        return "substantive"
    return change_of(_revision_of(known, known["revision_seen_at"]), extract) or "minor"


def _rewrite(connection: Connection, known: Row, new: _Reading, change: RevisionChange | None) -> None:
    """Write the latest reading over the article's row, as a new revision when there was a change."""
    number: int = known["revision"]
    if change is not None:
        number += 1
        _add_revision(connection, known["id"], number, change, new)
    else:
        connection.execute(
            """
            UPDATE revisions SET headline = %(headline)s, standfirst = %(standfirst)s, paragraphs = %(paragraphs)s,
                text_digest = %(text_digest)s, correction = %(correction)s
            WHERE article_id = %(id)s AND revision = %(revision)s
            """,
            {**_revision_columns(new), "id": known["id"], "revision": number},
        )
    values = _columns(new) | {"revision": number}
    values["published_at"] = values["published_at"] or known["published_at"]
    values["enclosures"] = values["enclosures"] or (
        as_json(known["enclosures"]) if known["enclosures"] else None
    )
    connection.execute(
        f"""
        UPDATE articles SET {", ".join(f"{c} = %({c})s" for c in _COLUMNS)},
            first_seen_at = least(first_seen_at, %(first_seen_at)s),
            last_changed_at = CASE WHEN %(is_new)s THEN %(now)s ELSE last_changed_at END
        WHERE id = %(id)s
        """,
        {
            **values,
            "id": known["id"],
            "first_seen_at": new.entry.first_seen_at,
            "now": new.now,
            "is_new": change is not None,
        },
    )


_COLUMNS = (
    "headline",
    "standfirst",
    "lead",
    "byline",
    "dateline",
    "section",
    "published_at",
    "modified_at",
    "canonical_url",
    "language",
    "image_url",
    "site_name",
    "access",
    "from_feed",
    "confidence",
    "correction",
    "made_by",
    "text_digest",
    "entry_id",
    "source_digest",
    "enclosures",
    "revision",
)


def _columns(new: _Reading) -> dict[str, Any]:
    enclosures = new.entry.entry.enclosures
    return _extract_columns(new.extract, new.text_digest) | {
        "entry_id": new.entry.entry_id,
        "source_digest": new.source_digest,
        "enclosures": as_json(enclosures_value(enclosures)) if enclosures else None,
        "revision": 1,
    }


def _extract_columns(extract: Extract, text_digest: bytes) -> dict[str, Any]:
    return {
        "headline": storable(extract.headline),
        "standfirst": extract.standfirst and storable(extract.standfirst),
        "lead": storable(lead_of(extract.paragraphs)),
        "byline": [storable(name) for name in extract.byline],
        "dateline": extract.dateline and storable(extract.dateline),
        "section": extract.section and storable(extract.section),
        "published_at": extract.published_at,
        "modified_at": extract.modified_at,
        "canonical_url": extract.canonical_url,
        "language": extract.language,
        "image_url": extract.image_url,
        "site_name": extract.site_name and storable(extract.site_name),
        "access": extract.access,
        "from_feed": extract.from_feed,
        "confidence": extract.confidence,
        "correction": extract.correction and storable(extract.correction),
        "made_by": extract.made_by,
        "text_digest": text_digest,
    }


def lead_of(paragraphs: Sequence[str]) -> str:
    """Return the first paragraph as lists show it: whole, or cut at a space."""
    lead = paragraphs[0] if paragraphs else ""
    if len(lead) <= LEAD_CHARS:
        return lead
    cut = lead[: LEAD_CHARS - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[LEAD_CHARS // 2 :] else cut) + "…"


def _add_revision(
    connection: Connection, article_id: int, number: int, change: RevisionChange, new: _Reading
) -> None:
    connection.execute(
        """
        INSERT INTO revisions (article_id, revision, change, seen_at, headline, standfirst, paragraphs, text_digest, correction)
        VALUES (%(id)s, %(revision)s, %(change)s, %(now)s, %(headline)s, %(standfirst)s, %(paragraphs)s, %(text_digest)s, %(correction)s)
        """,
        {
            **_revision_columns(new),
            "id": article_id,
            "revision": number,
            "change": change,
            "now": new.now,
        },
    )


def _revision_columns(new: _Reading) -> dict[str, Any]:
    return {
        "headline": new.extract.headline,
        "standfirst": new.extract.standfirst,
        "paragraphs": [storable(paragraph) for paragraph in new.extract.paragraphs],
        "text_digest": new.text_digest,
        "correction": new.extract.correction,
    }


def _learn_name(connection: Connection, new: _Reading) -> None:
    """Take the publisher's name from its own pages, not from a page another site's feed led to."""
    publisher = new.entry.publisher
    row = connection.execute("SELECT site FROM publishers WHERE id = %s", (publisher.id,)).fetchone()
    if row and row["site"] == site_of(new.url):
        publishers.learn(
            connection, publisher.id, name=new.extract.site_name or "", named_by=publishers.BY_PAGES
        )


def mark_changed(connection: Connection, article_ids: Sequence[int]) -> None:
    """Tell the search index which articles to take in again."""
    connection.execute(
        """
        INSERT INTO changes (article_id) SELECT a FROM unnest(%s::bigint[]) a ORDER BY a
        ON CONFLICT (article_id) DO UPDATE SET changed_in = excluded.changed_in
        """,
        (sorted(set(article_ids)),),
    )


# ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────────

_ARTICLE = f"""
    SELECT a.*, r.paragraphs, {PUBLISHER} FROM articles a
    JOIN publishers p ON p.id = a.publisher_id
    JOIN revisions r ON r.article_id = a.id AND r.revision = a.revision
"""


def articles(connection: Connection, article_ids: Sequence[int]) -> list[Article]:
    """The articles of these ids in the order asked for; unknown ids are left out."""
    rows = connection.execute(f"{_ARTICLE} WHERE a.id = ANY(%s)", (list(article_ids),)).fetchall()
    found = {row["id"]: article_of(row) for row in rows}
    return [found[article_id] for article_id in article_ids if article_id in found]


def article(connection: Connection, article_id: int) -> Article:
    found = articles(connection, [article_id])
    if not found:
        raise takedowns.no_article(connection, article_id)
    return found[0]


def article_of(row: Row) -> Article:
    return Article(
        id=row["id"],
        publisher=publisher_of(row),
        url=row["url"],
        extract=Extract(
            headline=row["headline"],
            paragraphs=tuple(row["paragraphs"]),
            made_by=row["made_by"],
            standfirst=row["standfirst"],
            byline=tuple(row["byline"]),
            dateline=row["dateline"],
            section=row["section"],
            published_at=row["published_at"],
            modified_at=row["modified_at"],
            canonical_url=row["canonical_url"],
            language=row["language"],
            image_url=row["image_url"],
            site_name=row["site_name"],
            access=row["access"],
            from_feed=row["from_feed"],
            confidence=row["confidence"],
            correction=row["correction"],
        ),
        revision=row["revision"],
        text_digest=row["text_digest"],
        first_seen_at=row["first_seen_at"],
        last_changed_at=row["last_changed_at"],
        enclosures=enclosures_of(row["enclosures"]),
    )


def revisions(connection: Connection, article_id: int) -> tuple[RevisionNote, ...]:
    """An article's revisions, oldest first, without their texts: a live page may have been seen in hundreds of them."""
    rows = connection.execute(
        """
        SELECT revision, change, seen_at, headline, correction FROM revisions
        WHERE article_id = %s ORDER BY revision
        """,
        (article_id,),
    ).fetchall()
    return tuple(RevisionNote(**row) for row in rows)


def revision(connection: Connection, article_id: int, revision: int) -> Revision:
    row = connection.execute(
        "SELECT * FROM revisions WHERE article_id = %s AND revision = %s", (article_id, revision)
    ).fetchone()
    if row is None:
        raise NotFound(
            f"article {article_id} revision {revision}",
            "There is no such version of this article here.",
        )
    return _revision_of(row, row["seen_at"])


def _revision_of(row: Row, seen_at: datetime) -> Revision:
    return Revision(
        article_id=row["article_id"] if "article_id" in row else row["id"],
        revision=row["revision"],
        change=row["change"],
        seen_at=seen_at,
        headline=row["headline"],
        standfirst=row["standfirst"],
        paragraphs=tuple(row["paragraphs"]),
        text_digest=row["text_digest"],
        correction=row["correction"],
    )


# ── again, and in bulk ───────────────────────────────────────────────────────────────────────────────────────────────

_REDO: dict[Step, str] = {
    "read": "SELECT e.id FROM entries e LEFT JOIN articles a ON a.id = e.article_id WHERE a.made_by IS DISTINCT FROM %(made_by)s",
    "describe": "SELECT a.id FROM articles a LEFT JOIN descriptions d ON d.article_id = a.id WHERE d.made_by IS DISTINCT FROM %(made_by)s",
    "group": "SELECT a.id FROM articles a JOIN descriptions d ON d.article_id = a.id WHERE a.grouped_by IS DISTINCT FROM %(made_by)s",
}


def redo(connection: Connection, step: Step, *, made_by: str | None, now: datetime) -> int:
    """Queue a step again, as bulk, for what was not made by `made_by` (None: for everything); returns how many."""
    freed = queue.release_made_by_others(connection, step, made_by=made_by, now=now)
    queued = connection.execute(
        f"""
        INSERT INTO work (step, subject_id, priority, due_at)
        SELECT %(step)s, id, %(priority)s, %(now)s FROM ({_REDO[step]}) AS old (id)
        WHERE NOT EXISTS (SELECT FROM quarantine q WHERE q.step = %(step)s AND q.subject_id = id)
        ORDER BY id
        ON CONFLICT (step, subject_id) DO NOTHING
        """,
        {"step": step, "made_by": made_by, "priority": queue.BULK, "now": now},
    ).rowcount
    if queued:
        queue.notify(connection, step)
    return freed + queued


def claim_kept(
    connection: Connection, *, made_by: str, after: int, now: datetime, limit: int, lease_s: float
) -> list[Work]:
    """Lease entries whose article another version made, and those it failed on, where there is a text to make it from.

    In the order of their ids, from the one behind `after`; what waits to be read anyway is left out.  The rows belong to
    the caller from the first moment, so that no worker asks the publisher for pages that are kept.
    """
    rows = connection.execute(
        """
        WITH old AS (
            SELECT e.id FROM entries e
            JOIN feeds f ON f.id = e.feed_id
            LEFT JOIN articles a ON a.id = e.article_id
            LEFT JOIN quarantine q ON q.step = 'read' AND q.subject_id = e.id
            WHERE e.id > %(after)s AND CASE WHEN q.work_id IS NULL THEN a.made_by <> %(made_by)s
                ELSE q.made_by <> %(made_by)s AND
                    (NOT f.full_text OR EXISTS (SELECT FROM pages p WHERE p.entry_id = e.id)) END
                AND NOT EXISTS (
                    SELECT FROM work w WHERE w.step = 'read' AND w.subject_id = e.id
                        AND (w.leased OR w.priority < %(again)s)
                )
            ORDER BY e.id LIMIT %(limit)s
        ), freed AS (
            DELETE FROM quarantine WHERE step = 'read' AND subject_id IN (SELECT id FROM old)
        )
        INSERT INTO work AS w (step, subject_id, priority, due_at, leased, lease)
        SELECT 'read', id, %(bulk)s, %(until)s, true, 1 FROM old ORDER BY id
        ON CONFLICT (step, subject_id) DO UPDATE SET
            priority = excluded.priority, due_at = excluded.due_at, leased = true, lease = w.lease + 1
        RETURNING id, step, subject_id, attempts, lease, died
        """,
        {
            "after": after,
            "made_by": made_by,
            "limit": limit,
            "until": now + timedelta(seconds=lease_s),
            "bulk": queue.BULK,
            "again": queue.AGAIN,
        },
    ).fetchall()
    return sorted((Work(**row) for row in rows), key=lambda work: work.subject_id)


def load_articles(
    connection: Connection,
    loaded: Sequence[tuple[str, Extract, bytes]],
    *,
    publisher: str,
    now: datetime,
) -> list[int]:
    """Write many articles at once, each a URL, an extract and its text digest, and queue them for "describe".

    Returns their ids in order.  `publisher` is the site they are filed under; a URL that is there already keeps its
    article.  12,000 full texts take about ten seconds.  Raises Conflict for what was taken down.
    """
    addresses = {takedowns.address_key(url): url for url, _, _ in loaded}
    for key in takedowns.taken_down(connection, addresses):
        raise Conflict(
            addresses[key], f"{addresses[key]} was taken down. tidings takedown --undo lets it come again."
        )
    publisher_id = publishers.found_or_made(connection, publisher)
    keys = [text_key(url) for url, _, _ in loaded]
    rows = connection.execute("SELECT id, url_key FROM articles WHERE url_key = ANY(%s)", (keys,)).fetchall()
    ids: dict[bytes, int] = {row["url_key"]: row["id"] for row in rows}
    new: dict[bytes, tuple[str, Extract, bytes]] = {}
    for key, one in zip(keys, loaded, strict=True):
        if key not in ids:
            new.setdefault(key, one)
    numbers = connection.execute(
        "SELECT nextval(pg_get_serial_sequence('articles', 'id')) AS id FROM generate_series(1, %s)",
        (len(new),),
    ).fetchall()
    fresh = dict(zip(new, (int(row["id"]) for row in numbers), strict=True))
    columns = list(_extract_columns(Extract("", (), ""), b""))
    with connection.cursor().copy(
        f"COPY articles (id, publisher_id, url, url_key, first_seen_at, last_changed_at, {', '.join(columns)}) FROM STDIN"
    ) as copy:
        for key, (url, extract, digest) in new.items():
            values = _extract_columns(extract, digest)
            copy.write_row((fresh[key], publisher_id, url, key, now, now, *(values[c] for c in columns)))
    with connection.cursor().copy(
        "COPY revisions (article_id, revision, change, seen_at, headline, standfirst, paragraphs, text_digest) FROM STDIN"
    ) as copy:
        for key, (_, extract, digest) in new.items():
            paragraphs = [storable(paragraph) for paragraph in extract.paragraphs]
            copy.write_row(
                (fresh[key], 1, "first", now, extract.headline, extract.standfirst, paragraphs, digest)
            )
    queue.put(connection, "describe", list(fresh.values()), priority=queue.BULK, now=now)
    mark_changed(connection, list(fresh.values()))
    every = ids | fresh
    return [every[key] for key in keys]
