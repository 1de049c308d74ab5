"""ports.Store and ports.HostLedger on PostgreSQL: one method, one transaction; the queries live in a module by noun."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from tidings.errors import StoreBusy
from tidings.model import (
    Activity,
    Answer,
    Article,
    ArticleCard,
    ArticleView,
    Claim,
    Continuation,
    Correction,
    CorrectionKind,
    Credentials,
    Description,
    EntityCard,
    EntityKind,
    EntityView,
    EntryToRead,
    Extract,
    Facts,
    Feed,
    FeedStatus,
    JudgedPair,
    KeptAnswer,
    KnownEntities,
    KnownHashtag,
    Listed,
    ModelCall,
    NamedIn,
    NewFeed,
    Page,
    Plan,
    PollOutcome,
    Problem,
    Publisher,
    QuarantineRow,
    Reach,
    Renewed,
    Revision,
    RevisionChange,
    SearchChanges,
    SearchQuery,
    SearchText,
    Source,
    Spent,
    Step,
    StoryArticles,
    StoryCard,
    StoryRank,
    StoryView,
    Takedown,
    WindowStory,
    Work,
    WrongClaim,
    WrongState,
)
from tidings.store import (
    answers,
    articles,
    cards,
    continuations,
    corrections,
    descriptions,
    entities,
    entries,
    erasing,
    facts,
    feeds,
    finding,
    hashtags,
    hosts,
    publishers,
    queue,
    settings,
    stories,
    takedowns,
    trends,
)
from tidings.store.articles import ChangeOf
from tidings.store.database import Database
from tidings.store.erasing import Decide
from tidings.store.stories import LeadOf

if TYPE_CHECKING:
    from tidings.ports import Vector

LISTEN_S = 1.0  # how long a listener waits before it looks whether it should stop
RECONNECT_S = 2.0


class PostgresLedger:
    """ports.HostLedger: its turns are kept in the database, so that all workers on all hosts share them."""

    def __init__(self, dsn: str, *, pool_size: int = 4) -> None:
        self._database = Database(dsn, pool_size=pool_size)

    def close(self) -> None:
        self._database.close()

    def take_turn(self, host: str, *, now: datetime, spacing_s: float) -> float:
        return self._database.ask(hosts.take_turn, host, now=now, spacing_s=spacing_s)

    def leave_alone(self, host: str, *, until: datetime) -> None:
        self._database.ask(hosts.leave_alone, host, until=until)

    def robots(self, host: str) -> tuple[datetime, int, bytes] | None:
        return self._database.ask(hosts.robots, host)

    def keep_robots(self, host: str, *, fetched_at: datetime, status: int, body: bytes) -> None:
        self._database.ask(hosts.keep_robots, host, fetched_at=fetched_at, status=status, body=body)


class PostgresStore:
    """ports.Store on a database whose schema is current (see migrate.py)."""

    def __init__(self, dsn: str, *, pool_size: int = 8) -> None:
        self.database = Database(dsn, pool_size=pool_size)
        self._run = self.database.run
        self._ask = self.database.ask

    def close(self) -> None:
        self.database.close()

    # ── following ────────────────────────────────────────────────────────────────────────────────────────────────────
    def add_feed(self, new: NewFeed, *, now: datetime) -> tuple[Feed, bool]:
        return self._run(feeds.add_feed, new, now=now)

    def feed(self, feed_id: int) -> Feed:
        return self._ask(feeds.feed, feed_id)

    def feeds(self) -> list[Feed]:
        return self._ask(feeds.feeds)

    def feeds_page(
        self, *, quiet_since: datetime, named: str = "", after: str | None = None, limit: int = 50
    ) -> Listed[Feed]:
        return self._ask(feeds.feeds_page, quiet_since=quiet_since, named=named, after=after, limit=limit)

    def feed_counts(self, *, quiet_since: datetime) -> tuple[int, int]:
        return self._ask(feeds.feed_counts, quiet_since=quiet_since)

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
        return self._ask(entries.known_entries, feed_id, guids)

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
        return self._ask(queue.quarantined, after=after, limit=limit)

    def release(self, *, step: Step | None = None, work_id: int | None = None, now: datetime) -> int:
        return self._run(queue.release, step=step, work_id=work_id, now=now)

    def queue_depths(self) -> dict[str, int]:
        return self._ask(queue.queue_depths)

    def queue_lags(self, *, now: datetime) -> dict[str, float]:
        return self._ask(queue.queue_lags, now=now)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def entries_to_read(self, work: Sequence[Work]) -> list[EntryToRead]:
        return self._run(entries.entries_to_read, work)

    def record_read(
        self,
        entry: EntryToRead,
        *,
        page: Page | None,
        extract: Extract,
        url: str,
        text_digest: bytes,
        now: datetime,
        change_of: ChangeOf | None = None,
        again_at: datetime | None = None,
        renewed: Renewed | None = None,
    ) -> RevisionChange | None:
        return self._run(
            articles.record_read,
            entry,
            page=page,
            extract=extract,
            url=url,
            text_digest=text_digest,
            now=now,
            change_of=change_of,
            again_at=again_at,
            renewed=renewed,
        )

    def finish_read(self, work: Work, *, again_at: datetime | None = None) -> None:
        self._run(queue.finish_read, work, again_at=again_at)

    def keep_page(self, entry: EntryToRead, page: Page) -> None:
        self._run(entries.keep_page, entry.entry_id, page)

    def kept_page(self, entry_id: int) -> Page | None:
        return self._ask(entries.kept_page, entry_id)

    def forget_pages(self, *, before: datetime) -> int:
        return self._run(entries.forget_pages, before=before)

    def redo(self, step: Step, *, made_by: str | None, now: datetime) -> int:
        return self._run(articles.redo, step, made_by=made_by, now=now)

    def claim_kept(
        self, *, made_by: str, after: int, now: datetime, limit: int, lease_s: float
    ) -> list[Work]:
        return self._run(
            articles.claim_kept, made_by=made_by, after=after, now=now, limit=limit, lease_s=lease_s
        )

    def load_articles(
        self, loaded: Sequence[tuple[str, Extract, bytes]], *, publisher: str, now: datetime
    ) -> list[int]:
        return self._run(articles.load_articles, loaded, publisher=publisher, now=now)

    # ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────
    def articles(self, article_ids: Sequence[int]) -> list[Article]:
        return self._ask(articles.articles, article_ids)

    def record_descriptions(
        self, work: Sequence[Work], described: Sequence[Description], *, now: datetime
    ) -> None:
        self._run(descriptions.record_descriptions, work, described, now=now)

    def descriptions(self, article_ids: Sequence[int]) -> list[Description]:
        return self._ask(descriptions.descriptions, article_ids)

    def keep_facts(self, found: Sequence[Facts]) -> None:
        self._run(facts.keep, found)

    def facts(self, article_ids: Sequence[int]) -> dict[int, Facts]:
        return self._ask(facts.facts, article_ids)

    # ── what is said of articles ─────────────────────────────────────────────────────────────────────────────────────
    def sources(self, article_ids: Sequence[int]) -> list[Source]:
        return self._ask(answers.sources, article_ids)

    def earlier_reports(self, article_id: int, *, limit: int) -> list[int]:
        return self._ask(cards.earlier_reports, article_id, limit=limit)

    def kept_answer(self, *, feature: str, subject: str, options: str) -> KeptAnswer | None:
        return self._ask(answers.kept_answer, feature=feature, subject=subject, options=options)

    def keep_answer(self, *, feature: str, subject: str, options: str, inputs: bytes, answer: Answer) -> None:
        self._run(
            answers.keep_answer,
            feature=feature,
            subject=subject,
            options=options,
            inputs=inputs,
            answer=answer,
        )

    def record_call(self, call: ModelCall) -> None:
        self._run(answers.record_call, call)

    def spent(self, *, since: datetime, reader: str | None = None) -> Spent:
        return self._ask(answers.spent, since=since, reader=reader)

    def report_wrong(
        self, claim: Claim, *, feature: str, page: str, made_by: str, note: str, now: datetime
    ) -> WrongClaim:
        return self._run(
            answers.report_wrong, claim, feature=feature, page=page, made_by=made_by, note=note, now=now
        )

    def settle_wrong(self, wrong_id: int, *, state: WrongState, reply: str, now: datetime) -> WrongClaim:
        return self._run(answers.settle_wrong, wrong_id, state=state, reply=reply, now=now)

    def wrong_claims(self, *, after: str | None = None, limit: int = 30) -> Listed[WrongClaim]:
        return self._ask(answers.wrong_claims, after=after, limit=limit)

    def withdrawn(self, claims: Sequence[Claim]) -> frozenset[int]:
        return self._ask(answers.withdrawn, claims)

    def take_group_epoch(self, owner: str) -> int:
        return self._run(stories.take_group_epoch, owner)

    @contextmanager
    def sole_writer(self) -> Iterator[bool]:
        """Try to hold the group lock: True inside when held, for as long as the connection lives."""
        with self.database.own_connection() as connection:
            row = connection.execute(
                "SELECT pg_try_advisory_lock(%s) AS held", (stories.SOLE_WRITER_LOCK,)
            ).fetchone()
            yield bool(row and row["held"])

    def window(self, *, since: datetime) -> Iterator[WindowStory]:
        with self.database.reading() as connection:
            yield from descriptions.window(connection, since=since)

    def hashtag_vocabulary(self) -> list[KnownHashtag]:
        return self._ask(hashtags.vocabulary)

    def known_entities(self, *, keys: Iterable[str], story_ids: Iterable[int]) -> KnownEntities:
        return self._run(entities.known_entities, keys=keys, story_ids=story_ids)

    def apply(
        self,
        plan: Plan,
        work: Sequence[Work],
        *,
        ranks: Mapping[int, StoryRank],
        epoch: int,
        now: datetime,
        lead_of: LeadOf | None = None,
    ) -> None:
        self._run(stories.apply, plan, work, ranks=ranks, epoch=epoch, now=now, lead_of=lead_of)

    def sleepers(self, article_id: int, *, since: datetime, until: datetime) -> list[tuple[int, Description]]:
        return self._ask(continuations.sleepers, article_id, since=since, until=until)

    def stories_to_link(self, *, limit: int) -> list[WindowStory]:
        return self._run(continuations.to_link, limit=limit)

    def record_links(self, story_ids: Sequence[int], found: Sequence[Continuation], *, now: datetime) -> None:
        self._run(continuations.record, story_ids, found, now=now)

    def continuations(self, story_id: int) -> tuple[list[StoryCard], list[StoryCard]]:
        return self._ask(continuations.linked, story_id)

    # ── editors ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def ask_correction(
        self,
        kind: CorrectionKind,
        *,
        story_id: int,
        other_id: int | None = None,
        article_ids: Sequence[int] = (),
        editor: str,
        now: datetime,
    ) -> Correction:
        return self._run(
            corrections.ask,
            kind,
            story_id=story_id,
            other_id=other_id,
            article_ids=article_ids,
            editor=editor,
            now=now,
        )

    def ask_undo(self, correction_id: int, *, now: datetime) -> Correction:
        return self._run(corrections.ask_undo, correction_id, now=now)

    def correction(self, correction_id: int) -> Correction:
        return self._ask(corrections.correction, correction_id)

    def corrections(
        self, *, story_id: int | None = None, after: str | None = None, limit: int = 50
    ) -> Listed[Correction]:
        return self._ask(corrections.corrections, story_id=story_id, after=after, limit=limit)

    def waiting_corrections(self) -> list[Correction]:
        return self._ask(corrections.waiting)

    def standing_corrections(self) -> list[Correction]:
        return self._ask(corrections.standing)

    def story_articles(self, story_ids: Sequence[int]) -> list[StoryArticles]:
        return self._ask(corrections.story_articles, story_ids)

    def living_stories(self, ids: Sequence[int]) -> frozenset[int]:
        return self._ask(corrections.living, ids)

    def call_unrelated(
        self, one_id: int, other_id: int, *, editor: str, now: datetime, undo: bool = False
    ) -> None:
        self._run(corrections.call_unrelated, one_id, other_id, editor=editor, now=now, undo=undo)

    def unrelated(self, article_id: int) -> list[int]:
        return self._ask(corrections.unrelated, article_id)

    def judged_pairs(self) -> Iterator[JudgedPair]:
        with self.database.reading() as connection:
            yield from corrections.judged_pairs(connection)

    # ── taking down ──────────────────────────────────────────────────────────────────────────────────────────────────
    def find_article(self, url: str) -> int | None:
        return self._ask(erasing.find, url)

    def reach(self, article_id: int) -> Reach:
        return self._run(erasing.reach, article_id)

    def take_down(
        self,
        article_ids: Sequence[int],
        *,
        reason: str,
        editor: str,
        now: datetime,
        decide: Decide,
        lead_of: LeadOf,
    ) -> list[Takedown]:
        return self._run(
            erasing.take_down,
            article_ids,
            reason=reason,
            editor=editor,
            now=now,
            decide=decide,
            lead_of=lead_of,
        )

    def takedowns(self) -> list[Takedown]:
        return self._ask(takedowns.takedowns)

    def undo_takedown(self, *, article_id: int | None = None, url: str | None = None) -> list[Takedown]:
        return self._run(takedowns.undo, article_id=article_id, url=url)

    # ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def front(
        self, *, desk: str | None = None, after: str | None = None, limit: int = 20
    ) -> Listed[StoryCard]:
        return self._ask(cards.front, desk=desk, after=after, limit=limit)

    def latest(
        self, *, after: str | None = None, limit: int = 30, saved: bool = False
    ) -> Listed[ArticleCard]:
        return self._ask(cards.latest, after=after, limit=limit, saved=saved)

    def story(self, story_id: int) -> StoryView:
        return self._run(cards.story_view, story_id)

    def story_cards(self, story_ids: Sequence[int]) -> list[StoryCard]:
        return self._ask(cards.story_cards, story_ids)

    def story_now(self, story_id: int) -> int:
        return self._ask(stories.story_now, story_id)

    def article(self, article_id: int) -> ArticleView:
        return self._run(cards.article_view, article_id)

    def revision(self, article_id: int, revision: int) -> Revision:
        return self._ask(articles.revision, article_id, revision)

    def cards(self, article_ids: Sequence[int]) -> list[ArticleCard]:
        return self._ask(cards.cards, article_ids)

    def neighbours(self, article_id: int, *, limit: int) -> list[Description]:
        return self._ask(descriptions.neighbours, article_id, limit=limit)

    def story_neighbours(self, story_id: int, *, limit: int) -> list[StoryCard]:
        return self._ask(cards.story_neighbours, story_id, limit=limit)

    def hashtag(
        self, slug: str, *, after: str | None = None, limit: int = 30
    ) -> tuple[KnownHashtag, Listed[ArticleCard]]:
        return self._ask(cards.by_hashtag, slug, after=after, limit=limit)

    def publisher(
        self, publisher_id: int, *, after: str | None = None, limit: int = 30
    ) -> tuple[Publisher, Listed[ArticleCard]]:
        return self._ask(cards.by_publisher, publisher_id, after=after, limit=limit)

    def publishers(self) -> list[Publisher]:
        return self._ask(publishers.publishers)

    def keep_owners(self, owners: Mapping[str, str]) -> list[int]:
        return self._run(publishers.keep_owners, owners)

    def owners(self) -> dict[int, str]:
        return self._ask(publishers.owners)

    def publishers_page(
        self, *, after: str | None = None, limit: int = 100
    ) -> Listed[tuple[Publisher, datetime | None]]:
        return self._ask(publishers.publishers_page, after=after, limit=limit)

    def hashtags(self, *, after: str | None = None, limit: int = 100) -> Listed[KnownHashtag]:
        return self._ask(hashtags.used, after=after, limit=limit)

    def entity(
        self, entity_id: int, *, now: datetime, after: str | None = None, limit: int = 20
    ) -> EntityView:
        return self._run(entities.entity_view, entity_id, now=now, after=after, limit=limit)

    def entity_now(self, entity_id: int) -> int:
        return self._ask(entities.entity_now, entity_id)

    def entities(
        self,
        *,
        since: datetime,
        kind: EntityKind | None = None,
        named: str = "",
        after: str | None = None,
        limit: int = 60,
    ) -> Listed[EntityCard]:
        return self._ask(
            entities.entities_page, since=since, kind=kind, named=named, after=after, limit=limit
        )

    def named_in(self, article_id: int) -> list[NamedIn]:
        return self._ask(entities.named_in, article_id)

    def add_entity_alias(self, entity_id: int, *, key: str, spelling: str, now: datetime) -> int:
        return self._run(entities.add_alias, entity_id, key=key, spelling=spelling, now=now)

    def remove_entity_alias(self, entity_id: int, *, key: str, now: datetime) -> int:
        return self._run(entities.remove_alias, entity_id, key=key, now=now)

    def merge_entities(self, entity_id: int, *, into_id: int, now: datetime) -> int:
        return self._run(entities.merge_entities, entity_id, into_id=into_id, now=now)

    def undo_entity_edit(self, edit_id: int, *, now: datetime) -> int:
        return self._run(entities.undo_edit, edit_id, now=now)

    def activity(self, *, now: datetime, days: int) -> Activity:
        return self._ask(trends.activity, now=now, days=days)

    def mark(
        self,
        article_ids: Sequence[int],
        *,
        read: bool | None = None,
        saved: bool | None = None,
        now: datetime,
    ) -> None:
        self._run(cards.mark, article_ids, read=read, saved=saved, now=now)

    def counts(self) -> dict[str, int]:
        return self._ask(cards.counts)

    # ── searching ────────────────────────────────────────────────────────────────────────────────────────────────────
    def search_identity(self) -> str:
        return self._run(finding.search_identity)

    def search_changes(self, *, cursor: str | None, limit: int) -> SearchChanges:
        return self._ask(finding.search_changes, cursor=cursor, limit=limit)

    def search_texts(self, article_ids: Sequence[int]) -> list[SearchText]:
        return self._ask(finding.search_texts, article_ids)

    def nearest(
        self, vector: Vector, *, model: str, query: SearchQuery, limit: int
    ) -> list[tuple[int, float]]:
        return self._ask(finding.nearest, vector, model=model, query=query, limit=limit)

    def names_like(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        return self._ask(finding.names_like, names)

    def similarities(self, article_ids: Sequence[int], vector: Vector, *, model: str) -> dict[int, float]:
        return self._ask(finding.similarities, article_ids, vector, model=model)

    def listed(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> Listed[ArticleCard]:
        return self._ask(finding.filtered, query, after=after, limit=limit)

    # ── the instance ─────────────────────────────────────────────────────────────────────────────────────────────────
    def setting(self, key: str) -> str | None:
        return self._ask(settings.setting, key)

    def keep_setting(self, key: str, value: str, *, only_if_absent: bool = False) -> str:
        return self._run(settings.keep_setting, key, value, only_if_absent=only_if_absent)

    def events(self, *, stop: object) -> Iterator[tuple[str, str]]:
        """(kind, payload) as the database notifies; listens again when the database was gone.

        Whoever reads must read on: what happened while nobody listened is not told again, except that every new
        connection begins with an empty payload of each kind, which means "look yourself".  stop is a threading.Event.
        """
        assert isinstance(stop, threading.Event)
        while not stop.is_set():
            with suppress(StoreBusy), self.database.own_connection() as connection:
                connection.execute("LISTEN stories; LISTEN queue; LISTEN takedowns")
                for kind in ("stories", "queue", "takedowns"):
                    yield kind, ""
                while not stop.is_set():
                    for told in connection.notifies(timeout=LISTEN_S, stop_after=1):
                        yield told.channel, told.payload
            stop.wait(RECONNECT_S)
