"""Daily series: charges spread over their days, nothing only where something else was delivered."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from finops_lib.cost.series import daily_series
from finops_lib.cost.spend import spend
from finops_lib.errors import CurrencyError


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
