"""Fit the weights of the phrase ranker:  python -m evals.train_keyphrases PATH [--write]

PATH is what evals.keyphrases takes.  Logistic regression over the candidates of every text (is it among the crowd's
phrases?), fitted by Newton's method in NumPy with a little ridge.  Prints the macro F1@10 of six-fold cross-validation by text,
five times with other folds, its bootstrap interval, and the F1 on the texts it was fitted on; --write keeps the weights
fitted on all of them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evals.articles import interval, rows_of
from evals.keyphrases import f1_at, stemmed
from tidings import app

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEIGHTS_FILE = Path(app.__file__).parent / "stories" / "phrases.json"
FOLDS = 6
TURNS = 5
RIDGE = 10.0  # in units of candidates; 1 to 300 give the same figure


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m evals.train_keyphrases", description=__doc__.splitlines()[0]
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--write", action="store_true", help=f"keep the weights in {WEIGHTS_FILE.name}")
    options = parser.parse_args()
    texts = [_Text(row) for row in rows_of(options.path)]
    crossed = cross_validated(texts)
    bias, weights = fitted(texts)
    figures = {
        "f1_10_crossed": round(float(np.mean(crossed)), 4),
        "f1_10_crossed_interval": interval(list(crossed), lambda scores: float(np.mean(scores))),
        "f1_10_fitted": round(float(np.mean([text.f1(text.features @ weights) for text in texts])), 4),
        "n": len(texts),
        "candidates": sum(len(text.words) for text in texts),
    }
    kept = {
        "about": "Logistic weights of the phrase ranker (stories/phrases.py), made by evals/train_keyphrases.py.",
        "trained_on": options.path.name,
        **figures,
        "bias": round(bias, 4),
        "weights": dict(zip(app.PHRASE_FEATURES, [round(float(w), 4) for w in weights], strict=True)),
    }
    if options.write:
        WEIGHTS_FILE.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(json.dumps(kept, indent=1))


class _Text:
    """A text's candidates: words, features (candidates × 9), which of them the crowd chose, and all that it chose."""

    def __init__(self, row: dict[str, Any]) -> None:
        extract = app.text_extract({"title": "", "text": row["text"]})
        found = app.phrase_features(extract.paragraphs, extract.language)
        self.wanted: list[str] = row["keyphrases"]
        chosen = set(filter(None, map(stemmed, self.wanted)))
        self.words = [words for words, _ in found]
        self.features: Floats = np.array([list(f) for _, f in found], np.float64).reshape(
            len(found), len(app.PHRASE_FEATURES)
        )
        self.chosen: Floats = np.array([stemmed(words) in chosen for words in self.words], np.float64)

    def f1(self, scores: Floats) -> float:
        best = np.argsort(-scores, kind="stable")[:20]  # two of them may have one stem
        return f1_at([self.words[i] for i in best], self.wanted)


def cross_validated(texts: Sequence[_Text]) -> Floats:
    """Return each text's F1 by weights that were fitted without it, averaged over the turns."""
    scores: Floats = np.zeros(len(texts))
    for turn in range(TURNS):
        order = np.random.default_rng(turn).permutation(len(texts))
        for fold in range(FOLDS):
            held = set(order[fold::FOLDS].tolist())
            _, weights = fitted([text for i, text in enumerate(texts) if i not in held])
            for i in held:
                scores[i] += texts[i].f1(texts[i].features @ weights) / TURNS
    return scores


def fitted(texts: Sequence[_Text], steps: int = 8) -> tuple[float, Floats]:
    """Return the bias and the weights of a ridge logistic regression, in the features' own units."""
    features = np.concatenate([text.features for text in texts])
    chosen = np.concatenate([text.chosen for text in texts])
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    known = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    ridge = np.diag([RIDGE] * features.shape[1] + [1e-6])
    weights: Floats = np.zeros(known.shape[1])
    for _ in range(steps):
        expected = 1.0 / (1.0 + np.exp(-(known @ weights)))
        slope = known.T @ (chosen - expected) - ridge @ weights
        curve = (known * (expected * (1.0 - expected))[:, None]).T @ known + ridge
        weights += np.linalg.solve(curve, slope)
    own = weights[:-1] / spread
    return float(weights[-1] - own @ mean), own


if __name__ == "__main__":
    main()
