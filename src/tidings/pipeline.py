"""The main path, from a feed's address to stories on a page.  Read this first.

    poll(feed)          conditional GET → entries                       one transaction: Store.record_poll
    read(entry)         page → article, or quarantine with a reason     Store.record_read
    describe(articles)  words, names, phrases, vectors, sketch          Store.record_descriptions
    group(articles)     wire copies, stories, hashtags, entities, ranks Store.apply
    link(stories)       which quiet story a new one continues           Store.record_links

This file decides *what* happens to one feed, one entry, one batch; worker.py decides *when*.  Between two steps nothing is
held in memory: a row in the database says which step an article awaits, so a crash repeats at most one batch, and
repeating a step changes nothing.  `group` is the one step with a single writer (Grouper).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from tidings.errors import (
    BadReply,
    ExtractError,
    FetchError,
    Gone,
    NotFound,
    ParseError,
    Refused,
    Throttled,
    TidingsError,
)
from tidings.extract.revisions import change_of, text_digest
from tidings.feeds.parse import parse_feed
from tidings.feeds.schedule import MIN_INTERVAL_S, content_digest, plan_poll
from tidings.fetch.websub import find_hub
from tidings.model import (
    Continuation,
    Correction,
    EntryToRead,
    Extract,
    Feed,
    FeedDocument,
    Page,
    Plan,
    Problem,
    Renewed,
    Reply,
    RevisionChange,
    Settled,
    Work,
)
from tidings.ports import Embedder, Extractor, Fetcher, Store
from tidings.stories.cluster import Window
from tidings.stories.continuations import LONGEST_SLEEP, QUIET, continuation_of
from tidings.stories.corrections import Decided, Ties, decide, hindrance, rearranged, undo
from tidings.stories.describe import describe
from tidings.stories.desks import Desks
from tidings.stories.entities import keys_of, link, stories_of
from tidings.stories.facts import facts_of
from tidings.stories.lead import choose_lead
from tidings.stories.ranking import rank
from tidings.urls import canonical_url, site_of

if TYPE_CHECKING:
    from tidings.ports import Matrix

log = structlog.get_logger("tidings.pipeline")

READ_ATTEMPTS = (
    6  # tries before a page that cannot be had is given up: nine hours with the back-off of `retry_at`
)
LINKED_AT_ONCE = 20  # stories in one go, about 150 ms
RECOUNTED_AT_ONCE = 500  # stories in one transaction
LONGEST_WAIT_S = 86_400.0  # nobody's Retry-After makes a page wait longer than that

# How old an article is when its page is asked for again, conditionally.  Publishers change the text of young articles
# without touching the feed, mostly within hours: three more requests an article find it without a crawl.  A host of the
# operator's own bears more, and its first corrections are seen at once.
AGAIN_AT_AGES = (timedelta(minutes=30), timedelta(hours=3), timedelta(hours=24))
OWN_AGAIN_AT_AGES = (timedelta(minutes=2), timedelta(minutes=10), *AGAIN_AT_AGES)


@dataclass(frozen=True)
class Pipeline:
    """The steps with what they run on; every step may run in many threads, processes and hosts at once.

    `clock` returns now (aware, UTC); `jitter` a number in 0..1 that keeps feeds from being visited in step;
    `min_interval_s` the shortest polling interval of an address.
    """

    store: Store
    fetcher: Fetcher
    extractor: Extractor
    embedder: Embedder
    english: Embedder | None  # for English texts beside the other; None where its packages are not installed
    clock: Callable[[], datetime]
    jitter: Callable[[], float]
    min_interval_s: Callable[[str], int]

    # ── poll ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def poll(self, feed: Feed) -> int:
        """Visit a feed and return how many entries were new or changed.  What goes wrong becomes the feed's problem.

        Raises StoreBusy, StoreError, and what nobody foresaw (see poll_failed).
        """
        try:
            reply = self.fetcher.get(
                feed.url, purpose="feed", validators=feed.validators, credentials=feed.credentials
            )
        except FetchError as error:
            return self._record_visit(feed, error=error)
        return self.take_in(feed, reply)

    def poll_failed(self, feed: Feed, error: Exception) -> None:
        """Record a visit that ended in an error nobody foresaw: the feed shows it, and waits longer each time."""
        problem = problem_of(error)
        self._record_visit(feed, error=FetchError(feed.url, problem.message, detail=problem.detail))

    def take_in(self, feed: Feed, reply: Reply, *, is_pushed: bool = False) -> int:
        """Record an answer of a feed, fetched or (`is_pushed`) delivered by its hub; returns how many entries were news."""
        if reply.not_modified or hashlib.sha256(reply.body).digest() == feed.body_digest:
            return self._record_visit(feed, reply=reply)
        try:
            document = parse_feed(
                reply.body,
                url=reply.final_url,
                content_type=reply.headers.get("content-type"),
                now=self.clock(),
            )
        except ParseError as error:
            return self._record_visit(feed, reply=reply, error=error)
        if not is_pushed:  # a delivery may leave the hub out
            self._note_hub(feed, reply, document)
        return self._record_visit(feed, reply=reply, document=document)

    def _note_hub(self, feed: Feed, reply: Reply, document: FeedDocument) -> None:
        hub = find_hub(reply.final_url, reply.headers, hub_urls=document.hub_urls, self_url=document.self_url)
        stated = (hub.hub_url, hub.topic_url) if hub else (None, None)
        if stated != (
            feed.hub_url,
            feed.topic_url,
        ):  # another one, or none any more: then polls are all there is
            self.store.set_hub(feed.id, hub_url=stated[0], topic_url=stated[1], secret=None, lease_until=None)

    def _record_visit(
        self,
        feed: Feed,
        *,
        reply: Reply | None = None,
        error: FetchError | ParseError | None = None,
        document: FeedDocument | None = None,
    ) -> int:
        outcome = plan_poll(
            feed,
            reply=reply,
            error=error,
            document=document,
            now=self.clock(),
            min_interval_s=self.min_interval_s(feed.url),
            jitter=self.jitter(),
        )
        if error is not None and outcome.problem is not None and not is_own_spacing(error):
            why = {
                "code": outcome.problem.code,
                "status": outcome.last_status,
                "detail": outcome.problem.detail,
            }
            log.info("a visit failed", feed=feed.url, failures=outcome.failures, **why)
        if outcome.document is None:
            return self.store.record_poll(outcome, {})
        digests = {entry.guid: content_digest(entry) for entry in outcome.document.entries}
        known = self.store.known_entries(feed.id, list(digests))
        news = {guid: digest for guid, digest in digests.items() if known.get(guid) != digest}
        entries = tuple(entry for entry in outcome.document.entries if entry.guid in news)
        return self.store.record_poll(
            replace(outcome, document=replace(outcome.document, entries=entries)), news
        )

    # ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def read(self, entry: EntryToRead) -> RevisionChange | None:
        """Make an entry's page an article, or its next revision; None when nothing changed.

        Raises FetchError with retry "later" when the page should be tried again, or with "quarantine" or "never" when that
        is pointless; ExtractError when there is no article.  An entry that has its article already loses nothing: then the
        article stays as it is, and None is returned instead of an error that another try cannot mend.
        """
        page, refusal = self._page(entry)
        try:
            extract = self.extractor.extract(page, entry)
        except ExtractError:
            if entry.article_id is not None:
                self.store.finish_read(entry.work, again_at=self._again_at(entry, None))
                return None
            if page is not None:
                self.store.keep_page(entry, page)
            if refusal is not None:
                raise refusal from None
            raise
        return self._record_article(entry, page, extract)

    def reread(self, entry: EntryToRead) -> RevisionChange | None:
        """Make the article again from the kept page, asking nobody (after the extractor changed)."""
        page = self.store.kept_page(entry.entry_id)
        try:
            extract = self.extractor.extract(page, entry)
        except ExtractError:
            if entry.article_id is None:
                raise
            self.store.finish_read(entry.work, again_at=self._again_at(entry, None))
            return None
        return self._record_article(entry, page, extract)

    def _page(self, entry: EntryToRead) -> tuple[Page | None, FetchError | None]:
        """The entry's page, or why it may not be had; then the feed's own text must do."""
        if not entry.full_text or entry.entry.url is None:
            return None, None
        try:
            reply = self.fetcher.get(
                entry.entry.url,
                purpose="page",
                validators=entry.page_validators,
                credentials=entry.credentials,
            )
        except (Gone, Refused, BadReply) as refusal:
            return None, refusal
        except FetchError as error:
            if is_own_spacing(error) or entry.work.attempts + 1 < READ_ATTEMPTS:
                raise
            error.retry = "quarantine"  # tried often enough
            return None, error
        if reply.not_modified:
            return self.store.kept_page(entry.entry_id), None
        return _page_of(reply), None

    def _record_article(
        self, entry: EntryToRead, page: Page | None, extract: Extract
    ) -> RevisionChange | None:
        return self.store.record_read(
            entry,
            page=page,
            extract=extract,
            url=address_of(entry, page, extract),
            text_digest=text_digest(extract),
            now=self.clock(),
            change_of=change_of,
            again_at=self._again_at(entry, extract),
            renewed=self._renewed(entry, page),
        )

    def _renewed(self, entry: EntryToRead, page: Page | None) -> Renewed | None:
        """The kept page as today's extractor reads it, where an older one made the article and another page has come."""
        if page is None or entry.article_made_by in (None, self.extractor.made_by):
            return None
        kept = self.store.kept_page(entry.entry_id)
        if kept is None or kept.digest == page.digest:
            return None
        try:
            extract = self.extractor.extract(kept, entry)
        except ExtractError:
            return None
        return Renewed(kept, extract, text_digest(extract))

    def _again_at(self, entry: EntryToRead, extract: Extract | None) -> datetime | None:
        """When the page of a young article is looked at again (AGAIN_AT_AGES); None when it is not."""
        address = entry.entry.url
        if not entry.full_text or address is None:
            return None
        now = self.clock()
        stated = (extract.published_at if extract else None) or entry.entry.published_at
        published_at = min(stated or entry.first_seen_at, now)
        is_own = self.min_interval_s(address) < MIN_INTERVAL_S
        soonest = now + timedelta(minutes=1 if is_own else 10)
        ages = OWN_AGAIN_AT_AGES if is_own else AGAIN_AT_AGES
        return next((published_at + age for age in ages if published_at + age >= soonest), None)

    # ── describe ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def describe(self, work: Sequence[Work]) -> int:
        """Describe the articles of these rows in one batch; returns how many there were."""
        articles = self.store.articles([row.subject_id for row in work])
        descriptions = describe(articles, self.embedder, self.english)
        self.store.keep_facts(
            [
                facts_of(a, names=d.names, language=d.language)
                for a, d in zip(articles, descriptions, strict=True)
            ]
        )
        self.store.record_descriptions(work, descriptions, now=self.clock())
        return len(descriptions)

    # ── link ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def link(self) -> int:
        """Link some of the stories that just began to the quiet ones they continue; returns how many were looked at.

        Any process may do this at any time; apart from placing, which does not wait for it.
        """
        begun = self.store.stories_to_link(limit=LINKED_AT_ONCE)
        found: list[Continuation] = []
        for story in begun:
            began = min(report.at for report in story.articles)
            quiet = [
                near
                for report in story.articles
                for near in self.store.sleepers(
                    report.article_id, since=began - LONGEST_SLEEP, until=began - QUIET
                )
            ]
            linked = continuation_of(story.story_id, story.articles, quiet)
            found += [linked] if linked else []
        if begun:
            self.store.record_links([story.story_id for story in begun], found, now=self.clock())
        return len(begun)


