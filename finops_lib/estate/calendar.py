"""Which months does the sample company have, and how is a month cut into steps of an hour or a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from finops_lib.records import Period

LAST_MONTH = Period.month("2026-09")
UNTIL = datetime(2026, 9, 18, tzinfo=UTC)
INCOMPLETE_DAYS = 2
DAY_SECONDS = 86_400

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Month:
    """One billing month: its period, the end of what is delivered and the hours of a step (1 or 24)."""

    period: Period
    until: datetime
    step_hours: int

    @property
    def label(self) -> str:
        """``YYYY-MM``."""
        return self.period.label

    @property
    def open(self) -> bool:
        """Say whether the month is not over: its bill is partial and has no invoice yet."""
        return self.until < self.period.end

    @property
    def ordinal(self) -> int:
        """Months since the year 0, a count; it orders months and seeds their chance."""
        return self.period.start.year * 12 + self.period.start.month - 1

    @property
    def starts(self) -> Ints:
        """Start of each step, seconds since 1970 UTC."""
        first, last = int(self.period.start.timestamp()), int(self.until.timestamp())
        return np.arange(first, last, self.step_hours * 3600, dtype=np.int64)

    @property
    def days(self) -> Ints:
        """Day of each step, counted from 1970-01-01 as day 0."""
        return self.starts // DAY_SECONDS


def months(count: int, *, step_hours: int) -> tuple[Month, ...]:
    """Which billing months are there: the ``count`` newest, the last of them partial.

    Parameters
    ----------
    count : int
        At least 1.
    step_hours : int
        Hours of a step: 1 for an hourly bill, 24 for a daily one.

    Returns
    -------
    tuple of Month
        Oldest first.

    Examples
    --------
    >>> [month.label for month in months(2, step_hours=24)], len(months(14, step_hours=1))
    (['2026-08', '2026-09'], 14)
    """
    if count < 1 or step_hours not in (1, 24):
        raise ValueError(f"{count} months of {step_hours} hours: at least one month, steps of 1 or 24 hours")
    periods = [LAST_MONTH]
    while len(periods) < count:
        periods.append(periods[-1].previous_month())
    return tuple(Month(period, min(period.end, UNTIL), step_hours) for period in reversed(periods))


def day_number(day: date) -> int:
    """How many days after 1970-01-01 is this day.

    Parameters
    ----------
    day : date
        Any day.

    Returns
    -------
    int
        Days.

    Examples
    --------
    >>> day_number(date(1970, 2, 1))
    31
    """
    return (day - date(1970, 1, 1)).days


def day_of(number: int) -> date:
    """Which day is this many days after 1970-01-01.

    Parameters
    ----------
    number : int
        Days.

    Returns
    -------
    date

    Examples
    --------
    >>> day_of(31)
    datetime.date(1970, 2, 1)
    """
    return date(1970, 1, 1) + timedelta(days=number)
