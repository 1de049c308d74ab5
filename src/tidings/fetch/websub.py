"""WebSub (W3C Recommendation of 23 January 2018), the subscriber's side: hubs that push, so that polls can be rare.

The order of events: find_hub in a polled feed → subscribe → the hub asks the callback whether we meant it (read_intent) →
it posts each change there (delivery_trust).  A hub's silence is never trusted: a subscribed feed is still polled every
BACKUP_POLL_S, and at its own pace again once the lease is over.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin, urlsplit

from tidings.errors import NotFound
from tidings.ports import Fetcher

LEASE_S = 10 * 86_400
"""What we ask for; hubs grant what they like."""

MIN_LEASE_S, MAX_LEASE_S = 3600, 30 * 86_400
RENEW_AHEAD = timedelta(days=1)
"""Longer than BACKUP_POLL_S, so that a visit falls into it; a lease shorter than this is renewed at every visit."""

BACKUP_POLL_S = 6 * 3600
"""News that a failed hub swallowed is half a day old at worst; four conditional requests a day are no burden."""

MAX_CHALLENGE_CHARS = 4096

Mode = Literal["subscribe", "unsubscribe"]
Trust = Literal["signed", "hint", "forged"]


@dataclass(frozen=True, slots=True)
class Hub:
    """Where to subscribe, and to what."""

    hub_url: str
    topic_url: str


@dataclass(frozen=True, slots=True)
class Subscription:
    """What we ask a hub for.  `callback_url` must be hard to guess (callback_token); `secret` at most 199 bytes."""

    hub: Hub
    callback_url: str
    secret: str = field(repr=False)
    lease_s: int = LEASE_S


@dataclass(frozen=True, slots=True)
class Intent:
    """A hub's question that deserves a yes: answer 200 with `challenge` as text/plain.

    mode "denied" is news rather than a question: the subscription will not come about, for `reason`.
    """

    mode: Literal["subscribe", "unsubscribe", "denied"]
    challenge: str = ""
    lease_s: int | None = None
    reason: str = ""


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def find_hub(
    final_url: str, headers: Mapping[str, str], *, hub_urls: Sequence[str] = (), self_url: str | None = None
) -> Hub | None:
    """Return the hub and topic of a feed, None without a hub.

    Link headers come before what the document says (§4); `hub_urls` and `self_url` are the document's.  Without a self
    link the topic is the address that answered.
    """
    links = link_targets(headers.get("link", ""), base_url=final_url)
    hubs = [url for url in (*links.get("hub", ()), *hub_urls) if _is_web_address(url)]
    if not hubs:
        return None
    topics = [url for url in (*links.get("self", ()), self_url or "") if _is_web_address(url)]
    return Hub(hubs[0], topics[0] if topics else final_url)


def link_targets(value: str, *, base_url: str) -> dict[str, list[str]]:
    """Return the targets of a Link header (RFC 8288 §3) by lower-case relation, resolved, in their order."""
    targets: dict[str, list[str]] = {}
    for link in _LINK.finditer(value[:_MAX_LINK_CHARS]):
        parameters = {
            name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(link["parameters"])
        }
        try:
            target = urljoin(base_url, link["target"].strip())
        except ValueError:
            continue
        for relation in parameters.get("rel", "").lower().split():
            targets.setdefault(relation, []).append(target)
    return targets


_MAX_LINK_CHARS = 16_384
_PARAMETER = re.compile(r';\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"([^"]*)"|([^\s";,]*))')
_LINK = re.compile(
    r'<(?P<target>[^<>]*)>(?P<parameters>(?:\s*;\s*[^\s=;,"<>]+(?:\s*=\s*(?:"[^"]*"|[^\s";,<>]*))?)*)'
)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def subscribe(fetcher: Fetcher, subscription: Subscription) -> None:
    """Ask the hub to subscribe us, or to renew; it answers later, at the callback.  Raises what Fetcher.post does."""
    fetcher.post(subscription.hub.hub_url, request_form(subscription, "subscribe"), purpose="hub")


def unsubscribe(fetcher: Fetcher, subscription: Subscription) -> None:
    """Ask the hub to stop.  Raises what Fetcher.post does."""
    fetcher.post(subscription.hub.hub_url, request_form(subscription, "unsubscribe"), purpose="hub")


def request_form(subscription: Subscription, mode: Mode) -> dict[str, str]:
    """Return the form of §5.1.  The secret goes only over https, as it asks; see delivery_trust for what that means."""
    form = {
        "hub.mode": mode,
        "hub.topic": subscription.hub.topic_url,
        "hub.callback": subscription.callback_url,
    }
    if mode == "subscribe":
        form["hub.lease_seconds"] = str(subscription.lease_s)
        if keeps_secret(subscription.hub.hub_url):
            form["hub.secret"] = subscription.secret
    return form


def keeps_secret(hub_url: str) -> bool:
    """Return whether a secret reaches the hub unread by others."""
    return hub_url.lower().startswith("https://")


def callback_token(instance_key: bytes, feed_id: int) -> str:
    """Return the last part of a feed's callback address: 32 hex digits that nobody without the key can guess."""
    return hmac.new(instance_key, b"websub callback %d" % feed_id, hashlib.sha256).hexdigest()[:32]


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_intent(params: Mapping[str, str], *, topic_url: str, wanted: Mode | None) -> Intent:
    """Return what a GET of the callback asks, when it is what we want (§5.3); lease_s is MIN_LEASE_S to MAX_LEASE_S.

    `topic_url` and `wanted` are what this callback was made for and last asked for.  Raises NotFound when the hub asks
    for another topic or for something we did not ask: answer 404.
    """
    mode = params.get("hub.mode", "")
    challenge = params.get("hub.challenge", "")
    if params.get("hub.topic", "") != topic_url:
        raise NotFound(
            topic_url, "This address takes deliveries for another feed.", detail="hub.topic differs"
        )
    if mode == "denied":
        return Intent("denied", reason=params.get("hub.reason", "")[:500])
    if mode != wanted or not 0 < len(challenge) <= MAX_CHALLENGE_CHARS:
        raise NotFound(topic_url, "Nothing of the kind was asked for.", detail=f"hub.mode {mode[:40]!r}")
    if mode == "unsubscribe":
        return Intent("unsubscribe", challenge)
    return Intent("subscribe", challenge, _lease_s(params.get("hub.lease_seconds", "")))


