"""Coverage compared: a story's claims by publisher, as a page and as JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from tidings.model import StoryView
from tidings.web.compare_views import ComparisonPage, cards_of, comparison_page
from tidings.web.desk import Reader, Visit

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def _comparison(visit: Visit, view: StoryView) -> ComparisonPage:
    comparison = visit.tidings.assistant.compare(view)
    cards = {card.id: card for card in visit.tidings.store.cards(list(cards_of(comparison)))}
    wrong = {"feature": "compare", "subject": f"story {view.card.id}"}
    return comparison_page(comparison, cards, visit.present, wrong)


@router.get("/story/{story_id}/compare", include_in_schema=False)
def compare(visit: Reader, story_id: Id) -> Response:
    view = visit.story(story_id)
    return visit.page("compare.html", story=visit.present.story_row(view.card), page=_comparison(visit, view))


@router.get("/api/story/{story_id}/compare")
def compare_json(visit: Reader, story_id: Id) -> Response:
    """A story's claims by publisher: said, differs with the figure, earlier, not found; and what one report alone has."""
    return visit.json(_comparison(visit, visit.story(story_id)))
