"""What happened when: a story's reports in order, under their days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Happening:
    """One report on a timeline."""

    article_id: int
    at: datetime
    headline: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day's reports, oldest first; `heading` is the day in words ("Tuesday 3 March 2026")."""

    date: date
    heading: str
    happenings: tuple[Happening, ...]


def timeline(happenings: Iterable[Happening], *, zone: tzinfo = UTC) -> Sequence[Day]:
    """Return the days of a story, oldest first, in the reader's time zone."""
    ordered = sorted(happenings, key=lambda h: (h.at, h.article_id))
    return tuple(
        Day(day, f"{day:%A} {day.day} {day:%B %Y}", tuple(group))
        for day, group in groupby(ordered, key=lambda h: h.at.astimezone(zone).date())
    )
