"""Sessions, form tokens, origins and the throttle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from tidings.web import guard
from tidings.web.guard import Sessions, Throttle, is_from_this_machine, is_same_site, safe_next

KEY = "an instance's own key"


def request(*, client: str = "127.0.0.1", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw, "client": (client, 5)})


# ── sessions and forms ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_session_lasts_until_the_password_changes() -> None:
    sessions = Sessions(KEY)
    cookie = sessions.cookie("hash of the first")
    assert sessions.read(cookie, lambda: "hash of the first") is not None
    assert sessions.read(cookie, lambda: "hash of the second") is None
    assert sessions.read(cookie, lambda: None) is None


def test_a_session_of_another_instance_is_none() -> None:
    cookie = Sessions("another key").cookie("hash")
    assert Sessions(KEY).read(cookie, lambda: "hash") is None


@given(st.text(max_size=200))
def test_no_invented_cookie_is_a_session(cookie: str) -> None:
    assert Sessions(KEY).read(cookie, lambda: "hash") is None
    assert Sessions(KEY).read_words(cookie) == ""


def test_form_tokens_differ_each_time_and_hold_for_their_session_only() -> None:
    sessions = Sessions(KEY)
    first, second = sessions.form_token("one"), sessions.form_token("one")
    assert first != second
    assert sessions.is_form_token(first, "one")
    assert sessions.is_form_token(second, "one")
    assert not sessions.is_form_token(first, "two")


@given(st.text(max_size=200))
def test_no_invented_form_token_holds(token: str) -> None:
    assert not Sessions(KEY).is_form_token(token, "one")


def test_a_message_for_the_next_page_is_ours_or_none() -> None:
    sessions = Sessions(KEY)
    assert sessions.read_words(sessions.signed_words("Done.")) == "Done."
    assert sessions.read_words(Sessions("another key").signed_words("Send money.")) == ""


# ── where a request comes from ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"host": "news.example", "origin": "http://news.example"}, True),
        ({"host": "127.0.0.1:8600", "origin": "https://tidings.example"}, True),
        ({"host": "news.example", "origin": "http://evil.example"}, False),
        ({"host": "news.example", "origin": "http://news.example.evil.example"}, False),
        ({"host": "news.example", "origin": "null"}, False),
        ({"host": "news.example", "sec_fetch_site": "same-origin"}, True),
        ({"host": "news.example", "sec_fetch_site": "cross-site"}, False),
        ({"host": "news.example"}, False),
    ],
)
def test_a_form_counts_only_from_our_own_pages(headers: dict[str, str], is_ours: bool) -> None:
    assert is_same_site(request(**headers), "https://tidings.example") is is_ours


@pytest.mark.parametrize(
    ("client", "host", "is_here"),
    [
        ("127.0.0.1", "localhost:8600", True),
        ("127.0.0.1", "127.0.0.1:8600", True),
        ("::1", "[::1]:8600", True),
        ("127.0.0.1", "tidings.localhost", True),
        ("127.0.0.1", "evil.example:8600", False),
        ("192.0.2.7", "localhost:8600", False),
        ("testclient", "localhost", False),
    ],
)
def test_only_a_browser_on_the_machine_itself_may_set_up(client: str, host: str, is_here: bool) -> None:
    assert is_from_this_machine(request(client=client, host=host)) is is_here


@pytest.mark.parametrize("header", ["forwarded", "via", "x_real_ip", "x_forwarded_for", "x_forwarded_host"])
def test_what_a_web_server_passes_on_is_not_from_this_machine(header: str) -> None:
    assert not is_from_this_machine(request(host="127.0.0.1:8600", **{header: "127.0.0.1"}))


def test_a_request_in_the_http_of_an_nginx_that_was_told_nothing_is_not_from_this_machine() -> None:
    passed_on = request(host="127.0.0.1:8600")
    passed_on.scope["http_version"] = "1.0"
    assert not is_from_this_machine(passed_on)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "",
        None,
        "/a\r\nSet-Cookie: b",
        "/a\tb",
        "x",
    ],
)
def test_the_way_back_never_leaves_the_site(path: str | None) -> None:
    assert safe_next(path) == "/"


def test_the_way_back_keeps_a_path_of_ours() -> None:
    assert safe_next("/search?q=a%20b&after=x") == "/search?q=a%20b&after=x"


# ── the throttle ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_wrong_passwords_make_the_wait_longer_and_a_right_one_ends_it() -> None:
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    waits = []
    for _ in range(8):
        throttle.failed("192.0.2.1")
        waits.append(throttle.wait_s("192.0.2.1"))
        now[0] += waits[-1]
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8]
    assert throttle.wait_s("192.0.2.1") == 0
    for _ in range(30):
        throttle.failed("192.0.2.1")
    assert throttle.wait_s("192.0.2.1") == 900
    assert throttle.wait_s("192.0.2.2") == 0
    throttle.succeeded("192.0.2.1")
    assert throttle.wait_s("192.0.2.1") == 0


def test_an_ipv6_network_is_one_guesser() -> None:
    throttle = Throttle(clock=lambda: 0.0)
    for host in range(6):
        throttle.failed(f"2001:db8:1:2::{host}")
    assert throttle.wait_s("2001:db8:1:2:ffff::9") > 0
    assert throttle.wait_s("2001:db8:1:3::1") == 0


def test_the_cookie_names_are_told_apart() -> None:
    names = {guard.SESSION_COOKIE, guard.FORM_COOKIE, guard.THEME_COOKIE, guard.SAID_COOKIE}
    assert len(names) == 4


def test_passwords_are_tried_two_at_a_time_and_a_third_is_asked_to_come_again() -> None:
    turn = Throttle().turn
    with turn("192.0.2.1") as first, turn("192.0.2.2") as second, turn("192.0.2.3") as third:
        assert (first, second) == (0, 0)
        assert third > 0
    with turn("192.0.2.3") as third:
        assert third == 0
