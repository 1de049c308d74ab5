"""The pages that everybody reads, and the same views as JSON.  Handlers parse, call one method or two, and present."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import RedirectResponse, Response

from tidings.errors import NotFound
from tidings.model import Desk, Facts, SearchQuery, StoryView
from tidings.stories.desks import desks
from tidings.web import words
from tidings.web.desk import Reader, Visit
from tidings.web.entity_views import named_rows
from tidings.web.present import (
    ListPage,
    SearchPage,
    StoryPage,
    TrendRow,
    article_href,
    as_json,
    cut,
    passages,
    publisher_href,
    section_view,
    span_of,
    story_href,
)
from tidings.web.summaries import article_aid, story_aid

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
After = Annotated[str | None, Query(max_length=500)]

FRONT_STORIES = 24
FACTS_REPORTS = 200  # the newest of a story whose quotes are gathered
TAGS = 200
TAGS_OFFERED = 60  # to choose from in the search form


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


RISING = 5  # hashtags named on the front page


def _front(visit: Visit, after: str | None, desk: str | None = None) -> ListPage:
    listed = visit.tidings.store.front(desk=desk, after=after, limit=FRONT_STORIES)
    return visit.present.story_list(listed, visit.request.url.path)


@router.get("/", include_in_schema=False)
def front(visit: Reader, after: After = None) -> Response:
    stories = _front(visit, after)
    if not stories.rows and after is None:
        followed, _ = visit.tidings.store.feed_counts(quiet_since=words.quiet_since(visit.present.now))
        return visit.page("front_empty.html", feeds=followed, has_operator=visit.tidings.has_operator())
    return visit.page(
        "front.html",
        stories=stories,
        is_first=after is None,
        sections=[section_view(desk.slug) for desk in desks()],
        section=None,
        rising=trend_rows(visit)[:RISING] if after is None else (),
    )


@router.get("/section/{slug}", include_in_schema=False)
def section(visit: Reader, slug: Annotated[str, Path(max_length=40)], after: After = None) -> Response:
    here = _desk(slug)
    return visit.page(
        "front.html",
        stories=_front(visit, after, here.slug),
        is_first=after is None,
        sections=[section_view(desk.slug) for desk in desks()],
        section=section_view(here.slug),
        rising=(),
    )


def _desk(slug: str) -> Desk:
    found = next((desk for desk in desks() if desk.slug == slug), None)
    if found is None:
        raise NotFound(slug, "There is no such section.")
    return found


@router.get("/api/stories")
def front_json(
    visit: Reader,
    after: After = None,
    section: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Stories by rank, with the reasons for it; with a section ("politics") only its stories."""
    return visit.json(_front(visit, after, _desk(section).slug if section else None))


@router.get("/api/sections")
def sections_json(visit: Reader) -> Response:
    """The sections that articles and stories are filed under."""
    return visit.json([section_view(desk.slug) for desk in desks()])


# ── trends ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def trend_rows(visit: Visit) -> tuple[TrendRow, ...]:
    found = visit.tidings.trends()
    ids = sorted({burst.story_id for burst in found if burst.story_id is not None})
    stories = {card.id: card for card in visit.tidings.store.story_cards(ids)} if ids else {}
    return visit.present.trends(found, stories)


@router.get("/trends", include_in_schema=False)
def trends(visit: Reader) -> Response:
    return visit.page("trends.html", trends=trend_rows(visit))


@router.get("/api/trends")
def trends_json(visit: Reader) -> Response:
    """Hashtags that more is written about than usual, each with its days, its reason in words and the story it is about."""
    return visit.json(trend_rows(visit))


@router.get("/latest", include_in_schema=False)
def latest(visit: Reader, after: After = None) -> Response:
    articles = visit.present.article_list(visit.tidings.store.latest(after=after), "/latest")
    return visit.page("latest.html", articles=articles, is_first=after is None)


@router.get("/saved", include_in_schema=False)
def saved(visit: Reader, after: After = None) -> Response:
    visit.require_operator()
    articles = visit.present.article_list(visit.tidings.store.latest(after=after, saved=True), "/saved")
    return visit.page("saved.html", articles=articles, is_first=after is None)


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/story/{story_id}", include_in_schema=False)
@router.get("/story/{story_id}/{slug}", include_in_schema=False)
def story(visit: Reader, story_id: Id, slug: str = "") -> Response:
    current = visit.tidings.store.story_now(story_id)
    view = visit.tidings.store.story(current)
    if current != story_id or slug != words.page_slug(view.card.headline):
        return RedirectResponse(story_href(current, view.card.headline), 301)
    page = _story_page(visit, view)
    return visit.page(
        "story.html",
        page=page,
        story=page.story,
        aid=story_aid(visit, view),
        waiting=_waiting(visit, current),
    )


def _waiting(visit: Visit, story_id: int) -> bool:
    """Whether the operator asked for something here that the worker has not done yet."""
    if not visit.is_operator:
        return False
    asked = visit.tidings.store.corrections(story_id=story_id, limit=5).rows
    return any(correction.state in ("waiting", "undoing") for correction in asked)


