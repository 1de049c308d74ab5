"""Claims matched across publishers:  python -m evals.compare press [--json] [--worst N] [--latency]

The sample press's stories, each compared whole by the product's own compare().  Two truths:

- sample/claims.toml: claims read off the stories by people, with every report that says them and the figure that it prints.
  A row of ours answers a claim when its sentences are those of the truth.  `precision` and `recall` are of links, an article
  beyond the first that is put to a claim, so that a claim of one report can only be joined wrongly.  `figures` and
  `sentences` are the claims with a figure and those without; `differs` are pairs of reports put to one claim whose figures
  are not the same.  `held_` are stories that no weight was fitted on; their mistakes were looked at once.
  A right link is the right article in the row, not always the very sentence.
- truth.json's annotations, over all stories: figures of one label in one story are one claim (`annotated`; articles are not
  annotated whole, so only annotated figures count as wrong), and one quotation in several articles is one claim (`quotes`).

Copies of a wire report are compared with the rest and left out of the figures, but for `quotes`.  `baseline` is the
embedder's cosine over one threshold, the best one for this very set.  Intervals are 95 % bootstrap intervals over stories.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from evals.articles import f1, interval
from evals.press import press_articles
from evals.vectors import KeptVectors
from sample.press import Article as Written
from tidings.app import UsemEmbedder, compare, source_of
from tidings.model import Source

TRUTH = Path(__file__).parents[1] / "sample" / "claims.toml"
ALL_ROWS = 100_000
KINDS = ("all", "figures", "sentences", "differs")
THRESHOLDS = np.arange(0.2, 0.9, 0.02)
_SCALES = {"thousand": 3, "million": 6, "billion": 9}


@dataclass(frozen=True, slots=True)
class Said:
    """Where an article says a claim: the words, and the figure there if it is one."""

    article: int
    words: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TrueClaim:
    says: str
    reports: tuple[Said, ...]

    @property
    def has_figure(self) -> bool:
        return all(said.value for said in self.reports)


@dataclass(frozen=True, slots=True)
class Story:
    """A story of the press: its sources, who wrote what, what is true of it."""

    name: str
    sources: tuple[Source, ...]
    written: dict[int, Written]
    claims: tuple[TrueClaim, ...]
    labels: dict[str, str]
    is_held: bool = False

    @property
    def copies(self) -> frozenset[int]:
        return frozenset(s.article_id for s in self.sources if s.original_id)


@dataclass(frozen=True, slots=True)
class Row:
    """A group of ours (or the baseline's): for each article the sentence, and the figure's value if it is about one."""

    sentences: dict[int, str]
    values: dict[int, Decimal]
    figures: dict[int, str]


@dataclass
class Links:
    right: int = 0
    found: int = 0
    true: int = 0

    def add(self, other: Links) -> None:
        self.right, self.found, self.true = (
            self.right + other.right,
            self.found + other.found,
            self.true + other.true,
        )


@dataclass
class Tally:
    """Of one story: links by kind."""

    links: dict[str, Links] = field(default_factory=lambda: defaultdict(Links))
    claims: int = 0
    is_held: bool = False
    notes: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.compare", description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("press",))
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--worst", type=int, default=0, help="show N of what was missed or joined wrongly")
    parser.add_argument(
        "--latency", action="store_true", help="time a comparison of 30 articles, nothing kept"
    )
    options = parser.parse_args()
    if options.latency:
        print(json.dumps(latency()))
        return
    stories = press_stories()
    meanings = KeptVectors()
    tallies = [tally(story, rows_of(story, meanings)) for story in stories]
    figures = figures_of(tallies)
    seen = [story for story in stories if not story.is_held]
    figures |= {f"baseline_{name}": value for name, value in baseline(seen, meanings).items()}
    held = [story for story in stories if story.is_held]
    figures |= {f"held_baseline_{name}": value for name, value in baseline(held, meanings).items()}
    alone = [tally(story, rows_of(story, None)) for story in seen]
    figures |= {f"words_alone_{name}": value for name, value in measure(alone, "all").items()}
    if not options.json:
        for note in [note for tally_ in tallies for note in tally_.notes][: options.worst]:
            print(note)
        for name, value in figures.items():
            print(f"{name:30} {value}")
    print(json.dumps(figures))


# ── the truth ────────────────────────────────────────────────────────────────────────────────────────────────────────


def press_stories(truth: Path = TRUTH) -> list[Story]:
    """Return the stories of the sample press with their claims.  Raises SystemExit when an article has not the words."""
    table = tomllib.loads(truth.read_text("utf-8"))
    articles = list(press_articles())
    ids = {p.written.id: p.article.id for p in articles}
    by_story: dict[str, list[Source]] = defaultdict(list)
    written: dict[str, dict[int, Written]] = defaultdict(dict)
    for read in articles:
        copied = read.written.wire_copy_of
        source = replace(source_of(read.article), original_id=ids[copied] if copied else None)
        by_story[read.written.story].append(source)
        written[read.written.story][source.article_id] = read.written
    claims: dict[str, list[TrueClaim]] = defaultdict(list)
    held = {row["story"] for row in table["claims"] if row.get("held")}
    for row in table["claims"]:
        said = tuple(
            Said(ids[f"{row['story']}-{r[0]}"], r[1], r[2] if len(r) > 2 else None) for r in row["reports"]
        )
        for report in said:
            source = next(s for s in by_story[row["story"]] if s.article_id == report.article)
            if not any(report.words in part for part in _parts(source)):
                raise SystemExit(
                    f"{truth}: {written[row['story']][report.article].id} has no {report.words!r}"
                )
        claims[row["story"]].append(TrueClaim(row["says"], said))
    return [
        Story(name, tuple(own), written[name], tuple(claims[name]), table.get("labels", {}), name in held)
        for name, own in sorted(by_story.items())
    ]


def _parts(source: Source) -> tuple[str, ...]:
    return (source.headline, source.standfirst or "", *source.paragraphs)


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(story: Story, meanings: Any) -> list[Row]:
    found = compare(story.sources, meanings=meanings, most=ALL_ROWS)
    return [
        Row(
            {r.article_id: r.citation.words for r in row.reports},
            {r.article_id: r.value for r in row.reports if r.value is not None},
            {r.article_id: r.figure.words for r in row.reports if r.figure is not None},
        )
        for row in (*found.claims, *found.single)
    ]


def tally(story: Story, rows: Sequence[Row]) -> Tally:
    counted = Tally(claims=len(story.claims), is_held=story.is_held)
    for claim in story.claims:
        row = answering(claim, rows, story.copies)
        links, differs = judged(claim, row, story.copies)
        counted.links["all"].add(links)
        counted.links["figures" if claim.has_figure else "sentences"].add(links)
        counted.links["differs"].add(differs)
        there = set(row.sentences) - story.copies if row else set()
        true = {said.article for said in claim.reports}
        for mark, articles in (("missed", true - there if len(true) > 1 else set()), ("wrong", there - true)):
            counted.notes += [
                f"{mark:7} {story.name}: {claim.says}: {story.written[a].id}: {row.sentences.get(a, '')[:80] if row else ''}"
                for a in sorted(articles)
            ]
    counted.links["annotated"].add(annotated(story, rows))
    counted.links["quotes"].add(quoted(story, rows))
    return counted


def answering(claim: TrueClaim, rows: Sequence[Row], copies: frozenset[int]) -> Row | None:
    """Return the row that has most of a claim's own places; of two the one with fewer articles beside."""

    def places(row: Row) -> tuple[int, int]:
        hits = [s for s in claim.reports if is_there(s, row, figure=claim.has_figure)]
        return len(hits), -len(set(row.sentences) - copies - {s.article for s in claim.reports})

    best = max(rows, key=places, default=None)
    return best if best is not None and places(best)[0] else None


def is_there(said: Said, row: Row, *, figure: bool) -> bool:
    """Whether a row holds a place: its sentence there holds the claim's words, and its figure is the claim's, or among them."""
    sentence = row.sentences.get(said.article)
    if sentence is None or not (said.words in sentence or sentence in said.words):
        return False
    if figure:
        return row.values.get(said.article) == value_of(said.value or "")
    return said.article not in row.figures or row.figures[said.article] in said.words


def value_of(printed: str) -> Decimal | None:
    """Return the number of "6.2 billion", "8,412" or "71"; None when it is none."""
    match = re.match(r"([\d.,]+)\s*(\w*)", printed)
    if match is None:
        return None
    return Decimal(match[1].replace(",", "")).scaleb(_SCALES.get(match[2], 0))


def judged(claim: TrueClaim, row: Row | None, copies: frozenset[int]) -> tuple[Links, Links]:
    """Return the links of a claim that are right, found and true; and the same for pairs that differ."""
    true = {said.article: value_of(said.value or "") for said in claim.reports}
    found = set(row.sentences) - copies if row else set()
    links = Links(max(0, len(found & set(true)) - 1), max(0, len(found) - 1), len(true) - 1)
    differs = Links()
    if claim.has_figure:
        apart = {frozenset(pair) for pair in combinations(sorted(true), 2) if true[pair[0]] != true[pair[1]]}
        ours = {
            frozenset((a, b))
            for a, b in combinations(sorted(found), 2)
            if row and row.values.get(a) != row.values.get(b)
        }
        differs = Links(len(ours & apart), len(ours), len(apart))
    return links, differs


def annotated(story: Story, rows: Sequence[Row]) -> Links:
    """Return the links among the figures that the writers annotated: one label in one story is one claim."""
    labels: dict[str, dict[int, Decimal | None]] = defaultdict(dict)
    for article, written in story.written.items():
        for figure in written.figures:
            if article not in story.copies:
                labels[story.labels.get(figure.what, figure.what)].setdefault(
                    article, _annotated_value(figure.value)
                )
    links = Links()
    for label, true in labels.items():
        own = [r for r in rows if any(r.values.get(a) == v for a, v in true.items() if v is not None)]
        row = max(
            own,
            key=lambda r: sum(r.values.get(a) == v for a, v in true.items() if v is not None),
            default=None,
        )
        links.true += len(true) - 1
        if row is None:
            continue
        here = {a for a, v in true.items() if row.values.get(a) == v}
        wrong = {
            a
            for a, value in row.values.items()
            if a not in true and any(value == v.get(a) for other, v in labels.items() if other != label)
        }
        links.right += max(0, len(here) - 1)
        links.found += max(0, len(here) - 1) + len(wrong)
    return links


_WORDS = {
    word: n
    for n, both in enumerate(
        [
            "null zero",
            "ein one",
            "zwei two",
            "drei three",
            "vier four",
            "fünf five",
            "sechs six",
            "sieben seven",
            "acht eight",
            "neun nine",
            "zehn ten",
            "elf eleven",
            "zwölf twelve",
        ]
    )
    for word in both.split()
}


def _annotated_value(printed: str) -> Decimal | None:
    """Return the first number of an annotation: of "elf", "9 million cubic metres", "1,1 Milliarden Kronen"."""
    low = printed.lower()
    for word, n in _WORDS.items():
        if re.search(rf"\b{word}\b", low):
            return Decimal(n).scaleb(_scale(low))
    match = re.search(r"\d[\d.,]*", low)
    if match is None:
        return None
    digits = match[0].rstrip(".,")
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        digits = re.sub("[.,]", "", digits)
    return Decimal(digits.replace(",", ".")).scaleb(_scale(low))


def _scale(printed: str) -> int:
    for word, zeros in (("billion", 9), ("milliarden", 9), ("million", 6), ("millionen", 6)):
        if word in printed:
            return zeros
    return 0


def quoted(story: Story, rows: Sequence[Row]) -> Links:
    """Return the links of quotations that several articles have, copies included."""
    true: dict[str, set[int]] = defaultdict(set)
    for article, written in story.written.items():
        for quote in written.quotes:
            true[_letters(quote.words)].add(article)
    links = Links()
    for words, articles in true.items():
        if len(articles) < 2:
            continue
        row = max(rows, key=lambda r: sum(words in _letters(t) for t in r.sentences.values()), default=None)
        there = {a for a, text in row.sentences.items() if words in _letters(text)} if row else set()
        links.true += len(articles) - 1
        links.right += max(0, len(there & articles) - 1)
        links.found += max(0, len(row.sentences) - 1) if row and there else 0
    return links


def _letters(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


# ── the baseline ─────────────────────────────────────────────────────────────────────────────────────────────────────


def baseline(stories: Sequence[Story], meanings: Any) -> dict[str, Any]:
    """Return what the embedder's cosine over one threshold does: a sentence of the claim draws all within reach.

    Which of the claim's sentences is chosen as our rows are: by what it draws of the truth, then by how little beside.
    """
    drawn = [(story, _reaching(story, meanings)) for story in stories if story.claims]
    best: dict[str, Any] = {}
    for threshold in THRESHOLDS:
        links = Links()
        for story, reaches in drawn:
            for claim, near in zip(story.claims, reaches, strict=True):
                true = {said.article for said in claim.reports}
                found = [{a for a, cosine in reach.items() if cosine >= threshold} for reach in near]
                chosen = max(found, key=lambda drew: (len(drew & true), -len(drew - true)))
                links.add(Links(len(chosen & true), len(chosen), len(true) - 1))
        scored = {**_prf(links), "threshold": round(float(threshold), 2)}
        if not best or scored["f1"] > best["f1"]:
            best = scored
    return best


def _reaching(story: Story, meanings: Any) -> list[list[dict[int, float]]]:
    """Return for each claim and each of its places the best cosine of every other article's sentences with the sentence there."""
    sentences = [
        (s.article_id, sentence)
        for s in story.sources
        if s.article_id not in story.copies
        for part in _parts(s)
        for sentence in re.split(r"(?<=[.!?다])\s+", part)
        if sentence
    ]
    vectors = meanings.embed([text for _, text in sentences])

    def reach(said: Said) -> dict[int, float]:
        own = [i for i, (a, text) in enumerate(sentences) if a == said.article and said.words in text]
        near: dict[int, float] = defaultdict(lambda: -1.0)
        for (article, _), cosine in zip(sentences, vectors @ vectors[own[0]] if own else (), strict=False):
            if article != said.article:
                near[article] = max(near[article], float(cosine))
        return dict(near)

    return [[reach(said) for said in claim.reports] for claim in story.claims]


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _prf(links: Links) -> dict[str, float]:
    precision = links.right / max(1, links.found)
    recall = links.right / max(1, links.true)
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1(precision, recall), 4),
    }


