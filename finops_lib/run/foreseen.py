"""What is known to change: what a file says, and what the bill says of commitments that end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from finops_lib.cost import contracts
from finops_lib.cost.series import accrued
from finops_lib.errors import CurrencyError, QueryError, SettingsError
from finops_lib.forecast.change_file import Planned
from finops_lib.run.cut import Cut

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_DAYS = 28  # over which the cost of a scope is averaged
_WHOLE = 0.999  # share of a series from which on a change happens to all of it
_USED = {"CommitmentDiscountStatus": "Used"}
_TAKEN_BACK = ("EffectiveCost", "BilledCost")  # costs that a commitment lowers
_COLUMNS = ("series", "time", "kind", "amount", "factor", "until")

Scope = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Reach:
    """Where changes are looked for: the lake, its cost by series, and further sums of their own scope.

    ``money`` are the arguments ``cost``, ``currency`` and ``rates`` of `accrued`; ``beside`` maps the name of
    each further series to its scope.
    """

    engine: Engine
    cut: Cut
    money: Mapping[str, Any]
    beside: Mapping[str, Scope]

    def own(self) -> dict[str, float]:
        """What does each series cost a day of late, further ones included."""
        return self.within({})

    def within(self, scope: Scope, *, cost: str = "") -> dict[str, float]:
        """How much of each series lies in this scope, a day of late.

        Parameters
        ----------
        scope : mapping
            Columns or ``tag:key`` to the values that count.
        cost : str
            Another of the four costs; empty is the one that is forecast.

        Returns
        -------
        dict of str to float
        """
        money = {**self.money, **({"cost": cost} if cost else {})}
        days = accrued(self.engine, by=self.cut.by, where=scope, **money)
        found = self.cut.recent(days, days=_DAYS)
        for name, other in self.beside.items():
            both = joined(scope, other)
            if both is not None:
                days = accrued(self.engine, where=both, **money)
                first = self.cut.last - pd.Timedelta(days=_DAYS - 1)
                late = days[(days["time"] >= first) & (days["time"] <= self.cut.last)]
                found[name] = float(late["cost"].astype("float64").sum()) / _DAYS
        return found


def joined(one: Scope, other: Scope) -> dict[str, Sequence[str]] | None:
    """What lies in both scopes; None where nothing can.

    Parameters
    ----------
    one, other : mapping
        Columns or ``tag:key`` to the values that count.

    Returns
    -------
    dict or None

    Examples
    --------
    >>> joined({"a": ["x", "y"]}, {"a": ["y"], "b": ["z"]}), joined({"a": ["x"]}, {"a": ["y"]})
    ({'a': ['y'], 'b': ['z']}, None)
    """
    found = {**one, **other}
    for name in set(one) & set(other):
        found[name] = [value for value in one[name] if value in other[name]]
    return found if all(found.values()) else None


def ending(engine: Engine, *, after: datetime, before: datetime, cost: str) -> tuple[Planned, ...]:
    """Which commitments end in this time, as the contracts of the lake say.

    Parameters
    ----------
    engine : Engine
        The open lake.
    after, before : datetime
        UTC; an end at ``after`` counts, one at ``before`` does not.
    cost : str
        List and contracted cost know no commitments: none ends.

    Returns
    -------
    tuple of Planned
        Without an amount, which `told` finds: what is covered goes back to its contracted price.
    """
    if cost not in _TAKEN_BACK:
        return ()
    found = []
    for row in contracts.commitments(engine).to_dict("records"):
        if not row["End"]:
            continue
        end = datetime.fromisoformat(row["End"]).replace(tzinfo=UTC)
        if after <= end < before:
            name = f"{row['Type'] or 'Commitment'} ends"
            scope = {"CommitmentDiscountId": (str(row["CommitmentId"]),)}
            found.append(Planned(name, "step", end, why=str(row["CommitmentId"]), scope=scope))
    return tuple(found)


def told(
    reach: Reach, planned: Sequence[Planned], ends: Sequence[Planned], *, nodes: Mapping[str, Sequence[str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What do these changes do to each series and group.

    Parameters
    ----------
    reach : Reach
        Where they are looked for.
    planned : sequence of Planned
        From a file.
    ends : sequence of Planned
        From `ending`.
    nodes : mapping of str to sequence of str
        Each series and group of the panel, with the series that it is the sum of.

    Returns
    -------
    tuple of DataFrame
        The changes as `finops_lib.forecast.changes.Changes.from_frame` reads them; and for a reader one row a
        change: ``Change``, ``From``, ``Until``, ``ADay`` (Decimal; what it adds to a day once it is full) and
        ``Why``. An amount goes to the series in its scope by what they cost of late; a factor moves each
        series by the share of it that lies in the scope.

    Raises
    ------
    CurrencyError
        An amount is in another currency.
    SettingsError
        Nothing in the lake was charged in the scope of a change of late.
    """
    own = reach.own()
    rows, lines = [], []
    for change in (*planned, *ends):
        amounts = _committed(reach, change) if change in ends else _amounts(reach, change, own)
        scope = _scope_share(reach, change, own) if change.factor is not None or amounts is None else {}
        for node, series in nodes.items():
            rows += _row(change, node, series, amounts=amounts, shares=scope, own=own)
        lines.append(_line(change, amounts, scope, reach.cut.labels))
    columns = ["Change", "From", "Until", "ADay", "Why"]
    return pd.DataFrame(rows, columns=list(_COLUMNS)), pd.DataFrame(lines, columns=columns, dtype=object)


