"""Scopes that belong together are bought for together, on use that is there, on top of what is in place."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from finops_lib.optimize.commitments.market import best_discounts, linked, markets, seasoned, worth_a_look
from finops_lib.optimize.commitments.offers import Held, Offer
from tests.optimize.commitments.conftest import demand_of, weeks_of

YEAR, THREE = Offer("year", {"a": 0.3}, 12), Offer("three", {"a": 0.5}, 36)


def test_steady_use_is_bought_about_whole() -> None:
    """10 an hour with 5 % of noise and a day of 30 %: about the tenth that is used in seven of ten hours."""
    demand = demand_of(weeks_of(np.full(60, 10.0))[None])
    [market] = markets(demand, [YEAR], [])
    covers = sum(one.hourly for one in market.bought.purchases if one.week == 0) / 0.7
    assert covers == pytest.approx(float(np.quantile(demand.use, 0.3)), rel=0.05)


def test_what_is_in_place_is_not_bought_again() -> None:
    """8 of 10 are covered for two years: what is bought now is for the rest alone."""
    demand = demand_of(weeks_of(np.full(60, 10.0))[None])
    held = Held("old", {"a": 0.3}, 0.7 * 8, demand.end + timedelta(days=800))
    [market] = markets(demand, [YEAR], [held])
    now = sum(one.hourly for one in market.bought.purchases if one.week == 0) / 0.7
    assert now < 1.0


def test_a_renewal_begins_when_what_it_replaces_ends() -> None:
    """All of 10 is covered for 18 days more: nothing now, and the renewal not a day earlier or later."""
    demand = demand_of(weeks_of(np.full(60, 10.0))[None])
    held = Held("old", {"a": 0.3}, 0.7 * 20, demand.end + timedelta(days=18))
    [market] = markets(demand, [YEAR], [held])
    [bought] = market.bought.purchases
    assert bought.begins(market.start) == held.ends
    assert bought.hourly / 0.7 == pytest.approx(float(np.quantile(demand.use, 0.3)), rel=0.05)


def test_growth_is_bought_once_it_is_there() -> None:
    """Use that doubled in a year is committed to as it is today, not as it may become."""
    demand = demand_of(weeks_of(10.0 * 2 ** (np.arange(60) / 52))[None])
    [market] = markets(demand, [YEAR], [])
    now = sum(one.hourly for one in market.bought.purchases if one.week == 0) / 0.7
    assert now <= np.nanmean(demand.weekly()[0, -4:]) * 1.02


def test_an_offer_over_two_scopes_makes_one_market() -> None:
    """A third scope without an offer is in none."""
    use = np.stack([weeks_of(np.full(30, 5.0), seed=seed) for seed in range(3)])
    found = markets(demand_of(use), [Offer("both", {"a": 0.3, "b": 0.2}, 12)], [])
    assert [market.scopes for market in found] == [("a", "b")]


def test_a_term_needs_a_quarter_of_it_in_history() -> None:
    """20 weeks carry a year, not three; 10 carry neither, and the reason is told."""
    kept, silent = seasoned(demand_of(weeks_of(np.full(20, 5.0))[None]), [YEAR, THREE])
    assert ([one.name for one in kept], silent) == (["year"], ())
    kept, silent = seasoned(demand_of(weeks_of(np.full(10, 5.0))[None]), [YEAR, THREE])
    assert kept == ()
    assert [item.reason for item in silent] == [
        "10 whole weeks known; a term of 12 months is bought on 13 or more"
    ]


def test_a_larger_piece_beats_nobody_that_sells_smaller() -> None:
    """Better on its scope but only in pieces of 5: both are looked at."""
    fine, coarse = Offer("fine", {"a": 0.2}, 12), Offer("coarse", {"a": 0.3}, 12, unit=5.0)
    assert {one.name for one in worth_a_look([fine, coarse])} == {"fine", "coarse"}
    worse = Offer("worse", {"a": 0.1}, 12)
    assert [one.name for one in worth_a_look([worse, fine])] == ["fine"]
    assert best_discounts([worse, fine, THREE]) == {"a": 0.2}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_links_go_on_through_others(order: tuple[int, ...]) -> None:
    """A with b, b with c, c with d: one group, in whatever order they are told."""
    sources = [{"a", "b"}, {"b", "c"}, {"c", "d"}]
    assert linked(["a", "b", "c", "d", "e"], [sources[place] for place in order]) == [
        ("a", "b", "c", "d"),
        ("e",),
    ]
