"""What is written about more than usual: bursts of hashtags against their own history.

Kleinberg's automaton of two states (KDD 2002, the batched form of its section 2.2): every day a hashtag is on r of d articles,
either at its quiet rate or at three times that, and changing from quiet to bursting costs ln n for n days.  The cheapest
sequence of states is found in one pass over the days; a hashtag bursts when it ends in the bursting one.  Weekends and
growing instances cancel out, because rates are shares of all articles.

What has been so for more than a week is the new usual.  A hashtag that is on articles of most weeks anyway ("United States")
bursts only with a story that many of them tell: otherwise its ups and downs are chance.

The quiet rate is that of the days before the last three, so that a burst does not hide itself, and half an article is
added, so that a new hashtag has one.  Bursts that mostly are the same articles are told as one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tidings.model import Activity, Burst, TagActivity

DAYS = 28
LEAST_DAYS = 4  # of history; with less everything is new
RECENT_DAYS = 3
FACTOR = 3.0  # how much above its quiet rate a bursting hashtag is
MOST_DAYS = 7
LEAST_REPORTS = 3  # in the last day
LEAST_STRENGTH = 6.0  # how many times e more likely the burst is at its own rate than at the quiet one
SELDOM = 1.0 / 7  # a day: what stands on fewer articles needs no story to burst
LEAST_PUBLISHERS = 2
SAME_ARTICLES = 0.5  # share of the weaker burst's articles that are the stronger one's
LEAST_SHARE = 0.4  # of the articles that a story must have to be what a burst is about
MOST_TAGS = 4  # told as one burst
_HALF_AN_ARTICLE = 0.5


@dataclass(frozen=True, slots=True)
class _Found:
    burst: Burst
    articles: frozenset[int]


def bursts(activity: Activity, *, limit: int = 20) -> list[Burst]:
    """Return what bursts on the last day, strongest first; none while there are less than four days of history."""
    if sum(1 for total in activity.totals if total) < LEAST_DAYS:
        return []
    found = [one for one in (_burst_of(tag, activity.totals) for tag in activity.tags) if one]
    alone = {one.burst.tags[0][0] for one in found if len(one.burst.tags) == 1}
    found = [
        one
        for one in found
        if len(one.burst.tags) == 1 or not any(slug in alone for slug, _ in one.burst.tags)
    ]
    found.sort(key=lambda one: (-one.burst.strength, one.burst.tags))
    return [one.burst for one in _folded(found)][:limit]


def _burst_of(tag: TagActivity, totals: Sequence[int]) -> _Found | None:
    publishers = len({report.publisher_id for report in tag.reports})
    if len(tag.reports) < LEAST_REPORTS or publishers < LEAST_PUBLISHERS:
        return None
    quiet = _quiet_share(tag.days, totals)
    days = bursting_days(tag.days, totals, quiet=quiet)
    if not 0 < days <= MOST_DAYS:
        return None
    count = sum(tag.days[-days:])
    expected = quiet * sum(totals[-days:])
    story_id, share = _story_of(tag)
    usual = sum(tag.days[:-days]) / max(1, len(totals) - days)
    strength = count * math.log(count / expected) - (count - expected)
    if strength < LEAST_STRENGTH or (usual > SELDOM and share < LEAST_SHARE):
        return None
    return _Found(
        Burst(
            tags=tag.tags,
            days=tag.days,
            count=count,
            day_count=days,
            usual=round(usual, 2),
            publishers=publishers,
            strength=round(strength, 3),
            story_id=story_id if share >= LEAST_SHARE else None,
            story_share=round(share, 3),
        ),
        frozenset(report.article_id for report in tag.reports),
    )


def _quiet_share(days: Sequence[int], totals: Sequence[int]) -> float:
    """Return the share of articles that carry a hashtag when nothing happens."""
    written = sum(totals[:-RECENT_DAYS]) or sum(totals)
    return min(0.5 / FACTOR, (sum(days[:-RECENT_DAYS]) + _HALF_AN_ARTICLE) / max(1, written))


def bursting_days(days: Sequence[int], totals: Sequence[int], *, quiet: float) -> int:
    """Return how many of the last days the cheapest sequence of states is bursting in, 0 when it ends in the quiet one."""
    high = min(0.99, FACTOR * quiet)
    step = math.log(max(2, len(days)))
    in_quiet, in_burst = 0.0, step  # what the cheapest sequence costs that ends in either
    run = 0  # how many days the last burst of that sequence lasts
    for count, total in zip(days, totals, strict=True):
        rest = max(0, total - count)
        quiet_cost = -(count * math.log(quiet) + rest * math.log1p(-quiet))
        burst_cost = -(count * math.log(high) + rest * math.log1p(-high))
        run = run + 1 if in_burst <= in_quiet + step else 1
        in_quiet, in_burst = (
            min(in_quiet, in_burst) + quiet_cost,  # falling quiet costs nothing
            min(in_burst, in_quiet + step) + burst_cost,
        )
    return run if in_burst < in_quiet else 0


def _story_of(tag: TagActivity) -> tuple[int | None, float]:
    told = Counter(report.story_id for report in tag.reports if report.story_id is not None)
    if not told:
        return None, 0.0
    story_id = min(told, key=lambda story_id: (-told[story_id], story_id))
    return story_id, told[story_id] / len(tag.reports)


def _folded(found: Sequence[_Found]) -> list[_Found]:
    """Return the bursts, strongest first, with those that mostly are a stronger one's articles told under it."""
    kept: list[_Found] = []
    for one in found:
        for i, other in enumerate(kept):
            if len(one.articles & other.articles) >= SAME_ARTICLES * len(one.articles):
                tags = dict.fromkeys((*other.burst.tags, *one.burst.tags))
                if len(tags) <= MOST_TAGS:
                    kept[i] = replace(other, burst=replace(other.burst, tags=tuple(tags)))
                break
        else:
            kept.append(one)
    return kept
