"""Hierarchies of ten thousand series in which nothing is wrong, or a known little: what is told falsely."""

from __future__ import annotations

import time
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.anomaly.detect import Settings, Watched, watch

LEVEL = 0.1
SERIES, QUICK_SERIES = 9000, 900
DAYS, WARM_UP = 150, 60
BY = ("provider", "service", "account", "resource")
FIRST_DAY = "2025-09-03"
SETTINGS = Settings(level=LEVEL, floor=Decimal(0))


def paths(count: int, draw: np.random.Generator) -> pd.DataFrame:
    """Name resources in a tree of three providers, twenty services and many accounts."""
    service = draw.integers(0, 20, count)
    account = draw.integers(0, max(count // 30, 1), count)
    return pd.DataFrame(
        {
            "provider": [f"p{number % 3}" for number in service],
            "service": [f"s{number}" for number in service],
            "account": [f"a{number}" for number in account],
            "resource": [f"r{number}" for number in range(count)],
        }
    )


def costs(count: int, draw: np.random.Generator) -> np.ndarray:
    """Draw clean days: weeks, noise of several kinds, slow walks, series charged now and then."""
    clock = np.arange(DAYS)
    week = np.exp(draw.normal(0.0, draw.choice([0.02, 0.3], (count, 1)), (count, 7)))[:, clock % 7]
    freedom = draw.choice([5.0, 10.0, 50.0], (count, 1))
    noise = draw.choice([0.01, 0.05, 0.15], (count, 1)) * draw.standard_t(
        np.broadcast_to(freedom, (count, DAYS))
    )
    walk = np.cumsum(draw.normal(0.0, draw.choice([0.0, 0.005], (count, 1)), (count, DAYS)), axis=1)
    values = draw.lognormal(2.0, 1.5, (count, 1)) * week * np.exp(walk) * np.maximum(1.0 + noise, 0.05)
    rare = draw.random((count, 1)) < 0.03
    return np.where(rare & (draw.random((count, DAYS)) > 0.15), 0.0, values)


def frame(names: pd.DataFrame, values: np.ndarray, first: int) -> pd.DataFrame:
    """Write [series, days] as rows."""
    count, days = values.shape
    times = pd.date_range(FIRST_DAY, periods=DAYS)[first : first + days]
    told = names.loc[names.index.repeat(days)].reset_index(drop=True)
    return told.assign(time=np.tile(times, count), value=values.ravel(), BillingCurrency="USD")


def measured(*, seed: int, quick: bool, runs: int) -> dict[str, float]:
    """Run clean hierarchies day by day; the false share is 1 in a month with any false word, else 0."""
    shares, planted_shares, found, seconds = [], [], [], []
    for run in range(runs):
        for real in (0, 30):
            draw = np.random.default_rng([seed, 13, run, real])
            told, hit, spent = _run(draw, count=QUICK_SERIES if quick else SERIES, real=real)
            seconds.append(spent)
            if real:
                planted_shares.append(told)
                found.append(hit)
            else:
                shares.append(told)
    return {
        "false_discovery_share": float(np.mean(shares)),
        "false_discovery_share_with_real": float(np.mean(planted_shares)),
        "recall_planted": float(np.mean(found)),
        "seconds_per_day": float(np.max(seconds)),
        "series": float(QUICK_SERIES if quick else SERIES),
    }


def _run(draw: np.random.Generator, *, count: int, real: int) -> tuple[float, float, float]:
    names, values = paths(count, draw), costs(count, draw)
    chosen = draw.permutation(count)[:real]
    starts = draw.integers(WARM_UP, DAYS - 10, real)
    for row, start in zip(chosen, starts, strict=True):
        days = int(draw.choice([1, 3, 40]))
        values[row, start : start + days] = np.maximum(values[row, start : start + days], 1.0) * draw.uniform(
            3, 8
        )
    watched = watch(frame(names, values[:, :-1], 0), by=BY, settings=SETTINGS)
    begin = time.process_time()
    watched = watch(frame(names, values[:, -1:], DAYS - 1), by=BY, state=watched.state, settings=SETTINGS)
    spent = time.process_time() - begin
    truth = {tuple(names.iloc[int(row)])[:depth]: [] for row in chosen for depth in range(len(BY) + 1)}
    for row, start in zip(chosen, starts, strict=True):
        for depth in range(len(BY) + 1):
            truth[tuple(names.iloc[int(row)])[:depth]].append(int(start))
    return *_judged(watched, truth, {tuple(names.iloc[int(row)]) for row in chosen}), spent


def _judged(
    watched: Watched, truth: dict[tuple[str, ...], list[int]], leaves: set[tuple[str, ...]]
) -> tuple[float, float]:
    """The false share: by month where nothing is real, else of all that was told; and the share found."""
    first = pd.Timestamp(FIRST_DAY, tz="UTC")
    rows = [(one.series, (one.found - first).days - 1, (one.start - first).days) for one in watched.anomalies]
    rows = [one for one in rows if one[1] >= WARM_UP]
    wrong = [
        (path, day)
        for path, day, start in rows
        if not any(abs(start - at) <= 14 or 0 <= day - at <= 45 for at in truth.get(path, []))
    ]
    if not truth:
        months = max((DAYS - WARM_UP) // 30, 1)
        bad = {(day - WARM_UP) // 30 for _, day in wrong if day >= WARM_UP}
        return len(bad) / months, float("nan")
    hit = {path for path, _, _ in rows if path in leaves}
    return len(wrong) / max(len(rows), 1), len(hit) / len(leaves)
