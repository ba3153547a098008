"""Which part of the values repeats each season: indices for many series at once, and whether to use them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray

_ACF_LIMIT = 1.645  # 90 %, two-sided
_SEASONS_FOR_TEST = 3
_ROUNDING = 1e-12  # a constant differs from its mean by this share, and has no season
_LEAST_INDEX = 1e-3  # a season's step at (almost) nothing would blow up the division


def trend(history: FloatArray, *, season: int) -> FloatArray:
    """What is left when a centred mean over one season takes the season out.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    season : int
        Steps in a season.

    Returns
    -------
    ndarray
        [series, steps]; NaN at both ends and where a value in reach is unknown.

    Examples
    --------
    >>> trend(np.array([[1.0, 3.0, 3.0, 5.0, 5.0]]), season=2).tolist()
    [[nan, 2.5, 3.5, 4.5, nan]]
    """
    series, steps = history.shape
    smooth = np.full((series, steps), np.nan)
    if steps <= season:
        return smooth
    weights = np.ones(season) if season % 2 else np.concatenate([[0.5], np.ones(season - 1), [0.5]])
    width = len(weights)
    windows = np.lib.stride_tricks.sliding_window_view(history, width, axis=1)
    smooth[:, width // 2 : steps - width // 2] = windows @ (weights / season)
    return smooth


def indices(history: FloatArray, *, season: int, multiply: bool) -> FloatArray:
    """How much does each step of the season lie above or below the trend.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    season : int
        Steps in a season.
    multiply : bool
        Indices are factors around 1, not differences around 0.

    Returns
    -------
    ndarray
        [series, season]; the first belongs to the first step after the history.

    Examples
    --------
    >>> indices(np.array([[1.0, 3.0, 1.0, 3.0, 1.0, 3.0]]), season=2, multiply=True).tolist()
    [[0.5, 1.5]]
    """
    series, steps = history.shape
    neutral = 1.0 if multiply else 0.0
    if season == 1 or steps < 2 * season:
        return np.full((series, season), neutral)
    smooth = trend(history, season=season)
    if multiply:
        away = np.where(smooth > 0, history / np.where(smooth > 0, smooth, 1.0), np.nan)
    else:
        away = history - smooth
    lead = -steps % season
    padded = np.concatenate([np.full((series, lead), np.nan), away], axis=1)
    found = mean_known(padded.reshape(series, padded.shape[1] // season, season), axis=1)
    found = np.where(np.isfinite(found), found, neutral)
    middle = found.mean(axis=1, keepdims=True)
    return np.asarray(found / np.where(middle > 0, middle, 1.0) if multiply else found - middle)


def is_seasonal(history: FloatArray, *, season: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Does the value a season ago tell more than chance about this one.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    season : int
        Steps in a season.

    Notes
    -----
    The autocorrelation test (90 %) of the M4 competition's Naive2: Makridakis et al. (2020).

    Examples
    --------
    >>> is_seasonal(np.array([[1.0, 3.0] * 9, [1.0] * 18]), season=2).tolist()
    [True, False]
    """
    series, steps = history.shape
    if season == 1 or steps <= season:
        return np.zeros(series, dtype=bool)
    count = np.isfinite(history).sum(axis=1)
    mean = mean_known(history)[:, None]
    off = np.where(np.isfinite(history), history - mean, 0.0)
    spread = (off * off).sum(axis=1)
    moved = spread > count * (_ROUNDING * mean[:, 0]) ** 2
    spread = np.where(moved, spread, np.inf)
    lags = [(off[:, lag:] * off[:, : steps - lag]).sum(axis=1) / spread for lag in range(1, season + 1)]
    table = np.stack(lags, axis=1)
    limit = _ACF_LIMIT * np.sqrt((1 + 2 * (table[:, :-1] ** 2).sum(axis=1)) / np.maximum(count, 1))
    return np.asarray((np.abs(table[:, -1]) > limit) & (count >= _SEASONS_FOR_TEST * season))


def adjusted(
    history: FloatArray, *, season: int
) -> tuple[FloatArray, Callable[[FloatArray], FloatArray], FloatArray]:
    """What do the series look like without their season, and how does a forecast get it back.

    Series above zero have factors, others differences; series without a season stay as they are.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    season : int
        Steps in a season.

    Returns
    -------
    tuple
        The history without season; a function that gives a forecast [series, horizon] its season; and the
        factors [series, season] from the first step after the history on.

    Examples
    --------
    >>> flat, back, _ = adjusted(np.array([[1.0, 3.0] * 9]), season=2)
    >>> flat[0, :2].tolist(), back(np.array([[2.0, 2.0]])).tolist()
    ([2.0, 2.0], [[1.0, 3.0]])
    """
    steps = history.shape[1]
    lowest = np.where(np.isfinite(history), history, np.inf).min(axis=1, initial=np.inf)
    use = is_seasonal(history, season=season)[:, None]
    above = (lowest > 0)[:, None]
    factors = np.where(use & above, indices(history, season=season, multiply=True), 1.0)
    factors = np.maximum(factors, _LEAST_INDEX)
    shifts = np.where(use & ~above, indices(history, season=season, multiply=False), 0.0)
    past = (np.arange(steps) - steps) % season
    flat = (history - shifts[:, past]) / factors[:, past]

    def back(forecast: FloatArray) -> FloatArray:
        ahead = np.arange(forecast.shape[1]) % season
        return np.asarray(forecast * factors[:, ahead] + shifts[:, ahead])

    return flat, back, factors
