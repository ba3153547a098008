"""Numbers of commitments over a whole bill, worked by hand."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from finops_lib.optimize.commitments.market import Market
from finops_lib.optimize.commitments.offers import Held, Offer
from finops_lib.optimize.commitments.portfolio import Portfolio, Purchase
from finops_lib.optimize.commitments.sold import Sold
from finops_lib.run.commit_numbers import cover, rule_shares, used
from tests.optimize.commitments.conftest import demand_of

NARROW, WIDE = Offer("narrow", {"a": 0.5}, 12), Offer("wide", {"a": 0.25, "b": 0.25}, 12)
NOTHING = pd.DataFrame({"rule": [], "scope": [], "origins": [], "saving": [], "possible": []})


def sold_of(
    use: list[float], chosen: tuple[Purchase, ...] = (), held: tuple[Held, ...] = (),
    replay: pd.DataFrame = NOTHING, currency: str = "USD",
) -> Sold:  # fmt: skip
    """Use the same in each hour of ten weeks."""
    level = np.repeat(np.array(use)[:, None], 168 * 10, axis=1)
    demand = demand_of(level)
    demand = type(demand)(demand.scopes, level, demand.start, 1, currency)
    bought = tuple(Portfolio((one,), np.ones(3), 1.0) for one in chosen)
    market = Market(demand, (NARROW, WIDE), held, Portfolio(chosen, np.ones(3), 1.0))
    return Sold(demand, demand, (), (), (market,), bought, replay, (), ())


def test_a_renewal_is_not_counted_on_top_of_what_it_replaces() -> None:
    """4 are covered now by what ends in nine days, 6 once the new one has begun on that day: never 10."""
    end = sold_of([10.0]).net.end
    held = (Held("old", {"a": 0.5}, 2.0, end + timedelta(days=9)),)
    one = sold_of([10.0], (Purchase(NARROW, 9 / 7, 3.0),), held)
    told = cover(one, one.markets[0])
    assert (told.now, told.then) == (pytest.approx(4.0), pytest.approx(6.0))
    stays = (Held("old", {"a": 0.5}, 2.0, end + timedelta(days=900)),)
    one = sold_of([10.0], (Purchase(NARROW, 0, 3.0),), stays)
    told = cover(one, one.markets[0])
    assert (told.now, told.then) == (pytest.approx(10.0), pytest.approx(10.0))
    one = sold_of([10.0])
    assert cover(one, one.markets[0]).then == 0.0


def test_a_narrow_plan_covers_before_a_wide_one() -> None:
    """Named second, the narrow one still gets the 4 that only it is bought for; the wide one the other 6."""
    one = sold_of([4.0, 6.0], (Purchase(WIDE, 0, 4.5), Purchase(NARROW, 0, 2.0)))
    tables = {str(rows["commitment"].iloc[0]): rows for rows in used(one, one.markets[0])}
    assert list(tables) == ["narrow", "wide"]
    assert {name: set(rows["utilisation"].round(9)) for name, rows in tables.items()} == {
        "narrow": {1.0},
        "wide": {1.0},
    }


def test_rules_count_by_what_was_used() -> None:
    """9 of a at 100 %, 1 of b at half: (9 + .5) of 10; by currency, none where nothing was possible."""
    columns = ["rule", "scope", "origins", "saving", "possible"]
    rows = [("ours", "a", 2, 0.3, 0.3), ("ours", "b", 2, 0.15, 0.3), ("ours", "c", 0, 0.0, 0.0)]
    replay = pd.DataFrame(rows, columns=columns)
    none = pd.DataFrame([("ours", "a", 2, 0.0, 0.0)], columns=columns)
    sold = [
        sold_of([9.0, 1.0, 5.0], replay=replay),
        sold_of([1.0], replay=none, currency="EUR"),
        sold_of([1.0], currency="CHF"),
    ]
    assert rule_shares(sold) == {"USD": {"ours": pytest.approx(0.95)}}
