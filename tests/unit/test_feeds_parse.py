"""Feeds of every format: whole documents in, whole values out."""

from datetime import UTC, datetime

import pytest

from tidings.errors import ParseError
from tidings.feeds.parse import parse_feed
from tidings.model import Enclosure, Entry, FeedDocument

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://feeds.ledger.example/news.xml"

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
 <title>The Harbour Ledger</title><link>https://ledger.example/</link><description>News of the port</description>
 <language>en-gb</language><ttl>45</ttl><skipHours><hour>2</hour><hour>3</hour></skipHours>
 <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
 <atom:link rel="self" href="https://feeds.ledger.example/news.xml"/><atom:link rel="hub" href="https://hub.example/"/>
 <image><url>https://ledger.example/logo.png</url><title>x</title><link>https://ledger.example/</link></image>
 <item>
  <title>Tunnel &amp;amp; ferry: &lt;b&gt;council&lt;/b&gt; votes 7 &lt; 9</title>
  <link>/2026/tunnel?utm_source=rss</link><guid isPermaLink="false">ledger-1</guid>
  <pubDate>Tue, 10 Mar 2026 08:30:00 +0100</pubDate><dc:creator>Ann Lee</dc:creator><dc:creator>Bo Kim</dc:creator>
  <description>&lt;p&gt;See &lt;a href="/map"&gt;the map&lt;/a&gt;.&lt;/p&gt;</description>
  <content:encoded><![CDATA[<p>The council met.</p><img src='pics/a.jpg'>]]></content:encoded>
  <category>Politics</category><category>Harbour</category><comments>https://ledger.example/2026/tunnel#c</comments>
  <media:content url="https://ledger.example/a.jpg" medium="image" type="image/jpeg"/>
  <enclosure url="https://ledger.example/a.mp3" length="1234" type="audio/mpeg"/><itunes:duration>1:02:03</itunes:duration>
 </item>
 <item><title>Only a permalink</title><guid>https://ledger.example/2026/perma</guid></item>
</channel></rss>"""


def parse(text: str | bytes, *, content_type: str | None = None, url: str = URL) -> FeedDocument:
    body = text if isinstance(text, bytes) else text.encode("utf-8")
    return parse_feed(body, url=url, content_type=content_type, now=NOW)


def rss(items: str, channel: str = "") -> str:
    return f'<rss version="2.0"><channel><title>T</title>{channel}{items}</channel></rss>'


def test_an_rss_feed_is_read_whole() -> None:
    assert parse(RSS) == FeedDocument(
        format="rss",
        title="The Harbour Ledger",
        entries=(
            Entry(
                guid="ledger-1",
                url="https://ledger.example/2026/tunnel?utm_source=rss",
                title="Tunnel & ferry: council votes 7 < 9",
                summary='<p>See <a href="https://ledger.example/map">the map</a>.</p>',
                content="<p>The council met.</p><img src='https://ledger.example/pics/a.jpg'>",
                byline=("Ann Lee", "Bo Kim"),
                published_at=datetime(2026, 3, 10, 7, 30, tzinfo=UTC),
                categories=("Politics", "Harbour"),
                image_url="https://ledger.example/a.jpg",
                enclosures=(
                    Enclosure(
                        url="https://ledger.example/a.mp3",
                        media_type="audio/mpeg",
                        length_bytes=1234,
                        duration_s=3723,
                    ),
                ),
                comments_url="https://ledger.example/2026/tunnel#c",
            ),
            Entry(
                guid="https://ledger.example/2026/perma",
                url="https://ledger.example/2026/perma",
                title="Only a permalink",
            ),
        ),
        site_url="https://ledger.example/",
        self_url="https://feeds.ledger.example/news.xml",
        hub_urls=("https://hub.example/",),
        language="en-gb",
        description="News of the port",
        icon_url="https://ledger.example/logo.png",
        ttl_s=21_600,  # four times a day is the longer wish, against 45 minutes
        skip_hours=frozenset({2, 3}),
        parser="feedparser-rs",
    )


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr" xml:base="https://courrier.example/a/">
 <title type="html">Le &lt;i&gt;Courrier&lt;/i&gt;</title><link href="/"/><link rel="self" href="flux.atom"/>
 <id>urn:courrier</id><icon>icone.png</icon><updated>2026-03-10T00:00:00Z</updated><author><name>La rédaction</name></author>
 <entry xml:base="b/"><title type="text">Une balise &lt;b&gt;</title><id>urn:1</id><link href="un"/>
  <link rel="enclosure" href="un.mp3" type="audio/mpeg" length="5"/><link rel="replies" href="un/c" type="text/html"/>
  <published>2026-03-09T10:00:00+01:00</published><updated>2026-03-10T00:00:00Z</updated>
  <author><name>Zoé</name></author><category term="t" label="Port"/><summary type="text">1 &lt; 2</summary>
  <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Voir <a href="carte">la carte</a></p></div></content>
 </entry>
 <entry><title>Sans date</title><id>urn:2</id><link href="deux"/><updated>2026-03-08T00:00:00Z</updated></entry>
</feed>"""


