"""Where do smoothed level, trend and season lead: Theta and exponential smoothing, all series at once.

Each method tries a fixed grid of smoothing weights for every series in one pass over the steps and keeps, for
each series, the weights with the least squared one-step error.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray
from finops_lib.forecast.seasonality import adjusted, indices

_LEVELS = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99])
_TRENDS = np.array(
    [(a, b, p) for a, b, p in product((0.1, 0.25, 0.5, 0.8, 0.99), (0.03, 0.1, 0.3), (0.8, 0.9, 0.98))]
    + [(a, 0.0, 0.9) for a in (0.1, 0.25, 0.5, 0.8, 0.99)]
)
_SEASONS = np.array(list(product((0.03, 0.1, 0.25, 0.5, 0.8), (0.0, 0.05), (0.02, 0.08, 0.2, 0.4))))
_DAMPING = 0.95


def theta(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if the level goes on with half the long-run slope.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Notes
    -----
    Theta method: Assimakopoulos and Nikolopoulos (2000), International Journal of Forecasting 16(4); the mean
    of the fitted line and the smoothed series with doubled distance from that line.

    Examples
    --------
    >>> theta(np.array([[2.0] * 12]), horizon=2, season=1).tolist()
    [[2.0, 2.0]]
    """
    flat, back, _ = adjusted(history, season=season)
    known = np.isfinite(flat)
    count = np.maximum(known.sum(axis=1), 1)
    clock = np.arange(flat.shape[1], dtype=float) - flat.shape[1] + 1.0
    moment = np.where(known, clock, np.nan)
    middle, mean = mean_known(moment), mean_known(flat)
    off = np.where(known, clock - middle[:, None], 0.0)
    slope = (off * np.nan_to_num(flat - mean[:, None])).sum(axis=1)
    slope = np.where(count > 1, slope / np.maximum((off * off).sum(axis=1), 1.0), 0.0)
    start = mean - slope * middle
    level = smoothed_level(2.0 * flat - start[:, None] - slope[:, None] * clock)
    ahead = np.arange(1, horizon + 1)
    return back(0.5 * (level[:, None] + start[:, None] + slope[:, None] * ahead))


def smoothed_level(history: FloatArray) -> FloatArray:
    """Which level does simple exponential smoothing end at.

    Parameters
    ----------
    history : ndarray
        [series, steps]; NaN is skipped.

    Examples
    --------
    >>> smoothed_level(np.array([[5.0, 5.0, 5.0]])).tolist()
    [5.0]
    """
    level = np.full((len(history), len(_LEVELS)), np.nan)
    lost = np.zeros_like(level)
    for value in history.T[:, :, None]:
        known = np.isfinite(value)
        first = known & ~np.isfinite(level)
        error = np.where(known & ~first, value - level, 0.0)
        lost += error * error
        level = np.where(first, value, level + _LEVELS * error)
    return np.asarray(level[np.arange(len(level)), lost.argmin(axis=1)])


def damped_trend(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if level and trend go on, the trend ever less.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Notes
    -----
    Gardner and McKenzie (1985), Management Science 31(10), on the series without its season.

    Examples
    --------
    >>> damped_trend(np.array([[4.0] * 9]), horizon=2, season=1).tolist()
    [[4.0, 4.0]]
    """
    flat, back, _ = adjusted(history, season=season)
    alpha, beta, phi = _TRENDS.T
    level = np.full((len(flat), len(_TRENDS)), np.nan)
    slope, lost = np.zeros_like(level), np.zeros_like(level)
    for value in flat.T[:, :, None]:
        known = np.isfinite(value)
        first = known & ~np.isfinite(level)
        slope = phi * slope
        expected = level + slope
        error = np.where(known & ~first, value - expected, 0.0)
        lost += error * error
        level = np.where(first, value, expected + alpha * error)
        slope = np.where(first, 0.0, slope + alpha * beta * error)
    best = lost.argmin(axis=1)
    row = np.arange(len(flat))
    fading = np.cumsum(phi[best][:, None] ** np.arange(1, horizon + 1), axis=1)
    return back(level[row, best][:, None] + slope[row, best][:, None] * fading)


def seasonal_smoothing(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if level, damped trend and a season that may change go on.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season (at least 2, and two seasons of history; else NaN).

    Notes
    -----
    Additive Holt-Winters with damped trend (0.95): Hyndman et al. (2008), Forecasting with Exponential
    Smoothing, ch. 2.

    Examples
    --------
    >>> seasonal_smoothing(np.array([[1.0, 3.0] * 9]), horizon=3, season=2).round(9).tolist()
    [[1.0, 3.0, 1.0]]
    """
    series, steps = history.shape
    if season == 1 or steps < 2 * season:
        return np.full((series, horizon), np.nan)
    alpha, beta, gamma = _SEASONS.T
    start = indices(history, season=season, multiply=False)
    wave = np.repeat(start[:, :, None], len(_SEASONS), axis=2)
    level = np.full((series, len(_SEASONS)), np.nan)
    slope, lost = np.zeros_like(level), np.zeros_like(level)
    for step, value in enumerate(history.T[:, :, None]):
        phase = (step - steps) % season
        known = np.isfinite(value)
        first = known & ~np.isfinite(level)
        slope = _DAMPING * slope
        expected = level + slope
        error = np.where(known & ~first, value - expected - wave[:, phase], 0.0)
        lost += error * error
        level = np.where(first, value - wave[:, phase], expected + alpha * error)
        slope = np.where(first, 0.0, slope + alpha * beta * error)
        wave[:, phase] += gamma * (1.0 - alpha) * error
    best, row = lost.argmin(axis=1), np.arange(series)
    fading = np.cumsum(_DAMPING ** np.arange(1, horizon + 1))
    season_ahead = wave[row, :, best][:, np.arange(horizon) % season]
    return np.asarray(level[row, best][:, None] + slope[row, best][:, None] * fading + season_ahead)
