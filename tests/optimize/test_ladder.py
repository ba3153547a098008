"""The ladder: shares above each rung, moved and chosen from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finops_lib.optimize.ladder import LADDER, RUNG, RUNGS, above, cheapest, moved

SHARES = st.floats(0, 1.3) | st.just(float("nan")) | st.sampled_from([float(LADDER[7]), 1.0, 0.01])


def test_rungs_are_one_per_cent_apart() -> None:
    """From 1 % to the whole in equal ratios."""
    assert len(LADDER) == RUNGS
    assert (LADDER[0], LADDER[-1]) == (pytest.approx(0.01), 1.0)
    np.testing.assert_allclose(np.diff(np.log(LADDER)), RUNG)
    assert pytest.approx(0.01, abs=1e-4) == RUNG


@given(arrays(np.float64, (3, 8), elements=SHARES))
def test_shares_above_count_known_samples_beyond_each_rung(share: np.ndarray) -> None:
    """A loop over rungs gives the same; a sample at a rung does not exceed it, nor does any the whole."""
    found = above(share)
    for row, values in enumerate(share):
        known = np.minimum(values[np.isfinite(values)], 1.0)
        expected = [(known > rung).mean() if len(known) else np.nan for rung in LADDER]
        np.testing.assert_allclose(found[row], expected)


def test_moved_up_never_says_less_than_the_use_itself_moved() -> None:
    """Survival of use times a factor lies at or below the moved survival, and one rung away at most."""
    use = np.random.default_rng(1).uniform(0.02, 0.3, (1, 400))
    for factor in (0.6, 1.0, 1.37, 2.5):
        exact = above(use * factor)
        found = moved(above(use), np.array([np.log(factor) / RUNG]))
        assert (found >= exact - 1e-12).all()
        assert (found[:, 1:] <= exact[:, :-1] + 1e-12).all()


def test_the_cheapest_rung_weighs_size_against_risk() -> None:
    """A dear risk is avoided, a cheap one taken, by a large machine sooner; what is not allowed never."""
    risk = above(np.tile([0.1] * 99 + [0.8], (2, 1)))  # above .1 lies 1 %
    weight = np.array([1.0, 50.0])
    size = LADDER[cheapest(risk, price=100.0, weight=weight)]
    assert size.tolist() == pytest.approx([0.8, 0.1], rel=0.02)  # .7 * 1 < 100 * .01 < .7 * 50
    strict = cheapest(risk, price=100.0, weight=weight, allowed=risk <= 0.005)
    assert LADDER[strict].tolist() == pytest.approx([0.8, 0.8], rel=0.02)
    none = cheapest(risk, price=100.0, weight=weight, allowed=np.zeros_like(risk, dtype=bool))
    assert none.tolist() == [RUNGS - 1, RUNGS - 1]
