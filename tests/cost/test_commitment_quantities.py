"""Utilisation by quantity: hours count, not what they cost."""

from __future__ import annotations

from decimal import Decimal

from finops_lib.cost.commitment_quantities import utilisation_by_quantity
from finops_lib.cost.commitments import utilisation
from finops_lib.records import Period
from tests.cost.conftest import LakeOf, LineOf

HELD = {"CommitmentDiscountId": "ri-1", "CommitmentDiscountType": "Reserved", "PricingCategory": "Committed"}


def charge(line: LineOf, status: str, hours: str, cost: str, **changes: str) -> dict[str, str]:
    """Write one charge of the reservation."""
    more = {"CommitmentDiscountStatus": status, "CommitmentDiscountQuantity": hours,
            "CommitmentDiscountUnit": "Hours"}  # fmt: skip
    return line(cost=cost, **{**HELD, **more, **changes})


def test_quantity_and_money_are_two_utilisations(lake_of: LakeOf, line: LineOf) -> None:
    """Of 100 hours 60 were used, at 3 each against 1 for those unused: 60 % of hours, 180 of 220 of money."""
    lines = [charge(line, "Used", "60", "180"), charge(line, "Unused", "40", "40")]
    engine = lake_of([*lines, line(cost="5", CommitmentDiscountQuantity="", CommitmentDiscountUnit="")])
    (found,) = utilisation_by_quantity(engine).to_dict("records")
    assert (found["Used"], found["Unused"], found["Utilisation"]) == (60, 40, Decimal("0.6"))
    assert (found["CommitmentDiscountId"], found["CommitmentDiscountUnit"]) == ("ri-1", "Hours")
    assert round(utilisation(engine)["Utilisation"].iloc[0], 4) == Decimal("0.8182")


def test_the_fee_is_no_use_and_units_stay_apart(lake_of: LakeOf, line: LineOf) -> None:
    """A purchase states the whole quantity again; hours and money of one commitment are never added."""
    fee = charge(line, "", "100", "50", ChargeCategory="Purchase")
    money = charge(line, "Used", "7", "7", CommitmentDiscountUnit="USD")
    found = utilisation_by_quantity(lake_of([charge(line, "Used", "60", "60"), fee, money]))
    assert sorted(zip(found["CommitmentDiscountUnit"], found["Used"], strict=True)) == [
        ("Hours", 60),
        ("USD", 7),
    ]
    assert list(found["Utilisation"]) == [1, 1]


def test_a_charge_without_a_quantity_leaves_the_share_unknown(lake_of: LakeOf, line: LineOf) -> None:
    """What is known is shown, how many charges are not is counted, and they stand last."""
    gap = charge(line, "Used", "", "1")
    other = charge(line, "Used", "1", "1", CommitmentDiscountId="ri-2")
    found = utilisation_by_quantity(lake_of([charge(line, "Unused", "4", "4"), gap, other]))
    assert list(found["CommitmentDiscountId"]) == ["ri-2", "ri-1"]
    last = found.iloc[1]
    assert (last["Used"], last["Unused"], last["Utilisation"], last["RowsUnknown"]) == (None, 4, None, 1)


def test_only_the_time_asked_for_counts(lake_of: LakeOf, line: LineOf) -> None:
    """And a bill without commitments has no row."""
    lines = [charge(line, "Used", "1", "1"), charge(line, "Used", "9", "1", **{"ChargeDescription": "x"})]
    august = {
        key: value.replace("2026-07", "2026-08") for key, value in lines[1].items() if "2026-07" in value
    }
    engine = lake_of([lines[0], {**lines[1], **august, "BillingPeriodEnd": "2026-09-01T00:00:00Z"}])
    found = utilisation_by_quantity(engine, period=Period.month("2026-07"))
    assert list(found["Used"]) == [1]
    assert utilisation_by_quantity(lake_of([line()])).empty
