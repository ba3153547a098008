"""A quantity and its unit stand together on every row of the FOCUS bill."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

Read = Callable[[str], list[dict[str, str]]]


def test_usage_and_purchases_have_a_quantity_and_nothing_else_has(read_bill: Read) -> None:
    """Unused commitments, fees and support too; tax, credits and discounts have neither."""
    rows = read_bill("focus/2026-07")
    found = {(row["ChargeCategory"], row["PricingQuantity"] != "", row["PricingUnit"] != "") for row in rows}
    assert found == {
        ("Usage", True, True),
        ("Purchase", True, True),
        ("Tax", False, False),
        ("Adjustment", False, False),
        ("Credit", False, False),
    }


def test_what_is_unused_is_counted_in_hours(read_bill: Read) -> None:
    """A day of the plan is 24 hours; of a reservation, the hours that were left."""
    rows = [row for row in read_bill("focus/2026-07") if row["CommitmentDiscountStatus"] == "Unused"]
    plan = [row for row in rows if row["CommitmentDiscountUnit"] == "USD"]
    assert rows
    assert {row["PricingUnit"] for row in rows} == {"Hrs"}
    assert {Decimal(row["PricingQuantity"]) for row in plan} <= {Decimal(24)}
    for row in rows:
        if row not in plan:
            assert Decimal(row["PricingQuantity"]) == Decimal(row["CommitmentDiscountQuantity"])


def test_support_is_bought_by_the_month(read_bill: Read) -> None:
    """One month, one fee."""
    rows = [row for row in read_bill("focus/2026-07") if "Support" in row["ServiceName"]]
    bought = [row for row in rows if row["ChargeCategory"] == "Purchase"]
    assert [(Decimal(row["PricingQuantity"]), row["PricingUnit"]) for row in bought] == [
        (Decimal(1), "Months")
    ]
