"""Rules that say how much to commit to from the past alone: ours, and those of the field as a yardstick."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from finops_lib.backtest import mean_known
from finops_lib.optimize.commitments.cost import best
from finops_lib.optimize.commitments.demand import WEEK_HOURS, Demand, screened
from finops_lib.optimize.commitments.futures import YEAR_WEEKS, committed, foreseen
from finops_lib.optimize.windows import FloatArray

Rule = Callable[[Demand, FloatArray], FloatArray]  # demand and discount of each scope to money an hour
_MONTH_DAYS, _DAY_HOURS = 30, 24
_MEAN_PART = 0.8
_WORST = 0.05


def predictive(demand: Demand, discount: FloatArray) -> FloatArray:
    """How much of each scope for a year: the quantile of what may come, with bad futures guarded.

    Parameters
    ----------
    demand : Demand
        The past.
    discount : ndarray
        [scopes], shares saved, 0 to 1.

    Returns
    -------
    ndarray
        [scopes], money an hour at list price; NaN where the past does not carry an answer.

    Notes
    -----
    Forecasts of `foreseen`, one year; see `committed` for the quantile and the guard of the worst 5 %.
    """
    kept, _ = screened(demand)
    found = np.full(len(demand.scopes), np.nan)
    for scope in kept.scopes:
        place = demand.scopes.index(scope)
        futures = foreseen(kept.only([scope]), weeks=YEAR_WEEKS).of(scope)
        found[place] = committed(futures, discount=float(discount[place]), worst=_WORST)
    return found


def quantile_30_days(demand: Demand, discount: FloatArray) -> FloatArray:
    """What would have been best for the last 30 days.

    Parameters
    ----------
    demand, discount
        As in `predictive`.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rise = Demand(("vm",), np.arange(1.0, 1001)[None], datetime(2026, 1, 5, tzinfo=UTC), 1, "USD")
    >>> quantile_30_days(rise, np.array([0.25])).tolist()  # the last 720 hours use 281 to 1000
    [460.0]
    """
    return np.array([best(row, discount=share) for row, share in zip(_month(demand), discount, strict=True)])


def minimum_30_days(demand: Demand, _: FloatArray) -> FloatArray:
    """What was always used in the last 30 days.

    Parameters
    ----------
    demand : Demand
        The past.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> two = Demand(("vm",), np.array([[5.0, 3.0, 4.0]]), datetime(2026, 1, 5, tzinfo=UTC), 24, "USD")
    >>> minimum_30_days(two, np.array([0.3])).tolist()
    [3.0]
    """
    return np.asarray(np.fmin.reduce(_month(demand), axis=1))


def mean_30_days(demand: Demand, _: FloatArray) -> FloatArray:
    """Which is four fifths of the mean use of the last 30 days.

    Parameters
    ----------
    demand : Demand
        The past.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> two = Demand(("vm",), np.array([[5.0, 3.0, 4.0]]), datetime(2026, 1, 5, tzinfo=UTC), 24, "USD")
    >>> mean_30_days(two, np.array([0.3])).tolist()
    [3.2]
    """
    return np.asarray(_MEAN_PART * mean_known(_month(demand)))


RULES: dict[str, Rule] = {
    "predictive": predictive,
    "quantile_30_days": quantile_30_days,
    "minimum_30_days": minimum_30_days,
    "mean_30_days": mean_30_days,
}


def year(demand: Demand) -> int:
    """How many steps a year has in which a commitment of 52 weeks runs.

    Parameters
    ----------
    demand : Demand
        Its step counts.
    """
    return YEAR_WEEKS * WEEK_HOURS // demand.step_hours


def _month(demand: Demand) -> FloatArray:
    return demand.use[:, -_MONTH_DAYS * _DAY_HOURS // demand.step_hours :]
