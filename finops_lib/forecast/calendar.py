"""What does the calendar do to the values: month lengths, first and last days of months, public holidays.

Weekdays and months of the year are seasons, which the models know. Each effect is a factor, used for a series
only where its own history shows it beyond chance: by Student's t, as far out as three standard errors of a
known spread, and compared in logarithms, where noise has no side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit

from finops_lib.backtest import mean_known
from finops_lib.cost.public_holidays import public_holidays
from finops_lib.forecast.panel import FloatArray, Panel, step_starts

_WEEK = 7
_HOURS = 24
_WEEKS_EITHER_SIDE = 4
_LEAST_DAYS = 6  # special days that must be there
_LEAST_MONTHS = 25
_CHANCE = 0.99865  # that noise stays below: three standard errors of the normal distribution
_SMALLEST = 0.03  # effect, as a share, that is worth a factor
_CAUTION = 3.0  # days without effect that are added to the mean
_LARGEST_POWER = 1.5

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Calendar:
    """By what does the calendar multiply each step.

    Parameters
    ----------
    past : ndarray
        [series, steps].
    future : ndarray
        [series, horizon].
    """

    past: FloatArray
    future: FloatArray

    @classmethod
    def of(cls, panel: Panel, history: FloatArray, *, country: str | None, horizon: int) -> Calendar:
        """Which calendar effects does this history show.

        Parameters
        ----------
        panel : Panel
            The series; without ``ends`` there is no calendar and each factor is 1.
        history : ndarray
            [series, steps], ending in each series' last step.
        country : str, optional
            ISO 3166 code whose public holidays count for daily and hourly series (by UTC days).
        horizon : int
            Steps ahead.

        Raises
        ------
        QueryError
            The country is not known.
        """
        steps = history.shape[1]
        if country is not None:
            public_holidays(country, years=[])  # refused at once, also where no series has a calendar
        factors = np.ones((len(history), steps + horizon))
        finders: dict[datetime, Callable[[FloatArray], FloatArray]] = {}
        for row, end in enumerate(panel.ends or ()):
            if end not in finders:
                starts = step_starts(end, step=panel.step, first=-steps, count=steps + horizon)
                finders[end] = _finder(starts, panel.step, country)
            factors[row] = finders[end](history[row])
        return cls(factors[:, :steps], factors[:, steps:])

    def without(self, history: FloatArray) -> FloatArray:
        """What would the past be on plain days.

        Parameters
        ----------
        history : ndarray
            [series, steps].
        """
        return history / self.past


def holiday_flags(starts: pd.DatetimeIndex, *, country: str) -> BoolArray:
    """Which of these days are public holidays there.

    Parameters
    ----------
    starts : DatetimeIndex
        Days.
    country : str
        ISO 3166 code.

    Raises
    ------
    QueryError
        The country is not known.

    Examples
    --------
    >>> holiday_flags(pd.date_range("2026-12-24", periods=3), country="DE").tolist()
    [False, True, True]
    """
    known = public_holidays(country, years=starts.year.tolist())
    return np.array([day.date() in known for day in starts], dtype=bool)


def _finder(starts: pd.DatetimeIndex, step: str, country: str | None) -> Callable[[FloatArray], FloatArray]:
    """Prepare what all series that end together share: from a history to the factor of each step."""
    if step == "month":
        return partial(_month_lengths, starts=starts)
    if step == "day":
        edges = np.stack([starts.is_month_start, starts.is_month_end])
        holiday = holiday_flags(starts, country=country) if country else np.zeros(len(starts), dtype=bool)
        return partial(_of_special_days, edges=edges, holiday=holiday)
    if step == "hour" and country:
        every = pd.date_range(starts[0].normalize(), starts[-1].normalize())
        return partial(_of_hours, starts=starts, special=holiday_flags(every, country=country))
    return lambda _: np.ones(len(starts))


def _of_special_days(history: FloatArray, *, edges: BoolArray, holiday: BoolArray) -> FloatArray:
    """Multiply the effects; a day that is an edge of a month and a holiday must not show one as the other."""
    steps = len(history)
    working = np.where(holiday[:steps], np.nan, history)
    edge = np.prod([_effect(working, flags) for flags in edges], axis=0)
    return np.asarray(edge * _effect(history / edge[:steps], holiday))


def _effect(history: FloatArray, special: BoolArray) -> FloatArray:
    """One factor for all special days, where they differ from the same weekday around them beyond chance."""
    steps = len(history)
    logs = _logs(history)
    plain = np.where(special[:steps], np.nan, logs)
    shifts = [k * _WEEK for k in range(-_WEEKS_EITHER_SIDE, _WEEKS_EITHER_SIDE + 1) if k]
    around = mean_known(np.stack([_moved(plain, by) for by in shifts], axis=1))
    away = (logs - around)[special[:steps]]
    away = away[np.isfinite(away)]
    if len(away) < _LEAST_DAYS:
        return np.ones(len(special))
    mean, error = float(away.mean()), float(away.std(ddof=1)) / np.sqrt(len(away))
    if abs(mean) < max(_limit(len(away) - 1) * error, _SMALLEST):
        return np.ones(len(special))
    return np.asarray(np.where(special, np.exp(mean * len(away) / (len(away) + _CAUTION)), 1.0))


def _logs(history: FloatArray) -> FloatArray:
    known = np.isfinite(history) & (history > 0)
    return np.asarray(np.log(np.where(known, history, np.nan)))


def _limit(freedom: int) -> float:
    """How many standard errors is an effect away from nothing, beyond chance."""
    return float(stdtrit(freedom, _CHANCE))


def _moved(values: FloatArray, by: int) -> FloatArray:
    moved = np.full(len(values), np.nan)
    if abs(by) >= len(values):
        return moved
    if by > 0:
        moved[by:] = values[:-by]
    else:
        moved[:by] = values[-by:]
    return moved


def _of_hours(history: FloatArray, *, starts: pd.DatetimeIndex, special: BoolArray) -> FloatArray:
    """Give each hour the factor of its day; days that are not known in full tell nothing."""
    number = np.asarray((starts.normalize() - starts[0].normalize()).days)
    seen = number[: len(history)]
    known = np.isfinite(history)
    hours = np.bincount(seen[known], minlength=seen.max(initial=-1) + 1)
    total = np.bincount(seen, weights=np.where(known, history, 0.0))
    return np.asarray(_effect(np.where(hours == _HOURS, total, np.nan), special)[number])


def _month_lengths(history: FloatArray, *, starts: pd.DatetimeIndex) -> FloatArray:
    """The days of each month against their mean, to the power that the history's steps show."""
    days = np.asarray(starts.days_in_month, dtype=float)
    longer = np.log(days / days.mean())
    moves = np.diff(_logs(history))
    by = np.diff(longer[: len(history)])
    use = np.isfinite(moves)
    if use.sum() < _LEAST_MONTHS - 1:
        return np.ones(len(starts))
    x, y = by[use], moves[use] - moves[use].mean()
    square = float((x * x).sum())
    power = float((x * y).sum()) / square
    score = x * (y - power * x)
    alone, beside = float((score * score).sum()), 2.0 * float((score[1:] * score[:-1]).sum())
    error = np.sqrt(alone + max(beside, 0.0)) / square  # one month's noise is in two steps
    if power < _limit(len(x) - 2) * error:
        return np.ones(len(starts))
    return np.asarray(np.exp(min(power, _LARGEST_POWER) * longer))
