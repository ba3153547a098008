"""Who covers what when several commitments are stacked: the narrow ones first, each where it saves most.

As providers apply them: a commitment that fits fewer scopes goes before one that fits more, and within one
the use with the largest discount is covered first. What is in place goes before what is new: it is paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
import pandas as pd

from finops_lib.optimize.commitments.demand import WEEK_HOURS, Demand
from finops_lib.optimize.commitments.futures import foreseen, without_growth
from finops_lib.optimize.commitments.market import CAPITAL, Market
from finops_lib.optimize.commitments.offers import MONTH_HOURS
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase
from finops_lib.optimize.commitments.replay import month_by_month
from finops_lib.optimize.windows import FloatArray

_BLOCK, _PATHS, _MOMENTS = 4, 200, 12
_WORST, _HALVINGS = 0.05, 24
_OTHER_SEED = 1  # futures that the purchase was not chosen on


@dataclass(frozen=True)
class Source:
    """One commitment in a stack: ``hourly`` is money paid an hour, ``active`` [..., moments] 0 to 1."""

    discounts: Mapping[str, float]
    hourly: float
    active: FloatArray


def stacked(use: FloatArray, scopes: Sequence[str], sources: Sequence[Source]) -> list[FloatArray]:
    """What does each commitment cover of each scope.

    Parameters
    ----------
    use : ndarray
        [scopes, ...], money an hour at list price; NaN is not known and never covered.
    scopes : sequence of str
        What each row is.
    sources : sequence of Source
        In the order in which they cover.

    Returns
    -------
    list of ndarray
        Of each source, as ``use``: money an hour at list price.

    Examples
    --------
    >>> two = [Source({"vm": 0.5}, 1.0, np.ones(1)), Source({"vm": 0.25, "db": 0.5}, 3.5, np.ones(1))]
    >>> [part.ravel().tolist() for part in stacked(np.array([[6.0], [4.0]]), ["vm", "db"], two)]
    [[2.0, 0.0], [2.0, 4.0]]
    """
    rest = np.nan_to_num(use)
    found = []
    for source in sources:
        taken = np.zeros_like(rest)
        room = np.broadcast_to(source.hourly * source.active, rest.shape[1:]).copy()
        for scope in sorted(source.discounts, key=lambda name: (-source.discounts[name], name)):
            if scope in scopes:
                row, rate = list(scopes).index(scope), 1.0 - source.discounts[scope]
                taken[row] = np.minimum(rest[row], room / rate)
                room -= taken[row] * rate
        rest = rest - taken
        found.append(taken)
    return found


def in_order(purchases: Sequence[Purchase]) -> list[Purchase]:
    """In which order do purchases cover: the narrow ones first, then the cheaper, then the earlier ones."""
    return sorted(
        purchases,
        key=lambda one: (len(one.offer.discounts), -max(one.offer.discounts.values()), one.week),
    )


def judged(market: Market, purchases: Sequence[Purchase], *, capital: float = CAPITAL) -> list[Portfolio]:
    """What does each purchase save over its own term, in futures that it was not chosen on.

    It is lowered where it would lose in the mean of the worst 5 % of them, so that each stands by itself.

    Parameters
    ----------
    market : Market
        Whose purchases they are.
    purchases : sequence of Purchase
        In the order in which they cover.
    capital : float
        Cost of capital a year.

    Returns
    -------
    list of Portfolio
        One for each, with its saving on top of those before it; they add up.
    """
    if not purchases:
        return []
    last = max(one.week + one.offer.months * MONTH_HOURS / WEEK_HOURS for one in purchases)
    weeks = ceil(last / _BLOCK) * _BLOCK
    grown = foreseen(
        market.demand, weeks=weeks, paths=_PATHS, moments=_MOMENTS, seed=_OTHER_SEED, block=_BLOCK
    )
    futures = without_growth(grown, market.demand)
    span = np.arange(weeks // _BLOCK, dtype=np.float64) * _BLOCK
    held = [Source(one.discounts, one.hourly, _blocks(one.active(market.start, weeks=weeks)))
            for one in market.held]  # fmt: skip
    use = futures.use.transpose(1, 0, 2, 3)
    rest = use - sum(stacked(use, futures.scopes, held))
    found = []
    for one in purchases:
        worth = _guarded(one, rest, futures.scopes, _life(one, span), capital)
        [taken] = stacked(rest, futures.scopes, [_source(worth.purchases[0], span)])
        rest = rest - taken
        found.append(worth)
    return found


def _source(one: Purchase, span: FloatArray) -> Source:
    return Source(one.offer.discounts, one.hourly, _life(one, span))


def _guarded(
    one: Purchase, rest: FloatArray, scopes: Sequence[str], life: FloatArray, capital: float
) -> Portfolio:
    """Lower a purchase until the mean of its worst futures loses nothing; that mean is concave in it."""
    found = _worth(one, rest, scopes, life, capital)
    if _tail(found.saving) >= 0:
        return found
    low, high = 0.0, one.hourly
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = _worth(replace(one, hourly=middle), rest, scopes, life, capital)
        low, high = (middle, high) if _tail(found.saving) >= 0 else (low, middle)
    unit = one.offer.unit
    amount = low // unit * unit if unit > 0 else low
    return _worth(replace(one, hourly=amount), rest, scopes, life, capital)


def _tail(saving: FloatArray) -> float:
    """Give the mean of the worst futures."""
    return float(np.sort(saving)[: max(int(_WORST * len(saving)), 1)].mean())


def _blocks(active: FloatArray) -> FloatArray:
    return np.asarray(active.reshape(-1, _BLOCK).mean(axis=1)[:, None])


def _life(one: Purchase, span: FloatArray) -> FloatArray:
    """In which share of each block does it cover, [blocks, 1]."""
    end = one.week + one.offer.months * MONTH_HOURS / WEEK_HOURS
    share = (np.minimum(span + _BLOCK, end) - np.maximum(span, one.week)) / _BLOCK
    return np.clip(share, 0.0, 1.0)[:, None]


def _worth(
    one: Purchase, rest: FloatArray, scopes: Sequence[str], life: FloatArray, capital: float
) -> Portfolio:
    [covered] = stacked(rest, scopes, [Source(one.offer.discounts, one.hourly, life)])
    term = float(life.sum()) * WEEK_HOURS * _BLOCK
    price = one.hourly * term * one.offer.burden(capital=capital)
    hours = WEEK_HOURS * _BLOCK / _MOMENTS
    return Portfolio((one,), covered.sum(axis=(0, 2, 3)) * hours - price, term)


def monthly(demand: Demand, sources: Mapping[str, Source]) -> pd.DataFrame:
    """How much of each commitment would have been used in each past month, had it been in place.

    Parameters
    ----------
    demand : Demand
        What was used.
    sources : mapping of str to Source
        By name, in the order in which they cover.

    Returns
    -------
    DataFrame
        ``commitment``, ``break_even`` (the utilisation from which on it saves), and the columns of
        `finops_lib.optimize.commitments.replay.month_by_month`.
    """
    covered = stacked(demand.use, demand.scopes, list(sources.values()))
    found, before = [], np.zeros_like(demand.use)
    for (name, source), part in zip(sources.items(), covered, strict=True):
        share = mean_share(demand.scopes, source, part)
        mine = np.array([scope in source.discounts for scope in demand.scopes])
        known = np.isfinite(demand.use[mine]).any(axis=0)
        rest = np.nansum((demand.use - before)[mine], axis=0)
        pooled = Demand((name,), np.where(known, rest, np.nan)[None], demand.start, demand.step_hours,
                        demand.currency)  # fmt: skip
        table = month_by_month(pooled, name, source.hourly / (1.0 - share), discount=share)
        found.append(table.assign(commitment=name, break_even=1.0 - share))
        before = before + part
    columns = ["commitment", "month", "break_even", "used", "utilisation", "coverage", "paid", "saving",
               "saved_so_far"]  # fmt: skip
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def mean_share(scopes: Sequence[str], source: Source, covered: FloatArray) -> float:
    """Which share does a commitment save on what it covers; on all its scopes alike where that is nothing.

    Parameters
    ----------
    scopes : sequence of str
        What each row is.
    source : Source
        The commitment.
    covered : ndarray
        [scopes, ...], from `stacked`.

    Examples
    --------
    >>> source = Source({"vm": 0.5, "db": 0.25}, 1.0, np.ones(1))
    >>> mean_share(["vm", "db"], source, np.array([[3.0], [1.0]]))
    0.4375
    """
    each = np.array([source.discounts.get(scope, 0.0) for scope in scopes])
    weight = covered.reshape(len(scopes), -1).sum(axis=1)
    if weight.sum() > 0:
        return float(each @ weight / weight.sum())
    return float(np.mean(list(source.discounts.values())))
