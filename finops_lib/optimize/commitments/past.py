"""How the rule for commitments did in this tenant's own past, beside those of the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from finops_lib.backtest import origins
from finops_lib.optimize.commitments.demand import LEAST_WEEKS, Demand
from finops_lib.optimize.commitments.replay import replayed
from finops_lib.optimize.commitments.rules import RULES, year

PREDICTIVE = "predictive"
_PART, _MOST_ORIGINS = 4, 4  # of the history is judged at a time; past moments asked at


def past(demand: Demand, discounts: Mapping[str, float]) -> pd.DataFrame:
    """How much of what was possible would each rule have saved at past moments, by scope.

    Parameters
    ----------
    demand : Demand
        What was used.
    discounts : mapping of str to float
        Share that the best offer of the shortest term saves, by scope; others are not asked about.

    Returns
    -------
    DataFrame
        As `finops_lib.optimize.commitments.replay.replayed` gives it: up to four moments, the newest a
        quarter of the history ago, each judged by that quarter, or by the year after it if that is shorter.
        Without a row where the history is too short for one.
    """
    asked = demand.only([name for name in demand.scopes if name in discounts])
    steps = asked.use.shape[1]
    horizon = min(steps // _PART, year(asked))
    least = max(LEAST_WEEKS * asked.week, steps // _PART)
    cuts = origins(
        length=steps, horizon=horizon, stride=max(horizon // 2, 1), count=_MOST_ORIGINS, history=least
    )
    if not asked.scopes or horizon < asked.week:
        cuts = []
    shares = np.array([discounts[name] for name in asked.scopes])
    return replayed(asked, RULES if cuts else {}, discount=shares, horizon=horizon, cuts=cuts)


def backtest_of(
    replay: pd.DataFrame, scopes: Sequence[str], use: Mapping[str, float]
) -> dict[str, float | None]:
    """How did our rule, and the best of the field, do on these scopes.

    Parameters
    ----------
    replay : DataFrame
        As `past` gives it.
    scopes : sequence of str
        What a commitment covers.
    use : mapping of str to float
        Mean use of each scope, by which they are weighted.

    Returns
    -------
    dict
        ``windows`` (past moments judged, the most of any scope), ``share_of_optimum`` of our rule and
        ``best_other`` of the best other rule, and ``worst_saving`` (share of the on-demand cost); None where
        nothing was judged.

    Examples
    --------
    >>> rows = [("predictive", "vm", 2, 0.25, 0.5, 0.5, 0.1), ("mean", "vm", 2, 0.125, 0.5, 0.25, 0.0)]
    >>> names = ["rule", "scope", "origins", "saving", "possible", "share_of_optimum", "worst"]
    >>> backtest_of(pd.DataFrame(rows, columns=names), ["vm"], {"vm": 3.0})
    {'windows': 2.0, 'share_of_optimum': 0.5, 'best_other': 0.25, 'worst_saving': 0.1}
    """
    mine = replay[replay["scope"].isin(list(scopes)) & (replay["origins"] > 0)]
    shares = {str(rule): _share(rows, use) for rule, rows in mine.groupby("rule")}
    ours = mine[mine["rule"] == PREDICTIVE]
    others = [share for rule, share in shares.items() if rule != PREDICTIVE and share is not None]
    return {
        "windows": float(ours["origins"].max()) if len(ours) else None,
        "share_of_optimum": shares.get(PREDICTIVE),
        "best_other": max(others, default=None),
        "worst_saving": float(ours["worst"].min()) if len(ours) else None,
    }


def _share(rows: pd.DataFrame, use: Mapping[str, float]) -> float | None:
    weight = np.array([use.get(str(scope), 0.0) for scope in rows["scope"]])
    possible = float(weight @ rows["possible"].to_numpy(dtype=float))
    return float(weight @ rows["saving"].to_numpy(dtype=float)) / possible if possible > 0 else None
