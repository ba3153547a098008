"""How much does rightsizing save, and how often is it too little: ours against the rules of the field.

``python -m tests.benchmarks.rightsize [--data DIR] [--seed N] [--quick] --json``. DIR holds traces of use as
parquet files, itself or in ``rightsize/``; without it, workloads are planted. Workloads are split in two by a
hash of name and seed. Each rule's knob is fixed on the first half's earlier windows for a mean share of 1 %
of samples above the size, then used blind on the second half's last windows. ``saving_pct`` weighs workloads
by capacity; ``breach_pct`` is the mean share of samples above the size; ``promise_kept_share`` the share of
workloads with at most 2 % of samples above it, whatever the rule itself says. Where every workload has one
window only, that is the earlier and the last one. Rules called ``shipped`` keep their own knob.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from finops_lib.optimize.past import paired
from finops_lib.optimize.price import Promise
from finops_lib.optimize.strategies.predictive import learned
from finops_lib.optimize.windows import Histories
from tests.benchmarks import rightsize_peers, rightsize_sets
from tests.benchmarks.rightsize_sets import DAY, MEAN_OF, STEP_SECONDS, Set
from tests.benchmarks.told import tell

BOUND = 0.02
PROMISES = {"ours": Promise(kept=0.0), "ours_kept": Promise()}  # the mean share alone, as the others; both
MANY, QUICK_MANY, MANY_DAYS = 10_000, 1000, 14
KIB_PER_MIB = 1024
PACKAGES = ("finops-workbench", "numpy", "scikit-learn")
Rows = list[dict[str, Any]]


def ours(dev: Histories, future: np.ndarray, test: Histories, *, promise: Promise) -> np.ndarray:
    """Learn from the past windows, then size."""
    return rightsize_peers.each(test, learned(paired(dev, future), promise=promise))


def sizes(chosen: Set, *, seed: int) -> dict[str, np.ndarray]:
    """Let every rule size the windows that are judged, in shares of the capacity."""
    first, second = chosen.learned_from(seed), chosen.judged(seed)
    dev, future, test = chosen.past.rows(first), chosen.future[first], chosen.past.rows(second)
    found = {name: ours(dev, future, test, promise=promise) for name, promise in PROMISES.items()}
    found["survival"] = rightsize_peers.survival(dev, future, test)
    for name, rule in rightsize_peers.RULES.items():
        found[name] = rightsize_peers.scaled(rule, dev, future, test)
    for name, rule in rightsize_peers.SHIPPED.items():
        found[name] = rightsize_peers.each(test, rule)
    return found


def measures(chosen: Set, allotted: np.ndarray, *, seed: int) -> dict[str, float]:
    """Score one rule on one set."""
    second = chosen.judged(seed)
    capacity = chosen.past.capacity[second]
    breach = rightsize_peers.exceeded(chosen.future[second] / capacity[:, None], allotted)
    return {
        "saving_pct": float(100 * (1 - (allotted * capacity).sum() / capacity.sum())),
        "breach_pct": float(100 * breach.mean()),
        "promise_kept_share": float((breach <= BOUND).mean()),
    }


def lines(name: str, method: str, found: dict[str, float]) -> Rows:
    """Write numbers as result lines, and say them."""
    sys.stderr.write(f"{name} {method} { ({key: round(value, 4) for key, value in found.items()}) }\n")
    return [
        {"set": name, "method": method, "metric": metric, "value": round(value, 5)}
        for metric, value in found.items()
    ]


def on_many(*, workloads: int, seed: int) -> Rows:
    """Take time and memory of ours: learn from past windows, then size everything."""
    draw = np.random.default_rng(seed)
    clock = np.arange(MANY_DAYS * DAY)
    wave = 1 + 0.5 * np.sin(2 * np.pi * clock / DAY)
    use = draw.gamma(4.0, 0.02, size=(workloads, len(clock))) * wave
    fleet = Histories(
        tuple(f"w{number}" for number in range(workloads)), use, STEP_SECONDS, np.ones(workloads), "cpu"
    )
    start = time.perf_counter()
    asked = fleet.rows(np.arange(0, workloads, max(workloads // 1000, 1)))
    past = paired(asked.last(7 * DAY, before=7 * DAY), asked.use[:, -7 * DAY :])
    learned(past, seed=seed)(fleet)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    found = {"workloads_per_second": workloads / seconds, "seconds": seconds, "peak_rss_mb": peak}
    return lines(f"planted_{workloads}x{MANY_DAYS}d", "ours", found)


def results(data: Path | None, *, seed: int, quick: bool) -> Rows:
    """Measure time first, while no peer has used memory, then every rule on every set."""
    told = on_many(workloads=QUICK_MANY if quick else MANY, seed=seed)
    sets = rightsize_sets.given(data) if data else rightsize_sets.planted(seed)
    scores: dict[str, dict[str, dict[str, float]]] = {}
    for chosen in sets:
        for method, allotted in sizes(chosen, seed=seed).items():
            found = measures(chosen, allotted, seed=seed)
            scores.setdefault(method, {})[chosen.name] = found
            told += lines(chosen.name, method, found)
    for method, by_set in scores.items():
        judged = [found for name, found in by_set.items() if name in MEAN_OF or not data]
        if judged:  # a folder may hold other traces only
            mean = {key: float(np.mean([found[key] for found in judged])) for key in judged[0]}
            told += lines("mean", method, mean)
    return told


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.rightsize", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with traces; planted workloads without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a thousand workloads for the time, not ten")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    tell("rightsize", results(given.data, seed=given.seed, quick=given.quick), packages=PACKAGES)


if __name__ == "__main__":
    main()
