"""The FOCUS datasets beside the bill: taken in whole, replaced by what they name, and in no total."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.billing.engine import Engine
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import INVOICES, Lake
from finops_lib.errors import BillError, RefusedDeliveryError, UnreadableBillError
from finops_lib.privacy import People
from finops_lib.records import Conformance

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = datetime(2026, 8, 20, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
JUNE, JULY = "2026-06-01T00:00:00Z", "2026-07-01T00:00:00Z"
AUGUST = "2026-08-01T00:00:00Z"


def invoice(cost: str, detail: str = "d1", **changes: str) -> dict[str, str]:
    """Write one line of an invoice."""
    return {
        "BilledCost": cost,
        "BillingAccountId": "111",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": AUGUST,
        "BillingPeriodStart": JULY,
        "ChargeCategory": "Usage",
        "InvoiceDetailDescription": "Compute",
        "InvoiceDetailId": detail,
        "InvoiceId": "INV-1",
        "InvoiceIssueDate": "2026-08-03",
        "InvoiceIssueStatus": "Issued",
        "InvoiceIssuerName": "Cloud",
        **changes,
    }


def period(start: str = JULY, status: str = "Closed", **changes: str) -> dict[str, str]:
    """Write one billing period."""
    return {
        "BillingPeriodEnd": AUGUST,
        "BillingPeriodLastUpdated": "2026-08-05T06:00:00+02:00",
        "BillingPeriodStart": start,
        "BillingPeriodStatus": status,
        "InvoiceIssuerName": "Cloud",
        **changes,
    }


def commitment(name: str = "sp-1", cost: str = "8760", **changes: str) -> dict[str, str]:
    """Write one commitment as FOCUS 1.3 has it."""
    return {
        "BillingCurrency": "USD",
        "ContractCommitmentCategory": "Spend",
        "ContractCommitmentCost": cost,
        "ContractCommitmentDescription": "A dollar an hour",
        "ContractCommitmentId": name,
        "ContractCommitmentPeriodEnd": "2027-01-01",
        "ContractCommitmentPeriodStart": "2026-01-01",
        "ContractCommitmentQuantity": "",
        "ContractCommitmentType": "Savings Plan",
        "ContractCommitmentUnit": "",
        "ContractId": "c-1",
        "ContractPeriodEnd": "2027-01-01",
        "ContractPeriodStart": "2026-01-01",
        **changes,
    }


def charge(cost: str) -> dict[str, str]:
    """Write one charge of the account, period and issuer that the invoices have."""
    costs = dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost)
    times = {"BillingPeriodStart": JULY, "BillingPeriodEnd": AUGUST}
    times |= {"ChargePeriodStart": JULY, "ChargePeriodEnd": "2026-07-02T00:00:00Z"}
    named = {"BillingAccountId": "111", "BillingCurrency": "USD", "ChargeCategory": "Usage"}
    return {**costs, **times, **named, "InvoiceIssuerName": "Cloud", "ServiceName": "Compute"}


def text_of(*lines: Mapping[str, str]) -> str:
    """Write a CSV."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue()


def write(path: Path, *lines: Mapping[str, str]) -> Path:
    """Write a CSV into a file."""
    path.write_text(text_of(*lines), encoding="utf-8", newline="")
    return path


def take(lake: Lake, *paths: Path, force: bool = False, now: datetime = NOW) -> Conformance:
    """Take files in."""
    return ingest(paths, lake=lake, people=People.open(lake.root, {}), now=now, force=force)


def asked(lake: Lake, sql: str, *, as_of: datetime | None = None) -> list[tuple[Any, ...]]:
    """Ask the lake."""
    with Engine(lake, as_of=as_of) as engine:
        return [tuple(row.values()) for row in engine.table(sql).to_pylist()]


