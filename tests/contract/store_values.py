"""Values for the store's tests: each factory fills in what a test does not care about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tidings.model import (
    Description,
    Entry,
    Extract,
    FeedDocument,
    NewFeed,
    Page,
    PollOutcome,
    RevisionChange,
    Validators,
    Work,
)
from tidings.store.postgres import PostgresStore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def sha(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def an_entry(guid: str = "e1", **given: Any) -> Entry:
    return Entry(
        **{"guid": guid, "url": f"https://kurier.example/{guid}", "title": f"Headline {guid}"} | given
    )


def a_visit(feed_id: int, *, entries: Sequence[Entry] | None = None, **given: Any) -> PollOutcome:
    """A visit at NOW: with entries it brought a document of the feed's own, without it was not modified."""
    document = None
    stated = {name: given.pop(name) for name in ("self_url", "site_url", "skip_hours") if name in given}
    if entries is not None:
        document = FeedDocument(
            format="rss",
            title="Der Kurier",
            entries=tuple(entries),
            **{"site_url": "https://kurier.example/"} | stated,
        )
    return PollOutcome(
        **{
            "feed_id": feed_id,
            "polled_at": NOW,
            "next_poll_at": later(3600),
            "interval_s": 3600,
            "status": "active",
            "last_status": 200,
            "validators": Validators('W/"1"', "Sun, 01 Mar 2026 11:00:00 GMT"),
            "body_digest": sha(f"body of {feed_id}"),
            "document": document,
        }
        | given
    )


def digests_of(entries: Sequence[Entry]) -> dict[str, bytes]:
    return {entry.guid: sha(repr(entry)) for entry in entries}


def follow(store: PostgresStore, url: str = "https://kurier.example/feed.xml", **given: Any) -> int:
    """Follow a feed at NOW; returns its id."""
    return store.add_feed(NewFeed(url, **given), now=NOW)[0].id


def poll(store: PostgresStore, feed_id: int, *entries: Entry, **given: Any) -> int:
    """Record a visit that brought these entries."""
    return store.record_poll(a_visit(feed_id, entries=entries, **given), digests_of(entries))


# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def an_extract(text: str = "The harbour tunnel opens on Monday.\nTraffic follows.", **given: Any) -> Extract:
    return Extract(
        **{"headline": "Tunnel opens", "paragraphs": tuple(text.split("\n")), "made_by": "extract/1"} | given
    )


def a_page(body: bytes = b"<html>tunnel</html>", **given: Any) -> Page:
    return Page(
        **{
            "url": "https://kurier.example/e1",
            "final_url": "https://kurier.example/e1",
            "status": 200,
            "headers": {"content-type": "text/html", "etag": '"p1"', "last-modified": "yesterday"},
            "body": body,
            "fetched_at": NOW,
            "digest": hashlib.sha256(body).digest(),
        }
        | given
    )


def read(
    store: PostgresStore,
    extract: Extract | None = None,
    *,
    guid: str = "e1",
    feed_url: str = "https://kurier.example/feed.xml",
    page: Page | None = None,
    url: str | None = None,
    at: datetime = NOW,
    entry_at: datetime | None = None,
    **given: Any,
) -> RevisionChange | None:
    """Let a feed state an entry (changed by its time), claim it, and record what was read of it."""
    extract = extract or an_extract()
    feed_id = follow(store, feed_url)
    poll(store, feed_id, an_entry(guid, updated_at=at), polled_at=entry_at or at)
    work = store.claim("read", now=at, limit=100, lease_s=600)
    (entry,) = (e for e in store.entries_to_read(work) if e.entry.guid == guid)
    return store.record_read(
        entry,
        page=page,
        extract=extract,
        url=url or f"https://kurier.example/{guid}",
        text_digest=sha("\n".join(extract.paragraphs)),
        now=at,
        **given,
    )


def load(store: PostgresStore, *headlines: str, at: datetime = NOW, **given: Any) -> list[int]:
    """Write articles with these headlines, one minute apart; returns their ids, all waiting for "describe"."""
    loaded = [
        (
            f"https://kurier.example/{headline}",
            an_extract(
                f"Text of {headline}.", headline=headline, published_at=at + timedelta(minutes=n), **given
            ),
            sha(headline),
        )
        for n, headline in enumerate(headlines)
    ]
    return store.load_articles(loaded, publisher="https://kurier.example/", now=at)


def a_vector(*strengths: float) -> Any:
    """A unit vector of eight dimensions that begins with these strengths."""
    vector = np.zeros(8, dtype=np.float32)
    vector[: len(strengths)] = strengths
    return vector / (np.linalg.norm(vector) or 1.0)


def a_description(article_id: int, **given: Any) -> Description:
    return Description(
        **{
            "article_id": article_id,
            "publisher_id": 1,
            "language": "en",
            "at": NOW,
            "dated": True,
            "headline": "Tunnel opens",
            "headline_vector": a_vector(1.0),
            "body_vector": a_vector(0.8, 0.6),
            "english_vector": None,
            "english_model": None,
            "words": {"tunnel": 2, "harbour": 1},
            "headline_words": {"tunnel": 1},
            "names": (),
            "phrases": (),
            "sketch": b"\x01\x02",
            "word_count": 200,
            "agency": None,
            "model": "usem3@test",
            "made_by": "describe/1",
        }
        | given
    )


def describe(store: PostgresStore, *descriptions: Description, now: datetime = NOW) -> list[Work]:
    """Record descriptions of loaded articles; returns the claimed rows that wait for "group"."""
    work = store.claim("describe", now=now, limit=1000, lease_s=600)
    store.record_descriptions(work, descriptions, now=now)
    return store.claim("group", now=now, limit=1000, lease_s=600)


def same(one: Description, other: Description) -> bool:
    """Whether two descriptions are equal to the last bit, the order of their words included."""
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b and _order(a) == _order(b)
        for a, b in ((getattr(one, f.name), getattr(other, f.name)) for f in fields(Description))
    )


def _order(value: object) -> list[object]:
    return list(value) if isinstance(value, dict) else []
