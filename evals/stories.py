"""Stories against labelled streams:  python -m evals.stories PATH [--background FILE] [--json] [--worst N]

PATH holds articles with their `story`, in JSON Lines (.gz or not); the word "press" stands for the sample press: `id, publisher, title, text, published` or `published_ms`.
They stream through describe and the window in the order of time, as they would arrive, in batches of 50; --background
streams unlabelled articles among them.  BCubed precision, recall and F1 over the labelled ones; articles/s is from text to
plan on this machine, with the time of embedding counted as it was when the vectors were made (kept on disk since).
The interval is a 95 % bootstrap interval over stories.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.articles import article_of, f1, interval, press_rows, published_of, rows_of
from evals.vectors import KeptVectors, kept_english
from tidings.app import Window, describe
from tidings.model import Article, Description

BATCH = 50


@dataclass(frozen=True, slots=True)
class Score:
    """One labelled article: the precision and recall of the cluster it was put in."""

    story: str
    precision: float
    recall: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.stories", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--background", type=Path, help="unlabelled articles streamed in among the others")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--worst", type=int, default=0, help="show the N stories that came out worst")
    options = parser.parse_args()
    rows = press_rows() if str(options.path) == "press" else list(rows_of(options.path))
    background = list(rows_of(options.background)) if options.background else []
    stream = streamed(rows, background)
    started = time.perf_counter()
    embedder, english = KeptVectors(), kept_english()
    described = [
        d
        for start in range(0, len(stream), BATCH)
        for d in describe(stream[start : start + BATCH], embedder, english)
    ]
    placed, copies = placements(described, Window())
    seconds = time.perf_counter() - started
    by_story, figures = figures_of(rows, placed)
    figures |= {
        "background": len(background),
        "copies": copies,
        "answered": 1.0,
        "articles_per_s": round(len(stream) / seconds, 1),
    }
    if not options.json:
        for name, value in figures.items():
            print(f"{name:20} {value}")
        _print_worst(by_story, rows, placed, options.worst)
    print(json.dumps(figures))


def figures_of(
    rows: Sequence[Mapping[str, Any]], placed: Mapping[int, int]
) -> tuple[dict[str, list[Score]], dict[str, Any]]:
    """Return the scores of the labelled articles by story, and the figures of them; rows are numbered from 1."""
    labels = {number: row["story"] for number, row in enumerate(rows, 1)}
    by_story: dict[str, list[Score]] = defaultdict(list)
    scores = bcubed({number: placed[number] for number in labels}, labels)
    for score in scores.values():
        by_story[score.story].append(score)
    precision, recall = means([*scores.values()])
    return by_story, {
        "bcubed_f1": round(f1(precision, recall), 4),
        "bcubed_precision": round(precision, 4),
        "bcubed_recall": round(recall, 4),
        "bcubed_f1_interval": interval(
            list(by_story.values()), lambda drawn: f1(*means([s for story in drawn for s in story]))
        ),
        "n": len(rows),
        "stories": len(by_story),
        "clusters": len({placed[number] for number in labels}),
    }


def streamed(rows: Sequence[Mapping[str, Any]], background: Sequence[Mapping[str, Any]]) -> list[Article]:
    """Return articles in the order of time (of one moment, by their ids); labelled ones are numbered from 1 in their order."""
    publishers: dict[str, int] = {}
    numbered = [
        (published_of(row), str(row.get("id", number)), number, row)
        for number, row in enumerate([*rows, *background], 1)
    ]
    undated = [number for at, _, number, _ in numbered if at is None]
    if undated:
        raise SystemExit(f"{len(undated)} rows have no time, the first is number {undated[0]}")
    numbered.sort(key=lambda n: (n[0], n[1]))
    return [
        article_of(row, number, publishers.setdefault(row.get("publisher", ""), len(publishers) + 1))
        for _, _, number, row in numbered
    ]


def placements(stream: Sequence[Description], window: Window) -> tuple[dict[int, int], int]:
    """Return the story of each article after everything was streamed through, and how many were folded as copies."""
    placed: dict[int, int] = {}
    merged: dict[int, int] = {}
    copies: set[int] = set()
    for start in range(0, len(stream), BATCH):
        batch = stream[start : start + BATCH]
        plan = window.assign(batch, now=batch[-1].at)
        placed |= {placement.article_id: placement.story_id for placement in plan.placements}
        merged |= {merge.from_id: merge.into_id for merge in plan.merges}
        copies |= {copy.article_id for copy in plan.copies}
    return {article_id: _now(story_id, merged) for article_id, story_id in placed.items()}, len(copies)


def _now(story_id: int, merged: Mapping[int, int]) -> int:
    while story_id in merged:
        story_id = merged[story_id]
    return story_id


def bcubed(placed: Mapping[int, int], labels: Mapping[int, str]) -> dict[int, Score]:
    """Return each article's BCubed precision and recall (Bagga and Baldwin 1998)."""
    clusters, stories = Counter(placed.values()), Counter(labels.values())
    both = Counter((placed[number], labels[number]) for number in labels)
    return {
        number: Score(
            story=story,
            precision=both[placed[number], story] / clusters[placed[number]],
            recall=both[placed[number], story] / stories[story],
        )
        for number, story in labels.items()
    }


def means(scores: Sequence[Score]) -> tuple[float, float]:
    return sum(s.precision for s in scores) / len(scores), sum(s.recall for s in scores) / len(scores)


def _print_worst(
    by_story: Mapping[str, Sequence[Score]],
    rows: Sequence[Mapping[str, Any]],
    placed: Mapping[int, int],
    count: int,
) -> None:
    worst = sorted(by_story, key=lambda story: f1(*means(by_story[story])))[:count]
    for story in worst:
        precision, recall = means(by_story[story])
        print(f"\nstory {story}: precision {precision:.2f}, recall {recall:.2f}")
        numbers = [n for n, row in enumerate(rows, 1) if row["story"] == story]
        together = {placed[n] for n in numbers}
        for number, row in enumerate(rows, 1):
            if placed[number] in together:
                mark = " " if row["story"] == story else "×"
                print(
                    f"  {mark} {placed[number]:6} {row.get('published', row.get('published_ms'))}  {row['title']}"
                )


if __name__ == "__main__":
    main()
