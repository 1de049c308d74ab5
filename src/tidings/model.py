"""The nouns of Tidings, as immutable values; standard library only (vectors are NumPy arrays, named in annotations).

    Publisher ─< Feed ─< Entry ─ Page ─ Article >─ Story
     who        polled   feed    what    what we     one
                         said    came    understood  event

Rules that every value here keeps:
- a later stage makes a new value and never edits an earlier one; derived values carry `made_by` ("extract/1");
- datetimes are aware and UTC; None means unknown, nothing else;
- text is NFC; `paragraphs` are plain text, one str each, never empty, no HTML.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    import numpy as np

    Vector = np.ndarray[tuple[int], np.dtype[np.float32]]

T = TypeVar("T")

# ── what publishers say ──────────────────────────────────────────────────────────────────────────────────────────────

FeedFormat = Literal["rss", "rss1", "atom", "json", "sitemap"]
FeedStatus = Literal["active", "paused", "gone", "duplicate"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A media file attached to an entry; only http(s) URLs."""

    url: str
    media_type: str | None = None
    length_bytes: int | None = None
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed states it: nothing corrected but encoding, relative URLs and absurd dates.

    `guid` identifies it within its feed: the feed's own id, else its link, else a digest of its content; never the title.
    `summary` and `content` are the feed's HTML, unsanitised.  `published_at` is None when the feed gives none, or one
    that cannot be (before 1990, or later than a day after the poll).
    """

    guid: str
    url: str | None
    title: str
    summary: str = ""
    content: str = ""
    byline: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    image_url: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    comments_url: str | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """What one parse of a feed's bytes says, entries in the feed's order."""

    format: FeedFormat
    title: str
    entries: tuple[Entry, ...]
    site_url: str | None = None
    self_url: str | None = None
    hub_urls: tuple[str, ...] = ()
    language: str | None = None
    description: str = ""
    icon_url: str | None = None
    ttl_s: int | None = None
    skip_hours: frozenset[int] = frozenset()
    parser: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page or an OPML file points to; credentials where the address came with them."""

    url: str
    title: str = ""
    site_url: str | None = None
    folder: str = ""
    format: FeedFormat | None = None
    credentials: Credentials | None = None


# ── fetching ─────────────────────────────────────────────────────────────────────────────────────────────────────────

Purpose = Literal["feed", "page", "image", "discovery", "hub"]


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified exactly as received, quotes included (RFC 9110 §13)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """HTTP Basic credentials, sent only to the origin they were given for."""

    username: str
    password: str = field(repr=False)


NOBODY = Credentials("", "")
"""What takes a feed's credentials away, where None means that they stay."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: 2xx with its body, or 304 with none.

    `headers` have lower-case names.  `url` was asked for, `final_url` answered.  `moved_to` is where an unbroken chain of
    301/308 from `url` led, None without one.  `fresh_for_s` is what Cache-Control or Expires asks for, None when silent.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    moved_to: str | None = None
    validators: Validators = Validators()
    fresh_for_s: float | None = None

    @property
    def not_modified(self) -> bool:
        return self.status == 304


# ── following ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something did not work, for its row and its health page: `code` from errors.py, `message` for people."""

    code: str
    message: str
    detail: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    id: int
    name: str
    site_url: str | None
    language: str | None = None
    owner: str | None = None  # where the ownership file names one