def test_an_atom_feed_is_read_whole() -> None:
    assert parse(ATOM) == FeedDocument(
        format="atom",
        title="Le Courrier",
        entries=(
            Entry(
                guid="urn:1",
                url="https://courrier.example/a/b/un",
                title="Une balise <b>",
                summary="1 &lt; 2",
                content='<p>Voir <a href="https://courrier.example/a/b/carte">la carte</a></p>',
                byline=("Zoé",),
                published_at=datetime(2026, 3, 9, 9, tzinfo=UTC),
                updated_at=datetime(2026, 3, 10, tzinfo=UTC),
                language="fr",
                categories=("Port",),
                enclosures=(
                    Enclosure(
                        url="https://courrier.example/a/b/un.mp3", media_type="audio/mpeg", length_bytes=5
                    ),
                ),
                comments_url="https://courrier.example/a/b/un/c",
            ),
            Entry(
                guid="urn:2",
                url="https://courrier.example/a/deux",
                title="Sans date",
                byline=("La rédaction",),
                published_at=datetime(2026, 3, 8, tzinfo=UTC),  # the only date it states
                updated_at=datetime(2026, 3, 8, tzinfo=UTC),
            ),
        ),
        site_url="https://courrier.example/",
        self_url="https://courrier.example/a/flux.atom",
        language="fr",
        icon_url="https://courrier.example/a/icone.png",
        parser="feedparser-rs",
    )


