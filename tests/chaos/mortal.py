"""A worker that dies.

Drains the queue of a data folder.  Right after the `count`-th commit of `point` it kills with signal 9 either itself (`victim`
"worker") or the database ("database", after which it goes on).  `point` "none" never kills.
"""

import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tidings.app import Tidings, build, database
from tidings.config import load_settings
from tidings.embed import UsemEmbedder, english_embedder
from tidings.store.server import EmbeddedServer
from tidings.worker import Worker

EMBEDDER = UsemEmbedder()  # of the process that workers are forked from, so that it is loaded once
# Left in the data folder: that somebody was killed, and by who got to the end, how often each method of the store was called.
KILLED, CALLS = "killed", "calls.json"


class Deadly:
    """A store that answers as the real one does, counts what it is asked, and kills after one commit."""

    def __init__(self, store: Any, point: str, count: int, kill: Callable[[], None]) -> None:
        self._store, self._point, self._count, self._kill = store, point, count, kill
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if not callable(method):
            return method

        def then_kill(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            with self._lock:
                self.calls[name] += 1
                if name == self._point and self.calls[name] == self._count:
                    self._kill()
            return answer

        return then_kill


def work(home: Path, now: datetime, point: str, count: int, victim: str) -> None:
    """Drain the queue of a data folder by a clock that stands at `now`."""
    settings = load_settings({"TIDINGS_HOME": str(home)})
    with database(settings) as db:

        def kill() -> None:
            (home / KILLED).touch()
            if victim == "worker":
                os.kill(os.getpid(), signal.SIGKILL)
            pid = EmbeddedServer(home).pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            db.revive()

        whole = build(settings, db.dsn, clock=lambda: now, embedder=EMBEDDER, english=english_embedder())
        store: Any = Deadly(whole.store, point, count, kill)
        mortal = Tidings(
            settings,
            store=store,
            fetcher=whole.fetcher,
            embedder=whole.embedder,
            english=whole.english,
            clock=whole.clock,
        )
        Worker(mortal, owner=f"mortal-{os.getpid()}", stop=threading.Event()).drain()
        whole.close()
    (home / CALLS).write_text(json.dumps(store.calls))
