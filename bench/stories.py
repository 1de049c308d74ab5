"""Placing articles into stories: decisions a second against a large window, commits apart, memory, TF-IDF beside it.

The window is filled with synthetic articles: real ones of corpus/allsides, described once and copied into worlds of their own
(half of a copy's words and names are renamed, its vectors' coordinates and its sketch's hashes permuted), all within one
window of days.  Within a world everything is as near to everything as it was; between worlds common words still meet.
"""

from __future__ import annotations

import hashlib
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from bench.throughput import corpus_rows
from evals.articles import article_of, rows_of
from evals.baselines import TUNED, of_rows, single_pass_of
from evals.stories import figures_of, placements, streamed
from evals.vectors import KeptVectors, kept_english
from tidings.app import Tidings, Window, describe, open_scratch
from tidings.model import Description
from tidings.stories import cluster

REAL = 2_000
SIZES = (10_000, 30_000, 100_000)  # articles in the window
PLACED = 500
BATCH = 50
NOW = datetime(2026, 3, 6, tzinfo=UTC)


def measure(data: Path) -> dict[str, float]:
    """Return placements a second by size of the window, memory, decision and commit apart, and TF-IDF on the same stream."""
    real = described(data)
    return against_windows(real) | decided_and_committed(data) | beside_tf_idf(data)


def described(data: Path) -> list[Description]:
    """Return real articles as stories/ sees them, spread over one window of days."""
    articles = [article_of(row, number) for number, row in enumerate(corpus_rows(data, REAL), 1)]
    embedder, english = KeptVectors(), kept_english()
    found: list[Description] = []
    for start in range(0, len(articles), BATCH):
        found += describe(articles[start : start + BATCH], embedder, english)
    spread = timedelta(days=cluster.WINDOW_DAYS - 1)
    return [replace(d, at=NOW - spread * (1 - i / len(found))) for i, d in enumerate(found)]


