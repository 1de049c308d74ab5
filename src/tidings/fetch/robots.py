"""robots.txt (RFC 9309): what a publisher asks of crawlers, read before pages are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from protego import Protego

AGENT = "Tidings"
"""The product token that a publisher's group names (RFC 9309 §2.2.1)."""

MAX_BYTES = 512 * 1024
"""How much is read: RFC 9309 §2.5 asks for at least 500 KiB."""

KEPT_FOR = timedelta(hours=24)
"""RFC 9309 §2.4."""

UNREACHABLE_KEPT_FOR = timedelta(minutes=10)
"""Short, because it may be our own network that failed."""

STALE_FOR = timedelta(days=30)
"""For so long an older copy still speaks for a host whose robots.txt cannot be reached (RFC 9309 §2.3.1.4)."""

CRAWL_DELAY_CAP_S = 60.0

Availability = Literal["read", "unavailable", "unreachable"]


def availability(status: int) -> Availability:
    """Return what a status means: 2xx read, 4xx no rules at all, everything else unreachable (RFC 9309 §2.3.1)."""
    if 200 <= status < 300:
        return "read"
    return "unavailable" if 400 <= status < 500 else "unreachable"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host's robots.txt says to us; `weight` is the length of its text in bytes."""

    availability: Availability
    weight: int
    _parsed: Protego | None

    def allow(self, url: str) -> bool:
        """Return whether a page may be fetched.  The longest matching rule decides, allow before disallow."""
        if self._parsed is not None:
            return self._parsed.can_fetch(url, AGENT)
        return self.availability == "unavailable"

    @property
    def crawl_delay_s(self) -> float | None:
        """Seconds between requests, at most CRAWL_DELAY_CAP_S; None when not asked for."""
        delay = self._parsed.crawl_delay(AGENT) if self._parsed is not None else None
        return None if delay is None else min(delay, CRAWL_DELAY_CAP_S)


def rules_of(status: int, body: bytes) -> Rules:
    """Return the rules of an answer; status 0 means that there was none.  A body cut at MAX_BYTES loses its last line."""
    kind = availability(status)
    if kind != "read":
        return Rules(kind, 0, None)
    if len(body) >= MAX_BYTES:
        body = body[:MAX_BYTES].rpartition(b"\n")[0]
    return Rules(kind, len(body), Protego.parse(body.decode("utf-8-sig", "replace")))


def kept_until(fetched_at: datetime, status: int) -> datetime:
    """Return when robots.txt is to be asked for again."""
    return fetched_at + (UNREACHABLE_KEPT_FOR if availability(status) == "unreachable" else KEPT_FOR)


def still_speaks(kept: tuple[datetime, int, bytes], now: datetime) -> bool:
    """Return whether an outdated copy counts while the host cannot tell its rules."""
    fetched_at, status, _ = kept
    return availability(status) != "unreachable" and now < fetched_at + STALE_FOR
