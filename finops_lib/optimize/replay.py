"""How good would each strategy have been: rolling windows over the tenant's own history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known, rolled
from finops_lib.optimize.price import Promise
from finops_lib.optimize.strategies.base import Strategy
from finops_lib.optimize.windows import FloatArray, Histories, quantiles

MEASURES = ("breach", "slack", "saving", "killed", "regret")


@dataclass(frozen=True)
class Replay:
    """What one strategy would have done at each origin.

    Parameters
    ----------
    names : tuple of str
        Workloads.
    measured : ndarray
        [origins, workloads, measures] in the order of ``MEASURES``; NaN where there was no answer or nothing
        came. ``breach`` is the share of samples above the amount; ``slack`` the mean share of the amount that
        lay idle; ``saving`` the share of the capacity that was not allotted, below 0 where more was;
        ``killed`` 1 where a sample lay above the amount, which for memory stands for a kill; ``regret`` the
        share of the capacity that was allotted beyond the least amount that would have kept the bound,
        below 0 where it was less.

    Examples
    --------
    >>> Replay(("a",), np.array([[[0.01, 0.5, 0.4, 1.0, 0.1]], [[0.03, 0.5, 0.6, 1.0, 0.0]]])).mean("breach")
    0.02
    """

    names: tuple[str, ...]
    measured: FloatArray

    def mean(self, measure: str) -> float:
        """What is the mean over origins and workloads.

        Parameters
        ----------
        measure : str
            One of ``MEASURES``.
        """
        return float(mean_known(self.measured[:, :, MEASURES.index(measure)].ravel()))

    def kept(self, bound: float) -> float:
        """Which share of windows had at most this share of samples above the amount; NaN without any.

        Parameters
        ----------
        bound : float
            Share of samples, 0 to 1.
        """
        breach = self.measured[:, :, 0]
        return float(mean_known(np.where(np.isnan(breach), np.nan, breach <= bound).ravel()))


def replayed(
    histories: Histories,
    strategies: Mapping[str, Strategy],
    *,
    horizon: int,
    cuts: Sequence[int],
    bound: float = 0.02,
) -> dict[str, Replay]:
    """How would each strategy have done, asked at past moments and held against what came.

    Parameters
    ----------
    histories : Histories
        Pods of a workload are looked at by the busiest at each step.
    strategies : mapping of str to Strategy
        Each sees only what was known at the moment it is asked.
    horizon : int
        Steps that an answer has to last.
    cuts : sequence of int
        How many of the last steps each origin does not know, as `finops_lib.backtest.origins` gives them.
    bound : float
        Share of samples that the amount of hindsight leaves above it.

    Returns
    -------
    dict of str to Replay

    Examples
    --------
    >>> from finops_lib.optimize.strategies.percentiles import Percentile
    >>> use = np.array([[1.0, 1.0, 1.0, 2.0]])
    >>> asked = Histories(("web",), use, 3600, np.array([4.0]), "cpu")
    >>> past = replayed(asked, {"most": Percentile(level=1.0)}, horizon=2, cuts=[2])["most"]
    >>> past.mean("breach"), past.mean("saving"), past.mean("killed")
    (0.5, 0.75, 1.0)
    """
    whole = histories.merged()

    def lost(actual: FloatArray, allotted: FloatArray) -> FloatArray:
        return _measures(actual, allotted[:, 0], capacity=whole.capacity, bound=bound)

    found = {}
    for name, strategy in strategies.items():

        def amounts(known: FloatArray, strategy: Strategy = strategy) -> FloatArray:
            amount = strategy(replace(whole, use=known)).amount
            return np.repeat(amount[:, None], horizon, axis=1)

        measured = rolled(whole.use, method=amounts, loss=lost, cuts=cuts)
        found[name] = Replay(whole.names, measured.reshape(len(cuts), len(whole.names), len(MEASURES)))
    return found


def _measures(actual: FloatArray, amount: FloatArray, *, capacity: FloatArray, bound: float) -> FloatArray:
    """Measure each workload, [workloads, measures]; use at capacity counts as met by all of it."""
    came = np.isfinite(actual)
    over = (actual > amount[:, None]) & came
    judged = came.any(axis=1) & np.isfinite(amount)
    breach = over.sum(axis=1) / np.maximum(came.sum(axis=1), 1)
    idle = mean_known(
        1.0 - np.minimum(actual, amount[:, None]) / np.where(amount > 0, amount, np.nan)[:, None]
    )
    hindsight = quantiles(actual, [1.0 - bound])[:, 0]
    measured = [breach, idle, 1.0 - amount / capacity, over.any(axis=1), (amount - hindsight) / capacity]
    return np.where(judged[:, None], np.stack(measured, axis=1), np.nan)


def table(
    replays: Mapping[str, Replay], *, groups: Sequence[str] | None = None, bound: float
) -> pd.DataFrame:
    """How did each strategy do in each group.

    Parameters
    ----------
    replays : mapping of str to Replay
        As `replayed` gives them.
    groups : sequence of str, optional
        Group of each workload; by default one, called ``all``.
    bound : float
        Share of samples that a workload is promised not to exceed.

    Returns
    -------
    DataFrame
        strategy, group, windows (a count), ``MEASURES`` and ``kept``, shares of 1.

    Examples
    --------
    >>> one = Replay(("a", "b"), np.array([[[0.0, 0.5, 0.4, 0.0, 0.1], [0.1, 0.2, 0.6, 1.0, 0.0]]]))
    >>> table({"p95": one}, groups=["x", "y"], bound=0.02)[["group", "breach", "kept"]].values.tolist()
    [['x', 0.0, 1.0], ['y', 0.1, 0.0]]
    """
    rows = []
    for strategy, one in replays.items():
        of = np.array(groups if groups is not None else ["all"] * len(one.names))
        for group in dict.fromkeys(of.tolist()):
            part = Replay((), one.measured[:, of == group])
            means = {measure: part.mean(measure) for measure in MEASURES}
            windows = int(np.isfinite(part.measured[:, :, 0]).sum())
            rows.append(
                {"strategy": strategy, "group": group, "windows": windows}
                | means
                | {"kept": part.kept(bound)}
            )
    return pd.DataFrame(rows, columns=["strategy", "group", "windows", *MEASURES, "kept"])


def held(replays: Mapping[str, Replay], *, promise: Promise | None = None) -> str | None:
    """Which strategy is used: of those whose promise held in the past, the one that saved most.

    Parameters
    ----------
    replays : mapping of str to Replay
        As `replayed` gives them.
    promise : Promise, optional
        What had to hold.

    Returns
    -------
    str or None
        None where no promise held: then nothing is to be recommended.

    Examples
    --------
    >>> bold = Replay(("a",), np.array([[[0.2, 0.1, 0.9, 1.0, 0.0]]]))
    >>> safe = Replay(("a",), np.array([[[0.0, 0.5, 0.4, 0.0, 0.1]]]))
    >>> held({"bold": bold, "safe": safe}), held({"bold": bold})
    ('safe', None)
    """
    promise = promise or Promise()
    fit = {
        name: one.mean("saving")
        for name, one in replays.items()
        if one.mean("breach") <= promise.mean and one.kept(promise.bound) >= promise.kept
    }
    return max(fit, key=lambda name: fit[name]) if fit else None
