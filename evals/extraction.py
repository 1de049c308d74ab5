"""Body text against real pages:  python -m evals.extraction PATH [--json] [--worst N]

PATH is a JSON Lines file with `html` (a gzipped page, relative to PATH's folder) and `url` on each line, in two forms:
    text            the article's body: multisets of 4-shingles over \\w+ tokens; precision and recall averaged over pages,
                    F1 of the two means (the measure of the article-extraction benchmark)
    with, without   segments that must and must not be in the text: precision, recall and F1 over segments, a page without
                    an article counting as empty (the measure of trafilatura's evaluation); both sides in NFC with every
                    run of white space one blank
The two disagree about the line under the headline: the first leaves it out of the body, the second counts it as text.  So
f1 is over the paragraphs in the first form and over standfirst and paragraphs in the second; the other one is printed as
f1_with_standfirst or f1_without_standfirst.  Intervals are 95 % bootstrap intervals over pages, pages_per_s is by CPU time
(one core).  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals import articles
from evals.articles import f1
from tidings.app import extract_page
from tidings.errors import ExtractError

Counts = tuple[float, float, float]  # what is right, what is too much, what is missing


@dataclass(frozen=True, slots=True)
class Outcome:
    """One page: its counts without and with the standfirst, why no article came of it (None: one did), its CPU seconds."""

    page: str
    body_counts: Counts
    whole_counts: Counts
    reason: str | None
    confidence: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What an extractor makes of a page: its body, the line under the headline, or why there is no article."""

    body: str = ""
    standfirst: str = ""
    reason: str | None = None
    confidence: float = 0.0


Reader = Callable[[bytes, str], Reading]


def read_page(page: bytes, url: str) -> Reading:
    """Return what the read step makes of a page."""
    try:
        article = extract_page(page, url)
    except ExtractError as error:
        return Reading(reason=error.reason)
    return Reading("\n".join(article.paragraphs), article.standfirst or "", None, article.confidence)


def outcomes(path: Path, read: Reader = read_page) -> Iterator[Outcome]:
    """Yield the outcome of each page of the file, in its order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            page = gzip.decompress((path.parent / row["html"]).read_bytes())
            started = time.process_time()
            found = read(page, row["url"])
            seconds = time.process_time() - started
            count = shingle_counts if "text" in row else segment_counts
            whole = f"{found.standfirst}\n{found.body}" if found.standfirst else found.body
            yield Outcome(
                row["id"], count(row, found.body), count(row, whole), found.reason, found.confidence, seconds
            )


def shingle_counts(row: dict[str, Any], text: str) -> Counts:
    """Return the shares (of their sum) of 4-shingles in both, only in text, only in the truth."""
    wanted, found = _shingles(row["text"]), _shingles(text)
    right = (wanted & found).total()
    counts = (right, found.total() - right, wanted.total() - right)
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def _shingles(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    """Count the runs of n tokens; a text of fewer tokens is one shingle."""
    tokens = re.findall(r"\w+", text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1)))


def segment_counts(row: dict[str, Any], text: str) -> Counts:
    """Return how many segments are rightly there, wrongly there, missing."""
    flat = _flat(text)
    there = sum(_flat(segment) in flat for segment in row["with"])
    wrong = sum(_flat(segment) in flat for segment in row["without"])
    return there, wrong, len(row["with"]) - there


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def mean_of_pages(counts: Sequence[Counts]) -> tuple[float, float]:
    """Return the means over pages of precision and recall; with nothing there and nothing wanted both are 1."""
    precisions = [
        right / (right + wrong) if right + wrong else float(not missing) for right, wrong, missing in counts
    ]
    recalls = [
        right / (right + missing) if right + missing else float(not wrong) for right, wrong, missing in counts
    ]
    return sum(precisions) / len(precisions), sum(recalls) / len(recalls)


def over_segments(counts: Sequence[Counts]) -> tuple[float, float]:
    """Return precision and recall over the segments of all pages."""
    right, wrong, missing = (sum(column) for column in zip(*counts, strict=True))
    return right / (right + wrong) if right + wrong else 0.0, right / (
        right + missing
    ) if right + missing else 0.0


def interval(
    counts: Sequence[Counts], measure: Callable[[Sequence[Counts]], tuple[float, float]]
) -> list[float]:
    """Return the 95 % bootstrap interval of F1 over pages, from a fixed seed."""
    return articles.interval(counts, lambda drawn: f1(*measure(drawn)))


def figures_of(path: Path, found: Sequence[Outcome]) -> tuple[list[Counts], dict[str, Any]]:
    """Return the counts that the form of the file asks for, and the figures of them."""
    if not found:
        raise SystemExit(f"{path} has no pages")
    with path.open(encoding="utf-8") as lines:
        is_body_form = "text" in json.loads(lines.readline())
    measure = mean_of_pages if is_body_form else over_segments
    body, whole = [outcome.body_counts for outcome in found], [outcome.whole_counts for outcome in found]
    counts, other = (body, whole) if is_body_form else (whole, body)
    precision, recall = measure(counts)
    reasons = Counter(outcome.reason for outcome in found if outcome.reason)
    figures = {
        "f1": round(f1(precision, recall), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1_interval": interval(counts, measure),
        f"f1_{'with' if is_body_form else 'without'}_standfirst": round(f1(*measure(other)), 4),
        "n": len(found),
        "share_answered": round(1 - reasons.total() / len(found), 4),
        "reasons": dict(reasons),
        "mean_confidence": round(sum(outcome.confidence for outcome in found) / len(found), 4),
        "pages_per_s": round(len(found) / sum(outcome.seconds for outcome in found), 1),
    }
    return counts, figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print the JSON object only")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the N worst pages")
    options = parser.parse_args()
    found = list(outcomes(options.path))
    counts, figures = figures_of(options.path, found)
    if not options.json:
        for outcome, each in sorted(
            zip(found, counts, strict=True), key=lambda pair: f1(*over_segments([pair[1]]))
        )[: options.worst]:
            right, wrong, missing = (round(count, 3) for count in each)
            print(
                f"{right:7} right {wrong:7} too much {missing:7} missing  {outcome.page}  {outcome.reason or ''}"
            )
        for name, value in figures.items():
            print(f"{name:16} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
