"""What plain methods reach on the sets of the evals:  python -m evals.baselines TASK PATH [--background FILE] [--json]

    extraction   trafilatura alone, fast and with its fallbacks and precision preferred: the body of evals.extraction
    metadata     trafilatura's title, author and date: evals.metadata
    stories      one pass over TF-IDF centroids with a penalty for the days between: evals.stories
    similarity   the cosine of the multilingual encoder alone, and of TF-IDF: evals.similarity
    keyphrases   the ten n-grams of the highest TF-IDF: evals.keyphrases
    questions    BM25: evals.questions

PATH and the measures are those of the eval.  Floor and penalty of `stories` are tuned on the set itself, which favours the
baseline; --floor and --penalty set them instead.  TF-IDF knows the document frequencies of the whole set beforehand, which
favours it too.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import trafilatura

from evals import extraction, keyphrases, metadata, questions, similarity, stories
from evals.articles import interval, published_of, rows_of
from evals.vectors import KeptVectors

Figures = dict[str, Any]
Weights = dict[str, float]  # of unit length

HEAVIEST = 100  # words of a text that count; 200 are hardly better and slower by far
HEADLINE_COUNT = 4  # a word of the headline counts as often
FLOORS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2)
PENALTIES = (0.05, 0.1, 0.15, 0.2)
TUNED = {"uci_headlines": (0.04, 0.2)}  # what comes of tuning there


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.baselines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("path", type=Path)
    parser.add_argument("--background", type=Path, help="of stories and questions, as in their evals")
    parser.add_argument("--floor", type=float, help="of stories: the least score that joins")
    parser.add_argument("--penalty", type=float, default=0.0, help="of stories: taken off for ln(1 + days)")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    figures = TASKS[options.task](options)
    if not options.json:
        for name, value in figures.items():
            print(f"{name:32} {value}")
    print(json.dumps(figures))


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_extraction(options: argparse.Namespace) -> Figures:
    figures: Figures = {}
    for name, switches in (("fast", {"fast": True}), ("precise", {"favor_precision": True})):
        found = list(extraction.outcomes(options.path, partial(trafilatura_body, switches=switches)))
        _, own = extraction.figures_of(options.path, found)
        figures |= {f"trafilatura_{name}_{key}": own[key] for key in ("f1", "f1_interval", "pages_per_s")}
        figures["n"] = own["n"]
    return figures


def trafilatura_body(page: bytes, url: str, *, switches: Mapping[str, bool]) -> extraction.Reading:
    text = trafilatura.extract(
        page, url=url, include_comments=False, include_tables=True, output_format="txt", **switches
    )
    return extraction.Reading(text or "", reason=None if text else "empty")


def of_metadata(options: argparse.Namespace) -> Figures:
    found, pages, seconds = metadata.measure(options.path, trafilatura_metadata)
    return metadata.figures_of(found, pages) | {"pages_per_s": round(2 * pages / seconds, 1)}


def trafilatura_metadata(page: bytes, url: str) -> metadata.Answer:
    """Return what trafilatura says of a page; its date is a day."""
    document = trafilatura.bare_extraction(page, url=url, with_metadata=True, fast=True)
    if document is None or isinstance(document, dict):
        return metadata.Answer()
    at = datetime.fromisoformat(document.date).replace(tzinfo=UTC) if document.date else None
    authors = tuple(name.strip() for name in (document.author or "").split(";") if name.strip())
    return metadata.Answer(document.title, authors, at)


# ── TF-IDF ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def tokens_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def tf_idf(texts: Sequence[str], headlines: Sequence[str] = ()) -> list[Weights]:
    """Return the weights of each text's heaviest words: (1 + ln tf) × ln((1 + n) / (1 + df))."""
    counts = [Counter(tokens_of(text)) for text in texts]
    for each, headline in zip(counts, headlines, strict=False):
        for word in tokens_of(headline):
            each[word] += HEADLINE_COUNT
    df = Counter(word for each in counts for word in each)
    idf = {word: math.log((1 + len(texts)) / (1 + count)) for word, count in df.items()}
    return [
        _unit({word: (1.0 + math.log(count)) * idf[word] for word, count in each.items()}) for each in counts
    ]


def _unit(weights: Weights) -> Weights:
    heaviest = sorted(weights, key=lambda word: (-weights[word], word))[:HEAVIEST]
    norm = math.sqrt(sum(weights[word] ** 2 for word in heaviest)) or 1.0
    return {word: weights[word] / norm for word in heaviest}