@router.get("/api/story/{story_id}")
def story_json(visit: Reader, story_id: Id) -> Response:
    """A story: its independent reports by day with the copies of each; one that was merged answers under its new id."""
    return visit.json(_story_page(visit, visit.story(story_id)))


def _story_page(visit: Visit, view: StoryView) -> StoryPage:
    """Return a story's page; one that it continues, or that continues it, is not called related once more."""
    earlier, later = visit.tidings.store.continuations(view.card.id)
    linked = {card.id for card in (*earlier, *later)}
    related = [card for card in visit.tidings.related_stories(view.card.id) if card.id not in linked]
    return visit.present.story(view, related, _facts_of(visit, view), earlier=earlier, later=later)


def _facts_of(visit: Visit, view: StoryView) -> dict[int, Facts]:
    """What the story's newest reports hold to be cited; copies say the same again."""
    facts: dict[int, Facts] = visit.tidings.store.facts(
        [card.id for card, _ in view.reports[-FACTS_REPORTS:]]
    )
    return facts


# ── articles ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/article/{article_id}/revisions", include_in_schema=False)
def revisions(visit: Reader, article_id: Id) -> Response:
    view = visit.tidings.store.article(article_id)
    return visit.page(
        "revisions.html",
        article=visit.present.row(view.card),
        revisions=visit.present.revisions(view.article, view.revisions),
    )


@router.get("/article/{article_id}/diff", include_in_schema=False)
def diff(
    visit: Reader,
    article_id: Id,
    old: Annotated[int, Query(alias="from", ge=1, le=100_000)] = 1,
    new: Annotated[int | None, Query(alias="to", ge=1, le=100_000)] = None,
) -> Response:
    view = visit.tidings.store.article(article_id)
    new = new or view.article.revision
    page = visit.present.diff(view, old, new, visit.tidings.diff(article_id, old, new))
    if page is None:
        raise NotFound(article_id, "This article has no such revision.")
    return visit.page("diff.html", page=page, article=page.article)


@router.get("/article/{article_id}", include_in_schema=False)
@router.get("/article/{article_id}/{slug}", include_in_schema=False)
def article(
    visit: Reader,
    article_id: Id,
    slug: str = "",
    cited: Annotated[str, Query(alias="words", max_length=24)] = "",
) -> Response:
    view = visit.tidings.store.article(article_id)
    if slug != words.page_slug(view.card.headline):
        rest = f"?{visit.request.url.query}" if visit.request.url.query else ""
        return RedirectResponse(f"{article_href(article_id, view.card.headline)}{rest}", 301)
    marked = span_of(cited)
    facts = visit.tidings.store.facts([article_id]).get(article_id)
    page = visit.present.article(view, visit.tidings.related(article_id), facts)
    unrelated = visit.tidings.store.unrelated(article_id) if visit.is_operator else []
    return visit.page(
        "article.html",
        page=page,
        passages=passages(page, marked),
        marked=marked.paragraph if marked else None,
        aid=article_aid(visit, view),
        named=named_rows(visit.present, visit.tidings.store.named_in(article_id)),
        article=page.article,
        unrelated=visit.present.rows(visit.tidings.store.cards(unrelated)),
        description=cut(page.standfirst or page.article.summary, 200),
        has_voice=bool(visit.tidings.settings.speech_command),
        media=bool(visit.tidings.settings.speech_command) or any(r.kind for r in page.recordings),
    )


@router.get("/api/article/{article_id}")
def article_json(visit: Reader, article_id: Id) -> Response:
    """An article with its quotes, figures, event date, revisions, hashtags, who is named in it, and related articles."""
    view = visit.tidings.store.article(article_id)
    facts = visit.tidings.store.facts([article_id]).get(article_id)
    page = visit.present.article(view, visit.tidings.related(article_id), facts)
    named = named_rows(visit.present, visit.tidings.store.named_in(article_id))
    return visit.json({**as_json(page), "named": named})


# ── hashtags and publishers ──────────────────────────────────────────────────────────────────────────────────────────


@router.get("/tags", include_in_schema=False)
def tags(visit: Reader, after: After = None) -> Response:
    known = visit.present.known_tags(visit.tidings.store.hashtags(after=after, limit=TAGS), "/tags")
    rising = trend_rows(visit) if after is None else ()
    return visit.page("tags.html", tags=known, is_first=after is None, rising=rising[:RISING])


@router.get("/tag/{slug}", include_in_schema=False)
def tag(visit: Reader, slug: Annotated[str, Path(max_length=200)], after: After = None) -> Response:
    if "\0" in slug:
        raise NotFound(slug, "There is no such hashtag.")
    known, listed = visit.tidings.store.hashtag(slug, after=after)
    articles = visit.present.article_list(listed, visit.request.url.path)
    return visit.page(
        "tag.html",
        label=known.label,
        slug=slug,
        count=words.counted(known.article_count, "article", spell=False),
        articles=articles,
        is_first=after is None,
    )


