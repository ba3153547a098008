"""How likely is a score as high as this where nothing is wrong: its rank among past ones, and a tail beyond.

Within what was seen, the p-value is the rank among the scores of the same series (conformal: it holds for
any distribution whose days are alike). Beyond the top few in a hundred the tail of a Student distribution is
laid through that point; how heavy it is, is read from how far the top scores reach (after Hill 1975), shrunk
to what all series show. A series borrows from all others, the more the shorter it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

FloatArray = npt.NDArray[np.float64]

TAIL = 0.03  # share of scores that the tail is laid through
_BORROWED = 100.0  # scores of all series that stand beside a series' own
_REACH_BORROWED = 100.0
_LEAST_POOL = 100
_ASSUMED = (3.0, 5.0)  # score at the tail's start and degrees of freedom, where no scores are known
_FREEDOMS = np.array([1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0, 40.0])
_LUMPY = 1.0  # mean log reach beyond which the top scores are of another kind than the rest
_LUMPY_FREEDOM = 2.0
_SURE = 10.0  # scores that allow the tail one more degree of freedom
_LUMPS = 8.0  # the tail's start over the median: three times that of a normal distribution
_FAR = 0.001  # share of scores that the tail of all series is held against
_FEW_FAR = 20
_ERRORS = 2.0  # standard errors below which a series' own count is not doubted
_POOL = 200_000
_TINY = 1e-300


@dataclass(frozen=True)
class Pool:
    """The scores of all series together: sorted, the tail's scale and mean log reach."""

    ordered: FloatArray
    scale: float
    reach: float


