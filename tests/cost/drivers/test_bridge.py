"""Why did it move: bills whose causes are known, and tables of any depth that add up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.drivers.bridge import bridge, drivers, from_plan, roll_up, waterfall
from finops_lib.cost.drivers.cells import cells
from finops_lib.cost.drivers.effects import PARTS
from finops_lib.cost.drivers.leaves import leaves, planned_leaves
from finops_lib.cost.exact import total
from finops_lib.cost.movement import change_of, month_over_month
from finops_lib.errors import CurrencyError
from finops_lib.records import Period
from finops_lib.units import Rates

JUNE, JULY = Period.month("2026-06"), Period.month("2026-07")


def moved(table: pd.DataFrame, row: int = 0) -> dict[str, Decimal]:
    """Show the parts of one line that are not zero."""
    return {name: table[name].iloc[row] for name in PARTS if table[name].iloc[row]}


@pytest.fixture
def engine(lake_of: Any, line: Any) -> Any:
    """Two services and teams; every cause of a move once."""
    june = {"day": "2026-06-10"}
    return lake_of(
        [
            # 10 h at 1.00 become 20 h at 2.00: volume 10 * 1.5, price 1 * 15.
            line(**june, cost="10", ResourceId="stays", PricingQuantity="10", tags={"team": "a"}),
            line(cost="40", ResourceId="stays", PricingQuantity="20", tags={"team": "a"}),
            line(**june, cost="5", ResourceId="ended", tags={"team": "b"}, ServiceName="Disks"),
            line(cost="8", ResourceId="new", tags={"team": "b"}, ServiceName="Disks"),
            line(cost="-3", ResourceId="", ChargeCategory="Credit", tags={"team": "b"}),
            line(
                EffectiveCost="0.4", ContractedCost="1", ResourceId="new", tags={"team": "a"},
                CommitmentDiscountId="c", CommitmentDiscountStatus="Used", ServiceName="Disks",
            ),
        ]
    )  # fmt: skip


def test_every_cause_is_found_in_its_part(engine: Any) -> None:
    """15 to 45.40: price 15, volume 15, new 8 + 1, ended 5, commitments -0.60, credits -3."""
    told = drivers(engine, before=JUNE, after=JULY)
    assert [told["Previous"].iloc[0], told["Current"].iloc[0], told["Change"].iloc[0]] == [
        Decimal(15), Decimal("45.4"), Decimal("30.4"),
    ]  # fmt: skip
    assert moved(told) == {
        "New": Decimal(9), "Ended": Decimal(-5), "Price": Decimal(15), "Volume": Decimal(15),
        "Commitments": Decimal("-0.6"), "Credits": Decimal(-3),
    }  # fmt: skip


@pytest.mark.parametrize("by", [[], ["tag:team"], ["ServiceName"], ["tag:team", "ServiceName"]])
def test_parts_add_up_at_any_depth(engine: Any, by: list[str]) -> None:
    """On each line, and all lines to the whole that the movement of the month shows."""
    told = drivers(engine, before=JUNE, after=JULY, by=by)
    for row in range(len(told)):
        assert total(told[name].iloc[row] for name in PARTS) == told["Change"].iloc[row]
    assert total(told["Change"]) == change_of(month_over_month(engine, month=JULY, by=by))["change"]


def test_a_deep_table_of_leaves_adds_up_to_a_shallow_one(engine: Any) -> None:
    """The same leaves by team and by service and team: each part of the first is the sum of the second's."""
    first, second = (leaves(engine, period=period, by=["tag:team"]) for period in (JUNE, JULY))
    shallow, deep = bridge(first, second), bridge(first, second, by=["tag:team", "ServiceName"])
    assert {name: total(deep[name]) for name in PARTS} == {name: shallow[name].iloc[0] for name in PARTS}
    pd.testing.assert_frame_equal(roll_up(deep), shallow)
    by_team = bridge(first, second, by=["tag:team"])
    pd.testing.assert_frame_equal(roll_up(deep, by=["tag:team"]), by_team)
    assert list(by_team["tag:team"]) == ["a", "b"]


def test_a_table_without_a_line_rolls_up_to_nothing_known(engine: Any) -> None:
    """One line of unknown amounts for the whole, none by team."""
    nothing = drivers(engine, before=Period.month("2025-01"), after=Period.month("2025-02"), by="tag:team")
    assert roll_up(nothing, by=["tag:team"]).empty
    whole = roll_up(nothing)
    assert [whole[name].iloc[0] for name in ("Previous", "Change", "Price")] == [None, None, None]
    assert whole["RowsUnknown"].tolist() == [0]


