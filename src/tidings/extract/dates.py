"""What pages write where a time belongs → aware UTC times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dateutil import parser as dateutil_parser

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_FUTURE_SLACK = timedelta(days=1)

_ISO = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T _]+(\d{1,2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{1,2}:?(?:\d{2})?)?(?:\[.*\])?$",
    re.I,
)
_NUMERIC = re.compile(r"^\d{1,2}[./]\d{1,2}[./]\d{4}")
_CLOCK = re.compile(r"\d:\d")
_RFC_2822 = re.compile(r"^(?:\w{3},\s*)?\d{1,2} \w{3} \d{4} \d{1,2}:\d{2}")
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_ZONE = re.compile(r"(?:[+-]\d{2}:?\d{2}|\b(?:Z|UTC|GMT|E[SD]T|C[SD]T|M[SD]T|P[SD]T|CES?T|BST|KST|JST))\s*$")
_ABBREVIATIONS = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2,
    "BST": 1, "KST": 9, "JST": 9,
}  # fmt: skip
_DATE_IN_PATH = re.compile(
    r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)|/((?:20)\d{2})(\d{2})(\d{2})(?=/)"
)


_MONTH_WORDS = """
    january jan januar jänner janvier janv enero ene gennaio gen janeiro stycznia styczeń januari января
    february feb februar février févr fév febrero febbraio fevereiro fev lutego luty februari февраля
    march mar märz mär mars marzo março maart marca marzec марта
    april apr avril avr abril abr aprile kwietnia kwiecień апреля
    may mai mayo maggio mag maio mei maj maja мая
    june jun juni juin junio giugno giu junho czerwca czerwiec июня
    july jul juli juillet juil julio luglio lug julho lipca lipiec июля
    august aug août agosto ago augustus sierpnia sierpień augusti августа
    september sep sept septembre septiembre settembre set setembro września wrzesień сентября
    october oct oktober okt octobre octubre ottobre ott outubro out października październik октября
    november nov novembre noviembre novembro listopada listopad ноября
    december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia grudzień декабря
"""
_MONTHS = {
    word: number for number, line in enumerate(_MONTH_WORDS.strip().splitlines(), 1) for word in line.split()
}
_CLOCK_IN_TEXT = (
    r"(?:\s*[,|/·•–-]?\s*(?:(?:at|um|à|às|a las|alle|ore|kl\.)\s+)?(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?(?:\s*(?P<zone>Z\b|[A-Z]{3,4}\b|[+-]\d{2}:?\d{2}))?)?"
)
_DATES_IN_TEXT = [
    re.compile(pattern + _CLOCK_IN_TEXT, re.I)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<day>\d{2})(?:T(?=\d))?",
        r"(?<!\d)(?P<day>\d{1,2})(?:\.|st\b|nd\b|rd\b|th\b|er\b|º)?,?\s+(?:de\s+|of\s+|d['’])?(?P<word>[^\W\d_]{3,12})\.?,?"
        r"\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d{2})(?!\d)",
        r"\b(?P<word>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d{2})(?!\d)",
        r"(?<![\d.])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d{2}|\d{2})(?![\d.])",
        r"(?<!\d)(?P<year>(?:19|20)\d{2})\s?[.年년/]\s?(?P<month>\d{1,2})\s?[.月월/]\s?(?P<day>\d{1,2})(?:\s?[.日일])?(?!\d)",
    )
]


@dataclass(frozen=True, slots=True)
class Stated:
    """A time as a page states it, in UTC; `exact` when it had a clock time and a zone (without one it was read as UTC).

    in_text: read in a line of text, which no markup calls a time of publication.
    """

    at: datetime
    exact: bool
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A date that stands in a text from `start` to `end`, and what it says in ISO 8601."""

    start: int
    end: int
    iso: str


def dates_in(text: str) -> Iterator[Written]:
    """Yield the dates in a text, in its order: numbers with the day or the year first, months in ten languages' words.

    With slashes nobody can tell the day from the month, so 3/5/2026 is none.
    """
    found = [match for pattern in _DATES_IN_TEXT for match in pattern.finditer(text[:2000])]
    last = 0
    for match in sorted(found, key=lambda m: (m.start(), -m.end())):
        iso = _iso_of(match) if match.start() >= last else None
        if iso:
            last = match.end()
            yield Written(match.start(), last, iso)


