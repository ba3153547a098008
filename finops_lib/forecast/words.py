"""The words of a forecast: how likely, by when, and what a picture shows."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from finops_lib.units import money_text

_LIKELY = ((0.9, "very likely"), (0.66, "likely"), (0.33, "as likely as not"), (0.1, "unlikely"))


def likelihood(chance: float) -> str:
    """Which word says this chance.

    Parameters
    ----------
    chance : float
        From 0 to 1.

    Returns
    -------
    str

    Notes
    -----
    Words and their bounds, the middle range named in short: Mastrandrea et al. (2010), guidance note of the
    IPCC on uncertainty.

    Examples
    --------
    >>> [likelihood(chance) for chance in (1.0, 0.95, 0.7, 0.5, 0.2, 0.02, 0.0)]
    ['certain', 'very likely', 'likely', 'as likely as not', 'unlikely', 'very unlikely', 'ruled out']
    """
    if chance in {0.0, 1.0}:
        return "certain" if chance else "ruled out"
    return next((word for least, word in _LIKELY if chance >= least), "very unlikely")


def percent(chance: float) -> str:
    """How is a chance written: whole per cents, but never 0 or 100 where it is neither.

    Parameters
    ----------
    chance : float
        From 0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> [percent(chance) for chance in (0.0, 0.001, 0.256, 0.999, 1.0)]
    ['0 %', '<1 %', '26 %', '>99 %', '100 %']
    """
    rounded = f"{chance * 100:.0f} %"
    if rounded == "0 %" and chance > 0:
        return "<1 %"
    return ">99 %" if rounded == "100 %" and chance < 1 else rounded


def span_text(low: datetime, high: datetime) -> str:
    """How is a range of days written.

    Parameters
    ----------
    low, high : datetime
        First and last, UTC.

    Returns
    -------
    str

    Examples
    --------
    >>> first = datetime(2026, 7, 1)
    >>> span_text(first, first), span_text(first, first.replace(day=9))
    ('2026-07-01', '2026-07-01 to 2026-07-09')
    """
    first, last = f"{low:%Y-%m-%d}", f"{high:%Y-%m-%d}"
    return first if first == last else f"{first} to {last}"


def breach_text(
    chance: float,
    *,
    breached_on: datetime | None,
    dates: tuple[datetime, datetime, datetime] | None,
    overspend: Decimal | None,
    currency: str,
) -> str:
    """What does a person need to know of this budget, in one sentence.

    Parameters
    ----------
    chance : float
        Of a breach, from 0 to 1.
    breached_on : datetime, optional
        The day on which it was passed already.
    dates : tuple of three datetime, optional
        Early, middle and late day of the breach.
    overspend : Decimal, optional
        Expected amount over the budget, if it is breached.
    currency : str
        ISO 4217 code.

    Returns
    -------
    str

    Examples
    --------
    >>> days = tuple(datetime(2026, 7, day) for day in (20, 24, 29))
    >>> breach_text(0.7, breached_on=None, dates=days, overspend=Decimal(120), currency="EUR")
    'A breach is likely (70 %), around 2026-07-24 (2026-07-20 to 2026-07-29), then by about €120.00'
    """
    by = "" if overspend is None else f" by about {money_text(overspend, currency=currency)}"
    if breached_on is not None:
        words = f"Over the budget since {breached_on:%Y-%m-%d}"
        return f"{words}; at the end{by} with a chance of {percent(chance)}" if by else words
    lead = f"A breach is {likelihood(chance)}" + (f" ({percent(chance)})" if 0 < chance < 1 else "")
    if dates is None:
        return lead
    around = f"around {dates[1]:%Y-%m-%d} ({span_text(dates[0], dates[2])})"
    return f"{lead}, {around}, then{by}" if by else f"{lead}, {around}"


def saturation_text(
    beyond: float,
    *,
    exceeded: bool,
    early: datetime | None,
    median: datetime | None,
    late: datetime | None,
    end: datetime,
) -> str:
    """What does a person need to know of this limit, in one sentence.

    Parameters
    ----------
    beyond : float
        Chance that it is not exceeded within the horizon, from 0 to 1.
    exceeded : bool
        It is exceeded now.
    early, median, late : datetime, optional
        By when the chance is 10, 50 and 90 %; None is after the horizon.
    end : datetime
        Of the horizon.

    Returns
    -------
    str

    Examples
    --------
    >>> days = {"early": datetime(2026, 7, 4), "median": None, "late": None, "end": datetime(2026, 8, 1)}
    >>> saturation_text(0.75, exceeded=False, **days)
    'Not exceeded before 2026-08-01 with a chance of 75 %; 10 % that it is by 2026-07-04'
    """
    if exceeded:
        return "The limit is exceeded now"
    if median is None:
        words = f"Not exceeded before {end:%Y-%m-%d} with a chance of {percent(beyond)}"
        return words if early is None else f"{words}; 10 % that it is by {early:%Y-%m-%d}"
    first = f"{early:%Y-%m-%d}" if early else f"{median:%Y-%m-%d}"
    last = f"{late:%Y-%m-%d}" if late else f"after {end:%Y-%m-%d}"
    return f"Exceeded about {median:%Y-%m-%d} (80 %: {first} to {last})"
