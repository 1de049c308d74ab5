"""The search index kept up beside the requests: after an import no reader's search waits until all of it is taken in."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from tidings.errors import TidingsError

log = structlog.get_logger("tidings.web.indexing")

IDLE_S = 5.0  # between two looks at what changed; a search looks by itself
TROUBLE_S = 30.0  # until the next try when the index could not be written
STOP_S = 5.0  # a batch takes about a second


class Indexing:
    """A thread that calls `take_in` until it returns 0, and again every few seconds, from start() to stop()."""

    def __init__(self, take_in: Callable[[], int]) -> None:
        self._take_in = take_in
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name="indexing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the batch under way is done."""
        self._stop.set()
        self._thread.join(STOP_S)

    def _keep_up(self) -> None:
        while not self._stop.is_set():
            try:
                if not self._take_in():
                    self._stop.wait(IDLE_S)
            except TidingsError as error:
                log.warning("the search index waits", detail=error.detail or str(error))
                self._stop.wait(TROUBLE_S)
            except Exception:
                log.exception("indexing failed")
                self._stop.wait(TROUBLE_S)
