"""Who has to be told of what today: anomalies in, alerts, digests and what is kept quiet out.

Everything that was known yesterday comes in as alerts, and goes out as alerts: the caller keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from finops_lib.anomaly.correlate import Closeness, correlate
from finops_lib.anomaly.escalation import Due, due
from finops_lib.anomaly.flapping import Damping, merit
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.lifecycle import (
    OPEN,
    OVER,
    Alert,
    handed_on,
    matched,
    opened,
    over,
    part_of,
    seen_again,
    sized,
)
from finops_lib.anomaly.priority import Stakes, priority, ranked
from finops_lib.anomaly.quota import WEEK, Digest, Team, Valued, share_out, team_of
from finops_lib.anomaly.suppress import Leeway, Plan, Suppressed, explained
from finops_lib.anomaly.windows import Window
from finops_lib.records import Record
from finops_lib.records.anomalies import Anomaly


@dataclass(frozen=True)
class Rules:
    """All that decides what becomes an alert.

    An incident is over when nothing was seen of it for ``still``; an alert that is over is remembered for
    ``memory``, so that it is known when it comes back.
    """

    teams: tuple[Team, ...] = ()
    windows: tuple[Window, ...] = ()
    plans: tuple[Plan, ...] = ()
    stakes: Stakes = field(default_factory=Stakes)
    closeness: Closeness = field(default_factory=Closeness)
    leeway: Leeway = field(default_factory=Leeway)
    damping: Damping = field(default_factory=Damping)
    still: timedelta = timedelta(days=3)
    memory: timedelta = timedelta(days=30)


@dataclass(frozen=True)
class Round(Record):
    """What became of today's anomalies.

    ``alerts`` are all that are to be kept for tomorrow. Of them ``fresh`` are told now, worthiest first,
    ``resolved`` are over now and were told, ``held`` are flapping. ``digests`` count what is below a team's
    budget, ``suppressed`` is what something known explains, ``due`` are steps of escalation whose time has
    come. ``anomalies`` and ``incidents`` are counts. ``grown`` were told before and are much larger now,
    ``urgent`` are keys of the fresh ones that are of high priority, see `urgent_keys`.
    """

    alerts: tuple[Alert, ...]
    fresh: tuple[Alert, ...]
    resolved: tuple[Alert, ...]
    held: tuple[Alert, ...]
    digests: tuple[Digest, ...]
    suppressed: tuple[Suppressed, ...]
    due: tuple[Due, ...]
    anomalies: int
    incidents: int
    grown: tuple[Alert, ...] = ()
    urgent: tuple[str, ...] = ()


def alerts(
    anomalies: Iterable[Anomaly],
    *,
    now: datetime,
    before: Sequence[Alert] = (),
    rules: Rules | None = None,
) -> Round:
    """Who has to be told of what now.

    Parameters
    ----------
    anomalies : iterable of Anomaly
        All that are known; those that are found after ``now``, or are long past, do not count.
    now : datetime
        With a time zone.
    before : sequence of Alert
        What the last round kept, with what people answered since.
    rules : Rules, optional

    Returns
    -------
    Round
        The same anomalies at the same time give the same round; alerts that were told are not told again.

    Examples
    --------
    >>> alerts([], now=datetime.fromisoformat("2026-07-01T00:00:00+00:00")).fresh
    ()
    """
    known = rules or Rules()
    current = [one for one in anomalies if one.found <= now and now - max(one.end, one.found) <= known.still]
    found = correlate(current, closeness=known.closeness)
    left, suppressed = explained(found, windows=known.windows, plans=known.plans, leeway=known.leeway)
    live, gone = _carried(left, before, known, now)
    fresh, held, digests = _chosen(live, before, known, now)
    told = {one.key: one for one in fresh}
    live = [sized(told.get(one.key, one), now=now) for one in live]
    sizes = {one.key: one for one in live}
    fresh = tuple(sizes[one.key] for one in fresh)
    return Round(
        alerts=(*live, *gone, *_remembered(before, (*live, *gone), known, now)),
        fresh=fresh,
        resolved=tuple(one for one in gone if one.told is not None),
        held=held,
        digests=digests,
        suppressed=suppressed,
        due=tuple(step for one in live for step in _steps(one, known, now)),
        anomalies=len(current),
        incidents=len(found),
        grown=tuple(one for one in live if one.grown == now),
        urgent=urgent_keys(fresh, before, now=now),
    )


def urgent_keys(fresh: Sequence[Alert], before: Sequence[Alert], *, now: datetime) -> tuple[str, ...]:
    """Which of these new alerts are of high priority.

    Parameters
    ----------
    fresh : sequence of Alert
        Told now, with their priority.
    before : sequence of Alert
        What the last round kept.
    now : datetime

    Returns
    -------
    tuple of str
        Keys of those that lie in a tier of more weight than one, or whose expected loss is larger than that
        of every alert that the same team was told of in the seven days before, in the same currency.

    Examples
    --------
    >>> urgent_keys([], [], now=datetime(2026, 7, 1))
    ()
    """
    most: dict[tuple[str, str], Decimal] = {}
    for one in before:
        if one.priority is not None and one.told is not None and now - WEEK < one.told <= now:
            place = (one.team, one.priority.currency)
            most[place] = max(most.get(place, one.priority.loss), one.priority.loss)
    return tuple(
        one.key
        for one in fresh
        if one.priority is not None
        and (
            one.priority.weight > 1
            or one.priority.loss > most.get((one.team, one.priority.currency), Decimal(0))
        )
    )


def _carried(
    incidents: Sequence[Incident], before: Sequence[Alert], rules: Rules, now: datetime
) -> tuple[list[Alert], list[Alert]]:
    """Make each incident the alert that it was, or a new one; give back also those that are over now."""
    kept, lost = matched(incidents, before)
    ended = {one.part: one for one in sorted(before, key=lambda each: each.seen) if one.state == OVER}
    live = []
    for place, incident in enumerate(incidents):
        worth = priority(incident, now=now, stakes=rules.stakes)
        team = team_of(incident, rules.teams).name
        if place in kept:
            alert = handed_on(seen_again(kept[place], incident, now=now), team=team)
        else:
            alert = opened(incident, team=team, now=now, last=ended.get(part_of(incident)))
        live.append(replace(alert, priority=worth))
    return live, [over(one, now=now) for one in lost]


def _chosen(
    live: Sequence[Alert], before: Sequence[Alert], rules: Rules, now: datetime
) -> tuple[tuple[Alert, ...], tuple[Alert, ...], tuple[Digest, ...]]:
    """Choose whom to tell: open, not told yet, not flapping, and within the budget of the team."""
    untold = [one for one in live if one.told is None and one.state == OPEN]
    held = tuple(one for one in untold if merit(one.turns, now=now, damping=rules.damping).held)
    waiting = [one for one in untold if one not in held]
    teams = {team.name: team for team in rules.teams}
    by_incident = {id(one.incident): one for one in waiting}
    valued = [
        Valued(one.incident, one.priority, teams.get(one.team) or team_of(one.incident, rules.teams))
        for one in waiting
        if one.priority is not None
    ]
    chosen, digests = share_out(valued, told=_told(before), now=now)
    fresh = [replace(by_incident[id(one.incident)], told=now) for one in chosen]
    worths = [one.priority for one in fresh if one.priority is not None]
    return tuple(fresh[place] for place in ranked(worths)), held, digests


def _told(before: Sequence[Alert]) -> Mapping[str, Sequence[datetime]]:
    found: dict[str, list[datetime]] = {}
    for one in before:
        if one.told is not None:
            found.setdefault(one.team, []).append(one.told)
    return found


def _remembered(
    before: Sequence[Alert], now_known: Sequence[Alert], rules: Rules, now: datetime
) -> tuple[Alert, ...]:
    """Keep what was over before, for a while; what has come back is known by its new alert."""
    back = {one.key for one in now_known}
    ended = [one for one in before if one.state == OVER and one.key not in back]
    return tuple(one for one in ended if now - one.seen <= rules.memory)


def _steps(alert: Alert, rules: Rules, now: datetime) -> tuple[Due, ...]:
    steps = next((team.steps for team in rules.teams if team.name == alert.team), ())
    answered = now if alert.quiet else None
    return due(steps, key=alert.key, told=alert.told, answered=answered, done=alert.done, now=now)
