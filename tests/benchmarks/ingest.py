"""How fast, and in how much memory, is a bill taken in: ours against a bare DuckDB copy and pandas.

``python -m tests.benchmarks.ingest [--data DIR] [--seed N] [--quick] --json``. Each method runs in a process
of its own, in turn; processor seconds and peak memory are those of the operating system. Ours checks every
row, reads tags, gives pseudonyms and commits to the lake; the peers turn csv.gz into Parquet and no more.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psutil

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.estate.write import benchmark_part
from finops_lib.keys import KEY_VARIABLE
from finops_lib.privacy import People

SETS = {"parts_2": 2, "parts_20": 20}
ROWS, QUICK_ROWS = 1_000_000, 50_000
NOW = datetime(2026, 8, 20, tzinfo=UTC)
PACKAGES = ("duckdb", "pandas", "pyarrow", "deltalake")


def ours(parts: Path, out: Path) -> None:
    """Take the parts into a lake."""
    people = People.open(out / "lake", {KEY_VARIABLE: "a key for the benchmark alone, no secret"})
    ingest([parts], lake=Lake(out / "lake"), people=people, now=NOW)


def duckdb_copy(parts: Path, out: Path) -> None:
    """Copy the parts to one Parquet file."""
    source = f"read_csv('{parts}/*.gz', union_by_name = true)"
    duckdb.sql(f"COPY (SELECT * FROM {source}) TO '{out}/copy.parquet' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608  # our own folder


def pandas(parts: Path, out: Path) -> None:
    """Read and write one part after the other."""
    for path in sorted(parts.glob("*.gz")):
        pd.read_csv(path, low_memory=False).to_parquet(out / f"{path.stem}.parquet", compression="zstd")


METHODS: dict[str, Callable[[Path, Path], None]] = {
    "ours": ours,
    "duckdb_copy": duckdb_copy,
    "pandas": pandas,
}


def measured(method: str, parts: Path, out: Path) -> tuple[float, float]:
    """Run one method in a process; return its processor seconds and its peak memory, MiB."""
    out.mkdir()
    command = [sys.executable, "-m", "tests.benchmarks.ingest", "--job", method, str(parts), str(out)]
    process = subprocess.Popen(command)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{method} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def results(name: str, parts: Path, rows: int, folder: Path) -> list[dict[str, Any]]:
    """Measure every method on one set."""
    lines = []
    for method in METHODS:
        seconds, peak = measured(method, parts, folder / f"{name}-{method}")
        found = {"rows_per_cpu_second": round(rows / seconds), "peak_rss_mb": round(peak)}
        sys.stderr.write(f"{name} {method}: {found}\n")
        lines += [
            {"set": name, "method": method, "metric": key, "value": value} for key, value in found.items()
        ]
    return lines


def planted(folder: Path, *, count: int, rows: int, seed: int) -> Path:
    """Write the parts of one delivery."""
    folder.mkdir()
    for part in range(count):
        benchmark_part(folder / f"part-{part:05d}.csv.gz", rows=rows, seed=seed, part=part)
    return folder


def counted(parts: Path) -> int:
    """Count the rows of the parts of a folder."""
    found = duckdb.sql(f"SELECT count(*) FROM read_csv('{parts}/*.gz', union_by_name = true)").fetchone()  # noqa: S608  # a folder that the user names
    return int(found[0]) if found else 0


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ingest", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of csv.gz parts to measure on instead")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="50 thousand rows a part instead of a million")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    rows, lines = QUICK_ROWS if given.quick else ROWS, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.data:
            lines = results(given.data.name, given.data, counted(given.data), folder)
        for key, count in {} if given.data else SETS.items():
            parts = planted(folder / key, count=count, rows=rows, seed=given.seed)
            lines += results(key, parts, count * rows, folder)
    machine = {
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total >> 20,
        "arch": platform.machine(),
    }
    versions = {"python": platform.python_version()} | {
        item: importlib.metadata.version(item) for item in PACKAGES
    }
    told = {"benchmark": "ingest", "results": lines, "machine": machine, "versions": versions}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        METHODS[sys.argv[2]](Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
