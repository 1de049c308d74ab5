"""Times in a text, and the date of its event."""

from __future__ import annotations

import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.stories.times import day_of_dateline, event_of, times_in

TODAY = date(2025, 3, 11)  # a Tuesday


def meant(text: str, language: str = "en") -> list[tuple[str, str, str]]:
    return [
        (t.words, t.first.isoformat(), t.last.isoformat()) for t in times_in([text], language, today=TODAY)
    ]


def event(text: str, *, dateline: str | None = None) -> str | None:
    """The words of the day on which the news of a text happened."""
    paragraphs = text.split("\n")
    times = times_in(paragraphs, "en", today=TODAY, dateline=dateline)
    found = event_of(times, paragraphs, "en", today=TODAY, dateline=dateline)
    return found and found.words


def day(words: str, iso: str) -> tuple[str, str, str]:
    return (words, iso, iso)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "They met on Monday.", day("Monday", "2025-03-10")),
        ("en", "They met on Tuesday.", day("Tuesday", "2025-03-11")),
        ("en", "They will meet on Monday.", day("Monday", "2025-03-17")),
        ("en", "It is closed until Friday.", day("Friday", "2025-03-14")),
        ("en", "The service will be held in the old church on Thursday.", day("Thursday", "2025-03-13")),
        ("en", "They met last Tuesday.", day("last Tuesday", "2025-03-04")),
        ("en", "He met Brandt on Mar. 5.", day("Mar. 5", "2025-03-05")),
        ("en", "It was slated to end on July 8.", day("July 8", "2025-07-08")),
        ("en", "They met on November 12.", day("November 12", "2024-11-12")),
        ("en", "the Feb. 6-22 games", ("Feb. 6-22", "2025-02-06", "2025-02-22")),
        ("en", "They met last week.", ("last week", "2025-03-03", "2025-03-09")),
        ("en", "to 5 percent by 2035", ("2035", "2035-01-01", "2035-12-31")),
        ("en", "in the 1990s", ("the 1990s", "1990-01-01", "1999-12-31")),
        ("en", "two years ago", ("two years ago", "2023-01-01", "2023-12-31")),
        ("en", "signed in November 2024", ("November 2024", "2024-11-01", "2024-11-30")),
        ("en", "Friday, August 21, 2015", day("Friday, August 21, 2015", "2015-08-21")),
        ("de", "Das Treffen begann am Montagabend.", day("Montagabend", "2025-03-10")),
        ("de", "Am Sonntag wollen sie tagen.", day("Sonntag", "2025-03-16")),
        ("de", "am 5. März 2024", day("5. März 2024", "2024-03-05")),
        ("de", "vor drei Tagen", day("vor drei Tagen", "2025-03-08")),
        ("fr", "lundi dernier", day("lundi dernier", "2025-03-10")),
        ("fr", "il y a trois jours", day("il y a trois jours", "2025-03-08")),
        ("es", "el 5 de marzo de 2024", day("5 de marzo de 2024", "2024-03-05")),
        ("it", "la scorsa settimana", ("la scorsa settimana", "2025-03-03", "2025-03-09")),
        ("pt", "há três dias", day("há três dias", "2025-03-08")),
        ("nl", "drie dagen geleden", day("drie dagen geleden", "2025-03-08")),
        ("sv", "för tre dagar sedan", day("för tre dagar sedan", "2025-03-08")),
        ("ru", "три дня назад", day("три дня назад", "2025-03-08")),
        ("pl", "w zeszłym tygodniu", ("w zeszłym tygodniu", "2025-03-03", "2025-03-09")),
        ("tr", "üç gün önce", day("üç gün önce", "2025-03-08")),
        ("ar", "الأسبوع الماضي", ("الأسبوع الماضي", "2025-03-03", "2025-03-09")),
        ("ko", "지난 5일 열렸다", day("5일", "2025-03-05")),
        ("ko", "오는 20일", day("20일", "2025-03-20")),
        ("ko", "지난주", ("지난주", "2025-03-03", "2025-03-09")),
        ("ja", "3月5日に", day("3月5日", "2025-03-05")),
        ("zh", "上周五", day("上周五", "2025-03-07")),
    ],
)
def test_a_time_is_reckoned_from_the_day_of_publication(language, text, expected):
    assert expected in meant(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2000 people may march on"),
        ("en", "a 1945 kg load and the month of sundays"),
        ("de", "am Morgen danach"),
        ("es", "por la mañana"),
        ("ko", "3일간 이어진 3년간의 협상"),
        ("ja", "3日間の協議"),
    ],
)
def test_what_only_looks_like_a_time_is_none(language, text):
    assert meant(text, language) == []


def test_the_day_of_a_statement_is_told_from_the_day_of_the_event():
    text = "The two sides met in Varga on Monday, the ministry said Tuesday."
    times = times_in([text], "en", today=TODAY)
    assert [(t.words, t.is_printing) for t in times] == [("Monday", False), ("Tuesday", True)]
    assert event(text) == "Monday"


def test_an_event_is_never_the_day_of_printing_by_itself():
    assert event("Friday, March 7, 2025\nThe port of Varga has a new crane, and it is tall.") is None
    line = "VARGA, March 10 (CW)"
    assert event(f"{line} — The crane is tall.", dateline=line) is None


def test_what_is_to_come_or_long_past_is_no_event():
    for text in (
        "The crane will open on Friday.",
        "The contract was signed in November 2024.",
        "It opened on January 2.",
    ):
        assert event(text) is None


def test_what_a_relative_clause_recalls_is_no_event():
    text = "Police questioned Hale, who resigned on Friday, about the radios. They searched his office on Monday."
    assert event(text) == "Monday"


def test_a_statement_is_the_event_where_nothing_else_is():
    assert event("The ministry said on Monday that it would not pay.") == "Monday"


def test_a_dateline_sets_the_day_that_weekdays_are_reckoned_from():
    assert day_of_dateline("VARGA, March 9 (CW)", "en", today=TODAY) == date(2025, 3, 9)
    assert day_of_dateline("VARGA (CW)", "en", today=TODAY) == TODAY
    assert day_of_dateline("VARGA, Aug. 9", "en", today=TODAY) == TODAY


_PIECES = st.sampled_from(
    ["Monday", "Feb. 29", "31 April", "99", "2024", "9999", "0000-00-00", "12월", "31일", "二月", "in ", "last ", "week", " ", ", ", "-", "ago", "9" * 30, "İ", "montag", "1,"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(_PIECES, max_size=40).map("".join),
    st.sampled_from(["en", "de", "fr", "ko", "ja", "zh", "tr", "pl", "xx", None]),
    st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31)),
)
def test_every_time_is_verbatim_and_in_order(text, language, today):
    times = times_in([text], language, today=today)
    assert all(text[t.start : t.end] == t.words != "" and t.first <= t.last for t in times)
    assert all(a.end <= b.start for a, b in pairwise(times))
    event_of(times, [text], language, today=today)


@pytest.mark.parametrize("piece", ["in 2024 ", "Monday ", "May ", "1 ", "two ", "last ", "5일 ", "1" * 50])
@pytest.mark.parametrize("language", ["en", "de", "ko"])
def test_long_texts_take_no_more_than_their_length(piece, language):
    started = time.process_time()
    times_in([piece * 4_000], language, today=TODAY)
    assert time.process_time() - started < 5.0
