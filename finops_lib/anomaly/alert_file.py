"""Which teams get which alerts: an alerts file with budgets, tiers and escalation.

TOML with ``[[team]]`` tables of the keys

- ``name`` and ``owner``: whose alerts they are and who answers for them;
- ``scope``: which part of the bill, columns or ``tag:key`` with their values; the first team whose scope
  holds all of an incident gets it;
- ``alerts_a_week``: at most so many in seven days; the others are counted in a digest;
- ``weight`` (above zero, 1 without it): how much its service matters;
- ``least`` (0 without it): the smallest expected loss that is an alert;
- ``escalate``: a list of ``{ minutes, to }``: who is told so long after the first alert without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from finops_lib.anomaly.escalation import Step
from finops_lib.anomaly.priority import Tier
from finops_lib.anomaly.quota import Team
from finops_lib.cost import entries
from finops_lib.errors import SettingsError

_KEYS = ("name", "owner", "alerts_a_week", "scope", "weight", "least", "escalate")
_NEEDED = ("name", "owner", "alerts_a_week")
_STEP = ("minutes", "to")
_MOST_ALERTS = 1000
_MOST_MINUTES = 60 * 24 * 30


def parse(text: str, *, name: str) -> tuple[tuple[Team, ...], tuple[Tier, ...]]:
    """Which teams, and which tiers of service, does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple
        Teams and tiers, in the order of the file, which is the order in which they are looked at.

    Raises
    ------
    SettingsError
        The text is no TOML, an entry is no team, or two have one name.

    Examples
    --------
    >>> text = '''[[team]]
    ... name = "web"
    ... owner = "ann"
    ... alerts_a_week = 5
    ... weight = 2
    ... scope = { "tag:team" = "web" }
    ... escalate = [{ minutes = 60, to = "lead" }]'''
    >>> (team,), (tier,) = parse(text, name="alerts.toml")
    >>> team.alerts_a_week, team.steps[0].to, tier.weight
    (5, 'lead', Decimal('2'))
    """
    file = f"alerts file {name}"
    found = [
        _team(entry, f"{file}, entry {place}")
        for place, entry in enumerate(entries.tables(text, key="team", file=file), start=1)
    ]
    entries.refuse_twice([team.name for team, _ in found], kind="team", file=file)
    return tuple(team for team, _ in found), tuple(tier for _, tier in found)


def _team(entry: Mapping[str, Any], where: str) -> tuple[Team, Tier]:
    entries.check_keys(entry, known=_KEYS, needed=_NEEDED, where=where)
    name = entries.label(entry["name"], key="name", where=where)
    scope = entries.scope(entry.get("scope", {}), where=where)
    least = entries.number(entry.get("least", 0), key="least", where=where)
    if least < 0:
        raise SettingsError(f"{where}: least {least}", "a loss is 0 or more", "correct it")
    team = Team(
        name,
        _whole(entry["alerts_a_week"], "alerts_a_week", _MOST_ALERTS, where),
        scope,
        least,
        _steps(entry.get("escalate", []), where),
        entries.label(entry["owner"], key="owner", where=where),
    )
    weight = entries.number(entry.get("weight", 1), key="weight", where=where, least=Decimal(0))
    return team, Tier(name, weight, scope)


def _whole(value: object, key: str, most: int, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most:
        return value
    raise SettingsError(
        f"{where}: {key} {value!s:.60}", f"it is a whole number from 0 to {most}", "correct it"
    )


def _steps(found: object, where: str) -> tuple[Step, ...]:
    steps = []
    for given in found if isinstance(found, list) else [found]:
        step: Mapping[str, Any] = given if isinstance(given, dict) else {}
        entries.check_keys(step, known=_STEP, needed=_STEP, where=where)
        minutes = _whole(step["minutes"], "escalate minutes", _MOST_MINUTES, where)
        steps.append(Step(minutes, entries.label(step["to"], key="escalate to", where=where)))
    if any(after.minutes <= before.minutes for before, after in pairwise(steps)):
        raise SettingsError(f"{where}: escalate", "its minutes ascend, each once", "put them in order")
    return tuple(steps)
