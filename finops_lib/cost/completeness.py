"""How far can the numbers be trusted: days that are still filling up, and what a bill cannot say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.cost.spend import four_costs
from finops_lib.records import Period, Snapshot, plain

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_NOBODY_SAYS: Mapping[str, bool] = {}
EFFECTIVE_COST_ZERO = "effective_cost_zero"
_COSTS = {
    "ListRowsUnknown": "ListCost",
    "ContractedRowsUnknown": "ContractedCost",
    "EffectiveRowsUnknown": "EffectiveCost",
    "BilledRowsUnknown": "BilledCost",
}


def incomplete_days(
    snapshots: Iterable[Snapshot], *, last_days: int, settled: Mapping[str, bool] = _NOBODY_SAYS
) -> tuple[date, ...]:
    """Which days are still filling up, so that their cost is too low.

    Only the newest billing period of each provider can be open. Its last days are incomplete when the
    delivery stops before the period's end, or was made within ``last_days`` of it.

    Parameters
    ----------
    snapshots : iterable of Snapshot
        Current deliveries, for example ``engine.snapshots``.
    last_days : int
        How many days a provider takes to finish a day's bill, a count.
    settled : mapping of str to bool
        Delivery id to whether its billing period is closed, where the provider says it; see
        `finops_lib.cost.periods.settled`. It goes before what the dates suggest.

    Returns
    -------
    tuple of date
        Sorted days in UTC.

    Examples
    --------
    >>> incomplete_days([], last_days=3)
    ()
    """
    if last_days < 0:
        raise ValueError(f"last_days {last_days}: a count of days")
    found: set[date] = set()
    for delivery in _newest(snapshots):
        last = date.fromisoformat(delivery.last_day)
        end = Period.month(delivery.billing_period).end.date()
        in_time = delivery.delivered.astimezone(UTC).date() >= end + timedelta(days=last_days)
        whole = last >= end - timedelta(days=1) and in_time
        if not settled.get(delivery.id, whole):
            found |= {last - timedelta(days=back) for back in range(last_days)}
    return tuple(sorted(found))


def mark_incomplete(frame: pd.DataFrame, *, days: Iterable[date]) -> pd.DataFrame:
    """Return the frame with a column ``Incomplete``: whether its ``time`` is a day still filling up.

    Parameters
    ----------
    frame : DataFrame
        From `spend` with ``grain="day"``.
    days : iterable of date
        From `incomplete_days`.

    Returns
    -------
    DataFrame
    """
    wanted = pd.to_datetime(pd.Series(list(days), dtype=object)).astype("datetime64[us]")
    return frame.assign(Incomplete=frame["time"].isin(wanted))


def newest_complete_month(
    snapshots: Iterable[Snapshot], *, last_days: int, settled: Mapping[str, bool] = _NOBODY_SAYS
) -> str:
    """Which is the newest billing month without an incomplete day.

    Parameters
    ----------
    snapshots : iterable of Snapshot
        Current deliveries.
    last_days, settled
        As in `incomplete_days`.

    Returns
    -------
    str
        ``YYYY-MM``; the newest month of all when none is complete; empty when there is no delivery.
    """
    known = tuple(snapshots)
    open_months = {f"{day:%Y-%m}" for day in incomplete_days(known, last_days=last_days, settled=settled)}
    months = sorted({delivery.billing_period for delivery in known})
    complete = [month for month in months if month not in open_months]
    return (complete or months or [""])[-1]


def unfit_for_savings(snapshots: Iterable[Snapshot], *, month: str = "") -> tuple[Snapshot, ...]:
    """Which deliveries have an effective cost of zero where the billed cost is not.

    Parameters
    ----------
    snapshots : iterable of Snapshot
        Current deliveries.
    month : str
        Only this billing period, ``YYYY-MM``; empty is all.

    Returns
    -------
    tuple of Snapshot
    """
    return tuple(
        delivery
        for delivery in snapshots
        if month in {"", delivery.billing_period}
        and any(flag.rule == EFFECTIVE_COST_ZERO and flag.rows > 0 for flag in delivery.flags)
    )


def notes(engine: Engine, *, period: Period | None = None) -> tuple[str, ...]:
    """What must a reader of these numbers know: costs that are missing or unfit, in sentences.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period, optional
        Charges looked at, and the billing months with them; None is everything.

    Returns
    -------
    tuple of str
        Empty when there is nothing to say.
    """
    month = "" if period is None else period.label
    sentences = [_unfit(delivery) for delivery in unfit_for_savings(engine.snapshots, month=month)]
    costs = four_costs(engine, period=period)
    for counted, cost in _COSTS.items():
        rows = int(costs[counted].sum())
        if rows:
            said = "1 row does" if rows == 1 else f"{rows:,} rows do"
            sentences.append(f"{said} not say {cost}: unknown, left out of its sums, not zero.")
    return tuple(sentences)


def days_without_charges(
    frame: pd.DataFrame, *, period: Period, until: date | None = None
) -> tuple[date, ...]:
    """Which days of the period have no charge at all: missing, not free.

    Parameters
    ----------
    frame : DataFrame
        From `spend` with ``grain="day"``.
    period : Period
        The days expected.
    until : date, optional
        The last day expected, when the period is still open.

    Returns
    -------
    tuple of date
    """
    present = {moment.date() for moment in frame["time"]}
    first = period.start.date()
    expected = (first + timedelta(days=number) for number in range(period.days))
    return tuple(day for day in expected if day not in present and (until is None or day <= until))


def _newest(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Of each provider's newest billing period, the delivery of each account that reaches furthest."""
    newest: dict[str, str] = {}
    furthest: dict[tuple[str, str, str], Snapshot] = {}
    for delivery in sorted(snapshots, key=_reach):
        if not delivery.last_day:
            continue
        newest[delivery.provider] = max(newest.get(delivery.provider, ""), delivery.billing_period)
        furthest[delivery.provider, delivery.account, delivery.billing_period] = delivery
    return [delivery for key, delivery in furthest.items() if key[2] == newest[key[0]]]


def _reach(delivery: Snapshot) -> tuple[str, datetime]:
    return delivery.last_day, delivery.delivered


def _unfit(delivery: Snapshot) -> str:
    flags = [flag for flag in delivery.flags if flag.rule == EFFECTIVE_COST_ZERO]
    rows = sum(flag.rows for flag in flags)
    said = "1 row has" if rows == 1 else f"{rows:,} rows have"
    codes = sorted({code for flag in flags for code in flag.cost})
    cost = ", ".join(
        f"{plain(total(flag.cost.get(code) for flag in flags) or Decimal(0))} {code}" for code in codes
    )
    return (
        f"{delivery.provider} {delivery.billing_period} (account {delivery.account}): {said} an"
        f" effective cost of zero beside a billed cost{f' ({cost} in all)' if cost else ''}:"
        " unfit for savings."
    )
