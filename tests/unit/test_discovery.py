"""The feeds of a site, found from its page and its headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.feeds.discovery import common_paths, find_feeds
from tidings.feeds.links import Link, header_links
from tidings.model import FoundFeed

URL = "https://www.ledger.co.uk/news/"


def urls(page: str, **headers: str) -> list[str]:
    return [feed.url for feed in find_feeds(page.encode(), URL, headers)]


def test_announced_feeds_come_first_with_title_and_format_and_those_of_comments_last() -> None:
    page = """<!doctype html><head><base href="/x/"><title>t</title>
    <link rel="alternate" type="application/rss+xml" title="Comments &raquo; all" href="/comments/feed/">
    <LINK REL='Alternate' TYPE='application/atom+xml; charset=utf-8' TITLE='Ledger &amp; co' HREF='atom.xml?a=1&amp;b=2'/>
    <link rel=alternate type=application/feed+json href=feed.json>
    <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet alternate" type="text/xml" href="/style.xml">
    <link rel="alternate" type="application/json+oembed" href="/oembed"><link rel="alternate" type="application/json" href="/wp-json/1">
    </head><body><a href="/rss">RSS</a><a href="//feeds.other.example/all"><b>Every</b> article</a>
    <a href="/feedback">write to us</a><a href="https://www.rival.co.uk/rss.xml">RSS</a><a href="/x/atom.xml?a=1&amp;b=2">again</a>"""
    assert find_feeds(page.encode(), URL, {}) == [
        FoundFeed("https://www.ledger.co.uk/x/atom.xml?a=1&b=2", "Ledger & co", URL, format="atom"),
        FoundFeed("https://www.ledger.co.uk/x/feed.json", "", URL, format="json"),
        FoundFeed("https://www.ledger.co.uk/rss", "", URL),
        FoundFeed("https://feeds.other.example/all", "Every article", URL),
        FoundFeed("https://www.ledger.co.uk/comments/feed/", "Comments » all", URL, format="rss"),
    ]


def test_headers_announce_feeds_too() -> None:
    link = '</all.rss>; rel="alternate"; type="application/rss+xml"; title="All, \\"really\\"", <https://hub.example/>; rel=hub'
    assert find_feeds(b"", URL, {"link": link}) == [
        FoundFeed("https://www.ledger.co.uk/all.rss", 'All, "really"', URL, format="rss")
    ]


def test_links_of_a_header_are_read_one_by_one() -> None:
    assert list(header_links('<a>; rel="self hub"; TYPE=text/xml, <b>;rel=next;rel=prev,nonsense, <c>')) == [
        Link("a", frozenset({"self", "hub"}), "text/xml"),
        Link("b", frozenset({"next"})),
        Link("c", frozenset()),
    ]


@pytest.mark.parametrize(
    "href",
    [
        "/feed",
        "/feed/",
        "/politics/rss.xml",
        "/rss/politics/",
        "/index.rdf",
        "/blog.atom",
        "/?feed=rss2",
        "/rssfeeds/123.cms",
        "https://rss.ledger.co.uk/top",
        "http://feeds.feedburner.com/ledger",
    ],
)
def test_links_that_look_like_feeds_are_found(href: str) -> None:
    assert len(urls(f'<a href="{href}">News</a>')) == 1


@pytest.mark.parametrize(
    "href", ["/feedback", "/about", "/news/", "#rss", "mailto:rss@ledger.co.uk", "/rss.html", "/sitemap.xml"]
)
def test_other_links_are_not_feeds(href: str) -> None:
    assert urls(f'<a href="{href}">News</a>') == []


def test_comments_and_scripts_announce_nothing() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/{}">'
    page = f"<!-- {link.format('a')} --><script>x = '{link.format('b')}'</script>{link.format('c')}"
    assert urls(page) == ["https://www.ledger.co.uk/c"]


def test_common_places_are_tried_beside_the_page_before_the_root() -> None:
    paths = common_paths("https://ledger.example/blog")
    assert paths[:4] == [
        "https://ledger.example/blog/feed",
        "https://ledger.example/blog/rss",
        "https://ledger.example/blog/feed.xml",
        "https://ledger.example/feed",
    ]
    assert len(paths) == len(set(paths)) <= 20
    assert common_paths("https://ledger.example")[0] == "https://ledger.example/feed"
    assert common_paths("mailto:x@ledger.example") == []


@given(
    st.binary(max_size=400)
    | st.text("<>/= \"'alinkbaserelhrefalternatetype!-&", max_size=400).map(str.encode)
)
def test_any_page_gives_web_addresses_or_none(page: bytes) -> None:
    headers = {"link": page.decode("latin-1"), "content-type": page[:30].decode("latin-1")}
    assert all(
        feed.url.startswith(("http://", "https://")) for feed in find_feeds(b"<link " + page, URL, headers)
    )
