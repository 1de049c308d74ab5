"""ROUGE between two texts: F1 of n-grams in common, and of the longest common subsequence (Lin 2004).

Tokens are runs of a–z and 0–9 of the lowered text, unstemmed: figures equal those of `rouge-score` 0.1.2 without its stemmer to
the last digit (compared on the roundups), which would bring nltk and absl for these forty lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from evals.articles import f1

_TOKEN = re.compile(r"[a-z0-9]+")


def rouge_tokens(text: str) -> list[str]:
    """Return the tokens that are compared."""
    return _TOKEN.findall(text.lower())


def rouge_n(shown: Sequence[str], reference: Sequence[str], n: int) -> float:
    """Return the F1 of n-grams in common, each as often as both have it; 0 where one has none."""
    first, second = _grams(shown, n), _grams(reference, n)
    common = (first & second).total()
    return f1(common / first.total(), common / second.total()) if first and second else 0.0


def _grams(tokens: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(tokens[i:] for i in range(n)), strict=False))


def rouge_l(shown: Sequence[str], reference: Sequence[str]) -> float:
    """Return the F1 of the longest common subsequence; 0 where one is empty."""
    if not shown or not reference:
        return 0.0
    length = common_subsequence(shown, reference)
    return f1(length / len(shown), length / len(reference))


def common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest common subsequence (Hyyrö 2004: a row of the table is one integer's bits)."""
    places: dict[str, int] = {}
    for i, token in enumerate(a):
        places[token] = places.get(token, 0) | 1 << i
    whole = (1 << len(a)) - 1
    row = whole
    for token in b:
        matched = row & places.get(token, 0)
        row = ((row + matched) | (row - matched)) & whole
    return len(a) - row.bit_count()
