"""The sample press and an instance that follows it, for tests: real HTTP on loopback, a real database, a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import httpx

from sample.press import Press
from sample.server import Clock, Running, running
from tidings.app import Tidings, build
from tidings.config import OwnHost, Settings
from tidings.model import ArticleView, Feed, FoundFeed
from tidings.worker import Worker

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A served press, its clock, and the instance that follows it."""

    served: Running
    clock: Clock
    tidings: Tidings

    def drain(self) -> None:
        Worker(self.tidings, owner="test", stop=Event()).drain()

    def feed(self, publisher: str) -> Feed:
        return next(f for f in self.tidings.store.feeds() if f.url == self.served.feeds[publisher])

    def articles(self) -> dict[str, ArticleView]:
        """Every article there is, by the id its file has; one at an address that no file has raises KeyError."""
        id_of = {self.served.url(article_id): article_id for article_id in self.served.press.articles}
        found: dict[str, ArticleView] = {}
        after: str | None = None
        while True:
            listed = self.tidings.store.latest(after=after, limit=100)
            for card in listed.rows:
                found[id_of[card.url]] = self.tidings.store.article(card.id)
            after = listed.next_key
            if after is None:
                return found

    def visits(self, publisher: str) -> list[tuple[str, int]]:
        """(path, status) of every request to a publisher so far, robots.txt aside."""
        return [
            (v.path, v.status)
            for v in self.served.visits
            if v.publisher == publisher and v.path != "/robots.txt"
        ]


@contextmanager
def world(press: Press, dsn: str, folder: Path, *, port: int = 8600, follow: bool = True) -> Iterator[World]:
    """A press being served and an instance on the database dsn that follows every feed of it, nothing visited yet."""
    clock = Clock(START)
    with running(press, start=START, clock=clock, tick_s=0.05) as served:
        own = {
            f"{press.publishers[name].host}:{number}": OwnHost(spacing_s=0.0, min_interval_s=30)
            for name, number in served.ports.items()
        }
        tidings = build(Settings(home=folder, own_hosts=own, port=port), dsn, clock=clock)
        try:
            if follow:
                for address in served.feeds.values():
                    tidings.follow(FoundFeed(url=address))
            yield World(served, clock, tidings)
        finally:
            tidings.close()


def html(served: Running, article_id: str) -> str:
    """The page of an article as a browser gets it."""
    address, headers = served.direct(served.url(article_id))
    return httpx.get(address, headers=headers, trust_env=False).text
