"""How well are odd days found: ours against six usual ways, on real and planted series.

``python -m tests.benchmarks.anomaly [--data DIR] [--seed N] [--quick] --json``. DIR holds daily series in
``forecast/`` (as the forecast benchmark takes them) and metrics in ``anomaly/nab`` or ``nab`` with their
``windows.json``; without it, planted ones are made. Sets: ``nab`` (the score of that benchmark, one
threshold for all files, which no scored file has chosen; time of each stage in microseconds a value),
``injected`` (events put into daily series: recall at rates of false alarms per series-month), ``clean``
(hierarchies in which nothing is wrong: the share of months with a false word; with real events: the share
of what is told that is false; seconds of one core for one new day).
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from tests.benchmarks import anomaly_clean, anomaly_nab, anomaly_ours, anomaly_peers, anomaly_sets
from tests.benchmarks.anomaly_measures import measured
from tests.benchmarks.told import tell

PACKAGES = ("finops-workbench", "numpy", "prophet", "scikit-learn", "statsforecast", "statsmodels")
RUNS, QUICK_RUNS = 3, 2
Rows = list[dict[str, Any]]


def lines(name: str, method: str, found: dict[str, float]) -> Rows:
    """Write numbers as result lines, and say them."""
    sys.stderr.write(f"{name} {method} { ({key: round(value, 4) for key, value in found.items()}) }\n")
    return [
        {"set": name, "method": method, "metric": metric, "value": round(value, 5)}
        for metric, value in found.items()
    ]


def on_nab(data: Path | None, *, seed: int) -> Rows:
    """Score the stream detector on the files, or on planted ones."""
    metrics = anomaly_nab.given(data) if data else anomaly_nab.planted(seed)
    if not metrics:
        return []
    told, latency = anomaly_nab.measured(metrics)
    return lines("nab", "ours", told | latency | {"files": float(len(metrics))})


def on_injected(data: Path | None, *, seed: int, quick: bool) -> Rows:
    """Score every method on the same series with the same events."""
    given = anomaly_sets.injected(data, seed=seed, quick=quick)
    told: Rows = []
    for method in ("ours", *anomaly_peers.METHODS):
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("error" if method == "ours" else "ignore")
            if method == "ours":
                scores = anomaly_ours.scored(given.values)
            else:
                scores = anomaly_peers.scored(method, given.values)
        spent = time.perf_counter() - start
        found = measured(scores, given) | {"seconds_per_series": spent / len(given.values)}
        told += lines("injected", method, found)
    return told


def results(data: Path | None, *, seed: int, quick: bool) -> Rows:
    """Measure on all sets."""
    told = on_nab(data, seed=seed)
    told += on_injected(data, seed=seed, quick=quick)
    found = anomaly_clean.measured(seed=seed, quick=quick, runs=QUICK_RUNS if quick else RUNS)
    return told + lines("clean", "ours", found)


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.anomaly", description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="folder with forecast/ and anomaly/nab; planted sets without"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="twelve series, a tenth of the hierarchies")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    found = results(given.data, seed=given.seed, quick=given.quick)
    tell("anomaly", found, packages=PACKAGES)


if __name__ == "__main__":
    main()
