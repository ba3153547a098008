"""Commitments as levels over the months ahead: by hand."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from finops_lib.optimize.commitments.levels import ahead, levels, load, of_market, stepped
from finops_lib.optimize.commitments.market import Market
from finops_lib.optimize.commitments.offers import MONTH_HOURS, Held, Offer
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase
from tests.optimize.commitments.conftest import demand_of

OFFER = Offer("new", {"a": 0.5}, 12)


def market() -> tuple[Market, Portfolio]:
    """Make a scope of 10 an hour, 4 of it covered for two months more, and 6 to be bought."""
    demand = demand_of(np.full((1, 168 * 20), 10.0))
    held = Held("old", {"a": 0.2}, 3.2, demand.end + timedelta(hours=2 * MONTH_HOURS))
    bought = Portfolio((Purchase(OFFER, 0, 3.0),), np.ones(3), 1.0)
    return Market(demand, (OFFER,), (held,), bought), bought


def test_levels_are_at_list_price() -> None:
    """3.2 paid at 20 % off cover 4; 3 at half price cover 6; the term is twelve months."""
    one, bought = market()
    old, new = levels(one, [bought])
    assert (old.name, old.in_place, old.covers, old.months) == ("old", True, pytest.approx(4.0), 0)
    assert (new.name, new.in_place, new.covers, new.months) == ("new", False, pytest.approx(6.0), 12)
    assert (new.ends - new.begins).total_seconds() / 3600 == pytest.approx(12 * MONTH_HOURS)


def test_months_ahead_show_what_ends() -> None:
    """The old one covers two months, the new one twelve."""
    one, bought = market()
    table = ahead(levels(one, [bought]), start=one.start, months=13).set_index("name")
    assert table.loc["old", [0, 1, 2]].tolist() == pytest.approx([4.0, 4.0, 0.0])
    assert table.loc["new", [0, 11, 12]].tolist() == pytest.approx([6.0, 6.0, 0.0])


def test_steps_reach_what_is_aimed_at() -> None:
    """No month buys more than a quarter of what is to be covered, and nothing is bought for what is held."""
    one, bought = market()
    found = stepped(one, [bought], steps=4)
    assert found["target"].iloc[0] == pytest.approx(10.0)
    assert ((found["renew"] + found["add"]) <= 2.5 + 1e-9).all()
    assert stepped(one, []).empty


def test_steps_begin_with_the_first_purchase() -> None:
    """What is in place covers all 10 for 18 days; no step is made before they are over."""
    demand = demand_of(np.full((1, 168 * 20), 10.0))
    held = Held("old", {"a": 0.2}, 8.0, demand.end + timedelta(days=18))
    bought = Portfolio((Purchase(OFFER, 18 / 7, 5.0),), np.ones(3), 1.0)
    found = stepped(Market(demand, (OFFER,), (held,), bought), [bought], steps=4)
    assert found["begins"].iloc[0] == held.ends
    assert found["begins"].iloc[1] == held.ends + timedelta(hours=MONTH_HOURS)
    assert found["add"].head(4).tolist() == pytest.approx([2.5] * 4)


def test_purchases_of_other_markets_are_let_be() -> None:
    """Only what covers one of its scopes."""
    one, bought = market()
    other = Portfolio((Purchase(Offer("x", {"z": 0.5}, 12), 0, 1.0),), np.ones(3), 1.0)
    assert of_market(one, [other, bought]) == [bought]


def test_the_load_is_sorted_and_leaves_out_what_is_not_known() -> None:
    """Two scopes together; an hour that none knows is none."""
    use = np.array([[1.0, np.nan, 3.0], [2.0, np.nan, np.nan]])
    assert load(demand_of(use)).tolist() == [3.0, 3.0]