RSS1 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
 <channel rdf:about="https://saegil.example/"><title>새길</title><link>https://saegil.example/</link><description/>
 <items><rdf:Seq><rdf:li rdf:resource="https://saegil.example/1"/></rdf:Seq></items></channel>
 <item rdf:about="https://saegil.example/1"><title>항구 터널</title><link>https://saegil.example/1</link>
 <dc:date>2026-03-10T09:00:00+09:00</dc:date><dc:creator>김보라</dc:creator></item></rdf:RDF>"""


def test_an_rss_1_feed_is_read_by_the_fast_parser() -> None:
    document = parse(RSS1)
    assert (document.format, document.parser, document.title) == ("rss1", "feedparser-rs", "새길")
    assert document.entries == (
        Entry(
            guid="https://saegil.example/1",
            url="https://saegil.example/1",
            title="항구 터널",
            byline=("김보라",),
            published_at=datetime(2026, 3, 10, tzinfo=UTC),
        ),
    )


JSON_FEED = """{"version": "https://jsonfeed.org/version/1.1", "title": "Fieldlab", "home_page_url": "https://fieldlab.example/",
 "feed_url": "https://fieldlab.example/feed.json", "language": "en", "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
 "icon": "/icon.png", "authors": [{"name": "The desk"}],
 "items": [
  {"id": 7, "url": "/seven", "title": "A &lt; B", "content_text": "x < y", "summary": "in short", "tags": ["ice", 3],
   "date_published": "2026-03-10T08:00:00+01:00", "image": "/s.jpg", "authors": [{"name": "Ann Lee"}],
   "attachments": [{"url": "/s.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9, "duration_in_seconds": 61.5}]},
  {"id": "8", "external_url": "https://other.example/8", "content_html": "<a href='x'>x</a>", "author": {"name": "Bo"}},
  "not an entry"]}"""


def test_a_json_feed_is_read_whole() -> None:
    assert parse(JSON_FEED, url="https://fieldlab.example/feed.json") == FeedDocument(
        format="json",
        title="Fieldlab",
        entries=(
            Entry(
                guid="7",
                url="https://fieldlab.example/seven",
                title="A &lt; B",
                summary="in short",
                content="x &lt; y",
                byline=("Ann Lee",),
                published_at=datetime(2026, 3, 10, 7, tzinfo=UTC),
                categories=("ice",),
                image_url="https://fieldlab.example/s.jpg",
                enclosures=(
                    Enclosure(
                        url="https://fieldlab.example/s.mp3",
                        media_type="audio/mpeg",
                        length_bytes=9,
                        duration_s=61,
                    ),
                ),
            ),
            Entry(
                guid="8",
                url="https://other.example/8",
                title="",
                content="<a href='https://other.example/x'>x</a>",
                byline=("Bo",),
            ),
        ),
        site_url="https://fieldlab.example/",
        self_url="https://fieldlab.example/feed.json",
        hub_urls=("https://hub.example/",),
        language="en",
        icon_url="https://fieldlab.example/icon.png",
        parser="json",
    )


SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
 <url><loc>https://outlook.example/a</loc><lastmod>2026-03-10</lastmod><news:news><news:publication><news:name>Outlook</news:name>
 <news:language>en</news:language></news:publication><news:publication_date>2026-03-09T10:00:00Z</news:publication_date>
 <news:title>A &amp; B</news:title><news:keywords>ice, flood</news:keywords></news:news>
 <image:image><image:loc>https://outlook.example/a.jpg</image:loc></image:image></url>
 <url><loc>mailto:x@outlook.example</loc></url></urlset>"""


def test_a_news_sitemap_is_a_feed() -> None:
    assert parse(SITEMAP, url="https://outlook.example/news-sitemap.xml") == FeedDocument(
        format="sitemap",
        title="Outlook",
        entries=(
            Entry(
                guid="https://outlook.example/a",
                url="https://outlook.example/a",
                title="A & B",
                published_at=datetime(2026, 3, 9, 10, tzinfo=UTC),
                updated_at=datetime(2026, 3, 10, tzinfo=UTC),
                language="en",
                categories=("ice", "flood"),
                image_url="https://outlook.example/a.jpg",
            ),
        ),
        site_url="https://outlook.example/",
        language="en",
        parser="sitemap",
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><html><head></head></html>", "html-page"),
        (b"<html><body>Not found</body></html>", "html-page"),
        (b"<opml version='2.0'><body/></opml>", "opml"),
        (b"<sitemapindex><sitemap><loc>https://a.example/</loc></sitemap></sitemapindex>", "sitemap-index"),
        (b'{"error": "no"}', "json-not-feed"),
        (b'{"items": [', "json-not-feed"),
        (b"[1, 2]", "json-not-feed"),
        (b"<catalog><book/></catalog>", "not-a-feed"),
        (b"plain words", "not-a-feed"),
        (b"\x00\x01\x02\xff", "not-a-feed"),
        (b"x" * (33 * 1024 * 1024), "too-large"),
    ],
)
def test_what_is_no_feed_is_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(ParseError) as refusal:
        parse(body)
    assert refusal.value.reason == reason
    assert refusal.value.public_message.endswith(".")


# ── encodings ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", None),
        ("utf-8-sig", "", None),
        ("utf-16", "", None),
        ("utf-16-le", "", None),
        ("utf-16-be", "utf-16", None),
        ("utf-32", "", None),
        ("iso-8859-1", "iso-8859-1", None),
        ("cp1252", "", "application/xml; charset=windows-1252"),
        ("cp1252", "utf-8", "text/xml; charset=iso-8859-1"),  # HTTP goes before the declaration
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),  # valid UTF-8 goes before both
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(
    encoding: str, declared: str, content_type: str | None
) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = (
        declaration + rss("<item><title>Café zürück naïve</title><link>https://a.example/</link></item>")
    ).encode(encoding)
    assert parse(body, content_type=content_type).entries[0].title == "Café zürück naïve"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("euc-kr", "항구 터널 개통을 앞두고"),
        ("shift_jis", "港のトンネルが開通"),
        ("koi8-r", "Порт и новый тоннель"),
        ("big5", "港口隧道通車"),
    ],
)
def test_a_declared_legacy_encoding_is_read(encoding: str, title: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss(f"<item><title>{title}</title></item>")
    assert parse(text.encode(encoding)).entries[0].title == title


@pytest.mark.parametrize(
    "encoding", ["punycode", "unicode_escape", "base64", "zlib", "no-such-thing", "idna", "undefined"]
)
def test_a_declared_codec_that_is_no_charset_is_not_used(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss("<item><title>Plain</title></item>")
    assert parse(text).entries[0].title == "Plain"


def test_a_declared_escape_is_no_encoding() -> None:
    text = '<?xml version="1.0" encoding="unicode_escape"?>' + rss(r"<item><title>Café \u0041</title></item>")
    assert parse(text.encode("cp1252")).entries[0].title == r"Café \u0041"


def test_what_no_database_can_hold_is_taken_out() -> None:
    text = rss("<item><title>a&#0;b\x00c\x0bd&#x96;e</title></item>")
    assert parse(text).entries[0].title in ("abcd–e", "ab cd–e", "abc d–e")
    json_text = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "\\u0000a\\ud800", "title": "b\\u0000"}]}'
    assert [(e.guid, e.title) for e in parse(json_text).entries] == [("a", "b")]


