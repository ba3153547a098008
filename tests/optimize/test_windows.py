"""Tables of use: what fits together, pods of a workload, and percentiles with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finops_lib.optimize.windows import Histories, most_by, quantiles

VALUES = st.floats(0, 1e6, width=32) | st.just(float("nan"))


def two_pods(**changed: Any) -> Histories:
    """Make a workload of two pods and one of one."""
    use = np.array([[1.0, np.nan, 5.0], [2.0, 3.0, np.nan], [np.nan, np.nan, 7.0]])
    parts = {"names": ("web", "web", "db"), "use": use, "step_seconds": 3600, "kind": "cpu"}
    return Histories(**(parts | {"capacity": np.array([4.0, 8.0, np.nan])} | changed))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"kind": "heat"}, "kind 'heat'"),
        ({"step_seconds": 0}, "time goes forward"),
        ({"names": ("web",)}, "one of each a row"),
        ({"capacity": np.array([0.0, 1.0, 1.0])}, "capacity at or below zero"),
        ({"use": np.full((3, 2), -1.0)}, "use below zero"),
        ({"use": np.full((3, 2), np.inf)}, "use below zero or without end"),
    ],
)
def test_refuses_what_does_not_fit(changed: dict[str, Any], words: str) -> None:
    """A table whose parts contradict one another is refused, naming the part."""
    with pytest.raises(ValueError, match=words):
        two_pods(**changed)


def test_pods_are_merged_to_the_busiest() -> None:
    """At each step the most of the pods counts, a gap only where all have one; capacity is the largest."""
    merged = two_pods().merged()
    assert merged.names == ("web", "db")
    np.testing.assert_array_equal(merged.use, [[2.0, 3.0, 5.0], [np.nan, np.nan, 7.0]])
    np.testing.assert_array_equal(merged.capacity, [8.0, np.nan])


def test_rows_and_last_cut_the_table() -> None:
    """Rows keep their names and capacity; the newest steps may end before the newest one."""
    cut = two_pods().rows(np.array([False, True, True])).last(1, before=1)
    assert cut.names == ("web", "db")
    np.testing.assert_array_equal(cut.use, [[3.0], [np.nan]])
    assert two_pods().last(9, before=5).use.shape == (3, 0)


@given(arrays(np.float64, (4, 7), elements=VALUES), st.lists(st.floats(0, 1), min_size=1, max_size=3))
def test_quantiles_are_those_of_the_known_samples(use: np.ndarray, levels: list[float]) -> None:
    """Each row agrees with numpy's quantile of its known samples; a row without one is unknown."""
    found = quantiles(use, levels)
    for row, values in enumerate(use):
        known = values[np.isfinite(values)]
        expected = np.quantile(known, levels) if len(known) else np.full(len(levels), np.nan)
        np.testing.assert_allclose(found[row], expected, rtol=1e-9)


def test_the_most_of_groups_ignores_gaps() -> None:
    """A group without a known value stays unknown, also one without rows."""
    found = most_by(np.array([np.nan, 2.0, 1.0]), np.array([0, 1, 1]), groups=3)
    np.testing.assert_array_equal(found, [np.nan, 2.0, np.nan])


def test_without_a_step_nothing_is_known() -> None:
    """A table of no width has unknown percentiles, in their shape."""
    found = quantiles(np.empty((2, 0)), [0.5, 0.9, 1.0])
    assert found.shape == (2, 3) and np.isnan(found).all()
