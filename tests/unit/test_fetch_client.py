"""One request from end to end: conditions, redirects, statuses, limits, against a server on loopback."""

from __future__ import annotations

import gzip
import re
import time
import zlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from fetch_support import START, Seen, Site, fetcher_for, pages, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.errors import BadReply, FetchError, Gone, Refused, Throttled, Unreachable
from tidings.fetch import HttpFetcher, Limits, hops
from tidings.model import Credentials, Reply, Validators

FEED = b"<rss version='2.0'><channel><title>Harbour Post</title></channel></rss>"


def test_an_answer_is_given_whole() -> None:
    with Site(
        pages({"/feed": reply(200, FEED, [("Content-Type", "application/rss+xml"), ("ETag", '"a1"')])})
    ) as site:
        assert fetcher_for(site).get(site.url("/feed"), purpose="feed") == Reply(
            url=site.url("/feed"),
            final_url=site.url("/feed"),
            status=200,
            headers={
                "content-type": "application/rss+xml",
                "etag": '"a1"',
                "content-length": str(len(FEED)),
            },
            body=FEED,
            fetched_at=START,
            moved_to=None,
            validators=Validators('"a1"', None),
            fresh_for_s=None,
        )


def test_a_feed_request_says_who_asks_and_for_how_many() -> None:
    with Site(lambda _: reply(200, FEED)) as site:
        fetcher_for(site).get(site.url("/feed?x=1"), purpose="feed", subscribers=3)
        assert site.requests == [
            Seen(
                "GET",
                "/feed?x=1",
                {
                    "host": site.key,
                    "accept": "application/atom+xml, application/rss+xml, application/feed+json,"
                    " application/rdf+xml;q=0.9, application/json;q=0.8, application/xml;q=0.8, text/xml;q=0.8,"
                    " */*;q=0.5",
                    "accept-encoding": "gzip, deflate",
                    "user-agent": "Tidings/0.1 (+https://reader.example/bot; 3 subscribers)",
                    "a-im": "feed",
                },
                b"",
            )
        ]


@pytest.mark.parametrize("purpose", ["page", "image", "discovery"])
def test_only_a_feed_request_counts_subscribers(purpose: str) -> None:
    with Site(lambda _: reply(200, b"x", [("Content-Type", "image/png")])) as site:
        fetcher = fetcher_for(site)
        if purpose == "page":
            return
        fetcher.get(site.url("/x"), purpose=purpose)  # type: ignore[arg-type]
        assert site.requests[-1].headers["user-agent"] == "Tidings/0.1 (+https://reader.example/bot)"
        assert "a-im" not in site.requests[-1].headers


# ── conditional GET ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "etag",
    ['"a1"', 'W/"a1"', "a1", '"', "W/a1", '"a1-gzip"', '"a", "b"', '"größe"', '"it\'s \\"quoted\\""'],
)
def test_validators_go_back_byte_for_byte(etag: str) -> None:
    kept = Validators(etag.encode().decode("latin-1"), "Sunday-ish, 1 Mar 2026")

    def answer(request: Seen) -> bytes:
        if "if-none-match" in request.headers:
            return reply(304)
        return reply(200, FEED, [("ETag", etag), ("Last-Modified", "Sunday-ish, 1 Mar 2026")])

    with Site(answer) as site:
        fetcher = fetcher_for(site)
        first = fetcher.get(site.url("/"), purpose="feed")
        assert first.validators == kept
        fetcher.get(site.url("/"), purpose="feed", validators=first.validators)
        assert site.requests[1].headers["if-none-match"] == kept.etag
        assert site.requests[1].headers["if-modified-since"] == kept.last_modified


def test_not_modified_has_no_body_and_keeps_what_it_leaves_out() -> None:
    with Site(lambda _: reply(304, headers=[("ETag", '"new"')])) as site:
        kept = Validators('"old"', "Sun, 01 Mar 2026 10:00:00 GMT")
        answer = fetcher_for(site).get(site.url("/"), purpose="feed", validators=kept)
        assert (answer.not_modified, answer.body) == (True, b"")
        assert answer.validators == Validators('"new"', "Sun, 01 Mar 2026 10:00:00 GMT")


