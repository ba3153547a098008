"""Golden cases of each charge type in both views, worked by hand."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats.azure.costs import charges, costs, kinds
from finops_lib.billing.formats.rows import Rows

PLAN = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/1/savingsPlans/2"
RESERVED = "/providers/Microsoft.Capacity/reservationOrders/1/reservations/2"
USAGE = {"ChargeType": "Usage", "CostInBillingCurrency": "10", "Quantity": "2", "PricingModel": "OnDemand"}
UNDER_RESERVATION = {**USAGE, "PricingModel": "Reservation", "BenefitId": RESERVED}
UNDER_PLAN = {**USAGE, "PricingModel": "SavingsPlan", "BenefitId": PLAN}
PURCHASE = {**UNDER_RESERVATION, "ChargeType": "Purchase", "Frequency": "Recurring"}


def focus(row: dict[str, str | None]) -> dict[str, str | None]:
    """Translate one row."""
    rows = Rows(pa.table({name: pa.array([cell], pa.string()) for name, cell in row.items()}))
    found = kinds(rows)
    columns = charges(rows, found) | costs(rows, found)
    return {name: column[0].as_py() for name, column in columns.items()}


@pytest.mark.parametrize(
    ("row", "billed", "effective", "view"),
    [
        (USAGE, "10", "10", None),
        ({**USAGE, "PricingModel": "Spot"}, "10", "10", None),
        # Amortised: a part of the fee, which was billed with the purchase.
        (UNDER_RESERVATION, "0", "10", "amortized"),
        (UNDER_PLAN, "0", "10", "amortized"),
        ({**UNDER_RESERVATION, "ChargeType": "UnusedReservation"}, "0", "10", "amortized"),
        ({**UNDER_PLAN, "ChargeType": "UnusedSavingsPlan"}, "0", "10", "amortized"),
        # Actual: the usage is free, and what it costs in effect is not in the file.
        ({**UNDER_RESERVATION, "CostInBillingCurrency": "0"}, "0", None, "zero"),
        ({**UNDER_PLAN, "CostInBillingCurrency": "0.00"}, "0", None, "zero"),
        # Nothing was used: it costs nothing in either view.
        ({**UNDER_PLAN, "CostInBillingCurrency": "0", "Quantity": "0"}, "0", "0", None),
        (PURCHASE, "10", "0", "actual"),
        ({**PURCHASE, "ChargeType": "Refund", "CostInBillingCurrency": "-4"}, "-4", "0", "actual"),
        # Bought at the marketplace: no commitment, so that it costs what is billed.
        ({**USAGE, "ChargeType": "Purchase"}, "10", "10", None),
        ({**USAGE, "ChargeType": "Refund", "CostInBillingCurrency": "-4"}, "-4", "-4", None),
        (
            {**USAGE, "ChargeType": "RoundingAdjustment", "CostInBillingCurrency": "0.01"},
            "0.01",
            "0.01",
            None,
        ),
        ({**USAGE, "ChargeType": "Tax"}, "10", "10", None),
        ({**USAGE, "ChargeType": "Credit", "CostInBillingCurrency": "-3"}, "-3", "-3", None),
    ],
)
def test_billed_and_effective_cost_of_each_kind(
    row: dict[str, str | None], billed: str, effective: str | None, view: str | None
) -> None:
    """The file's own cost stays beside them, unchanged."""
    found = focus(row)
    assert (found["BilledCost"], found["EffectiveCost"], found["x_CostView"]) == (billed, effective, view)
    assert found["x_SourceCost"] == row["CostInBillingCurrency"]


