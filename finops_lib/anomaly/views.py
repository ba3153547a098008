"""What a detector remembers of series, as frames that a picture is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.anomaly.baseline import LEAST_DAYS, WINDOW
from finops_lib.anomaly.grid import Path
from finops_lib.anomaly.state import State

LEVEL = 0.8  # share of days that the range holds
_HIGHEST = 12.0  # score, beyond which a series is as odd as can be


def track(state: State, path: Path, *, first: date, last: date) -> pd.DataFrame:
    """What did a series cost on each day, and what was to be expected.

    Parameters
    ----------
    state : State
        With the series.
    path : tuple of str
        Of the series.
    first, last : date
        Days, both included; those that are not remembered are left out.

    Returns
    -------
    DataFrame
        ``time``, ``actual``, ``expected``, ``low``, ``high`` (money a day, NaN where not known) and ``odd``.
        Between low and high lay 80 of 100 of the nine weeks before each day, those that were odd left out.

    Raises
    ------
    KeyError
        There is no such series.
    """
    row = state.forest.nodes[path]
    tracks = state.tracks
    actual, odd = tracks.values[row], tracks.odd[row]
    expected, size = (tracks.notes[name][row].astype(np.float64) for name in ("mid", "size"))
    reach = size * _usual(actual, expected, size, odd)
    days = [state.day(column) for column in range(state.days)]
    frame = pd.DataFrame(
        {
            "time": pd.to_datetime(days), "actual": actual, "expected": expected,
            "low": expected - reach, "high": expected + reach, "odd": odd,
        }
    )  # fmt: skip
    inside = [first <= day <= last for day in days]
    return frame[inside].reset_index(drop=True)


def _usual(
    actual: npt.NDArray[np.float64],
    expected: npt.NDArray[np.float64],
    size: npt.NDArray[np.float64],
    odd: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """How far, in units of surprise, did 80 of 100 days lie from what was expected, up to the day before."""
    safe = np.where(size > 0, size, np.nan)
    away = pd.Series(np.where(odd, np.nan, np.abs(actual - expected) / safe))
    found = away.rolling(WINDOW, min_periods=LEAST_DAYS).quantile(LEVEL).shift(1)
    return np.asarray(found.to_numpy(dtype=np.float64))


def scores(state: State, paths: Sequence[Path], *, first: date, last: date) -> pd.DataFrame:
    """How odd was each day of these series.

    Parameters
    ----------
    state : State
        With the series.
    paths : sequence of tuple of str
        Of the series.
    first, last : date
        Days, both included.

    Returns
    -------
    DataFrame
        A row a series in their order, a column a day: minus the logarithm (to 10) of the p-value, at most 12,
        below 0 where it cost less than was expected; NaN where it was not judged.
    """
    rows = [state.forest.nodes[path] for path in paths]
    columns = [column for column in range(state.days) if first <= state.day(column) <= last]
    block = np.ix_(rows, columns)
    notes = state.tracks.notes
    p_value, score = (notes[name][block].astype(np.float64) for name in ("p_value", "score"))
    logs = np.minimum(-np.log10(np.maximum(p_value, 10.0**-_HIGHEST)), _HIGHEST)
    days = pd.to_datetime([first + timedelta(days=(state.day(column) - first).days) for column in columns])
    return pd.DataFrame(np.where(score < 0, -logs, logs), columns=days)
