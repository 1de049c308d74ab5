"""The sample press through the whole main path, and how its entities compare with the truth.

A mention is an article and an entity that it names.  A mention is right when one of its spellings is a name that the truth has for
that article (of a person the last word suffices).  Merging is BCubed over the right mentions: across articles and languages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evals.articles import f1, interval
from evals.vectors import KeptVectors
from sample.press import load_press, show
from sample.truth import compile_truth
from tidings.app import open_scratch
from tidings.model import Extract, NamedIn

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Mention:
    article: str
    language: str
    ours: int
    theirs: str | None  # the truth's entity, None when the mention is wrong


@dataclass(frozen=True, slots=True)
class _Read:
    """What one article adds."""

    mentions: tuple[_Mention, ...]
    wanted: frozenset[str]
    kinds_right: int
    geocoded: int


def press_figures(folder: Path) -> dict[str, Any]:
    press = load_press(folder)
    truth = compile_truth(press)
    kinds = {entity["id"]: entity["kind"] for entity in truth["entities"]}
    reads = []
    for article_id, language, named in _named(press):
        there = [entity for entity in truth["entities"] if article_id in entity["articles"]]
        mentions = tuple(_Mention(article_id, language, n.card.id, _answer(n, there)) for n in named)
        right = sum(
            n.card.kind == kinds[m.theirs]
            for n, m in zip(named, mentions, strict=True)
            if m.theirs is not None
        )
        geocoded = sum(n.card.place is not None for n in named)
        reads.append(_Read(mentions, frozenset(e["id"] for e in there), right, geocoded))
    return _figures(reads)


def _named(press: Any) -> list[tuple[str, str, list[NamedIn]]]:
    """Return for each article of the press who is named in it, after every article went down the main path in its order."""
    ordered = sorted(press.articles.values(), key=lambda a: (a.published, a.id))
    with open_scratch(embedder=KeptVectors()) as tidings:
        ids: dict[str, int] = {}
        for article in ordered:
            publisher = press.publishers[article.publisher]
            shown = show(article, publisher, start=START, elapsed=article.published)
            extract = Extract(
                headline=shown.headline,
                paragraphs=shown.paragraphs,
                made_by="press/1",
                standfirst=shown.standfirst,
                byline=article.byline,
                dateline=article.dateline,
                published_at=shown.published_at,
                language=publisher.language,
            )
            (ids[article.id],) = tidings.store.load_articles(
                [(f"https://{publisher.host}/{article.id}", extract, article.id.encode())],
                publisher=publisher.host,
                now=shown.published_at,
            )
        now = max(START, tidings.clock()) + timedelta(days=1)  # all of it is due
        while work := tidings.store.claim("describe", now=now, limit=64, lease_s=600.0):
            tidings.pipeline.describe(work)
        grouper = tidings.grouper("eval")
        while work := tidings.store.claim("group", now=now, limit=10, lease_s=600.0):
            grouper.group(work)
        return [
            (
                article.id,
                press.publishers[article.publisher].language,
                tidings.store.named_in(ids[article.id]),
            )
            for article in ordered
        ]


def _answer(named: NamedIn, there: Sequence[dict[str, Any]]) -> str | None:
    """Return the truth's entity that a mention means, None when its spellings are no name of one."""
    spellings = {_plain(word) for word in (named.card.label, *named.words)}
    for entity in there:
        if spellings & {_plain(name) for name in entity["names"]}:
            return str(entity["id"])
    for entity in there:
        if entity["kind"] == "person" and spellings & {_plain(name).split()[-1] for name in entity["names"]}:
            return str(entity["id"])
    return None


def _plain(name: str) -> str:
    return name.replace("’", "'").casefold().removeprefix("the ")


