"""Numbers behind the tables and pictures of commitments: use of each in the past, rules over all scopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from finops_lib.backtest import mean_known
from finops_lib.optimize.commitments.levels import covered_at, levels, of_market
from finops_lib.optimize.commitments.market import Market
from finops_lib.optimize.commitments.sold import Sold, short_names
from finops_lib.optimize.commitments.stack import Source, in_order, monthly

_RECENT_WEEKS = 4


@dataclass(frozen=True)
class Cover:
    """What is covered ``now`` and once all that is chosen has begun, money an hour at list price."""

    now: float
    then: float


def cover(one: Sold, market: Market) -> Cover:
    """How much of a market is covered now, and how much once everything chosen has begun.

    Parameters
    ----------
    one : Sold
        Whose market it is.
    market : Market
        One of its markets.

    Returns
    -------
    Cover
        A renewal is not counted beside what it replaces.
    """
    found = levels(market, one.chosen)
    last = max((level.begins for level in found), default=market.start)
    return Cover(covered_at(found, market.start), covered_at(found, last))


def used(one: Sold, market: Market) -> list[pd.DataFrame]:
    """How much of each commitment, in place and chosen, would have been used in each past month.

    Parameters
    ----------
    one, market
        As in `cover`.

    Returns
    -------
    list of DataFrame
        One a commitment, as `finops_lib.optimize.commitments.stack.monthly` gives it. What is in place covers
        first, then what is chosen, the narrow ones first. What ends before the last of them begins is left
        out: it would take their use away.
    """
    mine = in_order([item.purchases[0] for item in of_market(market, one.chosen)])
    last = max((item.begins(market.start) for item in mine), default=market.start)
    stay = [item for item in market.held if item.ends > last]
    names = short_names([item.name for item in market.held])
    always = np.ones(1)
    sources = {names[item.name]: Source(item.discounts, item.hourly, always) for item in stay}
    sources |= {item.offer.name: Source(item.offer.discounts, item.hourly, always) for item in mine}
    return [rows for _, rows in monthly(market.demand, sources).groupby("commitment", sort=False)]


def rule_shares(sold: Sequence[Sold]) -> dict[str, dict[str, float]]:
    """Which part of what was possible did each rule save over all scopes, by currency.

    Parameters
    ----------
    sold : sequence of Sold
        What each provider sold.

    Returns
    -------
    dict
        Currency to rule to share of the best of hindsight; scopes count by what was used of them of late.
        Currencies in which nothing was possible are left out.
    """
    found: dict[str, dict[str, float]] = {}
    for currency in sorted({one.currency for one in sold}):
        parts = [_weighed(one) for one in sold if one.currency == currency and not one.replay.empty]
        if parts:
            sums = pd.concat(parts).groupby("rule", sort=False)[["saving", "possible"]].sum()
            shares = (sums["saving"] / sums["possible"])[sums["possible"] > 0]
            found |= {currency: {str(rule): float(share) for rule, share in shares.items()}}
    return {currency: shares for currency, shares in found.items() if shares}


def _weighed(one: Sold) -> pd.DataFrame:
    """Turn shares of the cost on demand into money an hour."""
    use: Mapping[str, float] = dict(
        zip(one.net.scopes, mean_known(one.net.weekly()[:, -_RECENT_WEEKS:]).tolist(), strict=True)
    )
    rows = one.replay[one.replay["origins"] > 0]
    weight = np.nan_to_num([use.get(str(scope), 0.0) for scope in rows["scope"]])
    return rows.assign(saving=rows["saving"] * weight, possible=rows["possible"] * weight)
