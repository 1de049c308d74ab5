"""Timelines against journalists':  python -m evals.timelines FOLDER [--json]

FOLDER holds topics: articles.csv.gz (`date`, `text`: a sentence a line, in tokens) and timelines, *.gold.txt (a date, its sentences,
a dashed line).  A timeline's first and last day, its number of dates and its sentences a date (the mean, rounded) are given; the
articles are those of these days.  `ar1`, `ar2`: F1 of ROUGE-1 and -2 aligned m:1, `date_f1`, as tilse has them, the mean over
timelines (as Ghalandari & Ifrim 2020 report).  evals.train_timelines prints the same by weights learned without the topic.

Beside them `datewise_*`, a method as published (Ghalandari & Ifrim 2020): days by how often sentences name them; their sentences
are those that name the day and the openings of what was published on it or the day after, chosen by nearness to their centroid.
Intervals are 95 % bootstrap intervals over timelines, wide as they must be for few.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from evals.articles import article_of, interval
from evals.timeline_rouge import Timeline, aligned_rouge, date_f1
from tidings.app import search_tokens, source_of, timeline
from tidings.model import Claim, Source

MEASURES = ("ar1", "ar2", "date_f1")
Scores = tuple[float, float, float]
Figures = dict[str, Any]
OPENING = 5  # sentences of an article that the baseline takes for its day
_LEFT = frozenset(
    [
        ",",
        ".",
        ";",
        ":",
        "?",
        "!",
        "%",
        ")",
        "”",
        "’",
        "…",
        "'s",
        "'S",
        "n't",
        "'re",
        "'ve",
        "'ll",
        "'d",
        "'m",
        "'",
    ]
)
_RIGHT = frozenset(["$", "(", "“", "‘", "#", "£"])
_WRITTEN = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": "“", "''": "”", "`": "‘", "--": "–"}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.timelines",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    figures = figures_of(topics_of(options.folder), verbose=not options.json)
    if not options.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


# ── the data ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Written:
    """A line of tokens as a text, and where each token stands in it."""

    text: str
    tokens: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """Articles of a topic, the lines each is made of, and the timelines that journalists made."""

    name: str
    sources: tuple[Source, ...]
    lines: dict[int, tuple[Written, ...]]
    references: tuple[Timeline, ...]

    def tokens(self, claim: Claim) -> list[str]:
        """Return the tokens of the corpus that a claim shows."""
        (cited,) = claim.citations
        line = self.lines[cited.article_id][cited.paragraph]
        return [token for start, end, token in line.tokens if cited.start <= start and end <= cited.end]


def topics_of(folder: Path) -> list[Topic]:
    """Return the topics of a folder.  Raises SystemExit when it has none."""
    topics = [_topic(path.parent) for path in sorted(folder.glob("*/articles.csv.gz"))]
    if not topics:
        raise SystemExit(f"{folder}: no TOPIC/articles.csv.gz in it")
    return topics


def _topic(folder: Path) -> Topic:
    csv.field_size_limit(1 << 30)
    lines: dict[int, tuple[Written, ...]] = {}
    sources = []
    with gzip.open(folder / "articles.csv.gz", "rt", encoding="utf-8") as rows:
        for number, row in enumerate(csv.DictReader(rows)):
            lines[number] = tuple(written(line.split()) for line in row["text"].splitlines() if line.strip())
            article = article_of({"published": row["date"], "language": "en"}, number)
            paragraphs = tuple(line.text for line in lines[number])
            sources.append(
                source_of(replace(article, extract=replace(article.extract, paragraphs=paragraphs)))
            )
    references = tuple(reference_of(path.read_text("utf-8")) for path in sorted(folder.glob("*.gold.txt")))
    return Topic(folder.name, tuple(sources), lines, references)


def written(tokens: Sequence[str]) -> Written:
    """Return tokens of a treebank as a text."""
    text = ""
    placed = []
    for token in tokens:
        shown = _WRITTEN.get(token, token.replace("\\/", "/"))
        if text and shown not in _LEFT and text[-1] not in _RIGHT:
            text += " "
        placed.append((len(text), len(text) + len(shown), token))
        text += shown
    return Written(text, tuple(placed))


def reference_of(text: str) -> Timeline:
    """Return a journalist's timeline: a date, its sentences, a dashed line, and so on."""
    days: dict[date, list[list[str]]] = {}
    for block in text.split("-" * 32):
        lines = [line for line in block.strip().strip("-").splitlines() if line.strip()]
        if lines:
            days.setdefault(date.fromisoformat(lines[0].strip()), []).extend(
                line.split() for line in lines[1:]
            )
    return days


# ── scores ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asked:
    """What a timeline is asked for, read off the reference."""

    topic: Topic
    reference: Timeline

    @property
    def window(self) -> tuple[date, date]:
        return min(self.reference), max(self.reference)

    @property
    def sources(self) -> list[Source]:
        first, last = self.window
        return [source for source in self.topic.sources if first <= source.at.date() <= last]

    @property
    def sentences(self) -> int:
        return max(1, round(sum(map(len, self.reference.values())) / len(self.reference)))


Maker = Callable[[Asked], Timeline]


def asked_of(topics: Sequence[Topic]) -> list[Asked]:
    """Return every timeline of every topic."""
    return [Asked(topic, reference) for topic in topics for reference in topic.references]


