"""How good are our rates: worked cases, and what must never look like a saving or a loss."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.cost.savings import effective_savings_rate
from finops_lib.units import Rates

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def costs(listed: str, effective: str, *, billed: str = "") -> dict[str, str]:
    """Write the costs of one charge; billed as effective unless said."""
    return {"ListCost": listed, "ContractedCost": listed or "0", "EffectiveCost": effective} | {
        "BilledCost": billed or effective
    }


def test_the_rate_is_one_less_what_was_paid_over_list(lake_of: Any, line: Any) -> None:
    """List 100 and 50, paid 60 and 45: savings 45 of 150, 30 %."""
    rated = effective_savings_rate(lake_of([line(**costs("100", "60")), line(**costs("50", "45"))])).iloc[0]
    assert rated["OnDemandEquivalent"] == Decimal(150)
    assert rated["Savings"] == Decimal(45)
    assert rated["Rate"] == Decimal("0.3")
    assert rated["UnknownShare"] == 0


def test_an_unused_commitment_is_paid_without_an_equivalent(lake_of: Any, line: Any) -> None:
    """List 100, paid 60 and 10 unused: savings 30, not 40."""
    unused = line(**costs("0", "10", billed="0"), CommitmentDiscountStatus="Unused", CommitmentDiscountId="c")
    rated = effective_savings_rate(lake_of([line(**costs("100", "60")), unused])).iloc[0]
    assert rated["UnusedCommitment"] == Decimal(10)
    assert rated["Rate"] == Decimal("0.3")


@pytest.mark.parametrize("listed", ["0", ""])
def test_a_list_cost_of_zero_or_none_is_no_loss(lake_of: Any, line: Any, listed: str) -> None:
    """Paid 40 without a list price: the rate stays that of the rest, and 40 of 100 is unknown."""
    rated = effective_savings_rate(lake_of([line(**costs("100", "60")), line(**costs(listed, "40"))])).iloc[0]
    assert rated["Rate"] == Decimal("0.4")
    assert rated["CostWithoutListPrice"] == Decimal(40)
    assert rated["UnknownShare"] == Decimal("0.4")


def test_nothing_priced_is_unknown_not_minus(lake_of: Any, line: Any) -> None:
    """Only charges with list cost 0: no rate, no savings, all of the cost unknown."""
    rated = effective_savings_rate(lake_of([line(**costs("0", "40"))])).iloc[0]
    assert rated["Rate"] is None
    assert rated["Savings"] is None
    assert rated["UnknownShare"] == 1


def test_an_effective_cost_of_zero_beside_a_bill_is_a_gap(lake_of: Any, line: Any) -> None:
    """List 100, billed 100, effective 0: not a saving of 100 but one row that says nothing."""
    gap = line(**costs("100", "0", billed="100"))
    rated = effective_savings_rate(lake_of([gap, line(**costs("100", "60"))])).iloc[0]
    assert rated["Rate"] == Decimal("0.4")
    assert rated["RowsUnknown"] == 1


@pytest.mark.parametrize("category", ["Purchase", "Tax", "Credit", "Adjustment"])
def test_only_usage_can_save(lake_of: Any, line: Any, category: str) -> None:
    """A purchase, tax, credit or adjustment changes nothing."""
    other = line(**costs("500", "100"), ChargeCategory=category)
    rated = effective_savings_rate(lake_of([line(**costs("100", "60")), other]))
    assert list(rated["Rate"]) == [Decimal("0.4")]


PRICES = st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), min_size=1, max_size=10)


@MANY
@given(PRICES, st.sampled_from([Decimal(3), Decimal("0.25")]))
def test_the_rate_equals_a_loop_and_does_not_depend_on_the_currency(
    lake_of: Any, line: Any, prices: list[tuple[int, int]], factor: Decimal
) -> None:
    """1 - paid / list by hand, the same after conversion."""
    engine = lake_of([line(**costs(str(listed), str(paid))) for listed, paid in prices])
    listed, paid = (sum(price[side] for price in prices) for side in (0, 1))
    rate = effective_savings_rate(engine)["Rate"].iloc[0]
    assert float(rate) == pytest.approx(1 - paid / listed)
    rates = Rates({("2026-07", "USD", "XXX"): factor})
    assert effective_savings_rate(engine, currency="XXX", rates=rates)["Rate"].iloc[0] == rate
