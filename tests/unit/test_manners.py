"""Manners over time, on the whole of it: the real client, the real store, a real server, and a clock that we move.

The site is named as an own host, since it is on loopback, but with the pace of a stranger (900 s).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from fetch_support import Seen, Site, reply

from tests.unit.test_worker import Clock, Letters, page
from tidings.app import OwnHost, Tidings, build
from tidings.config import Settings
from tidings.model import Feed, FoundFeed
from tidings.store.postgres import PostgresStore
from tidings.worker import Worker

STRANGER = OwnHost(spacing_s=0.0, min_interval_s=900)
TOO_LONG = timedelta(days=40)


@dataclass
class Town:
    """A site whose answers a test sets by path, an instance that follows it, and their clock."""

    site: Site
    tidings: Tidings
    clock: Clock
    answers: dict[str, Callable[[Seen], bytes]]
    began: int = field(default=0)

    def follow(self, path: str, answer: Callable[[Seen], bytes] | bytes) -> None:
        self.answers[path] = answer if callable(answer) else lambda _: answer
        self.tidings.follow(FoundFeed(url=self.site.url(path)), full_text=path.startswith("/full"))

    def feed(self, number: int = 0) -> Feed:
        return sorted(self.tidings.store.feeds(), key=lambda feed: feed.id)[number]

    def work(self) -> None:
        Worker(self.tidings, owner="test", stop=threading.Event()).drain()

    def next_visit(self, number: int = 0) -> Seen:
        """Go to the feed's next visit and return what was asked there."""
        due = self.feed(number).next_poll_at
        assert due - self.clock.now >= timedelta(seconds=900) or not self.feed(number).last_polled_at
        self.clock.now = max(self.clock.now, due)
        before = len(self.site.requests)
        self.work()
        return self.site.requests[before]


@pytest.fixture
def town(store: PostgresStore, dsn: str, tmp_path: Path) -> Iterator[Town]:
    with town_on(dsn, tmp_path) as town:
        yield town


@contextmanager
def town_on(dsn: str, folder: Path) -> Iterator[Town]:
    answers: dict[str, Callable[[Seen], bytes]] = {}
    clock = Clock()
    with Site(lambda request: answers.get(request.target, lambda _: reply(404))(request)) as site:
        settings = replace(Settings(home=folder), own_hosts={site.key: STRANGER})
        tidings = build(settings, dsn, clock=clock, embedder=Letters())
        try:
            yield Town(site, tidings, clock, answers)
        finally:
            tidings.close()


def rss(*names: str) -> bytes:
    items = "".join(f"<item><title>Report {n}</title><link>/{n}</link><guid>{n}</guid></item>" for n in names)
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def conditions(request: Seen) -> tuple[str | None, str | None]:
    return request.headers.get("if-none-match"), request.headers.get("if-modified-since")


def test_validators_go_back_as_they_came_also_when_only_they_changed(town: Town) -> None:
    """The hash bug (feedbin#726) and latched validators (newsboat#3340)."""
    given = iter(
        [
            [("ETag", 'W/"a\'b c"'), ("Last-Modified", "Sun, 01 Mar 2026 11:00:00 GMT")],
            [("ETag", '"new"')],  # the same bytes under another name
            [],  # the same bytes without a name
            [("etag", "unquoted")],
        ]
    )
    town.follow("/feed.xml", lambda _: reply(200, rss("a"), next(given)))
    assert [conditions(town.next_visit()) for _ in range(4)] == [
        (None, None),
        ('W/"a\'b c"', "Sun, 01 Mar 2026 11:00:00 GMT"),
        ('"new"', None),
        (None, None),
    ]
    town.answers["/feed.xml"] = lambda _: reply(304)
    assert conditions(town.next_visit()) == ("unquoted", None)
    assert conditions(town.next_visit()) == ("unquoted", None)
    assert town.feed().entry_count == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_only_a_permanent_move_is_remembered_at_its_third_sighting(town: Town, status: int) -> None:
    town.follow("/old.xml", reply(status, b"", [("location", "/new.xml")]))
    town.answers["/new.xml"] = lambda _: reply(200, rss("a"))
    asked = [town.next_visit().target for _ in range(4)]
    assert asked[:3] == ["/old.xml"] * 3
    assert asked[3] == ("/new.xml" if status in (301, 308) else "/old.xml")


def test_what_is_gone_is_never_asked_for_again(town: Town) -> None:
    town.follow("/feed.xml", reply(410))
    town.next_visit()
    town.clock.now += TOO_LONG
    town.work()
    assert (town.site.targets, town.feed().status) == (["/feed.xml"], "gone")
    assert "Look for a new feed" in town.feed().problem.message  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_silences_the_whole_host_until_its_date(town: Town, status: int) -> None:
    until = town.clock.now + timedelta(hours=5)
    date = format_datetime(town.clock.now, usegmt=True)
    busy = [("date", date), ("retry-after", format_datetime(until, usegmt=True))]
    town.follow("/busy.xml", reply(status, b"", busy))
    town.next_visit()
    town.follow("/other.xml", reply(200, rss("a")))
    town.clock.now = until - timedelta(seconds=10)
    town.work()
    assert town.site.targets == ["/busy.xml"]
    assert town.feed(1).problem is None  # it did nothing wrong
    town.clock.now = until + timedelta(hours=1)
    town.work()
    assert sorted(town.site.targets[1:]) == ["/busy.xml", "/other.xml"]


@pytest.mark.parametrize(
    ("headers", "hours"),
    [
        ([("cache-control", "public, max-age=7200")], 2.0),
        ([("date", "Sun, 01 Mar 2026 12:00:00 GMT"), ("expires", "Sun, 01 Mar 2026 15:00:00 GMT")], 3.0),
        ([("cache-control", "max-age=31536000")], 24.0),
        ([("cache-control", "no-cache")], 0.25),
    ],
)
def test_what_is_fresh_is_not_asked_for(town: Town, headers: list[tuple[str, str]], hours: float) -> None:
    town.follow("/feed.xml", reply(200, rss("a"), headers))
    town.next_visit()
    assert town.feed().next_poll_at - town.clock.now >= timedelta(hours=hours)
    town.clock.now += timedelta(hours=hours, seconds=-1)
    town.work()
    assert town.site.targets == ["/feed.xml"]


def test_a_busy_feed_is_not_asked_for_within_a_quarter_of_an_hour(town: Town) -> None:
    names: list[str] = []

    def ever_more(_: Seen) -> bytes:
        names.append(str(len(names)))
        return reply(200, rss(*names), [("cache-control", "max-age=0")])

    town.follow("/feed.xml", ever_more)
    for _ in range(5):
        town.next_visit()  # which holds it to 900 seconds
    assert town.feed().entry_count == 5


def test_robots_are_asked_before_pages_and_a_page_they_forbid_is_never_asked_for(town: Town) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: tidings\nDisallow: /b\nAllow: /bc\n"
    town.answers["/robots.txt"] = lambda _: reply(200, rules)
    for name in ("a", "b", "bc"):
        town.answers[f"/{name}"] = lambda _, name=name: reply(  # type: ignore[misc]
            200, page(f"Report {name}"), [("content-type", "text/html")]
        )
    town.follow("/full.xml", reply(200, rss("a", "b", "bc")))
    town.work()
    assert town.site.targets[:2] == ["/full.xml", "/robots.txt"]
    assert {"/a", "/bc"} <= set(town.site.targets)
    assert "/b" not in town.site.targets
    (row,) = town.tidings.store.quarantined().rows
    assert "robots.txt" in row.problem.message
    assert town.site.targets.count("/robots.txt") == 1
