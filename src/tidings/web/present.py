"""What pages show: model values turned into plain frozen views, the same for HTML templates and for JSON.

A Presenter knows the moment, the reader's rights and how image addresses are signed; its methods are pure.  Every view holds
only strings, numbers, booleans, tuples and other views, so `as_json` renders any of them.  Nothing here is HTML.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from tidings.model import (
    Article,
    ArticleCard,
    ArticleView,
    Burst,
    Correction,
    Enclosure,
    Facts,
    Feed,
    Figure,
    FoundFeed,
    Hashtag,
    KnownHashtag,
    Listed,
    Publisher,
    QuarantineRow,
    Quote,
    Relation,
    RevisionNote,
    SearchAnswer,
    StoryCard,
    StoryView,
    TimeExpression,
    Understood,
)
from tidings.stories.desks import desk_label
from tidings.web import words

if TYPE_CHECKING:
    from tidings.extract.revisions import DiffParagraph

LEAD_CHARS = 280
SPARK_HEIGHT = 16  # of a trend's little chart
QUOTES_A_SPEAKER = 3  # shown at once on a story's page; the rest opens
TALLY_MOST = 16  # marks drawn beside a story's counts; more would be a wall
_STOPS = (*".!?…。！？:",)
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "yi", "ckb", "sd", "ug", "dv"})


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as ISO 8601, in words as of now, and exactly."""

    iso: str
    words: str
    exact: str
    clock: str
    day: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class TagView:
    label: str
    href: str
    words: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section of the site; `why` says who filed an article there, "" for a story and in the navigation."""

    slug: str
    label: str
    href: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TrendRow:
    """Hashtags that more is written about than usual: `words` say how much, `heights` draw its days, 0 to 16, oldest first."""

    tags: tuple[TagView, ...]
    words: str
    days: tuple[int, ...]
    heights: tuple[int, ...]
    burst_days: int
    story: Link | None
    story_language: str | None
    story_direction: str


@dataclass(frozen=True, slots=True)
class PublisherRow:
    """A publisher in a list; `newest` is the time of its newest article."""

    name: str
    href: str
    language: str | None
    newest: Moment | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture through the proxy; `original` is the publisher's address of it."""

    src: str
    original: str


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in a list."""

    id: int
    headline: str
    href: str
    summary: str
    publisher: Link
    url: str
    at: Moment
    dated: bool
    language: str | None
    direction: str
    picture: Picture | None
    access: str
    agency: str | None
    byline: str
    story_id: int | None
    is_copy: bool
    changed: int
    tags: tuple[TagView, ...]
    read: bool
    saved: bool
    desk: SectionView | None = None


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story in a list.  `tally` draws a mark for each publisher: True one that wrote its own report, False one that did not."""

    id: int
    headline: str
    href: str
    language: str | None
    direction: str
    summary: str
    picture: Picture | None
    lead: ArticleRow
    others: tuple[ArticleRow, ...]
    coverage: str
    counted: str
    article_count: int
    publisher_count: int
    report_count: int
    tally: tuple[bool, ...]
    first: Moment
    last: Moment
    reasons: tuple[str, ...]
    tags: tuple[TagView, ...]
    unread_count: int
    read: bool
    desk: SectionView | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """An independent report with the copies of it that others ran."""

    article: ArticleRow
    copies: tuple[ArticleRow, ...]
    copies_words: str
    pause: str  # "4 days later" when the story slept before it, "" otherwise


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    date: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class PublisherShare:
    """What one publisher has in a story, in words: "2 reports", "2 reports and a copy", "a copy"."""

    publisher: Link
    language: str | None
    share: str


@dataclass(frozen=True, slots=True)
class Voice:
    """One that reports independently of the others: `kind` is "publisher", "owner" of several, or "agency" of the text.

    `note` says why several count as one, "" where nothing was taken together.
    """

    name: str
    kind: str
    publishers: tuple[Link, ...]
    reports: int
    copies: int
    note: str


