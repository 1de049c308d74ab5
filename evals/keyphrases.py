"""Key phrases against a crowd's:  python -m evals.keyphrases PATH [--json]

PATH holds texts in JSON Lines: `id, text, keyphrases`.  Macro F1 of our first ten against the crowd's: Porter-stemmed exact
match, the crowd's phrases folded after stemming.  It measures the phrase ranker, not hashtags.  The interval is a 95 %
bootstrap interval over texts.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import Stemmer

from evals.articles import interval, rows_of
from tidings.app import key_phrases, text_extract

FIRST = 10
_porter = Stemmer.Stemmer("porter")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.keyphrases", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    scores: list[float] = []
    answered = 0
    started = time.perf_counter()
    for row in rows_of(options.path):
        extract = text_extract({"title": "", "text": row["text"]})
        found = [phrase.words for phrase in key_phrases(extract.paragraphs, extract.language)]
        answered += bool(found)
        scores.append(f1_at(found, row["keyphrases"]))
    figures = {
        "f1_10": round(_mean(scores), 4),
        "f1_10_interval": interval(scores, _mean),
        "n": len(scores),
        "answered": round(answered / len(scores), 4),
        "texts_per_s": round(len(scores) / (time.perf_counter() - started), 1),
    }
    if not options.json:
        for name, value in figures.items():
            print(f"{name:16} {value}")
    print(json.dumps(figures))


def f1_at(found: Sequence[str], wanted: Iterable[str], first: int = FIRST) -> float:
    """Return the F1 of the first distinct stemmed phrases against all that are wanted."""
    ours = list(dict.fromkeys(filter(None, map(stemmed, found))))[:first]
    theirs = set(filter(None, map(stemmed, wanted)))
    right = len(theirs.intersection(ours))
    if not right:
        return 0.0
    precision, recall = right / len(ours), right / len(theirs)
    return 2 * precision * recall / (precision + recall)


def stemmed(phrase: str) -> str:
    return " ".join(_porter.stemWords(re.findall(r"\w+", phrase.lower())))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    main()
