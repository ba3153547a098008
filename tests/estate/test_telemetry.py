from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from finops_lib.estate.calendar import months
from finops_lib.estate.company import Company, company
from finops_lib.estate.machines import LADDERS, TelemetryWorld
from finops_lib.estate.telemetry import INVENTORY_FILE, SERIES_FILE, UNITS, write_telemetry

Written = tuple[Path, dict[str, Any]]
Series = dict[tuple[str, str], list[float]]
WHOLE = TelemetryWorld(gap=0, lost=0, unmonitored=0)


@pytest.fixture(scope="module")
def who() -> Company:
    return company(11, slots=60)


@pytest.fixture(scope="module")
def whole(who: Company, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Write seven days without a lost sample, every five minutes."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, write_telemetry(folder, who, world=WHOLE, start=date(2026, 7, 6), days=7, step_minutes=5)


@pytest.fixture(scope="module")
def rows(whole: Written) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(whole[0] / SERIES_FILE).to_pylist()
    return found


@pytest.fixture(scope="module")
def series(rows: list[dict[str, Any]]) -> Series:
    found: Series = defaultdict(list)
    for row in rows:
        found[row["resource"], row["metric"]].append(row["value"])
    return found


def inventory(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / INVENTORY_FILE).open(encoding="utf-8", newline="") as file:
        return {row["resource"]: row for row in csv.DictReader(file)}


def naive_p99(values: list[float]) -> float:
    """Take away from the top as long as at most one in a hundred lies above what is left."""
    left, above = sorted(values), 0
    while (above + 1) * 100 <= len(values):
        left.pop()
        above += 1
    return left[-1]


def test_the_need_told_is_that_of_the_series(whole: Written, series: Series) -> None:
    """Where nothing was cut off, the p99 of the CPU written for a single machine is the truth."""
    checked = 0
    for resource, told in whole[1]["resources"].items():
        single = (resource, "cpu") in series and (resource, "replicas") not in series
        if single and told["cpu_max_cores"] < float(inventory(whole[0])[resource]["vcpu"]):
            assert naive_p99(series[resource, "cpu"]) == pytest.approx(told["cpu_p99_cores"], abs=0.001)
            assert max(series[resource, "cpu"]) == pytest.approx(told["cpu_max_cores"], abs=0.001)
            checked += 1
    assert checked >= 10


def test_sizes_hold_or_break_as_the_series_say(whole: Written, series: Series) -> None:
    """Counted in the rows: how often a machine used more than each size below its own would have."""
    sizes = {size.name: size for ladder in LADDERS.values() for size in ladder}
    checked = 0
    for resource, told in whole[1]["resources"].items():
        if (resource, "replicas") in series or told["kind"] != "instance":
            continue
        used = list(zip(series[resource, "cpu"], series[resource, "memory"], strict=True))
        for item in told["sizes"][: [size["size"] for size in told["sizes"]].index(told["size"])]:
            size = sizes[item["size"]]
            over = [cpu * 1000 > size.cpu_milli or gib * 1024 > size.store_mib for cpu, gib in used]
            assert item["breach_share"] == pytest.approx(sum(over) / len(over), abs=0.002)
            assert not item["holds"] or item["breach_share"] <= 0.01
            checked += 0 < item["breach_share"] < 1
        holding = [item["size"] for item in told["sizes"] if item["holds"]]
        assert told["smallest"] == (holding[0] if holding and not told["leaks"] else None)
    assert checked >= 3


def test_waste_is_the_price_difference(whole: Written) -> None:
    """Bought at 100, enough at 25: 75 are waste; all of an idle resource, nothing of a leak."""
    for told in whole[1]["resources"].values():
        prices = {size["size"]: float(size["usd_month"]) for size in told["sizes"]}
        expected = (
            0.0 if told["smallest"] is None else max(0.0, prices[told["size"]] - prices[told["smallest"]])
        )
        expected = prices[told["size"]] if told["idle"] else expected
        assert float(told["waste_usd_month"]) == pytest.approx(expected, abs=0.011)
    kinds = {told["planted"] for told in whole[1]["resources"].values()}
    assert {"idle", "oversized", "fitting", "hot", "leak"} <= kinds


def test_memory_stays_within_the_machine_and_ooms_are_told(whole: Written, series: Series) -> None:
    """What is asked for beyond the machine does not show; each kill is a row, and a restart comes with it."""
    kills = {name: sum(values) for (name, metric), values in series.items() if metric == "oom_kills"}
    told = {name: item["ooms"] for name, item in whole[1]["resources"].items() if item["ooms"]}
    assert {name: count for name, count in kills.items() if count} == told
    assert told
    assert all(sum(series[name, "restarts"]) >= count for name, count in told.items())
    known = inventory(whole[0])
    for (name, metric), values in series.items():
        if metric == "memory" and known[name]["kind"] == "instance" and (name, "replicas") not in series:
            assert max(values) <= float(known[name]["memory_gib"])


def test_a_heap_is_flat(whole: Written, series: Series) -> None:
    """Memory of a Java machine moves by less than 2 %, while its CPU at least doubles."""
    heaps = [name for name, told in whole[1]["resources"].items() if told["shape"] == "jvm"]
    for name in heaps:
        memory, cpu = series[name, "memory"], series[name, "cpu"]
        assert max(memory) <= 1.02 * min(memory)
        assert max(cpu) > 2 * min(cpu)
    assert heaps


def test_autoscaled_groups_have_the_members_that_the_bill_has(who: Company, series: Series) -> None:
    """The mean number of members over a week is near the billed hours of the month by its hours."""
    july = months(3, step_hours=24)[0]
    found = 0
    for slot in who.slots:
        members = series.get((slot.resource_id(who.seed, july.ordinal), "replicas"))
        if members and slot.product.key == "c6i.2xlarge":
            usual = slot.product.volume * slot.percent / 1_000_000 * (1 + slot.growth / 10_000 * 0.93)
            assert sum(members) / len(members) == pytest.approx(usual, rel=0.25, abs=0.5)
            found += 1
    assert found >= 2


def test_every_series_is_of_a_billed_resource(who: Company, whole: Written) -> None:
    """Ids are those of the bill in July, or lie in its cluster."""
    billed = {slot.resource_id(who.seed, 2026 * 12 + 6) for slot in who.slots}
    for resource in inventory(whole[0]):
        assert resource in billed or resource.rsplit("/", 2)[0] in billed
    assert set(inventory(whole[0])) == set(whole[1]["resources"])


def test_units_belong_to_metrics_and_rows_are_sorted(whole: Written, rows: list[dict[str, Any]]) -> None:
    """One unit a metric; by resource, metric and time, none twice."""
    assert {(row["metric"], row["unit"]) for row in rows} <= set(UNITS.items())
    keys = [(row["resource"], row["metric"], row["time"]) for row in rows]
    assert keys == sorted(set(keys))
    assert len(rows) == whole[1]["rows"]


def test_office_machines_have_no_samples_at_night(whole: Written, rows: list[dict[str, Any]]) -> None:
    """They are off: no row before 7 or from 19 on, none on Saturday."""
    names = {name for name, told in whole[1]["resources"].items() if told["shape"] == "office"}
    times = [
        row["time"] for row in pq.read_table(whole[0] / SERIES_FILE).to_pylist() if row["resource"] in names
    ]
    assert {time.hour for time in times} == set(range(7, 19))
    assert {time.weekday() for time in times} == set(range(5))


def test_windows_cut_the_same_series(who: Company, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Two days written alone are those two days of the week."""
    write_telemetry(tmp_path, who, world=WHOLE, start=date(2026, 7, 7), days=2, step_minutes=5)
    want = {(row["resource"], row["time"]): row["value"] for row in rows if row["metric"] == "cpu"}
    found = [row for row in pq.read_table(tmp_path / SERIES_FILE).to_pylist() if row["metric"] == "cpu"]
    assert found
    assert all(want[row["resource"], row["time"]] == row["value"] for row in found)


def test_a_coarser_step_is_the_mean_of_its_samples(
    who: Company, whole: Written, series: Series, tmp_path: Path
) -> None:
    """Half an hour of CPU is the mean of six samples, of memory the highest."""
    write_telemetry(tmp_path, who, world=WHOLE, start=date(2026, 7, 6), days=7, step_minutes=30)
    coarse: Series = defaultdict(list)
    for row in pq.read_table(tmp_path / SERIES_FILE).to_pylist():
        coarse[row["resource"], row["metric"]].append(row["value"])
    for (name, metric), values in coarse.items():
        if metric in ("cpu", "memory"):
            fine = series[name, metric]
            parts = [fine[place : place + 6] for place in range(0, len(fine), 6)]
            want = [max(part) if metric == "memory" else sum(part) / 6 for part in parts]
            assert values == pytest.approx(want, abs=0.0011)


def test_equal_arguments_give_equal_tables(who: Company, tmp_path: Path) -> None:
    """And another seed gives other ones."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_telemetry(tmp_path / name, who, world=TelemetryWorld(seed=seed), days=3)
    tables = [pq.read_table(tmp_path / name / SERIES_FILE) for name in "abc"]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])


