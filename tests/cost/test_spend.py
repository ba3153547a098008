"""What do we spend: golden sums, a naive second implementation, and what is refused."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.cost.spend import currencies, four_costs, question, spend
from finops_lib.cost.sql import COSTS
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period
from finops_lib.units import Rates

JULY = Period.month("2026-07")
MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def engine(lake_of: Any, line: Any) -> Any:
    """Six charges in two months, with and without a team."""
    return lake_of(
        [
            line(day="2026-06-30", cost="10", ServiceName="Compute", tags={"team": "web"}),
            line(day="2026-07-01", cost="0.10", ServiceName="Compute", tags={"team": "web"}),
            line(day="2026-07-01", cost="0.20", ServiceName="Compute"),
            line(day="2026-07-06", cost="3", ServiceName="Storage", tags={"team": "(untagged)"}),
            line(day="2026-07-31", cost="4", ServiceName="Storage", tags={"team": ""}, RegionId=""),
            line(day="2026-07-31", cost="-1", ServiceName="Storage", ChargeCategory="Credit"),
        ]
    )


def as_dict(frame: pd.DataFrame, *keys: str) -> dict[Any, Decimal]:
    """Turn an answer into key to cost."""
    values = zip(*(frame[key] for key in keys), strict=True)
    return dict(zip((value if len(keys) > 1 else value[0] for value in values), frame["cost"], strict=True))


def test_one_month_by_service_is_the_sum_of_its_rows(engine: Any) -> None:
    """Two columns of a bill added by hand: 0.10 + 0.20 and 3 + 4 - 1, with no float in between."""
    frame = spend(engine, by="ServiceName", period=JULY)
    assert list(frame.columns) == ["ServiceName", "BillingCurrency", "cost"]
    assert as_dict(frame, "ServiceName") == {"Compute": Decimal("0.30"), "Storage": Decimal(6)}


def test_a_tag_is_a_column_and_its_absence_is_said(engine: Any) -> None:
    """Missing, empty and a tag that spells like our own mark are three different lines."""
    frame = spend(engine, by="tag:team", period=JULY)
    assert as_dict(frame, "tag:team") == {
        "web": Decimal("0.10"),
        "(untagged)": Decimal("-0.80"),
        "(empty)": Decimal(4),
        '"(untagged)"': Decimal(3),
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"tag:team": "web"}, "0.10"),
        ({"tag:team": "(untagged)"}, "-0.80"),
        ({"tag:team": '"(untagged)"'}, "3"),
        ({"tag:team": "(empty)"}, "4"),
        ({"tag:team": ["web", "(untagged)"]}, "-0.70"),
        ({"ServiceName": "Storage", "ChargeCategory": "Usage"}, "7"),
        ({"RegionId": "(none)"}, "4"),
        ({"ChargePeriodStart": "2026-07-06"}, "3"),
        ({"BilledCost": "-1.0"}, "-1"),
    ],
)
def test_a_filter_takes_what_the_table_shows(engine: Any, where: Any, expected: str) -> None:
    """Each value as written in an answer, also for none, times and numbers, selects its own rows."""
    frame = spend(engine, period=JULY, where=where)
    assert list(frame["cost"]) == [Decimal(expected)]


@pytest.mark.parametrize("where", [{"ServiceName": []}, {"ServiceName": "x' OR 1=1 --"}, {"tag:team": "$p"}])
def test_a_filter_that_fits_nothing_finds_nothing(engine: Any, where: Any) -> None:
    """Values are never read as SQL; no values select no rows."""
    assert spend(engine, where=where).empty


@pytest.mark.parametrize(
    ("grain", "times"),
    [
        ("day", ["2026-06-30", "2026-07-01", "2026-07-06", "2026-07-31"]),
        ("week", ["2026-06-29", "2026-07-06", "2026-07-27"]),
        ("month", ["2026-06-01", "2026-07-01"]),
        ("quarter", ["2026-04-01", "2026-07-01"]),
        ("year", ["2026-01-01"]),
    ],
)
def test_time_is_cut_at_the_start_of_each_span(engine: Any, grain: str, times: list[str]) -> None:
    """Weeks start on Monday; a time without a charge has no line."""
    frame = spend(engine, grain=grain)
    assert [f"{moment:%Y-%m-%d}" for moment in frame["time"]] == times
    assert sum(frame["cost"]) == Decimal("16.30")


def test_cash_and_accrual_are_two_axes(lake_of: Any, line: Any) -> None:
    """A charge used in June and billed in July is June's on one axis and July's on the other."""
    july = {name: line(day="2026-07-01")[name] for name in ("BillingPeriodStart", "BillingPeriodEnd")}
    engine = lake_of([line(day="2026-07-02", cost="1"), line(day="2026-06-30", cost="5") | july])
    assert list(spend(engine, period=JULY)["cost"]) == [Decimal(1)]
    assert list(spend(engine, period=JULY, axis="billing")["cost"]) == [Decimal(6)]


def test_the_four_costs_are_kept_apart_and_gaps_are_counted(lake_of: Any, line: Any) -> None:
    """List 9 contracted 8 effective 7 billed 0; a list cost that is not stated is unknown, not zero."""
    costs = {"ListCost": "9", "ContractedCost": "8", "EffectiveCost": "7", "BilledCost": "0"}
    engine = lake_of([line(**costs), line(**(costs | {"ListCost": ""}))])
    first = four_costs(engine).iloc[0]
    assert [first[name] for name in COSTS] == [Decimal(9), Decimal(16), Decimal(14), Decimal(0)]
    assert first["ListRowsUnknown"] == 1
    assert first["BilledRowsUnknown"] == 0
    unknown = four_costs(lake_of([line(**(costs | {"ListCost": ""}))])).iloc[0]
    assert unknown["ListCost"] is None


def test_two_currencies_are_refused_unless_one_is_named(lake_of: Any, line: Any) -> None:
    """Dollars and euros are never added: both are named, one can be chosen."""
    engine = lake_of([line(cost="1"), line(cost="2", BillingCurrency="EUR")])
    with pytest.raises(CurrencyError, match="EUR, USD"):
        spend(engine)
    assert list(spend(engine, currency="EUR")["cost"]) == [Decimal(2)]
    assert currencies(engine) == ("EUR", "USD")


def test_rates_convert_each_month_at_its_own_rate(lake_of: Any, line: Any) -> None:
    """10 EUR at 1.10 in June, 10 EUR at 1.20 in July and 1 USD are 24 USD."""
    euro = {"BillingCurrency": "EUR"}
    engine = lake_of([line(day="2026-06-30", cost="10", **euro), line(cost="10", **euro), line(cost="1")])
    rates = Rates({("2026-06", "EUR", "USD"): Decimal("1.1"), ("2026-07", "EUR", "USD"): Decimal("1.2")})
    assert list(spend(engine, currency="USD", rates=rates)["cost"]) == [Decimal(24)]
    with pytest.raises(CurrencyError, match="EUR to USD on 2026-07-01"):
        spend(engine, currency="USD", rates=Rates({("2026-06", "EUR", "USD"): Decimal(1)}))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": "Servicename"}, "ServiceName"),
        ({"by": "tag:taem"}, "tag:team"),
        ({"where": {"Regon": "x"}}, "Region"),
        ({"by": 'ServiceName" --'}, "ServiceName"),
        ({"currency": "CHF"}, "USD"),
    ],
)
def test_a_name_the_lake_lacks_is_refused_with_the_nearest(engine: Any, asked: Any, words: str) -> None:
    """A misspelt column, tag key or currency gives an error that names a real one."""
    with pytest.raises(QueryError, match=words):
        spend(engine, **asked)


@pytest.mark.parametrize(
    "asked",
    [{"cost": "Cost"}, {"axis": "invoice"}, {"grain": "hour"}, {"rates": Rates({}), "currency": None}],
)
def test_a_wrong_argument_is_a_value_error(engine: Any, asked: Any) -> None:
    """Arguments with a fixed set of values are checked in code."""
    with pytest.raises(ValueError, match=r"it is|currency"):
        spend(engine, **asked)


def test_the_cube_is_used_only_where_it_can_answer() -> None:
    """A tag, a region or a period that cuts a day needs the charges themselves."""
    noon = Period(datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC))
    ask = {"axis": "charge", "grain": "day", "currency": None, "rates": None}
    assert question(by="ServiceName", period=JULY, where={}, **ask).in_cube()
    assert not question(by="ServiceName", period=noon, where={}, **ask).in_cube()
    assert not question(by="tag:team", period=JULY, where={}, **ask).in_cube()
    assert not question(by=(), period=JULY, where={"RegionId": "x"}, **ask).in_cube()


@pytest.mark.parametrize("axis", ["charge", "billing"])
@pytest.mark.parametrize("cost", COSTS)
def test_cube_and_charges_give_the_same_answer(engine: Any, axis: str, cost: str) -> None:
    """A filter that keeps every row but is not in the cube changes the path, not the answer."""
    asked = {"by": ("ServiceName", "ChargeCategory"), "cost": cost, "axis": axis, "grain": "week"}
    every = {"SubAccountId": "222222222222"}
    pd.testing.assert_frame_equal(spend(engine, **asked), spend(engine, **asked, where=every))


AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=12)
CHARGES = st.lists(
    st.tuples(st.integers(1, 28), st.sampled_from("abc"), st.sampled_from(["x", "y", None]), AMOUNTS),
    min_size=1,
    max_size=25,
)


def naive(charges: list[Any]) -> dict[Any, Decimal]:
    """Add the rows one by one in a loop."""
    sums: dict[Any, Decimal] = defaultdict(Decimal)
    for day, service, team, cost in charges:
        sums[pd.Timestamp(2026, 7, day), service, team or "(untagged)"] += cost
    return dict(sums)


@MANY
@given(CHARGES)
def test_spend_equals_a_loop_over_the_rows(lake_of: Any, line: Any, charges: list[Any]) -> None:
    """Whatever the rows, each group is their exact sum, and all groups together are the whole."""
    lines = [
        line(
            day=f"2026-07-{day:02d}",
            cost=f"{cost:f}",
            ServiceName=service,
            tags={"team": team} if team else {},
        )
        for day, service, team, cost in charges
    ]
    engine = lake_of([*lines, line(day="2026-06-01", cost="1", tags={"team": "x"})])
    frame = spend(engine, by=("ServiceName", "tag:team"), grain="day", period=JULY)
    assert as_dict(frame, "time", "ServiceName", "tag:team") == naive(charges)
    assert sum(frame["cost"]) == spend(engine, period=JULY)["cost"].iloc[0]


@MANY
@given(CHARGES, st.sampled_from([Decimal(2), Decimal("0.5"), Decimal(1000)]))
def test_spend_scales_with_the_currency(lake_of: Any, line: Any, charges: list[Any], factor: Decimal) -> None:
    """The same bill at a rate of k costs k times as much, line by line."""
    engine = lake_of([line(cost=f"{cost:f}", ServiceName=name) for _, name, _, cost in charges])
    rates = Rates({("2026-07", "USD", "XXX"): factor})
    one = spend(engine, by="ServiceName")
    other = spend(engine, by="ServiceName", currency="XXX", rates=rates)
    assert [amount * factor for amount in one["cost"]] == list(other["cost"])
