"""Sources for tests of what is said of articles: one paragraph a blank line, facts and names found as the product finds them."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from tidings.app import source_of
from tidings.model import Article, Extract, Publisher, Source
from tidings.text import paragraphs_of

NOON = datetime(2026, 5, 6, 12, tzinfo=UTC)


def told(
    article_id: int, publisher: str, text: str, language: str = "en", *, hours: float = 0, headline: str = ""
) -> Source:
    """Return an article of these words as compare reads it, published so many hours from noon."""
    at = NOON + timedelta(hours=hours)
    extract = Extract(
        headline=headline,
        paragraphs=paragraphs_of(text),
        made_by="test/1",
        published_at=at,
        language=language,
    )
    return source_of(
        Article(
            id=article_id,
            publisher=Publisher(article_id, publisher, None, language),
            url=f"https://example.org/{article_id}",
            extract=extract,
            revision=1,
            text_digest=sha256(text.encode("utf-8", "replace")).digest(),
            first_seen_at=at,
            last_changed_at=at,
        )
    )
