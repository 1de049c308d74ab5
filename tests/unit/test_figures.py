"""Figures with their units and what they count."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.stories.figures import figures_in
from tidings.stories.times import times_in


def found(text: str, language: str = "en") -> list[tuple[str, str, str, str]]:
    return [(f.words, f"{f.value:f}", f.unit, f.counted) for f in figures_in([text], language)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "climbed to $457 billion in all", ("$457 billion", "457000000000", "USD", "")),
        ("en", "5 percent of GDP", ("5 percent of GDP", "5", "percent", "GDP")),
        (
            "en",
            "180 additional K2 tanks for them",
            ("180 additional K2 tanks", "180", "", "additional K2 tanks"),
        ),
        ("en", "3.5 percentage points will go", ("3.5 percentage points", "3.5", "percentage point", "")),
        ("en", "raised by 25 basis points", ("25 basis points", "25", "basis point", "")),
        ("en", "1,234.5 tonnes of steel", ("1,234.5 tonnes of steel", "1234.5", "t", "steel")),
        ("en", "two hundred off-duty staff", ("two hundred off-duty staff", "200", "", "off-duty staff")),
        ("en", "31 of 61 seats", ("31 of 61 seats", "31", "", "seats")),
        ("en", "US$5m and more", ("US$5m", "5000000", "USD", "")),
        ("en", "50,000 Canadian dollars", ("50,000 Canadian dollars", "50000", "CAD", "")),
        ("en", "₹500 crore", ("₹500 crore", "5000000000", "INR", "")),
        ("en", "5 lakh people", ("5 lakh people", "500000", "", "people")),
        ("de", "1.234,5 Tonnen", ("1.234,5 Tonnen", "1234.5", "t", "")),
        ("de", "2,4 Mrd. Euro", ("2,4 Mrd. Euro", "2400000000", "EUR", "")),
        ("de", "fünfundzwanzig Minuten", ("fünfundzwanzig Minuten", "25", "minute", "")),
        ("de", "elf Tote", ("elf Tote", "11", "", "Tote")),
        ("fr", "3,5 millions d'euros", ("3,5 millions d'euros", "3500000", "EUR", "")),
        ("fr", "1 500 personnes", ("1 500 personnes", "1500", "", "personnes")),
        ("es", "1.500 personas", ("1.500 personas", "1500", "", "personas")),
        ("ru", "3,5 млрд рублей", ("3,5 млрд рублей", "3500000000", "RUB", "")),
        ("pl", "5 proc.", ("5 proc.", "5", "percent", "")),
        ("tr", "yüzde 5", ("yüzde 5", "5", "percent", "")),
        ("ko", "선수는 2300여 명", ("2300여 명", "2300", "명", "선수")),
        ("ko", "1억1000만 크라운", ("1억1000만 크라운", "110000000", "크라운", "")),
        ("ko", "3조 5000억 원", ("3조 5000억 원", "3500000000000", "KRW", "")),
        ("ja", "1万3000人", ("1万3000人", "13000", "人", "")),
        ("zh", "百分之15", ("百分之15", "15", "percent", "")),
    ],
)
def test_a_number_is_read_with_its_unit_and_what_it_counts(language, text, expected):
    assert found(text, language) == [expected]


@pytest.mark.parametrize(
    ("text", "bound", "value", "high"),
    [
        ("at least 300 survivors", "at least", "300", None),
        ("about 300 survivors", "about", "300", None),
        ("up to 300 survivors", "at most", "300", None),
        ("between 2.4 and 3.1 billion crowns", "exact", "2400000000", "3100000000"),
        ("10-12 people", "exact", "10", "12"),
        ("four to five years", "exact", "4", "5"),
    ],
)
def test_ranges_and_qualifiers_are_kept(text, bound, value, high):
    (figure,) = figures_in([text], "en")
    assert (figure.bound, figure.value, figure.high) == (bound, Decimal(value), high and Decimal(high))


@pytest.mark.parametrize(
    "text",
    ["the 19th of them", "at 4.40 a.m. sharp", "Heron-3 fell", "Risk 7 is listed", "a score of 3-2", "the 2018 Winter Olympics", "a 13-year-old", "one of them", "at 6:30"],
)  # fmt: skip
def test_ordinals_hours_labels_scores_and_years_are_no_figures(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "loudspeakers for several hundred people"),
        ("en", "a couple of thousand ballots"),
        ("en", "argued over in every hundred ballots"),
        ("de", "ein paar hundert Menschen"),
        ("sv", "några hundra personer"),
        ("tr", "birkaç yüz kişi"),
        ("nl", "enkele honderd mensen"),
    ],
)
def test_words_for_an_unknown_number_or_a_rate_are_no_figures(language, text):
    assert figures_in([text], language) == ()


def test_numbers_inside_a_time_are_left_out():
    text = ["On Mar. 5 some 40 ships came, two years ago 30."]
    times = times_in(text, "en", today=date(2025, 3, 11))
    assert [f.words for f in figures_in(text, "en", times=times)] == ["some 40 ships", "30"]


_PIECES = st.sampled_from(
    ["1", "2,5", "3.141", "1.234.567", "9" * 40, "$", "€", " ", "%", "percent", " million", "조", "억 ", "명", "of", "seven", "-", " to ", "people", "İ", ",", ".", "년"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(_PIECES, max_size=40).map("".join),
    st.sampled_from(["en", "de", "fr", "ko", "ja", "zh", "tr", "th", "xx", None]),
)
def test_every_figure_is_verbatim_and_in_order(text, language):
    figures = figures_in([text], language)
    assert all(text[f.start : f.end] == f.words != "" for f in figures)
    assert all(a.end <= b.start for a, b in pairwise(figures))
    assert all(f.value.is_finite() and (f.high is None or f.high > f.value) for f in figures)


@pytest.mark.parametrize("piece", ["1 ", "1", "1,", "$1 ", "one ", "5 to ", "1억", "1 000 ", "seven "])
@pytest.mark.parametrize("language", ["en", "fr", "ko"])
def test_long_texts_take_no_more_than_their_length(piece, language):
    started = time.process_time()
    figures_in([piece * 5_000], language)
    assert time.process_time() - started < 5.0
