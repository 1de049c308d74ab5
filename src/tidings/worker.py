"""When things happen: claim due work, run its step, back off, stop cleanly.

One Worker is one process.  Feeds and pages are fetched by threads, one task each; descriptions and groups are made in
batches.  Any number of workers may run on one database: rows are leased with SKIP LOCKED, and only the worker that holds
the group lock places articles.  NOTIFY wakes a waiting loop; the poll every few seconds is the truth.

An expected error becomes data on its row.  An unexpected one is caught here and nowhere else: traceback, quarantine,
next one.  A batch that fails is halved until the one row that poisons it stands alone; a row under which the whole process
died more than once is taken up alone, and set aside when that goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from rich.progress import Progress

from tidings.app import Tidings
from tidings.errors import AIError, Conflict, StoreBusy, TidingsError
from tidings.model import EntryToRead, Feed, Problem, Step, Work
from tidings.pipeline import Grouper, is_own_spacing, problem_of, retry_at
from tidings.urls import host_port

log = structlog.get_logger("tidings.worker")

UPKEEP_S = 20.0
FORGET_S = (
    3600.0  # between two looks for pages that are kept long enough; while there are some, a batch each time
)
IDLE_S = 2.0  # how long a loop with nothing to do waits for a NOTIFY before it looks again
LINK_PAUSES = 4.0  # how much longer than linking some stories the pause after it is
STANDBY_S = 5.0  # how often a worker that does not place articles tries to become the one that does
GRACE_S = 10.0  # how long what is under way may take to end once stopped; then its rows are handed back
NEAR_TURN = timedelta(seconds=2)  # a host's turn that is worth waiting for in a thread
SUSPECT_AFTER = 3  # leases that ran out, after which a row is taken up alone
ABANDON_AFTER = 6  # leases that ran out, after which it is set aside
STEPS: tuple[Step, ...] = ("read", "describe", "group")
ABANDONED = Problem(
    code="unexpected",
    message="Every process that took this up died before it was done. The log may say more; please report it.",
)

T = TypeVar("T")


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
    """The loops of one process; run() returns when `stop` is set and every step under way has ended or was handed back."""

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
        self._grace_s = GRACE_S
        self._left_behind = False  # whether a task was still running when its loop had to end
        self._turns = Turns()
        self._leads = threading.Event()
        self._wake = {name: threading.Event() for name in ("feeds", *STEPS)}

    def run(self, *, grace_s: float = GRACE_S) -> bool:
        """Work until stopped; False when something was still under way grace_s seconds later, its rows handed back."""
        loops: dict[str, Callable[[], None]] = {
            "feeds": self._poll_feeds,
            "read": self._read_entries,
            "describe": self._describe_articles,
            "group": self._group_articles,
            "link": self._link_stories,
            "upkeep": self._keep_up,
            "listen": self._listen,
        }
        threads = [
            threading.Thread(target=self._guard, args=(name, loop), name=name, daemon=True)
            for name, loop in loops.items()
        ]
        self._grace_s = grace_s
        for thread in threads:
            thread.start()
        self._stop.wait()
        deadline = time.monotonic() + grace_s + 2.0
        for wake in self._wake.values():
            wake.set()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads) and not self._left_behind

    def drain(self, *, steps: Collection[str] = ("poll", *STEPS)) -> None:
        """Run every due step of these in this thread until nothing is left to do (tests, evals, one-off commands)."""
        grouper: Grouper | None = None
        with ThreadPoolExecutor(self._tidings.settings.fetch_threads) as pool:
            while True:
                feeds = self._due_feeds(64) if "poll" in steps else []
                list(pool.map(self._poll, feeds))
                reads = self._due_entries(256) if "read" in steps else []
                list(pool.map(self._read, reads))
                described = self._due("describe") if "describe" in steps else ()
                self._run_batch(described, self._pipeline.describe)
                if feeds or reads or described:
                    continue
                grouped = self._due("group") if "group" in steps else ()
                if not grouped:
                    break
                grouper = self._placed(grouper or self._tidings.grouper(self._owner), grouped)
        if "group" in steps and self._store.waiting_corrections():
            self._corrected(grouper or self._tidings.grouper(self._owner))
        while "group" in steps and self._pipeline.link():
            pass

    # ── the loops ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _poll_feeds(self) -> None:
        self._keep_busy("feeds", claim=self._due_feeds, act=self._poll, hand_back=self._hand_back_feeds)

    def _read_entries(self) -> None:
        self._keep_busy("read", claim=self._due_entries, act=self._read, hand_back=self._hand_back_entries)

    def _describe_articles(self) -> None:
        while not self._stop.is_set():
            claimed = self._due("describe")
            if claimed:
                self._run_batch(claimed, self._pipeline.describe)
            else:
                self._idle("describe")

    def _group_articles(self) -> None:
        while not self._stop.is_set():
            with self._store.sole_writer() as leading:
                if leading:
                    with _set_within(self._leads):
                        self._group_while_leading()
            self._stop.wait(STANDBY_S)

    def _group_while_leading(self) -> None:
        grouper: Grouper | None = self._tidings.grouper(self._owner)
        log.info("placing articles", epoch=grouper.epoch if grouper else None)
        while grouper and not self._stop.is_set():
            grouper = self._corrected(grouper)
            claimed = self._due("group") if grouper else ()
            if grouper and claimed:
                grouper = self._placed(grouper, claimed)
            elif grouper:
                self._idle("group")

    def _link_stories(self) -> None:
        """Behind the placing and beside it, in the process that does it: for a fifth of the time, so that placing goes on."""
        while not self._stop.is_set():
            began = time.monotonic()
            linked = self._pipeline.link() if self._leads.wait(IDLE_S) else 0
            self._stop.wait(LINK_PAUSES * (time.monotonic() - began) if linked else IDLE_S)

    def _keep_up(self) -> None:
        """What one process of an instance does now and then: the one that places articles, so that hubs hear us once."""
        forget_at = 0.0
        while not self._stop.is_set():
            if self._leads.wait(IDLE_S):
                self._tidings.renew_hubs()
                if time.monotonic() >= forget_at and not self._tidings.forget_old_pages():
                    forget_at = time.monotonic() + FORGET_S
                self._stop.wait(UPKEEP_S)

    def _listen(self) -> None:
        for kind, payload in self._store.events(stop=self._stop):
            if kind == "queue":
                for name in (payload,) if payload in self._wake else tuple(self._wake):
                    self._wake[name].set()

    # ── what is due ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _due_feeds(self, limit: int) -> list[Feed]:
        return self._store.claim_feeds(
            now=self._pipeline.clock(), limit=limit, lease_s=self._pace.feed_lease_s
        )

    def _due_entries(self, limit: int) -> list[EntryToRead]:
        """Entries whose host has its turn soon; the others are due again at their turn, so that no thread waits for one."""
        now = self._pipeline.clock()
        while claimed := self._store.claim("read", now=now, limit=limit, lease_s=self._pace.read_lease_s):
            entries: list[EntryToRead] = []
            for entry in self._store.entries_to_read(self._without_suspects(claimed)):
                host = _host(entry)
                turn = self._turns.take(entry.work.id, host, spacing_s=self._tidings.spacing_s(host), now=now)
                if turn > now + NEAR_TURN:
                    self._store.postpone([entry.work], until=turn)
                else:
                    entries.append(entry)
            if entries:
                return entries
        return []

    def _due(self, step: Step) -> Sequence[Work]:
        sizes = {
            "describe": (self._pace.describe_batch, self._pace.describe_lease_s),
            "group": (self._pace.group_batch, self._pace.group_lease_s),
        }
        limit, lease_s = sizes[step]
        while claimed := self._store.claim(step, now=self._pipeline.clock(), limit=limit, lease_s=lease_s):
            if chosen := self._without_suspects(claimed):
                return chosen
        return ()

    def _without_suspects(self, claimed: Sequence[Work]) -> Sequence[Work]:
        """Return the rows to take up now: all of them, or one alone that processes may have died of.

        A page that crashes a parser takes the process with it, and whatever else was leased then counts a death too: taken
        alone, the innocent ones get done, and the other one is set aside.
        """
        suspects = [row for row in claimed if row.died >= SUSPECT_AFTER]
        if not suspects:
            return claimed
        suspect, now = suspects[0], self._pipeline.clock()
        self._store.postpone([row for row in claimed if row is not suspect], until=now)
        if suspect.died < ABANDON_AFTER:
            return [suspect]
        log.error("set aside: processes died of it", step=suspect.step, subject=suspect.subject_id)
        self._set_aside(suspect, ABANDONED, now=now)
        return ()

    # ── one piece of work ────────────────────────────────────────────────────────────────────────────────────────────
    def _poll(self, feed: Feed) -> None:
        try:
            news = self._pipeline.poll(feed)
            if news:
                log.info("polled", feed=feed.url, new=news)
        except StoreBusy as error:
            log.warning("a visit was not recorded", feed=feed.url, detail=error.detail)
        except Exception as error:
            log.exception("polling failed", feed=feed.url)
            with _logged("a failed visit was not recorded"):
                self._pipeline.poll_failed(feed, error)

    def _read(self, entry: EntryToRead) -> None:
        now = self._pipeline.clock()
        with _logged("a failed reading was not recorded"):
            try:
                self._pipeline.read(entry)
            except TidingsError as error:
                if not is_own_spacing(error):
                    why = {"code": problem_of(error).code, "retry": error.retry, "detail": error.detail}
                    log.info("a page was not read", entry=entry.entry_id, url=entry.entry.url, **why)
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

    def _placed(self, grouper: Grouper, rows: Sequence[Work]) -> Grouper | None:
        """Place a batch; returns the grouper to go on with, None when a new one is needed."""
        try:
            grouper.group(rows)
            return grouper
        except Conflict as error:
            log.warning("stories were written by another", epoch=grouper.epoch, detail=error.detail)
            self._store.postpone(rows, until=self._pipeline.clock())
        except StoreBusy:
            raise
        except Exception:
            # The window may be ahead of the database: rebuild it, then find the row that fails.
            log.exception("grouping failed", rows=len(rows))
            self._run_batch(rows, lambda some: self._tidings.grouper(self._owner).group(some))
        return None

    def _corrected(self, grouper: Grouper) -> Grouper | None:
        """Do what editors asked for; returns the grouper to go on with, None when a new one is needed."""
        for correction in self._store.waiting_corrections():
            try:
                grouper.correct(correction)
            except Conflict as error:
                log.warning("stories were written by another", epoch=grouper.epoch, detail=error.detail)
                return None
            except StoreBusy:
                raise
            except Exception as error:  # it must not keep the articles behind it waiting for ever
                log.exception("a correction failed", correction=correction.id)
                self._tidings.grouper(self._owner).refuse(correction, problem_of(error).message)
                return None
        return grouper

    def _run_batch(self, rows: Sequence[Work], act: Callable[[Sequence[Work]], Any]) -> None:
        if not rows:
            return
        now = self._pipeline.clock()
        try:
            act(rows)
        except (StoreBusy, AIError) as error:
            log.warning("a batch waits", step=rows[0].step, rows=len(rows), reason=error.detail or str(error))
            self._store.postpone(rows, until=retry_at(error, attempts=1, now=now))
        except Conflict:
            self._store.postpone(rows, until=now)
        except Exception as error:
            if len(rows) == 1:
                log.exception("step failed", step=rows[0].step, subject=rows[0].subject_id)
                self._quarantine(rows[0], error, now=now)
                return
            middle = len(rows) // 2
            self._run_batch(rows[:middle], act)
            self._run_batch(rows[middle:], act)

    def _set_back(self, work: Work, error: TidingsError, *, now: datetime) -> None:
        if error.retry != "later":
            self._quarantine(work, error, now=now)
            return
        until = retry_at(error, attempts=work.attempts + 1, now=now)
        failed = not isinstance(error, StoreBusy) and not is_own_spacing(error)
        self._store.postpone([work], until=until, problem=problem_of(error) if failed else None)

    def _quarantine(self, work: Work, error: BaseException, *, now: datetime) -> None:
        self._set_aside(work, problem_of(error), now=now)

    def _set_aside(self, work: Work, problem: Problem, *, now: datetime) -> None:
        made_by = self._pipeline.extractor.made_by if work.step == "read" else work.step
        self._store.quarantine(work, problem=problem, made_by=made_by, now=now)

    # ── waiting and ending ───────────────────────────────────────────────────────────────────────────────────────────
    def _keep_busy(
        self,
        name: str,
        *,
        claim: Callable[[int], Sequence[T]],
        act: Callable[[T], None],
        hand_back: Callable[[Sequence[T]], None],
    ) -> None:
        """Keep fetch_threads threads at work on whatever is due, until stopped; then let them finish for a while."""
        threads = self._tidings.settings.fetch_threads
        under_way: dict[Future[None], T] = {}
        pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        try:
            while not self._stop.is_set():
                free = 2 * threads - len(under_way)
                claimed = claim(free) if free >= threads or not under_way else ()
                under_way |= {pool.submit(act, one): one for one in claimed}
                if under_way:
                    for ended in wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED).done:
                        del under_way[ended]
                elif not claimed:
                    self._idle(name)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            running = [future for future in under_way if not future.cancelled()]
            unfinished = wait(running, timeout=self._grace_s).not_done
            self._left_behind = self._left_behind or bool(unfinished)
            left = [one for future, one in under_way.items() if future.cancelled() or future in unfinished]
            if left:
                with suppress(StoreBusy):  # their leases run out
                    hand_back(left)

    def _hand_back_feeds(self, feeds: Sequence[Feed]) -> None:
        for feed in feeds:
            self._store.set_feed(feed.id, next_poll_at=feed.next_poll_at)

    def _hand_back_entries(self, entries: Sequence[EntryToRead]) -> None:
        self._store.postpone([entry.work for entry in entries], until=self._pipeline.clock())

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
                self._stop.wait(IDLE_S)


class Turns:
    """When this process next reads from each host, so that pages of one slow host do not occupy every thread.

    The fetcher keeps the spacing, for all workers together; this only spreads the work so that it seldom has to.
    """

    def __init__(self) -> None:
        self._next: dict[str, datetime] = {}
        self._promised: dict[int, datetime] = {}

    def take(self, work_id: int, host: str, *, spacing_s: float, now: datetime) -> datetime:
        """Return when a row's turn is; one that was promised a turn before has it when it comes back."""
        promised = self._promised.pop(work_id, None)
        if promised is not None and promised <= now:
            return promised
        if spacing_s <= 0 or not host:
            return now
        turn = max(self._next.get(host, now), now)
        self._next[host] = turn + timedelta(seconds=spacing_s)
        if turn > now + NEAR_TURN:
            self._forget(now)
            self._promised[work_id] = turn
        return turn

    def _forget(self, now: datetime) -> None:
        """Drop what is past, once it is much: rows that another worker took in the meantime."""
        if len(self._promised) > 20_000:
            self._promised = {row: turn for row, turn in self._promised.items() if turn > now}
        if len(self._next) > 20_000:
            self._next = {host: turn for host, turn in self._next.items() if turn > now}


