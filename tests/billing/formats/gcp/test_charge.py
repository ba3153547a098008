"""What kind of charge each row of Google's export is: golden cases for each type of cost and commitment."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats.gcp.charge import charge_columns, model_column
from finops_lib.billing.formats.gcp.credits import credit_columns
from finops_lib.billing.formats.rows import Rows

FLEX = "Compute Flexible CUD - 1 Year"


def charge(
    *, month: str = "2022-08", credit: str | None = None, **cells: str | None
) -> dict[str, str | None]:
    """Judge one row; its usage is of 2022-08-01 unless said otherwise."""
    row = {
        "usage_start_time": "2022-08-01 03:00:00 UTC",
        "usage_amount": "60",
        "usage_unit": "seconds",
    } | cells
    rows = Rows(pa.table({name: pa.array([cell], pa.string()) for name, cell in row.items()}))
    found = charge_columns(
        rows, credit_columns(pa.array([credit], pa.string())), pa.array([f"{month}-01T00:00:00Z"])
    )
    return {name: column.to_pylist()[0] for name, column in found.items()}


def of(kind: str) -> str:
    """Write a credit of one dollar."""
    return f"[{{'name': 'short', 'full_name': 'Long', 'amount': -1, 'type': '{kind}', 'id': 'credit-1'}}]"


@pytest.mark.parametrize(
    ("cost_type", "category", "frequency", "pricing", "consumed"),
    [
        ("regular", "Usage", "Usage-Based", "Standard", "60"),
        (None, "Usage", "Usage-Based", "Standard", "60"),
        ("tax", "Tax", "One-Time", None, None),
        ("adjustment", "Adjustment", "One-Time", None, None),
        ("rounding_error", "Adjustment", "One-Time", None, None),
        ("Rounding error", "Adjustment", "One-Time", None, None),
        ("a new type", None, None, None, None),
    ],
)
def test_the_type_of_cost_says_the_category(
    cost_type: str | None,
    category: str | None,
    frequency: str | None,
    pricing: str | None,
    consumed: str | None,
) -> None:
    """An export without the column is all usage; a type nobody knows has no category and is set aside."""
    found = charge(cost_type=cost_type)
    names = ("ChargeCategory", "ChargeFrequency", "PricingCategory", "ConsumedQuantity")
    assert [found[name] for name in names] == [category, frequency, pricing, consumed]


@pytest.mark.parametrize(
    ("sku", "credit", "category", "spent"),
    [
        ("Commitment v1: Cpu in Americas for 1 Year", None, "Purchase", "Usage"),
        ("Commitment - dollar based v1: GCE for 3 years", None, "Purchase", "Spend"),
        ("Fee of a new model", of("FEE_UTILIZATION_OFFSET"), "Purchase", "Spend"),
        ("N1 Predefined Instance Core running in Americas", None, "Usage", None),
        ("Slots with a commitment", None, "Usage", None),
    ],
)
def test_fees_of_commitments_are_recurring_purchases(
    sku: str, credit: str | None, category: str, spent: str | None
) -> None:
    """Told by the beginning of the SKU's description, or by the credit that pays the fee back."""
    found = charge(cost_type="regular", sku_description=sku, credit=credit, subscription_instance_id="sub-1")
    assert (found["ChargeCategory"], found["CommitmentDiscountCategory"]) == (category, spent)
    bought = category == "Purchase"
    assert found["ChargeFrequency"] == ("Recurring" if bought else "Usage-Based")
    assert found["PricingCategory"] == "Standard"
    assert found["CommitmentDiscountId"] == ("sub-1" if bought else None)
    assert (found["CommitmentDiscountStatus"], found["x_CommitmentFee"]) == (None, None)


@pytest.mark.parametrize(
    ("kind", "spent"),
    [("COMMITTED_USAGE_DISCOUNT", "Usage"), ("COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE", "Spend")],
)
def test_usage_that_a_credit_covers_says_its_fee_is_elsewhere(kind: str, spent: str) -> None:
    """The older model: the row used a commitment whose fee it does not carry."""
    assert (
        charge(cost_type="regular", credit=of(kind)).items()
        >= {
            "ChargeCategory": "Usage",
            "PricingCategory": "Committed",
            "CommitmentDiscountId": "credit-1",
            "CommitmentDiscountName": "Long",
            "CommitmentDiscountCategory": spent,
            "CommitmentDiscountType": "Committed Use Discount",
            "CommitmentDiscountStatus": "Used",
            "x_CommitmentFee": "on its own row",
        }.items()
    )


