"""What arrives while one looks: a hub that pushes, and a page that changes behind a silent feed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from tests.press.world import World, world
from tests.unit.sample_support import PARAGRAPHS, article, press_of
from tidings.app import Tidings
from tidings.model import FoundFeed
from tidings.store.postgres import PostgresStore
from tidings.web import create_app

SILENT = """[[revisions]]
at = "+4m"
change = "substantive"
replace = [["figure 102", "figure 999"]]"""


def test_a_page_that_changes_behind_a_silent_feed_is_read_again(
    store: PostgresStore, dsn: str, tmp_path: Path
) -> None:
    assert "figure 102" in PARAGRAPHS.split("\n\n")[-1]  # far from what an RSS feed quotes
    with following(dsn, tmp_path, article("pier-courier-1", "courier", "-1m", more=SILENT)) as followed:
        followed.drain()
        assert revisions(followed) == {"pier-courier-1": ["first"]}
        as_stated = entries(followed)
        followed.clock.advance(minutes=3)
        followed.drain()
        assert revisions(followed) == {"pier-courier-1": ["first"]}
        followed.clock.advance(minutes=7)
        followed.drain()
        assert revisions(followed) == {"pier-courier-1": ["first", "substantive"]}
        page = followed.served.url("pier-courier-1").removeprefix(followed.served.addresses["courier"])
        assert sum(path == page for path, _ in followed.visits("courier")) == 3
        assert entries(followed) == as_stated


def test_a_hub_is_asked_believed_and_makes_news_arrive_before_the_next_visit(
    store: PostgresStore, dsn: str, tmp_path: Path
) -> None:
    pieces = (article("pier-meridian-1", "meridian", "-2h"), article("quay-meridian-1", "meridian", "+2m"))
    with following(dsn, tmp_path, *pieces) as followed, site(followed.tidings) as port:
        object.__setattr__(followed.tidings.settings, "port", port)
        followed.drain()
        feed = followed.feed("meridian")
        assert feed.hub_url == f"{followed.served.addresses['meridian']}/hub"
        followed.tidings.renew_hubs()
        wait_until(lambda: followed.feed("meridian").hub_lease_until)
        followed.tidings.renew_hubs()
        assert len(followed.served.subscriptions) == 1

        followed.clock.advance(minutes=2.1)
        followed.tidings.store.set_feed(feed.id, next_poll_at=followed.clock.now.replace(year=2030))
        wait_until(lambda: followed.feed("meridian").next_poll_at <= followed.clock())
        followed.drain()
        assert set(followed.articles()) == {"pier-meridian-1", "quay-meridian-1"}

        # A paused feed takes nothing, and nobody without the key of this instance can say that there is news.
        followed.tidings.store.set_feed(feed.id, status="paused")
        assert followed.tidings.hub_deliver(feed.id, "0" * 32, {}, b"") is False
        assert followed.tidings.hub_verify(feed.id, "0" * 32, {}) is None
        callback = followed.served.subscriptions[0].callback
        later = followed.clock.now.replace(year=2031)
        followed.tidings.store.set_feed(feed.id, next_poll_at=later)
        assert followed.tidings.hub_deliver(feed.id, callback.rpartition("/")[2], {}, b"<rss/>") is True
        assert followed.feed("meridian").next_poll_at == later


@contextmanager
def following(dsn: str, folder: Path, *pieces: str) -> Iterator[World]:
    (folder / "press").mkdir()
    with world(press_of(folder / "press", *pieces), dsn, folder / "home", follow=False) as followed:
        publisher = pieces[0].partition('publisher = "')[2].partition('"')[0]
        followed.tidings.follow(FoundFeed(url=followed.served.feeds[publisher]))
        yield followed


def entries(followed: World) -> dict[str, bytes]:
    """The digest of what the feed says of each article."""
    feed = followed.feed("courier")
    guids = [
        f"tag:harbour-courier.localhost,2019:{one.number}" for one in followed.served.press.articles.values()
    ]
    digests = followed.tidings.store.known_entries(feed.id, guids)
    assert len(digests) == len(guids)
    return digests


def revisions(followed: World) -> dict[str, list[str]]:
    return {name: [r.change for r in view.revisions] for name, view in followed.articles().items()}


@contextmanager
def site(tidings: Tidings) -> Iterator[int]:
    """The site on a free port, in a thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(tidings), log_level="warning", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)


def wait_until(is_so: Callable[[], object], *, patience_s: float = 10.0) -> None:
    deadline = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