@dataclass(frozen=True, slots=True)
class Feed:
    """A followed feed with how far it got; `next_poll_at` is when the next visit is due."""

    id: int
    publisher_id: int
    url: str
    title: str
    site_url: str | None
    status: FeedStatus
    full_text: bool
    interval_s: int
    next_poll_at: datetime
    created_at: datetime
    format: FeedFormat | None = None
    folder: str = ""
    starter: str = ""  # the starter pack it came from, "" otherwise
    credentials: Credentials | None = None
    validators: Validators = Validators()
    body_digest: bytes | None = None
    last_polled_at: datetime | None = None
    last_changed_at: datetime | None = None
    last_status: int | None = None
    failures: int = 0
    problem: Problem | None = None
    moved_to: str | None = None
    moved_seen: int = 0
    duplicate_of: int | None = None  # stays when the operator resumes it all the same
    skip_hours: frozenset[int] = frozenset()  # of the day in UTC, at which the publisher wants no visit
    hub_url: str | None = None
    topic_url: str | None = None
    hub_secret: str | None = field(default=None, repr=False)
    hub_lease_until: datetime | None = None
    entry_count: int = 0


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed to follow; the publisher is found by its site's host, or made."""

    url: str
    title: str = ""
    site_url: str | None = None
    folder: str = ""
    starter: str = ""
    full_text: bool = True
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one visit to a feed decided; the store applies it in one transaction.

    `entries` are those to insert or change, with the content digest of each, in the feed's order.  Validators are those
    of this answer, kept even when the body was the same (an old value must never latch).
    """

    feed_id: int
    polled_at: datetime
    next_poll_at: datetime
    interval_s: int
    status: FeedStatus
    last_status: int | None
    validators: Validators
    body_digest: bytes | None
    failures: int = 0
    problem: Problem | None = None
    document: FeedDocument | None = None  # None: not modified, same bytes, or failed
    moved_to: str | None = None
    moved_seen: int = 0
    url: str | None = None  # the feed's new address, once a permanent redirect was seen often enough


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Access = Literal["open", "paywall", "consent"]


@dataclass(frozen=True, slots=True)
class Page:
    """Fetched bytes as they came, kept content-addressed and compressed; `digest` is the SHA-256 of `body`."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class Extract:
    """What one page (and its entry) says: the article before it has an id.

    `paragraphs` in reading order; `confidence` 0 to 1 that they are the article and nothing else; `from_feed` when the
    feed's own text was the better one; `access` names a wall in front of the rest of the text.
    """

    headline: str
    paragraphs: tuple[str, ...]
    made_by: str
    standfirst: str | None = None
    byline: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    canonical_url: str | None = None
    language: str | None = None
    image_url: str | None = None
    site_name: str | None = None
    access: Access = "open"
    from_feed: bool = False
    confidence: float = 1.0
    correction: str | None = None


RevisionChange = Literal["first", "minor", "substantive"]


@dataclass(frozen=True, slots=True)
class Article:
    """An article as Tidings knows it now: its latest revision with its identity and three times.

    `published_at` is the publisher's, None when unknown; `first_seen_at` ours; `last_changed_at` of the latest revision.
    """

    id: int
    publisher: Publisher
    url: str  # canonical, at the publisher
    extract: Extract
    revision: int
    text_digest: bytes
    first_seen_at: datetime
    last_changed_at: datetime
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def at(self) -> datetime:
        """When it belongs on a timeline: published, else first seen."""
        return self.extract.published_at or self.first_seen_at


@dataclass(frozen=True, slots=True)
class Revision:
    article_id: int
    revision: int
    change: RevisionChange
    seen_at: datetime
    headline: str
    standfirst: str | None
    paragraphs: tuple[str, ...]
    text_digest: bytes
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class RevisionNote:
    """A revision in a list: when an article changed and how, without its text."""

    revision: int
    change: RevisionChange
    seen_at: datetime
    headline: str
    correction: str | None = None


# ── work ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

Step = Literal["read", "describe", "group"]


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed row of the queue: `subject_id` is an entry's id for "read", an article's for the later steps.

    `attempts` counts the failures that came back, `died` the leases that ran out because nobody did.  `lease` must be handed
    back with the result: a row whose lease was lost to another worker is left alone.
    """

    id: int
    step: Step
    subject_id: int
    attempts: int
    lease: int
    died: int = 0


@dataclass(frozen=True, slots=True)
class EntryToRead:
    """What the read step needs of an entry: the entry, its feed's policy, and what is already known of its page."""

    work: Work
    entry_id: int
    feed_id: int
    publisher: Publisher
    entry: Entry
    full_text: bool
    credentials: Credentials | None
    first_seen_at: datetime
    article_id: int | None = None
    article_made_by: str | None = None
    page_validators: Validators = Validators()


