"""What an ingest says: every amount is accounted for, and the lake tells which deliveries count."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.errors import LakeError, UnknownFormatError
from finops_lib.records import Conformance
from finops_lib.run.ingesting import delivery_lines, existing, ingest_content, ingest_lines, take_in

ENVIRON = {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"}
FIRST, SECOND = datetime(2026, 8, 3, tzinfo=UTC), datetime(2026, 8, 5, tzinfo=UTC)
HEAD = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName\n"
)
JULY = "USD,111,2026-07-01,2026-08-01,2026-07-01,2026-07-02"


def took(folder: Path, *lines: str, now: datetime = FIRST) -> Conformance:
    """Take lines of cost and category into the lake of this folder."""
    bill = folder / "bill.csv"
    rows = [line.split() for line in lines]
    bill.write_text(HEAD + "".join(f"{cost},{cost},{JULY},{kind},Cloud\n" for cost, kind in rows))
    return take_in([bill], lake_root=folder / "lake", environ=ENVIRON, now=now)[0]


def test_content_accounts_for_every_amount(tmp_path: Path) -> None:
    """1.10 and 2.20 are accepted, 4.40 set aside, 7.70 in all; keys stand in the promised order."""
    content = ingest_content(took(tmp_path, "1.10 Usage", "2.20 Usage", "4.40 Cheese"))
    assert list(content) == [
        "source", "focus_version", "rows_read", "rows_accepted", "rows_quarantined", "source_cost",
        "billed_cost", "snapshots", "flags", "kind",
    ]  # fmt: skip
    assert [content[f"rows_{name}"] for name in ("read", "accepted", "quarantined")] == [3, 2, 1]
    assert content["source_cost"] == {"USD": "7.7"}
    costs = content["billed_cost"]
    assert costs == {"accepted": {"USD": "3.3"}, "quarantined": {"USD": "4.4"}, "rounding": {}, "beside": {}}


def test_lines_count_thousands_and_changed_deliveries() -> None:
    """A row count has a comma, currencies stand in order, and no cost at all is nothing."""
    costs = {"USD": Decimal("1.50"), "EUR": Decimal(2)}
    told = Conformance("FOCUS", "1.2", 1234, 1234, 0, costs, costs, {}, {}, (), ())
    assert ingest_lines(told) == [
        "FOCUS (1.2): 1,234 rows, 1,234 accepted, 0 set aside",
        "cost in the file 2 EUR, 1.5 USD; accepted 2 EUR, 1.5 USD; set aside nothing",
        "0 deliveries, 0 new or changed",
    ]


def test_the_same_bill_again_changes_nothing(tmp_path: Path) -> None:
    """The words say one new delivery, then none."""
    assert ingest_lines(took(tmp_path, "1 Usage"))[-1] == "1 deliveries, 1 new or changed"
    again = took(tmp_path, "1 Usage", now=SECOND)
    assert [item.unchanged for item in again.snapshots] == [True]
    assert ingest_lines(again)[-1] == "1 deliveries, 0 new or changed"


def test_a_restated_month_counts_once(tmp_path: Path) -> None:
    """Both deliveries are listed, oldest first, and the second counts; before the first there was none."""
    took(tmp_path, "1 Usage")
    took(tmp_path, "1 Usage", "2 Usage", now=SECOND)
    found = delivery_lines(tmp_path / "lake", as_of=None)
    assert [(item["rows"], item["current"]) for item in found] == [(1, False), (2, True)]
    assert delivery_lines(tmp_path / "lake", as_of=datetime(2026, 8, 2, tzinfo=UTC)) == []


def test_a_key_that_was_made_is_told_once(tmp_path: Path) -> None:
    """Without a key in the environment one is made, and the notice does not come again."""
    bill = tmp_path / "bill.csv"
    bill.write_text(f"{HEAD}1,1,{JULY},Usage,Cloud\n")
    notices = [take_in([bill], lake_root=tmp_path / "lake", environ={}, now=FIRST)[1] for _ in range(2)]
    assert "lake.private" in notices[0]
    assert notices[1] == ""


def test_no_lake_is_refused_and_a_refused_bill_makes_none(tmp_path: Path) -> None:
    """A folder that is missing or without a delivery is no lake."""
    with pytest.raises(LakeError, match="finops ingest"):
        existing(tmp_path / "lake")
    assert not (tmp_path / "lake").exists()
    bill = tmp_path / "bill.csv"
    bill.write_text("a,b\n1,2\n")
    with pytest.raises(UnknownFormatError):
        take_in([bill], lake_root=tmp_path / "lake", environ=ENVIRON, now=FIRST)
    with pytest.raises(LakeError, match="at least one delivery"):
        existing(tmp_path / "lake")
