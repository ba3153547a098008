"""Does the lake agree with the invoices: to the cent, and every side that is missing is said."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.invoices import agreement, invoice_totals, invoiced, reconcile
from finops_lib.errors import QueryError, SettingsError
from finops_lib.privacy import People
from finops_lib.records import Period
from finops_lib.units import cents

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COLUMNS = ["InvoiceId", "BillingPeriod", "BillingCurrency", "Amount"]


def sent(*lines: tuple[str, str, str, str]) -> pd.DataFrame:
    """Make a table of invoices."""
    return pd.DataFrame(list(lines), columns=COLUMNS)


@pytest.fixture
def engine(lake_of: Any, line: Any) -> Any:
    """July: INV-1 0.333 + 0.333 + 0.333 + 0.0009, INV-2 5 EUR, one line without an invoice."""
    third = [line(cost="0.333") for _ in range(3)]
    return lake_of(
        [*third, line(cost="0.0009"), line(cost="5", InvoiceId="INV-2", BillingCurrency="EUR"),
         line(cost="2", InvoiceId="")]
    )  # fmt: skip


def test_each_invoice_is_rounded_once(engine: Any) -> None:
    """Four rows of 0.9999 in all are 1.00: rows are never rounded on their own (that would be 0.99)."""
    totals = invoice_totals(engine)
    columns = ["InvoiceId", "BillingPeriod", "BillingCurrency", "BilledCost", "Billed", "Rows"]
    assert sorted(totals[columns].to_numpy().tolist(), key=str) == [
        ["(none)", "2026-07", "USD", Decimal(2), Decimal("2.00"), 1],
        ["INV-1", "2026-07", "USD", Decimal("0.9999"), Decimal("1.00"), 4],
        ["INV-2", "2026-07", "EUR", Decimal(5), Decimal("5.00"), 1],
    ]


def test_agreement_differences_and_missing_sides_are_said(engine: Any) -> None:
    """INV-1 agrees, INV-2 is one cent off, one line has no invoice, INV-9 has no lines."""
    invoices = sent(
        ("INV-1", "2026-07", "USD", "1.00"),
        ("INV-2", "2026-07", "EUR", "5.01"),
        ("INV-9", "2026-07", "USD", "3"),
    )
    found = reconcile(engine, invoices=invoices).set_index("InvoiceId")
    assert found["Status"].to_dict() == {
        "INV-1": "agrees",
        "INV-2": "differs",
        "(none)": "no invoice given",
        "INV-9": "not in the lake",
    }
    assert found["Difference"].to_dict() == {
        "INV-1": Decimal(0), "INV-2": Decimal("-0.01"), "(none)": None, "INV-9": None,
    }  # fmt: skip
    assert agreement(found) == "differs"


def test_an_invoice_in_parts_is_added_up(engine: Any) -> None:
    """Two pages of INV-1, 0.60 and 0.40, agree with 1.00."""
    pages = sent(("INV-1", "2026-07", "USD", "0.60"), ("INV-1", "2026-07", "USD", "0.40"))
    found = reconcile(engine, invoices=pages, currency="USD").set_index("InvoiceId")
    assert found.loc["INV-1", "Status"] == "agrees"
    assert agreement(found) == "partly"


def test_another_month_or_currency_is_left_out_on_both_sides(engine: Any) -> None:
    """Only July in dollars is looked at."""
    invoices = sent(
        ("INV-1", "2026-07", "USD", "1"), ("OLD", "2026-06", "USD", "9"), ("INV-2", "2026-07", "EUR", "5")
    )
    found = reconcile(engine, invoices=invoices, period=Period.month("2026-07"), currency="USD")
    assert list(found["InvoiceId"]) == ["(none)", "INV-1"]


def test_no_invoices_is_not_checked(engine: Any) -> None:
    """An empty table agrees with nothing."""
    found = reconcile(engine, invoices=sent())
    assert set(found["Status"]) == {"no invoice given"}
    assert agreement(found) == "not checked"
    assert agreement(found.head(0)) == "not checked"


@pytest.mark.parametrize("amount", ["1,000.00", "NaN", "", "Infinity"])
def test_an_amount_that_is_no_number_is_refused(engine: Any, amount: str) -> None:
    """The value is named."""
    with pytest.raises(SettingsError, match="invoice amount"):
        reconcile(engine, invoices=sent(("INV-1", "2026-07", "USD", amount)))


def test_a_missing_column_and_a_wrong_month_are_refused(engine: Any) -> None:
    """The column or month is named."""
    with pytest.raises(SettingsError, match="Amount"):
        reconcile(engine, invoices=sent().drop(columns="Amount"))
    with pytest.raises(QueryError, match="July"):
        reconcile(engine, invoices=sent(("INV-1", "July", "USD", "1")))


@MANY
@given(st.lists(st.decimals(min_value=-100, max_value=100, places=9), min_size=1, max_size=30))
def test_the_lake_reconciles_with_a_loop_to_the_cent(lake_of: Any, line: Any, amounts: list[Decimal]) -> None:
    """Whatever the rows, their exact sum rounded once is the invoice."""
    engine = lake_of([line(cost=f"{amount:f}") for amount in amounts])
    exact = sum(amounts, Decimal(0))
    found = reconcile(engine, invoices=sent(("INV-1", "2026-07", "USD", str(cents(exact, currency="USD")))))
    assert list(found["Status"]) == ["agrees"]


DETAIL = {
    "BillingAccountId": "111111111111",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssuerName": "Cloud",
}


def taken(folder: Path, *files: list[dict[str, str]]) -> Lake:
    """Take each list of lines into one lake, as a file of its own."""
    lake = Lake(folder / "lake")
    for number, lines in enumerate(files):
        file = folder / f"file{number}.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, fieldnames=list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
        moment = datetime(2026, 8, 20, tzinfo=UTC)
        ingest([file], lake=lake, people=People.open(lake.root, {}), now=moment)
    return lake


def detail(invoice: str, cost: str, **changes: str) -> dict[str, str]:
    """Write one line of an invoice as FOCUS has it."""
    line = {"InvoiceId": invoice, "InvoiceDetailId": f"{invoice}-{cost}", "BilledCost": cost}
    return {**DETAIL, **line, **changes}


def test_invoices_of_the_lake_are_its_details_added_up(tmp_path: Path) -> None:
    """0.1 + 0.2 is 0.3 by invoice, month and currency; a draft counts, a voided invoice does not."""
    lake = taken(
        tmp_path,
        [
            detail("INV-1", "0.1"), detail("INV-1", "0.2"), detail("INV-1", "5", BillingCurrency="EUR"),
            detail("INV-1", "7", BillingPeriodStart="2026-08-01"), detail("INV-1", "-0.05"),
            detail("INV-2", "8", InvoiceIssueStatus="Open"),
            detail("INV-3", "9", InvoiceIssueStatus="Voided"),
            detail("INV-4", "9", InvoiceIssueStatus="voided"), detail("INV-5", "3", InvoiceIssueStatus=""),
        ],
    )  # fmt: skip
    with Engine(lake) as engine:
        found = invoiced(engine)
    assert list(found.columns) == COLUMNS
    assert found.to_numpy().tolist() == [
        ["INV-1", "2026-07", "EUR", Decimal(5)],
        ["INV-1", "2026-07", "USD", Decimal("0.25")],
        ["INV-1", "2026-08", "USD", Decimal(7)],
        ["INV-2", "2026-07", "USD", Decimal(8)],
        ["INV-5", "2026-07", "USD", Decimal(3)],
    ]


def test_a_lake_without_invoices_has_none(lake_of: Any, line: Any) -> None:
    """Every line of the bill is then one that no invoice was given for."""
    engine = lake_of([line(cost="1")])
    assert invoiced(engine).to_numpy().tolist() == []
    assert list(reconcile(engine, invoices=invoiced(engine))["Status"]) == ["no invoice given"]


def test_the_bill_agrees_with_the_invoices_of_the_lake_to_the_cent(tmp_path: Path, line: Any) -> None:
    """1.004 and 1.00 agree, 2.006 and 2.00 differ by a cent; what was voided is no invoice that was given."""
    charges = [
        line(cost="0.502", InvoiceId="INV-1"), line(cost="0.502", InvoiceId="INV-1"),
        line(cost="2.006", InvoiceId="INV-2"), line(cost="3", InvoiceId="INV-3"),
        line(cost="4", InvoiceId="INV-4"), line(cost="4", InvoiceId="INV-4", BillingCurrency="EUR"),
    ]  # fmt: skip
    details = [
        detail("INV-1", "0.40"), detail("INV-1", "0.60"), detail("INV-2", "2.00"),
        detail("INV-3", "3", InvoiceIssueStatus="Voided"), detail("INV-4", "4"), detail("INV-9", "1"),
    ]  # fmt: skip
    with Engine(taken(tmp_path, charges, details)) as engine:
        found = reconcile(engine, invoices=invoiced(engine))
    columns = ["InvoiceId", "BillingCurrency", "Billed", "Invoiced", "Difference", "Status"]
    one, two, three, four = Decimal("1.00"), Decimal("2.00"), Decimal("3.00"), Decimal("4.00")
    assert found[columns].to_numpy().tolist() == [
        ["INV-1", "USD", one, one, 0, "agrees"],
        ["INV-2", "USD", Decimal("2.01"), two, Decimal("0.01"), "differs"],
        ["INV-3", "USD", three, None, None, "no invoice given"],
        ["INV-4", "EUR", four, None, None, "no invoice given"],
        ["INV-4", "USD", four, four, 0, "agrees"],
        ["INV-9", "USD", None, one, None, "not in the lake"],
    ]
    assert agreement(found) == "differs"
