"""The sample press's WebSub hub, spoken to by a real subscriber."""

import contextlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_support import article, press_of

from sample.hub import is_loopback, with_query
from sample.server import Clock, running
from tests.conftest import free_row

START = datetime(2031, 11, 14, 12, 0, tzinfo=UTC)

ARTICLES = (
    article("pier-courier-1", "courier", "-1d"),
    article("pier-courier-2", "courier", "+1m"),
    article(
        "pier-meridian-1",
        "meridian",
        "-1d",
        more='[[revisions]]\nat = "+9m"\nchange = "minor"\nreplace = [["figure 17", "figure 18"]]',
    ),
    article("pier-meridian-2", "meridian", "+6m"),
)


class Subscriber:
    """A callback that keeps what it gets; `confirms` and `status` say how it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.confirms: Callable[[str], str] = lambda challenge: challenge
        self.statuses: list[int] = []
        subscriber = self

        class Callback(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                self.send_response(200)
                self.end_headers()
                self.wfile.write(subscriber.confirms(query.get("hub.challenge", "")).encode())
                subscriber.asked.append(query)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(subscriber.statuses.pop(0) if subscriber.statuses else 204)
                self.end_headers()
                subscriber.got.append(({k.lower(): v for k, v in self.headers.items()}, body))

            def log_message(self, *words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_row(1)), Callback)
        self.callback = f"http://127.0.0.1:{self.server.server_port}/hook?feed=7"


@contextlib.contextmanager
def listening() -> Iterator[Subscriber]:
    subscriber = Subscriber()
    thread = threading.Thread(target=subscriber.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield subscriber
    finally:
        subscriber.server.shutdown()
        subscriber.server.server_close()
        thread.join()


@pytest.fixture
def stand(tmp_path):
    """(subscriber, running press, clock, topic, ask)"""
    clock = Clock(START)
    with (
        listening() as subscriber,
        running(press_of(tmp_path, *ARTICLES), start=START, clock=clock, tick_s=0.02) as served,
    ):
        topic = served.feeds["meridian"]

        def ask(**form: str) -> httpx.Response:
            address, headers = served.direct(served.addresses["meridian"] + "/hub")
            whole = {"mode": "subscribe", "topic": topic, "callback": subscriber.callback, **form}
            fields = {f"hub.{name}": value for name, value in whole.items()}
            return httpx.post(address, data=fields, headers=headers, trust_env=False)

        yield subscriber, served, clock, topic, ask


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + 5
    while not what():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def test_the_feed_names_its_hub_and_itself_in_the_document_and_in_a_header(stand):
    _, served, _, topic, _ = stand
    address, headers = served.direct(topic)
    reply = httpx.get(address, headers=headers, trust_env=False)
    hub = served.addresses["meridian"] + "/hub"
    assert reply.headers["link"] == f'<{hub}>; rel="hub", <{topic}>; rel="self"'
    assert f'<atom:link rel="hub" href="{hub}"/>' in reply.text
    assert f'<atom:link rel="self" type="application/rss+xml" href="{topic}"/>' in reply.text


def test_a_subscription_is_verified_and_gets_each_new_article_and_revision_signed(stand):
    subscriber, served, clock, topic, ask = stand
    assert ask(secret="s3cret", lease_seconds="3600").status_code == 202
    wait_for(lambda: served.subscriptions)
    (question,) = subscriber.asked
    assert question.pop("hub.challenge")
    assert question == {
        "feed": "7",
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.lease_seconds": "3600",
    }
    (subscription,) = served.subscriptions
    assert subscription.lease_until == START + timedelta(hours=1)
    assert "s3cret" not in repr(subscription)

    clock.advance(minutes=5)  # something came out, but at another publisher
    time.sleep(0.1)
    assert subscriber.got == []
    clock.advance(minutes=1)
    wait_for(lambda: len(subscriber.got) == 1)
    clock.advance(minutes=3)
    wait_for(lambda: len(subscriber.got) == 2)

    address, headers = served.direct(topic)
    now = httpx.get(address, headers=headers, trust_env=False)
    got, body = subscriber.got[-1]
    assert body == now.content
    assert "figure 18" in body.decode()
    assert got["content-type"] == now.headers["content-type"]
    assert got["link"] == now.headers["link"]
    assert got["x-hub-signature"] == "sha256=" + hmac.new(b"s3cret", body, "sha256").hexdigest()
    assert got["host"] == urlsplit(subscriber.callback).netloc


def test_without_a_secret_a_delivery_is_not_signed(stand):
    subscriber, served, clock, _, ask = stand
    ask()
    wait_for(lambda: served.subscriptions)
    clock.advance(minutes=6)
    wait_for(lambda: subscriber.got)
    assert "x-hub-signature" not in subscriber.got[0][0]


def test_a_callback_that_does_not_echo_the_challenge_is_not_subscribed(stand):
    subscriber, served, _, _, ask = stand
    subscriber.confirms = lambda challenge: challenge + "x"
    assert ask().status_code == 202
    wait_for(lambda: subscriber.asked)
    time.sleep(0.05)
    assert served.subscriptions == []


def test_unsubscribing_is_verified_too(stand):
    subscriber, served, _, _, ask = stand
    ask()
    wait_for(lambda: served.subscriptions)
    subscriber.confirms = lambda challenge: "no"
    ask(mode="unsubscribe")
    wait_for(lambda: len(subscriber.asked) == 2)
    time.sleep(0.05)
    assert len(served.subscriptions) == 1
    subscriber.confirms = lambda challenge: challenge
    ask(mode="unsubscribe")
    wait_for(lambda: not served.subscriptions)
    assert "hub.lease_seconds" not in subscriber.asked[-1]


def test_a_lease_ends_by_the_clock_of_the_press(stand):
    subscriber, served, clock, _, ask = stand
    ask(lease_seconds="300")
    wait_for(lambda: served.subscriptions)
    clock.advance(minutes=6)
    wait_for(lambda: not served.subscriptions)
    assert subscriber.got == []


def test_subscribing_again_renews_the_lease(stand):
    _, served, clock, _, ask = stand
    ask(lease_seconds="300")
    wait_for(lambda: served.subscriptions)
    clock.advance(minutes=4)
    ask(lease_seconds="300")
    wait_for(lambda: served.subscriptions[0].lease_until == START + timedelta(minutes=9))
    assert len(served.subscriptions) == 1


def test_a_failed_delivery_is_tried_again_and_410_ends_the_subscription(stand):
    subscriber, served, clock, _, ask = stand
    ask()
    wait_for(lambda: served.subscriptions)
    subscriber.statuses = [500, 410]
    clock.advance(minutes=6)
    wait_for(lambda: not served.subscriptions)
    assert len(subscriber.got) == 2


def test_an_unknown_topic_is_denied_at_the_callback(stand):
    subscriber, served, _, topic, ask = stand
    ask(topic=topic + "x")
    wait_for(lambda: subscriber.asked)
    assert subscriber.asked == [
        {
            "feed": "7",
            "hub.mode": "denied",
            "hub.topic": topic + "x",
            "hub.reason": "this hub does not serve that topic",
        }
    ]
    assert served.subscriptions == []


@pytest.mark.parametrize(
    "form",
    [
        {"mode": "listen"},
        {"callback": "http://192.0.2.1/hook"},
        {"callback": "http://example.test/hook"},
        {"callback": "file:///etc/passwd"},
        {"callback": ""},
        {"secret": "x" * 200},
        {"lease_seconds": "soon"},
        {"lease_seconds": "-1"},
    ],
)
def test_what_a_hub_cannot_take_is_refused_at_once(stand, form):
    subscriber, served, _, _, ask = stand
    assert ask(**form).status_code == 400
    assert (served.subscriptions, subscriber.asked) == ([], [])


def test_leases_are_kept_within_bounds(stand):
    _, served, _, _, ask = stand
    ask(lease_seconds="1")
    wait_for(lambda: served.subscriptions)
    assert served.subscriptions[0].lease_until == START + timedelta(seconds=60)
    ask(lease_seconds="99999999999")
    wait_for(lambda: served.subscriptions[0].lease_until == START + timedelta(days=30))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/hook", True),
        ("http://127.8.9.1/", True),
        ("http://[::1]:80/", True),
        ("https://localhost/", True),
        ("http://tidings.localhost:8600/websub/1", True),
        ("http://localhost.example.test/", False),
        ("http://0.0.0.0/", False),
        ("http://10.0.0.1/", False),
        ("http://[::1/", False),
        ("ftp://127.0.0.1/", False),
        ("http://127.0.0.1:99999/", False),
        ("http://127.0.0.1/#x", False),
    ],
)
def test_only_callbacks_on_this_machine_are_called(url, here):
    assert is_loopback(url) is here


@given(st.text())
def test_any_callback_is_judged(url):
    assert is_loopback(url) in (True, False)


def test_a_callback_keeps_its_own_query():
    assert with_query("http://localhost/h?a=1", {"hub.mode": "x y"}) == "http://localhost/h?a=1&hub.mode=x+y"
    assert with_query("http://localhost/h", {"b": "2"}) == "http://localhost/h?b=2"
