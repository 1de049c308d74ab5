"""The feeds of a site: what its page and its headers announce, what its links look like, and where feeds usually are."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml import etree, html

from tidings.feeds.decode import decode
from tidings.feeds.fields import line, title_line
from tidings.feeds.links import FEED_TYPES, header_links
from tidings.model import FoundFeed
from tidings.urls import canonical_url, resolve, site_of

MAX_PAGE_BYTES = 5 * 1024 * 1024
MAX_FOUND = 100
MAX_ANCHORS = 20_000

# A path that ends like a feed's; query forms as some systems have them (?feed=rss2, ?format=feed).
_FEED_PATH = re.compile(
    r"(?i)(?:/(?:feed|feeds|rss|atom)s?/?|/(?:feed|rss|atom|index|news)[\w.-]*\.(?:xml|rdf|rss|atom|json)|\.(?:rss|rdf|atom)"
    r"|/(?:rss|feeds?|atom)/[\w./-]{1,80}?(?:\.xml|\.rss|\.cms|/)|[?&](?:feed|format|type)=(?:feed|rss2?|atom|rdf))$"
)
_FEED_HOST = re.compile(r"(?i)^https?://(?:feeds?|rss)\d?\.")
_FEED_WORDS = re.compile(r"\b(?:RSS|Atom|JSON Feed|XML)\b")
_COMMENTS = re.compile(r"(?i)comments?\b|kommentar|commentaires|comentarios")
_NOT_FEEDS = re.compile(r"(?i)oembed|/wp-json/|opensearch|manifest|/xmlrpc|sitemap\.xml")

_COMMON_PATHS = (
    "feed",
    "rss",
    "feed.xml",
    "rss.xml",
    "atom.xml",
    "index.xml",
    "feed.json",
    "feeds/posts/default",
    "news-sitemap.xml",
    "sitemap-news.xml",
)


def find_feeds(page_bytes: bytes, url: str, headers: Mapping[str, str]) -> list[FoundFeed]:
    """Return the feeds a page leads to, best first: announced in headers and head, then links that look like feeds.

    Each address once, feeds of comments last, at most MAX_FOUND.  url is where the page came from; header names are
    lower-case.  Nothing is asked: whether they answer is for the caller to see.  Never raises.
    """
    found = list(_announced_in_headers(url, headers))
    page = _page(page_bytes, headers.get("content-type"))
    if page is not None:
        base = resolve(url, next(iter(page.xpath("//base/@href")), "")) or url
        found += _announced_in_head(page, base=base, site_url=url)
        found += _linked(page, base=base, site_url=url)
    kept: dict[str, FoundFeed] = {}
    for feed in found:
        kept.setdefault(canonical_url(feed.url) or feed.url, feed)
    return sorted(kept.values(), key=_is_of_comments)[:MAX_FOUND]


def _is_of_comments(feed: FoundFeed) -> bool:
    return _COMMENTS.search(f"{feed.title} {feed.url}") is not None


def _page(page_bytes: bytes, content_type: str | None) -> html.HtmlElement | None:
    text = decode(page_bytes[:MAX_PAGE_BYTES], content_type=content_type).text
    if not text.strip():
        return None
    try:
        return html.document_fromstring(text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _announced_in_headers(url: str, headers: Mapping[str, str]) -> Iterator[FoundFeed]:
    for link in header_links(headers.get("link", "")):
        if "alternate" in link.rels:
            yield from _announced(resolve(url, link.href), link.media_type, link.title, site_url=url)


def _announced_in_head(page: html.HtmlElement, *, base: str, site_url: str) -> Iterator[FoundFeed]:
    for link in page.iterfind(".//link[@href]"):
        rels = (link.get("rel") or "").lower().split()
        if ("alternate" in rels and "stylesheet" not in rels) or "feed" in rels:
            media_type = (link.get("type") or "").partition(";")[0].strip().lower()
            if "feed" in rels and media_type not in FEED_TYPES:
                media_type = "application/xml"
            yield from _announced(
                resolve(base, link.get("href")), media_type, link.get("title") or "", site_url=site_url
            )


def _announced(url: str | None, media_type: str, title: str, *, site_url: str) -> Iterator[FoundFeed]:
    if url is None or media_type not in FEED_TYPES or _NOT_FEEDS.search(url):
        return
    if media_type == "application/json" and "feed" not in f"{url} {title}".lower():
        return  # an API's address more often than a JSON Feed
    yield FoundFeed(url=url, title=title_line(title), site_url=site_url, format=FEED_TYPES[media_type])


def _linked(page: html.HtmlElement, *, base: str, site_url: str) -> Iterator[FoundFeed]:
    """Give the links to feeds among a page's anchors: same publisher, or a name for feeds; never the page itself."""
    site = site_of(site_url)
    for anchor in islice(page.iterfind(".//a[@href]"), MAX_ANCHORS):
        href = anchor.get("href")
        if len(href) > 1_000 or not (url := resolve(base, href)) or _NOT_FEEDS.search(url):
            continue
        words = line("".join(islice(anchor.itertext(), 20))) or line(anchor.get("title"))
        looks = _FEED_PATH.search(url.partition("#")[0]) or _FEED_HOST.match(url)
        is_ours = site_of(url) == site or site_of(url) == "feedburner.com" or _FEED_HOST.match(url)
        if looks and is_ours and canonical_url(url) != canonical_url(site_url):
            title = "" if _FEED_WORDS.fullmatch(words) else title_line(words, is_html=False)
            yield FoundFeed(url=url, title=title, site_url=site_url)


def common_paths(url: str) -> list[str]:
    """Return addresses where a site without announcements may keep its feed, likeliest first; at most 20.

    Beside the page's own folder ("/blog/feed") before the root.  Empty when url is no web address.
    """
    folders = [resolve(url, "."), resolve(url, "/")]
    below = resolve(url.rstrip("/") + "/", ".") if resolve(None, url) else None
    paths = [
        resolve(folder, path)
        for folder in dict.fromkeys([below, *folders])
        if folder and "?" not in folder
        for path in _COMMON_PATHS[: None if folder == folders[1] else 3]
    ]
    return list(dict.fromkeys(path for path in paths if path))[:20]
