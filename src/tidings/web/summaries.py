"""What stands beside an article and a story: summaries, background, who is who; the brief, open questions, what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from tidings.ai.assistant import WORDS
from tidings.ai.modelled import Wish
from tidings.model import Answer, ArticleView, Source, StoryView
from tidings.web import words
from tidings.web.claim_views import (
    AnswerView,
    ClaimView,
    answer_view,
    answer_views,
    claim_view,
    numbering_for,
)
from tidings.web.desk import Reader, Visit

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody whom an article names, as its story's reports describe them."""

    name: str
    descriptions: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class ArticleAid:
    """What stands above an article: it in a line, short, long and in points, the story so far, who is who; each may be empty."""

    line: AnswerView
    short: AnswerView
    long: AnswerView
    points: AnswerView
    background: AnswerView
    people: tuple[PersonView, ...]


def article_aid(visit: Visit, view: ArticleView) -> ArticleAid:
    told = told_of(visit, view)
    people = visit.tidings.assistant.people(told.source, told.earlier)
    numbering = numbering_for(visit, [claim for one in people for claim in one.descriptions])
    wrong = {"feature": "people", "subject": f"article {view.article.id}"}
    return ArticleAid(
        **answer_views(visit, told.wishes),
        people=tuple(
            PersonView(one.name, tuple(claim_view(claim, numbering, wrong) for claim in one.descriptions))
            for one in people
        ),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """An article, the reports of its story before it, and each feature with what stands for it without a model."""

    source: Source
    earlier: tuple[Source, ...]
    wishes: tuple[tuple[Wish, Answer], ...]


def told_of(visit: Visit, view: ArticleView) -> Told:
    assistant, subject = visit.tidings.assistant, f"article {view.article.id}"
    source, earlier = assistant.source(view.article.id), tuple(assistant.earlier(view.article.id))
    wishes = [(Wish(length, subject, (source,)), assistant.summary(source, length)) for length in WORDS]
    wishes.append((Wish("points", subject, (source,)), assistant.key_points(source)))
    wishes.append((Wish("background", subject, earlier), assistant.background(source, earlier)))
    return Told(source, earlier, tuple(wishes))


def brief_of(visit: Visit, view: StoryView) -> tuple[Wish, Answer]:
    sources = tuple(visit.tidings.assistant.sources_of(view))
    return Wish("brief", f"story {view.card.id}", sources), visit.tidings.assistant.brief(sources)


@dataclass(frozen=True, slots=True)
class EventDay:
    """A day on which something of a story happened, and what."""

    label: str
    first: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class StoryAid:
    """What stands above a story's reports: what they tell together, what they say is open, and what happened when."""

    brief: AnswerView
    questions: AnswerView
    events: tuple[EventDay, ...]


def story_aid(visit: Visit, view: StoryView) -> StoryAid:
    subject = f"story {view.card.id}"
    wish, brief = brief_of(visit, view)
    days = visit.tidings.assistant.timeline(wish.sources)
    questions = visit.tidings.assistant.open_questions(wish.sources)
    numbering = numbering_for(visit, [claim for day in days for claim in day.claims])
    wrong = {"feature": "timeline", "subject": subject}
    return StoryAid(
        brief=answer_views(visit, [(wish, brief)])["brief"],
        questions=answer_view(
            questions,
            numbering_for(visit, questions.claims),
            present=visit.present,
            wrong={"feature": "questions", "subject": subject},
        ),
        events=tuple(
            EventDay(
                label=words.event_day(day.day, day.grain),
                first=day.day.isoformat(),
                claims=tuple(claim_view(claim, numbering, wrong) for claim in day.claims),
            )
            for day in days
        ),
    )


@router.get("/api/article/{article_id}/summary")
def summary_json(visit: Reader, article_id: Id) -> Response:
    """An article in a line, short, long and in points, and the story so far; every sentence with the words it comes from."""
    return visit.json(article_aid(visit, visit.tidings.store.article(article_id)))


@router.get("/api/story/{story_id}/brief")
def brief_json(visit: Reader, story_id: Id) -> Response:
    """What the publishers of a story tell together, and what happened when; every sentence with the words it comes from."""
    return visit.json(story_aid(visit, visit.story(story_id)))
