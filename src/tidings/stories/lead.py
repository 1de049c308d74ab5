"""Which report stands for its story: headline, standfirst and picture of a story are those of its lead.

It should be central (near to what the others tell, in headline and text), straight news, readable in full, and recent; and it
should not change with every arrival: another one takes over when it is better by MARGIN.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.model import LeadCandidate
from tidings.stories.genre import genre_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

SUBSTANTIAL_WORDS = 120  # a shorter report stands for its story only when there is no longer one
# In units of cosine, of which headline and text give up to 1 each.
RECENT, RECENT_HOURS = 0.3, 36.0  # what the newest has ahead of the others, and when half of that is gone
PRINTED = 0.05  # for being printed by another publisher as well, at most twice
DATELINED = 0.1  # a reporter stood there, and it is no commentary
MARGIN = 0.15


def choose_lead(candidates: Sequence[LeadCandidate], current: int | None) -> int:
    """Return the article that stands for a story; current is the one that does so far.  candidates: at least one."""
    candidates = sorted(candidates, key=lambda c: c.article_id)  # sums of vectors do not depend on an order
    newest = max(c.at for c in candidates)
    near = _nearness(candidates)
    languages: Counter[str | None] = Counter()
    for candidate in candidates:
        languages[candidate.language] += 1 + candidate.copy_count
    told_in = languages.most_common(1)[0][0]  # of two alike that of the first report
    fit = {c.article_id: _fitness(c, told_in) for c in candidates}
    value = {c.article_id: n + _merit(c, newest) for c, n in zip(candidates, near, strict=True)}
    best = max(
        candidates, key=lambda c: (fit[c.article_id], value[c.article_id], c.at, c.article_id)
    ).article_id
    stays = current in fit and fit[current] == fit[best] and value[current] >= value[best] - MARGIN
    return current if stays and current is not None else best


def _fitness(candidate: LeadCandidate, told_in: str | None) -> tuple[bool, ...]:
    """What must hold before anything is weighed, the most important first.

    Without a date it comes after those with one: its time is only that of our seeing it first.
    """
    genre = genre_of(headline=candidate.headline, section=candidate.section, url=candidate.url)
    return (
        genre == "news",
        candidate.access == "open",
        candidate.word_count >= SUBSTANTIAL_WORDS,
        candidate.language == told_in,
        candidate.dated,
    )


def _merit(candidate: LeadCandidate, newest: datetime) -> float:
    behind_hours = (newest - candidate.at).total_seconds() / 3600
    return (
        RECENT * math.exp2(-behind_hours / RECENT_HOURS)
        + PRINTED * min(2, candidate.copy_count)
        + DATELINED * candidate.has_dateline
    )


def _nearness(candidates: Sequence[LeadCandidate]) -> list[float]:
    """Return how near each candidate is to the mean of the others, headline and text added up, 0 to 2."""
    models = Counter(c.model for c in candidates if c.model)
    model = max(models, key=lambda name: (models[name], name), default=None)
    near = [0.0] * len(candidates)
    told = [i for i, c in enumerate(candidates) if c.model == model and c.model]
    if len(told) > 1:
        for field in ("headline_vector", "body_vector"):
            vectors = np.stack([getattr(candidates[i], field) for i in told])
            others = vectors.sum(axis=0) - vectors
            for i, vector, rest in zip(told, vectors, others, strict=True):
                near[i] += _cosine(vector, rest)
    return near


def _cosine(a: Floats, b: Floats) -> float:
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms > 1e-9 else 0.0