@router.get("/publishers", include_in_schema=False)
def publishers(visit: Reader, after: After = None) -> Response:
    listed = visit.present.publisher_list(visit.tidings.store.publishers_page(after=after), "/publishers")
    return visit.page("publishers.html", publishers=listed, is_first=after is None)


@router.get("/publisher/{publisher_id}", include_in_schema=False)
@router.get("/publisher/{publisher_id}/{slug}", include_in_schema=False)
def publisher(visit: Reader, publisher_id: Id, slug: str = "", after: After = None) -> Response:
    found, listed = visit.tidings.store.publisher(publisher_id, after=after)
    here = publisher_href(found)
    if slug != words.slug(found.name):
        return RedirectResponse(here, 301)
    site_url = found.site_url if (found.site_url or "").startswith(("http://", "https://")) else None
    return visit.page(
        "publisher.html",
        name=found.name,
        site_url=site_url,
        language=found.language,
        language_name=words.LANGUAGES.get(found.language or "", ""),
        publisher_id=found.id,
        articles=visit.present.article_list(listed, here),
        is_first=after is None,
    )


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


_SEARCH_FIELDS = ("q", "since", "until", "publisher", "language", "tag")


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The search form as the reader filled it in; `problem` says what cannot be understood."""

    query: SearchQuery
    parameters: dict[str, str]
    problem: str

    @property
    def has_filters(self) -> bool:
        return any(name != "q" for name in self.parameters)


def search_form(*, q: str, since: str, until: str, publisher: str, language: str, tag: str) -> SearchForm:
    """Return the form's meaning.  Dates are whole days in UTC, both ends included; what is no date is said, not guessed."""
    text = " ".join("".join(c if c.isprintable() else " " for c in q).split())[:300]
    stated = {
        "q": text,
        "since": since,
        "until": until,
        "publisher": publisher,
        "language": language,
        "tag": tag,
    }
    problems = [
        f"{value!r} is not a date: write it as 2026-03-31."
        for value in (since, until)
        if value and _day(value) is None
    ]
    last = _day(until)
    query = SearchQuery(
        text=text,
        since=_day(since),
        until=last + timedelta(days=1) if last else None,
        publisher_id=int(publisher)
        if publisher.isascii() and publisher.isdecimal() and len(publisher) < 19
        else None,
        language=language or None,
        hashtag=words.slug(tag) if tag.strip(" #") else None,
    )
    if query.since and query.until and query.since >= query.until:
        problems.append("The first day lies after the last one.")
    return SearchForm(query, {name: value for name, value in stated.items() if value}, " ".join(problems))


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if 1900 < day.year < 2200 else None


async def _form(  # async, so that no thread is needed for it
    q: Annotated[str, Query(max_length=2000)] = "",
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    publisher: Annotated[str, Query(max_length=20)] = "",
    language: Annotated[str, Query(max_length=10, pattern=r"^[A-Za-z-]*$")] = "",
    tag: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "",
) -> SearchForm:
    return search_form(q=q, since=since, until=until, publisher=publisher, language=language, tag=tag)


Form = Annotated[SearchForm, Depends(_form)]


def _found(visit: Visit, form: SearchForm, after: str | None) -> SearchPage:
    if form.problem or not form.parameters:
        return SearchPage((), None)
    answer = visit.tidings.search(form.query, after=after)
    return visit.present.search(answer, visit.request.url.path, form.parameters)


@router.get("/search", include_in_schema=False)
def search(visit: Reader, form: Form, after: After = None) -> Response:
    hits = _found(visit, form, after)
    known = visit.tidings.store.publishers()
    codes = {p.language for p in known if p.language} | {form.query.language or "en"}
    return visit.page(
        "search.html",
        form=form,
        stated={name: form.parameters.get(name, "") for name in _SEARCH_FIELDS},
        hits=hits,
        publishers=sorted(((str(p.id), p.name) for p in known), key=lambda p: p[1].casefold()),
        languages=sorted(((code, words.LANGUAGES.get(code, code)) for code in codes), key=lambda c: c[1]),
        tags=visit.present.known_tags(visit.tidings.store.hashtags(limit=TAGS_OFFERED), "/tags").rows,
        first_href=f"/search?{urlencode(form.parameters)}",
        is_first=after is None,
    )


@router.get("/api/search")
def search_json(visit: Reader, form: Form, after: After = None) -> Response:
    """Articles by words and meaning, best first; matches are marked in (text, is it a match) runs."""
    if form.problem:
        return visit.json({"error": "search", "message": form.problem}, status=422)
    return visit.json(_found(visit, form, after))


@router.get("/about", include_in_schema=False)
def about(visit: Reader) -> Response:
    settings = visit.tidings.settings
    return visit.page("about.html", contact=settings.contact, site_url=settings.site_url)


@router.get("/bot", include_in_schema=False)
def bot() -> Response:
    return RedirectResponse("/about#bot", 301)
