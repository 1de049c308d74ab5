"""What readers are given beside the texts, without a model: milliseconds of each feature, made anew each time.

An article's features are made for articles of the corpus, a story's for thirty articles that search finds for a common name, read as
one story: more than a story of a day has.  Everything is measured in this process with the embedders of the installation; what is kept
between two visits costs nothing here, for every call gets an assistant of its own.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.throughput import corpus_rows
from evals.vectors import KeptVectors, kept_english
from tidings.ai.assistant import Assistant
from tidings.app import Tidings, opened
from tidings.config import Settings
from tidings.model import SearchQuery, Source

ARTICLES = 12_000  # among which questions are asked
ASKED = 120  # articles
STORY = 30  # articles
NAMES = ("Clinton", "Syria", "Obama", "Ukraine", "Trump", "Supreme Court", "Iran", "Congress")


def measure(data: Path) -> dict[str, float]:
    """Return p50 and p95 in milliseconds of each feature."""
    rows = corpus_rows(data, ARTICLES)
    with TemporaryDirectory(prefix="tidings-bench-") as folder:
        settings = Settings(home=Path(folder))
        with opened(settings, embedder=KeptVectors(), english=kept_english()) as tidings:
            ids = tidings.load_texts(rows, into_stories=False)
        with opened(settings) as tidings:
            gc.freeze()  # as the site does when it starts
            while tidings.index_some():
                pass
            return of_articles(tidings, ids) | of_stories(tidings) | of_questions(tidings, rows)


def assistant_of(tidings: Tidings) -> Assistant:
    """Return an assistant that has kept nothing yet."""
    tidings.__dict__.pop("assistant", None)
    return tidings.assistant


def of_articles(tidings: Tidings, ids: list[int]) -> dict[str, float]:
    """Return what the features above an article take together, its queries included."""

    def features(article_id: int) -> None:
        assistant = assistant_of(tidings)
        source = assistant.source(article_id)
        for length in ("line", "short", "long"):
            assistant.summary(source, length)
        assistant.key_points(source)
        assistant.people(source, [])

    step = max(1, len(ids) // ASKED)
    return timed("article", [partial(features, article_id) for article_id in ids[::step]])


def of_stories(tidings: Tidings) -> dict[str, float]:
    stories = [sources_about(tidings, name) for name in NAMES]
    figures: dict[str, float] = {"story_articles": statistics.mean(map(len, stories))}
    features: dict[str, Callable[[Assistant, list[Source]], object]] = {
        "story_brief": lambda assistant, sources: assistant.brief(sources),
        "story_timeline": lambda assistant, sources: assistant.timeline(sources),
        "story_questions": lambda assistant, sources: assistant.open_questions(sources),
        "story_comparison": lambda assistant, sources: assistant.comparison(sources),
        "story_new": lambda assistant, sources: assistant.new_since(sources[:20], sources[20:]),
    }
    for name, make in features.items():
        figures |= timed(name, [partial(_made, tidings, make, sources) for sources in stories])
    return figures


def _made(
    tidings: Tidings, make: Callable[[Assistant, list[Source]], object], sources: list[Source]
) -> object:
    return make(assistant_of(tidings), sources)


def of_questions(tidings: Tidings, rows: list[dict[str, str]]) -> dict[str, float]:
    step = max(1, len(rows) // ASKED)
    asked = [f"What is said about {row['title']}?" for row in rows[::step]]
    return timed("ask", [partial(_asked, tidings, question) for question in asked])


def _asked(tidings: Tidings, question: str) -> object:
    return assistant_of(tidings).ask(question)


def sources_about(tidings: Tidings, name: str) -> list[Source]:
    hits = tidings.search(SearchQuery(name), limit=STORY).rows
    sources = tidings.store.sources([hit.card.id for hit in hits])
    return sorted(sources, key=lambda source: source.at)


def timed(name: str, calls: list[Callable[[], object]]) -> dict[str, float]:
    calls[0]()  # what is loaded once is no part of it
    took = []
    for call in calls:
        started = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - started))
    return {
        f"{name}_n": len(took),
        f"{name}_p50_ms": statistics.median(took),
        f"{name}_p95_ms": statistics.quantiles(took, n=20, method="inclusive")[-1],
    }
