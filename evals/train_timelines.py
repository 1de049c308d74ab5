"""Learn which days belong on a timeline:  python -m evals.train_timelines FOLDER [--write]

FOLDER is that of evals.timelines.  Each day that a topic's articles tell of is on the journalist's timeline or not; a logistic curve over
the facts of the day is fitted to that, every timeline counting the same, and no fact against a day.  Prints date F1, ar1 and
ar2 of each timeline by weights that were learned on the other topics; with --write those of all become src/tidings/ai/timeline.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.learning import bounded_fit, likely, write_weights
from evals.timelines import MEASURES, Asked, asked_of, mean, ours, score, topics_of
from tidings.app import DAY_FACTS, timeline_facts

WEIGHTS = Path(__file__).parents[1] / "src/tidings/ai/timeline.json"
PULL = 0.1  # four topics teach little: near to equal weights
Lesson = tuple[np.ndarray, np.ndarray]  # facts of the days told of, whether the reference has each


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.train_timelines", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    options = parser.parse_args()
    asked = asked_of(topics_of(options.folder))
    learned = report(asked)
    if options.write:
        write_weights(WEIGHTS, {"days": dict(zip(DAY_FACTS, learned, strict=True))})


def report(asked: Sequence[Asked]) -> list[float]:
    """Print the scores of each timeline by weights learned on the other topics; return the weights learned on all."""
    lessons = [lesson_of(one) for one in asked]
    scores = []
    for one in asked:
        others = [its for its, other in zip(lessons, asked, strict=True) if other.topic is not one.topic]
        scores.append(score(ours(one, learned_from(others)), one.reference))
        print(f"{one.topic.name:10}", *(f"{x:.4f}" for x in scores[-1]))
    print("mean      ", {name: round(mean([its[i] for its in scores]), 4) for i, name in enumerate(MEASURES)})
    learned = learned_from(lessons)
    print(dict(zip(DAY_FACTS, learned, strict=True)))
    return learned


def lesson_of(asked: Asked) -> Lesson:
    """Return what a timeline teaches."""
    facts = timeline_facts(asked.sources, window=asked.window)
    return np.array(list(facts.values())), np.array([day in asked.reference for day in facts], float)


def learned_from(lessons: Sequence[Lesson]) -> list[float]:
    """Return the weights of DAY_FACTS, rounded as they are kept."""
    facts = np.concatenate([its for its, _ in lessons])
    held = np.concatenate([its for _, its in lessons])
    counts = np.concatenate([np.full(len(its), 1 / len(its)) for its, _ in lessons])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = facts @ weights
        errors = counts * (likely(scores) - held)
        return float((counts * (np.logaddexp(0, scores) - held * scores)).sum()), facts.T @ errors

    bounds = {fact: (None, None) if fact == "bias" else (0.0, None) for fact in DAY_FACTS}
    return [round(float(w), 2) for w in bounded_fit(loss, DAY_FACTS, bounds, pull=PULL)]


if __name__ == "__main__":
    main()
