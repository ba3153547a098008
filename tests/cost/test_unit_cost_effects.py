"""Why a unit's cost moved: price and efficiency by hand, parts that close, and what has no price."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.exact import total
from finops_lib.cost.unit_cost_effects import UnitCostChange, quantities, unit_cost_change
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period

HUNDRED = Decimal(100)
JUNE, JULY = Period.month("2026-06"), Period.month("2026-07")


def used(*rows: tuple[str, Any, Any], unit: str = "Hours", currency: str = "USD") -> pd.DataFrame:
    """Write articles with cost and quantity."""
    numbers = [[None if value is None else Decimal(str(value)) for value in row[1:]] for row in rows]
    frame = pd.DataFrame({"SkuId": [row[0] for row in rows], "Unit": unit, "BillingCurrency": currency})
    frame["cost"] = pd.Series([pair[0] for pair in numbers], dtype=object)
    frame["Quantity"] = pd.Series([pair[1] for pair in numbers], dtype=object)
    return frame


def change(before: pd.DataFrame, after: pd.DataFrame, **asked: Any) -> UnitCostChange:
    """Compare at a hundred units on each side, unless said."""
    return unit_cost_change(before, after, **{"units_before": HUNDRED, "units_after": HUNDRED, **asked})


def parts(found: UnitCostChange) -> tuple[Decimal, ...]:
    """Give the parts of the change."""
    return (found.price, found.efficiency, found.new_and_ended, found.other)


def test_a_price_alone() -> None:
    """10 hours as before, from 2 to 3 dollars: 0.10 for each of 100."""
    found = change(used(("gpu", 20, 10)), used(("gpu", 30, 10)))
    assert (found.before, found.after, found.change) == (Decimal("0.2"), Decimal("0.3"), Decimal("0.1"))
    assert parts(found) == (Decimal("0.1"), 0, 0, 0)


def test_efficiency_alone() -> None:
    """The same price, half of the hours: saved 0.10; the volume did nothing."""
    found = change(used(("gpu", 20, 10)), used(("gpu", 10, 5)))
    assert parts(found) == (0, Decimal("-0.1"), 0, 0)
    assert found.volume == 0


def test_twice_the_units_at_the_same_cost_is_efficiency_and_volume() -> None:
    """20 dollars for 100, then for 200: a unit costs 0.10 less; the whole would be 100 x 0.15 = 15 more."""
    found = change(used(("gpu", 20, 10)), used(("gpu", 20, 10)), units_after=2 * HUNDRED)
    assert parts(found) == (0, Decimal("-0.1"), 0, 0)
    assert found.volume == 15


def test_articles_are_compared_with_themselves() -> None:
    """Moved from a dear to a cheap article at unchanged prices: no price effect, though the mean fell."""
    before = used(("dear", 90, 9), ("cheap", 10, 10))
    found = change(before, used(("dear", 10, 1), ("cheap", 20, 20)))
    assert parts(found) == (0, Decimal("-0.7"), 0, 0)


def test_what_came_or_went_has_no_price_to_compare() -> None:
    """One article ended (0.20), one is new (0.50); another unit is another article."""
    found = change(used(("old", 20, 10)), used(("new", 50, 10)))
    assert parts(found) == (0, 0, Decimal("0.3"), 0)
    assert parts(change(used(("a", 20, 10)), used(("a", 20, 10), unit="GB"))) == (0, 0, 0, 0)


def test_cost_without_a_quantity_is_other() -> None:
    """A flat fee of 5, then 15; and what the whole bill has beside its usage."""
    found = change(used(("gpu", 20, 10), ("fee", 5, None)), used(("gpu", 20, 10), ("fee", 15, 0)))
    assert parts(found) == (0, 0, 0, Decimal("0.1"))
    whole = change(
        used(("gpu", 20, 10)), used(("gpu", 20, 10)), cost_before=Decimal(20), cost_after=Decimal(27)
    )
    assert parts(whole) == (0, 0, 0, Decimal("0.07"))


def test_nothing_used_costs_nothing() -> None:
    """Empty on both sides."""
    found = change(used(), used())
    assert (found.before, found.after, parts(found)) == (0, 0, (0, 0, 0, 0))


@pytest.mark.parametrize("units", ["0", "-1", "NaN", "Infinity"])
def test_no_units_have_no_cost(units: str) -> None:
    """On either side."""
    for side in ("units_before", "units_after"):
        with pytest.raises(QueryError, match="above zero"):
            change(used(), used(), **{side: Decimal(units)})


def test_what_cannot_be_compared_is_refused() -> None:
    """A lost column, two currencies."""
    with pytest.raises(QueryError, match="without Quantity"):
        change(used().drop(columns="Quantity"), used().drop(columns="Quantity"))
    with pytest.raises(CurrencyError, match="EUR, USD"):
        change(used(("a", 1, 1)), used(("a", 1, 1), currency="EUR"))


def test_a_cost_that_is_no_number_is_left_out() -> None:
    """Neither in a price nor in the whole."""
    odd = used(("gpu", 20, 10), ("gpu", "NaN", 1), ("gpu", 1, "NaN"), ("x", None, 3))
    assert parts(change(used(("gpu", 20, 10)), odd)) == (0, 0, 0, Decimal("0.01"))


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.decimals(-(10**4), 10**6, places=8),
        st.decimals(-1, 10**6, places=5) | st.none(),
    ),
    max_size=5,
)
UNITS = st.decimals(1, 10**9, places=3)


@settings(deadline=None)
@given(ROWS, ROWS, UNITS, UNITS)
def test_the_parts_close(before: list[Any], after: list[Any], low: Decimal, high: Decimal) -> None:
    """Parts add up to the change, the ends are cost over units, and the way back has the signs turned."""
    frames = used(*before), used(*after)
    found = change(*frames, units_before=low, units_after=high)
    assert total(parts(found)) == found.change == total([found.after, -found.before])
    for end, frame, units in zip((found.before, found.after), frames, (low, high), strict=True):
        cost = sum(map(Fraction, frame["cost"]), Fraction(0))
        assert abs(Fraction(end) - cost / Fraction(units)) <= Fraction(1, 10**20)
    back = change(*frames[::-1], units_before=high, units_after=low)
    near = Decimal("1E-19")
    assert all(abs(one + other) <= near for one, other in zip(parts(found), parts(back), strict=True))


def test_quantities_come_from_the_lake(lake_of: Any, line: Any) -> None:
    """Consumption where it is told, else what was priced; tax is no usage; June is another side."""
    unconsumed = {"ConsumedQuantity": "", "ConsumedUnit": "", "PricingQuantity": "3", "PricingUnit": "M"}
    engine = lake_of(
        [
            line(cost="30", ConsumedQuantity="10", day="2026-06-02"),
            line(cost="20", ConsumedQuantity="5"),
            line(cost="20", ConsumedQuantity="5"),
            line(cost="7", SkuId="fn", **unconsumed),
            line(cost="4", ChargeCategory="Tax"),
        ]
    )
    july = quantities(engine, period=JULY)
    assert july[["SkuId", "Unit", "cost", "Quantity"]].to_numpy().tolist() == [
        ["fn", "M", 7, 3],
        ["sku-1", "Hours", 40, 10],
    ]
    june = quantities(engine, period=JUNE)
    found = unit_cost_change(june, july, units_before=HUNDRED, units_after=HUNDRED)
    assert parts(found) == (Decimal("0.1"), 0, Decimal("0.07"), 0)


def test_a_cost_that_is_none_is_refused(lake_of: Any, line: Any) -> None:
    """It becomes part of a query."""
    with pytest.raises(ValueError, match="it is one of ListCost"):
        quantities(lake_of([line()]), period=JULY, cost="1")
