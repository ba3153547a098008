"""Cut the cost of a lake into series, learn what is known to come, and forecast all of them at once."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd

from finops_lib.cost.series import accrued, last_day
from finops_lib.cost.spend import refuse_mixture
from finops_lib.errors import ParameterError, QueryError
from finops_lib.forecast import ensemble
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.tree import Tree
from finops_lib.records import Period
from finops_lib.run import foreseen
from finops_lib.run.cut import Cut, cut
from finops_lib.run.desk import Desk
from finops_lib.run.files import Files
from finops_lib.run.watched import Watch

_LONGEST_HORIZON = 366
_DEEPEST = 2  # levels below the whole


@dataclass(frozen=True)
class Asked:
    """What the forecast is asked: columns of groups and parts, days ahead, level, how finely, where and when.

    ``month`` is the last one looked at, ``YYYY-MM``; empty is all that is complete.

    Examples
    --------
    >>> Asked(("tag:team",), 90, 0.8, 20, month="2026-07").until
    datetime.date(2026, 7, 31)
    """

    by: tuple[str, ...]
    horizon: int
    level: float
    largest: int
    country: str | None = None
    month: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= _LONGEST_HORIZON:
            _refuse("horizon_days", self.horizon, f"it is from 1 to {_LONGEST_HORIZON}")
        if not 1 <= len(self.by) <= _DEEPEST:
            _refuse("by", ", ".join(self.by), "it is a column of groups, and perhaps one of their parts")

    @property
    def until(self) -> date | None:
        """The last day looked at; None is all that is complete."""
        return Period.month(self.month).end.date() - timedelta(days=1) if self.month else None


def _refuse(name: str, value: object, rule: str) -> None:
    raise ParameterError(f"parameter {name} = {value!r}", rule, "write another value")


def look_ahead(
    desk: Desk,
    make: Callable[..., Any],
    *,
    asked: Asked,
    files: Files,
) -> Any:
    """Where is the cost of this desk's lake going.

    Parameters
    ----------
    desk : Desk
        The open lake, in one currency.
    make : callable
        `Numbers`, or what is made of the same fields.
    asked : Asked
        Groups, days ahead, level.
    files : Files
        Budgets, limits and known changes.

    Returns
    -------
    Numbers

    Raises
    ------
    CurrencyError
        The lake has several currencies and none was named.
    QueryError
        A column is not in the lake, or the country is not known.
    SettingsError
        A scope of a file names what the lake does not have.
    """
    money: dict[str, Any] = {"cost": desk.cost, "currency": desk.currency or None, "rates": desk.rates}
    days = accrued(desk.engine, by=asked.by, **money)
    refuse_mixture(days)
    last = last_day(days, until=asked.until, incomplete=desk.incomplete)
    if len(days) and not (days["time"] <= last).any():
        days, last = days.assign(cost=None), days["time"].max()  # nothing complete: nothing is known
    wanted = [value for item in files.budgets for value in item.scope.get(asked.by[0], ())]
    wanted += [value for item in files.limits for value in item.scope.get(asked.by[0], ())]
    found = cut(days, by=asked.by, last=last, largest=asked.largest, wanted=wanted)
    watch = Watch(desk.engine, found, files, asked.horizon, money)
    tree, beside = found.tree, watch.frame()
    panel = _panel(found, tree, beside)
    reach = foreseen.Reach(desk.engine, found, money, watch.scopes())
    ends = foreseen.ending(desk.engine, after=watch.end, before=watch.until, cost=desk.cost)
    moves, changes = foreseen.told(reach, files.changes, ends, nodes=_nodes(panel, tree))
    base = ensemble.forecast(
        panel, horizon=asked.horizon, country=asked.country or None, changes=moves, jobs=os.cpu_count() or 1
    )
    own = {tree.name(node) for node in tree.groups()} | set(tree.series)
    return make(
        desk, asked, found, watch,
        base=part_of(base, own), beside=part_of(base, set(panel.names) - own), changes=changes,
    )  # fmt: skip


def _panel(found: Cut, tree: Tree, beside: pd.DataFrame) -> Panel:
    """Put series, groups and further sums beside one another: they learn from each other."""
    if not found.labels:
        raise QueryError(
            "the lake", "a forecast starts from complete days", "bring in a bill of earlier days"
        )
    panel = tree.panel(Panel.from_frame(found.frame(), step="day"))
    if beside.empty:
        return panel
    more = Panel.from_frame(beside, step="day")
    ends = (*(panel.ends or ()), *(more.ends or ()))
    return Panel((*panel.names, *more.names), (*panel.values, *more.values), panel.step, panel.season, ends)


def _nodes(panel: Panel, tree: Tree) -> dict[str, tuple[str, ...]]:
    groups = {tree.name(node): tree.members[node] for node in tree.groups()}
    return {name: groups.get(name, (name,)) for name in panel.names}


def part_of(outlook: Outlook, names: set[str]) -> Outlook:
    """Which outlook is left of these series, those without a forecast included.

    Parameters
    ----------
    outlook : Outlook
        Of more series.
    names : set of str
        The wanted ones.

    Returns
    -------
    Outlook
        In the order of the panel.
    """
    at = [place for place, name in enumerate(outlook.panel.names) if name in names]
    kept = [outlook.panel.names[place] for place in at]
    missing = {name: reason for name, reason in outlook.missing.items() if name in names}
    return dataclasses.replace(
        outlook,
        panel=outlook.panel.only(kept),
        mid=outlook.mid[at],
        errors=outlook.errors[:, at],
        scale=outlook.scale[at],
        missing=MappingProxyType(missing),
        stretch=None if outlook.stretch is None else outlook.stretch[at],
        groups=tuple(outlook.groups[place] for place in at) if outlook.groups else (),
    )
