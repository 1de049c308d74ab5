"""The feeds of a site: what its page and its headers announce, what its links look like, and where feeds usually are."""

import re
from collections.abc import Iterator, Mapping

from tidings.feeds.decode import decode
from tidings.feeds.fields import line, title_line
from tidings.feeds.links import FEED_TYPES, header_links
from tidings.feeds.tags import Tag, tags
from tidings.model import FoundFeed
from tidings.urls import canonical_url, resolve, site_of

MAX_PAGE_BYTES = 5 * 1024 * 1024
MAX_FOUND = 100

# A path that ends like a feed's; query forms as some systems have them (?feed=rss2, ?format=feed).
_FEED_PATH = re.compile(
    r"(?i)(?:/(?:feed|feeds|rss|atom)s?/?|/(?:feed|rss|atom|index|news)[\w.-]*\.(?:xml|rdf|rss|atom|json)|\.(?:rss|rdf|atom)"
    r"|/(?:rss|feeds?|atom)(?:feeds?|[_-]\w{1,20})?/[\w./-]{1,80}?(?:\.xml|\.rss|\.cms|/)|[?&](?:feed|format|type)=(?:feed|rss2?|atom|rdf))$"
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
    announced: list[FoundFeed] = []
    linked: list[FoundFeed] = []
    page = decode(page_bytes[:MAX_PAGE_BYTES], content_type=headers.get("content-type")).text
    base = url
    for tag in tags(page, ("base", "link", "a")):
        href = tag.attributes.get("href", "")
        if tag.name == "base":
            base = resolve(url, href) or base
        elif tag.name == "link":
            announced += _announced_by(tag, resolve(base, href), site_url=url)
        else:
            linked += _linked(tag, resolve(base, href), site_url=url)
    found += announced + linked
    kept: dict[str, FoundFeed] = {}
    for feed in found:
        kept.setdefault(canonical_url(feed.url) or feed.url, feed)
    return sorted(kept.values(), key=_is_of_comments)[:MAX_FOUND]


def _is_of_comments(feed: FoundFeed) -> bool:
    return _COMMENTS.search(f"{feed.title} {feed.url}") is not None


def _announced_in_headers(url: str, headers: Mapping[str, str]) -> Iterator[FoundFeed]:
    for link in header_links(headers.get("link", "")):
        if "alternate" in link.rels:
            yield from _announced(resolve(url, link.href), link.media_type, link.title, site_url=url)


def _announced_by(link: Tag, url: str | None, *, site_url: str) -> Iterator[FoundFeed]:
    rels = link.attributes.get("rel", "").lower().split()
    if ("alternate" in rels and "stylesheet" not in rels) or "feed" in rels:
        media_type = link.attributes.get("type", "").partition(";")[0].strip().lower()
        if "feed" in rels and media_type not in FEED_TYPES:
            media_type = "application/xml"
        yield from _announced(url, media_type, link.attributes.get("title", ""), site_url=site_url)


def _announced(url: str | None, media_type: str, title: str, *, site_url: str) -> Iterator[FoundFeed]:
    if url is None or media_type not in FEED_TYPES or _NOT_FEEDS.search(url):
        return
    if media_type == "application/json" and "feed" not in f"{url} {title}".lower():
        return  # an API's address more often than a JSON Feed
    yield FoundFeed(url=url, title=title_line(title), site_url=site_url, format=FEED_TYPES[media_type])


def _linked(anchor: Tag, url: str | None, *, site_url: str) -> Iterator[FoundFeed]:
    """Give an anchor's feed: at the same publisher, or at a name for feeds; never the page itself."""
    if url is None or len(url) > 1_000 or _NOT_FEEDS.search(url):
        return
    site = site_of(url)
    looks = _FEED_PATH.search(url.partition("#")[0]) or _FEED_HOST.match(url)
    is_ours = site == site_of(site_url) or site == "feedburner.com" or _FEED_HOST.match(url)
    if looks and is_ours and canonical_url(url) != canonical_url(site_url):
        words = line(anchor.text) or line(anchor.attributes.get("title"))
        title = "" if _FEED_WORDS.fullmatch(words) else words
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
