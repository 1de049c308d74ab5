"""What follows from corrections, without a database: ties, and that they go before every score."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from stories_texts import FLOOD_OWN, FLOOD_WIRE, START, TUNNEL, article, described

from tidings.model import Change
from tidings.stories.cluster import Window
from tidings.stories.corrections import Ties


def change(moved: set[int], *, left: set[int] = frozenset(), joined: set[int] = frozenset()) -> Change:  # type: ignore[assignment]
    return Change(1, 2, 1, tuple(sorted(moved)), tuple(sorted(left)), tuple(sorted(joined)))


def apart(ties: Ties, one: int, other: int) -> bool:
    assert ties.keep_apart([one], [other]) == ties.keep_apart([other], [one])
    assert ties.keep_apart([one], {other}) == (other in set(ties.apart_from(one)))
    return ties.keep_apart([one], [other])


def test_of_two_corrections_that_contradict_each_other_the_later_holds() -> None:
    ties = Ties([change({1, 2}, left={3, 4}), change({1}, joined={3})])
    assert not apart(ties, 1, 3)
    assert [apart(ties, *pair) for pair in ((1, 4), (2, 3), (2, 4))] == [True] * 3
    assert {1, 3} <= ties.together_with(1)
    ties = Ties([change({1, 2}, joined={3}), change({3}, left={1, 2})])
    assert ties.together_with(1) == {1, 2}
    assert ties.together_with(3) == {3}
    assert apart(ties, 1, 3)


def test_nobody_is_tied_by_corrections_of_others() -> None:
    ties = Ties([change({1}, left={2}, joined={3})])
    assert ties.together_with(9) == set()
    assert list(ties.apart_from(9)) == []
    assert not ties.keep_apart([9, 8], {1, 2, 3})
    assert not Ties().keep_apart([1], [2])


SIDES = st.sets(st.integers(1, 7), min_size=1, max_size=4)


@given(st.lists(st.tuples(SIDES, SIDES, SIDES, st.sampled_from(("merge", "split", "move"))), max_size=6))
def test_ties_say_of_each_pair_what_was_said_of_it_last(
    asked: list[tuple[set[int], set[int], set[int], str]],
) -> None:
    """Against the same rule written for single pairs: apart is what was parted and not put together since."""
    changes: list[Change] = []
    parted: set[frozenset[int]] = set()
    for moved, left, joined, kind in asked:
        left, joined = left - moved, joined - moved - left
        made = change(
            moved, left=left if kind != "merge" else set(), joined=joined if kind != "split" else set()
        )
        changes.append(made)
        together = {*made.moved, *made.joined}
        parted -= {frozenset(pair) for pair in combinations(together, 2)}
        parted |= {frozenset((a, b)) for a in made.moved for b in made.left}
    ties = Ties(changes)
    for one, other in combinations(range(1, 8), 2):
        assert apart(ties, one, other) == (frozenset((one, other)) in parted)
    if changes:
        last = changes[-1]
        assert {*last.moved, *last.joined} <= ties.together_with(last.moved[0])


def test_a_window_puts_what_an_editor_said_before_its_scores() -> None:
    wire, copy, own, tunnel = described(
        [
            article(1, "Glacier lake bursts above Skarholt", FLOOD_WIRE),
            article(2, "Glacier lake bursts", FLOOD_WIRE, publisher="Meridian Post", hours=1),
            article(3, "No warning in Skarholt", FLOOD_OWN, publisher="The Dispatch", hours=2),
            article(4, "Harbour tunnel opens late", TUNNEL, hours=3),
        ]
    )

    def stories(*changes: Change) -> dict[int, int]:
        plan = Window(ties=Ties(changes)).assign([wire, copy, own, tunnel], now=START)
        return {p.article_id: p.story_id for p in plan.placements}

    assert stories() == {1: 1, 2: 1, 3: 1, 4: 4}
    assert stories(change({3}, left={1, 2})) == {1: 1, 2: 1, 3: 3, 4: 4}
    assert stories(change({2}, left={1, 3})) == {1: 1, 2: 2, 3: 1, 4: 4}  # even a copy
    assert stories(change({4}, joined={1})) == {1: 1, 2: 1, 3: 1, 4: 1}
    assert stories(change({3}, left={1, 2}, joined={4})) == {1: 1, 2: 1, 3: 3, 4: 3}
