"""Which parts are new: charged for the first time after others had been watched for a while."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from finops_lib.anomaly.baseline import LEAST_DAYS
from finops_lib.anomaly.kinds import NEW, Event

if TYPE_CHECKING:
    from finops_lib.anomaly.state import State

_NEW_DAYS = 14  # after which a new part is one among others
_FIRST_DAYS = 3  # whose mean is its size
_RARE = 1 / 30  # share of days: parts that large come into being less than once a month


def births(state: State) -> Iterator[tuple[int, Event]]:
    """Which parts came into being, where parts of their size seldom do.

    Parameters
    ----------
    state : State
        With all series scored.

    Yields
    ------
    tuple
        The row of a series, and its event. A part of a new sum is not told beside it.

    Notes
    -----
    The p-value is the share of days on which a part that large came into being, this one counted; told is
    what happens less than once a month.
    """
    nodes = state.forest.nodes
    known = np.isfinite(state.tracks.values)
    if not known.size:
        return
    begun = np.where(known.any(axis=1), known.argmax(axis=1), state.days)
    charged = np.nan_to_num(state.tracks.values) != 0
    starts = np.where(charged.any(axis=1), charged.argmax(axis=1), state.days)
    begun = np.maximum(begun, starts)
    born = np.array(
        [
            len(path) > 0
            and LEAST_DAYS <= begun[row] < state.days
            and not (begun[nodes[path[:-1]]] >= begun[row] and len(path) > 1)
            for path, row in nodes.items()
        ]
    )
    old = state.watched > state.days
    first = begun[begun < state.days].min(initial=state.days)
    sizes = {int(row): _size(state, int(row), int(begun[row])) for row in np.flatnonzero(born)}
    for row, size in sizes.items():
        column = int(begun[row])
        if not old and column - first < LEAST_DAYS:
            continue
        before = sum(1 for other, large in sizes.items() if begun[other] <= column and large >= size)
        p_value = before / (column - (0 if old else int(first)) + 1.0)
        if p_value <= _RARE and size > 0:
            yield row, _event(state, row, column, p_value)


def _size(state: State, row: int, column: int) -> float:
    days = state.tracks.values[row, column : column + _FIRST_DAYS]
    return float(np.nan_to_num(days).mean())


def _event(state: State, row: int, column: int, p_value: float) -> Event:
    days = state.tracks.values[row, column : column + _NEW_DAYS]
    money = float(np.nansum(days))
    end = column + len(days)
    text = f"first charged on {state.day(column):%F}, {money:.2f} in {len(days)} days, nothing before"
    return Event(NEW, column, end, column, p_value, money, money, money, 0.0, money, True, (text,))
