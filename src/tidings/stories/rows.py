"""The numbers of a window's stories as arrays, one row a story, so that an article meets all of them at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tidings.stories.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Flags = NDArray[np.bool_]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MOST_LANGUAGES = 40  # that are told apart; more share the last place


def day_of(at: datetime) -> float:
    """Return a time as days since 2000."""
    return (at - _EPOCH).total_seconds() / 86_400


class Rows:
    """Sums of the stories' vectors and what goes with them; a freed row is used again."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self.used = 0
        self.headlines: Floats = np.zeros((0, 0), dtype=np.float32)
        self.bodies: Floats = np.zeros((0, 0), dtype=np.float32)
        self._alive: Flags = np.zeros(0, dtype=np.bool_)
        self._numbers: Floats = np.zeros((7, 0), dtype=np.float64)
        self._languages = np.zeros((0, MOST_LANGUAGES), dtype=np.int32)  # articles of each
        self._places: dict[str, int] = {}

    def open(self, dim: int, at: datetime) -> int:
        """Return a row for a new story."""
        row = self._free.pop() if self._free else self.used
        self.used = max(self.used, row + 1)
        if row >= len(self._alive) or dim != self.headlines.shape[1]:
            self._grow(max(256, 2 * len(self._alive)) if row >= len(self._alive) else len(self._alive), dim)
        self.headlines[row] = 0.0
        self.bodies[row] = 0.0
        self._numbers[:, row] = (0.0, 0.0, 0.0, 0.0, day_of(at), day_of(at), 0.0)
        self._languages[row] = 0
        self._alive[row] = True
        return row

    def close(self, row: int) -> None:
        self._alive[row] = False
        self.headlines[row] = 0.0
        self.bodies[row] = 0.0
        self._free.append(row)

    def add(self, row: int, headline: Floats, body: Floats, *, language: str, at: datetime) -> None:
        """Add an article's vectors to a story."""
        self.headlines[row] += headline
        self.bodies[row] += body
        if language:
            self._languages[row, self._place(language)] += 1
            self._numbers[6, row] += 1
        self._span(row, day_of(at), day_of(at))
        self._renorm(row)

    def pour(self, row: int, other: int) -> None:
        """Add a story's sums to another's."""
        self.headlines[row] += self.headlines[other]
        self.bodies[row] += self.bodies[other]
        self._languages[row] += self._languages[other]
        self._numbers[6, row] += self._numbers[6, other]
        self._span(row, self._numbers[4, other], self._numbers[5, other])
        self._renorm(row)

    def _span(self, row: int, first: float, last: float) -> None:
        self._numbers[4, row] = min(self._numbers[4, row], first)
        self._numbers[5, row] = max(self._numbers[5, row], last)

    def _renorm(self, row: int) -> None:
        self._numbers[0, row] = np.linalg.norm(self.headlines[row])
        self._numbers[1, row] = np.linalg.norm(self.bodies[row])

    def set_sparse_norms(self, row: int, *, words: float, names: float) -> None:
        self._numbers[2:4, row] = (words, names)

    def _place(self, language: str) -> int:
        return self._places.setdefault(language, min(len(self._places), MOST_LANGUAGES - 1))

    def _grow(self, rows: int, dim: int) -> None:
        kept = len(self._alive)
        headlines, bodies = np.zeros((rows, dim), np.float32), np.zeros((rows, dim), np.float32)
        if dim == self.headlines.shape[1]:
            headlines[:kept], bodies[:kept] = self.headlines, self.bodies
        self.headlines, self.bodies = headlines, bodies
        self._alive = np.concatenate([self._alive, np.zeros(rows - kept, np.bool_)])
        self._numbers = np.hstack([self._numbers, np.zeros((7, rows - kept))])
        self._languages = np.vstack([self._languages, np.zeros((rows - kept, MOST_LANGUAGES), np.int32)])

    # ── all rows at once; every array is `used` long ─────────────────────────────────────────────────────────────────

    @property
    def alive(self) -> Flags:
        return self._alive[: self.used]

    @property
    def has_body(self) -> Flags:
        present: Flags = self._numbers[1, : self.used] > 1e-6
        return present

    @property
    def word_norms(self) -> Floats:
        return np.maximum(self._numbers[2, : self.used], 1e-6)

    @property
    def name_norms(self) -> Floats:
        return np.maximum(self._numbers[3, : self.used], 1e-6)

    def gaps(self, at: datetime) -> Floats:
        """Return the days between a time and each story's span, 0 within it."""
        day = day_of(at)
        first, last = self._numbers[4, : self.used], self._numbers[5, : self.used]
        between: Floats = np.maximum(0.0, np.maximum(first - day, day - last))
        return between

    def is_foreign(self, language: str) -> Flags:
        """Return which stories have less than half of their articles in a language, where languages are known."""
        if not language:
            return np.zeros(self.used, dtype=np.bool_)
        foreign: Flags = (
            2 * self._languages[: self.used, self._place(language)] < self._numbers[6, : self.used]
        )
        return foreign

    def share_language(self, a: int, b: int) -> bool:
        """Whether at least half of each of two stories is in one language, or one's is unknown."""
        first, second = self._languages[a], self._languages[b]
        known = first.any() and second.any()
        return not known or bool(
            ((2 * first >= first.sum()) & (2 * second >= second.sum()) & (first > 0)).any()
        )

    def nearness(self, vectors: Floats, *, bodies: bool, only: int | None = None) -> Floats:
        """Return the cosine of every story (or one row) with each of some unit vectors: rows × vectors."""
        where = slice(0, self.used) if only is None else slice(only, only + 1)
        sums = (self.bodies if bodies else self.headlines)[where]
        norms = np.maximum(self._numbers[1 if bodies else 0, where], 1e-6)
        near: Floats = (sums @ vectors.T) / norms[:, None].astype(np.float32)
        return near


class Postings:
    """An inverted index of the stories' sparse vectors: word → row → weight."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[int, float]] = defaultdict(dict)

    def pour(self, row: int, into: Weights, weights: Weights) -> float:
        """Add weights to a story's vector; return how much its squared length grew."""
        grown = 0.0
        for word, weight in weights.items():
            before = into.get(word, 0.0)
            into[word] = after = before + weight
            self._rows[word][row] = after
            grown += after * after - before * before
        return grown

    def remove(self, row: int, word: str) -> None:
        rows = self._rows.get(word)
        if rows is not None:
            rows.pop(row, None)
            if not rows:
                del self._rows[word]

    def dots(self, weights: Weights, rows: int) -> Floats:
        """Return the inner product of a sparse vector with every row."""
        sums = np.zeros(rows, dtype=np.float64)
        for word, weight in weights.items():
            held = self._rows.get(word)
            if held:
                count = len(held)
                at = np.fromiter(held.keys(), dtype=np.int64, count=count)
                sums[at] += weight * np.fromiter(held.values(), dtype=np.float64, count=count)
        return sums