def costs_of(lake: Lake, *, as_of: datetime | None = None) -> list[Decimal]:
    """Read what the invoices of the lake say, smallest first."""
    found = asked(lake, "SELECT BilledCost FROM invoice_details ORDER BY 1", as_of=as_of)
    return [cost for (cost,) in found]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Give an empty lake."""
    return Lake(tmp_path / "lake")


def test_invoice_lines_keep_money_days_and_words(lake: Lake, tmp_path: Path) -> None:
    """Two lines of 0.1 and 0.2 are exactly 0.3; a date is a moment in UTC; nothing of it is a charge."""
    found = take(lake, write(tmp_path / "a.csv", invoice("0.1"), invoice("0.2", "d2")))
    assert (found.source, found.focus_version, found.kind) == (
        "FOCUS Invoice Detail", "1.4", "invoice_detail",
    )  # fmt: skip
    assert (found.rows_read, found.rows_accepted, found.rows_quarantined) == (2, 2, 0)
    assert found.source_cost == found.accepted == {"USD": Decimal("0.3")}
    assert found.quarantined == found.rounding == {}
    (held,) = found.snapshots
    assert held.key == ("Cloud", "111", "2026-07", "")
    assert (held.first_day, held.last_day, held.days, held.cost) == ("", "", 0, {"USD": Decimal("0.3")})
    sql = "SELECT InvoiceId, BilledCost, InvoiceIssueDate, InvoiceIssueStatus FROM invoice_details ORDER BY 2"
    day = datetime(2026, 8, 3, tzinfo=UTC)
    assert asked(lake, sql) == [
        ("INV-1", Decimal("0.1"), day, "Issued"), ("INV-1", Decimal("0.2"), day, "Issued"),
    ]  # fmt: skip
    assert asked(lake, "SELECT count(*) FROM charges") == [(0,)]
    assert asked(lake, "SELECT count(*) FROM daily") == [(0,)]
    assert asked(lake, "SELECT count(*) FROM allocations") == [(0,)]


def test_billing_periods_have_no_money(lake: Lake, tmp_path: Path) -> None:
    """06:00 two hours east of Greenwich is 04:00 UTC; each period of an issuer is a delivery without cost."""
    found = take(lake, write(tmp_path / "a.csv", period(), period(JUNE, "open")))
    assert found.source_cost == found.accepted == {}
    assert [(item.key, item.cost) for item in found.snapshots] == [
        (("Cloud", "", "2026-06", ""), {}), (("Cloud", "", "2026-07", ""), {}),
    ]  # fmt: skip
    sql = "SELECT BillingPeriodStatus, BillingPeriodLastUpdated FROM billing_periods ORDER BY 1"
    moment = datetime(2026, 8, 5, 4, tzinfo=UTC)
    assert asked(lake, sql) == [("Closed", moment), ("Open", moment)]


def test_commitments_of_1_3_are_of_nobody_known(lake: Lake, tmp_path: Path) -> None:
    """FOCUS 1.3 names no issuer; a commitment in hours has no cost and no currency, which is not zero."""
    hours = commitment("ri-1", "", BillingCurrency="", ContractCommitmentQuantity="100.5")
    found = take(lake, write(tmp_path / "a.csv", commitment(), hours))
    assert (found.source, found.focus_version) == ("FOCUS Contract Commitment", "1.3")
    assert found.source_cost == found.accepted == {"USD": Decimal(8760)}
    assert [item.key for item in found.snapshots] == [("unknown", "", "", "")]
    sql = (
        "SELECT ContractCommitmentId, ContractCommitmentCost, ContractCommitmentQuantity, BillingCurrency"
        " FROM contract_commitments ORDER BY 1"
    )
    assert asked(lake, sql) == [("ri-1", None, Decimal("100.5"), None), ("sp-1", Decimal(8760), None, "USD")]


def test_the_issuer_comes_before_the_provider(lake: Lake, tmp_path: Path) -> None:
    """A commitment belongs to who bills it, or to its provider where nobody is named to bill it."""
    named = commitment("a", InvoiceIssuerName="Reseller", ServiceProviderName="Cloud")
    bare = commitment("b", InvoiceIssuerName="", ServiceProviderName="Cloud")
    found = take(lake, write(tmp_path / "a.csv", named, bare))
    assert [item.provider for item in found.snapshots] == ["Cloud", "Reseller"]


def test_the_same_rows_again_change_nothing(lake: Lake, tmp_path: Path) -> None:
    """Rows in another order, in a file of another name, are the same delivery."""
    one, two = invoice("1"), invoice("2", "d2")
    first = take(lake, write(tmp_path / "a.csv", one, two))
    before = lake.digest()
    again = take(lake, write(tmp_path / "b.csv", two, one), now=LATER)
    assert [item.unchanged for item in (*first.snapshots, *again.snapshots)] == [False, True]
    assert first.snapshots[0].id == again.snapshots[0].id
    assert again.snapshots[0].delivered == NOW
    assert lake.digest() == before
    assert len(lake.history()) == 1
    assert costs_of(lake) == [1, 2]


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_changed_period_replaces_only_itself(lake: Lake, tmp_path: Path, changed: int) -> None:
    """Of three periods that come again, the one that changed is replaced, wherever it stands."""
    months = [JUNE, JULY, AUGUST]
    first = take(lake, write(tmp_path / "a.csv", *(period(month, "Open") for month in months)))
    earlier = NOW + timedelta(hours=1)
    closed = [period(month, "Closed" if place == changed else "Open") for place, month in enumerate(months)]
    second = take(lake, write(tmp_path / "a.csv", *closed), now=LATER)
    assert [item.unchanged for item in second.snapshots] == [place != changed for place in range(3)]
    assert second.snapshots[changed].replaces == first.snapshots[changed].id
    sql = "SELECT BillingPeriodStatus FROM billing_periods ORDER BY BillingPeriodStart"
    assert asked(lake, sql) == [("Closed" if place == changed else "Open",) for place in range(3)]
    assert asked(lake, sql, as_of=earlier) == [("Open",)] * 3
    assert asked(lake, sql, as_of=NOW - timedelta(days=1)) == []
    assert len(lake.history()) == 4


def test_a_month_that_does_not_come_again_stays(lake: Lake, tmp_path: Path) -> None:
    """A file of August alone leaves July; another account of July leaves the first one."""
    take(lake, write(tmp_path / "a.csv", invoice("1")))
    take(lake, write(tmp_path / "b.csv", invoice("2", BillingPeriodStart=AUGUST)), now=LATER)
    take(lake, write(tmp_path / "c.csv", invoice("4", BillingAccountId="222")), now=LATER)
    assert costs_of(lake) == [1, 2, 4]


def test_commitments_of_a_provider_come_as_a_whole(lake: Lake, tmp_path: Path) -> None:
    """The commitment that the new file leaves out is gone, and is still there as of earlier."""
    take(lake, write(tmp_path / "a.csv", commitment("a"), commitment("b")))
    take(lake, write(tmp_path / "b.csv", commitment("b")), now=LATER)
    sql = "SELECT ContractCommitmentId FROM contract_commitments ORDER BY 1"
    assert asked(lake, sql) == [("b",)]
    assert asked(lake, sql, as_of=NOW + timedelta(hours=1)) == [("a",), ("b",)]


@pytest.mark.parametrize(
    ("changes", "rule", "cost"),
    [
        ({"InvoiceId": ""}, "value_missing", {"USD": Decimal("2.5")}),
        ({"BillingPeriodStart": "NULL"}, "value_missing", {"USD": Decimal("2.5")}),
        ({"BilledCost": ""}, "value_missing", {}),
        ({"BillingCurrency": ""}, "value_missing", {"XXX": Decimal("2.5")}),
        ({"BilledCost": "NaN"}, "cost_not_a_number", {}),
        ({"BilledCost": "1e18"}, "cost_out_of_range", {"USD": Decimal(10) ** 18}),
        ({"BillingPeriodStart": "July"}, "date_unreadable", {"USD": Decimal("2.5")}),
        ({"BillingPeriodStart": "0001-01-01T00:00:00Z"}, "date_out_of_range", {"USD": Decimal("2.5")}),
        ({"InvoiceIssueDate": "2026-02-30"}, "date_unreadable", {"USD": Decimal("2.5")}),
        ({"BillingCurrency": "BUCKS"}, "currency_unknown", {"BUCKS": Decimal("2.5")}),
    ],
)
def test_a_bad_line_is_set_aside_with_rule_and_cost(
    lake: Lake, tmp_path: Path, changes: dict[str, str], rule: str, cost: dict[str, Decimal]
) -> None:
    """The good line is accepted; the bad one is kept as it came, and its cost, where known, is counted."""
    bad = {**invoice("2.5", "d2"), **changes}
    found = take(lake, write(tmp_path / "a.csv", invoice("1"), bad))
    assert (found.rows_accepted, found.rows_quarantined) == (1, 1)
    assert found.accepted == {"USD": Decimal(1)}
    assert found.quarantined == cost
    assert [(flag.rule, flag.rows, flag.cost, flag.action) for flag in found.flags] == [
        (rule, 1, cost, "quarantine")
    ]
    assert [item.quarantined for item in found.snapshots] == [1]
    assert costs_of(lake) == [1]
    (kept,) = asked(lake, "SELECT SourceFile, SourceRow, Rule, RowJson FROM quarantine")
    assert kept[:3] == ("a.csv", 2, rule)
    row = json.loads(kept[3])
    gone = [name for name, value in changes.items() if value in {"", "NULL"}]
    assert [row[name] for name in changes if name not in gone] == [
        changes[name] for name in changes if name not in gone
    ]
    assert not set(gone) & set(row)


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        (period(), period(InvoiceIssuerName=""), "value_missing"),
        (period(), period(status=""), "value_missing"),
        (period(), period(BillingPeriodLastUpdated="soon"), "date_unreadable"),
        (commitment(), commitment(name=""), "value_missing"),
        (commitment(), commitment("x", ContractCommitmentPeriodEnd=""), "value_missing"),
        (commitment(), commitment("x", ContractCommitmentQuantity="many"), "cost_not_a_number"),
        (commitment(), commitment("x", BillingCurrency="$"), "currency_unknown"),
    ],
)
def test_the_other_datasets_set_aside_too(
    lake: Lake, tmp_path: Path, good: dict[str, str], bad: dict[str, str], rule: str
) -> None:
    """A row without what its dataset must have, or with a cell that cannot be read, stands in no relation."""
    found = take(lake, write(tmp_path / "a.csv", good, bad))
    assert (found.rows_accepted, found.rows_quarantined) == (1, 1)
    assert asked(lake, "SELECT Rule, SourceRow FROM quarantine") == [(rule, 2)]
    relation = found.kind + "s"
    assert asked(lake, f"SELECT count(*) FROM {relation}") == [(1,)]  # noqa: S608  # our own names


def test_a_row_set_aside_goes_when_it_is_corrected(lake: Lake, tmp_path: Path) -> None:
    """The corrected file takes over, and nothing of the first one's quarantine is left."""
    bad = invoice("2", "d2", InvoiceId="")
    take(lake, write(tmp_path / "a.csv", invoice("1"), bad))
    found = take(lake, write(tmp_path / "a.csv", invoice("1")), now=LATER)
    assert [item.unchanged for item in found.snapshots] == [False]
    assert asked(lake, "SELECT count(*) FROM quarantine") == [(0,)]
    assert costs_of(lake) == [1]


