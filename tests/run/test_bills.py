"""What a notebook asks about the bills themselves: each answer comes from the lake that was opened."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from finops_lib.billing import quality
from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.cost.invoices import agreement
from finops_lib.errors import QueryError, SettingsError
from finops_lib.privacy import People
from finops_lib.records import Period
from finops_lib.run.bills import Bills

BILL = Path(__file__).resolve().parents[1] / "notebooks" / "bill.csv"
NOW = datetime(2026, 8, 20, tzinfo=UTC)
LAST_DAYS = tuple(date(2026, 7, day) for day in (29, 30, 31))
DETAIL = {
    "BillingAccountId": "111111111111",
    "BillingCurrency": "USD",
    "InvoiceIssueStatus": "Issued",
    "InvoiceIssuerName": "Cloud",
}
JUNE, JULY = ({"BillingPeriodStart": f"2026-{month}-01T00:00:00Z"} for month in ("06", "07"))
# The bill says 619.59 for June and 1,052.126 for July; the third invoice was voided.
INVOICES = (
    {**DETAIL, **JUNE, "InvoiceId": "INV-06", "InvoiceDetailId": "1", "BilledCost": "619.60"},
    {**DETAIL, **JULY, "InvoiceId": "INV-07", "InvoiceDetailId": "2", "BilledCost": "1000"},
    {**DETAIL, **JULY, "InvoiceId": "INV-07", "InvoiceDetailId": "3", "BilledCost": "52.13"},
    {**DETAIL, **JULY, "InvoiceId": "INV-08", "InvoiceDetailId": "4", "BilledCost": "9",
     "InvoiceIssueStatus": "Voided"},
)  # fmt: skip
PERIODS = (
    {**JUNE, "InvoiceIssuerName": "Cloud", "BillingPeriodStatus": "Closed"},
    {**JULY, "InvoiceIssuerName": "Cloud", "BillingPeriodStatus": "Open"},
)
COMMITMENTS = (
    {"ContractCommitmentId": "<script>alert(1)</script>", "ContractCommitmentType": "=cmd()",
     "ContractCommitmentPeriodStart": "2026-01-01", "ContractCommitmentPeriodEnd": "2027-01-01",
     "ContractCommitmentCost": "1000", "BillingCurrency": "USD", "InvoiceIssuerName": "Cloud"},
)  # fmt: skip


def take(folder: Path, *lines: Mapping[str, str], now: datetime = NOW) -> None:
    """Take lines, or the small bill where there are none, into the folder's lake."""
    file = folder / "lines.csv" if lines else BILL
    if lines:
        with file.open("w", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, fieldnames=list(lines[0]))
            writer.writeheader()
            writer.writerows(lines)
    root = folder / "lake"
    ingest([file], lake=Lake(root), people=People.open(root, {}), now=now)


def opened(folder: Path, **limits: int) -> Bills:
    """Open the folder's lake."""
    lake = Lake(folder / "lake")
    return Bills(lake, Engine(lake), NOW + timedelta(hours=12), quality.Thresholds(**limits))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take the small bill and the three datasets beside it into a lake."""
    folder = tmp_path_factory.mktemp("bills")
    take(folder)
    take(folder, *PERIODS)
    take(folder, *COMMITMENTS)
    take(folder, *INVOICES)
    return folder


@pytest.fixture
def bills(whole: Path) -> Iterator[Bills]:
    """Open that lake."""
    with opened(whole) as found:
        yield found


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    """Open a lake with nothing but the small bill."""
    folder = tmp_path_factory.mktemp("plain")
    take(folder)
    with opened(folder) as found:
        yield found


def test_sources_of_every_kind_are_told(bills: Bills) -> None:
    """Charges, periods, invoices and commitments; 31 July ended 19 days before noon of 20 August."""
    found = bills.sources().set_index("Kind")
    assert found["Deliveries"].to_dict() == {
        "billing_period": 2, "charges": 2, "contract_commitment": 1, "invoice_detail": 2,
    }  # fmt: skip
    assert found["DaysOld"].to_dict() == {
        "billing_period": None, "charges": 19, "contract_commitment": None, "invoice_detail": None,
    }  # fmt: skip
    counts = found.loc[["charges"], ["Rows", "SetAside", "Gaps", "Restated"]]
    assert counts.to_numpy().tolist() == [[157, 1, 0, 0]]


def test_a_restated_invoice_is_counted(tmp_path: Path) -> None:
    """A restatement of a dataset beside the bill is one of its own source, and none of the charges."""
    take(tmp_path)
    take(tmp_path, *INVOICES[1:3])
    take(tmp_path, *INVOICES[1:], now=NOW + timedelta(hours=1))
    with opened(tmp_path) as bills:
        assert bills.sources().set_index("Kind")["Restated"].to_dict() == {"charges": 0, "invoice_detail": 1}


def test_rows_that_explain_charges_are_a_source(tmp_path: Path) -> None:
    """A cluster's allocation of 2 August is told as its kind, 17 days old at noon of the 20th."""
    times = {"window.start": "2026-08-02T00:00:00Z", "window.end": "2026-08-03T00:00:00Z"}
    times |= {"start": "2026-08-02T00:00:00Z", "end": "2026-08-03T00:00:00Z"}
    named = {"name": "web", "properties.cluster": "one", "properties.namespace": "web"}
    take(tmp_path, {**named, **times, "cpuCost": "1", "ramCost": "2", "totalCost": "3"})
    with opened(tmp_path) as bills:
        (row,) = bills.sources().to_dict("records")
        assert (row["Kind"], row["Source"]) == ("allocation", "OpenCost allocation")
        assert (row["NewestDay"], row["DaysOld"], row["Rows"]) == ("2026-08-02", 17, 1)
        assert bills.deliveries().empty


