"""What pages show of what is said: claims with numbered citations, each a link to the exact words in its article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tidings.ai.assistant import MADE_BY as EXTRACTED
from tidings.ai.modelled import Wish
from tidings.model import Answer, ArticleCard, Citation, Claim, Listed, WrongClaim
from tidings.web import words
from tidings.web.desk import Visit
from tidings.web.present import (
    RIGHT_TO_LEFT,
    Link,
    ListPage,
    Moment,
    Presenter,
    Span,
    article_href,
    older_href,
)

KEY_CHARS = 16  # of a claim's key: enough to tell the claims of one answer apart


@dataclass(frozen=True, slots=True)
class CitationView:
    """Numbered words of an article: `href` shows them marked in it, `place` says where they stand ("3.10.55")."""

    number: int
    words: str
    href: str
    place: str
    article_id: int
    headline: str
    publisher: str
    at: Moment
    language: str | None
    direction: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A sentence with its citations; `wrong_href` leads to the form that calls it wrong."""

    text: str
    language: str | None
    direction: str
    citations: tuple[CitationView, ...]
    wrong_href: str


@dataclass(frozen=True, slots=True)
class Offer:
    """That the model would phrase this: the form's address and field, and the most it may take, in words."""

    action: str
    feature: str
    model: str
    price: str
    question: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What is said, with every citation once by its number, and in words how it was made.

    `is_stale` tells that a model's answer was made from texts that have changed since.
    """

    claims: tuple[ClaimView, ...]
    citations: tuple[CitationView, ...]
    made: str
    at: Moment
    is_extract: bool
    is_stale: bool
    dropped: str
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A sentence that readers called wrong, and what became of it."""

    id: int
    claim: ClaimView
    what: str
    page: Link
    reported: Moment
    reports: str
    note: str
    state: str
    verdict: str
    reply: str


class Numbering:
    """Gives each cited place of a page one number, in the order in which they are first cited."""

    def __init__(self, present: Presenter, cards: Mapping[int, ArticleCard]) -> None:
        self._present = present
        self._cards = cards
        self._views: dict[Citation, CitationView] = {}

    @property
    def views(self) -> tuple[CitationView, ...]:
        return tuple(self._views.values())

    def of(self, citations: Iterable[Citation]) -> tuple[CitationView, ...]:
        """Return the views of citations; those of articles that are gone are left out."""
        return tuple(self._view(c) for c in citations if c.article_id in self._cards)

    def _view(self, citation: Citation) -> CitationView:
        if citation not in self._views:
            card = self._cards[citation.article_id]
            place = Span(citation.paragraph, citation.start, citation.end)
            self._views[citation] = CitationView(
                number=len(self._views) + 1,
                words=citation.words,
                href=cited_href(card, place),
                place=str(place),
                article_id=card.id,
                headline=card.headline,
                publisher=card.publisher.name,
                at=self._present.moment(card.at),
                language=card.language,
                direction="rtl" if card.language in RIGHT_TO_LEFT else "ltr",
            )
        return self._views[citation]


def cited_href(card: ArticleCard, place: Span) -> str:
    """Return the address at which an article shows words of it marked."""
    anchor = f"p-{place.paragraph + 1}" if place.paragraph >= 0 else "main"
    return f"{article_href(card.id, card.headline)}?words={place}#{anchor}"


def answer_view(
    answer: Answer,
    numbering: Numbering,
    *,
    present: Presenter,
    wrong: Mapping[str, str],
    is_stale: bool = False,
    offer: Offer | None = None,
) -> AnswerView:
    """Return an answer's view; wrong are the parameters of the address that calls one of its claims wrong."""
    claims = tuple(claim_view(claim, numbering, wrong) for claim in answer.claims)
    cited = tuple(dict.fromkeys(c for claim in claims for c in claim.citations))
    return AnswerView(
        claims=claims,
        citations=cited,
        made=words.made(answer.made_by, len(answer.article_ids), answer.cost),
        at=present.moment(answer.made_at),
        is_extract=answer.made_by.startswith("extract/"),
        is_stale=is_stale,
        dropped=words.dropped(sum(answer.dropped.values())),
        offer=offer,
    )


