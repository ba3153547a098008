"""Did what was said to have a chance of 70 per cent happen in 70 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd

from finops_lib.forecast import intervals
from finops_lib.forecast.panel import FloatArray, Outlook
from finops_lib.forecast.paths import chance
from finops_lib.records import Record

_ENOUGH = 100  # cases, below which a calibration error is mostly chance
_Z = 1.959964  # standard normal, 95 % two-sided
_TWO = 2


@dataclass(frozen=True)
class Band(Record):
    """Cases with a stated chance in one range: ``stated`` and ``observed`` are means, from 0 to 1.

    ``low`` to ``high`` is where the observed share may truly lie, with 95 % (Wilson interval).
    """

    cases: int
    stated: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability(Record):
    """How good were stated chances: 0 is best for each measure.

    ``brier`` is the mean squared difference of chance and outcome, ``brier_base`` that of always stating the
    share that came true. ``calibration_error`` is the mean absolute difference of stated and observed over
    the bands, by cases; ``calibration_noise`` what chance alone would make of it if every stated chance were
    right. ``verdict`` says in words what can be concluded, also that it is too little.
    """

    cases: int
    bands: tuple[Band, ...]
    brier: float | None
    brier_base: float | None
    calibration_error: float | None
    calibration_noise: float | None
    verdict: str


def reliability(stated: Sequence[float] | FloatArray, outcomes: Sequence[bool] | npt.NDArray[np.bool_], *,
                bands: int = 10) -> Reliability:  # fmt: skip
    """How well did stated chances agree with what happened.

    Parameters
    ----------
    stated : sequence of float
        Chances from 0 to 1, one a case.
    outcomes : sequence of bool
        Whether it happened.
    bands : int
        Ranges of equal width.

    Returns
    -------
    Reliability
        Only bands with cases, from low chances to high.

    Notes
    -----
    Brier (1950), Monthly Weather Review 78(1); Wilson (1927), Journal of the American Statistical Association
    22(158). The noise of a band of n cases with mean chance p is that of a normal error,
    sqrt(2 p (1 - p) / (pi n)).

    Examples
    --------
    >>> found = reliability([0.75] * 4, [True, True, True, False])
    >>> found.brier, found.calibration_error, found.verdict
    (0.1875, 0.0, 'too few cases to judge (4, at least 100 are needed)')
    """
    chances, happened = np.asarray(stated, dtype=float), np.asarray(outcomes, dtype=float)
    if chances.shape != happened.shape or not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("stated chances: one from 0 to 1 for each outcome")
    cases = len(chances)
    if not cases:
        return Reliability(0, (), None, None, None, None, "no case to judge by")
    place = np.minimum((chances * bands).astype(int), bands - 1)
    found = tuple(_band(chances[place == one], happened[place == one]) for one in np.unique(place))
    error = sum(band.cases * abs(band.stated - band.observed) for band in found) / cases
    spread = (band.cases * sqrt(2 * band.stated * (1 - band.stated) / (pi * band.cases)) for band in found)
    noise = sum(spread) / cases
    base = float(happened.mean())
    brier = float(((chances - happened) ** 2).mean())
    words = _verdict(cases, error, noise, better=brier < base * (1 - base))
    return Reliability(cases, found, brier, base * (1 - base), error, noise, words)


def _band(chances: FloatArray, happened: FloatArray) -> Band:
    cases, observed = len(chances), float(happened.mean())
    middle = (observed + _Z**2 / (2 * cases)) / (1 + _Z**2 / cases)
    reach = _Z / (1 + _Z**2 / cases) * sqrt(observed * (1 - observed) / cases + _Z**2 / (4 * cases**2))
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    return Band(cases, float(chances.mean()), observed, min(low, observed), max(high, observed))


def _verdict(cases: int, error: float, noise: float, *, better: bool) -> str:
    if cases < _ENOUGH:
        return f"too few cases to judge ({cases}, at least {_ENOUGH} are needed)"
    fit = "within what chance makes" if error <= _TWO * noise else "more than chance makes"
    gain = "better" if better else "no better"
    return (
        f"stated and observed differ by {error * 100:.1f} points ({fit}) over {cases} cases; "
        f"{gain} than always stating the mean"
    )


def replayed(
    outlook: Outlook, *, steps: int, seed: int, groups: Sequence[Sequence[str]] | None = None
) -> pd.DataFrame:
    """What would the chances stated at past origins have been worth.

    At each past origin a budget is set with room above or below what was forecast, drawn from the other
    origins' errors; its chance is stated as `budget.burn` states it, from the errors of the other origins
    alone, and then held against what came at this one.

    Parameters
    ----------
    outlook : Outlook
        With past errors.
    steps : int
        Over how many steps, from the origin on, a budget goes.
    seed : int
        Draws the budgets' room.
    groups : sequence of sequence of str, optional
        Series whose sum a budget is for; None is each series alone.

    Returns
    -------
    DataFrame
        ``group`` (place in ``groups``), ``origin`` (0 is the newest), ``stated`` (0 to 1), ``happened``.
        Origins whose errors are not all known are left out, and so are groups with fewer than two others.
    """
    chosen = groups if groups is not None else [[name] for name in outlook.panel.names]
    random = np.random.default_rng(seed)
    rows = []
    for number, names in enumerate(chosen):
        place = [outlook.panel.names.index(name) for name in names]
        sums = outlook.errors[:, place, :steps].sum(axis=(1, 2))
        for origin in np.flatnonzero(np.isfinite(sums)):
            others = np.delete(sums, origin)
            others = others[np.isfinite(others)]
            if len(others) < _TWO:
                continue
            room = float(np.quantile(others, random.uniform()) + random.normal() * others.std() / _TWO)
            stated = _stated(outlook, names, origin=int(origin), steps=steps, room=room)
            rows.append((number, int(origin), stated, bool(sums[origin] > room)))
    return pd.DataFrame(rows, columns=["group", "origin", "stated", "happened"])


def _stated(outlook: Outlook, names: Sequence[str], *, origin: int, steps: int, room: float) -> float:
    """Say with which chance the sum exceeds its forecast by more than this room, without this origin."""
    blind = outlook.without(origin)
    atoms = intervals.distribution(blind, series=tuple(names), steps=range(steps))
    place = [outlook.panel.names.index(name) for name in names]
    return chance(np.asarray(atoms, dtype=float), float(outlook.mid[place, :steps].sum()) + room)
