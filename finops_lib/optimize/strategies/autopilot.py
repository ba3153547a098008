"""The moving-window rule that Google describes for Autopilot: percentiles of load, not of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from finops_lib.optimize.strategies.base import Allocation, allotted
from finops_lib.optimize.windows import FloatArray, Histories

_HALF_LIFE_HOURS = {"memory": 48.0}
_ELSE_HOURS = 12.0


@dataclass(frozen=True)
class Autopilot:
    """The use below which 95 % of the load ran, newer load weighing more, and 10 % on top.

    A sample weighs as much as was used in it, halved every 12 hours of age (48 for memory).

    Parameters
    ----------
    level : float
        Share of the load, 0 to 1.
    margin : float
        Share added.

    Notes
    -----
    Rzadca et al. (2020), EuroSys, section 3.2.1 (load-adjusted histogram) and 3.2.2; samples stand in for
    its bins.

    Examples
    --------
    >>> use = np.array([[1.0] * 40 + [3.0]])  # load 40 and 3: 95 % of 43 is 40.85
    >>> still = Histories(("web",), use, 1, np.array([4.0]), "cpu")  # 41 s, too short to forget
    >>> round(Autopilot()(still).amount.item(), 3)
    3.3
    """

    level: float = 0.95
    margin: float = 0.1

    def __call__(self, histories: Histories) -> Allocation:
        """How much should each workload have.

        Parameters
        ----------
        histories : Histories
            Pods of a workload are looked at together.

        Returns
        -------
        Allocation
            Without a promise.
        """
        half_life = _HALF_LIFE_HOURS.get(histories.kind, _ELSE_HOURS)
        age_hours = np.arange(histories.use.shape[1])[::-1] * histories.step_seconds / 3600
        fresh = 2.0 ** (-age_hours / half_life)
        known, count = np.isfinite(histories.use), len(histories.workloads)
        reached = np.full(count, np.nan)
        for number, rows in enumerate(_rows(histories, count)):
            used = known[rows]
            values = histories.use[rows][used]
            weight = np.broadcast_to(fresh, used.shape)[used]
            reached[number] = load_percentile(values, weight, level=self.level)
        samples = np.bincount(histories.of_row, weights=known.sum(axis=1), minlength=count).astype(np.int64)
        return allotted(histories, reached * (1.0 + self.margin), known=samples, least=1)


def _rows(histories: Histories, count: int) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Give the rows of each workload."""
    order = np.argsort(histories.of_row, kind="stable")
    ends = np.cumsum(np.bincount(histories.of_row, minlength=count))
    return np.split(order, ends[:-1])


def load_percentile(values: FloatArray, weights: FloatArray, *, level: float) -> float:
    """Below which use did this share of the load run; NaN without a sample.

    Parameters
    ----------
    values : ndarray
        Samples of use.
    weights : ndarray
        How much each sample's time counts.
    level : float
        Share of the load, 0 to 1.

    Examples
    --------
    >>> load_percentile(np.array([1.0, 2.0, 1.0]), np.ones(3), level=0.5)  # load 1, 1, 2: half is at 1
    1.0
    """
    if not len(values):
        return float("nan")
    order = np.argsort(values, kind="stable")
    load = np.cumsum(values[order] * weights[order])
    if load[-1] <= 0:
        return float(values.max())
    place = int(np.searchsorted(load, level * load[-1] * (1 - 1e-12)))
    return float(values[order][min(place, len(values) - 1)])
