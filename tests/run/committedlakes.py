"""A small lake of a year with a commitment in place, whose numbers can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from finops_lib.billing.lake import Lake
from finops_lib.run.desk import Desk, open_desk
from tests.cost.conftest import delivered, write_line

START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 181  # to the end of June
SCOPE, OTHER = "AWS / Compute / us-east-1", "AWS / Functions / us-east-1"
PLAN = "arn:aws:savingsplans::1:savingsplan/5d1f"
NOW = "2026-07-20"
HELD = {
    "CommitmentDiscountId": PLAN,
    "CommitmentDiscountType": "Savings Plan",
    "CommitmentDiscountCategory": "Spend",
    "CommitmentDiscountStatus": "Used",
}


def bill(*, currency: str = "USD") -> Iterator[Mapping[str, str]]:
    """Write 240 of compute a day at list price, 120 of it under a plan at half price, and 24 of functions.

    That is 10 an hour on demand, 5 of it covered for 2.50, of which a tenth more is paid and not used.
    """
    for day in range(DAYS):
        date = f"{START + timedelta(days=day):%Y-%m-%d}"
        common = {"day": date, "RegionId": "us-east-1", "ProviderName": "AWS", "BillingCurrency": currency}
        free = common | dict.fromkeys(HELD, "") | {"PricingCategory": "Standard"}
        held = common | HELD | {"ServiceName": "Compute", "PricingCategory": "Committed"}
        yield write_line(cost="120", ServiceName="Compute", **free)
        yield write_line(cost="60", **{**held, "ListCost": "120", "CommitmentDiscountStatus": "Used"})
        yield write_line(cost="6", **{**held, "ListCost": "0", "CommitmentDiscountStatus": "Unused"})
        yield write_line(cost="24", ServiceName="Functions", **free)


def lake_of(folder: Path, *, lines: list[Mapping[str, str]] | None = None) -> Lake:
    """Take the bill in."""
    return delivered(folder, list(bill()) if lines is None else lines)


def desk_of(lake: Lake, **asked: Any) -> Desk:
    """Open it in July, when June is closed."""
    return open_desk(str(lake.root), **{"now": NOW, **asked})
