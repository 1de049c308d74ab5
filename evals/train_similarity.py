"""Learn how alike two articles are:  python -m evals.train_similarity PATH [--write]

PATH holds pairs in JSON Lines: `text1, text2, lang1, lang2, overall` (1 the same story … 4 unrelated).  For each way to compare two
articles a linear score of the facts, bent by a logistic curve, is fitted to the judgements by least squares; no fact may
count against likeness.  Prints Pearson's r by cross-validation (ten folds, five shuffles; pairs that share a text stay in
one fold), and with each fact left out; with --write the weights become src/tidings/stories/similarity.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.learning import Bound, bounded_fit, likely, write_weights
from evals.similarity import JudgedPair, figures_of, judged_pairs
from tidings.app import COMPARISONS, PAIR_FACTS, Comparison, PairFacts, pair_facts, profile_of, scored

WEIGHTS = Path(__file__).parents[1] / "src/tidings/stories/similarity.json"
FOLDS = 10
SHUFFLES = 5
PULL = 0.02  # of each weight towards 0: the square of a weight of 10 costs a pair's error of one whole point

# What counts: names within a language and more facts across languages were tried, and gave nothing (docs/design/related.md).
COUNTING: Mapping[Comparison, tuple[str, ...]] = {
    "english": ("meaning", "words", "numbers", "bias"),
    "one language": ("meaning", "words", "numbers", "bias"),
    "across": ("meaning", "names", "numbers", "bias"),
}
Lesson = tuple[Comparison, PairFacts, float]  # how, facts, the judgement on our scale


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.train_similarity", description=__doc__.splitlines()[0]
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    options = parser.parse_args()
    judged = judged_pairs(options.path)
    lessons = lessons_of(judged)
    _show("all facts", judged, cross_validated(judged, lessons))
    for fact in PAIR_FACTS[1:-1]:
        _show(f"without {fact}", judged, cross_validated(judged, _without(fact, lessons)))
    learned = learned_from(lessons)
    for how, weights in learned.items():
        print(f"{how:14} n {sum(lesson[0] == how for lesson in lessons):5}  {weights}")
    if options.write:
        write_weights(
            WEIGHTS,
            {how: {f: w for f, w in zip(PAIR_FACTS, learned[how], strict=True) if w} for how in COMPARISONS},
        )


def lessons_of(judged: Sequence[JudgedPair]) -> list[Lesson]:
    """Return what is learned from each pair, in their order."""
    return [
        (*pair_facts(profile_of(pair.a), profile_of(pair.b)), (4.0 - pair.overall) / 3.0) for pair in judged
    ]


def learned_from(lessons: Sequence[Lesson]) -> dict[Comparison, PairFacts]:
    """Return the weights of each comparison, rounded as they are kept."""
    return {how: _fitted(how, [lesson for lesson in lessons if lesson[0] == how]) for how in COMPARISONS}


def _fitted(how: Comparison, lessons: Sequence[Lesson]) -> PairFacts:
    facts = np.array([lesson[1] for lesson in lessons])
    judgements = np.array([lesson[2] for lesson in lessons])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        found = likely(facts @ weights)
        errors = found - judgements
        return float((errors**2).sum()), facts.T @ (2.0 * errors * found * (1.0 - found))

    bounds: dict[str, Bound] = {
        fact: (None, None) if fact == "bias" else (0.0, None if fact in COUNTING[how] else 0.0)
        for fact in PAIR_FACTS
    }
    return tuple(round(float(weight), 2) for weight in bounded_fit(loss, PAIR_FACTS, bounds, pull=PULL))


def cross_validated(judged: Sequence[JudgedPair], lessons: Sequence[Lesson]) -> list[list[float]]:
    """Return, for each shuffle, every pair's similarity by weights that were learned without it or any pair of its texts."""
    groups = text_groups(judged)
    found = []
    for shuffle in range(SHUFFLES):
        folds = np.random.default_rng(shuffle).integers(FOLDS, size=max(groups) + 1)[groups]
        similarities = np.zeros(len(lessons))
        for fold in range(FOLDS):
            learned = learned_from(
                [lesson for lesson, its in zip(lessons, folds, strict=True) if its != fold]
            )
            for i in np.flatnonzero(folds == fold):
                how, facts, _ = lessons[i]
                similarities[i] = scored(facts, learned[how])
        found.append([float(similar) for similar in similarities])
    return found


def text_groups(judged: Sequence[JudgedPair]) -> list[int]:
    """Return a number for each pair, equal for pairs that share a text, directly or by others."""
    group_of: dict[str, int] = {}
    groups = list(range(len(judged)))
    for number, pair in enumerate(judged):
        old = {groups[group_of[text]] for text in pair.texts if text in group_of}
        for text in pair.texts:
            group_of.setdefault(text, number)
        if old:
            first = min(old)
            groups = [first if group in old or i == number else group for i, group in enumerate(groups)]
    return groups


def _without(fact: str, lessons: Sequence[Lesson]) -> list[Lesson]:
    column = PAIR_FACTS.index(fact)
    return [(how, (*facts[:column], 0.0, *facts[column + 1 :]), score) for how, facts, score in lessons]


def _show(title: str, judged: Sequence[JudgedPair], shuffles: Sequence[Sequence[float]]) -> None:
    figures = figures_of(judged, np.mean(shuffles, axis=0).tolist())
    print(f"{title:18}" + "  ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
