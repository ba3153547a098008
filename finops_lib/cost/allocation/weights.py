"""Who gets which share of a charge by one rule, on what grounds, and why nobody does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from finops_lib.cost.allocation.clusters import IDLE, Weights
from finops_lib.cost.allocation.rules import Rule
from finops_lib.cost.allocation.shapley import error_bound, largest_game, peak_game, shapley
from finops_lib.cost.exact import EMPTY, null_mark
from finops_lib.cost.split import ONE, Weight, shares
from finops_lib.errors import QueryError

_NO_TEAMS: tuple[str | None, ...] = ()
_GAMES = MappingProxyType({"peak": peak_game, "largest": largest_game})
_LARGEST = 1e100  # a larger use is a mistake, and its sums would be no numbers
_USAGE_COLUMNS = ("consumer", "metric", "value")


@dataclass(frozen=True)
class Split:
    """Which team gets which share, or why none does.

    ``teams`` may name None: that share stays unallocated for the next rules. ``parts`` are in units of
    10^-18 and add up to one; both are empty where nobody gets anything. ``weights`` are what the shares come
    from, as text, ``unit`` says of what, ``reason`` why there is no answer, and ``bound`` by how much, at
    most, a sampled share may differ from the exact one (0 to 1; zero is exact). ``idle`` says of each part of
    a cluster, in the same units, how much of it is idle and shared money.
    """

    teams: tuple[str | None, ...] = _NO_TEAMS
    parts: tuple[int, ...] = ()
    weights: tuple[str, ...] = ()
    unit: str = ""
    reason: str = ""
    bound: float = 0.0
    idle: tuple[int, ...] = ()


@dataclass(frozen=True)
class Grounds:
    """What a rule may look at besides the charge: what teams hold already, their usage, cluster reports.

    ``held`` maps teams to units of money; ``usage`` has the columns ``consumer``, ``metric``, ``value`` and,
    for a peak over time, ``time``; ``clusters`` gives the weights of each node or cluster; ``seed`` is that
    of sampled parts.
    """

    held: Mapping[str, int]
    usage: pd.DataFrame
    clusters: Mapping[str, Weights]
    seed: int = 0


def split_of(rule: Rule, key: str, grounds: Grounds) -> Split:
    """Who gets which share of the charges that have this value in the rule's column.

    Parameters
    ----------
    rule : Rule
        One of a file.
    key : str
        The value of the column ``by``; empty for a rule that looks at no column.
    grounds : Grounds
        What else the rule looks at.

    Returns
    -------
    Split

    Raises
    ------
    QueryError
        The usage lacks a column.

    Examples
    --------
    >>> nothing = Grounds({}, pd.DataFrame(columns=["consumer", "metric", "value"]), {})
    >>> split_of(Rule("r", "direct", by="tag:team"), "web", nothing).teams
    ('web',)
    >>> split_of(Rule("r", "usage", metric="requests"), "", nothing).reason
    'no usage of requests'
    """
    return _METHODS[rule.method](rule, key, grounds)


def _direct(rule: Rule, key: str, _: Grounds) -> Split:
    if key in (null_mark(rule.by), EMPTY):
        return Split(reason=f"{rule.by} has no value")
    team = rule.teams.get(key) if rule.teams else key
    if team is None:
        return Split(reason=f"{rule.by} {key} is not in the map")
    return Split((team,), (ONE,), (key,), rule.by)


def _fair(teams: Sequence[str | None], weights: Sequence[Weight], *, unit: str, said: Sequence[str]) -> Split:
    """Make shares of weights; teams that weigh nothing are left out."""
    parts = shares(weights)
    if parts is None:
        return Split(reason=f"no {unit}")
    taken = [place for place, part in enumerate(parts) if part]
    return Split(
        tuple(teams[place] for place in taken),
        tuple(parts[place] for place in taken),
        tuple(said[place] for place in taken),
        unit,
    )


def _holders(grounds: Grounds) -> list[str]:
    """List who has got anything: an idle part of a cluster is no team and pays for nothing else."""
    return sorted(team for team in grounds.held if team != IDLE)


def _proportional(rule: Rule, _: str, grounds: Grounds) -> Split:
    teams = [team for team in rule.to or _holders(grounds) if team != rule.source]
    weights = [max(grounds.held.get(team, 0), 0) for team in teams]
    whole = sum(weights)
    said = [f"{weight / whole:.6f}" if whole else "0" for weight in weights]
    return _fair(teams, weights, unit="money by earlier rules", said=said)


def _even(rule: Rule, _: str, grounds: Grounds) -> Split:
    teams = rule.to or tuple(team for team in _holders(grounds) if team != rule.source)
    return _fair(teams, [1] * len(teams), unit="teams", said=["1"] * len(teams))


def _fixed(rule: Rule, _: str, __: Grounds) -> Split:
    said = [str(share) for share in rule.shares.values()]
    return _fair(tuple(rule.shares), list(rule.shares.values()), unit="agreed share", said=said)


def _usage(rule: Rule, _: str, grounds: Grounds) -> Split:
    found = _values(rule, grounds.usage)
    if isinstance(found, Split):
        return found
    sums: dict[str | None, float] = {}
    for team, value in zip(found["consumer"], found["value"], strict=True):
        sums[team] = sums.get(team, 0.0) + value
    said = [f"{value:.6g}" for value in sums.values()]
    return _fair(tuple(sums), list(sums.values()), unit=f"usage of {rule.metric}", said=said)


def _shapley(rule: Rule, _: str, grounds: Grounds) -> Split:
    found = _values(rule, grounds.usage)
    if isinstance(found, Split):
        return found
    teams = list(dict.fromkeys(found["consumer"]))
    moments = found["time"].astype(str) if "time" in found else pd.Series("", index=found.index)
    use = np.zeros((len(teams), moments.nunique()))
    places = {team: place for place, team in enumerate(teams)}
    columns = pd.factorize(moments)[0]
    for team, column, value in zip(found["consumer"], columns, found["value"], strict=True):
        use[places[team], column] += value
    game = _GAMES[rule.game](use, block=float(rule.block))
    parts = shapley(game, consumers=len(teams), seed=grounds.seed)
    mid = np.clip(parts.mid, 0.0, None)
    said = [f"{value:.6g}" for value in mid]
    split = _fair(teams, mid.tolist(), unit=f"fair part of {rule.metric}", said=said)
    return Split(split.teams, split.parts, split.weights, split.unit, split.reason, error_bound(parts))


def _values(rule: Rule, usage: pd.DataFrame) -> pd.DataFrame | Split:
    """Take the rows of the rule's metric and teams, or say what keeps them from being used."""
    lost = [name for name in _USAGE_COLUMNS if name not in usage]
    if lost:
        raise QueryError(f"usage without {', '.join(lost)}", f"it has {', '.join(_USAGE_COLUMNS)}", "add it")
    found = usage[usage["metric"] == rule.metric]
    teams = [None if pd.isna(team) or team == "" else str(team) for team in found["consumer"]]
    found = found.assign(consumer=pd.Series(teams, index=found.index, dtype=object))
    unknown = [team for team in rule.to if team not in set(teams)]
    found = found[found["consumer"].isin(rule.to)] if rule.to else found
    values = pd.Series([_float(value) for value in found["value"]], index=found.index, dtype=float)
    bad = ~((values >= 0) & (values <= _LARGEST))
    if found.empty or unknown:
        who = f" by {', '.join(unknown)}" if unknown else ""
        return Split(reason=f"no usage of {rule.metric}{who}")
    if bad.any():
        first = found.loc[bad].iloc[0]
        return Split(reason=f"usage of {rule.metric} by {first['consumer']} is {str(first['value'])[:40]}")
    return found.assign(value=values)


