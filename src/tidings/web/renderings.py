"""An article in another form: translated, in simpler words, read aloud."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from tidings.ai.assistant import MADE_BY as EXTRACTED
from tidings.ai.modelled import Wish
from tidings.ai.phrase import Rendering
from tidings.errors import NotFound
from tidings.model import ArticleView
from tidings.speech import spoken
from tidings.web.claim_views import answer_view, numbering_for, offer_of
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.phrasing import phrased
from tidings.web.present import span_of
from tidings.web.words import LANGUAGES

router = APIRouter(include_in_schema=False)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Language = Annotated[str, Query(max_length=10)]


@router.get("/article/{article_id}/speech")
def speech(
    visit: Reader, article_id: Id, place: Annotated[str, Query(alias="words", max_length=24)]
) -> Response:
    """Words of an article, read aloud by the program that the operator named."""
    command, span = visit.tidings.settings.speech_command, span_of(place)
    source = visit.tidings.assistant.source(article_id)
    text = source.text(span.paragraph)[span.start : span.end] if span else ""
    if not command or not any(map(str.isalnum, text)):  # of "* * *" a voice makes no sound, or an error
        raise NotFound(place, "There is nothing here to be read aloud.")
    return Response(
        spoken(command, text, language=source.language),
        media_type="audio/wav",
        headers={"Cache-Control": "private, max-age=86400"},
    )


@router.get("/article/{article_id}/translate")
def translated(visit: Reader, article_id: Id, to: Language = "en") -> Response:
    """An article beside its translation, sentence by sentence; else how to get one."""
    return _rendered(visit, article_id, "translate", to)


@router.get("/article/{article_id}/simple")
def simple(visit: Reader, article_id: Id) -> Response:
    """An article beside simpler words."""
    return _rendered(visit, article_id, "simple", "")


def _rendered(visit: Visit, article_id: int, rendering: Rendering, to: str) -> Response:
    view = visit.tidings.store.article(article_id)
    wish = rendering_of(visit, view, rendering, to)
    model = visit.tidings.modelled
    kept = model.kept(wish) if model else None
    is_made = kept is not None and kept.answer.made_by != EXTRACTED
    answer = None
    if kept and is_made and not kept.is_stale:
        answer = answer_view(
            kept.answer,
            numbering_for(visit, kept.answer.claims),
            present=visit.present,
            wrong={"feature": rendering, "subject": wish.subject, "options": wish.options},
        )
    return visit.page(
        "rendered.html",
        rendering=rendering,
        article=visit.present.row(view.card),
        answer=answer,
        is_stale=kept is not None and is_made and kept.is_stale,
        failed=kept is not None and not is_made,
        offer=offer_of(visit, wish) if answer is None else None,
        has_model=model is not None,
        language=wish.language,
        languages=sorted(LANGUAGES.items(), key=lambda one: one[1]),
    )


@router.post("/article/{article_id}/translate")
def translate(visit: Operator, article_id: Id, to: Annotated[str, Form(max_length=10)] = "en") -> Response:
    return _made(visit, article_id, "translate", to)


@router.post("/article/{article_id}/simple")
def simplify(visit: Operator, article_id: Id) -> Response:
    return _made(visit, article_id, "simple", "")


def _made(visit: Visit, article_id: int, rendering: Rendering, to: str) -> Response:
    wish = rendering_of(visit, visit.tidings.store.article(article_id), rendering, to)
    back = f"/article/{article_id}/{rendering}?{urlencode({'to': wish.language or 'en'})}"
    return phrased(visit, wish, (), back)


def rendering_of(visit: Visit, view: ArticleView, rendering: Rendering, to: str) -> Wish:
    """Simpler words stay in the article's language; a translation goes to one that there is a name for."""
    source = visit.tidings.assistant.source(view.article.id)
    language = (source.language or "en") if rendering == "simple" else to if to in LANGUAGES else "en"
    return Wish(rendering, f"article {view.article.id}", (source,), language=language)
