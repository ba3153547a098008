"""Sizes to choose from, as a ladder of equal ratios, and how often use lies above each of its rungs."""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.windows import BoolArray, FloatArray, IntArray

LOWEST = 0.01  # of the scale: less is never allotted
RUNGS = 461  # one per cent apart
LADDER: FloatArray = np.geomspace(LOWEST, 1.0, RUNGS)
RUNG = float(np.log(LADDER[1] / LADDER[0]))


def above(share: FloatArray) -> FloatArray:
    """Which share of the known samples lies above each rung.

    Parameters
    ----------
    share : ndarray
        [rows, steps], use over the scale; NaN is a gap. Use above the scale counts as the scale: a larger
        size was not there to be used.

    Returns
    -------
    ndarray
        [rows, rungs], 0 to 1; a row without a sample is NaN.

    Examples
    --------
    >>> found = above(np.array([[0.005, 0.5, 1.2, np.nan]]))
    >>> [round(found[0, place].item(), 3) for place in (0, 300, 460)]  # at .01, .2 and 1
    [0.667, 0.667, 0.0]
    """
    rows = len(share)
    known = np.isfinite(share)
    place = np.searchsorted(LADDER, np.minimum(share, 1.0))  # rungs below that number are exceeded
    flat = np.where(known, place, RUNGS + 1) + np.arange(rows)[:, None] * (RUNGS + 2)
    counts = np.bincount(flat.ravel(), minlength=rows * (RUNGS + 2)).reshape(rows, RUNGS + 2)
    counts = counts[:, : RUNGS + 1]
    total = counts.sum(axis=1, keepdims=True)
    exceeding = total - np.cumsum(counts, axis=1)[:, :RUNGS]
    return np.asarray(np.where(total > 0, exceeding / np.maximum(total, 1), np.nan))


def moved(survival: FloatArray, rungs: FloatArray) -> FloatArray:
    """How would these shares look if all use were larger by so many rungs.

    Parameters
    ----------
    survival : ndarray
        [rows, rungs], as `above` gives them.
    rungs : ndarray
        [rows], a part of a rung counts as a whole one: the use is not made too small.

    Returns
    -------
    ndarray
        [rows, rungs].

    Examples
    --------
    >>> half = above(np.array([[0.2]]))
    >>> double = moved(half, np.array([69.2]))
    >>> [LADDER[survival[0].argmin()].round(2).item() for survival in (half, double)]
    [0.2, 0.41]
    """
    place = np.arange(survival.shape[1])[None, :] - np.ceil(rungs).astype(np.int64)[:, None]
    return np.take_along_axis(survival, np.clip(place, 0, survival.shape[1] - 1), axis=1)


def cheapest(
    risk: FloatArray, *, price: float, weight: FloatArray, allowed: BoolArray | None = None
) -> IntArray:
    """Which rung costs least, when the risk of exceeding it has a price.

    Parameters
    ----------
    risk : ndarray
        [rows, rungs], as the share of future samples expected above each.
    price : float
        What a risk of 1 costs, in sizes of a workload of weight 1.
    weight : ndarray
        [rows], the scale of each row over the mean scale: a rung of a large machine costs more.
    allowed : ndarray, optional
        [rows, rungs], which may be taken; the top rung always may.

    Returns
    -------
    ndarray
        [rows], numbers of rungs.

    Notes
    -----
    The price is the multiplier of Lagrange that belongs to one mean share over the fleet: risk is taken where
    it saves most.

    Examples
    --------
    >>> risk = above(np.array([[0.1] * 99 + [0.8]]))
    >>> [LADDER[cheapest(risk, price=price, weight=np.ones(1))][0].round(1).item() for price in (9, 99)]
    [0.1, 0.8]
    """
    cost = LADDER[None, :] * weight[:, None] + price * risk
    if allowed is not None:
        cost[:, :-1] = np.where(allowed[:, :-1], cost[:, :-1], np.inf)
    return np.asarray(cost.argmin(axis=1), dtype=np.int64)
