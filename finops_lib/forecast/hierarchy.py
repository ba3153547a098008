"""What will each team, service and the whole come to, so that the parts add up to the whole.

What "coherent" means here. The middle: at every level the parts add up to the whole, to the cent. The
intervals: all nodes are judged by one set of past errors, each of which is itself coherent, so that in every
past scenario the parts added up; the interval of a node is calibrated on the errors of that node's own sum.
Its ends therefore do not add up, and should not: parts rarely all reach their high end together. A wider
level holds a narrower one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from types import MappingProxyType

import numpy as np
import pandas as pd

from finops_lib.errors import QueryError
from finops_lib.forecast import intervals
from finops_lib.forecast.panel import FloatArray, Outlook, step_starts
from finops_lib.forecast.reconcile import BOTTOM_UP, METHODS, VARIANCE, gathered
from finops_lib.forecast.rounding import in_cents
from finops_lib.forecast.tree import Node, Tree
from finops_lib.records import Estimate, Forecast, NoForecast, Period
from finops_lib.units import cents

Measures = Callable[[tuple[str, ...]], dict[str, float | None]]
_NOT_ASKED = "it was not among the series that were forecast"


@dataclass(frozen=True)
class Coherent:
    """Forecasts of the bottom series of a tree, made coherent by ``method``: any sum of them is one, too.

    ``outlook`` has the series that have a forecast, in the tree's order, and reasons for those that have
    none. Its errors are coherent as well: those of each origin by weights that the other origins chose.
    """

    outlook: Outlook
    tree: Tree
    method: str


def coherent(base: Outlook, tree: Tree, *, method: str = VARIANCE) -> Coherent:
    """How do forecasts of series and groups, each made on its own, become one.

    Parameters
    ----------
    base : Outlook
        Of the panel that `Tree.panel` makes; of the series alone for ``bottom_up``.
    tree : Tree
        Over the series. A group with a series that has no forecast takes no part in the weighing, because
        its history holds that series.
    method : str
        One of `reconcile.METHODS`.

    Returns
    -------
    Coherent
        No series that never was below zero is forecast below zero: what the weights would take from it
        beyond zero is left out, and the groups with it.

    Raises
    ------
    QueryError
        The outlook has a series that is not in the tree.

    Notes
    -----
    Setting negative parts to zero before summing: Di Fonzo and Girolimetto (2023), International Journal of
    Forecasting 39(1).
    """
    nodes = _nodes(base, tree)
    bottom = [name for name in tree.series if name in nodes]
    sums = np.array([[float(name in below) for name in bottom] for below in nodes.values()])
    place = {name: number for number, name in enumerate(base.panel.names)}
    taken = [place[name] for name in nodes]
    mid, errors = base.mid[:0], base.errors[:, :0]
    if bottom:
        weigh = _Weighing(sums, method, base.errors[:, taken], base.scale[taken])
        mid = weigh.matrix() @ base.mid[taken]
        errors = weigh.errors()
    panel = base.panel.only(bottom)
    never = np.array([not (values < 0).any() for values in panel.values], dtype=bool)
    mid = np.where(never[:, None], np.maximum(mid, 0.0), mid)
    missing = {name: base.missing.get(name, _NOT_ASKED) for name in tree.series if name not in place}
    outlook = dataclasses.replace(
        base,
        panel=panel,
        mid=mid,
        errors=errors,
        scale=base.scale[[place[name] for name in bottom]],
        stretch=None if base.stretch is None else base.stretch[[place[name] for name in bottom]],
        groups=tuple(base.groups[place[name]] for name in bottom) if base.groups else (),
        missing=MappingProxyType(missing),
    )
    return Coherent(outlook, tree, method)


def _nodes(base: Outlook, tree: Tree) -> dict[str, frozenset[str]]:
    """Give the nodes that were forecast and whose series all were, each with its series: those first."""
    there = set(base.panel.names)
    nodes = {name: frozenset([name]) for name in tree.series if name in there}
    groups = {tree.name(node): frozenset(tree.members[node]) for node in tree.groups()}
    strange = sorted(there - set(nodes) - set(groups))
    if strange:
        raise QueryError(
            f"series {strange[0]!r} ({len(strange)} in all)",
            "each series that was forecast has its place in the tree, or its money would be lost",
            "give it labels",
        )
    whole = {name: below for name, below in groups.items() if name in there and below <= set(nodes)}
    return nodes | whole


@dataclass(frozen=True)
class _Weighing:
    """Base errors of all nodes, and the matrices that they choose."""

    sums: FloatArray
    method: str
    base_errors: FloatArray
    scale: FloatArray

    def matrix(self, *, without: int | None = None, nodes: Sequence[int] | None = None) -> FloatArray:
        """Weigh these nodes by all origins but one."""
        rows = np.arange(len(self.sums)) if nodes is None else np.asarray(nodes)
        sums = self.sums[rows][:, self.sums[rows].sum(axis=0) > 0]
        known = self.base_errors if without is None else np.delete(self.base_errors, without, axis=0)
        return gathered(sums, method=self.method, errors=known[:, rows], scale=self.scale[rows])

    def errors(self) -> FloatArray:
        """Make each origin's errors coherent by what the other origins chose, over the nodes it knows."""
        bottoms = self.sums.shape[1]
        found = np.full((len(self.base_errors), bottoms, self.base_errors.shape[2]), np.nan)
        for origin, errors in enumerate(self.base_errors):
            known = np.isfinite(errors).any(axis=1)
            series = np.flatnonzero(known[:bottoms])
            lost = np.setdiff1d(np.arange(bottoms), series)
            nodes = np.flatnonzero(known & ~self.sums[:, lost].any(axis=1))
            if len(series):
                found[origin, series] = self.matrix(without=origin, nodes=nodes.tolist()) @ errors[nodes]
        return found


