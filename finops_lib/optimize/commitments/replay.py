"""How would commitments have done: rules asked at past moments, and a commitment used month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known, rolled
from finops_lib.optimize.commitments.cost import best, saving
from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.rules import Rule
from finops_lib.optimize.windows import FloatArray

_MONTHLY = ["month", "used", "utilisation", "coverage", "paid", "saving", "saved_so_far"]


def break_even(discount: float) -> float:
    """Which share of a commitment must be used, so that it costs no more than none.

    Parameters
    ----------
    discount : float
        Share of the on-demand price that it saves.

    Examples
    --------
    >>> break_even(0.25)
    0.75
    """
    return 1.0 - discount


def month_by_month(demand: Demand, scope: str, committed: float, *, discount: float) -> pd.DataFrame:
    """How much of a commitment would have been used in each month, and what would it have saved.

    Parameters
    ----------
    demand : Demand
        What was used.
    scope : str
        One of its scopes.
    committed : float
        Money an hour at list price that it covers.
    discount : float
        Share that it saves.

    Returns
    -------
    DataFrame
        ``month`` (YYYY-MM), ``used`` (at list price), ``utilisation`` (share of the commitment used; None
        without one), ``coverage`` (share of the use covered; None without use), ``paid`` for it, ``saving``
        and ``saved_so_far``, money. Hours that are not known are in none of them.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> two = Demand(("vm",), np.array([[4.0, 10.0]]), datetime(2026, 1, 31, tzinfo=UTC), 24, "USD")
    >>> month_by_month(two, "vm", 5.0, discount=0.5)[["month", "utilisation", "saving"]].values.tolist()
    [['2026-01', 0.8, 36.0], ['2026-02', 1.0, 60.0]]
    """
    use = demand.use[demand.scopes.index(scope)]
    times = pd.date_range(demand.start, periods=len(use), freq=f"{demand.step_hours}h").strftime("%Y-%m")
    known = np.isfinite(use)
    hours = np.where(known, float(demand.step_hours), 0.0)
    asked = np.where(known, use, 0.0)
    table = pd.DataFrame(
        {
            "month": times,
            "used": asked * hours,
            "covered": np.minimum(asked, committed) * hours,
            "offered": committed * hours,
        }
    )
    sums = table.groupby("month", sort=True).sum().reset_index()
    for name, part, whole in (("utilisation", "covered", "offered"), ("coverage", "covered", "used")):
        shares = [one / all_ if all_ > 0 else None for one, all_ in zip(sums[part], sums[whole], strict=True)]
        sums[name] = pd.Series(shares, index=sums.index, dtype=object)
    sums["paid"] = (1.0 - discount) * sums["offered"]
    sums["saving"] = sums["covered"] - sums["paid"]
    sums["saved_so_far"] = sums["saving"].cumsum()
    return sums[_MONTHLY]


def months_to_break_even(monthly: pd.DataFrame, *, upfront: float) -> int | None:
    """After how many months was what had been paid at once saved again; None where it never was.

    Parameters
    ----------
    monthly : DataFrame
        As `month_by_month` gives it.
    upfront : float
        Money paid at once, part of what was paid over the term.

    Examples
    --------
    >>> months_to_break_even(pd.DataFrame({"saving": [5.0, 5.0], "paid": [5.0, 5.0]}), upfront=20.0)
    2
    """
    back = (monthly["saving"] + monthly["paid"]).cumsum().to_numpy()
    reached = np.flatnonzero(back >= upfront * (1 - 1e-12))
    return int(reached[0]) + 1 if len(reached) else None


def replayed(
    demand: Demand,
    rules: Mapping[str, Rule],
    *,
    discount: FloatArray,
    horizon: int,
    cuts: Sequence[int],
) -> pd.DataFrame:
    """How much of what was possible would each rule have saved, asked at past moments.

    Parameters
    ----------
    demand : Demand
        All that is known now.
    rules : mapping of str to Rule
        Each sees only what was known at the moment it is asked.
    discount : ndarray
        [scopes], share saved.
    horizon : int
        Steps for which a commitment is judged; a term that is not over yet is judged so far.
    cuts : sequence of int
        How many of the last steps each moment does not know, as `finops_lib.backtest.origins` gives them.

    Returns
    -------
    DataFrame
        ``rule``, ``scope``, ``origins`` (a count of those judged), ``saving`` (mean share of the on-demand
        cost), ``possible`` (the same for the best commitment of hindsight), ``share_of_optimum`` (of their
        sums; NaN where nothing was possible) and ``worst`` (the least saving, share of the on-demand cost).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> flat = Demand(("vm",), np.full((1, 40), 2.0), datetime(2026, 1, 5, tzinfo=UTC), 24, "USD")
    >>> half = {"half": lambda past, _: past.use[:, -1] / 2}
    >>> told = replayed(flat, half, discount=np.array([0.3]), horizon=10, cuts=[10])
    >>> told["share_of_optimum"].round(9).tolist()
    [0.5]
    """
    rows = []
    for name, rule in rules.items():

        def levels(known: FloatArray, rule: Rule = rule) -> FloatArray:
            past = demand.before(demand.use.shape[1] - known.shape[1])
            return np.repeat(rule(past, discount)[:, None], horizon, axis=1)

        measured = rolled(
            demand.use,
            method=levels,
            cuts=cuts,
            loss=lambda actual, level: _measured(actual, level, discount),
        ).reshape(len(cuts), len(demand.scopes), 2)
        rows += [_told(name, scope, measured[:, place]) for place, scope in enumerate(demand.scopes)]
    columns = ["rule", "scope", "origins", "saving", "possible", "share_of_optimum", "worst"]
    return pd.DataFrame(rows, columns=columns)


def _measured(actual: FloatArray, level: FloatArray, discount: FloatArray) -> FloatArray:
    """Give the saving and the best one as shares of the on-demand cost, [scopes, 2]."""
    found = np.full((len(actual), 2), np.nan)
    for place, (came, asked, share) in enumerate(zip(actual, level[:, 0], discount, strict=True)):
        whole = float(np.nansum(came))
        if np.isfinite(asked) and whole > 0:
            most = saving(came, best(came, discount=share), discount=share)
            found[place] = saving(came, float(asked), discount=share) / whole, most / whole
    return found


def _told(rule: str, scope: str, measured: FloatArray) -> tuple[object, ...]:
    judged = int(np.isfinite(measured[:, 0]).sum())
    saved, possible = (float(value) for value in mean_known(measured, axis=0))
    part = saved / possible if judged and possible > 0 else float("nan")
    worst = float(np.nanmin(measured[:, 0])) if judged else float("nan")
    return rule, scope, judged, saved, possible, part, worst
