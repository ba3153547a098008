"""Is our export good FOCUS 1.2: ``python -m tests.conformance [--json]``, or ``make conformance``.

Makes a lake of the whole sample company, of all its providers, and one of the AWS bills in their older form;
exports each and lets focus-validator judge the file in an environment of its own. Exits 1 if a rule fails
that ``known.toml`` does not argue. All of the judge's optional criteria are asked for: among the company's
providers each is supported by one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import repeat
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from finops_lib.billing.engine import Engine
from finops_lib.billing.export import export_focus
from finops_lib.billing.lake import Lake
from finops_lib.keys import KEY_VARIABLE
from finops_lib.run.demo import fill_lake
from tests.conformance.judge import FAILED, PASSED, SKIPPED, Ruling, findings, known_rules, rulings, stale

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = MappingProxyType({"whole": ".", "cur": "cur"})  # folders of the sample bills
MODEL = "1.2.0.1"
LEAST_DECIDED = 360  # rules that the judge passes or fails; a column it cannot read would make them fewer
KEY = {KEY_VARIABLE: "a key for this run alone, no secret"}


def exported(samples: Path, folder: Path) -> Path:
    """Take the sample into a lake of its own and write it as FOCUS 1.2."""
    fill_lake(folder / "lake", samples=samples, environ=KEY)
    path = folder / "export.parquet"
    with Engine(Lake(folder / "lake")) as engine:
        export_focus(engine, path)
    return path


def judged(path: Path, environment: Path) -> dict[str, Ruling]:
    """Let the judge read the file; it finds its rules in the package only as seen from its folder."""
    package = next(environment.glob("lib/python3*/site-packages/focus_validator"))
    (path.parent / package.name).symlink_to(package)
    command = [
        environment / "bin" / "focus-validator", "--data-file", path.name, "--block-download",
        "--validate-version", MODEL, "--applicability-criteria", "ALL",
    ]  # fmt: skip
    done = subprocess.run(
        list(map(str, command)), cwd=path.parent, capture_output=True, text=True, check=False
    )
    try:
        found = rulings(done.stdout)
    except ValueError as error:
        raise SystemExit(
            f"{error}; it ended with {done.returncode} and said: {done.stderr[-2000:]}"
        ) from error
    decided = sum(item.result != SKIPPED for item in found.values())
    if decided < LEAST_DECIDED:
        raise SystemExit(
            f"the judge decided {decided} rules, fewer than {LEAST_DECIDED}: it could not read all"
        )
    return found


def report(sample: str, samples: Path, environment: Path) -> dict[str, Any]:
    """Judge one sample: counts, what failed and why it may, entries that are needed no more."""
    with tempfile.TemporaryDirectory() as folder:
        path = exported(samples / SAMPLES[sample], Path(folder).resolve())
        ruled = judged(path, environment)
        with duckdb.connect() as bill:
            bill.read_parquet(str(path)).create_view("bill")
            known = known_rules(sample)
            found = findings(ruled, known, lambda holds: breaking(bill, holds))
            rows = count(bill, "SELECT count(*) FROM bill")
    results = Counter(item.result for item in ruled.values())
    return {
        "sample": sample,
        "rows": rows,
        "passed": results[PASSED],
        "failed": results[FAILED],
        "not_decided": results[SKIPPED],
        "rules": [asdict(item) for item in found],
        "needed_no_more": stale(ruled, known),
        "good": all(item.excused for item in found),
    }


def count(bill: duckdb.DuckDBPyConnection, sql: str) -> int:
    """Read one number."""
    return int(bill.execute(sql).fetchall()[0][0])


def breaking(bill: duckdb.DuckDBPyConnection, holds: str) -> int:
    """Count the rows of which the condition is not true."""
    return count(bill, f"SELECT count(*) FROM bill WHERE ({holds}) IS NOT TRUE")  # noqa: S608  # of known.toml


def table(found: Mapping[str, Any]) -> str:
    """Say it in lines: rule, result, reason; rules that only follow others come last, in one line."""
    lines = [
        f"{found['sample']}: {found['rows']} rows; {found['passed']} rules passed, {found['failed']} failed, "
        f"{found['not_decided']} cannot be decided by the judge"
    ]
    own = [item for item in found["rules"] if item["result"] != "follows"]
    lines += [f"  {item['rule']:<38} {item['result']:<18} {item['reason']}" for item in own]
    follows = [item["rule"] for item in found["rules"] if item["result"] == "follows"]
    lines += [f"  follow from these: {', '.join(follows)}"] if follows else []
    lines += [f"  {rule:<38} no longer fails: take it off the list" for rule in found["needed_no_more"]]
    return "\n".join(lines)


def main() -> int:
    """Judge every sample and say whether all is well or argued."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--environment", type=Path, default=ROOT / ".venv-conformance", help="of the judge")
    parser.add_argument("--samples", type=Path, default=ROOT / "data" / "samples", help="bills to export")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    given = parser.parse_args()
    if not (given.environment / "bin" / "focus-validator").exists():
        parser.error(f"no focus-validator in {given.environment.name}: `make conformance` makes it")
    with ProcessPoolExecutor(len(SAMPLES)) as pool:
        found = list(pool.map(report, SAMPLES, repeat(given.samples), repeat(given.environment.resolve())))
    good = all(item["good"] for item in found)
    if given.json:
        told = {"conformance": found, "good": good, "model": MODEL}
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        verdict = "conforms, but for what is argued above" if good else "DOES NOT CONFORM: see FAILED above"
        sys.stdout.write("\n".join([*map(table, found), verdict, ""]))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
