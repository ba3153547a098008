"""Which series cost something only now and then: a total needs their mean rate, not their median."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from finops_lib.backtest import mean_known
from finops_lib.forecast.panel import FloatArray

BoolArray = npt.NDArray[np.bool_]

SEASONS = 8  # looked back at
_LEAST_SEASONS = 3
_ZEROS = 0.4  # share of steps at nothing from which on a series is sparse
_STARTS = 3  # times it must have begun anew
_SAME_PHASE = 0.9  # share of steps whose phase says already whether they cost something
_LONGER = 3  # times the longest pause before: by then it has ended rather than paused


def is_sparse(history: FloatArray, *, season: int) -> BoolArray:
    """Does a series cost something only now and then, at no fixed phase of the season.

    Parameters
    ----------
    history : ndarray
        [series, steps]; NaN is unknown.
    season : int
        Steps in a season.

    Returns
    -------
    ndarray of bool
        [series]: nothing in 40 % of the last eight seasons' steps, begun anew three times, and not ended.

    Notes
    -----
    The median of such a step is nothing while the mean of a sum is not, so that intermittent demand has
    methods of its own: Croston (1972), Operational Research Quarterly 23(3).

    Examples
    --------
    >>> now_and_then = [0.0, 0, 9, 0, 0, 0, 9, 0, 0, 9, 0, 0]
    >>> is_sparse(np.array([now_and_then, [0.0, 9, 9] * 4, [9.0] * 12]), season=3).tolist()
    [True, False, False]
    """
    recent = history[:, -SEASONS * season :]
    return np.array([_sparse(row[np.isfinite(row)], season) for row in recent], dtype=bool)


def mean_rate(history: FloatArray, *, horizon: int, season: int) -> FloatArray:
    """What if each step costs what the last eight seasons cost in the mean.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    horizon, season : int
        Steps ahead, and steps in a season.

    Examples
    --------
    >>> mean_rate(np.array([[0.0, 0.0, 9.0]]), horizon=2, season=3).tolist()
    [[3.0, 3.0]]
    """
    return np.repeat(mean_known(history[:, -SEASONS * season :])[:, None], horizon, axis=1)


def _sparse(values: FloatArray, season: int) -> bool:
    if len(values) < _LEAST_SEASONS * season:
        return False
    some = values != 0
    if not some.any() or (~some).mean() < _ZEROS:
        return False
    begins = np.flatnonzero(some[1:] & ~some[:-1]) + 1
    if len(begins) < _STARTS or (some[season:] == some[:-season]).mean() >= _SAME_PHASE:
        return False
    places = np.flatnonzero(some)
    longest = int(np.diff(places).max())
    return bool(len(values) - 1 - places[-1] <= _LONGER * longest)
