"""Which of many tests of one day to believe, so that few of these are false, each day and over days.

On a day the step-up rule of Benjamini and Hochberg (1995) is used with weights (Genovese, Roeder and
Wasserman 2006): each level of the hierarchy has the same share of the error to spend, and within a level
half of it goes by the money spent before. So the whole, one of thousands, is not drowned by its parts; and
because each part is tested, rises and falls that cancel are found. With ``any_dependence`` the level is
divided by a harmonic sum (Benjamini and Yekutieli 2001), which holds however the series hang together.

Over days the error is a budget: what each day may spend comes from what earlier days have left and have
found, with older days forgotten (in the way of Ramdas, Yang, Wainwright and Jordan 2017, for batches).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from finops_lib.records import Record

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MEMORY_DAYS = 60
_BY_MONEY = 0.5  # share of a level's weight that goes by money
_SPENT_A_DAY = 0.05  # of what is left
_MOST_A_DAY = 0.25  # of the level


@dataclass(frozen=True)
class Budget(Record):
    """What was spent of the error and how much was found, both fading with the days.

    Examples
    --------
    >>> fresh = Budget(0.1)
    >>> round(fresh.today(), 4), fresh.after(0.01, found=5).today() > fresh.today()
    (0.005, True)
    """

    level: float
    spent: float = 0.0
    found: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ValueError(f"level {self.level}: it lies between 0 and 1, as 0.1")

    def today(self) -> float:
        """At which level may the next day test; never more than a quarter of the level asked for."""
        left = self.level * max(self.found, 1.0) - self.spent
        return min(max(_SPENT_A_DAY * left, 0.0), _MOST_A_DAY * self.level)

    def after(self, spent: float, *, found: int) -> Budget:
        """What is left after a day that tested at this level and found so many."""
        kept = 1 - 1 / MEMORY_DAYS
        return Budget(self.level, kept * self.spent + spent, kept * self.found + found)


def weights(depths: npt.NDArray[np.int64], money: FloatArray) -> FloatArray:
    """How is the error shared out: evenly over the levels, and within each half evenly and half by money.

    Parameters
    ----------
    depths : ndarray
        The level of each series.
    money : ndarray
        What each spent before, at or above 0.

    Returns
    -------
    ndarray
        One a series, 1 in the mean.

    Examples
    --------
    >>> weights(np.array([0, 1, 1]), np.array([4.0, 3.0, 1.0])).tolist()
    [1.5, 0.9375, 0.5625]
    """
    found = np.zeros(len(depths))
    levels = np.unique(depths)
    for level in levels:
        here = depths == level
        roots = money[here]
        total = roots.sum()
        count = int(here.sum())
        by_money = roots / total if total > 0 else np.full(count, 1 / count)
        found[here] = _BY_MONEY * by_money + (1 - _BY_MONEY) / count
    return found * len(depths) / max(len(levels), 1)


def step_up(p: FloatArray, weight: FloatArray, *, level: float, any_dependence: bool = False) -> BoolArray:
    """Which tests are believed, so that the expected share of false ones among them is at most ``level``.

    Parameters
    ----------
    p : ndarray
        P-values; NaN was not tested.
    weight : ndarray
        From `weights`.
    level : float
        0 to 1.
    any_dependence : bool
        Hold for tests that depend on one another in any way.

    Examples
    --------
    >>> step_up(np.array([0.001, 0.02, 0.04, 0.9]), np.ones(4), level=0.05).tolist()
    [True, True, False, False]
    """
    tested = np.isfinite(p)
    count = int(tested.sum())
    believed = np.zeros(len(p), dtype=bool)
    if not count:
        return believed
    share = weight[tested] * count / max(weight[tested].sum(), 1e-300)
    weighed = np.divide(p[tested], share, out=np.full(count, np.inf), where=share > 0)
    order = np.sort(weighed)
    harmonic = float((1.0 / np.arange(1, count + 1)).sum()) if any_dependence else 1.0
    below = np.flatnonzero(order <= level * np.arange(1, count + 1) / (count * harmonic))
    if len(below):
        believed[tested] = weighed <= order[below[-1]]
    return believed