def test_periods_and_commitments_come_from_the_datasets(bills: Bills) -> None:
    """July is open and June closed; the commitment that no charge names is told with its cost."""
    assert bills.periods()[["BillingPeriod", "Status", "Finding"]].to_numpy().tolist() == [
        ["2026-07", "Open", ""], ["2026-06", "Closed", ""],
    ]  # fmt: skip
    assert bills.commitments()[["CommitmentId", "Type", "Committed", "Finding"]].to_numpy().tolist() == [
        ["<script>alert(1)</script>", "=cmd()", Decimal(1000), "no charge names it"]
    ]


def test_what_the_issuer_says_decides_which_days_fill_up(bills: Bills, plain: Bills) -> None:
    """By its dates July is whole; since Cloud calls it open, its last days are not."""
    assert plain.incomplete == ()
    assert bills.incomplete == LAST_DAYS


def test_the_number_of_last_days_is_a_setting(whole: Path) -> None:
    """With one incomplete day, only 31 July fills up."""
    with opened(whole, incomplete_days=1) as bills:
        assert bills.incomplete == LAST_DAYS[-1:]


def test_the_bill_is_compared_with_the_invoices_of_the_lake(bills: Bills, plain: Bills) -> None:
    """June is a cent off, July's two lines agree, the voided one is none; without any nothing is checked."""
    found = bills.reconciled()
    assert found[["InvoiceId", "Difference", "Status"]].to_numpy().tolist() == [
        ["INV-06", Decimal("-0.01"), "differs"], ["INV-07", 0, "agrees"],
    ]  # fmt: skip
    assert agreement(plain.reconciled()) == "not checked"


def test_a_file_of_invoices_goes_before_those_of_the_lake(bills: Bills, tmp_path: Path) -> None:
    """With a CSV, only the CSV counts; period and currency are handed on."""
    file = tmp_path / "invoices.csv"
    file.write_text("InvoiceId,BillingPeriod,BillingCurrency,Amount\nINV-06,2026-06,USD,619.59\n")
    found = bills.reconciled(file=str(file))
    assert list(found["Status"]) == ["agrees", "no invoice given"]
    asked = bills.reconciled(file=str(file), period=Period.month("2026-06"), currency="USD")
    assert list(asked["Status"]) == ["agrees"]
    with pytest.raises(QueryError, match="EUR"):
        bills.reconciled(currency="EUR")
    with pytest.raises(SettingsError, match=r"missing\.csv"):
        bills.reconciled(file=str(tmp_path / "missing.csv"))


def test_the_datasets_are_in_no_table_of_charges(bills: Bills, plain: Bills) -> None:
    """Deliveries, flags, findings and quarantine are the same with and without them."""
    assert list(bills.deliveries()["Period"]) == ["2026-07", "2026-06"]
    assert {item.kind for item in bills.past} == {"charges"}
    assert len(bills.past) == 2
    pd.testing.assert_frame_equal(bills.flags(), plain.flags())
    pd.testing.assert_frame_equal(bills.findings(), plain.findings())
    pd.testing.assert_frame_equal(bills.quarantined(), plain.quarantined())
    pd.testing.assert_frame_equal(bills.readiness(bills.findings()), plain.readiness(plain.findings()))


def test_the_verdict_counts_the_bills_rows_only(bills: Bills) -> None:
    """One of the 158 rows of the bill was set aside; invoices and periods are no rows of it."""
    found = bills.findings()
    said = bills.show_verdict(found, bills.readiness(found)).bundle["text/plain"]
    assert "1 of 158 rows was set aside." in said


def test_days_are_drawn_and_thresholds_listed(whole: Path) -> None:
    """The picture has no live markup, and the setting in force is in the table."""
    with opened(whole, late_after_days=9) as bills:
        assert "<script" not in bills.draw_days().bundle["image/svg+xml"]
        limits = bills.limits().set_index("Threshold")["Value"]
        assert limits["late_after_days"] == "9"


def test_leaving_gives_the_engine_back(whole: Path) -> None:
    """After the block, nothing can be asked any more."""
    with opened(whole) as bills:
        assert len(bills.periods()) == 2
    with pytest.raises(duckdb.ConnectionException):
        bills.engine._connection.execute("SELECT 1")  # whether it is closed
