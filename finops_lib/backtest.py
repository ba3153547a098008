"""How good would the method have been: rolling origins, and measures of points, intervals and samples.

All measures work on the last axis (the steps of one forecast) and skip steps without an actual value or
forecast (NaN). An infinite forecast loses infinitely; a scale that is not above 0 measures nothing (NaN).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Loss = Callable[[FloatArray, FloatArray], FloatArray]
_PERCENT = 200.0  # twice 100 %: the difference is held against the mean of both


def origins(*, length: int, horizon: int, stride: int, count: int, history: int) -> list[int]:
    """From which past moments can a forecast be repeated.

    Parameters
    ----------
    length, horizon : int
        Steps of the longest series, and steps forecast.
    stride : int
        Steps between origins.
    count : int
        Most origins wanted.
    history : int
        Steps that must be left before the oldest origin.

    Returns
    -------
    list of int
        Cuts, nearest first: how many of the last steps an origin does not know. The nearest has its whole
        horizon behind it.

    Examples
    --------
    >>> origins(length=100, horizon=10, stride=5, count=3, history=40)
    [10, 15, 20]
    """
    furthest = min(length - history, horizon + (count - 1) * stride)
    return list(range(horizon, furthest + 1, stride))


def actuals(history: FloatArray, *, cuts: Sequence[int], horizon: int) -> FloatArray:
    """What came after each origin.

    Parameters
    ----------
    history : ndarray
        [series, steps], all ending in the newest step.
    cuts : sequence of int
        How many of the last steps each origin does not know; may be more than there are.
    horizon : int
        Steps forecast.

    Returns
    -------
    ndarray
        [origins, series, horizon]; NaN where the future is not there yet, or the history not begun.

    Examples
    --------
    >>> actuals(np.array([[1.0, 2.0, 3.0]]), cuts=[2, 1], horizon=2).tolist()
    [[[2.0, 3.0]], [[3.0, nan]]]
    """
    series, steps = history.shape
    found = np.full((len(cuts), series, horizon), np.nan)
    for row, cut in zip(found, cuts, strict=True):
        known = history[:, max(steps - cut, 0) : max(steps - cut + horizon, 0)]
        row[:, max(cut - steps, 0) :][:, : known.shape[1]] = known
    return found


def rolled(
    history: FloatArray, *, method: Callable[[FloatArray], FloatArray], loss: Loss, cuts: Sequence[int]
) -> FloatArray:
    """What did a method lose at each past origin, by a loss of the caller's choice.

    Parameters
    ----------
    history : ndarray
        [series, steps], all ending in the newest step.
    method : callable
        From the history before an origin to a decision or forecast, [series, steps ahead].
    loss : callable
        ``loss(actual, forecast)``, both [series, steps ahead], to one number a series.
    cuts : sequence of int
        How many of the last steps each origin does not know; at most all.

    Returns
    -------
    ndarray
        [origins, series].

    Examples
    --------
    >>> days, last = np.array([[1.0, 2.0, 4.0, 7.0]]), lambda known: known[:, -1:]
    >>> miss = lambda actual, forecast: np.abs(actual - forecast).mean(axis=-1)
    >>> rolled(days, method=last, loss=miss, cuts=[1, 2]).tolist()
    [[3.0], [2.0]]
    """
    rows = []
    for cut in cuts:
        if not 0 <= cut <= history.shape[1]:
            raise ValueError(f"cut {cut}: an origin lies within the {history.shape[1]} steps of the history")
        forecast = method(history[:, : history.shape[1] - cut])
        actual = actuals(history, cuts=[cut], horizon=forecast.shape[-1])[0]
        rows.append(loss(actual, forecast))
    return np.array(rows)


def mean_known(values: FloatArray, *, axis: int | tuple[int, ...] = -1) -> FloatArray:
    """What is the mean of what is known; NaN where nothing is, without a warning.

    Parameters
    ----------
    values : ndarray
        NaN is unknown.
    axis : int or tuple of int
        Axes to average over.

    Examples
    --------
    >>> mean_known(np.array([[1.0, np.nan, 3.0], [np.nan] * 3])).tolist()
    [2.0, nan]
    """
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def seasonal_step(history: FloatArray, *, season: int) -> FloatArray:
    """By how much does a value differ from the one a season before, in the mean: the scale of MASE.

    Parameters
    ----------
    history : ndarray
        [..., steps]; NaN is a gap.
    season : int
        Steps in a season; 1 gives the naive step.

    Examples
    --------
    >>> seasonal_step(np.array([1.0, 4.0, 2.0, 6.0]), season=2).item()
    1.5
    """
    known = _known(history)
    return mean_known(np.abs(known[..., season:] - known[..., :-season]))


def mase(actual: FloatArray, forecast: FloatArray, *, scale: Any) -> FloatArray:
    """How large is the error against the seasonal-naive step of the history.

    Parameters
    ----------
    actual, forecast : ndarray
        [..., steps ahead].
    scale : float or ndarray
        `seasonal_step` of each series.

    Notes
    -----
    Mean absolute scaled error: Hyndman and Koehler (2006), International Journal of Forecasting 22(4).

    Examples
    --------
    >>> mase(np.array([3.0, 5.0]), np.array([2.0, 2.0]), scale=4.0).item()
    0.5
    """
    return _mean_loss(np.abs(_known(actual) - forecast), scale=scale)


def smape(actual: FloatArray, forecast: FloatArray) -> FloatArray:
    """How large is the error against the size of both values, in percent (0 to 200).

    Parameters
    ----------
    actual, forecast : ndarray
        [..., steps ahead]; two zeros differ by 0 %.

    Notes
    -----
    As in the M4 competition: Makridakis et al. (2020), International Journal of Forecasting 36(1).

    Examples
    --------
    >>> smape(np.array([100.0, 0.0]), np.array([300.0, 0.0])).item()
    50.0
    """
    came = _known(actual)
    size, off = np.abs(came) + np.abs(forecast), np.abs(came - forecast)
    share = off / np.where((size > 0) & np.isfinite(size), size, 1.0)
    return _mean_loss(_PERCENT * np.where(np.isinf(size), 1.0, share))


def owa(*, mase_value: float, smape_value: float, naive_mase: float, naive_smape: float) -> float:
    """How large are both errors against those of Naive2 (below 1 is better).

    Parameters
    ----------
    mase_value, smape_value, naive_mase, naive_smape : float
        Means over all series, of the method and of Naive2.

    Notes
    -----
    Overall weighted average of the M4 competition: Makridakis et al. (2020).

    Examples
    --------
    >>> owa(mase_value=1.0, smape_value=12.0, naive_mase=2.0, naive_smape=16.0)
    0.625
    """
    against = np.array([naive_mase, naive_smape])
    return float(np.mean([mase_value, smape_value] / np.where(against > 0, against, np.nan)))


def msis(actual: FloatArray, low: FloatArray, high: FloatArray, *, level: float, scale: Any) -> FloatArray:
    """How wide is the interval, with misses added, against the seasonal-naive step of the history.

    Parameters
    ----------
    actual, low, high : ndarray
        [..., steps ahead].
    level : float
        Share of values the interval should hold, between 0 and 1.
    scale : float or ndarray
        `seasonal_step` of each series.

    Notes
    -----
    Mean scaled interval score: Gneiting and Raftery (2007), Journal of the American Statistical Association
    102(477), scaled as in the M4 competition.

    Examples
    --------
    >>> actual, low, high = np.array([5.0, 9.0]), np.array([4.0, 4.0]), np.array([8.0, 8.0])
    >>> round(msis(actual, low, high, level=0.8, scale=2.0).item(), 9)  # (4 + 4 + 10 * 1) / 2 / 2
    4.5
    """
    came, apart = _known(actual), low != high  # both edges may be infinite
    width = np.where(apart, high, 0.0) - np.where(apart, low, 0.0)
    miss = np.maximum(low - came, 0.0) + np.maximum(came - high, 0.0)
    return _mean_loss(width + 2.0 / (1.0 - level) * miss, scale=scale)


def coverage(actual: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Which share of what came lay inside the interval (its edges belong to it).

    Parameters
    ----------
    actual, low, high : ndarray
        [..., steps ahead].

    Examples
    --------
    >>> coverage(np.array([1.0, 2.0, 9.0, np.nan]), np.ones(4), np.full(4, 3.0)).item()
    0.6666666666666666
    """
    known = np.isfinite(actual) & ~np.isnan(low) & ~np.isnan(high)
    return mean_known(np.where(known, (actual >= low) & (actual <= high), np.nan))


