"""Which cells explain a move: ours against Adtributor, a Squeeze-like search, RiskLoc and a greedy tree.

``python -m tests.benchmarks.cause [--seed N] [--quick] --json``. 200 cubes a noise level (20 with `--quick`)
are planted from the seed, see `cause_cubes`; every method answers each of them before the next cube is made.
F1 is over all cubes of a level: an answered cell counts when exactly the same values were planted. No file is
read: ``--data`` is taken and not used. `seconds_per_case` is the mean over both levels.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.cost.drivers.cells import cells
from tests.benchmarks import cause_peers
from tests.benchmarks.cause_cubes import Case, Cell, planted
from tests.benchmarks.told import tell

CASES, QUICK_CASES = 200, 20
NOISES = {"f1_noise_3": 0.03, "f1_noise_15": 0.15}
PACKAGES = ("finops-workbench", "numpy", "pandas", "scikit-learn")
NAMES = ("service", "account", "region", "team")
Method = Callable[[Case], tuple[set[Cell], float]]


def ours(case: Case) -> tuple[set[Cell], float]:
    """Answer from a table of exact amounts, as an analyst has it; the table is made off the clock."""
    moves = pd.DataFrame({name: code.astype(str) for name, code in zip(NAMES, case.codes, strict=True)})
    for name, amounts in (("Previous", case.before), ("Current", case.after)):
        moves[name] = [Decimal(round(amount * 10**6)) / 10**6 for amount in amounts]
    start = time.perf_counter()
    found = cells(moves, by=NAMES)
    seconds = time.perf_counter() - start
    named = {
        frozenset((NAMES.index(n), int(value)) for n, value in cell.where.items()) for cell in found.cells
    }
    return named, seconds


def peer(name: str) -> Method:
    """Wrap a peer: codes and amounts in, cells and seconds out."""

    def answered(case: Case) -> tuple[set[Cell], float]:
        start = time.perf_counter()
        named = cause_peers.METHODS[name](case.codes, case.before.copy(), case.after.copy())
        return named, time.perf_counter() - start

    return answered


METHODS: dict[str, Method] = {"ours": ours, **{name: peer(name) for name in cause_peers.METHODS}}


def results(*, seed: int, quick: bool) -> list[dict[str, Any]]:
    """Ask every method about every cube."""
    count = QUICK_CASES if quick else CASES
    seconds = dict.fromkeys(METHODS, 0.0)
    told = []
    for metric, noise in NOISES.items():
        hits = {name: np.zeros(3, dtype=int) for name in METHODS}
        for case in planted(count, noise=noise, seed=seed):
            for name, method in METHODS.items():
                named, spent = method(case)
                hits[name] += (len(named & case.truth), len(named), len(case.truth))
                seconds[name] += spent
        told += [_line(name, metric, 2 * both / (found + real)) for name, (both, found, real) in hits.items()]
    return told + [
        _line(name, "seconds_per_case", spent / (count * len(NOISES))) for name, spent in seconds.items()
    ]


def _line(method: str, metric: str, value: float) -> dict[str, Any]:
    sys.stderr.write(f"cubes {method} {metric} {value:.4f}\n")
    return {"set": "cubes", "method": method, "metric": metric, "value": round(float(value), 5)}


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cause", description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: all cubes are planted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="20 cubes a noise level")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    found = results(seed=given.seed, quick=given.quick)
    tell("cause", found, packages=PACKAGES)


if __name__ == "__main__":
    main()
