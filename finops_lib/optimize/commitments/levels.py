"""How much is covered, until when: the stack of commitments in place and chosen, month by month ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from finops_lib.optimize.commitments.demand import Demand
from finops_lib.optimize.commitments.ladder import ladder
from finops_lib.optimize.commitments.market import Market
from finops_lib.optimize.commitments.offers import MONTH_HOURS
from finops_lib.optimize.commitments.portfolio import Portfolio
from finops_lib.optimize.commitments.stack import Source, in_order, mean_share, stacked
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Record

_RECENT_WEEKS = 8
STEPS = 4  # months over which a purchase is spread, so that not all ends at once


@dataclass(frozen=True)
class Level(Record):
    """One commitment as a level: it ``covers`` so much an hour at list price, from ``begins`` to ``ends``.

    ``discount`` is the mean share that it saves on what it covered of late; ``months`` its term, 0 for one in
    place.
    """

    name: str
    in_place: bool
    covers: float
    discount: float
    begins: datetime
    ends: datetime
    months: int = 0


def levels(market: Market, chosen: Sequence[Portfolio]) -> list[Level]:
    """Which levels do the commitments of a market have, in the order in which they cover use.

    Parameters
    ----------
    market : Market
        Its scopes and what is in place.
    chosen : sequence of Portfolio
        What is to be bought soon, one purchase each; those of other markets are let be.

    Returns
    -------
    list of Level
    """
    late = market.demand.use[:, -_RECENT_WEEKS * market.demand.week :]
    order = in_order([one.purchases[0] for one in of_market(market, chosen)])
    mine = sorted(of_market(market, chosen), key=lambda one: order.index(one.purchases[0]))
    begins = [one.purchases[0].begins(market.start) for one in mine]
    old = [Source(one.discounts, one.hourly, np.ones(1)) for one in market.held]
    new = [Source(one.purchases[0].offer.discounts, one.purchases[0].hourly, np.ones(1)) for one in mine]
    # What ends before all is bought leaves its use to what replaces it.
    stays = [source for source, one in zip(old, market.held, strict=True)
             if one.ends > max(begins, default=market.start)]  # fmt: skip
    shares = _shares(market, late, old)
    found = [
        Level(one.name, True, one.hourly / (1.0 - share), share, market.start, one.ends)
        for one, share in zip(market.held, shares, strict=True)
    ]
    shares = _shares(market, late, [*stays, *new])[len(stays) :]
    for one, start, share in zip(mine, begins, shares, strict=True):
        [bought] = one.purchases
        ends = start + timedelta(hours=bought.offer.months * MONTH_HOURS)
        name, covers = bought.offer.name, bought.hourly / (1.0 - share)
        found.append(Level(name, False, covers, share, start, ends, bought.offer.months))
    return found


def _shares(market: Market, late: FloatArray, sources: Sequence[Source]) -> list[float]:
    """Average what each saves on what it covered of late."""
    covered = stacked(late, market.scopes, sources)
    return [mean_share(market.scopes, one, part) for one, part in zip(sources, covered, strict=True)]


def covered_at(found: Sequence[Level], moment: datetime) -> float:
    """How much is covered at a moment, money an hour at list price.

    Parameters
    ----------
    found : sequence of Level
        From `levels`.
    moment : datetime
        UTC.

    Examples
    --------
    >>> from datetime import UTC
    >>> now, then, end = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    >>> both = [Level("old", True, 4.0, 0.2, now, then), Level("new", False, 6.0, 0.3, then, end)]
    >>> covered_at(both, now), covered_at(both, then)  # what is renewed is not counted twice
    (4.0, 6.0)
    """
    return sum(one.covers for one in found if one.begins <= moment < one.ends)


def of_market(market: Market, chosen: Sequence[Portfolio]) -> list[Portfolio]:
    """Which of these are purchases of this market.

    Parameters
    ----------
    market, chosen
        As in `levels`.
    """
    return [one for one in chosen if set(one.purchases[0].offer.discounts) & set(market.scopes)]


def ahead(found: Sequence[Level], *, start: datetime, months: int) -> pd.DataFrame:
    """How much does each commitment cover in each month to come.

    Parameters
    ----------
    found : sequence of Level
        From `levels`.
    start : datetime
        Begin of the first month, UTC.
    months : int
        How many.

    Returns
    -------
    DataFrame
        One row a commitment, with its ``name`` and ``in_place``, and a column a month, numbered from 0: money
        an hour at list price, in the mean of the month.
    """
    edges = [start + timedelta(hours=MONTH_HOURS * number) for number in range(months + 1)]
    rows = [
        {"name": one.name, "in_place": one.in_place}
        | {number: one.covers * _share(one, edges[number], edges[number + 1]) for number in range(months)}
        for one in found
    ]
    return pd.DataFrame(rows, columns=["name", "in_place", *range(months)])


def _share(one: Level, first: datetime, last: datetime) -> float:
    inside = (min(one.ends, last) - max(one.begins, first)) / (last - first)
    return min(max(inside, 0.0), 1.0)


def stepped(market: Market, chosen: Sequence[Portfolio], *, steps: int = STEPS) -> pd.DataFrame:
    """In which steps should it be bought, so that not all ends on one day.

    Parameters
    ----------
    market, chosen
        As in `levels`.
    steps : int
        No month buys more than this part of what is covered then.

    Returns
    -------
    DataFrame
        As `finops_lib.optimize.commitments.ladder.ladder` gives it, for the term that covers most, with
        ``begins``, the day of each step: month 0 is that of the first purchase. None where nothing is to be
        bought.
    """
    found = levels(market, chosen)
    new = [one for one in found if not one.in_place]
    if not new:
        return pd.DataFrame()
    terms = sorted({one.months for one in new})
    term = max(terms, key=lambda months: sum(one.covers for one in new if one.months == months))
    mine = [one for one in found if one.in_place or one.months == term]
    first = min(one.begins for one in mine if not one.in_place)
    table = ahead(mine, start=first, months=term + 1).set_index(["name", "in_place"])
    held = _sum(table[table.index.get_level_values("in_place")])
    target = np.maximum(_sum(table), 0.0)
    target[-1] = target[-2]  # what the first step covered is to be covered on
    told = ladder(target, held, months=term, steps=steps)
    return told.assign(begins=[first + timedelta(hours=MONTH_HOURS * int(month)) for month in told["month"]])


def _sum(table: pd.DataFrame) -> FloatArray:
    return np.asarray(table.to_numpy(dtype=float).sum(axis=0))


def load(demand: Demand) -> FloatArray:
    """How much was used in each step of the last year, all scopes together; NaN where none is known.

    Parameters
    ----------
    demand : Demand
        What was used.

    Returns
    -------
    ndarray
        Money an hour at list price, the highest first.
    """
    late = demand.use[:, -52 * demand.week :]
    known = np.isfinite(late).any(axis=0)
    return np.sort(np.nansum(late, axis=0)[known])[::-1]
