"""When is a part of the bill under maintenance: one-off and recurring windows, in the time of their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from zoneinfo import ZoneInfo

from finops_lib.records import Period, Record

_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST = -1  # the last day of a month


@dataclass(frozen=True)
class Window(Record):
    """A time in which odd cost of a scope is expected, and is nobody's alert.

    A window that occurs once (``every`` is empty) lasts from ``start`` to before ``end`` (UTC). Others recur:
    every ``day``, every ``week`` on the weekdays ``on`` (0 is Monday) or every ``month`` on its days ``on``
    (``LAST`` is the last one), at ``at`` by the clocks of ``timezone``, and last ``hours``; ``start`` and
    ``end`` then bound them, None is for good. Costs above ``most`` a day in ``currency`` are told all the
    same; None is any.

    Examples
    --------
    >>> window = Window("Backup", "ann", "monthly copy", every="month", on=(1,), at="22:00", hours=4)
    >>> july = Period.month("2026-07")
    >>> [one.start.isoformat() for one in window.times(july)]
    ['2026-07-01T22:00:00+00:00']
    """

    name: str
    owner: str
    reason: str
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    every: str = ""
    on: tuple[int, ...] = ()
    at: str = "00:00"
    hours: int = 24
    timezone: str = "UTC"
    most: Decimal | None = None
    currency: str = ""

    def times(self, within: Period) -> tuple[Period, ...]:
        """When does it occur in a span of time.

        Parameters
        ----------
        within : Period
            Occurrences that only reach into it count, too.

        Returns
        -------
        tuple of Period
            UTC, by start; a clock that is put forward or back shifts none of them.
        """
        found = self._occurrences(within)
        return tuple(one for one in found if one.start < within.end and one.end > within.start)

    def covers(self, start: datetime, end: datetime) -> bool:
        """Say whether odd cost of these days is explained by it.

        Parameters
        ----------
        start, end : datetime
            Of the anomaly, whole days in UTC as a rule; ``end`` is not included.

        Returns
        -------
        bool
            It is where each of its days is touched by the window: a bill has no hours.
        """
        last = max(end, start + timedelta(seconds=1))
        times = self.times(Period(start, last))
        days = range(max(1, -((start - last) // _DAY)))
        spans = [(start + _DAY * day, min(start + _DAY * (day + 1), last)) for day in days]
        return bool(times) and all(
            any(one.start < until and one.end > since for one in times) for since, until in spans
        )

    def _occurrences(self, within: Period) -> Iterator[Period]:
        if not self.every:
            if self.start is not None and self.end is not None:
                yield Period(self.start, self.end)
            return
        zone, clock = ZoneInfo(self.timezone), time_of_day.fromisoformat(self.at)
        first = within.start - timedelta(hours=self.hours) - _DAY
        first = first if self.start is None else max(first, self.start - _DAY)
        until = within.end + _DAY if self.end is None else min(within.end + _DAY, self.end + _DAY)
        for number in range(max(0, (until - first) // _DAY + 1)):
            day = (first + _DAY * number).date()
            begun = datetime.combine(day, clock, zone).astimezone(UTC)
            if self._falls_on(day) and self._holds_at(begun):
                yield Period(begun, begun + timedelta(hours=self.hours))

    def _falls_on(self, day: date) -> bool:
        if self.every == "week":
            return day.weekday() in self.on
        if self.every == "month":
            return day.day in self.on or (LAST in self.on and (day + _DAY).day == 1)
        return True

    def _holds_at(self, moment: datetime) -> bool:
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)
