"""What does a history look like: numbers that tell workloads apart, whatever their size.

All but the first are logarithms against the 99th percentile, so that a workload twice as large with the same
shape looks the same.
"""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.windows import FloatArray, quantiles

LEVELS = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1.0)
_BASE = LEVELS.index(0.99)
FLOOR = 0.005  # of the scale: below it differences of use do not matter
_DAY_LEVELS = (0.5, 0.95, 0.99, 1.0)
_LEAST_DAYS, _PARTS = 3, 4
_RECENT = (8, 4, 2)  # the newest eighth, quarter and half
_NEWEST = 12  # steps
_ROWS = 500  # looked at in one go, which bounds the memory
_OVER_DAYS = 6  # numbers about the days, for each of their levels


def _groups() -> dict[str, range]:
    """Name the columns by what they look at, in their order."""
    sizes = {
        "how much is used": 1,
        "how far peaks stand out": len(LEVELS),
        "how days differ": _OVER_DAYS * len(_DAY_LEVELS) + 1,
        "what was newest": 3 * (1 + len(_RECENT)),
        "how lively it is": 3,
    }
    found, start = {}, 0
    for name, size in sizes.items():
        found[name] = range(start, start + size)
        start += size
    return found


GROUPS = _groups()


def described(share: FloatArray, *, steps_a_day: int) -> FloatArray:
    """What does each history look like.

    Parameters
    ----------
    share : ndarray
        [rows, steps], use over the scale of the row; NaN is a gap; each row has a sample.
    steps_a_day : int
        Histories of three days and more are looked at by day, shorter ones by quarter.

    Returns
    -------
    ndarray
        [rows, features]; the first is the logarithm of the 99th percentile.

    Examples
    --------
    >>> flat = described(np.full((1, 96), 0.5), steps_a_day=24)
    >>> round(flat[0, 0].item(), 4), bool((flat[0, 1:10] == 0).all())  # log(.505)
    (-0.6832, True)
    """
    rows = range(0, len(share), _ROWS)
    found = [_described(share[start : start + _ROWS], steps_a_day) for start in rows]
    return np.concatenate(found) if found else np.empty((0, 0))


def level_of(seen: FloatArray, level: float) -> FloatArray:
    """Which percentile was that, read back from the features.

    Parameters
    ----------
    seen : ndarray
        [rows, features], as `described` gives them.
    level : float
        One of ``LEVELS``.

    Returns
    -------
    ndarray
        [rows], in shares of the scale.

    Examples
    --------
    >>> rise = described(np.linspace(0.0, 1.0, 101)[None, :], steps_a_day=24)
    >>> round(level_of(rise, 0.75).item(), 9)
    0.75
    """
    return np.asarray(np.exp(seen[:, 0] + seen[:, 1 + LEVELS.index(level)]) - FLOOR)


def _described(share: FloatArray, steps_a_day: int) -> FloatArray:
    shape = _log(quantiles(share, LEVELS))
    base = shape[:, [_BASE]]
    days = _by_day(share, steps_a_day)
    count = np.isfinite(days[:, :, 0]).sum(axis=1, keepdims=True)
    by_level = [_over_days(days[:, :, place] - base) for place in range(len(_DAY_LEVELS))]
    return np.concatenate([base, shape - base, *by_level, count, *_recent(share, base)], axis=1)


def _log(value: FloatArray) -> FloatArray:
    return np.asarray(np.log(np.maximum(value, 0.0) + FLOOR))


def _by_day(share: FloatArray, steps_a_day: int) -> FloatArray:
    """Take percentiles of each day, [rows, days, levels]; an empty day is NaN."""
    rows, steps = share.shape
    length = steps_a_day if steps >= _LEAST_DAYS * steps_a_day else max(steps // _PARTS, 1)
    padded = np.pad(share, ((0, 0), (-steps % length, 0)), constant_values=np.nan)
    found = _log(quantiles(padded.reshape(-1, length), _DAY_LEVELS))
    return found.reshape(rows, -1, len(_DAY_LEVELS))


def _over_days(days: FloatArray) -> FloatArray:
    """Give the most, the least, the mean, the spread, the last and the one before."""
    known = np.isfinite(days)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, days, 0.0).sum(axis=1) / count
    spread = np.sqrt((np.where(known, days - mean[:, None], 0.0) ** 2).sum(axis=1) / count)
    ordered = np.take_along_axis(days, np.argsort(known, axis=1, kind="stable"), axis=1)
    before = ordered[:, -2] if days.shape[1] > 1 else ordered[:, -1]
    before = np.where(np.isfinite(before), before, ordered[:, -1])
    most, least = np.fmax.reduce(days, axis=1), np.fmin.reduce(days, axis=1)
    return np.stack([most, least, mean, spread, ordered[:, -1], before], axis=1)


def _recent(share: FloatArray, base: FloatArray) -> list[FloatArray]:
    """Look at the newest parts (as the whole where they are empty), and at how lively steps are."""
    steps = share.shape[1]
    found = []
    for length in (_NEWEST, *(max(steps // part, _NEWEST) for part in _RECENT)):
        part = _log(quantiles(share[:, -length:], (0.5, 0.95, 1.0))) - base
        found.append(np.where(np.isfinite(part), part, 0.0))
    moves = np.abs(np.diff(share, axis=1))
    lively = _log(quantiles(moves, (0.5, 0.9, 0.99))) - base
    return [*found, np.where(np.isfinite(lively), lively, np.log(FLOOR) - base)]
