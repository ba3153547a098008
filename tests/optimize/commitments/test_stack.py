"""Commitments cover one after the other: against a plain loop, and judged on futures of their own."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.commitments.market import markets
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.portfolio import Purchase
from finops_lib.optimize.commitments.stack import Source, in_order, judged, mean_share, monthly, stacked
from tests.optimize.commitments.conftest import demand_of, weeks_of


@pytest.mark.parametrize("seed", range(6))
def test_no_source_covers_more_than_it_pays_for_nor_than_is_used(seed: int) -> None:
    """By hand, hour by hour: the best discount first within a commitment, the first commitment first."""
    random = np.random.default_rng(seed)
    scopes = ["a", "b", "c"]
    use = random.uniform(0, 10, (3, 20))
    sources = [
        Source(
            dict(zip(random.permutation(scopes)[:2].tolist(), [0.2, 0.5], strict=True)), hourly, np.ones(1)
        )
        for hourly in random.uniform(0, 8, 3)
    ]
    found = stacked(use, scopes, sources)
    rest = use.copy()
    for source, part in zip(sources, found, strict=True):
        for hour in range(20):
            money = source.hourly
            for scope, share in sorted(source.discounts.items(), key=lambda pair: -pair[1]):
                row = scopes.index(scope)
                taken = min(rest[row, hour], money / (1 - share))
                assert part[row, hour] == pytest.approx(taken)
                money -= taken * (1 - share)
                rest[row, hour] -= taken


def test_unknown_use_is_never_covered() -> None:
    """NaN is not zero use, and nothing of a commitment goes to it."""
    [part] = stacked(np.array([[np.nan, 4.0]]), ["a"], [Source({"a": 0.5}, 1.0, np.ones(1))])
    assert part.tolist() == [[0.0, 2.0]]


def test_narrow_ones_come_first() -> None:
    """Then the cheaper, then the earlier."""
    wide, narrow, cheap = (
        Offer("w", {"a": 0.5, "b": 0.5}, 12),
        Offer("n", {"a": 0.2}, 12),
        Offer("c", {"a": 0.3}, 12),
    )
    asked = [
        Purchase(wide, 0, 1.0),
        Purchase(narrow, 3, 1.0),
        Purchase(narrow, 0, 1.0),
        Purchase(cheap, 0, 1.0),
    ]
    assert [(one.offer.name, one.week) for one in in_order(asked)] == [("c", 0), ("n", 0), ("n", 3), ("w", 0)]


def test_a_purchase_is_lowered_until_its_worst_futures_lose_nothing() -> None:
    """Twice what is used is cut; half of it stays as it is and saves its share."""
    demand = demand_of(weeks_of(np.full(60, 10.0))[None])
    [market] = markets(demand, [Offer("p", {"a": 0.3}, 12)], [])
    [small] = judged(market, [Purchase(market.offers[0], 0, 3.0)])
    assert small.purchases[0].hourly == 3.0
    # 3 an hour cover 3 / .7 of 10 that are nearly always used: .3 of it is saved.
    assert small.mean_month == pytest.approx(3 / 0.7 * 0.3 * 730.5, rel=0.02)
    [large] = judged(market, [Purchase(market.offers[0], 0, 14.0)])
    # At 10 paid an hour it costs as much as 10 used on demand.
    assert large.purchases[0].hourly == pytest.approx(10.0, rel=0.02)
    assert np.sort(large.saving)[:10].mean() >= -1e-6
    assert judged(market, []) == []


def test_the_second_commitment_finds_what_the_first_leaves() -> None:
    """4 of 10 covered by the first: the second has 6 of use, and no more."""
    demand = demand_of(np.full((1, 24 * 62), 10.0))
    table = monthly(
        demand, {"one": Source({"a": 0.5}, 2.0, np.ones(1)), "two": Source({"a": 0.5}, 4.0, np.ones(1))}
    )
    used = table.groupby("commitment")["utilisation"].first()
    assert used["one"] == pytest.approx(1.0)
    assert used["two"] == pytest.approx(6 / 8)
    assert set(table["break_even"]) == {0.5}
    assert monthly(demand, {}).empty


def test_the_mean_share_is_weighted_by_what_is_covered() -> None:
    """Where nothing is covered all scopes count alike."""
    source = Source({"a": 0.5, "b": 0.1}, 1.0, np.ones(1))
    assert mean_share(["a", "b"], source, np.array([[1.0], [3.0]])) == pytest.approx(0.2)
    assert mean_share(["a", "b"], source, np.zeros((2, 1))) == pytest.approx(0.3)
