"""Values for the store's tests: each factory fills in what a test does not care about."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tidings.model import Entry, FeedDocument, NewFeed, PollOutcome, Validators
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
    """A visit at NOW: with entries it brought a document, without it was not modified."""
    document = None
    if entries is not None:
        document = FeedDocument(
            format="rss", title="Der Kurier", entries=tuple(entries), site_url="https://kurier.example/"
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
            "body_digest": sha("body"),
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
