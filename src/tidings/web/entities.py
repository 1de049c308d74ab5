"""Who is who: the list of entities, a page for each, and the operator's corrections of their names."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import RedirectResponse, Response

from tidings.errors import Conflict
from tidings.web import words
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.entity_views import KIND_PLURALS, EntityPage, entity_href, entity_list, entity_page
from tidings.web.present import ListPage

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
After = Annotated[str | None, Query(max_length=500)]
Kind = Annotated[Literal["", "person", "organisation", "place", "work"], Query()]
Named = Annotated[str, Query(max_length=80, pattern=r"^[^\x00]*$")]
Spelling = Annotated[str, Form(max_length=200)]


def _listed(visit: Visit, kind: Kind, named: str, after: str | None) -> ListPage:
    listed = visit.tidings.entities(kind=kind or None, named=named.strip(), after=after)
    stated = {"kind": kind, "named": named.strip()}
    return entity_list(visit.present, listed, visit.request.url.path, {k: v for k, v in stated.items() if v})


@router.get("/entities", include_in_schema=False)
def entities(visit: Reader, kind: Kind = "", named: Named = "", after: After = None) -> Response:
    return visit.page(
        "entities.html",
        entities=_listed(visit, kind, named, after),
        kind=kind,
        kinds=KIND_PLURALS,
        named=named.strip(),
        is_first=after is None,
    )


@router.get("/api/entities")
def entities_json(visit: Reader, kind: Kind = "", named: Named = "", after: After = None) -> Response:
    """People, organisations, places and works that the last days' articles name most, or whose name begins with `named`."""
    return visit.json(_listed(visit, kind, named, after))


def _page(visit: Visit, entity_id: int, after: str | None) -> EntityPage:
    view, occurrences = visit.tidings.entity(entity_id, after=after)
    return entity_page(visit.present, view, occurrences, is_operator=visit.is_operator)


@router.get("/entity/{entity_id}", include_in_schema=False)
@router.get("/entity/{entity_id}/{slug}", include_in_schema=False)
def entity(visit: Reader, entity_id: Id, slug: str = "", after: After = None) -> Response:
    page = _page(visit, entity_id, after)
    if page.entity.id != entity_id or slug != words.slug(page.entity.label):
        return RedirectResponse(entity_href(page.entity.id, page.entity.label), 301)
    return visit.page("entity.html", page=page, entity=page.entity, is_first=after is None)


@router.get("/api/entity/{entity_id}")
def entity_json(visit: Reader, entity_id: Id, after: After = None) -> Response:
    """An entity: its names, who writes about it and when, sentences that name it, verbatim; a merged one under its new id."""
    return visit.json(_page(visit, entity_id, after))


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _back(visit: Visit, entity_id: int, said: str) -> Response:
    current = visit.tidings.store.entity_now(entity_id)
    return visit.done(f"/entity/{current}", said=said)


@router.post("/entity/{entity_id}/alias", include_in_schema=False)
def add_alias(visit: Operator, entity_id: Id, spelling: Spelling) -> Response:
    visit.tidings.add_entity_alias(entity_id, spelling)
    return _back(visit, entity_id, "The name was added. Later articles follow it.")


@router.post("/entity/{entity_id}/alias/remove", include_in_schema=False)
def remove_alias(visit: Operator, entity_id: Id, key: Spelling) -> Response:
    visit.tidings.store.remove_entity_alias(entity_id, key=key, now=visit.tidings.clock())
    return _back(visit, entity_id, "The name was taken off. It will not be learned again.")


@router.post("/entity/{entity_id}/merge", include_in_schema=False)
def merge(visit: Operator, entity_id: Id, into: Annotated[str, Form(max_length=500)]) -> Response:
    """Merge an entity into another, given by its number or its address here."""
    found = re.search(r"(?:/entity/|^\s*)(\d{1,18})(?:/|\s*$|[?#])", into)
    if found is None:
        raise Conflict(into, "Give the address of the page it belongs with, such as /entity/12.")
    visit.tidings.store.merge_entities(entity_id, into_id=int(found[1]), now=visit.tidings.clock())
    return _back(visit, entity_id, "The two are one now.")


@router.post("/entity-edit/{edit_id}/undo", include_in_schema=False)
def undo(visit: Operator, edit_id: Id) -> Response:
    current = visit.tidings.store.undo_entity_edit(edit_id, now=visit.tidings.clock())
    return _back(visit, current, "The change was taken back.")
