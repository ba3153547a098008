"""The series that the forecast benchmark runs on: read from a folder, or planted."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

BILL_HORIZONS = (28, 90)
FIRST_ORIGIN, EVERY = 180, 28  # days: from the sixth month on, every four weeks
LEAST_HISTORY = 28
STEPS = {24: "hour", 7: "day", 52: "week", 12: "month"}
PLANTED = {"planted_hourly": (24, 48, 700), "planted_daily": (7, 28, 400), "planted_monthly": (12, 12, 72)}
PLANTED_SERIES = 40


@dataclass(frozen=True)
class Set:
    """Series of one step with what came after them."""

    name: str
    step: str
    season: int
    mase_season: int
    horizon: int
    history: list[np.ndarray]
    actual: np.ndarray

    def sample(self, count: int, *, seed: int) -> Set:
        """Take some of the series."""
        order = np.random.default_rng(seed).permutation(len(self.history))[:count]
        return replace(self, history=[self.history[n] for n in order], actual=self.actual[order])


@dataclass(frozen=True)
class Bill:
    """Daily costs of one account; a column a group, NaN before its first day."""

    name: str
    table: pd.DataFrame

    def origins(self, horizon: int) -> list[int]:
        """Name the days from which the whole horizon is known."""
        return list(range(FIRST_ORIGIN, len(self.table) - horizon + 1, EVERY))

    def at(self, moment: int, horizon: int) -> tuple[list[np.ndarray], np.ndarray]:
        """Cut the groups with enough history at one day."""
        past, ahead = self.table.iloc[:moment], self.table.iloc[moment : moment + horizon]
        usable = [
            name
            for name in self.table
            if past[name].notna().sum() >= LEAST_HISTORY and ahead[name].notna().all()
        ]
        return [past[name].dropna().to_numpy() for name in usable], ahead[usable].to_numpy().T


def given(folder: Path) -> tuple[list[Set], list[Bill]]:
    """Read the sets and bills of a folder."""
    inner = folder / "forecast"
    folder = inner if inner.is_dir() else folder
    about = json.loads((folder / "sets.json").read_text(encoding="utf-8"))
    sets = [_set(folder / f"{name}.parquet", told) for name, told in about.items()]
    return sets, [_bill(path) for path in sorted(folder.glob("*_daily_cost_*.csv"))]


def _set(path: Path, told: dict[str, Any]) -> Set:
    frame = pd.read_parquet(path).sort_values(["series", "step"])
    history, actual = [], []
    for _, part in frame.groupby("series", sort=True):
        history.append(part.loc[part["split"] == "train", "value"].to_numpy())
        actual.append(part.loc[part["split"] == "test", "value"].to_numpy()[: told["horizon"]])
    step = STEPS[told["season"]]
    return Set(
        path.stem, step, told["season"], told["mase_season"], told["horizon"], history, np.array(actual)
    )


def _bill(path: Path) -> Bill:
    frame = pd.read_csv(path, parse_dates=["date"])
    frame["group"] = frame["group"] + ":" + frame["series"]
    table = frame.pivot_table(index="date", columns="group", values="value", aggfunc="sum").asfreq("D")
    return Bill(path.stem, _with_zeros(table))


def _with_zeros(table: pd.DataFrame) -> pd.DataFrame:
    """A day without a line of a group, between its first and last, cost it nothing."""
    inside = table.ffill().notna() & table.bfill().notna()
    return table.where(~(inside & table.isna()), 0.0)


def many(series: int, *, seed: int) -> Set:
    """Make many daily series of 400 days, for time and memory."""
    season, horizon, length = PLANTED["planted_daily"]
    draw = np.random.default_rng([seed, len(PLANTED)])
    table = np.array([_series(draw, season, length + horizon) for _ in range(series)])
    history, actual = list(table[:, :length]), table[:, length:]
    return Set(f"planted_{series}x{length}", "day", season, season, horizon, history, actual)


def planted(seed: int) -> tuple[list[Set], list[Bill]]:
    """Make sets with a known season, trend and noise."""
    made = []
    for number, (name, (season, horizon, length)) in enumerate(PLANTED.items()):
        draw = np.random.default_rng([seed, number])
        table = np.array([_series(draw, season, length + horizon) for _ in range(PLANTED_SERIES)])
        made.append(
            Set(name, STEPS[season], season, season, horizon, list(table[:, :length]), table[:, length:])
        )
    return made, []


def _series(draw: np.random.Generator, season: int, length: int) -> np.ndarray:
    clock = np.arange(length)
    wave = np.exp(draw.normal(0.0, 0.3, season))[clock % season]
    slope = draw.normal(0.0, 0.1) / season
    level = draw.lognormal(4.0, 1.0) * np.exp(np.cumsum(draw.normal(slope, 0.01, length)))
    return np.asarray(level * wave * np.exp(draw.normal(0.0, 0.05, length)))
