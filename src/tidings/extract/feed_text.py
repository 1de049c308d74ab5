"""The feed's own text of an entry, and whether it is better than the page's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from lxml import etree, html

from tidings.extract.body import plain_blocks
from tidings.model import Access, Entry
from tidings.text import fold, shingles, words

MAX_FEED_HTML_CHARS = 2_000_000
_DROPPED_TAGS = """
    title head textarea xmp plaintext noembed noframes script style noscript template iframe form button
    figcaption svg audio video object embed select
"""
_DROPPED = _DROPPED_TAGS.split()
_POINTER = re.compile(
    r"^(?:the post .{1,300} appeared first on .{1,120}|(?:continue|keep) reading.{0,160}|read (?:more|the (?:full|rest)).{0,160}|"
    r"weiterlesen.{0,80}|lire la suite.{0,80}|leer más.{0,80}|leggi tutto.{0,80}|comments|submitted by .{1,200})$",
    re.I,
)
_CUT = re.compile(
    r"\s*(?:\[\s*(?:…|\.{3}|&#8230;)\s*\]|…|\.{3})\s*(?:read more|continue reading.*|weiterlesen.*)?$", re.I
)
MIN_FULL_CHARS = 400


def feed_blocks(entry: Entry) -> list[str]:
    """Return the paragraphs of the entry's content, else of its summary; pointers to the page ("Read more") dropped."""
    texts = [blocks_of(markup) for markup in (entry.content, entry.summary)]
    blocks = max(texts, key=lambda found: sum(map(len, found)))
    return [block for block in blocks if not _POINTER.match(block)]


def blocks_of(markup: str) -> list[str]:
    """Return the paragraphs of HTML, or of plain text with blank lines between them."""
    if not markup.strip():
        return []
    if "<" not in markup and "&lt;" in markup:
        markup = unescape(markup)
    if "<" not in markup:
        # Plain text, or HTML whose paragraphs are blank lines.
        markup = "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", markup))
    try:
        root = html.document_fromstring(
            f"<html><body><div>{markup[:MAX_FEED_HTML_CHARS]}</div></body></html>".encode("utf-8", "replace"),
            parser=html.HTMLParser(
                encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False
            ),
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return []
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    return plain_blocks(root)


def is_cut(blocks: Sequence[str]) -> bool:
    """Whether a feed's text breaks off ("[…]")."""
    return bool(blocks) and bool(_CUT.search(blocks[-1]))


def feed_is_better(feed: Sequence[str], page: Sequence[str], *, access: Access) -> bool:
    """Whether the feed's text is the one to keep.

    It is when the page gave nothing; when the page stops at a wall and the feed goes on; when the feed holds (nearly) all
    the page has and clearly more; and when the two are different texts of which the feed's is a whole article: then the
    page's was something else.  A feed's text that breaks off never beats a longer page.
    """
    feed_chars, page_chars = sum(map(len, feed)), sum(map(len, page))
    if not feed_chars:
        return False
    if not page_chars:
        return True
    if access != "open":
        return feed_chars > 1.1 * page_chars
    if is_cut(feed) or feed_chars < MIN_FULL_CHARS:
        return False
    shared = _share(page, feed)
    if shared >= 0.7:
        return feed_chars > 1.2 * page_chars
    return _share(feed, page) < 0.2 and shared < 0.2 and feed_chars >= 0.5 * page_chars


def _share(of: Sequence[str], within: Sequence[str]) -> float:
    """Return the share of one text's 3-word shingles found in another, 0 to 1; 1.0 for a text too short to have any."""
    one = set(shingles([fold(w) for w in words(" ".join(of)[:100_000])], 3))
    other = set(shingles([fold(w) for w in words(" ".join(within)[:100_000])], 3))
    return len(one & other) / len(one) if one else 1.0
