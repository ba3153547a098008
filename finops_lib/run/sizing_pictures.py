"""The pictures of a report of sizes, each on one sheet: savings by currency, use against sizes, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from finops_lib.optimize import plots
from finops_lib.optimize.rightsize import kubernetes, machines, volumes
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Recommendation
from finops_lib.run.recommend_world import GIB
from finops_lib.run.recommending import Advice
from finops_lib.usage.join import key_of

_WIDTH, _BAR, _MOST_BARS = 9.0, 0.36, 15
_UNITS = {"cpu": ("cores", 1.0), "memory": ("GiB of memory", GIB), "space": ("GiB held", GIB)}


@dataclass(frozen=True)
class Against:
    """Use of one kind, [steps], and the sizes of today and after the change, in the same unit."""

    name: str
    unit: str
    use: FloatArray
    now: float
    then: float


def savings(parts: Mapping[str, Sequence[Recommendation]]) -> list[Axes]:
    """Draw the savings of each currency on a picture of its own; see `finops_lib.optimize.plots.savings`.

    Parameters
    ----------
    parts : mapping of str to sequence of Recommendation
        Currency to its changes, the largest first.

    Returns
    -------
    list of Axes
        Of one figure.
    """
    heights = [1.4 + _BAR * max(min(len(found), _MOST_BARS), 1) for found in parts.values()]
    figure = Figure(figsize=(_WIDTH, sum(heights)), layout="constrained")
    axes = figure.subplots(len(parts), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
    for ax, (currency, found) in zip(axes, parts.items(), strict=True):
        plots.savings(found, ax=ax, currency=currency)
    return list(axes)


def rules(past: pd.DataFrame, *, bound: float) -> list[Axes]:
    """Draw what each rule saved and how often it was too small, a picture for each kind of use.

    Parameters
    ----------
    past : DataFrame
        One group, as `finops_lib.optimize.sizing.Trial.past` gives it, with ``use``.
    bound : float
        Mean share of the time above the size that is promised.

    Returns
    -------
    list of Axes
        Of one figure; see `finops_lib.optimize.plots.rules`.
    """
    uses = list(dict.fromkeys(past["use"]))
    figure = Figure(figsize=(_WIDTH, 3.8 * len(uses)), layout="constrained")
    axes = figure.subplots(len(uses), 1, squeeze=False)[:, 0]
    for ax, use in zip(axes, uses, strict=True):
        plots.rules(past[past["use"] == use], ax=ax, bound=bound)
        ax.set_title(f"{use}: {ax.get_title(loc='left')}", loc="left", fontsize=12, fontweight="bold")
    return list(axes)


def use_and_sizes(found: Sequence[Against]) -> list[Axes]:
    """Draw use against the sizes of today and after, two side by side; see `optimize.plots.use_and_size`.

    Parameters
    ----------
    found : sequence of Against
        One or more.

    Returns
    -------
    list of Axes
        Of one figure, one for each.
    """
    lines = -(-len(found) // 2)
    figure = Figure(figsize=(_WIDTH, 3.2 * lines), layout="constrained")
    every = list(figure.subplots(lines, 2, squeeze=False).ravel())
    for ax in every[len(found) :]:
        ax.remove()
    for ax, item in zip(every, found, strict=False):
        plots.use_and_size(item.use, ax=ax, name=item.name, unit=item.unit, now=item.now, then=item.then)
    return every[: len(found)]


def against(change: Recommendation, advice: Advice) -> list[Against]:
    """Which use can be drawn against which sizes, for this change.

    Parameters
    ----------
    change : Recommendation
        Of the size of a machine, a workload or a volume; others have nothing to draw.
    advice : Advice
        That it is of.

    Returns
    -------
    list of Against
        Kinds of which use and both sizes are known.
    """
    key = key_of(change.resource)
    drawn = []
    for kind, (now, then) in _sizes(change, advice, key).items():
        unit, scale = _UNITS[kind]
        use = _use(advice, kind, key) / scale
        if np.isfinite(use).any() and np.isfinite(now) and np.isfinite(then):
            drawn.append(Against(change.resource, unit, use, now / scale, then / scale))
    return drawn


def _use(advice: Advice, kind: str, key: str) -> FloatArray:
    world = advice.world
    found: FloatArray = world.used.of(kind, [key])[0] if kind == "space" else world.each(kind, [key])[0]
    return found


def _sizes(change: Recommendation, advice: Advice, key: str) -> dict[str, tuple[float, float]]:
    """Give the sizes of today and after by kind of use, in cores and bytes."""
    world = advice.world
    if change.kind == machines.KIND:
        new = {"cpu": float(change.to["vcpu"]), "memory": _gib(change.to["memory"])}
        return {kind: (float(world.capacity(kind, [key])[0]), size) for kind, size in new.items()}
    if change.kind == kubernetes.KIND:
        needs = advice.asked.sizes.get(key, {})
        amounts = {kind: size.amount for kind, size in needs.items() if size.amount is not None}
        return {kind: (world.request(kind, key), amount) for kind, amount in amounts.items()}
    if change.kind == volumes.KIND:
        return {"space": (_gib(change.from_["size"]), _gib(change.to["size"]))}
    return {}


def _gib(text: str) -> float:
    return float(text.split(maxsplit=1)[0]) * GIB
