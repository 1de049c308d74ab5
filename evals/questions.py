"""Are questions answered, and refused where nothing answers them:  python -m evals.questions PATH [--background FILE] [--json]

PATH is a JSON Lines file with `question` and `evidence` on each line, and `answer` and `answer_in_evidence` (whether the answer's
words stand in it).  The passages of all questions, and the articles of --background (JSON Lines, gzipped or not: `title`,
`text`), are loaded into one fresh instance, all at one moment and without a publisher; then each question is asked as it
stands, and its place is that of its passage among the first ten hits.  Equal texts, case and punctuation folded, are one
passage.

mrr10 is the mean of 1/place (0 beyond the tenth), hits1 and hits5 the shares found first and among the first five.
answer_in_citation, over the questions whose passage has the answer's words (asked_n), is the share for which one of the cited
sentences that are shown has them too, as the answer or, where the archive is not said to answer, as what comes nearest; where nothing is
shown it is 0.  answer_in_answer counts the first alone.  answered is the share answered, shown_words the mean words shown.

Refusal, over a fixed sample (refusal_n): refused is the share refused of the questions whose passage is taken out of what search
found; right the share that is answered rightly with it there: a shown sentence has the answer's words, or, where the passage
itself has not, is of the passage.  wrong is the share that gets an answer without its words though the passage is taken out: other passages
tell some of them too.  right_at_80 is the share right at the confidence that refuses 80 % of the others, right_at_20_wrong at
the one that answers 20 % of them wrongly.  The curve has [confidence asked for, refused, answered, right].

The intervals are 95 % bootstrap intervals over questions.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.vectors import KeptVectors, kept_english
from tidings.app import Found, Tidings, answer, open_scratch
from tidings.model import SearchQuery

RESAMPLES = 1000
DEPTH = 10
SEARCHED = 12  # articles that an answer is looked for in
REFUSALS = 600  # questions that are asked again without their passage
ASKED_AT = datetime(2026, 1, 1, tzinfo=UTC)
CURVE = tuple(step / 20 for step in range(1, 20))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question got: whether it stands as the answer, how surely, how many words, and whether they hold the answer."""

    says: bool
    confidence: float
    words: int
    is_right: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked: the place of its passage (None: not among the first ten), what was shown with its passage
    there and (None outside the sample) without it."""

    place: int | None
    there: Shown
    gone: Shown | None
    search_s: float
    answer_s: float


def main() -> None:
    parser = arguments("questions", __doc__)
    parser.add_argument("--json", action="store_true", help="print only the JSON object")
    options = parser.parse_args()
    questions, texts = asked_of(options)
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        started = time.monotonic()
        article_of = load(tidings, texts)
        loaded_s = time.monotonic() - started
        tidings.searcher.refresh()  # takes everything in
        tidings.search(SearchQuery("first"))  # loads the model and opens the index
        sample = sampled(len(questions), REFUSALS)
        asked = [
            ask(tidings, row, article_of[folded(row["evidence"])], is_sampled=n in sample)
            for n, row in enumerate(questions)
        ]
    figures = {
        **figures_of([one.place for one in asked]),
        **answer_figures([one.there for one, row in zip(asked, questions, strict=True) if has_answer(row)]),
        **refusal_figures([(one.there, one.gone) for one in asked if one.gone]),
        "n": len(asked),
        "articles": len(set(article_of.values())),
        "loaded_s": round(loaded_s, 1),
        "search_p50_ms": round(1000 * quantile([one.search_s for one in asked], 0.5), 1),
        "search_p95_ms": round(1000 * quantile([one.search_s for one in asked], 0.95), 1),
        "answer_p95_ms": round(1000 * quantile([one.answer_s for one in asked], 0.95), 1),
    }
    if not options.json:
        for key, figure in figures.items():
            print(f"{key:28} {figure}")
    print(json.dumps(figures))


def arguments(task: str, doc: str) -> argparse.ArgumentParser:
    """Return a parser of what every command on questions is given."""
    parser = argparse.ArgumentParser(prog=f"python -m evals.{task}", description=doc.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--background", type=Path, help="articles to hide the passages among")
    return parser


def asked_of(options: argparse.Namespace) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Return the questions, and the texts in which they are looked up: their passages, then the background."""
    questions = list(rows_of(options.path))
    background = list(rows_of(options.background)) if options.background else []
    texts = [{"title": "", "text": row["evidence"]} for row in questions]
    texts += [{"title": row["title"], "text": row["text"]} for row in background]
    return questions, texts


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
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


def sampled(n: int, most: int) -> frozenset[int]:
    """Return the places of the questions that are asked without their passage too, from a fixed seed."""
    return frozenset(random.Random(7).sample(range(n), min(n, most)))


