"""Similarity against people's judgement:  python -m evals.similarity PATH [--json]

PATH holds pairs in JSON Lines: `text1, text2, lang1, lang2, overall` (1 the same story … 4 unrelated).  Pearson's r of −overall
with our similarity: over all, over English pairs, over pairs of two languages; 95 % bootstrap intervals over pairs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.articles import article_of, interval, rows_of
from evals.vectors import KeptVectors, kept_english
from tidings.app import describe, similarity

Pair = tuple[float, float]  # the judgement turned round, our similarity


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.similarity", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    rows = list(rows_of(options.path))
    articles = [
        article_of(
            {"title": "", "text": row[f"text{side}"], "language": row[f"lang{side}"]}, 2 * number + side
        )
        for number, row in enumerate(rows)
        for side in (1, 2)
    ]
    described = describe(articles, KeptVectors(), kept_english())
    pairs = [
        (-float(row["overall"]), similarity(described[2 * i], described[2 * i + 1]))
        for i, row in enumerate(rows)
    ]
    groups = {
        "pearson": pairs,
        "pearson_en": [p for p, row in zip(pairs, rows, strict=True) if row["lang1"] == row["lang2"] == "en"],
        "pearson_cross": [p for p, row in zip(pairs, rows, strict=True) if row["lang1"] != row["lang2"]],
    }
    figures: dict[str, float | list[float]] = {}
    for name, group in groups.items():
        figures[name] = round(pearson(group), 4)
        figures[f"{name}_interval"] = interval(group, pearson)
        figures[name.replace("pearson", "n")] = len(group)
    figures["answered"] = 1.0
    if not options.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


def pearson(pairs: Sequence[Pair]) -> float:
    """Return the correlation of two columns, 0 when one of them is constant."""
    if len(pairs) < 2:
        return 0.0
    columns = np.array(pairs)
    spread = columns.std(axis=0)
    return float(np.corrcoef(columns.T)[0, 1]) if spread.min() > 0 else 0.0


if __name__ == "__main__":
    main()
