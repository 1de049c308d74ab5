"""Whether what is shown as related is related:  python -m evals.related PATH [--curve FILE] [--json]

PATH holds judged pairs (see evals.similarity), their similarities by weights learned without them.  `precision` is the share judged
below 3.0 of the pairs that related articles would show, `coverage` the share shown of the pairs judged so; copies are never
shown.  `precision_unseen` and `coverage_unseen` are the same with thresholds, too, that are learned without the pairs they are
tried on.  On the sample press every article asks for five among all others, no story known: `precision5` is the share of those shown
that are of its story or share one of its topics, `answered5` the share of articles with something shown.  With --curve
the calibration curve is drawn.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.articles import article_of, interval, press_rows
from evals.curve import calibration_curve
from evals.similarity import judged_pairs
from evals.train_similarity import FOLDS, cross_validated, lessons_of, text_groups
from evals.vectors import KeptVectors, kept_english
from sample.press import load_press
from tidings.app import (
    ENOUGH_NAMES,
    Comparison,
    describe,
    is_repeated,
    least_similarity,
    pair_facts,
    profile_of,
    related,
    telling_names,
)

RELATED = 3.0  # judged below: more alike than "somewhat dissimilar"
PRECISE = 0.95
STEPS = [step / 100 for step in range(40, 100)]
LISTED = 5
NAMESAKES = frozenset({"Jonas Hale"})  # the press has a minister and a footballer of this name


@dataclass(frozen=True, slots=True)
class Tried:
    """A judged pair as the rule sees it: the thresholds know English pairs, English pairs of many names, and all others."""

    comparison: Comparison
    similarity: float
    names_shared: int
    is_repeated: bool
    is_related: bool
    group: int

    @property
    def kind(self) -> tuple[bool, bool]:
        """Return which of the thresholds is its own."""
        in_english = self.comparison == "english"
        return in_english, in_english and self.names_shared >= ENOUGH_NAMES


Outcome = tuple[bool, bool]  # shown, related


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.related", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--curve", type=Path, help="draw the calibration curve into this .svg")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    judged = judged_pairs(options.path)
    shuffles = cross_validated(judged, lessons_of(judged))
    groups = text_groups(judged)
    seen = [
        (
            pair_facts(profile_of(pair.a), profile_of(pair.b))[0],
            len(telling_names(pair.a, pair.b)),
            is_repeated(pair.b, [pair.a]),
        )
        for pair in judged
    ]
    tries = [
        [
            Tried(comparison, similar, names, repeated, pair.overall < RELATED, group)
            for similar, (comparison, names, repeated), pair, group in zip(
                similarities, seen, judged, groups, strict=True
            )
        ]
        for similarities in shuffles
    ]
    figures = abstention(tries) | on_the_press()
    if options.curve:
        similar = [float(one) for one in np.mean(shuffles, axis=0)]
        options.curve.write_text(
            calibration_curve(similar, [(4.0 - pair.overall) / 3.0 for pair in judged]), encoding="utf-8"
        )
    if not options.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


def abstention(tries: Sequence[Sequence[Tried]]) -> dict[str, float | list[float]]:
    """Return precision and coverage of the product's thresholds, and of such as are learned without the pairs tried."""
    ours = [[(_shows(pair), pair.is_related) for pair in same] for same in zip(*tries, strict=True)]
    unseen: list[list[Outcome]] = [[] for _ in tries[0]]
    for shuffle, pairs in enumerate(tries):
        folds = np.random.default_rng(shuffle).integers(FOLDS, size=len(pairs))
        for fold in range(FOLDS):
            least = _thresholds([pair for pair in pairs if folds[pair.group] != fold])
            for outcomes, pair in zip(unseen, pairs, strict=True):
                if folds[pair.group] == fold:
                    shown = not pair.is_repeated and pair.similarity >= least.get(pair.kind, 1.0)
                    outcomes.append((shown, pair.is_related))
    return {
        "precision": round(_precision(ours), 4),
        "precision_interval": interval(ours, _precision),
        "coverage": round(_coverage(ours), 4),
        "coverage_interval": interval(ours, _coverage),
        "precision_unseen": round(_precision(unseen), 4),
        "precision_unseen_interval": interval(unseen, _precision),
        "coverage_unseen": round(_coverage(unseen), 4),
        "n": len(ours),
        "n_shown": round(sum(shown for outcomes in ours for shown, _ in outcomes) / len(tries)),
    }


def _shows(pair: Tried) -> bool:
    return not pair.is_repeated and pair.similarity >= least_similarity(
        pair.comparison, names_shared=pair.names_shared
    )


def _thresholds(pairs: Sequence[Tried]) -> dict[tuple[bool, bool], float]:
    """Return, for each kind of pair, the lowest threshold above which PRECISE of the pairs are related."""
    least: dict[tuple[bool, bool], float] = {}
    for kind in {pair.kind for pair in pairs}:
        own = [pair for pair in pairs if pair.kind == kind and not pair.is_repeated]
        for step in STEPS:
            shown = [pair.is_related for pair in own if pair.similarity >= step]
            if shown and sum(shown) >= PRECISE * len(shown):
                least[kind] = step
                break
    return least


def _precision(outcomes: Sequence[Sequence[Outcome]]) -> float:
    shown = [is_related for pair in outcomes for is_shown, is_related in pair if is_shown]
    return sum(shown) / len(shown) if shown else 0.0


def _coverage(outcomes: Sequence[Sequence[Outcome]]) -> float:
    found = [is_shown for pair in outcomes for is_shown, is_related in pair if is_related]
    return sum(found) / len(found) if found else 0.0


def on_the_press() -> dict[str, float | list[float]]:
    """Return how right the lists of the sample press are: each article asks among all others, no story known."""
    rows = press_rows()
    truth = load_press().articles
    described = describe(
        [article_of(row, number, number) for number, row in enumerate(rows)], KeptVectors(), kept_english()
    )
    lists: list[list[tuple[bool, bool]]] = []  # of each article: same story, related, for each shown
    for row, subject in zip(rows, described, strict=True):
        mine = truth[row["id"]]
        shown = [truth[rows[r.article_id]["id"]] for r in related(subject, described, limit=LISTED)]
        lists.append(
            [
                (other.story == mine.story, other.story == mine.story or bool(_topics(mine) & _topics(other)))
                for other in shown
            ]
        )
    return {
        "precision5": round(_right(lists), 4),
        "precision5_interval": interval(lists, _right),
        "same_story5": round(sum(same for one in lists for same, _ in one) / max(1, sum(map(len, lists))), 4),
        "answered5": round(sum(map(bool, lists)) / len(lists), 4),
        "shown5": sum(map(len, lists)),
        "n_press": len(lists),
    }


def _topics(article) -> frozenset[str]:  # type: ignore[no-untyped-def]
    """Return what an article is about, without places, which many stories share, and namesakes."""
    return frozenset(article.topics) - frozenset(article.places) - NAMESAKES


def _right(lists: Sequence[Sequence[Outcome]]) -> float:
    shown = [right for one in lists for _, right in one]
    return sum(shown) / len(shown) if shown else 0.0


if __name__ == "__main__":
    main()
