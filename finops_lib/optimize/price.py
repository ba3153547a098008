"""What does risk cost: the price at which a fleet's past windows would have kept the promise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.windows import FloatArray, IntArray

_HALVINGS = 40
_ROUNDING = 1e-9  # of a count


@dataclass(frozen=True)
class Promise:
    """What is promised: a mean share of samples above the size, and how many workloads keep their bound.

    Parameters
    ----------
    mean : float
        Mean share over the workloads, 0 to 1.
    bound : float
        Share that no workload is to exceed.
    kept : float
        Share of workloads that keep the bound.

    Examples
    --------
    >>> Promise().holds(np.array([0.0] * 19 + [0.1]))  # mean .5 %, 95 % kept; one more such would be 91 %
    True
    >>> Promise().holds(np.array([0.0] * 18 + [0.03] * 2))  # mean .3 %, but 90 % kept, one more: 86 %
    False
    """

    mean: float = 0.01
    bound: float = 0.02
    kept: float = 0.9

    def mean_holds(self, breach: FloatArray) -> bool:
        """Did the past keep the mean share.

        Parameters
        ----------
        breach : ndarray
            [windows], share of samples above the size.
        """
        return bool(len(breach) and breach.mean() <= self.mean)

    def holds(self, breach: FloatArray) -> bool:
        """Did the past keep all of it, and would it with one more workload that breaks the bound.

        Parameters
        ----------
        breach : ndarray
            [windows], share of samples above the size.

        Notes
        -----
        One more loss of the worst kind is what makes the risk of a new workload no larger than that of the
        past: conformal risk control, Angelopoulos et al. (2022), arXiv 2208.02814, for the share of broken
        bounds. The mean is held as it was.
        """
        broken = int((breach > self.bound).sum()) + 1
        allowed = (1.0 - self.kept) * (len(breach) + 1)
        return self.mean_holds(breach) and broken <= allowed + _ROUNDING


def lowest(holds_at: Callable[[float], bool], *, low: float, high: float) -> float:
    """Which is the lowest price (or factor) at which the past kept the promise.

    Parameters
    ----------
    holds_at : callable
        Whether it holds at a price; it goes on to hold above.
    low, high : float
        Where to look, above 0.

    Returns
    -------
    float
        ``high`` where it does not hold below.

    Examples
    --------
    >>> round(lowest(lambda factor: factor >= 2, low=0.1, high=10.0), 6)
    2.0
    """
    below, above = np.log(low), np.log(high)
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if holds_at(float(np.exp(middle))):
            above = middle
        else:
            below = middle
    return float(np.exp(above))


def folds(names: Sequence[str], *, count: int = 5) -> IntArray:
    """In which part is each window judged: all windows of a workload in the same, whatever their order.

    Parameters
    ----------
    names : sequence of str
        Workload of each window.
    count : int
        Parts.

    Returns
    -------
    ndarray
        [windows], 0 to ``count`` - 1.

    Examples
    --------
    >>> part = folds(["a", "b", "a"])
    >>> bool(part[0] == part[2]), bool(part[0] == part[1])
    (True, False)
    """
    order = sorted(set(names), key=lambda name: hashlib.sha256(name.encode()).digest())
    part = {name: place % count for place, name in enumerate(order)}
    return np.array([part[name] for name in names], dtype=np.int64)