# ── identity ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_entry_is_known_by_id_then_link_then_words_and_never_by_a_title_that_may_change() -> None:
    def guid(inside: str) -> str:
        return parse(rss(f"<item>{inside}</item>")).entries[0].guid

    assert guid("<guid>g</guid><link>https://a.example/</link>") == "g"
    assert guid("<title>t</title><link>https://a.example/x</link>") == "https://a.example/x"
    words = guid("<title>t</title><description>d</description>")
    assert words.startswith("digest:")
    assert words == guid("<title>another title</title><description>d</description>")
    assert words != guid("<title>t</title><description>e</description>")
    assert guid("<title>t</title>") != guid("<title>u</title>")


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("12345", None),
        ("tag:5-a_b", None),
        ("https://ledger.example/5", "https://ledger.example/5"),
        ("news/5.html", "https://ledger.example/news/5.html"),
    ],
)
def test_an_id_that_is_no_address_is_no_link(guid: str, url: str | None) -> None:
    item = f"<item><title>x</title><guid>{guid}</guid><description>Words.</description></item>"
    entry = f"<entry xmlns='http://www.w3.org/2005/Atom'><title>x</title><id>{guid}</id></entry>"
    for text in (
        f"<rss version='2.0'><channel><title>T</title><link>https://ledger.example/</link>{item}</channel></rss>",
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><link href='https://ledger.example/'/>{entry}</feed>",
    ):
        (found,) = parse_feed(text.encode(), url="https://ledger.example/feed", now=NOW).entries
        assert (found.guid, found.url) == (guid, url)


def test_entries_that_share_an_id_are_told_apart_whatever_their_order() -> None:
    one = "<item><guid>1</guid><title>A</title><link>https://a.example/a</link></item>"
    two = "<item><guid>1</guid><title>B</title><link>https://a.example/b</link></item>"
    forwards, backwards = parse(rss(one + two)), parse(rss(two + one))
    assert len({entry.guid for entry in forwards.entries}) == 2
    assert forwards.entries == backwards.entries[::-1]
    assert forwards.warnings == ("1 ids are used by several entries",)


