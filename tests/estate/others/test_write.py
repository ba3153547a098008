from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.estate.company import Company, company
from finops_lib.estate.others.ranges import Ranges
from finops_lib.estate.others.write import FOLDERS, write_others

Read = Callable[[str], list[dict[str, Any]]]
Others = tuple[Path, dict[str, Any]]
REPORTS = ("azure", "gcp", "oci", "opencost")


def contents(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def reports(others: Others) -> list[tuple[str, str, dict[str, Any]]]:
    """Every file with the name of its column of cost and what is true of it."""
    truths = [others[1][name] for name in REPORTS]
    truths.append({**others[1]["azure"]["amortized"], "cost_column": others[1]["azure"]["cost_column"]})
    return [(file, truth["cost_column"], found) for truth in truths for file, found in truth["files"].items()]


def test_every_file_sums_to_its_truth(others: Others, rows: Read) -> None:
    """Rows and cost of each report as a naive reader adds them, to the last digit; no file is untold."""
    told = reports(others)
    for file, column, found in told:
        read = rows(file)
        assert len(read) == found["rows"], file
        assert sum(Decimal(str(row[column])) for row in read) == Decimal(found["cost"]), file
    names = {file for file, _, _ in told} | {"onprem/inventory.csv", "onprem/rate_card.csv"}
    assert names == set(contents(others[0]))


@pytest.mark.parametrize("name", REPORTS)
def test_months_files_services_and_kinds_add_up_to_the_same(others: Others, name: str) -> None:
    """The truth agrees with itself in every month and over all."""
    truth = others[1][name]
    months = truth["months"].values()
    for month in months:
        for sums in ("services", "kinds"):
            assert sum(map(Decimal, month[sums].values())) == Decimal(month["cost"])
    by_file = sum(Decimal(file["cost"]) for file in truth["files"].values())
    assert sum(Decimal(month["cost"]) for month in months) == by_file


def test_folders_are_providers(others: Others) -> None:
    """Six of them; the amortised view is apart, so that nobody takes a month in twice."""
    assert {path.name for path in others[0].iterdir()} == set(FOLDERS)
    assert [path.name for path in (others[0] / "azure-amortized").iterdir()] == ["2026-07"]
    assert len(list((others[0] / "azure").iterdir())) == 14


def test_the_truth_is_json(others: Others) -> None:
    """It comes back as it went."""
    assert json.loads(json.dumps(others[1])) == others[1]


def test_each_bill_has_about_as_many_rows_as_asked(others: Others) -> None:
    """Within a fifth of six thousand."""
    for name in REPORTS:
        found = sum(month["rows"] for month in others[1][name]["months"].values())
        assert 4800 <= found <= 7200, name


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    """Every file and the truth; another seed gives other bills from every provider."""
    told = [
        write_others(tmp_path / name, who=company(seed, slots=1), seed=seed, months=3, rows=900)
        for name, seed in (("a", 5), ("b", 5), ("c", 6))
    ]
    first, second, other = (contents(tmp_path / name) for name in "abc")
    assert (first, told[0]) == (second, told[1])
    changed = {name.partition("/")[0] for name in first if first[name] != other.get(name)}
    assert changed == set(FOLDERS)


def test_a_sample_is_small(tmp_path: Path, who: Company) -> None:
    """Fourteen months of 7,500 rows each take less than 2.5 MB."""
    write_others(tmp_path, who=who, seed=20260918, months=14, rows=7_500)
    assert sum(map(len, contents(tmp_path).values())) < 2_500_000


def test_a_short_estate_tells_no_story_it_does_not_hold(tmp_path: Path) -> None:
    """One month has no anomaly, no amortised view, no correction and no refund."""
    told = write_others(tmp_path, who=company(5, slots=1), seed=5, months=1, rows=200)
    assert [told[name]["anomaly"] for name in told] == [{}] * 5
    assert told["oci"]["correction"] == {}
    assert told["azure"]["amortized"]["months"] == {}
    assert "correction" not in told["gcp"]["months"]["2026-09"]["kinds"]


def test_bounds_are_the_callers(tmp_path: Path) -> None:
    """Drawn from bounds of one number each, the story has these numbers."""
    bounds = Ranges(anomaly_percent=(512, 512), anomaly_days=(3, 3), refund_cents=(777, 777), export_days=1,
                    power_jump_percent=(333, 333), untagged_percent=100)  # fmt: skip
    told = write_others(tmp_path, who=company(5, slots=1), seed=5, months=6, rows=2_000, ranges=bounds)
    assert {told[name]["anomaly"]["percent"] for name in REPORTS} == {512}
    assert told["onprem"]["anomaly"]["percent"] == 333
    refunds: dict[str, set[str]] = defaultdict(set)
    for name in ("azure", "gcp"):
        refunds[name] = {month["kinds"].get("correction", "") for month in told[name]["months"].values()}
    assert all("-7.77" in found for found in refunds.values())
    # A file a day from 2 April, when the first day was ready, to 17 September.
    assert len(list((tmp_path / "gcp").iterdir())) == 169
    assert told["onprem"]["untagged"] == told["onprem"]["machines"]


def test_no_rows_are_refused(tmp_path: Path) -> None:
    """A bill has at least one, and there is at least one month."""
    with pytest.raises(ValueError, match="at least one"):
        write_others(tmp_path, who=company(5, slots=1), seed=5, months=1, rows=0)
    with pytest.raises(ValueError, match="at least one month"):
        write_others(tmp_path, who=company(5, slots=1), seed=5, months=0, rows=9)
