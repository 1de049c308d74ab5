"""Similarity against people's judgement:  python -m evals.similarity PATH [--json]

PATH holds pairs in JSON Lines: `text1, text2, lang1, lang2, overall` (1 the same story … 4 unrelated).  Pearson's r of −overall
with our similarity: over all, over English pairs, over pairs of two languages; 95 % bootstrap intervals over pairs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.articles import article_of, interval, rows_of
from evals.vectors import KeptVectors, kept_english
from tidings.app import describe, similarity
from tidings.model import Description

Pair = tuple[float, float]  # the judgement turned round, our similarity


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.similarity", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    judged = judged_pairs(options.path)
    figures = figures_of(judged, [similarity(pair.a, pair.b) for pair in judged])
    figures["answered"] = 1.0
    if not options.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPair:
    """Two described articles and what people said of them, `overall` 1 the same story … 4 unrelated."""

    a: Description
    b: Description
    overall: float
    languages: tuple[str, str]
    texts: tuple[str, str]  # digests, to tell pairs that share one


def judged_pairs(path: Path) -> list[JudgedPair]:
    """Return the judged pairs of a file, described."""
    rows = list(rows_of(path))
    articles = [
        article_of(
            {"title": "", "text": row[f"text{side}"], "language": row[f"lang{side}"]}, 2 * number + side
        )
        for number, row in enumerate(rows)
        for side in (1, 2)
    ]
    described = describe(articles, KeptVectors(), kept_english())
    return [
        JudgedPair(
            described[2 * i],
            described[2 * i + 1],
            float(row["overall"]),
            (row["lang1"], row["lang2"]),
            (_digest(row["text1"]), _digest(row["text2"])),
        )
        for i, row in enumerate(rows)
    ]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def figures_of(judged: Sequence[JudgedPair], similarities: Sequence[float]) -> dict[str, float | list[float]]:
    """Return Pearson's r over all, over English pairs and over pairs of two languages, each with interval and n."""
    pairs = [(-pair.overall, similar) for pair, similar in zip(judged, similarities, strict=True)]
    groups = {
        "pearson": pairs,
        "pearson_en": [p for p, pair in zip(pairs, judged, strict=True) if pair.languages == ("en", "en")],
        "pearson_cross": [p for p, pair in zip(pairs, judged, strict=True) if len(set(pair.languages)) == 2],
    }
    figures: dict[str, float | list[float]] = {}
    for name, group in groups.items():
        figures[name] = round(pearson(group), 4)
        figures[f"{name}_interval"] = interval(group, pearson)
        figures[name.replace("pearson", "n")] = len(group)
    return figures


def pearson(pairs: Sequence[Pair]) -> float:
    """Return the correlation of two columns, 0 when one of them is constant."""
    if len(pairs) < 2:
        return 0.0
    columns = np.array(pairs)
    spread = columns.std(axis=0)
    return float(np.corrcoef(columns.T)[0, 1]) if spread.min() > 0 else 0.0


if __name__ == "__main__":
    main()
