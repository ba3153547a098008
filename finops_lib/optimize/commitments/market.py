"""What to buy where offers and commitments in place meet: scopes that share any are looked at as one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

import numpy as np

from finops_lib.optimize.commitments.demand import KIND, WEEK_HOURS, Demand
from finops_lib.optimize.commitments.futures import foreseen, without_growth
from finops_lib.optimize.commitments.offers import MONTH_HOURS, Held, Offer
from finops_lib.optimize.commitments.portfolio import Portfolio, portfolio
from finops_lib.records import NoRecommendation

CAPITAL = 0.08  # cost of capital a year
_HISTORY = 0.25  # of a term that must be known before it is bought
_SOON = 26  # weeks in which an end is waited for
_MOST_ENDS = 2
_BLOCKS = (4, 13, 26)  # weeks that the program looks at as one
_MOMENTS = 6
_LEAST_PATHS, _MOST_PATHS = 24, 80
_CELLS = 25_000  # of the program, so that it answers in seconds


@dataclass(frozen=True)
class Market:
    """Scopes that share offers or commitments in place, with what to buy.

    ``demand`` is what was used, ``offers`` those that are worth a look, ``held`` what is in place, first what
    covers few scopes.
    """

    demand: Demand
    offers: tuple[Offer, ...]
    held: tuple[Held, ...]
    bought: Portfolio

    @property
    def scopes(self) -> tuple[str, ...]:
        """Which scopes."""
        return self.demand.scopes

    @property
    def start(self) -> datetime:
        """From when on something is bought: where the bill ends."""
        return self.demand.end


def best_discounts(offers: Sequence[Offer]) -> dict[str, float]:
    """Which share does the best offer of the shortest term save, by scope.

    Parameters
    ----------
    offers : sequence of Offer
        All that can be bought.

    Examples
    --------
    >>> year, three = Offer("year", {"vm": 0.2}, 12), Offer("three", {"vm": 0.5, "db": 0.4}, 36)
    >>> best_discounts([year, three])
    {'db': 0.4, 'vm': 0.2}
    """
    found: dict[str, tuple[int, float]] = {}
    for offer in offers:
        for scope, share in offer.discounts.items():
            term, before = found.get(scope, (offer.months, 0.0))
            if offer.months < term or (offer.months == term and share > before):
                found[scope] = (offer.months, share)
    return {scope: found[scope][1] for scope in sorted(found)}


def worth_a_look(offers: Sequence[Offer], *, capital: float = CAPITAL) -> tuple[Offer, ...]:
    """Which offers are left when those go that another one of the same term beats on every scope.

    Parameters
    ----------
    offers : sequence of Offer
        All that can be bought.
    capital : float
        Cost of capital a year: paying early is weighed against its discount.

    Examples
    --------
    >>> early, monthly = Offer("early", {"vm": 0.31}, 12, upfront=1.0), Offer("monthly", {"vm": 0.28}, 12)
    >>> [one.name for one in worth_a_look([early, monthly], capital=0.2)]
    ['monthly']
    >>> [one.name for one in worth_a_look([early, monthly], capital=0.02)]
    ['early']
    """
    kept: list[Offer] = []
    for offer in sorted(offers, key=lambda one: -len(one.discounts)):
        if not any(_beats(other, offer, capital) for other in kept):
            kept = [other for other in kept if not _beats(offer, other, capital)] + [offer]
    return tuple(kept)


def _beats(one: Offer, other: Offer, capital: float) -> bool:
    if one.months != other.months or one.unit > other.unit or not set(other.discounts) <= set(one.discounts):
        return False
    mine, its = one.burden(capital=capital), other.burden(capital=capital)
    return all(one.factor(scope) * mine <= other.factor(scope) * its for scope in other.discounts)


def seasoned(
    demand: Demand, offers: Sequence[Offer]
) -> tuple[tuple[Offer, ...], tuple[NoRecommendation, ...]]:
    """Which offers, and for which scopes, is the history long enough for.

    Parameters
    ----------
    demand : Demand
        What was used.
    offers : sequence of Offer
        All that can be bought.

    Returns
    -------
    tuple of offers and tuple of NoRecommendation
        A term is bought on a quarter of it in whole weeks of history, a year on 13. The reasons are of scopes
        that no offer is left for.
    """
    weeks = dict(zip(demand.scopes, np.isfinite(demand.weekly()).sum(axis=1).tolist(), strict=True))
    found = []
    for offer in offers:
        least = _weeks(offer) * _HISTORY
        kept = {name: share for name, share in offer.discounts.items() if weeks.get(name, 0) >= least}
        found += [replace(offer, discounts=kept)] if kept else []
    left = {scope for offer in found for scope in offer.discounts}
    young = sorted({scope for offer in offers for scope in offer.discounts} & set(weeks) - left)
    return tuple(found), tuple(NoRecommendation(name, KIND, _young(name, weeks, offers)) for name in young)


def _young(scope: str, weeks: Mapping[str, int], offers: Sequence[Offer]) -> str:
    term = min(offer.months for offer in offers if scope in offer.discounts)
    needed = ceil(int(term * MONTH_HOURS / WEEK_HOURS) * _HISTORY)
    return f"{weeks[scope]} whole weeks known; a term of {term} months is bought on {needed} or more"


def _weeks(offer: Offer) -> int:
    return int(offer.months * MONTH_HOURS / WEEK_HOURS)


def linked(scopes: Sequence[str], sources: Sequence[Collection[str]]) -> list[tuple[str, ...]]:
    """Which scopes belong together, since an offer or a commitment covers both.

    Parameters
    ----------
    scopes : sequence of str
        All of them.
    sources : sequence of collection of str
        The scopes of each offer and commitment; others than ``scopes`` are let be.

    Examples
    --------
    >>> linked(["a", "b", "c", "d"], [{"a", "c"}, {"c", "z"}, {"d"}])
    [('a', 'c'), ('b',), ('d',)]
    """
    group = {scope: {scope} for scope in scopes}
    for source in sources:
        names = [name for name in source if name in group]
        joined = set().union(*(group[name] for name in names))
        for name in joined:
            group[name] = joined
    found: dict[str, tuple[str, ...]] = {}
    for scope in scopes:
        members = tuple(sorted(group[scope]))
        found.setdefault(members[0], members)
    return list(found.values())


def markets(
    demand: Demand, offers: Sequence[Offer], held: Sequence[Held], *, capital: float = CAPITAL, seed: int = 0
) -> tuple[Market, ...]:
    """What should be bought for each group of scopes that belong together.

    It pays on what is used today or less: growth is committed to once it is there.

    Parameters
    ----------
    demand : Demand
        What was used, of scopes with a history that commitments can be based on.
    offers : sequence of Offer
        What can be bought, for scopes whose history is long enough.
    held : sequence of Held
        What is in place.
    capital : float
        Cost of capital a year.
    seed : int
        Of the futures drawn.

    Returns
    -------
    tuple of Market
        Scopes that no offer covers are in none.
    """
    found = []
    sources = [one.discounts for one in offers] + [one.discounts for one in held]
    for names in linked(demand.scopes, sources):
        mine = [one for one in offers if set(one.discounts) & set(names)]
        if mine:
            of = tuple(sorted((one for one in held if set(one.discounts) & set(names)), key=_width))
            part = demand.only(names)
            kept = worth_a_look([_only(one, names) for one in mine], capital=capital)
            found.append(Market(part, kept, of, _bought(part, kept, of, capital=capital, seed=seed)))
    return tuple(found)


def _width(one: Held) -> int:
    return len(one.discounts)


def _only(offer: Offer, names: Sequence[str]) -> Offer:
    return replace(
        offer, discounts={name: offer.discounts[name] for name in names if name in offer.discounts}
    )


def _bought(
    demand: Demand, offers: Sequence[Offer], held: Sequence[Held], *, capital: float, seed: int
) -> Portfolio:
    """Buy now, when something soon ends, or when a shorter term than the longest is over."""
    start, longest = demand.end, max(_weeks(one) for one in offers) + 1
    ends = sorted({(one.ends - start).total_seconds() / (WEEK_HOURS * 3600) for one in held})
    soon = [week for week in ends if 0 < week <= _SOON][:_MOST_ENDS]
    again = {_weeks(one) * turn for one in offers for turn in range(1, longest // _weeks(one))}
    starts = (0, *soon, *sorted(again - {0, *soon}))
    weeks = longest + ceil(max(soon, default=0))
    pairs = sum(len(one.discounts) for one in offers) * len(starts) + sum(len(one.discounts) for one in held)
    block, paths = _size(weeks, pairs)
    weeks = ceil(weeks / block) * block
    grown = foreseen(demand, weeks=weeks, paths=paths, moments=_MOMENTS, seed=seed, block=block)
    futures = without_growth(grown, demand)
    asked = {"held": held, "start": start, "starts": starts, "capital": capital, "block_weeks": block}
    return portfolio(futures, offers, **asked)  # type: ignore[arg-type]  # one mapping of its arguments


def _size(weeks: int, pairs: int) -> tuple[int, int]:
    """Look as finely, and at as many futures, as there is time for."""
    for block in _BLOCKS:
        paths = _CELLS // (max(pairs, 1) * _MOMENTS * ceil(weeks / block))
        if paths >= _LEAST_PATHS:
            return block, min(paths, _MOST_PATHS)
    return _BLOCKS[-1], _LEAST_PATHS
