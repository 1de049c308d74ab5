"""Which story continues which: found once behind the placing, kept through merges, taken back by a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from store_values import NOW, a_description, a_vector, describe, later, load

from tidings.model import Continuation, Merge, Placement, Plan, Split, Work
from tidings.store.postgres import PostgresStore

DAY = 86_400.0
SINCE, UNTIL = later(-90 * DAY), later(7 * DAY)


def stories(store: PostgresStore, *days: float) -> list[int]:
    """Stories of one article each, so many days after NOW, all near to one another in meaning."""
    ids = load(store, *(f"story {n}" for n in range(len(days))))
    with store.database.own_connection() as connection:
        for article_id, day in zip(ids, days, strict=True):
            connection.execute(
                "UPDATE articles SET published_at = %s WHERE id = %s", (later(day * DAY), article_id)
            )
    work = describe(
        store,
        *(
            a_description(i, at=later(day * DAY), body_vector=a_vector(1.0, 0.01 * n))
            for n, (i, day) in enumerate(zip(ids, days, strict=True))
        ),
    )
    apply(store, Plan(placements=tuple(Placement(i, i, 1.0) for i in ids)), work)
    return ids


def apply(store: PostgresStore, plan: Plan, work: Sequence[Work] = ()) -> None:
    store.apply(plan, work, ranks={}, epoch=store.take_group_epoch("test"), now=NOW)


def link(store: PostgresStore, story_id: int, earlier_id: int) -> None:
    begun = [story.story_id for story in store.stories_to_link(limit=100)]
    store.record_links(begun, [Continuation(story_id, earlier_id, 2.0, "continue/test")], now=NOW)


def linked(store: PostgresStore, story_id: int) -> tuple[list[int], list[int]]:
    earlier, later_ones = store.continuations(story_id)
    return [card.id for card in earlier], [card.id for card in later_ones]


def test_a_story_waits_until_it_was_looked_at_with_its_first_two_reports(store: PostgresStore) -> None:
    one, two, three = stories(store, 0, 1, 2)
    assert [s.story_id for s in store.stories_to_link(limit=2)] == [one, two]
    assert [[a.article_id for a in s.articles] for s in store.stories_to_link(limit=9)] == [
        [one],
        [two],
        [three],
    ]
    store.record_links([one, two, three], [], now=NOW)
    assert store.stories_to_link(limit=9) == []
    apply(store, Plan(placements=(Placement(two, one, 0.9),)))
    assert [[a.article_id for a in s.articles] for s in store.stories_to_link(limit=9)] == [[one, two]]
    apply(store, Plan(merges=(Merge(one, three),)))
    assert [s.story_id for s in store.stories_to_link(limit=9)] == []  # it is another one now


def test_sleepers_are_near_and_their_stories_ended_in_the_time_that_is_asked_for(
    store: PostgresStore,
) -> None:
    old, early, late, subject = stories(store, -100, 1, 8, 20)
    assert [s for s, _ in store.sleepers(subject, since=SINCE, until=UNTIL)] == [early]
    found = store.sleepers(subject, since=later(-200 * DAY), until=later(9 * DAY))
    assert {(s, d.article_id) for s, d in found} == {(old, old), (early, early), (late, late)}


def test_a_link_shows_on_both_sides_through_every_merge(store: PostgresStore) -> None:
    first, other, second, third = stories(store, 0, 1, 9, 10)
    link(store, second, first)
    assert linked(store, second) == ([first], [])
    assert linked(store, first) == ([], [second])
    apply(store, Plan(merges=(Merge(first, other),)))
    apply(store, Plan(merges=(Merge(second, third),)))
    assert linked(store, third) == ([other], [])
    assert linked(store, other) == ([], [third])
    apply(store, Plan(merges=(Merge(third, other),)))
    assert linked(store, other) == ([], [])
    apply(store, Plan(splits=(Split(other, second, (second,)),)))
    assert linked(store, second) == ([other], [])


def test_the_first_link_stays_and_a_verdict_hides_it(store: PostgresStore) -> None:
    first, other, second = stories(store, 0, 1, 9)
    link(store, second, first)
    link(store, second, other)
    assert linked(store, second) == ([first], [])
    store.call_unrelated(second, first, editor="operator", now=NOW + timedelta(days=9))
    assert linked(store, second) == ([], [])
    assert linked(store, first) == ([], [])
