"""A small invented press, written through the store's own methods, for the site's tests.

Story 1 has three reports, one of them in Korean, and a wire copy; another is a single article whose words are markup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tidings.errors import Unreachable
from tidings.model import (
    CopyOf,
    Description,
    Enclosure,
    Entry,
    Extract,
    FeedDocument,
    Hashtag,
    Name,
    NewFeed,
    Placement,
    Plan,
    PollOutcome,
    Reply,
    StoryRank,
    Validators,
)
from tidings.ports import Store

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
HOSTILE = '<script>alert("1")</script> & <b>bold</b>'


@dataclass(frozen=True)
class Piece:
    """An article of the press: `hours` before NOW; the same `story` number means the same event."""

    site: str
    name: str
    headline: str
    paragraphs: tuple[str, ...]
    hours: float
    story: int
    language: str = "en"
    copy_of: str = ""
    tags: tuple[tuple[str, str, str], ...] = ()
    extract: dict[str, Any] = field(default_factory=dict)


TUNNEL = (("tunnel", "HarbourTunnel", "harbour tunnel"), ("port-elin", "PortElin", "Port Elin"))
PIECES = (
    Piece(
        "courier.example",
        "opens",
        "Harbour tunnel opens to traffic",
        (
            "PORT ELIN — The harbour tunnel opened on Friday after nine years of work.",
            "“We waited long enough,” said the mayor of Port Elin, Ada Ferrow.",
        ),
        20,
        1,
        tags=TUNNEL,
        extract={
            "standfirst": "Nine years and two governments later, cars drive under the bay.",
            "section": "City",
            "byline": ("Ina Holt",),
            "dateline": "PORT ELIN",
            "image_url": "https://courier.example/tunnel.png",
        },
    ),
    Piece(
        "post.example",
        "opens-copy",
        "Tunnel under the harbour opens",
        ("The harbour tunnel opened on Friday after nine years of work.",),
        19,
        1,
        copy_of="opens",
    ),
    Piece(
        "ilbo.example",
        "ko",
        "항만 터널 개통",
        ("포트엘린의 항만 터널이 금요일 개통했다.",),
        10,
        1,
        language="ko",
        tags=TUNNEL[:1],
    ),
    Piece(
        "post.example",
        "queue",
        "First queue forms in the harbour tunnel",
        ("An hour after the ribbon fell, traffic stood still in the harbour tunnel.",),
        2,
        1,
        tags=TUNNEL[:1],
    ),
    Piece("post.example", "hostile", HOSTILE, (HOSTILE, "Second paragraph."), 30, 2),
    Piece(
        "courier.example",
        "walled",
        "What the tunnel really cost",
        ("The sum was never the one on the poster.",),
        40,
        3,
        extract={"access": "paywall"},
    ),
)


@dataclass
class Newsroom:
    """The ids under which the press stands in the store."""

    articles: dict[str, int]
    stories: dict[int, int]
    feeds: dict[str, int]


@dataclass
class Shelf:
    """A Fetcher that answers from a table of (media type, bytes), and nothing else."""

    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def get(self, url: str, *, purpose: str, **_: Any) -> Reply:
        if url not in self.answers:
            raise Unreachable(url, f"{url} does not answer.")
        media_type, body = self.answers[url]
        return Reply(url, url, 200, {"content-type": media_type}, body, NOW)

    def post(self, url: str, form: Any, *, purpose: str = "hub") -> Reply:
        raise Unreachable(url, f"{url} does not answer.")


class Letters:
    """An Embedder that counts letters: equal texts are near, and nothing is loaded."""

    name = "letters@test"
    dim = 32

    def embed(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text.casefold():
                row[ord(letter) % self.dim] += 1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(norms == 0, 1, norms)


def fill(store: Store, pieces: Sequence[Piece] = PIECES) -> Newsroom:
    """Write the press; the first article gets a second revision, and its feed an enclosure."""
    feeds = {}
    for site in dict.fromkeys(p.site for p in pieces):
        feed, _ = store.add_feed(
            NewFeed(
                f"https://{site}/feed.xml",
                title={"ilbo.example": "새길일보"}.get(site, site.split(".")[0].capitalize()),
                site_url=f"https://{site}/",
            ),
            now=NOW - timedelta(days=3),
        )
        feeds[site] = feed.id
        _poll(store, feed.id, [p for p in pieces if p.site == site])
    articles: dict[str, int] = {}
    for piece in sorted(pieces, key=lambda p: -p.hours):
        _read(store, feeds[piece.site], piece, _extract(piece))
    for card in store.latest(limit=200).rows:
        articles[next(p.name for p in pieces if card.url.endswith(f"/{p.name}"))] = card.id
    stories = _place(store, pieces, articles)
    return Newsroom(articles, stories, feeds)


def revise(
    store: Store, newsroom: Newsroom, piece: Piece, paragraphs: tuple[str, ...], correction: str
) -> None:
    """Let the publisher change an article one hour before NOW."""
    _poll(store, newsroom.feeds[piece.site], [piece], at=NOW - timedelta(hours=1))
    extract = _extract(piece, paragraphs=paragraphs, correction=correction)
    _read(store, newsroom.feeds[piece.site], piece, extract, at=NOW - timedelta(hours=1))


def _extract(piece: Piece, **given: Any) -> Extract:
    return Extract(
        **{
            "headline": piece.headline,
            "paragraphs": piece.paragraphs,
            "made_by": "extract/test",
            "language": piece.language,
            "published_at": NOW - timedelta(hours=piece.hours),
            **piece.extract,
            **given,
        }
    )


def _poll(store: Store, feed_id: int, pieces: Sequence[Piece], *, at: datetime | None = None) -> None:
    at = at or NOW - timedelta(days=2)
    entries = tuple(
        Entry(
            guid=p.name,
            url=f"https://{p.site}/{p.name}",
            title=p.headline,
            updated_at=at,
            enclosures=(Enclosure("https://courier.example/a.mp3", "audio/mpeg", 4_200_000, 187),)
            if p.name == "opens"
            else (),
        )
        for p in pieces
    )
    document = FeedDocument(format="rss", title="", entries=entries)
    store.record_poll(
        PollOutcome(
            feed_id=feed_id,
            polled_at=at,
            next_poll_at=NOW + timedelta(minutes=20),
            interval_s=1800,
            status="active",
            last_status=200,
            validators=Validators(),
            body_digest=f"{feed_id} at {at}".encode(),
            document=document,
        ),
        {e.guid: hashlib.sha256(repr(e).encode()).digest() for e in entries},
    )


def _read(store: Store, feed_id: int, piece: Piece, extract: Extract, *, at: datetime | None = None) -> None:
    work = store.claim("read", now=NOW, limit=100, lease_s=0.0)
    (entry,) = (e for e in store.entries_to_read(work) if e.entry.guid == piece.name and e.feed_id == feed_id)
    store.record_read(
        entry,
        page=None,
        extract=extract,
        url=f"https://{piece.site}/{piece.name}",
        text_digest=hashlib.sha256("\n".join(extract.paragraphs).encode()).digest(),
        now=at or NOW - timedelta(hours=piece.hours),
    )


def _place(store: Store, pieces: Sequence[Piece], articles: dict[str, int]) -> dict[int, int]:
    stories: dict[int, int] = {}
    for piece in sorted(pieces, key=lambda p: -p.hours):
        stories.setdefault(piece.story, articles[piece.name])
    work = store.claim("describe", now=NOW, limit=1000, lease_s=600)
    store.record_descriptions(work, [_description(p, articles[p.name]) for p in pieces], now=NOW)
    plan = Plan(
        copies=tuple(
            CopyOf(articles[p.name], articles[p.copy_of], 0.97, "Concord Wire") for p in pieces if p.copy_of
        ),
        placements=tuple(Placement(articles[p.name], stories[p.story], 0.8) for p in pieces),
        hashtags={
            articles[p.name]: tuple(Hashtag(slug, label, words, 0.9) for slug, label, words in p.tags)
            for p in pieces
        },
        made_by="group/test",
    )
    ranks = {
        story_id: StoryRank(10.0 - number, ("3 publishers carry it", "it grew within the last hours"))
        for number, story_id in stories.items()
    }
    grouped = store.claim("group", now=NOW, limit=1000, lease_s=600)
    store.apply(plan, grouped, ranks=ranks, epoch=store.take_group_epoch("test"), now=NOW)
    return stories


def _description(piece: Piece, article_id: int) -> Description:
    vectors = Letters().embed([piece.headline, " ".join(piece.paragraphs)])
    words = [w.strip(".,“”").casefold() for w in " ".join((piece.headline, *piece.paragraphs)).split()]
    return Description(
        article_id=article_id,
        publisher_id=1,
        language=piece.language,
        at=NOW - timedelta(hours=piece.hours),
        dated=True,
        headline=piece.headline,
        headline_vector=vectors[0],
        body_vector=vectors[1],
        english_vector=None,
        words={w: words.count(w) for w in words},
        headline_words={w.casefold(): 1 for w in piece.headline.split()},
        names=(Name("port elin", "Port Elin"),) if "Port Elin" in " ".join(piece.paragraphs) else (),
        phrases=(),
        sketch=b"",
        word_count=len(words),
        agency=None,
        model=Letters.name,
        english_model=None,
        made_by="describe/test",
    )
