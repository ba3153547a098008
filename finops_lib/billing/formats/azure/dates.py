"""When was this used, and in which month is it billed: the dates of an Azure export.

Exports write month/day/year, day/month/year, day.month.year or year-month-day, with or without time.
Which of the first two it is is told from all dates of a batch at once: by the ends of billing periods
(the 28th or later, so only one reading is a date), else by any part above 12, else by the reading that
spans fewer months, else the month comes first. A date that cannot be read in that order is left
unreadable. The end of a billing period is its last day in the file and becomes the day after.

Source: Microsoft, "Understand cost details fields" (Date, BillingPeriodStartDate, BillingPeriodEndDate,
ServicePeriodStartDate, ServicePeriodEndDate).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.azure.cells import coded, each
from finops_lib.billing.formats.rows import Rows

_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?\s*"
    r"(?:[AaPp][Mm]|Z|UTC|(?P<offset>[+-]\d{2}:?\d{2}))?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})"
    rf"|(?P<mm>\d{{2}})(?P<dd>\d{{2}})){_TIME}",
    re.ASCII,
)
_YEAR_LAST = re.compile(
    rf"(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}}){_TIME}", re.ASCII
)
_MONTH = re.compile(r"(\d{4})-?(\d{2})", re.ASCII)
_MONTHS = 12
_CENTURY = 2000
_DATES = ("Date", "BillingPeriodStartDate", "ServicePeriodStartDate", "ServicePeriodEndDate")
_MARK = "\x1f"


def day_comes_first(ends: Iterable[str], others: Iterable[str]) -> bool:
    """Do these dates name the day before the month.

    Parameters
    ----------
    ends : iterable of str
        Ends of billing periods.
    others : iterable of str
        All other dates.

    Returns
    -------
    bool
        False where nothing tells, and for dates that name the year first.

    Examples
    --------
    >>> day_comes_first(["30/09/2023"], []), day_comes_first([], ["01/09/2023", "02/09/2023"])
    (True, True)
    >>> day_comes_first([], ["01/09/2023"])
    False
    """
    last = [_parts(text) for text in ends]
    every = last + [_parts(text) for text in others]
    for parts in (last, every):
        ones = sum(part[1] > _MONTHS for part in parts if part)
        twos = sum(part[2] > _MONTHS for part in parts if part)
        if ones != twos:
            return ones > twos
    known = [part for part in every if part]
    return len({(year, two) for year, _, two in known}) < len({(year, one) for year, one, _ in known})


def _parts(text: str) -> tuple[int, int, int] | None:
    """Year, first and second number of a date whose order is open; a date with points is not."""
    found = _YEAR_LAST.fullmatch(text.strip())
    if not found or found["mark"] == ".":
        return None
    return _year(found["year"]), int(found["one"]), int(found["two"])


def _year(text: str) -> int:
    return int(text) + (_CENTURY if len(text) == 2 else 0)  # noqa: PLR2004  # two digits


def read_day(text: str, *, day_first: bool) -> date | None:
    """Which day, in UTC, does this text name.

    Parameters
    ----------
    text : str
        A date, with or without time.
    day_first : bool
        Whether ``01/02/2023`` is the first of February.

    Returns
    -------
    date or None
        None where it is no date in this order.

    Examples
    --------
    >>> str(read_day("9/1/23", day_first=False)), str(read_day("01.09.2023", day_first=False))
    ('2023-09-01', '2023-09-01')
    >>> read_day("09/30/2023", day_first=True) is None
    True
    """
    found = _YEAR_FIRST.fullmatch(text.strip())
    if found:
        year, month, day = int(found["year"]), found["month"] or found["mm"], found["day"] or found["dd"]
    else:
        found = _YEAR_LAST.fullmatch(text.strip())
        if not found:
            return None
        turned = day_first or found["mark"] == "."
        year = _year(found["year"])
        month, day = (found["two"], found["one"]) if turned else (found["one"], found["two"])
    try:
        return _in_utc(date(year, int(month), int(day)), found)
    except (ValueError, OverflowError):
        return None


def _in_utc(day: date, found: re.Match[str]) -> date:
    offset = found["offset"]
    if not offset:
        return day
    shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    moment = datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"]))  # noqa: DTZ001
    return (moment - shift if offset[0] == "+" else moment + shift).date()


def spans(rows: Rows) -> dict[str, pa.Array]:
    """When do billing and charge period of each row start and end.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.

    Returns
    -------
    dict of str to pyarrow.Array
        The four FOCUS columns as ISO 8601 text, ends exclusive. The charge period is the day of ``Date``,
        or the service period where there is none. Without a billing period the calendar month of the
        charge is taken. A date that cannot be read stays as text that is no time.
    """
    ends = rows.text("BillingPeriodEndDate")
    others = [text for name in _DATES for text in _distinct(rows.text(name))]
    first = day_comes_first(_distinct(ends), others)
    day, began, ended = (rows.text(_DATES[place]) for place in (0, 2, 3))
    starts = each(pc.coalesce(day, began), lambda text: _iso(text, first))
    last = pc.if_else(pc.is_valid(day), day, pc.coalesce(ended, began))
    billed = pc.coalesce(
        each(coded(rows, "BillingPeriodStartDate"), lambda text: _iso(text, first)),
        each(coded(rows, "BillingPeriod"), lambda text: _month(text, first)),
        each(starts, lambda text: text if _unreadable(text) else f"{text[:8]}01{text[10:]}"),
    )
    bounds = pc.binary_join_element_wise(billed, pc.fill_null(ends, ""), _MARK)
    return {
        "BillingPeriodStart": billed.dictionary_encode(),
        "BillingPeriodEnd": each(bounds, lambda text: _period_end(text, first)).dictionary_encode(),
        "ChargePeriodStart": starts.dictionary_encode(),
        "ChargePeriodEnd": each(last, lambda text: _iso(text, first, days=1)).dictionary_encode(),
    }


def _distinct(column: pa.Array) -> list[str]:
    found: list[str] = pc.unique(column).drop_null().to_pylist()
    return found


def _shown(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _iso(text: str, first: bool, *, days: int = 0) -> str:
    day = read_day(text, day_first=first)
    if day is None or day.year >= date.max.year:
        return f"unreadable: {text}"  # so that no later reader takes it for another order
    return _shown(day + timedelta(days=days))


def _unreadable(text: str) -> bool:
    return text.startswith("unreadable")


def _month(text: str, first: bool) -> str:
    """A billing period given as one column: 202309, 2023-09, or its first day."""
    found = _MONTH.fullmatch(text.strip())
    return _iso(f"{found[1]}-{found[2]}-01" if found else text, first)


def _period_end(bounds: str, first: bool) -> str:
    """The day after the last day; a month on where none is given, or where the end repeats the first day."""
    start_text, end_text = bounds.split(_MARK, 1)
    start = None if _unreadable(start_text) else date.fromisoformat(start_text[:10])
    end = read_day(end_text, day_first=first)
    if start and not end_text:
        return _shown(_next_month(start))
    if start and end and start < end and end.day == start.day:
        return _shown(end)
    return _iso(end_text, first, days=1)


def _next_month(day: date) -> date:
    later = day.replace(day=1) + timedelta(days=31)
    last = (later.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return later.replace(day=min(day.day, last.day))