def bias(actual: FloatArray, forecast: FloatArray, *, scale: Any) -> FloatArray:
    """How far does the forecast lie above (positive) or below what came, against the seasonal-naive step.

    Parameters
    ----------
    actual, forecast : ndarray
        [..., steps ahead].
    scale : float or ndarray
        `seasonal_step` of each series.

    Examples
    --------
    >>> bias(np.array([1.0, 3.0]), np.array([3.0, 2.0]), scale=2.0).item()
    0.25
    """
    return _mean_loss(forecast - _known(actual), scale=scale)


def pinball(actual: FloatArray, quantile: FloatArray, *, level: float) -> FloatArray:
    """What does this quantile forecast lose, in the series' unit.

    Parameters
    ----------
    actual, quantile : ndarray
        [..., steps ahead].
    level : float
        Share of values that should lie below, between 0 and 1.

    Notes
    -----
    Koenker and Bassett (1978), Econometrica 46(1).

    Examples
    --------
    >>> pinball(np.array([10.0, 10.0]), np.array([8.0, 12.0]), level=0.9).item()  # (0.9 * 2 + 0.1 * 2) / 2
    1.0
    """
    above = _known(actual) - quantile
    return _mean_loss(np.maximum(level * above, (level - 1.0) * above))


def crps(actual: Any, sample: FloatArray) -> FloatArray:
    """How far is a predictive sample from what came, in the series' unit: lower is sharper and nearer.

    Parameters
    ----------
    actual : float or ndarray
        [...].
    sample : ndarray
        [..., atoms], each atom of the same weight; without atoms the answer is NaN.

    Notes
    -----
    Continuous ranked probability score, E|X - y| - E|X - X'| / 2: Gneiting and Raftery (2007).

    Examples
    --------
    >>> crps(3.0, np.array([1.0, 3.0])).item()  # 1 - (0 + 2 + 2 + 0) / 4 / 2
    0.5
    """
    atoms = np.sort(np.asarray(sample, dtype=float), axis=-1)
    endless = np.where(np.isinf(atoms).any(axis=-1), np.inf, 0.0)
    atoms = np.where(np.isinf(atoms), 0.0, atoms)
    count = atoms.shape[-1]
    each = 1.0 / count if count else np.nan
    near = np.abs(atoms - _known(np.asarray(actual, dtype=float))[..., None]).sum(axis=-1) * each
    weight = 2.0 * np.arange(1, count + 1) - count - 1.0
    return np.asarray(near - (atoms * weight).sum(axis=-1) * each**2 + endless)


def _known(actual: FloatArray) -> FloatArray:
    """Take what is infinite for unknown: no such value came."""
    return np.where(np.isfinite(actual), actual, np.nan)


def _mean_loss(loss: FloatArray, *, scale: Any = 1.0) -> FloatArray:
    """Average over the steps that are not NaN, in units of the scale; an infinite loss stays."""
    known = ~np.isnan(loss)
    with np.errstate(invalid="ignore"):  # infinitely above and below has no mean
        total = np.where(known, loss, 0.0).sum(axis=-1)
    size = np.asarray(scale, dtype=float) * known.sum(axis=-1)
    return np.asarray(total / np.where(size > 0, size, np.nan))