class Grouper:
    """The one writer of stories: holds the window of active stories between batches.

    `epoch` fences: when another process has become the writer, `Store.apply` raises Conflict and this one must stop.
    After any failure of `group` the window is out of step with the database: drop the Grouper and make a new one.
    """

    def __init__(
        self,
        store: Store,
        *,
        owner: str,
        clock: Callable[[], datetime],
        window_days: float,
        desks: Desks | None = None,
        meanings: Callable[[Sequence[str]], Matrix] | None = None,
    ) -> None:
        """desks chooses sections by text; without it an article has the section that its publisher gives it.

        meanings places words by meaning (see hashtags.Vocabulary).
        """
        self._store = store
        self._clock = clock
        self.epoch = store.take_group_epoch(owner)
        since = clock() - timedelta(days=window_days)
        self.window = Window.restore(
            store.window(since=since),
            vocabulary=store.hashtag_vocabulary(),
            window_days=window_days,
            ties=self._ties(),
            press=[publisher.name for publisher in store.publishers()],
            desks=desks,
            meanings=meanings,
        )

    def group(self, work: Sequence[Work]) -> Plan:
        """Place the articles of these rows, at most a few hundred; returns the plan that was applied."""
        now = self._clock()
        arrived = self._store.descriptions([row.subject_id for row in work])
        batch = sorted(arrived, key=lambda d: (d.at, d.article_id))
        plan = self.window.assign(batch, now=now)
        known = self._store.known_entities(keys=keys_of(batch), story_ids=stories_of(plan))
        linked = link(batch, plan, known)
        labels = {entity.id: entity.label for entity in known.entities}
        labels |= {entity.id: entity.label for entity in linked.new}
        plan = self.window.align(replace(plan, entities=linked), labels)
        touched = {placement.story_id for placement in plan.placements} | {
            merge.into_id for merge in plan.merges
        }
        self._apply(plan, work, touched)
        return plan

    def recount(self, publisher_ids: Collection[int]) -> None:
        """Count the window's stories with reports of these publishers anew: whose they are has changed."""
        ids = self.window.stories_with(set(publisher_ids))
        for start in range(0, len(ids), RECOUNTED_AT_ONCE):
            some = tuple(ids[start : start + RECOUNTED_AT_ONCE])
            self._apply(Plan(recounted=some), (), some)

    def _apply(self, plan: Plan, work: Sequence[Work], touched: Collection[int]) -> None:
        """Write a plan; touched are the stories whose rank it changes."""
        owners = self._store.owners()
        ranks = {i: rank(facts, owners=owners) for i, facts in self.window.facts(touched).items()}
        self._store.apply(plan, work, ranks=ranks, epoch=self.epoch, now=self._clock(), lead_of=choose_lead)

    # ── what editors ask ─────────────────────────────────────────────────────────────────────────────────────────────
    def correct(self, correction: Correction) -> None:
        """Do or undo what an editor asked for, in one transaction; one that cannot be done any more says so on its row.

        What stands holds for every article that is placed from then on.
        """
        if correction.undo_asked_at is None:
            decided = self._decide(correction)
            settled = Settled(correction.id, decided.change, decided.problem)
        else:
            decided = self._take_back(correction)
            settled = Settled(correction.id, problem=decided.problem)
        self._carry_out(decided, settled)
        self.window.ties = self._ties()

    def refuse(self, correction: Correction, why: str) -> None:
        """Leave a correction undone and say why on its row."""
        self._carry_out(Decided(), Settled(correction.id, problem=why))

    def _ties(self) -> Ties:
        return Ties(c.change for c in self._store.standing_corrections() if c.change)

    def _decide(self, correction: Correction) -> Decided:
        story_id = self._story_now(correction.story_id)
        other_id = self._story_now(correction.other_id) if correction.other_id is not None else None
        wanted = [i for i in (story_id, other_id) if i is not None]
        found = {story.story_id: story for story in self._store.story_articles(wanted)}
        if story_id not in found:
            return Decided(problem="The story was gone when this was to be done.")
        own = [article.article_id for article in found[story_id].articles]
        taken = self._store.living_stories(own) - {story_id}
        return decide(correction, found[story_id], found.get(other_id or 0), taken=taken)

    def _take_back(self, correction: Correction) -> Decided:
        if correction.change is None:  # it waited yet
            return Decided()
        problem = hindrance(correction, self._store.standing_corrections())
        return Decided(problem=problem) if problem else undo(correction.change, now=self._story_now)

    def _story_now(self, story_id: int) -> int | None:
        try:
            return self._store.story_now(story_id)
        except NotFound:
            return None

    def _carry_out(self, decided: Decided, settled: Settled) -> None:
        """Apply what was decided to the store and to the window."""
        ids = {i for split in decided.splits for i in (split.from_id, split.into_id)}
        ids |= {i for merge in decided.merges for i in (merge.from_id, merge.into_id)}
        stories = {
            story.story_id: self._store.descriptions([a.article_id for a in story.articles])
            for story in self._store.story_articles(sorted(ids))
        }
        changed = rearranged(stories, decided)
        self.window.rearrange(changed, ended=ids)
        plan = Plan(splits=decided.splits, merges=decided.merges, settled=(settled,))
        self._apply(plan, (), ids)


