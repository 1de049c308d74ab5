"""The front page's order, and a story's timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.stories.ranking import HALF_LIFE_HOURS, Report, StoryFacts, rank

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def facts(*reports: tuple[float, int] | tuple[float, int, bool]) -> StoryFacts:
    """A story of (hours after noon, publisher, is a copy)."""
    return StoryFacts(
        1, tuple(Report(NOON + timedelta(hours=r[0]), r[1], bool(r[2:] and r[2])) for r in reports)
    )


def test_more_independent_publishers_rank_higher_than_more_reports_of_one() -> None:
    five = facts(*((0, publisher) for publisher in range(5)))
    chatty = facts(*((0, 1) for _ in range(9)))
    assert rank(five).rank > rank(chatty).rank


def test_wire_copies_count_little() -> None:
    own = facts((0, 1), (0, 2))
    copied = facts((0, 1), (0, 2, True), (0, 3, True), (0, 4, True))
    assert rank(own).rank > rank(copied).rank > rank(facts((0, 1))).rank


def test_publishers_of_one_owner_and_texts_of_one_agency_are_one_voice() -> None:
    apart = facts((0, 1), (0, 2), (0, 3))
    owned = rank(apart, owners={1: "Harbour Media", 2: "Harbour Media"})
    assert rank(apart).rank > owned.rank == pytest.approx(rank(facts((0, 1), (0, 1), (0, 3))).rank)
    assert owned.reasons[0] == "2 independent reports"
    wire = StoryFacts(1, tuple(Report(NOON, n, agency="Concord Wire") for n in (1, 2, 3)))
    assert rank(wire, owners={3: "Concord Wire"}).reasons[0] == "1 independent report"


def test_a_half_life_later_is_worth_twice_the_publishers() -> None:
    assert rank(facts((HALF_LIFE_HOURS, 1))).rank == pytest.approx(rank(facts((0, 1), (0, 2))).rank)


def test_a_report_never_lowers_a_story() -> None:
    story = facts((0, 1), (1, 2))
    assert rank(facts((0, 1), (1, 2), (0.5, 2))).rank > rank(story).rank


@given(
    st.lists(st.tuples(st.floats(0, 400), st.integers(1, 6), st.booleans()), min_size=1, max_size=20),
    st.floats(-900, 900),
)
def test_shifting_all_times_shifts_every_rank_alike_so_the_order_needs_no_clock(
    reports: list[tuple[float, int, bool]], shift: float
) -> None:
    moved = [(hours + shift, publisher, copy) for hours, publisher, copy in reports]
    assert rank(facts(*moved)).rank - rank(facts(*reports)).rank == pytest.approx(
        shift / HALF_LIFE_HOURS, abs=1e-4
    )


def test_the_reasons_say_why_in_words() -> None:
    story = facts((0, 1), (1, 2), (30, 3), (31, 4), (33, 1), (33, 5, True))
    assert rank(story).reasons == (
        "4 independent reports",
        "3 new reports in six hours",
        "1 wire copy folded",
        "last report 3 March 2026, 21:00 UTC",
    )
    assert rank(facts((0, 1))).reasons == ("1 independent report", "last report 2 March 2026, 12:00 UTC")
