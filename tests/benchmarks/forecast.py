"""How near are forecasts and their intervals: ours against statsforecast, Prophet and LightGBM.

``python -m tests.benchmarks.forecast [--data DIR] [--seed N] [--quick] --json``. DIR holds ``sets.json`` with
parquet files (series, split, step, value) and bills (group, series, date, value; ``*_daily_cost_*.csv``),
itself or in ``forecast/``; without it, planted sets are made. All methods of a set run one after the other on
the same series. OWA, MASE and MSIS stand against the season of ``mase_season``; Naive2 too. Month budgets are
replayed on every daily set: 28 days, asked after 0, 7, 14 and 21 of them; calibration errors are shares, not
percent. Coverage of ``total`` and ``team_total`` is that of sums over the horizon, of one and of five series.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from finops_lib import backtest
from finops_lib.forecast.ensemble import forecast
from finops_lib.forecast.intervals import each_step
from finops_lib.forecast.panel import Panel
from finops_lib.forecast.simple import naive2
from tests.benchmarks import forecast_budgets, forecast_peers, forecast_sets
from tests.benchmarks.forecast_peers import Answer
from tests.benchmarks.forecast_sets import Bill, Set
from tests.benchmarks.forecast_sums import sums
from tests.benchmarks.told import tell

JOBS = 2
QUICK_SERIES, QUICK_ORIGINS = 12, 3
MANY, QUICK_MANY = 1000, 100
KIB_PER_MIB = 1024
LEVELS = (0.8, 0.95)
PACKAGES = ("finops-workbench", "numpy", "statsforecast", "prophet", "lightgbm")
Rows = list[dict[str, Any]]


def ours(history: list[np.ndarray], *, step: str, season: int, horizon: int) -> Answer:
    """Forecast with back-test, weights and intervals."""
    names = tuple(f"s{number}" for number in range(len(history)))
    outlook = forecast(Panel(names, tuple(history), step, season), horizon=horizon, jobs=JOBS)
    bands = {level: each_step(outlook, level=level)[::2] for level in LEVELS}
    return Answer(outlook.mid, bands, outlook)


METHODS: dict[str, Callable[..., Answer]] = {"ours": ours, **forecast_peers.METHODS}


def timed(method: str, history: list[np.ndarray], **asked: Any) -> tuple[Answer, float]:
    """Run one method and take the time, s."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error" if method == "ours" else "ignore")
        answer = METHODS[method](history, **asked)
    return answer, time.perf_counter() - start


def measures(answer: Answer, actual: np.ndarray, *, scale: np.ndarray) -> dict[str, float]:
    """Score points and intervals, means over series and steps."""
    known = scale > 0
    found = {
        "mase": backtest.mase(actual, answer.mid, scale=np.where(known, scale, np.nan))[known].mean(),
        "smape": backtest.smape(actual, answer.mid).mean(),
    }
    for level, (low, high) in answer.bands.items():
        found[f"coverage{level * 100:.0f}"] = backtest.coverage(actual, low, high).mean()
    if LEVELS[-1] in answer.bands:
        low, high = answer.bands[LEVELS[-1]]
        found["msis95"] = backtest.msis(actual, low, high, level=LEVELS[-1], scale=scale)[known].mean()
    return {name: float(value) for name, value in found.items()}


def lines(name: str, method: str, found: dict[str, float]) -> Rows:
    """Write numbers as result lines, and say them."""
    sys.stderr.write(f"{name} {method} { ({key: round(value, 4) for key, value in found.items()}) }\n")
    return [
        {"set": name, "method": method, "metric": metric, "value": round(value, 5)}
        for metric, value in found.items()
    ]


def on_set(chosen: Set, *, seed: int) -> Rows:
    """Measure every method on one set."""
    longest = max(map(len, chosen.history))
    table = np.array([np.pad(s, (longest - len(s), 0), constant_values=np.nan) for s in chosen.history])
    scale = backtest.seasonal_step(table, season=chosen.mase_season)
    bare = Answer(naive2(table, horizon=chosen.horizon, season=chosen.mase_season), {})
    base = measures(bare, chosen.actual, scale=scale)
    told: Rows = []
    for method in METHODS:
        answer, seconds = timed(
            method, chosen.history, step=chosen.step, season=chosen.season, horizon=chosen.horizon
        )
        found = measures(answer, chosen.actual, scale=scale)
        found["owa"] = backtest.owa(
            mase_value=found["mase"],
            smape_value=found["smape"],
            naive_mase=base["mase"],
            naive_smape=base["smape"],
        )
        found["seconds_per_series"] = seconds / len(chosen.history)
        if answer.outlook is not None:
            found |= sums(answer.outlook, chosen.actual, seed=seed)
        told += lines(chosen.name, method, found)
    return told


def on_bill(bill: Bill, *, origins: int | None) -> Rows:
    """Measure every method on one real bill, from an origin every 28 days from the sixth month on."""
    told: Rows = []
    for horizon in forecast_sets.BILL_HORIZONS:
        moments = bill.origins(horizon)[-origins if origins else None :]
        for method in METHODS:
            scores: list[dict[str, float]] = []
            seconds, count = 0.0, 0
            for moment in moments:
                history, actual = bill.at(moment, horizon)
                answer, spent = timed(method, history, step="day", season=7, horizon=horizon)
                scale = np.array([backtest.seasonal_step(series, season=7) for series in history])
                scores += [measures(answer, actual, scale=scale)] * len(history)
                seconds, count = seconds + spent, count + len(history)
            means = {key: float(np.mean([score[key] for score in scores])) for key in scores[0]}
            told += lines(f"{bill.name}_{horizon}", method, means | {"seconds_per_series": seconds / count})
    return told


def on_many(*, series: int, seed: int) -> Rows:
    """Measure time and memory of ours alone on many short daily series, before any peer has used memory."""
    many = forecast_sets.many(series, seed=seed)
    _, seconds = timed("ours", many.history, step=many.step, season=many.season, horizon=many.horizon)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    return lines(many.name, "ours", {"seconds_per_series": seconds / series, "peak_rss_mb": peak})


def results(data: Path | None, *, seed: int, quick: bool) -> Rows:
    """Measure on all sets, bills and budgets."""
    sets, bills = forecast_sets.given(data) if data else forecast_sets.planted(seed)
    if quick:
        sets = [chosen.sample(QUICK_SERIES, seed=seed) for chosen in sets]
    told = on_many(series=QUICK_MANY if quick else MANY, seed=seed)
    for chosen in sets:
        told += on_set(chosen, seed=seed)
    for bill in bills:
        told += on_bill(bill, origins=QUICK_ORIGINS if quick else None)
    told += [
        line
        for name, method, found in forecast_budgets.replayed(sets, bills, seed=seed, jobs=JOBS)
        for line in lines(name, method, found)
    ]
    return told


def main() -> None:
    """Measure and print one JSON object as the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.forecast", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with sets.json; planted sets without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="twelve series a set, three origins of a bill")
    parser.add_argument("--json", action="store_true", help="what is printed is JSON in any case")
    given = parser.parse_args()
    found = results(given.data, seed=given.seed, quick=given.quick)
    tell("forecast", found, packages=PACKAGES)


if __name__ == "__main__":
    main()