def _lease_s(text: str) -> int:
    granted = int(text[:12]) if re.fullmatch(r"[0-9]+", text) else LEASE_S
    return min(max(granted, MIN_LEASE_S), MAX_LEASE_S)


def delivery_trust(body: bytes, headers: Mapping[str, str], *, secret: str | None) -> Trust:
    """Return how far a delivery can be believed (§8); `headers` have lower-case names.

    "signed": by the hub that knows our secret; take the body as the feed's.  "hint": no secret was given to the hub, so
    poll the feed and take nothing from the body.  "forged": drop it, but answer 2xx as to any other, so that nobody
    learns by asking.
    """
    if secret is None:
        return "hint"
    method, _, signature = headers.get("x-hub-signature", "").strip().partition("=")
    if method.lower() not in _METHODS:
        return "forged"
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    is_genuine = hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace"))
    return "signed" if is_genuine else "forged"


_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


# ── the lease ────────────────────────────────────────────────────────────────────────────────────────────────────────


def is_live(lease_until: datetime | None, *, now: datetime) -> bool:
    """Return whether the hub has promised to deliver now; only then may polls be as rare as BACKUP_POLL_S."""
    return lease_until is not None and now < lease_until


def needs_renewal(lease_until: datetime | None, *, now: datetime) -> bool:
    """Return whether to ask the hub (again): there is no lease, or it ends within RENEW_AHEAD."""
    return lease_until is None or now >= lease_until - RENEW_AHEAD
