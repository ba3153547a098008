"""How do real teams tag: missing keys, keys in three spellings, typos, names, addresses, other alphabets."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        "Anna Kovács": "anna.kovacs@lanternfreight.example",
        "Jürgen Groß": "juergen.gross@lanternfreight.example",
        "Priya Raman": "priya.raman@lanternfreight.example",
        "Oluwaseun Adeyemi": "o.adeyemi@lanternfreight.example",
        "Zoë van der Meer": "zoe.vandermeer@lanternfreight.example",
        "李小龙": "xiaolong.li@lanternfreight.example",
        "Siobhán O'Neill": "siobhan.oneill@lanternfreight.example",
        "Mateo Fernández": "mateo.fernandez@lanternfreight.example",
    }
)
"""Name and address of everybody; none of them is a real person."""

TEAMS = ("platform", "checkout", "tracking", "data", "mobile", "ml", "security")
COST_CENTRES: Mapping[str, str] = MappingProxyType(
    {team: f"CC-{1100 + 10 * number}" for number, team in enumerate(TEAMS)}
)
_TYPOS = {"platform": "plattform", "checkout": "check-out", "tracking": "Tracking ", "data": "DATA"}
_APPLICATIONS = ("parcel-api", "label-printer", "route-planner", "billing", "warehouse", "tracking-ui", "配送予測")
_ENVIRONMENTS = {"prod": ("prod", "prod", "Prod", "production"), "dev": ("dev", "dev", "develop")}
_HOSTILE = ("=1+1", "<script>alert(1)</script>", 'said "later", twice', "🚚 überfällig", "@SUM(A1)", "; --")


def tags(rng: np.random.Generator, *, environment: str, team: str) -> dict[str, str]:
    """How did somebody tag this resource.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of chance; six numbers are drawn, whatever comes of them.
    environment, team : str
        The truth of the account; a third of the resources belong to another team.

    Returns
    -------
    dict
        Tag key to value, as written; may be empty.
    """
    rolls = [int(number) for number in rng.integers(0, 1000, size=9)]
    owner = team if rolls[0] < 670 else TEAMS[rolls[0] % len(TEAMS)]
    found = {
        **_team(rolls[1], owner),
        **_environment(rolls[2], environment),
        **_cost_centre(rolls[3], owner),
        **_person(rolls[4], rolls[5]),
    }
    if rolls[6] < 780:
        found["application"] = _APPLICATIONS[rolls[6] % len(_APPLICATIONS)]
    if rolls[7] < 60:
        found["comment"] = _HOSTILE[rolls[7] % len(_HOSTILE)]
    return found if rolls[8] >= 70 else {}


def _team(roll: int, team: str) -> dict[str, str]:
    if roll < 140:
        return {}
    key = "team" if roll < 780 else "Team" if roll < 950 else " team"
    return {key: _TYPOS.get(team, team.upper()) if roll % 17 == 0 else team}


def _environment(roll: int, environment: str) -> dict[str, str]:
    if roll < 100:
        return {}
    names = _ENVIRONMENTS.get(environment, (environment,))
    return {"environment" if roll < 800 else "Environment": names[roll % len(names)] if roll % 29 else ""}


def _cost_centre(roll: int, team: str) -> dict[str, str]:
    if roll < 330:
        return {}
    return {"cost-center" if roll < 900 else "Kostenstelle": COST_CENTRES[team]}


def _person(roll: int, choice: int) -> dict[str, str]:
    name, address = list(PEOPLE.items())[choice % len(PEOPLE)]
    if roll < 380:
        return {}
    if roll < 760:
        return {"owner": address}
    if roll < 880:
        return {"Owner": name}
    if roll < 940:
        return {"owner": address.upper(), "note": f"ask {address} before you delete this"}
    return {"aws:createdBy": f"IAMUser:AIDA{roll:06d}:{address.partition('@')[0]}"}
