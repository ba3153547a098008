"""What a forecast starts from and ends in: series of one step, and an outlook with its past errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.errors import CurrencyError, QueryError
from finops_lib.forecast.parts import Parts

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SEASONS: Mapping[str, int] = MappingProxyType({"hour": 24, "day": 7, "week": 52, "month": 12})
_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
_COLUMNS = ("series", "time", "value")
_CURRENCY = "BillingCurrency"
_EPOCH = pd.Timestamp("1970-01-01")
_MONTHS = 12
_YEARS = (1900, 2200)  # outside of them a time is a placeholder or an error, and its panel would be all gap
_LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Panel:
    """Which series are there: of one step, oldest value first.

    Parameters
    ----------
    names : tuple of str
        One name a series.
    values : tuple of ndarray
        One array a series in the series' own unit; lengths differ; NaN is a gap.
    step : str
        "hour", "day", "week" or "month".
    season : int
        Steps in the main season.
    ends : tuple of datetime, optional
        The moment after the last step of each series, UTC; None for series without a calendar.

    Examples
    --------
    >>> two = Panel(("a", "b"), (np.array([1.0, 2.0]), np.array([3.0])), "day", 7)
    >>> two.aligned().tolist()
    [[1.0, 2.0], [nan, 3.0]]
    """

    names: tuple[str, ...]
    values: tuple[FloatArray, ...]
    step: str
    season: int
    ends: tuple[datetime, ...] | None = None

    def __post_init__(self) -> None:
        if self.step not in SEASONS:
            raise ValueError(f"step {self.step!r}: it is one of {', '.join(SEASONS)}")
        if self.season < 1:
            raise ValueError(f"season {self.season}: it has at least one step")
        if len(self.names) != len(self.values) or len(set(self.names)) != len(self.names):
            raise ValueError(f"{len(self.names)} names for {len(self.values)} series: one distinct name each")
        if self.ends is not None and len(self.ends) != len(self.names):
            raise ValueError(f"{len(self.ends)} ends for {len(self.names)} series: one each, or None")

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, step: str, season: int | None = None) -> Panel:
        """Which series does this long frame hold.

        Parameters
        ----------
        frame : DataFrame
            Columns ``series``, ``time`` (start of a step, as times or ISO 8601 text; UTC where no zone is
            given) and ``value``; a step without a row or value is a gap. A column ``BillingCurrency`` may
            hold one code, and holds it in each row with a value.
        step : str
            "hour", "day", "week" (all starting on one weekday) or "month".
        season : int, optional
            Steps in the main season; a day of hours, a week of days and a year else.

        Raises
        ------
        CurrencyError
            The frame holds several currencies.
        QueryError
            A column is missing, a row has no series, a value is no finite number, a time is no time or lies
            between the steps, or a series has two values for one step.

        Examples
        --------
        >>> days = pd.to_datetime(["2026-01-01", "2026-01-03"])
        >>> panel = Panel.from_frame(pd.DataFrame({"series": "a", "time": days, "value": [1, 2]}), step="day")
        >>> panel.values[0].tolist(), panel.ends[0].isoformat()
        ([1.0, nan, 2.0], '2026-01-04T00:00:00+00:00')
        """
        if step not in SEASONS:
            raise ValueError(f"step {step!r}: it is one of {', '.join(SEASONS)}")
        numbers, shift = _numbered(_times(_with_columns(frame)), step)
        rows = pd.DataFrame({"series": _names(frame), "number": numbers, "value": _numbers(frame)})
        _one_currency(frame)
        _refuse_twice(rows, step)
        main = SEASONS[step] if season is None else season
        names, values, ends = [], [], []
        for name, part in rows.groupby("series", sort=True):
            first, last = int(part["number"].min()), int(part["number"].max())
            dense = np.full(last - first + 1, np.nan)
            dense[part["number"].to_numpy() - first] = part["value"].to_numpy()
            names.append(str(name))
            values.append(dense)
            ends.append(moment(last + 1, step=step, shift=shift))
        return cls(tuple(names), tuple(values), step, main, tuple(ends))

    def aligned(self) -> FloatArray:
        """Where are the values, as one table that ends in the last step of each series.

        Returns
        -------
        ndarray
            [series, steps]; NaN before a series begins and in its gaps. What is infinite is a gap, too.
        """
        longest = max((len(series) for series in self.values), default=0)
        table = np.full((len(self.values), longest), np.nan)
        for row, series in zip(table, self.values, strict=True):
            row[longest - len(series) :] = np.where(np.isfinite(series), series, np.nan)
        return table

    def only(self, names: list[str]) -> Panel:
        """Which panel is left with only these series, in this order.

        Parameters
        ----------
        names : list of str
            Series of this panel; another is a ValueError.
        """
        at = {name: number for number, name in enumerate(self.names)}
        if lost := [name for name in names if name not in at]:
            raise ValueError(f"series {', '.join(map(repr, lost))}: not among the panel's {len(at)} series")
        kept = [at[name] for name in names]
        ends = None if self.ends is None else tuple(self.ends[number] for number in kept)
        return Panel(tuple(names), tuple(self.values[n] for n in kept), self.step, self.season, ends)


@dataclass(frozen=True)
class Outlook:
    """What was forecast, and how wrong was the same method before.

    Parameters
    ----------
    panel : Panel
        The series that could be forecast.
    mid : ndarray
        [series, horizon], in each series' unit.
    errors : ndarray
        [origins, series, horizon], newest origin first: actual less forecast at origins whose values did not
        choose the weights used there; NaN where there was none.
    scale : ndarray
        [series], above 0: mean absolute seasonal-naive step of the history (of neighbours where it is short).
    accuracy : DataFrame
        Back-test numbers a series and model, the ensemble included.
    missing : mapping
        Series to the reason why it has no forecast.
    notes : mapping
        Series to what is unusual in how it was forecast: too young, sparse, just moved by a step.
    groups : tuple of str
        The kind of each series, whose errors may differ: judged by group where they do. Empty for none.
    cuts : tuple of int
        How many of the last steps each origin of the errors did not know; empty where it is not known.
    parts : Parts, optional
        What the forecast was made of; of at least the panel's series.
    stretch : ndarray, optional
        [series, horizon]: how much larger errors to come are than past ones, for known changes and doubt.
    """

    panel: Panel
    mid: FloatArray
    errors: FloatArray
    scale: FloatArray
    accuracy: pd.DataFrame
    missing: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    groups: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()
    parts: Parts | None = None
    stretch: FloatArray | None = None

    def coming(self) -> FloatArray:
        """How large may the coming error be: the past ones, stretched by what is known to change."""
        return self.errors if self.stretch is None else self.errors * self.stretch

    def without(self, origin: int) -> Outlook:
        """What would be known if this past origin, a row of the errors (-1 the oldest), were not."""
        row = range(len(self.errors))[origin]
        cuts = self.cuts[:row] + self.cuts[row + 1 :]
        return replace(self, errors=np.delete(self.errors, row, axis=0), cuts=cuts, stretch=None)


def moment(number: int, *, step: str, shift: int = 0) -> datetime:
    """When does the step of this number begin, counted from 1970.

    Parameters
    ----------
    number : int
        Whole hours, days, weeks or months since 1970-01-01.
    step : str
        "hour", "day", "week" or "month".
    shift : int
        Days that weeks begin after Thursday.

    Examples
    --------
    >>> moment(14, step="month").isoformat(), moment(1, step="week", shift=4).isoformat()
    ('1971-03-01T00:00:00+00:00', '1970-01-12T00:00:00+00:00')
    """
    if step == "month":
        return datetime(1970 + number // _MONTHS, number % _MONTHS + 1, 1, tzinfo=UTC)
    return datetime(1970, 1, 1, tzinfo=UTC) + number * _LENGTHS[step] + timedelta(days=shift)


def step_starts(end: datetime, *, step: str, first: int, count: int) -> pd.DatetimeIndex:
    """When do steps begin, counted from the moment after a series' last step.

    Parameters
    ----------
    end : datetime
        The moment after the last step, UTC.
    step : str
        "hour", "day", "week" or "month".
    first : int
        Steps from ``end`` to the first wanted; negative for the past.
    count : int
        How many.

    Examples
    --------
    >>> [str(t.date()) for t in step_starts(datetime(2026, 3, 1), step="month", first=-1, count=2)]
    ['2026-02-01', '2026-03-01']
    """
    start = pd.Timestamp(end)
    start = start.tz_convert(None) if start.tzinfo else start
    if step == "month":
        return pd.date_range(start + pd.DateOffset(months=first), periods=count, freq="MS")
    return pd.date_range(start + first * _LENGTHS[step], periods=count, freq=_LENGTHS[step])


def _with_columns(frame: pd.DataFrame) -> pd.DataFrame:
    lost = [name for name in _COLUMNS if name not in frame.columns]
    if lost:
        raise QueryError(
            f"columns {', '.join(lost)}",
            "a frame of series has series, time and value",
            "rename the columns of the frame",
        )
    return frame


def _one_currency(frame: pd.DataFrame) -> None:
    if _CURRENCY not in frame:
        return
    codes: list[str] = sorted(frame[_CURRENCY].dropna().astype(str).unique())
    if codes and (frame[_CURRENCY].isna() & frame["value"].notna()).any():
        codes.append("none")
    if len(codes) > 1:
        raise CurrencyError(
            f"currencies {', '.join(codes)}",
            "a forecast is in one currency",
            "convert with rates first, or forecast each currency alone",
        )


def _names(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    lost = int(frame["series"].isna().sum())
    if lost:
        raise QueryError(
            f"rows without a series ({lost})",
            "each value belongs to a series with a name",
            "name the series, or drop the rows",
        )
    return np.asarray(frame["series"].astype(str).to_numpy(dtype=object))


def _numbers(frame: pd.DataFrame) -> FloatArray:
    """Read the values; refuse what is there and is no finite number."""
    given = frame["value"]
    found = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = np.flatnonzero(~np.isfinite(found) & given.notna().to_numpy(dtype=bool))
    if len(wrong):
        row = frame.iloc[wrong[0]]
        raise QueryError(
            f"value {_quoted(row['value'])} of series {str(row['series'])!r} at {row['time']}",
            "a value is a finite number, or None or NaN for a gap",
            "correct the value or make it None",
        )
    return np.asarray(found, dtype=float)


def _times(frame: pd.DataFrame) -> pd.Series:
    """Read the times as UTC without a zone; refuse what is no time of a panel."""
    given = frame["time"]
    if given.isna().any():
        raise QueryError("an empty time", "each row says when its step begins", "drop the row or date it")
    if not isinstance(given.dtype, pd.DatetimeTZDtype) and given.dtype.kind != "M":
        given = given.astype(str)
    times = pd.to_datetime(given, utc=True, errors="coerce", format="ISO8601").dt.tz_localize(None)
    wrong = np.flatnonzero(~times.dt.year.between(*_YEARS).to_numpy(dtype=bool))  # NaT is between nothing
    if len(wrong):
        raise QueryError(
            f"time {_quoted(given.iloc[wrong[0]])}",
            f"a time is ISO 8601 and of the years {_YEARS[0]} to {_YEARS[1]}",
            "write it like 2026-01-31 or 2026-01-31T13:00",
        )
    return times


def _quoted(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "...")


def _numbered(times: pd.Series, step: str) -> tuple[IntArray, int]:
    """Count each time in steps since 1970; refuse a time that is no start of a step."""
    shift = int((times.iloc[0].normalize() - _EPOCH).days % 7) if step == "week" and len(times) else 0
    if step == "month":
        numbers = (times.dt.year - 1970) * _MONTHS + times.dt.month - 1
        back = pd.to_datetime({"year": times.dt.year, "month": times.dt.month, "day": 1})
    else:
        moved = times - pd.Timedelta(days=shift)
        numbers = (moved - _EPOCH) // _LENGTHS[step]
        back = _EPOCH + numbers * pd.Timedelta(_LENGTHS[step]) + pd.Timedelta(days=shift)
    wrong = times[(times != back).to_numpy()]
    if len(wrong):
        raise QueryError(
            f"time {wrong.iloc[0]}",
            f"each row stands at the start of a {step}, and a panel has one step",
            "sum the values to that step first",
        )
    return numbers.to_numpy(dtype=np.int64), shift


def _refuse_twice(rows: pd.DataFrame, step: str) -> None:
    twice = rows[rows.duplicated(["series", "number"])]
    if len(twice):
        raise QueryError(
            f"series {twice['series'].iloc[0]!r} with {len(twice)} doubled {step}s in the frame",
            f"a series has one value a {step}",
            "sum or drop the doubled rows, whichever is right",
        )
