"""Learn which sentence answers and when none does:  python -m evals.train_ask PATH [--background FILE] [--write] [--folds N]

PATH and --background are those of evals.questions, and are loaded and asked as it does: each question once of what search finds,
once of that without its passage.  The weights of "fit" are those under which the sentences that hold the answer are likeliest to
be chosen among those that were read (a conditional logit, McFadden 1974); those of "trust" are a logistic regression of whether
one of the sentences shown answers, those of "alone" of whether the best one is of the passage that answers, for single articles:
the passage, and the first other article that was found.  Each is learned for what the English embedder reads, for what only the
other one reads, and for words alone.  With --write they become src/tidings/ai/asking.json.

It shows the figures of evals.questions for questions whose weights were learned without them, in N folds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evals.learning import Bound, bounded_fit, likely, write_weights
from evals.questions import (
    ASKED_AT,
    SEARCHED,
    Shown,
    answer_figures,
    arguments,
    asked_of,
    folded,
    has_answer,
    holds,
    load,
    refusal_figures,
    without,
)
from evals.vectors import KeptVectors, kept_english
from tidings.app import (
    FIT_FACTS,
    READINGS,
    SAYS,
    TRUST_FACTS,
    AskWeights,
    Found,
    Ranked,
    Tidings,
    compared,
    lead,
    open_scratch,
    read_question,
    shown_of,
    trust,
)

OUTPUT = Path(__file__).parents[1] / "src" / "tidings" / "ai" / "asking.json"
FIT_PULL, TRUST_PULL = 0.05, 0.3  # towards zero: the facts are few and the questions many
RISES: Bound = (0.0, None)  # more of a fact never speaks against a sentence
ANY: Bound = (None, None)
BIAS = FIT_FACTS.index("bias")

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the sentences that were read for it and the search's lead, with its passage there and without."""

    row: dict[str, Any]
    passage: int
    there: list[Ranked]
    gone: list[Ranked]
    lead_there: float | None
    lead_gone: float | None

    def shows_right(self, ranked: Sequence[Ranked]) -> bool:
        """Whether one of the sentences that are shown is right."""
        return any(self.is_right(one) for one in shown_of(ranked))

    def is_right(self, one: Ranked) -> bool:
        """Whether a sentence has the words of the answer, or, where the passage itself has not, is of the passage."""
        if has_answer(self.row):
            return holds(one.passage.words, self.row["answer"])
        return self.is_of_passage(one)

    def is_of_passage(self, one: Ranked) -> bool:
        return one.passage.found.source.article_id == self.passage


def main() -> None:
    parser = arguments("train_ask", __doc__)
    parser.add_argument("--write", action="store_true", help="keep the weights")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    questions, texts = asked_of(options)
    kept: dict[str, dict[str, float]] = {}
    with open_scratch(embedder=KeptVectors(), english=kept_english()) as tidings:
        article_of = load(tidings, texts)
        tidings.searcher.refresh()
        passages = [article_of[folded(row["evidence"])] for row in questions]
        found = [tidings.assistant.found(row["question"], limit=SEARCHED + 1) for row in questions]
        for reading in READINGS:
            cases = [
                case_of(tidings, row, one, passage, reading)
                for row, one, passage in zip(questions, found, passages, strict=True)
            ]
            kept |= shown_and_kept(reading, cases, folds=options.folds)
    if options.write:
        write_weights(OUTPUT, kept)


def case_of(
    tidings: Tidings, row: dict[str, Any], found: Sequence[Found], passage: int, reading: str
) -> Case:
    """Read for a question in one way."""

    def read(these: Sequence[Found]) -> list[Ranked]:
        return compared(
            read_question(row["question"]),
            these[:SEARCHED],
            asked_at=ASKED_AT,
            meanings=None if reading == "words" else tidings.embedder.embed,
            english=tidings.english.embed if reading == "english" and tidings.english else None,
        )

    gone = without(found, passage)
    return Case(row, passage, read(found), read(gone), lead(found[:SEARCHED]), lead(gone[:SEARCHED]))


def shown_and_kept(reading: str, cases: Sequence[Case], *, folds: int) -> dict[str, dict[str, float]]:
    """Print what cross-validation says of a way of reading; returns the weights learned from all."""
    pairs = crossed(cases, folds=folds)
    with_answer = [there for (there, _), case in zip(pairs, cases, strict=True) if has_answer(case.row)]
    figures = answer_figures(with_answer) | refusal_figures(pairs)
    print(reading, {name: value for name, value in figures.items() if "interval" not in name})
    weights = learned(cases)
    kept = {
        f"{reading} fit": named(FIT_FACTS, weights.fit),
        f"{reading} trust": named(TRUST_FACTS, weights.trust),
        f"{reading} alone": named(TRUST_FACTS, weights.alone),
    }
    for name, each in kept.items():
        print(name, each, flush=True)
    return kept


