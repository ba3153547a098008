"""What kind of series is this: usable, young, sparse, ended or steady, and what must be said about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from finops_lib.backtest import mean_known, seasonal_step
from finops_lib.forecast.panel import FloatArray, Panel, step_starts
from finops_lib.forecast.shocks import Step

_YOUNG_SEASONS = 2
_LEARNED_SEASONS = 8  # from which on a series' own errors tell of it
_STEADY = 0.1  # mean seasonal step, as a share of the level
_TYPICAL = 0.1  # of the level: seasonal step where no series of the panel shows one
_CONSTANT = 1e-3  # of the level: scale of a series that never changed
_NOTHING = 1e-9


def usable(panel: Panel) -> tuple[Panel, Mapping[str, str]]:
    """Which series can be forecast, from their first cost on, and why not the others.

    Parameters
    ----------
    panel : Panel
        Any series.

    Returns
    -------
    tuple
        The panel of usable series, and series to reason.

    Examples
    --------
    >>> rows = (np.array([0.0, 0.0, 5.0]), np.array([np.nan]))
    >>> kept, missing = usable(Panel(("a", "b"), rows, "day", 7))
    >>> kept.values[0].tolist(), dict(missing)
    ([5.0], {'b': 'it has no value'})
    """
    known = {name: np.isfinite(row) for name, row in zip(panel.names, panel.values, strict=True)}
    missing = {name: "it has no value" for name, there in known.items() if not there.any()}
    kept = panel.only([name for name in panel.names if name not in missing])
    begun = tuple(_begun(row) for row in kept.values)
    return Panel(kept.names, begun, kept.step, kept.season, kept.ends), MappingProxyType(missing)


def usual_step(history: FloatArray, *, season: int) -> FloatArray:
    """How much does a series move in a season, in the mean: its scale, above 0.

    Parameters
    ----------
    history : ndarray
        [series, steps] without gaps; NaN before the first value.
    season : int
        Steps in a season.

    Returns
    -------
    ndarray
        [series]. Where two seasons are not known, the panel's usual share of the level; a series that never
        moved has a thousandth of its level, so that nothing is divided by nothing.

    Examples
    --------
    >>> known = np.array([[1.0, 3.0, 2.0, 6.0], [np.nan, np.nan, np.nan, 9.0]])
    >>> usual_step(known, season=2).round(3).tolist()  # 2 is two thirds of the first one's level
    [2.0, 6.0]
    """
    scale = seasonal_step(history, season=season)
    level = mean_known(np.abs(history))
    share = scale / np.where(level > 0, level, np.nan)
    usual = share[np.isfinite(share) & (share > 0)]
    typical = float(np.median(usual)) if len(usual) else _TYPICAL
    young = np.isfinite(history).sum(axis=1) < _YOUNG_SEASONS * season
    lent = level * np.where(young, typical, _CONSTANT)
    found = np.where(np.isfinite(scale) & (scale > 0) & ~young, scale, lent)
    return np.asarray(np.where(found > 0, found, _NOTHING))


def kinds(
    history: FloatArray, *, season: int, sparse: npt.NDArray[np.bool_], scale: FloatArray
) -> tuple[str, ...]:
    """Of which kind is each series, by what its errors may look like.

    Parameters
    ----------
    history : ndarray
        [series, steps].
    season : int
        Steps in a season.
    sparse : ndarray of bool
        [series].
    scale : ndarray
        [series], from `usual_step`.

    Examples
    --------
    >>> history = np.array([[5.0] * 9, [np.nan] * 8 + [5.0]])
    >>> kinds(history, season=1, sparse=np.array([False, False]), scale=np.array([0.1, 0.1]))
    ('steady', 'young')
    """
    count = np.isfinite(history).sum(axis=1)
    quiet = scale < _STEADY * mean_known(np.abs(history))
    names = np.where(quiet, "steady", "lively")
    names = np.where(count < _LEARNED_SEASONS * season, "young", names)
    return tuple(np.where(sparse, "sparse", names).tolist())


def notes(
    panel: Panel, history: FloatArray, *, sparse: npt.NDArray[np.bool_], steps: list[Step]
) -> Mapping[str, str]:
    """What must a reader know about how a series was forecast.

    Parameters
    ----------
    panel : Panel
        Usable series.
    history : ndarray
        [series, steps], gaps filled.
    sparse : ndarray of bool
        [series].
    steps : list of Step
        Series that have just moved.

    Returns
    -------
    mapping
        Only series of which there is something to say.

    Examples
    --------
    >>> one = Panel(("a",), (np.array([5.0, np.nan, 4.0]),), "day", 7)
    >>> dict(notes(one, np.array([[5.0, 5.0, 4.0]]), sparse=np.array([False]), steps=[]))
    {'a': '3 days known, fewer than two seasons of 7; 1 gap filled from the past'}
    """
    stepped = {step.series: step for step in steps}
    found = {}
    for row, name in enumerate(panel.names):
        values = history[row][np.isfinite(history[row])]
        said = [
            _young(values, panel),
            _gaps(panel.values[row]),
            _quiet(values, panel, bool(sparse[row])),
            _stepped(stepped.get(row), panel, row),
        ]
        if any(said):
            found[name] = "; ".join(part for part in said if part)
    return MappingProxyType(found)


def _begun(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    some = known & (values != 0)
    return values[(some if some.any() else known).argmax() :]


def _young(values: FloatArray, panel: Panel) -> str:
    if len(values) >= _YOUNG_SEASONS * panel.season:
        return ""
    plural = "s" if len(values) > 1 else ""
    return f"{len(values)} {panel.step}{plural} known, fewer than two seasons of {panel.season}"


def _gaps(values: FloatArray) -> str:
    count = int((~np.isfinite(values)).sum())
    return f"{count} gap{'s' if count > 1 else ''} filled from the past" if count else ""


def _quiet(values: FloatArray, panel: Panel, sparse: bool) -> str:
    if sparse:
        recent = values[-8 * panel.season :]
        share = (recent != 0).mean() * 100.0
        return f"it costs something in {share:.0f} % of its {panel.step}s: its mean rate goes on"
    if not values[-2 * panel.season :].any():
        return "it costs nothing any more" if values.any() else "it never cost anything"
    return "it never changed" if len(values) > 1 and np.ptp(values) == 0 else ""


def _stepped(step: Step | None, panel: Panel, row: int) -> str:
    if step is None:
        return ""
    if not step.settled:
        last = (
            f"the last {step.length} {panel.step}s lie" if step.length > 1 else f"the last {panel.step} lies"
        )
        return f"{last} {abs(step.amount):.6g} off: taken as a single event, in doubt"
    size = f"{step.factor:.2g} times as high" if step.factor != 1.0 else f"moved by {step.amount:.6g}"
    if panel.ends is None:
        return f"{size} for {step.length} {panel.step}s: the new level goes on, in doubt"
    first = step_starts(panel.ends[row], step=panel.step, first=-step.length, count=1)[0]
    day = first.date() if panel.step != "hour" else first.to_pydatetime() + timedelta(0)
    return f"{size} since {day}: the new level goes on, in doubt"
