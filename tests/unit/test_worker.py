"""When things happen: trying again, giving up, looking again, setting aside, stopping; on a real store, with a network made up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.progress import Progress

from tests.web.newsroom import Letters
from tidings import worker as worker_module
from tidings.app import Tidings
from tidings.config import OwnHost, Settings
from tidings.errors import AIError, Gone, Refused, Throttled, Unreachable
from tidings.extract import PageExtractor
from tidings.model import (
    Credentials,
    EntryToRead,
    Extract,
    Feed,
    FoundFeed,
    Page,
    Purpose,
    QuarantineRow,
    Reply,
    Validators,
)
from tidings.pipeline import AGAIN_AT_AGES, READ_ATTEMPTS, Grouper
from tidings.store.postgres import PostgresStore
from tidings.worker import Turns, Worker, rebuild

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = "https://kurier.example"
FEED = f"{SITE}/feed.xml"
SENTENCES = (
    "The harbour board of Port Elin decided on Monday to dredge the outer channel before the winter storms.",
    "Its chair, Anna Sorel, said that the work would cost 4.2 million crowns and take eleven weeks in all.",
    "Fishermen had asked for a later date, because the herring comes close to the shore in the autumn.",
    "The board will hear them again in a fortnight, and the city is to pay a third of what it costs.",
)
PROBLEM_FREE = {"read": 0, "describe": 0, "group": 0, "quarantined": 0}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Web:
    """A Fetcher over a table: what an address answers is bytes, an error, or a function that gives one of them."""

    clock: Clock
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, Purpose, Validators, Credentials | None]] = field(default_factory=list)

    def get(
        self,
        url: str,
        *,
        purpose: Purpose,
        validators: Validators = Validators(),
        credentials: Credentials | None = None,
        subscribers: int = 1,
    ) -> Reply:
        self.asked.append((url, purpose, validators, credentials))
        answer = self.answers.get(url, Gone(url, "Nothing is there (404).", status=404))
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        etag = f'"{hash(answer)}"'
        reply = Reply(
            url,
            url,
            200,
            {"content-type": "text/html", "etag": etag},
            answer,
            self.clock(),
            None,
            Validators(etag),
        )
        return replace(reply, status=304, body=b"") if validators.etag == etag else reply

    def post(self, url: str, form: Any, *, purpose: Purpose = "hub") -> Reply:
        raise Unreachable(url, "No hub answers here.")

    def times_asked(self, url: str) -> int:
        return sum(one[0] == url for one in self.asked)


@dataclass
class Desk:
    """An instance on an empty store, its clock and its web."""

    clock: Clock
    web: Web
    tidings: Tidings
    store: PostgresStore

    def publish(
        self, *names: str, published: datetime | None = None, text: str = "", feed: str = FEED
    ) -> None:
        """Put a feed of these entries on the web, each with a page, and follow it."""
        site = feed.rpartition("/")[0]
        stated = f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} +0000</pubDate>" if published else ""
        entries = "".join(
            f"<item><title>Report {n}</title><link>{site}/{n}</link><guid>{n}</guid>{stated}"
            f"<description>{text}</description></item>"
            for n in names
        )
        self.web.answers[feed] = (
            f"<rss version='2.0'><channel><title>Kurier</title><link>{site}/</link>{entries}</channel></rss>".encode()
        )
        for name in names:
            self.web.answers.setdefault(f"{site}/{name}", page(f"Report {name}"))
        self.tidings.follow(FoundFeed(url=feed))

    def worker(self, *, stop: threading.Event | None = None, owner: str = "test") -> Worker:
        return Worker(self.tidings, owner=owner, stop=stop or threading.Event())

    def drain(self) -> None:
        self.worker().drain()

    def feed(self) -> Feed:
        return self.store.feeds()[0]

    def revisions(self) -> list[tuple[str, int]]:
        """(headline, revision) of every article."""
        return sorted((card.headline, card.revision) for card in self.store.latest(limit=500).rows)

    def quarantined(self) -> list[QuarantineRow]:
        return list(self.store.quarantined().rows)


def page(headline: str, *, more: str = "", advert: str = "") -> bytes:
    body = "".join(f"<p>{sentence}</p>" for sentence in (*SENTENCES, more) if sentence)
    return (
        f"<html lang='en'><head><title>{headline}</title><!-- {advert} --></head><body><article><h1>{headline}</h1>"
        f"{body}</article></body></html>"
    ).encode()


@pytest.fixture
def desk(store: PostgresStore, tmp_path: Path) -> Desk:
    return desk_of(store, tmp_path)


def desk_of(store: PostgresStore, folder: Path, **settings: Any) -> Desk:
    clock = Clock()
    web = Web(clock)
    given = {"spacing_s": 0.0, "fetch_threads": 4} | settings
    tidings = Tidings(
        Settings(home=folder, **given), store=store, fetcher=web, embedder=Letters(), clock=clock
    )
    return Desk(clock, web, tidings, store)


# ── trying again, giving up ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_that_does_not_come_is_tried_six_times_over_nine_hours_and_then_set_aside(desk: Desk) -> None:
    desk.publish("a")
    desk.web.answers[f"{SITE}/a"] = Unreachable(f"{SITE}/a", "kurier.example did not answer in time.")
    desk.drain()
    waits = []
    while not desk.quarantined() and len(waits) < 20:
        begun, tries = desk.clock(), desk.web.times_asked(f"{SITE}/a")
        while desk.web.times_asked(f"{SITE}/a") == tries and desk.clock() < begun + timedelta(days=1):
            desk.clock.advance(minutes=1)
            desk.drain()
        waits.append((desk.clock() - begun) // timedelta(minutes=1))
    assert waits == [1, 5, 25, 125, 360]
    (row,) = desk.quarantined()
    assert (row.problem.code, row.attempts, row.url) == ("unreachable", READ_ATTEMPTS, f"{SITE}/a")
    assert row.problem.message == "kurier.example did not answer in time."
    desk.clock.advance(days=3)
    desk.drain()
    assert desk.web.times_asked(f"{SITE}/a") == READ_ATTEMPTS


def test_a_release_tries_again_from_the_network(desk: Desk) -> None:
    desk.publish("a")
    desk.web.answers[f"{SITE}/a"] = Refused(f"{SITE}/a", "robots.txt keeps us out.")
    desk.drain()
    assert [(row.problem.code, row.problem.message) for row in desk.quarantined()] == [
        ("refused", "robots.txt keeps us out.")
    ]
    desk.web.answers[f"{SITE}/a"] = page("Report a")
    assert desk.store.release(now=desk.clock()) == 1
    desk.drain()
    assert desk.revisions() == [("Report a", 1)]
    assert desk.quarantined() == []


def test_a_page_that_may_not_be_had_is_made_from_the_feeds_own_text(desk: Desk) -> None:
    desk.publish("a", text=" ".join(SENTENCES))
    desk.web.answers[f"{SITE}/a"] = Refused(f"{SITE}/a", "robots.txt keeps us out.")
    desk.drain()
    assert desk.revisions() == [("Report a", 1)]
    assert desk.store.queue_depths() == PROBLEM_FREE


def test_waiting_for_our_own_turn_is_no_attempt(desk: Desk) -> None:
    desk.publish("a", text=" ".join(SENTENCES))
    busy = Throttled(f"{SITE}/a", "We go on in a moment.", retry_after_s=7.0)
    desk.web.answers[f"{SITE}/a"] = busy
    for _ in range(2 * READ_ATTEMPTS):
        desk.drain()
        assert desk.revisions() == []  # not the feed's summary: the page will come
        desk.clock.advance(seconds=7)
    desk.web.answers[f"{SITE}/a"] = page("Report a")
    desk.drain()
    assert desk.revisions() == [("Report a", 1)]


def test_nobodys_retry_after_makes_a_page_wait_longer_than_a_day(desk: Desk) -> None:
    desk.publish("a")
    desk.web.answers[f"{SITE}/a"] = Throttled(
        f"{SITE}/a", "Come back in a century.", retry_after_s=1e12, status=429
    )
    desk.drain()
    desk.web.answers[f"{SITE}/a"] = page("Report a")
    desk.clock.advance(hours=23)
    desk.drain()
    assert desk.revisions() == []
    desk.clock.advance(hours=1)
    desk.drain()
    assert desk.revisions() == [("Report a", 1)]


def test_what_nobody_foresaw_is_set_aside_and_the_rest_goes_on(desk: Desk) -> None:
    desk.publish("a", "b")
    desk.web.answers[f"{SITE}/a"] = RuntimeError("a bug")
    desk.drain()
    assert desk.revisions() == [("Report b", 1)]
    (row,) = desk.quarantined()
    assert (row.problem.code, row.problem.detail) == ("unexpected", "RuntimeError: a bug")
    assert "a bug" not in row.problem.message


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_visit_that_fails_unforeseen_shows_on_the_feed_and_waits_longer_each_time(desk: Desk) -> None:
    desk.publish("a")
    desk.web.answers[FEED] = RuntimeError("a bug")
    desk.drain()
    first = desk.feed()
    assert first.problem is not None
    assert (first.failures, first.problem.detail) == (1, "RuntimeError: a bug")
    assert "did not foresee" in first.problem.message
    assert first.next_poll_at >= NOW + timedelta(hours=1)
    desk.clock.now = first.next_poll_at
    desk.drain()
    assert desk.feed().next_poll_at - desk.clock() > timedelta(hours=2)
    desk.web.answers.pop(FEED)
    desk.publish("a")
    desk.clock.now = desk.feed().next_poll_at
    desk.drain()
    assert (desk.feed().problem, desk.feed().failures) == (None, 0)


def test_a_feed_that_is_gone_for_good_is_not_visited_again(desk: Desk) -> None:
    desk.publish()
    desk.web.answers[FEED] = Gone(FEED, "It is closed for good (410).", status=410)
    desk.drain()
    assert desk.feed().status == "gone"
    assert "gone for good (410)" in desk.feed().problem.message
    desk.clock.advance(days=30)
    desk.drain()
    assert desk.web.times_asked(FEED) == 1


def test_a_paused_feed_rests_and_a_resumed_one_is_visited_now(desk: Desk) -> None:
    desk.publish("a", published=NOW)
    desk.drain()
    desk.store.set_feed(desk.feed().id, status="paused")
    before = len(desk.web.asked)
    desk.clock.advance(days=2)
    desk.drain()
    assert len(desk.web.asked) == before  # neither the feed nor the page of its young article
    desk.store.set_feed(desk.feed().id, status="active", next_poll_at=desk.clock())
    desk.drain()
    assert desk.web.times_asked(FEED) == 2


def test_refresh_now_visits_before_the_feed_is_due(desk: Desk) -> None:
    desk.publish("a")
    desk.drain()
    assert desk.feed().next_poll_at > desk.clock()
    desk.clock.advance(seconds=10)
    desk.drain()
    assert desk.web.times_asked(FEED) == 1
    desk.store.set_feed(desk.feed().id, next_poll_at=desk.clock())
    desk.drain()
    assert desk.web.times_asked(FEED) == 2


def test_credentials_go_with_the_feed_and_with_pages_of_its_own_site(desk: Desk) -> None:
    given = Credentials("ann", "secret")
    desk.publish("a")
    desk.tidings.follow(FoundFeed(url=FEED), credentials=given)  # of a feed followed already, they are taken
    desk.drain()
    assert {(url, credentials) for url, _, _, credentials in desk.web.asked} == {
        (FEED, given),
        (f"{SITE}/a", given),
    }
    desk.web.asked.clear()
    assert [found.url for found in desk.tidings.find_feeds(FEED, credentials=given)] == [FEED]
    assert [credentials for *_, credentials in desk.web.asked] == [given]


# ── looking again ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_young_article_is_looked_at_again_until_it_is_a_day_old(desk: Desk) -> None:
    desk.publish("a", published=NOW)
    desk.drain()
    assert desk.store.queue_depths() == PROBLEM_FREE  # what comes later does not wait
    seen = []
    for _ in range(30 * 6):
        before = desk.web.times_asked(f"{SITE}/a")
        desk.clock.advance(minutes=10)
        desk.drain()
        if desk.web.times_asked(f"{SITE}/a") > before:
            seen.append(desk.clock() - NOW)
    assert seen == list(AGAIN_AT_AGES)
    assert desk.revisions() == [("Report a", 1)]
    last = [validators for url, _, validators, _ in desk.web.asked if url == f"{SITE}/a"][1:]
    assert all(validators.etag for validators in last)


def test_a_host_of_ones_own_is_looked_at_sooner(store: PostgresStore, tmp_path: Path) -> None:
    desk = desk_of(
        store, tmp_path, own_hosts={"kurier.example:443": OwnHost(spacing_s=0.0, min_interval_s=30)}
    )
    desk.publish("a", published=NOW)
    desk.drain()
    desk.clock.advance(minutes=2)
    desk.web.answers[f"{SITE}/a"] = page(
        "Report a", more="A second dredger is on its way from Marnau, the board said."
    )
    desk.drain()
    assert desk.revisions() == [("Report a", 2)]


def test_a_change_at_the_publisher_is_a_revision_though_the_feed_is_silent(desk: Desk) -> None:
    desk.publish("a", published=NOW)
    desk.drain()
    desk.web.answers[f"{SITE}/a"] = page(
        "Report a", more="Correction: the work will cost 5.2 million crowns, the board said on Tuesday."
    )
    desk.clock.advance(minutes=31)
    desk.drain()
    assert desk.revisions() == [("Report a", 2)]
    (card,) = desk.store.latest().rows
    assert [r.change for r in desk.store.article(card.id).revisions] == ["first", "substantive"]
    assert desk.store.counts()["placed"] == 1


def test_a_slip_that_is_mended_is_a_minor_change(desk: Desk) -> None:
    desk.publish("a", published=NOW)
    desk.web.answers[f"{SITE}/a"] = page("Report a").replace(b"Fishermen", b"Fishremen")
    desk.drain()
    desk.web.answers[f"{SITE}/a"] = page("Report a")
    desk.clock.advance(minutes=31)
    desk.drain()
    (card,) = desk.store.latest().rows
    assert [r.change for r in desk.store.article(card.id).revisions] == ["first", "minor"]


def test_an_old_article_is_read_once(desk: Desk) -> None:
    desk.publish("a", published=NOW - timedelta(days=3))
    desk.drain()
    for _ in range(10):
        desk.clock.advance(hours=6)
        desk.drain()
    assert desk.web.times_asked(f"{SITE}/a") == 1


@pytest.mark.parametrize(
    "answer",
    [
        Gone(f"{SITE}/a", "Nothing is there (404).", status=404),
        b"<html><body><h1>Sign in</h1><form><input type=password></form></body></html>",
        b"",
    ],
    ids=["gone", "wall", "empty"],
)
def test_a_second_look_that_brings_nothing_leaves_the_article_and_its_page(desk: Desk, answer: Any) -> None:
    desk.publish("a", published=NOW)
    desk.drain()
    kept = desk.store.kept_page(only_entry(desk))
    desk.web.answers[f"{SITE}/a"] = answer
    for _ in range(4):
        desk.clock.advance(hours=8)
        desk.drain()
    assert desk.revisions() == [("Report a", 1)]
    assert desk.quarantined() == []
    assert desk.store.kept_page(only_entry(desk)) == kept


def only_entry(desk: Desk) -> int:
    with desk.store.database.reading() as connection:
        row = connection.execute("SELECT id FROM entries").fetchone()
    assert row is not None
    return int(row["id"])


# ── making again ─────────────────────────────────────────────────────────────────────────────────────────────────────


class NextExtractor(PageExtractor):
    """A later version that leaves the first paragraph out, and takes what was too short before."""

    made_by = "extract/999"

    def extract(self, page: Page | None, entry: EntryToRead | None) -> Extract:
        if page is not None and b"Nothing much" in page.body:
            return Extract("Nothing much", (SENTENCES[0],), self.made_by)
        made = super().extract(page, entry)
        return replace(made, made_by=self.made_by, paragraphs=made.paragraphs[1:])


def test_redo_extract_asks_nobody_and_rebuilds_from_the_kept_pages(desk: Desk) -> None:
    desk.publish("a", "short", "gone", published=NOW)
    desk.web.answers[f"{SITE}/short"] = b"<html><body><p>Nothing much.</p></body></html>"
    del desk.web.answers[f"{SITE}/gone"]
    desk.drain()
    assert sorted(row.title for row in desk.quarantined()) == ["Report gone", "Report short"]
    # An advert changes the bytes and not the words; then a fresh entry waits to be read.
    desk.web.answers[f"{SITE}/a"] = page("Report a", advert="now with more bananas")
    desk.clock.advance(minutes=31)
    desk.drain()
    desk.publish("a", "short", "gone", "fresh", published=NOW)
    feed = desk.store.set_feed(desk.feed().id, next_poll_at=desk.clock())
    desk.tidings.pipeline.poll(feed)
    assert desk.store.queue_depths()["read"] == 1

    before = len(desk.web.asked)
    object.__setattr__(desk.tidings.pipeline, "extractor", NextExtractor())
    with Progress(disable=True) as progress:
        assert rebuild(desk.tidings, "extract", progress=progress) == 2
        assert rebuild(desk.tidings, "extract", progress=progress) == 0
    assert len(desk.web.asked) == before
    (card,) = (card for card in desk.store.latest().rows if card.headline == "Report a")
    view = desk.store.article(card.id)
    assert (view.article.revision, view.article.extract.made_by) == (1, "extract/999")
    assert view.article.extract.paragraphs == SENTENCES[1:]
    assert [row.title for row in desk.quarantined()] == ["Report gone"]

    desk.drain()
    assert [headline for headline, _ in desk.revisions()] == ["Nothing much", "Report a", "Report fresh"]
    assert desk.web.times_asked(f"{SITE}/fresh") == 1


@pytest.mark.parametrize(
    "more", ["", "Correction: the work will cost 5.2 million crowns, the board said on Tuesday."]
)
def test_a_new_extractor_and_a_new_page_at_once_are_a_revision_only_for_new_words(
    desk: Desk, more: str
) -> None:
    desk.publish("a", published=NOW)
    desk.drain()
    object.__setattr__(desk.tidings.pipeline, "extractor", NextExtractor())
    desk.web.answers[f"{SITE}/a"] = page("Report a", advert="now with more bananas", more=more)
    desk.clock.advance(minutes=31)
    desk.drain()
    (card,) = desk.store.latest().rows
    view = desk.store.article(card.id)
    assert view.article.extract.made_by == "extract/999"
    assert [r.change for r in view.revisions] == (["first", "substantive"] if more else ["first"])
    assert desk.store.revision(card.id, 1).paragraphs == SENTENCES[1:]
    if more:
        added = [run for run in desk.tidings.diff(card.id, 1, 2) if run != (("same", run[0][1]),)]
        assert added == [(("added", more),)]


def test_redo_describe_and_group_go_through_the_queue_and_change_no_story(desk: Desk) -> None:
    desk.publish("a", "b", published=NOW)
    desk.drain()
    stories = {card.id: card.story_id for card in desk.store.latest().rows}
    for step in ("describe", "group"):
        with Progress(disable=True) as progress:
            assert rebuild(desk.tidings, step, progress=progress) == 2
        desk.drain()
        assert {card.id: card.story_id for card in desk.store.latest().rows} == stories


# ── poison ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_one_row_that_poisons_a_batch_is_found(desk: Desk) -> None:
    class Picky(Letters):
        def embed(self, texts: Sequence[str]) -> Any:
            if any("Report e3" in text for text in texts):
                raise ValueError("no such text, please")
            return super().embed(texts)

    object.__setattr__(desk.tidings.pipeline, "embedder", Picky())
    desk.publish(*(f"e{n}" for n in range(7)), published=NOW)
    desk.drain()
    assert desk.store.counts()["placed"] == 6
    (row,) = desk.quarantined()
    assert (row.step, row.title, row.problem.detail) == (
        "describe",
        "Report e3",
        "ValueError: no such text, please",
    )


def test_the_one_article_that_cannot_be_placed_is_found_and_the_rest_placed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Grouper.group

    def picky(self: Grouper, work: Sequence[Any]) -> Any:
        if any(a.extract.headline == "Report e2" for a in desk.store.articles([w.subject_id for w in work])):
            raise ZeroDivisionError("nothing shared")
        return whole(self, work)

    monkeypatch.setattr(Grouper, "group", picky)
    desk.publish(*(f"e{n}" for n in range(5)), published=NOW)
    desk.drain()
    assert desk.store.counts()["placed"] == 4
    assert [(row.step, row.title, row.problem.code) for row in desk.quarantined()] == [
        ("group", "Report e2", "unexpected")
    ]


def test_a_model_that_cannot_answer_makes_a_batch_wait_however_long(desk: Desk) -> None:
    class Away(Letters):
        def embed(self, texts: Sequence[str]) -> Any:
            raise AIError("embedder", "The model is away.")

    desk.publish("a", published=NOW)
    object.__setattr__(desk.tidings.pipeline, "embedder", Away())
    for _ in range(12):
        desk.drain()
        desk.clock.advance(minutes=1)
    assert desk.store.queue_depths() == PROBLEM_FREE | {"describe": 1}
    object.__setattr__(desk.tidings.pipeline, "embedder", Letters())
    desk.drain()
    assert desk.store.counts()["placed"] == 1


@pytest.mark.parametrize("step", ["read", "describe"])
def test_a_row_under_which_processes_die_is_taken_alone_and_then_set_aside(desk: Desk, step: Any) -> None:
    desk.publish("a", "killer", "b", published=NOW)
    desk.tidings.pipeline.poll(desk.store.claim_feeds(now=NOW, limit=1, lease_s=60)[0])
    if step == "describe":
        for entry in desk.store.entries_to_read(desk.store.claim("read", now=NOW, limit=9, lease_s=60)):
            desk.tidings.pipeline.read(entry)
    poisonous = {  # the second of three, whatever the numbers
        work.subject_id
        for work in sorted(desk.store.claim(step, now=NOW, limit=9, lease_s=0), key=lambda w: w.id)[1:2]
    }
    deaths = 0
    for _ in range(60):
        desk.clock.advance(minutes=10)
        worker = desk.worker()
        rows = worker._without_suspects(desk.store.claim(step, now=desk.clock(), limit=9, lease_s=60))
        if any(row.subject_id in poisonous for row in rows):
            deaths += 1  # the process is gone, and its leases with it
        elif step == "read":
            for entry in desk.store.entries_to_read(rows):
                desk.tidings.pipeline.read(entry)
        elif rows:
            desk.tidings.pipeline.describe(rows)
    (row,) = desk.quarantined()
    assert row.subject_id in poisonous
    assert "died" in row.problem.message
    assert deaths <= 6
    assert desk.store.queue_depths()[step] == 0


def test_pages_that_failed_are_still_read_many_at_a_time(desk: Desk) -> None:
    names = [f"e{n}" for n in range(5)]
    desk.publish(*names, published=NOW)
    for name in names:
        desk.web.answers[f"{SITE}/{name}"] = Unreachable(f"{SITE}/{name}", "kurier.example is away.")
    desk.tidings.pipeline.poll(desk.feed())
    worker = desk.worker()
    for _ in range(READ_ATTEMPTS - 1):
        entries = worker._due_entries(9)
        assert len(entries) == 5
        for entry in entries:
            worker._read(entry)
        desk.clock.advance(hours=6)
    assert len(worker._due_entries(9)) == 5
    desk.clock.advance(hours=6)  # and this process was killed
    entries = desk.worker()._due_entries(9)
    assert len(entries) == 5
    assert desk.quarantined() == []
    for entry in entries:
        worker._read(entry)
    assert {(row.problem.code, row.attempts) for row in desk.quarantined()} == {
        ("unreachable", READ_ATTEMPTS + 1)
    }


# ── running and stopping ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Shift:
    """A worker at work in a thread."""

    stop: threading.Event
    thread: threading.Thread
    ended: list[bool]

    def end(self) -> bool:
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self.ended[0]


def at_work(desk: Desk, *, owner: str = "one", grace_s: float = 5.0) -> Shift:
    stop = threading.Event()
    ended: list[bool] = []
    worker = desk.worker(stop=stop, owner=owner)
    thread = threading.Thread(target=lambda: ended.append(worker.run(grace_s=grace_s)), daemon=True)
    thread.start()
    return Shift(stop, thread, ended)


def wait_until(is_so: Callable[[], object], *, patience_s: float = 10.0) -> float:
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < patience_s, "it did not come about in time"
        time.sleep(0.02)
    return time.monotonic() - begun


def test_a_notice_wakes_every_loop_and_a_stop_ends_them_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.publish("a", published=NOW)
    shift = at_work(desk)
    try:
        wait_until(lambda: desk.store.counts()["placed"] == 1)
        monkeypatch.setattr(worker_module, "IDLE_S", 60.0)
        time.sleep(2.5)  # every loop has begun its long wait
        desk.publish("a", "b", published=NOW)
        (feed,) = (desk.store.set_feed(desk.feed().id, next_poll_at=desk.clock()),)
        desk.tidings.pipeline.poll(feed)
        assert wait_until(lambda: desk.store.counts()["placed"] == 2) < 5.0
    finally:
        begun = time.monotonic()
        assert shift.end()
    assert time.monotonic() - begun < 4.0


def test_what_a_stop_cuts_short_is_handed_back_at_once(desk: Desk) -> None:
    release, entered = threading.Event(), threading.Semaphore(0)

    def slow() -> bytes:
        entered.release()
        release.wait(30)
        return page("Report slow")

    desk.publish(*(f"e{n}" for n in range(12)), published=NOW)
    desk.tidings.pipeline.poll(desk.feed())
    for n in range(12):
        desk.web.answers[f"{SITE}/e{n}"] = slow
    desk.web.answers["https://other.example/feed.xml"] = slow
    desk.tidings.follow(FoundFeed(url="https://other.example/feed.xml"))
    shift = at_work(desk, grace_s=0.3)
    for _ in range(5):  # four pages and a feed are under way
        assert entered.acquire(timeout=10)
    assert not shift.end()
    claimed = desk.store.claim("read", now=desk.clock(), limit=99, lease_s=60)
    assert (len(claimed), {work.attempts for work in claimed}) == (12, {0})
    assert [feed.url for feed in desk.store.claim_feeds(now=desk.clock(), limit=9, lease_s=60)] == [
        "https://other.example/feed.xml"
    ]
    release.set()
    time.sleep(0.5)  # what was left behind ends, and its results are not taken: the rows are somebody else's
    assert desk.revisions() == []


def test_only_one_of_two_workers_places_articles_and_the_other_takes_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "STANDBY_S", 0.2)
    owners: list[str] = []
    whole = desk.tidings.grouper

    def noted(owner: str) -> Grouper:
        owners.append(owner)
        return whole(owner)

    monkeypatch.setattr(desk.tidings, "grouper", noted)
    first = at_work(desk, owner="one")
    wait_until(lambda: owners == ["one"])
    second = at_work(desk, owner="two")
    time.sleep(1.0)
    assert owners == ["one"]
    assert first.end()
    wait_until(lambda: owners == ["one", "two"])
    desk.publish("a", published=NOW)
    wait_until(lambda: desk.store.counts()["placed"] == 1)
    assert second.end()


def test_a_worker_that_is_not_the_writer_any_more_gives_its_batch_back(desk: Desk) -> None:
    desk.publish("a", published=NOW)
    worker = desk.worker()
    old = desk.tidings.grouper("old")
    desk.tidings.pipeline.poll(desk.feed())
    for entry in worker._due_entries(9):
        worker._read(entry)
    worker._run_batch(worker._due("describe"), desk.tidings.pipeline.describe)
    rows = worker._due("group")
    new = desk.tidings.grouper("new")
    assert worker._placed(old, rows) is None
    (again,) = worker._due("group")
    assert again.attempts == 0
    assert worker._placed(new, [again]) is new
    assert desk.store.counts()["placed"] == 1


# ── turns ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_turns_spread_one_host_and_keep_what_was_promised() -> None:
    turns = Turns()

    def take(row: int, *, after_s: float = 0.0, host: str = "a:443", spacing_s: float = 1.0) -> float:
        now = NOW + timedelta(seconds=after_s)
        return (turns.take(row, host, spacing_s=spacing_s, now=now) - NOW).total_seconds()

    assert [take(row) for row in range(6)] == [0, 1, 2, 3, 4, 5]
    assert take(9, host="b:443") == 0
    assert take(8, spacing_s=0.0) == 0
    assert take(4, after_s=4.0) == 4  # it comes back at its turn, and is not sent to the end again
    assert take(6, after_s=4.0) == 6


def test_pages_of_a_spaced_host_wait_in_the_database_and_not_in_threads(
    store: PostgresStore, tmp_path: Path
) -> None:
    desk = desk_of(store, tmp_path, spacing_s=1.0)
    desk.publish(*(f"e{n}" for n in range(8)), published=NOW - timedelta(days=3))
    desk.publish("other", published=NOW - timedelta(days=3), feed="https://other.example/feed.xml")
    desk.drain()
    assert (
        sum(purpose == "page" for _, purpose, *_ in desk.web.asked) == 4
    )  # three of one host, one of the other
    for _ in range(8):
        desk.clock.advance(seconds=1)
        desk.drain()
    assert desk.store.counts()["placed"] == 9
    assert desk.web.times_asked(f"{SITE}/e7") == 1
