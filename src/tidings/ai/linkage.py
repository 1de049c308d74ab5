"""Average linkage: scores of pairs in, groups out, without chains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def grouped(n: int, scores: NDArray[np.float32]) -> list[list[int]]:
    """Return the groups of n things by average linkage: the two groups of highest mean score join while it is over one half.

    Each group begins with what is most like the rest of it.
    scores: n × n, the probability that two are the same; cost: for each join the square of how many have a score over one half.
    """
    if n < 2:
        return [[i] for i in range(n)]
    others = scores - 2 * np.eye(n, dtype=np.float32)
    close = np.flatnonzero(others.max(axis=1) > 0.5)
    alone = np.setdiff1d(np.arange(n), close)
    joined = _linked(others[np.ix_(close, close)].astype(np.float64))
    found = [[int(close[i]) for i in group] for group in joined]
    return [sorted(g, key=lambda i: (-scores[i, g].sum(), i)) for g in found] + [[int(i)] for i in alone]


def _linked(sums: NDArray[np.float64]) -> list[list[int]]:
    n = len(sums)
    groups: dict[int, list[int]] = {i: [i] for i in range(n)}
    if not n:
        return []
    np.fill_diagonal(sums, -1.0)
    sizes = np.ones(n)
    means = sums.copy()
    while True:
        a, b = divmod(int(means.argmax()), n)
        if means[a, b] <= 0.5:
            return list(groups.values())
        groups[a] += groups.pop(b)
        sums[a] += sums[b]
        sums[:, a] = sums[a]
        sizes[a] += sizes[b]
        means[b], means[:, b] = -1.0, -1.0
        sums[b], sums[:, b] = -1e9, -1e9
        means[a] = np.where(means[a] > -1.0, sums[a] / (sizes[a] * sizes), -1.0)
        means[a, a] = -1.0
        means[:, a] = means[a]
