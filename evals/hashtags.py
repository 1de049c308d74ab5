"""Hashtags and trends:  python -m evals.hashtags [PATH…] [--json] [--show]

Without PATH, the sample press in all its languages against its writers' annotations: a hashtag is right when it is one of an
article's topics, people or places, or shares a whole word with one; `topics_found` is the share of topics that a hashtag says.

PATH holds dated articles in JSON Lines, taken in order: how the vocabulary grows (new tags per five articles, in the last
2,000 of them), and what bursts: `bursts_a_week`, looked for once a day, a burst that goes on counted once.  --show prints
each article's hashtags and each burst with two headlines, for judging by eye.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.articles import article_of, interval, rows_of
from evals.press import press_articles
from tidings.app import Vocabulary, bursts, describe
from tidings.model import Activity, Article, Burst, Description, Hashtag, TagActivity, TagReport

BATCH = 50
LAST = 2_000
DAYS = 28


class NoEmbedder:
    """Hashtags read no vectors."""

    name = "none@eval"
    dim = 1

    def embed(self, texts: Sequence[str]) -> Any:
        return np.zeros((len(texts), 1), dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.hashtags", description=__doc__.splitlines()[0])
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--show", action="store_true", help="print hashtags and bursts for judging")
    options = parser.parse_args()
    figures: dict[str, Any] = {"press": press_figures(show=options.show)}
    if options.paths:
        rows = sorted(
            (row for path in options.paths for row in rows_of(path) if row.get("published")),
            key=lambda row: str(row["published"]),
        )
        publishers: dict[str, int] = {}
        articles = [
            article_of(row, i, publishers.setdefault(row["publisher"], len(publishers) + 1))
            for i, row in enumerate(rows, 1)
        ]
        figures["stream"] = stream_figures(articles, show=options.show)
    if not options.json:
        for name, row in figures.items():
            print(f"{name:8} {row}")
    print(json.dumps(figures))


# ── the sample press ─────────────────────────────────────────────────────────────────────────────────────────────────


def press_figures(*, show: bool) -> dict[str, Any]:
    pressed = list(press_articles())
    tags = tagged([p.article for p in pressed])
    judged: list[tuple[int, int]] = []  # right, given
    found: list[tuple[int, int]] = []
    for one in pressed:
        written = one.written
        given = [fold(tag.words) for tag in tags[one.article.id]]
        wanted = [fold(words) for words in (*written.topics, *written.people, *written.places)]
        right = [words for words in given if any(alike(words, other) for other in wanted)]
        topics = [fold(topic) for topic in written.topics]
        said = [topic for topic in topics if any(alike(topic, words) for words in given)]
        judged.append((len(right), len(given)))
        found.append((len(said), len(topics)))
        if show:
            marked = [f"{'' if fold(t.words) in right else '?'}#{t.label}" for t in tags[one.article.id]]
            print(f"{written.id}: {one.article.extract.headline[:60]} | {' '.join(marked)}")
    return {
        "precision": _share(judged),
        "precision_interval": interval(judged, _share),
        "topics_found": _share(found),
        "tags_an_article": round(sum(n for _, n in judged) / len(judged), 2),
        "n": len(pressed),
    }


def fold(words: str) -> str:
    return " ".join(word.removesuffix("s") for word in words.casefold().split())


def alike(a: str, b: str) -> bool:
    """Whether one says what the other does: the same words, or all of one's among the other's."""
    ours, theirs = set(a.split()), set(b.split())
    return ours <= theirs or theirs <= ours


def _share(pairs: Sequence[tuple[int, int]]) -> float:
    return round(sum(part for part, _ in pairs) / max(1, sum(whole for _, whole in pairs)), 4)


# ── a stream ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def tagged(articles: Sequence[Article], grown: list[int] | None = None) -> dict[int, tuple[Hashtag, ...]]:
    """Return the hashtags of articles taken in in batches; grown gets how many different ones there were after each batch."""
    vocabulary = Vocabulary()
    tags: dict[int, tuple[Hashtag, ...]] = {}
    seen: set[str] = set()
    for start in range(0, len(articles), BATCH):
        batch: list[Description] = describe(articles[start : start + BATCH], NoEmbedder())
        told = vocabulary.tag(batch)
        tags |= told
        seen |= {tag.slug for found in told.values() for tag in found}
        if grown is not None:
            grown.append(len(seen))
    return tags


def stream_figures(articles: Sequence[Article], *, show: bool) -> dict[str, Any]:
    grown: list[int] = []
    tags = tagged(articles, grown)
    behind = max(0, len(grown) - 1 - LAST // BATCH)
    read = (len(grown) - 1 - behind) * BATCH
    days: set[int] = {(a.at - articles[0].at).days for a in articles}
    found = list(burst_days(articles, tags))
    starts = [burst for burst, _, is_new in found if is_new]
    weeks = max(1.0, (max(days) + 1) / 7)
    if show:
        headlines = {a.id: a.extract.headline for a in articles}
        for burst, ids, is_new in found:
            if is_new:
                named = " ".join(f"#{label}" for _, label in burst.tags)
                print(f"{named}: {burst.count} in {burst.day_count} days, usual {burst.usual}")
                print("".join(f"      {headlines[i]}\n" for i in ids[:4]), end="")
    return {
        "articles": len(articles),
        "vocabulary": grown[-1],
        "new_per_5": round(5 * (grown[-1] - grown[behind]) / max(1, read), 3),
        "tags_an_article": round(sum(map(len, tags.values())) / len(tags), 2),
        "bursts_a_week": round(len(starts) / weeks, 2),
        "bursts": len(starts),
        "weeks": round(weeks, 1),
    }


def burst_days(
    articles: Sequence[Article], tags: dict[int, tuple[Hashtag, ...]]
) -> Iterable[tuple[Burst, list[int], bool]]:
    """Yield what bursts at the end of each day with the articles of its first tag, and whether it did not the day before."""
    by_day: dict[int, list[Article]] = defaultdict(list)
    for article in articles:
        by_day[(article.at.date() - articles[0].at.date()).days].append(article)
    on_day: dict[str, dict[int, list[Article]]] = defaultdict(lambda: defaultdict(list))
    labels: dict[str, str] = {}
    for day, written in by_day.items():
        for article in written:
            for tag in tags.get(article.id, ()):
                on_day[tag.slug][day].append(article)
                labels[tag.slug] = tag.label
    before: set[str] = set()
    for day in sorted(by_day):
        span = range(day - DAYS + 1, day + 1)
        active = sorted({tag.slug for article in by_day[day] for tag in tags.get(article.id, ())})
        activity = Activity(
            totals=tuple(len(by_day.get(d, ())) for d in span),
            tags=tuple(
                TagActivity(
                    ((slug, labels[slug]),),
                    tuple(len(on_day[slug].get(d, ())) for d in span),
                    tuple(_report(article) for article in on_day[slug][day]),
                )
                for slug in active
            ),
        )
        found = bursts(activity)
        for burst in found:
            slugs = {slug for slug, _ in burst.tags}
            yield burst, [a.id for a in on_day[burst.tags[0][0]][day]], slugs.isdisjoint(before)
        before = {slug for burst in found for slug, _ in burst.tags}


def _report(article: Article) -> TagReport:
    return TagReport(article.id, article.publisher.id, None, article.at)


if __name__ == "__main__":
    main()
