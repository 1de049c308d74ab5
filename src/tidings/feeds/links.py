"""Links that announce a feed: their media types, and the HTTP Link header (RFC 8288)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidings.model import FeedFormat

FEED_TYPES: dict[str, FeedFormat | None] = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
    "application/rdf+xml": "rss1",
    "application/x-rss+xml": "rss",
    "text/rss": "rss",
    "text/atom": "atom",
    "application/xml": None,
    "text/xml": None,
    "application/json": None,
}

_MAX_HEADER_CHARS = 16_000
_VALUE = re.compile(r"""<([^<>]*)>((?:\s*;\s*[A-Za-z0-9*_-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]*))?)*)""")
_PARAMETER = re.compile(r"""([A-Za-z0-9*_-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?""")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a header; `rels` in lower case."""

    href: str
    rels: frozenset[str]
    media_type: str = ""
    title: str = ""


def header_links(value: str) -> Iterator[Link]:
    """Give the links of a Link header (several headers joined by commas); what is malformed is passed over."""
    for href, parameters in _VALUE.findall(" ".join(value[:_MAX_HEADER_CHARS].split())):
        stated = {
            name.lower(): quoted or bare for name, quoted, bare in reversed(_PARAMETER.findall(parameters))
        }
        yield Link(
            href=href.strip(),
            rels=frozenset(stated.get("rel", "").lower().split()),
            media_type=stated.get("type", "").partition(";")[0].strip().lower(),
            title=re.sub(r"\\(.)", r"\1", stated.get("title", "")),
        )
