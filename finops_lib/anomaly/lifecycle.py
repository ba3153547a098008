"""What an alert is from day to day: open, taken up, silenced or over, under one key all the while.

Incidents are found anew each day, and more is seen of them: a wider series joins, a better cell is found. An
incident is the alert of before where it shows what caused that one, or lies in its cell and began within
days. To have a symptom in common is not enough: two incidents may show in one total. Nor is it where one lies
in another part: it would never be told of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from finops_lib.anomaly.growth import Size, grew
from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.priority import Priority
from finops_lib.records import Record, content_id

OPEN, TAKEN, SILENCED, OVER = "open", "acknowledged", "silenced", "resolved"
_ALIKE = timedelta(days=3)


@dataclass(frozen=True)
class Alert(Record):
    """An incident that a team is told of, and what has become of it.

    ``key`` stays the same until it is over; ``part`` names where it lies, so that the same trouble coming
    back is known. ``told`` is when it was told first, ``answered`` when somebody took it up, ``quiet_until``
    the end of its silence. ``done`` are places of the escalation steps that were taken, ``turns`` the moments
    at which it came or went (the flaps), ``members`` the keys of all that ever caused it. ``by``
    took it up or silenced it: a pseudonym where people have one. ``size`` is how large it was when it was
    told, ``grown`` when it was seen to be much larger than that.
    """

    key: str
    part: str
    team: str
    incident: Incident
    state: str
    since: datetime
    seen: datetime
    told: datetime | None = None
    answered: datetime | None = None
    quiet_until: datetime | None = None
    done: tuple[int, ...] = ()
    turns: tuple[datetime, ...] = ()
    members: tuple[str, ...] = ()
    by: str = ""
    priority: Priority | None = None
    size: Size | None = None
    grown: datetime | None = None

    def acknowledged(self, now: datetime, *, by: str) -> Alert:
        """What is it after somebody has taken it up: no step of escalation follows.

        Parameters
        ----------
        now : datetime
        by : str
            Who did.

        Returns
        -------
        Alert
            The same where it is over already.
        """
        return self if self.state == OVER else replace(self, state=TAKEN, answered=now, by=by)

    def silenced(self, now: datetime, *, until: datetime, by: str) -> Alert:
        """What is it while nobody wants to hear of it.

        Parameters
        ----------
        now, until : datetime
            From when to when; it is open again after that, if it is not over.
        by : str
            Who wants so.

        Returns
        -------
        Alert

        Raises
        ------
        ValueError
            The end is not after now.
        """
        if until <= now:
            raise ValueError(f"silence until {until}: it ends after {now}")
        return self if self.state == OVER else replace(self, state=SILENCED, quiet_until=until, by=by)

    def escalated(self, place: int) -> Alert:
        """What is it after this step of its escalation was taken.

        Parameters
        ----------
        place : int
            Of the step, see `finops_lib.anomaly.escalation.Due`.

        Returns
        -------
        Alert
        """
        return replace(self, done=tuple(sorted({*self.done, place})))

    @property
    def quiet(self) -> bool:
        """Whether its timers stand still."""
        return self.state != OPEN

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read an alert back from what `to_json` gave."""
        names = ("since", "seen", "told", "answered", "quiet_until", "grown")
        said = {"grown": None, **found}  # older ones do not say it
        moments = {name: said[name] and datetime.fromisoformat(said[name]) for name in names}
        turns = tuple(datetime.fromisoformat(turn) for turn in found["turns"])
        lists = {"done": tuple(found["done"]), "members": tuple(found["members"]), "turns": turns}
        worth = found.get("priority") and Priority.from_json(found["priority"])
        size = found.get("size") and Size.from_json(found["size"])
        more = {"incident": Incident.from_json(found["incident"]), "priority": worth, "size": size}
        return cls(**{**found, **moments, **lists, **more})


def part_of(incident: Incident) -> str:
    """Which part and direction is this, whenever it is: 16 hexadecimal digits.

    Parameters
    ----------
    incident : Incident

    Returns
    -------
    str
    """
    rises = incident.impact.mid >= 0
    return content_id({"cell": sorted(incident.cell.items()), "rises": rises, "unit": incident.impact.unit})