@pytest.mark.parametrize(
    ("kind", "category", "class_"),
    [
        ("Usage", "Usage", None),
        ("usage", "Usage", None),
        ("UnusedReservation", "Usage", None),
        ("Unused Savings Plan", "Usage", None),
        ("Purchase", "Purchase", None),
        ("Refund", "Purchase", "Correction"),
        ("Tax", "Tax", None),
        ("Credit", "Credit", None),
        ("RoundingAdjustment", "Adjustment", None),
        ("Something new", "Adjustment", None),
        (None, None, None),
    ],
)
def test_category_and_class_of_each_charge_type(
    kind: str | None, category: str | None, class_: str | None
) -> None:
    """A type that is not known is an adjustment; one that is missing stays unknown."""
    found = focus({**USAGE, "ChargeType": kind})
    assert (found["ChargeCategory"], found["ChargeClass"]) == (category, class_)


def test_a_file_without_charge_types_holds_usage() -> None:
    """So is it with the older usage details."""
    found = focus({"CostInBillingCurrency": "10", "Quantity": "2"})
    assert (found["ChargeCategory"], found["ChargeFrequency"]) == ("Usage", "Usage-Based")
    assert (found["BilledCost"], found["PricingCategory"]) == ("10", None)


@pytest.mark.parametrize(
    ("row", "pricing"),
    [
        (USAGE, "Standard"),
        ({**USAGE, "PricingModel": "On Demand"}, "Standard"),
        ({**USAGE, "PricingModel": "Spot"}, "Dynamic"),
        ({**USAGE, "PricingModel": None, "MeterName": "D2s v3 Spot"}, "Dynamic"),
        (UNDER_PLAN, "Committed"),
        ({**USAGE, "PricingModel": None, "ReservationId": "a-1"}, "Committed"),
        (PURCHASE, "Standard"),
        ({**USAGE, "PricingModel": None}, None),
    ],
)
def test_pricing_category(row: dict[str, str | None], pricing: str | None) -> None:
    """A commitment's own purchase is not made under it."""
    assert focus(row)["PricingCategory"] == pricing


@pytest.mark.parametrize(
    ("row", "status", "category", "kind"),
    [
        (UNDER_RESERVATION, "Used", "Usage", "Reservation"),
        (UNDER_PLAN, "Used", "Spend", "Savings Plan"),
        ({**UNDER_RESERVATION, "ChargeType": "UnusedReservation"}, "Unused", "Usage", "Reservation"),
        (
            {"ChargeType": "UnusedSavingsPlan", "CostInBillingCurrency": "1"},
            "Unused",
            "Spend",
            "Savings Plan",
        ),
        (PURCHASE, None, "Usage", "Reservation"),
        ({**PURCHASE, "PricingModel": None, "BenefitId": PLAN}, None, "Spend", "Savings Plan"),
        (USAGE, None, None, None),
    ],
)
def test_commitment_of_each_row(
    row: dict[str, str | None], status: str | None, category: str | None, kind: str | None
) -> None:
    """Used or unused is said of usage, not of the purchase."""
    found = focus(row)
    assert found["CommitmentDiscountStatus"] == status
    assert found["CommitmentDiscountCategory"] == category
    assert found["CommitmentDiscountType"] == kind


def test_one_commitment_has_one_id() -> None:
    """Upper and lower case of an Azure id make no difference; older files give the reservation alone."""
    assert focus(UNDER_RESERVATION)["CommitmentDiscountId"] == RESERVED.lower()
    older = {**USAGE, "PricingModel": None, "ReservationId": "AB-1", "ReservationName": "mine"}
    found = focus(older)
    assert (found["CommitmentDiscountId"], found["CommitmentDiscountName"]) == ("ab-1", "mine")


def test_a_pricing_model_that_is_named_decides() -> None:
    """A licence on a reserved machine is billed on demand, although the row names the reservation."""
    found = focus({**USAGE, "ReservationId": "a-1"})
    assert (found["BilledCost"], found["CommitmentDiscountId"]) == ("10", None)


@pytest.mark.parametrize("empty", ["00000000-0000-0000-0000-000000000000", "N/A", "None", " "])
def test_a_word_for_no_reservation_is_none(empty: str) -> None:
    """Else all usage would be under a commitment."""
    assert focus({**USAGE, "PricingModel": None, "ReservationId": empty})["BilledCost"] == "10"


