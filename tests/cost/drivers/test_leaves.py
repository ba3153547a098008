"""What was charged at the finest line: kinds of money, quantities, units and currencies kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.billing.engine import Engine
from finops_lib.cost.drivers.leaves import added_up, keys_of, leaves, planned_leaves
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period
from finops_lib.units import Rates
from tests.cost.conftest import delivered, write_line

JULY = Period.month("2026-07")
SHOWN = ["Usage", "Commitments", "Credits", "Other", "Quantity"]


def shown(table: pd.DataFrame) -> list[list[Decimal | None]]:
    """Show the money and quantity of each leaf."""
    return [
        [value if isinstance(value, Decimal) else None for value in line] for line in table[SHOWN].to_numpy()
    ]


def test_days_of_one_leaf_are_added(lake_of: Any, line: Any) -> None:
    """Two days at 2.00 for 3 hours each: 4.00 for 6."""
    days = [line(day=f"2026-07-0{day}", cost="2", PricingQuantity="3") for day in (1, 2)]
    assert shown(leaves(lake_of(days), period=JULY)) == [[Decimal(4), 0, 0, 0, Decimal(6)]]


def test_committed_usage_is_split_at_the_contracted_price(lake_of: Any, line: Any) -> None:
    """Contracted 10, effective 6: usage 10, the commitment takes off 4; its unused part of 3 adds to it."""
    used = line(
        EffectiveCost="6", ContractedCost="10", CommitmentDiscountId="c", CommitmentDiscountStatus="Used"
    )
    unused = line(
        EffectiveCost="3", CommitmentDiscountId="c", CommitmentDiscountStatus="Unused", PricingQuantity="9"
    )
    assert shown(leaves(lake_of([used, unused]), period=JULY)) == [
        [Decimal(10), Decimal(-1), 0, 0, Decimal(1)]
    ]


def test_a_fee_of_a_commitment_is_commitments_and_another_purchase_is_other(lake_of: Any, line: Any) -> None:
    """Billed 50 for a plan and 7 for support."""
    fee = line(ChargeCategory="Purchase", BilledCost="50", CommitmentDiscountId="c", ResourceId="c")
    support = line(ChargeCategory="Purchase", BilledCost="7", ResourceId="support")
    told = leaves(lake_of([fee, support]), period=JULY, cost="BilledCost")
    assert [line[:4] for line in shown(told)] == [[0, Decimal(50), 0, 0], [0, 0, 0, Decimal(7)]]
    assert list(told["Used"]) == [False, False]


def test_credits_and_tax_stand_apart(lake_of: Any, line: Any) -> None:
    """A credit of 2 and a tax of 1."""
    rows = [line(ChargeCategory="Credit", cost="-2"), line(ChargeCategory="Tax", cost="1")]
    assert shown(leaves(lake_of(rows), period=JULY)) == [[0, 0, Decimal(-2), Decimal(1), None]]


def test_a_quantity_that_one_row_does_not_say_is_unknown(lake_of: Any, line: Any) -> None:
    """Known for one day only: not half of it, but unknown."""
    rows = [line(PricingQuantity="3"), line(day="2026-07-02", PricingQuantity="")]
    assert shown(leaves(lake_of(rows), period=JULY))[0][-1] is None


def test_quantities_of_two_units_are_never_added(lake_of: Any, line: Any) -> None:
    """Hours and gigabytes in one line by service: no quantity; by unit: both."""
    rows = [line(PricingUnit="Hours"), line(PricingUnit="GB")]
    engine = lake_of(rows)
    assert shown(leaves(engine, period=JULY, by=["ServiceName"], detail=()))[0][-1] is None
    assert [line[-1] for line in shown(leaves(engine, period=JULY))] == [Decimal(1), Decimal(1)]


def test_list_cost_knows_no_commitment(lake_of: Any, line: Any) -> None:
    """List 12 beside contracted 10: all usage."""
    row = line(ListCost="12", ContractedCost="10", CommitmentDiscountId="c", CommitmentDiscountStatus="Used")
    assert shown(leaves(lake_of([row]), period=JULY, cost="ListCost"))[0][:2] == [Decimal(12), Decimal(0)]


def test_a_row_without_the_cost_is_counted(lake_of: Any, line: Any) -> None:
    """A missing list cost adds nothing and is said."""
    rows = [line(ListCost="5"), line(ListCost="", day="2026-07-02")]
    told = leaves(lake_of(rows), period=JULY, cost="ListCost")
    assert [list(told["Usage"]), list(told["RowsUnknown"])] == [[Decimal(5)], [1]]


def test_currencies_are_mixed_with_rates_only(lake_of: Any, line: Any) -> None:
    """Each day has its rate: 10 EUR at 1.1 and 10 at 1.2 are 23 USD."""
    rows = [line(day=f"2026-07-0{day}", cost="10", BillingCurrency="EUR") for day in (1, 2)]
    engine = lake_of([*rows, line(cost="1")])
    with pytest.raises(CurrencyError):
        leaves(engine, period=JULY)
    pairs = {("2026-07-01", "EUR", "USD"): Decimal("1.1"), ("2026-07-02", "EUR", "USD"): Decimal("1.2")}
    told = leaves(engine, period=JULY, currency="USD", rates=Rates(pairs))
    assert list(told["BillingCurrency"]) == ["EUR", "USD"]
    assert [list(told["Usage"]), list(told["LocalUsage"])] == [[23, 1], [20, 1]]
    assert list(told["Quantity"]) == [Decimal(2), Decimal(1)]


def test_a_day_with_a_credit_alone_leaves_the_quantity_known(lake_of: Any, line: Any) -> None:
    """Days are added after conversion: 5 hours on one day and a credit on the next are 5 hours."""
    credit = line(day="2026-07-02", ChargeCategory="Credit", cost="-1")
    engine = lake_of([line(PricingQuantity="5"), credit])
    rates = Rates({(f"2026-07-0{day}", "USD", "EUR"): Decimal(1) for day in (1, 2)})
    told = leaves(engine, period=JULY, currency="EUR", rates=rates)
    assert list(told["Quantity"]) == [Decimal(5)]


def test_leaves_of_the_same_keys_are_added_and_one_unknown_quantity_makes_the_sum_unknown(
    lake_of: Any, line: Any
) -> None:
    """Two resources of 3 hours are 6; where one does not say it nobody knows; tax alone has none."""
    rows = [line(ResourceId=name, PricingQuantity="3") for name in "ab"]
    rows += [line(ResourceId="c", PricingQuantity="", SkuId="sku-2"), line(ResourceId="d", SkuId="sku-2")]
    rows += [line(ResourceId=name, ChargeCategory="Tax", SkuId="tax") for name in "ef"]
    table = leaves(lake_of(rows), period=JULY)
    assert keys_of(table) == ["ResourceId", "ServiceName", "SkuId", "PricingUnit", "BillingCurrency"]
    together = added_up(table.drop(columns="ResourceId"), keys=keys_of(table)[1:])
    assert list(together["SkuId"]) == ["sku-1", "sku-2", "tax"]
    assert shown(together) == [
        [Decimal(2), 0, 0, 0, Decimal(6)], [Decimal(2), 0, 0, 0, None], [0, 0, 0, Decimal(2), None],
    ]  # fmt: skip


def test_an_unknown_cost_column_is_a_wrong_argument(lake_of: Any, line: Any) -> None:
    """Only the four costs of FOCUS."""
    with pytest.raises(ValueError, match="ListCost"):
        leaves(lake_of([line()]), period=JULY, cost="Cost")


def test_a_plan_is_leaves_of_usage() -> None:
    """Lines of the same team are added, lines without an amount are left out."""
    plan = pd.DataFrame(
        {
            "Team": ["a", "a", "b"],
            "BillingCurrency": "USD",
            "Mid": pd.Series([Decimal(1), Decimal(2), None], dtype=object),
        }
    )
    told = planned_leaves(plan, by=["Team"], amount="Mid")
    assert [list(told["Team"]), shown(told)] == [["a"], [[Decimal(3), 0, 0, 0, None]]]


def test_a_plan_without_its_amount_is_refused() -> None:
    """The missing column is named."""
    with pytest.raises(QueryError, match="Mid"):
        planned_leaves(pd.DataFrame({"Team": [], "BillingCurrency": []}), by=["Team"], amount="Mid")


FEE = {"ChargePeriodStart": "2026-06-01T00:00:00Z", "ChargePeriodEnd": "2026-07-01T00:00:00Z"}


def span(first: str, last: str) -> Period:
    """Give days, both counted."""
    start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
    return Period(start, end + timedelta(days=1))


def test_by_days_a_fee_counts_with_its_days_in_the_period(lake_of: Any, line: Any) -> None:
    """30.00 for June: 7.00 in any week of it, 2.00 in one of which two days are June; usage is as it was."""
    engine = lake_of(
        [
            line(day="2026-06-01", cost="30", PricingQuantity="60", ResourceId="fee", **FEE),
            line(day="2026-06-09", cost="5", PricingQuantity="1", ResourceId="vm"),
        ]
    )

    def told(first: str, last: str, axis: str = "days") -> dict[str, tuple[Decimal, Decimal]]:
        found = leaves(engine, period=span(first, last), axis=axis)
        return {row.ResourceId: (row.Usage, row.Quantity) for row in found.itertuples()}

    assert told("2026-06-08", "2026-06-14") == {"fee": (7, 14), "vm": (5, 1)}
    assert told("2026-06-29", "2026-07-05") == {"fee": (2, 4)}
    assert told("2026-06-01", "2026-06-30") == told("2026-06-01", "2026-06-30", "charge")
    assert told("2026-06-08", "2026-06-14", "charge") == {"vm": (5, 1)}
    assert told("2026-07-01", "2026-07-07") == {}


@given(st.lists(st.integers(2, 30), min_size=1, max_size=4, unique=True))
@settings(deadline=None, max_examples=30)
def test_days_of_periods_that_follow_one_another_lose_nothing(fees: Engine, cuts: list[int]) -> None:
    """Cut June anywhere: the parts of a fee with ten digits add up to it, to the last one."""
    edges = [1, *sorted(cuts), 31]
    sums: dict[str, Decimal] = {}
    for first, after in pairwise(edges):
        found = leaves(fees, period=span(f"2026-06-{first:02d}", f"2026-06-{after - 1:02d}"), axis="days")
        for row in found.itertuples():
            sums[row.ResourceId] = sums.get(row.ResourceId, Decimal(0)) + row.Usage
    assert sums == {"a": Decimal("100.0123456789"), "b": Decimal("-0.0000000001"), "c": Decimal("7")}


@pytest.fixture(scope="module")
def fees(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Take in three fees of June."""
    costs = {"a": "100.0123456789", "b": "-0.0000000001", "c": "7"}
    rows = [write_line(day="2026-06-01", cost=cost, ResourceId=name, **FEE) for name, cost in costs.items()]
    with Engine(delivered(tmp_path_factory.mktemp("fees") / "bill", rows)) as engine:
        yield engine
