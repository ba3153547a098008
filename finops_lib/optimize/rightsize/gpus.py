"""How busy are the GPUs that are paid for, what does a used hour cost, and how many would do.

The duty cycle is the share of the allocated GPUs that was busy, over all steps that were seen. A GPU is given
whole: fewer are told only where a whole one is never needed. Where the one that there is lies idle most of
the time, the hours are told, since another workload may share it or it may run as a job.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

import numpy as np
import pandas as pd

from finops_lib.cost.exact import share
from finops_lib.optimize.rightsize.needs import backtest_of, breach_of
from finops_lib.optimize.rightsize.paid import MONTH_HOURS, Paid, saving
from finops_lib.optimize.sizing import Size
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import NoRecommendation, Recommendation

KIND = "gpus"
COLUMNS = ("resource", "gpus", "duty_cycle", "on_share", "used_hours_month", "cost_month", "cost_used_hour")
_BUSY = 0.05  # of the GPUs: some work is done
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Gpus:
    """GPUs of a resource: how many are allocated, how many were busy at each step, and what they cost.

    ``part`` is the share of the resource's cost that its GPUs make, 0 to 1. ``seen_hours_month`` is how long
    it is on in a month.
    """

    resource: str
    allocated: float
    busy: FloatArray
    paid: Paid | None
    part: Decimal = Decimal(1)
    seen_hours_month: Decimal = MONTH_HOURS
    owner: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def duty_cycle(self) -> float | None:
        """Busy over allocated, in the mean of the known steps; None where nothing is known."""
        known = self.busy[np.isfinite(self.busy)]
        return float(known.mean() / self.allocated) if len(known) and self.allocated > 0 else None


def duty(gpus: Iterable[Gpus]) -> pd.DataFrame:
    """How busy are the GPUs, and what does a used hour cost.

    Parameters
    ----------
    gpus : iterable of Gpus
        With what they did.

    Returns
    -------
    DataFrame
        ``COLUMNS``, the least busy first: ``duty_cycle`` and ``on_share`` (of the steps, with some work) are
        shares of 1, ``used_hours_month`` busy GPU-hours, costs money (Decimal). None is unknown.

    Examples
    --------
    >>> half = Gpus("train", 2, np.array([2.0, 0.0]), Paid("USD", (Decimal(48),) * 2))
    >>> duty([half])[["duty_cycle", "cost_month", "cost_used_hour"]].values.tolist()  # 1460 by 730 busy hours
    [[0.5, Decimal('1460.00'), Decimal('2.00')]]
    """
    rows = sorted((_row(item) for item in gpus), key=lambda row: (row[2] is None, row[2], row[0]))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)


def _row(item: Gpus) -> tuple[object, ...]:
    cycle = item.duty_cycle
    known = item.busy[np.isfinite(item.busy)]
    on = None if cycle is None else float((known > _BUSY * item.allocated).mean())
    used = None if cycle is None else Decimal(repr(cycle * item.allocated)) * item.seen_hours_month
    cost = None if item.paid is None else (item.paid.month * item.part).quantize(_CENT)
    each = share(cost, used)
    return (
        item.resource,
        item.allocated,
        cycle,
        on,
        None if used is None else used.quantize(_CENT),
        cost,
        None if each is None else each.quantize(_CENT),
    )


def fewer(gpus: Iterable[Gpus], used: Mapping[str, Size]) -> list[Recommendation | NoRecommendation]:
    """How many GPUs would do.

    Parameters
    ----------
    gpus : iterable of Gpus
        With what they did.
    used : mapping of str to Size
        What each needs, in GPUs.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each, in their order.

    Examples
    --------
    >>> four = Gpus("train", 4, np.full(200, 1.5), Paid("USD", (Decimal(96),) * 7))
    >>> [change] = fewer([four], {"train": Size("train", "plain", 1.8)})
    >>> change.to, str(change.saving_month.mid)
    ({'gpus': '2'}, '1460.00')
    """
    return [_one(item, used.get(item.resource)) for item in gpus]


def _one(item: Gpus, size: Size | None) -> Recommendation | NoRecommendation:
    cycle = item.duty_cycle
    why = _untold(item, size)
    if why or size is None or size.amount is None or item.paid is None or cycle is None:
        return NoRecommendation(item.resource, KIND, why)
    need = max(ceil(size.amount * (1 - 1e-6)), 1)
    if need >= item.allocated:
        return NoRecommendation(item.resource, KIND, _why_kept(item, cycle))
    part = item.part * (1 - Decimal(need) / Decimal(repr(float(item.allocated))))
    return Recommendation(
        item.resource,
        KIND,
        {"gpus": f"{item.allocated:g}"},
        {"gpus": str(need)},
        saving(item.paid, part),
        breach_of([size]),
        backtest_of({"gpu": size}),
        f"duty cycle {cycle:.0%} of {item.allocated:g} GPUs; {size.amount:.2f} are needed by {size.strategy}",
        item.evidence,
        "medium",
        item.owner,
    )


def _untold(item: Gpus, size: Size | None) -> str:
    if item.duty_cycle is None:
        return "GPUs are paid for, and how busy they are was not measured"
    if size is None or size.amount is None:
        return size.reason if size is not None else "how many GPUs it needs was not told"
    return "its cost is not known: a saving cannot be told" if item.paid is None else item.paid.why_not()


def _why_kept(item: Gpus, cycle: float) -> str:
    known = item.busy[np.isfinite(item.busy)]
    on = float((known > _BUSY * item.allocated).mean())
    return (
        f"duty cycle {cycle:.0%}, on for {on:.0%} of the time: a whole GPU is needed then; "
        "share it or run it as a job"
    )
