import threading

from store_values import NOW, an_entry, follow, later, poll

from tidings.model import Listed, Problem, QuarantineRow, Work
from tidings.store.postgres import PostgresStore

PROBLEM = Problem("unreachable", "The page did not answer.", "time-out", 503)


def queue(store: PostgresStore, count: int) -> None:
    poll(store, follow(store), *(an_entry(f"e{n}") for n in range(count)))


def test_two_claimers_never_get_the_same_row(store: PostgresStore) -> None:
    queue(store, 200)
    claimed: list[Work] = []

    def claim() -> None:
        while rows := store.claim("read", now=NOW, limit=7, lease_s=60):
            claimed.extend(rows)

    threads = [threading.Thread(target=claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len({work.id for work in claimed}) == 200


def test_the_oldest_row_is_claimed_first(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry("b"), an_entry("a"))  # a feed lists the newest first
    poll(store, feed_id, an_entry("d"), an_entry("c"), polled_at=later(5))
    poll(store, feed_id, an_entry("f"), an_entry("e"), polled_at=later(9))
    order = store.claim("read", now=later(9), limit=10, lease_s=60)
    assert [e.entry.guid for e in store.entries_to_read(order)] == ["c", "d", "e", "f", "a", "b"]


def test_a_lease_that_ran_out_is_counted_apart_from_failures(store: PostgresStore) -> None:
    queue(store, 1)
    (first,) = store.claim("read", now=NOW, limit=1, lease_s=60)
    assert store.claim("read", now=later(59), limit=1, lease_s=60) == []
    (second,) = store.claim("read", now=later(60), limit=1, lease_s=60)
    assert [(work.attempts, work.died) for work in (first, second)] == [(0, 0), (0, 1)]
    assert second.lease > first.lease
    store.postpone([second], until=later(70), problem=PROBLEM)
    (third,) = store.claim("read", now=later(70), limit=1, lease_s=60)
    assert (third.attempts, third.died) == (1, 1)
    poll(
        store, store.feeds()[0].id, an_entry("e0", title="New"), polled_at=later(80)
    )  # it may be harmless now
    (fourth,) = store.claim("read", now=later(80), limit=1, lease_s=60)
    assert (fourth.attempts, fourth.died) == (0, 0)


def test_a_lag_is_how_long_the_longest_waiting_has_been_due(store: PostgresStore) -> None:
    assert store.queue_lags(now=NOW) == {"poll": 0, "read": 0, "describe": 0, "group": 0}
    queue(store, 2)  # the feed is due again in an hour
    lags = store.queue_lags(now=later(60))
    assert lags == {"poll": 0, "read": 60, "describe": 0, "group": 0}
    claimed = store.claim("read", now=later(60), limit=10, lease_s=100)
    assert store.queue_lags(now=later(90))["read"] == 0  # under way
    assert store.queue_lags(now=later(170))["read"] == 10  # nobody came back
    store.postpone(claimed, until=later(500))
    assert store.queue_lags(now=later(170))["read"] == 0
    assert store.queue_lags(now=later(3700))["poll"] == 100
    assert store.claim_feeds(now=later(3700), limit=1, lease_s=60)
    assert store.queue_lags(now=later(3710))["poll"] == 0


def test_a_postponed_row_waits_and_counts_only_with_a_problem(store: PostgresStore) -> None:
    queue(store, 1)
    claimed = store.claim("read", now=NOW, limit=1, lease_s=60)
    store.postpone(claimed, until=later(5))
    assert store.claim("read", now=later(4), limit=1, lease_s=60) == []
    claimed = store.claim("read", now=later(5), limit=1, lease_s=60)
    assert claimed[0].attempts == 0
    store.postpone(claimed, until=later(9), problem=PROBLEM)
    (work,) = store.claim("read", now=later(9), limit=1, lease_s=60)
    assert work.attempts == 1


def test_who_lost_the_lease_changes_nothing(store: PostgresStore) -> None:
    queue(store, 1)
    (lost,) = store.claim("read", now=NOW, limit=1, lease_s=60)
    (held,) = store.claim("read", now=later(60), limit=1, lease_s=60)
    store.postpone([lost], until=later(9999), problem=PROBLEM)
    store.quarantine(lost, problem=PROBLEM, made_by="e/1", now=NOW)
    assert store.queue_depths() == {"read": 1, "describe": 0, "group": 0, "quarantined": 0}
    store.postpone([held], until=later(70))
    assert len(store.claim("read", now=later(70), limit=1, lease_s=60)) == 1


def test_quarantine_sets_aside_with_its_reason_and_release_brings_back(store: PostgresStore) -> None:
    queue(store, 2)
    first, second = store.claim("read", now=NOW, limit=2, lease_s=60)
    store.quarantine(first, problem=PROBLEM, made_by="extract/1", now=later(1))
    store.quarantine(first, problem=PROBLEM, made_by="extract/1", now=later(1))
    feed_id = store.feeds()[0].id
    assert store.quarantined() == Listed(
        (
            QuarantineRow(
                work_id=first.id,
                step="read",
                subject_id=first.subject_id,
                feed_id=feed_id,
                url="https://kurier.example/e1",
                title="Headline e1",
                problem=PROBLEM,
                attempts=1,
                at=later(1),
            ),
        )
    )
    assert store.queue_depths() == {"read": 1, "describe": 0, "group": 0, "quarantined": 1}
    assert store.release(step="group", now=later(2)) == 0
    assert store.release(work_id=first.id, now=later(2)) == 1
    assert store.release(now=later(2)) == 0
    (again,) = store.claim("read", now=later(2), limit=5, lease_s=60)
    assert (again.subject_id, again.attempts) == (first.subject_id, 0)
    assert second.subject_id != first.subject_id


def test_a_changed_entry_leaves_quarantine(store: PostgresStore) -> None:
    feed_id = follow(store)
    poll(store, feed_id, an_entry("a"))
    (work,) = store.claim("read", now=NOW, limit=1, lease_s=60)
    store.quarantine(work, problem=PROBLEM, made_by="extract/1", now=NOW)
    poll(store, feed_id, an_entry("a", title="New"), polled_at=later(5))
    assert store.queue_depths() == {"read": 1, "describe": 0, "group": 0, "quarantined": 0}


def test_quarantine_pages_by_key_while_rows_arrive(store: PostgresStore) -> None:
    queue(store, 6)
    for seconds, work in enumerate(store.claim("read", now=NOW, limit=6, lease_s=60)):
        if seconds < 5:
            store.quarantine(work, problem=PROBLEM, made_by="e/1", now=later(seconds // 2))
        else:
            last = work
    page = store.quarantined(limit=2)
    store.quarantine(last, problem=PROBLEM, made_by="e/1", now=later(99))
    seen = list(page.rows)
    while page.next_key:
        page = store.quarantined(after=page.next_key, limit=2)
        seen.extend(page.rows)
    assert len(seen) == len({row.work_id for row in seen}) == 5
    assert [row.at for row in seen] == sorted((row.at for row in seen), reverse=True)
    assert store.quarantined(after="nonsense!", limit=2) == store.quarantined(limit=2)