def claim_view(claim: Claim, numbering: Numbering, wrong: Mapping[str, str]) -> ClaimView:
    address = urlencode({**wrong, "claim": claim.key.hex()[:KEY_CHARS]})
    return ClaimView(
        text=claim.text,
        language=claim.language,
        direction="rtl" if claim.language in RIGHT_TO_LEFT else "ltr",
        citations=numbering.of(claim.citations),
        wrong_href=f"/wrong?{address}",
    )


def wrong_list(
    listed: Listed[WrongClaim], numbering: Numbering, present: Presenter, *, is_operator: bool
) -> ListPage:
    """Return what readers called wrong; what they wrote about it is for the operator alone until it is decided."""
    rows = tuple(
        WrongRow(
            id=one.id,
            claim=claim_view(one.claim, numbering, {}),
            what=words.FEATURES.get(one.feature, one.feature),
            page=Link(one.page, one.page),
            reported=present.moment(one.reported_at),
            reports=words.counted(one.reports, "reader"),
            note=one.note if is_operator else "",
            state=one.state,
            verdict=words.VERDICTS[one.state],
            reply=one.reply,
        )
        for one in listed.rows
    )
    return ListPage(rows, older_href("/corrections", listed.next_key))


def cited_ids(claims: Iterable[Claim]) -> Sequence[int]:
    """Return the articles that claims cite, each once."""
    return list(dict.fromkeys(c.article_id for claim in claims for c in claim.citations))


# ── of a visit ───────────────────────────────────────────────────────────────────────────────────────────────────────


def numbering_for(visit: Visit, claims: Iterable[Claim], more: Iterable[int] = ()) -> Numbering:
    """Return numbers for the citations of a page, with the cards of the articles that are cited."""
    ids = list(dict.fromkeys([*cited_ids(claims), *more]))
    return Numbering(visit.present, {card.id: card for card in visit.tidings.store.cards(ids)})


def answer_views(visit: Visit, wishes: Sequence[tuple[Wish, Answer]]) -> dict[str, AnswerView]:
    """Return the view of each feature: what the model said where that is kept and fresh, else what code chose."""
    model = visit.tidings.modelled
    kept = {wish.feature: model.kept(wish) for wish, said in wishes if said.claims} if model else {}
    said: dict[str, Answer] = {}
    for wish, extracted in wishes:
        phrased = kept.get(wish.feature)
        is_fresh = phrased is not None and not phrased.is_stale and phrased.answer.claims
        said[wish.feature] = phrased.answer if phrased and is_fresh else extracted
    ids = cited_ids(claim for answer in said.values() for claim in answer.claims)
    cards = {card.id: card for card in visit.tidings.store.cards(ids)}
    views: dict[str, AnswerView] = {}
    for wish, _ in wishes:
        phrased = kept.get(wish.feature)
        views[wish.feature] = answer_view(
            said[wish.feature],
            Numbering(visit.present, cards),
            present=visit.present,
            wrong={"feature": wish.feature, "subject": wish.subject, "options": wish.question or ""},
            is_stale=phrased is not None and phrased.is_stale and phrased.answer.made_by != EXTRACTED,
            offer=offer_of(visit, wish) if said[wish.feature].made_by.startswith("extract/") else None,
        )
    return views


def offer_of(visit: Visit, wish: Wish) -> Offer | None:
    """What the operator may have the model do, with its price; None where there is no model."""
    model = visit.tidings.modelled
    if model is None or not visit.is_operator or not wish.sources:
        return None
    kind, _, number = wish.subject.partition(" ")
    page = f"/{kind}/{number}" if number else ""
    return Offer(
        action=f"{page}/ask" if wish.feature == "answer" else f"{page}/phrase",
        feature=wish.feature,
        model=model.name,
        price=words.price(model.price_of(wish)),
        question=wish.question or "",
    )
