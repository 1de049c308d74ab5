"""What is new: in a story since a time or since one read it, and over the last day in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from tidings.ai.news import NewClaim
from tidings.errors import NotFound
from tidings.model import ArticleCard, StoryView
from tidings.web import words
from tidings.web.claim_views import AnswerView, answer_view, numbering_for
from tidings.web.desk import Reader, Visit
from tidings.web.news_views import BriefStory, NewRow, cited_in, new_rows
from tidings.web.present import Moment

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Since = Annotated[str, Query(max_length=40)]

BRIEF_STORIES = 8
BRIEF_CLAIMS = 3  # of a story
BRIEF_LOOKED_AT = 60  # stories by rank among which those with reports of the last day are sought
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewPage:
    """What is new in a story since `since`, or since the operator's own marks when that is None."""

    since: Moment | None
    known: str
    rows: tuple[NewRow, ...]


def _new_page(visit: Visit, view: StoryView, since: str) -> NewPage:
    at = moment_of(since)
    by_marks = at is None and visit.is_operator and any(c.read_at for c, _ in view.reports)
    # To ten minutes: what two readers ask within them is made once.
    at = at or visit.present.now - DAY
    at = None if by_marks else at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
    found, known = new_in(visit, view, at)
    numbering = numbering_for(visit, [new.claim for new in found], cited_in(found))
    wrong = {"feature": "new", "subject": f"story {view.card.id}", "options": at.isoformat() if at else ""}
    return NewPage(
        since=visit.present.moment(at) if at else None,
        known=words.counted(known, "report"),
        rows=new_rows(found, numbering, wrong),
    )


def new_in(visit: Visit, view: StoryView, at: datetime | None) -> tuple[tuple[NewClaim, ...], int]:
    """Return what is new, and how many reports the reader is taken to know."""

    def is_known(card: ArticleCard) -> bool:
        return card.read_at is not None if at is None else card.at <= at

    before, after = visit.tidings.assistant.split(view, is_known)
    known = sum(is_known(card) for card, _ in view.reports)
    return visit.tidings.assistant.new_since(before, after) if before else (), known


def moment_of(text: str) -> datetime | None:
    """Return the time that an address names, None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 < at.year < 2200:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@router.get("/story/{story_id}/new", include_in_schema=False)
def new(visit: Reader, story_id: Id, since: Since = "") -> Response:
    view = visit.story(story_id)
    return visit.page(
        "new.html", story=visit.present.story_row(view.card), page=_new_page(visit, view, since)
    )


@router.get("/api/story/{story_id}/new")
def new_json(visit: Reader, story_id: Id, since: Since = "") -> Response:
    """What a story's reports since a time tell that none before did; a figure that changed with what it was."""
    view = visit.story(story_id)
    return visit.json(_new_page(visit, view, since))


def _daily(visit: Visit) -> tuple[BriefStory, ...]:
    """Return what the last day brought, story by story; what was told before it is not told again."""
    store = visit.tidings.store
    since = visit.present.now.replace(minute=0, second=0, microsecond=0) - DAY
    recent = [card for card in store.front(limit=BRIEF_LOOKED_AT).rows if card.last_at > since]
    told = []
    for card in recent[:BRIEF_STORIES]:
        try:
            view = store.story(card.id)
        except NotFound:  # merged with another this moment
            continue
        found, known = new_in(visit, view, since)
        claims = [new.claim for new in found]
        numbering = numbering_for(visit, claims, cited_in(found))
        wrong = {"feature": "new", "subject": f"story {card.id}", "options": since.isoformat()}
        rows = new_rows(found[:BRIEF_CLAIMS], numbering, wrong)
        if known and not rows:
            continue
        answer = None if known else _short_brief(visit, view)
        if rows or (answer and answer.claims):
            told.append(BriefStory(visit.present.story_row(card), rows, answer))
    return tuple(told)


def _short_brief(visit: Visit, view: StoryView) -> AnswerView:
    assistant, subject = visit.tidings.assistant, f"story {view.card.id}"
    said = assistant.brief(assistant.sources_of(view), length="short")
    wrong = {"feature": "short", "subject": subject}
    return answer_view(said, numbering_for(visit, said.claims), present=visit.present, wrong=wrong)


@router.get("/brief", include_in_schema=False)
def daily(visit: Reader) -> Response:
    return visit.page("brief.html", stories=_daily(visit))


@router.get("/api/brief")
def daily_json(visit: Reader) -> Response:
    """What the last day brought, story by story, each sentence with the words it comes from; nothing that was told before it."""
    return visit.json(_daily(visit))
