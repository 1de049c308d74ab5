"""A WebSub hub (W3C Recommendation of 2018-01-23) for feeds of the sample press, subscribers on loopback only.

Subscriptions are verified with a challenge, live for a lease measured by the press's clock, and get the whole feed with
X-Hub-Signature (sha256) when it changes.  A callback that answers 410 is forgotten; other failures are tried again.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import httpx

log = logging.getLogger(__name__)

LEASE_S = 10 * 86_400  # the hub's own choice; what a subscriber asks for is kept within the two bounds
LEASE_LEAST_S, LEASE_MOST_S = 60, 30 * 86_400
SECRET_MOST_BYTES = 199  # "less than 200 bytes in length" (§5.1)
RETRY_AFTER_S = (0.2, 1.0, 4.0)
MOST_SUBSCRIPTIONS = 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A feed as the hub delivers it."""

    url: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Subscription:
    topic: str
    callback: str
    lease_until: datetime
    secret: str | None = field(default=None, repr=False)


class Hub:
    """Subscriptions and their deliveries.  `client` sends; `clock` says when leases end.  Used on one event loop."""

    def __init__(
        self,
        url: str,
        topics: Callable[[], Mapping[str, Topic]],
        *,
        clock: Callable[[], datetime],
        client: httpx.AsyncClient,
    ) -> None:
        self.url = url
        self.topics = topics
        self.clock = clock
        self.client = client
        self.subscriptions: dict[tuple[str, str], Subscription] = {}
        self._running: set[asyncio.Task[None]] = set()

    def request(self, form: Mapping[str, str]) -> tuple[int, str]:
        """Take a subscription request and return the answer's status and text; the challenge follows by itself (§5.3)."""
        mode, topic, callback = (form.get(f"hub.{name}", "") for name in ("mode", "topic", "callback"))
        secret = form.get("hub.secret") or None
        if mode not in ("subscribe", "unsubscribe"):
            return 400, "hub.mode must be subscribe or unsubscribe"
        if not is_loopback(callback):
            return 400, "hub.callback must be an http address on this machine"
        if secret and len(secret.encode()) > SECRET_MOST_BYTES:
            return 400, "hub.secret must be less than 200 bytes"
        asked = form.get("hub.lease_seconds") or str(LEASE_S)
        if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
            return 400, "hub.lease_seconds must be a number of seconds"
        if topic not in self.topics():
            self._start(self._deny(topic, callback, "this hub does not serve that topic"))
            return 202, "accepted"
        if len(self.subscriptions) >= MOST_SUBSCRIPTIONS and (topic, callback) not in self.subscriptions:
            return 503, "too many subscriptions"
        lease_s = min(max(int(asked), LEASE_LEAST_S), LEASE_MOST_S)
        self._start(self._verify(mode, topic, callback, secret, lease_s))
        return 202, "accepted"

    def publish(self, topic_url: str) -> None:
        """Send the topic, as it is now, to everybody whose lease has not ended."""
        topic = self.topics()[topic_url]
        now = self.clock()
        for key, one in list(self.subscriptions.items()):
            if one.lease_until <= now:
                del self.subscriptions[key]
            elif one.topic == topic_url:
                self._start(self._deliver(topic, one))

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _verify(self, mode: str, topic: str, callback: str, secret: str | None, lease_s: int) -> None:
        challenge = secrets.token_urlsafe(24)
        asked = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        if mode == "subscribe":
            asked["hub.lease_seconds"] = str(lease_s)
        try:
            reply = await self._send("GET", with_query(callback, asked))
        except httpx.HTTPError as exc:
            log.info("callback %s did not answer the challenge: %s", callback, exc)
            return
        if not (reply.is_success and hmac.compare_digest(reply.content, challenge.encode())):
            log.info("callback %s did not confirm %s", callback, mode)
            return
        if mode == "unsubscribe":
            self.subscriptions.pop((topic, callback), None)
        else:
            until = self.clock() + timedelta(seconds=lease_s)
            self.subscriptions[topic, callback] = Subscription(topic, callback, until, secret)

    async def _deny(self, topic: str, callback: str, reason: str) -> None:
        asked = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
        try:
            await self._send("GET", with_query(callback, asked))
        except httpx.HTTPError as exc:
            log.info("callback %s did not hear of the denial: %s", callback, exc)

    async def _deliver(self, topic: Topic, one: Subscription) -> None:
        headers = {
            "Content-Type": topic.media_type,
            "Link": f'<{self.url}>; rel="hub", <{topic.url}>; rel="self"',
        }
        if one.secret:
            headers["X-Hub-Signature"] = (
                "sha256=" + hmac.new(one.secret.encode(), topic.body, "sha256").hexdigest()
            )
        for wait_s in (0.0, *RETRY_AFTER_S):
            await asyncio.sleep(wait_s)
            try:
                reply = await self._send("POST", one.callback, content=topic.body, headers=headers)
            except httpx.HTTPError as exc:
                log.info("callback %s did not take the delivery: %s", one.callback, exc)
                continue
            if reply.status_code == 410:
                self.subscriptions.pop((one.topic, one.callback), None)
            if reply.is_success or reply.status_code == 410:
                return

    async def _send(
        self, method: str, url: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """NAME.localhost is spoken to at 127.0.0.1, since the system's resolver may not know it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host.endswith(".localhost"):
            netloc = "127.0.0.1" + (f":{parts.port}" if parts.port else "")
            url = parts._replace(netloc=netloc).geturl()
        request = self.client.build_request(method, url, content=content, headers=headers)
        request.headers["Host"] = parts.netloc.rpartition("@")[2]
        return await self.client.send(request)


def is_loopback(url: str) -> bool:
    """Return whether url is http(s) and names this machine: 127.0.0.0/8, ::1, localhost or NAME.localhost."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.fragment:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_query(url: str, values: Mapping[str, str]) -> str:
    """Return url with values after whatever query it has; the callback's own query must survive (§5.3)."""
    parts = urlsplit(url)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(values))))).geturl()
