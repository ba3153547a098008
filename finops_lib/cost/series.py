"""What did each day cost, as series a model can learn from: accrued, without holes that mean nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import total
from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import COSTS, Where, quoted, statement

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}

# Each day of a span has the same amount, and the last day what is left, so that the days add up to the
# charges exactly: the division is made in doubles, and its rounding cannot lose a digit.
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
), shares AS (
    SELECT {named}, first_day, last_day, cost, date_diff('day', first_day, last_day) AS others,
           CAST(CAST(cost AS DOUBLE) / (date_diff('day', first_day, last_day) + 1) AS DECIMAL(38, 10)) AS each
    FROM spans
), days AS (
    SELECT {named}, CAST(unnest(generate_series(first_day, last_day, INTERVAL 1 DAY)) AS DATE) AS t,
           last_day, CAST(each AS DECIMAL(38, 20)) AS each,
           CAST(cost AS DECIMAL(38, 20)) - CAST(each * others AS DECIMAL(38, 20)) AS rest
    FROM shares
)
SELECT t, {named}, sum(CASE WHEN t = last_day THEN rest ELSE each END) AS cost
FROM days
GROUP BY ALL
ORDER BY ALL
"""
_QUANTITY = '"ConsumedQuantity"'
_NO_USE = pd.DataFrame(columns=["time", "ConsumedUnit", "quantity"])