def test_a_full_answer_without_validators_forgets_the_old_ones() -> None:
    with Site(lambda _: reply(200, FEED)) as site:
        answer = fetcher_for(site).get(site.url("/"), purpose="feed", validators=Validators('"old"', "then"))
        assert answer.validators == Validators(None, None)


def test_not_modified_to_an_unconditional_request_is_no_answer() -> None:
    with Site(lambda _: reply(304)) as site, pytest.raises(BadReply):
        fetcher_for(site).get(site.url("/"), purpose="feed")


@pytest.mark.parametrize("bad", ["a\r\nX-Evil: 1", " padded ", "nul\0", "smile \U0001f642", ""])
def test_a_validator_that_no_header_can_carry_is_left_out(bad: str) -> None:
    with Site(lambda _: reply(200, FEED)) as site:
        fetcher_for(site).get(site.url("/"), purpose="feed", validators=Validators(bad, bad))
        assert {"if-none-match", "if-modified-since", "x-evil"}.isdisjoint(site.requests[0].headers)


def test_a_delta_is_taken_for_feeds_only() -> None:
    with Site(lambda _: reply(226, FEED, [("IM", "feed")])) as site:
        fetcher = fetcher_for(site)
        assert fetcher.get(site.url("/"), purpose="feed", validators=Validators('"a"')).status == 226
        with pytest.raises(BadReply):
            fetcher.get(site.url("/"), purpose="discovery")


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("chain", "moved_to"),
    [
        ([301], 1),
        ([308, 301], 2),
        ([302], None),
        ([307, 301], None),
        ([301, 302], 1),
        ([301, 303, 308], 1),
        ([301] * 5, 5),
    ],
)
def test_moved_is_where_an_unbroken_permanent_chain_led(chain: list[int], moved_to: int | None) -> None:
    answers = {f"/{n}": reply(status, headers=[("Location", f"/{n + 1}")]) for n, status in enumerate(chain)}
    with Site(pages({**answers, f"/{len(chain)}": reply(200, FEED)})) as site:
        answer = fetcher_for(site).get(site.url("/0#top"), purpose="feed")
        assert answer.final_url == site.url(f"/{len(chain)}")
        assert answer.moved_to == (None if moved_to is None else site.url(f"/{moved_to}"))
        assert site.connections == 1


def test_six_redirects_are_too_many() -> None:
    answers = {f"/{n}": reply(302, headers=[("Location", f"/{n + 1}")]) for n in range(9)}
    with Site(pages(answers)) as site:
        with pytest.raises(BadReply, match="too many redirects"):
            fetcher_for(site).get(site.url("/0"), purpose="feed")
        assert site.targets == ["/0", "/1", "/2", "/3", "/4", "/5"]


def test_a_circle_is_noticed() -> None:
    answers = {
        "/a": reply(301, headers=[("Location", "/b")]),
        "/b": reply(301, headers=[("Location", "/a#again")]),
    }
    with Site(pages(answers)) as site:
        with pytest.raises(BadReply, match="redirect loop"):
            fetcher_for(site).get(site.url("/a"), purpose="feed")
        assert site.targets == ["/a", "/b"]


@pytest.mark.parametrize(
    "location", ["ftp://files.example/", "file:///etc/passwd", "gopher://x/", "data:,x", "javascript:1"]
)
def test_a_redirect_off_the_web_is_refused(location: str) -> None:
    with Site(lambda _: reply(302, headers=[("Location", location)])) as site, pytest.raises(Refused):
        fetcher_for(site).get(site.url("/"), purpose="feed")


@pytest.mark.parametrize("location", ["http://[::1", "http://a:b:c/", "http://exa\x01mple/"])
def test_a_redirect_to_nonsense_is_a_bad_reply(location: str) -> None:
    with Site(lambda _: reply(302, headers=[("Location", location)])) as site, pytest.raises(BadReply):
        fetcher_for(site).get(site.url("/"), purpose="feed")