def against_windows(real: Sequence[Description]) -> dict[str, float]:
    """Return how fast articles are placed in one window as it grows, how many stories it has, and what its articles take."""
    figures: dict[str, float] = {}
    stories = stories_of(real)
    window, filled = Window(), 0
    before = resident_bytes()
    # As it is, a window keeps 30,000 stories; here it may keep them all.
    with patch.object(cluster, "MOST_STORIES", 10 * max(SIZES)):
        for number, size in enumerate(SIZES):
            for at in range(filled, size):
                world, place = divmod(at, len(real))
                take_in(window, in_world(real[place], world), stories[real[place].article_id] + world * REAL)
            filled = size
            name = f"window_{size // 1000}k"
            figures[f"{name}_kib_per_article"] = (resident_bytes() - before) / size / 1024
            new = [in_world(description, max(SIZES) // REAL + 1 + number) for description in real[:PLACED]]
            window.assign(new[:BATCH], now=NOW)  # the first batch outlines the whole window
            started_cpu = time.process_time()
            seconds = placing_s(window, new[BATCH:])
            cpu_s = time.process_time() - started_cpu
            figures[f"{name}_stories"] = len(window)
            figures[f"{name}_placements_per_s"] = (PLACED - BATCH) / seconds
            figures[f"{name}_cpu_ms_per_placement"] = 1000 * cpu_s / (PLACED - BATCH)
    return figures


def placing_s(window: Window, arrived: Sequence[Description]) -> float:
    started = time.perf_counter()
    for start in range(0, len(arrived), BATCH):
        window.assign(arrived[start : start + BATCH], now=NOW)
    return time.perf_counter() - started


def decided_and_committed(data: Path) -> dict[str, float]:
    """Return the pace of each part of the group step: what is loaded, decided, committed to the embedded PostgreSQL."""
    rows = corpus_rows(data, REAL)
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        tidings.queue_texts(rows)
        clock = tidings.pipeline.clock
        while work := tidings.store.claim("describe", now=clock(), limit=32, lease_s=600.0):
            tidings.pipeline.describe(work)
        seconds = grouping_s(tidings)
    return {f"{part}_articles_per_s": len(rows) / taken for part, taken in seconds.items()}


def grouping_s(tidings: Tidings) -> dict[str, float]:
    """Group everything that waits; return the seconds of each part."""
    seconds = dict.fromkeys(("load", "decide", "commit"), 0.0)

    def timed(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                seconds[part] += time.perf_counter() - started

        return timing

    store = tidings.store
    grouper = tidings.grouper("bench")
    with (
        patch.object(store, "descriptions", timed("load", store.descriptions)),
        patch.object(store, "apply", timed("commit", store.apply)),
        patch.object(grouper.window, "assign", timed("decide", grouper.window.assign)),
    ):
        while work := store.claim("group", now=tidings.pipeline.clock(), limit=200, lease_s=600.0):
            grouper.group(work)
    return seconds


def beside_tf_idf(data: Path) -> dict[str, float]:
    """Return the decision and a single pass over TF-IDF centroids on the same labelled stream: BCubed F1, articles a second.

    Vectors and weights are made beforehand for both.
    """
    rows = list(rows_of(data / "stories" / "uci_headlines.jsonl"))
    arrived = describe(streamed(rows, []), KeptVectors(), kept_english())
    started = time.perf_counter()
    placed, _ = placements(arrived, Window())
    ours_s = time.perf_counter() - started
    weighed = of_rows(rows)
    started = time.perf_counter()
    plain = single_pass_of(weighed, *TUNED["uci_headlines"])
    plain_s = time.perf_counter() - started
    return {
        "headlines_bcubed_f1": figures_of(rows, placed)[1]["bcubed_f1"],
        "headlines_articles_per_s": len(rows) / ours_s,
        "tf_idf_headlines_bcubed_f1": figures_of(rows, plain)[1]["bcubed_f1"],
        "tf_idf_headlines_articles_per_s": len(rows) / plain_s,
    }


def stories_of(real: Sequence[Description]) -> dict[int, int]:
    """Return the story of each real article, as a window of their own forms them."""
    return placements(real, Window())[0]


def take_in(window: Window, description: Description, story_id: int) -> None:
    """Add an article to its story, as Window.restore does, which wants all descriptions at once: 40 KB each."""
    window._copies.place(description)
    window._vocabulary.restore(description)
    window._add(window._reading(description, 0), window._batch([description]), story_id)
    window._rarities.observe(description)


def in_world(description: Description, world: int) -> Description:
    """Return the copy of an article in one of the worlds; world 0 is the real one."""
    if not world:
        return description
    return replace(
        description,
        article_id=description.article_id + world * REAL,
        headline_vector=turned(description.headline_vector, world),
        body_vector=turned(description.body_vector, world),
        english_vector=turned(description.english_vector, world),
        words={renamed(word, world): count for word, count in description.words.items()},
        headline_words={renamed(word, world): count for word, count in description.headline_words.items()},
        names=tuple(
            replace(name, key=" ".join(renamed(part, world) for part in name.key.split()))
            for name in description.names
        ),
        sketch=permuted(description.sketch, world),
    )


def turned(vector: Any, world: int) -> Any:
    return vector if vector is None else vector[np.random.default_rng(world).permutation(len(vector))]


def renamed(word: str, world: int) -> str:
    return f"{word}{world}" if hashlib.blake2b(word.encode(), digest_size=1).digest()[0] % 2 else word


def permuted(sketch: bytes, world: int) -> bytes:
    """Return a sketch whose hashes are those of another world; what says whether an agency wrote it stays."""
    if not sketch:
        return sketch
    values = np.frombuffer(sketch, dtype="<u4")
    mask = np.uint32(random.Random(world).getrandbits(32))
    minhash, shingles = values[1:129] ^ mask, np.sort(values[129:] ^ mask)
    return np.concatenate([values[:1], minhash, shingles]).astype("<u4").tobytes()


def resident_bytes() -> int:
    """Return the memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
