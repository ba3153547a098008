"""When may a resource be off: the hours of the week in which nobody used it, week after week.

An hour is used where it is louder than what counts as quiet, or than a tenth of the resource's own peak: a
database that few ask at night is not off. A plan is one stretch of hours for working days and one for the
weekend, in UTC, an hour wider than the use on both sides. It is judged on the newest week, which the plan did
not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from finops_lib.optimize.rightsize.paid import Paid, saving
from finops_lib.optimize.windows import BoolArray, FloatArray, quantiles
from finops_lib.records import NoRecommendation, Recommendation

KIND = "schedule"
_DAY_HOURS, _WEEK_HOURS, _WORKING_DAYS = 24, 168, 5
_FEWEST_WEEKS = 3
_LEAST_SHARE = Decimal("0.2")  # of the hours that it runs: less is not worth a schedule
_MOST_BREACH = 0.02
_TOLD = re.compile(
    r"(?:working days (?P<start>\d\d):00 to (?P<end>\d\d):00)?(?:, )?"
    r"(?:weekend (?P<first>\d\d):00 to (?P<last>\d\d):00)? UTC",
    re.ASCII,
)
_OWN_PEAK, _OWN_SHARE = 0.99, 0.1


@dataclass(frozen=True)
class Week:
    """Hours of the week in which a resource is needed and in which it ran: 168 each, from Monday 00:00 UTC.

    Examples
    --------
    >>> hours = np.zeros(168, dtype=bool)
    >>> hours[8:10] = True
    >>> Week(hours, np.ones(168, dtype=bool)).told
    'working days 08:00 to 10:00 UTC'
    """

    needed: BoolArray
    ran: BoolArray

    @property
    def off_share(self) -> float:
        """Which share of the hours that it ran in is not needed."""
        ran = int(self.ran.sum())
        return float((self.ran & ~self.needed).sum() / ran) if ran else 0.0

    @property
    def told(self) -> str:
        """The plan in words."""
        days = self.needed.reshape(-1, _DAY_HOURS)
        parts = (("working days", days[:_WORKING_DAYS]), ("weekend", days[_WORKING_DAYS:]))
        words = [f"{name} {_span(np.asarray(hours.any(axis=0)))}" for name, hours in parts if hours.any()]
        return f"{', '.join(words)} UTC" if words else "never"


@dataclass(frozen=True)
class Runs:
    """A resource's hours: ``level`` is use over what counts as quiet, NaN where it was off or unseen."""

    resource: str
    level: FloatArray
    paid: Paid | None
    owner: str = ""
    evidence: tuple[str, ...] = ()


