"""What did each small part cost on each day, as numbers to watch: months of unequal length are no event.

A fee of 310 for July is 10 a day, and as much for June is 10.33 a day, though nothing has changed. So the
daily amount of a charge that lasts longer than a day is kept from one charge to the next, until it moves by
more than months differ in length. The numbers are for looking at days, and are no sums of a bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import COSTS, Where, quoted, statement

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_LONGEST, _SHORTEST = 31, 28  # days of a month
_LEAF = "leaf"

SPANS = """
SELECT {selected}, CAST("ChargePeriodStart" AS DATE) AS t,
       date_diff('day', CAST("ChargePeriodStart" AS DATE), greatest(
           CAST("ChargePeriodStart" AS DATE),
           CAST("ChargePeriodEnd" - INTERVAL 1 MICROSECOND AS DATE)
       )) AS others,
       sum({cost}) AS cost
FROM {relation}
WHERE {condition}
GROUP BY {groups}, t, others
ORDER BY ALL
"""


def levelled_days(
    engine: Engine,
    *,
    by: Sequence[str],
    cost: str = "EffectiveCost",
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What did each combination of these columns cost on each day, charges of a longer time levelled.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : sequence of str
        FOCUS columns or ``tag:key``.
    cost : str
        One of the four costs.
    where, currency, rates
        As in `finops_lib.cost.spend.spend`.

    Returns
    -------
    DataFrame
        ``time`` (UTC days), the columns of ``by``, ``BillingCurrency``, ``value`` (float; NaN where no charge
        says its cost) and ``long`` (the charge lasts longer than a day). One combination may have a row of
        each length on a day. One that never says its cost has no row.

    Raises
    ------
    QueryError
        A column, tag key or currency is not in the lake.
    CurrencyError
        The answer would mix currencies, or a rate is missing.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    asked = question(
        by=by, axis="charge", grain=None, period=None, where=where, currency=currency, rates=rates
    )
    sql, parameters = statement(engine, template=SPANS, question=asked, cost=quoted(cost))
    answer = engine.query(sql, parameters)
    found = tidy(engine, answer, question=asked, amounts={"cost": "cost"}, counts={"others": "others"},
                 currency=None if rates else currency, rates=None, mixed=rates is not None)  # fmt: skip
    value = found["cost"].astype("float64")
    if rates is not None and currency is not None:
        value = value * _factors(found, currency, rates)
        found["BillingCurrency"] = currency
    return spread(found.drop(columns="cost").assign(value=value))


def _factors(found: pd.DataFrame, currency: str, rates: Rates) -> npt.NDArray[np.float64]:
    """Look each rate up once, that of the day on which the charge begins."""
    pairs = pd.MultiIndex.from_arrays([found["time"], found["BillingCurrency"]])
    codes, distinct = pairs.factorize()
    known = [float(rates.rate(day=day.date(), source=code, target=currency)) for day, code in distinct]
    return np.asarray(np.array(known, dtype=np.float64)[codes])


def spread(charges: pd.DataFrame) -> pd.DataFrame:
    """How much is that a day, where the daily amount of long charges is kept while months differ alone.

    Parameters
    ----------
    charges : DataFrame
        ``time`` (first day), ``others`` (days after the first, a count), ``value`` (float, of all days) and
        the columns that name a combination.

    Returns
    -------
    DataFrame
        As in `levelled_days`, without combinations whose value is never known.

    Examples
    --------
    >>> charges = pd.DataFrame({"time": pd.to_datetime(["2026-05-01", "2026-06-01", "2026-07-01"]),
    ...     "others": [30, 29, 30], "Service": "Support", "value": [310.0, 310.0, 620.0]})
    >>> days = spread(charges)
    >>> days.loc[days["time"].dt.day == 1, "value"].tolist()
    [10.0, 10.0, 20.0]
    """
    names = [name for name in charges.columns if name not in {"time", "others", "value"}]
    charges = charges.assign(leaf=_leaves(charges, names), long=charges["others"] > 0)
    charges["value"] = charges["value"] / (charges["others"] + 1)
    known = charges["value"].notna().groupby(charges[_LEAF]).transform("any")
    charges = charges[known].reset_index(drop=True)
    charges["value"] = _kept(charges)
    count = charges["others"].to_numpy(dtype=np.int64) + 1
    days = charges.loc[charges.index.repeat(count), ["time", *names, "value", "long"]].reset_index(drop=True)
    after = np.arange(len(days)) - np.repeat(np.cumsum(count) - count, count)
    days["time"] = days["time"] + pd.to_timedelta(after, unit="D")
    return days


def _leaves(charges: pd.DataFrame, names: Sequence[str]) -> npt.NDArray[np.int64]:
    if not names:
        return np.zeros(len(charges), dtype=np.int64)
    return np.asarray(charges.groupby(list(names), sort=False, dropna=False).ngroup(), dtype=np.int64)


def _kept(charges: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Keep the daily amount of the long charge that ended the day before, where this one is near it."""
    values = charges["value"].to_numpy(dtype=np.float64).copy()
    long = charges[charges["long"]].sort_values("time", kind="stable")
    first = long["time"].to_numpy().astype("datetime64[D]").astype(np.int64).tolist()
    ended: dict[tuple[int, int], list[float]] = {}
    columns = (long.index, long[_LEAF], first, long["others"])
    for row, leaf, day, others in zip(*columns, strict=True):
        before = ended.get((leaf, day), [])
        near = [level for level in before if _as_long(values[row], level)]
        if near:
            values[row] = min(near, key=lambda level: abs(level - values[row]))
        ended.setdefault((leaf, day + others + 1), []).append(values[row])
    return values


def _as_long(now: float, before: float) -> bool:
    """Say whether two daily amounts differ by no more than the lengths of two months."""
    return min(now, before) * _LONGEST >= max(now, before) * _SHORTEST if now > 0 else now == before


def newest_whole_day(days: pd.DataFrame, *, filling: Sequence[date]) -> pd.Timestamp | None:
    """Which is the last day that is whole: charged by the day, and with none after it but days filling up.

    Parameters
    ----------
    days : DataFrame
        From `levelled_days`.
    filling : sequence of date
        Days still filling up.

    Returns
    -------
    Timestamp or None
        None where there is none.

    Examples
    --------
    >>> days = pd.DataFrame({"time": pd.to_datetime(["2026-07-01", "2026-07-02"]), "long": False})
    >>> str(newest_whole_day(days, filling=[date(2026, 7, 2)]).date())
    '2026-07-01'
    """
    short = days[~days["long"]]
    there = sorted(set((short if len(short) else days)["time"]))
    while there and there[-1].date() in set(filling):
        there.pop()
    return there[-1] if there else None