def cosine(a: Weights, b: Weights) -> float:
    return sum(weight * b[word] for word, weight in a.items() if word in b)


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_stories(options: argparse.Namespace) -> Figures:
    rows = list(rows_of(options.path))
    background = list(rows_of(options.background)) if options.background else []
    weighed = of_rows([*rows, *background])
    floor, penalty = options.floor, options.penalty
    if floor is None:
        floor, penalty = _tuned(rows, weighed)
    started = time.perf_counter()
    placed = single_pass_of(weighed, floor, penalty)
    seconds = time.perf_counter() - started
    _, figures = stories.figures_of(rows, placed)
    return figures | {
        "background": len(background),
        "floor": floor,
        "penalty": penalty,
        "placements_per_s": round(len(weighed.order) / seconds, 1),
    }


@dataclass(frozen=True, slots=True)
class Weighed:
    """Rows as a single pass reads them: weights and days of each, and their numbers in the order of time."""

    weights: list[Weights]
    days: list[float]
    order: list[int]


def of_rows(rows: Sequence[Mapping[str, Any]]) -> Weighed:
    weights = tf_idf([row.get("text", "") for row in rows], [row.get("title", "") for row in rows])
    return Weighed(weights, *_stream(rows))


def single_pass_of(weighed: Weighed, floor: float, penalty: float) -> dict[int, int]:
    """Return the cluster of each row, by its number from 1."""
    placed = single_pass(weighed.order, weighed.weights, weighed.days, floor=floor, penalty=penalty)
    return {number + 1: cluster for number, cluster in placed.items()}


def _stream(rows: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[int]]:
    """Return each row's time in days, and the rows' numbers in the order of time."""
    days = []
    for number, row in enumerate(rows):
        at = published_of(row)
        if at is None:
            raise SystemExit(f"row {number + 1} has no time")
        days.append(at.timestamp() / 86_400)
    return days, sorted(range(len(rows)), key=lambda number: (days[number], number))


def _tuned(rows: Sequence[Mapping[str, Any]], weighed: Weighed) -> tuple[float, float]:
    """Return the floor and the penalty that are best on the labelled rows, which come first, alone."""
    own = Weighed(weighed.weights[: len(rows)], *_stream(rows))
    labels = {number: row["story"] for number, row in enumerate(rows, 1)}

    def f1(setting: tuple[float, float]) -> float:
        scores = stories.bcubed(single_pass_of(own, *setting), labels).values()
        return stories.f1(*stories.means([*scores]))

    return max(((floor, penalty) for floor in FLOORS for penalty in PENALTIES), key=f1)


def single_pass(
    order: Sequence[int], vectors: Sequence[Weights], days: Sequence[float], *, floor: float, penalty: float
) -> dict[int, int]:
    """Return the cluster of each text: that of the most similar centroid above the floor, else a new one.

    The score is the cosine with the centroid less penalty × ln(1 + days since the cluster's last text).
    """
    centroids: list[Weights] = []
    norms: list[float] = []
    last: list[float] = []
    holders: dict[str, set[int]] = defaultdict(set)
    placed: dict[int, int] = {}
    for number in order:
        vector = vectors[number]
        dots: dict[int, float] = defaultdict(float)
        for word, weight in vector.items():
            for cluster in holders.get(word, ()):
                dots[cluster] += weight * centroids[cluster][word]
        best, best_score = -1, floor
        for cluster, dot in dots.items():
            score = dot / norms[cluster] - penalty * math.log1p(max(0.0, days[number] - last[cluster]))
            if score > best_score or (score == best_score and cluster < best):
                best, best_score = cluster, score
        if best < 0:
            best = len(centroids)
            centroids.append({})
            norms.append(0.0)
            last.append(days[number])
        centroid = centroids[best]
        for word, weight in vector.items():
            centroid[word] = centroid.get(word, 0.0) + weight
            holders[word].add(best)
        norms[best] = math.sqrt(sum(weight * weight for weight in centroid.values())) or 1.0
        last[best] = max(last[best], days[number])
        placed[number] = best
    return placed


# ── similarity ───────────────────────────────────────────────────────────────────────────────────────────────────────


