"""The datasets beside the sample's bill: every column of FOCUS 1.4, and what the bill says."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing import focus
from finops_lib.estate.company import company
from finops_lib.estate.focus_datasets import write_datasets
from finops_lib.estate.truth import Truth
from finops_lib.estate.write import slots_for, write_estate

Written = tuple[dict[str, list[dict[str, str]]], Truth]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Write three months and read the datasets back with nothing but csv."""
    folder = tmp_path_factory.mktemp("datasets")
    told = write_estate(folder, rows=4_000, seed=5, months=3, formats=["focus"])
    write_datasets(folder / "datasets", company(5, slots=slots_for(4_000, 3)), told)
    return {path.stem: rows_of(path) for path in sorted((folder / "datasets").iterdir())}, told


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_dataset_has_every_column_and_fills_what_must_be(written: Written) -> None:
    """Mandatory columns that may not be empty are not."""
    for stem, rows in written[0].items():
        columns = focus.columns(stem.replace("_", " ").title())
        assert list(rows[0]) == [item.name for item in columns]
        must = [item.name for item in columns if item.is_mandatory("1.4") and not item.nullable["1.4"]]
        assert [name for name in must for row in rows if not row[name]] == []


def test_every_month_but_the_last_is_closed(written: Written) -> None:
    """Four issuers, three months."""
    rows = written[0]["billing_period"]
    assert len(rows) == 12
    opened = {row["BillingPeriodStart"][:7] for row in rows if row["BillingPeriodStatus"] == "Open"}
    assert opened == {"2026-09"}


def test_invoices_are_the_bills_to_the_cent(written: Written) -> None:
    """One line for each invoice of the closed months, and one that was voided."""
    datasets, told = written
    issued = {row["InvoiceId"]: Decimal(row["BilledCost"]) for row in datasets["invoice_detail"]}
    assert issued.pop("2024520000") == Decimal("1234.56")
    exact = {n: Decimal(c) for m in told.months[:-1] for n, c in told.invoices[m].items()}
    assert issued == {number: round(cost, 2) for number, cost in exact.items()}


def test_a_commitment_costs_its_rate_for_a_year(written: Written) -> None:
    """A plan of so many dollars an hour costs 8,760 of them; a reservation has hours and a price."""
    plan, reservation = written[0]["contract_commitment"]
    who = company(5, slots=slots_for(4_000, 3))
    assert Decimal(plan["ContractCommitmentCost"]) == Decimal(who.plan.hourly) * 8760 / 10**10
    hours = Decimal(reservation["ContractCommitmentQuantity"])
    rate = Decimal(who.reservation.upfront_micro + who.reservation.recurring_micro) / 10**6
    assert Decimal(reservation["ContractCommitmentCost"]) == hours * rate
    assert hours == Decimal(who.reservation.hourly) / 10_000 * 8760
