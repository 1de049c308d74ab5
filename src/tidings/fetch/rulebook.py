"""The rules of every host in one place: parsed once, kept for a day, shared through the ledger, asked for by one thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from threading import Lock

import httpx

from tidings.errors import BadReply, FetchError, Refused, Throttled, Unreachable
from tidings.fetch import robots
from tidings.fetch.gate import Gate
from tidings.fetch.hops import host_key, host_name
from tidings.fetch.network import AddressRefused
from tidings.fetch.problems import EndlessRedirects, busy
from tidings.ports import HostLedger

_MAX_WEIGHT = 8 << 20  # bytes of robots.txt whose parsed rules are kept
_ENTRY_WEIGHT = 1024

Kept = tuple[datetime, int, bytes]
"""As in HostLedger: fetched when, status (0: no answer), text."""


class RuleBook:
    """Says whether a page may be fetched.  `fetch(url, host)` gets a robots.txt: its status and text, or a FetchError."""

    def __init__(
        self,
        *,
        ledger: HostLedger,
        clock: Callable[[], datetime],
        fetch: Callable[[str, httpx.URL], tuple[int, bytes]],
        wait_s: float,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._fetch = fetch
        self._wait_s = wait_s
        self._gate = Gate()
        self._lock = Lock()
        self._rules: OrderedDict[str, tuple[datetime, robots.Rules]] = OrderedDict()
        self._weight = 0

    def ask(self, url: str, here: httpx.URL) -> float:
        """Return the crawl delay in seconds that the host of `here` asks for, 0.0 without one; errors are about `url`.

        Raises Refused when the page may not be fetched, Unreachable when the rules cannot be had, Throttled when it is not
        the time.
        """
        rules = self._rules_for(url, here)
        if rules.availability == "unreachable":
            raise Unreachable(
                url,
                f"{host_name(here)} does not show its rules for automatic readers (robots.txt), so its pages are left alone. We"
                " ask again in a while.",
                detail="robots.txt unreachable",
            )
        if not rules.allow(str(here)):
            raise Refused(
                url,
                f"{host_name(here)} asks automatic readers not to fetch this page (robots.txt). We show what the feed itself"
                " says; read the rest at the publisher.",
                detail="disallowed by robots.txt",
            )
        return rules.crawl_delay_s or 0.0

    def _rules_for(self, url: str, here: httpx.URL) -> robots.Rules:
        host = host_key(here)
        if (rules := self._shelved(host)) is not None:
            return rules
        with self._gate.passed(host, at_once=1, wait_s=self._wait_s) as entered:
            if not entered:
                raise busy(url, here, self._wait_s)
            if (rules := self._shelved(host)) is not None:
                return rules
            now = self._clock()
            kept = self._ledger.robots(host)
            if kept is None or robots.kept_until(kept[0], kept[1]) <= now:
                kept = self._asked_anew(url, here, older=kept)
            fetched_at, status, body = kept
            rules, until = robots.rules_of(status, body), robots.kept_until(fetched_at, status)
            # An older copy that stands in is not asked about again with every page.
            self._shelve(host, rules, until=until if until > now else now + robots.UNREACHABLE_KEPT_FOR)
            return rules

    def _asked_anew(self, url: str, here: httpx.URL, *, older: Kept | None) -> Kept:
        """Return the host's answer now, or an older one that still speaks for a host that cannot be reached.

        Raises what keeps us from the host itself, once it is noted.
        """
        unanswered: FetchError | None = None
        try:
            status, body = self._fetch(url, here)
        except Throttled:
            raise
        except Refused as exc:
            if isinstance(exc.__cause__, AddressRefused) and exc.__cause__.host == here.raw_host.decode():
                raise
            status, body = 0, b""
        except EndlessRedirects:
            status, body = 404, b""  # RFC 9309 §2.3.1.2: may be taken for "unavailable"
        except BadReply:
            status, body = 0, b""
        except FetchError as exc:
            unanswered, status, body = exc, 0, b""
        if 300 <= status < 400:
            status = 404
        now = self._clock()
        if (
            robots.availability(status) == "unreachable"
            and older is not None
            and robots.still_speaks(older, now)
        ):
            return older
        self._ledger.keep_robots(host_key(here), fetched_at=now, status=status, body=body)
        if unanswered is not None:
            raise unanswered
        return now, status, body

    # ── the shelf: parsed rules, the least used dropped first when their texts weigh too much ────────────────────────

    def _shelved(self, host: str) -> robots.Rules | None:
        with self._lock:
            now = self._clock()
            until, rules = self._rules.get(host, (now, None))
            if rules is None or until <= now:
                return None
            self._rules.move_to_end(host)
            return rules

    def _shelve(self, host: str, rules: robots.Rules, *, until: datetime) -> None:
        with self._lock:
            if host in self._rules:
                self._weight -= self._rules.pop(host)[1].weight + _ENTRY_WEIGHT
            self._rules[host] = (until, rules)
            self._weight += rules.weight + _ENTRY_WEIGHT
            while self._weight > _MAX_WEIGHT and len(self._rules) > 1:
                self._weight -= self._rules.popitem(last=False)[1][1].weight + _ENTRY_WEIGHT
