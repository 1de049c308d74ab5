"""What the page that compares coverage shows: a table of claims by publisher, each cell with the words it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tidings.ai.compare import Cell, ComparedClaim, Comparison
from tidings.model import ArticleCard, Citation
from tidings.web import words
from tidings.web.claim_views import ClaimView, Numbering, cited_href, claim_view
from tidings.web.present import Presenter, Span


@dataclass(frozen=True, slots=True)
class CellView:
    """What one publisher says of a claim: `state` in words, `figure` as it prints it where that differs, `href` to its words."""

    publisher: str
    state: str
    kind: str  # "said", "differs", "updated" or "silent"
    figure: str
    words: str
    href: str | None
    when: str


@dataclass(frozen=True, slots=True)
class ComparedRow:
    claim: ClaimView
    figure: str
    support: str
    cells: tuple[CellView, ...]
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    publishers: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    single: tuple[ComparedRow, ...]
    reports: str


_KINDS = {"said": "said", "differs": "differs", "updated since": "updated", "not mentioned": "silent"}


def comparison_page(
    comparison: Comparison,
    cards: Mapping[int, ArticleCard],
    present: Presenter,
    wrong: Mapping[str, str],
) -> ComparisonPage:
    """Return the page's view; wrong are the parameters of the address that calls a row's sentence wrong."""
    numbering = Numbering(present, cards)

    def row(one: ComparedClaim) -> ComparedRow:
        return ComparedRow(
            claim=claim_view(one.claim, numbering, wrong),
            figure=one.figure.words if one.figure else "",
            support=words.support(one.agreeing, one.differing),
            cells=tuple(_cell(cell, cards, present) for cell in one.cells),
            is_disputed=one.differing > 0,
        )

    return ComparisonPage(
        publishers=comparison.publishers,
        rows=_once(map(row, comparison.claims)),
        single=_once(map(row, comparison.single)),
        reports=words.counted(comparison.report_count, "independent report"),
    )


def _once(rows: Iterable[ComparedRow]) -> tuple[ComparedRow, ...]:
    """Return rows without those that only say a sentence again: it may be about two figures, and matched by each."""
    kept: dict[str, ComparedRow] = {}
    for row in rows:
        key = f"{row.claim.text}\0{row.figure}" if row.is_disputed else row.claim.text
        kept.setdefault(key, row)
    return tuple(kept.values())


def _cell(cell: Cell, cards: Mapping[int, ArticleCard], present: Presenter) -> CellView:
    newest = cell.reports[0] if cell.reports else None
    card = cards.get(newest.article_id) if newest else None
    return CellView(
        publisher=cell.publisher,
        state=words.CELLS[cell.state],
        kind=_KINDS[cell.state],
        figure=newest.figure.words
        if newest and newest.figure and cell.state in ("differs", "updated since")
        else "",
        words=newest.citation.words if newest else "",
        href=cited_href(card, _span(newest.citation)) if newest and card else None,
        when=present.moment(newest.at).words if newest else "",
    )


def _span(citation: Citation) -> Span:
    return Span(citation.paragraph, citation.start, citation.end)


def cards_of(comparison: Comparison) -> Iterable[int]:
    """Return the articles whose words the page cites."""
    rows = (*comparison.claims, *comparison.single)
    return {c.article_id for row in rows for c in row.claim.citations} | {
        report.article_id for row in rows for report in row.reports
    }
