"""Calling a sentence wrong, and the page on which everybody sees what became of it."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Path, Query
from starlette.responses import Response

from tidings.errors import NotFound
from tidings.model import Claim, Listed, WrongClaim
from tidings.web import guard, words
from tidings.web.asking import LONGEST_QUESTION, question_of
from tidings.web.claim_views import KEY_CHARS, claim_view, numbering_for, wrong_list
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.present import ListPage
from tidings.web.shown import shown

router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
After = Annotated[str | None, Query(max_length=500)]

LONGEST_NOTE = 500
Named = Annotated[str, Query(max_length=40)]
Options = Annotated[str, Query(max_length=LONGEST_QUESTION)]
Key = Annotated[str, Query(pattern=rf"^[0-9a-f]{{{KEY_CHARS}}}$")]


@router.get("/wrong", include_in_schema=False)
def wrong(visit: Reader, feature: Named, subject: Named, claim: Key, options: Options = "") -> Response:
    """The form that calls a sentence wrong.  It names the sentence and never carries it: nobody puts words on our pages."""
    found, _ = _claim(visit, feature, subject, options, claim)
    nonce, token = visit.open_form()
    answer = visit.page(
        "wrong.html",
        claim=claim_view(found, numbering_for(visit, [found]), {}),
        what=words.FEATURES[feature],
        fields={"feature": feature, "subject": subject, "options": options, "claim": claim},
        token=token,
        headers={"Cache-Control": "no-store"},
    )
    visit.set_cookie(answer, guard.FORM_COOKIE, nonce, max_age=None)
    return answer


@router.post("/wrong", include_in_schema=False)
def call_wrong(
    visit: Reader,
    feature: Annotated[str, Form(max_length=40)],
    subject: Annotated[str, Form(max_length=40)],
    claim: Annotated[str, Form(pattern=rf"^[0-9a-f]{{{KEY_CHARS}}}$")],
    options: Annotated[str, Form(max_length=LONGEST_QUESTION)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
    token: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    visit.check_open_form(token)
    found, made_by = _claim(visit, feature, subject, options, claim)
    if visit.desk.wrongs.take(visit.address, found.key):
        visit.tidings.store.report_wrong(
            found,
            feature=feature,
            page=_page_of(subject, options),
            made_by=made_by,
            note=question_of(note)[:LONGEST_NOTE],
            now=visit.tidings.clock(),
        )
    return visit.done("/corrections", said=words.WRONG_NOTED)


def _claim(visit: Visit, feature: str, subject: str, options: str, key: str) -> tuple[Claim, str]:
    """Return the claim that a page shows now, and who made it.  Raises NotFound."""
    for claim, made_by in shown(visit, feature, subject, options):
        if claim.key.hex().startswith(key):
            return claim, made_by
    raise NotFound(
        key, "This sentence is not shown there any more: its article has changed, or it was withdrawn."
    )


def _page_of(subject: str, options: str) -> str:
    kind, _, number = subject.partition(" ")
    if kind in ("article", "story"):
        return f"/{kind}/{number}"
    return f"/ask?{urlencode({'q': options})}" if kind == "archive" else "/brief"


# ── corrections ──────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/corrections/sentences/{wrong_id}", include_in_schema=False)
def settle_wrong(
    visit: Operator,
    wrong_id: Id,
    state: Annotated[Literal["open", "withdrawn", "kept"], Form()],
    reply: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Decide on a sentence, with a word for everybody."""
    visit.tidings.store.settle_wrong(
        wrong_id, state=state, reply=question_of(reply)[:LONGEST_NOTE], now=visit.tidings.clock()
    )
    return visit.done("/corrections")


@router.get("/corrections", include_in_schema=False)
def corrections(visit: Reader, after: After = None) -> Response:
    """What readers called wrong and what became of it, for everybody."""
    return visit.page("wrong_list.html", rows=_wrongs(visit, after), is_first=after is None)


@router.get("/api/corrections")
def corrections_json(visit: Reader, after: After = None) -> Response:
    """Sentences that readers called wrong, the last first, each with its citations and what was decided."""
    return visit.json(_wrongs(visit, after))


def _wrongs(visit: Visit, after: str | None) -> ListPage:
    listed: Listed[WrongClaim] = visit.tidings.store.wrong_claims(after=after)
    numbering = numbering_for(visit, [one.claim for one in listed.rows])
    return wrong_list(listed, numbering, visit.present, is_operator=visit.is_operator)
