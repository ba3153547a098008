"""What does a resource cost at its own rate, and what does a change save: low, mid and high, in money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np
from scipy import stats

from finops_lib.cost.exact import total
from finops_lib.records import Estimate

LEVEL = 0.8
MONTH_HOURS = Decimal(730)
_MONTH_DAYS = MONTH_HOURS / 24
_CENT = Decimal("0.01")
_FEWEST_DAYS = 2


@dataclass(frozen=True)
class Paid:
    """What a resource cost on each full day of a window, as the bill says it net of commitments.

    Parameters
    ----------
    currency : str
        ISO 4217 code.
    days : tuple of Decimal
        Effective cost of each day, zero where it was off.
    committed : Decimal
        Effective cost of these days that commitments paid for.
    listed : Decimal or None
        List cost of these days; None where the bill does not say it.

    Raises
    ------
    ValueError
        Commitments paid for more than all of it.

    Examples
    --------
    >>> Paid("USD", (Decimal(2), Decimal(4)), Decimal(3)).month  # 3 a day, 730 hours
    Decimal('91.25')
    """

    currency: str
    days: tuple[Decimal, ...]
    committed: Decimal = Decimal(0)
    listed: Decimal | None = None

    def __post_init__(self) -> None:
        if self.committed > self.cost:
            raise ValueError(f"{self.committed} of {self.cost} by commitments: a part is no more than all")

    @property
    def cost(self) -> Decimal:
        """Effective cost of the window."""
        return total(self.days) or Decimal(0)

    @property
    def month(self) -> Decimal:
        """Effective cost of 730 hours at the mean of the days."""
        return self._exact_month.quantize(_CENT)

    @property
    def _exact_month(self) -> Decimal:
        return self.cost / max(len(self.days), 1) * _MONTH_DAYS

    @property
    def open_share(self) -> Decimal:
        """Which share of the cost no commitment paid for, 0 to 1: it can be stopped from day to day."""
        return 1 - self.committed / self.cost if self.cost else Decimal(0)

    def why_not(self) -> str:
        """Why no saving can be told from it; empty where one can."""
        if len(self.days) < _FEWEST_DAYS:
            return f"its cost is known of {len(self.days)} days, {_FEWEST_DAYS} are needed"
        return "" if self.cost > 0 else "it cost nothing in these days: there is no price to save at"


def saving(paid: Paid, share: Decimal, *, level: float = LEVEL) -> Estimate:
    """What does it save in a month to do without this share of the resource.

    Parameters
    ----------
    paid : Paid
        Of two days and more.
    share : Decimal
        Of its cost, at most 1; below 0 where the change costs.
    level : float
        Chance that the saving lies between low and high, between 0 and 1.

    Returns
    -------
    Estimate
        Money. ``mid`` is at the resource's own effective rate. ``low`` counts only what no commitment pays
        for, since a commitment is paid for whether it is used or not, unless other use takes it; more that is
        needed counts at the list price, where that is higher.

    Notes
    -----
    The bounds are those of the prediction interval for the mean of a month of days, when days are alike and
    independent: mean +- t * s * sqrt(1/n + 1/30.4); Hahn and Meeker (1991), Statistical Intervals, 4.8.

    Examples
    --------
    >>> steady = Paid("USD", (Decimal(24),) * 10, committed=Decimal(60))
    >>> [str(end) for end in (lambda e: (e.low, e.mid, e.high))(saving(steady, Decimal("0.5")))]
    ['273.75', '365.00', '365.00']
    >>> str(saving(steady, Decimal(-1)).mid)
    '-730.00'
    """
    low, high = _month_bounds(paid.days, level)
    middle = paid._exact_month
    if share >= 0:
        ends = (share * low * paid.open_share, share * middle, share * high)
    else:
        dearer = max(paid.listed / paid.cost, Decimal(1)) if paid.listed and paid.cost else Decimal(1)
        ends = (share * high * dearer, share * middle, share * low)
    told = sorted(end.quantize(_CENT) for end in ends)
    return Estimate(told[0], told[1], told[2], level, paid.currency)


def _month_bounds(days: Sequence[Decimal], level: float) -> tuple[Decimal, Decimal]:
    """Bound the cost of a month to come; it is never below zero."""
    values = np.array([float(day) for day in days])
    month = float(_MONTH_DAYS)
    spread = stats.t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1)
    off = spread * sqrt(1 / len(values) + 1 / month) * month
    mean = values.mean() * month
    return (Decimal(repr(float(max(mean - off, 0.0)))), Decimal(repr(float(mean + off))))
