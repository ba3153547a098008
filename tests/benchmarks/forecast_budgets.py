"""Month budgets that were set in the past: how often did the stated chance of a breach come true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.forecast.budget import burn
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.ensemble import forecast
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.reliability import reliability
from finops_lib.records import NoForecast, Period
from tests.benchmarks.forecast_sets import Bill, Set

MONTH, SEASON = 28, 7
START, CURRENCY = (
    datetime(2026, 2, 1, tzinfo=UTC),
    "USD",
)  # the month of every budget: which one does not matter
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
        panel = Panel(names, tuple(known), "day", SEASON, (START + timedelta(days=elapsed),) * len(known))
        outlook = forecast(panel, horizon=MONTH - elapsed, jobs=jobs)
        for name, series, share in zip(names, usable, shares, strict=True):
            start = len(series) - back * MONTH
            month = series[start : start + MONTH]
            amount = Decimal(round(share * float(series[start - MONTH : start].sum()), 2))
            if amount > 0:
                stated = _stated(outlook, name, month[:elapsed], amount)
                rate = float(month[:elapsed].mean()) * MONTH if elapsed else float(amount) / share
                yield (
                    stated,
                    float(rate > amount),
                    float(month[:elapsed].sum() >= WATCH * float(amount)),
                    bool(month.sum() > amount),
                )


def _stated(outlook: Outlook, name: str, spent: np.ndarray, amount: Decimal) -> float:
    """Ask for the chance of a breach as a report does."""
    days = pd.DataFrame({
        "time": pd.date_range(START, periods=len(spent), tz="UTC"),
        "cost": pd.Series([Decimal(float(cost)) for cost in spent], dtype=object),
    })  # fmt: skip
    budget = Budget(name, "nobody", "month", amount, CURRENCY, START)
    month = Period(START, START + timedelta(days=MONTH))
    found = burn(budget, days, outlook, currency=CURRENCY, series=[name], period=month)
    if isinstance(found, NoForecast):
        raise TypeError(f"{name}: {found.reason}")
    return found.breach_probability