def test_entries_that_share_id_and_link_are_told_apart_by_title_and_then_by_all_they_say() -> None:
    def item(title: str, words: str) -> str:
        return f"<item><guid>1</guid><title>{title}</title><link>https://a.example/</link><description>{words}</description></item>"

    document = parse(rss(item("A", "x") + item("B", "x") + item("A", "y") + item("A", "x")))
    assert [(e.title, e.summary) for e in document.entries] == [("A", "x"), ("B", "x"), ("A", "y")]
    assert len({entry.guid for entry in document.entries}) == 3


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("Tue, 10 Mar 2026 10:00:00 GMT", datetime(2026, 3, 10, 10, tzinfo=UTC)),
        ("2026-03-10T10:00:00+09:00", datetime(2026, 3, 10, 1, tzinfo=UTC)),
        ("Tue, Mar 10 2026 01:02:03 AM", datetime(2026, 3, 10, 1, 2, 3, tzinfo=UTC)),
        ("Mon, Mar 9 2026 01:02:03 PM", datetime(2026, 3, 9, 13, 2, 3, tzinfo=UTC)),
        (
            "Wed, 11 Mar 2026 11:59:00 GMT",
            datetime(2026, 3, 11, 11, 59, tzinfo=UTC),
        ),  # a clock may be a day ahead
        ("Wed, 11 Mar 2026 12:01:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Sun, 31 Dec 1989 23:59:59 GMT", None),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("", None),
    ],
)
def test_a_date_is_read_or_unknown_and_never_absurd(stated: str, read: datetime | None) -> None:
    entry = parse(rss(f"<item><title>t</title><pubDate>{stated}</pubDate></item>")).entries[0]
    assert entry.published_at == read


def test_a_feed_that_dates_every_entry_to_the_request_states_no_updates() -> None:
    entry = "<entry><title>{0}</title><id>{0}</id><link href='https://a.example/{0}'/><published>2026-03-0{0}T00:00:00Z</published><updated>2026-03-10T11:59:00Z</updated></entry>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entry.format(1)}{entry.format(2)}</feed>"
    assert [(e.published_at, e.updated_at) for e in parse(feed).entries] == [
        (datetime(2026, 3, 1, tzinfo=UTC), None),
        (datetime(2026, 3, 2, tzinfo=UTC), None),
    ]


# ── the slower ways ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        (rss("<item><title>Fish & chips</title></item><item><title>b</title></item>"), ["Fish & chips", "b"]),
        (rss("<item><title>caf&eacute;</title></item>"), ["café"]),
        (rss("<item><title>a</title></item>")[:-20], ["a"]),
        (rss("<item><title>a<br></title></item><item><title>b</title></item>"), ["a", "b"]),
        (
            '<!DOCTYPE rss [<!ENTITY desk "The desk">]>' + rss("<item><title>&desk; says</title></item>"),
            ["The desk says"],
        ),
        ("<!-- before --> " + rss("<ITEM><TITLE>A</TITLE></ITEM>"), ["A"]),
    ],
)
def test_a_broken_feed_is_read_by_feedparser(text: str, titles: list[str]) -> None:
    document = parse(text)
    assert (document.parser, [entry.title for entry in document.entries]) == ("feedparser", titles)
    assert document.warnings


def test_a_broken_feed_too_large_for_feedparser_is_repaired() -> None:
    items = "".join(
        f"<item><title>Tea & cake {n}</title><link>https://a.example/{n}?a=1&b=2</link><description>{'word ' * 100}</description></item>"
        for n in range(800)
    )
    document = parse(rss(items, channel="<description>a&nbsp;b</description>"))
    assert (document.parser, len(document.entries)) == ("feedparser-rs, repaired", 800)
    assert document.entries[3].title == "Tea & cake 3"
    assert document.entries[3].url == "https://a.example/3?a=1&b=2"


