"""Turns, gates and Retry-After: how gently a host is asked."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from email.utils import format_datetime

import pytest
from fetch_support import START, Clock, Seen, Site, fetcher_for, pages, reply

from tidings.errors import Refused, Throttled
from tidings.fetch import Limits, MemoryLedger, OwnHost


def test_requests_to_one_host_are_spaced() -> None:
    clock = Clock()
    with Site(lambda _: reply(200, b"x")) as site:
        fetcher = fetcher_for(site, clock=clock, own=OwnHost(spacing_s=1.5))
        for _ in range(3):
            fetcher.get(site.url("/"), purpose="feed")
        assert clock.slept == [1.5, 1.5]


def test_every_hop_takes_a_turn_of_its_own_host() -> None:
    clock = Clock()
    with Site(lambda _: reply(200, b"x")) as elsewhere:
        answers = {
            "/a": reply(302, headers=[("Location", "/b")]),
            "/b": reply(302, headers=[("Location", elsewhere.url("/"))]),
        }
        with Site(pages(answers)) as site:
            fetcher_for(site, elsewhere, clock=clock, own=OwnHost(2.0)).get(site.url("/a"), purpose="feed")
            assert clock.slept == [2.0]


def test_a_turn_too_far_away_is_throttled_and_not_asked() -> None:
    clock = Clock()
    with Site(lambda _: reply(200, b"x")) as site:
        fetcher = fetcher_for(site, clock=clock, own=OwnHost(spacing_s=30.0))
        fetcher.get(site.url("/"), purpose="feed")
        with pytest.raises(Throttled) as caught:
            fetcher.get(site.url("/"), purpose="feed")
        assert caught.value.retry_after_s == 30.0
        assert (len(site.requests), clock.slept) == (1, [])


def test_only_the_operators_own_hosts_have_a_spacing_of_their_own() -> None:
    ledger = MemoryLedger()
    fetcher = fetcher_for(ledger=ledger, resolve=lambda *_: ["127.0.0.1"], spacing_s=2.5)
    for _ in range(2):
        with pytest.raises(Refused):
            fetcher.get("http://news.example/", purpose="feed")
    assert ledger.take_turn("news.example:80", now=START, spacing_s=0) == 2 * 2.5


# ── 429 and 503 ──────────────────────────────────────────────────────────────────────────────────────────────────────


def date(seconds: float) -> str:
    return format_datetime(START + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, [("Retry-After", "120")], 120.0),
        (503, [("Retry-After", " 120 ")], 120.0),
        (429, [("Retry-After", date(90))], 90.0),
        (429, [("Retry-After", date(3690)), ("Date", date(3600))], 90.0),
        (503, [("Retry-After", "Sunday, 01-Mar-26 12:01:30 GMT")], 90.0),
        (503, [("Retry-After", "Sun Mar  1 12:01:30 2026")], 90.0),
        (429, [], 300.0),
        (503, [], 60.0),
        (503, [("Retry-After", "259200")], 259_200.0),
        (429, [("Retry-After", "soon")], 300.0),
        (429, [("Retry-After", "-5")], 300.0),
        (429, [("Retry-After", "1.5")], 300.0),
        (429, [("Retry-After", "0")], 1.0),
        (429, [("Retry-After", date(-60))], 1.0),
        (429, [("Retry-After", "9" * 400)], 604_800.0),
        (429, [("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")], 604_800.0),
        (429, [("Retry-After", "7"), ("Retry-After", "9")], 300.0),
    ],
)
def test_retry_after_is_kept_to(status: int, headers: list[tuple[str, str]], wait_s: float) -> None:
    ledger = MemoryLedger()
    with Site(lambda _: reply(status, headers=headers)) as site:
        fetcher = fetcher_for(site, ledger=ledger)
        with pytest.raises(Throttled) as caught:
            fetcher.get(site.url("/"), purpose="feed")
        assert (caught.value.status, caught.value.retry_after_s) == (status, wait_s)
        assert ledger.take_turn(site.key, now=START, spacing_s=0) == wait_s
        if wait_s > 5:
            with pytest.raises(Throttled) as caught:
                fetcher.get(site.url("/other"), purpose="page")
            assert (caught.value.status, len(site.requests)) == (None, 1)


def test_the_host_that_asked_for_silence_is_left_alone_not_the_one_that_sent_us_there() -> None:
    ledger = MemoryLedger()
    with Site(lambda _: reply(429, headers=[("Retry-After", "50")])) as busy:
        with (
            Site(lambda _: reply(302, headers=[("Location", busy.url("/"))])) as site,
            pytest.raises(Throttled),
        ):
            fetcher_for(site, busy, ledger=ledger).get(site.url("/"), purpose="feed")
        assert ledger.take_turn(site.key, now=START, spacing_s=0) == 0.0
        assert ledger.take_turn(busy.key, now=START, spacing_s=0) == 50.0


# ── at once ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Crowd:
    """Counts how many requests are inside at the same time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = self.most = 0

    def answer(self, _: Seen) -> bytes:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        time.sleep(0.05)
        with self.lock:
            self.inside -= 1
        return reply(200, b"x")


def together(count: int, call: object) -> list[object]:
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(call().status)  # type: ignore[operator]
        except Throttled as exc:
            outcomes.append(exc.retry_after_s)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_only_so_many_requests_are_under_way_to_one_host(at_once: int) -> None:
    crowd = Crowd()
    with Site(crowd.answer) as site:
        fetcher = fetcher_for(site, own=OwnHost(0.0, at_once=at_once))
        assert together(12, lambda: fetcher.get(site.url("/"), purpose="feed")) == [200] * 12
        assert crowd.most == at_once
        assert fetcher._gate._semaphores == {}


def test_two_at_once_is_what_strangers_get() -> None:
    assert (Limits().at_once, OwnHost().at_once) == (2, 2)


def test_who_cannot_get_in_soon_is_throttled() -> None:
    full, leave = threading.Event(), threading.Event()

    def answer(_: Seen) -> bytes:
        full.set()
        leave.wait(10)
        return reply(200, b"x")

    with Site(answer) as site:
        fetcher = fetcher_for(site, own=OwnHost(0.0, at_once=1), limits=Limits(queue_s=0.01))
        first = threading.Thread(target=lambda: fetcher.get(site.url("/"), purpose="feed"))
        first.start()
        assert full.wait(10)
        with pytest.raises(Throttled) as caught:
            fetcher.get(site.url("/"), purpose="feed")
        assert (caught.value.retry_after_s, len(site.requests)) == (0.01, 1)
        leave.set()
        first.join()
        assert fetcher.get(site.url("/"), purpose="feed").status == 200


def test_hosts_do_not_wait_for_one_another() -> None:
    both_inside = threading.Barrier(2, timeout=10)

    def answer(_: Seen) -> bytes:
        both_inside.wait()
        return reply(200, b"x")

    with Site(answer) as one, Site(answer) as two:
        fetcher = fetcher_for(one, two, own=OwnHost(0.0, at_once=1))
        sites = iter([one, two])
        assert together(2, lambda: fetcher.get(next(sites).url("/"), purpose="feed")) == [200, 200]
