"""How much of what was possible does a commitment for a year save: ours against the rules of the field.

``python -m tests.benchmarks.commitments [--seed N] [--quick] --json``. Each set holds 60 planted scopes (12
with ``--quick``), see `commitments_sets`. Every rule sees the same past, names one commitment for the year to
come, and is judged by that year: ``share_of_optimum`` is the mean over scopes of its saving over that of the
best commitment of hindsight, ``least_share`` the worst of them (below zero: it cost more than none). No file
is read: ``--data`` is taken and not used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from finops_lib.optimize.commitments.cost import share_of_optimum
from finops_lib.optimize.commitments.rules import RULES
from tests.benchmarks.commitments_sets import RATES, planted
from tests.benchmarks.told import tell

CASES, QUICK_CASES = 60, 12
PACKAGES = ("finops-workbench", "numpy", "scipy")
NAMES = {"predictive": "ours"}


def results(*, seed: int, quick: bool) -> list[dict[str, Any]]:
    """Ask every rule about every scope."""
    count = QUICK_CASES if quick else CASES
    told = []
    for name in RATES:
        shares: dict[str, list[float]] = {rule: [] for rule in RULES}
        for case in planted(name, count, seed=seed):
            for rule, asked in RULES.items():
                level = float(asked(case.past, np.array([case.discount]))[0])
                shares[rule].append(share_of_optimum(case.future, level, discount=case.discount))
        for rule, found in shares.items():
            measures = {"share_of_optimum": np.mean(found), "least_share": np.min(found)}
            told += [_line(name, NAMES.get(rule, rule), metric, value) for metric, value in measures.items()]
    return told


def _line(chosen: str, method: str, metric: str, value: float) -> dict[str, Any]:
    sys.stderr.write(f"{chosen} {method} {metric} {value:.4f}\n")
    return {"set": chosen, "method": method, "metric": metric, "value": round(float(value), 5)}


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.commitments", description=__doc__)
    parser.add_argument("--data", type=Path, help="not used: all use is planted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="12 scopes a set")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    tell("commitments", results(seed=given.seed, quick=given.quick), packages=PACKAGES)


if __name__ == "__main__":
    main()
