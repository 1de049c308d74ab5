"""Does search find the passage that answers a question:  python -m evals.questions PATH [--background FILE] [--json]

PATH is a JSON Lines file with `question` and `evidence` on each line.  The passages of all questions, and the articles of
--background (JSON Lines, gzipped or not: `title`, `text`), are loaded into one fresh instance, all at one moment and without
a publisher; then each question is asked as it stands, and its place is that of its passage among the first ten hits.  Equal
texts, case and punctuation folded, are one passage.

mrr10 is the mean of 1/place (0 beyond the tenth), hits1 and hits5 the shares found first and among the first five; the
intervals are 95 % bootstrap intervals over questions.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from evals.vectors import KeptVectors, kept_english
from tidings.app import Tidings, open_scratch
from tidings.model import SearchQuery

RESAMPLES = 1000
DEPTH = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.questions", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--background", type=Path, help="articles to hide the passages among")
    parser.add_argument("--json", action="store_true", help="print only the JSON object")
    options = parser.parse_args()
    questions = list(rows_of(options.path))
    background = list(rows_of(options.background)) if options.background else []
    texts = [{"title": "", "text": row["evidence"]} for row in questions]
    texts += [{"title": row["title"], "text": row["text"]} for row in background]
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        started = time.monotonic()
        article_of = load(tidings, texts)
        loaded_s = time.monotonic() - started
        answers = [article_of[folded(row["evidence"])] for row in questions]
        places, times = ask(tidings, [row["question"] for row in questions], answers)
    figures = {
        **figures_of(places),
        "n": len(places),
        "articles": len(set(article_of.values())),
        "loaded_s": round(loaded_s, 1),
        "search_p50_ms": round(1000 * quantile(times, 0.5), 1),
        "search_p95_ms": round(1000 * quantile(times, 0.95), 1),
    }
    if not options.json:
        for key, figure in figures.items():
            print(f"{key:16} {figure}")
    print(json.dumps(figures))


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a JSON Lines file, gzipped or not."""
    packed = path.read_bytes()
    for line in (gzip.decompress(packed) if path.suffix == ".gz" else packed).splitlines():
        yield json.loads(line)


def load(tidings: Tidings, texts: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Take the texts in, equal ones once; returns the article of each, by its folded text."""
    unique: dict[str, Mapping[str, str]] = {}
    for row in texts:
        unique.setdefault(folded(f"{row['title']} {row['text']}"), row)
    ids = tidings.load_texts(unique.values(), into_stories=False)
    return dict(zip(unique, ids, strict=True))


def folded(text: str) -> str:
    """Return what two texts are compared by: their words, without case and punctuation."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def ask(
    tidings: Tidings, questions: Sequence[str], answers: Sequence[int]
) -> tuple[list[int | None], list[float]]:
    """Return the place of each question's article (None: not among the first ten), and how long each search took."""
    places: list[int | None] = []
    times: list[float] = []
    tidings.searcher.refresh()  # takes everything in
    tidings.search(SearchQuery("first"))  # loads the model and opens the index
    for question, answer in zip(questions, answers, strict=True):
        started = time.perf_counter()
        found = [hit.card.id for hit in tidings.search(SearchQuery(question), limit=DEPTH).rows]
        times.append(time.perf_counter() - started)
        places.append(found.index(answer) + 1 if answer in found else None)
    return places, times


def figures_of(places: Sequence[int | None]) -> dict[str, float | list[float]]:
    """Return the means with their intervals."""
    measures: dict[str, Callable[[int | None], float]] = {
        "mrr10": lambda place: 1 / place if place else 0.0,
        "hits1": lambda place: float(place == 1),
        "hits5": lambda place: float(place is not None and place <= 5),
    }
    figures: dict[str, float | list[float]] = {}
    for name, measure in measures.items():
        values = [measure(place) for place in places]
        figures[name] = round(sum(values) / max(1, len(values)), 4)
        figures[f"{name}_interval"] = interval(values)
    return figures


def interval(values: Sequence[float]) -> list[float]:
    """Return the 95 % bootstrap interval of the mean, from a fixed seed."""
    rng = random.Random(7)
    means = sorted(
        sum(rng.choices(values, k=len(values))) / max(1, len(values))
        for _ in range(RESAMPLES if values else 0)
    )
    return [round(quantile(means, q), 4) for q in (0.025, 0.975)] if means else [0.0, 0.0]


def quantile(values: Sequence[float], q: float) -> float:
    """Return the value that a share q of the values lies below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


if __name__ == "__main__":
    main()