def test_the_series_of_a_seed_are_pinned(tmp_path: Path) -> None:
    """Whole numbers all the way, so the same on any machine: the digest of one day as text."""
    write_telemetry(tmp_path, company(7, slots=1), days=1, step_minutes=60)
    rows = pq.read_table(tmp_path / SERIES_FILE).to_pylist()
    text = "\n".join(f"{row['resource']} {row['metric']} {row['time']} {row['value']}" for row in rows)
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "9bb07f8d9b621d22"


def test_samples_are_lost_where_they_are_told_to_be(who: Company, tmp_path: Path) -> None:
    """With outages each day some hours are missing; an unmonitored machine has no row but a need."""
    world = TelemetryWorld(gap=1000, unmonitored=300)
    truth = write_telemetry(tmp_path, who, world=world, days=3)
    rows = pq.read_table(tmp_path / SERIES_FILE).to_pylist()
    seen = defaultdict(int)
    for row in rows:
        seen[row["resource"]] += row["metric"] in ("cpu", "space")
    assert truth["unmonitored"]
    assert not set(truth["unmonitored"]) & set(seen)
    assert max(seen.values()) < 3 * 96
    assert all("cpu_p99_cores" in truth["resources"][name] for name in truth["unmonitored"])


def test_the_sample_is_small(tmp_path: Path) -> None:
    """The default window of the sample company takes less than 2.5 MB."""
    truth = write_telemetry(tmp_path, company(20_260_918, slots=160))
    assert (tmp_path / SERIES_FILE).stat().st_size < 2_500_000
    assert len(truth["resources"]) >= 60
    assert (truth["start"], truth["end"]) == ("2026-08-21", "2026-09-18")


@pytest.mark.parametrize(("days", "minutes", "rule"), [(0, 15, "at least one day"), (3, 7, "known are 5")])
def test_impossible_windows_are_refused(
    who: Company, tmp_path: Path, days: int, minutes: int, rule: str
) -> None:
    """No day, or a step that does not divide an hour."""
    with pytest.raises(ValueError, match=rule):
        write_telemetry(tmp_path, who, days=days, step_minutes=minutes)