def ask(tidings: Tidings, row: Mapping[str, Any], passage: int, *, is_sampled: bool) -> Asked:
    """Search for a question and answer it, with its passage and, if sampled, without."""
    started = time.perf_counter()
    found = tidings.assistant.found(row["question"], limit=SEARCHED + 1)
    searched = time.perf_counter()
    there = shown_for(tidings, row, found[:SEARCHED], passage)
    answered = time.perf_counter()
    ids = [one.source.article_id for one in found[:DEPTH]]
    gone = without(found, passage)[:SEARCHED]
    return Asked(
        place=ids.index(passage) + 1 if passage in ids else None,
        there=there,
        gone=shown_for(tidings, row, gone, passage) if is_sampled else None,
        search_s=searched - started,
        answer_s=answered - searched,
    )


def without(found: Sequence[Found], passage: int) -> list[Found]:
    """Return what search found without a passage; equal texts are one article here."""
    return [one for one in found if one.source.article_id != passage]


def shown_for(tidings: Tidings, row: Mapping[str, Any], found: Sequence[Found], passage: int) -> Shown:
    """Answer a question from what was found."""
    reply = answer(
        row["question"],
        found,
        asked_at=ASKED_AT,
        meanings=tidings.embedder.embed,
        english=tidings.english.embed if tidings.english else None,
    )
    cited = [citation for claim in reply.claims for citation in claim.citations] or list(reply.nearest)
    return Shown(
        says=reply.says,
        confidence=reply.confidence,
        words=sum(len(citation.words.split()) for citation in cited),
        is_right=any(
            holds(citation.words, row["answer"]) if has_answer(row) else citation.article_id == passage
            for citation in cited
        ),
    )


def has_answer(row: Mapping[str, Any]) -> bool:
    """Whether the passage of a question has the words of its answer."""
    return bool(row.get("answer_in_evidence"))


def holds(words: str, wanted: str) -> bool:
    """Whether words have those of an answer in a row, case and punctuation folded."""
    return f" {folded(wanted)} " in f" {folded(words)} "


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Figures = dict[str, Any]


def figures_of(places: Sequence[int | None]) -> Figures:
    """Return what search is worth, with intervals."""
    measures: dict[str, Callable[[int | None], float]] = {
        "mrr10": lambda place: 1 / place if place else 0.0,
        "hits1": lambda place: float(place == 1),
        "hits5": lambda place: float(place is not None and place <= 5),
    }
    return _means({name: [measure(place) for place in places] for name, measure in measures.items()})


def answer_figures(shown: Sequence[Shown]) -> Figures:
    """Return what answers are worth where the passage has the answer's words."""
    return {
        **_means(
            {
                "answer_in_citation": [float(one.is_right) for one in shown],
                "answer_in_answer": [float(one.says and one.is_right) for one in shown],
            }
        ),
        "asked_n": len(shown),
        "answered": mean([float(one.says) for one in shown]),
        "shown_words": mean([one.words for one in shown]),
    }


def refusal_figures(asked: Sequence[tuple[Shown, Shown]]) -> Figures:
    """Return how many are refused without their passage and how many are answered rightly with it."""
    curve = [(least, *at_confidence(asked, least)) for least in CURVE]
    enough = quantile([gone.confidence for _, gone in asked], 0.8)
    # An answer with the answer's words counts as none here: another passage tells it.
    enough_wrong = quantile([0.0 if gone.is_right else gone.confidence for _, gone in asked], 0.8)
    return {
        **_means(
            {
                "refused": [float(not gone.says) for _, gone in asked],
                "wrong": [float(gone.says and not gone.is_right) for _, gone in asked],
                "right": [float(there.says and there.is_right) for there, _ in asked],
                "right_at_80": [float(there.confidence > enough and there.is_right) for there, _ in asked],
                "right_at_20_wrong": [
                    float(there.confidence > enough_wrong and there.is_right) for there, _ in asked
                ],
            }
        ),
        "refusal_n": len(asked),
        "refusal_answered": mean([float(there.says) for there, _ in asked]),
        "refusal_curve": curve,
    }


def at_confidence(asked: Sequence[tuple[Shown, Shown]], least: float) -> tuple[float, float, float]:
    """Return the shares refused without the passage, answered with it, and answered rightly, at a least confidence."""
    return (
        mean([float(gone.confidence < least) for _, gone in asked]),
        mean([float(there.confidence >= least) for there, _ in asked]),
        mean([float(there.confidence >= least and there.is_right) for there, _ in asked]),
    )


def _means(values: Mapping[str, Sequence[float]]) -> Figures:
    figures: Figures = {}
    for name, each in values.items():
        figures[name] = mean(each)
        figures[f"{name}_interval"] = interval(each)
    return figures


def mean(values: Sequence[float]) -> float:
    """Return the mean to four places, 0 of nothing."""
    return round(sum(values) / max(1, len(values)), 4)


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
