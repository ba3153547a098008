"""Which commitments are in place, as the bill shows it: what is paid an hour, what that covers, how cheaply.

A bill that spreads the cost of a commitment over what it covered shows all of that. One that leaves the cost
on its fee shows only how much was covered: such use is taken for covered as long as the commitment lives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import label
from finops_lib.cost.spend import question
from finops_lib.cost.sql import statement
from finops_lib.optimize.commitments.demand import SCOPE
from finops_lib.optimize.commitments.offers import Held
from finops_lib.records import Record

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

WINDOW = timedelta(days=28)
_GONE = timedelta(days=2)
_FOREVER = timedelta(days=36_525)
_KEYS = ("CommitmentDiscountId", "CommitmentDiscountType", "CommitmentDiscountStatus")
USED, UNUSED = "Used", "Unused"
_HOUR = 3600.0

COVERED_USE = """
SELECT {selected}, "ChargePeriodStart" AS starts, "ChargePeriodEnd" AS ends,
       sum("EffectiveCost") AS paid, count(*) - count("EffectiveCost") AS unpaid,
       sum("ListCost") AS listed, count(*) - count("ListCost") AS unlisted
FROM {relation}
WHERE {condition} AND "CommitmentDiscountId" IS NOT NULL
GROUP BY {groups}, starts, ends
ORDER BY ALL
"""


@dataclass(frozen=True)
class InPlace(Record):
    """A commitment in place.

    ``discounts`` are the shares that it saved, by scope; empty where the bill does not spread its cost.
    ``hourly`` is money paid an hour, None where that is not known. ``covers`` is what it covered of late, by
    scope, money an hour at list price. ``ends`` and ``months``, its term, are None where nothing says them.
    """

    commitment: str
    kind: str
    currency: str
    discounts: Mapping[str, float]
    hourly: float | None
    covers: Mapping[str, float]
    ends: datetime | None = None
    months: int | None = None

    @property
    def spread(self) -> bool:
        """Does the bill say what it costs and saves."""
        return bool(self.discounts) and self.hourly is not None

    def held(self, start: datetime) -> Held | None:
        """How does the portfolio know it; without a known end it covers as far as anyone looks.

        Parameters
        ----------
        start : datetime
            Now, UTC.
        """
        if not self.spread or self.hourly is None:
            return None
        return Held(self.commitment, self.discounts, self.hourly, self.ends or start + _FOREVER)


def covered_use(engine: Engine, *, by: Sequence[str] = SCOPE, currency: str | None = None) -> pd.DataFrame:
    """What did each commitment cover, and what of it was left unused.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : sequence of str
        Columns that name a scope.
    currency : str, optional
        Only charges in it.

    Returns
    -------
    DataFrame
        ``commitment``, ``kind``, ``status`` (Used or Unused), ``scope``, ``start`` and ``end`` of the charge
        period, ``paid`` (effective cost) and ``listed`` (list cost), exact, ``unpaid`` and ``unlisted``
        (counts of charges without them), ``currency``.
    """
    used: dict[str, str | Sequence[str]] = {"ChargeCategory": "Usage", _KEYS[2]: (USED, UNUSED)}
    asked = question(
        by=(*_KEYS, *by), axis="charge", grain=None, period=None, where=used, currency=currency, rates=None
    )
    sql, parameters = statement(engine, template=COVERED_USE, question=asked)
    answer = engine.query(sql, parameters)
    parts = [
        [label(value, name=name) for value in answer[f"k{place}"]] for place, name in enumerate(asked.by)
    ]
    found = answer.rename(columns={"starts": "start", "ends": "end"})
    scopes = [" / ".join(values) for values in zip(*parts[len(_KEYS) :], strict=True)]
    named = dict(zip(("commitment", "kind", "status"), parts, strict=False))
    columns = ["start", "end", "paid", "unpaid", "listed", "unlisted", "currency"]
    return found[columns].assign(**named, scope=scopes)


def in_place(
    covered: pd.DataFrame,
    *,
    until: datetime,
    ends: Mapping[str, datetime],
    months: Mapping[str, int],
) -> tuple[InPlace, ...]:
    """Which commitments cover something at this moment.

    Parameters
    ----------
    covered : DataFrame
        As `covered_use` gives it, of one provider and currency.
    until : datetime
        Up to when the bill is whole, UTC. The 28 days before it tell what is paid an hour.
    ends : mapping of str to datetime
        First moment at which a commitment no longer covers, where that is known.
    months : mapping of str to int
        Its term, where that is known.

    Returns
    -------
    tuple of InPlace
        Those without a charge in the last two days, or that have ended, are none of them.
    """
    lines = covered.assign(
        **{name: pd.to_datetime(covered[name], utc=True) for name in ("start", "end")},
        **{name: pd.to_numeric(covered[name], errors="coerce") for name in ("paid", "listed")},
    )
    lines = lines[lines["start"] < pd.Timestamp(until)]
    found = []
    for name, rows in lines.groupby("commitment", sort=True):
        ended = ends.get(str(name))
        if rows["end"].max() > pd.Timestamp(until - _GONE) and (ended is None or ended > until):
            found.append(_one(str(name), rows, until=until, ends=ended, months=months.get(str(name))))
    return tuple(found)


def _one(
    name: str, rows: pd.DataFrame, *, until: datetime, ends: datetime | None, months: int | None
) -> InPlace:
    late = _within(rows, start=pd.Timestamp(until - WINDOW), end=pd.Timestamp(until))
    hours = _hours(late)
    known = not late["unpaid"].any() and bool((late["paid"] > 0).any()) and hours > 0
    used = late[late["status"] == USED].groupby("scope")["listed"].sum()
    return InPlace(
        name,
        str(rows["kind"].iloc[-1]),
        str(rows["currency"].iloc[0]),
        _discounts(rows[rows["status"] == USED]) if known else {},
        float(late["paid"].sum()) / hours if known else None,
        {str(scope): float(listed) / hours for scope, listed in used.items() if hours > 0},
        ends,
        months,
    )


def _within(rows: pd.DataFrame, *, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Cut charges to this time; each is spread evenly over its period."""
    first = rows["start"].where(rows["start"] > start, start)
    last = rows["end"].where(rows["end"] < end, end)
    whole = (rows["end"] - rows["start"]).dt.total_seconds().clip(lower=1.0)
    share = (last - first).dt.total_seconds() / whole
    cut = rows.assign(start=first, end=last, paid=rows["paid"] * share, listed=rows["listed"] * share)
    return cut.loc[share > 0]


