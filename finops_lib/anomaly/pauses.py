"""Which days of which series are not to be trusted: late, restated or missing data pauses their judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from finops_lib.anomaly.state import State


@dataclass(frozen=True)
class Pause:
    """From ``start`` to before ``end`` a part is not to be trusted, for a reason.

    ``series`` is its path; the empty one is all. Sums that hold the part are paused with it, and so are the
    parts below it.

    Examples
    --------
    >>> Pause(date(2026, 7, 1), date(2026, 7, 3), "late bill", ("aws",)).covers(("aws", "vm"))
    True
    """

    start: date
    end: date
    reason: str
    series: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"pause from {self.start} to {self.end}: the end comes after the start")

    def covers(self, path: tuple[str, ...]) -> bool:
        """Is this series the paused one, in it, or a sum that holds it."""
        shared = min(len(path), len(self.series))
        return path[:shared] == self.series[:shared]


def paused_mask(paused: Sequence[Pause], state: State) -> npt.NDArray[np.bool_]:
    """Which columns of which series are paused.

    Parameters
    ----------
    paused : sequence of Pause
        What is not to be trusted.
    state : State
        With all its series.

    Returns
    -------
    ndarray
        [series, days].
    """
    found = np.zeros((len(state.forest.nodes), state.days), dtype=bool)
    for pause in paused:
        first, end = max(state.column(pause.start), 0), max(state.column(pause.end), 0)
        rows = [row for path, row in state.forest.nodes.items() if pause.covers(path)]
        found[rows, first:end] = True
    return found
