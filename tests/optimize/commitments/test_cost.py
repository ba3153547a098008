"""Cost of a commitment and the best of hindsight: by hand, and against trying every level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.commitments.cost import best, cost, saving, share_of_optimum

USE = st.lists(st.integers(0, 20), min_size=1, max_size=30).map(lambda values: np.array(values, dtype=float))
DISCOUNT = st.sampled_from([0.05, 0.2, 0.25, 0.5, 0.72])


def test_cost_is_paid_in_every_hour_and_for_what_is_above() -> None:
    """Commit 4 at half price: 2 an hour, and 0, 3, 6 on demand: three hours at 2 and 9 more."""
    assert cost(np.array([1.0, 7.0, 10.0]), 4.0, discount=0.5) == 15.0
    assert saving(np.array([1.0, 7.0, 10.0]), 4.0, discount=0.5) == 3.0


@given(USE, DISCOUNT)
def test_no_level_costs_less_than_the_best(use: np.ndarray, discount: float) -> None:
    """The cost is piecewise linear with its corners at the values of use: trying all of them is enough."""
    tried = min(cost(use, level, discount=discount) for level in (0.0, *use))
    assert cost(use, best(use, discount=discount), discount=discount) == pytest.approx(tried)


@given(USE, DISCOUNT)
def test_weights_are_hours(use: np.ndarray, discount: float) -> None:
    """An hour of weight three is three hours."""
    weight = 1.0 + np.arange(len(use)) % 3
    long = np.repeat(use, weight.astype(int))
    assert best(use, discount=discount, weight=weight) == best(long, discount=discount)
    assert cost(use, 5.0, discount=discount, weight=weight) == pytest.approx(
        cost(long, 5.0, discount=discount)
    )


def test_unknown_hours_are_not_hours_without_use() -> None:
    """With gaps as zero the median would be 0."""
    use = np.array([np.nan, np.nan, 8.0, 8.0])
    assert best(use, discount=0.5) == 8.0
    assert cost(use, 8.0, discount=0.5) == 8.0


def test_share_of_what_was_possible() -> None:
    """The best of 2, 8, 8, 8 at .5 is 8: it saves 26 - 16 = 10; 2 saves 8 - 4 = 4; 30 costs 34 more."""
    use = np.array([2.0, 8.0, 8.0, 8.0])
    assert share_of_optimum(use, 8.0, discount=0.5) == 1.0
    assert share_of_optimum(use, 2.0, discount=0.5) == pytest.approx(0.4)
    assert share_of_optimum(use, 30.0, discount=0.5) == pytest.approx(-3.4)
    assert np.isnan(share_of_optimum(np.zeros(3), 1.0, discount=0.5))


@pytest.mark.parametrize(
    ("committed", "discount"), [(-1.0, 0.5), (1.0, 1.0), (1.0, -0.1), (float("nan"), 1.5)]
)
def test_impossible_terms_are_refused(committed: float, discount: float) -> None:
    """A share lies below one, a commitment is not below zero."""
    with pytest.raises(ValueError, match="share below 1"):
        cost(np.ones(2), committed, discount=discount)


def test_nothing_known_is_no_commitment() -> None:
    """Also without a discount there is nothing to gain."""
    assert best(np.array([np.nan]), discount=0.5) == 0.0
    assert best(np.array([4.0]), discount=0.0) == 0.0