def accrued(
    engine: Engine,
    *,
    by: str | Sequence[str] = (),
    cost: str = "EffectiveCost",
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What did each group cost on each day, exactly, with charges spread over the days that they are for.

    A charge is spread evenly over the days of its charge period, to ten decimals; its last day has what is
    left, so that the days of a group add up to its charges to the last digit.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : str or sequence of str
        FOCUS columns or ``tag:key``, as in `spend`.
    cost : str
        One of the four costs.
    where, currency, rates
        As in `spend`; a rate is that of the day on which the charge begins.

    Returns
    -------
    DataFrame
        ``time`` (UTC days), the columns of ``by``, ``BillingCurrency`` and ``cost`` (exact Decimal; None
        where charges are there and not one says its cost). A day without a charge has no row. A fee for a
        month that is not over has days to come.

    Raises
    ------
    QueryError
        A column, tag key or currency is not in the lake.
    CurrencyError
        The answer would mix currencies, or a rate is missing.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    return _spread(engine, quoted(cost), by=by, where=where, currency=currency, rates=rates)


def _spread(
    engine: Engine,
    amount: str,
    *,
    by: str | Sequence[str],
    where: Where,
    currency: str | None,
    rates: Rates | None,
    mixed: bool = False,
) -> pd.DataFrame:
    asked = question(
        by=by, axis="charge", grain=None, period=None, where=where, currency=currency, rates=rates
    )
    names = [*(f"k{number}" for number in range(len(asked.by))), *(["rate_day"] if rates else []), "currency"]
    sql, parameters = statement(engine, template=ACCRUED, question=asked, cost=amount, named=", ".join(names))
    answer = engine.query(sql, parameters)
    found = {"cost": "cost"}
    return tidy(engine, answer, question=asked, amounts=found, currency=currency, rates=rates, mixed=mixed)


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
    """What did each group cost on each day, as series a model can learn from.

    A monthly fee is no event of its first day: each charge is spread evenly over its charge period, as in
    `accrued`. A day on which anything was delivered and a group had no charge cost it nothing; a day on
    which nothing at all was delivered, or no charge says its cost, is unknown. A group begins with its first
    charge.

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
    frame = accrued(engine, by=by, cost=cost, where=where, currency=currency, rates=rates)
    return dense(frame, last=last_day(frame, until=until, incomplete=incomplete))


def used(engine: Engine, *, unit: str, where: Where = _NO_FILTER) -> pd.DataFrame:
    """How much was used on each day, exactly, in one unit.

    Parameters
    ----------
    engine : Engine
        The open lake.
    unit : str
        A ``ConsumedUnit`` of the lake; quantities of other units are never added.
    where : mapping of str to str or sequence of str
        As in `spend`.

    Returns
    -------
    DataFrame
        ``time`` (UTC days), ``ConsumedUnit`` and ``quantity``: the sum of ``ConsumedQuantity`` over all
        currencies, that of longer charges spread over their days as in `accrued` (exact Decimal or None).

    Raises
    ------
    QueryError
        A column or tag key is not in the lake.
    """
    only = {**where, "ConsumedUnit": unit}
    frame = _spread(engine, _QUANTITY, by="ConsumedUnit", where=only, currency=None, rates=None, mixed=True)
    days = frame.groupby(["time", "ConsumedUnit"], sort=True)["cost"]
    return days.agg(total).rename("quantity").reset_index() if len(frame) else _NO_USE.copy()


def last_day(
    frame: pd.DataFrame, *, until: date | None = None, incomplete: Iterable[date] = ()
) -> pd.Timestamp:
    """Up to which day can series of this frame go.

    Parameters
    ----------
    frame : DataFrame
        From `accrued`.
    until : date, optional
        The last day wanted.
    incomplete : iterable of date
        Days still filling up.

    Returns
    -------
    Timestamp
        The earliest of the last day with a charge, ``until`` and the day before the first incomplete one;
        1970-01-01 where there is none of them.

    Examples
    --------
    >>> frame = pd.DataFrame({"time": pd.to_datetime(["2026-07-09"])})
    >>> str(last_day(frame, incomplete=[date(2026, 7, 8)]).date())
    '2026-07-07'
    """
    known = [frame["time"].max()] if len(frame) else []
    wanted = [pd.Timestamp(until)] if until else []
    filling = [pd.Timestamp(day - timedelta(days=1)) for day in incomplete]
    return min([*known, *wanted, *filling], default=pd.Timestamp(0))


def dense(
    frame: pd.DataFrame,
    *,
    last: pd.Timestamp,
    delivered: Iterable[pd.Timestamp] | None = None,
    amount: str = "cost",
) -> pd.DataFrame:
    """Which series do these days make: every group has every day from its first on.

    Parameters
    ----------
    frame : DataFrame
        From `accrued`, perhaps with other groups, or from `used`.
    last : Timestamp
        The last day wanted.
    delivered : iterable of Timestamp, optional
        Days on which anything at all was charged, for a frame that holds only a part; None is its own days.
    amount : str
        The column that becomes ``value``.

    Returns
    -------
    DataFrame
        The columns of ``frame`` with ``value`` (float) instead of the amount: zero where others were charged
        and the group was not, NaN where nothing was delivered or no cost is known.

    Examples
    --------
    >>> from decimal import Decimal
    >>> days = pd.to_datetime(["2026-07-01", "2026-07-02", "2026-07-03"])
    >>> frame = pd.DataFrame({"time": days, "Team": ["a", "b", "a"], "BillingCurrency": "EUR"})
    >>> frame["cost"] = [Decimal(1), Decimal(2), None]
    >>> dense(frame, last=days[2])["value"].tolist()
    [1.0, 0.0, nan, 2.0, 0.0]
    """
    keys = [name for name in frame.columns if name not in {"time", amount}]
    columns = [*keys[:-1], "time", keys[-1], "value"]
    frame = frame.assign(value=frame[amount].astype("float64"))
    there = pd.Index(frame["time"].unique() if delivered is None else list(delivered))
    parts = []
    for group, rows in frame[frame["time"] <= last].groupby(keys, sort=True):
        days = pd.date_range(rows["time"].min(), last, freq="D", unit="us")
        nothing = pd.Series(0.0, index=days).where(days.isin(there))
        known = rows.groupby("time")["value"].sum(min_count=1)
        values = known.reindex(days).where(days.isin(known.index), nothing)
        part = pd.DataFrame({"time": days, "value": values.to_numpy()})
        for name, value in zip(keys, group, strict=True):
            part[name] = str(value)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