def test_a_redirect_in_utf8_and_with_a_user_name_is_followed_without_it() -> None:
    def answer(request: Seen) -> bytes:
        if request.target == "/":
            return reply(302, headers=[("Location", f"http://me:secret@{request.headers['host']}/größe x")])
        return reply(200, FEED)

    with Site(answer) as site:
        assert fetcher_for(site).get(site.url("/"), purpose="feed").final_url == site.url(
            "/gr%C3%B6%C3%9Fe%20x"
        )
        assert "authorization" not in site.requests[1].headers


def test_a_redirect_without_a_place_is_a_bad_reply() -> None:
    with Site(lambda _: reply(302)) as site, pytest.raises(BadReply) as caught:
        fetcher_for(site).get(site.url("/"), purpose="feed")
    assert caught.value.status == 302


def test_credentials_stay_with_their_origin() -> None:
    basic = "Basic " + b64encode("anna:pässword".encode()).decode()
    with Site(lambda _: reply(200, FEED)) as elsewhere:

        def answer(request: Seen) -> bytes:
            there = "/here" if request.target == "/" else elsewhere.url("/there")
            return reply(302, headers=[("Location", there)])

        with Site(answer) as site:
            fetcher_for(site, elsewhere).get(
                site.url("/"), purpose="feed", credentials=Credentials("anna", "pässword")
            )
            assert [request.headers.get("authorization") for request in site.requests] == [basic, basic]
            assert "authorization" not in elsewhere.requests[0].headers


def test_credentials_do_not_come_back_once_the_origin_was_left() -> None:
    with Site(lambda request: reply(302, headers=[("Location", home[0] + "/end")])) as elsewhere:
        home: list[str] = []

        def answer(request: Seen) -> bytes:
            if request.target == "/end":
                return reply(200, FEED)
            return reply(302, headers=[("Location", elsewhere.url("/"))])

        with Site(answer) as site:
            home.append(site.url("").rstrip("/"))
            fetcher_for(site, elsewhere).get(
                site.url("/"), purpose="feed", credentials=Credentials("anna", "secret")
            )
            assert ["authorization" in request.headers for request in site.requests] == [True, False]


def test_credentials_are_not_given_to_the_next_address_of_another_origin() -> None:
    answers = {"/": reply(302, headers=[("Location", "/end")]), "/end": reply(200, FEED)}
    with Site(pages(answers)) as elsewhere:
        with Site(lambda _: reply(302, headers=[("Location", elsewhere.url("/"))])) as site:
            fetcher_for(site, elsewhere).get(
                site.url("/"), purpose="feed", credentials=Credentials("anna", "secret")
            )
        assert elsewhere.targets == ["/", "/end"]
        assert ["authorization" in request.headers for request in elsewhere.requests] == [False, False]


def test_the_address_that_answered_is_given_without_its_fragment() -> None:
    with Site(lambda _: reply(200, FEED)) as site:
        answer = fetcher_for(site).get(" " + site.url("/a?b#c"), purpose="feed")
        assert (answer.url, answer.final_url) == (" " + site.url("/a?b#c"), site.url("/a?b"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://files.example/x",
        "file:///etc/passwd",
        "/feed",
        "feed",
        "",
        "http://",
        "http:///x",
        "https://anna:secret@news.example/",
        "http://anna@news.example/",
        "http://news.example:0/",
        "http://news.example:99999/",
        "http://[::1/",
        "javascript:alert(1)",
        "http://a b/",
        "http://%31%32%37.0.0.1/",
        "http://./",
        "http://[fe80::1%25eth0]/",
        "http:\\\\news.example",
        "http://" + "a" * 70_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        fetcher_for().get(url, purpose="feed")


# ── what statuses mean ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Refused),
        (402, Refused),
        (403, Refused),
        (404, Gone),
        (410, Gone),
        (451, Refused),
        (400, BadReply),
        (406, BadReply),
        (418, BadReply),
        (204, BadReply),
        (206, BadReply),
        (300, BadReply),
        (408, Unreachable),
        (429, Throttled),
        (500, Unreachable),
        (502, Unreachable),
        (503, Throttled),
        (599, Unreachable),
        (999, Unreachable),
    ],
)
def test_a_status_is_one_kind_of_failure(status: int, kind: type[FetchError]) -> None:
    with Site(lambda _: reply(status)) as site, pytest.raises(FetchError) as caught:
        fetcher_for(site).get(site.url("/"), purpose="feed")
    assert (type(caught.value), caught.value.status) == (kind, status)
    assert caught.value.subject == site.url("/")
    assert "127.0.0.1" in caught.value.public_message
    assert caught.value.public_message.endswith(".")


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────

