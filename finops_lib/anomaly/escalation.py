"""Who is told next if nobody takes an alert up: timers as a function of a clock that is handed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from finops_lib.records import Record


@dataclass(frozen=True)
class Step(Record):
    """After this long without an answer, this receiver is told.

    Examples
    --------
    >>> Step(60, "lead").after
    datetime.timedelta(seconds=3600)
    """

    minutes: int
    to: str

    @property
    def after(self) -> timedelta:
        """Time since the alert was told first."""
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Due(Record):
    """One step of an alert whose time has come: ``key`` of the alert, its place among the steps, receiver."""

    key: str
    place: int
    to: str
    since: datetime


def due(
    steps: Sequence[Step],
    *,
    key: str,
    told: datetime | None,
    answered: datetime | None,
    done: Collection[int],
    now: datetime,
) -> tuple[Due, ...]:
    """Which steps of an alert are due and not done.

    Parameters
    ----------
    steps : sequence of Step
        In any order.
    key : str
        Of the alert.
    told : datetime or None
        When it was told first; None has no timer yet.
    answered : datetime or None
        When it was acknowledged, silenced or over: from then on no step is due.
    done : collection of int
        Places of the steps that were taken.
    now : datetime
        The clock.

    Returns
    -------
    tuple of Due
        By time. A clock that went back takes no step twice, because ``done`` says what was taken.

    Examples
    --------
    >>> noon = datetime(2026, 7, 1, 12)
    >>> steps = (Step(0, "team"), Step(60, "lead"))
    >>> found = due(steps, key="a", told=noon, answered=None, done={0}, now=noon + timedelta(hours=1))
    >>> [(step.to, step.since.hour) for step in found]
    [('lead', 13)]
    """
    if told is None or answered is not None:
        return ()
    left = [(told + step.after, place) for place, step in enumerate(steps) if place not in done]
    return tuple(Due(key, place, steps[place].to, since) for since, place in sorted(left) if since <= now)


def next_due(
    steps: Sequence[Step], *, told: datetime | None, answered: datetime | None, done: Collection[int]
) -> datetime | None:
    """When has somebody to look at this alert's timers next.

    Parameters
    ----------
    steps : sequence of Step
    told, answered : datetime or None
        As in `due`.
    done : collection of int
        Places of the steps that were taken.

    Returns
    -------
    datetime or None
        None where no step is left.

    Examples
    --------
    >>> noon = datetime(2026, 7, 1, 12)
    >>> next_due((Step(30, "team"), Step(60, "lead")), told=noon, answered=None, done={0})
    datetime.datetime(2026, 7, 1, 13, 0)
    """
    if told is None or answered is not None:
        return None
    return min((told + step.after for place, step in enumerate(steps) if place not in done), default=None)
