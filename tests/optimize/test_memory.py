"""Memory: kills raise the need, starts count for the limit, nothing is below what ran."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finops_lib.optimize.memory import request_and_limit, starts, with_kills
from finops_lib.optimize.strategies.base import Allocation
from finops_lib.optimize.windows import Histories

MIB = 1024.0**2
USE = st.floats(1, 100) | st.just(float("nan"))


def pods(use: np.ndarray, *, capacity: float = 10.0, names: tuple[str, ...] = ("web",)) -> Histories:
    """Make pods of equal capacity, a sample every five minutes."""
    return Histories(names, np.atleast_2d(use), 300, np.full(len(names), capacity), "memory")


def test_a_kill_says_that_more_was_needed_than_there_was() -> None:
    """20 % above the capacity, or 100 MiB where that is more; also in a gap, never less than was used."""
    small = with_kills(pods(np.array([50 * MIB, np.nan]), capacity=100 * MIB), np.array([[0, 1]]))
    assert (small.use / MIB).tolist() == [[50.0, 200.0]]
    large = with_kills(pods(np.array([5000 * MIB]), capacity=4000 * MIB), np.array([[2]]))
    assert large.use[0, 0] / MIB == pytest.approx(6000)  # 20 % above what was used
    blind = with_kills(pods(np.array([1000 * MIB]), capacity=np.nan), np.array([[1]]))
    assert blind.use[0, 0] / MIB == pytest.approx(1200)


def test_kills_fit_the_use() -> None:
    """One number a step."""
    with pytest.raises(ValueError, match="one number a step"):
        with_kills(pods(np.ones(3)), np.zeros((1, 2), dtype=int))


def test_starts_are_the_first_samples_after_a_gap() -> None:
    """For so many seconds, rounded up to steps; not at the head of the table, not in the next gap."""
    nan = np.nan
    use = np.array([3.0, nan, 9.0, 8.0, 3.0, nan, 7.0, nan])
    expected = [False, False, True, True, False, False, True, False]
    assert starts(pods(use), seconds=301).tolist() == [expected]


@given(arrays(np.float64, (3, 6), elements=USE), st.floats(0.1, 200))
def test_neither_request_nor_limit_is_below_what_ran(use: np.ndarray, amount: float) -> None:
    """Whatever a strategy says: the request covers steady use of every pod, the limit all of it and 10 %."""
    asked = pods(use, names=("web", "web", "db"))
    start = starts(asked, seconds=300)
    said = Allocation(("web", "db"), np.array([amount, np.nan]), None, ("", "one sample"))
    request, limit = request_and_limit(asked, said, start=start)
    steady = np.where(start, np.nan, use)[:2]
    ran, peak = np.fmax.reduce(steady, axis=None), np.fmax.reduce(use[:2], axis=None)
    assert request[0] == np.fmax(amount, ran)
    assert limit[0] == np.fmax(request[0], peak * 1.1)
    assert np.isnan([request[1], limit[1]]).all()
