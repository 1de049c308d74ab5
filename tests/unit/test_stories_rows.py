"""The arrays of the window, against the plainest way to hold the same numbers."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.stories.rows import FEW_ROWS, OUTLINE_DIM, VIEWS, Postings, Rows, outlines_of

WORDS = ["tunnel", "harbour", "lake"]
POURED = st.tuples(
    st.integers(0, 40), st.dictionaries(st.sampled_from(WORDS), st.floats(0.01, 1.0), min_size=1)
)


@given(st.lists(POURED | st.integers(0, 40), max_size=120))
def test_postings_hold_the_sums_whatever_is_poured_and_dropped(
    steps: list[tuple[int, dict[str, float]] | int],
) -> None:
    """A number drops a row; a row that was dropped may come back."""
    postings = Postings()
    stories: dict[int, dict[str, float]] = defaultdict(dict)
    for step in steps:
        if isinstance(step, int):
            for word, weight in stories.pop(step, {}).items():
                postings.remove(step, word, weight)
        else:
            postings.pour(step[0], stories[step[0]], step[1])
    query = {"tunnel": 0.5, "lake": 0.25, "unheard": 1.0}
    wanted = np.zeros(41)
    for row, weights in stories.items():
        wanted[row] = sum(weight * weights.get(word, 0.0) for word, weight in query.items())
    assert postings.dots(query, 41) == pytest.approx(wanted, abs=1e-9)


def test_a_word_whose_rows_all_went_takes_no_room() -> None:
    postings = Postings()
    stories: list[dict[str, float]] = [{} for _ in range(10 * FEW_ROWS)]
    for row, story in enumerate(stories):
        postings.pour(row, story, {"tunnel": 0.1 * (1 + row % 7), "lake": 0.3})
    for row, story in enumerate(stories):
        postings.remove(row, "tunnel", story["tunnel"])
    assert list(postings._held) == ["lake"]
    assert postings.dots({"tunnel": 1.0}, len(stories)).tolist() == [0.0] * len(stories)


def test_a_word_that_comes_and_goes_stays_as_short_as_its_rows() -> None:
    postings = Postings()
    for turn in range(2000):
        postings.pour(turn % 50, {}, {"tunnel": 0.5})
        if turn >= 40:
            postings.remove((turn - 40) % 50, "tunnel", 0.5)
    assert len(postings._held["tunnel"].rows) < 100


def test_outlines_are_about_as_near_as_the_vectors_and_follow_the_stories() -> None:
    chance = np.random.default_rng(7)

    def article() -> dict[str, np.ndarray]:
        vectors = {
            view: chance.normal(size=size).astype(np.float32)
            for view, size in zip(VIEWS, (512, 512, 384), strict=True)
        }
        return {view: vector / np.linalg.norm(vector) for view, vector in vectors.items()}

    articles = [article() for _ in range(300)]
    at = datetime(2026, 3, 2, tzinfo=UTC)
    rows = Rows()
    batch = {view: np.stack([vectors[view] for vectors in articles[:20]]) for view in VIEWS}
    for number, vectors in enumerate(articles):
        row = rows.open(at)
        rows.add(row, vectors, language="en", at=at)
        if number == 150:  # outlined from here on, row by row
            rows.outlined_nearness(outlines_of(batch))
    rows.pour(0, 1)
    rows.close(1)
    rows.add(rows.open(at), articles[2], language="en", at=at)
    exact = sum(rows.nearness(view, batch[view]) for view in VIEWS)
    errors = rows.outlined_nearness(outlines_of(batch)) - exact
    assert np.std(errors) < 3 / np.sqrt(OUTLINE_DIM)
    assert abs(np.mean(errors)) < 0.02
    assert np.array_equal(
        exact.argmax(axis=0)[2:], rows.outlined_nearness(outlines_of(batch)).argmax(axis=0)[2:]
    )
