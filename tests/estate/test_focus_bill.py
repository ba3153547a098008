from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from finops_lib.billing import focus
from finops_lib.estate.focus_bill import fields

Read = Callable[[str], list[dict[str, str]]]


@pytest.mark.parametrize("version", focus.VERSIONS)
def test_each_version_has_its_own_columns(version: str) -> None:
    """The header is that of the specification, by name."""
    assert [field.name for field in fields(version)] == [item.name for item in focus.columns(version=version)]


def test_mandatory_cells_are_filled_and_listed_values_allowed(read_bill: Read) -> None:
    """Every row of a bill holds what FOCUS 1.2 asks for."""
    rows = read_bill("focus/2025-12") + read_bill("focus/2026-06")
    for column in focus.columns(version="1.2"):
        values = {row[column.name] for row in rows}
        if column.is_mandatory("1.2") and not column.nullable["1.2"]:
            assert "" not in values, column.name
        if column.allowed and column.name != "ServiceSubcategory":
            assert values <= {*column.allowed, ""}, column.name


def test_unit_price_times_quantity_is_the_cost(read_bill: Read) -> None:
    """Wherever a usage row has a price: list and contracted cost to the last digit."""
    rows = [row for row in read_bill("focus/2026-07") if row["ConsumedQuantity"]]
    assert rows
    for row in rows:
        quantity = Decimal(row["PricingQuantity"])
        assert Decimal(row["ListUnitPrice"]) * quantity == Decimal(row["ListCost"])
        assert Decimal(row["ContractedUnitPrice"]) * quantity == Decimal(row["ContractedCost"])


def test_covered_usage_is_billed_zero_and_named(read_bill: Read) -> None:
    """A covered row costs nothing in cash, less than on demand in effect, and says by which commitment."""
    rows = [row for row in read_bill("focus/2026-07") if row["CommitmentDiscountStatus"] == "Used"]
    assert {row["CommitmentDiscountType"] for row in rows} == {"Savings Plan", "Reserved Instance"}
    for row in rows:
        assert Decimal(row["BilledCost"]) == 0
        assert 0 < Decimal(row["EffectiveCost"]) < Decimal(row["ListCost"])
        assert (row["PricingCategory"], row["ChargeCategory"]) == ("Committed", "Usage")


def test_purchases_are_billed_and_have_no_effect_of_their_own(read_bill: Read) -> None:
    """Fees of commitments are cash only; their effect is in used and unused rows."""
    rows = [row for row in read_bill("focus/2025-12") if row["ChargeCategory"] == "Purchase"]
    bound = [row for row in rows if row["CommitmentDiscountId"]]
    assert bound
    assert {Decimal(row["EffectiveCost"]) for row in bound} == {Decimal(0)}
    assert {row["CommitmentDiscountStatus"] for row in bound} == {""}


def test_a_commitment_quantity_says_what_was_taken(read_bill: Read) -> None:
    """Dollars of the plan, hours of the reservation."""
    rows = [row for row in read_bill("focus/2026-07") if row["CommitmentDiscountStatus"]]
    for row in rows:
        taken = Decimal(row["CommitmentDiscountQuantity"])
        hours = row["CommitmentDiscountUnit"] == "Hrs"
        used = row["ConsumedQuantity"] or row["CommitmentDiscountQuantity"]
        assert taken == Decimal(used if hours else row["EffectiveCost"])


def test_corrections_are_marked_and_lie_before_their_period(read_bill: Read) -> None:
    """Late usage in April and the refund in June; nothing else lies outside its period."""
    for month, category in (("2026-04", "Usage"), ("2026-06", "Credit"), ("2026-07", "")):
        rows = read_bill(f"focus/{month}")
        early = [row for row in rows if row["ChargePeriodStart"] < row["BillingPeriodStart"]]
        assert {row["ChargeCategory"] for row in early} == ({category} if category else set())
        assert early == [row for row in rows if row["ChargeClass"] == "Correction"]


def test_tags_are_json_with_keys_as_written(read_bill: Read) -> None:
    """A map from text to text, spaces and capitals kept; an untagged row has an empty cell."""
    cells = {row["Tags"] for row in read_bill("focus/2026-07")}
    keys = {key for cell in cells if cell for key in json.loads(cell)}
    assert "" in cells
    assert {"team", "Team"} <= keys
