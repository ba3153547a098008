"""What did each day cost, as series a model can learn from: accrued, without holes that mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import COSTS, Where, quoted, statement

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}

ACCRUED = """
WITH spans AS (
    SELECT {selected}, CAST("ChargePeriodStart" AS DATE) AS first_day,
           greatest(
               CAST("ChargePeriodStart" AS DATE),
               CAST("ChargePeriodEnd" - INTERVAL 1 MICROSECOND AS DATE)
           ) AS last_day,
           sum({cost}) AS cost
    FROM {relation}
    WHERE {condition}
    GROUP BY {groups}, first_day, last_day
), days AS (
    SELECT {named}, CAST(unnest(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS DATE) AS t,
           CAST(cost AS DOUBLE) / (date_diff('day', first_day, last_day) + 1) AS cost
    FROM spans
)
SELECT t, {named}, CAST(sum(cost) AS DECIMAL(38, 10)) AS cost
FROM days
GROUP BY ALL
ORDER BY ALL
"""


def daily_series(
    engine: Engine,
    *,
    by: str | Sequence[str] = (),
    cost: str = "EffectiveCost",
    until: date | None = None,
    incomplete: Iterable[date] = (),
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What did each group cost on each day, with charges spread over the days that they are for.

    A monthly fee is no event of its first day: each charge is spread evenly over its charge period. A day
    on which anything was delivered and a group had no charge cost it nothing; a day on which nothing at
    all was delivered is unknown. A group begins with its first charge.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : str or sequence of str
        FOCUS columns or ``tag:key``, as in `spend`.
    cost : str
        One of the four costs.
    until : date, optional
        The last day wanted; None is the last day with a charge.
    incomplete : iterable of date
        Days still filling up; the series end before the first of them.
    where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``time`` (UTC days, every one from the group's first), ``BillingCurrency`` and
        ``value`` (float; NaN where unknown). Sorted by group and time.

    Raises
    ------
    QueryError
        A column, tag key or currency is not in the lake.
    CurrencyError
        The series would mix currencies, or a rate is missing.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    asked = question(
        by=by, axis="charge", grain=None, period=None, where=where, currency=currency, rates=rates
    )
    names = [*(f"k{number}" for number in range(len(asked.by))), *(["rate_day"] if rates else []), "currency"]
    sql, parameters = statement(
        engine, template=ACCRUED, question=asked, cost=quoted(cost), named=", ".join(names)
    )
    answer = engine.query(sql, parameters)
    frame = tidy(engine, answer, question=asked, amounts={"cost": "value"}, currency=currency, rates=rates)
    frame["value"] = frame["value"].astype("float64")
    return _dense(frame, keys=[*asked.by, "BillingCurrency"], last=_last(frame, until, incomplete))


def _last(frame: pd.DataFrame, until: date | None, incomplete: Iterable[date]) -> pd.Timestamp:
    known = [frame["time"].max()] if len(frame) else []
    wanted = [pd.Timestamp(until)] if until else []
    filling = [pd.Timestamp(day - timedelta(days=1)) for day in incomplete]
    return min([*known, *wanted, *filling], default=pd.Timestamp(0))


def _dense(frame: pd.DataFrame, *, keys: list[str], last: pd.Timestamp) -> pd.DataFrame:
    """Give every group every day from its first on: nothing where others were charged, else unknown."""
    columns = [*keys[:-1], "time", "BillingCurrency", "value"]
    delivered = pd.Index(frame["time"].unique())
    parts = []
    for group, rows in frame[frame["time"] <= last].groupby(keys, sort=True):
        days = pd.date_range(rows["time"].min(), last, freq="D", unit="us")
        nothing = pd.Series(0.0, index=days).where(days.isin(delivered))
        values = rows.groupby("time")["value"].sum().reindex(days).fillna(nothing)
        part = pd.DataFrame({"time": days, "value": values.to_numpy()})
        for name, value in zip(keys, group, strict=True):
            part[name] = str(value)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
