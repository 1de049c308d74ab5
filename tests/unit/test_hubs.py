"""Hubs that push, as an instance meets them: what a signature is worth, and when polling is all there is again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.unit.test_worker import FEED, Desk, desk_of
from tidings.errors import NotFound
from tidings.fetch import websub
from tidings.store.postgres import PostgresStore
from tidings.web import create_app

SECRET = "s3cret"
HUB = "https://hub.example/"


@pytest.fixture
def desk(store: PostgresStore, tmp_path: Path) -> Desk:
    """A followed feed whose hub has promised to push."""
    desk = desk_of(store, tmp_path)
    desk.publish("a")
    desk.web.answers[FEED] = with_hub(desk.web.answers[FEED])
    desk.drain()
    assert (desk.feed().hub_url, desk.feed().topic_url) == (HUB, FEED)
    store.set_hub(
        desk.feed().id,
        hub_url=HUB,
        topic_url=FEED,
        secret=SECRET,
        lease_until=desk.clock() + timedelta(days=9),
    )
    return desk


def with_hub(rss: bytes) -> bytes:
    links = f"<atom:link rel='hub' href='{HUB}'/><atom:link rel='self' href='{FEED}'/>"
    return rss.replace(b"<channel>", f"<channel xmlns:atom='http://www.w3.org/2005/Atom'>{links}".encode())


def news() -> bytes:
    site = FEED.rpartition("/")[0]
    return (
        f"<rss version='2.0'><channel><title>Kurier</title><item><title>Report b</title><link>{site}/b</link>"
        "<guid>b</guid></item></channel></rss>"
    ).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def token(desk: Desk) -> str:
    return websub.callback_token(desk.tidings.secret_key.encode(), desk.feed().id)


def test_a_signed_delivery_is_news_at_once_and_asks_nobody(desk: Desk) -> None:
    asked = desk.web.times_asked(FEED)
    assert desk.tidings.hub_deliver(desk.feed().id, token(desk), signed(news()), news())
    assert (desk.feed().entry_count, desk.web.times_asked(FEED)) == (2, asked)
    assert (desk.feed().hub_url, desk.feed().hub_secret) == (HUB, SECRET)  # which the delivery did not name


def test_a_forged_delivery_is_answered_alike_and_changes_nothing(desk: Desk) -> None:
    before = desk.feed()
    for headers in ({}, signed(news(), "guessed"), signed(b"other"), {"x-hub-signature": "md5=00"}):
        assert desk.tidings.hub_deliver(before.id, token(desk), headers, news())
    assert desk.feed() == before


def test_polls_are_rare_while_the_hub_promised_and_at_the_usual_pace_afterwards(desk: Desk) -> None:
    before = desk.clock()
    desk.store.set_feed(desk.feed().id, next_poll_at=before)
    desk.drain()
    assert desk.feed().next_poll_at - before >= timedelta(seconds=websub.BACKUP_POLL_S)
    desk.store.set_hub(
        desk.feed().id, hub_url=HUB, topic_url=FEED, secret=SECRET, lease_until=before - timedelta(seconds=1)
    )
    desk.store.set_feed(desk.feed().id, next_poll_at=before)
    desk.drain()
    assert desk.feed().next_poll_at - before < timedelta(seconds=websub.BACKUP_POLL_S)


def test_a_feed_that_names_its_hub_no_more_is_polled_as_any_other(desk: Desk) -> None:
    desk.publish("a", "b")
    desk.store.set_feed(desk.feed().id, next_poll_at=desk.clock())
    desk.drain()
    feed = desk.feed()
    assert (feed.hub_url, feed.topic_url, feed.hub_secret, feed.hub_lease_until) == (None,) * 4


def test_the_hub_of_a_feed_that_is_not_followed_any_more_is_told_to_stop(desk: Desk) -> None:
    feed_id, ours = desk.feed().id, token(desk)
    desk.store.remove_feed(feed_id)
    with pytest.raises(NotFound):
        desk.tidings.hub_deliver(feed_id, ours, signed(news()), news())
    with TestClient(create_app(desk.tidings)) as site:
        assert site.post(f"/hub/{feed_id}/{ours}", content=news()).status_code == 410
        assert site.post(f"/hub/{feed_id}/{'0' * 32}", content=news()).status_code == 404


def test_a_lease_is_renewed_before_it_ends_and_polling_goes_on_when_the_hub_is_silent(
    store: PostgresStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(store, tmp_path, base_url="https://reader.example.org")
    desk.publish("a")
    desk.web.answers[FEED] = with_hub(desk.web.answers[FEED])
    desk.drain()
    asked: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(desk.web, "post", lambda url, form, purpose="hub": asked.append((url, form)))

    desk.tidings.renew_hubs()
    ((url, form),) = asked
    assert (url, form["hub.mode"], form["hub.topic"]) == (HUB, "subscribe", FEED)
    assert form["hub.callback"] == f"https://reader.example.org/hub/{desk.feed().id}/{token(desk)}"
    assert form["hub.secret"] == desk.feed().hub_secret
    # Its silence changes nothing: the feed is polled at its own pace, and the hub asked again in an hour.
    assert desk.feed().hub_lease_until is None
    desk.tidings.renew_hubs()
    assert len(asked) == 1
    desk.clock.advance(hours=1)
    desk.tidings.renew_hubs()
    assert len(asked) == 2

    intent = {
        "hub.mode": "subscribe",
        "hub.topic": FEED,
        "hub.challenge": "xyz",
        "hub.lease_seconds": "864000",
    }
    assert desk.tidings.hub_verify(desk.feed().id, token(desk), intent) == "xyz"
    assert desk.feed().hub_lease_until == desk.clock() + timedelta(days=10)
    desk.clock.advance(days=8.9)
    desk.tidings.renew_hubs()
    assert len(asked) == 2
    desk.clock.advance(days=0.2)
    desk.tidings.renew_hubs()
    assert (len(asked), asked[2][1]["hub.secret"]) == (3, form["hub.secret"])
    assert desk.tidings.hub_verify(desk.feed().id, token(desk), intent) == "xyz"
    assert desk.feed().hub_lease_until == desk.clock() + timedelta(days=10)


def test_a_hub_that_cannot_reach_us_is_not_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(desk.web, "post", lambda url, form, purpose="hub": asked.append(url))
    desk.clock.advance(days=30)
    desk.tidings.renew_hubs()
    assert asked == []
