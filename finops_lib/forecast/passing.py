"""By which day is a budget passed: the chance of a breach, day by day, up to that at the period's end."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.forecast import intervals
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.panel import Outlook, step_starts
from finops_lib.forecast.paths import chance_by_step, ending_in, first_over, futures, one_value
from finops_lib.units import minor_digits

_COLUMNS = ["time", "chance"]


def breach_by_day(burn: Burn, outlook: Outlook, *, series: Sequence[str]) -> pd.DataFrame:
    """How likely is it that a budget has been passed by the end of each day to come.

    Parameters
    ----------
    burn : Burn
        From `budget.burn`.
    outlook : Outlook
        As `budget.burn` was given it.
    series : sequence of str
        In scope and in the outlook.

    Returns
    -------
    DataFrame
        ``time`` (UTC, the end of the step) and ``chance`` (0 to 1, never falling) that it has been passed by
        then and still is at the end; the last one is ``burn.breach_probability``. The first row is the
        moment up to which costs are known; the only one where nothing is to come.
    """
    until, last = (pd.Timestamp(moment).tz_convert(None) for moment in (burn.known_until, burn.period.end))
    begun = max(pd.Timestamp(burn.period.start).tz_convert(None), min(until, last))
    if burn.breached_on is not None and burn.breach_probability == 1.0:
        return pd.DataFrame([(begun, 1.0), (last, 1.0)], columns=_COLUMNS)
    edges = step_starts(burn.known_until, step=outlook.panel.step, first=0, count=outlook.mid.shape[1] + 1)
    inside = np.flatnonzero((edges[:-1] >= begun) & (edges[:-1] < last))
    if not len(inside):
        return pd.DataFrame([(begun, burn.breach_probability)], columns=_COLUMNS)
    atoms = intervals.distribution(outlook, series=tuple(series), steps=inside.tolist())
    paths = futures(outlook, dict.fromkeys(series, 1.0))[:, inside]
    half_cent = Decimal(5).scaleb(-minor_digits(burn.currency) - 1)
    sums = np.cumsum(ending_in(paths, atoms), axis=1)
    needed = float(burn.amount - burn.spent + half_cent)
    # what is over the budget for a while and comes back counts at the end only if it is still over
    first = np.where(sums[:, -1] > needed, first_over(sums, needed), len(inside))
    chances = chance_by_step(first, steps=len(inside), certain=one_value(atoms))
    rows = [(begun, 0.0), *zip(edges[inside + 1], chances, strict=True)]
    return pd.DataFrame(rows, columns=_COLUMNS)
