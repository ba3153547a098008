"""Small FOCUS bills, taken in by the product itself, for the questions of the cost room."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.privacy import People

LineOf = Callable[..., dict[str, str]]
LakeOf = Callable[[Iterable[Mapping[str, str]]], Engine]

NOW = datetime(2026, 8, 20, tzinfo=UTC)
DEFAULTS = {
    "AvailabilityZone": "",
    "BilledCost": "1",
    "BillingAccountId": "111111111111",
    "BillingAccountName": "Main",
    "BillingAccountType": "Account",
    "BillingCurrency": "USD",
    "CapacityReservationId": "",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "Use",
    "ChargeFrequency": "Usage-Based",
    "CommitmentDiscountId": "",
    "CommitmentDiscountStatus": "",
    "ConsumedQuantity": "1",
    "ConsumedUnit": "Hours",
    "ContractedCost": "1",
    "ContractedUnitPrice": "",
    "EffectiveCost": "1",
    "InvoiceId": "INV-1",
    "InvoiceIssuerName": "Cloud",
    "ListCost": "1",
    "ListUnitPrice": "",
    "PricingCategory": "Standard",
    "PricingQuantity": "1",
    "PricingUnit": "Hours",
    "ProviderName": "Cloud",
    "PublisherName": "Cloud",
    "RegionId": "eu-west-1",
    "RegionName": "Ireland",
    "ResourceId": "r-1",
    "ResourceName": "",
    "ResourceType": "",
    "ServiceCategory": "Compute",
    "ServiceName": "Compute Engine",
    "SkuId": "sku-1",
    "SkuPriceId": "sku-1-p",
    "SubAccountId": "222222222222",
    "SubAccountName": "Web",
    "Tags": "{}",
}
TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")


def stamps(day: str) -> dict[str, str]:
    """Write the four time columns of one day's charge."""
    year, month, number = (int(part) for part in day.split("-"))
    start = datetime(year, month, number, tzinfo=UTC)
    after = start + timedelta(days=1)
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    moments = (start.replace(day=1), following, start, after)
    return {name: f"{moment:%Y-%m-%dT%H:%M:%SZ}" for name, moment in zip(TIMES, moments, strict=True)}


def write_line(
    *, day: str = "2026-07-01", cost: str | None = None, tags: Mapping[str, str] | None = None, **changes: str
) -> dict[str, str]:
    """Write one charge; ``cost`` sets all four costs, ``changes`` any column."""
    costs = (
        {}
        if cost is None
        else dict.fromkeys(("ListCost", "ContractedCost", "EffectiveCost", "BilledCost"), cost)
    )
    return {**DEFAULTS, **stamps(day), **costs, "Tags": json.dumps(tags or {}), **changes}


@pytest.fixture(scope="session")
def line() -> LineOf:
    """Give the writer of one charge."""
    return write_line


@pytest.fixture
def lake_of(tmp_path: Path) -> Iterator[LakeOf]:
    """Give a function that takes charges into a lake of their own and opens it."""
    with ExitStack() as stack:
        count = iter(range(10_000))

        def opened(lines: Iterable[Mapping[str, str]]) -> Engine:
            folder = tmp_path / f"bill{next(count)}"
            return stack.enter_context(Engine(delivered(folder, list(lines))))

        yield opened


def delivered(folder: Path, lines: list[Mapping[str, str]]) -> Lake:
    """Write the bill, take it in, return the lake."""
    folder.mkdir()
    bill = folder / "bill.csv"
    with bill.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    lake = Lake(folder / "lake")
    ingest([bill], lake=lake, people=People.open(lake.root, {}), now=NOW)
    return lake
