"""Events out of counters, and pods made into workloads, with gaps kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.usage.prometheus.pods import increments, joined
from finops_lib.usage.prometheus.queries import COUNTED
from finops_lib.usage.series import HIGHEST, SUM

NAN = np.nan


@pytest.mark.parametrize(
    ("counts", "events"),
    [
        ([0, 0, 2, 5], [0, 2, 3]),
        ([5, 1, 1, 4], [1, 0, 3]),  # anew from zero: one event
        ([1, NAN, NAN, 4], [NAN, NAN, 3]),  # somewhere in the gap: told at its end
        ([NAN, 3, 4, NAN], [NAN, 1, NAN]),  # the three were there before
        ([NAN] * 4, [NAN] * 3),
    ],
)
def test_a_counter_is_events(counts: list[float], events: list[float]) -> None:
    """Rises, resets, gaps and beginnings."""
    np.testing.assert_array_equal(increments(np.array([counts], dtype=float)), [events])


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        (SUM, [[5, 3, NAN], [7, NAN, NAN]]),
        (HIGHEST, [[4, 3, NAN], [7, NAN, NAN]]),
        (COUNTED, [[2, 1, NAN], [1, NAN, NAN]]),
    ],
)
def test_pods_make_a_workload(how: str, wanted: list[list[float]]) -> None:
    """Two pods of one, one of another: sum, highest and count of those that are known, NaN where none is."""
    values = np.array([[1, 3, NAN], [7, NAN, NAN], [4, NAN, NAN]])
    np.testing.assert_array_equal(joined(values, np.array([0, 1, 0]), how, count=2), wanted)


def test_no_pod_is_no_row() -> None:
    """And as many steps."""
    assert joined(np.empty((0, 4)), np.array([], dtype=int), SUM, count=0).shape == (0, 4)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=3, max_size=3)
        ),
        max_size=8,
    )
)
def test_any_pods_against_a_loop(pods: list[tuple[int, list[Any]]]) -> None:
    """Cell by cell."""
    values = np.array([[NAN if v is None else v for v in row] for _, row in pods], dtype=float).reshape(-1, 3)
    rows = np.array([place for place, _ in pods], dtype=np.int64)
    for how, plain in ((SUM, sum), (HIGHEST, max), (COUNTED, len)):
        found = joined(values, rows, how, count=3)
        for place in range(3):
            for step in range(3):
                own = [row[step] for where, row in pods if where == place and row[step] is not None]
                np.testing.assert_equal(found[place, step], float(plain(own)) if own else NAN)
