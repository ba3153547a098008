from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from finops_lib.estate.others.oci_bill import COLUMNS, COST, tag_columns

Read = Callable[[str], list[dict[str, Any]]]
Others = tuple[Path, dict[str, Any]]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def found(rows: Read) -> list[Row]:
    return rows("oci")


def test_a_month_has_several_reports(others: Others, rows: Read) -> None:
    """Four, numbered in the order of their days, none of which is in two."""
    names = sorted(path.name for path in (others[0] / "oci" / "2026-07").iterdir())
    assert len(names) == 4
    days = [{row["lineItem/intervalUsageStart"] for row in rows(f"oci/2026-07/{name}")} for name in names]
    for first, second in pairwise(days):
        assert max(first) < min(second)
    last = sorted((others[0] / "oci" / "2026-06").iterdir())[-1].name
    assert last < names[0]


def test_lines_end_as_on_windows_and_tags_are_columns(others: Others) -> None:
    """The header is the report's own, then one column for each tag key."""
    path = sorted((others[0] / "oci" / "2026-07").iterdir())[0]
    lines = gzip.decompress(path.read_bytes()).decode().split("\r\n")
    assert lines[0] == ",".join((*COLUMNS, *tag_columns()))
    assert "\n" not in lines[0] + lines[1]


def test_the_interval_starts_without_seconds(found: list[Row]) -> None:
    """And ends with them."""
    row = found[0]
    assert row["lineItem/intervalUsageStart"] == "2025-08-01T00:00Z"
    assert row["lineItem/intervalUsageEnd"] == "2025-08-02T00:00:00Z"


def test_cost_is_quantity_times_price_and_small_ones_have_an_exponent(found: list[Row]) -> None:
    """Exactly, for all rows, corrections too."""
    for row in found:
        assert Decimal(row["usage/billedQuantity"]) * Decimal(row["cost/unitPrice"]) == Decimal(row[COST])
    small = {row[COST] for row in found if "E-" in row[COST]}
    assert small
    assert all(Decimal(text) < Decimal("0.000001") for text in small)


def test_a_row_has_a_number_of_its_own(found: list[Row]) -> None:
    """No two rows of any report share it."""
    assert len({row["lineItem/referenceNo"] for row in found}) == len(found)


def test_a_correction_takes_back_what_was_billed_too_much(others: Others, found: list[Row]) -> None:
    """It stands in the next month's first report, names the row and leaves the usual cost."""
    told = others[1]["oci"]["correction"]
    mends = [row for row in found if row["lineItem/isCorrection"] == "true"]
    assert [row["lineItem/backreferenceNo"] for row in mends] == [told["corrects"]]
    wrong = next(row for row in found if row["lineItem/referenceNo"] == told["corrects"])
    assert wrong["lineItem/intervalUsageStart"] == mends[0]["lineItem/intervalUsageStart"]
    assert Decimal(mends[0][COST]) == Decimal(told["cost"]) < 0
    same = [
        Decimal(row[COST]) for row in found
        if row["product/resourceId"] == wrong["product/resourceId"] and row not in (wrong, *mends)
    ]  # fmt: skip
    assert set(same) == {Decimal(wrong[COST]) + Decimal(mends[0][COST])}
    assert told["report"].split("/")[1] > told["month"]
    assert {row["lineItem/backreferenceNo"] for row in found if row not in mends} == {""}


def test_the_anomaly_is_in_the_rows(others: Others, found: list[Row]) -> None:
    """On its days the meter costs a multiple of a usual day, and the extra is the truth's."""
    event = others[1]["oci"]["anomaly"]
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        if row["product/Description"] == event["meter"] and row["product/compartmentId"] == event["account"]:
            days[row["lineItem/intervalUsageStart"][:10]] += Decimal(row[COST])
    hit = {day: cost for day, cost in days.items() if event["start"] <= day < event["end"]}
    assert min(hit.values()) > 2 * median(cost for day, cost in days.items() if day not in hit)
    share = sum(hit.values()) * (event["percent"] - 100) / event["percent"]
    assert abs(share - Decimal(event["extra_list_cost"])) < Decimal("0.01")


def test_tags_are_in_their_columns(others: Others, found: list[Row]) -> None:
    """Teams under the company's name space; what has no tag has none in any column."""
    teams = {row["tags/Lantern.Team"].strip().lower() for row in found}
    assert {"checkout", "data", ""} <= teams
    waste = others[1]["oci"]["waste"]["resource"]
    mine = [row for row in found if row["product/resourceId"] == waste]
    assert len(mine) >= 411
    assert not any(row[name] for row in mine for name in tag_columns())