def named(names: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    """Return the weights that are not 0 by name."""
    return {
        name: round(weight, 2) for name, weight in zip(names, weights, strict=True) if abs(weight) >= 0.005
    }


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def learned(cases: Sequence[Case]) -> AskWeights:
    """Return the weights of a way of reading."""
    fit = fitted(cases)
    of_archive = [
        ((*ranked[0].facts, ahead or 0.0), case.shows_right(ranked))
        for case in cases
        for read, ahead in ((case.there, case.lead_there), (case.gone, case.lead_gone))
        if (ranked := by_fit(read, fit))
    ]
    of_one = [
        ((*alone(ranked[0]), 0.0), case.is_of_passage(ranked[0]))
        for case in cases
        for ranked in single_articles(case, fit)
    ]
    return AskWeights(fit, trusted(of_archive), trusted(of_one))


def fitted(cases: Sequence[Case]) -> tuple[float, ...]:
    """Return the weights of FIT_FACTS under which the sentences with the answer are likeliest to be chosen, among all that were read
    and among those of their passage; the bias then makes the odds true on average."""
    asked: list[tuple[Floats, Floats]] = []
    for case in cases:
        chosen = np.array([case.is_right(one) and case.is_of_passage(one) for one in case.there], bool)
        facts = np.array([one.facts for one in case.there])
        own = np.array([case.is_of_passage(one) for one in case.there], bool)
        if chosen.any() and not chosen.all():
            asked.append((facts, chosen))
            if not chosen[own].all():
                asked.append((facts[own], chosen[own]))

    def loss(weights: Floats) -> tuple[float, Floats]:
        value, slope = 0.0, np.zeros(len(weights))
        for facts, chosen in asked:
            odds = np.exp((scores := facts @ weights) - scores.max())
            among = np.where(chosen, odds, 0.0)
            value -= float(np.log(among.sum() / odds.sum()))
            slope += odds @ facts / odds.sum() - among @ facts / among.sum()
        return value, slope

    weights = bounded_fit(loss, FIT_FACTS, dict.fromkeys(FIT_FACTS, RISES), pull=FIT_PULL)
    scores = np.concatenate([facts @ weights for facts, _ in asked])
    wanted = sum(int(chosen.sum()) for _, chosen in asked)
    low, high = -60.0, 60.0
    for _ in range(60):
        weights[BIAS] = (low + high) / 2
        low, high = (
            (low, weights[BIAS]) if likely(scores + weights[BIAS]).sum() > wanted else (weights[BIAS], high)
        )
    return tuple(float(weight) for weight in weights)


def trusted(rows: Iterable[tuple[tuple[float, ...], bool]]) -> tuple[float, ...]:
    """Return the weights of TRUST_FACTS by which a best sentence is known to be, or to stand before, one that answers."""
    rows = list(rows)
    facts, answers = np.array([facts for facts, _ in rows]), np.array([float(answers) for _, answers in rows])

    def loss(weights: Floats) -> tuple[float, Floats]:
        expected = likely(facts @ weights)
        value = -np.log(np.where(answers > 0, expected, 1 - expected) + 1e-12).sum()
        return float(value), facts.T @ (expected - answers)

    bounds = {name: ANY if name in ("bias", "number") else RISES for name in TRUST_FACTS}
    found = bounded_fit(loss, TRUST_FACTS, bounds, pull=TRUST_PULL)
    return tuple(float(weight) for weight in found)


def by_fit(ranked: Sequence[Ranked], fit: Sequence[float]) -> list[Ranked]:
    """Return the sentences as these weights rank them."""
    again = [replace(one, fit=float(np.dot(one.facts, fit))) for one in ranked]
    return sorted(again, key=lambda one: -one.fit)


def single_articles(case: Case, fit: Sequence[float]) -> list[list[Ranked]]:
    """Return the sentences of the passage, and those of the first other article, each as if it alone were asked."""
    ranked = by_fit(case.there, fit)
    own = [one for one in ranked if case.is_of_passage(one)]
    first = min(
        (one.passage.place for one in ranked if not case.is_of_passage(one)),
        default=-1,
    )
    other = [one for one in ranked if one.passage.place == first]
    return [each for each in (own, other) if each]


def alone(one: Ranked) -> tuple[float, ...]:
    """Return the facts of a sentence as they are where nothing was searched and no other article is there."""
    return tuple(
        0.0 if name in ("search", "apart") else fact for name, fact in zip(FIT_FACTS, one.facts, strict=True)
    )


# ── cross-validation ─────────────────────────────────────────────────────────────────────────────────────────────────


def crossed(cases: Sequence[Case], *, folds: int) -> list[tuple[Shown, Shown]]:
    """Return what is shown for each question, with its passage and without, by weights that were learned without it."""
    weights = [learned([case for n, case in enumerate(cases) if n % folds != fold]) for fold in range(folds)]
    return [
        (
            shown_by(case, case.there, case.lead_there, weights[n % folds]),
            shown_by(case, case.gone, case.lead_gone, weights[n % folds]),
        )
        for n, case in enumerate(cases)
    ]


def shown_by(case: Case, read: Sequence[Ranked], ahead: float | None, weights: AskWeights) -> Shown:
    """Return what these weights show."""
    best = by_fit(read, weights.fit)
    if not best:
        return Shown(False, 0.0, 0, False)
    confidence = trust(best[0].facts, ahead, weights)
    cited = shown_of(best)
    return Shown(
        says=confidence >= SAYS,
        confidence=confidence,
        words=sum(len(one.passage.words.split()) for one in cited),
        is_right=case.shows_right(best),
    )


if __name__ == "__main__":
    main()
