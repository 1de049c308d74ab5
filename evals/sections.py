"""Sections without the publisher's word:  python -m evals.sections PATH… [--json]

PATH holds articles in JSON Lines: `url, title, text, published, publisher`.  The truth is the section that an article's own
address names ("/politics/…", "sport.example.org"); the decider does not see it.  Three ways are measured on the same
articles: by the descriptions of the desks alone ("cold"), after reading the articles of all other publishers with their sections
("taught", publishers in five folds), and what "taught" does on `sample` (`python -m evals.sections` without PATH measures only
that): the sample press in all its languages, against sample/desks.toml, without and with the publishers' own words.

accuracy is over the answered ones, balanced is the mean over the sections there are, coverage the share answered; the
intervals are 95 % bootstrap intervals over articles.
"""

from __future__ import annotations

import argparse
import json
import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.articles import article_of, interval, rows_of
from evals.press import press_articles
from evals.vectors import KeptVectors
from tidings.app import Desks, describe, desk_addressed, desk_vectors
from tidings.model import Description, DeskChoice

FOLDS = 5
PRESS_DESKS = Path(__file__).parents[1] / "sample" / "desks.toml"
BATCH = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """An article whose section is known: any of `wanted` is right; `publisher` keeps folds apart."""

    description: Description
    wanted: frozenset[str]
    publisher: str


@dataclass(frozen=True, slots=True)
class Answer:
    wanted: frozenset[str]
    given: str | None

    @property
    def is_right(self) -> bool:
        return self.given in self.wanted


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.sections", description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--most", type=int, default=100_000, help="how many articles at most, drawn from a fixed seed"
    )
    options = parser.parse_args()
    embedder = KeptVectors()
    press = press_asked(embedder)
    cold = Desks(desk_vectors(embedder), model=embedder.name)
    figures: dict[str, Any] = {"press": figures_of(answers(cold, press))}
    stated = [Answer(one.wanted, _slug(cold.choose(one.description))) for one in press]
    figures["press_with_the_publishers_word"] = figures_of(stated)
    if options.paths:
        asked = addressed(options.paths, embedder, most=options.most)
        figures["cold"] = figures_of(answers(cold, asked))
        figures["taught"] = figures_of(taught_answers(embedder, asked))
        teacher = Desks(desk_vectors(embedder), model=embedder.name)
        teacher.learn(_with_truth(asked))
        figures["press_taught"] = figures_of(answers(teacher, press))
    if not options.json:
        for name, row in figures.items():
            print(f"{name:32} {row}")
    print(json.dumps(figures))


def addressed(paths: Sequence[Path], embedder: KeptVectors, *, most: int) -> list[Asked]:
    """Return the articles whose address names a section, in the order of publication."""
    rows = [row for path in paths for row in rows_of(path) if desk_addressed(row["url"])]
    random.Random(20260701).shuffle(rows)
    rows = sorted(rows[:most], key=lambda row: str(row.get("published") or ""))
    articles = [article_of(row, i) for i, row in enumerate(rows, 1)]
    asked: list[Asked] = []
    for start in range(0, len(articles), BATCH):
        batch = articles[start : start + BATCH]
        for article, description in zip(batch, describe(batch, embedder), strict=True):
            desk = desk_addressed(article.url)
            assert desk is not None
            asked.append(Asked(replace(description, desk=None), frozenset([desk]), article.publisher.name))
    return asked


def press_asked(embedder: KeptVectors) -> list[Asked]:
    """Return the sample press with the sections its editors would choose (one or two that are right)."""
    wanted: dict[str, Any] = tomllib.loads(PRESS_DESKS.read_text("utf-8"))
    of_article = wanted.pop("articles", {})
    pressed = list(press_articles())
    described = describe([p.article for p in pressed], embedder)
    return [
        Asked(d, frozenset(of_article.get(p.written.id, wanted[p.written.story])), p.written.publisher)
        for p, d in zip(pressed, described, strict=True)
    ]


def answers(decider: Desks, asked: Sequence[Asked]) -> list[Answer]:
    return [Answer(one.wanted, _slug(decider.guess(one.description))) for one in asked]


def taught_answers(embedder: KeptVectors, asked: Sequence[Asked]) -> list[Answer]:
    """Return the answers of deciders that have read the articles of all publishers but those of the fold."""
    publishers = sorted({one.publisher for one in asked})
    random.Random(20260701).shuffle(publishers)
    found: list[Answer] = []
    vectors = desk_vectors(embedder)
    for fold in range(FOLDS):
        held = set(publishers[fold::FOLDS])
        decider = Desks(vectors, model=embedder.name)
        decider.learn(_with_truth([one for one in asked if one.publisher not in held]))
        found += answers(decider, [one for one in asked if one.publisher in held])
    return found


def _with_truth(asked: Sequence[Asked]) -> list[Description]:
    return [
        replace(one.description, desk=DeskChoice(next(iter(one.wanted)), "address", 1.0)) for one in asked
    ]


def _slug(choice: DeskChoice | None) -> str | None:
    return choice.slug if choice else None


def figures_of(given: Sequence[Answer]) -> dict[str, Any]:
    answered = [one for one in given if one.given is not None]
    return {
        "accuracy": _accuracy(answered),
        "accuracy_interval": interval(answered, _accuracy) if answered else None,
        "balanced": _balanced(answered),
        "coverage": round(len(answered) / len(given), 4),
        "n": len(given),
    }


def _accuracy(given: Sequence[Answer]) -> float:
    return round(sum(one.is_right for one in given) / len(given), 4) if given else 0.0


def _balanced(given: Sequence[Answer]) -> float:
    """Return the mean accuracy over the sections, each with its own articles (the first of two that are right)."""
    by_section: dict[str, list[bool]] = {}
    for one in given:
        by_section.setdefault(min(one.wanted), []).append(one.is_right)
    shares = [sum(right) / len(right) for right in by_section.values()]
    return round(sum(shares) / len(shares), 4) if shares else 0.0


if __name__ == "__main__":
    main()
