"""How does a model that knows one series answer for many: none disturbs another, and no warning gets out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import numpy as np
from threadpoolctl import threadpool_limits

from finops_lib.forecast.gates import filled
from finops_lib.forecast.panel import FloatArray

LEAST = 12  # steps: fewer do not tell models apart
REFUSED = (ArithmeticError, IndexError, RuntimeError, TypeError, ValueError)
_LARGEST = 1e100  # beyond, squares overflow
_FLAT = 1e-9  # spread against size that is rounding only

One = Callable[[FloatArray, int, int], FloatArray]

_TURN: SimpleQueue[None] = SimpleQueue()  # holds one thing: who has it may go in
_TURN.put(None)


@contextmanager
def alone() -> Iterator[None]:
    """How are models fitted so that no warning gets out and algebra stays on one thread: in turns.

    Both are states of the whole process: of two threads that set and restore them while the other is inside,
    the second would warn again, and leave behind what the first had set. Taking turns costs nothing where
    fitting holds the interpreter anyhow. Small matrices on several threads take a hundred times as long.
    A thread that is inside cannot come in again.

    Examples
    --------
    >>> with alone():
    ...     warnings.warn("lost", stacklevel=1)
    """
    turn = _TURN.get()
    try:
        with (
            warnings.catch_warnings(),
            threadpool_limits(limits=1, user_api="blas"),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        _TURN.put(turn)


def one_by_one(
    history: FloatArray, one: One, *, horizon: int, season: int, centred: bool = True
) -> FloatArray:
    """What does a model say of each series, asked about one at a time.

    Parameters
    ----------
    history : ndarray
        [series, steps]; gaps are filled from the past, steps before the first value are cut off.
    one : callable
        ``one(values, horizon, season)`` to [horizon]; it may refuse by an error.
    horizon, season : int
        Steps ahead, and steps in a season.
    centred : bool
        The model sees the distance from the mean; else it sees the sign of the values.

    Returns
    -------
    ndarray
        [series, horizon], in the series' unit; NaN where the model refused or gave no number, and for series
        that are shorter than 12 steps, constant, infinite or beyond 1e100.

    Notes
    -----
    A model sees values in a unit near their spread, so that optimisers meet no tiny or huge numbers.

    Examples
    --------
    >>> first = lambda values, horizon, season: np.repeat(values[0], horizon)
    >>> rows = np.array([[2.0, 4.0] * 6, [1.0, np.inf] * 6, [5.0] * 12])
    >>> one_by_one(rows, first, horizon=2, season=1).tolist()
    [[2.0, 2.0], [nan, nan], [nan, nan]]
    """
    found = np.full((len(history), horizon), np.nan)
    usable = np.asarray(~(np.abs(history) > _LARGEST).any(axis=1))
    full = filled(np.where(usable[:, None], history, np.nan), season=season)
    with alone():
        for row, values in zip(found, full, strict=True):
            known = values[np.isfinite(values)]
            if len(known) < LEAST or np.std(known) <= _FLAT * np.abs(known).max():
                continue
            unit = 2.0 ** np.ceil(np.log2(np.std(known)))  # a power of two changes no digit
            middle = known.mean() if centred else 0.0
            try:
                said = one((known - middle) / unit, horizon, season) * unit + middle
            except REFUSED:
                continue
            row[:] = said if np.isfinite(said).all() else np.nan
    return found
