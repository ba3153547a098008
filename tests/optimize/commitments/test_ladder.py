"""Steps of purchases: by hand, with ends in place, and never above the target."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.optimize.commitments.ladder import ladder, most_at_once


def test_what_ends_in_place_is_renewed() -> None:
    """6 of 6 are in place and 4 end in the third month: half of the target may be bought at once."""
    found = ladder(np.full(5, 6.0), np.array([6.0, 6.0, 2.0, 2.0, 2.0]), months=12, steps=2)
    assert found["ends"].tolist() == [0.0, 0.0, 4.0, 0.0, 0.0]
    assert found["renew"].tolist() == [0.0, 0.0, 3.0, 0.0, 0.0]
    assert found["add"].tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
    assert found["active"].tolist() == [6.0, 6.0, 5.0, 6.0, 6.0]


def test_a_falling_target_buys_nothing_and_lets_run_out() -> None:
    """What was bought stays until its term ends."""
    found = ladder(np.array([4.0, 4.0, 1.0, 1.0, 1.0]), np.zeros(5), months=3, steps=1)
    assert (found["renew"] + found["add"]).tolist() == [4.0, 0.0, 0.0, 1.0, 0.0]
    assert found["active"].tolist() == [4.0, 4.0, 4.0, 1.0, 1.0]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.integers(1, 12), st.integers(1, 6), st.data())
def test_never_more_is_bought_than_is_aimed_at(
    target: list[float], months: int, steps: int, data: st.DataObject
) -> None:
    """No month buys more than its part, and what it buys does not go above the target."""
    held = np.array(data.draw(st.lists(st.floats(0, 100), min_size=len(target), max_size=len(target))))
    found = ladder(np.array(target), held, months=months, steps=steps)
    bought = found["renew"] + found["add"]
    assert (bought >= 0).all()
    assert (bought <= np.array(target) / steps + 1e-9).all()
    assert ((found["active"] <= np.array(target) + 1e-9) | (bought <= 1e-12)).all()


def test_all_at_once_ends_at_once() -> None:
    """One step: all of it; four: a quarter; nothing: nothing."""
    for steps, share in ((1, 1.0), (4, 0.25)):
        found = ladder(np.full(12, 8.0), np.zeros(12), months=6, steps=steps)
        assert most_at_once(found, months=6) == pytest.approx(share)
    assert most_at_once(ladder(np.zeros(3), np.zeros(3), months=2, steps=1), months=2) == 0.0


@pytest.mark.parametrize(("size", "months", "steps"), [(2, 1, 1), (3, 0, 1), (3, 1, 0)])
def test_what_does_not_fit_is_refused(size: int, months: int, steps: int) -> None:
    """Lengths, term and steps."""
    with pytest.raises(ValueError, match="in place"):
        ladder(np.ones(3), np.ones(size), months=months, steps=steps)
