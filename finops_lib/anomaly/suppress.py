"""What explains an incident that nobody is told of: a maintenance window, or a change that was planned.

What was announced explains as much as was announced: an incident that is larger is told, with the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from finops_lib.anomaly.incidents import Incident, within
from finops_lib.anomaly.windows import Window
from finops_lib.records import Record


@dataclass(frozen=True)
class Plan(Record):
    """A change that is known to come, and the money a day it was said to bring.

    ``amount`` in ``currency`` is below zero for a saving; None was not announced. It happens in ``scope``
    from ``start`` on, and no longer from ``until`` on (None: for good).

    Examples
    --------
    >>> day = datetime.fromisoformat("2026-07-01T00:00:00+00:00")
    >>> Plan("Launch", day, amount=Decimal(50), currency="EUR").to_json()["amount"]
    '50'
    """

    name: str
    start: datetime
    until: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Suppressed(Record):
    """An incident that is not told, what explains it, whose word that is, and why.

    ``by`` is ``window`` or ``plan``.
    """

    incident: Incident
    by: str
    name: str
    owner: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Leeway:
    """How exactly has an incident to fit what was announced.

    It begins at most ``around`` before or after a plan (bills and changes come late), and is at most ``over``
    times as large: 1.25 allows for a quarter more.
    """

    around: timedelta = timedelta(days=3)
    over: Decimal = Decimal("1.25")


def explained(
    incidents: Iterable[Incident],
    *,
    windows: Sequence[Window] = (),
    plans: Sequence[Plan] = (),
    leeway: Leeway | None = None,
) -> tuple[tuple[Incident, ...], tuple[Suppressed, ...]]:
    """Which incidents need no alert, because something known explains all of them.

    Parameters
    ----------
    incidents : iterable of Incident
    windows : sequence of Window
        Of the calendar.
    plans : sequence of Plan
        Known changes.
    leeway : Leeway, optional
        How exactly they have to fit.

    Returns
    -------
    tuple
        The incidents that are left, and those that are suppressed, both in the order given.

    Examples
    --------
    >>> explained([])
    ((), ())
    """
    left: list[Incident] = []
    gone: list[Suppressed] = []
    for incident in incidents:
        found = _by_window(incident, windows) or _by_plan(incident, plans, leeway or Leeway())
        if found is None:
            left.append(incident)
        else:
            gone.append(found)
    return tuple(left), tuple(gone)


def money_a_day(incident: Incident) -> Decimal:
    """How much money a day is it, in the middle: its impact over the days that it lasted.

    Parameters
    ----------
    incident : Incident

    Returns
    -------
    Decimal
        In the incident's currency; below zero for a fall.
    """
    return incident.impact.mid / incident.days


def _by_window(incident: Incident, windows: Sequence[Window]) -> Suppressed | None:
    for window in windows:
        fits = within(incident.cell, window.scope) and window.covers(incident.start, incident.end)
        if fits and _below(incident, window.most, window.currency):
            return Suppressed(incident, "window", window.name, window.owner, window.reason)
    return None


def _below(incident: Incident, most: Decimal | None, currency: str) -> bool:
    if most is None:
        return True
    return currency == incident.impact.unit and abs(money_a_day(incident)) <= most


def _by_plan(incident: Incident, plans: Sequence[Plan], leeway: Leeway) -> Suppressed | None:
    for plan in plans:
        if (
            within(incident.cell, plan.scope)
            and _in_time(incident, plan, leeway.around)
            and _as_large(incident, plan, leeway.over)
        ):
            return Suppressed(incident, "plan", plan.name)
    return None


def _in_time(incident: Incident, plan: Plan, around: timedelta) -> bool:
    """Near its beginning or its end: what is planned moves cost when it comes and when it goes."""
    turns = [plan.start] if plan.until is None else [plan.start, plan.until]
    return any(abs(incident.start - turn) <= around for turn in turns)


def _as_large(incident: Incident, plan: Plan, over: Decimal) -> bool:
    if plan.amount is None:
        return True
    # At the end of a plan its money falls away.
    ends = plan.until is not None and abs(incident.start - plan.until) < abs(incident.start - plan.start)
    announced, daily = (-plan.amount if ends else plan.amount), money_a_day(incident)
    alike = plan.currency == incident.impact.unit and (announced > 0) == (daily > 0)
    return alike and abs(daily) <= over * abs(announced)
