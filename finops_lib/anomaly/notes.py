"""What is said beside the anomalies: what was not judged and why, and what is told otherwise now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.anomaly.baseline import LEAST_DAYS
from finops_lib.anomaly.pauses import Pause
from finops_lib.anomaly.state import path_text
from finops_lib.records import Anomaly

if TYPE_CHECKING:
    from finops_lib.anomaly.state import State

_COLUMNS = ["Series", "FirstDay", "LastDay", "Reason"]
_FROM = " from "


def judged_not(state: State, mask: npt.NDArray[np.bool_], paused: Sequence[Pause]) -> pd.DataFrame:
    """Which series were not judged on which days, and why.

    Parameters
    ----------
    state : State
        With all series scored.
    mask : ndarray
        [series, days], what is paused.
    paused : sequence of Pause
        Why.

    Returns
    -------
    DataFrame
        ``Series`` (path in words), ``FirstDay``, ``LastDay`` (both included) and ``Reason``.
    """
    rows = [
        (path_text(pause.series), pause.start, pause.end - timedelta(days=1), f"paused: {pause.reason}")
        for pause in paused
    ]
    known = np.asarray(np.isfinite(state.tracks.values))
    last = state.day(max(state.days - 1, 0))
    for path, count in zip(state.forest.nodes, known.sum(axis=1).tolist(), strict=True):
        if count <= LEAST_DAYS:
            text = f"{count} known days: no day is judged before {LEAST_DAYS} are known"
            rows.append((path_text(path), state.first, last, text))
    if len(known):
        lost = np.asarray(~known.any(axis=0))
        for column in np.flatnonzero(~known[0] & ~mask[0]).tolist():
            text = "nothing was delivered" if lost[column] else "the cost of a part is not known"
            rows.append((path_text(()), state.day(column), state.day(column), text))
    return pd.DataFrame(rows, columns=_COLUMNS)


def revised(state: State, found: Sequence[Anomaly]) -> Iterator[str]:
    """What was told before, of days that are remembered, and is told otherwise now.

    Parameters
    ----------
    state : State
        With what was told last.
    found : sequence of Anomaly
        What is found now.

    Yields
    ------
    str
        One sentence each.
    """
    now = {told_name(one): one.kind for one in found}
    for kind, where in state.told:
        if where.rpartition(_FROM)[2] < f"{state.first:%F}":
            continue
        if where not in now:
            yield f"{kind} in {where}: taken back, the days as they are now do not show it"
        elif now[where] != kind:
            yield f"{kind} in {where}: now seen as {now[where]}"


def told_name(one: Anomaly) -> str:
    """Under which name is an anomaly remembered: its series and its first day."""
    return f"{path_text(one.series)}{_FROM}{one.start:%F}"