def hours_on(told: str) -> BoolArray | None:
    """Which hours of the week does a plan in words name, as `Week.told` says it; None where it names none.

    Parameters
    ----------
    told : str
        The plan.

    Returns
    -------
    ndarray or None
        [168], from Monday 00:00 UTC.

    Examples
    --------
    >>> hours = hours_on("working days 07:00 to 14:00, weekend 08:00 to 09:00 UTC")
    >>> int(hours.sum()), hours_on("8 hours a day") is None  # 5 of 7 hours, 2 of one
    (37, True)
    """
    found = _TOLD.fullmatch(told)
    days = np.zeros((_WEEK_HOURS // _DAY_HOURS, _DAY_HOURS), dtype=bool)
    if found and found["start"]:
        days[:_WORKING_DAYS, int(found["start"]) : int(found["end"])] = True
    if found and found["first"]:
        days[_WORKING_DAYS:, int(found["first"]) : int(found["last"])] = True
    return np.asarray(days.ravel()) if days.any() else None


def plan(level: FloatArray, *, first_hour: int) -> Week:
    """Which hours of the week are needed, after these weeks.

    Parameters
    ----------
    level : ndarray
        [hours], use over what still counts as quiet; NaN where it was off or unseen.
    first_hour : int
        Hour of the week of the first one, 0 is Monday 00:00 UTC.

    Returns
    -------
    Week
        Needed are the hours between the first and the last use of any working day, or of the weekend, and one
        on both sides.

    Examples
    --------
    >>> level = np.full(336, 0.1)
    >>> level[[9, 12, 200]] = 5.0  # Monday 9 and 12, Tuesday 8
    >>> plan(level, first_hour=0).told
    'working days 07:00 to 14:00 UTC'
    """
    hour = (first_hour + np.arange(len(level))) % _WEEK_HOURS
    used, ran = np.zeros(_WEEK_HOURS, dtype=bool), np.zeros(_WEEK_HOURS, dtype=bool)
    used[hour[level >= _loud(level)]] = True
    ran[hour[np.isfinite(level)]] = True
    days = used.reshape(-1, _DAY_HOURS)
    needed = np.zeros_like(days)
    needed[:_WORKING_DAYS] = _widened(np.asarray(days[:_WORKING_DAYS].any(axis=0)))
    needed[_WORKING_DAYS:] = _widened(np.asarray(days[_WORKING_DAYS:].any(axis=0)))
    return Week(needed.ravel(), ran)


def schedules(runs: Iterable[Runs], *, start: datetime) -> list[Recommendation | NoRecommendation]:
    """Which resources may be off at night and on the weekend.

    Parameters
    ----------
    runs : iterable of Runs
        All hours from the same first one.
    start : datetime
        The first hour, with a time zone.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each that runs in hours of which a fifth or more is not needed, or would be but for a reason.
        ``breach_probability`` is the share of the hours off in which it was used in the newest week.
    """
    first = start.weekday() * _DAY_HOURS + start.hour
    found = (_one(item, first) for item in runs)
    return [one for one in found if one is not None]


def _one(item: Runs, first: int) -> Recommendation | NoRecommendation | None:
    weeks = len(item.level) / _WEEK_HOURS
    learned = plan(item.level[:-_WEEK_HOURS], first_hour=first)
    week = plan(item.level, first_hour=first)
    share = Decimal(repr(week.off_share))
    if share < _LEAST_SHARE or not week.needed.any():
        return None
    newest = first + len(item.level) - _WEEK_HOURS
    breach = _breach(item.level[-_WEEK_HOURS:], learned, newest, _loud(item.level))
    why = _why_not(item, weeks, breach)
    if why or item.paid is None:
        return NoRecommendation(item.resource, KIND, why)
    return Recommendation(
        item.resource,
        KIND,
        {"on": "always" if week.ran.all() else f"{int(week.ran.sum())} hours a week"},
        {"on": week.told},
        saving(item.paid, share),
        breach,
        {"schedule_breach": breach, "schedule_off_share": float(share)},
        f"in {weeks:.0f} weeks nobody used it in {share:.0%} of the hours it ran; the cost of disks stays",
        item.evidence,
        "low",
        item.owner,
    )


def _why_not(item: Runs, weeks: float, breach: float) -> str:
    if weeks < _FEWEST_WEEKS:
        return f"{weeks:.1f} weeks of use are known, {_FEWEST_WEEKS} are needed for a schedule"
    if breach > _MOST_BREACH:
        return f"in the newest week it was used in {breach:.0%} of the hours that were quiet before"
    return "its cost is not known: a saving cannot be told" if item.paid is None else item.paid.why_not()


def _breach(level: FloatArray, week: Week, first: int, loud: float) -> float:
    """In which share of the hours off, by the plan, was it used."""
    hour = (first + np.arange(len(level))) % _WEEK_HOURS
    off = ~week.needed[hour] & np.isfinite(level)
    return float((off & (level >= loud)).sum() / off.sum()) if off.any() else 0.0


def _loud(level: FloatArray) -> float:
    """Say from where on an hour is used; a peak that is quiet itself tells nothing of the other hours."""
    peak = float(quantiles(level[None, :], [_OWN_PEAK])[0, 0])
    return min(1.0, _OWN_SHARE * peak) if peak >= 1 else 1.0


def _widened(used: BoolArray) -> BoolArray:
    """Mark the hours from one before the first used to one after the last."""
    found = np.zeros(_DAY_HOURS, dtype=bool)
    hours = np.flatnonzero(used)
    if len(hours):
        found[max(hours[0] - 1, 0) : hours[-1] + 2] = True
    return found


def _span(hours: BoolArray) -> str:
    places = np.flatnonzero(hours)
    return f"{places[0]:02d}:00 to {places[-1] + 1:02d}:00"