def test_rows_are_numbered_in_their_own_file(lake: Lake, tmp_path: Path) -> None:
    """The second file's second row is row 2, not row 3 of both."""
    one = write(tmp_path / "a.csv", invoice("1"))
    two = write(tmp_path / "b.csv", invoice("2", "d2"), invoice("4", "d3", InvoiceId=""))
    found = take(lake, one, two)
    assert found.rows_read == 3
    assert asked(lake, "SELECT SourceFile, SourceRow FROM quarantine") == [("b.csv", 2)]
    sql = "SELECT InvoiceDetailId, x_SourceRow FROM invoice_details ORDER BY 1"
    assert asked(lake, sql) == [("d1", 1), ("d2", 1)]


def test_a_file_without_a_good_row_is_refused(lake: Lake, tmp_path: Path) -> None:
    """Every rule is said with its rows; the lake, its folders and its people stay as they were."""
    take(lake, write(tmp_path / "a.csv", invoice("1")))
    before, folders = lake.digest(), sorted(lake.root.rglob("*"))
    nan = invoice("NaN", "d2", InvoiceDetailDescription="for anna@example.com")
    lost = invoice("2", "d3", BillingPeriodStart="0001-01-01")
    people = People.open(lake.root, {})
    with pytest.raises(RefusedDeliveryError) as caught:
        ingest([write(tmp_path / "bad.csv", nan, nan, lost)], lake=lake, people=people, now=LATER, force=True)
    assert str(caught.value) == (
        "file bad.csv: no row could be accepted (2 rows: a cost is a finite number; "
        "1 rows: a time lies in the years 2000 to 2100). Remedy: correct it, then ingest again."
    )
    assert lake.digest() == before
    assert sorted(lake.root.rglob("*")) == folders
    assert people.pseudonym_of("anna@example.com") is None