@dataclass(frozen=True, slots=True)
class ContinuedStory:
    """A story before or after this one in the same affair, and how long it was quiet between."""

    id: int
    headline: str
    href: str
    language: str | None
    direction: str
    pause: str


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Words somebody said; `href` leads to them in the article, `anchor` is their place on its page."""

    words: str
    speaker: str | None
    said_by: str | None
    paragraph: int
    start: int
    end: int
    anchor: str
    href: str
    language: str | None
    direction: str
    publisher: str


@dataclass(frozen=True, slots=True)
class FigureView:
    """A number with what it counts: `value` and `high` written out in full, "" for none."""

    words: str
    value: str
    high: str
    unit: str
    counted: str
    bound: str
    paragraph: int
    start: int
    end: int
    anchor: str
    href: str
    is_clear: bool  # it has a unit or says what it counts


@dataclass(frozen=True, slots=True)
class EventView:
    """When the news of an article happened: `label` in words, `first` and `last` day as ISO 8601."""

    label: str
    first: str
    last: str
    words: str
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SpeakerQuotes:
    """What one speaker is quoted with in a story; `shown` at once, the `others` on request."""

    speaker: str
    shown: tuple[QuoteView, ...]
    others: tuple[QuoteView, ...]


@dataclass(frozen=True, slots=True)
class StoryPage:
    story: StoryRow
    days: tuple[Day, ...]
    publishers: tuple[PublisherShare, ...]
    voices: tuple[Voice, ...]
    continues: tuple[ContinuedStory, ...]
    continued_in: tuple[ContinuedStory, ...]
    related: tuple[StoryRow, ...]
    span: str
    saved: bool
    article_ids: tuple[int, ...]
    quotes: tuple[SpeakerQuotes, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """An enclosure: `kind` is "audio", "video" or "" for a file that is only linked."""

    url: str
    kind: str
    media_type: str
    label: str


@dataclass(frozen=True, slots=True)
class RelatedRow:
    article: ArticleRow
    kind: str
    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    number: int
    label: str
    seen: Moment
    headline: str
    correction: str | None
    compare_href: str | None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    article: ArticleRow
    standfirst: str | None
    section: str | None
    dateline: str | None
    paragraphs: tuple[str, ...]
    access_label: str
    partial: bool
    from_feed: bool
    correction: str | None
    published: Moment | None
    first_seen: Moment
    modified: Moment | None
    recordings: tuple[Recording, ...]
    tags: tuple[TagView, ...]
    related: tuple[RelatedRow, ...]
    revisions: tuple[RevisionRow, ...]
    changes_words: str
    revisions_href: str
    copies: tuple[ArticleRow, ...]
    original: ArticleRow | None
    story: StoryRow | None
    minutes: str
    event: EventView | None = None
    quotes: tuple[QuoteView, ...] = ()
    figures: tuple[FigureView, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A run of words: `change` is "same", "removed" or "added"."""

    change: str
    text: str


@dataclass(frozen=True, slots=True)
class DiffPage:
    article: ArticleRow
    old: RevisionRow
    new: RevisionRow
    paragraphs: tuple[tuple[DiffPart, ...], ...]
    unchanged: int
    revisions: tuple[RevisionRow, ...]


@dataclass(frozen=True, slots=True)
class FeedRow:
    id: int
    title: str
    publisher_href: str
    url: str | None  # None for readers who are not the operator: addresses may hold private keys
    site_url: str | None
    host: str
    state: str
    status: str
    is_well: bool
    answer: str
    next_visit: str
    problem: str | None
    remedy: str
    entries: str
    full_text: bool
    has_credentials: bool
    username: str
    starter: str
    folder: str
    pushed: bool
    last: Moment | None
    changed: Moment | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A found article; headline and fragments come in (text, is it a match) runs."""

    article: ArticleRow
    headline: tuple[tuple[str, bool], ...]
    fragments: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True, slots=True)
class QuarantineView:
    id: int
    title: str
    url: str | None
    step: str
    reason: str
    detail: str
    attempts: str
    at: Moment


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction in words: `what` STORY `joint` OTHER, as in "Split one article off" A "into" B."""

    id: int
    what: str
    story: Link
    joint: str
    other: Link | None
    editor: str
    asked: Moment
    undone: Moment | None
    state: str
    note: str
    may_undo: bool


@dataclass(frozen=True, slots=True)
class UnderstoodNote:
    """How a part of a query was read, and the address that takes it back; None where there is nothing to take back."""

    text: str
    undo: str
    href: str | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of what was found, and how the query was read."""

    rows: tuple[Hit, ...]
    older_href: str | None
    understood: tuple[UnderstoodNote, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of any list; `older_href` opens the next one."""

    rows: tuple[Any, ...]
    older_href: str | None


def as_json(view: Any) -> Any:
    """Return a view as JSON values."""
    if dataclasses.is_dataclass(view) and not isinstance(view, type):
        return {f.name: as_json(getattr(view, f.name)) for f in dataclasses.fields(view)}
    if isinstance(view, Mapping):
        return {str(key): as_json(value) for key, value in view.items()}
    if isinstance(view, (list, tuple)):
        return [as_json(value) for value in view]
    return view


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def article_href(article_id: int, headline: str) -> str:
    return f"/article/{article_id}/{quote(words.page_slug(headline))}"


