"""One similarity of two articles, 0 to 1, whatever their languages.

It is the human scale of SemEval-2022 task 8 turned round: 1 the same story, ⅔ somewhat similar, ⅓ somewhat dissimilar, 0
unrelated.  A linear score of a few named facts, bent into the scale by a logistic curve, for people's judgements crowd at its
ends; the weights are in similarity.json, a set for each of the ways in which two articles can be compared.  They are
learned by `python -m evals.train_similarity` (docs/design/related.md has what was tried, cross-validated).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tidings.model import Description
from tidings.stories.rarity import primary
from tidings.stories.weights import Rarities, Weights, dot, name_weights, number_weights, word_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

HEADLINE_SHARE = 0.5  # of the headline's vector in an article's: measured .1, .3, .5, 1

# Both read by the English embedder; of one language, as far as is known; of two, where words cannot meet.
Comparison = Literal["english", "one language", "across"]
COMPARISONS: tuple[Comparison, ...] = ("english", "one language", "across")

# What two articles have in common, each 0 to 1.  Square roots of the overlaps: the first things in common say most.
PAIR_FACTS = (
    "meaning",  # cosine of the vectors, headline and text in one; of the English vectors where both have one
    "words",  # root of the cosine of the weighted words
    "names",  # root of the cosine of the weighted parts of names
    "numbers",  # root of the cosine of the numbers that stand in the texts
    "bias",
)

PairFacts = tuple[float, ...]

_LANGUAGE_ONLY = Rarities()  # nothing observed: rarity as the language has it


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What a description means, as the embedders have it."""

    vector: Vector
    model: str
    english_vector: Vector | None
    english_model: str | None
    language: str


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """What of a description is compared."""

    views: Views
    words: Weights
    names: Weights
    numbers: Weights


def views_of(description: Description) -> Views:
    """Return an article's views: hardly any time."""
    return Views(
        vector=mixed_vector(description),
        model=description.model,
        english_vector=description.english_vector,
        english_model=description.english_model,
        language=primary(description.language),
    )


def profile_of(description: Description) -> Profile:
    """Return an article's profile: 0.2 ms."""
    return Profile(
        views=views_of(description),
        words=word_weights(description, _LANGUAGE_ONLY),
        names=name_weights(description, _LANGUAGE_ONLY),
        numbers=number_weights(description, _LANGUAGE_ONLY),
    )


def mixed_vector(description: Description) -> Vector:
    """Return headline and text in one unit vector."""
    mixed: Any = description.body_vector + HEADLINE_SHARE * description.headline_vector
    norm = float(np.linalg.norm(mixed))
    unit: Vector = mixed / norm if norm > 1e-9 else mixed
    return unit


def similarity(a: Description, b: Description) -> float:
    """Return how alike two articles are, 0 unrelated to 1 the same story; symmetric, times do not count."""
    return compared(profile_of(a), profile_of(b))


def compared(a: Profile, b: Profile) -> float:
    """Return the similarity of two profiles (see similarity); 0 where there is nothing to compare."""
    how, facts = pair_facts(a, b)
    if not any(facts[:-1]):
        return 0.0
    return scored(facts, learned_weights()[how])


def most_alike(a: Views, b: Views) -> float:
    """Return the most that `compared` can find of two articles: as if they shared all words, names and numbers."""
    how = comparison_of(a, b)
    return scored((_nearness(a, b, how), 1.0, 1.0, 1.0, 1.0), learned_weights()[how])


def comparison_of(a: Views, b: Views) -> Comparison:
    """Return how two articles are compared."""
    if a.language != b.language and a.language and b.language:
        return "across"
    both = a.english_vector is not None and b.english_vector is not None
    return "english" if both and a.english_model == b.english_model else "one language"


def pair_facts(a: Profile, b: Profile) -> tuple[Comparison, PairFacts]:
    """Return how two profiles are compared, and the PAIR_FACTS of it."""
    how = comparison_of(a.views, b.views)
    return how, (
        _nearness(a.views, b.views, how),
        0.0 if how == "across" else math.sqrt(dot(a.words, b.words)),
        math.sqrt(dot(a.names, b.names)),
        math.sqrt(dot(a.numbers, b.numbers)),
        1.0,
    )


def _nearness(a: Views, b: Views, how: Comparison) -> float:
    if how == "english" and a.english_vector is not None and b.english_vector is not None:
        return min(1.0, max(0.0, float(a.english_vector @ b.english_vector)))
    return min(1.0, max(0.0, float(a.vector @ b.vector))) if a.model == b.model else 0.0


def scored(facts: PairFacts, weights: PairFacts) -> float:
    """Return the similarity that weights give to facts."""
    return 1.0 / (1.0 + math.exp(-sum(weight * fact for weight, fact in zip(weights, facts, strict=True))))


@cache
def learned_weights() -> Mapping[Comparison, PairFacts]:
    """Return the learned weights of PAIR_FACTS, in log-odds, a set for each comparison."""
    kept = json.loads((files("tidings.stories") / "similarity.json").read_text(encoding="utf-8"))
    return {how: tuple(float(kept[how].get(fact, 0.0)) for fact in PAIR_FACTS) for how in COMPARISONS}