def test_a_line_with_too_many_cells_is_refused(lake: Lake, tmp_path: Path) -> None:
    """A small file with a line that is none of its own is not believed at all; the line is named."""
    text = text_of(invoice("1")) + ",".join(["2"] * 13) + "\r\n"
    bad = tmp_path / "bad.csv"
    bad.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, bad)
    assert caught.value.value.startswith("file bad.csv, row ")
    assert caught.value.rule == "a row has as many cells as the header"
    assert lake.snapshots() == ()


def test_a_header_alone_is_no_dataset(lake: Lake, tmp_path: Path) -> None:
    """A file without rows is told from one whose rows are bad."""
    empty = tmp_path / "empty.csv"
    empty.write_text(text_of(invoice("1")).splitlines()[0] + "\n")
    with pytest.raises(UnreadableBillError, match="it has a header but no rows"):
        take(lake, empty)


def test_an_invoice_that_shrank_is_refused(lake: Lake, tmp_path: Path) -> None:
    """From 10 to 4.99 is less than half: June, which came with it, is not kept either; force takes both."""
    take(lake, write(tmp_path / "a.csv", invoice("10")))
    before = lake.digest()
    small = write(tmp_path / "b.csv", invoice("3", BillingPeriodStart=JUNE), invoice("4.99", "d2"))
    with pytest.raises(RefusedDeliveryError) as caught:
        take(lake, small, now=LATER)
    assert caught.value.value == "delivery Cloud 111 2026-07"
    assert caught.value.rule == "it costs 4.99 USD, the one in place 10; less than half is not believed"
    assert lake.digest() == before
    assert len(list((lake.root / INVOICES).glob("x_SnapshotId=*"))) == 1
    take(lake, small, now=LATER, force=True)
    assert costs_of(lake) == [3, Decimal("4.99")]


