"""WebSub, the subscriber's side, with a hub on loopback where it is asked something."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from fetch_support import Seen, Site, fetcher_for, reply
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.errors import NotFound, Throttled, Unreachable
from tidings.fetch import websub
from tidings.fetch.websub import Hub, Intent, Subscription

TOPIC = "https://news.example/feed.xml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUBSCRIBE = {
    "hub.mode": "subscribe",
    "hub.topic": TOPIC,
    "hub.challenge": "c41lenge<b>",
    "hub.lease_seconds": "432000",
}


def test_a_hub_is_found_in_the_link_header_before_the_document() -> None:
    link = f'<https://hub.example/>; rel="hub", <{TOPIC}>; rel=self; type="application/rss+xml"'
    found = websub.find_hub(
        "https://news.example/f",
        {"link": link},
        hub_urls=["https://other.example/"],
        self_url="https://x.example/",
    )
    assert found == Hub("https://hub.example/", TOPIC)


def test_a_hub_is_found_in_the_document_and_the_topic_is_its_self_link() -> None:
    assert websub.find_hub(TOPIC, {}, hub_urls=["https://hub.example/"], self_url=TOPIC + "?full") == Hub(
        "https://hub.example/", TOPIC + "?full"
    )


def test_without_a_self_link_the_topic_is_the_address_that_answered() -> None:
    assert websub.find_hub(TOPIC, {}, hub_urls=["https://hub.example/"]) == Hub("https://hub.example/", TOPIC)


@pytest.mark.parametrize("hub", ["javascript:alert(1)", "http://[::1", "mailto:a@b.example"])
def test_what_is_no_web_address_is_no_hub(hub: str) -> None:
    assert websub.find_hub(TOPIC, {"link": f'<{hub}>; rel="hub"'}, hub_urls=[hub]) is None


@pytest.mark.parametrize(
    ("value", "targets"),
    [
        ("", {}),
        ('</hub>; rel="hub"', {"hub": ["https://news.example/hub"]}),
        ('<a>; rel="HUB self"', {"hub": ["https://news.example/a"], "self": ["https://news.example/a"]}),
        ("<a>;rel=hub,<b>;rel=hub", {"hub": ["https://news.example/a", "https://news.example/b"]}),
        ('<a,b;c>; title="x, <y>; rel=self"; rel=hub', {"hub": ["https://news.example/a,b;c"]}),
        ('<a>; rel="hub', {}),
        ("<a>; rel", {}),
        ("a; rel=hub", {}),
    ],
)
def test_link_headers_are_read(value: str, targets: dict[str, list[str]]) -> None:
    assert websub.link_targets(value, base_url=TOPIC) == targets


@settings(deadline=None)
@given(st.text(alphabet='<>;,="= abcrelhubself\\\t', max_size=200))
def test_no_link_header_breaks_the_reading(value: str) -> None:
    for urls in websub.link_targets(value, base_url=TOPIC).values():
        assert all(isinstance(url, str) for url in urls)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_subscription_is_asked_for_without_the_secret_over_plain_http() -> None:
    with Site(lambda _: reply(202)) as site:
        hub = Hub(site.url("/hub"), TOPIC)
        websub.subscribe(fetcher_for(site), Subscription(hub, "https://me.example/cb/1", "s3cret"))
        assert parse_qs(site.requests[0].body.decode()) == {
            "hub.mode": ["subscribe"],
            "hub.topic": [TOPIC],
            "hub.callback": ["https://me.example/cb/1"],
            "hub.lease_seconds": ["864000"],
        }


def test_the_secret_goes_over_https_only() -> None:
    form = websub.request_form(
        Subscription(Hub("https://hub.example/", TOPIC), "https://me.example/cb/1", "s3cret", lease_s=60),
        "subscribe",
    )
    assert form == {
        "hub.mode": "subscribe",
        "hub.topic": TOPIC,
        "hub.callback": "https://me.example/cb/1",
        "hub.lease_seconds": "60",
        "hub.secret": "s3cret",
    }


def test_unsubscribing_names_topic_and_callback() -> None:
    with Site(lambda _: reply(204)) as site:
        hub = Hub(site.url("/hub"), TOPIC)
        websub.unsubscribe(fetcher_for(site), Subscription(hub, "https://me.example/cb/1", "s3cret"))
        assert parse_qs(site.requests[0].body.decode()) == {
            "hub.mode": ["unsubscribe"],
            "hub.topic": [TOPIC],
            "hub.callback": ["https://me.example/cb/1"],
        }


def test_a_hub_that_fails_raises_as_any_other_host() -> None:
    def answer(request: Seen) -> bytes:
        return reply(500) if request.target == "/broken" else reply(429, headers=[("Retry-After", "7")])

    with Site(answer) as site:
        fetcher = fetcher_for(site)
        with pytest.raises(Unreachable):
            websub.subscribe(
                fetcher, Subscription(Hub(site.url("/broken"), TOPIC), "https://me.example/", "s")
            )
        with pytest.raises(Throttled):
            websub.subscribe(fetcher, Subscription(Hub(site.url("/full"), TOPIC), "https://me.example/", "s"))


def test_callback_tokens_differ_by_feed_and_by_instance() -> None:
    tokens = {websub.callback_token(key, feed) for key in (b"a", b"b") for feed in (1, 2)}
    assert len(tokens) == 4
    assert {len(token) for token in tokens} == {32}


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_intent_that_is_ours_is_confirmed() -> None:
    assert websub.read_intent(SUBSCRIBE, topic_url=TOPIC, wanted="subscribe") == Intent(
        "subscribe", "c41lenge<b>", 432000
    )


def test_the_end_of_a_subscription_is_confirmed_when_wanted() -> None:
    params = {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.challenge": "x"}
    assert websub.read_intent(params, topic_url=TOPIC, wanted="unsubscribe") == Intent("unsubscribe", "x")


def test_a_denial_is_news() -> None:
    params = {"hub.mode": "denied", "hub.topic": TOPIC, "hub.reason": "not for you"}
    assert websub.read_intent(params, topic_url=TOPIC, wanted="subscribe") == Intent(
        "denied", reason="not for you"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": TOPIC + "/"},
        {"hub.topic": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "publish"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 4097},
    ],
)
def test_an_intent_that_is_not_ours_is_not_found(change: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        websub.read_intent({**SUBSCRIBE, **change}, topic_url=TOPIC, wanted="subscribe")


def test_nothing_is_confirmed_when_nothing_was_asked() -> None:
    with pytest.raises(NotFound):
        websub.read_intent(SUBSCRIBE, topic_url=TOPIC, wanted=None)


@pytest.mark.parametrize(
    ("granted", "lease_s"),
    [
        ("3600", 3600),
        ("1", 3600),
        ("0", 3600),
        ("", 864000),
        ("-5", 864000),
        ("soon", 864000),
        ("9" * 40, 2592000),
    ],
)
def test_a_lease_is_kept_within_reason(granted: str, lease_s: int) -> None:
    params = {**SUBSCRIBE, "hub.lease_seconds": granted}
    assert websub.read_intent(params, topic_url=TOPIC, wanted="subscribe").lease_s == lease_s


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_delivery_is_believed(method: str) -> None:
    signature = hmac.new(b"s3cret", b"<rss/>", getattr(hashlib, method)).hexdigest()
    for written in (f"{method}={signature}", f"{method.upper()}={signature.upper()}"):
        assert websub.delivery_trust(b"<rss/>", {"x-hub-signature": written}, secret="s3cret") == "signed"


@settings(deadline=None)
@given(body=st.binary(max_size=50), header=st.one_of(st.none(), st.text(max_size=80)))
def test_nothing_unsigned_is_believed(body: bytes, header: str | None) -> None:
    headers = {} if header is None else {"x-hub-signature": header}
    assert websub.delivery_trust(body, headers, secret="s3cret") == "forged"
    assert websub.delivery_trust(body, headers, secret=None) == "hint"


@pytest.mark.parametrize("method", ["md5", "sha224", "sha3_256", "", "sha256 "])
def test_a_signature_by_another_method_is_forged(method: str) -> None:
    signature = hmac.new(b"s3cret", b"<rss/>", hashlib.md5).hexdigest()
    assert (
        websub.delivery_trust(b"<rss/>", {"x-hub-signature": f"{method}={signature}"}, secret="s3cret")
        == "forged"
    )


def test_a_changed_body_is_forged() -> None:
    signature = hmac.new(b"s3cret", b"<rss/>", "sha256").hexdigest()
    headers = {"x-hub-signature": f"sha256={signature}"}
    assert websub.delivery_trust(b"<rss />", headers, secret="s3cret") == "forged"


# ── the lease ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("left", "live", "renew"),
    [
        (None, False, True),
        (timedelta(seconds=-1), False, True),
        (timedelta(0), False, True),
        (timedelta(hours=1), True, True),
        (timedelta(days=1), True, True),
        (timedelta(days=1, seconds=1), True, False),
    ],
)
def test_a_lease_is_renewed_a_day_before_its_end(left: timedelta | None, live: bool, renew: bool) -> None:
    until = None if left is None else NOW + left
    assert (websub.is_live(until, now=NOW), websub.needs_renewal(until, now=NOW)) == (live, renew)
