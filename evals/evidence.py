"""The evidence gate on true and false claims:  python -m evals.evidence press|PATH [PATH …] [--json] [--show N] [--half H]

Claims are made by a seeded script (claims.py, claim_kinds.py) from the sample press or real articles in JSON Lines, and by hand about
the sample press (evidence_pairs.toml).  `let_through` is the share of the false that the gate passes, `kept` that of the true;
both are means over kinds of claim, so that no kind that is easily made outweighs another, and stand beside the plain shares
(`…_claims`).  `verbatim` is the share of the articles' own sentences that pass.  Articles are parted by their story: thresholds
were fixed on one half ("dev"), figures are those of the other.  Intervals are 95 % bootstrap intervals over claims.

What is circular and what is not: names, speakers, figures and days of the press are its writers' annotations; real
articles' come from regular expressions.  Neither uses the code that the gate checks with, but both are rules, and a real writer's
errors are subtler: the claims made by hand are the closest to them.  The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.articles import article_of, interval, rows_of
from evals.claim_kinds import FALSE_KINDS, Annotated
from evals.claims import Made, claims_of, press_annotated, real_annotated
from evals.vectors import KeptVectors
from tidings.app import check_all, checked, cite, source_of
from tidings.model import Check, Citation, Claim, Source

SEED = 20261126
MOST_OF_A_KIND = 60  # claims of one kind and set: some kinds can be made of every sentence
MOST_ARTICLES = 250  # of a file of real articles
MOST_SENTENCES = 4000


@dataclass(frozen=True, slots=True)
class Judged:
    """A made claim with what the gate said of it."""

    made: Made
    check: Check

    @property
    def is_right(self) -> bool:
        return self.check.passes == self.made.is_true


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.evidence", description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", help="press, or files of real articles")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--show", type=int, default=0, help="print N claims of each kind")
    parser.add_argument("--wrong", type=int, default=0, help="print N of each kind that were judged wrong")
    parser.add_argument("--half", choices=("test", "dev", "both"), default="test")
    parser.add_argument(
        "--no-vectors", action="store_true", help="without the embedder, as the gate also runs"
    )
    options = parser.parse_args()
    articles: list[Annotated] = []
    for name in options.sets:
        if name == "press":
            articles += press_annotated(first_id=len(articles) + 1)
        else:
            rows = list(rows_of(Path(name)))
            rows = random.Random(SEED).sample(rows, min(len(rows), MOST_ARTICLES))
            articles += real_annotated([article_of(row, len(articles) + i) for i, row in enumerate(rows, 1)])
    sources = {a.article.id: source_of(a.article) for a in articles}
    made = [
        m for m in claims_of(articles, seed=SEED, most=MOST_OF_A_KIND) if options.half in ("both", m.half)
    ]
    if options.show:
        show(made, options.show)
    meanings = None if options.no_vectors else KeptVectors().embed
    claims = [Claim(m.text, tuple(_cited(sources, m)), m.language) for m in made]
    started = time.perf_counter()
    judged = [Judged(m, c) for m, c in zip(made, check_all(claims, sources, meanings=meanings), strict=True)]
    seconds = time.perf_counter() - started
    own, passed, own_seconds = verbatim(articles, sources)
    figures: dict[str, object] = figures_of(judged)
    figures |= {
        "verbatim": round(passed / max(1, own), 4),
        "verbatim_n": own,
        "verbatim_us": round(own_seconds / max(1, own) * 1e6, 1),
        "claim_ms": round(seconds / max(1, len(judged)) * 1000, 2),
        "answered": 1.0,
    }
    if options.wrong:
        show_wrong(judged, options.wrong)
    if not options.json:
        for name, value in figures.items():
            if name != "kinds":
                print(f"{name:24} {value}")
        for kind, row in figures["kinds"].items():  # type: ignore[attr-defined]
            print(f"  {kind:24} {row}")
    print(json.dumps(figures))


def _cited(sources: dict[int, Source], made: Made) -> list[Citation]:
    return [cite(sources[place.article_id], place.paragraph, place.start, place.end) for place in made.cited]


def figures_of(judged: Sequence[Judged]) -> dict[str, object]:
    """Return the shares let through and kept: overall as means over kinds, over claims, and by kind with intervals."""
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        kinds[one.made.kind].append(one)
    by_kind: dict[str, dict[str, object]] = {}
    for kind in sorted(kinds, key=lambda k: (k in FALSE_KINDS, k)):
        units = [float(one.check.passes) for one in kinds[kind]]
        name = "let_through" if kind in FALSE_KINDS else "kept"
        by_kind[kind] = {name: round(_mean(units), 4), "n": len(units), "interval": interval(units, _mean)}
    found: dict[str, object] = {"n": len(judged)}
    for name, is_true in (("let_through", False), ("kept", True)):
        ours = [one for one in judged if one.made.is_true == is_true]

        def over_kinds(units: Sequence[Judged]) -> float:
            shares: dict[str, list[float]] = defaultdict(list)
            for one in units:
                shares[one.made.kind].append(float(one.check.passes))
            return _mean([_mean(share) for share in shares.values()])

        found[name] = round(over_kinds(ours), 4)
        found[f"{name}_interval"] = interval(ours, over_kinds)
        found[f"{name}_claims"] = round(_mean([float(one.check.passes) for one in ours]), 4)
        found[f"{name}_n"] = len(ours)
    found["kinds"] = by_kind
    return found


def _mean(units: Sequence[float]) -> float:
    return sum(units) / len(units) if units else 0.0


def verbatim(articles: Sequence[Annotated], sources: dict[int, Source]) -> tuple[int, int, float]:
    """Return how many of the articles' own sentences were tried, how many passed, and the seconds it took."""
    claims = [
        Claim(text, (cite(sources[a.article.id], place.paragraph, place.start, place.end),), a.language)
        for a in articles
        for text, place in a.sentences
    ]
    claims = random.Random(SEED).sample(claims, min(len(claims), MOST_SENTENCES))
    started = time.perf_counter()
    kept, _ = checked(claims, sources)
    return len(claims), len(kept), time.perf_counter() - started


def show(made: Sequence[Made], most: int) -> None:
    kinds: dict[str, list[Made]] = defaultdict(list)
    for one in made:
        kinds[one.kind].append(one)
    for kind, ours in sorted(kinds.items()):
        print(f"── {kind} ({len(ours)})")
        for one in random.Random(SEED).sample(ours, min(most, len(ours))):
            print(f"   source: {' ¦ '.join(one.sources)}\n   claim:  {one.text}\n")


def show_wrong(judged: Sequence[Judged], most: int) -> None:
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if not one.is_right:
            kinds[one.made.kind].append(one)
    for kind, ours in sorted(kinds.items()):
        print(f"── {kind}: {len(ours)} judged wrong")
        for one in random.Random(SEED).sample(ours, min(most, len(ours))):
            print(f"   source: {' ¦ '.join(one.made.sources)}\n   claim:  {one.made.text}\n   {one.check}\n")


if __name__ == "__main__":
    main()
