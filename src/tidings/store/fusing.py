"""How well an article answers a query: a logistic decision on how its words and its meaning fit.

The weights are in fusing.json, in log-odds, a set for each kind of article: read by the English embedder too, by the other one
only, by none.  Those of words and meaning are learned by `python -m evals.train_search` from questions and the passages that
answer them; those of having every word that was asked, and of having them in a row, are a rule that no question can teach:
what has the words as they were typed goes before what only means the same (docs/design/search.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

LEAST_SCORE = -9.0  # what answers a question stands above it in 97 cases of 100, and 60 other articles do
SOME_WORDS = (
    0.3  # what has so much of the words is found whatever it means; nobody who sees them is surprised
)
NEARLY = 4  # power of the share of the words: to have most of them is worth half of having all, to have half a thirtieth

Kind = Literal["english", "other", "words"]
KINDS: tuple[Kind, ...] = ("english", "other", "words")
FACTS = ("words", "meaning", "english", "whole", "row", "bias")


class Likeness(NamedTuple):
    """How an article and a query fit.

    words: how much of what is asked its best passage has, 0 to 1, rare words counting most.  meaning, english: cosine similarity to
    either embedder, None where there is no vector.  has_all: a passage has every word; in_a_row: one after another.
    """

    words: float
    meaning: float | None
    english: float | None
    has_all: bool = False
    in_a_row: bool = False

    @property
    def kind(self) -> Kind:
        if self.english is not None:
            return "english"
        return "words" if self.meaning is None else "other"

    def facts(self) -> tuple[float, ...]:
        """Return the FACTS.  To have nearly all of the words is nearly to have all; vectors that turn away from each other say nothing."""
        return (
            self.words,
            max(0.0, self.meaning or 0.0),
            max(0.0, self.english or 0.0),
            1.0 if self.has_all else 0.5 * self.words**NEARLY,
            float(self.in_a_row),
            1.0,
        )


def ranked(likeness: Mapping[int, Likeness]) -> list[tuple[float, int]]:
    """Return (score, article id) of what answers, best first, of equal ones the smaller id."""
    scores = [(round(score(one), 9), article_id) for article_id, one in likeness.items()]
    found = (one for one in scores if one[0] >= LEAST_SCORE or likeness[one[1]].words >= SOME_WORDS)
    return sorted(found, key=lambda one: (-one[0], one[1]))


def score(likeness: Likeness) -> float:
    """Return the log-odds that an article answers a query."""
    weights = learned_weights()[likeness.kind]
    return sum(weight * fact for weight, fact in zip(weights, likeness.facts(), strict=True))


@cache
def learned_weights() -> Mapping[Kind, tuple[float, ...]]:
    """Return the weights of FACTS, a set for each kind of article."""
    kept = json.loads((files("tidings.store") / "fusing.json").read_text(encoding="utf-8"))
    return {kind: tuple(float(kept[kind].get(fact, 0.0)) for fact in FACTS) for kind in KINDS}
