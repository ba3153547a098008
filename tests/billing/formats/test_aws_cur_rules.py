"""Which cells FOCUS wants empty or filled together: a line of the AWS report keeps these rules too."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats.aws_cur import AWS_CUR

BASE = {
    "bill_billing_period_start_date": "2026-07-01T00:00:00Z",
    "bill_payer_account_id": "111",
    "line_item_usage_start_date": "2026-07-01T00:00:00Z",
    "line_item_product_code": "AmazonEC2",
    "line_item_line_item_type": "Usage",
    "line_item_unblended_cost": "10",
    "line_item_usage_amount": "1",
    "line_item_usage_type": "BoxUsage",
    "line_item_currency_code": "USD",
    "pricing_unit": "Hrs",
    "product_product_family": "Compute Instance",
}
PLAN, RESERVATION = "savings_plan_savings_plan_a_r_n", "reservation_reservation_a_r_n"


def focus(kind: str = "Usage", **change: str | None) -> dict[str, str | None]:
    """Translate one line of this kind."""
    row = {**BASE, "line_item_line_item_type": kind, **change}
    raw = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    return {name: column[0] for name, column in AWS_CUR.to_focus(raw).to_pydict().items()}


@pytest.mark.parametrize(
    ("kind", "unit", "priced", "consumed"),
    [
        ("Usage", "Hrs", ("1", "Hrs"), ("1", "Hrs")),
        ("SavingsPlanNegation", "Hrs", ("1", "Hrs"), (None, None)),
        ("RIFee", "Hrs", ("1", "Hrs"), (None, None)),
        # A purchase has a quantity, also where the report does not say of what.
        ("SavingsPlanRecurringFee", None, ("1", None), (None, None)),
        ("EdpDiscount", None, (None, None), (None, None)),
        ("Tax", None, (None, None), (None, None)),
        ("Tax", "Hrs", (None, None), (None, None)),
    ],
)
def test_a_quantity_and_its_unit_stand_together(
    kind: str, unit: str | None, priced: tuple[str | None, ...], consumed: tuple[str | None, ...]
) -> None:
    """Only usage is consumed; a tax has no quantity, and 1 of no unit is none."""
    found = focus(kind, pricing_unit=unit)
    assert (found["PricingQuantity"], found["PricingUnit"]) == priced
    assert (found["ConsumedQuantity"], found["ConsumedUnit"]) == consumed


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("SavingsPlanCoveredUsage", {PLAN: "arn:p"}, ("Savings Plan", "Spend")),
        ("SavingsPlanRecurringFee", {PLAN: "arn:p"}, ("Savings Plan", "Spend")),
        ("DiscountedUsage", {RESERVATION: "arn:r"}, ("Reserved Instance", "Usage")),
        ("RIFee", {RESERVATION: "arn:r"}, ("Reserved Instance", "Usage")),
        ("Fee", {RESERVATION: "arn:r"}, ("Reserved Instance", "Usage")),
        ("Fee", {}, (None, None)),
        ("Usage", {}, (None, None)),
    ],
)
def test_a_commitment_that_is_named_has_a_type(
    kind: str, change: dict[str, str], expected: tuple[str | None, ...]
) -> None:
    """Its fees as well as what it covers; a fee of something else has none."""
    found = focus(kind, **change)
    assert (found["CommitmentDiscountType"], found["CommitmentDiscountCategory"]) == expected


def test_what_describes_a_resource_or_sku_needs_one() -> None:
    """Without it the cell is empty, and the report's own word is kept beside it."""
    bare, whole = focus(), focus(line_item_resource_id="i-1", product_sku="ABC")
    assert (bare["ResourceType"], bare["SkuMeter"]) == (None, None)
    assert (whole["ResourceType"], whole["SkuMeter"]) == ("Compute Instance", "BoxUsage")
    assert {(row["x_ProductFamily"], row["x_UsageType"]) for row in (bare, whole)} == {
        ("Compute Instance", "BoxUsage")
    }


def test_the_pricing_currency_is_the_reports() -> None:
    """In the currency of the bill the effective cost is the same; in another one it is unknown."""
    found = [focus(pricing_currency=code) for code in ("USD", "CNY", None)]
    assert [row["PricingCurrency"] for row in found] == ["USD", "CNY", None]
    assert [row["PricingCurrencyEffectiveCost"] for row in found] == ["10", None, None]


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("Usage", "12", "12"),
        ("Usage", None, None),
        ("Fee", None, "10"),
        ("RIFee", None, "10"),
        ("SavingsPlanUpfrontFee", None, "10"),
        ("Credit", None, "10"),
        ("Refund", None, "10"),
        ("Refund", "12", "12"),
        # Both follow from other charges, at whose public price the report says nothing.
        ("Tax", None, None),
        ("EdpDiscount", None, None),
    ],
)
def test_what_has_no_public_price_lists_what_is_billed(
    kind: str, said: str | None, expected: str | None
) -> None:
    """Fees and credits; usage without a price stays unknown."""
    assert focus(kind, pricing_public_on_demand_cost=said)["ListCost"] == expected


def test_the_kinds_of_accounts_and_of_the_service_follow_from_the_columns() -> None:
    """The payer's account bills, that of the usage is linked to it; a code has category and subcategory."""
    found = focus(line_item_usage_account_id="222")
    assert (found["BillingAccountType"], found["SubAccountType"]) == ("Payer Account", "Linked Account")
    assert (found["ServiceCategory"], found["ServiceSubcategory"]) == ("Compute", "Virtual Machines")
    assert focus(line_item_usage_account_id=None)["SubAccountType"] is None
    assert focus(line_item_product_code="Cheese")["ServiceSubcategory"] == "Other (Other)"
