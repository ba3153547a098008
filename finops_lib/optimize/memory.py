"""What memory needs besides a percentile: starts, kills for want of memory, and a limit above what ran."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from finops_lib.optimize.strategies.base import Allocation
from finops_lib.optimize.windows import BoolArray, FloatArray, Histories, IntArray, most_by

_BUMP = 1.2  # after a kill: need was above what there was
_BUMP_BYTES = 100 * 1024**2
_LIMIT = 1.1  # of the most that ran


def with_kills(histories: Histories, kills: IntArray) -> Histories:
    """What would have been used where a pod was killed for want of memory: more than it had.

    Parameters
    ----------
    histories : Histories
        Memory, bytes.
    kills : ndarray
        [rows, steps], kills in each step.

    Returns
    -------
    Histories
        At a kill the use is 20 % or 100 MiB above the larger of use and capacity, whichever is more.

    Raises
    ------
    ValueError
        Kills are not one a step of the use.

    Notes
    -----
    The rule of the Kubernetes vertical pod autoscaler for observed kills.

    Examples
    --------
    >>> gib = 1024.0**3
    >>> one = Histories(("web",), np.array([[0.5 * gib, gib]]), 300, np.array([2 * gib]), "memory")
    >>> (with_kills(one, np.array([[0, 1]])).use / gib).round(2).tolist()
    [[0.5, 2.4]]
    """
    if kills.shape != histories.use.shape:
        raise ValueError(f"kills {kills.shape}, use {histories.use.shape}: one number a step")
    had = np.fmax(histories.use, histories.capacity[:, None])
    needed = np.maximum(had * _BUMP, had + _BUMP_BYTES)
    use = np.where(kills > 0, np.fmax(needed, np.nan_to_num(histories.use)), histories.use)
    return replace(histories, use=use)


def starts(histories: Histories, *, seconds: int) -> BoolArray:
    """Which samples belong to a start: the first after a gap, for so many seconds.

    Parameters
    ----------
    histories : Histories
        A gap is a time in which it did not run. The first step of the table is no start: what was before is
        not known.
    seconds : int
        How long a start takes.

    Returns
    -------
    ndarray
        [rows, steps].

    Examples
    --------
    >>> use = np.array([[1.0, np.nan, 9.0, 3.0]])
    >>> starts(Histories(("web",), use, 300, np.array([10.0]), "memory"), seconds=300).tolist()
    [[False, False, True, False]]
    """
    known = np.isfinite(histories.use)
    begun = known.copy()
    begun[:, 1:] &= ~known[:, :-1]
    begun[:, 0] = False
    found = begun.copy()
    for step in range(1, -(-seconds // histories.step_seconds)):
        found[:, step:] |= begun[:, :-step]
    return np.asarray(found & known)


def request_and_limit(
    histories: Histories, allocation: Allocation, *, start: BoolArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """How much memory to request and where to set the limit: neither below what ran.

    Parameters
    ----------
    histories : Histories
        Memory, with kills as `with_kills` gives them.
    allocation : Allocation
        What a strategy says for these workloads.
    start : ndarray, optional
        [rows, steps], samples of starts: they count for the limit only.

    Returns
    -------
    tuple of ndarray
        [workloads] request and limit, bytes; NaN without an answer. The request is the strategy's, and no
        less than the most that ran outside a start. The limit is 10 % above the most that ran at all, and no
        less than the request.

    Examples
    --------
    >>> asked = Histories(("web",), np.array([[9.0, 3.0, 4.0]]), 300, np.array([10.0]), "memory")
    >>> said = Allocation(("web",), np.array([3.5]), None, ("",))
    >>> request, limit = request_and_limit(asked, said, start=np.array([[True, False, False]]))
    >>> request.tolist(), limit.round(1).tolist()
    ([4.0], [9.9])
    """
    steady = histories.use if start is None else np.where(start, np.nan, histories.use)
    groups, row = len(histories.workloads), histories.of_row
    ran = most_by(np.fmax.reduce(steady, axis=1), row, groups=groups)
    peak = most_by(np.fmax.reduce(histories.use, axis=1), row, groups=groups)
    request = np.where(allocation.answered, np.fmax(allocation.amount, ran), np.nan)
    return request, np.where(allocation.answered, np.fmax(request, peak * _LIMIT), np.nan)
