"""What the commands that learn weights share: a regression whose weights are bounded, and the file that keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

Bound = tuple[float | None, float | None]


def likely(scores: np.ndarray) -> np.ndarray:
    """Return the logistic curve of scores, 0 to 1."""
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40)))


def bounded_fit(
    loss: Callable[[np.ndarray], tuple[float, np.ndarray]],
    names: Sequence[str],
    bounds: Mapping[str, Bound],
    *,
    pull: float,
) -> np.ndarray:
    """Return the weights, one a name, with the least loss within their bounds.

    loss gives its value and slope; pull draws every weight but that of "bias" towards 0.
    """
    pulled = np.where(np.array(names) == "bias", 0.0, pull)

    def with_pull(weights: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = loss(weights)
        return float(value + 0.5 * (pulled * weights**2).sum()), slope + pulled * weights

    found = minimize(
        with_pull, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=[bounds[name] for name in names]
    )
    weights: np.ndarray = found.x
    return weights


def write_weights(path: Path, kept: Mapping[str, Mapping[str, float]]) -> None:
    """Write sets of named weights as JSON, a line a set."""
    lines = (f"  {json.dumps(name)}: {json.dumps(weights)}" for name, weights in kept.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
