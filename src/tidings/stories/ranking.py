"""A story's place on the front page, in a form whose order needs no clock.

A story's heat is the sum over its independent voices of 2^((t − now)/half-life): every voice counts with its latest report,
further reports of the same voice and wire copies for a little.  A voice is a publisher, all those of one owner, or an agency.  Dividing all stories by the same 2^(now/half-life)
changes no order, so what is kept is log2 Σ w·2^(t/half-life): it is computed once, when a story changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from tidings.model import StoryRank

HALF_LIFE_HOURS = 12.0
FURTHER_REPORT = 0.25  # of a publisher that is counted already
COPY = 0.15  # a wire copy: someone found it worth printing
GROWTH_HOURS = 6.0
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """One article of a story: when, by whom, whether it only repeats another, and the agency whose text it is."""

    at: datetime
    publisher_id: int
    is_copy: bool = False
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What the ranking knows of a story: its articles, in any order, at least one."""

    story_id: int
    reports: tuple[Report, ...]


def rank(facts: StoryFacts, *, owners: Mapping[int, str] = MappingProxyType({})) -> StoryRank:
    """Return a story's rank, comparable with any other story's at any time, and the reasons in words.

    owners: the owner of each publisher that shares one with others.

    rank is in half-lives of 12 hours since 2020: one more means as warm as a like story half a day later.
    """
    heat: list[float] = []
    counted: set[str] = set()
    for report in sorted(facts.reports, key=lambda r: (r.is_copy, -r.at.timestamp(), r.publisher_id)):
        weight = COPY if report.is_copy else FURTHER_REPORT if voice(report, owners) in counted else 1.0
        if not report.is_copy:
            counted.add(voice(report, owners))
        age = (report.at - _EPOCH) / timedelta(hours=HALF_LIFE_HOURS)
        heat.append(math.log2(weight) + age)
    top = max(heat)
    return StoryRank(
        rank=round(top + math.log2(sum(math.exp2(h - top) for h in heat)), 6),
        reasons=_reasons(facts.reports, owners),
    )


def voice(report: Report, owners: Mapping[int, str]) -> str:
    """Return who speaks in a report: reports with one voice are not independent (store/stories counts the same way)."""
    return (report.agency or owners.get(report.publisher_id) or f"publisher {report.publisher_id}").lower()


def _reasons(reports: Sequence[Report], owners: Mapping[int, str]) -> tuple[str, ...]:
    own = [r for r in reports if not r.is_copy]
    copies = len(reports) - len(own)
    voices = len({voice(r, owners) for r in own})
    last = max(r.at for r in reports)
    reasons = [f"{voices} independent reports" if voices != 1 else "1 independent report"]
    recent = [r for r in own if last - r.at <= timedelta(hours=GROWTH_HOURS)]
    if len(recent) > 1 and len(recent) < len(own):
        reasons.append(f"{len(recent)} new reports in six hours")
    elif len(recent) > 1:
        reasons.append(f"{len(recent)} reports within six hours")
    if copies:
        reasons.append(f"{copies} wire {'copy' if copies == 1 else 'copies'} folded")
    reasons.append(f"last report {last.astimezone(UTC):%-d %B %Y, %H:%M} UTC")
    return tuple(reasons)
