"""What a language model takes, before and after: tokens, prices, budgets.

All of it is pure.  The store keeps one row a request; their sum since `day_of(now)` is what is spent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tidings.errors import BudgetSpent
from tidings.model import Cost
from tidings.ports import Prompt

_MILLION = Decimal(1_000_000)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_FRAMING = 16  # tokens by which a chat template wraps a request


@dataclass(frozen=True, slots=True)
class Prices:
    """What a provider asks for a million tokens, read and written; zero for a model of one's own."""

    per_million_in: Decimal
    per_million_out: Decimal
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent between midnights in UTC: by all together and by one reader; None sets no limit."""

    day: Decimal | None = None
    reader: Decimal | None = None


def tokens_of(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few: its model's own count is not known here.

    Three ASCII characters a token, and two bytes of what is not ASCII: tokenisers of today take fewer of any language.
    """
    runs = _NOT_ASCII.findall(text)
    foreign = sum(len(run.encode("utf-8", "replace")) for run in runs)
    plain = len(text) - sum(map(len, runs))
    return -(-plain // 3) + -(-foreign // 2)


def cost_of(tokens_in: int, tokens_out: int, prices: Prices | None) -> Cost:
    """Return what so many tokens cost; the price is None where none is known."""
    if prices is None:
        return Cost(tokens_in, tokens_out)
    price = (prices.per_million_in * tokens_in + prices.per_million_out * tokens_out) / _MILLION
    return Cost(tokens_in, tokens_out, price, prices.currency)


def most_of(prompt: Prompt, prices: Prices | None) -> Cost:
    """Return the most that asking once may cost: the whole prompt read, and as much written as it allows."""
    schema = json.dumps(prompt.schema) if prompt.schema is not None else ""
    read = tokens_of(prompt.system) + tokens_of(prompt.user) + tokens_of(schema) + _FRAMING
    return cost_of(read, prompt.most_tokens, prices)


def sum_of(costs: Iterable[Cost]) -> Cost | None:
    """Return several costs in one, None of none; its price is None as soon as one is."""
    listed = list(costs)
    if not listed:
        return None
    prices = [cost.price for cost in listed]
    known = [price for price in prices if price is not None]
    return Cost(
        tokens_in=sum(cost.tokens_in for cost in listed),
        tokens_out=sum(cost.tokens_out for cost in listed),
        price=sum(known, Decimal(0)) if len(known) == len(prices) else None,
        currency=listed[0].currency,
    )


def day_of(now: datetime) -> datetime:
    """Return the midnight (UTC) from which what is spent counts."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def require_budget(
    budget: Budget, cost: Cost, *, spent: Decimal, spent_by_reader: Decimal, now: datetime
) -> None:
    """Return when a request that may cost so much still fits both budgets of the day.  Raises BudgetSpent.

    spent, spent_by_reader: since day_of(now).  A cost without a price fits no budget that is set: a limit that cannot be
    reckoned must not be passed unseen.
    """
    limits = (
        ("ai_budget_day", budget.day, spent, "What this site may spend on its language model today is spent"),
        (
            "ai_budget_user",
            budget.reader,
            spent_by_reader,
            "What you may spend on the language model today is spent",
        ),
    )
    for name, limit, already, message in limits:
        if limit is not None and (cost.price is None or already + cost.price > limit):
            raise BudgetSpent(
                name,
                f"{message}. It begins anew at midnight UTC; until then sentences of the articles stand here.",
                resets_at=day_of(now) + timedelta(days=1),
                detail=f"{already} of {limit} spent, this may take {cost.price}",
            )
