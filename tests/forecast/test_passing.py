"""By which day a budget is passed: chances counted by hand, the last one that of the budget itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.forecast.budget import Burn, burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.passing import breach_by_day

REST = 11  # days from the 21st to the 31st of July


def burned(amount: str, outlook: Any, *, daily: str = "10") -> Burn:
    """Burn a monthly budget of which twenty days are spent."""
    budget = Budget("Web", "ann", "month", Decimal(amount), "EUR", datetime(2026, 1, 1, tzinfo=UTC))
    days = pd.date_range("2026-07-01", periods=20, freq="D")
    spent = pd.DataFrame({"time": days, "cost": [Decimal(daily)] * 20})
    found = burn(budget, spent, outlook, currency="EUR")
    assert isinstance(found, Burn)
    return found


def flat(outlook_of: Any, errors: list[float]) -> Any:
    """Forecast 10 for each of the eleven days left; each origin erred by one amount on each day."""
    return outlook_of({"a": [10.0] * REST}, {"a": [[error] * REST for error in errors]})


def test_the_chance_grows_day_by_day_to_that_of_the_budget(outlook_of: Any, plain_intervals: None) -> None:
    """200 are spent and 60 are left: at 10, 12 and 8 a day they last 6, 5 and 7 days, all within 11.

    On path "12" 60 is passed on the 6th day (72 > 60), on "10" on the 7th (70), on "8" on the 8th (64). Each
    path counts 1 of 4, and the path to come half of that, evenly: after k of 11 days it is (n + k / 22) / 4.
    """
    outlook = flat(outlook_of, [0.0, 2.0, -2.0])
    item = burned("260", outlook)
    found = breach_by_day(item, outlook, series=["a"])
    assert len(found) == 1 + REST
    passed = [0] * 5 + [1, 2] + [3] * 4
    expected = [0.0, *((n + k / 22) / 4 for k, n in enumerate(passed, start=1))]
    assert found["chance"].tolist() == pytest.approx(expected)
    assert found["chance"].iloc[-1] == pytest.approx(item.breach_probability)
    assert [str(found["time"].iloc[row].date()) for row in (0, 1, -1)] == [
        "2026-07-21",
        "2026-07-22",
        "2026-08-01",
    ]


def test_a_budget_that_is_passed_for_certain_is_passed_at_once(
    outlook_of: Any, plain_intervals: None
) -> None:
    """200 are spent of 150, and every path adds to it."""
    outlook = flat(outlook_of, [0.0, 0.0])
    found = breach_by_day(burned("150", outlook), outlook, series=["a"])
    assert found["chance"].tolist() == [1.0, 1.0]


def test_nothing_to_come_leaves_one_moment(outlook_of: Any, plain_intervals: None) -> None:
    """The period ended with the last day known: only what is known is said."""
    outlook = outlook_of({"a": [10.0]}, {"a": [[0.0], [1.0]]}, end=datetime(2026, 8, 1, tzinfo=UTC))
    budget = Budget("Web", "ann", "month", Decimal(500), "EUR", datetime(2026, 1, 1, tzinfo=UTC))
    spent = pd.DataFrame({"time": pd.to_datetime(["2026-07-01"]), "cost": [Decimal(400)]})
    july = budget.period_at(datetime(2026, 7, 2, tzinfo=UTC))
    item = burn(budget, spent, outlook, currency="EUR", period=july)
    assert isinstance(item, Burn)
    found = breach_by_day(item, outlook, series=["a"])
    assert found["chance"].tolist() == [item.breach_probability] == [0.0]
