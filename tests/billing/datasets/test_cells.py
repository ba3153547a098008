"""Cells of the datasets: typed by FOCUS, spelled as FOCUS does, judged by what must be there."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.cells import TimeReader
from finops_lib.billing.datasets.cells import typed
from finops_lib.privacy import People

ROW = {
    "InvoiceId": "I-1",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BilledCost": "12.50",
    "BillingCurrency": "usd",
    "InvoiceIssueStatus": "voided",
}


def read(folder: Path, **changes: str | None) -> tuple[dict[str, object], str | None]:
    """Read one line of an invoice; give its cells and the rule that it breaks."""
    people = People.open(folder / "lake", {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    raw = pa.table({name: pa.array([value], pa.string()) for name, value in {**ROW, **changes}.items()})
    rows, rule, _ = typed(raw, "invoice_detail", people, TimeReader())
    return rows.to_pylist()[0], rule[0].as_py()


def test_a_line_is_typed_and_spelled_as_focus_does(tmp_path: Path) -> None:
    """Money is decimal, the currency in capitals, the status as allowed; a column not there is null."""
    cells, rule = read(tmp_path)
    assert rule is None
    assert (cells["BilledCost"], cells["BillingCurrency"]) == (Decimal("12.5"), "USD")
    assert (cells["InvoiceIssueStatus"], cells["PaymentTerms"]) == ("Voided", None)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"InvoiceId": None}, "value_missing"),
        ({"BilledCost": "NaN"}, "cost_not_a_number"),
        ({"BilledCost": "1e30"}, "cost_out_of_range"),
        ({"BillingPeriodStart": "0001-01-01"}, "date_out_of_range"),
        ({"BillingPeriodStart": "soon"}, "date_unreadable"),
        ({"BillingCurrency": "DOLLAR"}, "currency_unknown"),
    ],
)
def test_what_must_be_there_and_is_not_breaks_a_rule(
    tmp_path: Path, changes: dict[str, str | None], rule: str
) -> None:
    """The first rule that is broken counts."""
    assert read(tmp_path, **changes)[1] == rule


def test_an_extra_column_is_kept_without_people(tmp_path: Path) -> None:
    """An unknown column becomes an ``x_`` column, and an address in it a pseudonym."""
    cells, _ = read(tmp_path, Remark="ask ann@example.com")
    assert str(cells["x_Remark"]).startswith("ask person-")
