"""How near a timeline is to a journalist's: date F1, and ROUGE over aligned dates (Martschat & Markert 2017, "align+ m:1").

These are the definitions of tilse 0.2.1, for one reference: every date is aligned to that date of the other side which is nearest in
days and in words, and what its sentences have in common counts 1 / (1 + days between).  Tokens are those of the corpus, lowered,
without ROUGE's common words (common_words.txt), stemmed by Porter.  tilse itself needs spaCy, textacy and numba to be imported.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import Stemmer  # type: ignore[import-not-found]

from evals.articles import f1

Tokens = Sequence[str]
Timeline = Mapping[date, Sequence[Tokens]]  # a day's sentences, as tokens
_PUNCTUATION = frozenset([".", ",", ";", ":", "``", "''", "-", '"'])
_PORTER = Stemmer.Stemmer("porter")


def date_f1(shown: Timeline, reference: Timeline) -> float:
    """Return the F1 of the days of a timeline."""
    common = len(set(shown) & set(reference))
    return f1(common / len(shown), common / len(reference)) if common else 0.0


def aligned_rouge(shown: Timeline, reference: Timeline, n: int) -> float:
    """Return the F1 of ROUGE-n over aligned days; 0 for an empty timeline."""
    precision, recall = _aligned(shown, reference, n), _aligned(reference, shown, n)
    return f1(precision, recall)


def _aligned(mine: Timeline, other: Timeline, n: int) -> float:
    """Return the share of the n-grams of one timeline that the other has on the aligned day, days apart discounted."""
    found = total = 0.0
    for day in sorted(mine):
        grams = _grams(mine[day], n)
        total += grams.total()
        if other:
            costs = {its: _cost(day, mine[day], its, other[its]) for its in sorted(other)}
            match = min(costs, key=lambda its: costs[its])
            found += (grams & _grams(other[match], n)).total() / (1 + abs((day - match).days))
    return found / total if total else 0.0


def _cost(day: date, mine: Sequence[Tokens], other_day: date, other: Sequence[Tokens]) -> float:
    near = 1 / (1 + abs((day - other_day).days))
    return (1 - near) * (1 - _overlap(mine, other))


def _overlap(a: Sequence[Tokens], b: Sequence[Tokens]) -> float:
    """Return the F1 of words as they are written; that of ROUGE-1, roughly."""
    first, second = _words(a), _words(b)
    common = (first & second).total()
    return f1(common / first.total(), common / second.total()) if common else 0.0


def _words(sentences: Sequence[Tokens]) -> Counter[str]:
    return Counter(token for tokens in sentences for token in tokens if token not in string.punctuation)


def _grams(sentences: Sequence[Tokens], n: int) -> Counter[tuple[str, ...]]:
    ignored = common_words() | _PUNCTUATION
    kept = [_stem(token.lower()) for tokens in sentences for token in tokens if token.lower() not in ignored]
    return Counter(zip(*(kept[i:] for i in range(n)), strict=False))


@lru_cache(maxsize=100_000)
def _stem(token: str) -> str:
    return str(_PORTER.stemWord(token))


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Return the words that ROUGE leaves out: SMART's list with months, weekdays and names of agencies."""
    return frozenset((Path(__file__).parent / "common_words.txt").read_text("utf-8").splitlines())
