"""Why did it move: two periods of a lake, with the parts and the cells of their difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from finops_lib.cost.change_events import Change
from finops_lib.cost.drivers import cells
from finops_lib.cost.drivers.bridge import bridge, from_plan, roll_up
from finops_lib.cost.drivers.effects import PARTS
from finops_lib.cost.drivers.leaves import DAYS, DETAIL, leaves
from finops_lib.cost.drivers.turnover import pooled, replaced
from finops_lib.cost.exact import null_mark, total
from finops_lib.cost.plan_file import AMOUNT, Plan
from finops_lib.cost.series import accrued
from finops_lib.errors import ParameterError
from finops_lib.records import Period
from finops_lib.run.desk import Desk
from finops_lib.run.explain_periods import label, whole_months

_MOST_DIMENSIONS, _DEEPEST, _MOST_CELLS = 6, 4, 50
_RESOURCE = ["ResourceId", "ServiceName"]
_LONE = null_mark("ResourceId")


@dataclass(frozen=True)
class Asked:
    """What is asked: two periods, columns of the table, dimensions of the cells, and how many to name.

    With a ``plan`` it stands for the earlier period, and the columns are those that it is by.

    Raises
    ------
    ParameterError
        A value is out of its bounds.
    """

    before: Period
    after: Period
    by: tuple[str, ...]
    dimensions: tuple[str, ...]
    depth: int
    cells: int
    plan: Plan | None = None

    def __post_init__(self) -> None:
        _within("by", len(self.by), 1, _MOST_DIMENSIONS, "columns")
        _within("dimensions", len(self.dimensions), 1, _MOST_DIMENSIONS, "columns")
        _within("depth", self.depth, 1, _DEEPEST, "dimensions in the name of a cell")
        _within("cells", self.cells, 1, _MOST_CELLS, "cells")

    @property
    def axis(self) -> str:
        """When a charge counts: in the month in which it begins, or on the days that it is for."""
        return "charge" if whole_months(self.before) and whole_months(self.after) else DAYS

    @property
    def names(self) -> tuple[str, str]:
        """How the two periods are written."""
        after = label(self.after)
        return label(self.before) if self.plan is None else f"the plan of {after}", after


def _within(name: str, value: int, least: int, most: int, what: str) -> None:
    if not least <= value <= most:
        raise ParameterError(
            f"parameter {name}: {value} {what}", f"there are from {least} to {most}", "name as many"
        )


@dataclass(frozen=True)
class Numbers:
    """The difference between two periods of a desk's lake; see `Asked`.

    ``events`` are changes that are known.
    """

    desk: Desk
    asked: Asked
    events: tuple[Change, ...] = ()

    @cached_property
    def sides(self) -> tuple[pd.DataFrame, pd.DataFrame, tuple[str, ...]]:
        """Leaves before and after, and the services whose resources are not told apart."""
        names = dict.fromkeys([*self.asked.by, *self.asked.dimensions])
        asked: Any = {
            "by": list(names), "detail": DETAIL, "cost": self.desk.cost, "axis": self.asked.axis,
            "currency": self.desk.currency or None, "rates": self.desk.rates,
        }  # fmt: skip
        first = leaves(self.desk.engine, period=self.asked.before, **asked)
        second = leaves(self.desk.engine, period=self.asked.after, **asked)
        services = replaced(first, second)
        return pooled(first, services=services), pooled(second, services=services), services

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The bridge at its deepest: by all columns asked for, resource and service."""
        if self.asked.plan is not None:
            return self._from_plan(self.asked.plan)
        names = dict.fromkeys([*self.asked.by, *self.asked.dimensions, *_RESOURCE])
        return bridge(*self.sides[:2], by=list(names))

    def _from_plan(self, plan: Plan) -> pd.DataFrame:
        """Hold what was charged against the plan, by its columns."""
        desk, asked = self.desk, self.asked
        return from_plan(
            desk.engine, plan.within(asked.after), period=asked.after, by=list(asked.by), amount=AMOUNT,
            quantity=plan.quantity, cost=desk.cost, currency=desk.currency or None, rates=desk.rates,
        )  # fmt: skip

    @property
    def replaced(self) -> tuple[str, ...]:
        """Services whose resources replace themselves."""
        return self.sides[2] if self.asked.plan is None else ()

    @property
    def currency(self) -> str:
        """ISO 4217 code; empty where there is no charge to tell."""
        plan = self.asked.plan
        sides = self.sides[:2] if plan is None else [plan.within(self.asked.after)]
        codes = {code for side in sides for code in side["BillingCurrency"]}
        return self.desk.currency or next(iter(codes), "")

    @cached_property
    def whole(self) -> dict[str, Any]:
        """``Previous``, ``Current``, ``Change``, the parts and ``RowsUnknown`` of everything."""
        return {str(name): value for name, value in roll_up(self.lines).iloc[0].items()}

    @property
    def change(self) -> Decimal | None:
        """How much more the second period cost; None is unknown."""
        found: Decimal | None = self.whole["Change"]
        return found

    @property
    def parts(self) -> dict[str, Decimal]:
        """The parts of the change, in order; empty where it is not known."""
        return {} if self.change is None else {name: self.whole[name] for name in PARTS}

    @cached_property
    def found(self) -> cells.Cells:
        """The cells that explain the change."""
        return cells.cells(
            roll_up(self.lines, by=self.asked.dimensions),
            by=self.asked.dimensions,
            most=self.asked.cells,
            most_dimensions=self.asked.depth,
        )

    def by(self, *names: str) -> pd.DataFrame:
        """Which lines, by these columns, make the change, that which moved most first; see `roll_up`."""
        return _ranked(roll_up(self.lines, by=names), "Change")

    def resources(self, part: str) -> pd.DataFrame:
        """Which resources are ``New`` or ``Ended``: ``ResourceId``, ``ServiceName``, ``Amount``, most first.

        Amounts add up to the part of that name. Lines without a resource, and of services whose resources
        replace themselves, have that of no name. A plan names none.
        """
        if self.asked.plan is not None:
            return pd.DataFrame(columns=[*_RESOURCE, "Amount"])
        sums = roll_up(self.lines, by=_RESOURCE)
        kept = sums[[isinstance(amount, Decimal) and amount != 0 for amount in sums[part]]]
        return _ranked(kept.rename(columns={part: "Amount"})[[*_RESOURCE, "Amount"]], "Amount")

    def days(self, period: Period) -> pd.Series:
        """What did each day of a period cost, with charges spread over the days that they are for.

        Days that are still filling up, or on which nothing was delivered, are NaN.
        """
        index = pd.date_range(_bare(period.start), _bare(period.end - timedelta(days=1)), freq="D")
        costs = self._daily[self._daily.index.isin(index)]
        filling = pd.DatetimeIndex(list(self.desk.incomplete))
        return costs.reindex(index).mask(index.isin(filling))

    def spread(self, period: Period) -> float:
        """What did a period cost, with charges spread over the days that they are for: a float."""
        inside = (self._daily.index >= _bare(period.start)) & (self._daily.index < _bare(period.end))
        return float(self._daily[inside].sum())

    @cached_property
    def _daily(self) -> pd.Series:
        desk = self.desk
        found = accrued(desk.engine, cost=desk.cost, currency=self.currency or None, rates=desk.rates)
        costs = [float("nan") if cost is None else float(cost) for cost in found["cost"]]
        return pd.Series(costs, index=pd.DatetimeIndex(found["time"]), dtype=float)

    @property
    def known_changes(self) -> list[tuple[Change, dict[str, str]]]:
        """Which known changes fall into the two periods or between them, by time; each with a cell.

        It is that of the cells that explain the move with which the change has most columns in common, and
        no value apart; an empty one where no cell names a column of its scope.
        """
        asked = self.asked
        near = [one for one in self.events if asked.before.start <= one.at < asked.after.end]
        named = [dict(cell.where) for cell in self.found.cells] if self.change is not None else []
        found = [
            (one, max((cell for cell in named if one.may_touch(cell)), key=one.named_in, default={}))
            for one in sorted(near, key=lambda one: (one.at, one.name))
        ]
        return [(one, cell if one.named_in(cell) else {}) for one, cell in found]

    def hot(self) -> tuple[str, str]:
        """Which two dimensions show best where it moved: those of the largest cell, then the first ones."""
        named = [name for cell in self.found.cells[:1] for name in cell.where]
        return tuple(dict.fromkeys([*named, *self.asked.dimensions]))[:2]  # type: ignore[return-value]  # two are there when this is asked


def single(resources: pd.DataFrame) -> pd.DataFrame:
    """Which of these lines name a resource.

    Parameters
    ----------
    resources : DataFrame
        From `Numbers.resources`.

    Returns
    -------
    DataFrame
    """
    return resources[resources["ResourceId"] != _LONE].reset_index(drop=True)


def gross(amounts: dict[str, Decimal]) -> Decimal:
    """How much money moved in all parts, rises and falls added.

    Parameters
    ----------
    amounts : dict of str to Decimal
        Parts.

    Examples
    --------
    >>> gross({"New": Decimal(5), "Ended": Decimal(-3)})
    Decimal('8')
    """
    return total(abs(amount) for amount in amounts.values()) or Decimal(0)


def _ranked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    amounts = list(frame[name])
    order = sorted(range(len(frame)), key=lambda row: (amounts[row] is None, -abs(amounts[row] or 0), row))
    return frame.iloc[order].reset_index(drop=True)


def _bare(moment: Any) -> pd.Timestamp:
    return pd.Timestamp(moment.replace(tzinfo=None))
