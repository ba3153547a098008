"""What is known to change: launches, ends and prices as explicit terms of a forecast.

A change in the past is taken out of the history (the past is moved to today's level), one in the future is
added to the model's answer: both against the last step of the history, amounts at its prices. A step is under
a change when it begins at or after it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from finops_lib.errors import QueryError
from finops_lib.forecast.gates import filled
from finops_lib.forecast.panel import FloatArray, Panel, step_starts

KINDS = ("step", "ramp", "end", "price")
_REMEDY = "correct the row of the changes"
_LONGEST_QUOTE = 60
_NEEDS = {"step": "an amount or a factor", "ramp": "an amount or a factor, and until", "price": "a factor"}


@dataclass(frozen=True)
class Change:
    """What does one known change do to one series.

    Parameters
    ----------
    series : str
        Name in the panel.
    time : datetime
        The first moment under the change, UTC.
    kind : str
        "step" (from then on), "ramp" (grows evenly until ``until`` and stays), "end" (an amount, or the whole
        series, falls away) or "price" (all is multiplied). Where the whole series is away, its past tells
        nothing.
    amount : float, optional
        Added each step, in the series' unit; for "end" what falls away.
    factor : float, optional
        Multiplies instead.
    until : datetime, optional
        The moment after the change, later than ``time``; of a ramp, the moment it is full.
    """

    series: str
    time: datetime
    kind: str
    amount: float | None = None
    factor: float | None = None
    until: datetime | None = None

    def share(self, starts: pd.DatetimeIndex) -> FloatArray:
        """How much of the change holds at these moments, 0 to 1.

        Parameters
        ----------
        starts : DatetimeIndex
            Starts of steps.

        Examples
        --------
        >>> days = pd.date_range("2026-01-01", periods=4)
        >>> ramp = Change("a", days[1], "ramp", amount=6.0, until=days[3])
        >>> ramp.share(days).tolist()
        [0.0, 0.0, 0.5, 1.0]
        """
        begun = np.asarray(starts >= _bare(self.time))
        if self.until is None:
            return begun.astype(float)
        over = np.asarray(starts >= _bare(self.until))
        if self.kind != "ramp":
            return np.asarray(begun & ~over, dtype=float)
        span = _bare(self.until) - _bare(self.time)
        grown = np.asarray((starts - _bare(self.time)) / span, dtype=float)
        return np.asarray(np.clip(grown, 0.0, 1.0))

    def added(self, starts: pd.DatetimeIndex) -> FloatArray:
        """How much does the change add at these moments."""
        sign = -1.0 if self.kind == "end" else 1.0
        return np.asarray(sign * (self.amount or 0.0) * self.share(starts))

    def multiplied(self, starts: pd.DatetimeIndex) -> FloatArray:
        """By what does the change multiply at these moments."""
        factor = self.factor
        if factor is None:
            factor = 0.0 if self.kind == "end" and self.amount is None else 1.0
        return 1.0 + (factor - 1.0) * self.share(starts)


@dataclass(frozen=True)
class Changes:
    """What do all known changes do to a panel.

    Parameters
    ----------
    panel : Panel
        The series, with a calendar where there are changes.
    items : tuple of Change
        In the order given.
    """

    panel: Panel
    items: tuple[Change, ...]

    @classmethod
    def from_frame(cls, frame: pd.DataFrame | None, *, panel: Panel) -> Changes:
        """Which known changes does this frame hold.

        Parameters
        ----------
        frame : DataFrame or None
            Columns ``series``, ``time``, ``kind`` (step, ramp, end, price), and where needed ``amount``,
            ``factor``, ``until``.
        panel : Panel
            The series they belong to.

        Raises
        ------
        QueryError
            A series is unknown or has no calendar, a kind is unknown, what a kind needs is missing, or a
            number or time cannot be used.
        """
        if frame is None or frame.empty:
            return cls(panel, ())
        lost = {"series", "time", "kind"} - set(frame.columns)
        if lost:
            raise QueryError(
                f"columns {', '.join(sorted(lost))}",
                "a frame of changes has series, time and kind",
                "name the columns",
            )
        rows = ({str(key): value for key, value in row.items()} for row in frame.to_dict("records"))
        return cls(panel, tuple(_change(row, panel) for row in rows))

    def without(self, history: FloatArray) -> FloatArray:
        """What would the past look like under what holds in its last step.

        Parameters
        ----------
        history : ndarray
            [series, steps], ending in each series' last step.

        Returns
        -------
        ndarray
            [series, steps]. Steps without the whole series are filled from before; where the series is away
            in the last step, its level is the one before it went.

        Examples
        --------
        >>> end = datetime(2026, 1, 5)
        >>> panel = Panel(("a",), (np.array([1.0, 1.0, 5.0, 5.0]),), "day", 1, (end,))
        >>> raised = Changes(panel, (Change("a", datetime(2026, 1, 3), "step", amount=4.0),))
        >>> raised.without(panel.aligned()).tolist()
        [[5.0, 5.0, 5.0, 5.0]]
        """
        steps = history.shape[1]
        level = history.copy()
        for row in {self.panel.names.index(item.series) for item in self.items}:
            added, factor = self._paths(row, first=-steps, count=steps)
            today = factor[-1] if factor[-1] > 0 else 1.0
            moved = level[row] * today / np.where(factor > 0, factor, np.nan) + added[-1] - added
            if (factor == 0).any():
                moved = filled(moved[None], season=self.panel.season)[0]
                moved = moved if np.isfinite(moved).any() else level[row]
            below = bool((self.panel.values[row] < 0).any())
            level[row] = moved if below else np.maximum(moved, 0.0)  # NaN stays
        return level

    def ahead(self, horizon: int) -> tuple[FloatArray, FloatArray]:
        """What is added to, and by what is multiplied, each step ahead: (forecast + added) * factor.

        Parameters
        ----------
        horizon : int
            Steps ahead.

        Returns
        -------
        tuple of ndarray
            Both [series, horizon].
        """
        added = np.zeros((len(self.panel.names), horizon))
        factor = np.ones_like(added)
        for row in {self.panel.names.index(item.series) for item in self.items}:
            more, times = self._paths(row, first=-1, count=horizon + 1)
            added[row] = more[1:] - more[0]
            factor[row] = times[1:] / times[0] if times[0] > 0 else times[1:]
        return added, factor

    def _paths(self, row: int, *, first: int, count: int) -> tuple[FloatArray, FloatArray]:
        ends = self.panel.ends or ()
        starts = step_starts(ends[row], step=self.panel.step, first=first, count=count)
        mine = [item for item in self.items if item.series == self.panel.names[row]]
        added, factor = np.zeros(count), np.ones(count)
        for item in mine:
            added = added + item.added(starts)
            factor = factor * item.multiplied(starts)
        return added, factor


def _change(row: dict[str, object], panel: Panel) -> Change:
    name, kind = str(row["series"]), str(row["kind"])
    said = f"change {_text(kind)!r} of series {_text(name)!r}"
    amount, factor = (_number(row.get(column), said, column) for column in ("amount", "factor"))
    time, until = (_moment(row.get(column), said, column) for column in ("time", "until"))
    wrong = None
    if name not in panel.names or panel.ends is None:
        wrong = "a change belongs to a series of the panel, and the panel has a calendar"
    elif kind not in KINDS or time is None:
        wrong = f"a change has a time, and its kind is one of {', '.join(KINDS)}"
    elif _lacks(kind, amount, factor, until):
        wrong = f"a {kind} needs {_NEEDS[kind]}"
    elif factor is not None and factor < 0:
        wrong = "a factor is not below 0"
    elif amount is not None and factor is not None:
        wrong = "a change has an amount or a factor, not both"
    elif until is not None and _bare(until) <= _bare(time):
        wrong = "until is later than the time of the change"
    if wrong or time is None:
        raise QueryError(said, str(wrong), _REMEDY)
    return Change(name, time, kind, amount, factor, until)


def _lacks(kind: str, amount: object, factor: object, until: object) -> bool:
    neither = amount is None and factor is None
    return {
        "step": neither,
        "ramp": neither or until is None,
        "price": factor is None,
        "end": False,
    }[kind]


def _given(value: object) -> bool:
    return not (value is None or value is pd.NaT or value is pd.NA or value != value)  # noqa: PLR0124  # NaN


def _text(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."


def _number(value: object, said: str, column: str) -> float | None:
    if not _given(value):
        return None
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if not math.isfinite(number):
        raise QueryError(f"{column} {_text(value)!r} of {said}", f"{column} is a finite number", _REMEDY)
    return number


def _moment(value: object, said: str, column: str) -> datetime | None:
    if not _given(value):
        return None
    text = str(value)
    found = pd.to_datetime(text, errors="coerce", format="ISO8601")
    if pd.isna(found) or not text.strip()[:1].isdigit():  # "today" is another day each day
        raise QueryError(f"{column} {_text(value)!r} of {said}", f"{column} is a moment as ISO 8601", _REMEDY)
    return found.to_pydatetime()


def _bare(moment: datetime) -> pd.Timestamp:
    stamp = pd.Timestamp(moment)
    return stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo else stamp