def pool(past: FloatArray) -> Pool:
    """What do the past scores of all series show.

    Parameters
    ----------
    past : ndarray
        [series, days] of scores above or at 0; NaN where there was none.

    Examples
    --------
    >>> pool(np.full((1, 3), np.nan)).scale == _ASSUMED[0] / float(stdtrit(_ASSUMED[1], 1 - TAIL / 2))
    True
    """
    every = past[~_lumpy_rows(past)]
    every = every[np.isfinite(every)]
    every = np.sort(every[:: max(len(every) // _POOL, 1)]).astype(np.float64)
    at = int(len(every) * (1 - TAIL))
    if len(every) < _LEAST_POOL or every[at] <= 0:
        start, freedom = _ASSUMED
        reach = float(np.interp(freedom, _FREEDOMS, _reaches()))
        return Pool(every, start / float(stdtrit(freedom, 1 - TAIL / 2)), reach)
    reach = max(float(np.log(every[at:] / every[at]).mean()), _far_reach(every, float(every[at])))
    return Pool(every, float(every[at]) / float(stdtrit(_freedom(np.array(reach)), 1 - TAIL / 2)), reach)


def _lumpy_rows(past: FloatArray) -> npt.NDArray[np.bool_]:
    """Series that now and then do something else altogether: what they show holds for no other."""
    known = np.isfinite(past)
    count = known.sum(axis=1)
    if not past.shape[1]:
        return np.zeros(len(past), dtype=bool)
    ordered = np.sort(np.where(known, past, -1.0), axis=1)
    row, width = np.arange(len(past)), past.shape[1]
    middle, top = (
        ordered[row, np.minimum((width - count * share).astype(int), width - 1)] for share in (0.5, TAIL)
    )
    return np.asarray(top > _LUMPS * middle)


def _far_reach(ordered: FloatArray, start: float) -> float:
    """The mean log reach of the Student tail that leads to the far scores as they are."""
    count = int(len(ordered) * _FAR)
    if count < _FEW_FAR:
        return 0.0
    ratios = stdtrit(_FREEDOMS, 1 - _FAR / 2) / stdtrit(_FREEDOMS, 1 - TAIL / 2)
    seen = float(ordered[-count]) / start
    return float(np.interp(seen, ratios[::-1], _reaches()[::-1]))


def p_values(scores: FloatArray, past: FloatArray, shared: Pool) -> FloatArray:
    """How often would a score be as high as this on a day like those before.

    Parameters
    ----------
    scores : ndarray
        One a series, at or above 0; NaN stays NaN.
    past : ndarray
        [series, days], the scores of the days before that count as usual; NaN where there was none.
    shared : Pool
        From `pool`.

    Returns
    -------
    ndarray
        One a series, above 0 and at most 1.

    Examples
    --------
    >>> past = np.tile(np.linspace(0.0, 2.0, 100), (3, 1))
    >>> found = p_values(np.array([1.0, 2.2, 40.0]), past, pool(past))
    >>> [bool(shown) for shown in (0.4 < found[0] < 0.6, found[2] < found[1] < 0.05, found[2] < 1e-6)]
    [True, True, True]
    """
    known = np.isfinite(past)
    count = known.sum(axis=1).astype(np.float64)
    above = (np.where(known, past, -np.inf) >= scores[:, None]).sum(axis=1)
    borrowed = np.where(_lumpy_rows(past), 0.0, _BORROWED)
    body = (above + 1.0 + borrowed * _shared_rank(scores, shared)) / (count + 1.0 + borrowed)
    scale, freedom, begins = _tails(past, borrowed, shared)
    start = scale * stdtrit(freedom, 1 - begins / 2)
    beyond = 2.0 * stdtr(freedom, -np.abs(scores) / scale)
    found = np.where(scores > start, np.minimum(beyond, begins), np.maximum(body, begins))
    seen = np.maximum(above - _ERRORS * np.sqrt(above), 0.0) / (count + 1.0)
    found = np.maximum(found, seen)
    return np.asarray(np.where(np.isfinite(scores), np.clip(found, _TINY, 1.0), np.nan))


def _tails(past: FloatArray, borrowed: FloatArray, shared: Pool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scale, degrees of freedom and the share at which each series' tail begins."""
    known = np.isfinite(past)
    count = known.sum(axis=1).astype(np.float64)
    ordered = np.sort(np.where(known, past, -np.inf), axis=1)
    width = ordered.shape[1]
    top = np.maximum(np.ceil(TAIL * count), 1.0)
    if not width:
        ordered, width = np.zeros((len(past), 1)), 1
    most = max(int(top.max(initial=1.0)), 1)
    best = np.maximum(ordered[:, -min(most, width) :], 0.0)[:, ::-1].astype(np.float64)
    anchor = best[np.arange(len(best)), np.minimum(top, best.shape[1]).astype(int) - 1]
    usable = anchor > 0
    within = (np.arange(best.shape[1]) < top[:, None]) & usable[:, None]
    logs = np.log(np.where(within, best, 1.0) / np.where(usable, anchor, 1.0)[:, None], where=within,
                  out=np.zeros_like(best))  # fmt: skip
    reach = logs.sum(axis=1) / np.maximum(top - 1.0, 1.0)
    lumpy = (~usable | (reach > _LUMPY)) & (best[:, 0] > 0)
    mixed = ((top - 1.0) * np.where(usable, reach, 0.0) + _REACH_BORROWED * shared.reach) / (
        (top - 1.0) + _REACH_BORROWED
    )
    unsure = _LUMPY_FREEDOM + count / _SURE
    freedom = np.where(lumpy | (borrowed == 0), _LUMPY_FREEDOM, np.minimum(_freedom(mixed), unsure))
    share = np.where(lumpy, 1.0, top) / (count + 1.0)
    point = np.where(lumpy, best[:, 0], anchor)
    own = point / stdtrit(freedom, 1 - np.minimum(share, 0.5) / 2)
    weight = np.where(lumpy, 1.0, (point > 0) * count / np.maximum(count + borrowed, 1.0))
    log_own = np.log(np.where(point > 0, own, 1.0))
    scale = np.exp(weight * log_own + (1 - weight) * np.log(shared.scale))
    # A series that is far louder than all others is believed, as far as its few top scores can tell.
    least = np.where(point > 0, own, 0.0) * np.exp(-1.0 / np.sqrt(top))
    scale = np.maximum(scale, least)
    return scale, freedom, np.where(lumpy, np.minimum(share, TAIL), TAIL)


def _shared_rank(scores: FloatArray, shared: Pool) -> FloatArray:
    if not len(shared.ordered):
        return np.asarray(2.0 * stdtr(_ASSUMED[1], -np.abs(scores) / shared.scale))
    below = np.searchsorted(shared.ordered, scores, side="left")
    return np.asarray((len(shared.ordered) - below + 1.0) / (len(shared.ordered) + 1.0))


@lru_cache(maxsize=1)
def _reaches() -> FloatArray:
    """The mean log reach beyond the tail's start, for each number of degrees of freedom."""
    grid = (np.arange(2000) + 0.5) / 2000 * TAIL
    starts = stdtrit(_FREEDOMS, 1 - TAIL / 2)
    return np.asarray(np.log(stdtrit(_FREEDOMS[:, None], 1 - grid / 2) / starts[:, None]).mean(axis=1))


def _freedom(reach: FloatArray) -> FloatArray:
    return np.asarray(np.interp(reach, _reaches()[::-1], _FREEDOMS[::-1]))
