"""The words of a forecast's tables: lines of budgets and limits, and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from finops_lib.cost.exact import share
from finops_lib.forecast.budget import Burn, Days
from finops_lib.forecast.saturation import Saturation
from finops_lib.forecast.words import percent, span_text
from finops_lib.records import Forecast, NoForecast, Period
from finops_lib.units import money_text, share_text

_UNITY = 1.0
_LARGE = 100
BUDGET_COLUMNS = (
    "Budget", "Period", "Amount", "Spent", "Low", "Mid", "High", "Breach", "Expected", "Overspend", "Pace",
)  # fmt: skip
LIMIT_COLUMNS = ("Limit", "Amount", "Now", "Unit", "Exceeded", "Early", "Median", "Late", "Reason")


def rounded(value: float | None, digits: int = 2) -> float | None:
    """How is a measure shown; None stays unknown.

    Parameters
    ----------
    value : float or None
        For example an error.
    digits : int
        After the point.

    Examples
    --------
    >>> rounded(0.98765), rounded(None)
    (0.99, None)
    """
    return None if value is None or value != value else round(float(value), digits)  # noqa: PLR0124  NaN


def ends(found: Forecast | NoForecast) -> dict[str, Any]:
    """Which cells of a table does a forecast fill: ``Low``, ``Mid``, ``High`` or ``Reason``.

    Parameters
    ----------
    found : Forecast or NoForecast
        Of one node.

    Examples
    --------
    >>> ends(NoForecast(("web",), "it has no value"))["Reason"]
    'it has no value'
    """
    if isinstance(found, NoForecast):
        return {"Low": None, "Mid": None, "High": None, "Reason": found.reason}
    amount = found.amount
    return {"Low": amount.low, "Mid": amount.mid, "High": amount.high, "Reason": _without(found.without)}


def _without(parts: Sequence[NoForecast]) -> str:
    if not parts:
        return ""
    return f"without {len(parts)} of its parts, which have no forecast: {parts[0].reason}"


def days_text(days: Days | None) -> str:
    """When is a budget passed, if it is, in words.

    Parameters
    ----------
    days : Days or None
        From a burn.
    """
    if days is None:
        return ""
    if days.low == days.high:
        return f"{days.mid:%Y-%m-%d}"
    if days.low.year < days.high.year:
        return f"{days.mid:%Y-%m-%d} ({span_text(days.low, days.high)})"
    return f"{days.mid:%Y-%m-%d} ({days.low:%m-%d} to {days.high:%m-%d})"


def period_text(period: Period) -> str:
    """How are the months of a budget's period written.

    Parameters
    ----------
    period : Period
        Of whole months.

    Examples
    --------
    >>> july, september = Period.month("2026-07"), Period.month("2026-09")
    >>> period_text(july), period_text(Period(july.start, september.end))
    ('2026-07', '2026-07 to 2026-09')
    """
    first, last = f"{period.start:%Y-%m}", f"{period.end - timedelta(days=1):%Y-%m}"
    return first if first == last else f"{first} to {last}"


def called(item: Burn) -> str:
    """How is a budget in one of its periods called.

    Parameters
    ----------
    item : Burn
        Of one budget.
    """
    return f"{item.budget}, {period_text(item.period)}"


def budget_line(item: Burn | NoForecast) -> tuple[Any, ...]:
    """Which line of the table of budgets is this one; in the order of ``BUDGET_COLUMNS``.

    Parameters
    ----------
    item : Burn or NoForecast
        Of one budget.

    Examples
    --------
    >>> budget_line(NoForecast(("Web",), "it is in EUR, this report in USD"))[:2]
    ('Web', None)
    """
    if isinstance(item, NoForecast):
        return (item.path[0], None, None, None, None, None, None, "unknown", item.reason, None, None)
    over = item.breached_on
    when = days_text(item.expected_date) if over is None else f"since {over:%Y-%m-%d}"
    return (
        item.budget, period_text(item.period), item.amount, item.spent, item.landing.low,
        item.landing.mid, item.landing.high, percent(item.breach_probability), when,
        "" if item.overspend_if_breached is None else item.overspend_if_breached, rounded(item.path_pace),
    )  # fmt: skip


def limit_line(item: Saturation | NoForecast) -> tuple[Any, ...]:
    """Which line of the table of limits is this one; in the order of ``LIMIT_COLUMNS``.

    Parameters
    ----------
    item : Saturation or NoForecast
        Of one limit.
    """
    if isinstance(item, NoForecast):
        return (item.path[0], None, None, "", "unknown", "", "", "", item.reason)
    moments = ("" if day is None else f"{day:%Y-%m-%d}" for day in (item.early, item.median, item.late))
    now = None if item.now is None else f"{item.now:,.6g}"
    return (item.name, f"{item.limit:,.6g}", now, item.unit, percent(_UNITY - item.beyond), *moments, "")


def coming(found: Forecast | NoForecast, *, before: Decimal | None) -> str:
    """What will come, in one sentence.

    Parameters
    ----------
    found : Forecast or NoForecast
        Of the whole.
    before : Decimal or None
        What the same number of days cost before; None is unknown.

    Returns
    -------
    str
    """
    if isinstance(found, NoForecast):
        return f"There is no forecast: {found.reason}."
    amount, span = found.amount, found.period
    low, mid, high = (round_money(end, amount.unit) for end in (amount.low, amount.mid, amount.high))
    when = f"The {span.days} days from {span.start:%Y-%m-%d}" if span else "What is to come"
    change = share(amount.mid - before, before) if before else None
    known = span is not None and change is not None
    against = f", {share_text(change, signed=True)} against as many days before" if known else ""
    return f"{when} will cost about {mid} ({amount.level * 100:g} %: {low} to {high}){against}."


def short(found: Forecast | NoForecast) -> str:
    """What will come, as short as it can be said with its interval.

    Parameters
    ----------
    found : Forecast or NoForecast
        Of the whole.

    Examples
    --------
    >>> short(NoForecast((), "it has no value"))
    'no forecast'
    """
    if isinstance(found, NoForecast):
        return "no forecast"
    amount = found.amount
    low, mid, high = (round_money(end, amount.unit) for end in (amount.low, amount.mid, amount.high))
    return f"{mid} ({low} to {high})"


def round_money(amount: Decimal, currency: str) -> str:
    """How is an estimate written: without cents, which nobody knows, where they are not most of it.

    Parameters
    ----------
    amount : Decimal
        Money in ``currency``.
    currency : str
        ISO 4217 code.

    Examples
    --------
    >>> round_money(Decimal("1234.56"), "USD"), round_money(Decimal("7.5"), "USD")
    ('$1,235', '$7.50')
    """
    return money_text(amount, currency=currency, digits=0 if abs(amount) >= _LARGE else None)


def held(past: Mapping[str, float | None], found: Forecast | NoForecast, run_rate: float | None) -> str:
    """How good were such forecasts before, in one sentence.

    Parameters
    ----------
    past : mapping
        From `finops_lib.forecast.track.track`.
    found : Forecast or NoForecast
        Of the whole.
    run_rate : float or None
        The error over that of the run rate.

    Returns
    -------
    str
    """
    if isinstance(found, NoForecast) or not past.get("origins"):
        return "No past forecast can be judged: the history is too short."
    said = [f"Forecasts repeated with what was known then: {past['origins']:.0f}"]
    if found.vs_seasonal_naive is not None:
        said.append(f"their error was {found.vs_seasonal_naive:.2f} of that of seasonal naive")
    if run_rate is not None:
        said.append(f"{run_rate:.2f} of that of the run rate")
    if past.get("coverage_80") is not None:
        said.append(f"80 % intervals held on {percent(float(past['coverage_80'] or 0))} of days")
    return f"{said[0]}; {', '.join(said[1:])}." if said[1:] else f"{said[0]}."
