"""Which allocation rules does a file state: who pays for which charges, in order, by which method.

TOML with ``version`` and ``[[rule]]`` tables. Every rule has

- ``name`` and ``method``;
- ``where``: a table of columns or ``tag:key`` with the values that it takes, as `spend` writes them; without
  it all are taken;
- ``from``: the team whose money it shares out further; without it, money that no earlier rule has placed.

Rules are applied in the order of the file. What a rule cannot place, the next ones may take; what none
takes stays unallocated and is shown. The methods and their own keys:

- ``direct``: the value of the column ``by`` is the team; with ``map`` (value to team) only its values count;
- ``proportional``: to what the teams in ``to`` (or all) have got by earlier rules;
- ``fixed``: by ``shares`` (team to share) that add up to 1;
- ``even``: the same for each team in ``to`` (or for all that have got anything);
- ``usage``: to the use of ``metric`` by the teams in ``to`` (or all);
- ``shapley``: to each team's fair part in a shared platform's need of ``metric``: ``game`` is ``peak`` (of
  the summed use over time, the default) or ``largest`` (single need), and ``block`` is the size in which
  the platform grows;
- ``cluster``: charges whose column ``by`` (``ResourceId`` by default) is a node or cluster of a Kubernetes
  report, by what the report says: ``level`` is ``namespace`` (the default), ``workload`` or ``tag:key``, and
  ``idle`` is ``proportional`` (the default), ``even`` or ``own`` (a line of its own, ``(idle)``, which other
  rules count as no team unless they name it).

``valid_from`` and ``valid_until`` (``YYYY-MM``) of a rule are the first month in which it holds and the first
in which it does not; without them it always does. A rule that changes is a second entry of the same name;
two of one name never hold in one month.

``[[unit_cost]]`` tables beside the rules ask what one unit costs: ``name``, ``metric`` (of the metrics file),
``combined`` (``sum`` for what flows, the default; ``mean`` for what stands, such as customers) and ``where``
as in a rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_lib.cost import entries, entry_texts
from finops_lib.cost.allocation.rules import (
    GAMES,
    IDLE_SPLITS,
    LEVELS,
    METHODS,
    NEEDED,
    OPTIONAL,
    Rule,
    RuleFile,
    UnitCost,
)
from finops_lib.cost.exact import total
from finops_lib.cost.unit_cost import COMBINED
from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Period

_COMMON = ("name", "method", "where", "from", "valid_from", "valid_until")
_UNIT_KEYS = ("name", "metric", "combined", "where")
_HEADS = ("version", "rule", "unit_cost")
_SHAPE = 'write version = "..." and [[rule]] tables, each with name and method'
_UNIT_SHAPE = "write [[unit_cost]] tables, each with name and metric"


def parse(text: str, *, name: str) -> RuleFile:
    """Which rules does this text state.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        Of the file, for messages.

    Returns
    -------
    RuleFile

    Raises
    ------
    SettingsError
        The text is no TOML, has no version, or an entry is no rule.

    Examples
    --------
    >>> text = '''version = "2026-07"
    ... [[rule]]
    ... name = "network"
    ... method = "fixed"
    ... where = { ServiceName = "VPC" }
    ... shares = { Web = 0.75, Data = 0.25 }'''
    >>> rule = parse(text, name="allocation.toml").rules[0]
    >>> dict(rule.where), rule.shares["Web"]
    ({'ServiceName': ('VPC',)}, Decimal('0.75'))
    """
    where = f"allocation rules {name}"
    found = entries.document(text, file=where)
    version, listed = found.get("version"), found.get("rule")
    strange = sorted(set(found) - set(_HEADS))
    if strange or not isinstance(version, str) or not version.strip() or not isinstance(listed, list):
        said = f"{', '.join(strange)[:80]!r}" if strange else "no version (a text) or no rule"
        raise SettingsError(
            f"{where}: {said}", "it has a version, rules and unit costs, nothing else", _SHAPE
        )
    rules = tuple(_rule(entry, f"{where}, entry {place}") for place, entry in _numbered(listed))
    if not rules:
        raise SettingsError(f"{where}: no rule", "there is at least one", _SHAPE)
    _refuse_overlap(rules, where)
    return RuleFile(version.strip(), rules, _unit_costs(found.get("unit_cost", []), where))


def _numbered(listed: Sequence[Any]) -> list[tuple[int, Mapping[str, Any]]]:
    tables = [entry if isinstance(entry, dict) else {} for entry in listed]
    return list(enumerate(tables, start=1))


def _refuse_overlap(rules: tuple[Rule, ...], where: str) -> None:
    """Two entries of one name must not hold in one month."""
    for place, rule in enumerate(rules):
        for other in rules[:place]:
            if other.name == rule.name and _both_hold(other, rule):
                raise SettingsError(
                    f"{where}: {rule.name!r} comes twice",
                    "each rule has its own name; two entries of one name hold in different months",
                    "give the earlier entry valid_until, or one of them another name",
                )


def _both_hold(one: Rule, other: Rule) -> bool:
    starts = [rule.valid_from for rule in (one, other) if rule.valid_from is not None]
    ends = [rule.valid_until for rule in (one, other) if rule.valid_until is not None]
    return not starts or not ends or max(starts) < min(ends)


def _unit_costs(listed: object, where: str) -> tuple[UnitCost, ...]:
    if not isinstance(listed, list):
        raise SettingsError(
            f"{where}: unit_cost {entry_texts.shown(listed)}", "it is a list of tables", _UNIT_SHAPE
        )
    found = tuple(_unit_cost(entry, f"{where}, unit cost {place}") for place, entry in _numbered(listed))
    entries.refuse_twice([one.name for one in found], kind="unit cost", file=where)
    return found


def _unit_cost(entry: Mapping[str, Any], where: str) -> UnitCost:
    entries.check_keys(entry, known=_UNIT_KEYS, needed=_UNIT_KEYS[:2], where=where)
    return UnitCost(
        name=entry_texts.text(entry["name"], key="name", where=where),
        metric=entry_texts.text(entry["metric"], key="metric", where=where),
        combined=_one_of(entry, "combined", COMBINED, where),
        where=_where(entry.get("where", {}), where),
    )


def _rule(entry: Mapping[str, Any], where: str) -> Rule:
    method = entries.choice(entry.get("method"), of=METHODS, key="method", where=where)
    needed = ("name", "method", *NEEDED[method])
    entries.check_keys(
        entry, known=(*_COMMON, *NEEDED[method], *OPTIONAL[method]), needed=needed, where=f"{where}, {method}"
    )
    return Rule(
        name=_text(entry, "name", where),
        method=method,
        where=_where(entry.get("where", {}), where),
        source=_text(entry, "from", where),
        by=_text(entry, "by", where) or ("ResourceId" if method == "cluster" else ""),
        teams=_map(entry, where),
        to=entry_texts.texts(entry["to"], key="to", where=where) if "to" in entry else (),
        shares=_shares(entry["shares"], where) if method == "fixed" else {},
        metric=_text(entry, "metric", where),
        game=_one_of(entry, "game", GAMES, where),
        block=_number(entry.get("block", 0), "block", where),
        level=_level(entry, where),
        idle=_one_of(entry, "idle", IDLE_SPLITS, where),
        **_validity(entry, where),
    )


def _validity(entry: Mapping[str, Any], where: str) -> dict[str, datetime | None]:
    keys = ("valid_from", "valid_until")
    start, end = (_month(entry, key, where) for key in keys)
    if start is not None and end is not None and end <= start:
        raise SettingsError(
            f"{where}: from {entry[keys[0]]} until {entry[keys[1]]}",
            "a rule holds for one month at least, the end not included",
            "write the first month in which it no longer holds, or none",
        )
    return {"valid_from": start, "valid_until": end}


def _month(entry: Mapping[str, Any], key: str, where: str) -> datetime | None:
    if key not in entry:
        return None
    try:
        return Period.month(_text(entry, key, where)).start
    except QueryError as error:
        raise SettingsError(f"{where}: {key}: {error.value}", error.rule, error.remedy) from error


def _refuse(where: str, key: str, value: object, rule: str) -> SettingsError:
    return SettingsError(f"{where}: {key} {entry_texts.shown(value)}", rule, "correct it")


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    return entry_texts.text(entry[key], key=key, where=where) if key in entry else ""


def _one_of(entry: Mapping[str, Any], key: str, words: tuple[str, ...], where: str) -> str:
    return entries.choice(entry.get(key, words[0]), of=words, key=key, where=where)


def _level(entry: Mapping[str, Any], where: str) -> str:
    value = _text(entry, "level", where) or LEVELS[0]
    if value not in LEVELS and not (value.startswith("tag:") and value != "tag:"):
        raise _refuse(where, "level", value, f"it is one of {', '.join(LEVELS)}, tag:key")
    return value


def _where(value: object, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise _refuse(where, "where", value, "it is a table of columns and their values")
    return {
        column: entry_texts.texts(values, key=f"where {column}", where=where)
        for column, values in value.items()
    }


def _map(entry: Mapping[str, Any], where: str) -> dict[str, str]:
    if "map" not in entry:
        return {}
    value = entry["map"]
    if not isinstance(value, dict) or not value:
        raise _refuse(where, "map", value, "it is a table of values and their teams")
    return {key: entry_texts.text(team, key=key, where=where) for key, team in value.items()}


def _shares(value: object, where: str) -> dict[str, Decimal]:
    if not isinstance(value, dict) or not value:
        raise _refuse(where, "shares", value, "it is a table of teams and their shares")
    found = {team: _number(share, f"share of {team}", where) for team, share in value.items()}
    if total(found.values()) != 1:
        raise _refuse(where, "shares", f"sum {total(found.values())}", "they add up to exactly 1")
    return found


def _number(value: object, key: str, where: str) -> Decimal:
    """Read a number of at least zero, which the file writes as one and not as a text."""
    if isinstance(value, str):
        raise _refuse(where, key, value, "it is a number, not a text")
    return entries.number(value, key=key, where=where, least=Decimal(0), or_equal=True)
