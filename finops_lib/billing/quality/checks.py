"""Six checks over all bills of an account, each a function from the view to its findings.

What each one means is said at ``finops_lib.billing.quality.findings``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pandas as pd

from finops_lib.billing.quality.view import Bill, View, ordinal
from finops_lib.records import Snapshot, plain

_Row = dict[str, Any]
_DAYS_NAMED = 5


def _late(view: View) -> Iterator[_Row]:
    for account, newest in view.newest.items():
        wait = view.now - _midnight(newest + 1)
        if wait > timedelta(days=view.limits.late_after_days):
            days = (newest + 1, max(newest + 1, view.now.date().toordinal()))
            text = (
                f"the newest usage day is {date.fromordinal(newest)}, {wait.days} days before {view.now:%F}"
            )
            yield view.finding("late_bill", account, days=days, text=text)
    for earlier, later in _neighbours(view):
        if later.first > earlier.end:
            days = (earlier.end, later.first - 1)
            yield view.finding("late_bill", earlier.account, days=days, text=f"no bill for {_span(days)}")


def _restated(view: View) -> Iterator[_Row]:
    current = {item.key for item in view.engine.snapshots}
    past: dict[tuple[str, str, str, str], Snapshot] = {}
    for new in view.history:
        old = past.get(new.key)
        if new.key in current and old is not None and new.replaces == old.id:
            yield from _changes(view, old, new)
        past[new.key] = new


def _changes(view: View, old: Snapshot, new: Snapshot) -> Iterator[_Row]:
    if not (old.last_day and new.last_day):
        return
    settled = _midnight(_day(old.last_day) + 1 + view.limits.incomplete_days)
    same_days = old.delivered >= settled and new.last_day <= old.last_day
    account = view.accounts.index((new.provider, new.account))
    days = (_day(new.first_day), _day(new.last_day))
    waits = view.now - new.delivered <= timedelta(days=view.limits.restated_pause_days)
    for currency in sorted(old.cost.keys() | new.cost.keys()):
        before, after = old.cost.get(currency, Decimal(0)), new.cost.get(currency, Decimal(0))
        moved = abs(after - before) > Decimal(str(view.limits.restated_share)) * abs(before)
        if moved and (same_days or after < before):
            text = f"the bill of {new.billing_period} went from {plain(before)} to {plain(after)} {currency}"
            yield view.finding(
                "restated_bill",
                account,
                days=days,
                text=f"{text} on {new.delivered:%F}",
                BillingPeriod=new.billing_period,
                BillingCurrency=currency,
                Rows=new.rows,
                Cost=after - before,
                PausesModels=waits,
            )


def _missing(view: View) -> Iterator[_Row]:
    for account, days in view.usage_days.items():
        bills = view.bills.get(account, [])
        expected = {bill: _expected(bill, days) for bill in bills}
        wanted = set().union(*expected.values())
        if len(wanted & days) < view.limits.daily_share * len(wanted):
            continue
        for bill, own in expected.items():
            gaps = sorted(own - days)
            if gaps:
                text = f"no usage on {_named(gaps)}"
                yield view.finding(
                    "missing_day",
                    account,
                    days=(gaps[0], gaps[-1]),
                    text=text,
                    BillingPeriod=bill.period,
                )


def _duplicated(view: View) -> Iterator[_Row]:
    keys = ["Account", "BillingPeriod", "BillingCurrency"]
    both = view.copies().merge(view.totals[[*keys, "Rows", "Size"]], on=keys)
    share = Decimal(str(view.limits.duplicate_share))
    for row in both.to_dict("records"):
        if row["Copies"] <= share * row["Rows"]:
            continue
        days = (ordinal(row["FirstDay"]), ordinal(row["LastDay"]))
        text = f"{row['Copies']} of {row['Rows']} rows of {row['BillingPeriod']} are exact copies of another"
        waits = row["CopiedSize"] > share * row["Size"] and view.in_window(days[1])
        yield view.finding(
            "duplicated_rows",
            row["Account"],
            days=days,
            text=text,
            **{key: row[key] for key in keys[1:]},
            Rows=int(row["Copies"]),
            Cost=row["Cost"],
            PausesModels=waits,
        )


def _jump(view: View) -> Iterator[_Row]:
    for earlier, later in _neighbours(view):
        if earlier.currencies and later.currencies and earlier.currencies != later.currencies:
            before, after = "+".join(earlier.currencies), "+".join(later.currencies)
            text = f"billed in {before} until {earlier.period}, then in {after}"
            yield view.finding(
                "currency_jump",
                later.account,
                days=(later.first, later.end - 1),
                text=text,
                BillingPeriod=later.period,
                BillingCurrency=after,
            )
    levels = view.levels[view.levels["Days"] >= view.limits.jump_days]
    for (_, currency), rows in levels.groupby(["Account", "BillingCurrency"], sort=True):
        account = int(rows["Account"].iloc[0])
        table = rows.pivot(index="ServiceName", columns="MonthNumber", values="Level")
        for month, ratio in _ratios(table):
            if ratio > view.limits.jump_ratio or ratio < 1 / view.limits.jump_ratio:
                yield _level_row(view, account, str(currency), month=month, ratio=ratio)


def _ratios(table: pd.DataFrame) -> Iterator[tuple[int, float]]:
    """Level of each month against the one before: the ratio nearer to 1 of the median service and the sum."""
    for earlier, later in pairwise(sorted(table.columns)):
        both = table[[earlier, later]].dropna()
        if len(both):
            typical = float((both[later] / both[earlier]).median())
            total = float(both[later].sum() / both[earlier].sum())
            nearer = min(typical, total, key=lambda ratio: abs(math.log(ratio)))
            yield int(later), nearer if (typical > 1) == (total > 1) else 1.0


def _level_row(view: View, account: int, currency: str, *, month: int, ratio: float) -> _Row:
    first = date(month // 12, month % 12 + 1, 1)
    last = date((month + 1) // 12, (month + 1) % 12 + 1, 1).toordinal() - 1
    text = (
        f"the {currency} cost of a median day in {first:%Y-%m} is {ratio:.3g} times that of the month before"
    )
    return view.finding(
        "currency_jump", account, days=(first.toordinal(), last), text=text, BillingCurrency=currency
    )


def _partial(view: View) -> Iterator[_Row]:
    starts = {account: start for account in view.newest if (start := _partial_from(view, account))}
    if not starts:
        return
    rows = view.tail(min(starts.values()))
    rows["Day"] = [pd.Timestamp(day).toordinal() for day in rows["ChargeDate"]]
    for account, start in starts.items():
        own = rows[(rows["Account"] == account) & (rows["Day"] >= start)]
        days = (start, view.newest[account])
        for (period, currency), part in own.groupby(["BillingPeriod", "BillingCurrency"], sort=True):
            yield view.finding(
                "partial_last_days",
                account,
                days=days,
                text=f"{_span(days)} may still grow",
                BillingPeriod=period,
                BillingCurrency=currency,
                Rows=int(part["Rows"].sum()),
                Cost=sum(part["Cost"], Decimal(0)),
                PausesModels=False,
            )


def _partial_from(view: View, account: int) -> int | None:
    """First partial day of an account's newest bill, as an ordinal; None where the bill is complete."""
    wait = view.limits.incomplete_days
    bill, newest = view.bills[account][-1], view.newest[account]
    provider, name = view.accounts[account]
    arrived = max(
        item.delivered
        for item in view.engine.snapshots
        if (item.provider, item.account, item.billing_period) == (provider, name, bill.period)
    )
    settled = _midnight(bill.end + wait)
    complete = newest + 1 >= bill.end and arrived >= settled
    return None if complete or not wait else newest + 1 - wait


def _neighbours(view: View) -> Iterator[tuple[Bill, Bill]]:
    for bills in view.bills.values():
        yield from pairwise(bills)


def _expected(bill: Bill, days: set[int]) -> set[int]:
    return set(range(max(bill.first, min(days)), min(bill.end, max(days) + 1)))


def _named(days: list[int]) -> str:
    names = [str(date.fromordinal(day)) for day in days[:_DAYS_NAMED]]
    more = f" and {len(days) - _DAYS_NAMED} more days" if len(days) > _DAYS_NAMED else ""
    return ", ".join(names) + more


def _span(days: tuple[int, int]) -> str:
    return f"{date.fromordinal(days[0])} to {date.fromordinal(days[1])}"


def _midnight(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(), UTC)


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


CHECKS: Mapping[str, Callable[[View], Iterator[_Row]]] = MappingProxyType(
    {
        "late_bill": _late,
        "restated_bill": _restated,
        "missing_day": _missing,
        "duplicated_rows": _duplicated,
        "currency_jump": _jump,
        "partial_last_days": _partial,
    }
)
