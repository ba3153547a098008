"""Which workloads leak memory: what they hold rises day by day until they are killed or restarted.

A larger size only puts off the end of a leak, and a smaller one brings it nearer.
"""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.windows import FloatArray, Histories

_DROP = 0.25  # of the day before: it was restarted
_RISING = 0.85  # share of the days on which it rose
_DAYS = 6  # rises and falls seen, at least
_RISE = 0.5  # all rises together, against the usual level


def leaks(histories: Histories) -> tuple[str, ...]:
    """Why is a workload taken to leak; empty where it is not.

    The least that it holds on each day is looked at, which the load of the day moves little. It leaks where
    that rose on 85 % of at least six days without a restart, by half of the usual level in all.

    Parameters
    ----------
    histories : Histories
        Memory; pods of a workload are looked at by the largest at each step.

    Returns
    -------
    tuple of str
        In the order of ``histories.workloads``.

    Examples
    --------
    >>> week = np.repeat([1.0, 2, 3, 4, 1, 2, 3, 4, 5], 4)[None, :]
    >>> leaks(Histories(("web",), week, 21600, np.array([5.0]), "memory"))
    ('memory rose on 7 of 7 days between restarts, by 233 % of its usual level: a leak, which no size holds',)
    """
    low = _daily_low(histories.merged())
    before, after = low[:, :-1], low[:, 1:]
    with np.errstate(invalid="ignore"):
        seen = np.isfinite(before) & np.isfinite(after) & (after >= (1 - _DROP) * before)
        up = seen & (after > before)
    rise = np.where(up, after - before, 0.0).sum(axis=1)
    usual = np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in low])
    days, rising = seen.sum(axis=1), up.sum(axis=1)
    with np.errstate(invalid="ignore"):
        leaking = (days >= _DAYS) & (rising >= _RISING * days) & (rise >= _RISE * usual)
    return tuple(
        _told(int(rising[row]), int(days[row]), float(rise[row] / usual[row])) if found else ""
        for row, found in enumerate(leaking)
    )


def _told(rising: int, days: int, rise: float) -> str:
    return (
        f"memory rose on {rising} of {days} days between restarts, by {rise * 100:.0f} % of its usual level: "
        "a leak, which no size holds"
    )


def _daily_low(histories: Histories) -> FloatArray:
    """Take the least of each day, [workloads, days]; the oldest day may be cut, an empty one is NaN."""
    day = histories.steps_a_day
    rows, steps = histories.use.shape
    padded = np.pad(histories.use, ((0, 0), (-steps % day, 0)), constant_values=np.nan)
    return np.asarray(np.fmin.reduce(padded.reshape(rows, padded.shape[1] // day, day), axis=2))
