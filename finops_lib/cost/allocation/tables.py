"""What is each team shown, what is it charged, and how did a line of the bill become its cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.cost.allocation.allocate import UNALLOCATED, Allocation
from finops_lib.cost.allocation.desk import Step
from finops_lib.cost.exact import share, total
from finops_lib.cost.split import SHARE_PLACES, cut, money
from finops_lib.errors import QueryError
from finops_lib.units import cents, minor_digits

_ZERO = Decimal(0)
_DISPUTE = [
    "Step", "Rule", "Method", "From", "To", "Key", "Weight", "Unit", "Share", "ShareBound",
    "Amount", "Reason",
]  # fmt: skip


def team_name(team: str | None) -> str:
    """How is a team written in a table, so that nobody looks like a team.

    Parameters
    ----------
    team : str or None
        None is nobody.

    Returns
    -------
    str

    Examples
    --------
    >>> team_name(None), team_name("(unallocated)")
    ('(unallocated)', '"(unallocated)"')
    """
    if team is None:
        return UNALLOCATED
    return f'"{team}"' if team.strip('"') == UNALLOCATED else team


def showback(allocation: Allocation, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """What does each team cost, and how much of it is its own and how much a share of others' charges.

    Parameters
    ----------
    allocation : Allocation
        From `allocate`.
    by : sequence of str
        Columns of the bill's lines to tell apart.

    Returns
    -------
    DataFrame
        ``Team`` (``(unallocated)`` last), the columns of ``by``, ``BillingCurrency``, ``Direct`` (placed with
        it by direct rules alone), ``Idle`` (its part of a cluster's idle and shared money), ``Shared`` (all
        else), ``Cost`` (their sum; exact, they add up to the bill), ``Share`` of the bill's cost (None where
        that is zero) and ``Rules`` (version and id of those that hold).

    Raises
    ------
    QueryError
        The lines lack a column of ``by``.
    """
    _refuse_unknown(allocation, by)
    direct, idle = origins(allocation)
    sums: dict[tuple[object, ...], list[int]] = {}
    keys = [allocation.lines[name].to_numpy(dtype=object) for name in by]
    for line, team, count in zip(allocation.line, allocation.team, allocation.count, strict=True):
        found = sums.setdefault((team is None, team_name(team), *(key[line] for key in keys)), [0, 0, 0])
        own, unused = direct.get((line, team), 0), idle.get((line, team), 0)
        for place, part in enumerate((own, unused, count - own - unused)):
            found[place] += part
    whole = money(sum(allocation.count, 0), places=allocation.places)
    lines = []
    for key in sorted(sums, key=lambda key: tuple(map(str, key))):
        amounts = [money(count, places=allocation.places) for count in (*sums[key], sum(sums[key]))]
        told = (*key[1:], allocation.currency, *amounts, share(amounts[-1], whole))
        lines.append((*told, allocation.rules.label))
    columns = ["Team", *by, "BillingCurrency", "Direct", "Idle", "Shared", "Cost", "Share", "Rules"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


def _refuse_unknown(allocation: Allocation, by: Sequence[str]) -> None:
    lost = [name for name in by if name not in allocation.lines]
    if lost:
        raise QueryError(f"column {lost[0]!r}", "the lines of the bill have it", "name it in detail")


Held = dict[tuple[int, str | None], int]  # line and team to units


def origins(allocation: Allocation) -> tuple[Held, Held]:
    """How much of what a team holds of a line did direct rules alone place there, and how much is idle money.

    Parameters
    ----------
    allocation : Allocation
        From `allocate`.

    Returns
    -------
    tuple of dict
        Line and team to units: placed directly, and a cluster's idle money. What a later rule shared out
        further is in neither, unless that rule was direct.
    """
    direct: Held = {}
    idle: Held = {}
    for step in allocation.steps:
        if not step.split.teams:
            continue
        for row, line in enumerate(step.lines):
            moved = direct.pop((line, step.source), 0) if step.source else step.taken[row]
            idle.pop((line, step.source), None)
            if step.rule.method == "direct":
                key = (line, step.split.teams[0])
                direct[key] = direct.get(key, 0) + moved
            for place, unused in enumerate(step.split.idle):
                key = (line, step.split.teams[place])
                part = step.given[row, place] * unused // step.split.parts[place]
                idle[key] = idle.get(key, 0) + part
    return direct, idle


def chargeback(allocation: Allocation, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """What is each team charged, in whole cents that add up to the bill.

    Parameters
    ----------
    allocation : Allocation
        From `allocate`.
    by : sequence of str
        Columns of the bill's lines, as items under each team.

    Returns
    -------
    DataFrame
        ``Team``, the columns of ``by``, ``BillingCurrency``, ``Exact``, ``Amount`` and ``Rules`` (version and
        id): the bill is rounded to the currency's smallest unit once, teams share that amount, and items
        share their team's; what is left over by rounding goes to the largest remainders, so each is less than
        two units from its exact cost and all add up. ``(unallocated)`` is a line too: it is charged to nobody
        yet.

    Raises
    ------
    QueryError
        The lines lack a column of ``by``.
    """
    items = showback(allocation, by=by)
    unit = Decimal(1).scaleb(-minor_digits(allocation.currency))
    exact = {team: total(rows["Cost"]) or _ZERO for team, rows in items.groupby("Team", sort=False)}
    whole = cents(total(exact.values()) or _ZERO, currency=allocation.currency)
    charged = dict(zip(exact, cut(whole, list(exact.values()), unit=unit), strict=True))
    amounts: dict[object, Decimal] = {}
    for team, rows in items.groupby("Team", sort=False):
        amounts |= dict(zip(rows.index, cut(charged[team], list(rows["Cost"]), unit=unit), strict=True))
    table = items[["Team", *by, "BillingCurrency"]].copy()
    table["Exact"] = items["Cost"]
    table["Amount"] = pd.Series(amounts, index=items.index, dtype=object)
    table["Rules"] = items["Rules"]
    return table


def dispute(
    allocation: Allocation, *, team: str | None = None, where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """By which steps did lines of the bill become this team's cost.

    Parameters
    ----------
    allocation : Allocation
        From `allocate`.
    team : str, optional
        As `showback` writes it; None shows the steps to all teams.
    where : mapping of str to str, optional
        Columns of the lines and the value wanted.

    Returns
    -------
    DataFrame
        The columns of the lines, ``LineCost``, ``Step`` (counted for each line), ``Rule``, ``Method``,
        ``From`` (``bill`` or a team), ``To``, ``Key`` (the value that the rule looked at), ``Weight`` and
        ``Unit`` (what the share comes from), ``Share`` (exact), ``ShareBound`` (by how much a sampled share
        may be off; 0 is exact), ``Amount`` (exact), ``Reason`` (why a rule placed nothing) and
        ``Rules``. For a team these are the steps to it, those before them of the money they took, and those
        that took money from it: the ``Amount`` of what went to it less that of what came from it is its
        cost. For
        ``(unallocated)`` these are the steps that left money there. Money that a rule looked at and could
        not place did not go anywhere: its ``Amount`` is zero.

    Raises
    ------
    QueryError
        Nobody of this name has a part of the bill, or the lines lack a column.
    """
    asked = dict(where or {})
    _refuse_unknown(allocation, list(asked))
    if team is not None and team not in {team_name(name) for name in allocation.costs()}:
        raise QueryError(f"team {team!r}", "a team has a part of this bill", "name one that showback lists")
    fits = np.ones(len(allocation.lines), dtype=bool)
    for name, value in asked.items():
        fits &= (allocation.lines[name] == value).to_numpy()
    if team == UNALLOCATED:
        left = [line for line, name in zip(allocation.line, allocation.team, strict=True) if name is None]
        fits &= np.isin(np.arange(len(fits)), left)
    traced = {line: _trace(line, steps, team) for line, steps in _by_line(allocation).items() if fits[line]}
    rows = [row for found in traced.values() for row in found]
    lines = allocation.lines.iloc[[row[0] for row in rows]].reset_index(drop=True)
    told = pd.DataFrame([_said(row, allocation.places) for row in rows], columns=_DISPUTE, dtype=object)
    return pd.concat([lines.rename(columns={"cost": "LineCost"}), told.assign(Rules=allocation.rules.label)],
                     axis=1)  # fmt: skip


Row = tuple[int, int, Step, int, int]  # line, number of its step, step, row and column in it; -1 is no team


def _by_line(allocation: Allocation) -> dict[int, list[tuple[Step, int]]]:
    found: dict[int, list[tuple[Step, int]]] = {}
    for step in allocation.steps:
        for row, line in enumerate(step.lines):
            found.setdefault(int(line), []).append((step, row))
    return dict(sorted(found.items()))


def _trace(line: int, steps: Sequence[tuple[Step, int]], team: str | None) -> list[Row]:
    """Walk back from the team to the bill, then tell it forwards."""
    wanted, kept = {team}, []
    for number, (step, row) in reversed(list(enumerate(steps, start=1))):
        names = [team_name(name) for name in step.split.teams]
        before = team_name(step.source or None)
        every = team is None or (bool(step.source) and before == team)
        hit = [place for place, name in enumerate(names) if every or name in wanted]
        if hit and step.source:
            wanted.add(before)
        hit = [-1] if not names and (every or before == team) else hit
        kept += [(line, number, step, row, place) for place in reversed(hit)]
    return kept[::-1]


def _said(found: Row, places: int) -> tuple[object, ...]:
    _, number, step, row, place = found
    split, rule = step.split, step.rule
    source = team_name(step.source) if step.source else "bill"
    if place < 0:
        stays = team_name(step.source or None)
        return (number, rule.name, rule.method, source, stays, step.key, *[None] * 4, _ZERO, split.reason)
    return (
        number, rule.name, rule.method, source, team_name(split.teams[place]), step.key,
        split.weights[place], split.unit, money(split.parts[place], places=SHARE_PLACES), split.bound,
        money(step.given[row, place], places=places), "",
    )  # fmt: skip
