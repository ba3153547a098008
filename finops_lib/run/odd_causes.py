"""Where does the money of an anomaly lie: its days against the same weekdays before, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.cost.change_events import Change
from finops_lib.cost.drivers.cells import Cell, cells
from finops_lib.cost.exact import total
from finops_lib.records import Anomaly
from finops_lib.records.anomalies import Cause
from finops_lib.units import cents

_WEEKS, _WEEK = 4, 7  # weeks before that say what was usual
_MOST, _DEEPEST = 5, 3  # cells, and columns that name one
_NEAR = timedelta(days=3)
_ZERO = Decimal(0)
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cube:
    """Costs by small part and day.

    ``days`` has ``time``, the columns of ``dimensions`` and more, and ``value`` (float).
    """

    days: pd.DataFrame
    dimensions: tuple[str, ...]
    currency: str

    @cached_property
    def _names(self) -> list[str]:
        return [name for name in self.days.columns if name not in {"time", "value", "BillingCurrency"}]

    @cached_property
    def _table(self) -> tuple[pd.DataFrame, _Floats, pd.Timestamp]:
        """Give the parts' names, their costs [parts, days], and the first day."""
        first = self.days["time"].min()
        place = (self.days["time"] - first).dt.days.to_numpy()
        group = self.days.groupby(self._names, sort=False).ngroup().to_numpy()
        values = np.zeros((int(group.max()) + 1, int(place.max()) + 1))
        np.add.at(values, (group, place), np.nan_to_num(self.days["value"].to_numpy(dtype=np.float64)))
        parts = self.days[self._names].assign(group=group).drop_duplicates("group").sort_values("group")
        return parts[self._names].reset_index(drop=True), values, first

    def causes(self, anomaly: Anomaly) -> tuple[Cause, ...]:
        """Which cells does the money of this anomaly lie in.

        Parameters
        ----------
        anomaly : Anomaly
            Of these costs.

        Returns
        -------
        tuple of Cause
            Amounts in whole cents that add up to the middle of its impact. What goes the way that the whole
            goes comes first, the largest first; what no cell explains is the rest, without any column.
        """
        whole = anomaly.cost_impact.mid
        rows = self._rows(anomaly.labels)
        if not rows.any():
            return (Cause({}, whole),)
        named = self._named(anomaly, rows)
        order = sorted(named, key=lambda cell: ((cell.change > 0) != (whole > 0), -abs(cell.change)))
        found = [
            Cause({**anomaly.labels, **cell.where}, cents(cell.change, currency=self.currency))
            for cell in order
        ]
        rest = whole - (total(cause.amount for cause in found) or _ZERO)
        return (*found, *([Cause({}, rest)] if rest or not found else []))

    def _rows(self, labels: Mapping[str, str]) -> npt.NDArray[np.bool_]:
        parts = self._table[0]
        rows = np.ones(len(parts), dtype=bool)
        for name, value in labels.items():
            rows &= (parts[name] == value).to_numpy() if name in parts else False
        return rows

    def _named(self, anomaly: Anomaly, rows: npt.NDArray[np.bool_]) -> list[Cell]:
        """Look for cells; where none stands apart from the others, all of the series is the cell."""
        moves = self._moves(anomaly, rows)
        if moves.empty:
            return []
        free = [name for name in self.dimensions if name not in anomaly.labels]
        varied = [name for name in free if moves[name].nunique() > 1]
        fixed = {name: str(moves[name].iloc[0]) for name in free if name not in varied}
        found = cells(moves, by=varied, most=_MOST, most_dimensions=_DEEPEST)
        if not found.cells and (fixed or anomaly.labels):
            return [replace(found.rest, where=fixed)]
        return [replace(cell, where={**fixed, **cell.where}) for cell in found.cells]

    def _moves(self, anomaly: Anomaly, rows: npt.NDArray[np.bool_]) -> pd.DataFrame:
        parts, values, first = self._table
        start = (pd.Timestamp(anomaly.start.replace(tzinfo=None)) - first).days
        end = max((pd.Timestamp(anomaly.end.replace(tzinfo=None)) - first).days, start + 1)
        now, before = weights(start, end, days=values.shape[1])
        if anomaly.kind.startswith("new"):
            before = np.zeros_like(before)
        sides = {"Previous": values[rows] @ before, "Current": values[rows] @ now}
        moves = parts[rows].reset_index(drop=True)
        for name, money in sides.items():
            moves[name] = pd.Series([Decimal(repr(round(float(one), 6))) for one in money], dtype=object)
        return moves[(moves["Previous"] != 0) | (moves["Current"] != 0)].reset_index(drop=True)


def weights(start: int, end: int, *, days: int) -> tuple[_Floats, _Floats]:
    """How much does each day count in what was spent, and in what was usual: the same weekdays before.

    Parameters
    ----------
    start, end : int
        Places of the first day and the one after the last.
    days : int
        How many days there are, a count.

    Returns
    -------
    tuple of ndarray
        Both add up to the number of days of the event, where there are days before it.

    Examples
    --------
    >>> now, before = weights(14, 16, days=20)
    >>> np.flatnonzero(now).tolist(), np.flatnonzero(before).tolist(), float(before.sum())
    ([14, 15], [0, 1, 7, 8], 2.0)
    """
    now, before = np.zeros(days), np.zeros(days)
    now[start : min(end, days)] = 1.0
    for day in range(start, min(end, days)):
        last = day - _WEEK * ((day - start) // _WEEK + 1)
        places = [place for place in range(last, last - _WEEK * _WEEKS, -_WEEK) if place >= 0]
        before[places] += 1 / max(len(places), 1)
    return now, before


def changes_near(anomaly: Anomaly, changes: Sequence[Change]) -> tuple[str, ...]:
    """Which known changes lie near the beginning of an anomaly, and may have to do with it.

    Parameters
    ----------
    anomaly : Anomaly
        With its causes.
    changes : sequence of Change
        All that are known.

    Returns
    -------
    tuple of str
        Name and day of those at most three days from it whose scope is not apart from its series and its
        first cause, the nearest first.
    """
    cell = {**anomaly.labels, **(anomaly.causes[0].cell if anomaly.causes else {})}
    near = [one for one in changes if abs(one.at - anomaly.start) <= _NEAR and one.may_touch(cell)]
    near.sort(key=lambda one: (abs(one.at - anomaly.start), one.name))
    return tuple(f"{one.name} ({one.at:%Y-%m-%d})" for one in near)
