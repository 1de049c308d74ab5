"""Dates in words: which stretch of time a query names ("march 2024", "since monday", "letzte Woche", "2024년 3월").

Read in English, German, French, Spanish and Korean, and with the names of months in Italian, Portuguese and Dutch; years,
months and days in numbers as 2024-03-05 and as 2024년 3월 5일.  Days are whole ones in UTC.  A word that is a date in one
language and an everyday word in another ("hier") is none here, and neither is a month or a year that stands alone: "may"
and "2024" are words of many texts.  What stands between quotation marks is not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from babel.dates import get_month_names

from tidings.model import Period

_FIRST_YEAR = 1900
_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
_WEEKDAYS = (
    "monday montag lundi lunes", "tuesday dienstag mardi martes", "wednesday mittwoch mercredi miercoles",
    "thursday donnerstag jeudi jueves", "friday freitag vendredi viernes", "saturday samstag samedi sabado",
    "sunday sonntag dimanche domingo",
)  # fmt: skip
_KOREAN_DAYS = "월화수목금토일"
_COMMON_WORDS = frozenset(
    ("may", "march", "mar")
)  # of English: alone with a number they are no date ("may 20 people")

Days = tuple[date | None, date | None]  # the first day, and the day after the last


class _Named(NamedTuple):
    """Where in the query a stretch of time is named, and which."""

    start: int
    end: int
    days: Days


def period_in(text: str, now: datetime) -> tuple[Period, str, str] | None:
    """Return the stretch of time a query names, how it says it, and the query without that; None when it names none.

    The first one counts, or the two of "from … to …".
    """
    plain = _plain(text)
    found = _named(plain, now.astimezone(UTC).date())
    if not found:
        return None
    first = _between(plain, found[0], found[1]) if len(found) > 1 else None
    first = first or _related(plain, found[0])
    since, until = (_midnight(day) if day else None for day in first.days)
    if since and until and since >= until:
        return None
    left = " ".join(f"{text[: first.start]} {text[first.end :]}".split())
    return Period(since, until), " ".join(text[first.start : first.end].split()), left


_QUOTED = re.compile('["“”„«»][^"“”„«»]*["“”„«»]')


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _plain(text: str) -> str:
    """The text in small letters without accents, each character still in its place."""
    return "".join(_plain_character(c) for c in text)


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    # Hangul stays whole: taken apart, a syllable would become its first consonant.
    if character.isascii() or "\uac00" <= character <= "\ud7a3":
        lower = character.lower()
    else:
        lower = unicodedata.normalize("NFKD", character)[:1].lower()
    return lower if len(lower) == 1 else character


# ── what is named ────────────────────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                names.setdefault(_plain(name).rstrip("."), int(number))
    names["sept"] = 9
    return {name: number for name, number in names.items() if len(name) > 2}


_Reader = Callable[[re.Match[str], date], Days | None]


def _named(plain: str, today: date) -> list[_Named]:
    """Every stretch of time that is named outside quotation marks, in order; of those that overlap the longer expression."""
    taken = [match.span() for match in _QUOTED.finditer(plain)]
    found: list[_Named] = []
    for pattern, days_of, is_led in _readers():
        for match in pattern.finditer(plain):
            start, end = match.span()
            if any(start < until and since < end for since, until in taken):
                continue
            if is_led and _leading(plain, start) is None:
                continue
            days = days_of(match, today)
            if days:
                taken.append((start, end))
                found.append(_Named(start, end, days))
    return sorted(found)


@lru_cache(maxsize=1)
def _readers() -> tuple[tuple[re.Pattern[str], _Reader, bool], ...]:
    """What is looked for, the longer expressions first, how it is read, and whether a word must lead in ("in may")."""
    month = rf"(?P<month>{'|'.join(sorted(_months(), key=len, reverse=True))})\.?(?!\w)"
    year = r"(?P<year>(?:19|20)\d\d)(?![\w%]|[-.,]\d)"
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\.|º)?(?![\w%])"
    of = r"(?:\s+(?:of|de|del)\s+|,?\s*)"
    weekday = "|".join(name for names in _WEEKDAYS for name in names.split())
    stated: list[tuple[str, _Reader, bool]] = [
        (rf"\b{day}{of}{month}{of}{year}", _whole_date, False),
        (rf"\b{month}\s*{day},?\s+{year}", _whole_date, False),
        (
            r"(?<![\w-])(?P<year>(?:19|20)\d\d)-(?P<month>[01]?\d)-(?P<day>[0-3]?\d)(?![\w-])",
            _whole_date,
            False,
        ),
        (rf"(?<!\d){_CJK_YEAR}\s*{_CJK_MONTH}\s*{_CJK_DAY}", _whole_date, False),
        (rf"\b{month}{of}{year}", _whole_date, False),
        (r"(?<![\w-])(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)(?![\w-])", _whole_date, False),
        (rf"(?<!\d){_CJK_YEAR}\s*{_CJK_MONTH}", _whole_date, False),
        (rf"\b{day}{of}{month}", _last_such_date, False),
        (rf"\b{month}\s+{day}(?![.,]\d)", _last_such_date, False),
        (rf"(?<!\d){_CJK_MONTH}\s*{_CJK_DAY}", _last_such_date, False),
        (rf"\b{month}", _last_such_date, True),
        (rf"\b{year}", _whole_date, True),
        (rf"(?<!\d){_CJK_YEAR}", _whole_date, False),
        (rf"(?<!\d){_CJK_MONTH}(?!\s*\d)", _last_such_date, False),
        *((pattern, _some_time_ago, False) for pattern in _AGO),
        *((pattern, _last_so_many, False) for pattern in _SPANS),
        (rf"\b(?:last|letzten)\s+(?P<weekday>{weekday})\b", _last_such_weekday, False),
        (rf"\b(?P<weekday>{weekday})\s+(?:dernier|pasado)\b", _last_such_weekday, False),
        (rf"\b(?P<weekday>{weekday})\b", _last_such_weekday, True),
        (rf"(?:지난\s*)?(?P<weekday>[{_KOREAN_DAYS}])요일에?", _last_such_weekday, False),
        *((rf"(?<!\w)(?:{said})(?!\w)", _relative(unit, back), False) for said, unit, back in _RELATIVE),
    ]
    return tuple((re.compile(pattern), reader, is_led) for pattern, reader, is_led in stated)


_CJK_YEAR = r"(?P<year>(?:19|20)\d\d)\s*[년年]에?"
_CJK_MONTH = r"(?P<month>[01]?\d)\s*[월月]에?"
_CJK_DAY = r"(?P<day>[0-3]?\d)\s*[일日]에?"


def _number(match: re.Match[str], name: str) -> int | None:
    said = match.groupdict().get(name)
    if said is None:
        return None
    return int(said) if said.isdecimal() else _months()[said]


def _whole_date(match: re.Match[str], today: date) -> Days | None:
    year = _number(match, "year")
    if year is None or year > today.year + 1:
        return None
    return _days(year, _number(match, "month"), _number(match, "day"))


def _last_such_date(match: re.Match[str], today: date) -> Days | None:
    """A month, or a day of one, without its year: the last one that has begun."""
    month, day = _number(match, "month"), _number(match, "day")
    if day is not None and match["month"] in _COMMON_WORDS and match.group().startswith(match["month"]):
        return None  # "may 20 people"; "20 may" is a date
    for year in (today.year, today.year - 1):
        days = _days(year, month, day)
        if days and days[0] and days[0] <= today:
            return days
    return None


def _days(year: int, month: int | None, day: int | None) -> Days | None:
    """Return the whole year, month or day; None when there is no such one."""
    try:
        if month is None:
            return date(year, 1, 1), date(year + 1, 1, 1)
        if day is None:
            return date(year, month, 1), _month_after(date(year, month, 1))
        first = date(year, month, day)
    except ValueError:
        return None
    return first, first + timedelta(days=1)


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


# "3 days ago", "vor 3 Tagen", "il y a 3 jours", "hace 3 días", "3일 전"
_COUNT = r"(?P<count>\d{1,3}|one|two|three|a|einem|einer|zwei|drei|un|une|deux|trois|una|dos|tres)"
_UNIT = (
    r"(?P<unit>days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|semaines?|mois|ans?|annees?"
    r"|dias?|semanas?|mes|meses|anos?)\b"
)
_KOREAN_SPAN = r"(?P<count>\d{1,3})\s*(?P<unit>일|주|개월|달|년)"
_AGO = (
    rf"\b{_COUNT}\s+{_UNIT}\s+ago\b",
    rf"\b(?:vor|il\s+y\s+a|hace)\s+{_COUNT}\s+{_UNIT}",
    rf"(?<!\d){_KOREAN_SPAN}\s*전",
)
# "last 3 days", "letzte drei Wochen", "3 derniers mois", "últimos 3 días", "지난 3일"
_SPANS = (
    rf"\b(?:last|past|previous|letzten?|ultim[oa]s)\s+{_COUNT}\s+{_UNIT}",
    rf"\b{_COUNT}\s+derni(?:er|ere)s\s+{_UNIT}",
    rf"지난\s*{_KOREAN_SPAN}간?",
)
_NUMBERS = {"two": 2, "zwei": 2, "deux": 2, "dos": 2, "three": 3, "drei": 3, "trois": 3, "tres": 3}


def _back(match: re.Match[str], today: date) -> date:
    """The day as many days, weeks, months or years before today as are said."""
    said, unit = match["count"], match["unit"]
    count = int(said) if said.isdecimal() else _NUMBERS.get(said, 1)
    if unit.startswith(("d", "tag", "jour", "일")):
        return today - timedelta(days=count)
    if unit.startswith(("w", "sem", "주")):
        return today - timedelta(weeks=count)
    if unit.startswith(("mo", "me", "개", "달")):
        months = today.year * 12 + today.month - 1 - count
        year, month = divmod(months, 12)
        return date(max(1, year), month + 1, min(today.day, 28))
    return date(max(1, today.year - count), today.month, min(today.day, 28))


def _some_time_ago(match: re.Match[str], today: date) -> Days:
    day = _back(match, today)
    return day, day + timedelta(days=1)


def _last_so_many(match: re.Match[str], today: date) -> Days:
    return _back(match, today), today + timedelta(days=1)


def _last_such_weekday(match: re.Match[str], today: date) -> Days:
    said = match["weekday"]
    number = (
        _KOREAN_DAYS.index(said)
        if said in _KOREAN_DAYS
        else next(n for n, names in enumerate(_WEEKDAYS) if said in names.split())
    )
    day = today - timedelta(days=(today.weekday() - number) % 7)
    return day, day + timedelta(days=1)


# words, unit, how many units back
_RELATIVE = (
    (r"(?<!usa )today(?!'s)|heute|aujourd.hui|hoy|오늘", "day", 0),
    (r"yesterday|gestern|ayer|어제", "day", 1),
    (r"this\s+week|diese[r]?\s+woche|cette\s+semaine|esta\s+semana|이번\s*주", "week", 0),
    (r"last\s+week|letzte[rn]?\s+woche|(?:la\s+)?semaine\s+derniere|(?:la\s+)?semana\s+pasada|지난\s*주", "week", 1),
    (r"this\s+month|diese[nm]\s+monat|ce\s+mois(?:-ci)?|este\s+mes|이번\s*달", "month", 0),
    (r"last\s+month|letzte[nm]\s+monat|(?:le\s+)?mois\s+dernier|(?:el\s+)?mes\s+pasado|지난\s*달", "month", 1),
    (r"this\s+year|diese[sm]\s+jahr|cette\s+annee|este\s+ano|올해", "year", 0),
    (r"last\s+year|letzte[sn]\s+jahr|(?:l.)?an(?:nee)?\s+derniere?|(?:el\s+)?ano\s+pasado|작년", "year", 1),
)  # fmt: skip


def _relative(unit: str, back: int) -> _Reader:
    def days_of(match: re.Match[str], today: date) -> Days:
        if unit == "day":
            first = today - timedelta(days=back)
            return first, first + timedelta(days=1)
        if unit == "week":
            first = today - timedelta(days=today.weekday() + 7 * back)
            return first, first + timedelta(weeks=1)
        if unit == "month":
            first = today.replace(day=1)
            for _ in range(back):
                first = (first - timedelta(days=1)).replace(day=1)
            return first, _month_after(first)
        return date(today.year - back, 1, 1), date(today.year - back + 1, 1, 1)

    return days_of


# ── since, until, between ────────────────────────────────────────────────────────────────────────────────────────────

# What may stand before a date, and what it makes of it.
_LEADS = {
    "in": "in|on|of|during|in the year|im|am|im jahr|en|au|le|el|en el|en el ano|em|nel|in the|on the|during the",
    "since": "since|seit|ab|seit dem|depuis|depuis le|desde el",
    "from": "from|von|vom|de|du|desde",
    "between": "between|zwischen|entre|entre le",
    "after": "after|nach|nach dem|apres|apres le|despues de|despues del",
    "before": "before|vor|vor dem|avant|avant le|antes de|antes del",
    "until": "until|till|up to|bis|bis zum|jusqu.a|jusqu.au|jusqu.en|hasta|hasta el",
    "to": "to|and|und|et|y|al",  # the other end of a stretch
}
_LEADING = re.compile(
    r"(?<!\w)(?:"
    + "|".join(rf"(?P<{kind}>{words.replace(' ', ' +')})" for kind, words in _LEADS.items())
    + r")\s+\Z"
)
_LONGEST_LEAD = 24
_BEHIND = (
    ("since", re.compile(r"\s*(?:이후|부터)")),
    ("before", re.compile(r"\s*이전")),
    ("until", re.compile(r"\s*까지")),
)
_TO = re.compile(
    r"\s*(?:to|until|till|and|bis|bis\s+zum|und|a|au|et|y|al|hasta|에서)\s+|\s*부터\s*|\s*(?P<dash>[-–—])\s*"
)


def _leading(plain: str, start: int) -> tuple[str, int] | None:
    """What kind of word leads in to what starts there, and where it stands."""
    earliest = max(0, start - _LONGEST_LEAD)
    match = _LEADING.search(plain, earliest, start)
    return (str(match.lastgroup), match.start()) if match else None


def _between(plain: str, first: _Named, second: _Named) -> _Named | None:
    """The two as one, when they are the ends of a stretch: "from March to May 2024", "2024-03-01 – 2024-03-05"."""
    joint = _TO.fullmatch(plain, first.end, second.start)
    lead = _leading(plain, first.start)
    is_opened = lead is not None and lead[0] in ("from", "between")
    if joint is None or not (is_opened or joint["dash"] or "부터" in joint.group()):
        return None
    since, until = first.days[0], second.days[1]
    if since and until and since >= until:  # "from March to May 2024": the year is said once
        since = since.replace(year=until.year, day=min(since.day, 28))
    behind = _BEHIND[-1][1].match(plain, second.end)
    end = behind.end() if behind else second.end
    return _Named(lead[1] if lead else first.start, end, (since, until))


def _related(plain: str, one: _Named) -> _Named:
    """The stretch with the word that leads in to it or stands behind it: since, after, before, until."""
    lead = _leading(plain, one.start)
    if lead and lead[0] != "to":
        return _Named(lead[1], one.end, _turned(lead[0], one.days))
    for kind, pattern in _BEHIND:
        match = pattern.match(plain, one.end)
        if match:
            return _Named(one.start, match.end(), _turned(kind, one.days))
    return one


def _turned(kind: str, days: Days) -> Days:
    since, until = days
    turned: dict[str, Days] = {
        "since": (since, None),
        "from": (since, None),
        "after": (until, None),
        "before": (None, since),
        "until": (None, until),
    }
    return turned.get(kind, days)
