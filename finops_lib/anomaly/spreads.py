"""How large is the usual move of each series: of a day, and of the level of several days.

A spread is told by the smaller three quarters of past moves, so that events do not widen it: those of two
months, which know how it is now, and those of a year, which are steadier; the geometric mean of both is
taken. Windows of several days are few, so their spread against that of a day leans on what all series show.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

RECENT_DAYS, YEAR_DAYS = 60, 365
_EVERY = 3  # days of the year of which one is looked at
_TRIM = 0.25
_TRIMMED_SIGMA = 0.515  # mean of the lower three quarters of absolute normal values, in standard deviations
_WINDOWS_BORROWED = 24.0
_LEAST_SERIES = 12  # that must know their spread before others lean on them


def trimmed(values: npt.NDArray[np.float32]) -> FloatArray:
    """What is the mean of each row without its largest quarter; NaN for a row that knows nothing.

    Examples
    --------
    >>> trimmed(np.array([[1.0, 2.0, 3.0, 90.0, np.nan]], dtype=np.float32)).tolist()
    [2.0]
    """
    width = values.shape[1]
    if not width:
        return np.full(len(values), np.nan)
    ordered = np.sort(values, axis=1)  # what is not known stands last
    count = np.isfinite(values).sum(axis=1)
    kept = np.maximum(np.ceil(count * (1 - _TRIM)), np.minimum(count, 1))
    within = np.arange(width) < kept[:, None]
    total = np.where(within, ordered, 0.0).sum(axis=1)
    return np.asarray(
        np.divide(total, kept, out=np.full(len(values), np.nan), where=kept > 0), dtype=np.float64
    )


def usual(past: npt.NDArray[np.float32]) -> FloatArray:
    """Which standard deviation do past moves of each series have; NaN where none is known.

    Parameters
    ----------
    past : ndarray
        [series, days] of moves, the newest last.

    Examples
    --------
    >>> past = np.tile(np.array([1.0, -1.0], dtype=np.float32), (1, 60))
    >>> usual(past).round(2).tolist()
    [1.94]
    """
    size = np.abs(past)
    recent = trimmed(size[:, -RECENT_DAYS:])
    year = trimmed(size[:, ::-1][:, :YEAR_DAYS:_EVERY])
    both = np.sqrt(recent * year)
    return np.asarray(np.where(np.isfinite(both), both, recent) / _TRIMMED_SIGMA)


def middle_ratio(
    own: FloatArray, day: FloatArray, windows: FloatArray, *, alone: npt.NDArray[np.bool_]
) -> float:
    """How large is the usual move of a level against that of a day, in the middle of all series; 0 unknown.

    Parameters
    ----------
    own : ndarray
        The spread of a level of several days; NaN where it is not known.
    day : ndarray
        The spread of a day.
    windows : ndarray
        How many windows without a common day each series has seen.
    alone : ndarray of bool
        Series that say nothing of others.

    Examples
    --------
    >>> middle_ratio(np.full(20, 0.5), np.ones(20), np.full(20, 9.0), alone=np.zeros(20, dtype=bool))
    0.5
    """
    known = np.isfinite(own) & (own > 0) & (day > 0) & ~alone & (windows >= 1)
    return float(np.median(own[known] / day[known])) if known.sum() >= _LEAST_SERIES else 0.0


def of_windows(own: FloatArray, day: FloatArray, windows: FloatArray, *, middle: float) -> FloatArray:
    """How large is the usual move of a level of several days.

    Parameters
    ----------
    own, day, windows : ndarray
        As in `middle_ratio`.
    middle : float
        The usual move of a level against that of a day, among all series.

    Examples
    --------
    >>> of_windows(np.array([2.0, np.nan]), np.array([1.0, 1.0]), np.array([24.0, 0.0]), middle=0.5).tolist()
    [1.0, 0.5]
    """
    known = np.isfinite(own) & (own > 0) & (day > 0)
    ratio = np.log(np.where(known, own, 1.0) / np.where(known, day, 1.0))
    weight = np.where(known, windows / (windows + _WINDOWS_BORROWED), 0.0)
    return np.asarray(day * np.exp(weight * ratio + (1 - weight) * np.log(middle)))
