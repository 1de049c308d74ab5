"""Ages, counts and health, as people say them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.model import Feed, Period, Problem
from tidings.web import words

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
FEED = Feed(
    id=1,
    publisher_id=1,
    url="https://example.org/feed.xml",
    title="Example",
    site_url=None,
    status="active",
    full_text=True,
    interval_s=1800,
    next_poll_at=NOW + timedelta(minutes=20),
    created_at=NOW - timedelta(days=9),
    last_polled_at=NOW - timedelta(minutes=10),
    last_changed_at=NOW - timedelta(hours=2),
    last_status=304,
)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=50), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=18, minutes=5), "18 hours ago"),
        (timedelta(hours=23, minutes=45), "1 day ago"),
        (timedelta(days=4), "4 days ago"),
        (timedelta(days=40), "2 February"),
        (timedelta(days=400), "7 February 2025"),
        (timedelta(minutes=-5), "in 5 minutes"),
        (timedelta(seconds=-5), "in a moment"),
    ],
)
def test_an_age_is_said_in_the_largest_unit_that_fits(ago: timedelta, said: str) -> None:
    assert words.age(NOW - ago, NOW) == said


@given(st.timedeltas(min_value=timedelta(days=-3000), max_value=timedelta(days=3000)))
def test_no_age_ever_says_zero_of_something(ago: timedelta) -> None:
    assert not words.age(NOW - ago, NOW).startswith(("0 ", "in 0 "))


def test_an_exact_time_names_the_day_and_the_zone() -> None:
    assert words.exact(datetime(2025, 6, 28, 14, 5, tzinfo=UTC)) == "Saturday 28 June 2025, 14:05 UTC"


def test_days_near_now_have_names() -> None:
    days = [words.day(NOW - timedelta(days=n), NOW) for n in (0, 1, 2, 400)]
    assert days == ["Today", "Yesterday", "Thursday 12 March", "Friday 7 February 2025"]


@pytest.mark.parametrize(("count", "said"), [(1, "once"), (2, "twice"), (3, "three times"), (12, "12 times")])
def test_times_are_counted_as_people_do(count: int, said: str) -> None:
    assert words.times(count) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((1, 1, 1), "One report"),
        ((9, 4, 12), "9 publishers, 4 independent reports"),
        ((2, 1, 2), "2 publishers, 1 independent report"),
    ],
)
def test_coverage_tells_publishers_from_reports(counts: tuple[int, int, int], said: str) -> None:
    publishers, reports, articles = counts
    assert words.coverage(publishers, reports, articles) == said


def test_long_lists_of_names_end_with_how_many_more() -> None:
    assert words.listed([]) == ""
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B"]) == "A and B"
    assert words.listed(["A", "B", "C", "D"]) == "A, B, C and D"
    assert words.listed(["A", "B", "C", "D", "E", "F"]) == "A, B, C and 3 others"


def test_a_slug_keeps_letters_of_every_script() -> None:
    assert words.slug("Côte d’Azur: fire, again!") == "côte-dazur-fire-again"
    assert words.slug("우주 직통망 합의했지만…") == "우주-직통망-합의했지만"
    assert words.slug("“…”") == "untitled"


@given(st.text())
def test_a_slug_is_short_and_names_itself(text: str) -> None:
    slug = words.slug(text)
    assert 0 < len(slug) <= 80
    assert words.slug(slug) == slug
    assert not set(slug) & set("/?#% ")


@pytest.mark.parametrize(
    ("feed", "state", "next_visit"),
    [
        (FEED, "Well", "Next visit in 20 minutes, every 30 minutes."),
        (replace(FEED, last_polled_at=None, next_poll_at=NOW), "New", "The next visit is due now."),
        (replace(FEED, next_poll_at=NOW + timedelta(hours=7)), "Well", "Next visit in 7 hours."),
        (replace(FEED, status="paused"), "Paused", "Paused: it is not visited until you resume it."),
        (replace(FEED, status="gone"), "Gone", "It is not visited any more."),
        (
            replace(FEED, last_changed_at=NOW - timedelta(days=90)),
            "Silent",
            "Next visit in 20 minutes, every 30 minutes.",
        ),
        (
            replace(FEED, failures=1, problem=Problem("unreachable", "No answer.")),
            "Trouble",
            "Next visit in 20 minutes, every 30 minutes.",
        ),
        (
            replace(FEED, failures=5, problem=Problem("unreachable", "No answer.")),
            "Failing",
            "Next visit in 20 minutes, every 30 minutes.",
        ),
    ],
)
def test_a_feeds_state_and_next_visit_are_said(feed: Feed, state: str, next_visit: str) -> None:
    assert (words.feed_state(feed, NOW), words.feed_next(feed, NOW)) == (state, next_visit)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "Answered 10 minutes ago."),
        (304, "Answered: nothing new, 10 minutes ago."),
        (500, "Answered with status 500, 10 minutes ago."),
        (None, "No answer 10 minutes ago."),
    ],
)
def test_a_feeds_last_answer_is_said(status: int | None, said: str) -> None:
    assert words.feed_answer(replace(FEED, last_status=status), NOW) == said


@pytest.mark.parametrize(
    "code", ["unreachable", "throttled", "refused", "gone", "bad-reply", "parse", "something-new"]
)
def test_every_problem_comes_with_what_to_do(code: str) -> None:
    for failures in (1, 9):
        feed = replace(FEED, failures=failures, problem=Problem(code, "It did not work."))
        assert words.feed_remedy(feed).endswith(".")
    assert words.feed_remedy(FEED) == ""


def test_a_stretch_of_time_is_said_as_people_say_it() -> None:
    def at(year: int, month: int, day: int) -> datetime:
        return datetime(year, month, day, tzinfo=UTC)

    said = [
        (at(2024, 3, 1), at(2024, 4, 1), "in March 2024"),
        (at(2024, 3, 5), at(2024, 3, 6), "on 5 March 2024"),
        (at(2019, 1, 1), at(2020, 1, 1), "in 2019"),
        (at(2026, 11, 16), at(2026, 11, 23), "from 16 November 2026 to 22 November 2026"),
        (at(2026, 11, 16), None, "since 16 November 2026"),
        (None, at(2020, 1, 1), "before 1 January 2020"),
        (None, None, "at any time"),
    ]
    assert [words.period(Period(since, until)) for since, until, _ in said] == [text for _, _, text in said]


def test_a_headline_of_one_word_takes_no_page_s_address() -> None:
    assert [words.page_slug(text) for text in ("Ask", "New", "News")] == ["ask-", "new-", "news"]
