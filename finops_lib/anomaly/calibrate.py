"""How likely is a score as high as this where nothing is wrong: its rank among past ones, and a tail beyond.

Within what was seen often, the p-value is the rank among the scores of the same series (conformal: it holds
for any distribution whose days are alike), with those of all series beside it where its own are few; and with
the one in a hundred that is left out of the past where nothing is wrong, as it looks like an event. A score
is a power of ten, so a tail that falls as a power of the move falls exponentially with the score: beyond
the rank the tail is exponential, and how fast it falls is read from how far a series' own scores reach, drawn
towards what is assumed. What all series show is left out of that: it would forget with the events of a few.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

DOUBTFUL = 0.01  # p-value below which a day is not learned from
START = 1.5  # score at which the tail begins: three days in a hundred where what is assumed holds
_BORROWED = 100.0  # scores of all series that stand beside a series' own
_ASSUMED_REACH = 0.5  # mean excess; 1 / ln 10 = 0.43 where what is assumed of days were exact
_RUN = 5.0  # days that high scores last in the mean, as they look at the same newest days
_OWN_RUNS = 100.0  # runs of high scores after which a series is believed as much as what is assumed
_POOL = 200_000
_TINY = 1e-300


def pool(past: FloatArray) -> FloatArray:
    """Which scores did all series have together, sorted.

    Parameters
    ----------
    past : ndarray
        [series, days] of scores above or at 0; NaN where there was none.

    Examples
    --------
    >>> pool(np.array([[0.5, np.nan], [0.25, 1.0]])).tolist()
    [0.25, 0.5, 1.0]
    """
    every = past[np.isfinite(past)]
    return np.asarray(np.sort(every[:: max(len(every) // _POOL, 1)]), dtype=np.float64)


def p_values(scores: FloatArray, past: FloatArray, shared: FloatArray) -> FloatArray:
    """How likely is a score at least as high, where nothing is wrong.

    Parameters
    ----------
    scores : ndarray
        One a series, at or above 0; NaN was not scored.
    past : ndarray
        [series, days] of earlier scores of the same series; NaN where there was none.
    shared : Pool
        From `pool`, for all series.

    Returns
    -------
    ndarray
        One a series, above 0 and at most 1.

    Examples
    --------
    >>> past = np.tile(np.linspace(0.0, 1.0, 100), (3, 1))
    >>> found = p_values(np.array([0.5, 2.0, 9.0]), past, pool(past))
    >>> [bool(shown) for shown in (0.4 < found[0] < 0.6, found[2] < found[1] < 0.05, found[2] < 1e-6)]
    [True, True, True]
    """
    body = _rank(np.minimum(scores, START), past, shared)
    beyond = np.maximum(scores - START, 0.0)
    found = body * np.exp(-beyond / _reach(past))
    return np.asarray(np.where(np.isfinite(scores), np.clip(found, _TINY, 1.0), np.nan))


def _rank(scores: FloatArray, past: FloatArray, shared: FloatArray) -> FloatArray:
    """Which share of past scores is at least as high."""
    count = np.isfinite(past).sum(axis=1)
    above = (past >= scores[:, None]).sum(axis=1)
    rank = (above + 1.0 + _BORROWED * _shared_rank(scores, shared)) / (count + 1.0 + _BORROWED)
    return np.asarray(np.minimum(rank + DOUBTFUL, 1.0))


def _shared_rank(scores: FloatArray, shared: FloatArray) -> FloatArray:
    if not len(shared):
        return np.asarray(10.0**-scores)
    below = np.searchsorted(shared, scores, side="left")
    return np.asarray((len(shared) - below + 1.0) / (len(shared) + 1.0))


def _reach(past: FloatArray) -> FloatArray:
    """The mean excess of each series' scores beyond the tail's start."""
    beyond = np.where(past > START, past - START, 0.0)
    runs = (beyond > 0).sum(axis=1) / _RUN
    return np.asarray((beyond.sum(axis=1) / _RUN + _ASSUMED_REACH * _OWN_RUNS) / (runs + _OWN_RUNS))
