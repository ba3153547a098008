"""Which parts are charged now and then: their charges are judged on their own, and in no sum above them.

A sum of a part that costs little every day and one that costs much one day in ten is calm for days and then
jumps, again and again. How large such a charge usually is, its own part knows. A sum is therefore judged by
what its parts cost day by day; what a part that is charged now and then costs is taken as it comes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from finops_lib.anomaly.baseline import LEAST_DAYS, WINDOW

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_HALF = 0.5
_LATE_DAYS = 14  # of which half have no charge, too: what began to be charged daily is soon like others


def now_and_then(parts: FloatArray, *, first: int = 0) -> BoolArray:
    """On which days was a part charged now and then: on half of the days before, at most.

    Parameters
    ----------
    parts : ndarray
        [parts, days] of money; NaN is not known.
    first : int
        From which day on it is asked.

    Returns
    -------
    ndarray
        [parts, days from ``first`` on]; each tells of the nine weeks and of the two weeks before the day.

    Examples
    --------
    >>> daily = np.ones((1, 40))
    >>> seldom = np.where(np.arange(40) % 5, 0.0, 1.0)[None, :]
    >>> bool(now_and_then(daily).any()), bool(now_and_then(seldom)[:, 14:].all())
    (False, True)
    """
    nothing, known = parts == 0, np.isfinite(parts)
    seldom = [_share(nothing, known, days, first) >= _HALF for days in (WINDOW, _LATE_DAYS)]
    return np.asarray(seldom[0] & seldom[1])


def _share(nothing: BoolArray, known: BoolArray, days: int, first: int) -> FloatArray:
    """The share of days without a charge in so many days before each; 0 where too few are known."""
    without, count = (_before(flags, days, first) for flags in (nothing, known))
    enough = count >= min(LEAST_DAYS, days)
    return np.asarray(np.divide(without, count, out=np.zeros(count.shape), where=enough))


def _before(flags: BoolArray, days: int, first: int) -> FloatArray:
    """How many of so many days before each day are flagged."""
    start = max(first - days, 0)
    total = np.cumsum(flags[:, start:], axis=1, dtype=np.float64)
    total = np.pad(total, ((0, 0), (1, 0)))
    place = np.arange(first, flags.shape[1]) - start
    return np.asarray(total[:, place] - total[:, np.maximum(place - days, 0)])
