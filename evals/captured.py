"""Related articles on the captured page:  python -m evals.captured PAGE --background FILE [--json]

PAGE is one captured page of a news site: an article and its three "related" ones, of which one (a bobsleigh athlete) is not.  The
three are shuffled among the articles of FILE, the sixty nearest in meaning go to the product's `related`, as from its store, and
these must hold: the defence-exports article comes first of the page's own (defence_first) and is shown (defence_shown), the
athlete never (athlete_absent).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.articles import article_of, rows_of
from evals.vectors import KeptVectors, kept_english
from tidings.app import describe, related
from tidings.model import Description

NEIGHBOURS = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.captured", description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument(
        "--background", type=Path, required=True, help="the articles to shuffle the page's among"
    )
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    options = parser.parse_args()
    subject_row, *own_rows = page_articles(options.path.read_text("utf-8"))
    rows = [*own_rows, *rows_of(options.background)]
    random.Random(20260701).shuffle(rows)
    articles = [article_of(row, number, number) for number, row in enumerate([subject_row, *rows], 1)]
    subject, *others = described(articles)
    headlines = {article.id: article.extract.headline for article in articles}
    defence, athlete, tariffs = (
        next(i for i, headline in headlines.items() if word in headline)
        for word in ("defense exports", "bobsleigh", "tariff pause will be extended")
    )
    shown = related(subject, nearest(subject, others))
    ids = [relation.article_id for relation in shown]
    places = {i: ids.index(i) if i in ids else len(ids) for i in (defence, athlete, tariffs)}
    # With nothing but the page's own to choose from, too.
    alone = related(subject, [d for d in others if d.article_id in places])
    figures = {
        "defence_first": int(defence in ids and places[defence] <= min(places.values())),
        "defence_shown": int(defence in ids),
        "athlete_absent": int(athlete not in ids and athlete not in [r.article_id for r in alone]),
        "defence_first_alone": int(bool(alone) and alone[0].article_id == defence),
        "shown": len(shown),
        "n": len(rows),
    }
    if not options.json:
        for relation in shown:
            print(f"{relation.similarity:.2f}  {headlines[relation.article_id]}\n      {relation.reason}")
    print(json.dumps(figures))


def page_articles(page: str) -> list[dict[str, str]]:
    """Return the page's article and its related ones, as rows; their ages ("18 hours ago") are no dates: time is unknown."""
    lines = [line.strip() for line in page.strip().splitlines()]
    main_part, rest = lines[: lines.index("Hashtags")], lines[lines.index("Related Articles") + 1 :]
    rows = [{"title": main_part[0], "text": "\n".join(main_part[1:])}]
    for i, line in enumerate(rest):
        if line.startswith("- "):  # the publisher, then headline and text on a line each
            rows.append({"publisher": line[2:], "title": rest[i + 1], "text": rest[i + 2]})
    return rows


def described(articles: Sequence) -> list[Description]:  # type: ignore[type-arg]
    embedder, english = KeptVectors(), kept_english()
    return [
        d
        for start in range(0, len(articles), 500)
        for d in describe(articles[start : start + 500], embedder, english)
    ]


def nearest(subject: Description, others: Sequence[Description]) -> list[Description]:
    """Return the sixty nearest by body vector, as the store's neighbours are."""
    nearness = np.stack([d.body_vector for d in others]) @ subject.body_vector
    return [others[i] for i in np.argsort(-nearness, kind="stable")[:NEIGHBOURS]]


if __name__ == "__main__":
    main()
