"""A worker that dies: `python -m tests.chaos.mortal HOME START LATER_S POINT COUNT VICTIM`.

Drains the queue of a data folder with a clock that stands LATER_S seconds after START.  Right after the COUNT-th commit of
POINT it kills with signal 9 either itself (VICTIM "worker") or the database ("database", after which it goes on).
POINT "none" never kills.
"""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tidings.app import Tidings, build, database
from tidings.config import load_settings
from tidings.store.server import EmbeddedServer
from tidings.worker import Worker


class Deadly:
    """A store that answers as the real one does, and kills after one commit."""

    def __init__(self, store: Any, point: str, count: int, kill: Any) -> None:
        self._store, self._point, self._left, self._kill = store, point, count, kill
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name != self._point:
            return method

        def then_kill(*arguments: Any, **options: Any) -> Any:
            answer = method(*arguments, **options)
            with self._lock:
                self._left -= 1
                if self._left == 0:
                    self._kill()
            return answer

        return then_kill


def main() -> None:
    home, start, later_s, point, count, victim = sys.argv[1:]
    settings = load_settings({"TIDINGS_HOME": home})
    now = datetime.fromisoformat(start) + timedelta(seconds=float(later_s))
    with database(settings) as db:

        def kill() -> None:
            if victim == "worker":
                os.kill(os.getpid(), signal.SIGKILL)
            pid = EmbeddedServer(Path(home)).pid()
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            db.revive()

        whole = build(settings, db.dsn, clock=lambda: now)
        store: Any = Deadly(whole.store, point, int(count), kill)
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


if __name__ == "__main__":
    main()
