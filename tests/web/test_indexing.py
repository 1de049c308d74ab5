"""The search index grows beside the requests, and none of them waits for all of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from tests.web.newsroom import Newsroom
from tidings.app import Tidings
from tidings.errors import StoreBusy
from tidings.model import Listed, SearchHit, SearchQuery
from tidings.web import create_app, indexing


@dataclass
class Backlog:
    """A Search with this many articles still to take in, at most `limit` of them in one call."""

    waiting: int
    asked: list[int | None] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)

    def refresh(self, *, limit: int | None = None) -> int:
        self.asked.append(limit)
        if self.trouble:
            raise self.trouble.pop()
        taken = min(self.waiting, limit or self.waiting)
        self.waiting -= taken
        return taken

    def search(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> Listed[SearchHit]:
        return Listed(())


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.01)


def is_indexing() -> bool:
    return any(thread.name == "indexing" for thread in threading.enumerate())


def test_a_search_takes_in_a_part_of_a_backlog(tidings: Tidings, monkeypatch: pytest.MonkeyPatch) -> None:
    backlog = Backlog(12_000)
    monkeypatch.setattr(tidings, "searcher", backlog)
    tidings.search(SearchQuery("harbour"))
    assert backlog.waiting == 11_500


def test_a_site_takes_a_backlog_in_by_itself_until_it_ends(
    tidings: Tidings, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = Backlog(1_700)
    monkeypatch.setattr(tidings, "searcher", backlog)
    with TestClient(create_app(tidings)):
        wait_until(lambda: backlog.waiting == 0)
        time.sleep(0.1)  # it waits now, a few seconds
        assert backlog.asked in ([500] * 4, [500] * 5)
        assert is_indexing()
        begun = time.monotonic()
    assert not is_indexing()
    assert time.monotonic() - begun < 3.0


def test_indexing_goes_on_after_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "TROUBLE_S", 0.01)
    busy = StoreBusy("database", "The database does not answer.")
    backlog = Backlog(3, trouble=[RuntimeError("a bug"), busy])
    kept_up = indexing.Indexing(backlog.refresh)
    kept_up.start()
    wait_until(lambda: backlog.waiting == 0)
    kept_up.stop()
    assert not is_indexing()
