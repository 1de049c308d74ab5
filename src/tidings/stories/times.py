"""Times that a text names, as days of the calendar, and when its news happened.

"On Monday", "Mar. 5", "last week", "by 2035", "vor drei Tagen", "지난 5일", "上周": found by a pattern made of each language's table
and of CLDR's names, and reckoned from the day of publication where the publisher is.  The verb beside a weekday tells
whether it is past or to come.

An event's date is when it happened.  The day on which somebody said so, and that of printing, are told apart from it.
Cost: about 1 ms an article (dateparser, asked for the same spans, takes three for each).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache
from typing import Any

from tidings.model import Grain, Quote, TimeExpression
from tidings.stories.calendars import long_months_of, lowered, months_of, weekdays_of
from tidings.stories.lexicon import DENSE, Table, either, table_of, words_of
from tidings.stories.rarity import primary

MOST_TIMES = 200  # of one article
EVENT_PARAGRAPHS = 4  # the lead and what follows it tell the news
EVENT_CHARACTERS = 600  # of each: a text may come as one paragraph
EVENT_DAYS = 31  # an older day is background
_FIRST_YEAR, _LAST_YEAR = 1000, 2200
_CAPITALISED = frozenset(("en", "de"))  # months and weekdays are written with a capital
_WORD = re.compile(r"[^\W_]+")
_CLAUSE = re.compile(r"[.,;:!?…。，；、–—()\[\]]\s")


def times_in(
    paragraphs: Sequence[str], language: str | None, *, today: date, dateline: str | None = None
) -> tuple[TimeExpression, ...]:
    """Return the times of a text in order, none overlapping.

    today: the day of publication at the publisher's; dateline: the place and date that open the text, if it has any.
    """
    patterns = _patterns(primary(language))
    if patterns is None:
        return ()
    found: list[TimeExpression] = []
    same: TimeExpression | None = None  # the last exact day, for "the same day"
    for number, text in enumerate(paragraphs):
        low = lowered(text)
        printed = len(dateline) if dateline and number == 0 and text.startswith(dateline) else 0
        for match in patterns.found_in(low):
            reading = _Reading(patterns, text, low, match, today, same)
            span = reading.resolved()
            if span is None:
                continue
            start, end, first, last, grain = span
            alone = not text[:start].strip() and not text[end:].strip(" .")
            one = TimeExpression(
                number,
                start,
                end,
                text[start:end],
                first,
                last,
                grain,
                end <= printed or alone or reading.is_said(start, end),
            )
            found.append(one)
            if grain == "day" and first == last:
                same = one
            if len(found) == MOST_TIMES:
                return tuple(found)
    return tuple(found)


def event_of(
    times: Sequence[TimeExpression],
    paragraphs: Sequence[str],
    language: str | None,
    *,
    today: date,
    quotes: Sequence[Quote] = (),
    dateline: str | None = None,
) -> TimeExpression | None:
    """Return when the news of a text happened, one of its times; None when its opening does not tell.

    The first day within a month before publication that the opening paragraphs name, outside quotations, datelines and
    relative clauses ("Hale, who resigned on Tuesday, …"); where they name none but that of a statement, the statement is the news.
    """
    who = words_of(table_of(language, "speech") or {}, "who")

    def is_aside(t: TimeExpression) -> bool:
        clause = lowered(paragraphs[t.paragraph][max(0, t.start - 120) : t.start]).rpartition(",")[2].split()
        return bool(clause) and clause[0] in who

    opening = [
        t
        for t in times
        if t.paragraph < EVENT_PARAGRAPHS
        and t.start < EVENT_CHARACTERS
        and t.first <= today
        and today - t.first <= timedelta(days=EVENT_DAYS)
        and t.grain in ("day", "week")
        and not (dateline and t.paragraph == 0 and t.end <= len(dateline))
        and not any(q.paragraph == t.paragraph and q.start <= t.start < q.end for q in quotes)
        and not is_aside(t)
    ]
    exact = [t for t in opening if t.grain == "day" and not t.is_printing]
    rough = [t for t in opening if t.grain == "week" and not t.is_printing]
    said = [t for t in opening if t.is_printing and t.paragraph == 0 and t.start > 0]
    for group in (
        [t for t in exact if t.paragraph == 0],
        [t for t in rough if t.paragraph == 0],
        said,
        exact,
        rough,
    ):
        if group:
            return group[0]
    return None


# ── patterns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Patterns:
    code: str
    every: re.Pattern[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    table: Table
    units: Mapping[str, str]
    numbers: Mapping[str, int]
    templates: Mapping[str, int]  # the group of a template: by how many units it moves
    fixed: Mapping[str, tuple[str, int]]  # words of their own: a unit and by how many
    last: frozenset[str]
    coming: frozenset[str]
    within: frozenset[str]
    before_month: frozenset[str]  # behind one of them a month's name alone is a time
    future: frozenset[str]
    past: frozenset[str]
    forward: frozenset[str]
    said: frozenset[str]
    firsts: frozenset[str]  # the words that a time can begin with, besides digits

    def found_in(self, low: str) -> Iterator[re.Match[str]]:
        """Yield the matches of a paragraph in small letters.

        Where words are parted by blanks the pattern is tried only at words that can begin a time: a tenth of the cost.
        """
        if self.code in DENSE:
            yield from self.every.finditer(low)
            return
        here = 0
        for word in _WORD.finditer(low):
            start = word.start()
            written = word.group()
            if start < here or not (written in self.firsts or written[0].isdecimal()):
                continue
            match = self.every.match(low, start)
            if match:
                yield match
                here = max(match.end(), start + 1)


@lru_cache(maxsize=32)
def _patterns(code: str) -> _Patterns | None:
    table = table_of(code, "times")
    if table is None:
        return None
    figures = table_of(code, "figures") or {}
    months, weekdays = dict(months_of(code)), dict(weekdays_of(code))
    numbers = {w: int(n) for w, n in figures.get("numbers", {}).items() if n <= 100}
    units = {word: unit for unit, words in table.get("units", {}).items() for word in _unit_words(words)}
    fixed = {w: ("day", n) for w, n in table.get("days", {}).items()}
    fixed |= {w: (unit, n) for w, (unit, n) in table.get("words", {}).items()}
    dense = code in DENSE
    b, e = (r"", r"") if dense else (r"(?<![\w-])", r"(?!\w)")
    alternatives: list[str] = []
    templates: dict[str, int] = {}

    firsts: set[str] = set()
    placeholders = {"{n}": numbers, "{unit}": units, "{season}": table.get("seasons", {}), "{decade}": ()}

    def add(name: str, pattern: str, *beginnings: Iterable[str]) -> None:
        alternatives.append(f"(?P<{name}>{pattern})")
        for words in beginnings:
            for word in words:
                filled = next((placeholders[p] for p in placeholders if word.startswith(p)), (word,))
                firsts.update(found[0] for w in filled for found in [_WORD.findall(w)] if found)

    if dense:
        _add_dense(add, code)
    month, day = either(months), r"\d{1,2}"
    weekday = either(weekdays)
    if not dense:
        lead = rf"(?:(?:{weekday}),?\s(?:(?:den|dem|the|le|el|il|dia|día)\s)?)?"
        year = r"(?:,?\s(?:de\s|of\s)?(?P<{}>\d{{4}}))?"
        add("iso", r"(?<!\d)(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2})(?!\d)")
        add(
            "mdy",
            rf"{b}{lead}(?P<m1>{month})\s(?P<d1>{day})(?:st|nd|rd|th)?(?:\s?[-–]\s?(?P<e1>{day}))?(?!\d|[.,]\d|:\d)"
            + year.format("y1"),
            months,
            weekdays,
        )
        add(
            "dmy",
            rf"{b}{lead}(?P<d2>{day})(?:\.|st|nd|rd|th|er|º|ª)?(?:\s?(?:[-–]|bis|to|au|al)\s?(?P<e2>{day})\.?)?\s(?:of\s|de\s|d['’])?(?P<m2>{month}){e}"
            + year.format("y2"),
        )
        add("numeric", r"(?<![\d.,/])(?P<a3>\d{1,2})[./-](?P<b3>\d{1,2})[./-](?P<y3>\d{4})(?![\d/])")
        add(
            "my",
            rf"{b}(?:(?:early|mid|late|anfang|mitte|ende)[\s-])?(?P<m4>{month}),?\s(?:de\s|of\s)?(?P<y4>\d{{4}}){e}",
            months,
            ["early", "mid", "late", "anfang", "mitte", "ende"],
        )
    before = either([*words_of(table, "last"), *words_of(table, "coming"), *words_of(table, "current")])
    after = rf"(?:\s(?P<w2>{before}))?" if table.get("after_weekday") else ""
    spaced = r"\s?" if dense else r"\s"
    add(
        "weekday",
        rf"{b}(?:(?P<w1>{before}){spaced})?(?P<wd>{weekday}){after}{e}",
        weekdays,
        before.split("|"),
    )
    for kind, shift in (("ago", -1), ("ahead", 1), ("past", -1), ("next", 1), ("this", 0)):
        for number, template in enumerate(sorted(table.get(kind, ()), key=len, reverse=True)):
            name = f"{kind}{number}"
            pattern = re.escape(template).replace(r"\ ", r"\s")
            pattern = pattern.replace(r"\{n\}", rf"(?P<n_{name}>(?<!\d)\d{{1,4}}(?!\d)|{either(numbers)})")
            pattern = pattern.replace(r"\{unit\}", rf"(?P<u_{name}>{either(units)})")
            templates[name] = shift
            add(name, b + pattern + e, [template])
    for number, template in enumerate(sorted(table.get("decade", ()), key=len, reverse=True)):
        pattern = (
            re.escape(template)
            .replace(r"\ ", r"\s")
            .replace(r"\{decade\}", rf"(?P<dec{number}>(?:1[89]|20)?\d0)")
        )
        add(f"decade{number}", (r"(?<!\d)" if dense else b) + pattern + e, [template])
    if table.get("seasons"):
        for number, template in enumerate(sorted(table.get("season", ()), key=len, reverse=True)):
            pattern = re.escape(template).replace(r"\ ", r"\s")
            pattern = pattern.replace(
                r"\{season\}", rf"(?P<sea{number}>{either(table['seasons'])})(?:\s(?P<sy{number}>\d{{4}}))?"
            )
            add(f"season{number}", b + pattern + e, [template])
    add("fixed", b + rf"(?P<fx>{either(fixed)})" + e, fixed)
    if table.get("same_day"):
        add("same", b + f"(?:{either(table['same_day'])})" + e, table["same_day"])
    if not dense:
        long_month = either(long_months_of(code))
        add("month", rf"{b}(?P<m5>{long_month}){e}(?!,?\s(?:de\s|of\s)?\d)", months)
        years = either(words_of(table, "year_after")) if table.get("year_after") else ""
        add(
            "year",
            r"(?<![\w.,$€£¥#/-])(?P<y6>(?:1[5-9]|20|21)\d\d)(?![\w%/]|[.,]\d|-\d)"
            + (rf"(?:\s(?:{years}))?" if years else ""),
        )
    grammar_said = words_of(table_of(code, "speech") or {}, "said")
    return _Patterns(
        code=code,
        every=re.compile("|".join(alternatives)),
        months=months,
        weekdays=weekdays,
        table=table,
        units=units,
        numbers=numbers,
        templates=templates,
        fixed=fixed,
        last=words_of(table, "last"),
        coming=words_of(table, "coming"),
        within=words_of(table, "in"),
        before_month=words_of(table, "in", "current", "forward", "last", "coming"),
        future=words_of(table, "future"),
        past=words_of(table, "past_words"),
        forward=words_of(table, "forward"),
        said=frozenset(map(lowered, grammar_said)),
        firsts=frozenset(firsts),
    )


def _unit_words(words: str) -> list[str]:
    return words.split("|") if "|" in words else words.split()


def _add_dense(add: Any, code: str) -> None:
    y, m, d = {"ko": ("년", "월", "일")}.get(code, ("年", "月", "[日号號]"))
    s = r"\s?" if code == "ko" else ""
    # "3일간", "3日間": a span of days, not a day
    span = (
        "(?!간|동안|째|만|후|뒤|전|연속|이상|이내|치|정도|차)"
        if code == "ko"
        else "(?!間|目|連続|前|後|以内|ぶり|内|后|間)"
    )
    if code == "th":
        return
    add(
        "edate",
        rf"(?<!\d)(?:(?:(?P<ey>\d{{4}}){y}{s})?(?P<em>\d{{1,2}}){m}{s})?(?P<ed>\d{{1,2}}){d}{span}(?![요曜本])",
    )
    add(
        "eym",
        rf"(?<!\d)(?P<ey2>\d{{4}}){y}(?:{s}(?P<em2>\d{{1,2}}){m})?(?!\d)(?!간|동안|만|째|대|전|뒤|후|前|間|代|后|後)",
    )
    add("emonth", rf"(?<!\d)(?P<em3>1[0-2]|[1-9]){m}(?![요曜份]|\d)")


# ── reckoning ────────────────────────────────────────────────────────────────────────────────────────────────────────

_Span = tuple[int, int, date, date, Grain]


class _Reading:
    """One match and what it means on a day."""

    def __init__(
        self,
        patterns: _Patterns,
        text: str,
        low: str,
        match: re.Match[str],
        today: date,
        same: TimeExpression | None,
    ) -> None:
        self.p, self.text, self.low, self.match, self.today, self.same = (
            patterns,
            text,
            low,
            match,
            today,
            same,
        )

    def resolved(self) -> _Span | None:
        """Return span, first and last day and grain; None for what is no time after all or lies outside the calendar."""
        kind = self.match.lastgroup or ""
        name = kind.rstrip("0123456789")
        try:
            return getattr(self, f"_{name}")(kind)  # type: ignore[no-any-return]
        except (ValueError, OverflowError):
            return None

    # ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _iso(self, kind: str) -> _Span | None:
        return self._day(date(self._int("iy"), self._int("im"), self._int("id")))

    def _mdy(self, kind: str) -> _Span | None:
        return self._written("m1", "d1", "e1", "y1")

    def _dmy(self, kind: str) -> _Span | None:
        return self._written("m2", "d2", "e2", "y2")

    def _written(self, month: str, day: str, end: str, year: str) -> _Span | None:
        if not self._has_capital(self.match.start(month)):
            return None
        number = self.p.months[self.match[month]]
        if self.match[year]:
            first = date(self._int(year), number, self._int(day))
        else:
            first = self._nearest(number, self._int(day))
        last = first.replace(day=self._int(end)) if self.match[end] else first
        start = self.match.start()
        return (start, self.match.end(), first, max(first, last), "day")

    def _numeric(self, kind: str) -> _Span | None:
        a, b = self._int("a3"), self._int("b3")
        if self.p.code == "en":
            if a <= 12 and b <= 12 and a != b:
                return None  # 3/5/2026: the fifth of March or the third of May
            a, b = (b, a) if b > 12 else (a, b)
        return self._day(date(self._int("y3"), b, a))

    def _my(self, kind: str) -> _Span | None:
        if not self._has_capital(self.match.start("m4")):
            return None
        return self._month_span(self._int("y4"), self.p.months[self.match["m4"]])

    def _month(self, kind: str) -> _Span | None:
        """Read a month that stands by itself, behind "in", "last", "until" …"""
        start = self.match.start("m5")
        if not self._has_capital(start):
            return None
        number = self.p.months[self.match["m5"]]
        words = [
            w for w in self.low[max(0, start - 24) : start].split() if w not in ("the", "le", "o", "il")
        ][-1:]
        if not words or words[0] not in self.p.before_month:
            return None
        year = self._nearest(number, 15).year
        if words[0] in self.p.last:
            year = self.today.year - (number >= self.today.month)
        elif words[0] in self.p.coming:
            year = self.today.year + (number <= self.today.month)
        return self._month_span(year, number, start)

    def _edate(self, kind: str) -> _Span | None:
        day = self._int("ed")
        if self.match["em"]:
            month = self._int("em")
            return self._day(
                date(self._int("ey"), month, day) if self.match["ey"] else self._nearest(month, day)
            )
        future = self._is_future(default=False)
        step = timedelta(days=1 if future else -1)
        here = self.today
        for _ in range(62):
            if here.day == day:
                return self._day(here)
            here += step
        return None

    def _eym(self, kind: str) -> _Span | None:
        year = self._int("ey2")
        if self.match["em2"]:
            return self._month_span(year, self._int("em2"))
        return self._year_span(year)

    def _emonth(self, kind: str) -> _Span | None:
        number = self._int("em3")
        return self._month_span(self._nearest(number, 15).year, number)

    def _year(self, kind: str) -> _Span | None:
        start, end = self.match.span("y6")
        year = self._int("y6")
        if not self._is_year(start, end, year):
            return None
        return self._year_span(year, start)

    def _is_year(self, start: int, end: int, year: int) -> bool:
        """Whether four digits are a year: after "in", "since", before a stop; not "2000 people"."""
        before = self.low[max(0, start - 24) : start].split()
        if self.match.end() > end:
            return True
        if before and before[-1].strip("(") in self.p.within:
            following = self.text[end : end + 1]
            return year >= 1800 or not following.strip() or following in ".,;:)"
        if not 1900 <= year <= self.today.year + 50:
            return False
        after = self.text[end : end + 2]
        if not after.strip() or after[0] in ".,;:)'’–-":
            return not before or before[-1][-1:] not in "0123456789"
        return after[1:2].isupper() or bool(
            before and before[-1] in ("the", "das", "die", "el", "il", "la", "le")
        )

    def _decade(self, kind: str) -> _Span | None:
        digits = self.match[f"dec{kind.removeprefix('decade')}"]
        year = int(digits)
        if year < 100:
            year += 1900 if year >= 30 else 2000
        return (*self.match.span(), date(year, 1, 1), date(year + 9, 12, 31), "decade")

    # ── relative ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def _ago(self, kind: str) -> _Span | None:
        return self._moved(kind)

    _ahead = _past = _next = _this = _ago

    def _moved(self, kind: str) -> _Span | None:
        unit = self.p.units[self.match[f"u_{kind}"]]
        count = 1
        groups = self.match.groupdict()
        if groups.get(f"n_{kind}"):
            written = groups[f"n_{kind}"]
            count = int(written) if written.isdigit() else self.p.numbers[written]
        count *= self.p.templates[kind]
        if f"n_{kind}" not in groups and unit in ("hour", "minute"):
            return None
        if unit == "day" and f"n_{kind}" not in groups and not count:
            return None  # "this day", "in these days"
        return self._shifted(unit, count)

    def _fixed(self, kind: str) -> _Span | None:
        word = self.match["fx"]
        start = self.match.start()
        if (
            self.p.code == "de"
            and word == "morgen"
            and (
                self.text[start].isupper() or self.low[:start].split()[-1:] in (["am"], ["gegen"], ["jeden"])
            )
        ):
            return None
        if word == "mañana" and self.low[:start].split()[-1:] in (["la"], ["esta"], ["una"]):
            return None
        unit, count = self.p.fixed[word]
        return self._shifted(unit, count)

    def _shifted(self, unit: str, count: int) -> _Span | None:
        start, end = self.match.span()
        if unit in ("minute", "hour"):
            unit, count = "day", 0 if unit == "minute" else round(count / 24)
        if unit == "day":
            return self._day(self.today + timedelta(days=count))
        if unit in ("week", "fortnight", "weekend"):
            monday = (
                self.today
                - timedelta(days=self.today.weekday())
                + timedelta(weeks=count * (2 if unit == "fortnight" else 1))
            )
            if unit == "weekend":
                if not count and self.today.weekday() <= 2 and not self._is_future(default=False):
                    monday -= timedelta(weeks=1)  # the one that is just over
                return (start, end, monday + timedelta(days=5), monday + timedelta(days=6), "day")
            return (start, end, monday, monday + timedelta(days=6), "week")
        if unit == "month":
            months = self.today.year * 12 + self.today.month - 1 + count
            return self._month_span(months // 12, months % 12 + 1, start)
        if unit == "quarter":
            quarters = self.today.year * 4 + (self.today.month - 1) // 3 + count
            first = date(quarters // 4, quarters % 4 * 3 + 1, 1)
            return (start, end, first, _month_end(first.year, first.month + 2), "quarter")
        if unit == "decade":
            year = (self.today.year // 10 + count) * 10
            return (start, end, date(year, 1, 1), date(year + 9, 12, 31), "decade")
        return self._year_span(self.today.year + count)

    def _weekday(self, kind: str) -> _Span | None:
        start = self.match.start("wd")
        if not self._has_capital(start):
            return None
        number = self.p.weekdays[self.match["wd"]]
        groups = self.match.groupdict()
        modifier = groups.get("w1") or groups.get("w2") or ""
        behind = (self.today.weekday() - number) % 7
        if modifier in self.p.last:
            day = self.today - timedelta(days=behind or 7)
        elif modifier in self.p.coming:
            day = self.today + timedelta(days=(-behind % 7) or 7)
        elif self._is_future(default=False):
            day = self.today + timedelta(days=-behind % 7)
        else:
            day = self.today - timedelta(days=behind)
        return (self.match.start(), self.match.end(), day, day, "day")

    def _same(self, kind: str) -> _Span | None:
        return self._day(self.same.first) if self.same else None

    def _season(self, kind: str) -> _Span | None:
        """Read "last summer", "in the spring", "내년 가을": which year, the words say, else the verb."""
        number = kind.removeprefix("season")
        month = int(self.p.table["seasons"][self.match[f"sea{number}"]])
        words = set(self.match[0].split()[:-1])
        own = self.p.table.get("words", {})
        year = self.today.year
        if self.match[f"sy{number}"]:
            year = int(self.match[f"sy{number}"])
        elif words & set(own):
            year += int(own[next(iter(words & set(own)))][1])
        elif words & self.p.last or self.match[0].startswith(("지난", "昨")):
            year -= month + 2 > self.today.month  # the last one that is over, or nearly
        elif words & self.p.coming or self._is_future(default=False):
            year += month < self.today.month
        else:
            year -= month > self.today.month
        first = date(year, month, 1)
        last = _month_end(year + (month + 2 > 12), (month + 1) % 12 + 1)
        return (*self.match.span(), first, last, "season")

    # ── direction ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _is_future(self, *, default: bool) -> bool:
        """Whether the words of the clause put a time ahead: the nearest verb before it, else the first behind it."""
        start, end = self.match.span()
        if self.p.code in DENSE:
            behind = re.split(r"[,.。，、“\"「]", self.low[end : end + 30])[0]
            before = self.low[max(0, start - 4) : start]
            return any(word in behind or word in before for word in self.p.future)
        before = self.low[max(0, start - 160) : start]
        cut = max((m.end() for m in _CLAUSE.finditer(before)), default=0)
        words = re.findall(r"[\w'’]+", before[cut:])
        if any(word in self.p.forward for word in words[-3:]):
            return True  # "until at least Wednesday"
        for place in range(len(words) - 1, -1, -1):
            word = words[place]
            if word in self.p.future:
                return True
            if self._is_past(word) and words[place - 1 : place] not in (["be"], ["been"]):
                return False
        after = self.low[end : end + 90]
        stop = _CLAUSE.search(after)
        for word in re.findall(r"[\w'’]+", after[: stop.start() if stop else len(after)]):
            if word in self.p.future:
                return True
            if self._is_past(word):
                return False
        return default

    def _is_past(self, word: str) -> bool:
        is_regular = self.p.code == "en" and word.endswith("ed") and len(word) > 4
        return is_regular or word in self.p.past or word in self.p.said

    def _nearest(self, month: int, day: int) -> date:
        """Return the day of that month in the year that fits best: the nearest, unless the verb points the other way."""
        years = [y for y in range(self.today.year - 1, self.today.year + 2) if MINYEAR <= y <= MAXYEAR]
        days = []
        for year in years:
            try:
                days.append(date(year, month, day))
            except ValueError:
                continue
        if not days:
            raise ValueError("no such day")
        nearest = min(days, key=lambda d: abs((d - self.today).days))
        away = (nearest - self.today).days
        if away > 90 and not self._is_future(default=False):
            earlier = [d for d in days if d <= self.today]
            return max(earlier) if earlier else nearest
        if away < -90 and self._is_future(default=False):
            later = [d for d in days if d >= self.today]
            return min(later) if later else nearest
        return nearest

    def is_said(self, start: int, end: int) -> bool:
        """Whether it only dates a statement: "said Tuesday", "on Friday Cho said", "26일 밝혔다"."""
        if self.p.code in DENSE:
            behind = self.low[end : end + 12]
            stop = re.search(r"[.。!?“\"「]", behind)
            return any(word in behind[: stop.start() if stop else 12] for word in self.p.said)
        before = re.findall(r"[\w'’]+|[.;:!?“”\"]", self.low[max(0, start - 70) : start])[-6:]
        for word in reversed(before[-5:]):
            if not word[0].isalnum():
                break
            if word in self.p.said:
                return True
            if word in self.p.past or word in self.p.future or (self.p.code == "en" and word.endswith("ed")):
                break
        behind_it = re.findall(r"[\w'’]+|[.,;:!?“”\"]", self.low[end : end + 40])[:3]
        for word in behind_it:
            if not word[0].isalnum():
                break
            if word in self.p.said:
                return True
        return False

    # ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _int(self, group: str) -> int:
        return int(self.match[group])

    def _has_capital(self, place: int) -> bool:
        return self.p.code not in _CAPITALISED or self.text[place].isupper()

    def _day(self, day: date) -> _Span | None:
        return (*self.match.span(), day, day, "day") if _FIRST_YEAR <= day.year <= _LAST_YEAR else None

    def _month_span(self, year: int, month: int, start: int | None = None) -> _Span | None:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        first = date(year, month, 1)
        return (
            self.match.start() if start is None else start,
            self.match.end(),
            first,
            _month_end(year, month),
            "month",
        )

    def _year_span(self, year: int, start: int | None = None) -> _Span | None:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        return (
            self.match.start() if start is None else start,
            self.match.end(),
            date(year, 1, 1),
            date(year, 12, 31),
            "year",
        )


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def day_of_dateline(dateline: str | None, language: str | None, *, today: date) -> date:
    """Return the day a dateline names ("WASHINGTON, March 5 (Reuters)"), today when it names none or another week's."""
    for found in times_in([dateline or ""], language, today=today):
        if found.grain == "day" and found.first == found.last and abs((found.first - today).days) <= 7:
            return found.first
    return today
