"""Learn what a part of a text is worth to a summary:  python -m evals.train_summaries PATH [--write]

PATH is that of evals.summaries.  A part (a stem, or two neighbours) of three publishers' leads is in the editor's roundup or not;
a logistic curve over the facts of the part is fitted to that.  Prints the brief's scores by cross-validation (five folds over
stories), with all facts and with each left out; with --write the weights of all stories become src/tidings/ai/summarise.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.learning import bounded_fit, likely, write_weights
from evals.summaries import MEASURES, RoundedUp, brief_text, score, stories_of
from tidings.app import PART_FACTS, facts_told, parts_of, search_tokens, summary

WEIGHTS = Path(__file__).parents[1] / "src/tidings/ai/summarise.json"
FOLDS = 5
PULL = 1.0
Lesson = tuple[np.ndarray, np.ndarray]  # facts of the parts of a story, whether its roundup holds each


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.train_summaries", description=__doc__.splitlines()[0]
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    options = parser.parse_args()
    stories = stories_of(options.path)
    lessons = [lesson_of(story) for story in stories]
    for left_out in ("", *PART_FACTS[1:]):
        scores = cross_validated(stories, lessons, without=left_out)
        print(
            f"without {left_out:10}" if left_out else "all facts         ",
            dict(zip(MEASURES, scores, strict=True)),
        )
    learned = learned_from(lessons)
    print(learned)
    if options.write:
        write_weights(WEIGHTS, {"parts": dict(zip(PART_FACTS, learned, strict=True))})


def lesson_of(story: RoundedUp) -> Lesson:
    """Return what a story teaches."""
    held = set(parts_of(search_tokens(story.roundup, "en")))
    facts = facts_told(story.sources)
    return np.array(list(facts.values())).reshape(-1, len(PART_FACTS)), np.array(
        [part in held for part in facts], float
    )


def learned_from(lessons: Sequence[Lesson], *, without: str = "") -> list[float]:
    """Return the weights of PART_FACTS, rounded as they are kept; that of a fact left out is 0."""
    facts = np.concatenate([its for its, _ in lessons])
    held = np.concatenate([its for _, its in lessons])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = facts @ weights
        return float((np.logaddexp(0, scores) - held * scores).sum()), facts.T @ (likely(scores) - held)

    bounds = {fact: (0.0, 0.0) if fact == without else (None, None) for fact in PART_FACTS}
    return [round(float(w), 2) for w in bounded_fit(loss, PART_FACTS, bounds, pull=PULL)]


def cross_validated(stories: Sequence[RoundedUp], lessons: Sequence[Lesson], *, without: str) -> list[float]:
    """Return the mean scores of briefs, each made by weights that were learned on the other folds."""
    scores = np.zeros((len(stories), len(MEASURES)))
    for fold in range(FOLDS):
        weights = learned_from([its for i, its in enumerate(lessons) if i % FOLDS != fold], without=without)
        for i in range(fold, len(stories), FOLDS):
            brief = summary(stories[i].sources, words=stories[i].words, weights=weights)
            scores[i] = score(brief_text(brief, stories[i].words), stories[i].roundup)
    return [round(float(mean), 4) for mean in scores.mean(axis=0)]


if __name__ == "__main__":
    main()
