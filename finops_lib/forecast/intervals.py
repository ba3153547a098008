"""How sure is it: conformal intervals for a step, a month's total or a team's total.

The error of any sum is taken from past origins that did not choose the weights: the errors of that very sum,
divided by how large they usually are, are pooled with those of the panel's other series for the same steps.
"How large" leaves the judged origin out, so that a past error stands to its yardstick as the coming one does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finops_lib.forecast.panel import FloatArray, IntArray, Outlook
from finops_lib.forecast.yardstick import NEIGHBOUR_ORIGINS, alike, yardstick

_LEAST_PART = 0.25  # of a sum that must be known at an origin


def interval(
    outlook: Outlook,
    *,
    series: Sequence[str] | None = None,
    steps: Sequence[int] | FloatArray | None = None,
    weights: Sequence[float] | None = None,
    level: float,
) -> tuple[float, float, float]:
    """Between which values does this sum over series and steps lie, with this chance.

    Parameters
    ----------
    outlook : Outlook
        A forecast with its past errors.
    series : sequence of str, optional
        Names in the outlook; None is all.
    steps : sequence of int, optional
        Steps ahead from 0; None is all.
    weights : sequence of float, optional
        One a series; None is 1 each.
    level : float
        The chance, between 0 and 1.

    Returns
    -------
    tuple of float
        Low, mid and high in the series' unit. Low is not below 0 where no series ever was.

    Notes
    -----
    Split conformal prediction: Vovk et al. (2005), Algorithmic Learning in a Random World, with errors
    scaled as by Lei et al. (2018), Journal of the American Statistical Association 113(523).

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> import pandas as pd
    >>> panel = Panel(("a",), (np.array([9.0, 11.0]),), "day", 7)
    >>> errors = np.tile([[[-1.0]], [[1.0]]], (500, 1, 1))
    >>> outlook = Outlook(panel, np.array([[10.0]]), errors, np.array([1.0]), pd.DataFrame(), {})
    >>> [round(end, 1) for end in interval(outlook, level=0.8)]  # every error was 1 either way
    [9.0, 10.0, 11.0]
    """
    _checked(level)
    sample = distribution(outlook, series=series, steps=steps, weights=weights)
    place, chosen, weight = _asked(outlook, series, steps, weights)
    mid = float(weight @ outlook.mid[np.ix_(place, chosen)].sum(axis=1))
    low, high = np.quantile(sample, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return min(float(low), mid), mid, max(float(high), mid)


def distribution(
    outlook: Outlook,
    *,
    series: Sequence[str] | None = None,
    steps: Sequence[int] | FloatArray | None = None,
    weights: Sequence[float] | None = None,
) -> FloatArray:
    """Which values may this sum over series and steps take, each as likely as the next.

    Parameters
    ----------
    outlook : Outlook
        A forecast with its past errors.
    series, steps, weights
        As in `interval`.

    Returns
    -------
    ndarray
        Sorted atoms in the series' unit.

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> import pandas as pd
    >>> panel = Panel(("a",), (np.array([9.0, 11.0]),), "day", 7)
    >>> outlook = Outlook(panel, np.full((1, 2), 10.0), np.zeros((4, 1, 2)), np.ones(1), pd.DataFrame(), {})
    >>> set(distribution(outlook).round(3).tolist())  # two steps of 10 that were never missed
    {20.0}
    """
    place, chosen, weight = _asked(outlook, series, steps, weights)
    mid = float(weight @ outlook.mid[np.ix_(place, chosen)].sum(axis=1))
    asked = _sums(outlook.coming()[:, :, chosen], chosen)
    growth, horizon = np.array([_growth(chosen)]), outlook.mid.shape[1]
    usual = yardstick(asked[:, :, None], outlook.scale, growth=growth, cuts=outlook.cuts, horizon=horizon)
    parts = np.abs(weight) * usual.size[place, 0]
    shared = usual.together()
    size = float(parts[0]) if len(place) == 1 else _sum_size(asked[:, place] * weight, parts, shared)
    together = alike(usual.ratios, outlook.groups)
    rows = next((rows for rows in together if np.isin(place, rows).all()), None)
    atoms = mid + size * usual.atoms(rows)
    return np.maximum(atoms, 0.0) if _never_negative(outlook, place, weight) and mid >= 0 else atoms


def each_step(outlook: Outlook, *, level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Between which values does each step of each series lie, with this chance.

    Parameters
    ----------
    outlook : Outlook
        A forecast with its past errors.
    level : float
        The chance, between 0 and 1.

    Returns
    -------
    tuple of ndarray
        Low, mid and high, [series, horizon].

    Examples
    --------
    >>> from finops_lib.forecast.panel import Panel
    >>> import pandas as pd
    >>> panel = Panel(("a",), (np.array([9.0, 11.0]),), "day", 7)
    >>> outlook = Outlook(panel, np.full((1, 2), 10.0), np.zeros((4, 1, 2)), np.ones(1), pd.DataFrame(), {})
    >>> [part.round(3).tolist() for part in each_step(outlook, level=0.8)]
    [[[10.0, 10.0]], [[10.0, 10.0]], [[10.0, 10.0]]]
    """
    _checked(level)
    growth = np.sqrt(np.arange(1.0, outlook.mid.shape[1] + 1.0))
    horizon = outlook.mid.shape[1]
    usual = yardstick(
        outlook.coming(), outlook.scale, growth=growth, cuts=outlook.cuts, horizon=horizon, successive=True
    )
    ends = np.zeros((2, len(outlook.mid), 1))
    for rows in alike(usual.ratios, outlook.groups):
        quantiles = np.quantile(usual.atoms(rows), [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        ends[:, rows, 0] = quantiles[:, None]
    lows = outlook.mid + np.minimum(ends[0], 0.0) * usual.size
    highs = outlook.mid + np.maximum(ends[1], 0.0) * usual.size
    kept = np.array([_never_negative(outlook, np.array([row]), np.ones(1)) for row in range(len(lows))])
    return np.where(kept[:, None], np.maximum(lows, np.minimum(outlook.mid, 0.0)), lows), outlook.mid, highs


def _sums(errors: FloatArray, steps: IntArray) -> FloatArray:
    """Add up errors [origins, series, steps]; an origin that knows a good part of them tells of the whole."""
    known = np.isfinite(errors)
    root = np.sqrt(steps + 1.0)
    part = (known * root).sum(axis=2) / root.sum()
    total = np.where(known, errors, 0.0).sum(axis=2)
    return np.where(part >= _LEAST_PART, total / np.where(part > 0, part, 1.0), np.nan)


def _sum_size(errors: FloatArray, parts: FloatArray, shared: float) -> float:
    """How large is the error of a sum of series: its own past ones, [origins, series], beside its parts."""
    there = np.isfinite(errors)
    part = np.sqrt((there * parts**2).sum(axis=1) / max(float((parts**2).sum()), np.finfo(float).tiny))
    usable = part**2 >= _LEAST_PART
    known = np.abs(np.where(there, errors, 0.0).sum(axis=1)[usable] / part[usable])
    prior = float(np.sqrt((1.0 - shared) * (parts**2).sum() + shared * parts.sum() ** 2))
    return (float(known.sum()) + NEIGHBOUR_ORIGINS * prior) / (len(known) + NEIGHBOUR_ORIGINS)


def _growth(steps: IntArray) -> float:
    """What a sum of steps errs by, in scales, if each step adds its own shock that stays."""
    return float(np.sqrt(steps + 1.0).sum())


def _asked(
    outlook: Outlook,
    series: Sequence[str] | None,
    steps: Sequence[int] | FloatArray | None,
    weights: Sequence[float] | None,
) -> tuple[IntArray, IntArray, FloatArray]:
    names = outlook.panel.names
    lost = [name for name in series or () if name not in names]
    if lost:
        raise ValueError(f"series {lost[0]!r}: it is not in the outlook")
    place = np.arange(len(names)) if series is None else np.array([names.index(name) for name in series], int)
    chosen = np.arange(outlook.mid.shape[1]) if steps is None else np.asarray(steps, dtype=int)
    weight = np.ones(len(place)) if weights is None else np.asarray(weights, dtype=float)
    if len(place) == 0 or len(chosen) == 0 or len(weight) != len(place):
        raise ValueError(f"{len(place)} series, {len(chosen)} steps: at least one each, one weight a series")
    return place, chosen, weight


def _never_negative(outlook: Outlook, place: IntArray, weight: FloatArray) -> bool:
    if (weight < 0).any():
        return False
    return all(not (outlook.panel.values[number] < 0).any() for number in place)


def _checked(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level {level}: a chance lies between 0 and 1")
