"""robots.txt: what is asked, when, and what each answer means (RFC 9309)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from fetch_support import START, Clock, Site, fetcher_for, pages, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.errors import Refused, Throttled, Unreachable
from tidings.fetch import Limits, MemoryLedger, OwnHost
from tidings.fetch.robots import MAX_BYTES, rules_of

PAGE = reply(200, b"<html>", [("Content-Type", "text/html")])


def allowed(text: str, path: str) -> bool:
    return rules_of(200, text.encode()).allow(f"https://news.example{path}")


@pytest.mark.parametrize(
    ("text", "path", "may"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow: /a", "/abc", False),
        ("User-agent: *\nDisallow: /a", "/A", True),
        # the longest match wins, and allow wins over disallow of equal length (§2.2.2)
        ("User-agent: *\nDisallow: /news\nAllow: /news/open", "/news/open/1", True),
        ("User-agent: *\nAllow: /news\nDisallow: /news/closed", "/news/closed/1", False),
        ("User-agent: *\nDisallow: /page\nAllow: /page", "/page", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a/b.pdf?x", True),
        ("User-agent: *\nDisallow: /a/*/print", "/a/1/2/print", False),
        ("User-agent: *\nDisallow: /*?print", "/a?print=1", False),
        ("User-agent: *\nDisallow: /größe", "/gr%C3%B6%C3%9Fe/1", False),
        ("User-agent: *\nDisallow: /gr%c3%b6%c3%9fe", "/gr%C3%B6%C3%9Fe/1", False),
        # our own group alone counts when there is one (§2.2.1)
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tidings\nDisallow: /x", "/a", True),
        ("User-agent: tidings\nUser-agent: other\nDisallow: /x\n\nUser-agent: *\nAllow: /", "/x", False),
        ("User-agent: TIDINGS\nDisallow: /x\n\nUser-agent: Tidings\nDisallow: /y", "/y", False),
        ("User-agent: TidingsBot\nDisallow: /", "/a", True),
        ("User-agent: OtherBot\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /a # not this\r\n", "/a", False),
        ("<html><body>Not found</body></html>", "/a", True),
        ("Disallow: /a", "/a", True),
    ],
)
def test_rules_are_read_as_the_standard_says(text: str, path: str, may: bool) -> None:
    assert allowed(text, path) is may


def test_half_a_mebibyte_is_read_and_the_broken_last_line_left_out() -> None:
    line = b"Disallow: /closed-%06d\n"
    text = b"User-agent: *\n" + b"".join(line % n for n in range(40_000))
    body = text[:MAX_BYTES]
    rules = rules_of(200, body)
    last = (MAX_BYTES - len(b"User-agent: *\n")) // len(line % 0) - 1
    assert not rules.allow(f"https://news.example/closed-{last:06d}")
    assert rules.allow(f"https://news.example/closed-{last + 1:06d}")
    assert last * len(line % 0) > 500 * 1024


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_no_bytes_break_the_reading(body: bytes, path: str) -> None:
    rules = rules_of(200, b"User-agent: *\nDisallow: " + body)
    assert rules.allow("https://news.example/" + path) in (True, False)
    assert rules.crawl_delay_s is None or 0 <= rules.crawl_delay_s <= 60


@pytest.mark.parametrize(
    ("asked", "kept"), [("2.5", 2.5), ("600", 60.0), ("-1", None), ("inf", None), ("x", None)]
)
def test_a_crawl_delay_is_kept_up_to_a_cap(asked: str, kept: float | None) -> None:
    assert rules_of(200, f"User-agent: *\nCrawl-delay: {asked}\n".encode()).crawl_delay_s == kept


# ── asked before pages, and before nothing else ──────────────────────────────────────────────────────────────────────


def site_with(robots: bytes) -> Site:
    return Site(
        pages(
            {
                "/robots.txt": robots,
                "/": PAGE,
                "/a": PAGE,
                "/b": PAGE,
                "/x": reply(302, headers=[("Location", "/a")]),
            }
        )
    )


def test_a_page_waits_for_the_rules_and_a_feed_does_not() -> None:
    with site_with(reply(200, b"User-agent: *\nDisallow: /a")) as site:
        fetcher = fetcher_for(site)
        fetcher.get(site.url("/a"), purpose="feed")
        fetcher.get(site.url("/a"), purpose="discovery")
        assert site.targets == ["/a", "/a"]
        with pytest.raises(Refused, match="robots"):
            fetcher.get(site.url("/a"), purpose="page")
        fetcher.get(site.url("/b"), purpose="page")
        assert site.targets == ["/a", "/a", "/robots.txt", "/b"]
        assert site.requests[2].headers["user-agent"] == "Tidings/0.1 (+https://reader.example/bot)"


def test_rules_hold_on_every_hop() -> None:
    with site_with(reply(200, b"User-agent: *\nDisallow: /a")) as site:
        with pytest.raises(Refused, match="robots"):
            fetcher_for(site).get(site.url("/x"), purpose="page")
        assert site.targets == ["/robots.txt", "/x"]


def test_rules_of_another_host_hold_on_a_hop_to_it() -> None:
    with site_with(reply(200, b"User-agent: *\nDisallow: /a")) as there:
        answers = {"/": reply(302, headers=[("Location", there.url("/a"))])}
        with Site(pages(answers)) as site:
            with pytest.raises(Refused, match="robots"):
                fetcher_for(site, there).get(site.url("/"), purpose="page")
            assert there.targets == ["/robots.txt"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_rules_mean_that_all_is_allowed(status: int) -> None:
    with site_with(reply(status)) as site:
        assert fetcher_for(site).get(site.url("/a"), purpose="page").status == 200


@pytest.mark.parametrize("status", [500, 502, 504, 599])
def test_a_host_that_cannot_tell_its_rules_is_left_alone_for_a_while(status: int) -> None:
    clock = Clock()
    with site_with(reply(status)) as site:
        fetcher = fetcher_for(site, clock=clock)
        for minutes in (0, 9):
            clock.now = START + timedelta(minutes=minutes)
            with pytest.raises(Unreachable) as caught:
                fetcher.get(site.url("/a"), purpose="page")
            assert caught.value.retry == "later"
        assert site.targets == ["/robots.txt"]
        site.answer = pages({"/a": PAGE})
        clock.now = START + timedelta(minutes=10)
        assert fetcher.get(site.url("/a"), purpose="page").status == 200


def test_a_host_that_does_not_answer_is_left_alone() -> None:
    ledger = MemoryLedger()
    with site_with(b"") as site:
        fetcher = fetcher_for(site, ledger=ledger)
        for reason in ("broke off", "does not show its rules"):
            with pytest.raises(Unreachable) as caught:
                fetcher.get(site.url("/a"), purpose="page")
            assert caught.value.subject == site.url("/a")
            assert reason in caught.value.public_message
        assert (site.targets, ledger.robots(site.key)) == (["/robots.txt"], (START, 0, b""))


def test_a_busy_host_throttles_its_pages() -> None:
    ledger = MemoryLedger()
    with site_with(reply(429, headers=[("Retry-After", "77")])) as site:
        with pytest.raises(Throttled) as caught:
            fetcher_for(site, ledger=ledger).get(site.url("/a"), purpose="page")
        assert (caught.value.subject, caught.value.retry_after_s) == (site.url("/a"), 77.0)
        assert (site.targets, ledger.robots(site.key)) == (["/robots.txt"], None)


def test_five_redirects_are_followed_also_to_another_host() -> None:
    with Site(pages({"/5": reply(200, b"User-agent: *\nDisallow: /a")})) as there:
        answers = {f"/{n}": reply(302, headers=[("Location", f"/{n + 1}")]) for n in range(1, 4)}
        answers |= {
            "/robots.txt": reply(301, headers=[("Location", "/1")]),
            "/4": reply(301, headers=[("Location", there.url("/5"))]),
            "/a": PAGE,
        }
        with Site(pages(answers)) as site, pytest.raises(Refused, match="robots"):
            fetcher_for(site, there).get(site.url("/a"), purpose="page")


@pytest.mark.parametrize("there", ["/robots.txt", "/1"])
def test_more_redirects_or_a_circle_mean_no_rules(there: str) -> None:
    answers = {f"/{n}": reply(302, headers=[("Location", f"/{n + 1}")]) for n in range(1, 9)}
    answers |= {"/robots.txt": reply(301, headers=[("Location", there)]), "/a": PAGE}
    with Site(pages(answers)) as site:
        assert fetcher_for(site).get(site.url("/a"), purpose="page").status == 200


def test_rules_behind_a_private_address_are_rules_that_cannot_be_read() -> None:
    with Site(
        pages({"/robots.txt": reply(302, headers=[("Location", "http://127.0.0.2:1/")]), "/a": PAGE})
    ) as site:
        with pytest.raises(Unreachable):
            fetcher_for(site).get(site.url("/a"), purpose="page")
        assert site.targets == ["/robots.txt"]


def test_a_huge_file_is_read_to_half_a_mebibyte_and_no_error() -> None:
    body = b"User-agent: *\nDisallow: /a\n" + b"# long\n" * 300_000
    with site_with(reply(200, body)) as site:
        fetcher = fetcher_for(site, limits=Limits(page_bytes=1000))
        with pytest.raises(Refused, match="robots"):
            fetcher.get(site.url("/a"), purpose="page")
        assert fetcher.get(site.url("/b"), purpose="page").status == 200


# ── kept ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_are_kept_for_a_day_and_shared_through_the_ledger() -> None:
    clock, ledger = Clock(), MemoryLedger()
    with site_with(reply(200, b"User-agent: *\nDisallow: /closed")) as site:
        fetcher_for(site, clock=clock, ledger=ledger).get(site.url("/a"), purpose="page")
        assert ledger.robots(site.key) == (START, 200, b"User-agent: *\nDisallow: /closed")
        clock.now = START + timedelta(hours=23, minutes=59)
        other_process = fetcher_for(site, clock=clock, ledger=ledger)
        other_process.get(site.url("/b"), purpose="page")
        assert site.targets == ["/robots.txt", "/a", "/b"]
        clock.now = START + timedelta(hours=24)
        other_process.get(site.url("/b"), purpose="page")
        assert site.targets == ["/robots.txt", "/a", "/b", "/robots.txt", "/b"]


def test_older_rules_speak_for_a_host_that_cannot_tell_them_now() -> None:
    clock, ledger = Clock(), MemoryLedger()
    with site_with(reply(200, b"User-agent: *\nDisallow: /a")) as site:
        fetcher = fetcher_for(site, clock=clock, ledger=ledger)
        fetcher.get(site.url("/b"), purpose="page")
        site.answer = pages({"/robots.txt": reply(500), "/a": PAGE, "/b": PAGE})
        clock.now = START + timedelta(days=2)
        fetcher.get(site.url("/b"), purpose="page")
        with pytest.raises(Refused):
            fetcher.get(site.url("/a"), purpose="page")
        assert site.targets == ["/robots.txt", "/b", "/robots.txt", "/b"]
        clock.now = START + timedelta(days=31)
        with pytest.raises(Unreachable):
            fetcher.get(site.url("/b"), purpose="page")


def test_the_rules_of_one_host_are_asked_for_once_by_many_threads() -> None:
    with site_with(reply(200, b"User-agent: *\nDisallow: /closed")) as site:
        fetcher = fetcher_for(site, own=OwnHost(0.0, at_once=8))
        threads = [
            threading.Thread(target=lambda: fetcher.get(site.url("/a"), purpose="page")) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(site.targets) == ["/a"] * 8 + ["/robots.txt"]


def test_a_crawl_delay_spaces_the_pages_of_a_stranger() -> None:
    clock, ledger = Clock(), MemoryLedger()
    ledger.keep_robots(
        "news.example:80", fetched_at=START, status=200, body=b"User-agent: *\nCrawl-delay: 20"
    )
    fetcher = fetcher_for(clock=clock, ledger=ledger, resolve=lambda *_: ["127.0.0.1"])
    with pytest.raises(Refused):
        fetcher.get("http://news.example/", purpose="page")
    with pytest.raises(Throttled) as caught:
        fetcher.get("http://news.example/", purpose="page")
    assert caught.value.retry_after_s == 20.0


def test_a_crawl_delay_does_not_slow_the_operators_own_host() -> None:
    clock = Clock()
    with site_with(reply(200, b"User-agent: *\nCrawl-delay: 20")) as site:
        fetcher = fetcher_for(site, clock=clock)
        for path in ("/a", "/b"):
            fetcher.get(site.url(path), purpose="page")
        assert clock.slept == []


def test_many_large_files_do_not_fill_the_memory() -> None:
    clock, ledger = Clock(), MemoryLedger()
    fetcher = fetcher_for(clock=clock, ledger=ledger, resolve=lambda *_: ["127.0.0.1"])
    body = b"# " + b"x" * 400_000
    for n in range(30):
        ledger.keep_robots(f"h{n}.example:80", fetched_at=START, status=200, body=body)
        with pytest.raises(Refused):
            fetcher.get(f"http://h{n}.example/", purpose="page")
    assert fetcher._rules._weight <= 8 << 20
    assert len(fetcher._rules._rules) == 20
