"""Which days are special: the first and the last of a month, and public holidays."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from finops_lib.cost.public_holidays import public_holidays

PLAIN_DAY, FIRST_OF_MONTH, LAST_OF_MONTH, HOLIDAY = range(4)
WORDS = ("a plain day", "the first of a month", "the last of a month", "a public holiday")


def day_kinds(first: date, count: int, *, country: str | None = None) -> npt.NDArray[np.int8]:
    """What does the calendar say of each day.

    Parameters
    ----------
    first : date
        The first day.
    count : int
        How many days.
    country : str, optional
        ISO 3166 code whose public holidays are known; a holiday counts before an edge of a month.

    Returns
    -------
    ndarray
        0 plain, 1 first of a month, 2 last of a month, 3 holiday.

    Raises
    ------
    QueryError
        The country is not known.

    Examples
    --------
    >>> day_kinds(date(2026, 4, 29), 4, country="DE").tolist()
    [0, 2, 3, 0]
    """
    days = [first + timedelta(days=number) for number in range(count)]
    free = public_holidays(country, years={day.year for day in days}) if country is not None else frozenset()
    return np.array([_kind(day, free) for day in days], dtype=np.int8)


def _kind(day: date, free: frozenset[date]) -> int:
    if day in free:
        return HOLIDAY
    if day.day == 1:
        return FIRST_OF_MONTH
    return LAST_OF_MONTH if (day + timedelta(days=1)).day == 1 else PLAIN_DAY