def _hours(rows: pd.DataFrame) -> float:
    """Count the hours that any of these charges is for, once each."""
    spans = rows[["start", "end"]].sort_values("start")
    before = spans["end"].cummax().shift().fillna(spans["start"])
    new = spans["end"] - spans["start"].where(spans["start"] > before, before)
    return float(new.dt.total_seconds().clip(lower=0.0).sum()) / _HOUR


def _discounts(used: pd.DataFrame) -> dict[str, float]:
    """Share saved in each scope; one that is not known, or at which nothing was saved, is left out."""
    told = {}
    for scope, rows in used.groupby("scope", sort=True):
        listed = float(rows["listed"].sum())
        share = 1.0 - float(rows["paid"].sum()) / listed if listed > 0 else -1.0
        if 0.0 <= share < 1.0 and not rows[["unpaid", "unlisted"]].any(axis=None):
            told[str(scope)] = share
    return told


def left_to_cover(charges: pd.DataFrame, covered: pd.DataFrame, placed: Sequence[InPlace]) -> pd.DataFrame:
    """Which use is there for the portfolio, without what commitments cover whose price nobody knows.

    Parameters
    ----------
    charges : DataFrame
        As `finops_lib.optimize.commitments.demand.eligible` gives it.
    covered : DataFrame
        As `covered_use` gives it.
    placed : sequence of InPlace
        Commitments in place.

    Returns
    -------
    DataFrame
        ``charges`` and, for each scope that such a commitment covered, the same amount below zero.
    """
    told = {(one.commitment, scope) for one in placed if one.spread for scope in one.discounts}
    names = {one.commitment for one in placed}
    taken = [
        name in names and (name, scope) not in told
        for name, scope in zip(covered["commitment"], covered["scope"], strict=True)
    ]
    off = covered[pd.Series(taken, index=covered.index, dtype=bool) & (covered["status"] == USED)]
    if off.empty:
        return charges
    lines = off.assign(amount=-pd.to_numeric(off["listed"], errors="coerce"), unknown=off["unlisted"])
    return pd.concat([charges, lines[list(charges.columns)]], ignore_index=True)