def story_href(story_id: int, headline: str) -> str:
    return f"/story/{story_id}/{quote(words.page_slug(headline))}"


def tag_href(slug: str) -> str:
    return f"/tag/{quote(slug, safe='')}"


def section_view(slug: str, why: str = "") -> SectionView:
    return SectionView(slug, desk_label(slug), f"/section/{slug}", why)


def publisher_href(publisher: Publisher) -> str:
    return f"/publisher/{publisher.id}/{quote(words.slug(publisher.name))}"


def _note(one: Understood, path: str, parameters: Mapping[str, str]) -> UnderstoodNote:
    text, undo = words.understood(one)
    if not one.holds:
        return UnderstoodNote(text, "", None)
    return UnderstoodNote(text, undo, f"{path}?{urlencode({**parameters, 'q': one.instead})}")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article by their place: paragraph (-1 the headline, -2 the standfirst), start and end in code points."""

    paragraph: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.paragraph}.{self.start}.{self.end}"


def span_of(text: str) -> Span | None:
    """Return the place that "3.10.55" names; None for anything else."""
    match = re.fullmatch(r"(-?\d{1,4})\.(\d{1,6})\.(\d{1,6})", text, re.ASCII)
    if not match:
        return None
    span = Span(*map(int, match.groups()))
    return span if span.start < span.end else None


def older_href(path: str, next_key: str | None, parameters: Mapping[str, str] | None = None) -> str | None:
    """Return the address of a list's next page, None on the last."""
    if next_key is None:
        return None
    return f"{path}?{urlencode({**(parameters or {}), 'after': next_key})}"


def by_day(rows: Iterable[ArticleRow]) -> list[tuple[str, list[ArticleRow]]]:
    """Return rows in their order, under the name of each one's day."""
    return [(day, list(ours)) for day, ours in groupby(rows, key=lambda row: row.at.day)]


