from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tidings.ai.meter import Budget, Prices, cost_of, day_of, require_budget, sum_of, tokens_of
from tidings.errors import BudgetSpent
from tidings.model import Cost

NOW = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 6, tzinfo=UTC)


def test_tokens_are_estimated_from_above_in_any_script() -> None:
    # As counted by a tokeniser of 100,000 pieces: 9, 15 and 11.
    assert tokens_of("The town council voted 7 to 4.") == 10
    assert tokens_of("시의회가 낡은 선착장을 닫기로 했다.") >= 15
    assert tokens_of("市议会投票决定关闭旧码头。") >= 11
    assert tokens_of("") == 0


def test_a_price_is_exact_and_unknown_without_prices() -> None:
    prices = Prices(Decimal("0.15"), Decimal("0.60"), "EUR")
    assert cost_of(2000, 500, prices) == Cost(2000, 500, Decimal("0.0006"), "EUR")
    assert cost_of(2000, 500, Prices(Decimal(0), Decimal(0))) == Cost(2000, 500, Decimal(0))
    assert cost_of(2000, 500, None) == Cost(2000, 500, None)


def test_a_sum_is_unknown_as_soon_as_one_part_is() -> None:
    assert sum_of([Cost(1, 2, Decimal("0.1")), Cost(3, 4, Decimal("0.2"))]) == Cost(4, 6, Decimal("0.3"))
    assert sum_of([Cost(1, 2, Decimal("0.1")), Cost(3, 4)]) == Cost(4, 6, None)
    assert sum_of([]) is None


@pytest.mark.parametrize(
    ("budget", "price", "spent", "by_reader", "fault"),
    [
        (Budget(), "9", "99", "99", None),
        (Budget(), None, "99", "99", None),
        (Budget(day=Decimal(1)), "0.4", "0.6", "0", None),
        (Budget(day=Decimal(1)), "0.4", "0.61", "0", "ai_budget_day"),
        (Budget(reader=Decimal(1)), "0.4", "50", "0.6", None),
        (Budget(reader=Decimal(1)), "0.4", "50", "0.61", "ai_budget_user"),
        (Budget(day=Decimal(1), reader=Decimal(1)), "0.4", "1", "0", "ai_budget_day"),
        (Budget(day=Decimal(1)), None, "0", "0", "ai_budget_day"),
        (Budget(day=Decimal(0)), "0", "0", "0", None),
    ],
)
def test_a_budget_lets_through_what_fits(
    budget: Budget, price: str | None, spent: str, by_reader: str, fault: str | None
) -> None:
    cost = Cost(1, 1, None if price is None else Decimal(price))
    spends = {"spent": Decimal(spent), "spent_by_reader": Decimal(by_reader)}
    if fault is None:
        require_budget(budget, cost, now=NOW, **spends)
        return
    with pytest.raises(BudgetSpent) as caught:
        require_budget(budget, cost, now=NOW, **spends)
    assert (caught.value.subject, caught.value.resets_at) == (fault, MIDNIGHT)


def test_the_day_begins_at_midnight_in_utc() -> None:
    assert day_of(NOW) == datetime(2026, 3, 5, tzinfo=UTC)