def test_what_looks_like_an_address_or_a_file_is_never_opened(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("secret.xml", "<rss>&secret"):  # the second one comes as far as feedparser
        (tmp_path / name).write_text(RSS, "utf-8")
    for body in (b"secret.xml", b"http://127.0.0.1:9/feed.xml", b"<?xml secret.xml"):
        with pytest.raises(ParseError):
            parse(body)
    assert parse(b"<rss>&secret").entries == ()


def test_an_outside_entity_is_never_opened(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret", "utf-8")
    for form in (f'SYSTEM "{secret.as_uri()}"', f'PUBLIC "x" "{secret.as_uri()}"'):
        text = f"<!DOCTYPE rss [<!ENTITY x {form}>]>" + rss("<item><title>t &x;</title></item>")
        assert "secret" not in repr(parse(text).entries)


# ── media, people, links ─────────────────────────────────────────────────────────────────────────────────────────────


def test_sound_and_film_are_attached_once_with_all_that_is_known() -> None:
    item = """<item><title>t</title><enclosure url="https://a.example/a.mp3" length="" type=""/>
    <media:content url="https://a.example/a.mp3" fileSize="77" duration="9" medium="audio"/>
    <media:group><media:content url="v.mp4" type="video/mp4"/></media:group><media:content url="javascript:x()" medium="video"/>
    <media:thumbnail url="https://a.example/t.jpg"/></item>"""
    text = rss(item, channel="<link>https://a.example/x/</link>").replace(
        "<rss", '<rss xmlns:media="http://search.yahoo.com/mrss/"'
    )
    entry = parse(text).entries[0]
    assert entry.enclosures == (
        Enclosure("https://a.example/a.mp3", media_type="audio/mpeg", length_bytes=77, duration_s=9),
        Enclosure("https://a.example/x/v.mp4", media_type="video/mp4"),
    )
    assert entry.image_url == "https://a.example/t.jpg"


@pytest.mark.parametrize(
    ("stated", "byline"),
    [
        ("desk@a.example (Ann Lee)", ("Ann Lee",)),
        ("Ann Lee (mailto:ann@a.example)", ("Ann Lee",)),
        ("Ann Lee &lt;ann@a.example&gt;", ("Ann Lee",)),
        ("ann@a.example", ()),
        ("&lt;a href='x'&gt;Ann&lt;/a&gt; Lee", ("Ann Lee",)),
        ("", ()),
    ],
)
def test_a_byline_is_names(stated: str, byline: tuple[str, ...]) -> None:
    assert parse(rss(f"<item><title>t</title><author>{stated}</author></item>")).entries[0].byline == byline


def test_the_hourly_period_that_one_system_always_writes_is_no_wish() -> None:
    def ttl(period: str, frequency: str) -> int | None:
        head = (
            f"<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{frequency}</sy:updateFrequency>"
        )
        text = rss("<item><title>t</title></item>", channel=head)
        return parse(
            text.replace("<rss", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"')
        ).ttl_s

    assert ttl("hourly", "1") is None
    assert ttl("hourly", "2") == 1_800
    assert ttl("\n\tdaily\t", "1") == 86_400
    assert ttl("sometimes", "1") is None


def test_long_feeds_and_long_fields_are_cut_and_say_so() -> None:
    many = parse(rss("".join(f"<item><title>{n}</title></item>" for n in range(5_010))))
    assert (len(many.entries), many.warnings) == (5_000, ("only the first 5000 entries were read",))
    long = parse(rss(f"<item><title>{'t' * 9_000}</title><guid>{'g' * 9_000}</guid></item>")).entries[0]
    assert (len(long.title), long.guid.startswith("digest:")) == (1_000, True)


def test_links_into_a_private_network_are_kept() -> None:
    feed = parse(
        '<rss version="2.0"><channel><title>House paper</title><link>http://paper.localhost:8701/</link>'
        "<item><title>One</title><link>http://paper.localhost:8701/one</link></item></channel></rss>"
    )
    assert [entry.url for entry in feed.entries] == ["http://paper.localhost:8701/one"]
