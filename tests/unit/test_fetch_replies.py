"""What heads mean: freshness, dates, joined headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.fetch.problems import in_words, status_failure
from tidings.fetch.replies import fresh_for_s, headers_of, http_date, retry_after_s

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, None),
        ({"cache-control": "public"}, None),
        ({"cache-control": "max-age=600"}, 600.0),
        ({"cache-control": 'public, Max-Age="600", must-revalidate'}, 600.0),
        ({"cache-control": "max-age = 600"}, 600.0),
        ({"cache-control": "max-age=600, max-age=5"}, 600.0),
        ({"cache-control": "max-age=600", "expires": date(5)}, 600.0),
        ({"cache-control": "max-age=600", "age": "100"}, 500.0),
        ({"cache-control": "max-age=600", "age": "700"}, 0.0),
        ({"cache-control": "max-age=600", "age": "-7"}, 600.0),
        ({"cache-control": "s-maxage=900"}, None),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "no-store"}, 0.0),
        ({"cache-control": "max-age=31536000"}, 86_400.0),
        ({"cache-control": "max-age=" + "9" * 300}, 86_400.0),
        ({"cache-control": "max-age=soon"}, None),
        ({"cache-control": "max-age"}, None),
        ({"cache-control": "max-age=-1"}, None),
        ({"cache-control": 'private="max-age=5", max-age=600'}, 600.0),
        ({"expires": date(300)}, 300.0),
        ({"expires": date(3900), "date": date(3600)}, 300.0),
        ({"expires": date(-300)}, 0.0),
        ({"expires": "0"}, 0.0),
        ({"expires": "-1"}, 0.0),
        ({"expires": "Thu, 99 Foo 2026"}, 0.0),
        ({"expires": date(300), "age": "100"}, 200.0),
    ],
)
def test_freshness_is_read_as_the_standard_says(headers: dict[str, str], fresh: float | None) -> None:
    assert fresh_for_s(headers, now=NOW) == fresh


@pytest.mark.parametrize(
    "written",
    [
        "Sun, 01 Mar 2026 12:00:00 GMT",
        "Sunday, 01-Mar-26 12:00:00 GMT",
        "Sun Mar  1 12:00:00 2026",
        " Sun, 01 Mar 2026 13:00:00 +0100 ",
        "Sun, 1 Mar 2026 12:00:00 UT",
    ],
)
def test_dates_of_every_form_are_read(written: str) -> None:
    assert http_date(written) == NOW


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_header_breaks_the_reading(value: str) -> None:
    for name in ("cache-control", "expires", "age", "date", "retry-after"):
        headers = {"cache-control": "max-age=9", name: value}
        fresh = fresh_for_s(headers, now=NOW)
        assert fresh is None or 0 <= fresh <= 86_400
        assert 1 <= retry_after_s(headers, status=429, now=NOW) <= 7 * 86_400


@settings(deadline=None)
@given(
    st.from_regex(
        r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} ([+-][0-9]{4}|GMT)"
    )
)
def test_nothing_like_a_date_breaks_the_reading(value: str) -> None:
    moment = http_date(value)
    assert moment is None or moment.tzinfo is UTC


def test_repeated_headers_are_joined() -> None:
    pairs = [(b"Link", b"<a>; rel=hub"), (b"X", "größe".encode("latin-1")), (b"LINK", b"<b>; rel=self")]
    assert headers_of(pairs) == {"link": "<a>; rel=hub, <b>; rel=self", "x": "größe"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (59.6, "60 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (300, "5 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (86400, "24 hours"),
    ],
)
def test_spans_are_said_as_people_do(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize("status", range(100, 1000, 7))
def test_every_status_has_a_message_that_says_what_and_what_to_do(status: int) -> None:
    problem = status_failure("https://news.example/f", status, {}, host="news.example", now=NOW)
    first, _, remedy = problem.public_message.partition(". ")
    assert first.startswith("news.example ")
    assert str(status) in first
    assert remedy.endswith(".")
    assert problem.status == status
