from __future__ import annotations

import csv
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.charges import Balances
from finops_lib.estate.company import company
from finops_lib.estate.truth import Tally, Truth
from finops_lib.estate.write import benchmark_part, month_blocks, write_estate


def contents(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): unpacked(path) for path in paths}


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_folders_are_formats_and_months(estate: tuple[Path, Truth]) -> None:
    """Fourteen months and the first delivery of the restated one."""
    folder, truth = estate
    names = sorted(path.name for path in (folder / "focus").iterdir())
    assert names == sorted((*truth.months, "2026-05-first"))
    assert len(truth.months) == 14
    assert (folder / "cur" / "2026-07" / "part-00000.csv.gz").exists()


@pytest.mark.parametrize("rows", [10_000, 40_000])
def test_the_bill_has_about_as_many_rows_as_asked(tmp_path: Path, rows: int) -> None:
    """Within a fifth, the second delivery of a month not counted."""
    truth = write_estate(tmp_path, rows=rows, seed=3, formats=["focus"])
    found = sum(truth.rows["focus"][month] for month in truth.months)
    assert 0.8 * rows <= found <= 1.2 * rows


def test_a_large_bill_is_hourly(tmp_path: Path) -> None:
    """From two million rows on, a charge period is an hour; one month of it is enough to see."""
    truth = write_estate(tmp_path, rows=2_000_000, seed=3, months=1, formats=["focus"], parts_rows=500_000)
    parts = sorted((tmp_path / "focus" / "2026-09").iterdir())
    with gzip.open(parts[0], "rt", encoding="utf-8") as bill:
        row = next(csv.DictReader(bill))
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (
        "2026-09-01T00:00:00Z",
        "2026-09-01T01:00:00Z",
    )
    assert len(parts) >= 4
    assert 1_600_000 <= truth.rows["focus"]["2026-09"] <= 2_400_000


def test_the_same_arguments_give_the_same_content(tmp_path: Path) -> None:
    """Every file, whatever the size of the parts; another seed gives other bills."""
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_estate(tmp_path / name, rows=2_000, seed=seed, months=2)
    first, second, other = (contents(tmp_path / name) for name in "abc")
    assert first == second
    assert first["focus/2026-08/part-00000.csv.gz"] != other["focus/2026-08/part-00000.csv.gz"]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_usage_does_not_hang_on_formats(seed: int) -> None:
    """The truth of a month depends on seed and size alone."""
    who, month = company(seed, slots=20), months(5, step_hours=24)[0]
    tallies = [Tally(), Tally()]
    for tally in tallies:
        for _ in month_blocks(who, month, tally=tally, balances=Balances.of(who, month)):
            pass
    assert tallies[0] == tallies[1]


def test_parquet_says_what_csv_says(tmp_path: Path) -> None:
    """The same cost from either type of file, in all formats."""
    formats = ("focus-1.0", "focus-1.4", "cur", "cur-2.0")
    truth = write_estate(tmp_path, rows=3_000, seed=5, months=1, formats=formats, file_type="parquet")
    columns = {"focus": "BilledCost", "cur": "line_item_unblended_cost"}
    for name in formats:
        table = pq.read_table(tmp_path / name / "2026-09" / "part-00000.parquet")
        total = sum(table[columns[name.partition("-")[0]]].to_pylist(), Decimal(0))
        assert total == Decimal(truth.source_cost[name]["2026-09"])
    assert str(table.schema.field("resource_tags").type).startswith("map<string, string")


def test_progress_is_told_month_by_month(tmp_path: Path) -> None:
    """Label, months done, months in all."""
    seen: list[tuple[str, int, int]] = []
    write_estate(
        tmp_path, rows=2_000, seed=5, months=2, formats=["focus"], progress=lambda *said: seen.append(said)
    )
    assert seen == [("2026-08", 1, 2), ("2026-09", 2, 2)]


def test_a_short_estate_tells_no_story_it_does_not_hold(tmp_path: Path) -> None:
    """Without May and June there is no restatement and no refund."""
    truth = write_estate(tmp_path, rows=2_000, seed=5, months=1, formats=["focus"])
    assert (truth.restated, truth.late, truth.refund, truth.credits) == ({}, {}, {}, {})


@pytest.mark.parametrize("part", [0, 3])
def test_a_benchmark_part_has_exactly_so_many_rows(tmp_path: Path, part: int) -> None:
    """All columns of FOCUS 1.2, one month, many resources."""
    path = tmp_path / "bill" / f"part-{part:05d}.csv.gz"
    benchmark_part(path, rows=120_000, seed=1, part=part)
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert len(lines) == 120_001
    assert len(lines[0].split(",")) == 57
    assert all("2026-07-01T00:00:00Z" in line for line in lines[1:2000])


def test_benchmark_parts_differ(tmp_path: Path) -> None:
    """No row stands in two parts."""
    for part in (0, 1):
        benchmark_part(tmp_path / f"{part}.csv", rows=500, seed=1, part=part)
    first, second = (set((tmp_path / f"{part}.csv").read_text().splitlines()[1:]) for part in (0, 1))
    assert not first & second


def test_unknown_formats_and_counts_are_refused(tmp_path: Path) -> None:
    """With the known formats in the message."""
    with pytest.raises(ValueError, match="known are focus"):
        write_estate(tmp_path, rows=2_000, seed=1, formats=["azure"])
    with pytest.raises(ValueError, match="at least one month"):
        write_estate(tmp_path, rows=2_000, seed=1, months=0)
    with pytest.raises(ValueError, match="at least one row"):
        benchmark_part(tmp_path / "x.csv", rows=0, seed=1, part=0)


def test_the_truth_is_beside_the_bills(tmp_path: Path) -> None:
    """One JSON object."""
    write_estate(tmp_path, rows=2_000, seed=1, months=1, formats=["cur"])
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["seed"] == 1