def runs(text: str, spans: Iterable[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    """Return a text cut at the spans to highlight: (piece, whether it is highlighted), none empty."""
    pieces: list[tuple[str, bool]] = []
    here = 0
    for start, end in sorted(spans):
        start, end = max(start, here), min(end, len(text))
        if start >= end:
            continue
        pieces += [(text[here:start], False), (text[start:end], True)]
        here = end
    pieces.append((text[here:], False))
    return tuple(piece for piece in pieces if piece[0])


def _with_ellipses(
    pieces: tuple[tuple[str, bool], ...], text: str, *, whole: str
) -> tuple[tuple[str, bool], ...]:
    """Return the runs of a stretch of text, with an ellipsis where it breaks into a sentence or off it.

    `whole` is a text that ends without a full stop by right, as standfirsts do.
    """
    before = (("…", False),) if text[:1].islower() else ()
    after = () if not text or text == whole or text.rstrip("\"'”’»)]")[-1:] in _STOPS else (("\xa0…", False),)
    return (*before, *pieces, *after)


def cut(text: str, most: int = LEAD_CHARS) -> str:
    """Return a text of at most `most` characters, cut between words with an ellipsis."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    return (short.rsplit(" ", 1)[0] if " " in short[most // 2 :] else short).rstrip(" ,;:–—") + "…"


# ── the presenter ────────────────────────────────────────────────────────────────────────────────────────────────────


class Presenter:
    """Makes views as of `now`; `image_href` signs a picture's address; `is_operator` decides what private things show."""

    def __init__(self, *, now: datetime, image_href: Callable[[str], str], is_operator: bool = False) -> None:
        self.now = now
        self._image_href = image_href
        self._is_operator = is_operator

    def moment(self, at: datetime) -> Moment:
        return Moment(
            iso=at.isoformat(timespec="seconds"),
            words=words.age(at, self.now),
            exact=words.exact(at),
            clock=f"{at:%H:%M}",
            day=words.day(at, self.now),
        )

    def _picture(self, url: str | None) -> Picture | None:
        if not url or not url.startswith(("http://", "https://")):
            return None
        return Picture(self._image_href(url), url)

    def tags(self, hashtags: Iterable[Hashtag]) -> tuple[TagView, ...]:
        return tuple(TagView(h.label, tag_href(h.slug), h.words) for h in hashtags)

    def known_tags(self, listed: Listed[KnownHashtag], path: str) -> ListPage:
        rows = tuple(TagView(h.label, tag_href(h.slug), "", h.article_count) for h in listed.rows)
        return ListPage(rows, older_href(path, listed.next_key))

    def trends(self, found: Sequence[Burst], stories: Mapping[int, StoryCard]) -> tuple[TrendRow, ...]:
        rows = []
        for burst in found:
            card = stories.get(burst.story_id or 0)
            most = max(burst.days, default=0) or 1
            rows.append(
                TrendRow(
                    tags=tuple(TagView(label, tag_href(slug), "") for slug, label in burst.tags),
                    words=words.burst(burst),
                    days=burst.days,
                    heights=tuple(max(1, round(SPARK_HEIGHT * n / most)) if n else 0 for n in burst.days),
                    burst_days=burst.day_count,
                    story=Link(card.headline, story_href(card.id, card.headline)) if card else None,
                    story_language=card.lead.language if card else None,
                    story_direction="rtl" if card and card.lead.language in RIGHT_TO_LEFT else "ltr",
                )
            )
        return tuple(rows)

    def publisher_list(self, listed: Listed[tuple[Publisher, datetime | None]], path: str) -> ListPage:
        rows = tuple(
            PublisherRow(p.name, publisher_href(p), p.language, self.moment(newest) if newest else None)
            for p, newest in listed.rows
        )
        return ListPage(rows, older_href(path, listed.next_key))

    # ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def row(self, card: ArticleCard) -> ArticleRow:
        return ArticleRow(
            id=card.id,
            headline=card.headline,
            href=article_href(card.id, card.headline),
            summary=cut(card.standfirst or card.lead),
            publisher=Link(card.publisher.name, publisher_href(card.publisher)),
            url=card.url,
            at=self.moment(card.at),
            dated=card.published_at is not None,
            language=card.language,
            direction="rtl" if card.language in RIGHT_TO_LEFT else "ltr",
            picture=self._picture(card.image_url),
            access={"open": "", "paywall": "Subscribers", "consent": "Consent wall"}[card.access],
            agency=card.agency if card.agency != card.publisher.name else None,
            byline=words.listed(list(card.byline)),
            story_id=card.story_id,
            is_copy=card.copy_of is not None,
            changed=card.revision - 1,
            tags=self.tags(card.hashtags),
            read=card.read_at is not None,
            saved=card.saved_at is not None,
            desk=section_view(card.desk.slug, words.desk_reason(card.desk)) if card.desk else None,
        )

    def rows(self, cards: Iterable[ArticleCard]) -> tuple[ArticleRow, ...]:
        return tuple(self.row(card) for card in cards)

    def article_list(
        self, listed: Listed[ArticleCard], path: str, parameters: Mapping[str, str] | None = None
    ) -> ListPage:
        return ListPage(self.rows(listed.rows), older_href(path, listed.next_key, parameters))

    def article(
        self, view: ArticleView, related: Sequence[tuple[ArticleCard, Relation]], facts: Facts | None = None
    ) -> ArticlePage:
        article, extract = view.article, view.article.extract
        revisions = self.revisions(article, view.revisions)
        changes = len(view.revisions) - 1
        return ArticlePage(
            article=self.row(view.card),
            standfirst=extract.standfirst,
            section=extract.section,
            dateline=extract.dateline,
            paragraphs=extract.paragraphs,
            access_label=words.access_label(extract.access),
            partial=extract.access != "open",
            from_feed=extract.from_feed,
            correction=extract.correction,
            published=self.moment(extract.published_at) if extract.published_at else None,
            first_seen=self.moment(article.first_seen_at),
            modified=self.moment(article.last_changed_at) if changes > 0 else None,
            recordings=tuple(self._recording(e) for e in article.enclosures),
            tags=self.tags(view.card.hashtags),
            related=tuple(
                RelatedRow(self.row(card), relation.kind, relation.reason, relation.names)
                for card, relation in related
            ),
            revisions=revisions,
            changes_words=words.times(changes) if changes > 0 else "",
            revisions_href=f"/article/{article.id}/revisions",
            copies=self.rows(view.copies),
            original=self.row(view.original) if view.original else None,
            story=self.story_row(view.story) if view.story and view.story.article_count > 1 else None,
            minutes=_reading_time(extract.paragraphs, extract.language),
            event=_event_view(facts.event, view.card.at) if facts and facts.event else None,
            quotes=_quote_views(view.card, facts.quotes) if facts else (),
            figures=_figure_views(view.card, facts.figures) if facts else (),
        )

    def _recording(self, enclosure: Enclosure) -> Recording:
        kind = (enclosure.media_type or "").split("/")[0]
        kind = kind if kind in ("audio", "video") else ""
        facts = [{"audio": "Audio", "video": "Video", "": "Attached file"}[kind]]
        if enclosure.duration_s:
            facts.append(words.duration(enclosure.duration_s))
        if enclosure.length_bytes:
            facts.append(words.size(enclosure.length_bytes))
        return Recording(enclosure.url, kind, enclosure.media_type or "", ", ".join(facts))

    def revisions(self, article: Article, revisions: Sequence[RevisionNote]) -> tuple[RevisionRow, ...]:
        """Return an article's revisions, newest first, each with the link that compares it to the one before."""
        rows = []
        for before, revision in zip([None, *revisions], revisions, strict=False):
            label = {"first": "First seen", "minor": "Small change", "substantive": "Changed"}[
                revision.change
            ]
            compare = None
            if before is not None:
                compare = f"/article/{article.id}/diff?from={before.revision}&to={revision.revision}"
            rows.append(
                RevisionRow(
                    revision.revision,
                    label,
                    self.moment(revision.seen_at),
                    revision.headline,
                    revision.correction,
                    compare,
                )
            )
        return tuple(reversed(rows))

    def diff(
        self, view: ArticleView, old: int, new: int, paragraphs: Sequence[DiffParagraph]
    ) -> DiffPage | None:
        """Return the comparison of two revisions; None when the article has no such revisions."""
        revisions = self.revisions(view.article, view.revisions)
        by_number = {row.number: row for row in revisions}
        if old not in by_number or new not in by_number:
            return None
        parts = tuple(tuple(DiffPart(change, text) for change, text in paragraph) for paragraph in paragraphs)
        changed = tuple(p for p in parts if any(part.change != "same" for part in p))
        return DiffPage(
            article=self.row(view.card),
            old=by_number[old],
            new=by_number[new],
            paragraphs=parts,
            unchanged=len(parts) - len(changed),
            revisions=revisions,
        )

    # ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def story_row(self, card: StoryCard) -> StoryRow:
        lead = self.row(card.lead)
        others = self.rows(c for c in card.articles if c.id != card.lead.id)
        picture = lead.picture or next((o.picture for o in others if o.picture), None)
        without_own = max(0, card.publisher_count - card.report_count)
        return StoryRow(
            id=card.id,
            headline=card.headline,
            href=story_href(card.id, card.headline),
            language=lead.language,
            direction=lead.direction,
            summary=lead.summary,
            picture=picture,
            lead=lead,
            others=others,
            coverage=words.coverage(card.publisher_count, card.report_count, card.article_count),
            counted=words.counted(card.article_count, "article", spell=False),
            article_count=card.article_count,
            publisher_count=card.publisher_count,
            report_count=card.report_count,
            tally=((True,) * card.report_count + (False,) * without_own)[:TALLY_MOST],
            first=self.moment(card.first_at),
            last=self.moment(card.last_at),
            reasons=card.rank_reasons,
            tags=self.tags(card.hashtags),
            unread_count=card.unread_count,
            read=self._is_operator and card.unread_count == 0,
            desk=section_view(card.desk) if card.desk else None,
        )

    def story_list(self, listed: Listed[StoryCard], path: str) -> ListPage:
        return ListPage(tuple(self.story_row(c) for c in listed.rows), older_href(path, listed.next_key))

    def story(
        self,
        view: StoryView,
        related: Sequence[StoryCard],
        facts: Mapping[int, Facts] | None = None,
        *,
        earlier: Sequence[StoryCard] = (),
        later: Sequence[StoryCard] = (),
    ) -> StoryPage:
        """Return a story's page: its reports by day, newest day first, each day read in order of time.

        It continues the stories `earlier` and is continued in those `later`.
        """
        reports = sorted(view.reports, key=lambda report: report[0].at)
        dated = [card for card, _ in reports if card.published_at is not None]
        pauses = {
            after.id: words.pause((after.at - before.at).total_seconds()) for before, after in pairwise(dated)
        }
        days = tuple(
            Day(
                label=words.day(ours[0][0].at, self.now),
                date=date.isoformat(),
                reports=tuple(
                    Report(self.row(c), self.rows(copies), _copies_words(c, copies), pauses.get(c.id, ""))
                    for c, copies in ours
                ),
            )
            for date, ours in ((d, list(g)) for d, g in groupby(reports, key=lambda r: r[0].at.date()))
        )
        cards = [card for original, copies in reports for card in (original, *copies)]
        copied = {copy.id for _, copies in reports for copy in copies}
        return StoryPage(
            story=self.story_row(view.card),
            days=days,
            publishers=_shares(cards, copied),
            voices=_voices(reports),
            continues=tuple(_continued(card, card.last_at, view.card.first_at) for card in earlier),
            continued_in=tuple(_continued(card, view.card.last_at, card.first_at) for card in later),
            related=tuple(self.story_row(card) for card in related),
            span=self._span(view.card),
            saved=bool(cards) and all(c.saved_at for c in cards),
            article_ids=tuple(c.id for c in cards),
            quotes=_by_speaker([card for card, _ in reports], facts or {}),
        )

    def _span(self, card: StoryCard) -> str:
        first, last = words.day(card.first_at, self.now), words.day(card.last_at, self.now)
        return (
            first
            if first == last
            else f"{first} to {last[0].lower() + last[1:] if last in ('Today', 'Yesterday') else last}"
        )

    # ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────
    def corrections(self, listed: Listed[Correction], headlines: Mapping[int, str], path: str) -> ListPage:
        """Return corrections, the last first; headlines are those of the stories they name."""

        def link(story_id: int) -> Link:
            headline = headlines.get(story_id, "")
            return Link(headline or f"Story {story_id}", story_href(story_id, headline))

        def row(one: Correction) -> CorrectionRow:
            moved = len(one.change.moved) if one.change else len(one.article_ids)
            what, joint = words.correction(one.kind, moved)
            other_id = one.other_id or (one.change.into_id if one.change and not one.undone_at else None)
            return CorrectionRow(
                id=one.id,
                what=what,
                story=link(one.story_id),
                joint=joint,
                other=link(other_id) if other_id else None,
                editor=one.editor,
                asked=self.moment(one.asked_at),
                undone=self.moment(one.undone_at) if one.undone_at else None,
                state=one.state,
                note=one.problem or {"waiting": words.WAITING, "undoing": words.UNDOING}.get(one.state, ""),
                may_undo=one.state in ("waiting", "done"),
            )

        return ListPage(tuple(row(one) for one in listed.rows), older_href(path, listed.next_key))

    # ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def search(self, answer: SearchAnswer, path: str, parameters: Mapping[str, str]) -> SearchPage:
        hits = tuple(
            Hit(
                self.row(hit.card),
                runs(hit.card.headline, hit.headline_spans),
                tuple(
                    _with_ellipses(runs(text, spans), text, whole=hit.card.standfirst or "")
                    for text, spans in hit.fragments
                ),
            )
            for hit in answer.rows
        )
        notes = tuple(_note(one, path, parameters) for one in answer.understood)
        return SearchPage(hits, older_href(path, answer.next_key, parameters), notes)

    # ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def feed_list(self, listed: Listed[Feed], path: str, parameters: Mapping[str, str]) -> ListPage:
        return ListPage(
            tuple(self.feed(feed) for feed in listed.rows), older_href(path, listed.next_key, parameters)
        )

    def feed(self, feed: Feed) -> FeedRow:
        state = words.feed_state(feed, self.now)
        site_url = (
            feed.site_url if feed.site_url and feed.site_url.startswith(("http://", "https://")) else None
        )
        return FeedRow(
            id=feed.id,
            title=feed.title or host_of(feed.url),
            publisher_href=f"/publisher/{feed.publisher_id}",
            url=feed.url if self._is_operator else None,
            site_url=site_url,
            host=host_of(feed.url),
            state=state,
            status=feed.status,
            is_well=state in ("Well", "New", "Paused"),
            answer=words.feed_answer(feed, self.now),
            next_visit=words.feed_next(feed, self.now),
            problem=feed.problem.message if feed.problem else None,
            remedy=words.feed_remedy(feed),
            entries=words.counted(feed.entry_count, "entry", "entries", spell=False),
            full_text=feed.full_text,
            has_credentials=feed.credentials is not None,
            username=feed.credentials.username if feed.credentials and self._is_operator else "",
            starter=feed.starter,
            folder=feed.folder,
            pushed=bool(feed.hub_lease_until and feed.hub_lease_until > self.now),
            last=self.moment(feed.last_polled_at) if feed.last_polled_at else None,
            changed=self.moment(feed.last_changed_at) if feed.last_changed_at else None,
        )

    def quarantine(self, listed: Listed[QuarantineRow]) -> ListPage:
        steps = {
            "read": "Reading the page",
            "describe": "Describing the text",
            "group": "Placing the article",
        }
        rows = tuple(
            QuarantineView(
                id=row.work_id,
                title=row.title or row.url or "untitled",
                url=row.url if row.url and row.url.startswith(("http://", "https://")) else None,
                step=steps[row.step],
                reason=row.problem.message,
                detail=row.problem.code,
                attempts=words.counted(row.attempts, "try", "tries"),
                at=self.moment(row.at),
            )
            for row in listed.rows
        )
        return ListPage(rows, older_href("/quarantine", listed.next_key))


def _quote_views(card: ArticleCard, quotes: Sequence[Quote]) -> tuple[QuoteView, ...]:
    href = article_href(card.id, card.headline)
    return tuple(
        QuoteView(
            words=q.words,
            speaker=q.speaker,
            said_by=q.said_by,
            paragraph=q.paragraph,
            start=q.start,
            end=q.end,
            anchor=f"quote-{number}",
            href=f"{href}#quote-{number}",
            language=card.language,
            direction="rtl" if card.language in RIGHT_TO_LEFT else "ltr",
            publisher=card.publisher.name,
        )
        for number, q in enumerate(quotes, 1)
    )


def _figure_views(card: ArticleCard, figures: Sequence[Figure]) -> tuple[FigureView, ...]:
    href = article_href(card.id, card.headline)
    return tuple(
        FigureView(
            words=f.words,
            value=f"{f.value:f}",
            high="" if f.high is None else f"{f.high:f}",
            unit=f.unit,
            counted=f.counted,
            bound=f.bound,
            paragraph=f.paragraph,
            start=f.start,
            end=f.end,
            anchor=f"figure-{number}",
            href=f"{href}#figure-{number}",
            is_clear=bool(f.unit or f.counted),
        )
        for number, f in enumerate(figures, 1)
    )


def _event_view(event: TimeExpression, at: datetime) -> EventView:
    return EventView(
        label=words.span_of_days(event.first, event.last, at.date()),
        first=event.first.isoformat(),
        last=event.last.isoformat(),
        words=event.words,
        paragraph=event.paragraph,
        start=event.start,
        end=event.end,
    )


def _by_speaker(cards: Sequence[ArticleCard], facts: Mapping[int, Facts]) -> tuple[SpeakerQuotes, ...]:
    """Return the quotes of a story's reports by speaker, the most quoted first; the same words count once.

    A family name alone goes with the one full name of the story that ends in it.
    """
    found: dict[str, dict[str, QuoteView]] = {}
    for card in cards:
        for view in _quote_views(card, facts[card.id].quotes) if card.id in facts else ():
            if view.speaker:
                said = found.setdefault(view.speaker, {})
                said.setdefault(view.words.casefold().strip(" .,!?…"), view)
    for short in [name for name in found if " " not in name]:
        whole = [name for name in found if name.endswith(f" {short}")]
        if len(whole) == 1:
            for key, view in found.pop(short).items():
                found[whole[0]].setdefault(key, dataclasses.replace(view, speaker=whole[0]))
    ordered = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return tuple(
        SpeakerQuotes(speaker, quotes[:QUOTES_A_SPEAKER], quotes[QUOTES_A_SPEAKER:])
        for speaker, quotes in ((name, tuple(said.values())) for name, said in ordered)
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a paragraph; with an `anchor` it is a quote or a figure that links lead to, made of `parts`.

    `marked` is one of the words that the reader came for.
    """

    text: str
    anchor: str = ""
    parts: tuple[Passage, ...] = ()
    marked: bool = False


def passages(page: ArticlePage, cited: Span | None = None) -> tuple[tuple[Passage, ...], ...]:
    """Return an article's paragraphs cut so that its quotes and figures can be linked to, the cited words marked.

    A figure inside a quote lies in it; one that crosses a quote's edge has no place of its own.
    """
    spans: dict[int, list[tuple[int, int, str]]] = {}
    every: tuple[QuoteView | FigureView, ...] = (*page.quotes, *page.figures)
    for found in every:
        spans.setdefault(found.paragraph, []).append((found.start, found.end, found.anchor))
    return tuple(
        _cut_up(
            text,
            (0, len(text)),
            sorted(spans.get(n, ()), key=lambda s: (s[0], -s[1])),
            (cited.start, cited.end) if cited and cited.paragraph == n else (0, 0),
        )
        for n, text in enumerate(page.paragraphs)
    )


def _cut_up(
    text: str, within: tuple[int, int], spans: Sequence[tuple[int, int, str]], cited: tuple[int, int]
) -> tuple[Passage, ...]:
    pieces: list[Passage] = []
    here, end = within
    for place, (first, last, anchor) in enumerate(spans):
        if first < here or last > end:
            continue
        inside = [span for span in spans[place + 1 :] if first <= span[0] and span[1] <= last]
        pieces += _marked(text, here, first, cited)
        pieces.append(Passage(text[first:last], anchor, _cut_up(text, (first, last), inside, cited)))
        here = last
    return (*pieces, *_marked(text, here, end, cited))


def _marked(text: str, start: int, end: int, cited: tuple[int, int]) -> list[Passage]:
    """Return a plain stretch, cut where the cited words begin and end."""
    first, last = (min(max(edge, start), end) for edge in cited)
    cuts = ((start, first, False), (first, last, True), (last, end, False))
    return [Passage(text[a:b], marked=marked) for a, b, marked in cuts if a < b]


def _shares(cards: Sequence[ArticleCard], copied: Set[int]) -> tuple[PublisherShare, ...]:
    """Return what each publisher has in a story, those with most reports of their own first."""
    found: dict[int, tuple[Publisher, list[int]]] = {}
    for card in cards:
        counts = found.setdefault(card.publisher.id, (card.publisher, [0, 0]))[1]
        counts[card.id in copied] += 1
    ordered = sorted(found.values(), key=lambda one: (-one[1][0], -one[1][1], one[0].name.casefold()))
    return tuple(
        PublisherShare(
            Link(publisher.name, publisher_href(publisher)), publisher.language, words.share(*counts)
        )
        for publisher, counts in ordered
    )


def _continued(card: StoryCard, ended_at: datetime, began_at: datetime) -> ContinuedStory:
    language = card.lead.language
    return ContinuedStory(
        id=card.id,
        headline=card.headline,
        href=story_href(card.id, card.headline),
        language=language,
        direction="rtl" if language in RIGHT_TO_LEFT else "ltr",
        pause=words.quiet_for((began_at - ended_at).total_seconds()),
    )


def _voices(reports: Sequence[tuple[ArticleCard, tuple[ArticleCard, ...]]]) -> tuple[Voice, ...]:
    """Return who reports independently, each with those that count with it, the one with most articles first."""
    found: dict[str, list[tuple[ArticleCard, tuple[ArticleCard, ...]]]] = {}
    for card, copies in reports:
        publisher = card.publisher
        name = card.agency or publisher.owner or f"publisher {publisher.id}"
        found.setdefault(name.lower(), []).append((card, copies))
    voices = [_voice(ours) for ours in found.values()]
    return tuple(sorted(voices, key=lambda v: (-v.reports - v.copies, v.name.casefold())))


def _voice(ours: Sequence[tuple[ArticleCard, tuple[ArticleCard, ...]]]) -> Voice:
    first = ours[0][0]
    agency, owner = first.agency, first.publisher.owner
    own = {card.publisher.id: card.publisher for card, _ in ours}
    every = {c.publisher.id: c.publisher for card, copies in ours for c in (card, *copies)}
    kind = "agency" if agency else "owner" if owner and len(own) > 1 else "publisher"
    name = agency or owner or "" if kind != "publisher" else first.publisher.name
    return Voice(
        name=name,
        kind=kind,
        publishers=tuple(Link(p.name, publisher_href(p)) for p in every.values()),
        reports=len(ours),
        copies=sum(len(copies) for _, copies in ours),
        note=words.voice(kind, name) if len(every) > 1 else "",
    )


def host_of(url: str) -> str:
    """Return the host of an address as people say it."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def found_label(found: FoundFeed) -> str:
    kind = {"rss": "RSS", "rss1": "RSS 1.0", "atom": "Atom", "json": "JSON Feed", "sitemap": "news sitemap"}
    return kind.get(found.format or "", "feed")


def _reading_time(paragraphs: Sequence[str], language: str | None) -> str:
    """Return "3 min read" at 230 words a minute, 500 characters for languages without spaces."""
    text = " ".join(paragraphs)
    dense = language in ("ko", "ja", "zh", "th")
    minutes = len(text) / 500 if dense else len(text.split()) / 230
    return f"{max(1, round(minutes))} min read" if minutes >= 0.4 else ""


def _copies_words(original: ArticleCard, copies: Sequence[ArticleCard]) -> str:
    """Return "Also run by A and B", naming the agency whose text it is when that is known."""
    if not copies:
        return ""
    names = words.listed(sorted({c.publisher.name for c in copies}))
    agency = original.agency or next((c.agency for c in copies if c.agency), None)
    return f"The same {agency} report ran in {names}" if agency else f"The same report ran in {names}"
