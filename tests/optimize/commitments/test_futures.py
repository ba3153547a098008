"""Futures: in the shape and size of the past, joint over scopes, and commitments that guard bad ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.commitments.cost import best, saving
from finops_lib.optimize.commitments.futures import (
    Futures,
    chance_of_loss,
    committed,
    foreseen,
    without_growth,
)
from finops_lib.optimize.commitments.market import markets
from finops_lib.optimize.commitments.offers import Offer
from tests.optimize.commitments.conftest import demand_of, weeks_of


def test_steady_use_goes_on_as_it_was() -> None:
    """The quantiles of futures are those of the past, to five percent of the level."""
    use = weeks_of(np.full(40, 20.0))
    found = foreseen(demand_of(use[None]), weeks=52).of("a")
    for level in (0.1, 0.3, 0.5, 0.9):
        assert np.quantile(found, level) == pytest.approx(np.quantile(use, level), rel=0.05)


def test_the_same_seed_tells_the_same_and_blocks_are_means() -> None:
    """Blocks of four weeks keep the mean."""
    asked = demand_of(weeks_of(np.linspace(10, 20, 30))[None])
    fine, again = (foreseen(asked, weeks=12, paths=30, moments=6, seed=4).use for _ in range(2))
    coarse = foreseen(asked, weeks=12, paths=30, moments=6, seed=4, block=4).use
    np.testing.assert_array_equal(fine, again)
    np.testing.assert_allclose(coarse, fine.reshape(30, 1, 3, 4, 6).mean(axis=3))
    assert not np.array_equal(fine, foreseen(asked, weeks=12, paths=30, moments=6, seed=5).use)


def test_a_moment_is_the_same_hour_for_all_scopes() -> None:
    """One scope works by day, one by night: together they are flat at every moment."""
    clock = np.tile(np.repeat([0, 1], 12), 7 * 20)
    found = foreseen(demand_of(np.array([10.0 * clock, 10.0 * (1 - clock)])), paths=10, moments=12)
    total = found.use.mean(axis=(0, 2)).sum(axis=0)
    assert total == pytest.approx(np.full(12, total.mean()), rel=0.02)
    assert found.use[:, 0].max() > 15 * found.use[:, 0].mean(axis=(0, 1)).min()


def test_scopes_that_moved_together_are_foreseen_together() -> None:
    """Their sums over the term correlate over paths; those of independent ones do not."""
    random = np.random.default_rng(2)
    one, other = (np.exp(np.cumsum(random.normal(0, 0.08, 60))) for _ in range(2))

    def correlation(second: np.ndarray) -> float:
        both = demand_of(np.array([weeks_of(one), weeks_of(second, seed=1)]))
        sums = np.log(foreseen(both, paths=400, moments=4).use.sum(axis=(2, 3)))
        return float(np.corrcoef(sums.T)[0, 1])

    assert correlation(one) > 0.5
    assert abs(correlation(other)) < 0.35


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.4, 0.7]), st.sampled_from([0.05, 0.3, 1.0]))
def test_the_guard_holds_and_costs_no_more_than_it_must(seed: int, discount: float, worst: float) -> None:
    """The mean saving of the worst paths is not below zero; more would break that, or is not better."""
    random = np.random.default_rng(seed)
    futures = random.gamma(2.0, 2.0, (20, 5)) * random.gamma(1.0, 1.0, (20, 1))

    def tail(level: float) -> float:
        each = sorted(saving(path, level, discount=discount) for path in futures)
        return float(np.mean(each[: int(np.ceil(worst * 20))]))

    found, free = committed(futures, discount=discount, worst=worst), best(futures.ravel(), discount=discount)
    assert found <= free
    assert tail(found) >= -1e-9
    assert found == free or tail(found * 1.001 + 1e-6) < 0


def test_a_looser_limit_allows_more() -> None:
    """One of ten futures is 4; with a loss of 6 % of the mean use the guard allows .7 c = 4 + .06 * 9.4."""
    ten = np.array([[10.0]] * 9 + [[4.0]])
    assert committed(ten, discount=0.3, worst=0.1, loss=0.06) == pytest.approx((4 + 0.564) / 0.7)


def test_chance_of_loss_counts_paths() -> None:
    """At 8 and 30 % off, 5.6 an hour is paid: two of four paths use less."""
    paths = np.array([[9.0, 9.0], [8.0, 3.0], [5.0, 7.0], [1.0, 9.9]])
    assert chance_of_loss(paths, 8.0, discount=0.3) == 0.5  # 5.5 and 4.5 are less, 6 is not


def test_scopes_are_found_by_name() -> None:
    """Each has its own rows."""
    found = Futures(("a", "b"), np.arange(8.0).reshape(2, 2, 1, 2))
    assert found.of("b").tolist() == [[2.0, 3.0], [6.0, 7.0]]


def test_growth_that_is_not_there_is_not_counted_on() -> None:
    """A scope that doubled in a year is foreseen higher; without growth no week is above the newest four."""
    asked = demand_of(weeks_of(10 * 2 ** (np.arange(52) / 52), noise=0.01)[None])
    grown = foreseen(asked, paths=50, moments=6)
    capped = without_growth(grown, asked)
    now = asked.weekly()[0, -4:].mean()
    assert grown.use.mean() > 1.2 * now
    assert capped.use.mean(axis=3).max() == pytest.approx(now)
    assert capped.use.mean() > 0.9 * now
    shape = capped.use / capped.use.mean(axis=3, keepdims=True)
    np.testing.assert_allclose(shape, grown.use / grown.use.mean(axis=3, keepdims=True))


def test_decline_is_kept_as_it_is_foreseen() -> None:
    """Paths below what is used now stay as they were, week by week; gaps of the past are no use of zero."""
    use = weeks_of(10 * 0.5 ** (np.arange(52) / 52), noise=0.01)
    use[-168:] = np.nan  # the newest week is not known: the four before it count
    asked = demand_of(use[None])
    falling = foreseen(asked, paths=50, moments=6)
    capped = without_growth(falling, asked)
    now = np.nanmean(asked.weekly()[0, -5:-1])
    below = falling.use.mean(axis=3) <= now
    assert below.mean() > 0.9
    np.testing.assert_array_equal(capped.use[below], falling.use[below])


@pytest.mark.parametrize("months", [12, 36])
def test_a_term_is_bought_on_what_is_used_today(months: int) -> None:
    """Use that is even within a week doubles in a year: what is bought would be used up in today's month."""
    use = np.repeat(10 * 2 ** (np.arange(78) / 52), 168)
    [found] = markets(demand_of(use[None]), [Offer("plan", {"a": 0.5}, months)], ())
    [bought] = [one for one in found.bought.purchases if one.week == 0]
    now, level = use[-28 * 24 :], bought.hourly / 0.5
    assert np.minimum(now, level).mean() / level > 0.97
    assert level > 0.9 * now.mean()
