"""How do series of pods make one of their workload: events out of counters, and sums that keep gaps."""

from __future__ import annotations

import numpy as np

from finops_lib.usage.prometheus.queries import COUNTED
from finops_lib.usage.series import HIGHEST


def increments(counts: np.ndarray) -> np.ndarray:
    """How many events were there in each step, from a counter that may begin anew.

    Parameters
    ----------
    counts : array
        Series by moments, one more than steps; NaN where it is not known.

    Returns
    -------
    array
        Series by steps. What happened in a gap counts where the gap ends; what a series begins with is not
        known to have happened in a step.

    Examples
    --------
    >>> increments(np.array([[1.0, 3.0, np.nan, 4.0, 2.0]])).tolist()
    [[2.0, nan, 1.0, 2.0]]
    """
    known = np.isfinite(counts)
    last = np.maximum.accumulate(np.where(known, np.arange(counts.shape[1]), 0), axis=1)
    before = np.take_along_axis(counts, last, axis=1)[:, :-1]
    now = counts[:, 1:]
    found: np.ndarray = np.where(now < before, now, now - before)
    return found


def joined(values: np.ndarray, rows: np.ndarray, how: str, *, count: int) -> np.ndarray:
    """What did each resource use, if these are its pods.

    Parameters
    ----------
    values : array
        Pods by steps; NaN where it is not known.
    rows : array of int
        The resource of each pod.
    how : str
        ``sum``, ``max``, or ``count`` of the pods that are known.
    count : int
        How many resources.

    Returns
    -------
    array
        Resources by steps; a step that no pod knows is NaN.

    Examples
    --------
    >>> pods = np.array([[1.0, np.nan], [4.0, np.nan]])
    >>> joined(pods, np.array([0, 0]), "sum", count=1).tolist()
    [[5.0, nan]]
    """
    known = np.isfinite(values)
    seen = np.zeros((count, values.shape[1]), dtype=np.int64)
    np.add.at(seen, rows, known)
    if how == COUNTED:
        return np.where(seen > 0, seen, np.nan)
    begin, join = (-np.inf, np.maximum) if how == HIGHEST else (0.0, np.add)
    found = np.full(seen.shape, begin)
    join.at(found, rows, np.where(known, values, begin))
    found[seen == 0] = np.nan
    return found
