"""Vectors of the evals' texts, kept on disk by model and text: the embedder is the slow part, and the texts do not change."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tidings.app import UsemEmbedder, english_embedder
from tidings.ports import Embedder

if TYPE_CHECKING:
    from tidings.ports import Matrix

FOLDER = Path(os.environ.get("TIDINGS_CACHE", Path(__file__).parents[1] / ".cache" / "evals"))


def kept_english() -> KeptVectors | None:
    """Return the embedder of English texts, its vectors kept; None where it is not installed."""
    english = english_embedder()
    return KeptVectors(english) if english else None


class KeptVectors:
    """An Embedder that asks another only for texts it has not seen."""

    def __init__(self, embedder: Embedder | None = None, *, folder: Path = FOLDER) -> None:
        self._embedder = embedder or UsemEmbedder()
        self.name = self._embedder.name
        self.dim = self._embedder.dim
        self._path = folder / f"{self.name.replace('/', '-')}.bin"
        self._rows: dict[bytes, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
        self._read_to = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._read()

    def embed(self, texts: Sequence[str]) -> Matrix:
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        if any(key not in self._rows for key in keys):
            self._read()  # another eval may have made them meanwhile
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if missing:
            made = self._embedder.embed(list(missing.values()))
            self._rows |= dict(zip(missing, made, strict=True))
            with self._path.open(
                "ab", buffering=0
            ) as kept:  # one write, so that rows of two processes never mix
                kept.write(b"".join(key + row.tobytes() for key, row in zip(missing, made, strict=True)))
        return np.stack([self._rows[key] for key in keys]) if keys else np.zeros((0, self.dim), np.float32)

    def _read(self) -> None:
        """Take in what was kept since the last call, by whichever process; a row that is not whole yet waits."""
        if not self._path.exists():
            return
        size = 32 + 4 * self.dim
        with self._path.open("rb") as kept:
            kept.seek(self._read_to)
            new = kept.read()
        for start in range(0, len(new) // size * size, size):
            row = np.frombuffer(new, np.float32, self.dim, start + 32)
            self._rows[new[start : start + 32]] = row
        self._read_to += len(new) // size * size
