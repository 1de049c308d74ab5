"""The numbers of a window's stories as arrays, one row a story, so that an article meets all of them at once."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import compress
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tidings.stories.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Flags = NDArray[np.bool_]
    Places = NDArray[np.intp]

View = Literal["headline", "body", "english"]
VIEWS: tuple[View, ...] = ("headline", "body", "english")

# The lines of Rows._numbers: first and last day, articles whose language is known, articles.
_FIRST, _LAST, _SPOKEN, _SIZE = range(4)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
OUTLINE_DIM = 256
FEW_ROWS = 16  # of a word, that are gone through one by one
GONE = 1e-9  # what rounding leaves of a weight that was taken out
MOST_LANGUAGES = 40  # that are told apart; more share the last place


def day_of(at: datetime) -> float:
    """Return a time as days since 2000."""
    return (at - _EPOCH).total_seconds() / 86_400


class Rows:
    """Sums of the stories' vectors and what goes with them; a freed row is used again."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self.used = 0
        self.sums: dict[View, Floats] = {view: np.zeros((0, 0), dtype=np.float32) for view in VIEWS}
        self._alive: Flags = np.zeros(0, dtype=np.bool_)
        self._seen: dict[View, Floats] = {view: np.zeros(0, dtype=np.float32) for view in VIEWS}
        self._numbers: Floats = np.zeros((4, 0), dtype=np.float64)
        self._languages = np.zeros((0, MOST_LANGUAGES), dtype=np.int32)  # articles of each
        self._places: dict[str, int] = {}
        self._outlines: Floats | None = None  # made when a window grows large

    def open(self, at: datetime) -> int:
        """Return a row for a new story."""
        row = self._free.pop() if self._free else self.used
        self.used = max(self.used, row + 1)
        if row >= len(self._alive):
            self._grow(max(256, 2 * len(self._alive)))
        self._clear(row)
        self._numbers[:, row] = (day_of(at), day_of(at), 0.0, 0.0)
        self._languages[row] = 0
        self._alive[row] = True
        return row

    def close(self, row: int) -> None:
        self._alive[row] = False
        self._clear(row)
        self._free.append(row)

    def _clear(self, row: int) -> None:
        for view in VIEWS:
            self.sums[view][row] = 0.0
            self._seen[view][row] = 0.0
        if self._outlines is not None:
            self._outlines[row] = 0.0

    def add(self, row: int, vectors: Mapping[View, Floats], *, language: str, at: datetime) -> None:
        """Add the vectors that an article has to a story."""
        for view, vector in vectors.items():
            self._fit(view, len(vector))
            self.sums[view][row] += vector
            self._seen[view][row] += 1
        self._numbers[_SIZE, row] += 1
        if language:
            self._languages[row, self._place(language)] += 1
            self._numbers[_SPOKEN, row] += 1
        self._span(row, day_of(at), day_of(at))
        self._outline(slice(row, row + 1))

    def pour(self, row: int, other: int) -> None:
        """Add a story's sums to another's."""
        for view in VIEWS:
            self.sums[view][row] += self.sums[view][other]
            self._seen[view][row] += self._seen[view][other]
        self._languages[row] += self._languages[other]
        self._numbers[[_SPOKEN, _SIZE], row] += self._numbers[[_SPOKEN, _SIZE], other]
        self._span(row, self._numbers[_FIRST, other], self._numbers[_LAST, other])
        self._outline(slice(row, row + 1))

    def _span(self, row: int, first: float, last: float) -> None:
        self._numbers[_FIRST, row] = min(self._numbers[_FIRST, row], first)
        self._numbers[_LAST, row] = max(self._numbers[_LAST, row], last)

    def _fit(self, view: View, dim: int) -> None:
        """Make room for a view's vectors when the first of it comes."""
        if self.sums[view].shape[1] != dim:
            self.sums[view] = np.zeros((len(self._alive), dim), dtype=np.float32)

    def _place(self, language: str) -> int:
        return self._places.setdefault(language, min(len(self._places), MOST_LANGUAGES - 1))

    def _grow(self, rows: int) -> None:
        more = rows - len(self._alive)
        for view in VIEWS:
            self.sums[view] = np.pad(self.sums[view], ((0, more), (0, 0)))
            self._seen[view] = np.pad(self._seen[view], (0, more))
        if self._outlines is not None:
            self._outlines = np.pad(self._outlines, ((0, more), (0, 0)))
        self._alive = np.pad(self._alive, (0, more))
        self._numbers = np.pad(self._numbers, ((0, 0), (0, more)))
        self._languages = np.pad(self._languages, ((0, more), (0, 0)))

    # ── all rows at once; every array is `used` long ─────────────────────────────────────────────────────────────────

    @property
    def alive(self) -> Flags:
        return self._alive[: self.used]

    def has(self, view: View) -> Flags:
        """Return which stories have a vector of a view."""
        present: Flags = self._seen[view][: self.used] > 0
        return present

    @property
    def sizes(self) -> Floats:
        """Return how many articles each story has, at least 1."""
        return np.maximum(self._numbers[_SIZE, : self.used], 1.0)

    def gaps(self, at: datetime) -> Floats:
        """Return the days between a time and each story's span, 0 within it."""
        day = day_of(at)
        first, last = self._numbers[_FIRST, : self.used], self._numbers[_LAST, : self.used]
        between: Floats = np.maximum(0.0, np.maximum(first - day, day - last))
        return between

    def middles(self, at: datetime, rows: Places) -> Floats:
        """Return the days between a time and the middle of some stories' spans."""
        between: Floats = np.abs(self._numbers[_FIRST : _LAST + 1, rows].mean(axis=0) - day_of(at))
        return between

    def is_foreign(self, language: str, rows: Places) -> Flags:
        """Return which of some stories have less than half of their articles in a language, where languages are known."""
        if not language:
            return np.zeros(len(rows), dtype=np.bool_)
        foreign: Flags = 2 * self._languages[rows, self._place(language)] < self._numbers[_SPOKEN, rows]
        return foreign

    def share_language(self, a: int, b: int) -> bool:
        """Whether at least half of each of two stories is in one language, or one's is unknown."""
        first, second = self._languages[a], self._languages[b]
        known = first.any() and second.any()
        return not known or bool(
            ((2 * first >= first.sum()) & (2 * second >= second.sum()) & (first > 0)).any()
        )

    def nearness(self, view: View, vectors: Floats, *, only: int | Places | None = None) -> Floats:
        """Return the mean cosine of every story's articles (or some rows') with each of some unit vectors: rows × vectors.

        0 for what lacks the view.
        """
        where = (
            slice(0, self.used) if only is None else slice(only, only + 1) if isinstance(only, int) else only
        )
        sums = self.sums[view][where]
        if sums.shape[1] != vectors.shape[1]:
            return np.zeros((len(sums), len(vectors)), dtype=np.float32)
        near: Floats = (sums @ vectors.T) / np.maximum(self._seen[view][where], 1)[:, None]
        return near

    def outlined_nearness(self, outlines: Floats, *, only: int | None = None) -> Floats:
        """Return about what nearness is to articles of these outlines, over the views together: rows × articles.

        The error of the sum of three cosines has a standard deviation of 3/√OUTLINE_DIM at most, as projections at random have.
        """
        if self._outlines is None:
            self._outlines = np.zeros((len(self._alive), OUTLINE_DIM), dtype=np.float32)
            for start in range(0, self.used, 4096):  # in parts: all at once take as much again as the vectors
                self._outline(slice(start, min(start + 4096, self.used)))
        where = slice(0, self.used) if only is None else slice(only, only + 1)
        near: Floats = self._outlines[where] @ outlines.T
        return near

    def _outline(self, where: slice) -> None:
        """Bring the outlines of some rows up to date, where there are any."""
        if self._outlines is None:
            return
        self._outlines[where] = outlines_of(
            {view: self.sums[view][where] / np.maximum(self._seen[view][where], 1)[:, None] for view in VIEWS}
        )

    def alike(self, view: View, a: int, b: int) -> float:
        """Return the cosine of two stories as wholes, 0 where one lacks the view."""
        first, second = self.sums[view][a], self.sums[view][b]
        norms = float(np.linalg.norm(first) * np.linalg.norm(second))
        return float(first @ second) / norms if norms > 1e-9 else 0.0


