"""Whether a new story goes on with one that had gone quiet: linked, not merged, so that each keeps its own page and time.

Where stories are formed, days between two reports count against them; this asks without time whether it is clearly the same
affair.  Precision first: a link that is missing is missed by few, a wrong one is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tidings.model import Continuation, Description
from tidings.stories.related import telling_names
from tidings.stories.similarity import compared, profile_of
from tidings.stories.weights import dot

MADE_BY = "continue/1"
QUIET = timedelta(days=3)  # a story without a report for so long has gone quiet
LONGEST_SLEEP = timedelta(days=180)
# Of the similarity (0 to 1) and the weighted words and names in common (cosines): docs/design/continuations.md has the table.
LEAST = 1.85
LEAST_NAMES = 2  # telling ones that stand in both


def continuation_of(
    story_id: int, reports: Sequence[Description], quiet: Sequence[tuple[int, Description]]
) -> Continuation | None:
    """Return the quiet story that a new one clearly continues, None when there is none.

    reports: the new story's, one or two; quiet: reports of quiet stories near to them, each with the story's id.  Cost: half
    a millisecond a pair.
    """
    best: Continuation | None = None
    for report in reports:
        profile = profile_of(report)
        for earlier_id, earlier in quiet:
            if not (report.dated and earlier.dated):
                continue
            other = profile_of(earlier)
            alike = compared(profile, other)
            strength = alike + dot(profile.words, other.words) + dot(profile.names, other.names)
            if strength < LEAST or (best is not None and strength <= best.strength):
                continue
            if len(telling_names(report, earlier)) >= LEAST_NAMES:
                best = Continuation(story_id, earlier_id, round(strength, 4), MADE_BY)
    return best