def _iso_of(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = _MONTHS.get(parts["word"].lower()) if parts.get("word") else int(parts["month"])
    if not month or month > 12:
        return None
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    day = f"{year}-{month:02}-{int(parts['day']):02}"
    if not parts["hour"]:
        return day
    hour = int(parts["hour"])
    if parts["half"]:
        hour = hour % 12 + (12 if parts["half"].lower() == "p" else 0)
    zone = parts["zone"] or ""
    hours = _ABBREVIATIONS.get(zone.upper())
    return f"{day}T{hour:02}:{parts['minute']}:{parts['second'] or '00'}" + (
        f"{hours:+03}:00" if hours is not None else zone if re.match(r"[Z+-]|UTC|GMT", zone) else ""
    )


def stated_time(text: str, *, latest: datetime) -> Stated | None:
    """Return the time that text states, or None when there is none or it cannot be.

    ISO 8601 in its lax forms, RFC 2822, seconds or milliseconds since 1970, and dates written out.  A time without a zone
    is read as UTC, a date as its midnight.  Before 1990 or more than a day after `latest` is None.
    """
    text = text.strip()
    if not 6 <= len(text) <= 80:
        return None
    found = _iso(text) or _epoch(text) or _written(text) or _in_words(text)
    if found is None or not EARLIEST <= found.at <= latest + _FUTURE_SLACK:
        return None
    return found


def _iso(text: str) -> Stated | None:
    match = _ISO.match(text)
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        at = datetime(
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),
            tzinfo=UTC,
        )
        return Stated(at - _offset(zone), exact=hour is not None and zone is not None)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits[:2]), int(digits[2:] or 0))
    return (timedelta(hours=hours, minutes=minutes)) * (-1 if zone[0] == "-" else 1)


def _epoch(text: str) -> Stated | None:
    if not _EPOCH.match(text):
        return None
    return Stated(datetime.fromtimestamp(int(text[:10]), tz=UTC), exact=True)


def _written(text: str) -> Stated | None:
    """Read RFC 2822 and dates in English words; a text without year, month and day is None."""
    if not re.search(r"\d{4}", text) or not re.search(r"[^\W\d_]{3}|\d[./]\d", text):
        return None
    if _NUMERIC.match(text):
        return _day_first(text)
    try:
        at = parsedate_to_datetime(text) if _RFC_2822.match(text) else _in_english(text)
        if at is None:
            return None
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, IndexError, TypeError, OverflowError, AttributeError):
        return None
    return Stated(at, exact=bool(_CLOCK.search(text) and _ZONE.search(text)))


def _in_words(text: str) -> Stated | None:
    return next((found for date in dates_in(text) if (found := _iso(date.iso))), None)


def _in_english(text: str) -> datetime | None:
    def offset_s(name: str | None, offset: int | None) -> int | None:
        hours = _ABBREVIATIONS.get(name or "")
        return offset if offset is not None else hours * 3600 if hours is not None else None

    # What the text leaves out is filled in from a default: with two of them, a text without a full date differs.
    first, second = (
        dateutil_parser.parse(text, default=datetime(year, month, day), tzinfos=offset_s)  # noqa: DTZ001
        for year, month, day in ((1904, 1, 1), (1908, 2, 2))
    )
    return first if first == second else None


def _day_first(text: str) -> Stated | None:
    """Read 05.03.2020: with dots the day comes first everywhere; with slashes nobody can tell, unless one is over 12."""
    match = re.match(r"^(\d{1,2})([./])(\d{1,2})\2(\d{4})(?:\D+(\d{1,2}):(\d{2}))?", text)
    if not match:
        return None
    day, month = int(match[1]), int(match[3])
    if match[2] == "/" and day <= 12:
        if month <= 12 and month != day:
            return None
        day, month = (month, day) if month > 12 else (day, month)
    try:
        return Stated(
            datetime(int(match[4]), month, day, int(match[5] or 0), int(match[6] or 0), tzinfo=UTC),
            exact=False,
        )
    except ValueError:
        return None


def first_stated(texts: Iterable[str], *, latest: datetime) -> Stated | None:
    """Return the first exact time among texts, in their order of trust; else the first of any kind."""
    best: Stated | None = None
    for text in texts:
        found = stated_time(text, latest=latest)
        if found and (
            best is None or (found.exact and not best.exact and abs(found.at - best.at) < timedelta(days=2))
        ):
            best = found
            if best.exact:
                break
    return best


def date_in_url(url: str, *, latest: datetime) -> Stated | None:
    """Return the day that an address names (/2026/03/05/), midnight UTC."""
    match = _DATE_IN_PATH.search(url)
    if not match:
        return None
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
    return stated_time(f"{year}-{int(month):02}-{int(day):02}", latest=latest)