SMALL = Limits(feed_bytes=100_000, page_bytes=1000, image_bytes=500)
SHORT = replace(SMALL, whole_s=1.0, read_s=0.4)


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_its_limit_is_refused(announced: bool) -> None:
    body = b"x" * 100_001
    answer = reply(200, body, length=announced, headers=[] if announced else [("Connection", "close")])
    words = "announced" if announced else "more than 100000 bytes"
    with Site(lambda _: [answer]) as site, pytest.raises(BadReply, match=words):
        fetcher_for(site, limits=SMALL).get(site.url("/"), purpose="feed")


def test_a_body_at_its_limit_is_taken() -> None:
    with Site(lambda _: reply(200, b"x" * 100_000)) as site:
        assert len(fetcher_for(site, limits=SMALL).get(site.url("/"), purpose="feed").body) == 100_000


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate", "raw deflate"])
def test_compressed_bodies_are_unpacked(coding: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "deflate": zlib.compress(FEED),
        "raw deflate": raw.compress(FEED) + raw.flush(),
    }.get(coding, gzip.compress(FEED))
    answer = reply(200, packed, [("Content-Encoding", coding.removeprefix("raw "))])
    with Site(lambda _: answer) as site:
        assert fetcher_for(site).get(site.url("/"), purpose="feed").body == FEED


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_defused(coding: str) -> None:
    bomb = zlib.compressobj(9, wbits=31 if coding == "gzip" else 15)
    packed = b"".join(bomb.compress(b"\0" * (1 << 20)) for _ in range(64)) + bomb.flush()
    answer = reply(200, packed, [("Content-Encoding", coding)])
    with Site(lambda _: answer) as site, pytest.raises(BadReply, match="unpack to more than"):
        fetcher_for(site, limits=Limits(feed_bytes=1 << 30)).get(site.url("/"), purpose="feed")


@pytest.mark.parametrize(
    ("coding", "body", "kind"),
    [
        ("br", b"\x0b\x02\x80hello\x03", BadReply),
        ("gzip, gzip", gzip.compress(gzip.compress(FEED, mtime=0), mtime=0), BadReply),
        ("gzip", FEED, BadReply),
        ("gzip", gzip.compress(FEED, mtime=0)[:-9], Unreachable),
    ],
)
def test_a_body_that_is_not_packed_as_said_is_refused(
    coding: str, body: bytes, kind: type[FetchError]
) -> None:
    with Site(lambda _: reply(200, body, [("Content-Encoding", coding)])) as site, pytest.raises(kind):
        fetcher_for(site).get(site.url("/"), purpose="feed")


@pytest.mark.parametrize("drip", ["head", "body", "silence", "trailing"])
def test_no_answer_takes_longer_than_its_time(drip: str) -> None:
    def answer(_: Seen) -> Iterator[bytes]:
        if drip == "silence":
            time.sleep(1.0)
        yield b"HTTP/1.1 200 OK\r\n"
        for n in range(200 if drip == "head" else 0):
            time.sleep(0.05)
            yield f"X-{n}: 1\r\n".encode()
        yield b"Content-Length: 1000\r\n\r\n" if drip == "body" else b"Transfer-Encoding: chunked\r\n\r\n"
        for _ in range(200):
            time.sleep(0.05)
            yield b"x" if drip == "body" else b"1\r\nx\r\n"

    with Site(answer) as site:
        started_s = time.monotonic()
        with pytest.raises(Unreachable):
            fetcher_for(site, limits=SHORT).get(site.url("/"), purpose="feed")
        assert time.monotonic() - started_s < 4


