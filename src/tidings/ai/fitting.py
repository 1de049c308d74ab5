"""How well a sentence answers a question, and how far the best one can be trusted: named facts and learned log-odds.

The weights are in asking.json, learned by `python -m evals.train_ask` from questions and the passages that answer them: a set
for each way of reading ("english": by the English embedder, "other": by the other one, "words": by none).  "fit" chooses
among sentences, "trust" tells whether the best of an archive is an answer at all, "alone" the same of one article that nothing
was searched for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tidings.ai.question import Question
from tidings.ai.seeking import holds_sought
from tidings.ai.shortlist import Passage

if TYPE_CHECKING:
    Meanings = Callable[[Sequence[str]], np.ndarray[tuple[int, int], np.dtype[np.float32]]]

Reading = Literal["english", "other", "words"]
READINGS: tuple[Reading, ...] = ("english", "other", "words")

FIT_FACTS = (
    "words",  # share of the question's words, by weight, in the sentence
    "around",  # the same in its paragraph, the one before and the headline
    "meaning",  # cosine of question and sentence
    "context",  # cosine of question and the sentence between its neighbours
    "apart",  # the same, less its mean cosine to those on other events: what the question says of its own, not its subject
    "figure",  # where a number is sought, how surely the sentence holds it, -1 to 1 (seeking.py); else 0
    "sought",  # the same where a person, a place, a time, a reason or a name is sought
    "search",  # a tenth of the log-odds that search gives the article, 0.0 where nothing was searched
    "number",  # 1 where a number is sought: sentences have many, and it tells only in how far the best one is trusted
    "bias",
)
TRUST_FACTS = (
    *FIT_FACTS,  # of the best sentence
    "lead",  # log-odds of the first article in the search above those on other events, 0.0 where nothing was searched
)

LEAST_SCORE = 9.0  # log-odds beyond which search is as sure as it can be

Facts = tuple[float, ...]


def facts_of(
    question: Question,
    passages: Sequence[Passage],
    *,
    today: date,
    meanings: Meanings | None,
) -> list[Facts]:
    """Return the FIT_FACTS of each passage.  meanings is asked once, for all of them."""
    meaning, context, apart = _nearness(question, passages, meanings)
    held = [holds_sought(question, passage, today=today) for passage in passages]
    return [
        (
            _share(question, passage, passage.has),
            _share(question, passage, passage.around),
            max(0.0, meaning[n]),
            max(0.0, context[n]),
            apart[n],
            held[n] if question.sought == "number" else 0.0,
            held[n] if question.sought != "number" else 0.0,
            max(-LEAST_SCORE, min(LEAST_SCORE, passage.found.score or 0.0)) / 10.0,
            float(question.sought == "number"),
            1.0,
        )
        for n, passage in enumerate(passages)
    ]


def _nearness(
    question: Question, passages: Sequence[Passage], meanings: Meanings | None
) -> tuple[list[float], list[float], list[float]]:
    """Return the "meaning", "context" and "apart" of each passage."""
    n = len(passages)
    if meanings is None:
        return [0.0] * n, [0.0] * n, [0.0] * n
    texts = [passage.words for passage in passages] + [passage.in_context() for passage in passages]
    vectors: Any = meanings([question.text, *texts])
    cosines = vectors[1:] @ vectors[0]
    numbers: dict[tuple[bool, int], int] = {}
    events = np.array([numbers.setdefault(passage.found.event, len(numbers)) for passage in passages])
    others = events[:, None] != events[None]
    near = ((vectors[1 + n :] @ vectors[1 + n :].T) * others).sum(axis=1) / np.maximum(1, others.sum(axis=1))
    apart = np.where(others.any(axis=1), cosines[n:] - near, 0.0)
    return cosines[:n].tolist(), cosines[n:].tolist(), apart.tolist()


def _share(question: Question, passage: Passage, tokens: frozenset[str]) -> float:
    weights = question.weights(passage.found.source.language)
    return sum(weights[token] for token in tokens) / (sum(weights.values()) or 1.0)


# ── the learned log-odds ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Weights:
    """Those of one way of reading, in the order of FIT_FACTS and TRUST_FACTS."""

    fit: tuple[float, ...]
    trust: tuple[float, ...]
    alone: tuple[float, ...]


@cache
def learned_weights() -> Mapping[Reading, Weights]:
    """Return the weights of each way of reading."""
    kept = json.loads((files("tidings.ai") / "asking.json").read_text(encoding="utf-8"))
    return {
        reading: Weights(
            tuple(float(kept[f"{reading} fit"].get(fact, 0.0)) for fact in FIT_FACTS),
            tuple(float(kept[f"{reading} trust"].get(fact, 0.0)) for fact in TRUST_FACTS),
            tuple(float(kept[f"{reading} alone"].get(fact, 0.0)) for fact in TRUST_FACTS),
        )
        for reading in READINGS
    }


def fit(facts: Facts, weights: Weights) -> float:
    """Return how much better than others a sentence answers, in log-odds."""
    return sum(weight * fact for weight, fact in zip(weights.fit, facts, strict=True))


def trust(facts: Facts, lead: float | None, weights: Weights) -> float:
    """Return the probability, 0 to 1, that what is shown answers, from the facts of the best sentence.

    lead: see TRUST_FACTS; None where the sentence is of the one article that was asked.
    """
    of_one = lead is None
    odds = sum(
        weight * fact
        for weight, fact in zip(
            weights.alone if of_one else weights.trust, (*facts, lead or 0.0), strict=True
        )
    )
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, odds))))
