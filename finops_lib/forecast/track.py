"""How good were past forecasts of a sum, step by step: error, bias, and what the intervals were worth."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from finops_lib.backtest import (
    actuals,
    bias,
    coverage,
    crps,
    mase,
    mean_known,
    msis,
    seasonal_step,
    smape,
)
from finops_lib.forecast import intervals
from finops_lib.forecast.panel import FloatArray, Outlook
from finops_lib.forecast.tree import added

_FEWEST = 2  # other origins, from which on an interval can be made
_STEPS = 13  # of the horizon that intervals are judged at


def track(
    outlook: Outlook, names: Sequence[str], *, cuts: Sequence[int], levels: Sequence[float] = (0.8, 0.95)
) -> dict[str, float | None]:
    """What were past forecasts of this sum worth, points and intervals.

    Parameters
    ----------
    outlook : Outlook
        With past errors.
    names : sequence of str
        Series that are summed.
    cuts : sequence of int
        How many of the last steps each origin of the errors does not know.
    levels : sequence of float
        Chances of the intervals, between 0 and 1.

    Returns
    -------
    dict
        ``origins`` (past forecasts that count), ``mase``, ``smape`` (per cent), ``bias`` (in seasonal
        steps), each over all known steps alike; for each level in per cent ``coverage_80`` (0 to 1) and
        ``msis_80``, and ``crps`` in the series' unit a step. Intervals at an origin are made of the other
        origins' errors, and judged at 13 steps spread over the horizon. None is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from finops_lib.forecast.panel import Panel
    >>> panel = Panel(("a",), (np.array([1.0, 2.0, 4.0, 8.0]),), "day", 1)
    >>> errors = np.array([[[1.0]], [[-1.0]]])  # actual less forecast: 7 for 8, then 5 for 4
    >>> outlook = Outlook(panel, np.array([[9.0]]), errors, np.ones(1), pd.DataFrame(), {})
    >>> found = track(outlook, ["a"], cuts=[1, 2])
    >>> round(found["mase"], 4), found["bias"], found["crps"]  # the usual step is (1 + 2 + 4) / 3
    (0.4286, 0.0, None)
    """
    place = [outlook.panel.names.index(name) for name in names]
    errors = outlook.errors[:, place].sum(axis=1)
    history = added([outlook.panel.values[number] for number in place])
    came = actuals(history[None], cuts=list(cuts), horizon=errors.shape[1])[:, 0]
    came = np.where(np.isfinite(errors), came, np.nan)
    said, scale = came - errors, float(seasonal_step(history, season=outlook.panel.season))
    scale = scale if scale > 0 else np.nan
    found: dict[str, FloatArray] = {
        "origins": np.isfinite(came).any(axis=1).sum(),
        "mase": mase(came.ravel(), said.ravel(), scale=scale),
        "smape": smape(came.ravel(), said.ravel()),
        "bias": bias(came.ravel(), said.ravel(), scale=scale),
        **_intervals(outlook, names, came, said, levels=levels, scale=scale),
    }
    return {name: float(value) if np.isfinite(value) else None for name, value in found.items()}


def _intervals(
    outlook: Outlook,
    names: Sequence[str],
    came: FloatArray,
    said: FloatArray,
    *,
    levels: Sequence[float],
    scale: float,
) -> dict[str, FloatArray]:
    """Judge intervals and samples of each origin, made without it, at some of its steps."""
    steps = np.unique(np.linspace(0, came.shape[1] - 1, _STEPS).astype(int))
    known = np.isfinite(came)
    ends = np.full((len(levels), 2, *came.shape), np.nan)
    sharp = np.full(came.shape, np.nan)
    for origin in np.flatnonzero(known.any(axis=1)):
        blind = _without(outlook, names, int(origin), said[origin])
        for step in steps[known[origin, steps]]:
            if np.isfinite(blind.errors[:, :, step]).all(axis=1).sum() < _FEWEST:
                continue
            atoms = intervals.distribution(blind, series=tuple(names), steps=np.array([step]))
            for row, level in enumerate(levels):
                ends[row, :, origin, step] = np.quantile(atoms, [(1 - level) / 2, (1 + level) / 2])
            sharp[origin, step] = float(crps(came[origin, step], np.asarray(atoms, dtype=float)))
    found = {"crps": mean_known(sharp.ravel())}
    for (low, high), level in zip(ends, levels, strict=True):
        judged = np.where(np.isfinite(low), came, np.nan)
        found[f"coverage_{level * 100:g}"] = coverage(judged.ravel(), low.ravel(), high.ravel())
        score = msis(judged.ravel(), low.ravel(), high.ravel(), level=level, scale=scale)
        found[f"msis_{level * 100:g}"] = score
    return found


def _without(outlook: Outlook, names: Sequence[str], origin: int, said: FloatArray) -> Outlook:
    """Stand at a past origin: its forecast of the sum instead of the present one, its errors not known."""
    place = [outlook.panel.names.index(name) for name in names]
    mid = outlook.mid.copy()
    mid[place[0]] += np.where(np.isfinite(said), said - mid[place].sum(axis=0), 0.0)
    return dataclasses.replace(outlook.without(origin), mid=mid)
