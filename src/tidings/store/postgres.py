"""ports.Store and ports.HostLedger on PostgreSQL: one method, one transaction; the queries live in a module by noun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tidings.model import (
    Credentials,
    EntryToRead,
    Feed,
    FeedStatus,
    Listed,
    NewFeed,
    Page,
    PollOutcome,
    Problem,
    Publisher,
    QuarantineRow,
    Step,
    Work,
)
from tidings.store import entries, feeds, hosts, publishers, queue, settings
from tidings.store.database import Database


class PostgresLedger:
    """ports.HostLedger: its turns are kept in the database, so that all workers on all hosts share them."""

    def __init__(self, dsn: str, *, pool_size: int = 4) -> None:
        self._database = Database(dsn, pool_size=pool_size)

    def close(self) -> None:
        self._database.close()

    def take_turn(self, host: str, *, now: datetime, spacing_s: float) -> float:
        return self._database.run(hosts.take_turn, host, now=now, spacing_s=spacing_s)

    def leave_alone(self, host: str, *, until: datetime) -> None:
        self._database.run(hosts.leave_alone, host, until=until)

    def robots(self, host: str) -> tuple[datetime, int, bytes] | None:
        return self._database.run(hosts.robots, host)

    def keep_robots(self, host: str, *, fetched_at: datetime, status: int, body: bytes) -> None:
        self._database.run(hosts.keep_robots, host, fetched_at=fetched_at, status=status, body=body)


class PostgresStore:
    """ports.Store on a database whose schema is current (see migrate.py)."""

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self._database = Database(dsn, pool_size=pool_size)
        self._run = self._database.run

    def close(self) -> None:
        self._database.close()

    # ── following ────────────────────────────────────────────────────────────────────────────────────────────────────
    def add_feed(self, new: NewFeed, *, now: datetime) -> tuple[Feed, bool]:
        return self._run(feeds.add_feed, new, now=now)

    def feed(self, feed_id: int) -> Feed:
        return self._run(feeds.feed, feed_id)

    def feeds(self) -> list[Feed]:
        return self._run(feeds.feeds)

    def set_feed(
        self,
        feed_id: int,
        *,
        status: FeedStatus | None = None,
        full_text: bool | None = None,
        title: str | None = None,
        folder: str | None = None,
        credentials: Credentials | None = None,
        next_poll_at: datetime | None = None,
        duplicate_of: int | None = None,
    ) -> Feed:
        return self._run(
            feeds.set_feed,
            feed_id,
            status=status,
            full_text=full_text,
            title=title,
            folder=folder,
            credentials=credentials,
            next_poll_at=next_poll_at,
            duplicate_of=duplicate_of,
        )

    def set_hub(
        self,
        feed_id: int,
        *,
        hub_url: str | None,
        topic_url: str | None,
        secret: str | None,
        lease_until: datetime | None,
    ) -> None:
        self._run(
            feeds.set_hub,
            feed_id,
            hub_url=hub_url,
            topic_url=topic_url,
            secret=secret,
            lease_until=lease_until,
        )

    def remove_feed(self, feed_id: int) -> None:
        self._run(feeds.remove_feed, feed_id)

    def claim_feeds(self, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
        return self._run(feeds.claim_feeds, now=now, limit=limit, lease_s=lease_s)

    def known_entries(self, feed_id: int, guids: Sequence[str]) -> dict[str, bytes]:
        return self._run(entries.known_entries, feed_id, guids)

    def record_poll(self, outcome: PollOutcome, digests: Mapping[str, bytes]) -> int:
        return self._run(feeds.record_poll, outcome, digests)

    # ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────
    def claim(self, step: Step, *, now: datetime, limit: int, lease_s: float) -> list[Work]:
        return self._run(queue.claim, step, now=now, limit=limit, lease_s=lease_s)

    def postpone(self, work: Sequence[Work], *, until: datetime, problem: Problem | None = None) -> None:
        self._run(queue.postpone, work, until=until, problem=problem)

    def quarantine(self, work: Work, *, problem: Problem, made_by: str, now: datetime) -> None:
        self._run(queue.quarantine, work, problem=problem, made_by=made_by, now=now)

    def quarantined(self, *, after: str | None = None, limit: int = 50) -> Listed[QuarantineRow]:
        return self._run(queue.quarantined, after=after, limit=limit)

    def release(self, *, step: Step | None = None, work_id: int | None = None, now: datetime) -> int:
        return self._run(queue.release, step=step, work_id=work_id, now=now)

    def queue_depths(self) -> dict[str, int]:
        return self._run(queue.queue_depths)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def entries_to_read(self, work: Sequence[Work]) -> list[EntryToRead]:
        return self._run(entries.entries_to_read, work)

    def keep_page(self, entry: EntryToRead, page: Page) -> None:
        self._run(entries.keep_page, entry.entry_id, page)

    def kept_page(self, entry_id: int) -> Page | None:
        return self._run(entries.kept_page, entry_id)

    def forget_pages(self, *, before: datetime) -> int:
        return self._run(entries.forget_pages, before=before)

    # ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def publishers(self) -> list[Publisher]:
        return self._run(publishers.publishers)

    # ── the instance ─────────────────────────────────────────────────────────────────────────────────────────────────
    def setting(self, key: str) -> str | None:
        return self._run(settings.setting, key)

    def keep_setting(self, key: str, value: str, *, only_if_absent: bool = False) -> str:
        return self._run(settings.keep_setting, key, value, only_if_absent=only_if_absent)
