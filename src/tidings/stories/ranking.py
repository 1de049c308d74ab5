"""A story's place on the front page, in a form whose order needs no clock.

A story's heat is the sum over its independent publishers of 2^((t − now)/half-life): every publisher counts with its latest
report, further reports of the same publisher and wire copies for a little.  Dividing all stories by the same 2^(now/half-life)
changes no order, so what is kept is log2 Σ w·2^(t/half-life): it is computed once, when a story changes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tidings.model import StoryRank

HALF_LIFE_HOURS = 12.0
FURTHER_REPORT = 0.25  # of a publisher that is counted already
COPY = 0.15  # a wire copy: someone found it worth printing
GROWTH_HOURS = 6.0
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Report:
    """One article of a story: when, by whom, and whether it only repeats another."""

    at: datetime
    publisher_id: int
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What the ranking knows of a story: its articles, in any order, at least one."""

    story_id: int
    reports: tuple[Report, ...]


def rank(facts: StoryFacts) -> StoryRank:
    """Return a story's rank, comparable with any other story's at any time, and the reasons in words.

    rank is in half-lives of 12 hours since 2020: one more means as warm as a like story half a day later.
    """
    heat: list[float] = []
    counted: set[int] = set()
    for report in sorted(facts.reports, key=lambda r: (r.is_copy, -r.at.timestamp(), r.publisher_id)):
        weight = COPY if report.is_copy else FURTHER_REPORT if report.publisher_id in counted else 1.0
        if not report.is_copy:
            counted.add(report.publisher_id)
        age = (report.at - _EPOCH) / timedelta(hours=HALF_LIFE_HOURS)
        heat.append(math.log2(weight) + age)
    top = max(heat)
    return StoryRank(
        rank=round(top + math.log2(sum(math.exp2(h - top) for h in heat)), 6), reasons=_reasons(facts.reports)
    )


def _reasons(reports: Sequence[Report]) -> tuple[str, ...]:
    own = [r for r in reports if not r.is_copy]
    copies = len(reports) - len(own)
    publishers = len({r.publisher_id for r in own})
    last = max(r.at for r in reports)
    reasons = [f"{publishers} independent publishers" if publishers != 1 else "1 publisher"]
    recent = [r for r in own if last - r.at <= timedelta(hours=GROWTH_HOURS)]
    if len(recent) > 1 and len(recent) < len(own):
        reasons.append(f"{len(recent)} new reports in six hours")
    elif len(recent) > 1:
        reasons.append(f"{len(recent)} reports within six hours")
    if copies:
        reasons.append(f"{copies} wire {'copy' if copies == 1 else 'copies'} folded")
    reasons.append(f"last report {last.astimezone(UTC):%-d %B %Y, %H:%M} UTC")
    return tuple(reasons)