def test_half_of_an_invoice_is_believed(lake: Lake, tmp_path: Path) -> None:
    """Exactly half of what was there takes its place without force."""
    take(lake, write(tmp_path / "a.csv", invoice("10")))
    take(lake, write(tmp_path / "b.csv", invoice("5")), now=LATER)
    assert costs_of(lake) == [5]


@pytest.mark.parametrize("bill_first", [True, False])
def test_a_bill_and_its_invoice_stand_beside_each_other(lake: Lake, tmp_path: Path, bill_first: bool) -> None:
    """One key, two kinds: neither replaces the other; a new bill or invoice replaces its own kind only."""
    files = [write(tmp_path / "bill.csv", charge("3")), write(tmp_path / "inv.csv", invoice("7"))]
    for file in files if bill_first else files[::-1]:
        take(lake, file)
    held = {item.kind: item for item in lake.snapshots()}
    assert {item.key for item in held.values()} == {("Cloud", "111", "2026-07", "")}
    assert set(held) == {"charges", "invoice_detail"}
    assert [item.replaces for item in held.values()] == ["", ""]
    second = take(lake, write(tmp_path / "inv.csv", invoice("8")), now=LATER)
    assert second.snapshots[0].replaces == held["invoice_detail"].id
    assert costs_of(lake) == [8]
    assert asked(lake, "SELECT sum(BilledCost), count(*) FROM charges") == [(3, 1)]
    assert asked(lake, "SELECT sum(BilledCost) FROM daily") == [(3,)]
    third = take(lake, write(tmp_path / "bill.csv", charge("4")), now=LATER + timedelta(hours=1))
    assert third.snapshots[0].replaces == held["charges"].id
    assert costs_of(lake) == [8]
    assert costs_of(lake, as_of=NOW + timedelta(hours=1)) == [7]
    with Engine(lake) as engine:
        assert [item.kind for item in engine.snapshots] == ["charges"]
        assert [item.kind for item in engine.beside] == ["invoice_detail"]


