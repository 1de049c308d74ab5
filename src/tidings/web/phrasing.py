"""What the operator has a language model phrase: summaries, a story's brief, answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Annotated, Literal
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Form, Path
from starlette.responses import Response, StreamingResponse

from tidings.ai.modelled import Modelled, Wish
from tidings.errors import Conflict, NotFound, TidingsError
from tidings.model import Answer, Claim
from tidings.web import words
from tidings.web.asking import ask_of, question_of
from tidings.web.desk import Operator, Visit
from tidings.web.present import article_href
from tidings.web.summaries import brief_of, told_of

log = structlog.get_logger("tidings.web")
router = APIRouter(include_in_schema=False)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
QuestionField = Annotated[str, Form(max_length=500)]
OPERATOR = "operator"  # who asks the model, as long as there is one password


@router.post("/article/{article_id}/phrase")
def phrase_article(
    visit: Operator,
    article_id: Id,
    feature: Annotated[Literal["line", "short", "long", "points", "background"], Form()],
) -> Response:
    """Have the model phrase a feature of an article, then back to the article."""
    view = visit.tidings.store.article(article_id)
    wish, extracted = next(one for one in told_of(visit, view).wishes if one[0].feature == feature)
    return phrased(visit, wish, extracted.claims, article_href(article_id, view.card.headline))


@router.post("/story/{story_id}/phrase")
def phrase_story(visit: Operator, story_id: Id) -> Response:
    """Have the model phrase a story's brief, then back to the story."""
    view = visit.story(story_id)
    wish, extracted = brief_of(visit, view)
    return phrased(visit, wish, extracted.claims, f"/story/{view.card.id}")


@router.post("/ask")
def phrase_answer(visit: Operator, q: QuestionField) -> Response:
    """Have the model phrase what the archive says to a question."""
    wish, said, _ = ask_of(visit, q, None)
    return phrased(visit, wish, said.claims, f"/ask?{urlencode({'q': question_of(q)})}")


@router.post("/article/{article_id}/ask")
def phrase_article_answer(visit: Operator, article_id: Id, q: QuestionField) -> Response:
    wish, said, _ = ask_of(visit, q, article_id)
    return phrased(visit, wish, said.claims, f"/article/{article_id}/ask?{urlencode({'q': question_of(q)})}")


def phrased(visit: Visit, wish: Wish, extracted: Sequence[Claim], back: str) -> Response:
    """Ask the model: for a script a stream of the sentences that pass, as they come; else back to the page when all is done."""
    model = _model(visit)
    if not wish.sources:
        raise Conflict(wish.subject, words.NOTHING_TO_PHRASE)

    def ask(on_claim: Callable[[Claim], None] | None) -> Answer:
        return model.answer(wish, extractive=extracted, reader=OPERATOR, on_claim=on_claim)

    if "text/event-stream" in visit.request.headers.get("accept", ""):
        return StreamingResponse(
            _events(ask, back),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
    answer = ask(None)
    said = words.MODEL_SAID_NOTHING if answer.made_by.startswith("extract/") else words.MODEL_SAID
    return visit.done(back, said=said)


def _events(ask: Callable[[Callable[[Claim], None]], Answer], back: str) -> Iterator[str]:
    """Yield a server-sent event for each sentence that passes, one where to go in the end, or one why it did not work."""
    heard: SimpleQueue[tuple[str, str] | None] = SimpleQueue()

    def work() -> None:
        try:
            ask(lambda claim: heard.put(("sentence", claim.text)))
            heard.put(("done", back))
        except TidingsError as error:
            heard.put(("problem", error.public_message))
        except Exception:
            log.exception("a model could not be asked")
            heard.put(("problem", words.MODEL_FAILED))
        heard.put(None)

    Thread(target=work, name="model", daemon=True).start()
    while (event := heard.get()) is not None:
        yield f"event: {event[0]}\ndata: {json.dumps(event[1])}\n\n"


def _model(visit: Visit) -> Modelled:
    model: Modelled | None = visit.tidings.modelled
    if model is None:
        raise NotFound("model", words.NO_MODEL)
    return model