def _float(value: object) -> float:
    try:
        return float(str(value).replace("_", "x"))
    except ValueError:
        return float("nan")


def _cluster(rule: Rule, key: str, grounds: Grounds) -> Split:
    # A bill may spell a node in full (arn:...:instance/i-1, projects/p/instances/n), its report only the end.
    weights = grounds.clusters.get(key) or grounds.clusters.get(key.rpartition("/")[2])
    if weights is None or key in (null_mark(rule.by), EMPTY):
        return Split(reason=f"no report of {rule.by} {key}")
    sums = [own + idle for own, idle in weights.values()]
    said = [f"{float(own):.2f} and idle {float(idle):.2f}" for own, idle in weights.values()]
    split = _fair(tuple(weights), sums, unit="cost in the cluster's report", said=said)
    unused = {team: idle / (own + idle) for team, (own, idle) in weights.items() if own + idle}
    idle = tuple(int(part * unused[team]) for team, part in zip(split.teams, split.parts, strict=True))
    return replace(split, idle=idle)


_METHODS: Mapping[str, Callable[[Rule, str, Grounds], Split]] = MappingProxyType(
    {
        "direct": _direct,
        "proportional": _proportional,
        "fixed": _fixed,
        "even": _even,
        "usage": _usage,
        "shapley": _shapley,
        "cluster": _cluster,
    }
)
