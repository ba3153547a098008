"""How do real teams tag: missing keys, keys in three spellings, typos, names, addresses, other alphabets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import numpy as np

T = TypeVar("T")

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
_APPLICATIONS = (
    "parcel-api",
    "label-printer",
    "route-planner",
    "billing",
    "warehouse",
    "parcel-ui",
    "配送予測",
)
_ENVIRONMENTS = {"prod": ("prod", "prod", "Prod", "production"), "dev": ("dev", "dev", "develop")}
_HOSTILE = ("=1+1", "<script>alert(1)</script>", 'said "later", twice', "🚚 überfällig", "@SUM(A1)", "; --")


def tags(rng: np.random.Generator, *, environment: str, team: str) -> dict[str, str]:
    """How did somebody tag this resource.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of chance; nine numbers are drawn, whatever comes of them.
    environment, team : str
        The truth of the account; a third of the resources belong to another team.

    Returns
    -------
    dict
        Tag key to value, as written; may be empty.
    """
    rolls = [int(number) for number in rng.integers(0, 1000, size=9)]
    owner = chosen(rolls[0], ((670, team), (1000, TEAMS[rolls[0] % len(TEAMS)])))
    found = {
        **_team(rolls[1], owner),
        **_environment(rolls[2], environment),
        **_cost_centre(rolls[3], owner),
        **_person(rolls[4], rolls[5]),
        **_application(rolls[6]),
        **_comment(rolls[7]),
    }
    return chosen(rolls[8], ((70, {}), (1000, found)))


def chosen(roll: int, table: Sequence[tuple[int, T]]) -> T:
    """Which entry of a table does a roll of 0 to 999 meet: the first whose bound lies above it.

    Parameters
    ----------
    roll : int
        0 to 999.
    table : sequence of tuple
        Bounds, rising to 1000, with what they stand for.

    Returns
    -------
    object

    Examples
    --------
    >>> chosen(140, ((140, "none"), (1000, "some")))
    'some'
    """
    return next(entry for bound, entry in table if roll < bound)


def _team(roll: int, team: str) -> dict[str, str]:
    key = chosen(roll, ((140, ""), (780, "team"), (950, "Team"), (1000, " team")))
    value = _TYPOS.get(team, team.upper()) if roll % 17 == 0 else team
    return {key: value} if key else {}


def _environment(roll: int, environment: str) -> dict[str, str]:
    key = chosen(roll, ((100, ""), (800, "environment"), (1000, "Environment")))
    names = _ENVIRONMENTS.get(environment, (environment,))
    return {key: names[roll % len(names)] if roll % 29 else ""} if key else {}


def _cost_centre(roll: int, team: str) -> dict[str, str]:
    key = chosen(roll, ((330, ""), (900, "cost-center"), (1000, "Kostenstelle")))
    return {key: COST_CENTRES[team]} if key else {}


def _person(roll: int, choice: int) -> dict[str, str]:
    name, address = list(PEOPLE.items())[choice % len(PEOPLE)]
    login = address.partition("@")[0]
    ways: tuple[dict[str, str], ...] = (
        {},
        {"owner": address},
        {"Owner": name},
        {"owner": address.upper(), "note": f"ask {address} before you delete this"},
        {"aws:createdBy": f"IAMUser:AIDA{roll:06d}:{login}"},
    )
    return ways[chosen(roll, tuple(zip((380, 760, 880, 940, 1000), range(len(ways)), strict=True)))]


def _application(roll: int) -> dict[str, str]:
    known = chosen(roll, ((780, True), (1000, False)))
    return {"application": _APPLICATIONS[roll % len(_APPLICATIONS)]} if known else {}


def _comment(roll: int) -> dict[str, str]:
    said = chosen(roll, ((60, True), (1000, False)))
    return {"comment": _HOSTILE[roll % len(_HOSTILE)]} if said else {}
