"""Texts to rows: what every embedder does around its model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
    Rows = Iterable[np.ndarray[Any, np.dtype[np.float32]]]


def rows_of(texts: Sequence[str], *, dim: int, encode: Callable[[list[str]], Rows]) -> Matrix:
    """Return len(texts) × dim float32 rows; "" gives a row of zeros.

    encode makes the rows of the texts that there are: equal ones once, by length, so that a micro-batch holds texts of
    one size.  It is not called when there are none.
    """
    rows = np.zeros((len(texts), dim), dtype=np.float32)
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text:
            places.setdefault(text, []).append(place)
    unique = sorted(places, key=lambda text: (len(text), text))
    if unique:
        for text, row in zip(unique, encode(unique), strict=True):
            rows[places[text]] = row
    return rows