def figures_of(topics: Sequence[Topic], *, verbose: bool = False) -> Figures:
    """Return our scores and the baseline's, with the seconds of one core that each took."""
    asked = asked_of(topics)
    figures: Figures = {"n": len(asked), "topics": len(topics)}
    started = time.process_time()
    makers: dict[str, Maker] = {"": ours, "datewise_": datewise}
    for prefix, make in makers.items():
        made = [make(one) for one in asked]
        scores = [score(shown, one.reference) for shown, one in zip(made, asked, strict=True)]
        if verbose:
            for one, its in zip(asked, scores, strict=True):
                print(f"{prefix:10}{one.topic.name:8}", *(f"{x:.4f}" for x in its))
        for i, measure in enumerate(MEASURES):
            column = [its[i] for its in scores]
            figures[f"{prefix}{measure}"] = round(mean(column), 4)
            figures[f"{prefix}{measure}_interval"] = interval(column, mean)
        figures[f"{prefix}answered"] = round(mean([float(bool(shown)) for shown in made]), 4)
        figures[f"{prefix}mean_words"] = round(mean([mean_words(shown) for shown in made]), 1)
        figures[f"{prefix}seconds"] = round(time.process_time() - started, 1)
        started = time.process_time()
    return figures


def ours(asked: Asked, weights: Sequence[float] | None = None) -> Timeline:
    """Return the product's timeline."""
    found = timeline(
        asked.sources,
        dates=len(asked.reference),
        sentences=asked.sentences,
        window=asked.window,
        weights=weights,
        by_printing=True,  # these texts have no other date, and many name none
    )
    return {one.day: [asked.topic.tokens(claim) for claim in one.claims] for one in found}


def score(shown: Timeline, reference: Timeline) -> Scores:
    """Return ar1, ar2 and date_f1."""
    return aligned_rouge(shown, reference, 1), aligned_rouge(shown, reference, 2), date_f1(shown, reference)


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def mean_words(shown: Timeline) -> float:
    """Return the words of a day, on average."""
    return mean([sum(len(tokens) for tokens in sentences) for sentences in shown.values()])


# ── the baseline ─────────────────────────────────────────────────────────────────────────────────────────────────────

Line = tuple[int, int]  # an article and its line


def datewise(asked: Asked) -> Timeline:
    """Return a timeline by Ghalandari & Ifrim's datewise method: days by mentions, sentences by CentroidOpt over TF-IDF."""
    first, last = asked.window
    naming: dict[date, list[Line]] = {}
    opening: dict[date, list[Line]] = {}
    for source in asked.sources:
        for line in range(min(OPENING, len(source.paragraphs))):
            for day in (source.at.date(), source.at.date() - timedelta(days=1)):
                opening.setdefault(day, []).append((source.article_id, line))
        for number, day in {
            (t.paragraph, t.first) for t in (source.facts.times if source.facts else ()) if t.grain == "day"
        }:
            if first <= day <= last:
                naming.setdefault(day, []).append((source.article_id, number))
    days = sorted(naming, key=lambda day: (-len(naming[day]), day))
    made: dict[date, list[list[str]]] = {}
    for day in days:
        if len(made) == len(asked.reference):
            break
        lines = sorted({*naming[day], *opening.get(day, [])})
        chosen = _by_centroid(asked.topic, lines, asked.sentences)
        if chosen:
            made[day] = [[token for _, _, token in asked.topic.lines[a][i].tokens] for a, i in chosen]
    return made


def _by_centroid(topic: Topic, lines: Sequence[Line], most: int) -> list[Line]:
    """Return the lines that together are nearest to the centroid of all, one added at a time, none too like another."""
    bags = {line: _bag(topic.lines[line[0]][line[1]].text) for line in lines}
    bags = {line: bag for line, bag in bags.items() if bag.total() >= 5}
    seen = Counter(token for bag in bags.values() for token in bag)
    weigh = {token: math.log(1 + len(bags) / n) for token, n in seen.items()}
    vectors = {line: _unit({t: n * weigh[t] for t, n in bag.items()}) for line, bag in bags.items()}
    centroid: Counter[str] = Counter()
    for vector in vectors.values():
        centroid.update(vector)
    total: Counter[str] = Counter()
    chosen: list[Line] = []
    while len(chosen) < most:
        near: dict[Line, float] = {}
        for line, vector in vectors.items():
            if line in chosen or any(_dot(vector, vectors[other]) > 0.7 for other in chosen):
                continue
            both = Counter(total)
            both.update(vector)
            near[line] = _dot(both, centroid) / math.sqrt(_dot(both, both))
        if not near:
            break
        best = max(near, key=lambda line: near[line])
        chosen.append(best)
        total.update(vectors[best])
    return chosen


@cache
def _bag(text: str) -> Counter[str]:
    return Counter(search_tokens(text, "en"))


def _unit(vector: dict[str, float]) -> dict[str, float]:
    size = math.sqrt(sum(x * x for x in vector.values())) or 1.0
    return {token: x / size for token, x in vector.items()}


def _dot(a: dict[str, float], b: dict[str, float]) -> float:
    short, long = (a, b) if len(a) < len(b) else (b, a)
    return sum(x * long[token] for token, x in short.items() if token in long)


if __name__ == "__main__":
    main()
