"""The peers of the anomaly benchmark: each scores a day from the days before it; higher is odder."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

JOBS = 2
WEEK, MONTH, REFIT, LEAST = 7, 28, 28, 56
LEVEL = 95
Scores = np.ndarray


def gaussian_z(series: np.ndarray) -> Scores:
    """Distance from the mean of the last 28 days in standard deviations."""
    past = pd.Series(series).shift(1).rolling(MONTH)
    return np.abs((series - past.mean()) / past.std().clip(lower=1e-9)).to_numpy()


def percent_change(series: np.ndarray) -> Scores:
    """Change against the mean of the seven days before."""
    before = pd.Series(series).shift(1).rolling(WEEK).mean()
    return np.abs((series - before) / before.abs().clip(lower=1e-9)).to_numpy()


def stl_mad(series: np.ndarray) -> Scores:
    """Last remainder of a robust STL of the newest 13 weeks, in median absolute deviations."""
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415

    found = np.full(len(series), np.nan)
    width = 13 * WEEK
    for day in range(LEAST, len(series)):
        left = STL(series[max(day + 1 - width, 0) : day + 1], period=WEEK, robust=True).fit().resid
        mad = np.median(np.abs(left[:-1] - np.median(left[:-1])))
        found[day] = abs(left[-1] - np.median(left[:-1])) / max(mad, 1e-9)
    return found


def isolation_forest(series: np.ndarray) -> Scores:
    """Value, change since yesterday and last week, mean of a week, weekday; fitted anew every 28 days."""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    one = pd.Series(series)
    features = np.column_stack(
        [one, one.diff(), one.diff(WEEK), one.rolling(WEEK).mean(), np.arange(len(one)) % WEEK]
    )
    found = np.full(len(series), np.nan)
    for day in range(LEAST, len(series), REFIT):
        model = IsolationForest(random_state=1, n_jobs=1).fit(features[WEEK:day])
        found[day : day + REFIT] = -model.score_samples(features[day : day + REFIT])
    return found


def ets_interval(series: np.ndarray) -> Scores:
    """Distance from AutoETS in halves of its 95 % interval; fitted anew every 28 days."""
    from statsforecast.models import AutoETS  # noqa: PLC0415

    found = np.full(len(series), np.nan)
    for day in range(LEAST, len(series), REFIT):
        past = series[:day][-2 * 182 :]
        model = AutoETS(season_length=WEEK).fit(past)
        for ahead in range(day, min(day + REFIT, len(series))):
            told = model.forward(y=series[:ahead][-2 * 182 :], h=1, level=[LEVEL])
            half = float((told[f"hi-{LEVEL}"] - told[f"lo-{LEVEL}"])[0]) / 2
            found[ahead] = abs(series[ahead] - float(told["mean"][0])) / max(half, 1e-9)
    return found


def prophet(series: np.ndarray) -> Scores:
    """Distance from Prophet in halves of its interval; fitted anew every 28 days."""
    from prophet import Prophet  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    days = pd.date_range("2024-01-01", periods=len(series))
    found = np.full(len(series), np.nan)
    for day in range(LEAST, len(series), REFIT):
        model = Prophet(interval_width=LEVEL / 100, uncertainty_samples=200)
        model.fit(pd.DataFrame({"ds": days[:day], "y": series[:day]}))
        told = model.predict(pd.DataFrame({"ds": days[day : day + REFIT]}))
        half = ((told["yhat_upper"] - told["yhat_lower"]) / 2).clip(lower=1e-9).to_numpy()
        found[day : day + REFIT] = np.abs(series[day : day + REFIT] - told["yhat"].to_numpy()) / half
    return found


METHODS: dict[str, Callable[[np.ndarray], Scores]] = {
    "gaussian_z": gaussian_z,
    "percent_change": percent_change,
    "stl_mad": stl_mad,
    "isolation_forest": isolation_forest,
    "ets_interval": ets_interval,
    "prophet": prophet,
}


def scored(method: str, values: np.ndarray) -> Scores:
    """Score [series, days]; a series begins with its first known day."""
    found = np.full(values.shape, np.nan)
    starts = np.isfinite(values).argmax(axis=1)
    ask = delayed(METHODS[method])
    told = Parallel(n_jobs=JOBS)(ask(row[start:]) for row, start in zip(values, starts, strict=True))
    for number, (start, scores) in enumerate(zip(starts, told, strict=True)):
        found[number, start:] = scores
    return found
