"""Write the sample company: ``python -m finops_lib.estate FOLDER``; with ``--format``, its AWS bills."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from finops_lib.estate.whole import write_whole
from finops_lib.estate.write import FORMATS, write_estate

SAMPLE_ROWS, SAMPLE_SEED = 60_000, 20_260_918


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the company, or bills of AWS in the formats asked for, and say how large they are.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; None reads it from the process.

    Returns
    -------
    int
        0.
    """
    parser = argparse.ArgumentParser(prog="python -m finops_lib.estate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=SAMPLE_ROWS, help="rows of each format, about")
    parser.add_argument("--seed", type=int, default=SAMPLE_SEED)
    parser.add_argument("--months", type=int, default=14)
    parser.add_argument("--format", dest="formats", action="append", choices=FORMATS, help="focus and cur")
    parser.add_argument("--type", default="csv.gz", choices=("csv.gz", "csv", "parquet"))
    given = parser.parse_args(arguments)
    if given.formats:
        truth = write_estate(
            given.folder, rows=given.rows, seed=given.seed, months=given.months,
            formats=given.formats, file_type=given.type,
        )  # fmt: skip
        for name, rows in truth.rows.items():
            sys.stdout.write(f"{given.folder / name}: {sum(rows.values())} rows in {len(rows)} deliveries\n")
        return 0
    for name in write_whole(given.folder, rows=given.rows, seed=given.seed, months=given.months):
        sys.stdout.write(f"{given.folder}: {name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
