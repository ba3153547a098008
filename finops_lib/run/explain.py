"""What a notebook shows of a move: pictures, sentences and the summary, over its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from finops_lib.cost import plan_file, plots, plots_drivers, plots_moves
from finops_lib.cost.drivers.bridge import roll_up, waterfall
from finops_lib.cost.drivers.cells import Cell, words
from finops_lib.cost.exact import share
from finops_lib.cost.plan_file import Plan
from finops_lib.cost.words import plain_text
from finops_lib.errors import ParameterError
from finops_lib.run import app, show
from finops_lib.run.cut import default_group
from finops_lib.run.desk import Desk
from finops_lib.run.explain_periods import periods
from finops_lib.run.explain_tables import Tables, rounded_to
from finops_lib.run.explain_words import made_of, moved, part_text, signed, where_it_moved
from finops_lib.run.explaining import Asked, single
from finops_lib.run.files import parsed_or
from finops_lib.run.odd_asked import Kept
from finops_lib.run.show import Shown
from finops_lib.units import money_text, share_text

_DIMENSIONS = ("ServiceName", "SubAccountName", "RegionId")
_MOST_RESOURCES = 20
_MENUS = 2
_NO_RANGE = f"A usual range needs {plots_moves.LEAST_DAYS} days with a known cost before, and one after."
_LONG = 120  # letters of a title


def open_move(
    desk: Desk,
    *,
    before: str = "",
    after: str = "",
    by: str = "ServiceName",
    dimensions: str = "",
    depth: int = 3,
    cells: int = 8,
    files: Mapping[str, str] | None = None,
) -> Move:
    """Why does one period of this desk's lake cost more or less than another.

    Parameters
    ----------
    desk : Desk
        The open lake.
    before, after : str
        Months, days or spans of them, see `finops_lib.run.explain_periods.periods`; empty are the desk's
        month and what is before.
    by : str
        FOCUS columns or ``tag:key``, comma-separated, of the table of parts.
    dimensions : str
        The same for the cells; empty is service, account, region and, where there is one, ``tag:team``.
    depth, cells : int
        How many dimensions may name a cell, and how many cells are named.
    files : mapping of str to str
        ``plan``, ``changes``, ``events``: paths; an empty one is no file. A plan takes the place of the
        earlier period, and its columns that of ``by`` and ``dimensions``.

    Returns
    -------
    Move

    Raises
    ------
    ParameterError
        A value is out of its bounds, a text is no period, or there are a plan and ``before``.
    SettingsError
        A file cannot be read or breaks its own rules.
    """
    first, second = periods(before, after, month=desk.month)
    named = files or {}
    plan: Plan | None = parsed_or(named.get("plan", ""), "plan", plan_file.parse, None)
    known = Kept.read(changes=named.get("changes", ""), events=named.get("events", "")).known
    if plan is not None:
        if before:
            rule = "a plan takes the place of the earlier period"
            raise ParameterError(f"parameters plan and before = {before[:80]}", rule, "leave one of them out")
        return Move(desk, Asked(second, second, plan.by, plan.by, depth, cells, plan), known)
    usual = dict.fromkeys([*_DIMENSIONS, default_group(desk.engine)])
    asked = Asked(
        first, second, _listed(by) or _DIMENSIONS[:1], _listed(dimensions) or tuple(usual), depth, cells
    )
    return Move(desk, asked, known)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


@dataclass(frozen=True)
class Move(Tables):
    """The difference between two periods as a notebook shows it; see `open_move`."""

    # What is looked at

    def draw_waterfall(self) -> Shown:
        """Draw which parts lead from one period to the other; see `cost.plots_drivers.waterfall`."""
        if self.change is None:
            return show.notes([self._said()])
        return show.picture(self._waterfall(self.whole, plots.axes(height=4.8)))

    def _waterfall(self, whole: Mapping[str, Any], ax: Axes) -> Axes:
        told = {name: [amount] for name, amount in whole.items()}
        steps = waterfall(pd.DataFrame(told))
        first, last = self.asked.names
        named = [
            (
                part_text(step, planned=self.asked.plan is not None) if step in self.parts else first,
                float(amount),
            )
            for step, amount in zip(steps["Step"], steps["Amount"], strict=True)
            if step != "Current"
        ]
        said = moved(whole, self.asked.names, cost=self.desk.cost, currency=self.currency)
        title = plain_text(said.rstrip("."), width=_LONG)
        return plots_drivers.waterfall(named, ax=ax, unit=self.currency, end=last, title=title)

    def draw_cells(self) -> Shown:
        """Draw where in two dimensions it moved; see `cost.plots_moves.heat_map`."""
        dimensions = self.hot()
        if self.change is None or len(dimensions) < _MENUS:
            return show.notes([self._said() if self.change is None else "A heat map needs two dimensions."])
        rows, columns = dimensions
        moves = self.by(rows, columns)
        ax = plots.axes(height=4.8)
        return show.picture(
            plots_moves.heat_map(moves, ax=ax, rows=rows, columns=columns, currency=self.currency)
        )

    def draw_days(self) -> Shown:
        """Draw on which days it left the usual range; see `cost.plots_moves.band`."""
        asked = self.asked
        if asked.plan is not None:
            return show.notes(["A plan by month says nothing of single days."])
        before, after = (self.days(period) for period in (asked.before, asked.after))
        if before.count() < plots_moves.LEAST_DAYS or after.count() == 0:
            return show.notes([_NO_RANGE])
        drawn = plots_moves.band(
            before, after, ax=plots.axes(), names=asked.names, currency=self.currency, cost=self.desk.cost
        )
        return show.picture(drawn)

    def explorer(self) -> Any:
        """Show menus above a waterfall and a table that follow them; none in a run."""
        names = self.asked.dimensions[:_MENUS]
        choices = {name: sorted(set(self.lines[name])) for name in names}
        return app.filters(choices, view=self._view)

    def _view(self, where: Mapping[str, str]) -> list[Shown]:
        lines = self.lines
        for name, value in where.items():
            lines = lines[lines[name] == value]
        whole = {str(name): value for name, value in roll_up(lines).iloc[0].items()}
        if self.change is None or whole["Change"] is None:
            return [show.notes(["No charge of both periods is in this choice."])]
        table = self.desk.table(roll_up(lines, by=self.asked.by))
        return [show.picture(self._waterfall(whole, plots.axes(height=4.8))), table]

    # What is said

    def _said(self) -> str:
        return moved(self.whole, self.asked.names, cost=self.desk.cost, currency=self.currency)

    def answer(self) -> Shown:
        """Say how much it moved, what made it, and where, in the cents of the tables."""
        if self.change is None:
            return show.notes([self._said()])
        parts = dict(
            zip(self.parts, rounded_to(list(self.parts.values()), currency=self.currency), strict=True)
        )
        made = made_of(parts, currency=self.currency, planned=self.asked.plan is not None)
        said = [self._said(), *self.begun_elsewhere()]
        return show.notes([*said, *made, *where_it_moved(self.in_cents, currency=self.currency)])

    def show_notes(self) -> Shown:
        """Say what must be known of the two periods."""
        return show.notes(self.noted())

    # What the next program reads

    def summary(self, **more: Any) -> Shown:
        """What does the notebook answer; see `finops_lib.run.show.summary`.

        Parameters
        ----------
        **more : Any
            Further values.
        """
        return show.summary({**self._asked(), **self._told(), **more})

    def _asked(self) -> dict[str, Any]:
        last = self.asked.after.end - timedelta(days=1)
        spans = {"before": self.asked.before, "after": self.asked.after}
        return {
            "month": f"{last:%Y-%m}",
            **{
                side: {"name": name, "start": span.start, "end": span.end, "days": span.days}
                for (side, span), name in zip(spans.items(), self.asked.names, strict=True)
            },
            "currency": self.currency,
            "cost": self.desk.cost,
            "by": list(self.asked.by),
            "dimensions": list(self.asked.dimensions),
        }

    def figures(self) -> dict[str, str]:
        """What does the index show of this report, as text: both sides, the change, and most of its cause."""
        names, money = self.asked.names, self.currency
        sides = zip(names, ("Previous", "Current"), strict=True)
        found = {name: money_text(self.whole[side], currency=money) for name, side in sides}
        found["change"] = signed(self.change, money)
        part = share(self.change, self.whole["Previous"])
        if part is not None:
            found["change"] += f" ({share_text(part, signed=True)})"
        if self.change:
            name, amount = max(self.parts.items(), key=lambda item: abs(item[1]))
            planned = self.asked.plan is not None
            found["made by"] = f"{part_text(name, planned=planned)} {signed(amount, money)}"
            for cell in self.found.cells[:1]:
                found["mostly in"] = f"{plain_text(words(cell), width=_LONG)} {signed(cell.change, money)}"
        return found

    def _told(self) -> dict[str, Any]:
        known = self.change is not None
        whole = self.whole
        return {
            "answer": self._said(),
            "figures": show.named(self.figures()),
            "previous": whole["Previous"],
            "current": whole["Current"],
            "change": self.change,
            "change_share": share(self.change, whole["Previous"]),
            "parts": self.parts,
            "lines": show.records(self.by(*self.asked.by)) if known else [],
            "cells": [_cell(cell) for cell in self.found.cells] if known else [],
            "rest": _cell(self.found.rest) if known else None,
            "cells_reason": self.found.reason,
            "new_resources": self._single("New"),
            "ended_resources": self._single("Ended"),
            "replaced": list(self.replaced),
            "unknown_rows": int(whole["RowsUnknown"]),
            "planned": self.asked.plan is not None,
            "changes": [
                {"time": one.at, "what": one.name, "scope": dict(one.scope), "cell": cell}
                for one, cell in self.known_changes
            ],
            "notes": self.noted(),
        }  # fmt: skip

    def _single(self, part: str) -> list[dict[str, Any]]:
        """List the resources that are new or ended, those without a name left out."""
        return [] if self.change is None else show.records(single(self.resources(part)).head(_MOST_RESOURCES))


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "where": dict(cell.where), "previous": cell.previous, "current": cell.current, "change": cell.change,
        "parts": dict(cell.parts), "lines": cell.leaves, "whole": cell.whole,
    }  # fmt: skip
