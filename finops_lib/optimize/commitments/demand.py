"""What could be committed to: use at list price in each hour, one row for each scope of commitments.

A scope is what one kind of commitment covers, named by columns of the bill: a provider and a service for
flexible ones, with region and family for narrow ones. Use counts whether or not a commitment covers it today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from finops_lib.cost.commitments import ELIGIBLE
from finops_lib.cost.exact import label
from finops_lib.cost.spend import question
from finops_lib.cost.sql import Where, statement
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.optimize.windows import FloatArray, IntArray
from finops_lib.records import NoRecommendation, Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

HOUR, DAY = 1, 24
WEEK_HOURS = 168
LEAST_WEEKS, QUIET_WEEKS = 4, 2
KIND = "commitment"
SCOPE = ("x_ProviderName", "ServiceName", "RegionId")
_COLUMNS = ("scope", "start", "end", "amount", "currency")
_NO_FILTER: Mapping[str, str] = {}
_SECONDS = 3600

ELIGIBLE_USE = """
SELECT {selected}, "ChargePeriodStart" AS starts, "ChargePeriodEnd" AS ends, sum("ListCost") AS amount,
       count(*) - count("ListCost") AS unknown
FROM {relation}
WHERE {condition} AND ("CommitmentDiscountStatus" IS NULL OR "CommitmentDiscountStatus" <> 'Unused')
GROUP BY {groups}, starts, ends
ORDER BY ALL
"""


@dataclass(frozen=True)
class Demand:
    """Use that commitments could cover.

    Parameters
    ----------
    scopes : tuple of str
        What each row is.
    use : ndarray
        [scopes, steps], money an hour at list price; NaN is unknown.
    start : datetime
        Begin of the first step, UTC.
    step_hours : int
        1, or 24 where the bill knows days only: then use within a day is its mean.
    currency : str
        ISO 4217.

    Raises
    ------
    ValueError
        The parts do not fit one another.

    Examples
    --------
    >>> from datetime import UTC
    >>> two = Demand(("vm",), np.repeat([[1.0, 3.0]], 7, axis=1), datetime(2026, 1, 5, tzinfo=UTC), 24, "USD")
    >>> two.weekly().tolist()
    [[1.0, 3.0]]
    """

    scopes: tuple[str, ...]
    use: FloatArray
    start: datetime
    step_hours: int
    currency: str

    def __post_init__(self) -> None:
        if self.use.ndim != 2 or len(self.use) != len(self.scopes):  # noqa: PLR2004 - rows and columns
            raise ValueError(f"{len(self.scopes)} scopes, use {self.use.shape}: one row for each")
        if self.step_hours not in {HOUR, DAY} or self.start.tzinfo is None:
            raise ValueError(f"step of {self.step_hours} h from {self.start}: 1 or 24, from a moment in UTC")

    @property
    def week(self) -> int:
        """Steps in a week."""
        return WEEK_HOURS // self.step_hours

    @property
    def end(self) -> datetime:
        """End of the last step."""
        return self.start + timedelta(hours=self.use.shape[1] * self.step_hours)

    def weeks(self) -> FloatArray:
        """What was used in each whole week, [scopes, weeks, steps], counted back from the end."""
        count = self.use.shape[1] // self.week
        return self.use[:, self.use.shape[1] - count * self.week :].reshape(len(self.use), count, self.week)

    def weekly(self) -> FloatArray:
        """How much was used an hour in each whole week, [scopes, weeks]; NaN where half is not known."""
        steps = self.weeks()
        known = np.isfinite(steps)
        mean = np.where(known, steps, 0.0).sum(axis=2) / np.maximum(known.sum(axis=2), 1)
        return np.where(2 * known.sum(axis=2) > self.week, mean, np.nan)

    def only(self, scopes: Sequence[str]) -> Demand:
        """Look at some of the scopes.

        Parameters
        ----------
        scopes : sequence of str
            Of `scopes`.
        """
        rows = [self.scopes.index(name) for name in scopes]
        return replace(self, scopes=tuple(scopes), use=self.use[rows])

    def before(self, steps: int) -> Demand:
        """Look at what was known this many steps before the end.

        Parameters
        ----------
        steps : int
            Newest steps that are left out.
        """
        return replace(self, use=self.use[:, : max(self.use.shape[1] - steps, 0)])


def eligible(
    engine: Engine,
    *,
    by: str | Sequence[str] = SCOPE,
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    beside: Sequence[str] = (),
) -> pd.DataFrame:
    """Which use of the bill could a commitment cover, at list price.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : str or sequence of str
        Columns that name a scope.
    period, where, currency
        As in `finops_lib.cost.spend.spend`.
    beside : sequence of str
        More columns to split by, that do not name the scope.

    Returns
    -------
    DataFrame
        ``scope`` (the values of ``by``, joined by " / "), ``start`` and ``end`` of the charge period,
        ``amount`` at list price (exact; None where no charge states it), ``currency`` and ``unknown``, a
        count of charges without a list price, and the columns ``beside``. Use at prices of the moment is
        not in it, nor what commitments left unused.
    """
    scope = [by] if isinstance(by, str) else list(by)
    names = [*scope, *beside]
    used: dict[str, str | Sequence[str]] = {"ChargeCategory": "Usage", "PricingCategory": ELIGIBLE, **where}
    asked = question(
        by=names, axis="charge", grain=None, period=period, where=used, currency=currency, rates=None
    )
    sql, parameters = statement(engine, template=ELIGIBLE_USE, question=asked)
    answer = engine.query(sql, parameters)
    parts = [
        [label(value, name=name) for value in answer[f"k{place}"]] for place, name in enumerate(asked.by)
    ]
    found = answer[["starts", "ends", "amount", "currency", "unknown"]].rename(
        columns={"starts": "start", "ends": "end"}
    )
    found["scope"] = [" / ".join(values) for values in zip(*parts[: len(scope)], strict=True)]
    return found.assign(**dict(zip(beside, parts[len(scope) :], strict=True)))


def demand(charges: pd.DataFrame) -> Demand:
    """How much of each scope was used in each hour.

    Parameters
    ----------
    charges : DataFrame
        As `eligible` gives it. A charge is spread evenly over its period. Where most money is charged by
        periods longer than an hour, steps are days.

    Returns
    -------
    Demand
        Hours before a scope's first charge are unknown, later hours without a charge are zero.

    Raises
    ------
    QueryError
        No charge, or a column is missing.
    CurrencyError
        More than one currency.

    Examples
    --------
    >>> day = pd.date_range("2026-01-01", periods=2, freq="D", tz="UTC")
    >>> lines = pd.DataFrame({"scope": ["vm"], "start": day[:1], "end": day[1:], "amount": [48],
    ...                       "currency": ["USD"]})
    >>> demand(lines).use.tolist(), demand(lines).step_hours  # 48 in a day are 2 an hour
    ([[2.0]], 24)
    """
    lines = _checked(charges)
    starts = (lines["start"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy() / _SECONDS
    ends = (lines["end"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy() / _SECONDS
    ends = np.maximum(ends, starts + 1.0)
    amount = lines["amount"].to_numpy(dtype=float)
    long = (ends - starts > 1.0) & np.isfinite(amount)
    step = DAY if np.abs(amount[long]).sum() > 0.5 * np.nansum(np.abs(amount)) else HOUR
    origin = int(np.floor(starts.min() / step))
    row, scopes = pd.factorize(lines["scope"], sort=True)
    size = int(np.ceil(ends.max() / step)) - origin
    use = _spread(row, starts / step - origin, ends / step - origin, amount, shape=(len(scopes), size))
    start = pd.Timestamp(origin * step * _SECONDS, unit="s", tz="UTC").to_pydatetime()
    return Demand(tuple(scopes), use / step, start, step, str(lines["currency"].iloc[0]))


def _checked(charges: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in _COLUMNS if name not in charges]
    if missing:
        raise QueryError(f"columns {missing}", "a frame of demand has them", "take it from `eligible`")
    lines = charges.assign(
        **{name: pd.to_datetime(charges[name], utc=True) for name in ("start", "end")},
        amount=pd.to_numeric(charges["amount"], errors="coerce"),
    ).dropna(subset=["start", "end"])
    if not lines["amount"].notna().any():
        raise QueryError("no use with a list price", "commitments cover priced use", "look at a longer time")
    if lines["currency"].nunique() != 1:
        found = ", ".join(sorted(lines["currency"].astype(str).unique()))
        raise CurrencyError(found, "amounts of several currencies are not added", "ask for one currency")
    return lines


def _spread(
    row: IntArray, start: FloatArray, end: FloatArray, amount: FloatArray, *, shape: tuple[int, int]
) -> FloatArray:
    """Lay charges over the steps they touch; from a scope's first one on, what has no charge is zero."""
    use, known = np.zeros(shape), np.zeros(shape, dtype=bool)
    first = np.floor(start).astype(np.int64)
    for ahead in range(int((np.ceil(end).astype(np.int64) - first).max())):
        place = first + ahead
        part = np.minimum(end, place + 1.0) - np.maximum(start, place)
        touched = part > 0
        value = amount * part / (end - start)
        np.add.at(use, (row[touched], place[touched]), value[touched])
        known[row[touched], place[touched]] = True
    return np.where(np.maximum.accumulate(known, axis=1), use, np.nan)


def screened(found: Demand) -> tuple[Demand, tuple[NoRecommendation, ...]]:
    """Which scopes have a history that a commitment can be based on, and why not the others.

    Parameters
    ----------
    found : Demand
        Everything.

    Returns
    -------
    tuple of Demand and tuple of NoRecommendation
    """
    weekly = found.weekly()
    kept, silent = [], []
    for name, weeks in zip(found.scopes, weekly, strict=True):
        known = int(np.isfinite(weeks).sum())
        if known < LEAST_WEEKS:
            silent.append(
                NoRecommendation(name, KIND, f"{known} whole weeks known, {LEAST_WEEKS} are needed")
            )
        elif not np.nan_to_num(weeks[-QUIET_WEEKS:]).max(initial=0.0) > 0:
            silent.append(NoRecommendation(name, KIND, f"no use in the last {QUIET_WEEKS} weeks"))
        else:
            kept.append(name)
    return found.only(kept), tuple(silent)