def _summed(tallies: Iterable[Tally], kind: str) -> Links:
    links = Links()
    for own in tallies:
        links.add(own.links[kind])
    return links


def measure(tallies: Sequence[Tally], kind: str) -> dict[str, float]:
    return _prf(_summed(tallies, kind))


def figures_of(tallies: Sequence[Tally]) -> dict[str, Any]:
    """Return precision, recall and F1 of each kind with intervals over stories, and what they were counted over.

    The claims that the matching was made with first; those of stories held out behind `held_`.
    """
    seen = [t for t in tallies if t.claims and not t.is_held]
    held = [t for t in tallies if t.claims and t.is_held]
    figures: dict[str, Any] = {}
    for prefix, kind, own in (
        *(("" if kind == "all" else f"{kind}_", kind, seen) for kind in KINDS),
        *(("held_" if kind == "all" else f"held_{kind}_", kind, held) for kind in KINDS),
        ("annotated_", "annotated", tallies),
        ("quotes_", "quotes", tallies),
    ):
        figures |= {f"{prefix}{name}": value for name, value in measure(own, kind).items()}
        figures[f"{prefix}f1_interval"] = interval(own, _f1_of(kind))
        figures[f"{prefix}links"] = _summed(own, kind).true
    figures |= {"n": sum(t.claims for t in seen), "stories": len(seen)}
    return figures | {"held_n": sum(t.claims for t in held), "held_stories": len(held)}


def _f1_of(kind: str) -> Callable[[Sequence[Tally]], float]:
    return lambda tallies: measure(tallies, kind)["f1"]


def latency(articles: int = 30, rounds: int = 5) -> dict[str, float]:
    """Return the seconds that comparing so many articles takes: those of the press's largest stories as if they were one."""
    ferry = [
        s
        for story in press_stories()
        if story.name in ("ferry-fire", "glacier-flood", "hale-resigns", "heron-launch")
        for s in story.sources
    ]
    sources = ferry[:articles]
    meanings = UsemEmbedder()
    compare(sources, meanings=meanings)
    took, worked = [], []
    for _ in range(rounds):
        began, worked_before = time.perf_counter(), time.process_time()
        compare(sources, meanings=meanings)
        took.append(time.perf_counter() - began)
        worked.append(time.process_time() - worked_before)
    alone = time.process_time()
    compare(sources)
    return {
        "articles": len(sources),
        "seconds_median": round(sorted(took)[rounds // 2], 3),
        "seconds_least": round(min(took), 3),
        "cpu_seconds_median": round(sorted(worked)[rounds // 2], 3),
        "cpu_seconds_without_meanings": round(time.process_time() - alone, 3),
    }


if __name__ == "__main__":
    main()
