"""Costs by day to watch: months of unequal length are no event, and what really moves still moves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.cost.levelled import levelled_days, newest_whole_day, spread
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.units import Rates

MONTHS = {"2026-01-01": 31, "2026-02-01": 28, "2026-03-01": 31, "2026-04-01": 30}


def month_of(line: Any, first: str, cost: str, **more: str) -> dict[str, str]:
    """Write a charge for a whole month."""
    end = pd.Timestamp(first) + pd.offsets.MonthBegin(1)
    return {**line(day=first, cost=cost, **more), "ChargePeriodEnd": f"{end:%Y-%m-%d}T00:00:00Z"}


def charges(values: list[float]) -> pd.DataFrame:
    """Charge a fee for each month from January on."""
    first, days = zip(*list(MONTHS.items())[: len(values)], strict=True)
    return pd.DataFrame(
        {"time": pd.to_datetime(list(first)), "others": [count - 1 for count in days], "value": values}
    )


def levels(days: pd.DataFrame) -> list[float]:
    """Read the amount of the first day of each month."""
    return [round(value, 6) for value in days.loc[days["time"].dt.day == 1, "value"]]


def test_the_same_fee_each_month_is_one_level() -> None:
    """310 for 31, 28, 31 and 30 days is 10 a day in January, and stays so."""
    assert levels(spread(charges([310.0] * 4))) == [10.0] * 4


def test_a_price_by_the_day_stays_what_it_is() -> None:
    """10 a day, billed by the month."""
    assert levels(spread(charges([310.0, 280.0, 310.0, 300.0]))) == [10.0] * 4


def test_more_than_a_month_can_differ_is_a_move() -> None:
    """February at 15 a day is half more; March at 10 a day is back."""
    assert levels(spread(charges([310.0, 420.0, 310.0]))) == [10.0, 15.0, 10.0]


def test_small_growth_is_not_hidden_for_ever() -> None:
    """5 % a month are kept back until they are more than months differ by: 10 to 11.58 a day."""
    assert levels(spread(charges([310.0, 294.0, 341.775, 347.29]))) == [10.0, 10.0, 10.0, 11.576333]


@pytest.mark.parametrize("before", [0.0, -310.0])
def test_what_begins_or_turns_is_a_move(before: float) -> None:
    """From nothing, or from a credit, to a fee."""
    assert levels(spread(charges([before, 280.0]))) == [before / 31, 10.0]


def test_each_part_is_levelled_on_its_own() -> None:
    """A part's February is not held against another part's January."""
    both = pd.concat(
        [charges([310.0]).assign(Service="a"), charges([0.0, 308.0]).iloc[1:].assign(Service="b")]
    )
    found = spread(both.reset_index(drop=True))
    assert found.loc[found["Service"] == "b", "value"].tolist() == [11.0] * 28


@given(st.lists(st.floats(1, 1000), min_size=1, max_size=4))
def test_days_are_never_further_off_than_months_differ(values: list[float]) -> None:
    """Every day of every month is there once, and its level within 31/28 of its own."""
    found = spread(charges(values))
    assert not found["time"].duplicated().any()
    counts = list(MONTHS.values())[: len(values)]
    assert len(found) == sum(counts)
    for level, value, count in zip(levels(found), values, counts, strict=True):
        assert 27.99 / 31 <= level / (value / count) <= 31 / 27.99


def test_charges_of_a_day_stay_as_they_are(lake_of: Any, line: Any) -> None:
    """2 on one day, 2.1 on the next: no level is kept; each length has a row of its own."""
    engine = lake_of(
        [
            month_of(line, "2026-07-01", "31"),
            line(day="2026-07-02", cost="2"),
            line(day="2026-07-03", cost="2.1"),
        ]
    )
    found = levelled_days(engine, by=["ServiceName"])
    assert found.loc[~found["long"], "value"].tolist() == [2.0, 2.1]
    assert found.loc[found["long"], "value"].tolist() == [1.0] * 31
    assert set(found["ServiceName"]) == {"Compute Engine"}


def test_what_never_says_its_cost_has_no_row(lake_of: Any, line: Any) -> None:
    """One that says it on one of two days is unknown on the other."""
    unknown = {"EffectiveCost": ""}
    engine = lake_of(
        [
            {**line(day="2026-07-01", ServiceName="never"), **unknown},
            line(day="2026-07-01", cost="1", ServiceName="once"),
            {**line(day="2026-07-02", ServiceName="once"), **unknown},
        ]
    )
    found = levelled_days(engine, by=["ServiceName"])
    assert found["ServiceName"].tolist() == ["once", "once"]
    assert found["value"].isna().tolist() == [False, True]


def test_currencies_are_converted_or_refused(lake_of: Any, line: Any) -> None:
    """Two of them are not added; with a rate of 1.5 they are in one."""
    engine = lake_of([line(cost="1"), {**line(cost="2"), "BillingCurrency": "EUR"}])
    with pytest.raises(CurrencyError):
        levelled_days(engine, by=["ServiceName"])
    rates = Rates({("2026-07", "EUR", "USD"): Decimal("1.5")})
    found = levelled_days(engine, by=["ServiceName"], currency="USD", rates=rates)
    assert sorted(found["value"]) == [1.0, 3.0]
    assert set(found["BillingCurrency"]) == {"USD"}
    assert levelled_days(engine, by=["ServiceName"], currency="EUR")["value"].tolist() == [2.0]


def test_a_wrong_column_or_cost_is_refused(lake_of: Any, line: Any) -> None:
    """The nearest name is given."""
    engine = lake_of([line()])
    with pytest.raises(QueryError, match="ServiceNam"):
        levelled_days(engine, by=["ServiceNam"])
    with pytest.raises(ValueError, match="cost 'Money'"):
        levelled_days(engine, by=["ServiceName"], cost="Money")


def test_the_newest_whole_day_is_before_all_that_fill_up() -> None:
    """Days of a fee that is not over do not count; a day that filled up earlier does not stop it."""
    days = pd.DataFrame({"time": pd.date_range("2026-07-01", periods=6), "long": [False] * 4 + [True] * 2})
    filling = [date(2026, 7, 2), date(2026, 7, 4), date(2026, 7, 6)]
    assert newest_whole_day(days, filling=filling) == pd.Timestamp("2026-07-03")
    assert newest_whole_day(days.assign(long=True), filling=[]) == pd.Timestamp("2026-07-06")
    assert newest_whole_day(days.iloc[:0], filling=[]) is None
