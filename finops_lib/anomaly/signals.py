"""Which costs look like a break-in: with what was seen, and what had been usual before.

Cost shows what somebody does with a stolen key: a region, service or account never used before, a burst of
GPU machines or of traffic out, many new places at once. Each signal says its evidence; whether it is an
attack a person must find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Anomaly, Estimate
from finops_lib.units import cents

GPU = re.compile(
    r"gpu|cuda|nvidia|\b(p[2-6]|g[3-7])[a-z]*\.|\b(nc|nd|nv)\d|_n[cdv]\d"
    r"|\ba[23]-(high|mega|ultra|edge)|[ahlv]100\b",
    re.IGNORECASE,
)
EGRESS = re.compile(
    r"egress|datatransfer-out|data transfer out|out-bytes|transfer out|internet out|outbound", re.IGNORECASE
)
_LEVEL = 0.8
_NEW_DAYS, _HISTORY = 7, 14  # days of a new place that are added up; days watched before anything is new
_TIMES = 3.0  # a burst is so many times the most that was seen before
_NAMED = 5


@dataclass(frozen=True)
class Columns:
    """Which columns name the account, the region and the service, and which texts name the meter."""

    account: str = "SubAccountId"
    region: str = "RegionId"
    service: str = "ServiceName"
    meters: tuple[str, ...] = ("SkuId", "x_SkuDescription", "ChargeDescription", "x_UsageType")


@dataclass(frozen=True)
class _Cells:
    """Known rows of the frame, days as numbers from the first one."""

    frame: pd.DataFrame
    first: pd.Timestamp
    names: Columns
    floor: float
    currency: str

    def moment(self, day: int) -> datetime:
        return (self.first + timedelta(days=day)).to_pydatetime().replace(tzinfo=UTC)


def signals(
    cells: pd.DataFrame, *, floor: Decimal = Decimal(1), names: Columns | None = None
) -> tuple[Anomaly, ...]:
    """Which security-like signals do these daily cells show.

    Parameters
    ----------
    cells : DataFrame
        ``time`` (days), ``value``, one ``BillingCurrency`` and the account, region and service columns, with
        the meter's texts where there are any. The first 14 days are only learned from.
    floor : Decimal
        Money that a signal holds at least.
    names : Columns, optional
        How the columns are called.

    Returns
    -------
    tuple of Anomaly
        ``new_account``, ``new_region`` or ``new_service`` (in an account that was there), ``gpu_burst``,
        ``egress_burst`` and ``fan_out``, newest first. The p-value is the share of days so far that were as
        odd, this one counted.

    Raises
    ------
    QueryError
        A column is missing.
    CurrencyError
        There are several currencies.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=30)
    >>> home = pd.DataFrame({"time": days, "value": 50.0, "SubAccountId": "1", "RegionId": "eu",
    ...     "ServiceName": "VM"})
    >>> away = home.iloc[25:27].assign(RegionId="ap", value=40.0)
    >>> [found] = signals(pd.concat([home, away]))
    >>> found.kind, found.series, str(found.cost_impact.mid), found.evidence[0]
    ('new_region', ('1', 'ap'), '80.00', 'first charged on 2026-01-26 after 25 days without it')
    """
    names = names or Columns()
    known = _known(cells, names, floor)
    if known is None:
        return ()
    found = [
        *_first_seen(known), *_bursts(known, "gpu_burst", GPU), *_bursts(known, "egress_burst", EGRESS),
        *_fan_out(known),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.start.timestamp(), one.kind, one.series)))


def _known(cells: pd.DataFrame, names: Columns, floor: Decimal) -> _Cells | None:
    for name in ("time", "value", names.account, names.region, names.service):
        if name not in cells:
            raise QueryError(
                f"column {name!r}", "cells have it", f"there are {', '.join(map(str, cells.columns))}"
            )
    currency = sorted(set(cells["BillingCurrency"].dropna())) if "BillingCurrency" in cells else []
    if len(currency) > 1:
        raise CurrencyError(
            f"currencies {', '.join(currency)}", "signals are of one", "name one, or give rates"
        )
    frame = cells.assign(value=cells["value"].astype("float64"))
    frame = frame[frame["value"].notna() & (frame["value"] > 0)]
    if frame.empty:
        return None
    times = pd.to_datetime(frame["time"], utc=True).dt.tz_convert(None).dt.normalize()
    frame = frame.assign(day=(times - times.min()).dt.days)
    for name in (names.account, names.region, names.service):
        frame[name] = frame[name].astype("string").fillna("(none)").astype(object)
    return _Cells(frame, times.min(), names, float(floor), currency[0] if currency else "")


def _first_seen(cells: _Cells) -> Iterator[Anomaly]:
    names, accounts = cells.names, cells.frame.groupby(cells.names.account)["day"].min()
    yield from _new(cells, "new_account", (names.account,), accounts=None)
    yield from _new(cells, "new_region", (names.account, names.region), accounts=accounts)
    yield from _new(cells, "new_service", (names.account, names.service), accounts=accounts)


def _new(
    cells: _Cells, kind: str, columns: tuple[str, ...], *, accounts: pd.Series | None
) -> Iterator[Anomaly]:
    firsts = cells.frame.groupby(list(columns))["day"].min()
    births = np.sort(firsts[firsts >= _HISTORY].to_numpy())
    for key, day in firsts.items():
        path = tuple(map(str, key if isinstance(key, tuple) else (key,)))
        watched = int(day) - (int(accounts[path[0]]) if accounts is not None else 0)
        if day < _HISTORY or watched < _HISTORY:
            continue
        rows = cells.frame
        for name, value in zip(columns, path, strict=True):
            rows = rows[rows[name] == value]
        rows = rows[rows["day"] < day + _NEW_DAYS]
        p_value = len(np.unique(births[births <= day])) / (int(day) + 1.0)
        text = f"first charged on {cells.moment(int(day)):%F} after {watched} days without it"
        yield from _signal(cells, kind, columns, path, rows, p_value, (text,))


def _bursts(cells: _Cells, kind: str, pattern: re.Pattern[str]) -> Iterator[Anomaly]:
    """Accounts whose cost of such meters is several times the most that it was on any day before."""
    names = cells.names
    texts = [name for name in (names.service, *names.meters) if name in cells.frame]
    match = np.zeros(len(cells.frame), dtype=bool)
    for name in texts:
        values = cells.frame[name].astype("string").fillna("")
        hits = {value: bool(pattern.search(value)) for value in values.unique()}
        match |= values.map(hits).to_numpy(dtype=bool)
    rows = cells.frame[match]
    length = int(cells.frame["day"].max()) + 1
    for account, mine in rows.groupby(names.account):
        daily = np.bincount(mine["day"], weights=mine["value"], minlength=length)
        most = np.concatenate([[0.0], np.maximum.accumulate(daily)[:-1]])
        high = np.flatnonzero((daily > _TIMES * most) & (daily >= cells.floor))
        high = high[high >= _HISTORY]
        for day in high[: 1 if len(high) else 0].tolist() + [
            d for d in high[1:].tolist() if d > high[0] + _NEW_DAYS
        ]:
            before = (daily[:day] > 0).sum()
            on = f"{daily[day]:.2f} on {cells.moment(day):%F}"
            text = f"{on}, at most {most[day]:.2f} on the {day} days before"
            span = mine[(mine["day"] >= day) & (mine["day"] < day + _NEW_DAYS)]
            places = sorted(set(span[names.region]))[:_NAMED]
            evidence = (text, f"charged on {before} of these days", f"in {', '.join(places)}")
            yield from _signal(
                cells, kind, (names.account,), (str(account),), span, 1 / (day + 1.0), evidence
            )


def _fan_out(cells: _Cells) -> Iterator[Anomaly]:
    """Accounts in which many new pairs of region and service were charged on one day."""
    names = cells.names
    firsts = cells.frame.groupby([names.account, names.region, names.service])["day"].min().reset_index()
    length = int(cells.frame["day"].max()) + 1
    begun = cells.frame.groupby(names.account)["day"].min()
    for account, mine in firsts.groupby(names.account):
        start = int(begun[account])
        counts = np.bincount(mine["day"], minlength=length)
        for day in np.flatnonzero(counts >= _NAMED).tolist():
            past = counts[start + 1 : day]
            regions = mine.loc[mine["day"] == day, names.region].nunique()
            if day - start < _HISTORY or regions < 2 or counts[day] < _TIMES * past.max(initial=1):  # noqa: PLR2004
                continue
            fresh = mine[mine["day"] == day]
            span = cells.frame[
                (cells.frame[names.account] == account) & cells.frame["day"].between(day, day + _NEW_DAYS - 1)
            ]
            span = span.merge(fresh[[names.region, names.service]], on=[names.region, names.service])
            pairs = [f"{one[names.region]} {one[names.service]}" for _, one in fresh.head(_NAMED).iterrows()]
            many = f"{counts[day]} new pairs of region and service in {regions} regions"
            text = f"{many} on {cells.moment(day):%F}"
            evidence = (
                text,
                f"at most {past.max(initial=0)} on a day before",
                f"among them {', '.join(pairs)}",
            )
            p_value = (1 + (past >= counts[day]).sum()) / (len(past) + 1.0)
            yield from _signal(
                cells, "fan_out", (names.account,), (str(account),), span, float(p_value), evidence
            )


def _signal(
    cells: _Cells,
    kind: str,
    columns: Sequence[str],
    path: tuple[str, ...],
    rows: pd.DataFrame,
    p_value: float,
    evidence: tuple[str, ...],
) -> Iterator[Anomaly]:
    money = float(rows["value"].sum())
    if rows.empty or money < cells.floor:
        return
    start, last = int(rows["day"].min()), int(rows["day"].max())
    amount = cents(Decimal(repr(round(money, 6))), currency=cells.currency)
    impact = Estimate(amount, amount, amount, _LEVEL, cells.currency or "unknown")
    moments = cells.moment(start), cells.moment(last + 1), cells.moment(start + 1)
    labels = dict(zip(columns, path, strict=True))
    yield Anomaly(kind, path, labels, *moments, impact, min(p_value, 1.0), evidence=evidence)
