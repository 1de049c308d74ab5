"""Sketches: what is kept of a text to find and verify its copies.

A sketch is the 128 MinHash values of the text's shingles (rensa, fixed seed), for finding near-duplicates of any length by
bands, followed by the sorted 32-bit hashes of the shingles themselves, for verifying: how many shingles two texts really
share, and how many of the shorter one's.  Two different shingles share a hash once in four thousand million pairs.
Before both stands one word of flags: whether the publisher is a wire agency, whose own text is the original of its copies.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from rensa import RMinHash  # type: ignore[import-untyped]

from tidings.text import is_cjk

if TYPE_CHECKING:
    Hashes = np.ndarray[tuple[int], np.dtype[np.uint32]]

PERMUTATIONS = 128
SEED = 20260701
SHINGLE_TOKENS = 5
DENSE_SHINGLE_TOKENS = 10  # a pair of letters carries about half of what a word does
LEAST_SHINGLES = 12  # shorter texts share everything too easily
MOST_SHINGLES = 4000
_BY_AGENCY = 1
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A sketch unpacked: `minhash` 128 values, `shingles` sorted and distinct."""

    minhash: Hashes
    shingles: Hashes
    by_agency: bool


def sketch_of(tokens: Sequence[str], *, by_agency: bool = False) -> bytes:
    """Return the sketch of a text's tokens; b"" when it has fewer than 12 distinct shingles."""
    size = DENSE_SHINGLE_TOKENS if sum(map(is_cjk, tokens[:200])) * 2 > len(tokens[:200]) else SHINGLE_TOKENS
    if len(tokens) < size + LEAST_SHINGLES - 1:
        return b""
    hashes = _shingle_hashes(np.array([_token_hash(token) for token in tokens], dtype=np.uint64), size)
    hashes = np.unique(hashes[:MOST_SHINGLES])
    if len(hashes) < LEAST_SHINGLES:
        return b""
    offsets = np.array([0, len(hashes)], dtype=np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, offsets, PERMUTATIONS, SEED)
    minhash = np.array(matrix.to_rows()[0], dtype=np.uint32)
    short = np.unique((hashes >> np.uint64(32)).astype(np.uint32))
    packed = np.concatenate([np.array([_BY_AGENCY if by_agency else 0], dtype=np.uint32), minhash, short])
    return (packed if sys.byteorder == "little" else packed.byteswap()).tobytes()


def unpacked(sketch: bytes) -> Sketch | None:
    """Return a kept sketch, None for b""."""
    if not sketch:
        return None
    values = np.frombuffer(sketch, dtype="<u4")
    return Sketch(
        minhash=values[1 : PERMUTATIONS + 1],
        shingles=values[PERMUTATIONS + 1 :],
        by_agency=bool(values[0] & _BY_AGENCY),
    )


@lru_cache(maxsize=200_000)
def _token_hash(token: str) -> int:
    return int.from_bytes(blake2b(token.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def _shingle_hashes(
    tokens: np.ndarray[tuple[int], np.dtype[np.uint64]], size: int
) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return one 64-bit hash of each run of `size` tokens (a polynomial, then mixed)."""
    count = len(tokens) - size + 1
    value = np.zeros(count, dtype=np.uint64)
    for i in range(size):
        value = value * _MULTIPLIER + tokens[i : i + count]
    value ^= value >> np.uint64(31)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(29)
    return value
