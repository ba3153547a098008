"""Which two periods are compared: months or days as a reader writes them, or a month and the one before."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from finops_lib.errors import ParameterError, QueryError
from finops_lib.records import Period

_BETWEEN = ".."
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LATEST_YEAR = 9000
_RULE = "a period is a month, a day, or two of them with .. between, both counted"
_REMEDY = "write, for example, 2026-07, or 2026-07-01..2026-07-15"


def periods(before: str, after: str, *, month: str) -> tuple[Period, Period]:
    """Which two periods are meant.

    Parameters
    ----------
    before, after : str
        ``YYYY-MM``, ``YYYY-MM-DD``, or two of them with ``..`` between, the second of which still counts.
        Without ``after`` it is ``month``; without ``before`` what is as long and just before ``after``.
    month : str
        ``YYYY-MM``.

    Returns
    -------
    tuple of Period

    Raises
    ------
    ParameterError
        A text is no period, or the first does not end before the second begins.

    Examples
    --------
    >>> first, second = periods("", "2026-07-08..2026-07-14", month="2026-06")
    >>> label(first), label(second)
    ('2026-07-01..2026-07-07', '2026-07-08..2026-07-14')
    """
    second = _period("after", after or month)
    first = _period("before", before) if before else _just_before(second)
    if first.end > second.start:
        raise ParameterError(
            f"before = {label(first)}, after = {label(second)}",
            "the first period ends before the second begins",
            "write the earlier one as before",
        )
    return first, second


def label(period: Period) -> str:
    """How is a period written, as a reader may write it too.

    Parameters
    ----------
    period : Period
        Of whole days.

    Returns
    -------
    str

    Examples
    --------
    >>> may, july = Period.month("2026-05"), Period.month("2026-07")
    >>> label(july), label(Period(may.start, july.end)), label(Period(may.start, july.end.replace(day=2)))
    ('2026-07', '2026-05..2026-07', '2026-05-01..2026-08-01')
    """
    last = period.end - timedelta(days=1)
    form = "%Y-%m" if whole_months(period) else "%Y-%m-%d"
    ends = dict.fromkeys([period.start.strftime(form), last.strftime(form)])
    return _BETWEEN.join(ends)


def _period(name: str, text: str) -> Period:
    first, between, last = text.partition(_BETWEEN)
    try:
        start, end = _span(first.strip()), _span(last.strip() if between else first.strip())
        return Period(start.start, end.end)
    except (ValueError, QueryError) as error:
        raise ParameterError(f"parameter {name} = {text[:80]!r}", _RULE, _REMEDY) from error


def _span(text: str) -> Period:
    if not _DAY.fullmatch(text):
        return Period.month(text)
    day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    if not 1 < day.year < _LATEST_YEAR:
        raise ValueError(text)
    return Period(day, day + timedelta(days=1))


def whole_months(period: Period) -> bool:
    """Say whether a period is made of whole months.

    Parameters
    ----------
    period : Period
        Of whole days.
    """
    return period.start.day == 1 and period.end.day == 1


def _just_before(period: Period) -> Period:
    """Give as many months, or else days, as the period has, up to its start."""
    if not whole_months(period):
        return Period(period.start - (period.end - period.start), period.start)
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    first = period
    for _ in range(months):
        first = first.previous_month()
    return Period(first.start, period.start)