def forecasts(
    found: Coherent,
    *,
    currency: str,
    level: float = 0.8,
    steps: range | None = None,
    measures: Measures | None = None,
) -> list[Forecast | NoForecast]:
    """What will each node come to in these steps, in whole cents.

    Parameters
    ----------
    found : Coherent
        From `coherent`.
    currency : str
        ISO 4217 code of the series.
    level : float
        Chance of the intervals, between 0 and 1.
    steps : range, optional
        Steps of the horizon that are summed, without holes; None is all of them.
    measures : callable, optional
        From the names of a node's series to ``coverage_backtest``, ``mase`` and ``vs_seasonal_naive``.

    Returns
    -------
    list of Forecast or NoForecast
        Every node of the tree, the whole first and each before its parts. ``amount.mid`` of each is the
        sum of that of its parts with a forecast, to the cent; a node's ``without`` names the series in it
        that have none.
    """
    outlook = found.outlook
    wanted = range(outlook.mid.shape[1]) if steps is None else steps
    place = {name: number for number, name in enumerate(outlook.panel.names)}
    sums = outlook.mid[:, list(wanted)].sum(axis=1)
    mids = in_cents(found.tree, {name: float(sums[at]) for name, at in place.items()}, currency=currency)
    period = _period(outlook, wanted)
    bottom = [node for node in found.tree.members if found.tree.is_series(node)]
    lost = [node for node in bottom if node[-1] in outlook.missing]
    answers: list[Forecast | NoForecast] = []
    for node, series in found.tree.members.items():
        below = [part for part in lost if part[: len(node)] == node]
        without = tuple(NoForecast(part, outlook.missing[part[-1]]) for part in below)
        if node not in mids:
            answers.append(NoForecast(node, "; ".join(dict.fromkeys(part.reason for part in without))))
            continue
        names = tuple(name for name in series if name in place)
        amount = _estimate(outlook, names, mid=mids[node], currency=currency, level=level, steps=wanted)
        measured = measures(names) if measures else {}
        answers.append(Forecast(node, period, amount, found.method, without=without, **measured))
    return answers


def _estimate(
    outlook: Outlook, names: tuple[str, ...], *, mid: Decimal, currency: str, level: float, steps: range
) -> Estimate:
    ends = intervals.interval(outlook, series=names, steps=steps, level=level)
    low, high = (cents(Decimal(float(end)), currency=currency) for end in (ends[0], ends[2]))
    return Estimate(min(low, mid), mid, max(high, mid), level, currency)


def _period(outlook: Outlook, steps: range) -> Period | None:
    if outlook.panel.ends is None or not outlook.panel.names:
        return None
    edges = step_starts(
        max(outlook.panel.ends), step=outlook.panel.step, first=steps.start, count=len(steps) + 1
    )
    return Period(*(edge.to_pydatetime().replace(tzinfo=UTC) for edge in (edges[0], edges[-1])))


def compared(base: Outlook, tree: Tree) -> pd.DataFrame:
    """Which method would have been right most often in the past, at each level of the tree.

    Parameters
    ----------
    base : Outlook
        Of the panel that `Tree.panel` makes.
    tree : Tree
        Over its series.

    Returns
    -------
    DataFrame
        ``method``, ``depth`` (0 is the whole), ``mean_absolute_error`` a node and step in the series' unit,
        and ``against_bottom_up`` (below 1 is better). Each origin is judged by weights that the other
        origins chose; origins that do not know every series are left out.
    """
    rows = []
    for method in METHODS:
        outlook = coherent(base, tree, method=method).outlook
        whole = outlook.errors[np.isfinite(outlook.errors).all(axis=(1, 2))]
        for depth in range(len(tree.levels) + 2):
            sizes = _sizes(whole, outlook, [node for node in tree.members if len(node) == depth], tree)
            rows.append((method, depth, float(np.mean(sizes)) if len(sizes) else np.nan))
    frame = pd.DataFrame(rows, columns=["method", "depth", "mean_absolute_error"])
    plain = frame[frame["method"] == BOTTOM_UP].set_index("depth")["mean_absolute_error"]
    return frame.assign(against_bottom_up=frame["mean_absolute_error"] / frame["depth"].map(plain))


def best_method(found: pd.DataFrame) -> str:
    """Which method erred least over all levels, each level counting alike.

    Parameters
    ----------
    found : DataFrame
        From `compared`.

    Returns
    -------
    str
        One of `reconcile.METHODS`; ``wls_variance`` where no past error tells.

    Examples
    --------
    >>> best_method(pd.DataFrame({"method": ["bottom_up", "mint"], "against_bottom_up": [1.0, 0.9]}))
    'mint'
    """
    means = found.groupby("method", sort=False)["against_bottom_up"].mean().dropna()
    return str(means.idxmin()) if len(means) else VARIANCE


def _sizes(errors: FloatArray, outlook: Outlook, nodes: Sequence[Node], tree: Tree) -> list[float]:
    if not len(errors):
        return []
    there = np.array(outlook.panel.names)
    inside = (np.isin(there, tree.members[node]) for node in nodes)
    return [float(np.abs(errors[:, chosen].sum(axis=1)).mean()) for chosen in inside if chosen.any()]
