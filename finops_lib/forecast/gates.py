"""Which values may go in and come out: gaps filled from the past, forecasts kept in reach."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finops_lib.forecast.panel import FloatArray

_REACH = 3.0  # ranges of the recent past that a forecast may lie outside of it


def filled(history: FloatArray, *, season: int) -> FloatArray:
    """What stands in a gap: the value a season before, else the last one.

    Parameters
    ----------
    history : ndarray
        [series, steps]; NaN before the first value stays.
    season : int
        Steps in a season.

    Notes
    -----
    Looks at the past alone, so that no origin learns from what came after it.

    Examples
    --------
    >>> filled(np.array([[np.nan, 1.0, 5.0, np.nan, np.nan]]), season=2).tolist()
    [[nan, 1.0, 5.0, 1.0, 5.0]]
    """
    full = np.where(np.isfinite(history), history, np.nan)
    for step in range(1, full.shape[1]):
        gap = ~np.isfinite(full[:, step])
        if gap.any():
            before = full[:, step - season] if step >= season else np.full(len(full), np.nan)
            full[:, step] = np.where(
                gap, np.where(np.isfinite(before), before, full[:, step - 1]), full[:, step]
            )
    return full


def in_reach(forecast: FloatArray, history: FloatArray, *, cuts: Sequence[int], recent: int) -> FloatArray:
    """Which forecast is left when none may run away from the recent past.

    Parameters
    ----------
    forecast : ndarray
        [origins, series, horizon].
    history : ndarray
        [series, steps].
    cuts : sequence of int
        How many of the last steps each origin does not know.
    recent : int
        Steps that count as the recent past.

    Returns
    -------
    ndarray
        Held within three ranges of the recent past around it, and at 0 or more where the series never was
        below. An infinite forecast that nothing known can hold is NaN.

    Examples
    --------
    >>> days = np.array([[4.0, 5.0]])
    >>> in_reach(np.array([[[99.0, -99.0]]]), days, cuts=[0], recent=7).tolist()
    [[[8.0, 1.0]]]
    """
    kept = np.empty_like(forecast)
    for row, values, cut in zip(kept, forecast, cuts, strict=True):
        known = history[:, : max(history.shape[1] - cut, 0)]
        last = known[:, -recent:]
        there = np.isfinite(last)
        low = np.where(there, last, np.inf).min(axis=1, initial=np.inf)
        high = np.where(there, last, -np.inf).max(axis=1, initial=-np.inf)
        some = there.any(axis=1)
        reach = _REACH * (np.where(some, high, 0.0) - np.where(some, low, 0.0))
        floor = np.where((np.isfinite(known) & (known < 0)).any(axis=1), -np.inf, 0.0)
        bottom = np.maximum(np.where(some, low, -np.inf) - reach, floor)
        top = np.where(some, high, np.inf) + reach
        held = np.clip(values, bottom[:, None], top[:, None])
        row[:] = np.where(np.isfinite(held), held, np.nan)
    return kept