def _host(entry: EntryToRead) -> str:
    """The "name:port" an entry's page is asked for at; "" when none is."""
    if entry.full_text and entry.entry.url:
        with suppress(ValueError):
            return host_port(entry.entry.url)
    return ""


@contextmanager
def _set_within(event: threading.Event) -> Iterator[None]:
    event.set()
    try:
        yield
    finally:
        event.clear()


@contextmanager
def _logged(event: str) -> Iterator[None]:
    """End quietly in a line of the log: for tasks whose rows come back by themselves when their lease ends."""
    try:
        yield
    except Exception as error:
        log.warning(event, detail=f"{type(error).__name__}: {error}")


def rebuild(tidings: Tidings, step: str, *, progress: Progress) -> int:
    """Make derived values again (`tidings redo`): "extract" from the kept pages at once, later steps by the queue.

    Returns how many were made or queued.  No publisher is asked for anything, also while workers run.
    """
    if step == "describe" or step == "group":
        return tidings.store.redo(
            "describe" if step == "describe" else "group", made_by=None, now=tidings.clock()
        )
    worker = Worker(tidings, owner="redo", stop=threading.Event())
    task = progress.add_task("Reading kept pages", total=None)
    made = after = 0
    while rows := tidings.store.claim_kept(
        made_by=tidings.pipeline.extractor.made_by, after=after, now=tidings.clock(), limit=64, lease_s=300.0
    ):
        for entry in tidings.store.entries_to_read(rows):
            worker.reread(entry)
        after = rows[-1].subject_id
        made += len(rows)
        progress.advance(task, len(rows))
    return made
