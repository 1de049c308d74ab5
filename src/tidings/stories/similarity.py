"""One similarity of two articles, 0 to 1, whatever their languages.

It is the human scale of SemEval-2022 task 8 turned round: 1 the same story, ⅔ somewhat similar, ⅓ somewhat dissimilar, 0
unrelated.  A linear score of the nearness in meaning and the words and names in common, fitted on its pairs
(evals/similarity prints the correlation; docs/design has the cross-validated table).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.model import Description
from tidings.stories.rarity import primary
from tidings.stories.weights import Rarities, Weights, dot, name_weights, word_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEADLINE_SHARE = 0.5  # of the headline's vector in an article's: measured .1, .3, .5, 1

# In points of the scale; the second set where the languages differ and words cannot meet.
_BIAS, _MEANING, _MEANING_SQUARED, _NAMES, _WORDS = -0.06, 0.36, 0.79, 0.0, 0.33
_BIAS_ACROSS, _NAMES_ACROSS = 0.02, 0.14

_LANGUAGE_ONLY = Rarities()  # nothing observed: rarity as the language has it


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """What of a description is compared."""

    vector: NDArray[np.float32]
    model: str
    language: str
    words: Weights
    names: Weights


def profile_of(description: Description) -> Profile:
    """Return an article's profile: 0.2 ms."""
    return Profile(
        vector=mixed_vector(description),
        model=description.model,
        language=primary(description.language),
        words=word_weights(description, _LANGUAGE_ONLY),
        names=name_weights(description, _LANGUAGE_ONLY),
    )


def mixed_vector(description: Description) -> NDArray[np.float32]:
    """Return headline and text in one unit vector."""
    mixed: Any = description.body_vector + HEADLINE_SHARE * description.headline_vector
    norm = float(np.linalg.norm(mixed))
    unit: NDArray[np.float32] = mixed / norm if norm > 1e-9 else mixed
    return unit


def similarity(a: Description, b: Description) -> float:
    """Return how alike two articles are, 0 unrelated to 1 the same story; symmetric, times do not count."""
    return compared(profile_of(a), profile_of(b))


def compared(a: Profile, b: Profile) -> float:
    """Return the similarity of two profiles (see similarity)."""
    meaning = max(0.0, float(a.vector @ b.vector)) if a.model == b.model else 0.0
    names = dot(a.names, b.names)
    score = _MEANING * meaning + _MEANING_SQUARED * meaning * meaning
    if a.language != b.language and a.language and b.language:
        score += _BIAS_ACROSS + _NAMES_ACROSS * math.sqrt(names)
    else:
        score += _BIAS + _NAMES * names + _WORDS * math.sqrt(dot(a.words, b.words))
    return min(1.0, max(0.0, score))