@pytest.mark.parametrize(
    "kind",
    [
        "SUSTAINED_USAGE_DISCOUNT",
        "DISCOUNT",
        "FREE_TIER",
        "PROMOTION",
        "RESELLER_MARGIN",
        "SUBSCRIPTION_BENEFIT",
    ],
)
def test_other_credits_make_no_commitment(kind: str) -> None:
    """They lower the cost and leave the kind of charge alone."""
    assert charge(cost_type="regular", credit=of(kind)) == charge(cost_type="regular")


def test_a_consumption_model_covers_usage_and_carries_its_fee() -> None:
    """The newer model: the discounted price is the whole cost, so nothing is said to be elsewhere."""
    found = charge(consumption_model_description=FLEX, consumption_model_id="73A1-AD60-B867")
    names = (
        "PricingCategory",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountCategory",
    )
    assert [found[name] for name in names] == ["Committed", "73A1-AD60-B867", FLEX, "Spend"]
    assert (found["CommitmentDiscountStatus"], found["x_CommitmentFee"]) == ("Used", None)


def test_the_default_model_is_no_commitment() -> None:
    """Neither by its name nor by its number."""
    default = charge(consumption_model_description="Default", consumption_model_id="7754-699E-0EBF")
    assert default == charge() == charge(consumption_model_id="7754-699E-0EBF")


@pytest.mark.parametrize(
    ("description", "number", "meaning"),
    [
        (None, None, None),
        ("Default", None, None),
        (FLEX, "73A1-AD60-B867", "Committed"),
        (None, "73A1-AD60-B867", "Committed"),
        ("Two for one", "73A1-AD60-B867", "Other"),
    ],
)
def test_a_consumption_model_means_a_way_of_pricing(
    description: str | None, number: str | None, meaning: str | None
) -> None:
    """What is neither the default nor a commitment is some other way."""
    names = ("consumption_model_description", "consumption_model_id")
    cells = {
        name: pa.array([cell], pa.string()) for name, cell in zip(names, (description, number), strict=True)
    }
    assert model_column(Rows(pa.table(cells))).to_pylist() == [meaning]


@pytest.mark.parametrize(
    ("kind", "mode", "month", "expected"),
    [
        ("USAGE_CORRECTION", "PARTIAL_CORRECTION", "2022-09", "Correction"),
        ("PRICE_CORRECTION", None, "2022-10", "Correction"),
        ("METADATA_CORRECTION", None, "2022-09", "Correction"),
        (None, "COMPLETE_NEGATION", "2022-09", "Correction"),
        (None, "COMPLETE_NEGATION_WITH_REMONETIZATION", "2022-09", "Correction"),
        ("USAGE_CORRECTION", "PARTIAL_CORRECTION", "2022-08", None),  # the month is still open
        ("GOODWILL", "MANUAL_ADJUSTMENT", "2022-09", None),
        ("SLA_VIOLATION", None, "2022-09", None),
        (None, "MANUAL_ADJUSTMENT", "2022-09", None),
        (None, None, "2022-09", None),  # usage that came late corrects nothing
    ],
)
@pytest.mark.parametrize("cost_type", ["regular", "adjustment"])
def test_a_correction_is_one_of_a_month_already_invoiced(
    cost_type: str, kind: str | None, mode: str | None, month: str, expected: str | None
) -> None:
    """Rows that correct usage stay usage; a gift or a memo corrects nothing."""
    found = charge(
        cost_type=cost_type,
        adjustment_info_type=kind,
        adjustment_info_mode=mode,
        month=month,
        usage_amount="-60",
    )
    category = {"regular": "Usage", "adjustment": "Adjustment"}[cost_type]
    assert (found["ChargeClass"], found["ChargeCategory"]) == (expected, category)


def test_a_commitment_without_any_name_is_none() -> None:
    """FOCUS knows no commitment without an id: all that describes it stays empty, the fee is still one."""
    found = charge(sku_description="Commitment v1: Ram in Americas for 1 Year")
    told = [found[name] for name in found if name.startswith("CommitmentDiscount")]
    assert (told, found["ChargeCategory"]) == ([None] * 5, "Purchase")


def test_a_sku_is_told_by_id_and_in_words_and_a_tax_has_none() -> None:
    """Words without an id are no meter."""
    sku = {"sku_id": "2E27", "sku_description": "N1 Core"}
    found = [charge(cost_type=kind, **sku) for kind in ("regular", "adjustment", "tax")]
    assert [(row["SkuId"], row["SkuMeter"]) for row in found] == [("2E27", "N1 Core")] * 2 + [(None, None)]
    assert charge(sku_description="N1 Core")["SkuMeter"] is None