def test_resources_that_replace_themselves_are_counted_by_sku(lake_of: Any, line: Any) -> None:
    """Three machines of 10 h at 1.00 give way to three of 12 h at 1.00: 6.00 of volume, nothing is new.

    One by one, 36.00 would be new and 30.00 ended; a lone disk in the place of another stays told so.
    """
    rows = [line(day="2026-06-03", ResourceId=f"i-{n}", cost="10", PricingQuantity="10") for n in range(3)]
    rows += [line(ResourceId=f"i-{n}", cost="12", PricingQuantity="12") for n in range(3, 6)]
    rows += [line(day="2026-06-03", ResourceId="old", ServiceName="Disks", cost="4"),
             line(ResourceId="fresh", ServiceName="Disks", cost="5")]  # fmt: skip
    asked = {"before": JUNE, "after": JULY}
    disks = {"New": Decimal(5), "Ended": Decimal(-4)}
    assert moved(drivers(lake_of(rows), **asked)) == disks | {"Volume": Decimal(6)}
    told = drivers(lake_of(rows), **asked, detail=("ResourceId", "ServiceName", "SkuId", "PricingUnit"))
    assert moved(told) == {"New": Decimal(41), "Ended": Decimal(-34)}


def test_a_plan_is_held_against_the_lake(engine: Any) -> None:
    """Planned 10 h of compute for 20 in July, came 20 h for 40: volume 20; disks were not planned."""
    plan = pd.DataFrame({"ServiceName": ["Compute Engine"], "BillingCurrency": "USD"}).assign(
        Money=[Decimal(20)], Hours=[Decimal(10)]
    )
    asked: Any = {"period": JULY, "by": ["ServiceName"], "amount": "Money"}
    told = from_plan(engine, plan, **asked, quantity="Hours", currency="USD")
    assert [told["Previous"].iloc[0], told["Current"].iloc[0]] == [Decimal(20), Decimal(37)]
    assert moved(told) == {"Volume": Decimal(20), "Credits": Decimal(-3)}
    assert moved(told, 1) == {"New": Decimal(9), "Commitments": Decimal("-0.6")}
    assert moved(from_plan(engine, plan, **asked))["Unmeasured"] == Decimal(20)


