"""How many alerts does a team get: the worthiest up to its budget, the others counted in a digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from finops_lib.anomaly.escalation import Step
from finops_lib.anomaly.incidents import Incident, within
from finops_lib.anomaly.priority import Priority, ranked
from finops_lib.records import Record

WEEK = timedelta(days=7)
_NOBODY = "everybody else"


@dataclass(frozen=True)
class Team(Record):
    """Who gets the alerts of a scope, and how many of them in seven days.

    ``least`` is the smallest expected loss that is an alert, in the alert's currency; ``steps`` say who is
    told when; ``owner`` is a name or a pseudonym.

    Examples
    --------
    >>> Team("web", 5, scope={"tag:team": ("web",)}).alerts_a_week
    5
    """

    name: str
    alerts_a_week: int
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    least: Decimal = Decimal(0)
    steps: tuple[Step, ...] = ()
    owner: str = ""


@dataclass(frozen=True)
class Digest(Record):
    """Incidents of a team that are no alert of their own: how many, and their money by currency.

    ``money`` adds what went up and what went down without their signs, since they do not make up for each
    other. ``keys`` are those of the incidents, the worthiest first.
    """

    team: str
    count: int
    money: Mapping[str, Decimal]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Valued:
    """An incident, what it is worth and whose it is."""

    incident: Incident
    priority: Priority
    team: Team


def team_of(incident: Incident, teams: Sequence[Team]) -> Team:
    """Whose is an incident: the first team whose scope holds all of it.

    Parameters
    ----------
    incident : Incident
    teams : sequence of Team

    Returns
    -------
    Team
        One without a limit where it is nobody's: what nobody owns is never dropped.
    """
    found = (team for team in teams if within(incident.cell, team.scope))
    return next(found, Team(_NOBODY, 1_000_000))


def share_out(
    valued: Iterable[Valued], *, told: Mapping[str, Sequence[datetime]], now: datetime
) -> tuple[tuple[Valued, ...], tuple[Digest, ...]]:
    """Which incidents are alerts, within the budget of each team.

    Parameters
    ----------
    valued : iterable of Valued
        Incidents that have not been told yet.
    told : mapping of str to sequence of datetime
        Team to the moments of its alerts; those of the last seven days are off its budget.
    now : datetime
        With a time zone.

    Returns
    -------
    tuple
        Alerts, the worthiest of each team first, and a digest for each team that has more.

    Examples
    --------
    >>> share_out([], told={}, now=datetime(2026, 7, 1))
    ((), ())
    """
    by_team: dict[str, list[Valued]] = {}
    for one in valued:
        by_team.setdefault(one.team.name, []).append(one)
    kept: list[Valued] = []
    digests: list[Digest] = []
    for name in sorted(by_team):
        ordered = [by_team[name][place] for place in ranked([one.priority for one in by_team[name]])]
        worthy = [one for one in ordered if one.priority.loss >= one.team.least]
        recent = sum(now - WEEK < moment <= now for moment in told.get(name, ()))
        alerts = worthy[: max(0, ordered[0].team.alerts_a_week - recent)]
        kept += alerts
        taken = {id(one) for one in alerts}
        rest = [one for one in ordered if id(one) not in taken]
        digests += [digest(name, [one.incident for one in rest])] if rest else []
    return tuple(kept), tuple(digests)


def digest(team: str, incidents: Sequence[Incident]) -> Digest:
    """How many incidents are these, and how much money is in them.

    Parameters
    ----------
    team : str
        Whose they are.
    incidents : sequence of Incident

    Returns
    -------
    Digest

    Examples
    --------
    >>> digest("web", []).to_json()
    {'team': 'web', 'count': 0, 'money': {}, 'keys': []}
    """
    money: dict[str, Decimal] = {}
    for one in incidents:
        money[one.impact.unit] = money.get(one.impact.unit, Decimal(0)) + abs(one.impact.mid)
    return Digest(team, len(incidents), money, tuple(one.key for one in incidents))
