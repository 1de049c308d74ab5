"""What the language model took: a page for the operator, who pays for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from tidings.ai.meter import day_of
from tidings.model import Spent
from tidings.web import words
from tidings.web.desk import Reader, Visit
from tidings.web.present import host_of

router = APIRouter(include_in_schema=False)

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SpentRow:
    """What was asked in a time, in words."""

    label: str
    requests: str
    tokens: str
    price: str


@router.get("/model")
def model(visit: Reader) -> Response:
    """Which model is set up, what it asks, what may be spent, and what was."""
    visit.require_operator()
    settings, now = visit.tidings.settings, visit.tidings.clock()
    limits = [("a day", settings.ai_budget_day), ("a day and reader", settings.ai_budget_user)]
    return visit.page(
        "model.html",
        name=settings.ai_model,
        host=host_of(settings.ai_url or ""),
        prices=(settings.ai_price_in, settings.ai_price_out),
        currency=settings.ai_currency,
        limits=[(label, limit) for label, limit in limits if limit is not None],
        rows=[
            _row(visit, "Since midnight UTC", day_of(now)),
            _row(visit, "In 30 days", now - MONTH),
        ],
    )


def _row(visit: Visit, label: str, since: datetime) -> SpentRow:
    spent: Spent = visit.tidings.store.spent(since=since)
    return SpentRow(
        label=label,
        requests=words.counted(spent.calls, "request", spell=False),
        tokens=f"{spent.tokens_in:,} read, {spent.tokens_out:,} written",
        price=words.sum_of_money(spent.price, visit.tidings.settings.ai_currency),
    )
