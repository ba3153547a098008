"""What was committed to, beside the charges that used it: joined by id, each currency by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.contracts import commitments
from finops_lib.privacy import People

NOW = datetime(2026, 8, 20, tzinfo=UTC)
COLUMNS = [
    "CommitmentId", "Type", "Status", "Start", "End", "BillingCurrency", "Committed", "EffectiveCost",
    "Finding",
]  # fmt: skip


def contract(name: str, cost: str = "1000", **changes: str) -> dict[str, str]:
    """Write one commitment of a contract."""
    return {
        "ContractCommitmentId": name,
        "ContractCommitmentType": "Savings Plan",
        "ContractCommitmentLifecycleStatus": "Active",
        "ContractCommitmentPeriodStart": "2026-01-01T00:00:00Z",
        "ContractCommitmentPeriodEnd": "2027-01-01T00:00:00Z",
        "ContractCommitmentCost": cost,
        "BillingCurrency": "USD",
        "InvoiceIssuerName": "Cloud",
        **changes,
    }


class Taking:
    """One lake that files are taken into, one after the other."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.count = folder, stack, 0

    def take(self, *lines: Mapping[str, str]) -> None:
        """Take the lines of one file in."""
        self.count += 1
        file = self.folder / f"file{self.count}.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, fieldnames=list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        lake = Lake(self.folder / "lake")
        ingest([file], lake=lake, people=People.open(lake.root, {}), now=NOW)

    def table(self) -> list[list[Any]]:
        """Ask for the commitments."""
        frame = commitments(self.stack.enter_context(Engine(Lake(self.folder / "lake"))))
        assert list(frame.columns) == COLUMNS
        return [list(row) for row in frame.itertuples(index=False)]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Taking]:
    """Give an empty lake to take files into."""
    with ExitStack() as stack:
        yield Taking(tmp_path, stack)


def test_an_empty_lake_has_no_commitments(lake: Taking, line: Any) -> None:
    """Neither has a lake of charges that name none."""
    assert lake.table() == []
    lake.take(line(cost="5"))
    assert lake.table() == []


def test_a_commitment_stands_beside_the_charges_that_name_it(lake: Taking, line: Any) -> None:
    """0.1 + 0.2 of effective cost are exactly 0.3 of the 1000 committed; other charges are not in it."""
    used = {"CommitmentDiscountId": "sp-1", "CommitmentDiscountStatus": "Used"}
    lake.take(
        line(cost="9", EffectiveCost="0.1", **used),
        line(cost="9", EffectiveCost="0.2", **used),
        line(cost="7"),
    )
    lake.take(contract("sp-1"))
    assert lake.table() == [
        ["sp-1", "Savings Plan", "Active", "2026-01-01", "2027-01-01", "USD", Decimal(1000),
         Decimal("0.3"), ""],
    ]  # fmt: skip


def test_each_side_that_is_missing_is_said(lake: Taking, line: Any) -> None:
    """A contract that nobody used has no effective cost, a charge without contract no term: none is zero."""
    lake.take(line(cost="3", CommitmentDiscountId="lost", CommitmentDiscountType="Reservation"))
    lake.take(contract("idle"))
    assert lake.table() == [
        ["idle", "Savings Plan", "Active", "2026-01-01", "2027-01-01", "USD", Decimal(1000), None,
         "no charge names it"],
        ["lost", "Reservation", None, None, None, "USD", None, Decimal(3), "no contract names it"],
    ]  # fmt: skip


def test_two_currencies_are_never_added(lake: Taking, line: Any) -> None:
    """Dollars used stand beside dollars committed; euros used are a line that no contract names."""
    lake.take(
        line(cost="1", CommitmentDiscountId="sp-1"), line(cost="4", CommitmentDiscountId="sp-1"),
        line(cost="2", CommitmentDiscountId="sp-1", BillingCurrency="EUR"),
    )  # fmt: skip
    lake.take(contract("sp-1"), contract("sp-2", "7", BillingCurrency="EUR"), contract("sp-2", "9"))
    assert [[row[0], *row[5:]] for row in lake.table()] == [
        ["sp-1", "USD", Decimal(1000), Decimal(5), ""],
        ["sp-2", "EUR", Decimal(7), None, "no charge names it"],
        ["sp-2", "USD", Decimal(9), None, "no charge names it"],
        ["sp-1", "EUR", None, Decimal(2), "no contract names it"],
    ]


def test_a_commitment_without_a_currency_takes_that_of_its_charges(lake: Taking, line: Any) -> None:
    """Hours bought have no cost and no currency; the charges that name them are theirs in each currency."""
    lake.take(
        line(cost="1", CommitmentDiscountId="ri-1"),
        line(cost="2", CommitmentDiscountId="ri-1", BillingCurrency="EUR"),
    )
    lake.take(contract("ri-1", "", BillingCurrency=""), contract("ri-2", "", BillingCurrency=""))
    assert [[row[0], *row[5:]] for row in lake.table()] == [
        ["ri-1", "EUR", None, Decimal(2), ""],
        ["ri-1", "USD", None, Decimal(1), ""],
        ["ri-2", None, None, None, "no charge names it"],
    ]


def test_the_parts_of_a_commitment_are_added_up(lake: Taking) -> None:
    """Two periods of one commitment are one line, from the first day to the last."""
    lake.take(
        contract("sp-1", "0.1", ContractCommitmentPeriodEnd="2026-06-01T00:00:00Z"),
        contract("sp-1", "0.2", ContractCommitmentPeriodStart="2026-06-01T00:00:00Z"),
    )
    assert [row[3:7] for row in lake.table()] == [["2026-01-01", "2027-01-01", "USD", Decimal("0.3")]]


def test_the_one_that_ends_first_is_on_top(lake: Taking, line: Any) -> None:
    """By end, then by id; what has no end comes last."""
    lake.take(line(CommitmentDiscountId="a-lost"))
    lake.take(
        contract("b-late", ContractCommitmentPeriodEnd="2028-01-01"), contract("d-soon"), contract("c-soon")
    )
    assert [row[0] for row in lake.table()] == ["c-soon", "d-soon", "b-late", "a-lost"]


def test_charges_without_an_effective_cost_are_unknown(lake: Taking, line: Any) -> None:
    """A charge that names the commitment and no effective cost used it, for nobody knows how much."""
    lake.take(line(cost="3", EffectiveCost="", CommitmentDiscountId="sp-1"))
    lake.take(contract("sp-1"))
    assert [row[6:] for row in lake.table()] == [[Decimal(1000), None, ""]]


def test_hostile_ids_stay_text(lake: Taking, line: Any) -> None:
    """Markup and formulas are joined as the text they are."""
    for name in ("<script>alert(1)</script>", "=cmd()"):
        lake.take(line(cost="3", CommitmentDiscountId=name, BillingAccountId=name))
    lake.take(contract("<script>alert(1)</script>"), contract("=cmd()", ContractCommitmentType="=1+1"))
    assert [[*row[:2], *row[7:]] for row in lake.table()] == [
        ["<script>alert(1)</script>", "Savings Plan", Decimal(3), ""],
        ["=cmd()", "=1+1", Decimal(3), ""],
    ]
