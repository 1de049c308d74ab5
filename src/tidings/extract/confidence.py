"""How sure we are that the paragraphs are the article and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from tidings.extract.metadata import Metadata
from tidings.model import Access
from tidings.text import fold, words


def confidence_of(
    meta: Metadata, paragraphs: Sequence[str], tree: HtmlElement, *, from_feed: bool, wall: Access
) -> float:
    """Return 0 to 1 from signals that agree: a page that calls itself an article, one headline, prose, and a description
    or articleBody whose words are found in the text."""
    if from_feed:
        return 0.9
    text = " ".join(paragraphs)
    prose = [p for p in paragraphs if len(p) >= 80]
    found = 0.35
    found += 0.15 if meta.is_article else 0.0
    found += 0.05 * min(meta.headline_votes, 4)
    found += 0.15 if len(prose) >= 3 else 0.05 if prose else 0.0
    found += 0.10 * (sum(map(len, prose)) / max(1, len(text)))
    body = meta.article_body or " ".join(meta.descriptions)
    stated = {fold(w) for w in words(body[:5000])}
    if stated:
        said = {fold(w) for w in words(text[:20000])}
        found += 0.10 * len(stated & said) / len(stated)
    if wall != "open":
        found = min(found, 0.7)
    return round(min(found, 0.99), 3)
