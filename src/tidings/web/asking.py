"""Asking the archive, or one article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import RedirectResponse, Response

from tidings.ai.assistant import Reply
from tidings.ai.modelled import Wish
from tidings.model import Answer
from tidings.web.claim_views import AnswerView, CitationView, answer_views, cited_ids, numbering_for
from tidings.web.desk import Reader, Visit
from tidings.web.present import article_href

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
QuestionText = Annotated[str, Query(max_length=500)]
LONGEST_QUESTION = 300


def question_of(text: str) -> str:
    """Return a question on one line, what cannot be printed left out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_QUESTION]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked and what is said to it; `nearest` are passages that come near, where nothing answers."""

    question: str
    says: bool
    answer: AnswerView
    nearest: tuple[CitationView, ...]


def ask_of(visit: Visit, q: str, article_id: int | None) -> tuple[Wish, Answer, Reply]:
    """Ask the archive, or one article: what a model may be asked, what stands without it, and the whole reply."""
    question, assistant = question_of(q), visit.tidings.assistant
    reply = (
        assistant.ask(question)
        if article_id is None
        else assistant.ask_article(assistant.source(article_id), question)
    )
    cited = set(cited_ids(reply.answer.claims))
    sources = tuple(source for source in reply.sources if source.article_id in cited)
    subject = "archive" if article_id is None else f"article {article_id}"
    return Wish("answer", subject, sources, question=question), reply.answer, reply


def _answered(visit: Visit, q: str, article_id: int | None = None) -> Answered:
    wish, said, reply = ask_of(visit, q, article_id)
    nearest = numbering_for(visit, (), (c.article_id for c in reply.nearest)).of(reply.nearest)
    view = answer_views(visit, [(wish, said)])["answer"]
    return Answered(question_of(q), bool(said.claims), view, nearest)


@router.get("/ask", include_in_schema=False)
def ask(visit: Reader, q: QuestionText = "") -> Response:
    asked = _answered(visit, q) if question_of(q) else None
    return visit.page("ask.html", asked=asked, article=None)


@router.get("/api/ask")
def ask_json(visit: Reader, q: QuestionText) -> Response:
    """An answer in sentences of the archive's articles, each with its citations; `nearest` passages where it does not say."""
    return visit.json(_answered(visit, q))


@router.get("/article/{article_id}/ask", include_in_schema=False)
def ask_article(visit: Reader, article_id: Id, q: QuestionText = "") -> Response:
    """The answer of one article stands on a page of its own; without a question back to the article."""
    view = visit.tidings.store.article(article_id)
    if not question_of(q):
        return RedirectResponse(article_href(article_id, view.card.headline), 303)
    return visit.page("ask.html", asked=_answered(visit, q, article_id), article=visit.present.row(view.card))


@router.get("/api/article/{article_id}/ask")
def ask_article_json(visit: Reader, article_id: Id, q: QuestionText) -> Response:
    """The same of one article."""
    return visit.json(_answered(visit, q, article_id))
