"""Commitments in FOCUS, worked by hand: what is paid once is used up hour by hour, nothing counts twice."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.savings import effective_savings_rate
from finops_lib.cost.spend import four_costs
from finops_lib.privacy import People

PLAN = "plan-1"
HOURS = ("2026-07-01T00", "2026-07-01T01")


def line(
    kind: str, hour: int, billed: str, effective: str, listed: str, *, status: str = ""
) -> dict[str, str]:
    """Write one charge of an hour."""
    return {
        "BillingAccountId": "1",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "ChargePeriodStart": f"{HOURS[hour]}:00:00Z",
        "ChargePeriodEnd": f"2026-07-01T{hour + 1:02d}:00:00Z",
        "ChargeCategory": kind,
        "ProviderName": "Cloud",
        "ServiceName": "Compute",
        "CommitmentDiscountId": PLAN if status or kind == "Purchase" else "",
        "CommitmentDiscountStatus": status,
        "PricingCategory": "Committed" if status else "Standard",
        "BilledCost": billed,
        "EffectiveCost": effective,
        "ListCost": listed,
        "ContractedCost": listed,
    }


# A plan of 1.00 an hour, worth 1.50 on demand. Everything of it is used in the first hour; in the second a
# quarter stays unused, and another machine runs on demand.
NO_UPFRONT = [
    line("Purchase", 0, "1.00", "0", "1.00"),
    line("Usage", 0, "0", "1.00", "1.50", status="Used"),
    line("Purchase", 1, "1.00", "0", "1.00"),
    line("Usage", 1, "0", "0.75", "1.125", status="Used"),
    line("Usage", 1, "0", "0.25", "0", status="Unused"),
    line("Usage", 1, "0.40", "0.40", "0.40"),
]
# The same, paid at once for a year of 8760 hours.
ALL_UPFRONT = [
    line("Purchase", 0, "8760.00", "0", "8760.00"),
    *[row for row in NO_UPFRONT if row["ChargeCategory"] == "Usage"],
]


@pytest.mark.parametrize(("rows", "billed"), [(NO_UPFRONT, "2.40"), (ALL_UPFRONT, "8760.40")])
def test_billed_is_what_is_paid_and_effective_what_is_used_up(
    tmp_path: Path, rows: list[dict[str, str]], billed: str
) -> None:
    """Effective is 1.00 + 0.75 + 0.25 + 0.40 = 2.40 whenever the plan was paid; no row is doubted for it."""
    bill, lake = tmp_path / "bill.csv", Lake(tmp_path / "lake")
    with bill.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    people = People.open(lake.root, {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    told = ingest([bill], lake=lake, people=people, now=datetime(2026, 8, 20, tzinfo=UTC))
    assert not {"effective_cost_zero", "effective_cost_missing"} & {flag.rule for flag in told.flags}
    with Engine(lake) as engine:
        costs = four_costs(engine).iloc[0]
        rated = effective_savings_rate(engine).iloc[0]
    assert (costs["BilledCost"], costs["EffectiveCost"]) == (Decimal(billed), Decimal("2.40"))
    # On demand 1.50 + 1.125 + 0.40 = 3.025; paid for it 2.40: saved 0.625, of which 0.25 was lost unused.
    assert (rated["OnDemandEquivalent"], rated["Savings"]) == (Decimal("3.025"), Decimal("0.625"))
    assert rated["UnusedCommitment"] == Decimal("0.25")
    assert round(rated["Rate"], 4) == Decimal("0.2066")
