"""The plain baselines, on sets so small that the answer can be done by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tidings.app", reason="the evals enter through tidings.app")

from evals import baselines

WORDS = {
    "tunnel": "harbour tunnel ventilation contractor penalty",
    "flood": "glacier lake flood rescuers sawmill",
    "vote": "parliament vote budget coalition minister",
}


def test_tf_idf_weighs_rare_words_more_and_words_of_all_texts_nothing() -> None:
    first, second = baselines.tf_idf(["the tunnel tunnel opens", "the lake opens late", "the vote is late"])[
        :2
    ]
    assert first["tunnel"] > first["opens"] > 0
    assert first["the"] == 0
    assert sum(weight**2 for weight in first.values()) == pytest.approx(1)
    assert 0 < baselines.cosine(first, second) < 1
    assert baselines.cosine(first, first) == pytest.approx(1)


def test_a_word_of_the_headline_counts_more() -> None:
    texts = ["tunnel lake", "vote minister"]
    plain, led = baselines.tf_idf(texts)[0], baselines.tf_idf(texts, ["tunnel", "vote"])[0]
    assert led["tunnel"] / led["lake"] > plain["tunnel"] / plain["lake"]


def test_a_single_pass_joins_what_is_alike_and_parts_what_is_days_apart() -> None:
    vectors = baselines.tf_idf(
        [WORDS["tunnel"], WORDS["flood"], WORDS["tunnel"], WORDS["tunnel"], WORDS["vote"]]
    )
    days = [0.0, 0.0, 0.1, 30.0, 30.0]
    placed = baselines.single_pass(range(5), vectors, days, floor=0.5, penalty=0.2)
    assert placed == {0: 0, 1: 1, 2: 0, 3: 2, 4: 3}
    assert baselines.single_pass(range(5), vectors, days, floor=0.5, penalty=0.0)[3] == 0


def test_bm25_puts_the_text_that_answers_first() -> None:
    index = baselines.Bm25([*WORDS.values(), "the minister saw the flood"])
    assert index.best("Who saw the FLOOD?", 2) == [3, 1]
    assert index.best("budget", 1) == [2]


def test_n_grams_end_at_the_end_of_a_sentence() -> None:
    assert set(baselines.n_grams("Harbour tunnel. Late")) == {"harbour", "tunnel", "harbour tunnel", "late"}


def test_every_story_task_prints_its_figures_with_an_interval(tmp_path: Path) -> None:
    start = datetime(2026, 3, 2)  # noqa: DTZ001
    rows: list[dict[str, Any]] = [
        {
            "id": f"{name}{n}",
            "title": text,
            "text": text,
            "story": name,
            "published": (start + timedelta(hours=n)).isoformat(),
        }
        for name, text in WORDS.items()
        for n in range(3)
    ]
    path = tmp_path / "stories.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    command = [sys.executable, "-m", "evals.baselines", "stories", str(path), "--json"]
    finished = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    figures = json.loads(finished.stdout)
    assert (figures["bcubed_f1"], figures["bcubed_f1_interval"], figures["clusters"]) == (1.0, [1.0, 1.0], 3)