def address_of(entry: EntryToRead, page: Page | None, extract: Extract) -> str:
    """Return what tells an article from every other: its canonical URL on its own site, or a URN without any.

    A copy that names its source states the source's address as canonical.  It is an article of its own all the same:
    otherwise whoever names another's article as the source could write over it.
    """
    own = (page.final_url if page else None) or entry.entry.url
    stated = extract.canonical_url
    if stated and own and site_of(stated) != site_of(own):
        stated = None
    address = stated or own
    return (address and canonical_url(address)) or f"urn:tidings:entry:{entry.entry_id}"


def is_own_spacing(error: TidingsError) -> bool:
    """Return whether nobody was asked yet, because it is not the host's turn: no failure, and no attempt."""
    return isinstance(error, Throttled) and error.status is None


def retry_at(error: TidingsError, *, attempts: int, now: datetime) -> datetime:
    """When work that failed for the attempts-th time is due again: what the host asked for, else 1, 5, 25 … minutes."""
    asked_s = float(getattr(error, "retry_after_s", 0.0))
    backed_off_s = min(60.0 * 5 ** max(0, attempts - 1), 6 * 3600.0)
    return now + timedelta(seconds=min(asked_s or backed_off_s, LONGEST_WAIT_S))


def problem_of(error: BaseException) -> Problem:
    """What is kept of an error on its row, and shown."""
    if isinstance(error, TidingsError):
        return Problem(
            code=getattr(error, "reason", None) or error.code,
            message=error.public_message,
            detail=error.detail,
            status=getattr(error, "status", None),
        )
    return Problem(
        code="unexpected",
        message="Tidings failed here in a way it did not foresee. The log has the details; please report it.",
        detail=f"{type(error).__name__}: {error}"[:2000],
    )


def _page_of(reply: Reply) -> Page:
    return Page(
        url=reply.url,
        final_url=reply.final_url,
        status=reply.status,
        headers=reply.headers,
        body=reply.body,
        fetched_at=reply.fetched_at,
        digest=hashlib.sha256(reply.body).digest(),
    )
