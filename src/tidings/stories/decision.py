"""Whether an article belongs to a story: a logistic decision on a few named facts, its weights learned from labelled streams.

The weights are in decision.json, a set for each of the ways in which an article and a story can meet.  They are learned by
`python -m evals.train_stories`, but those of "english text", which were then chosen from a small grid around the learned ones
as the best on the sample press without a wrong pair (docs/design/clustering.md has the table).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

# How an article and a story meet: with text on both sides or headlines only, read by the English embedder too or not; across
# languages words cannot meet.
Meeting = Literal["english text", "english headlines", "text", "headlines", "across"]
MEETINGS: tuple[Meeting, ...] = ("english text", "english headlines", "text", "headlines", "across")

# What of an article and a story counts, each a column of the facts.
FACTS = (
    "words",  # mean cosine of the weighted words with the story's articles
    "names",  # the same of the weighted parts of names, the name that weighs most counting half
    "headline",  # of the headline's meaning
    "body",  # of the text's meaning
    "english",  # of the meaning as the English embedder has it
    "age",  # ln(1 + days to the story's span), 0 within it
    "middle",  # ln(1 + days to the middle of its span)
    "lead",  # how much nearer the story is than the next one, -0.5 to 0.5
    "bias",
)


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The weights of FACTS, in log-odds; above 0 the article joins."""

    weights: Floats

    def scores(self, facts: Floats) -> Floats:
        """Return the score of each row of facts (rows × FACTS)."""
        scores: Floats = facts @ self.weights
        return scores

    def moved(self, shift: float) -> Decision:
        """Return the decision that asks for less (or, below 0, for more) by a shift of the bias."""
        return Decision(self.weights + np.array([shift if fact == "bias" else 0.0 for fact in FACTS]))


@cache
def learned_decisions() -> Mapping[Meeting, Decision]:
    """Return the learned decisions, one a meeting."""
    kept = json.loads((files("tidings.stories") / "decision.json").read_text(encoding="utf-8"))
    return {
        meeting: Decision(np.array([kept[meeting].get(fact, 0.0) for fact in FACTS])) for meeting in MEETINGS
    }
