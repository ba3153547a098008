"""How good were forecasts of a sum of series before: its own coverage and error, against seasonal naive."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from finops_lib.backtest import seasonal_step
from finops_lib.forecast import intervals
from finops_lib.forecast.panel import FloatArray, Outlook
from finops_lib.forecast.tree import added

BoolArray = npt.NDArray[np.bool_]
_FEWEST = 2  # other origins, from which on an interval can be made


def scores(
    outlook: Outlook,
    names: Sequence[str],
    *,
    level: float,
    steps: range | None = None,
    cuts: Sequence[int] | None = None,
) -> dict[str, float | None]:
    """How often did the interval of this sum hold, and how large was its error.

    Parameters
    ----------
    outlook : Outlook
        With past errors.
    names : sequence of str
        Series that are summed.
    level : float
        Chance of the interval, between 0 and 1.
    steps : range, optional
        Steps that are summed for the interval; None is all of them.
    cuts : sequence of int, optional
        How many of the last steps each origin of the errors does not know; None leaves seasonal naive out.

    Returns
    -------
    dict
        ``coverage_backtest`` (0 to 1): the share of past sums within the interval that the other origins
        make; ``mase``: mean absolute error a step over the mean absolute seasonal step of the history;
        ``vs_seasonal_naive``: that error over that of repeating the last season (below 1 is better). None
        is unknown.
    """
    place = [outlook.panel.names.index(name) for name in names]
    errors = outlook.errors[:, place].sum(axis=1)
    history = added([outlook.panel.values[number] for number in place])
    known = np.isfinite(errors)
    size = float(np.abs(errors[known]).mean()) if known.any() else None
    step = float(seasonal_step(history, season=outlook.panel.season))
    naive = None if cuts is None else _naive(history, cuts, season=outlook.panel.season, known=known)
    return {
        "coverage_backtest": _coverage(outlook, names, level=level, steps=steps),
        "mase": _over(size, step),
        "vs_seasonal_naive": _over(size, naive),
    }


def _over(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole is not None and whole > 0 else None


def _naive(history: FloatArray, cuts: Sequence[int], *, season: int, known: BoolArray) -> float | None:
    """Return the mean absolute error of seasonal naive, in the steps whose error is known."""
    misses = []
    for cut, there in zip(cuts, known, strict=True):
        before = history[: len(history) - cut]
        if len(before) < season:
            return None
        again = np.resize(before[-season:], len(there))
        actual = np.full(len(there), np.nan)
        came = history[len(history) - cut :][: len(there)]
        actual[: len(came)] = came
        misses.append(np.abs(actual - again)[there])
    missed = np.concatenate(misses) if misses else np.array([])
    missed = missed[np.isfinite(missed)]
    return float(missed.mean()) if len(missed) else None


def _coverage(outlook: Outlook, names: Sequence[str], *, level: float, steps: range | None) -> float | None:
    wanted = range(outlook.mid.shape[1]) if steps is None else steps
    place = [outlook.panel.names.index(name) for name in names]
    sums = outlook.errors[:, place][:, :, wanted].sum(axis=(1, 2))
    origins = np.flatnonzero(np.isfinite(sums))
    if len(origins) <= _FEWEST:
        return None
    held = []
    for origin in origins:
        blind = outlook.without(int(origin))
        low, mid, high = intervals.interval(blind, series=tuple(names), steps=wanted, level=level)
        held.append(low <= mid + sums[origin] <= high)
    return float(np.mean(held))