@pytest.mark.parametrize(("status", "kind"), [(404, Gone), (304, None), (302, None)])
def test_a_status_counts_even_when_its_body_never_ends(status: int, kind: type[FetchError] | None) -> None:
    def answer(request: Seen) -> Iterator[bytes]:
        if request.target == "/end":
            yield reply(200, FEED)
            return
        yield f"HTTP/1.1 {status} Told\r\nLocation: /end\r\nContent-Length: 100\r\n\r\n".encode()
        time.sleep(8)

    with Site(answer) as site:
        started_s = time.monotonic()
        fetcher = fetcher_for(site)
        if kind is None:
            got = fetcher.get(site.url("/"), purpose="feed", validators=Validators('"a"'))
            assert got.status == (304 if status == 304 else 200)
        else:
            with pytest.raises(kind):
                fetcher.get(site.url("/"), purpose="feed")
        assert time.monotonic() - started_s < 4


def test_the_whole_time_counts_over_all_hops() -> None:
    def answer(request: Seen) -> Iterator[bytes]:
        time.sleep(0.3)
        yield reply(302, headers=[("Location", request.target + "x")])

    with Site(answer) as site, pytest.raises(Unreachable):
        fetcher_for(site, limits=SHORT).get(site.url("/"), purpose="feed")
    assert len(site.requests) <= 4


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-Long: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(40_000)) + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 40_000,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
    ids=lambda head: repr(head[:30]),
)
def test_an_answer_that_is_no_http_is_a_bad_reply(head: bytes) -> None:
    with Site(lambda _: head) as site, pytest.raises(BadReply):
        fetcher_for(site, limits=SMALL).get(site.url("/"), purpose="feed")


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 O",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ],
)
def test_an_answer_that_breaks_off_is_tried_again_later(start: bytes) -> None:
    with Site(lambda _: [start, b""]) as site:

        def answer(_: Seen) -> Iterator[bytes]:
            yield start
            raise OSError

        site.answer = answer
        with pytest.raises(Unreachable):
            fetcher_for(site, limits=SMALL).get(site.url("/"), purpose="feed")


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with Site(lambda _: b"") as site:
        pass
    with pytest.raises(Unreachable) as caught:
        fetcher_for(site).get(site.url("/"), purpose="feed")
    assert caught.value.status is None


def test_an_image_must_be_one() -> None:
    answers = {
        "/a.png": reply(200, b"png", [("Content-Type", "image/png")]),
        "/b.png": reply(200, b"<html>", [("Content-Type", "text/html")]),
        "/c.png": reply(200, b"x"),
        "/d.png": reply(200, b"x" * 501, [("Content-Type", "image/png")]),
    }
    with Site(pages(answers)) as site:
        fetcher = fetcher_for(site, limits=SMALL)
        assert fetcher.get(site.url("/a.png"), purpose="image").body == b"png"
        for path in ("/b.png", "/c.png", "/d.png"):
            with pytest.raises(BadReply):
                fetcher.get(site.url(path), purpose="image")


# ── connections ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_is_used_again_also_after_errors_and_not_modified() -> None:
    answers = {"/": reply(200, FEED), "/304": reply(304), "/moved": reply(301, b"moved", [("Location", "/")])}
    with Site(pages(answers)) as site:
        fetcher = fetcher_for(site)
        fetcher.get(site.url("/"), purpose="feed")
        fetcher.get(site.url("/304"), purpose="feed", validators=Validators('"a"'))
        fetcher.get(site.url("/moved"), purpose="feed")
        with pytest.raises(Gone):
            fetcher.get(site.url("/nothing"), purpose="feed")
        fetcher.get(site.url("/"), purpose="feed")
        assert (len(site.requests), site.connections) == (6, 1)


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_once() -> None:
    def answer(_: Seen) -> bytes:
        return b"" if len(site.requests) == 2 else reply(200, FEED)

    with Site(answer) as site:
        fetcher = fetcher_for(site)
        assert [fetcher.get(site.url("/"), purpose="feed").status for _ in range(2)] == [200, 200]
        assert (len(site.requests), site.connections) == (3, 2)


