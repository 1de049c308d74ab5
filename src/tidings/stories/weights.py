"""How much a word or a name of an article weighs: rare ones more, and what is rare ages with the news.

Document frequencies start from the words' frequency in the language (rarity.py) as if PRIOR_ARTICLES had been read, and
forget with a half-life, so that yesterday's flood of articles on one event does not make its words worthless for ever.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from tidings.model import Description
from tidings.stories.rarity import expected_share, primary, token_zipfs

PRIOR_ARTICLES = 500.0
HALF_LIFE_DAYS = 30.0
MOST_WEIGHED = 100  # words of an article that count; measured: 300 change nothing
LEAST_RARITY = 0.5
HEADLINE_WEIGHT = 5.0  # a word of the headline counts as if it stood there five times more
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_COMPACT_ABOVE = 2.0**60

Weights = dict[str, float]  # of unit length


class Rarities:
    """Ageing document frequencies of words and of name parts."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._names: dict[str, float] = {}
        self._articles = 0.0
        self._origin: float | None = None  # days; counts are kept in units of what one article weighs there
        self._latest = 0.0

    def observe(self, description: Description) -> None:
        """Count an article's words and names, at its own time."""
        day = (description.at - _EPOCH).total_seconds() / 86_400
        if self._origin is None:
            self._origin = self._latest = day
        self._latest = max(self._latest, day)
        unit = math.exp2((day - self._origin) / HALF_LIFE_DAYS)
        self._articles += unit
        for word in description.words:
            self._seen[word] = self._seen.get(word, 0.0) + unit
        for part in {part for name in description.names for part in name.key.split()}:
            self._names[part] = self._names.get(part, 0.0) + unit
        if unit > _COMPACT_ABOVE:
            self._compact(unit)

    def _compact(self, unit: float) -> None:
        """Count from now on in today's units, and forget what weighs nothing any more."""
        self._origin = self._latest
        self._articles /= unit
        for counts in (self._seen, self._names):
            for key in list(counts):
                counts[key] /= unit
                if counts[key] < 1e-3:
                    del counts[key]

    def _unit(self) -> float:
        origin = self._latest if self._origin is None else self._origin
        return math.exp2((self._latest - origin) / HALF_LIFE_DAYS)

    def of_words(self, words: Iterable[str], language: str) -> list[float]:
        """Return −ln of the share of articles that hold each word: 0 for one in all of them, 6 for one in 400."""
        return self._rarities(self._seen, words, language)

    def of_names(self, parts: Iterable[str], language: str) -> list[float]:
        """Return the same of parts of names, among names; at least 0.3."""
        return [max(0.3, rarity) for rarity in self._rarities(self._names, parts, language)]

    def _rarities(self, seen: Mapping[str, float], keys: Iterable[str], language: str) -> list[float]:
        if not self._articles:
            known, unlisted = _language_rarities(language)
            return [known.get(key, unlisted) for key in keys]
        a_unit = 1.0 / self._unit()
        total = PRIOR_ARTICLES + self._articles * a_unit + 0.2
        log = math.log
        return [
            -log((PRIOR_ARTICLES * expected_share(key, language) + seen.get(key, 0.0) * a_unit + 0.2) / total)
            for key in keys
        ]


@lru_cache(maxsize=16)
def _language_rarities(language: str) -> tuple[dict[str, float], float]:
    """Return the rarity of each token that a language's list has, and that of every other: what it is before any article."""

    def rarity(token: str) -> float:
        return -math.log((PRIOR_ARTICLES * expected_share(token, language) + 0.2) / (PRIOR_ARTICLES + 0.2))

    return {token: rarity(token) for token in token_zipfs(language)}, rarity("")


def word_weights(description: Description, rarities: Rarities) -> Weights:
    """Return the weights of an article's most telling words, at most 100."""
    # Whole lists at a time, and numbers sorted before pairs: every article page weighs 30 articles of 400 words.
    words, headline = description.words, description.headline_words
    counts = dict(words) | {
        word: words[word] + HEADLINE_WEIGHT * count for word, count in headline.items() if word in words
    }
    rarity = rarities.of_words(words, primary(description.language))
    told = [
        one if count == 1 else (1.0 + math.log(count)) * one
        for one, count in zip(rarity, counts.values(), strict=True)
    ]
    heaviest = sorted(
        [weight for weight, one in zip(told, rarity, strict=True) if one > LEAST_RARITY], reverse=True
    )
    floor = heaviest[MOST_WEIGHED - 1] if len(heaviest) >= MOST_WEIGHED else 0.0
    weights = [
        (-weight, word)
        for weight, one, word in zip(told, rarity, words, strict=True)
        if weight >= floor and one > LEAST_RARITY
    ]
    weights.sort()
    return _unit_length({word: -weight for weight, word in weights[:MOST_WEIGHED]})


def name_weights(description: Description, rarities: Rarities) -> Weights:
    """Return the weights of the parts of an article's names: "Cho" counts for "Cho Tae-yul" and the other way round."""
    told: dict[str, float] = {}
    for name in description.names:
        weight = 1.0 + math.log(name.count + 2 * name.in_headline)
        for part in name.key.split():
            told[part] = max(told.get(part, 0.0), weight)
    rarity = rarities.of_names(told, primary(description.language))
    return _unit_length({part: told[part] * r for part, r in zip(told, rarity, strict=True)})


def number_weights(description: Description, rarities: Rarities) -> Weights:
    """Return the weights of the numbers of an article, their points and commas off: "34.7" is "34,7" in the next language."""
    numbers = [word for word in description.words if word[0].isdigit()]
    rarity = rarities.of_words(numbers, primary(description.language))
    weights: Weights = {}
    for number, one in zip(numbers, rarity, strict=True):
        digits = number.replace(".", "").replace(",", "")
        if digits.isdigit():
            weights[digits] = max(weights.get(digits, 0.0), one)
    return _unit_length(weights)


def dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Return the inner product of two sparse vectors."""
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[key] for key, weight in a.items() if key in b)


def _unit_length(weights: Weights) -> Weights:
    norm = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {key: weight / norm for key, weight in weights.items()} if norm else {}
