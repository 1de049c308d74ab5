"""What every HostLedger must keep to.  Call check_ledger(make) with a maker of empty ledgers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tidings.ports import HostLedger

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def check_ledger(make: Callable[[], HostLedger]) -> None:
    """Assert the whole contract; `make` returns a ledger that knows no host."""
    for check in (
        _turns_are_spaced,
        _each_turn_sets_the_space_after_it,
        _hosts_do_not_wait_for_one_another,
        _a_far_turn_is_told_but_not_reserved,
        _a_host_is_left_alone,
        _silence_is_never_shortened,
        _no_spacing_means_no_wait,
        _turns_of_many_threads_are_all_different,
        _robots_are_kept_whole,
    ):
        check(make())


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def _turns_are_spaced(ledger: HostLedger) -> None:
    waits = [ledger.take_turn("a.example:443", now=NOW, spacing_s=1.0) for _ in range(3)]
    assert waits == [0.0, 1.0, 2.0]
    assert ledger.take_turn("a.example:443", now=later(2.5), spacing_s=1.0) == 0.5
    assert ledger.take_turn("a.example:443", now=later(60), spacing_s=1.0) == 0.0


def _each_turn_sets_the_space_after_it(ledger: HostLedger) -> None:
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=4.0) == 0.0
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=0.5) == 4.0
    assert ledger.take_turn("a.example:443", now=later(4), spacing_s=0.5) == 0.5


def _hosts_do_not_wait_for_one_another(ledger: HostLedger) -> None:
    hosts = ("a.example:443", "a.example:80", "b.example:443")
    assert [ledger.take_turn(host, now=NOW, spacing_s=5.0) for host in hosts] == [0.0, 0.0, 0.0]


def _a_far_turn_is_told_but_not_reserved(ledger: HostLedger) -> None:
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=6.0) == 0.0
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=6.0) == 6.0
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=6.0) == 6.0
    assert ledger.take_turn("a.example:443", now=later(1), spacing_s=6.0) == 5.0
    assert ledger.take_turn("a.example:443", now=later(1), spacing_s=6.0) == 11.0


def _a_host_is_left_alone(ledger: HostLedger) -> None:
    ledger.leave_alone("a.example:443", until=later(90))
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=1.0) == 90.0
    assert ledger.take_turn("a.example:443", now=later(89), spacing_s=1.0) == 1.0
    assert ledger.take_turn("b.example:443", now=NOW, spacing_s=1.0) == 0.0


def _silence_is_never_shortened(ledger: HostLedger) -> None:
    ledger.leave_alone("a.example:443", until=later(90))
    ledger.leave_alone("a.example:443", until=later(30))
    assert ledger.take_turn("a.example:443", now=NOW, spacing_s=1.0) == 90.0


def _no_spacing_means_no_wait(ledger: HostLedger) -> None:
    assert [ledger.take_turn("a.example:443", now=NOW, spacing_s=0.0) for _ in range(3)] == [0.0, 0.0, 0.0]


def _turns_of_many_threads_are_all_different(ledger: HostLedger) -> None:
    waits: list[float] = []

    def take() -> None:
        for _ in range(5):
            waits.append(ledger.take_turn("a.example:443", now=NOW, spacing_s=0.125))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [turn * 0.125 for turn in range(20)]


def _robots_are_kept_whole(ledger: HostLedger) -> None:
    assert ledger.robots("a.example:443") is None
    ledger.keep_robots("a.example:443", fetched_at=NOW, status=200, body=b"User-agent: *\n\0\xff\n")
    assert ledger.robots("a.example:443") == (NOW, 200, b"User-agent: *\n\0\xff\n")
    ledger.keep_robots("a.example:443", fetched_at=later(5), status=0, body=b"")
    assert ledger.robots("a.example:443") == (later(5), 0, b"")
    assert ledger.robots("b.example:443") is None