def of_similarity(options: argparse.Namespace) -> Figures:
    rows = list(rows_of(options.path))
    texts = [row[f"text{side}"] for row in rows for side in (1, 2)]
    vectors = KeptVectors().embed(texts)
    weights = tf_idf(texts)
    likenesses: dict[str, Callable[[int], float]] = {
        "encoder": lambda i: float(vectors[2 * i] @ vectors[2 * i + 1]),
        "tf_idf": lambda i: cosine(weights[2 * i], weights[2 * i + 1]),
    }
    judged = similarity.judged_pairs(options.path)
    figures: Figures = {}
    for name, likeness in likenesses.items():
        figures |= {
            key if key.startswith("n") else f"{name}_{key}": value
            for key, value in similarity.figures_of(judged, [likeness(i) for i in range(len(rows))]).items()
        }
    return figures


# ── key phrases ──────────────────────────────────────────────────────────────────────────────────────────────────────

LONGEST = 3
TOO_COMMON = 0.3  # share of the texts: a word in more of them begins and ends no phrase


def of_keyphrases(options: argparse.Namespace) -> Figures:
    rows = list(rows_of(options.path))
    counts = [Counter(n_grams(row["text"])) for row in rows]
    df = Counter(phrase for each in counts for phrase in each)
    stop = {word for word, count in df.items() if " " not in word and count > TOO_COMMON * len(rows)}

    def ranked(each: Counter[str]) -> list[str]:
        scored = {
            phrase: count * math.log((1 + len(rows)) / df[phrase])
            for phrase, count in each.items()
            if not stop.intersection((phrase.split()[0], phrase.split()[-1])) and len(phrase) > 2
        }
        return sorted(scored, key=lambda phrase: (-scored[phrase], phrase))

    scores = [
        keyphrases.f1_at(ranked(each)[: 2 * keyphrases.FIRST], row["keyphrases"])
        for each, row in zip(counts, rows, strict=True)
    ]
    return {"f1_10": round(_mean(scores), 4), "f1_10_interval": interval(scores, _mean), "n": len(scores)}


def n_grams(text: str) -> Iterable[str]:
    for sentence in re.split(r"[.!?;:,()\"“”\n]+", text.casefold()):
        words = re.findall(r"\w[\w'’-]*", sentence)
        for start in range(len(words)):
            for length in range(1, LONGEST + 1):
                if start + length <= len(words):
                    yield " ".join(words[start : start + length])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────

K1, B = 1.2, 0.75  # b 0.3 finds less by far, stems a little less


def of_questions(options: argparse.Namespace) -> Figures:
    rows = list(questions.rows_of(options.path))
    background = list(questions.rows_of(options.background)) if options.background else []
    texts = [row["evidence"] for row in rows] + [f"{row['title']} {row['text']}" for row in background]
    unique: dict[str, str] = {}
    for text in texts:
        unique.setdefault(questions.folded(text), text)
    number_of = {folded: number for number, folded in enumerate(unique)}
    index = Bm25(list(unique.values()))
    places: list[int | None] = []
    started = time.perf_counter()
    for row in rows:
        found = index.best(row["question"], questions.DEPTH)
        answer = number_of[questions.folded(row["evidence"])]
        places.append(found.index(answer) + 1 if answer in found else None)
    seconds = time.perf_counter() - started
    return {
        **questions.figures_of(places),
        "n": len(places),
        "articles": len(unique),
        "search_ms": round(1000 * seconds / len(rows), 1),
    }


class Bm25:
    """Okapi BM25 over whole words, case folded; words that a quarter of the texts have are left out."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(tokens_of(text)) for text in texts]
        lengths = np.array([each.total() for each in counts], dtype=np.float64)
        self._norms = K1 * (1 - B + B * lengths / max(1.0, lengths.mean()))
        holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, each in enumerate(counts):
            for word, count in each.items():
                holders[word].append((number, count))
        self._holders = {
            word: np.array(held) for word, held in holders.items() if len(held) <= max(2, len(texts) / 4)
        }

    def best(self, query: str, count: int) -> list[int]:
        """Return the numbers of the best texts, best first."""
        scores = np.zeros(len(self._norms))
        for word in tokens_of(query):
            held = self._holders.get(word)
            if held is not None:
                texts, counts = held.T
                idf = math.log(1 + (len(scores) - len(held) + 0.5) / (len(held) + 0.5))
                scores[texts] += idf * counts * (K1 + 1) / (counts + self._norms[texts])
        return [int(number) for number in np.argsort(-scores, kind="stable")[:count]]


TASKS: Mapping[str, Callable[[argparse.Namespace], Figures]] = {
    "extraction": of_extraction,
    "metadata": of_metadata,
    "stories": of_stories,
    "similarity": of_similarity,
    "keyphrases": of_keyphrases,
    "questions": of_questions,
}


if __name__ == "__main__":
    main()
