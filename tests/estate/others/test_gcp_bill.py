from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import pytest

Read = Callable[[str], list[dict[str, Any]]]
Others = tuple[Path, dict[str, Any]]
Row = dict[str, Any]


def cost(row: Row) -> Decimal:
    return Decimal(str(row["cost"]))


def credit(row: Row, kind: str = "") -> Decimal:
    return sum((Decimal(str(item["amount"])) for item in row["credits"] if kind in item["type"]), Decimal(0))


def month_of(row: Row) -> str:
    return f"{row['invoice']['month'][:4]}-{row['invoice']['month'][4:]}"


@pytest.fixture(scope="module")
def found(rows: Read) -> list[Row]:
    return rows("gcp")


def test_months_are_months_of_invoice(others: Others, found: list[Row]) -> None:
    """Cost, credits and rows by invoice.month are the truth's."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    for row in found:
        rows, paid, given = sums[month_of(row)]
        sums[month_of(row)] = [rows + 1, paid + cost(row), given + credit(row)]
    told = others[1]["gcp"]["months"]
    assert dict(sums) == {
        label: [Decimal(month["rows"]), Decimal(month["cost"]), Decimal(month["credits"])]
        for label, month in told.items()
    }


def test_some_use_of_a_last_day_comes_on_the_next_invoice(found: list[Row]) -> None:
    """And other use of the same day does not; no other day of regular use is billed elsewhere."""
    apart = {
        row["usage_start_time"][:10] for row in found
        if row["cost_type"] == "regular" and month_of(row) != row["usage_start_time"][:7]
    }  # fmt: skip
    assert len(apart) == 13
    assert {"2025-08-31", "2026-02-28"} <= apart
    same = {row["usage_start_time"][:10] for row in found if month_of(row) == row["usage_start_time"][:7]}
    assert apart <= same


def test_rows_are_exported_after_their_use_and_before_the_end(found: list[Row]) -> None:
    """Some a week after the others of their day; files are in the order of export."""
    stamps = [row["export_time"] for row in found]
    assert stamps == sorted(stamps)
    assert max(stamps) < "2026-09-18"
    assert all(row["usage_end_time"] < row["export_time"] for row in found)
    # Exports lie seven days apart, the last one on 17 September: what is used on the 9th is ready on the
    # 10th, what is late on the 12th.
    exports = [row["export_time"][:10] for row in found if row["usage_start_time"][:10] == "2026-09-09"]
    assert set(exports) == {"2026-09-10", "2026-09-17"}
    assert exports.count("2026-09-17") < exports.count("2026-09-10")


def test_a_file_holds_one_day_of_export(others: Others, rows: Read) -> None:
    """The day in its name; a use that is ready on the day of an export is in it."""
    for path in sorted((others[0] / "gcp").iterdir()):
        assert {row["export_time"][:10] for row in rows(f"gcp/{path.name}")} == {path.name[7:17]}
    days = {row["usage_start_time"][:10] for row in rows("gcp/export-2026-09-17.json.gz")}
    assert "2026-09-16" in days


def test_closed_invoices_are_whole_cents_with_tax(others: Others, found: list[Row]) -> None:
    """Net of credits; tax is seven hundredths of what stands before it, the open month has none."""
    for label, month in others[1]["gcp"]["months"].items():
        mine = [row for row in found if month_of(row) == label]
        net = sum(cost(row) + credit(row) for row in mine) * 100
        kinds = {row["cost_type"] for row in mine}
        if label == "2026-09":
            assert not kinds & {"tax", "rounding_error"}
            continue
        assert net == int(net)
        before = sum(cost(row) + credit(row) for row in mine if row["cost_type"] in ("regular", "adjustment"))
        assert 0 <= before * 7 / 100 - Decimal(month["kinds"]["tax"]) < Decimal("0.01")


def test_a_commitment_is_a_fee_and_takes_the_cost_off_what_it_covers(
    others: Others, found: list[Row]
) -> None:
    """Its fee is there each day; its credits never exceed the cost of the cores bought."""
    bought = others[1]["gcp"]["commitment"]
    fees = [row for row in found if row["sku"]["description"].startswith("Commitment v1")]
    assert {cost(row) for row in fees} == {Decimal(bought["daily"])}
    july = [row for row in fees if row["usage_start_time"].startswith("2026-07")]
    assert len(july) == 31
    covered: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        covered[row["usage_start_time"][:10]] -= credit(row, "COMMITTED_USAGE_DISCOUNT")
    list_price = Decimal("0.03797")
    assert 0 < max(covered.values()) < bought["cores"] * 24 * list_price
    assert not covered["2025-08-15"]


def test_no_row_gets_back_more_than_it_cost(found: list[Row]) -> None:
    """Sustained use before the commitment, promotions in the first three months alone."""
    regular = [row for row in found if row["cost_type"] == "regular"]
    assert all(0 <= cost(row) + credit(row) <= cost(row) for row in regular)
    assert any(credit(row, "SUSTAINED_USAGE_DISCOUNT") for row in regular)
    promoted = {month_of(row): Decimal(0) for row in found if credit(row, "PROMOTION")}
    for row in found:
        if month_of(row) in promoted:
            promoted[month_of(row)] += credit(row, "PROMOTION")
    assert sorted(promoted) == ["2025-08", "2025-09", "2025-10"]
    assert len(set(promoted.values())) == 1


def test_an_adjustment_corrects_a_month_that_is_over(found: list[Row]) -> None:
    """One row, negative, of use two months before its invoice."""
    rows = [row for row in found if row["cost_type"] == "adjustment"]
    assert len(rows) == 1
    assert cost(rows[0]) < 0
    assert int(rows[0]["invoice"]["month"][4:]) - int(rows[0]["usage_start_time"][5:7]) == 2
    assert rows[0]["adjustment_info"]["type"] == "USAGE_CORRECTION"


def test_labels_are_as_google_lets_them_be(found: list[Row]) -> None:
    """Lower case without spaces, a list of key and value; some rows have none."""
    labels = [label for row in found for label in row["labels"]]
    assert {"team", "environment"} <= {label["key"] for label in labels}
    for label in labels:
        assert label["key"] == label["key"].lower().strip()
        assert " " not in label["key"] + label["value"]
    assert any(not row["labels"] for row in found if row["cost_type"] == "regular")


def test_the_anomaly_is_in_the_rows(others: Others, found: list[Row]) -> None:
    """On its days the service costs a multiple of a usual day, and the extra is the truth's."""
    event = others[1]["gcp"]["anomaly"]
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        if row["sku"]["description"] == event["meter"] and row["project"]["id"] == event["account"]:
            days[row["usage_start_time"][:10]] += cost(row)
    hit = {day: paid for day, paid in days.items() if event["start"] <= day < event["end"]}
    assert min(hit.values()) > 2 * median(paid for day, paid in days.items() if day not in hit)
    share = sum(hit.values()) * (event["percent"] - 100) / event["percent"]
    assert abs(share - Decimal(event["extra_list_cost"])) < Decimal("0.01")
