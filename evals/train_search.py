"""Learn how words and meaning answer a question:  python -m evals.train_search PATH [--background FILE] [--write] [--folds N]

PATH and --background are those of evals.questions, and are loaded as it does.  Each question is asked once; of what it finds the
article with its passage is the answer and the rest is not.  The weights of words and meaning are those under which the answers
are likeliest to be chosen among what was found for their question (a conditional logit, McFadden 1974), once for what every
embedder has read, once without the English one, once by words alone.  Those of having every word, and in a row, are no matter of
learning and stay; the bias then makes the odds true on average.  With --write the weights become src/tidings/store/fusing.json.

It shows mrr10, hits1 and hits5 of questions whose weights were learned without them, in N folds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from evals.questions import arguments, asked_of, figures_of, folded, load
from evals.vectors import KeptVectors, kept_english
from tidings.app import FUSING_FACTS, FUSING_KINDS, Likeness, open_scratch
from tidings.model import SearchQuery

OUTPUT = Path(__file__).parents[1] / "src" / "tidings" / "store" / "fusing.json"
LEARNED = {"english": ("words", "meaning", "english"), "other": ("words", "meaning"), "words": ("words",)}
SHOWN_WITHOUT_MEANING = (
    -9.0
)  # the bias where nothing is known of meaning: whatever has a telling word is shown
PULL = 0.01  # towards zero
STEPS = 40

RULES = ("whole", "row")

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Found = tuple[Floats, int | None]  # what a question found (articles × facts), and which of them answers it


def main() -> None:
    parser = arguments("train_search", __doc__)
    parser.add_argument("--write", action="store_true", help="keep the weights")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    questions, texts = asked_of(options)
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        article_of = load(tidings, texts)
        tidings.searcher.refresh()
        likeness = [tidings.searcher.likeness(SearchQuery(row["question"])) for row in questions]
        answers = [article_of[folded(row["evidence"])] for row in questions]
    kept = json.loads(OUTPUT.read_text(encoding="utf-8"))
    for kind in FUSING_KINDS:
        found = [_found(each, answer) for each, answer in zip(likeness, answers, strict=True)]
        rules = np.array([float(kept[kind].get(name, 0.0)) for name in RULES])
        places = cross_validated(found, LEARNED[kind], rules, folds=options.folds)
        print(kind, {name: value for name, value in figures_of(places).items() if "interval" not in name})
        weights = learned([(facts[:, columns(LEARNED[kind])], answer) for facts, answer in found])
        kept[kind] |= {name: round(float(w), 2) for name, w in zip(LEARNED[kind], weights, strict=True)}
        scores = [scored(facts, LEARNED[kind], weights, rules) for facts, _ in found]
        answering = sum(answer is not None for _, answer in found)
        bias = SHOWN_WITHOUT_MEANING if kind == "words" else balanced(np.concatenate(scores), answering)
        kept[kind]["bias"] = round(bias, 2)
    rows = ",\n".join(f'  "{kind}": {json.dumps(kept[kind])}' for kind in FUSING_KINDS)
    print(f"{{\n{rows}\n}}")
    if options.write:
        OUTPUT.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


def _found(likeness: Mapping[int, Likeness], answer: int) -> Found:
    ids = sorted(likeness)
    rows = np.array([likeness[article_id].facts() for article_id in ids]).reshape(len(ids), -1)
    return rows, ids.index(answer) if answer in ids else None


def columns(names: Sequence[str]) -> list[int]:
    """Return where these facts stand among all."""
    return [FUSING_FACTS.index(name) for name in names]


def scored(facts: Floats, names: Sequence[str], weights: Floats, rules: Floats) -> Floats:
    """Return the score of each article but for the bias: what was learned, and the rules."""
    return facts[:, columns(names)] @ weights + facts[:, columns(RULES)] @ rules


def learned(found: Sequence[Found]) -> Floats:
    """Return the weights under which the answers are likeliest, by Newton's method with halved steps."""
    asked = [(facts, answer) for facts, answer in found if answer is not None]
    weights = np.full(asked[0][0].shape[1], 5.0)
    loss = _loss(asked, weights)
    for _ in range(STEPS):
        slope, curve = PULL * weights, PULL * np.eye(len(weights))
        for facts, answer in asked:
            odds = np.exp((scores := facts @ weights) - scores.max())
            odds /= odds.sum()
            mean = odds @ facts
            slope = slope + mean - facts[answer]
            curve = curve + (facts * odds[:, None]).T @ facts - np.outer(mean, mean)
        step = np.linalg.solve(curve, slope)
        while (next_loss := _loss(asked, weights - step)) > loss and np.abs(step).max() > 1e-4:
            step = step / 2
        weights = weights - step
        if loss - next_loss < 1e-3:
            break
        loss = next_loss
    return weights


def _loss(asked: Sequence[tuple[Floats, int]], weights: Floats) -> float:
    total = 0.5 * PULL * float(weights @ weights)
    for facts, answer in asked:
        scores = facts @ weights
        total += float(np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[answer])
    return total


def balanced(scores: Floats, answering: int) -> float:
    """Return the bias with which as many articles are expected to answer as do."""
    low, high = -60.0, 60.0
    for _ in range(60):
        bias = (low + high) / 2
        expected = float((1 / (1 + np.exp(-(scores + bias)))).sum())
        low, high = (low, bias) if expected > answering else (bias, high)
    return bias


def cross_validated(
    found: Sequence[Found], names: Sequence[str], rules: Floats, *, folds: int
) -> list[int | None]:
    """Return the place of each question's answer under weights that were learned without it."""
    places: list[int | None] = [None] * len(found)
    known = [(facts[:, columns(names)], answer) for facts, answer in found]
    for fold in range(folds):
        weights = learned([one for n, one in enumerate(known) if n % folds != fold])
        for n in range(fold, len(found), folds):
            facts, answer = found[n]
            if answer is None:
                continue
            scores = scored(facts, names, weights, rules)
            place = int((scores > scores[answer]).sum()) + 1
            places[n] = place if place <= 10 else None
    return places


if __name__ == "__main__":
    main()
