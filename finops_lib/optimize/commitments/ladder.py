"""When should it be bought: in steps, so that not all ends on one day, what ends renewed as far as needed.

Only the first step is for now. The later ones are asked again each month, with what is known then.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from finops_lib.optimize.windows import FloatArray


def ladder(target: FloatArray, in_place: FloatArray, *, months: int, steps: int) -> pd.DataFrame:
    """How much should be bought in which month.

    Parameters
    ----------
    target : ndarray
        [months ahead], the commitment that would be best for a term that begins then, money an hour at list
        price.
    in_place : ndarray
        [months ahead], what commitments in place cover then, in the same unit.
    months : int
        Term of what is bought.
    steps : int
        No month buys more than this part of its target; 1 buys all at once.

    Returns
    -------
    DataFrame
        ``month`` (0 is now), ``ends`` (covered by what ends in that month, in place or bought), ``renew``
        (the part of the purchase that replaces it), ``add`` (the rest of the purchase), ``active`` (all that
        covers then) and ``target``.

    Raises
    ------
    ValueError
        The lengths differ, or steps or months are below one.

    Examples
    --------
    >>> nine = ladder(np.full(4, 9.0), np.zeros(4), months=3, steps=3)
    >>> nine[["ends", "renew", "add", "active"]].values.tolist()
    [[0.0, 0.0, 3.0, 3.0], [0.0, 0.0, 3.0, 6.0], [0.0, 0.0, 3.0, 9.0], [3.0, 3.0, 0.0, 9.0]]
    """
    if target.shape != in_place.shape or steps < 1 or months < 1:
        raise ValueError(f"target {target.shape}, in place {in_place.shape}, {steps} steps, {months} months")
    size = len(target)
    bought = np.zeros(size)
    rows = []
    for month in range(size):
        expired = bought[month - months] if month >= months else 0.0
        ends = expired + max(in_place[month - 1] - in_place[month], 0.0) if month else 0.0
        active = float(in_place[month] + bought[max(month - months + 1, 0) : month].sum())
        gap = max(float(target[month]) - active, 0.0)
        bought[month] = min(gap, float(target[month]) / steps)
        renew = min(float(bought[month]), float(ends))
        rows.append((month, ends, renew, bought[month] - renew, active + bought[month], target[month]))
    return pd.DataFrame(rows, columns=["month", "ends", "renew", "add", "active", "target"])


def most_at_once(found: pd.DataFrame, *, months: int) -> float:
    """Which share of what is active ends in the worst month after the term has run once.

    Parameters
    ----------
    found : DataFrame
        As `ladder` gives it.
    months : int
        Term of what is bought.

    Returns
    -------
    float
        0 to 1; what was bought in one month ends in one month.

    Examples
    --------
    >>> most_at_once(ladder(np.full(4, 9.0), np.zeros(4), months=3, steps=3), months=3)
    0.3333333333333333
    """
    bought = (found["renew"] + found["add"]).to_numpy()
    last = found["active"].to_numpy()[: min(months, len(found))][-1] if len(found) else 0.0
    return float(bought[:months].max(initial=0.0) / last) if last > 0 else 0.0
