"""Which models are asked: each gives all series' forecasts from all past origins at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd

from finops_lib.forecast import simple, smoothing
from finops_lib.forecast.panel import FloatArray, Panel, step_starts
from finops_lib.forecast.ridge import Ridge
from finops_lib.forecast.trees import PHASES, Trees

LAGS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "hour": (48, 168, 192, 336),
        "day": (14, 28, 56, 112, 182),
        "week": (13, 26, 52, 105),
        "month": (6, 12, 24, 36),
    }
)
_DAYS_A_WEEK = 7
_LAGS_PER_FUTURE = 4  # a map from more lags than four a future that is no other's would only fit noise
_MEMORY = 600  # steps that smoothing looks back


class Model(Protocol):
    """From histories to forecasts from past origins, under one or several names."""

    def __call__(
        self, history: FloatArray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, FloatArray]:
        """Give one [origins, series, horizon] a name; NaN where the model has no answer."""
        ...


@dataclass(frozen=True)
class Plain:
    """How does a method that knows one history answer for every origin.

    Parameters
    ----------
    name : str
        The model's name.
    method : callable
        ``method(history, horizon=, season=)`` to [series, horizon].
    season : int, optional
        Steps in a season, if not the panel's.
    memory : int
        Steps it looks back.

    Examples
    --------
    >>> last = Plain("naive", simple.naive)
    >>> last(np.array([[1.0, 2.0, 3.0]]), horizon=1, season=1, cuts=[0, 1])["naive"].tolist()
    [[[3.0]], [[2.0]]]
    """

    name: str
    method: Callable[..., FloatArray]
    season: int | None = None
    memory: int = _MEMORY

    def __call__(
        self, history: FloatArray, *, horizon: int, season: int, cuts: Sequence[int]
    ) -> dict[str, FloatArray]:
        """Give the method the past of all origins as if each were a series of its own."""
        series, steps = history.shape
        season = self.season or season
        memory = min(max(self.memory, 10 * season), steps - min(cuts, default=0))
        stacked = np.full((len(cuts), series, memory), np.nan)
        for row, cut in zip(stacked, cuts, strict=True):
            known = history[:, max(steps - cut - memory, 0) : steps - cut]
            row[:, memory - known.shape[1] :] = known
        flat = stacked.reshape(len(cuts) * series, memory)
        found = self.method(flat, horizon=horizon, season=season)
        return {self.name: found.reshape(len(cuts), series, horizon)}


def standard_models(*, step: str, season: int, series: int, length: int, horizon: int) -> tuple[Model, ...]:
    """Which models suit series of this step and length.

    Parameters
    ----------
    step : str
        "hour", "day", "week" or "month".
    season : int
        Steps in the main season.
    series : int
        How many there are: from few of them no long map is learned.
    length : int
        Steps of the longest history before the oldest origin.
    horizon : int
        Steps ahead.

    Examples
    --------
    >>> models = standard_models(step="day", season=7, series=3, length=60, horizon=14)
    >>> [model.lags for model in models if isinstance(model, Ridge)]
    [14, 14]
    """
    plain: list[Model] = [
        Plain("naive", simple.naive),
        Plain("seasonal_naive", simple.seasonal_naive),
        Plain("drift", simple.drift),
        Plain("run_rate", simple.run_rate),
        Plain("profile", simple.profile),
        Plain("theta", smoothing.theta),
        Plain("damped_trend", smoothing.damped_trend),
        Plain("seasonal_smoothing", smoothing.seasonal_smoothing),
    ]
    if step == "hour" and length >= 3 * _DAYS_A_WEEK * season:
        week = _DAYS_A_WEEK * season
        plain += [
            Plain("weekly_naive", simple.seasonal_naive, season=week),
            Plain("weekly_profile", simple.profile, season=week),
            Plain("weekly_smoothing", smoothing.seasonal_smoothing, season=week),
        ]
    fitting = [
        lags
        for lags in LAGS[step]
        if length - lags > horizon and series * (length - lags) * _LAGS_PER_FUTURE >= horizon * lags
    ]
    pooled: list[Model] = [Ridge(lags, log) for lags in fitting for log in (False, True)]
    return (*plain, *pooled, Trees(PHASES[step]), Trees(PHASES[step], log=True))


def forecast_frame(panel: Panel, model: Model, *, horizon: int) -> pd.DataFrame:
    """What does one model say, as a long frame.

    Parameters
    ----------
    panel : Panel
        Series to forecast.
    model : Model
        One of this module or of `statistical`.
    horizon : int
        Steps ahead.

    Returns
    -------
    DataFrame
        ``series``, ``model``, ``step`` (from 1), ``time`` (start of the step, UTC; NaT without a calendar)
        and ``value``.

    Examples
    --------
    >>> panel = Panel(("a",), (np.array([1.0, 2.0]),), "day", 1)
    >>> forecast_frame(panel, Plain("naive", simple.naive), horizon=1).to_dict("list")
    {'series': ['a'], 'model': ['naive'], 'step': [1], 'time': [NaT], 'value': [2.0]}
    """
    found = model(panel.aligned(), horizon=horizon, season=panel.season, cuts=[0])
    ends = panel.ends or (None,) * len(panel.names)
    parts = [
        pd.DataFrame(
            {
                "series": name,
                "model": label,
                "step": np.arange(1, horizon + 1),
                "time": pd.NaT if end is None else step_starts(end, step=panel.step, first=0, count=horizon),
                "value": table[0, row],
            }
        )
        for label, table in found.items()
        for row, (name, end) in enumerate(zip(panel.names, ends, strict=True))
    ]
    return pd.concat(parts, ignore_index=True)