def _figures(reads: Sequence[_Read]) -> dict[str, Any]:
    mentions = [m for read in reads for m in read.mentions]
    right = [m for m in mentions if m.theirs is not None]
    precision, recall, f1 = _prf(reads)
    merging = _bcubed(right)
    abroad = [
        (a, b)
        for i, a in enumerate(right)
        for b in right[i + 1 :]
        if a.language != b.language and (a.theirs == b.theirs or a.ours == b.ours)
    ]
    names = Counter(m.theirs for m in right)
    hales = [
        (a, b)
        for a in right
        for b in right
        if a.theirs == "jonas-hale-minister" and b.theirs == "jonas-hale-footballer"
    ]
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "f1_interval": interval(reads, lambda units: _prf(units)[2]),
        "kind_accuracy": round(sum(r.kinds_right for r in reads) / max(1, len(right)), 4),
        "merging_precision": round(merging[0], 4),
        "merging_recall": round(merging[1], 4),
        "merging_f1": round(merging[2], 4),
        "merging_f1_interval": interval(
            reads, lambda units: _bcubed([m for r in units for m in r.mentions if m.theirs])[2]
        ),
        "abroad_precision": round(
            sum(a.theirs == b.theirs and a.ours == b.ours for a, b in abroad)
            / max(1, sum(a.ours == b.ours for a, b in abroad)),
            4,
        ),
        "abroad_recall": round(
            sum(a.theirs == b.theirs and a.ours == b.ours for a, b in abroad)
            / max(1, sum(a.theirs == b.theirs for a, b in abroad)),
            4,
        ),
        "namesakes_joined": sum(a.ours == b.ours for a, b in hales),
        "namesake_pairs": len(hales),
        "geocoded_fictions": sum(read.geocoded for read in reads),
        "entities": len(names),
        "mentions": sum(len(read.wanted) for read in reads),
        "n": len(reads),
    }


def _prf(reads: Sequence[_Read]) -> tuple[float, float, float]:
    found = sum(len(read.mentions) for read in reads)
    right = sum(m.theirs is not None for read in reads for m in read.mentions)
    got = sum(len({m.theirs for m in read.mentions if m.theirs}) for read in reads)
    precision = right / max(1, found)
    recall = got / max(1, sum(len(read.wanted) for read in reads))
    return precision, recall, f1(precision, recall)


def _bcubed(mentions: Sequence[_Mention]) -> tuple[float, float, float]:
    ours, theirs, both = Counter[int](), Counter[str | None](), Counter[tuple[int, str | None]]()
    for m in mentions:
        ours[m.ours] += 1
        theirs[m.theirs] += 1
        both[m.ours, m.theirs] += 1
    n = max(1, len(mentions))
    precision = sum(count * count / ours[o] for (o, _), count in both.items()) / n
    recall = sum(count * count / theirs[t] for (_, t), count in both.items()) / n
    return precision, recall, f1(precision, recall)


def mistakes(folder: Path) -> None:
    """Print what was found wrongly, missed, torn apart and joined."""
    press = load_press(folder)
    truth = compile_truth(press)
    wrong, missed = Counter[str](), Counter[str]()
    clusters: dict[str, Counter[str]] = defaultdict(Counter)
    joined: dict[str, Counter[str]] = defaultdict(Counter)
    places: set[str] = set()
    for article_id, language, named in _named(press):
        there = [entity for entity in truth["entities"] if article_id in entity["articles"]]
        got = set()
        for n in named:
            answer = _answer(n, there)
            places |= (
                {f"{n.card.label}: {n.card.place.name} {n.card.place.country}"} if n.card.place else set()
            )
            if answer is None:
                wrong[f"{n.card.label} ({language}, {n.card.kind})"] += 1
            else:
                got.add(answer)
                clusters[answer][f"{n.card.id} {n.card.label}"] += 1
                joined[f"{n.card.id} {n.card.label}"][answer] += 1
        missed.update(f"{e['id']} ({language}, {e['kind']})" for e in there if e["id"] not in got)
    print("wrong:  ", ", ".join(f"{k} {n}" for k, n in wrong.most_common()))
    print("missed: ", ", ".join(f"{k} {n}" for k, n in missed.most_common()))
    print("torn:   ", "; ".join(f"{k}: {dict(v)}" for k, v in clusters.items() if len(v) > 1))
    print("joined: ", "; ".join(f"{k}: {dict(v)}" for k, v in joined.items() if len(v) > 1))
    print("places: ", ", ".join(sorted(places)))