def outlines_of(vectors: Mapping[View, Floats]) -> Floats:
    """Return one outline a row: its vectors of all views, projected and added."""
    outlines = np.zeros((len(vectors["headline"]), OUTLINE_DIM), dtype=np.float32)
    for view, rows in vectors.items():
        outlines += rows @ _projection(view, rows.shape[1])
    return outlines


@cache
def _projection(view: View, dim: int) -> Floats:
    """Return a projection at random, always the same, that keeps inner products in the mean: dim × OUTLINE_DIM."""
    chance = np.random.default_rng([VIEWS.index(view), dim])
    signs = chance.integers(0, 2, (dim, OUTLINE_DIM)).astype(np.float32) * 2 - 1
    projection: Floats = signs / np.float32(np.sqrt(OUTLINE_DIM))
    return projection


class Postings:
    """An inverted index of the stories' sparse vectors: of each word the rows and what was added there, in the order it came.

    A row's weight is the sum of what was added: nothing is looked up or changed, and an article meets all rows of its words in
    one pass over arrays.
    """

    def __init__(self) -> None:
        self._held: dict[str, _Posting] = {}

    def pour(self, row: int, into: Weights, weights: Weights) -> None:
        """Add weights to a story's vector."""
        for word, weight in weights.items():
            into[word] = into.get(word, 0.0) + weight
            held = self._held.get(word)
            if held is None:
                held = self._held[word] = _Posting()
            held.rows.append(row)
            held.added.append(weight)

    def remove(self, row: int, word: str, weight: float) -> None:
        """Take a word out of a story's vector, where it weighs so much."""
        held = self._held.get(word)
        if held is not None:
            held.remove(row, weight)
            if not held.rows:
                del self._held[word]

    def dots(self, weights: Weights, rows: int) -> Floats:
        """Return the inner product of a sparse vector with every row."""
        met = [(held, weight) for word, weight in weights.items() if (held := self._held.get(word))]
        if not met:
            return np.zeros(rows, dtype=np.float64)
        at = np.concatenate([np.frombuffer(held.rows, dtype=np.int32) for held, _ in met])
        products = np.concatenate([np.frombuffer(held.added) * weight for held, weight in met])
        return np.bincount(at, weights=products, minlength=rows).astype(np.float64, copy=False)


class _Posting:
    """The rows that have a word and what was added to each; a row may stand there several times."""

    __slots__ = ("added", "removed", "rows")

    def __init__(self) -> None:
        self.rows = array("i")
        self.added = array("d")
        self.removed = 0

    def remove(self, row: int, weight: float) -> None:
        """Take a row out: of few at once, of many by adding what makes it 0, until that is half of them."""
        if len(self.rows) <= FEW_ROWS:
            self._keep([other != row for other in self.rows])
            return
        self.rows.append(row)
        self.added.append(-weight)
        self.removed += 1
        if 4 * self.removed > len(self.rows):
            rows, places = np.unique(np.array(self.rows), return_inverse=True)
            sums: NDArray[Any] = np.bincount(places, weights=self.added)
            left = sums > GONE
            self.rows, self.added = array("i", rows[left].tolist()), array("d", sums[left].tolist())
            self.removed = 0

    def _keep(self, kept: Sequence[bool]) -> None:
        self.rows = array("i", compress(self.rows, kept))
        self.added = array("d", compress(self.added, kept))
