"""A feed's bytes to a FeedDocument, whatever the format.

Reasons of a refusal (ParseError.reason), each with words for the operator:
empty, too-large, html-page, opml, sitemap-index, json-not-feed, not-a-feed.
"""

import re
from dataclasses import replace
from datetime import datetime

from tidings.errors import ParseError
from tidings.feeds.decode import decode
from tidings.feeds.jsonfeed import parse_json_feed
from tidings.feeds.rss_atom import parse_rss_atom
from tidings.feeds.sitemap import parse_sitemap
from tidings.model import FeedDocument

MAX_FEED_BYTES = 32 * 1024 * 1024

_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)[\s/>]")
_FEED_ROOTS = ("rss", "rdf", "feed", "channel", "entry", "urlset", "sitemapindex", "opml")
_PROLOGUE = re.compile(r"\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE\s(?:[^\[>]|\[[^\]]*\])*>", re.S | re.I)


def parse_feed(body: bytes, *, url: str, content_type: str | None = None, now: datetime) -> FeedDocument:
    """Return what a feed says: RSS 0.9x to 2.0, RSS 1.0, Atom 0.3 and 1.0, JSON Feed 1.x, news sitemap.

    url is where the bytes came from, for relative addresses; content_type the HTTP header; now bounds the dates.  At most
    MAX_ENTRIES entries.  Raises ParseError with a reason.  Takes linear time, about 5 s for the worst 300 kB known.
    """
    if len(body) > MAX_FEED_BYTES:
        raise ParseError(url, "The feed is larger than 32 MB; nothing was read.", reason="too-large")
    decoded = decode(body, content_type=content_type)
    text = decoded.text.lstrip(" \t\r\n\ufeff")
    if not text:
        raise ParseError(url, "The answer was empty. Tidings asks again later.", reason="empty")
    if text[0] in "{[":
        document = parse_json_feed(text, url=url, now=now)
    else:
        document = _parse_markup(text, url=url, now=now)
    return replace(document, warnings=(decoded.warning, *document.warnings)) if decoded.warning else document


def _parse_markup(text: str, *, url: str, now: datetime) -> FeedDocument:
    root = _root(text)
    if root == "html":
        raise ParseError(
            url,
            "This address now answers with a web page instead of a feed. Look there for its feed and follow that.",
            reason="html-page",
        )
    if root == "opml":
        raise ParseError(
            url, "This is a list of feeds (OPML). Import it: tidings import FILE.opml.", reason="opml"
        )
    if root == "sitemapindex":
        raise ParseError(
            url,
            "This is an index of sitemaps. Follow the news sitemap that it names instead.",
            reason="sitemap-index",
        )
    if root == "urlset":
        return parse_sitemap(text, url=url, now=now)
    if root is None:
        raise ParseError(url, "This is neither XML nor JSON, so it is no feed.", reason="not-a-feed")
    return parse_rss_atom(text, root=root, url=url, now=now)


def _root(text: str) -> str | None:
    """Return the local name of the first element in lower case; comments and the like before it are passed over."""
    start, at, is_html = text[:100_000], 0, False
    while (prologue := _PROLOGUE.match(start, at)) and prologue.end() > at:
        is_html = is_html or prologue[0][:14].lower() == "<!doctype html"
        at = prologue.end()
    found = _ROOT.search(start, at)
    name = found[1].lower() if found else None
    return "html" if is_html and name not in _FEED_ROOTS else name
