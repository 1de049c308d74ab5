"""The host ledger of one process: turns, silence asked for, and robots.txt, kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta

LONGEST_WAIT_S = 5.0
"""A turn further away is not reserved: the caller does something else meanwhile (ports.HostLedger)."""

_MAX_HOSTS = 20_000
_MAX_ROBOTS_BYTES = 32 << 20


class MemoryLedger:
    """Implements ports.HostLedger for one process; safe from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free_at: OrderedDict[str, datetime] = OrderedDict()
        self._robots: OrderedDict[str, tuple[datetime, int, bytes]] = OrderedDict()
        self._robots_bytes = 0

    def take_turn(self, host: str, *, now: datetime, spacing_s: float) -> float:
        with self._lock:
            slot = max(self._free_at.get(host, now), now)
            wait_s = (slot - now).total_seconds()
            if wait_s <= LONGEST_WAIT_S:
                self._free_at[host] = slot + timedelta(seconds=spacing_s)
                self._free_at.move_to_end(host)
                self._forget_free(now)
            return wait_s

    def leave_alone(self, host: str, *, until: datetime) -> None:
        with self._lock:
            self._free_at[host] = max(self._free_at.get(host, until), until)
            self._free_at.move_to_end(host)

    def robots(self, host: str) -> tuple[datetime, int, bytes] | None:
        with self._lock:
            return self._robots.get(host)

    def keep_robots(self, host: str, *, fetched_at: datetime, status: int, body: bytes) -> None:
        with self._lock:
            known = self._robots.pop(host, None)
            self._robots_bytes += len(body) - (len(known[2]) if known else 0)
            self._robots[host] = (fetched_at, status, body)
            while len(self._robots) > 1 and (
                self._robots_bytes > _MAX_ROBOTS_BYTES or len(self._robots) > _MAX_HOSTS
            ):
                _, (_, _, dropped) = self._robots.popitem(last=False)
                self._robots_bytes -= len(dropped)

    def _forget_free(self, now: datetime) -> None:
        """Drop the hosts used longest ago, but none that still waits for its time."""
        while len(self._free_at) > _MAX_HOSTS:
            host, free_at = next(iter(self._free_at.items()))
            if free_at > now:
                return
            del self._free_at[host]
