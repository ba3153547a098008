"""The promise and the price at which the past kept it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.price import Promise, folds, lowest


def test_a_promise_holds_for_the_mean_and_for_workloads() -> None:
    """The mean may reach its share; broken bounds are counted with one more, at the edge by hand."""
    promise = Promise(mean=0.01, bound=0.02, kept=0.9)
    assert promise.mean_holds(np.array([0.0, 0.02]))
    assert not promise.mean_holds(np.array([0.0, 0.021]))
    assert promise.holds(np.array([0.03] + [0.0] * 18))  # (1 + 1) / (19 + 1) = 10 %
    assert not promise.holds(np.array([0.03] + [0.0] * 17))  # 2 / 19 is more
    assert not promise.holds(np.array([0.2] + [0.0] * 18))  # the mean is 1.05 %


def test_no_past_keeps_no_promise() -> None:
    """Without a window nothing is known, which is not that it holds."""
    assert not Promise().mean_holds(np.array([]))
    assert not Promise().holds(np.array([]))


@given(st.floats(0.02, 900))
def test_the_lowest_price_is_found(edge: float) -> None:
    """The price lies at the edge, on the side where the promise holds."""
    found = lowest(lambda price: price >= edge, low=0.01, high=1000.0)
    assert found >= edge
    assert found == pytest.approx(edge, rel=1e-6)


def test_a_promise_that_never_holds_takes_the_highest_price() -> None:
    """The end of the range is the answer."""
    assert lowest(lambda _: False, low=0.1, high=10.0) == pytest.approx(10.0)


@given(st.permutations([f"w{number}" for number in range(12)]))
def test_folds_are_even_and_do_not_depend_on_order(names: list[str]) -> None:
    """Each workload keeps its part in whatever order windows come, and parts differ by one at most."""
    part = dict(zip(names, folds(names).tolist(), strict=True))
    plain = [f"w{number}" for number in range(12)]
    assert [part[name] for name in plain] == folds(plain).tolist()
    assert sorted(np.bincount(list(part.values())).tolist()) == [2, 2, 2, 3, 3]
