"""Addresses: one spelling each, and never an exception for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.urls import (
    canonical_url,
    host_port,
    is_http_url,
    is_same_origin,
    resolve,
    site_of,
    without_credentials,
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example:80/a/../b/./c?x=1#top", "http://news.example/b/c?x=1"),
        ("https://news.example:443", "https://news.example/"),
        ("https://news.example:8443/", "https://news.example:8443/"),
        ("https://news.example./a", "https://news.example/a"),
        ("https://münchen.example/süd?q=ä", "https://xn--mnchen-3ya.example/s%C3%BCd?q=%C3%A4"),
        ("https://news.example/%7euser/%c3%a9%2Fx", "https://news.example/~user/%C3%A9%2Fx"),
        ("https://news.example/100%", "https://news.example/100%25"),
        (
            "https://news.example/a?utm_source=rss&b=2&UTM_Medium=x&a=1&fbclid=z",
            "https://news.example/a?b=2&a=1",
        ),
        ("https://news.example/a?utm_source=rss", "https://news.example/a"),
        ("https://news.example/a?utm%5Fsource=rss&", "https://news.example/a"),
        ("https://news.example/a?b&a=&a=2", "https://news.example/a?b&a=&a=2"),
        ("https://user:secret@news.example/a", "https://news.example/a"),
        ("  https://news.example/a\n", "https://news.example/a"),
        ("https://news.example\\a", "https://news.example/a"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),  # as every client would read it
    ],
)
def test_an_address_has_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example/a",
        "mailto:desk@news.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://news.example/a",
        "http://",
        "http:///",
        "http://a..b/",
        "http://" + "a" * 64 + ".example/",
        "http://news.example:99999/",
        "http://exa mple/",
        "http://news.example/\ud800",
        "https://news.example/" + "a" * 9_000,
    ],
)
def test_what_is_no_web_address_is_none(url: str) -> None:
    assert canonical_url(url) is None
    assert not is_http_url(url)
    assert site_of(url) is None
    with pytest.raises(ValueError, match="not an http address"):
        host_port(url)


def test_a_relative_link_is_resolved_and_kept_whole() -> None:
    assert (
        resolve("https://news.example/a/b", "../c?utm_source=x#y") == "https://news.example/c?utm_source=x#y"
    )
    assert resolve("https://news.example/a", "//other.example/b") == "https://other.example/b"
    assert resolve(None, "b") is None
    assert resolve("https://news.example/a", "mailto:x@y.example") is None
    assert canonical_url("b?gclid=1", "https://news.example/a") == "https://news.example/b"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://news.example", "news.example:443"),
        ("http://News.example/", "news.example:80"),
        ("http://a.localhost:8101/x", "a.localhost:8101"),
        ("http://[::1]/", "[::1]:80"),
    ],
)
def test_a_host_is_named_with_its_port(url: str, key: str) -> None:
    assert host_port(url) == key


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.gazette.com/a", "gazette.com"),
        ("https://feeds.gazette.co.uk/rss.xml", "gazette.co.uk"),
        ("https://m.gazette.co.kr", "gazette.co.kr"),
        ("https://edition.gazette.com:8443/", "gazette.com"),
        ("https://harbour.substack.com/feed", "harbour.substack.com"),
        ("https://www.substack.com/", "substack.com"),
        ("https://harbour.blogspot.com/", "harbour.blogspot.com"),
        ("https://harbour.github.io/", "harbour.github.io"),
        ("http://ledger.localhost:8101/feed", "ledger.localhost:8101"),
        ("http://localhost:8101/feed", "localhost:8101"),
        ("http://localhost/feed", "localhost"),
        ("http://192.0.2.7:81/", "192.0.2.7:81"),
        ("http://[::1]:81/", "[::1]:81"),
        ("http://intranet/", "intranet"),
    ],
)
def test_a_publisher_is_known_by_its_registrable_domain(url: str, site: str) -> None:
    assert site_of(url) == site


def test_credentials_are_taken_out_of_an_address() -> None:
    assert without_credentials("https://ed:p%40ss@news.example/feed") == (
        "https://news.example/feed",
        ("ed", "p@ss"),
    )
    assert without_credentials("https://news.example/feed") == ("https://news.example/feed", None)


WORDS = "http:// https: // / .. . % %2 %2e %41 ? & = # @ : utm_a a.example xn-- [::1] 80 \\ \t é 한국 ％ 。 \u00ad"
PIECES = WORDS.split(" ")
urlish = st.one_of(
    st.text(max_size=60),
    st.builds("".join, st.lists(st.sampled_from(PIECES) | st.characters(), max_size=14)),
)


@given(urlish, st.none() | urlish)
def test_any_text_gives_an_address_or_none_and_twice_is_once(url: str, base: str | None) -> None:
    once = canonical_url(url, base)
    if once is not None:
        assert canonical_url(once) == once
        assert once.isascii()
        assert is_http_url(once)
        assert host_port(once)
        assert site_of(once)
    is_http_url(url)
    site_of(url)
    without_credentials(url)
    absolute = resolve(base, url)
    assert absolute is None or resolve(None, absolute) == absolute


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/feed", "https://A.example:443/x", True),
        ("https://a.example/feed", "http://a.example/x", False),
        ("https://a.example/feed", "https://b.example/x", False),
        ("http://a.example/feed", "http://a.example:8080/x", False),
        ("http://a.example/feed", None, False),
        ("http://a.example/feed", "urn:x", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(one: str, other: str | None, same: bool) -> None:
    assert is_same_origin(one, other) is same
