"""What a unit costs: worked by hand, times brought together, and what has no answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.spend import spend
from finops_lib.cost.unit_cost import unit_costs
from finops_lib.errors import CurrencyError, QueryError


def costs(*rows: tuple[str, Any], currency: Any = "USD") -> pd.DataFrame:
    """Write costs by month."""
    amounts = [None if cost is None else Decimal(str(cost)) for _, cost in rows]
    times = pd.to_datetime([time for time, _ in rows]).astype("datetime64[us]")
    frame = pd.DataFrame({"time": times, "cost": pd.Series(amounts, dtype=object)})
    return frame.assign(BillingCurrency=currency)


def metrics(*rows: tuple[Any, Any], metric: str = "requests") -> pd.DataFrame:
    """Write values of a metric by time."""
    return pd.DataFrame(rows, columns=["time", "value"], dtype=object).assign(metric=metric)


def answer(money: pd.DataFrame, told: pd.DataFrame, **asked: Any) -> list[tuple[Any, str]]:
    """Give unit cost and state, in order of time."""
    found = unit_costs(money, told, **{"metric": "requests", **asked})
    return list(zip(found["UnitCost"], found["State"], strict=True))


def test_days_of_a_metric_add_up_to_the_month(lake_of: Any, line: Any) -> None:
    """30 dollars in July over 400 + 800 requests; the zone of a time counts: July ends in UTC."""
    money = spend(lake_of([line(cost="30")]), grain="month")
    told = metrics(("2026-07-01", 400), ("2026-07-31T23:30:00Z", "800"), ("2026-08-01T01:00:00+02:00", 0))
    found = unit_costs(money, told, metric="requests").iloc[0]
    assert (found["Cost"], found["Units"], found["UnitCost"]) == (30, 1200, Decimal("0.025"))


def test_what_stands_is_averaged() -> None:
    """300 dollars over a mean of 15 customers, not 30."""
    told = metrics(("2026-07-01", 10), ("2026-07-02", 20))
    assert answer(costs(("2026-07-01", 300)), told, combined="mean") == [(20, "known")]


@pytest.mark.parametrize(
    ("grain", "start"),
    [("day", "2026-08-12"), ("week", "2026-08-10"), ("quarter", "2026-07-01"), ("year", "2026-01-01")],
)
def test_a_metric_is_brought_to_the_grain_of_the_costs(grain: str, start: str) -> None:
    """12 August 2026 is a Wednesday; weeks begin on Monday."""
    told = metrics(("2026-08-12T13:00", 4))
    assert answer(costs((start, 8)), told, grain=grain) == [(2, "known")]


def test_what_is_not_known_says_why() -> None:
    """No units told, none at all, no number, below zero, no cost: each has its state and no value."""
    money = costs(
        ("2026-01-01", 1), ("2026-02-01", 1), ("2026-03-01", 1), ("2026-04-01", 1), ("2026-05-01", None)
    )
    told = metrics(
        ("2026-02-01", 0), ("2026-03-01", "x"), ("2026-04-01", -1), ("2026-05-01", 1), ("2026-06-01", 1)
    )
    assert answer(money, told) == [
        (None, "no units"),
        (None, "no units"),
        (None, "unreadable units"),
        (None, "unreadable units"),
        (None, "no cost"),
        (None, "no cost"),
    ]


@pytest.mark.parametrize("value", ["NaN", float("inf"), "1_000", "1E+5000", True])
def test_a_value_that_is_no_number_spoils_its_month_alone(value: object) -> None:
    """Not the other one; a missing reading among others is left out."""
    told = metrics(("2026-01-01", value), ("2026-01-02", 5), ("2026-02-01", 2), ("2026-02-02", None))
    money = costs(("2026-01-01", 10), ("2026-02-01", 10))
    assert answer(money, told) == [(None, "unreadable units"), (5, "known")]


def test_groups_have_their_own_units() -> None:
    """Web 6 over 3, data 8 over 2; the other metric is not counted."""
    money = costs(("2026-07-01", 6), ("2026-07-01", 8)).assign(team=["web", "data"])
    told = pd.concat(
        [
            metrics(("2026-07-01", 3), ("2026-07-01", 2)).assign(team=["web", "data"]),
            metrics(("2026-07-01", 99), metric="tokens").assign(team="web"),
        ]
    )
    found = unit_costs(money, told, metric="requests", by=["team"])
    assert found[["team", "UnitCost"]].to_numpy().tolist() == [["data", 4], ["web", 2]]


def test_costs_without_time_need_none() -> None:
    """One number over one number."""
    money = costs(("2026-07-01", 6)).drop(columns="time")
    assert answer(money, metrics((None, 4)).drop(columns="time")) == [(Decimal("1.5"), "known")]


def test_no_costs_and_no_units_is_an_empty_table() -> None:
    """With its columns."""
    found = unit_costs(costs(), metrics(), metric="requests")
    assert list(found) == ["time", "BillingCurrency", "Cost", "Units", "UnitCost", "State"]
    assert found.empty


def test_what_cannot_be_divided_is_refused() -> None:
    """A lost column, a time that is none, two currencies, an unknown way to combine."""
    good = metrics(("2026-07-01", 1))
    with pytest.raises(QueryError, match="metrics without value"):
        unit_costs(costs(), good.drop(columns="value"), metric="requests")
    with pytest.raises(QueryError, match="time 'yesterday'"):
        unit_costs(costs(), metrics(("yesterday", 1)), metric="requests")
    with pytest.raises(CurrencyError, match="EUR, USD"):
        mixed = costs(("2026-07-01", 1), ("2026-07-01", 1), currency=["USD", "EUR"])
        unit_costs(mixed, good, metric="requests")
    with pytest.raises(ValueError, match="combined 'max'"):
        unit_costs(costs(), good, metric="requests", combined="max")