def test_a_purchase_from_the_seller_of_commitments_is_one() -> None:
    """Older files name neither pricing model nor reservation."""
    row = {**USAGE, "ChargeType": "Purchase", "PricingModel": None, "ConsumedService": "Microsoft.Capacity"}
    found = focus(row)
    assert (found["BilledCost"], found["EffectiveCost"]) == ("10", "0")


@pytest.mark.parametrize("row", [USAGE, UNDER_RESERVATION, UNDER_PLAN, PURCHASE])
@pytest.mark.parametrize("cost", [None, "abc"])
def test_a_cost_that_cannot_be_read_is_never_zero(row: dict[str, str | None], cost: str | None) -> None:
    """Whatever the kind, one cost of the row says so, and the row is set aside."""
    found = focus({**row, "CostInBillingCurrency": cost})
    assert found["x_SourceCost"] == cost
    assert cost in (found["BilledCost"], found["EffectiveCost"])


def test_used_commitment_keeps_its_list_cost_and_unused_has_none() -> None:
    """Two hours at a list price of 8 are 16, of which the commitment saves 6; idle hours save nothing."""
    assert focus({**UNDER_RESERVATION, "PayGPrice": "8"})["ListCost"] == "16.00000000000000000000"
    assert focus({**UNDER_RESERVATION, "PayGPrice": "0", "CostInBillingCurrency": "0"})["ListCost"] is None
    unused = {**UNDER_RESERVATION, "ChargeType": "UnusedReservation", "PayGPrice": "8"}
    assert focus(unused)["ListCost"] is None
    assert focus({**USAGE, "PayGPrice": "0", "CostInBillingCurrency": "0"})["ListCost"] == "0E-20"


@pytest.mark.parametrize(
    ("frequency", "shown"),
    [("OneTime", "One-Time"), ("recurring", "Recurring"), ("UsageBased", "Usage-Based"), (None, None)],
)
def test_frequency(frequency: str | None, shown: str | None) -> None:
    """Only of usage it is known without being said."""
    assert focus({**PURCHASE, "Frequency": frequency})["ChargeFrequency"] == shown


@pytest.mark.parametrize("kind", ["Purchase", "Refund", "Credit", "RoundingAdjustment"])
def test_a_charge_that_stands_alone_and_has_no_price_costs_what_is_billed(kind: str) -> None:
    """At list and by contract; where it has a price, that counts: 2 at 7 and at 6."""
    bare = focus({**USAGE, "ChargeType": kind, "UnitPrice": "0"})
    assert (bare["ListCost"], bare["ContractedCost"]) == ("10", "10")
    priced = focus({**USAGE, "ChargeType": kind, "PayGPrice": "7", "UnitPrice": "6"})
    assert (float(priced["ListCost"] or 0), float(priced["ContractedCost"] or 0)) == (14, 12)


@pytest.mark.parametrize("kind", ["Usage", "Tax", "Something new", "UnusedReservation", None])
def test_other_charges_without_a_price_have_no_cost_at_it(kind: str | None) -> None:
    """A tax follows from other charges, and unknown usage is not what is billed."""
    found = focus({**USAGE, "ChargeType": kind})
    assert (found["ListCost"], found["ContractedCost"]) == (None, None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (USAGE, "11"),
        (UNDER_RESERVATION, "11"),
        ({**UNDER_RESERVATION, "CostInBillingCurrency": "0"}, None),
        (PURCHASE, "0"),
        ({**PURCHASE, "CostInPricingCurrency": None}, None),
    ],
)
def test_the_effective_cost_in_the_currency_of_the_prices(
    row: dict[str, str | None], expected: str | None
) -> None:
    """As that in the bill's: hidden under a commitment, 0 for its purchase, else the cost that is said."""
    there = {"CostInPricingCurrency": "11", "PricingCurrency": "USD", "BillingCurrency": "EUR"}
    assert focus({**there, **row})["PricingCurrencyEffectiveCost"] == expected
