"""The sample press as the pipeline would have read it, for evals that need several languages and a truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sample.press import Article as Written
from sample.press import Press, load_press, show
from tidings.model import Article, Extract, Publisher

START = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
ALL_OF_IT = timedelta(days=30)  # after the start: everything is published, every revision made


@dataclass(frozen=True, slots=True)
class PressArticle:
    """An article as the read step would keep it, and as its writers annotated it."""

    article: Article
    written: Written


def press_articles(press: Press | None = None) -> Iterator[PressArticle]:
    """Yield the articles of the sample press in the order of publication, as they stand after their last revision."""
    press = press or load_press()
    publishers = {name: i for i, name in enumerate(press.publishers, 1)}
    ordered = sorted(press.articles.values(), key=lambda a: (a.published, a.id))
    for number, written in enumerate(ordered, 1):
        publisher = press.publishers[written.publisher]
        shown = show(written, publisher, start=START, elapsed=ALL_OF_IT)
        extract = Extract(
            headline=shown.headline,
            standfirst=shown.standfirst,
            paragraphs=shown.paragraphs,
            byline=written.byline,
            dateline=written.dateline,
            section=written.section,
            published_at=shown.published_at,
            language=publisher.language,
            made_by="press/1",
        )
        article = Article(
            id=number,
            publisher=Publisher(publishers[written.publisher], publisher.name, None, publisher.language),
            url=f"https://{publisher.host}{written.path}",
            extract=extract,
            revision=1,
            text_digest=b"",
            first_seen_at=shown.published_at,
            last_changed_at=shown.published_at,
        )
        yield PressArticle(article, written)
