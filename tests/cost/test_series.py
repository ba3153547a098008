"""Daily series: charges spread over their days, nothing only where something else was delivered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from finops_lib.cost.exact import total
from finops_lib.cost.series import accrued, daily_series, dense, used
from finops_lib.cost.spend import spend
from finops_lib.errors import CurrencyError
from finops_lib.units import Rates


def month_of(line: Any, *, cost: str, **more: str) -> dict[str, str]:
    """Write a charge for all of July."""
    return {**line(day="2026-07-01", cost=cost, **more), "ChargePeriodEnd": "2026-08-01T00:00:00Z"}


def test_a_monthly_fee_is_spread_over_its_month(lake_of: Any, line: Any) -> None:
    """31 dollars for July are one a day; two more on the 3rd make three."""
    engine = lake_of([month_of(line, cost="31"), line(day="2026-07-03", cost="2")])
    found = daily_series(engine)
    assert found["value"].tolist() == [1.0, 1.0, 3.0, *[1.0] * 28]
    assert f"{found['time'].iloc[0]:%Y-%m-%d}" == "2026-07-01"
    assert set(found["BillingCurrency"]) == {"USD"}


def test_nothing_is_zero_only_where_something_else_was_charged(lake_of: Any, line: Any) -> None:
    """A has no charge on the 2nd, when B had: zero. On the 3rd nobody had: unknown. B begins on the 2nd."""
    engine = lake_of(
        [
            line(day="2026-07-01", cost="1", ServiceName="A"),
            line(day="2026-07-02", cost="5", ServiceName="B"),
            line(day="2026-07-04", cost="1", ServiceName="A"),
        ]
    )
    found = daily_series(engine, by="ServiceName")
    values = {name: rows["value"].tolist() for name, rows in found.groupby("ServiceName")}
    assert values["A"][:2] == [1.0, 0.0]
    assert np.isnan(values["A"][2])
    assert values["A"][3] == 1.0
    assert values["B"][0] == 5.0
    assert np.isnan(values["B"][1])
    assert values["B"][2] == 0.0


def test_days_still_filling_up_are_left_out(lake_of: Any, line: Any) -> None:
    """The series end before the first incomplete day, and at the day that was asked for."""
    engine = lake_of([line(day=f"2026-07-{day:02d}", cost="1") for day in range(1, 11)])
    assert len(daily_series(engine, incomplete=[date(2026, 7, 9), date(2026, 7, 10)])) == 8
    assert len(daily_series(engine, until=date(2026, 7, 5))) == 5


def test_the_days_add_up_to_what_was_spent(lake_of: Any, line: Any) -> None:
    """By tag, spread or not, the sum is that of `spend`."""
    lines = [line(day=f"2026-07-{day:02d}", cost=f"{day}.17", tags={"team": "web"}) for day in range(1, 29)]
    engine = lake_of([*lines, month_of(line, cost="77.77")])
    found = daily_series(engine, by="tag:team").groupby("tag:team")["value"].sum()
    told = spend(engine, by="tag:team").set_index("tag:team")["cost"].astype(float)
    assert found.to_dict() == pytest.approx(told.to_dict(), abs=1e-6)


def test_the_exact_days_of_a_charge_add_up_to_its_last_digit(lake_of: Any, line: Any) -> None:
    """A third of 0.1 ends after ten decimals; the last day has what is left, digits beyond ten included.

    By hand: 100.00000000000000000001 / 3 is 33.3333333333 on two days; the third has 33.33333333340000000001.
    """
    three = {
        **line(day="2026-07-01", cost="100.00000000000000000001"),
        "ChargePeriodEnd": "2026-07-04T00:00:00Z",
    }
    engine = lake_of([three, line(day="2026-07-02", cost="0.1")])
    found = accrued(engine)
    assert found["cost"].tolist() == [
        Decimal("33.3333333333"),
        Decimal("33.4333333333"),
        Decimal("33.33333333340000000001"),
    ]
    assert f"{found['time'].iloc[-1]:%Y-%m-%d}" == "2026-07-03"


def test_exact_days_add_up_by_group_whatever_the_amounts(lake_of: Any, line: Any) -> None:
    """Negative, huge and tiny charges over 1 to 31 days: each team's days are its charges, to the digit."""
    amounts = ("-12345.678901234567", "999999999999.99", "0.00000000000000000007", "1e-9", "77.7")
    lines = [
        {
            **line(day=f"2026-07-{day:02d}", cost=amounts[day % 5], tags={"team": f"t{day % 3}"}),
            "ChargePeriodEnd": f"2026-08-{1 + day % 7:02d}T00:00:00Z",
        }
        for day in range(1, 29)
    ]
    engine = lake_of(lines)
    days = accrued(engine, by="tag:team")
    found = {team: total(rows["cost"]) for team, rows in days.groupby("tag:team")}
    assert found == spend(engine, by="tag:team").set_index("tag:team")["cost"].to_dict()


