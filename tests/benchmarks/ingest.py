"""How fast, and in how much memory, is a bill taken in: ours against a bare DuckDB copy and pandas.

``python -m tests.benchmarks.ingest [--data DIR] [--seed N] [--quick] --json``. Each method runs in a process
of its own, in turn; processor seconds (user and system) and peak memory (MiB) are those of the operating
system, with imports and children. Ours checks every row, reads tags, gives pseudonyms and commits to the
lake; the peers turn csv.gz into Parquet and no more.

A process starts with the peak memory of the one that started it, so this one stays small: it imports no
library, and parts are written and counted by jobs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.told import tell

SETS = {"parts_2": 2, "parts_20": 20}
ROUNDS = {"parts_2": 3}  # the median counts; a set not named runs once
ROWS, QUICK_ROWS = 1_000_000, 100_000
NOW = datetime(2026, 8, 20, tzinfo=UTC)
PACKAGES = ("duckdb", "pandas", "pyarrow", "deltalake")
PARTS = "*.csv.gz"


def ours(parts: Path, out: Path) -> int:
    """Take the parts into a fresh lake."""
    from finops_lib.billing.ingest import ingest  # noqa: PLC0415  # each job pays for its own imports
    from finops_lib.billing.lake import Lake  # noqa: PLC0415
    from finops_lib.keys import KEY_VARIABLE  # noqa: PLC0415
    from finops_lib.privacy import People  # noqa: PLC0415

    people = People.open(out / "lake", {KEY_VARIABLE: "a key for the benchmark alone, no secret"})
    found = ingest([parts], lake=Lake(out / "lake"), people=people, now=NOW)
    if found.rows_quarantined:
        sys.stderr.write(f"ours set {found.rows_quarantined} rows aside\n")
    return found.rows_read


def duckdb_copy(parts: Path, out: Path) -> int:
    """Copy the parts to one Parquet file."""
    import duckdb  # noqa: PLC0415

    source = f"read_csv('{parts}/{PARTS}')"
    copy = f"COPY (SELECT * FROM {source}) TO '{out}/copy.parquet' (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608  # folders of the caller
    return int(duckdb.execute(copy).fetchall()[0][0])


def pandas(parts: Path, out: Path) -> int:
    """Read and write one part after the other."""
    import pandas as pd  # noqa: PLC0415

    rows = 0
    for path in sorted(parts.glob(PARTS)):
        frame = pd.read_csv(path, low_memory=False)
        frame.to_parquet(out / f"{path.name}.parquet", compression="zstd")
        rows += len(frame)
    return rows


METHODS: dict[str, Callable[[Path, Path], int]] = {
    "ours": ours,
    "duckdb_copy": duckdb_copy,
    "pandas": pandas,
}


def plant(folder: Path, count: int, rows: int, seed: int) -> int:
    """Write the parts of one delivery."""
    from finops_lib.estate.write import benchmark_part  # noqa: PLC0415

    for part in range(count):
        benchmark_part(folder / f"part-{part:05d}.csv.gz", rows=rows, seed=seed, part=part)
        sys.stderr.write(f"wrote part {part + 1} of {count}\n")
    return count * rows


def counted(parts: Path) -> int:
    """Count the rows of a folder of parts."""
    import duckdb  # noqa: PLC0415

    found = duckdb.execute(f"SELECT count(*) FROM read_csv('{parts}/{PARTS}')").fetchall()  # noqa: S608  # a folder that the user names
    return int(found[0][0])


def job(name: str, arguments: list[str]) -> int:
    """Do one job in this process; return the rows it saw."""
    folder, *rest = arguments
    if name == "plant":
        return plant(Path(folder), *map(int, rest))
    if name == "counted":
        return counted(Path(folder))
    return METHODS[name](Path(folder), Path(rest[0]))


def started(name: str, *arguments: object) -> tuple[int, float, float]:
    """Do one job in a process of its own; return rows, processor seconds and peak memory, MiB."""
    command = [sys.executable, "-m", "tests.benchmarks.ingest", "--job", name, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as pipe:
        printed = pipe.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    return int(printed.split()[-1]), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def measured(method: str, parts: Path, rows: int, out: Path) -> tuple[float, float]:
    """Run one method once; return its rows per processor second and its peak memory, MiB."""
    out.mkdir()
    seen, seconds, peak = started(method, parts, out)
    shutil.rmtree(out)
    if seen != rows:
        raise SystemExit(f"{method} read {seen} rows of {rows}")
    sys.stderr.write(f"{parts.name} {method}: {seconds:.1f} processor seconds, {peak:.0f} MiB\n")
    return rows / seconds, peak


def results(name: str, parts: Path, rows: int, out: Path) -> list[dict[str, Any]]:
    """Measure every method on one set, one after the other in each round."""
    runs: dict[str, list[tuple[float, float]]] = {method: [] for method in METHODS}
    for _ in range(ROUNDS.get(name, 1)):
        for method, found in runs.items():
            found.append(measured(method, parts, rows, out))
    lines = []
    for method, found in runs.items():
        speeds, peaks = zip(*found, strict=True)
        for metric, values in (("rows_per_cpu_second", speeds), ("peak_rss_mb", peaks)):
            value = round(statistics.median(values))
            lines.append({"set": name, "method": method, "metric": metric, "value": value})
    return lines


def linked(source: Path, folder: Path, count: int) -> Path:
    """Make a set of the first parts; each part has content of its own."""
    folder.mkdir()
    for path in sorted(source.glob(PARTS))[:count]:
        (folder / path.name).hardlink_to(path)
    return folder


def given_set(data: Path, out: Path) -> list[dict[str, Any]]:
    """Measure on a folder of the user."""
    parts = data.resolve()
    rows, _, _ = started("counted", parts)
    return results(parts.name, parts, rows, out)


def made_sets(folder: Path, *, rows: int, seed: int, out: Path) -> list[dict[str, Any]]:
    """Write parts and measure on the sets."""
    started("plant", folder / "all", max(SETS.values()), rows, seed)
    lines = []
    for name, count in SETS.items():
        lines += results(name, linked(folder / "all", folder / name, count), count * rows, out)
    return lines


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ingest", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of csv.gz parts to measure on instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="100 thousand rows a part instead of a million")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name), Path(name) / "out"
        if given.data:
            lines = given_set(given.data, out)
        else:
            rows = QUICK_ROWS if given.quick else ROWS
            lines = made_sets(folder, rows=rows, seed=given.seed, out=out)
    tell("ingest", lines, packages=PACKAGES)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        sys.stdout.write(f"{job(sys.argv[2], sys.argv[3:])}\n")
    else:
        main()
