"""Names of people, organisations and places, found and merged:  python -m evals.entities PATH [--json]

PATH is a folder of GUM articles (XML and TSV), or one of a press such as sample/press (see press_entities).  A name is found when one of its spellings ends a marked mention that has an
identity ("Barack Obama" in "US President Barack Obama"), the innermost one; it is wrong when it ends no marked name at all.
Precision is over the names found in an article, recall over its identities, merging over pairs of an identity's mentions.
Intervals are 95 % bootstrap intervals over articles.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from babel import Locale

from evals.articles import f1, interval
from evals.gum import GumArticle, gum_articles
from evals.press_entities import mistakes, press_figures
from tidings.app import countries_named, geocode, names_of_text
from tidings.model import Name, Place

KINDS = {"person": "person", "organization": "organisation", "place": "place"}
COUNTRIES = frozenset(Locale("en").territories.values()) - {
    "United Nations",
    "European Union",
}  # GUM marks a country that acts as an organisation
_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Score:
    """What one article adds: counts of hits, of what we found and of what is there, by measure."""

    hits: Mapping[str, float]
    found: Mapping[str, float]
    wanted: Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.entities", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--wrong", action="store_true", help="print what was found wrongly and what was missed"
    )
    options = parser.parse_args()
    if (options.path / "publishers.toml").exists():
        if options.wrong:
            mistakes(options.path)
        _print(press_figures(options.path), as_json=options.json)
        return
    articles = list(gum_articles(options.path))
    if not articles:
        raise SystemExit(f"{options.path}: no GUM articles (XML and TSV) here")
    started = time.perf_counter()
    found = [names_of_text(a.headline, a.paragraphs, "en") for a in articles]
    seconds = time.perf_counter() - started
    scores = [
        score(article, names, wrong=print if options.wrong else None)
        for article, names in zip(articles, found, strict=True)
    ]
    figures = figures_of(scores) | geocoding_of(articles, found)
    _print(
        figures | {"n": len(articles), "ms_per_article": round(1000 * seconds / len(articles), 2)},
        as_json=options.json,
    )


def _print(figures: Mapping[str, object], *, as_json: bool) -> None:
    if not as_json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))


def geocoding_of(articles: Sequence[GumArticle], found: Sequence[Sequence[Name]]) -> dict[str, object]:
    """Return how many of the places that are named and marked get coordinates, and how many of these the right ones.

    Right is a place of the identity's name; where the identity says in which state or country it lies, that must fit as well.
    """
    asked: list[tuple[float, float]] = []  # answered, right
    for article, names in zip(articles, found, strict=True):
        kind_of = {m.identity: "place" if m.identity in COUNTRIES else m.kind for m in article.marked}
        countries = countries_named(name.key for name in names)
        for name in names:
            answer = answer_of(name, article)
            if kind_of.get(answer or "") == "place":
                place = geocode(name.label, countries=countries) if name.kind in ("place", None) else None
                asked.append(
                    (float(place is not None), float(place is not None and _is_right(place, answer or "")))
                )
    answered = sum(a for a, _ in asked)

    def share(units: Sequence[tuple[float, float]]) -> float:
        return sum(r for _, r in units) / max(1.0, sum(a for a, _ in units))

    return {
        "geocoded_share": round(answered / max(1, len(asked)), 4),
        "geocoded_right": round(share(asked), 4),
        "geocoded_right_interval": interval(asked, share),
        "geocoded_n": len(asked),
    }


def _is_right(place: Place, identity: str) -> bool:
    head, _, within = identity.partition(", ")
    if "(state)" in identity and place.sort != "region":
        return False
    bare = head.split(" (")[0].casefold().removeprefix("the ")
    if bare not in place.name.casefold() and place.name.casefold() not in bare:
        return False
    region = Locale("en").territories.get(place.country, "")
    return not within or within in region or place.country == "US"


def figures_of(scores: Sequence[Score]) -> dict[str, object]:
    """Return precision, recall and F1 of each measure, micro-averaged, with the interval of F1."""
    figures: dict[str, object] = {}
    for measure in scores[0].found:
        prefix = "" if measure == "names" else f"{measure}_"

        def f1_of(units: Sequence[Score], measure: str = measure) -> float:
            return _prf(units, measure)[2]

        precision, recall, _ = _prf(scores, measure)
        figures |= {
            f"{prefix}precision": round(precision, 4),
            f"{prefix}recall": round(recall, 4),
            f"{prefix}f1": round(f1_of(scores), 4),
            f"{prefix}f1_interval": interval(scores, f1_of),
            f"{prefix}wanted": int(sum(s.wanted[measure] for s in scores)),
        }
    return figures


def _prf(scores: Sequence[Score], measure: str) -> tuple[float, float, float]:
    """Precision is hits over found, recall what was wanted and got; a score may hit a want twice, so each has its own hits."""
    right = sum(s.hits[measure] for s in scores)
    got = sum(s.hits.get(f"{measure} got", s.hits[measure]) for s in scores)
    precision = right / max(1.0, sum(s.found[measure] for s in scores))
    recall = got / max(1.0, sum(s.wanted[measure] for s in scores))
    return precision, recall, f1(precision, recall)


def score(
    article: GumArticle, names: Sequence[Name], *, wrong: Callable[[str], object] | None = None
) -> Score:
    """Return how the names found in an article compare with those that are marked."""
    answers = {id(name): answer_of(name, article) for name in names}
    got = {answer for answer in answers.values() if answer and not answer.startswith("~")}
    hits: dict[str, float] = {
        "names": float(sum(a is not None for a in answers.values())),
        "names got": float(len(got)),
    }
    found = {"names": float(len(names))}
    wanted = {"names": float(len(article.marked))}
    kind_of = {m.identity: "place" if m.identity in COUNTRIES else m.kind for m in article.marked}
    for theirs, ours in KINDS.items():
        of_kind = [name for name in names if name.kind == ours]
        hits[ours] = float(sum(_kind(answers[id(name)], article, kind_of) == theirs for name in of_kind))
        identities = {answers[id(n)] for n in of_kind} & {i for i, kind in kind_of.items() if kind == theirs}
        hits[f"{ours} got"] = float(len(identities))
        found[ours] = float(len(of_kind))
        wanted[ours] = float(sum(kind == theirs for kind in kind_of.values()))
    same, ours_same, theirs_same = _pairs(article, names)
    hits["merging"], found["merging"], wanted["merging"] = float(same), float(ours_same), float(theirs_same)
    if wrong:
        kinds = {name.label: (name.kind, _kind(answers[id(name)], article, kind_of)) for name in names}
        wrong(f"{article.name}")
        wrong("   wrong:  " + ", ".join(n.label for n in names if answers[id(n)] is None))
        wrong("   missed: " + ", ".join(f"{i} ({k})" for i, k in kind_of.items() if i not in got))
        wrong(
            "   kinds:  "
            + ", ".join(f"{n} {a}≠{b}" for n, (a, b) in kinds.items() if b and KINDS.get(b) != a)
        )
    return Score(dict(hits.items()), found, wanted)


def _kind(answer: str | None, article: GumArticle, kind_of: Mapping[str, str]) -> str | None:
    if answer is None:
        return None
    if answer.startswith("~"):
        return article.unlinked[tuple(answer[1:].split("\t"))]
    return kind_of[answer]


def answer_of(name: Name, article: GumArticle) -> str | None:
    """Return the identity a name stands for, "~" and the words for a marked name without one, None when it is wrong."""
    best: tuple[int, int, str] | None = None
    for spelling in (name.label, *name.forms):
        words = _words(spelling)
        for marked in article.marked:
            for mention in marked.mentions:
                if (extra := _extra(words, mention)) is not None:
                    best = min(best or (99, 9, ""), (extra, 0, marked.identity))
        for mention in article.unlinked:
            if (extra := _extra(words, mention)) is not None:
                best = min(best or (99, 9, ""), (extra, 1, "~" + "\t".join(mention)))
    return best[2] if best else None


def _extra(words: Sequence[str], mention: Sequence[str]) -> int | None:
    """Return how many words a mention has before those of a name it ends with, None when it does not end with them."""
    whole = _words(" ".join(mention))
    if not words or len(words) > len(whole) or whole[len(whole) - len(words) :] != list(words):
        return None
    return len(whole) - len(words)


def _words(text: str) -> list[str]:
    text = text.replace(" 's", "'s").replace(" ’s", "’s").replace("’", "'")
    return [word.replace(".", "").casefold() for word in _WORD.findall(text)]


def _pairs(article: GumArticle, names: Sequence[Name]) -> tuple[int, int, int]:
    """Return pairs of spellings joined by both, by us, and by the marks, of the spellings that both have."""
    placed: dict[tuple[str, ...], tuple[str, int]] = {}
    for number, name in enumerate(names):
        for spelling in (name.label, *name.forms):
            alone = Name(name.key, spelling)
            answer = answer_of(alone, article)
            if answer and not answer.startswith("~"):
                placed.setdefault(tuple(_words(spelling)), (answer, number))
    both = ours = theirs = 0
    for (identity, number), (other_identity, other_number) in combinations(placed.values(), 2):
        both += identity == other_identity and number == other_number
        ours += number == other_number
        theirs += identity == other_identity
    return both, ours, theirs


if __name__ == "__main__":
    main()