def test_the_series_are_the_exact_days_as_floats(lake_of: Any, line: Any) -> None:
    """What a model learns from and what is said to be spent are on one basis."""
    engine = lake_of([month_of(line, cost="77.77"), line(day="2026-07-09", cost="2.5")])
    assert daily_series(engine)["value"].tolist() == [float(cost) for cost in accrued(engine)["cost"]]


def test_exact_days_are_converted_at_the_rate_of_their_charge(lake_of: Any, line: Any) -> None:
    """Two euros at 1.5 over two days are 1.5 dollars each; nothing is lost."""
    charge = line(day="2026-07-01", cost="2", BillingCurrency="EUR")
    engine = lake_of([{**charge, "ChargePeriodEnd": "2026-07-03T00:00:00Z"}])
    rates = Rates({("2026-07", "EUR", "USD"): Decimal("1.5")})
    found = accrued(engine, currency="USD", rates=rates)
    assert found["cost"].tolist() == [Decimal("1.5"), Decimal("1.5")]
    assert set(found["BillingCurrency"]) == {"USD"}


def test_a_cost_that_no_charge_says_is_unknown_and_not_nothing(lake_of: Any, line: Any) -> None:
    """Charges of the 2nd do not say their list price: the day is a gap, though something was delivered."""
    lines = [line(day=f"2026-07-{day:02d}", cost="1") for day in (1, 2, 3)]
    lines[1]["ListCost"] = ""
    engine = lake_of(lines)
    assert accrued(engine, cost="ListCost")["cost"].tolist() == [Decimal(1), None, Decimal(1)]
    values = daily_series(engine, cost="ListCost")["value"].tolist()
    assert values[0] == values[2] == 1.0
    assert np.isnan(values[1])


def test_use_is_added_in_its_own_unit_alone(lake_of: Any, line: Any) -> None:
    """Hours in two currencies are added, gigabytes are not; a day of gigabytes alone had no hours."""
    engine = lake_of(
        [
            line(day="2026-07-01", ConsumedQuantity="3"),
            line(day="2026-07-01", ConsumedQuantity="4", BillingCurrency="EUR"),
            line(day="2026-07-02", ConsumedQuantity="50", ConsumedUnit="GB"),
            line(day="2026-07-03", ConsumedQuantity="6"),
        ]
    )
    found = used(engine, unit="Hours")
    assert found["quantity"].tolist() == [Decimal(7), Decimal(6)]
    days = list(pd.date_range("2026-07-01", periods=4))
    series = dense(found, last=days[3], delivered=days, amount="quantity")
    assert series["value"].tolist() == [7.0, 0.0, 6.0, 0.0]
    assert used(engine, unit="Parsecs").empty


def test_a_cost_has_one_of_four_names(lake_of: Any, line: Any) -> None:
    """Another is a mistake in the code that asks."""
    with pytest.raises(ValueError, match="BilledCost"):
        accrued(lake_of([line(cost="1")]), cost="Cost")


def test_currencies_are_not_mixed(lake_of: Any, line: Any) -> None:
    """Two currencies and no choice are refused; one of them can be asked for."""
    engine = lake_of([line(cost="1"), line(cost="2", BillingCurrency="EUR")])
    with pytest.raises(CurrencyError):
        daily_series(engine)
    assert daily_series(engine, currency="EUR")["value"].tolist() == [2.0]


def test_an_empty_lake_has_no_series(lake_of: Any, line: Any) -> None:
    """A filter that nothing passes gives no row, with the columns all the same."""
    engine = lake_of([line(cost="1")])
    found = daily_series(engine, by="ServiceName", where={"ServiceName": "Nobody"})
    assert list(found.columns) == ["ServiceName", "time", "BillingCurrency", "value"]
    assert len(found) == 0
