"""Month budgets that were set in the past: how often did the stated chance of a breach come true."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from finops_lib.forecast import intervals
from finops_lib.forecast.ensemble import forecast
from finops_lib.forecast.panel import Panel
from finops_lib.forecast.paths import chance
from finops_lib.forecast.reliability import reliability
from tests.benchmarks.forecast_sets import Bill, Set

MONTH = 28
ELAPSED = (0, 7, 14, 21)
LEAST_HISTORY = 3 * MONTH
BUDGETS = (0.85, 1.2)  # of the month before: some are broken, some are not
WATCH = 0.8  # the rule by hand warns at this share
MONTHS_BACK = 4


def replayed(
    sets: list[Set], bills: list[Bill], *, seed: int, jobs: int
) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Replay budgets on the daily sets and bills; give set, method and measures, and all of them together."""
    cases: dict[str, list[tuple[float, float, float, bool]]] = {}
    for chosen in sets:
        if chosen.step == "day":
            whole = [np.concatenate([s, a]) for s, a in zip(chosen.history, chosen.actual, strict=True)]
            cases[chosen.name] = list(_cases(whole, seed=seed, jobs=jobs))
    for bill in bills:
        groups = [bill.table[name].dropna().to_numpy() for name in bill.table]
        cases[bill.name] = list(_cases(groups, seed=seed, jobs=jobs))
    cases["mean"] = [case for found in cases.values() for case in found]
    for name, found in cases.items():
        *stated, happened = zip(*found, strict=True)
        for method, chances in zip(("ours", "run_rate", "rule_80_100"), stated, strict=True):
            judged = reliability(chances, happened)
            yield (
                name,
                method,
                {
                    "breach_brier": judged.brier or 0.0,
                    "breach_calibration_error": judged.calibration_error or 0.0,
                    "budgets": float(judged.cases),
                },
            )


def _cases(whole: list[np.ndarray], *, seed: int, jobs: int) -> Iterator[tuple[float, float, float, bool]]:
    """Chance by ours, by the run rate and by the rule, and what happened."""
    draw = np.random.default_rng(seed)
    for back in range(MONTHS_BACK, 0, -1):
        usable = [series for series in whole if len(series) >= LEAST_HISTORY + back * MONTH]
        if not usable:
            continue
        shares = draw.uniform(*BUDGETS, len(usable))
        elapsed = ELAPSED[back % len(ELAPSED)]
        known = [series[: len(series) - back * MONTH + elapsed] for series in usable]
        names = tuple(f"s{number}" for number in range(len(known)))
        outlook = forecast(Panel(names, tuple(known), "day", 7), horizon=MONTH - elapsed, jobs=jobs)
        for name, series, share in zip(names, usable, shares, strict=True):
            start = len(series) - back * MONTH
            month = series[start : start + MONTH]
            before = float(series[start - MONTH : start].sum())
            budget, spent = share * before, float(month[:elapsed].sum())
            rest = intervals.distribution(outlook, series=(name,))
            rate = spent / elapsed * MONTH if elapsed else before
            yield (
                chance(spent + rest, budget),
                float(rate > budget),
                float(spent >= WATCH * budget),
                bool(month.sum() > budget),
            )