@dataclass(frozen=True, slots=True)
class Renewed:
    """What the extractor of today makes of the kept page that an older one made an article's current revision from."""

    page: Page
    extract: Extract
    text_digest: bytes


# ── understanding ────────────────────────────────────────────────────────────────────────────────────────────────────


EntityKind = Literal["person", "organisation", "place", "work"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a person, place or body found in a text: `key` folds its spellings, `label` is as written most often.

    `forms` are its other spellings in the same text, verbatim ("Cho", "조태열"); `kind` None when the text does not tell;
    `roles` are the folded words that say what a person is ("minister", "winger").
    """

    key: str
    label: str
    count: int = 1
    in_headline: bool = False
    kind: EntityKind | None = None
    forms: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer: `country` is its ISO 3166 code, `sort` what it is; a region lies where its people live."""

    name: str
    country: str
    latitude: float
    longitude: float
    population: int
    geoname_id: int
    sort: Literal["city", "region", "country"] = "city"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A key phrase of one article: `words` verbatim in it, `weight` 0 to 1, most telling 1.

    `count` is how often it stands there other than after a number, as "crowns" in "5 crowns" does.
    """

    key: str
    words: str
    weight: float
    count: int = 1


# Quotes, figures and times lie in one paragraph of the article's current revision: `paragraph` counts from 0, and
# paragraphs[paragraph][start:end] == words, in code points.  That is what a Citation of them needs beside the article.


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that an article gives as somebody's own, the marks left out.

    `speaker` is who said them: the name as the article gives it in full, else the description that it gives ("an official
    at the port"); None when that is not clear.  `said_by` are the words at the quotation that name the speaker ("she").
    `continues` the quote before, which ran on into this paragraph.
    """

    paragraph: int
    start: int
    end: int
    words: str
    speaker: str | None = None
    said_by: str | None = None
    continues: bool = False


FigureBound = Literal["exact", "about", "at least", "at most"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts: "about 180 additional K2 tanks" is 180, of `counted` "additional K2 tanks".

    `unit` is "percent", "percentage point", "basis point", an ISO 4217 code ("USD"), a symbol of measure ("km"), or "" for a
    plain count; of several currencies with one name it is the name as written ("dollars", "crowns").  `value` is written
    out ("$457 billion" is 457000000000); `high` is the upper end of a range.
    """

    paragraph: int
    start: int
    end: int
    words: str
    value: Decimal
    unit: str = ""
    counted: str = ""
    high: Decimal | None = None
    bound: FigureBound = "exact"


Grain = Literal["day", "week", "month", "quarter", "season", "year", "decade"]


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """Words that name a time: the days from `first` to `last`, both included, as exactly as `grain` says.

    `is_printing` when it only says when somebody said so ("the ministry said Tuesday") or when the text was written.
    """

    paragraph: int
    start: int
    end: int
    words: str
    first: date
    last: date
    grain: Grain
    is_printing: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article's text holds to be cited: quotes, figures, times, and `event`, the time at which its news happened.

    `event` is one of `times`, never the day of printing by itself; None when the text does not tell.  `text_digest` is that of
    the text the facts were found in.
    """

    article_id: int
    text_digest: bytes
    quotes: tuple[Quote, ...]
    figures: tuple[Figure, ...]
    times: tuple[TimeExpression, ...]
    event: TimeExpression | None
    made_by: str


DeskSource = Literal["section", "address", "text"]


@dataclass(frozen=True, slots=True)
class Desk:
    """A section of the site ("politics", "Politics"): what a newsroom's desk looks after."""

    slug: str
    label: str


@dataclass(frozen=True, slots=True)
class DeskChoice:
    """Which desk an article is from, and who says so: the publisher's section, its address, or the text with `sure` 0 to 1."""

    slug: str
    by: DeskSource
    sure: float


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """What stories/ knows of an article: everything that clustering, relating and tagging read, and nothing else.

    Vectors are unit length, float32, of `model`; `english_vector` is of `english_model`, both None
    where the text is of another language or that embedder was not there.  `words` are term counts after folding and stemming; `sketch` holds the
    MinHash of 5-word shingles (b"" when the text is too short to have one).  `at` is published, else first seen; `dated`
    says whether the publisher gave it.
    """

    article_id: int
    publisher_id: int
    language: str | None
    at: datetime
    dated: bool
    headline: str
    headline_vector: Vector
    body_vector: Vector
    english_vector: Vector | None
    words: Mapping[str, int]
    headline_words: Mapping[str, int]
    names: tuple[Name, ...]
    phrases: tuple[Phrase, ...]
    sketch: bytes
    word_count: int
    agency: str | None  # the wire agency that the text itself credits
    model: str
    english_model: str | None
    made_by: str
    desk: DeskChoice | None = None  # where the publisher says so


@dataclass(frozen=True, slots=True)
class CopyOf:
    """article_id repeats the report original_id: similarity is the verified share of shingles in common, 0 to 1."""

    article_id: int
    original_id: int
    similarity: float
    agency: str | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article goes.  A story's id is the id of the article that opened it: stable, and known without asking."""

    article_id: int
    story_id: int
    similarity: float  # to the story when it was placed; 1.0 for the opening article


@dataclass(frozen=True, slots=True)
class Merge:
    """Story `from_id` turned out to be story `into_id`; its URL redirects from now on."""

    from_id: int
    into_id: int


@dataclass(frozen=True, slots=True)
class Split:
    """These articles leave story `from_id` for `into_id`, which is new or there already; one that left before stays where it is.

    The part that holds the opening article keeps the id; a new story has the id of the oldest article in it.
    """

    from_id: int
    into_id: int
    article_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A tag on an article: `slug` identifies it, `label` is shown, `words` are the verbatim words that earned it."""

    slug: str
    label: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class TagReport:
    """An article of the last day that carries a hashtag; no copy of another."""

    article_id: int
    publisher_id: int
    story_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TagActivity:
    """How often a hashtag, or two together, stood on articles: `days` counts them by day, the last one the day up to now.

    `tags` are (slug, label); `reports` those of the last day.
    """

    tags: tuple[tuple[str, str], ...]
    days: tuple[int, ...]
    reports: tuple[TagReport, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """What was written about in the last weeks: all articles by day, and the hashtags of the last day with their history."""

    totals: tuple[int, ...]
    tags: tuple[TagActivity, ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """Hashtags on more articles than they usually are, and since when.

    `tags` are (slug, label), the strongest first; `days` as in TagActivity; `day_count` of them, with the last, belong to the
    burst and hold `count` articles; `usual` is how many a day there were before.  `publishers` counts those of the last day.
    `story_id` is the story that most of them tell, with the share of them that does.
    """

    tags: tuple[tuple[str, str], ...]
    days: tuple[int, ...]
    count: int
    day_count: int
    usual: float
    publishers: int
    strength: float
    story_id: int | None
    story_share: float


@dataclass(frozen=True, slots=True)
class NewEntity:
    """Somebody or something named for the first time; `aliases` are its spellings, verbatim, by name key."""

    id: int
    label: str
    kind: EntityKind
    language: str | None
    aliases: Mapping[str, str]
    place: Place | None = None
    is_settled: bool = False  # its label and kind are known, whatever articles call it: countries


@dataclass(frozen=True, slots=True)
class EntityMention:
    """That an article names an entity: `words` are the spellings in it, verbatim, the most written first."""

    entity_id: int
    kind: EntityKind
    words: tuple[str, ...]
    keys: tuple[str, ...]  # of the spellings that could stand for it alone: no bare surname
    count: int
    in_headline: bool
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityPlan:
    """Who is named in the articles of a batch: entities to make, spellings learned of known ones, mentions by article."""

    new: tuple[NewEntity, ...] = ()
    aliases: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    places: Mapping[int, Place] = field(default_factory=dict)
    mentions: Mapping[int, tuple[EntityMention, ...]] = field(default_factory=dict)
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """An entity as the linking needs it.

    `aliases` are the name keys that mean it, `given` those that the operator added, `refused` those that the operator took
    away; `company` are the ids of persons and organisations named beside it, `story_ids` the stories that name it.
    """

    id: int
    label: str
    kind: EntityKind
    aliases: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    story_ids: frozenset[int] = frozenset()
    company: frozenset[int] = frozenset()
    roles: frozenset[str] = frozenset()
    place: Place | None = None
    article_count: int = 0


@dataclass(frozen=True, slots=True)
class KnownEntities:
    """What is known before a batch is linked: those its names may mean, and ids that nobody else takes for new ones."""

    entities: tuple[KnownEntity, ...]
    free_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What stories/ decided about one batch; the store applies it in one transaction, in this order."""

    copies: tuple[CopyOf, ...] = ()
    placements: tuple[Placement, ...] = ()
    splits: tuple[Split, ...] = ()
    merges: tuple[Merge, ...] = ()
    hashtags: Mapping[int, tuple[Hashtag, ...]] = field(default_factory=dict)
    desks: Mapping[int, DeskChoice | None] = field(default_factory=dict)
    recounted: tuple[int, ...] = ()  # stories to count anew though none of their articles moves
    settled: tuple[Settled, ...] = ()
    made_by: str = ""
    entities: EntityPlan | None = None  # None: as it was


@dataclass(frozen=True, slots=True)
class KnownHashtag:
    """A word of the closed vocabulary: `aliases` are the phrase keys that mean it, `article_count` how many carry it."""

    slug: str
    label: str
    aliases: frozenset[str]
    article_count: int


@dataclass(frozen=True, slots=True)
class WindowStory:
    """A story as the window is rebuilt from the store: its id and its articles' descriptions, oldest first."""

    story_id: int
    articles: tuple[Description, ...]


ReasonKind = Literal["same story", "names", "meaning"]


@dataclass(frozen=True, slots=True)
class Relation:
    """A related article and why, in words; every name in `names` occurs in both texts as written there."""

    article_id: int
    similarity: float
    kind: ReasonKind
    reason: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryRank:
    """A story's place on the front page.  `rank` orders stories without knowing the time (see stories/ranking)."""

    rank: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Continuation:
    """Story `story_id` goes on with the affair of story `earlier_id`, which had gone quiet."""

    story_id: int
    earlier_id: int
    strength: float
    made_by: str


@dataclass(frozen=True, slots=True, eq=False)
class LeadCandidate:
    """An original report that may stand for its story; vectors are None, and model too, of one that is not described."""

    article_id: int
    at: datetime
    dated: bool
    headline: str
    section: str | None
    url: str
    language: str | None
    access: Access
    word_count: int
    copy_count: int  # in the same story
    has_dateline: bool
    model: str | None
    headline_vector: Vector | None
    body_vector: Vector | None


# ── what editors correct ─────────────────────────────────────────────────────────────────────────────────────────────

CorrectionKind = Literal["merge", "split", "move"]
CorrectionState = Literal["waiting", "done", "undoing", "undone", "refused"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction did, and what it says about pairs of articles from then on.

    `moved` came from story `from_id` and live in `into_id` now: apart from those `left` behind (none in a merge), which live
    in `rest_id`, and together with one another and with those `joined` (none in a split).
    """

    from_id: int
    into_id: int
    rest_id: int
    moved: tuple[int, ...]
    left: tuple[int, ...] = ()
    joined: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A merge of two stories, or articles split off a story or moved to another: asked by an editor, done by the writer."""

    id: int
    kind: CorrectionKind
    story_id: int
    other_id: int | None  # the other story of a merge or a move
    article_ids: tuple[int, ...]  # chosen for a split or a move
    editor: str
    asked_at: datetime
    done_at: datetime | None = None
    undo_asked_at: datetime | None = None
    undone_at: datetime | None = None
    problem: str = ""  # why it could not be done, or not be undone, in words
    change: Change | None = None

    @property
    def state(self) -> CorrectionState:
        if self.undone_at:
            return "undone"
        if self.done_at is None:
            return "refused" if self.problem else "waiting"
        return "undoing" if self.undo_asked_at else "done"


@dataclass(frozen=True, slots=True)
class Settled:
    """How the writer left a correction: done with its change, undone without, or refused for `problem`."""

    correction_id: int
    change: Change | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StoryArticle:
    """An article as a correction sees it: `root` is the report it copies within the story, itself for an original."""

    article_id: int
    at: datetime
    root: int


@dataclass(frozen=True, slots=True)
class StoryArticles:
    """A story's articles, oldest first."""

    story_id: int
    articles: tuple[StoryArticle, ...]


Verdict = Literal["together", "apart", "unrelated"]


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two articles and what an editor said of them, for training: of one story, not of one story, not even related."""

    verdict: Verdict
    one_id: int
    other_id: int
    editor: str
    at: datetime
    correction_id: int | None = None


@dataclass(frozen=True, slots=True)
class Takedown:
    """An article that was taken down: the number it had, its publisher's site, when, why, by whom; nothing of its words.

    `story_id` is the story that ended with it, None when there was none or it goes on.
    """

    article_id: int
    site: str
    story_id: int | None
    taken_at: datetime
    reason: str
    editor: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What goes with an article when it is taken down, counted: kept pages, revisions, what models answered from it, and what
    readers called wrong about it.  `copies` are articles with the same text, which stay.
    """

    card: ArticleCard
    story: StoryCard | None
    copies: tuple[ArticleCard, ...]
    pages: int
    revisions: int
    answers: int
    reports: int


@dataclass(frozen=True, slots=True)
class Remains:
    """What taken-down articles leave behind: their stories, those of them with articles left, which of these are copies of
    others, and the orphans, articles that were copies of what is gone.
    """

    story_ids: tuple[int, ...]
    stories: tuple[WindowStory, ...]
    copies: frozenset[int]
    orphans: tuple[Description, ...]


# ── what is said of articles, sentence by sentence ───────────────────────────────────────────────────────────────────

HEADLINE, STANDFIRST = -1, -2
"""What a citation's `paragraph` says when its words stand above the text."""


@dataclass(frozen=True, slots=True)
class Source:
    """An article as what is said of it reads it: the words that can be cited, and what is known of them.

    `facts` and `names` are those of this text; `original_id` is the report that it copies, `voice` tells whose report it is:
    sources of one voice (a wire agency's text, publishers of one owner) are one independent report.
    """

    article_id: int
    revision: int
    text_digest: bytes
    publisher: str
    at: datetime
    language: str | None
    headline: str
    paragraphs: tuple[str, ...]
    standfirst: str | None = None
    facts: Facts | None = None
    names: tuple[Name, ...] = ()
    original_id: int | None = None
    voice: str = ""

    def text(self, paragraph: int) -> str:
        """Return what a citation's paragraph counts: a paragraph from 0, the headline or the standfirst; "" when not there."""
        if paragraph == HEADLINE:
            return self.headline
        if paragraph == STANDFIRST:
            return self.standfirst or ""
        return self.paragraphs[paragraph] if 0 <= paragraph < len(self.paragraphs) else ""


@dataclass(frozen=True, slots=True)
class Citation:
    """Words of an article: the article's text of digest `text_digest` holds `words` at paragraph[start:end], in code points."""

    article_id: int
    revision: int
    text_digest: bytes
    paragraph: int
    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the words it came from; nobody is shown one that evidence.check did not pass."""

    text: str
    citations: tuple[Citation, ...]
    language: str | None = None

    @property
    def key(self) -> bytes:
        """What identifies it: its words and the words it cites."""
        parts = (self.text, *(f"{c.article_id}\0{c.words}" for c in self.citations))
        return hashlib.sha256("\0\0".join(parts).encode("utf-8", "replace")).digest()


DropReason = Literal[
    "uncited", "stale", "markup", "quote", "speaker", "name", "number", "date", "negation", "certainty",
    "attribution", "cause", "unsupported",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """What the gate says of a claim: `reason` is None when it passes, else why not, with the words at fault in `detail`.

    `support` is how well the cited words carry it, 0 to 1.
    """

    reason: DropReason | None = None
    detail: str = ""
    support: float = 1.0

    @property
    def passes(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model took: tokens read and written, and the price of them; None where the provider states no prices."""

    tokens_in: int = 0
    tokens_out: int = 0
    price: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a feature says: claims in order, each with its citations, and how they came about.

    `made_by` is "extract/1" for sentences that are the publishers' own, else the model with the prompt's version
    ("llama3.1 · brief/1").  `dropped` counts the sentences that the gate stopped, by reason.  `article_ids` are the sources
    read.  No claims means that the articles do not say.
    """

    claims: tuple[Claim, ...]
    made_by: str
    made_at: datetime
    article_ids: tuple[int, ...]
    dropped: Mapping[DropReason, int] = field(default_factory=dict)
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that was kept, with the digest of what it was made from: another digest today means that it is stale."""

    inputs: bytes
    answer: Answer


@dataclass(frozen=True, slots=True)
class ModelCall:
    """That a language model was asked: when, for whom, for which feature, and what it took."""

    at: datetime
    reader: str
    feature: str
    model: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Spent:
    """What language models took in a time."""

    calls: int
    tokens_in: int
    tokens_out: int
    price: Decimal


WrongState = Literal["open", "withdrawn", "kept"]


@dataclass(frozen=True, slots=True)
class WrongClaim:
    """A claim that readers called wrong, and what the operator decided: `withdrawn` is shown nowhere again, `kept` stands.

    `page` is where it stood, `reports` how often it was said, `note` what the first who wrote something wrote.
    """

    id: int
    claim: Claim
    feature: str
    page: str
    made_by: str
    reported_at: datetime
    reports: int
    note: str
    state: WrongState
    reply: str
    decided_at: datetime | None


# ── what readers see ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """An article in a list."""

    id: int
    headline: str
    standfirst: str | None
    lead: str
    publisher: Publisher
    url: str
    at: datetime
    published_at: datetime | None
    first_seen_at: datetime
    language: str | None
    image_url: str | None
    access: Access
    story_id: int | None
    revision: int = 1
    copy_of: int | None = None
    agency: str | None = None
    byline: tuple[str, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()
    read_at: datetime | None = None
    saved_at: datetime | None = None
    desk: DeskChoice | None = None


@dataclass(frozen=True, slots=True)
class StoryCard:
    """A story in a list: `lead` is the article that stands for it; counts are of its whole."""

    id: int
    headline: str
    lead: ArticleCard
    articles: tuple[ArticleCard, ...]  # a few more, from other publishers
    article_count: int
    publisher_count: int
    report_count: int  # independent reports
    first_at: datetime
    last_at: datetime
    rank: float
    rank_reasons: tuple[str, ...]
    hashtags: tuple[Hashtag, ...] = ()
    unread_count: int = 0
    desk: str | None = None  # that of most of its articles


@dataclass(frozen=True, slots=True)
class EntityCard:
    """An entity in a list: `recent_count` are its articles of the days a list looks back on, `note` tells namesakes apart."""

    id: int
    label: str
    kind: EntityKind
    article_count: int
    last_at: datetime | None
    recent_count: int = 0
    place: Place | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityAlias:
    """A spelling of an entity: `given` by the operator, or found in articles."""

    key: str
    spelling: str
    given: bool
    article_count: int


EntityEditSort = Literal["add alias", "remove alias", "merge"]


@dataclass(frozen=True, slots=True)
class EntityEdit:
    """What the operator changed about an entity; it can be taken back while `undone_at` is None."""

    id: int
    at: datetime
    sort: EntityEditSort
    entity_id: int
    words: str
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NamedIn:
    """An entity as an article names it."""

    card: EntityCard
    words: tuple[str, ...]
    count: int
    in_headline: bool


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity's page: who writes about it and when, what it is named with, its newest articles and stories.

    `by_day` counts articles by day in UTC, oldest first, days without any left out; `spellings` are those of each newest
    article, verbatim in it.
    """

    card: EntityCard
    aliases: tuple[EntityAlias, ...]
    namesakes: tuple[EntityCard, ...]
    beside: tuple[tuple[EntityCard, int], ...]
    by_publisher: tuple[tuple[Publisher, int], ...]
    by_day: tuple[tuple[date, int], ...]
    stories: tuple[StoryCard, ...]
    articles: Listed[ArticleCard]
    spellings: Mapping[int, tuple[str, ...]]
    edits: tuple[EntityEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where an article names an entity: verbatim sentences, with the (start, end) code points of the name in each."""

    card: ArticleCard
    sentences: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story whole: originals by time, each with the copies folded under it."""

    card: StoryCard
    reports: tuple[tuple[ArticleCard, tuple[ArticleCard, ...]], ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article's page: the article, its card, revisions oldest first, the story, the original it copies."""

    article: Article
    card: ArticleCard
    revisions: tuple[RevisionNote, ...]
    copies: tuple[ArticleCard, ...]
    original: ArticleCard | None
    story: StoryCard | None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list that pages by key: `next_key` opens the next, None on the last."""

    rows: tuple[T, ...]
    next_key: str | None = None


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What a reader looks for; filters narrow, None and "" do not."""

    text: str
    since: datetime | None = None
    until: datetime | None = None
    publisher_id: int | None = None
    language: str | None = None
    hashtag: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time; `until` is its end and not in it, None where it is open."""

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Understood:
    """A part of a query that was taken for more than words: shown to the reader, who takes it back by asking `instead`.

    said: the part, verbatim.  value: a Period (of a wish, what was published then comes first and nothing is left out), the name of a publisher, a hashtag's slug, a language's code, or the word
    that a slip was taken for.  holds: False when nothing was found with it, so that it was left out.
    """

    kind: Literal["period", "wish", "publisher", "hashtag", "language", "slip"]
    said: str
    value: Period | str
    instead: str
    holds: bool = True


@dataclass(frozen=True, slots=True)
class SearchText:
    """What the word index takes in of an article."""

    article_id: int
    publisher_id: int
    language: str | None
    at: datetime
    headline: str
    standfirst: str | None
    paragraphs: tuple[str, ...]
    hashtags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchChanges:
    """A stretch of what changed: texts to take in, ids of articles that are gone, and where to go on from."""

    texts: tuple[SearchText, ...]
    gone: tuple[int, ...]
    cursor: str
    is_last: bool


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One found article: `fragments` are verbatim passages with the (start, end) code-point spans to highlight."""

    card: ArticleCard
    score: float
    headline_spans: tuple[tuple[int, int], ...]
    fragments: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """A page of what was found, best first, and how the query was understood; `next_key` as in Listed."""

    rows: tuple[SearchHit, ...]
    next_key: str | None = None
    understood: tuple[Understood, ...] = ()


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """Something that could not be made: kept with its reason, tried again when `made_by` changes or on request."""

    work_id: int
    step: Step
    subject_id: int
    feed_id: int | None
    url: str | None
    title: str
    problem: Problem
    attempts: int
    at: datetime