def test_a_fresh_connection_that_is_closed_is_not_asked_twice() -> None:
    with Site(lambda _: b"") as site:
        with pytest.raises(Unreachable):
            fetcher_for(site).get(site.url("/"), purpose="feed")
        assert len(site.requests) == 1


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_is_posted_and_kept_through_307() -> None:
    answers = {
        "/hub": reply(307, headers=[("Location", "/other")]),
        "/other": reply(202),
        "/old": reply(302, headers=[("Location", "/other")]),
    }
    with Site(pages(answers)) as site:
        fetcher = fetcher_for(site)
        assert fetcher.post(site.url("/hub"), {"hub.mode": "subscribe", "hub.topic": "a&b"}).status == 202
        assert [(seen.method, seen.target, seen.body) for seen in site.requests] == [
            ("POST", "/hub", b"hub.mode=subscribe&hub.topic=a%26b"),
            ("POST", "/other", b"hub.mode=subscribe&hub.topic=a%26b"),
        ]
        assert site.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
        with pytest.raises(BadReply):
            fetcher.post(site.url("/old"), {})


# ── odd names ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "spoken"),
    [
        ("xn--a.example", "xn--a.example"),
        ("xn--.example", "xn--.example"),
        ("xn--i-7iq.example", "xn--i-7iq.example"),
        ("xn--mnchen-3ya.example", "münchen.example"),
        ("MÜNCHEN.example", "münchen.example"),
        ("under_score.example", "under_score.example"),
        ("a..b.example", "a..b.example"),
    ],
)
def test_any_name_that_can_be_asked_is_asked(host: str, spoken: str) -> None:
    with Site(lambda request: reply(404 if request.target == "/404" else 200, FEED)) as site:
        keys = [f"{name}:{site.port}" for name in (host, "xn--mnchen-3ya.example")]
        fetcher = fetcher_for(*keys, resolve=lambda name, port: ["127.0.0.1"])
        assert fetcher.get(site.url("/", host=host), purpose="feed").body == FEED
        with pytest.raises(Gone) as caught:
            fetcher.get(site.url("/404", host=host), purpose="feed")
        assert caught.value.public_message.startswith(spoken + " ")


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.text(max_size=40).map("http://".__add__),
        st.text(alphabet="htps:/\\[]@%.xn--0a1é☃?#", max_size=40),
    )
)
def test_no_address_breaks_the_client(url: str) -> None:
    try:
        here = hops.web_address(url)
    except Refused:
        here = hops.web_address("http://news.example/a/")
        try:
            here = hops.next_hop(url, here, url.encode().decode("latin-1"))
        except (Refused, BadReply):
            return
    assert here.scheme in ("http", "https")
    assert re.fullmatch(r"([a-z0-9._-]+|\[[0-9a-f:.]+\]):[0-9]+", hops.host_key(here))
    assert hops.host_name(here)


HEADS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200\r\n",
        b"HTTP/1.1 302 Found\r\n",
        b"HTTP/1.1 304 Not\r\n",
        b"HTTP/2 200\r\n",
    ]
)
LINES = st.sampled_from(
    [
        b"Location: //[::1\r\n",
        b"Location: \xff\xfe://x\r\n",
        b"Location:\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: deflate\r\n",
        b"Content-Length: 20\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Cache-Control: max-age=\xb2\r\n",
        b"Expires: Mon, 99 \r\n",
        b"ETag: \xf0\x9f\r\n",
        b"Content-Type: \xff\r\n",
        b" folded\r\n",
        b":\r\n",
    ]
)


@pytest.fixture(scope="module")
def visited() -> Iterator[tuple[Site, HttpFetcher]]:
    """One site and one fetcher for many answers."""
    with Site(lambda _: b"") as site:
        yield site, fetcher_for(site)


@settings(deadline=None)
@given(
    head=HEADS,
    lines=st.lists(LINES, max_size=4),
    end=st.sampled_from([b"\r\n", b""]),
    body=st.binary(max_size=60),
)
def test_no_answer_breaks_the_client(
    visited: tuple[Site, HttpFetcher], head: bytes, lines: list[bytes], end: bytes, body: bytes
) -> None:
    def answer(_: Seen) -> Iterator[bytes]:
        yield head + b"".join(lines) + end + body
        raise OSError

    site, fetcher = visited
    site.answer = answer
    with suppress(FetchError):
        assert fetcher.get(site.url("/"), purpose="feed").status == 200
