"""The series that the anomaly benchmark runs on: real or planted daily costs with events put into them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks import anomaly_estate, forecast_sets

WARM_UP = 91  # days before the first event
EVERY = 90  # days: one event in each block
LENGTH = 450  # newest days of a long series that are used
KINDS = ("spike", "drop", "level_shift", "ramp")
# Sizes as shares of the series' usual day: what is added, or taken; never below three usual spreads.
ADDED = {"spike": (1.0, 5.0), "level_shift": (0.5, 2.5), "ramp": (0.75, 3.0)}
TAKEN = {"drop": (0.7, 1.0), "level_shift": (0.4, 0.8), "ramp": (0.5, 0.8)}
LEAST_SPREADS = 3.0
RISING = 0.75  # share of shifts and ramps that rise
DAYS = {"spike": (1, 2), "drop": (1, 2), "level_shift": (21, 35), "ramp": (21, 35)}
SEEN_WITHIN = {"spike": 2, "drop": 2, "level_shift": 14, "ramp": 28}  # days from the start
PLANTED_SERIES = 60


@dataclass(frozen=True)
class Planted:
    """One event: which series, from which day to before which, and by when it must have been seen."""

    series: int
    kind: str
    start: int
    end: int
    until: int


@dataclass(frozen=True)
class Injected:
    """Daily series [series, days], NaN before a series begins, with what was put into them."""

    names: tuple[str, ...]
    values: np.ndarray
    events: tuple[Planted, ...]


def injected(data: Path | None, *, seed: int, quick: bool) -> Injected:
    """Put events into daily series of a folder, or planted ones; places, kinds and sizes by the seed."""
    rows = _daily(data) if data else _planted(seed)
    draw = np.random.default_rng([seed, 5])
    if quick:
        rows = [rows[at] for at in draw.permutation(len(rows))[:12]]
    width = max(len(series) for _, series in rows)
    values = np.full((len(rows), width), np.nan)
    for number, (_, series) in enumerate(rows):
        values[number, width - len(series) :] = series
    events = [event for number in range(len(rows)) for event in _put(values[number], number, draw)]
    return Injected(tuple(name for name, _ in rows), values, tuple(events))


def _put(series: np.ndarray, number: int, draw: np.random.Generator) -> list[Planted]:
    spread, base = _spread(series), series.copy()
    begun = int(np.isfinite(series).argmax())
    found = []
    for block in range(begun + WARM_UP, len(series) - EVERY // 2, EVERY):
        kind = str(draw.choice(KINDS))
        days = int(draw.integers(DAYS[kind][0], DAYS[kind][1] + 1))
        start = block + int(draw.integers(0, max(min(EVERY, len(series) - block) - days - 8, 1)))
        end = min(start + days, len(series))
        rises = kind == "spike" or (kind != "drop" and draw.random() < RISING)
        low, high = (ADDED if rises else TAKEN)[kind]
        share = float(np.exp(draw.uniform(np.log(low), np.log(high))))
        usual = float(np.median(base[max(start - 28, begun) : start]))
        size = max(share * abs(usual), LEAST_SPREADS * spread) * (1.0 if rises else -1.0)
        shape = np.minimum(np.arange(1, end - start + 1) / days, 1.0) if kind == "ramp" else 1.0
        moved = base[start:end] + size * shape
        series[start:end] = np.maximum(moved, 0.0) if np.nanmin(base) >= 0 else moved
        until = min(start + max(SEEN_WITHIN[kind], 1), len(series))
        found.append(Planted(number, kind, start, end, until))
    return found


def _spread(series: np.ndarray) -> float:
    """Standard deviation of what is left of a week's difference, by its median."""
    known = series[np.isfinite(series)]
    moves = np.abs(known[7:] - known[:-7])
    return float(np.median(moves)) * 1.4826 / np.sqrt(2.0)


def _daily(data: Path) -> list[tuple[str, np.ndarray]]:
    folder = data / "forecast" if (data / "forecast").is_dir() else data
    rows: list[tuple[str, np.ndarray]] = []
    for path in sorted(folder.glob("nn5_daily.parquet")):
        frame = pd.read_parquet(path).sort_values(["series", "step"])
        order = frame["split"].map({"train": 0, "test": 1})
        frame = frame.assign(order=order).sort_values(["series", "order", "step"])
        rows += [(f"nn5/{name}", part["value"].to_numpy()) for name, part in frame.groupby("series")]
    for bill in forecast_sets.given(folder)[1]:
        rows += [(f"bill/{name}", bill.table[name].dropna().to_numpy()) for name in bill.table]
    rows += anomaly_estate.series()
    rows = [(name, series[-LENGTH:]) for name, series in rows]
    return [(name, series) for name, series in rows if len(series) > 2 * WARM_UP and _spread(series) > 0]


def _planted(seed: int) -> list[tuple[str, np.ndarray]]:
    """Series of cost with a week, a walk, noise of several kinds and a month's edges."""
    draw = np.random.default_rng([seed, 7])
    rows = []
    for number in range(PLANTED_SERIES):
        clock = np.arange(LENGTH)
        week = np.exp(draw.normal(0.0, draw.choice([0.02, 0.3]), 7))[clock % 7]
        walk = np.cumsum(draw.normal(0.0, draw.choice([0.0, 0.005, 0.02]), LENGTH))
        noise = draw.choice([0.03, 0.1]) * draw.standard_t(draw.choice([4, 8, 50]), LENGTH)
        rows.append((f"planted/{number}", draw.lognormal(4.0, 1.0) * week * np.exp(walk + noise)))
    return rows
