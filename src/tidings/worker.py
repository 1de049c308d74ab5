"""When things happen: claim due work, run its step, back off, stop cleanly.

One Worker is one process.  Feeds and pages are fetched by threads, one task each; descriptions and groups are made in
batches.  Any number of workers may run on one database: rows are leased with SKIP LOCKED, and only the worker that holds
the group lock places articles.  NOTIFY wakes a waiting loop; the poll every few seconds is the truth.

An expected error becomes data on its row.  An unexpected one is caught here and nowhere else: traceback, quarantine,
next one.  A batch that fails is halved until the one row that poisons it stands alone.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from rich.progress import Progress

from tidings.app import Tidings
from tidings.errors import AIError, Conflict, StoreBusy, TidingsError
from tidings.model import EntryToRead, Feed, Step, Work
from tidings.pipeline import Grouper, problem_of, retry_at

log = structlog.get_logger("tidings.worker")

UPKEEP_EVERY = timedelta(seconds=20)
IDLE_S = 2.0  # how long a loop with nothing to do waits for a NOTIFY before it looks again
STEPS: tuple[Step, ...] = ("read", "describe", "group")


@dataclass(frozen=True, slots=True)
class Pace:
    """Batch sizes and leases.  A lease must outlast its batch, and is how long a killed worker's rows stand still."""

    describe_batch: int = 32
    group_batch: int = 200
    feed_lease_s: float = 180.0
    read_lease_s: float = 180.0
    describe_lease_s: float = 300.0
    group_lease_s: float = 120.0