def test_files_of_the_same_content_are_refused(lake: Lake, tmp_path: Path) -> None:
    """A copy beside its file would count an invoice twice; with force both count."""
    files = [write(tmp_path / name, invoice("1")) for name in ("a.csv", "copy.csv")]
    with pytest.raises(RefusedDeliveryError, match="their money would count twice"):
        take(lake, *files)
    assert lake.snapshots() == ()
    take(lake, *files, force=True)
    assert costs_of(lake) == [1, 1]


def test_people_become_pseudonyms_in_good_and_bad_rows(lake: Lake, tmp_path: Path) -> None:
    """An address in a description and a name under Owner are nowhere in the lake, twice the same person."""
    who = "anna.fox@example.com"
    lines = [
        invoice("1", InvoiceDetailDescription=f"Seat of {who}", Owner=who),
        invoice("NaN", "d2", InvoiceDetailDescription=f"Seat of {who}", Owner="Anna Fox"),
    ]
    take(lake, write(tmp_path / "a.csv", *lines))
    ((said, owner),) = asked(lake, "SELECT InvoiceDetailDescription, x_Owner FROM invoice_details")
    assert owner == People.open(lake.root, {}).pseudonym_of(who)
    assert said == f"Seat of {owner}"
    ((kept,),) = asked(lake, "SELECT RowJson FROM quarantine")
    row = json.loads(kept)
    assert row["InvoiceDetailDescription"] == said
    assert row["x_Owner"].startswith("person-")
    assert row["x_Owner"] != owner
    held = b"".join(path.read_bytes() for path in lake.root.rglob("*") if path.is_file())
    assert b"anna.fox" not in held
    assert b"Anna Fox" not in held


def test_hostile_text_stays_text(lake: Lake, tmp_path: Path) -> None:
    """Markup, formulas, quotes and SQL in ids come out as they went in."""
    hostile = ("<script>alert(1)</script>", "=cmd()", "'; DROP TABLE charges; --", 'a "b", c', "../../etc")
    lines = [invoice("1", text, InvoiceId=text, InvoiceIssuerName=text) for text in hostile]
    found = take(lake, write(tmp_path / "a.csv", *lines))
    assert [item.provider for item in found.snapshots] == sorted(hostile)
    assert sorted(asked(lake, "SELECT InvoiceId FROM invoice_details")) == [
        (text,) for text in sorted(hostile)
    ]