def _within(reach: Reach, change: Planned) -> dict[str, float]:
    try:
        found = reach.within(change.scope)
    except QueryError as error:
        raise SettingsError(f"change {change.name!r}: {error.value}", error.rule, error.remedy) from error
    if not any(found.values()):
        raise SettingsError(
            f"change {change.name!r}",
            f"something in its scope was charged in the {_DAYS} days before {reach.cut.last:%Y-%m-%d}",
            "widen the scope to what it will be charged under, for example the team",
        )
    return found


def _amounts(reach: Reach, change: Planned, own: Mapping[str, float]) -> dict[str, float] | None:
    """Give each series its part of the amount; None where the change multiplies."""
    if change.amount is None:
        return None
    if change.currency != reach.money["currency"]:
        raise CurrencyError(
            f"change {change.name!r} in {change.currency}, costs in {reach.money['currency']}",
            "a change and the costs are in one currency",
            f"write its amount in {reach.money['currency']}",
        )
    found = _within(reach, change)
    whole = sum(found[name] for name in found if name in reach.cut.labels)
    if not whole > 0:
        found = {name: abs(own.get(name, 0.0)) for name in found if name in reach.cut.labels}
        whole = sum(found.values())
    return {name: float(change.amount) * cost / whole for name, cost in found.items()}


def _committed(reach: Reach, change: Planned) -> dict[str, float]:
    """Say what each series will cost more without the commitment: its price less what it costs now."""
    priced = reach.within({**change.scope, **_USED}, cost="ContractedCost")
    now = reach.within(change.scope)
    used = reach.within({**change.scope, **_USED})
    # a price that no bill states is not zero: such use goes on as it is, and what is unused falls away
    known = {name: priced[name] - cost if priced.get(name, 0.0) > 0 else 0.0 for name, cost in used.items()}
    names = {*known, *now}
    return {name: known.get(name, 0.0) - now.get(name, 0.0) + used.get(name, 0.0) for name in names}


def _scope_share(reach: Reach, change: Planned, own: Mapping[str, float]) -> dict[str, float]:
    found = _within(reach, change)
    return {name: min(max(cost, 0.0), own[name]) for name, cost in found.items() if own.get(name, 0.0) > 0}


def _row(
    change: Planned,
    node: str,
    series: Sequence[str],
    *,
    amounts: Mapping[str, float] | None,
    shares: Mapping[str, float],
    own: Mapping[str, float],
) -> list[tuple[object, ...]]:
    """Say what the change does to one series or group; nothing where it does nothing."""
    if amounts is not None:
        amount = sum(amounts.get(name, 0.0) for name in series)
        return [(node, change.start, change.kind, amount, None, change.until)] if amount else []
    whole = sum(own.get(name, 0.0) for name in series)
    share = sum(shares.get(name, 0.0) for name in series) / whole if whole > 0 else 0.0
    if not share:
        return []
    factor = 0.0 if change.factor is None else float(change.factor)
    moved = factor if share > _WHOLE else 1.0 + (factor - 1.0) * share
    kind = "price" if change.kind == "end" else change.kind
    return [(node, change.start, kind, None, moved, change.until)]


def _line(
    change: Planned, amounts: Mapping[str, float] | None, shares: Mapping[str, float], series: Collection[str]
) -> tuple[object, ...]:
    moved = shares if amounts is None else amounts
    a_day = sum(cost for name, cost in moved.items() if name in series)
    if amounts is None:
        a_day *= (0.0 if change.factor is None else float(change.factor)) - 1.0
    elif change.kind == "end":
        a_day = -a_day
    until = "" if change.until is None else f"{change.until:%Y-%m-%d}"
    return change.name, f"{change.start:%Y-%m-%d}", until, Decimal(repr(round(a_day, 2))), change.why
