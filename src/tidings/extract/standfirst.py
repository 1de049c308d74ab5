"""Which of a page's descriptions is a standfirst, and which only the beginning of its text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidings.extract.metadata import Metadata
from tidings.text import fold, words

_CUT = re.compile(r"\s*(?:\.{3,}|…|\[\s*(?:\.{3}|…)\s*\])\s*$")
MIN_CHARS, MAX_CHARS = 20, 500


def standfirst_of(
    meta: Metadata, *, headline: str, paragraphs: Sequence[str]
) -> tuple[str | None, list[str]]:
    """Return the standfirst and the paragraphs without it.

    A description is one when it says something else than the headline and than how the text begins, and is not cut off.
    A first paragraph that the page itself marks as its standfirst is one and leaves the text.
    """
    body = list(paragraphs)
    marked = meta.marked_standfirst
    if marked and len(body) > 1 and _key(marked) == _key(body[0]):
        return body[0], body[1:]
    opening = _key(" ".join(body[:4])[:3000])
    for text in (*meta.descriptions, *([marked] if marked else [])):
        whole = not _CUT.search(text)
        key = _key(_CUT.sub("", text))
        if not (whole and MIN_CHARS <= len(text) <= MAX_CHARS) or key == _key(headline):
            continue
        if _opens(key, opening) or any(key == _key(p) for p in body[:4]):
            continue
        return text, body
    return None, body


def _key(text: str) -> list[str]:
    return [fold(word) for word in words(text)]


def _opens(key: list[str], opening: list[str]) -> bool:
    """Whether a text is (nearly) how the article begins: nine words in ten of its first run, in place."""
    if not key:
        return True
    for start in range(min(6, len(opening))):  # after a dateline, a byline, a date
        same = sum(a == b for a, b in zip(key, opening[start:], strict=False))
        if same >= 0.9 * len(key):
            return True
    return False
