"""Rows find their delivery, and rows that cannot be accepted are kept as they came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.cells import MONEY, TIME
from finops_lib.billing.daily import QUARANTINE_SCHEMA
from finops_lib.billing.setaside import Key, quarantine_lines, quarantine_rows, residual_rows, split
from finops_lib.privacy import People

JULY, AUGUST = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)
CODED = pa.dictionary(pa.int32(), pa.string())


def charges(*rows: tuple[str | None, str | None, datetime | None]) -> pa.Table:
    """Make rows of provider, account and billing period."""
    providers, accounts, starts = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "ServiceProviderName": pa.array(providers, pa.string()),
            "InvoiceIssuerName": pa.array([None] * len(rows), pa.string()),
            "BillingAccountId": pa.array(accounts, pa.string()),
            "BillingPeriodStart": pa.array(starts, TIME),
        }
    )


def deliveries(rows: pa.Table) -> list[tuple[Key | None, list[bool] | None]]:
    """List the deliveries with the rows of each."""
    return [(key, None if mask is None else mask.to_pylist()) for key, mask in split(rows)]


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (("AWS", "1", JULY), ("AWS", "1", "2026-07", "")),
        ((None, None, JULY), ("unknown", "unknown", "2026-07", "")),
        (("A\x1fB", "1", JULY), ("A B", "1", "2026-07", "")),
        (("AWS", "1", None), None),
    ],
)
def test_rows_of_one_delivery_stay_together(row: tuple[str, str, datetime], key: Key | None) -> None:
    """One key for all rows; without a billing period there is none."""
    assert deliveries(charges(row, row)) == [(key, None)]


def test_rows_that_name_a_slice_are_deliveries_of_their_own() -> None:
    """A slice is the scope of its delivery; a row that names none has the empty one."""
    row = ("GCP", "1", JULY)
    rows = charges(row, row, row).append_column("x_Slice", pa.array(["a", "b", None]))
    assert [key for key, _ in deliveries(rows)] == [
        ("GCP", "1", "2026-07", "a"),
        ("GCP", "1", "2026-07", "b"),
        ("GCP", "1", "2026-07", ""),
    ]


def test_no_rows_have_no_delivery() -> None:
    """An empty batch yields nothing."""
    assert deliveries(charges()) == []


def test_rows_of_several_deliveries_are_told_apart() -> None:
    """By account and by period, each row in exactly one."""
    rows = charges(("AWS", "1", JULY), ("AWS", "2", JULY), ("AWS", "1", None), ("AWS", "1", JULY))
    assert deliveries(rows) == [
        (("AWS", "1", "2026-07", ""), [True, False, False, True]),
        (("AWS", "2", "2026-07", ""), [False, True, False, False]),
        (None, [False, False, True, False]),
    ]


def test_the_invoice_issuer_stands_in_for_a_missing_provider() -> None:
    """The first name that says something counts."""
    rows = charges((None, "1", JULY)).set_column(1, "InvoiceIssuerName", pa.array(["Reseller"]))
    assert deliveries(rows) == [(("Reseller", "1", "2026-07", ""), None)]


@pytest.fixture
def people(tmp_path: Path) -> People:
    """Give pseudonyms under a key of these tests."""
    return People.open(tmp_path / "lake", {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})


def test_an_address_where_an_amount_should_be_is_replaced(people: People) -> None:
    """Neither the cost's text nor the row's JSON shows it."""
    rows = pa.table(
        {"BilledCost": pa.array([None], MONEY), "BillingCurrency": ["USD"], "x_SourceRow": pa.array([0])}
    )
    raw = pa.table({"BilledCost": ["ann@example.com"], "BillingCurrency": ["USD"]})
    [found] = quarantine_rows(rows, raw, rules=pa.array(["r"]), file="f", people=people).to_pylist()
    assert found["BilledCostText"].startswith("person-")
    assert "ann@" not in found["RowJson"]


def test_a_row_is_kept_with_its_text_but_without_people(people: People) -> None:
    """Costs as they came, names as pseudonyms, neither empty cells nor tag columns."""
    rows = pa.table(
        {
            "BilledCost": pa.array([None], MONEY),
            "BillingCurrency": pa.array(["USD"]),
            "RegionId": pa.array([None], pa.string()),
            "ResourceName": pa.array(["person-a"]),
            "tag_team": pa.array(["web"]),
            "x_SourceRow": pa.array([7]),
        }
    )
    raw = pa.table({"BilledCost": ["abc"], "BillingCurrency": ["USD"], "ResourceName": ["Anna"]})
    found = quarantine_rows(rows, raw, rules=pa.array(["not_a_number"]), file="bill.csv", people=people)
    text = '{"BilledCost":"abc","BillingCurrency":"USD","ResourceName":"person-a","x_SourceRow":7}'
    assert found.schema == QUARANTINE_SCHEMA
    assert list(found.to_pylist()[0].values()) == ["bill.csv", 7, "not_a_number", "abc", "USD", text]


def test_the_files_own_cost_is_kept_where_there_is_one(people: People) -> None:
    """``x_SourceCost`` goes before ``BilledCost``, also into the JSON."""
    rows = pa.table(
        {"BilledCost": pa.array([1], MONEY), "BillingCurrency": ["USD"], "x_SourceRow": pa.array([0])}
    )
    raw = pa.table({"BilledCost": ["1"], "x_SourceCost": ["2.50"]})
    [found] = quarantine_rows(rows, raw, rules=pa.array(["r"]), file="f", people=people).to_pylist()
    assert found["BilledCostText"] == json.loads(found["RowJson"])["x_SourceCost"] == "2.50"


def test_a_line_that_does_not_fit_the_header_is_kept_as_text() -> None:
    """It has a place and a rule, but neither cost nor currency."""
    found = quarantine_lines("bill.csv", [3], ['a,"b'], "wrong_cells")
    assert found.schema == QUARANTINE_SCHEMA
    assert list(found.to_pylist()[0].values()) == [
        "bill.csv",
        3,
        "wrong_cells",
        None,
        None,
        '{"Line":"a,\\"b"}',
    ]


def test_a_gap_of_many_digits_keeps_them() -> None:
    """Nine digits before the point and twenty after it are more than Python's usual decimal context."""
    like = pa.schema([("BillingCurrency", CODED), ("BilledCost", MONEY)])
    gap = {"USD": Decimal("123456789.50000000000000000001")}
    found = residual_rows(("AWS", "1", "2026-07", ""), starts=JULY, ends=AUGUST, gap=gap, like=like)
    assert found.column("BilledCost").to_pylist() == [gap["USD"]]


def test_a_gap_becomes_one_adjustment_a_currency() -> None:
    """With the delivery's provider and account, its period, and all other columns empty."""
    like = pa.schema(
        [
            ("x_ProviderName", CODED),
            ("BillingAccountId", pa.string()),
            ("ChargeCategory", CODED),
            ("RegionId", pa.string()),
            ("ChargePeriodStart", TIME),
            ("ChargePeriodEnd", TIME),
            ("BillingCurrency", CODED),
            ("BilledCost", MONEY),
        ]
    )
    gap = {"USD": Decimal("-0.30000000000000000001"), "EUR": Decimal(2)}
    found = residual_rows(("AWS", "1", "2026-07", ""), starts=JULY, ends=AUGUST, gap=gap, like=like)
    same = ["AWS", "1", "Adjustment", None, JULY, AUGUST]
    assert found.schema == like
    assert [list(row.values()) for row in found.to_pylist()] == [
        [*same, "USD", Decimal("-0.30000000000000000001")],
        [*same, "EUR", Decimal(2)],
    ]
