"""Correcting stories: merge, split off, move, undo; and articles that are not related.  All of it is the operator's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from tidings.model import Correction, CorrectionKind, Listed, SearchQuery, StoryCard
from tidings.web import words
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.present import ListPage

router = APIRouter(include_in_schema=False)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
IdField = Annotated[int, Form(ge=1, le=2**63 - 1)]
OtherField = Annotated[int | None, Form(ge=1, le=2**63 - 1)]
Chosen = Annotated[list[int] | None, Form()]
Address = Annotated[str, Form(max_length=2000)]
NextField = Annotated[str, Form(max_length=2000)]

STORIES_OFFERED = 8  # to merge with, near ones or found ones
STORY_CORRECTIONS = 20
_MOST_CHOSEN = 1_000


@router.get("/story/{story_id}/correct")
def correct(visit: Reader, story_id: Id, q: Annotated[str, Query(max_length=500)] = "") -> Response:
    """The form: a story's articles to choose from, other stories to merge with or to move to, and what was corrected."""
    visit.require_operator()
    current = visit.tidings.store.story_now(story_id)
    page = visit.present.story(visit.tidings.store.story(current), ())
    offered = _found(visit, q) if q.strip() else visit.tidings.related_stories(current, limit=STORIES_OFFERED)
    listed = visit.tidings.store.corrections(story_id=current, limit=STORY_CORRECTIONS)
    return visit.page(
        "correct.html",
        page=page,
        story=page.story,
        offered=[visit.present.story_row(card) for card in offered if card.id != current],
        sought=q,
        corrections=_presented(visit, listed).rows,
    )


@router.get("/corrections/stories")
def corrections(visit: Reader, after: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    visit.require_operator()
    listed = visit.tidings.store.corrections(after=after)
    return visit.page("corrections.html", corrections=_presented(visit, listed), is_first=after is None)


def _presented(visit: Visit, listed: Listed[Correction]) -> ListPage:
    ids = {i for c in listed.rows for i in (c.story_id, c.other_id, c.change and c.change.into_id) if i}
    return visit.present.corrections(listed, visit.tidings.story_headlines(ids), "/corrections/stories")


def _found(visit: Visit, q: str) -> list[StoryCard]:
    """The stories of the articles that a search finds, best first."""
    hits = visit.tidings.search(SearchQuery(q), limit=4 * STORIES_OFFERED).rows
    ids = dict.fromkeys(hit.card.story_id for hit in hits if hit.card.story_id is not None)
    found: list[StoryCard] = visit.tidings.store.story_cards(list(ids)[:STORIES_OFFERED])
    return found


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/story/{story_id}/merge")
def merge(visit: Operator, story_id: Id, other: OtherField = None, address: Address = "") -> Response:
    """Merge a story with the one that was picked, or whose address was given."""
    return _ask(visit, "merge", story_id, other_id=_named(visit, other, address))


@router.post("/story/{story_id}/split")
def split(visit: Operator, story_id: Id, article: Chosen = None) -> Response:
    """Split the chosen articles off into a story of their own."""
    return _ask(visit, "split", story_id, article=article)


@router.post("/story/{story_id}/move")
def move(
    visit: Operator,
    story_id: Id,
    article: Chosen = None,
    other: OtherField = None,
    address: Address = "",
) -> Response:
    """Move the chosen articles to another story."""
    return _ask(visit, "move", story_id, other_id=_named(visit, other, address), article=article)


def _named(visit: Visit, other: int | None, address: str) -> int | None:
    """The other story: what was typed counts more than what was picked."""
    return visit.tidings.story_at(address) if address.strip() else other


def _ask(
    visit: Visit,
    kind: CorrectionKind,
    story_id: int,
    *,
    other_id: int | None = None,
    article: list[int] | None = None,
) -> Response:
    chosen = [number for number in article or [] if 0 < number < 2**63][:_MOST_CHOSEN]
    visit.tidings.correct(kind, story_id, other_id=other_id, articles=chosen)
    return visit.done(f"/story/{story_id}", said=words.CORRECTION_NOTED)


@router.post("/corrections/{correction_id}/undo")
def undo(visit: Operator, correction_id: Id, next: NextField = "/corrections/stories") -> Response:
    visit.tidings.undo_correction(correction_id)
    return visit.done(next, said=words.UNDO_NOTED)


@router.post("/unrelated")
def unrelated(
    visit: Operator,
    article: IdField,
    other: IdField,
    undo: Annotated[bool, Form()] = False,
    next: NextField = "/",
) -> Response:
    """Keep, or take back, that two articles are not related."""
    visit.tidings.call_unrelated(article, other, undo=undo)
    return visit.done(next, said="" if undo else words.UNRELATED_NOTED)
