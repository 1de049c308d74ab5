"""Bytes from outside: whatever they are, a feed or a named reason, soon, and fit for the database."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.errors import ParseError
from tidings.feeds.decode import decode
from tidings.feeds.discovery import find_feeds
from tidings.feeds.opml import read_opml
from tidings.feeds.parse import parse_feed
from tidings.model import FeedDocument

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://ledger.example/feed"
REAL = Path(__file__).parents[3] / "shared/data/feeds"


def read(body: bytes, content_type: str | None = None) -> FeedDocument | str:
    """Return the feed, or the reason it is refused for."""
    try:
        return parse_feed(body, url=URL, content_type=content_type, now=NOW)
    except ParseError as refusal:
        return refusal.reason


def check(document: FeedDocument) -> None:
    """Hold a document to what the rest of Tidings counts on."""
    said = repr(document)
    assert "\\x00" not in said
    said.encode("utf-8")
    guids = [entry.guid for entry in document.entries]
    assert len(set(guids)) == len(guids)
    for entry in document.entries:
        assert entry.guid
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert all(one.url.startswith(("http://", "https://")) for one in entry.enclosures)
        for at in (entry.published_at, entry.updated_at):
            assert at is None or (at.tzinfo is UTC and at.year >= 1990)


PIECES = [
    *("<rss version='2.0'>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "</link>", "<guid>"),
    *("</guid>", "<pubDate>", "</pubDate>", "<description>", "</description>", "<feed xmlns='http://www.w3.org/2005/Atom'>"),
    *("<entry>", "</entry>", "<id>", "</id>", "<link href='/a'/>", "<updated>", "</updated>", "<![CDATA[", "]]>", "&amp;"),
    *("&", "&#0;", "&#55296;", "&lt;b&gt;", "<enclosure url='/a.mp3' length='-1' type='audio/mpeg'/>", "http://a.example/"),
    *("2026-03-01", "Tue, 10 Mar 2026 25:61:61 +9999", "<urlset>", "<url>", "<loc>", "</loc>", "</url>", "<!DOCTYPE x [", "]>"),
    *('{"items": [', '{"id": ', "]}", '"x"', "null", "1e999", "\x00", "\ufeff", "é", "한국", "<?xml version='1.0' encoding='"),
    *("utf-16'?>", "euc-kr'?>", "xml:base='http://[/'", "<author>", "a@b (c)", "</author>", "<category>", "</category>"),
]  # fmt: skip
feedlike = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | feedlike.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | feedlike.map(lambda text: text.encode("utf-16", "surrogatepass")),
    st.none() | st.text(max_size=30) | st.sampled_from(["text/xml; charset=koi8-r", "application/json"]),
)
def test_any_bytes_are_a_feed_or_refused_by_name(body: bytes, content_type: str | None) -> None:
    document = read(body, content_type)
    assert document
    if isinstance(document, FeedDocument):
        check(document)


@given(st.binary(max_size=200), st.none() | st.text(max_size=30))
def test_any_bytes_are_text(body: bytes, content_type: str | None) -> None:
    text = decode(body, content_type=content_type).text
    text.encode("utf-8")
    assert "\x00" not in text


SIZE = 120_000
HEAD = b"<rss version='2.0'><channel><title>t</title>"
HOSTILE = {
    "open brackets": HEAD + b"<" * SIZE,
    "ampersands": HEAD + b"<item><title>" + b"&" * SIZE,
    "nested elements": HEAD + b"<a>" * (SIZE // 3),
    "nested entries": HEAD + b"<item>" * (SIZE // 6),
    "empty entries": HEAD + b"<item/>" * (SIZE // 7),
    "open CDATA": HEAD + b"<item><title>" + b"<![CDATA[" * (SIZE // 9),
    "open comments": b"<!--" * (SIZE // 4),
    "attributes": HEAD + b"<item " + b" ".join(b'a%d="1"' % n for n in range(SIZE // 9)) + b">",
    "brackets in attributes": HEAD + b"<item " + b" ".join(b'a%d="<"' % n for n in range(SIZE // 9)) + b">",
    "doctype brackets": b"<!DOCTYPE x " + b"[]" * (SIZE // 2),
    "open links in HTML": HEAD + b"<item><description>" + b'&lt;a href="' * (SIZE // 12),
    "nested arrays": b'{"items":' + b"[" * SIZE,
    "long number": b'{"version":"https://jsonfeed.org/version/1","items":[{"id":' + b"9" * SIZE + b"}]}",
    "sitemap": b"<urlset>" + b"<url><loc>http://a.example/</loc></url>" * (SIZE // 40),
    "outlines": b"<opml><body>" + b"<outline text='a'>" * (SIZE // 18),
    "open outlines": b"<opml><body>" + b"<outline xmlUrl='" * (SIZE // 17),
    "links": b"<link rel=alternate type=text/xml href=/a>" * (SIZE // 42),
    "anchors": b"<a href=/feed>" * (SIZE // 14),
    "foreign letters": HEAD + b"<item><title>" + bytes(range(192, 255)) * (SIZE // 63),
    "false charset": b"<?xml version='1.0' encoding='punycode'?>" + b"a-" * (SIZE // 2),
    "one id": HEAD + b"".join(b"<item><guid>1</guid><title>%d</title></item>" % n for n in range(SIZE // 45)),
    "white space": b" " * SIZE + HEAD,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hangs(name: str) -> None:
    started = time.process_time()
    document = read(HOSTILE[name])
    if isinstance(document, FeedDocument):
        check(document)
    with suppress(ParseError):
        read_opml(HOSTILE[name])
    find_feeds(HOSTILE[name], URL, {"link": HOSTILE[name][:20_000].decode("latin-1")})
    assert (
        time.process_time() - started < 10
    )  # the worst takes about 2 s alone; quadratic time would take minutes


def test_an_entity_bomb_stays_small() -> None:
    entities = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>\n" for n in range(1, 12))
    bomb = f"<!DOCTYPE rss [\n<!ENTITY a0 'boom'>\n{entities}]><rss version='2.0'><channel><title>&a11;</title><item><title>&a11;</title></item></channel></rss>"
    assert len(repr(read(bomb.encode()))) < 2_000


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/feeds beside the checkout")
def test_real_feeds_are_read_or_refused_by_name() -> None:
    paths = sorted(path for path in REAL.rglob("*") if path.is_file() and path.suffix != ".opml")
    for path in paths[::7]:
        document = read(path.read_bytes())
        assert document, path
        if isinstance(document, FeedDocument):
            check(document)