def test_allowed_values_and_currencies_are_spelled_right(lake: Lake, tmp_path: Path) -> None:
    """A voided invoice in usd is Voided in USD; a status that FOCUS does not know stays as it is."""
    lines = [
        invoice("1", BillingCurrency=" usd ", InvoiceIssueStatus="voided"),
        invoice("2", "d2", InvoiceIssueStatus="Lost"),
    ]
    found = take(lake, write(tmp_path / "a.csv", *lines))
    assert found.accepted == {"USD": Decimal(3)}
    sql = "SELECT BillingCurrency, InvoiceIssueStatus FROM invoice_details ORDER BY BilledCost"
    assert asked(lake, sql) == [("USD", "Voided"), ("USD", "Lost")]


def test_unknown_columns_are_kept_beside_the_lakes_own(lake: Lake, tmp_path: Path) -> None:
    """A column of the file's own is kept under x_; one called as the lake's own does not take its place."""
    take(lake, write(tmp_path / "a.csv", invoice("1", x_SourceRow="77", x_SnapshotId="me", Team="web")))
    with Engine(lake) as engine:
        (row,) = engine.table("SELECT * FROM invoice_details").to_pylist()
    assert (row["x_Team"], row["x_SourceRow"]) == ("web", 1)
    assert row["x_SnapshotId"] == lake.snapshots()[0].id
    assert {"77", "me"} <= {value for name, value in row.items() if name.startswith("x_S")}


def test_json_lines_are_the_same_delivery_as_the_csv(lake: Lake, tmp_path: Path) -> None:
    """Numbers of JSON keep every digit, and a null column is no other content."""
    line = invoice("0.12345678901234567891", InvoiceDetailDescription="")
    take(lake, write(tmp_path / "a.csv", line))
    text = json.dumps({**line, "BilledCost": "COST", "InvoiceDetailDescription": None})
    file = tmp_path / "a.jsonl"
    file.write_text(text.replace('"COST"', "0.12345678901234567891") + "\n", encoding="utf-8")
    assert [item.unchanged for item in take(lake, file, now=LATER).snapshots] == [True]
    assert costs_of(lake) == [Decimal("0.12345678901234567891")]


def test_files_of_two_datasets_are_two_calls(lake: Lake, tmp_path: Path) -> None:
    """An invoice and a billing period are no parts of one export."""
    files = [write(tmp_path / "a.csv", invoice("1")), write(tmp_path / "b.csv", period())]
    with pytest.raises(BillError, match="FOCUS Billing Period and FOCUS Invoice Detail"):
        take(lake, *files)


COST = st.decimals(min_value=-10, max_value=10, places=24).map(lambda cost: f"{cost:f}")
LINES = st.lists(
    st.tuples(COST | st.just("NaN"), st.sampled_from(["USD", "EUR"]), st.sampled_from(["INV-1", ""])),
    max_size=20,
)


@MANY
@given(LINES)
def test_source_is_accepted_quarantined_and_rounding(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str, str]]
) -> None:
    """Whatever the lines, with 24 decimals where the lake keeps 20, no digit is lost by any currency."""
    folder = tmp_path_factory.mktemp("exact")
    rows = [
        invoice(cost, f"d{number}", BillingCurrency=code, InvoiceId=name)
        for number, (cost, code, name) in enumerate(lines)
    ]
    found = take(Lake(folder / "lake"), write(folder / "a.csv", invoice("1", "first"), *rows))
    known = [(Decimal(cost), code, name) for cost, code, name in lines if cost != "NaN"]
    known.append((Decimal(1), "USD", "INV-1"))
    for code in ("USD", "EUR"):
        exact = sum((cost for cost, other, _ in known if other == code), Decimal(0))
        aside = sum((cost for cost, other, name in known if other == code and not name), Decimal(0))
        parts = [sums.get(code, Decimal(0)) for sums in (found.accepted, found.quarantined, found.rounding)]
        assert found.source_cost.get(code, Decimal(0)) == exact == sum(parts)
        assert parts[1] == aside
    assert found.rows_quarantined == sum(cost == "NaN" or not name for cost, _, name in lines)
