"""The peers of the forecast benchmark, each as its package is meant to be used, with its own intervals."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from finops_lib.forecast.panel import Outlook

JOBS = 2
LEVELS = (0.8, 0.95)
FREQUENCIES = {"hour": "h", "day": "D", "week": "W", "month": "MS"}
TREES = {"objective": "mae", "num_leaves": 63, "learning_rate": 0.05, "verbosity": -1, "num_threads": JOBS}
ROUNDS, SAMPLE_ROWS, RECENT = 300, 300_000, 14


@dataclass(frozen=True)
class Answer:
    """Points [series, horizon], low and high a level where the method gives them, and ours in whole."""

    mid: np.ndarray
    bands: dict[float, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    outlook: Outlook | None = None


def _stacked(found: list[dict[str, np.ndarray]]) -> Answer:
    bands = {}
    for level in LEVELS:
        name = f"{level * 100:.0f}"
        if f"lo-{name}" in found[0]:
            bands[level] = tuple(np.array([one[f"{end}-{name}"] for one in found]) for end in ("lo", "hi"))
    return Answer(np.array([one["mean"] for one in found]), bands)  # type: ignore[arg-type]


def _statsforecast(name: str, series: np.ndarray, season: int, horizon: int) -> dict[str, np.ndarray]:
    from statsforecast import models  # noqa: PLC0415  # peers live in the bench group alone

    levels = [int(level * 100) for level in LEVELS]
    for method in (getattr(models, name)(season_length=season), models.Naive()):
        try:
            return method.forecast(y=series, h=horizon, level=levels)
        except Exception:  # noqa: BLE001, S112  # a peer that fails on a series falls back to naive
            continue
    raise SystemExit(f"{name} and naive failed")


def statsforecast(name: str) -> Callable[..., Answer]:
    """Ask one model of statsforecast, series by series."""

    def run(history: list[np.ndarray], *, step: str, season: int, horizon: int) -> Answer:
        del step
        ask = delayed(_statsforecast)
        return _stacked(Parallel(n_jobs=JOBS)(ask(name, series, season, horizon) for series in history))

    return run


def _prophet(series: np.ndarray, step: str, horizon: int) -> dict[str, np.ndarray]:
    from prophet import Prophet  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    days = pd.date_range("2001-01-01", periods=len(series) + horizon, freq=FREQUENCIES[step])
    model = Prophet(interval_width=LEVELS[-1])
    model.fit(pd.DataFrame({"ds": days[: len(series)], "y": series}))
    ahead = pd.DataFrame({"ds": days[len(series) :]})
    draws = model.predictive_samples(ahead)["yhat"]
    found = {"mean": model.predict(ahead)["yhat"].to_numpy()}
    for level in LEVELS:
        for end, share in (("lo", (1 - level) / 2), ("hi", (1 + level) / 2)):
            found[f"{end}-{level * 100:.0f}"] = np.quantile(draws, share, axis=1)
    return found


def prophet(history: list[np.ndarray], *, step: str, season: int, horizon: int) -> Answer:
    """Ask Prophet, series by series, with its defaults."""
    del season
    return _stacked(Parallel(n_jobs=JOBS)(delayed(_prophet)(series, step, horizon) for series in history))


def seasonal_naive(history: list[np.ndarray], *, step: str, season: int, horizon: int) -> Answer:
    """Repeat the last season, with the intervals statsforecast gives it."""
    return statsforecast("SeasonalNaive")(history, step=step, season=season, horizon=horizon)


def _features(window: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """One row a step ahead: the same phase in four past seasons, the newest values, the step itself."""
    width = window.shape[1]
    ahead = np.arange(horizon)
    phases = [width - (1 + back) * season + ahead % season for back in range(4)]
    same = np.stack([np.take(window, np.maximum(at, 0), axis=1) for at in phases], axis=2)
    newest = np.repeat(window[:, None, -RECENT:], horizon, axis=1)
    step = np.broadcast_to(ahead[None, :, None], (*same.shape[:2], 1))
    return np.concatenate([same, newest, step], axis=2)


def lightgbm(history: list[np.ndarray], *, step: str, season: int, horizon: int) -> Answer:
    """Fit boosted trees to windows of all series, each divided by its mean, the step ahead as a feature."""
    import lightgbm as lgb  # noqa: PLC0415

    del step
    width = max(4 * season, RECENT) if season < 50 else 2 * season  # years are long
    padded = [np.pad(s, (max(width - len(s), 0), 0), mode="edge") for s in history]
    draw = np.random.default_rng(1)
    share = SAMPLE_ROWS / max(sum(max(len(s) - width - horizon, 0) for s in padded) * horizon, 1)
    rows: list[tuple[Any, Any]] = []
    for series in padded:
        if len(series) < width + horizon:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(series, width + horizon)
        kept = windows[draw.random(len(windows)) < share]
        level = np.abs(kept[:, :width]).mean(axis=1, keepdims=True)
        kept = kept[level[:, 0] > 0] / level[level[:, 0] > 0]
        shown = _features(kept[:, :width], season, horizon).reshape(-1, 4 + RECENT + 1)
        rows.append((shown, kept[:, width:].ravel()))
    x, y = (np.concatenate(part) for part in zip(*rows, strict=True))
    trees = lgb.train(TREES, lgb.Dataset(x, y), num_boost_round=ROUNDS)
    last = np.array([series[-width:] for series in padded])
    level = np.abs(last).mean(axis=1, keepdims=True)
    asked = _features(last / np.where(level > 0, level, 1.0), season, horizon)
    said = np.asarray(trees.predict(asked.reshape(-1, x.shape[1])))
    return Answer(said.reshape(len(last), horizon) * level)


METHODS: dict[str, Callable[..., Answer]] = {
    "seasonal_naive": seasonal_naive,
    **{
        name: statsforecast(name)
        for name in ("AutoETS", "AutoTheta", "DynamicOptimizedTheta", "MSTL", "AutoCES")
    },
    "prophet": prophet,
    "lightgbm": lightgbm,
}
