"""Bursts: what is on more articles than usual, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.model import Activity, TagActivity, TagReport
from tidings.stories.trends import DAYS, bursting_days, bursts

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
TOTALS = (100,) * DAYS


def reports(*stories: int | None, first_id: int = 1, publishers: int = 5) -> tuple[TagReport, ...]:
    return tuple(
        TagReport(first_id + i, 1 + i % publishers, story_id, NOW) for i, story_id in enumerate(stories)
    )


def tag(slug: str, *last: int, before: int = 0, story: int | None = 7, **given: int) -> TagActivity:
    days = (before,) * (DAYS - len(last)) + last
    return TagActivity(((slug, slug.title()),), days, reports(*(story,) * last[-1], **given))


def test_a_planted_burst_is_found_with_its_length_its_usual_rate_and_its_story() -> None:
    steady, quiet = tag("economy", 9, before=9, first_id=500), tag("weather", 1, before=1, first_id=900)
    planted = tag("glacier", 14, 12, before=1)
    (burst,) = bursts(Activity(TOTALS, (steady, planted, quiet)))
    assert burst.tags == (("glacier", "Glacier"),)
    assert (burst.day_count, burst.count, burst.usual, burst.publishers) == (2, 26, 1.0, 5)
    assert (burst.story_id, burst.story_share) == (7, 1.0)


def test_a_busy_day_is_no_burst_of_what_always_is_a_share_of_it() -> None:
    busy = (*TOTALS[:-1], 500)
    assert bursts(Activity(busy, (tag("economy", 50, before=10),))) == []


def test_a_new_hashtag_bursts_by_four_reports_and_not_by_three() -> None:
    assert bursts(Activity(TOTALS, (tag("eruption", 3),))) == []
    assert len(bursts(Activity(TOTALS, (tag("eruption", 4),)))) == 1


def test_one_publisher_alone_makes_no_burst() -> None:
    assert bursts(Activity(TOTALS, (tag("series", 9, publishers=1),))) == []


def test_a_burst_that_is_over_is_none() -> None:
    assert bursts(Activity(TOTALS, (tag("glacier", 20, 18, 0, 1, before=1),))) == []


def test_without_days_of_history_nothing_bursts() -> None:
    young = (*(0,) * (DAYS - 3), 100, 100, 100)
    assert bursts(Activity(young, (tag("glacier", 30),))) == []


def test_hashtags_of_the_same_articles_are_told_as_one() -> None:
    same = (tag("glacier", 12), tag("skarholt", 10), tag("kestrel", 5, first_id=100, story=None))
    glacier, kestrel = bursts(Activity(TOTALS, same))
    assert [slug for slug, _ in glacier.tags] == ["glacier", "skarholt"]
    assert kestrel.story_id is None


def test_a_pair_bursts_only_where_neither_of_its_hashtags_does() -> None:
    pair = TagActivity(
        (("compact", "Compact"), ("hanbit", "Hanbit")), (0,) * (DAYS - 1) + (6,), reports(*(7,) * 6)
    )
    ordinary = (tag("compact", 10, before=10), tag("hanbit", 8, before=8))
    (burst,) = bursts(Activity(TOTALS, (*ordinary, pair)))
    assert burst.tags == pair.tags
    (burst,) = bursts(Activity(TOTALS, (tag("compact", 40, before=2), ordinary[1], pair)))
    assert burst.tags == (("compact", "Compact"),)


@pytest.mark.parametrize(
    ("last", "length"), [((9,), 1), ((9, 9, 9), 3), ((9, 1, 9), 3), ((9, 0, 0, 0, 9), 1)]
)
def test_a_burst_lasts_through_one_quiet_day_and_not_through_three(
    last: tuple[int, ...], length: int
) -> None:
    days = (1,) * (DAYS - len(last)) + last
    assert bursting_days(days, TOTALS, quiet=0.01) == length


@given(st.lists(st.integers(0, 60), min_size=DAYS, max_size=DAYS), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_any_history_is_read_without_a_fault(days: list[int], more: int) -> None:
    totals = tuple(n + more for n in days)
    activity = TagActivity((("a", "A"),), tuple(days), reports(*(None,) * days[-1]))
    for burst in bursts(Activity(totals, (activity,))):
        assert 1 <= burst.day_count <= DAYS
        assert burst.count == sum(days[-burst.day_count :])
        assert burst.strength > 0