def opened(incident: Incident, *, team: str, now: datetime, last: Alert | None = None) -> Alert:
    """What is a new incident's alert.

    Parameters
    ----------
    incident : Incident
    team : str
        Whose it is.
    now : datetime
    last : Alert, optional
        The same trouble when it was there before: its turns are remembered.

    Returns
    -------
    Alert
        Open, not told yet.
    """
    keys = tuple(sorted(one.key for one in incident.causes))
    turns = (*(last.turns if last else ()), now)
    return Alert(incident.key, part_of(incident), team, incident, OPEN, now, now, turns=turns, members=keys)


def matched(
    incidents: Sequence[Incident], before: Iterable[Alert]
) -> tuple[dict[int, Alert], tuple[Alert, ...]]:
    """Which alert of before is which incident of now.

    Parameters
    ----------
    incidents : sequence of Incident
        Of now.
    before : iterable of Alert
        Those that are not over are looked at.

    Returns
    -------
    tuple
        Place of an incident to its alert, and the alerts that no incident shows any more. Where an incident
        is several alerts, it is the oldest one, and the others are not seen any more.
    """
    live = sorted((one for one in before if one.state != OVER), key=lambda one: (one.since, one.key))
    by_member = {key: one for one in reversed(live) for key in one.members}
    by_part: dict[str, list[Alert]] = {}
    for one in live:
        by_part.setdefault(one.part, []).append(one)
    found: dict[int, Alert] = {}
    taken: set[str] = set()
    for place, incident in enumerate(incidents):
        some = [by_member[one.key] for one in incident.members if one.key in by_member]
        some = [one for one in some if _fits(one.incident, incident)]
        some += [one for one in by_part.get(part_of(incident), ()) if _near(one.incident, incident)]
        free = sorted((one for one in some if one.key not in taken), key=lambda one: (one.since, one.key))
        if free:
            found[place] = free[0]
            taken.add(free[0].key)
    return found, tuple(one for one in live if one.key not in taken)


def _fits(one: Incident, other: Incident) -> bool:
    """Say whether one lies in the other: what leads now may be narrower or wider, and no other part."""
    here, there = one.cell.items(), other.cell.items()
    return here <= there or there <= here


def _near(one: Incident, other: Incident) -> bool:
    return abs(one.start - other.start) <= _ALIKE


def seen_again(alert: Alert, incident: Incident, *, now: datetime) -> Alert:
    """What is an alert after its incident was found again, perhaps larger: the same, with what is known now.

    Parameters
    ----------
    alert : Alert
    incident : Incident
        As found now.
    now : datetime

    Returns
    -------
    Alert
        Open again where its silence has ended.
    """
    members = tuple(sorted({*alert.members, *(one.key for one in incident.causes)}))
    found = replace(alert, incident=incident, seen=now, members=members)
    ended = alert.state == SILENCED and alert.quiet_until is not None and alert.quiet_until <= now
    return replace(found, state=OPEN, quiet_until=None, by="") if ended else found


def handed_on(alert: Alert, *, team: str) -> Alert:
    """What is an alert that turns out to be another team's: open and not told yet, under the same key.

    Parameters
    ----------
    alert : Alert
    team : str
        Whose it is by what is known now.

    Returns
    -------
    Alert
        The same where it is that team's already.
    """
    if team == alert.team:
        return alert
    state = OPEN if alert.state == TAKEN else alert.state
    return replace(alert, team=team, state=state, told=None, answered=None, done=(), size=None, grown=None)


def sized(alert: Alert, *, now: datetime) -> Alert:
    """What is an alert after its size was looked at: told just now, or grown by much since it was told.

    Parameters
    ----------
    alert : Alert
        With its priority.
    now : datetime

    Returns
    -------
    Alert
        It grows once: what was said to have grown is not said again.
    """
    if alert.priority is None or alert.told is None or alert.state == OVER:
        return alert
    size = Size.of(alert.incident, alert.priority)
    if alert.told == now:
        return replace(alert, size=size, grown=None)
    if alert.size is None or alert.grown is not None or alert.state == SILENCED:
        return alert
    return replace(alert, grown=now) if grew(alert.size, size) else alert


def over(alert: Alert, *, now: datetime) -> Alert:
    """What is an alert whose incident is not seen any more: resolved, which is a turn.

    Parameters
    ----------
    alert : Alert
    now : datetime

    Returns
    -------
    Alert
    """
    return replace(alert, state=OVER, seen=now, turns=(*alert.turns, now))
