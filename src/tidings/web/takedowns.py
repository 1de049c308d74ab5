"""Taking an article down: the question before it, with what goes and what stays, and the form that does it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path
from starlette.responses import Response

from tidings.model import Reach
from tidings.web import words
from tidings.web.desk import Operator, Reader

router = APIRouter(include_in_schema=False)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
LONGEST_REASON = 500


@router.get("/article/{article_id}/takedown")
def confirm(visit: Reader, article_id: Id) -> Response:
    """The question, which works without scripts."""
    visit.require_operator()
    reach: Reach = visit.tidings.store.reach(article_id)
    return visit.page(
        "takedown.html",
        article=visit.present.row(reach.card),
        goes=goes(reach),
        story=visit.present.story_row(reach.story) if reach.story else None,
        ends=ends_story(reach),
        copies=visit.present.rows(reach.copies),
        longest_reason=LONGEST_REASON,
    )


@router.post("/article/{article_id}/takedown")
def take_down(
    visit: Operator, article_id: Id, reason: Annotated[str, Form(max_length=LONGEST_REASON)] = ""
) -> Response:
    """Erase the article, and show what everybody sees at its address from now on."""
    visit.tidings.take_down([article_id], reason=reason)
    return visit.done(f"/article/{article_id}")


def goes(reach: Reach) -> str:
    """Return in words what goes with an article."""
    counted = (
        words.counted(reach.revisions, "revision"),
        words.counted(reach.pages, "kept page") if reach.pages else "",
        words.counted(reach.answers, "answer of the language model", "answers of the language model")
        if reach.answers
        else "",
        words.counted(reach.reports, "sentence that was called wrong", "sentences that were called wrong")
        if reach.reports
        else "",
    )
    return ", ".join(one for one in counted if one)


def ends_story(reach: Reach) -> bool:
    """Whether an article's story has no other."""
    return reach.story is not None and reach.story.article_count == 1
