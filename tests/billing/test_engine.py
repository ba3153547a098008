"""What the lake answers in SQL, and the daily cube."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.daily import DAILY_SCHEMA
from finops_lib.billing.engine import Engine, cube, merged
from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.billing.schema import charge_schema
from finops_lib.errors import QueryError
from finops_lib.privacy import People

LINE = {
    "BilledCost": "1",
    "EffectiveCost": "1",
    "BillingAccountId": "111",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-07-01T00:00:00Z",
    "BillingPeriodEnd": "2026-08-01T00:00:00Z",
    "ChargePeriodStart": "2026-07-01T00:00:00Z",
    "ChargePeriodEnd": "2026-07-02T00:00:00Z",
    "ChargeCategory": "Usage",
    "ProviderName": "Cloud",
    "ServiceName": "Compute",
    "Tags": "{}",
}


def taken(folder: Path, *lines: Mapping[str, str]) -> Lake:
    """Take in a bill of a plain line changed by each of ``lines``."""
    bill = folder / "bill.csv"
    with bill.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(LINE))
        writer.writeheader()
        writer.writerows({**LINE, **line} for line in lines)
    lake = Lake(folder / "lake")
    ingest([bill], lake=lake, people=People.open(lake.root, {}), now=datetime.now(UTC))
    return lake


def charges(*rows: tuple[int, str, str | None, str | None]) -> pa.Table:
    """Make typed charges of hour of July, service, billed cost and effective cost."""
    start = datetime(2026, 7, 1, tzinfo=UTC)
    lines = [
        {
            "BillingPeriodStart": start,
            "ChargePeriodStart": datetime(2026, 7, 1 + hour // 24, hour % 24, tzinfo=UTC),
            "ServiceName": service,
            "BillingCurrency": "USD",
            "BilledCost": None if billed is None else Decimal(billed),
            "EffectiveCost": None if effective is None else Decimal(effective),
        }
        for hour, service, billed, effective in rows
    ]
    return pa.Table.from_pylist(lines, schema=charge_schema())


def summed(table: pa.Table) -> dict[tuple[date, str], tuple[int, Decimal | None, Decimal | None]]:
    """Read a cube by day and service."""
    return {
        (row["ChargeDate"], row["ServiceName"]): (row["RowCount"], row["BilledCost"], row["EffectiveCost"])
        for row in table.to_pylist()
    }


def test_the_cube_equals_sums_by_hand() -> None:
    """A day is a day in UTC, a sum loses no digit, and unknown costs stay unknown."""
    found = cube(
        charges(
            (0, "A", "100000000000000000", "0.1"),
            (23, "A", "0.00000000000000000001", "0.2"),
            (24, "A", "-1", None),
            (24, "B", "4", "5"),
            (47, "B", "0.5", None),
        )
    )
    first, second = date(2026, 7, 1), date(2026, 7, 2)
    assert found.schema == DAILY_SCHEMA
    assert summed(found) == {
        (first, "A"): (2, Decimal("100000000000000000.00000000000000000001"), Decimal("0.3")),
        (second, "A"): (1, Decimal(-1), None),
        (second, "B"): (2, Decimal("4.5"), Decimal(5)),
    }


def test_a_bill_without_the_former_provider_has_a_cube_too() -> None:
    """FOCUS 1.4 has ServiceProviderName alone: the cube keeps it as the provider."""
    rows = charges((0, "Compute", "2", "2")).drop_columns(["x_ProviderName"])
    place = rows.column_names.index("ServiceProviderName")
    named = rows.set_column(place, "ServiceProviderName", pa.array(["Cloud"]))
    assert cube(named).select(["x_ProviderName", "BilledCost"]).to_pylist() == [
        {"x_ProviderName": "Cloud", "BilledCost": Decimal(2)}
    ]


def test_parts_merge_to_the_cube_of_the_whole() -> None:
    """Rows and money of the same day and service are added, rows are not counted anew."""
    one, two = charges((0, "A", "0.1", None), (1, "A", "0.2", None)), charges((2, "A", "1", "3"))
    assert summed(merged([cube(one), cube(two)])) == {
        (date(2026, 7, 1), "A"): (3, Decimal("1.3"), Decimal(3))
    }


def test_the_daily_relation_has_the_money_of_the_charges(tmp_path: Path) -> None:
    """Both give the same exact sum, and answers come as Decimals."""
    lines = ({"BilledCost": "0.1"}, {"BilledCost": "0.2"}, {"BilledCost": "1E-20", "ServiceName": "Store"})
    with Engine(taken(tmp_path, *lines)) as engine:
        sums = [
            engine.query(f"FROM {relation} SELECT SUM(BilledCost) AS cost")["cost"][0]
            for relation in ("charges", "daily")
        ]
        rows = engine.query("SELECT RowCount FROM daily WHERE ServiceName = $name", {"name": "Compute"})
    assert sums == [Decimal("0.30000000000000000001")] * 2
    assert list(rows["RowCount"]) == [2]


def test_tag_keys_are_those_that_have_a_column(tmp_path: Path) -> None:
    """Spellings of one key are one column; an untagged lake has none."""
    tags = ({"Tags": '{"Team": "a"}'}, {"Tags": '{" team": "b", "org": "c"}'}, {})
    with Engine(taken(tmp_path, *tags)) as engine:
        assert sorted(engine.tag_keys) == ["org", "team"]
        found = engine.query("SELECT tag_team FROM charges WHERE tag_team IS NOT NULL ORDER BY 1")
    assert list(found["tag_team"]) == ["a", "b"]
    with Engine(Lake(tmp_path / "none")) as engine:
        assert engine.tag_keys == ()


@pytest.mark.parametrize("relation", ["charges", "daily", "allocations", "quarantine"])
def test_an_empty_lake_has_all_relations(tmp_path: Path, relation: str) -> None:
    """Without files each relation has its columns and no row."""
    with Engine(Lake(tmp_path / "none")) as engine:
        found = engine.table(f"FROM {relation}")
        assert set(charge_schema().names) < set(engine.columns)
    assert found.num_rows == 0
    assert "x_SnapshotId" in found.column_names


@pytest.mark.parametrize(
    ("sql", "named"),
    [("SELECT Colour FROM charges", "Colour"), ("SELECT 1 FROM nowhere", "nowhere"), ("SELEC", "SELEC")],
)
def test_what_cannot_be_answered_is_a_query_error(tmp_path: Path, sql: str, named: str) -> None:
    """Its text is one line that says what was wrong and what to do."""
    with Engine(Lake(tmp_path / "none")) as engine, pytest.raises(QueryError) as caught:
        engine.query(sql)
    text = str(caught.value)
    assert text.startswith("the query: ")
    assert named in text
    assert text.endswith("Remedy: check its columns against those of the lake.")
    assert "\n" not in text


def test_an_engine_as_of_earlier_sees_that_state(tmp_path: Path) -> None:
    """A replaced delivery gives its own sum as of then, the new one now."""
    lake = taken(tmp_path, {"BilledCost": "1"})
    between = datetime.now(UTC)
    taken(tmp_path, {"BilledCost": "2.5"})
    sums = []
    for moment in (between, None):
        with Engine(lake, as_of=moment) as engine:
            sums.append(engine.query("SELECT SUM(BilledCost) AS cost FROM charges")["cost"][0])
    assert sums == [Decimal(1), Decimal("2.5")]
