"""What drives a forecast: parts that add up to it, from the run rate to what each model sees beyond it.

The parts of one step are

    forecast = (mixture * calendar + added) * factor, kept at 0 or more, perhaps made to add up with others
    mixture  = run rate + level now + season + sum over models of weight * (model - these three)

so that each part is a difference of two amounts that follow each other, and nothing is counted twice. The
order is a convention: a change that multiplies is measured on top of the calendar. What the end of the first
line does (floor, adding up, rounding) is the part "adjusted", the forecast less all others: the sum is exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known
from finops_lib.forecast.gates import filled
from finops_lib.forecast.panel import FloatArray, IntArray, Outlook
from finops_lib.forecast.parts import Parts
from finops_lib.forecast.simple import run_rate

RUN_RATE, LEVEL, SEASON = "run rate", "level now", "season"
CALENDAR, CHANGES, ADJUSTED = "calendar", "known changes", "adjusted"
_SEASONS = 4  # as many as the run rate looks at


@dataclass(frozen=True)
class Recent:
    """What did the last seasons say.

    Parameters
    ----------
    rate : ndarray
        [series]: mean of the last four seasons.
    level : ndarray
        [series]: mean of the last season.
    shape : ndarray
        [series, season]: by how much each step lies above its season's mean, in the mean of four; the first
        belongs to the first step ahead.
    last : ndarray
        [series, season]: the last season; NaN where there is none.
    """

    rate: FloatArray
    level: FloatArray
    shape: FloatArray
    last: FloatArray

    @classmethod
    def of(cls, outlook: Outlook, names: Sequence[str]) -> Recent:
        """What did the last seasons of these series say.

        Parameters
        ----------
        outlook : Outlook
            With their history; gaps are filled from the past.
        names : sequence of str
            Of its series. One that is shorter than a season has no season, and its run rate is its level.
        """
        season = outlook.panel.season
        history = filled(outlook.panel.only(list(names)).aligned(), season=season)
        rate = run_rate(history, horizon=1, season=season)[:, 0]
        wide = np.full((len(names), _SEASONS * season), np.nan)
        steps = min(wide.shape[1], history.shape[1])
        wide[:, wide.shape[1] - steps :] = history[:, history.shape[1] - steps :]
        recent = wide.reshape(len(names), _SEASONS, season)
        level = recent[:, -1].mean(axis=1)
        shape = mean_known(recent - recent.mean(axis=2, keepdims=True), axis=1)
        return cls(rate, np.where(np.isfinite(level), level, rate), np.nan_to_num(shape), recent[:, -1])


def contributions(
    outlook: Outlook, parts: Parts, *, series: Sequence[str] | None = None, steps: Sequence[int] | None = None
) -> pd.DataFrame:
    """What drives the forecast of this sum over series and steps.

    Parameters
    ----------
    outlook : Outlook
        A forecast, perhaps made coherent.
    parts : Parts
        What it was made of, with at least its series.
    series : sequence of str, optional
        Names in the outlook; None is all.
    steps : sequence of int, optional
        Steps ahead from 0; None is all.

    Returns
    -------
    DataFrame
        ``part``, ``kind`` ("base", "model", "known" or "adjusted"), ``amount`` in the series' unit and
        ``share`` of the forecast (NaN where that is 0). Amounts sum to the forecast. "run rate" is the mean
        of the last four seasons in each step, "level now" what the last season's mean adds, "season" what
        the usual shape of a season adds in just these steps; then the models that count, the largest amount
        first, each with its weight times what it sees beyond these three; then "calendar" (holidays, month
        lengths), "known changes", and "adjusted" (kept at 0, made to add up, rounding).

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> panel = Panel(("a",), (np.array([8.0, 8.0, 8.0, 12.0]),), "day", 1)
    >>> outlook = Outlook(panel, np.array([[13.0]]), np.zeros((0, 1, 1)), np.ones(1), pd.DataFrame(), {})
    >>> one, plain = np.ones((1, 1)), np.zeros((1, 1))
    >>> parts = Parts(("a",), ("theta",), np.array([[[13.0]]]), one, one, plain, one)
    >>> contributions(outlook, parts)[["part", "amount"]].values.tolist()[:4]  # mean 9, last 12, theta 13
    [['run rate', 9.0], ['level now', 3.0], ['season', 0.0], ['theta', 1.0]]
    """
    names, chosen = asked(outlook, series, steps)
    mine, recent = parts.only(names), Recent.of(outlook, names)
    season = recent.shape[:, chosen % outlook.panel.season]
    base = recent.level[:, None] + season
    beyond = _beyond(mine, base, chosen)
    mixture = np.zeros_like(mine.calendar)
    mixture[:, chosen] = base + beyond.sum(axis=0)
    on_days = mixture * mine.calendar
    rows = [
        (RUN_RATE, "base", float(recent.rate.sum() * len(chosen))),
        (LEVEL, "base", float((recent.level - recent.rate).sum() * len(chosen))),
        (SEASON, "base", float(season.sum())),
        *_models(mine, beyond),
        (CALENDAR, "known", float((on_days - mixture)[:, chosen].sum())),
        (CHANGES, "known", float((mine.carried(mixture) - on_days)[:, chosen].sum())),
    ]
    total = forecast_sum(outlook, names, chosen)
    rows.append((ADJUSTED, "adjusted", total - math.fsum(row[2] for row in rows)))
    frame = pd.DataFrame(rows, columns=["part", "kind", "amount"])
    return frame.assign(share=frame["amount"] / total if total else np.nan)


def _beyond(parts: Parts, base: FloatArray, chosen: IntArray) -> FloatArray:
    """Weigh what each model sees beyond the base, [models, series, steps]."""
    said = np.where(np.isfinite(parts.said[:, :, chosen]), parts.said[:, :, chosen], base)
    return np.asarray(parts.shares()[:, :, None] * (said - base))


def _models(parts: Parts, beyond: FloatArray) -> list[tuple[str, str, float]]:
    counts = np.asarray((parts.shares() > 0).any(axis=1))
    rows = [
        (name, "model", float(table.sum()))
        for name, table, there in zip(parts.models, beyond, counts, strict=True)
        if there
    ]
    return sorted(rows, key=lambda row: -abs(row[2]))


def asked(
    outlook: Outlook, series: Sequence[str] | None, steps: Sequence[int] | None
) -> tuple[tuple[str, ...], IntArray]:
    """Which series and steps are meant; None is all.

    Parameters
    ----------
    outlook : Outlook
        A forecast.
    series : sequence of str, optional
        Names in it.
    steps : sequence of int, optional
        Steps ahead from 0.

    Raises
    ------
    ValueError
        A series or step is not in the outlook, or none is left.
    """
    names = outlook.panel.names if series is None else tuple(series)
    chosen = np.arange(outlook.mid.shape[1]) if steps is None else np.asarray(steps, dtype=np.int64)
    lost = [name for name in names if name not in outlook.panel.names]
    if lost:
        raise ValueError(f"series {lost[0]!r}: it is not in the outlook")
    if not len(names) or not len(chosen) or chosen.min() < 0 or chosen.max() >= outlook.mid.shape[1]:
        raise ValueError(
            f"{len(names)} series, steps {chosen.tolist()}: at least one of each, in the horizon"
        )
    return names, chosen


def forecast_sum(outlook: Outlook, names: Sequence[str], chosen: IntArray) -> float:
    """What is forecast for this sum, in the series' unit.

    Parameters
    ----------
    outlook : Outlook
        A forecast.
    names : sequence of str
        Its series.
    chosen : ndarray
        Steps ahead from 0.
    """
    place = [outlook.panel.names.index(name) for name in names]
    return math.fsum(outlook.mid[place][:, chosen].ravel())
