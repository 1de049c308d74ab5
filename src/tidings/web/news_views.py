"""What the pages of news show: claims that nobody had made before, with what changed figures were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tidings.ai.news import NewClaim
from tidings.web import words
from tidings.web.claim_views import AnswerView, CitationView, ClaimView, Numbering, claim_view
from tidings.web.present import StoryRow


@dataclass(frozen=True, slots=True)
class NewRow:
    """A new claim: `kind` says in words what is new in it; of a figure that changed, `was` are the words that gave it before."""

    claim: ClaimView
    kind: str
    reports: str
    figure: str
    was: CitationView | None


@dataclass(frozen=True, slots=True)
class BriefStory:
    """A story in the daily brief: what is new in it, or in short what it tells when it is new itself."""

    story: StoryRow
    rows: tuple[NewRow, ...]
    answer: AnswerView | None


def new_rows(found: Iterable[NewClaim], numbering: Numbering, wrong: Mapping[str, str]) -> tuple[NewRow, ...]:
    return tuple(
        NewRow(
            claim=claim_view(new.claim, numbering, wrong),
            kind=words.NEW_KINDS[new.kind],
            reports=words.counted(new.reports, "independent report") if new.reports > 1 else "",
            figure=new.figure.words if new.figure else "",
            was=next(iter(numbering.of([new.was])), None) if new.was else None,
        )
        for new in found
    )


def cited_in(found: Sequence[NewClaim]) -> list[int]:
    """Return the articles that new claims cite, and those that gave a figure before."""
    return [new.was.article_id for new in found if new.was]
