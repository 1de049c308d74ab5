"""Lists of feeds: whatever the file looks like, every feed in it is found."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.errors import ParseError
from tidings.feeds.opml import read_opml, write_opml
from tidings.model import FoundFeed

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
REAL = Path(__file__).parents[3] / "shared/data/feeds/plenaryapp"


def opml(body: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><opml version='2.0'><head/><body>{body}</body></opml>".encode()


FEED = '<outline type="rss" text="A" title="The A" xmlUrl="https://a.example/feed?x=1&amp;y=2" htmlUrl="https://a.example"/>'


def test_feeds_are_read_in_order_with_their_folders() -> None:
    body = f'<outline text="News"><outline text="Europe">{FEED}</outline></outline><outline xmlUrl="https://b.example/"/>'
    assert read_opml(opml(body)) == [
        FoundFeed(
            url="https://a.example/feed?x=1&y=2",
            title="The A",
            site_url="https://a.example/",
            folder="News/Europe",
        ),
        FoundFeed(url="https://b.example/"),
    ]


@pytest.mark.parametrize(
    "breakage",
    [
        '<outline text="Q & A" xmlUrl="https://b.example/?a=1&copy=2&amp;b=3"/>',
        '<outline text="Q &amp; A" title="5 < 6 > 4" xmlUrl="https://b.example/?a=1&copy=2&b=3"/>',
        "<outline text='Q &nbsp; A' xmlUrl='https://b.example/?a=1&copy=2&b=3'>",
        '<outline text="say "hello"" xmlUrl="https://b.example/?a=1&copy=2&b=3"></outline>',
        '<OUTLINE TEXT="x" XMLURL="https://b.example/?a=1&copy=2&b=3"/></wrong>',
    ],
)
def test_a_list_that_is_not_xml_is_read_all_the_same(breakage: str) -> None:
    body = f'<outline text="Before">{FEED}</outline>{breakage}<!-- <outline xmlUrl="https://no.example/"/> -->{FEED[:9]}text="C" xmlUrl="https://c.example/"/>'
    found = read_opml(opml(body))
    assert [feed.url for feed in found] == [
        "https://a.example/feed?x=1&y=2",
        "https://b.example/?a=1&copy=2&b=3",
        "https://c.example/",
    ]
    assert found[0].folder == "Before"


def test_each_address_is_listed_once_and_odd_schemes_mean_http() -> None:
    body = "".join(
        f'<outline text="x" xmlUrl="{url}"/>'
        for url in (
            "https://A.example:443/feed",
            "https://a.example/feed#again",
            "feed://b.example/rss",
            "feed:https://c.example/rss",
            "d.example/rss",
            "mailto:desk@e.example",
            "javascript:alert(1)",
            "",
        )
    )
    assert [feed.url for feed in read_opml(opml(body))] == [
        "https://a.example/feed",
        "http://b.example/rss",
        "https://c.example/rss",
        "http://d.example/rss",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_list_is_read_in_its_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><opml><body><outline text="Zürich" xmlUrl="https://z.example/"/></body></opml>'
    assert read_opml(text.encode(encoding))[0].title == "Zürich"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not-opml"),
        (b"<html></html>", "not-opml"),
        (b"<opml><body><outline text='a'/></body></opml>", "no-feeds"),
        (b" " * (17 * 1024 * 1024), "too-large"),
    ],
)
def test_what_lists_no_feed_is_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refusal:
        read_opml(body)
    assert refusal.value.reason == reason


feeds = st.builds(
    FoundFeed,
    url=st.integers(0, 50).map("https://f{}.example/feed?a=1&b=%272%27".format),
    title=st.text("<>&\"' aé한", min_size=1, max_size=20).map(lambda t: " ".join(t.split())).filter(bool),
    site_url=st.none() | st.just("https://site.example/"),
    folder=st.sampled_from(["", "News", "A & B", "World/Europe", "<x>"]),
)


@given(st.lists(feeds, min_size=1, max_size=12, unique_by=lambda feed: feed.url))
def test_what_is_written_is_read_again(listed: list[FoundFeed]) -> None:
    read = read_opml(write_opml(listed, title="Tidings & <co>", now=NOW))
    assert sorted(read, key=str) == sorted(listed, key=str)  # feeds of one folder are written together


@given(
    st.binary(max_size=300) | st.text("<>/= \"'outlinexmlUrl:&amp;!-[]httpa.", max_size=300).map(str.encode)
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    found: list[FoundFeed] = []
    with suppress(ParseError):
        found = read_opml(b"<outline " + body)
    assert all(feed.url.startswith(("http://", "https://")) for feed in found)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data/feeds beside the checkout")
def test_every_address_of_the_real_lists_is_found() -> None:
    for path in REAL.rglob("*.opml"):
        body = path.read_bytes()
        stated = {part.partition(b'"')[0] for part in body.split(b'xmlUrl="')[1:]}
        assert len(read_opml(body)) == len(stated), path.name
