"""What does use cost under a commitment, and which commitment would have been the cheapest.

Use and commitment are money an hour at the price without any discount: a commitment of 10 covers use that
would cost 10 an hour on demand, and is paid at 10 times (1 - discount) an hour, used or not.
"""

from __future__ import annotations

import numpy as np

from finops_lib.optimize.windows import FloatArray


def cost(use: FloatArray, committed: float, *, discount: float, weight: FloatArray | None = None) -> float:
    """What does this use cost with this commitment: the commitment in every hour, and what it does not cover.

    Parameters
    ----------
    use : ndarray
        [hours], money an hour on demand; NaN is unknown and left out.
    committed : float
        On-demand money an hour that it covers.
    discount : float
        Share of the on-demand price that the commitment saves, 0 to 1.
    weight : ndarray, optional
        [hours], how many hours each stands for; by default one.

    Returns
    -------
    float
        Money over all known hours.

    Notes
    -----
    The sum over hours of (1 - discount) * committed + max(use - committed, 0).

    Examples
    --------
    >>> cost(np.array([4.0, 10.0]), 6.0, discount=0.5)  # 3 + 0, then 3 + 4
    10.0
    """
    if not 0 <= discount < 1 or committed < 0:
        raise ValueError(f"discount {discount}, committed {committed}: a share below 1, and at least zero")
    known, hours = _known(use, weight)
    return float(hours @ ((1.0 - discount) * committed + np.maximum(known - committed, 0.0)))


def saving(use: FloatArray, committed: float, *, discount: float, weight: FloatArray | None = None) -> float:
    """What does this commitment save against paying everything on demand; below zero where it costs.

    Parameters
    ----------
    use, committed, discount, weight
        As in `cost`.

    Returns
    -------
    float
        Money over all known hours.

    Examples
    --------
    >>> saving(np.array([4.0, 10.0]), 6.0, discount=0.5), saving(np.array([1.0]), 6.0, discount=0.5)
    (4.0, -2.0)
    """
    nothing = cost(use, 0.0, discount=discount, weight=weight)
    return nothing - cost(use, committed, discount=discount, weight=weight)


def best(use: FloatArray, *, discount: float, weight: FloatArray | None = None) -> float:
    """Which commitment costs least for this use: the value that a share ``discount`` of hours stays below.

    Parameters
    ----------
    use, discount, weight
        As in `cost`.

    Returns
    -------
    float
        On-demand money an hour; 0 where no hour is known.

    Notes
    -----
    One more unit of commitment costs 1 - discount in every hour and saves 1 in each hour above it. So it is
    worth while as long as more than 1 - discount of the hours lie above: the newsvendor's quantile, Arrow,
    Harris and Marschak (1951), Econometrica 19(3).

    Examples
    --------
    >>> best(np.array([1.0, 2.0, 3.0, 4.0]), discount=0.3)  # three of four hours lie above 1, two above 2
    2.0
    """
    known, hours = _known(use, weight)
    if not len(known) or discount <= 0:
        return 0.0
    if weight is None:  # no need to sort all hours where each counts the same
        place = max(int(np.ceil(discount * len(known) * (1 - 1e-12))) - 1, 0)
        return max(float(np.partition(known, place)[place]), 0.0)
    order = np.argsort(known, kind="stable")
    reached = np.cumsum(hours[order])
    place = int(np.searchsorted(reached, discount * reached[-1] * (1 - 1e-12)))
    return max(float(known[order[place]]), 0.0)


def share_of_optimum(use: FloatArray, committed: float, *, discount: float) -> float:
    """Which share of what the best commitment of hindsight saves does this one save.

    Parameters
    ----------
    use, committed, discount
        As in `cost`.

    Returns
    -------
    float
        At most 1; below zero where the commitment costs; NaN where even the best saves nothing.

    Examples
    --------
    >>> share_of_optimum(np.array([4.0, 4.0]), 2.0, discount=0.5)
    0.5
    """
    possible = saving(use, best(use, discount=discount), discount=discount)
    return saving(use, committed, discount=discount) / possible if possible > 0 else float("nan")


def _known(use: FloatArray, weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    fine = np.isfinite(use)
    hours = np.ones_like(use) if weight is None else np.broadcast_to(weight, use.shape)
    return use[fine], hours[fine]
