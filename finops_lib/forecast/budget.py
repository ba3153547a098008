"""Will this budget hold: chance, day and size of a breach, and how fast it is being used.

A budget is breached when the period's spend comes to more than its amount, to the cent. What was spent is
exact; what is to come is the predictive distribution of the sum over the rest of the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.cost.exact import share, total
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.forecast import intervals
from finops_lib.forecast.budget_file import Budget
from finops_lib.forecast.panel import FloatArray, IntArray, Outlook, step_starts
from finops_lib.forecast.paths import chance, ending_in, first_over, futures
from finops_lib.forecast.rounding import exact_sum
from finops_lib.forecast.words import breach_text
from finops_lib.records import Estimate, NoForecast, Period, Record
from finops_lib.units import cents, minor_digits

_CURRENCY = "BillingCurrency"
_DAYS_LEVEL = 0.8  # from the 10 % to the 90 % day


@dataclass(frozen=True)
class Days(Record):
    """When it happens, if it happens: from ``low`` to ``high`` with chance ``level``, ``mid`` the median.

    Each is the start, UTC, of the step (day or hour) in which it happens.
    """

    low: datetime
    mid: datetime
    high: datetime
    level: float = _DAYS_LEVEL


@dataclass(frozen=True)
class Burn(Record):
    """Where a budget stands in one of its periods and where it is going; money in ``currency``.

    ``spent`` is exact up to ``known_until``, ``unknown`` counts days in it with a charge whose cost is not
    known; ``rest`` and ``landing`` (spent and rest) are estimates. ``breach_probability`` goes from 0 to 1.
    ``breached_on`` is the day on which what is spent first passed the amount, if it still does;
    ``expected_date`` is given where that is yet to come and may come. ``overspend_if_breached`` is the mean
    excess over the amount where there is one, ``expected_overspend`` the mean over all that may come, no
    excess counted as zero. ``elapsed_share`` of the period's time has passed and ``spent_share`` of the
    amount is spent; ``path_share`` of the period's spend lies in that time on the forecast's own path,
    seasons included. ``pace`` is spent over elapsed share, ``path_pace`` spent over path share (above 1: too
    fast). ``without`` names series in scope that have no forecast: with any, the rest is too low by them.
    """

    budget: str
    owner: str
    period: Period
    amount: Decimal
    currency: str
    known_until: datetime
    spent: Decimal
    unknown: int
    rest: Estimate
    landing: Estimate
    breach_probability: float
    breached_on: datetime | None
    expected_date: Days | None
    overspend_if_breached: Decimal | None
    expected_overspend: Decimal
    elapsed_share: float
    spent_share: Decimal
    path_share: Decimal | None
    pace: float | None
    path_pace: float | None
    without: tuple[NoForecast, ...]
    verdict: str


def burn(
    budget: Budget,
    spent: pd.DataFrame,
    outlook: Outlook,
    *,
    currency: str,
    series: Sequence[str] | None = None,
    period: Period | None = None,
    level: float = 0.8,
) -> Burn | NoForecast:
    """Will this budget hold in this period, and if not: when, and by how much.

    Parameters
    ----------
    budget : Budget
        As its file states it.
    spent : DataFrame
        ``time`` (UTC) and ``cost`` (exact Decimal, None where unknown) of what is in scope, and perhaps
        ``BillingCurrency``; rows outside the period or after the last step known to the outlook are left
        out. Costs and series are on one basis: both accrued by day, or both as charged.
    outlook : Outlook
        Of series that have no cost in common, with a calendar.
    currency : str
        ISO 4217 code of the outlook.
    series : sequence of str, optional
        The series in scope, with those that have no forecast; None is all of the outlook.
    period : Period, optional
        One of the budget's; None is the one in which the outlook begins.
    level : float
        Chance of the estimates' intervals.

    Returns
    -------
    Burn or NoForecast
        The latter where the outlook ends before the period does, no past error is known, or no series in
        scope has a forecast.

    Raises
    ------
    CurrencyError
        The budget, what was spent and the outlook are not in one currency.
    QueryError
        The series have no calendar or end apart, a week crosses the period's edge, or the budget does not
        hold then.
    """
    _one_currency(budget, spent, currency)
    names, without = _in_scope(outlook, series)
    if not names:
        return NoForecast((budget.name,), _no_series(without))
    end = _end(outlook, names)
    span = period or budget.period_at(end)
    if span is None:
        raise QueryError(
            f"budget {budget.name!r} at {end:%Y-%m-%d}", "it does not hold then", "state one that does"
        )
    steps, starts = _rest(outlook, end, span)
    if steps is None:
        reason = f"the forecast ends on {starts[-1]:%Y-%m-%d}, before the period's end {span.end:%Y-%m-%d}"
        return NoForecast((budget.name,), reason)
    future = _Future(outlook, names, steps, starts, futures(outlook, dict.fromkeys(names, 1.0))[:, steps])
    if not len(future.paths):
        return NoForecast((budget.name,), "no past error of such a forecast is known")
    known = _known(spent, span, end)
    return _answer(budget, span, end, known=known, future=future, level=level, without=without)


@dataclass(frozen=True)
class _Future:
    """The part of the outlook that falls into the period: its series, steps, their starts, and paths."""

    outlook: Outlook
    names: tuple[str, ...]
    steps: IntArray
    starts: pd.DatetimeIndex
    paths: FloatArray

    def atoms(self) -> FloatArray:
        if not len(self.steps):
            return np.zeros(2)  # nothing is left to come, for certain
        found = intervals.distribution(self.outlook, series=self.names, steps=self.steps.tolist())
        return np.asarray(found, dtype=float)

    def interval(self, level: float) -> tuple[float, float, float]:
        if not len(self.steps):
            return 0.0, 0.0, 0.0
        low, mid, high = intervals.interval(
            self.outlook, series=self.names, steps=self.steps.tolist(), level=level
        )
        return min(low, mid), mid, max(mid, high)

    def days(self, atoms: FloatArray, *, needed: float) -> Days | None:
        """When does the sum pass what is needed, on the paths that end above it."""
        if not (atoms > needed).any() or not len(self.steps):
            return None
        sums = np.cumsum(ending_in(self.paths, atoms), axis=1)[np.sort(atoms) > needed]
        first = np.minimum(first_over(sums, needed), len(self.steps) - 1)
        tail = (1 - _DAYS_LEVEL) / 2
        chosen = np.quantile(first, [tail, 0.5, 1 - tail], method="inverted_cdf")
        low, mid, high = (self.starts[int(place)].to_pydatetime().replace(tzinfo=UTC) for place in chosen)
        return Days(low, mid, high)


def _answer(
    budget: Budget,
    span: Period,
    end: datetime,
    *,
    known: pd.DataFrame,
    future: _Future,
    level: float,
    without: tuple[NoForecast, ...],
) -> Burn:
    spent = total(known["cost"]) or Decimal(0)
    half_cent = Decimal(5).scaleb(-minor_digits(budget.currency) - 1)
    left = exact_sum([budget.amount, -spent])
    needed = float(exact_sum([left, half_cent]))
    atoms = future.atoms()
    probability = chance(atoms, needed)
    excess = np.where(atoms > needed, atoms - float(left), 0.0)
    over = _money(float(excess[excess > 0].mean()), budget.currency) if excess.any() else None
    passed = _passed(known, budget.amount)
    days = None if passed else future.days(atoms, needed=needed)
    low, mid, high = (_money(value, budget.currency) for value in future.interval(level))
    rest = Estimate(low, mid, high, level, budget.currency)
    low, mid, high = (exact_sum([spent, part]) for part in (low, mid, high))
    landing = Estimate(low, mid, high, level, budget.currency)
    gone = (min(max(end, span.start), span.end) - span.start) / (span.end - span.start)
    used, on_path = spent / budget.amount, share(spent, landing.mid)
    return Burn(
        budget=budget.name, owner=budget.owner, period=span, amount=budget.amount, currency=budget.currency,
        known_until=end, spent=spent, unknown=int(known["cost"].isna().sum()), rest=rest, landing=landing,
        breach_probability=probability, breached_on=passed, expected_date=days, overspend_if_breached=over,
        expected_overspend=_money(float(excess.mean()), budget.currency),
        elapsed_share=gone, spent_share=used, path_share=on_path,
        pace=float(used) / gone if gone else None,
        path_pace=float(used / on_path) if on_path else None,
        without=without,
        verdict=breach_text(
            probability, breached_on=passed, overspend=over, currency=budget.currency,
            dates=(days.low, days.mid, days.high) if days else None,
        ),
    )  # fmt: skip


def _one_currency(budget: Budget, spent: pd.DataFrame, currency: str) -> None:
    there = set(spent[_CURRENCY].dropna().astype(str)) if _CURRENCY in spent else set()
    if there | {currency, budget.currency} != {budget.currency}:
        raise CurrencyError(
            f"budget {budget.name!r} in {budget.currency}, costs in {', '.join(sorted(there | {currency}))}",
            "a budget and its costs are in one currency",
            f"convert the costs to {budget.currency} with rates first",
        )


def _in_scope(
    outlook: Outlook, series: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[NoForecast, ...]]:
    wanted = [*outlook.panel.names, *outlook.missing] if series is None else list(series)
    there = set(outlook.panel.names)
    lost = [name for name in wanted if name not in there and name not in outlook.missing]
    if lost:
        raise ValueError(f"series {lost}: each is in the outlook or among its missing ones")
    without = tuple(NoForecast((name,), outlook.missing[name]) for name in wanted if name not in there)
    return tuple(name for name in wanted if name in there), without


def _no_series(without: Sequence[NoForecast]) -> str:
    return f"{without[0].path[0]}: {without[0].reason}" if without else "no series is in its scope"


def _end(outlook: Outlook, names: Sequence[str]) -> datetime:
    if outlook.panel.ends is None:
        raise QueryError("series without a calendar", "a budget has periods", "give the series their times")
    ends = dict(zip(outlook.panel.names, outlook.panel.ends, strict=True))
    found = {ends[name] for name in names}
    if len(found) > 1:
        raise QueryError(
            f"series that end from {min(found):%Y-%m-%d} to {max(found):%Y-%m-%d}",
            "what is spent and what is to come meet at one moment",
            "fill the last steps with what is known of them",
        )
    return found.pop()


def _rest(outlook: Outlook, end: datetime, span: Period) -> tuple[IntArray | None, pd.DatetimeIndex]:
    """Number the steps of the forecast that lie in the period and say when they start; None is too few."""
    edges = step_starts(end, step=outlook.panel.step, first=0, count=outlook.mid.shape[1] + 1)
    first, last = (pd.Timestamp(moment).tz_convert(None) for moment in (span.start, span.end))
    if last <= edges[0]:
        return np.arange(0), edges[:0]
    if edges[-1] < last:
        return None, edges
    if last not in edges or (first > edges[0] and first not in edges):
        raise QueryError(
            f"a {outlook.panel.step} that lies in two periods",
            "a period is made of whole steps",
            "forecast days, and sum them",
        )
    inside = np.flatnonzero((edges[:-1] >= first) & (edges[:-1] < last))
    return inside, edges[inside]


def _known(spent: pd.DataFrame, span: Period, end: datetime) -> pd.DataFrame:
    times = pd.to_datetime(spent["time"], utc=True)
    inside = (times >= span.start) & (times < min(span.end, max(end, span.start)))
    costs = pd.Series([_exact(cost) for cost in spent["cost"]], index=spent.index, dtype=object)
    return spent.assign(time=times, cost=costs)[inside].sort_values("time", kind="stable")


def _exact(cost: object) -> Decimal | None:
    return cost if isinstance(cost, Decimal) and cost.is_finite() else None


def _passed(known: pd.DataFrame, amount: Decimal) -> datetime | None:
    """On which day did the sum first pass the amount, if it is above it now."""
    running, first = Decimal(0), None
    for moment, cost in zip(known["time"], known["cost"], strict=True):
        running = exact_sum([running, cost or Decimal(0)])
        first = first or (moment.to_pydatetime() if running > amount else None)
    return first if running > amount else None


def _money(value: float, currency: str) -> Decimal:
    return cents(Decimal(value), currency=currency)
