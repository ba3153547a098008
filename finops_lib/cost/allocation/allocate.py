"""Who pays for which charge: rules applied to a bill, step by step, with nothing lost on the way.

A bill comes as lines: groups of charges that are alike in all that the rules look at. Each rule takes what
earlier ones have not placed (or what they gave to the team it names) and hands it on. What every rule did
to every line is kept, so that a team can follow its cost back to the bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from finops_lib.cost.allocation.desk import Desk, Places, Step
from finops_lib.cost.allocation.rules import RuleFile
from finops_lib.cost.spend import refuse_mixture, spend
from finops_lib.cost.split import Counts, counted, money
from finops_lib.cost.sql import Where
from finops_lib.errors import QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

UNALLOCATED = "(unallocated)"
_NO_FILTER: Mapping[str, str] = {}


@dataclass(frozen=True)
class Allocation:
    """Whose cost is each line of a bill, with every step from the line to its team.

    ``lines`` is the bill (``cost`` exact); ``line``, ``team`` and ``count`` are its parts side by side, in
    units with ``places`` decimals, where a team of None is nobody; ``unknown`` counts lines whose cost is
    not known and which are in no part.
    """

    rules: RuleFile
    lines: pd.DataFrame
    line: Places
    team: NDArray[np.object_]
    count: Counts
    places: int
    steps: tuple[Step, ...]
    unknown: int

    @property
    def currency(self) -> str:
        """The currency of the bill; empty where it has no line."""
        return str(self.lines["BillingCurrency"].iloc[0]) if len(self.lines) else ""

    @property
    def residual(self) -> Decimal:
        """The cost of all lines less that of all parts: zero, always."""
        whole = sum(counted(_known(self.lines))[0], 0) - sum(self.count, 0)
        return money(whole, places=self.places)

    def costs(self, where: Where = _NO_FILTER) -> dict[str | None, Decimal]:
        """What does each team pay, exactly.

        Parameters
        ----------
        where : mapping
            Columns of the lines with the values that count; empty is all lines.

        Returns
        -------
        dict
            Team to money, sorted; None is what no rule has placed.
        """
        sums: dict[str | None, int] = {}
        inside = self._within(where)[self.line]
        for team, count in zip(self.team[inside], self.count[inside], strict=True):
            sums[team] = sums.get(team, 0) + count
        ordered = sorted(sums, key=lambda team: (team is None, team or ""))
        return {team: money(sums[team], places=self.places) for team in ordered}

    def _within(self, where: Where) -> NDArray[np.bool_]:
        """Say which lines have these values."""
        found = np.ones(len(self.lines), dtype=bool)
        for column, values in where.items():
            listed = [values] if isinstance(values, str) else list(values)
            found &= self.lines[column].isin(listed).to_numpy(dtype=bool)
        return found


def bill_lines(  # noqa: PLR0913 - those of the question, and how finely to tell charges apart
    engine: Engine,
    *,
    rules: RuleFile,
    detail: Sequence[str] = (),
    cost: str = "EffectiveCost",
    axis: str = "charge",
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """Which lines does the bill have, as far as these rules tell charges apart.

    Parameters
    ----------
    engine : Engine
        The open lake.
    rules : RuleFile
        Their columns are those of the lines.
    detail : sequence of str
        More columns to tell charges apart by, for tables and disputes; ``x_SnapshotId`` and ``x_SourceRow``
        give each row of the bill its own line.
    cost, axis, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        The columns, ``BillingCurrency`` and ``cost`` (exact; None is unknown).

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    columns = tuple(dict.fromkeys((*rules.columns, *detail)))
    return spend(
        engine, by=columns, cost=cost, axis=axis, period=period, where=where, currency=currency, rates=rates
    )


def allocate(
    lines: pd.DataFrame,
    *,
    rules: RuleFile,
    usage: pd.DataFrame | None = None,
    clusters: pd.DataFrame | None = None,
    seed: int = 0,
) -> Allocation:
    """Whose cost is each line of this bill by these rules.

    Parameters
    ----------
    lines : DataFrame
        From `bill_lines`: one currency.
    rules : RuleFile
        Applied in their order.
    usage : DataFrame, optional
        ``consumer``, ``metric``, ``value`` (at least zero) and, for peaks, ``time``.
    clusters : DataFrame, optional
        From `cluster_report`.
    seed : int
        Of sampled Shapley values.

    Returns
    -------
    Allocation
        Its parts add up to the bill, to the last digit.

    Raises
    ------
    QueryError
        The lines lack a column that a rule names, or a cost has over 100 digits on a side.
    CurrencyError
        The lines are in several currencies.

    Examples
    --------
    >>> from finops_lib.cost.allocation.rules import Rule
    >>> bill = pd.DataFrame({"tag:team": ["web", "(untagged)"], "BillingCurrency": "USD",
    ...     "cost": [Decimal(3), Decimal(1)]})
    >>> rules = RuleFile("1", (Rule("tag", "direct", by="tag:team"),))
    >>> {team: str(cost.normalize()) for team, cost in allocate(bill, rules=rules).costs().items()}
    {'web': '3', None: '1'}
    """
    lost = [name for name in (*rules.columns, "BillingCurrency", "cost") if name not in lines]
    if lost:
        raise QueryError(f"lines without {', '.join(lost)}", "a rule looks at them", "ask for these columns")
    refuse_mixture(lines)
    known = _known(lines)
    counts, places = counted(known)
    at = np.array([place for place, cost in enumerate(lines["cost"]) if _is_known(cost)], dtype=np.int64)
    found = Desk(lines, line=at, count=counts, usage=usage, clusters=clusters, seed=seed)
    for rule in rules.rules:
        found.apply(rule)
    result = Allocation(
        rules, lines, found.line, found.team, found.count, places, tuple(found.steps),
        len(lines) - len(known),
    )  # fmt: skip
    return proved(result)


def proved(allocation: Allocation) -> Allocation:
    """Does every unit of the bill have its place: the proof that each run makes.

    Parameters
    ----------
    allocation : Allocation
        To look at.

    Returns
    -------
    Allocation
        The same.

    Raises
    ------
    ArithmeticError
        Something was lost or doubled, which no bill and no rule can cause.
    """
    if allocation.residual:
        raise ArithmeticError(f"parts differ from the bill by {allocation.residual} {allocation.currency}")
    return allocation


def _is_known(cost: object) -> bool:
    return isinstance(cost, Decimal) and cost.is_finite()


def _known(lines: pd.DataFrame) -> list[Decimal]:
    return [cost for cost in lines["cost"] if _is_known(cost)]