class Worker:
    """The loops of one process; run() returns when `stop` is set and every step under way has ended."""

    def __init__(
        self,
        tidings: Tidings,
        *,
        owner: str,
        stop: threading.Event,
        pace: Pace = Pace(),
    ) -> None:
        self._tidings = tidings
        self._store = tidings.store
        self._pipeline = tidings.pipeline
        self._owner = owner
        self._stop = stop
        self._pace = pace
        self._wake = {name: threading.Event() for name in ("feeds", *STEPS)}

    def run(self) -> None:
        loops: dict[str, Callable[[], None]] = {
            "feeds": self._poll_feeds,
            "read": self._read_entries,
            "describe": self._describe_articles,
            "group": self._group_articles,
            "listen": self._listen,
        }
        threads = [
            threading.Thread(target=self._guard, args=(name, loop), name=name, daemon=True)
            for name, loop in loops.items()
        ]
        for thread in threads:
            thread.start()
        self._stop.wait()
        for wake in self._wake.values():
            wake.set()
        for thread in threads:
            if thread.name != "listen":
                thread.join()

    def drain(self) -> None:
        """Run every due step in this thread until nothing is left to do (tests, evals, one-off commands)."""
        grouper: Grouper | None = None
        now = self._pipeline.clock
        while True:
            feeds = self._store.claim_feeds(now=now(), limit=64, lease_s=self._pace.feed_lease_s)
            with ThreadPoolExecutor(self._tidings.settings.fetch_threads) as pool:
                list(pool.map(self._poll, feeds))
                reads = self._store.claim("read", now=now(), limit=256, lease_s=self._pace.read_lease_s)
                list(pool.map(self._read, self._store.entries_to_read(reads)))
            described = self._store.claim(
                "describe", now=now(), limit=self._pace.describe_batch, lease_s=self._pace.describe_lease_s
            )
            self._run_batch(described, self._pipeline.describe)
            grouped: list[Work] = []
            if not (feeds or reads or described):
                grouped = self._store.claim(
                    "group", now=now(), limit=self._pace.group_batch, lease_s=self._pace.group_lease_s
                )
                if grouped:
                    grouper = grouper or self._tidings.grouper(self._owner)
                    self._run_batch(grouped, grouper.group)
            if not (feeds or reads or described or grouped):
                return

    # ── the loops ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _poll_feeds(self) -> None:
        self._keep_busy(
            "feeds",
            lambda limit: self._store.claim_feeds(
                now=self._pipeline.clock(), limit=limit, lease_s=self._pace.feed_lease_s
            ),
            self._poll,
        )

    def _read_entries(self) -> None:
        self._keep_busy(
            "read",
            lambda limit: self._store.entries_to_read(
                self._store.claim(
                    "read", now=self._pipeline.clock(), limit=limit, lease_s=self._pace.read_lease_s
                )
            ),
            self._read,
        )

    def _describe_articles(self) -> None:
        while not self._stop.is_set():
            claimed = self._store.claim(
                "describe",
                now=self._pipeline.clock(),
                limit=self._pace.describe_batch,
                lease_s=self._pace.describe_lease_s,
            )
            if claimed:
                self._run_batch(claimed, self._pipeline.describe)
            else:
                self._idle("describe")

    def _group_articles(self) -> None:
        while not self._stop.is_set():
            with self._store.sole_writer() as leading:
                if leading:
                    self._group_while_leading()
            self._stop.wait(IDLE_S)

    def _group_while_leading(self) -> None:
        grouper = self._tidings.grouper(self._owner)
        log.info("placing articles", epoch=grouper.epoch)
        upkeep_due_at = self._pipeline.clock()
        while not self._stop.is_set():
            if (
                self._pipeline.clock() >= upkeep_due_at
            ):  # asked here, by the one leader, so that hubs hear us once
                self._tidings.renew_hubs()
                self._tidings.forget_old_pages()
                upkeep_due_at = self._pipeline.clock() + UPKEEP_EVERY
            claimed = self._store.claim(
                "group",
                now=self._pipeline.clock(),
                limit=self._pace.group_batch,
                lease_s=self._pace.group_lease_s,
            )
            if not claimed:
                self._idle("group")
                continue
            try:
                grouper.group(claimed)
            except Conflict:
                log.warning("another worker places articles now", epoch=grouper.epoch)
                return
            except Exception:
                # The window may be ahead of the database: rebuild it, then find the row that fails.
                log.exception("grouping failed", rows=len(claimed))
                self._run_batch(claimed, lambda rows: self._tidings.grouper(self._owner).group(rows))
                return

    def _listen(self) -> None:
        for kind, payload in self._store.events(stop=self._stop):
            if kind == "queue":
                for name in (payload,) if payload in self._wake else tuple(self._wake):
                    self._wake[name].set()

    # ── one piece of work ────────────────────────────────────────────────────────────────────────────────────────────
    def _poll(self, feed: Feed) -> None:
        try:
            news = self._pipeline.poll(feed)
            if news:
                log.info("polled", feed=feed.url, new=news)
        except Exception:
            log.exception("polling failed", feed=feed.url)

    def _read(self, entry: EntryToRead) -> None:
        now = self._pipeline.clock()
        try:
            self._pipeline.read(entry)
        except TidingsError as error:
            self._set_back(entry.work, error, now=now)
        except Exception as error:
            log.exception("reading failed", entry=entry.entry_id, url=entry.entry.url)
            self._quarantine(entry.work, error, now=now)

    def reread(self, entry: EntryToRead) -> None:
        """Make one article again from its kept page; what fails goes back to quarantine."""
        try:
            self._pipeline.reread(entry)
        except TidingsError as error:
            self._quarantine(entry.work, error, now=self._pipeline.clock())
        except Exception as error:
            log.exception("reading failed", entry=entry.entry_id, url=entry.entry.url)
            self._quarantine(entry.work, error, now=self._pipeline.clock())

    def _run_batch(self, rows: Sequence[Work], act: Callable[[Sequence[Work]], Any]) -> None:
        if not rows:
            return
        now = self._pipeline.clock()
        try:
            act(rows)
        except (StoreBusy, AIError) as error:
            self._store.postpone(rows, until=retry_at(error, attempts=1, now=now), problem=problem_of(error))
        except Exception as error:
            if len(rows) == 1:
                log.exception("step failed", step=rows[0].step, subject=rows[0].subject_id)
                self._quarantine(rows[0], error, now=now)
                return
            middle = len(rows) // 2
            self._run_batch(rows[:middle], act)
            self._run_batch(rows[middle:], act)

    def _set_back(self, work: Work, error: TidingsError, *, now: datetime) -> None:
        if error.retry == "later":
            until = retry_at(error, attempts=work.attempts + 1, now=now)
            self._store.postpone([work], until=until, problem=problem_of(error))
        else:
            self._quarantine(work, error, now=now)

    def _quarantine(self, work: Work, error: BaseException, *, now: datetime) -> None:
        made_by = self._pipeline.extractor.made_by if work.step == "read" else work.step
        self._store.quarantine(work, problem=problem_of(error), made_by=made_by, now=now)

    # ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def _keep_busy(
        self, name: str, claim: Callable[[int], Sequence[Any]], act: Callable[[Any], None]
    ) -> None:
        """Keep fetch_threads threads at work on whatever is due, until stopped; then let them finish."""
        threads = self._tidings.settings.fetch_threads
        under_way: set[Future[None]] = set()
        with ThreadPoolExecutor(threads, thread_name_prefix=name) as pool:
            while not self._stop.is_set():
                free = 2 * threads - len(under_way)
                claimed = claim(free) if free >= threads or not under_way else ()
                under_way |= {pool.submit(act, one) for one in claimed}
                if under_way:
                    under_way = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)[1]
                elif not claimed:
                    self._idle(name)

    def _idle(self, name: str) -> None:
        self._wake[name].wait(IDLE_S)
        self._wake[name].clear()

    def _guard(self, name: str, loop: Callable[[], None]) -> None:
        """Run a loop again when it fails as a whole, as it does while the database restarts."""
        while not self._stop.is_set():
            try:
                loop()
            except StoreBusy as error:
                log.warning("waiting for the database", loop=name, detail=error.detail)
                self._stop.wait(IDLE_S)
            except Exception:
                log.exception("loop failed", loop=name)
                with contextlib.suppress(Exception):
                    self._stop.wait(IDLE_S)


def rebuild(tidings: Tidings, step: str, *, progress: Progress) -> int:
    """Make derived values again (`tidings redo`): "extract" from the kept pages at once, later steps by the queue.

    Returns how many were made or queued.
    """
    now = tidings.clock()
    made_by = {"extract": tidings.pipeline.extractor.made_by}.get(step)
    if step == "describe" or step == "group":
        return tidings.store.redo("describe" if step == "describe" else "group", made_by=None, now=now)
    tidings.store.release(step="read", now=now)
    queued = tidings.store.redo("read", made_by=made_by, now=now)
    worker = Worker(tidings, owner="redo", stop=threading.Event())
    task = progress.add_task("Reading kept pages", total=queued)
    while rows := tidings.store.claim("read", now=now, limit=64, lease_s=300.0):
        for entry in tidings.store.entries_to_read(rows):
            worker.reread(entry)
        progress.advance(task, len(rows))
    return queued
