"""How many requests may be under way to one host at once, within this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """A semaphore for each name, there only while somebody uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._semaphores: dict[str, tuple[threading.Semaphore, int]] = {}

    @contextmanager
    def passed(self, name: str, *, at_once: int, wait_s: float) -> Iterator[bool]:
        """Yield True once fewer than at_once others are inside, False when that took longer than wait_s seconds."""
        with self._lock:
            semaphore, users = self._semaphores.get(name) or (threading.Semaphore(at_once), 0)
            self._semaphores[name] = (semaphore, users + 1)
        entered = semaphore.acquire(timeout=wait_s)
        try:
            yield entered
        finally:
            if entered:
                semaphore.release()
            with self._lock:
                semaphore, users = self._semaphores[name]
                if users == 1:
                    del self._semaphores[name]
                else:
                    self._semaphores[name] = (semaphore, users - 1)