AWKWARD = {
    "zeros": (["0", "0"], ["0", "0"]),
    "one leaf": (["5"], ["7"]),
    "all equal": (["3", "3", "3"], ["3", "3", "3"]),
    "negative": (["-5", "2"], ["-9", "-2"]),
    "to nothing": (["8"], ["0"]),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_bills_are_bridged_exactly(lake_of: Any, line: Any, name: str) -> None:
    """Zeros, one leaf, equal and negative amounts: parts that add up, and no warning."""
    before, after = AWKWARD[name]
    rows = [line(day="2026-06-02", ResourceId=f"r{n}", cost=cost) for n, cost in enumerate(before)]
    rows += [line(ResourceId=f"r{n}", cost=cost) for n, cost in enumerate(after)]
    told = drivers(lake_of(rows), before=JUNE, after=JULY)
    assert told["Change"].iloc[0] == sum(map(Decimal, after)) - sum(map(Decimal, before))
    assert total(told[part].iloc[0] for part in PARTS) == told["Change"].iloc[0]
    found = cells(told.assign(Name="x"), by=["Name"])
    assert (found.cells, found.reason) == ((), "there is one line only, and nothing to tell it from")


def test_hostile_names_are_names(lake_of: Any, line: Any) -> None:
    """Quotes, SQL and marks of our own in a resource, a service and a tag are grouped as they stand."""
    evil = ["'; DROP TABLE charges; --", '"(none)"', "<script>", "a\nb", "%s {0} $x$"]
    rows = [
        line(day=f"2026-0{month}-03", ResourceId=name, ServiceName=name, cost=str(month), tags={"team": name})
        for name in evil
        for month in (6, 7)
    ]
    told = drivers(lake_of(rows), before=JUNE, after=JULY, by=["ServiceName", "tag:team"])
    assert len(told) == len(evil)
    assert list(told["Change"]) == [Decimal(1)] * len(evil)


def test_currencies_are_refused_without_rates(lake_of: Any, line: Any) -> None:
    """Dollars in June and euros in July have no difference."""
    engine = lake_of([line(day="2026-06-01"), line(BillingCurrency="EUR"), line()])
    with pytest.raises(CurrencyError, match="amounts of different currencies are never added"):
        drivers(engine, before=JUNE, after=JULY)


def test_any_two_spans_are_compared(engine: Any) -> None:
    """The first half of July holds all that July has: June against it is the same."""
    half = Period(JULY.start, JULY.start.replace(day=16))
    assert moved(drivers(engine, before=JUNE, after=half)) == moved(drivers(engine, before=JUNE, after=JULY))


def test_a_period_without_charges_is_unknown_not_zero(engine: Any) -> None:
    """May has no bill: nothing is called new."""
    told = drivers(engine, before=Period.month("2026-05"), after=JUNE)
    assert [told[name].iloc[0] for name in ("Previous", "Current", "Change", "New")] == [
        None, Decimal(15), None, None,
    ]  # fmt: skip
    assert waterfall(told).to_numpy().tolist() == [["Previous", None], ["Current", Decimal(15)]]


def test_a_forecast_is_compared_with_what_came(engine: Any) -> None:
    """Forecast 30 for compute and 9 for networks: compute came to 37, disks were not foreseen."""
    plan = pd.DataFrame(
        {
            "ServiceName": ["Compute Engine", "Network"],
            "BillingCurrency": "USD",
            "Mid": pd.Series([Decimal(30), Decimal(9)], dtype=object),
        }
    )
    actual = leaves(engine, period=JULY, by=["ServiceName"], detail=())
    told = bridge(planned_leaves(plan, by=["ServiceName"], amount="Mid"), actual, by=["ServiceName"])
    assert list(told["ServiceName"]) == ["Compute Engine", "Disks", "Network"]
    assert [moved(told, row) for row in range(3)] == [
        {"Unmeasured": Decimal(10), "Credits": Decimal(-3)},
        {"New": Decimal(9), "Commitments": Decimal("-0.6")},
        {"Ended": Decimal(-9)},
    ]


def test_a_rate_that_moves_is_told_from_the_price(lake_of: Any, line: Any) -> None:
    """10 EUR in both months, at 1.0 and 1.2: 2.00 of currency."""
    engine = lake_of([line(day=f"2026-0{month}-05", cost="10", BillingCurrency="EUR") for month in (6, 7)])
    rates = Rates({("2026-06", "EUR", "USD"): Decimal(1), ("2026-07", "EUR", "USD"): Decimal("1.2")})
    told = drivers(engine, before=JUNE, after=JULY, currency="USD", rates=rates)
    assert moved(told) == {"Currency": Decimal(2)}


def test_a_resource_that_changes_hands_is_not_new(lake_of: Any, line: Any) -> None:
    """Its team falls by 6 and the other rises by 6, with nothing new or ended."""
    engine = lake_of(
        [
            line(day="2026-06-01", cost="6", tags={"team": "a"}),
            line(day="2026-07-01", cost="6", tags={"team": "b"}),
        ]
    )
    told = drivers(engine, before=JUNE, after=JULY, by="tag:team")
    assert list(told["Change"]) == [Decimal(-6), Decimal(6)]
    assert {*moved(told, 0), *moved(told, 1)} <= {"Volume", "Mix"}


def test_rows_without_the_cost_are_counted_not_zero(lake_of: Any, line: Any) -> None:
    """One of July's rows states no list cost."""
    engine = lake_of([line(day="2026-06-01"), line(), line(ListCost="", day="2026-07-02")])
    told = drivers(engine, before=JUNE, after=JULY, cost="ListCost")
    assert [told["Change"].iloc[0], told["RowsUnknown"].iloc[0]] == [Decimal(0), 1]


def test_a_waterfall_shows_what_moved(engine: Any) -> None:
    """From 15 to 45.40, without steps of zero; the steps add up."""
    steps = waterfall(drivers(engine, before=JUNE, after=JULY, by="tag:team"))
    names = list(steps["Step"])
    assert names == ["Previous", "New", "Ended", "Price", "Volume", "Commitments", "Credits", "Current"]
    assert total(steps["Amount"][:-1]) == steps["Amount"].iloc[-1]


def test_tables_of_other_keys_are_a_wrong_argument(engine: Any) -> None:
    """Leaves by team and leaves by service are not compared."""
    first = leaves(engine, period=JUNE, by=["tag:team"])
    with pytest.raises(ValueError, match="key columns"):
        bridge(first, leaves(engine, period=JULY))
