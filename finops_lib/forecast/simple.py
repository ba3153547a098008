"""What would a forecast without a model say: the baselines that every model must beat."""

from __future__ import annotations

import numpy as np

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray
from finops_lib.forecast.seasonality import adjusted

_PROFILE_SEASONS = 4
_RUN_RATE_SEASONS = 4


def naive(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if all stays as in the last step.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead; the season is not looked at.

    Examples
    --------
    >>> naive(np.array([[1.0, 2.0]]), horizon=2, season=1).tolist()
    [[2.0, 2.0]]
    """
    del season
    if history.shape[1] == 0:
        return np.full((len(history), horizon), np.nan)
    return np.repeat(history[:, -1:], horizon, axis=1)


def seasonal_naive(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the last season comes again.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Examples
    --------
    >>> seasonal_naive(np.array([[9.0, 1.0, 2.0]]), horizon=3, season=2).tolist()
    [[1.0, 2.0, 1.0]]
    """
    steps = history.shape[1]
    if steps < season:
        return np.full((len(history), horizon), np.nan)
    return history[:, steps - season + np.arange(horizon) % season]


def naive2(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if all stays as in the last step, but for a season where the series has one.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Notes
    -----
    The measure of the M4 competition: Makridakis et al. (2020), International Journal of Forecasting 36(1).

    Examples
    --------
    >>> naive2(np.array([[1.0, 3.0] * 9]), horizon=3, season=2).tolist()
    [[1.0, 3.0, 1.0]]
    """
    flat, back, _ = adjusted(history, season=season)
    return back(naive(flat, horizon=horizon, season=1))


def drift(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the line from the first to the last value goes on.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead; the season is not looked at.

    Examples
    --------
    >>> drift(np.array([[1.0, 2.0, 5.0]]), horizon=2, season=1).tolist()
    [[7.0, 9.0]]
    """
    del season
    if history.shape[1] == 0:
        return np.full((len(history), horizon), np.nan)
    first = np.isfinite(history).argmax(axis=1)
    start = history[np.arange(len(history)), first]
    steps = np.maximum(history.shape[1] - 1 - first, 1)
    slope = (history[:, -1] - start) / steps
    return np.asarray(history[:, -1:] + slope[:, None] * np.arange(1, horizon + 1))


def profile(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the mean shape of the last four seasons comes at the level of the last one.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Examples
    --------
    >>> profile(np.array([[1.0, 3.0, 5.0, 9.0]]), horizon=2, season=2).tolist()
    [[5.5, 8.5]]
    """
    series, steps = history.shape
    count = min(steps // season, _PROFILE_SEASONS)
    if count == 0:
        return np.full((series, horizon), np.nan)
    recent = history[:, steps - count * season :].reshape(series, count, season)
    shape = mean_known(recent - recent.mean(axis=2, keepdims=True), axis=1)
    return np.asarray(recent[:, -1].mean(axis=1)[:, None] + shape[:, np.arange(horizon) % season])


def run_rate(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the mean of the last four seasons goes on, as a budget by hand assumes.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Examples
    --------
    >>> run_rate(np.array([[1.0, 3.0, 5.0]]), horizon=2, season=1).tolist()
    [[3.0, 3.0]]
    """
    recent = mean_known(history[:, -_RUN_RATE_SEASONS * season :])
    return np.repeat(recent[:, None], horizon, axis=1)
