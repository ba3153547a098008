"""Windows as arrays: each sample in its cell, joined as the metric says, and nothing known as NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import UsageError
from finops_lib.usage.windows import Windows, none_where_known, samples, windows
from tests.usage.samples import DAY, at, table


def window(*parts: pa.Table, metric: str = "cpu", minutes: int = 20, **asked: Any) -> Windows:
    """Ask for steps of ten minutes from midnight."""
    return windows(parts, metric=metric, start=DAY, end=at(minutes), **{"step_seconds": 600, **asked})


@pytest.mark.parametrize(
    ("metric", "unit", "wanted"),
    [("cpu", "cores", 4.0), ("memory", "bytes", 7.0), ("restarts", "count", 8.0)],
)
def test_samples_of_one_step_are_joined_as_the_metric_says(metric: str, unit: str, wanted: float) -> None:
    """1 and 7 are 4 cores in the mean, 7 bytes at most and 8 restarts together."""
    found = window(table(("a", metric, 0, 1.0, unit), ("a", metric, 9.99, 7.0, unit)), metric=metric)
    assert found.values.tolist()[0][0] == wanted
    assert np.isnan(found.values[0, 1])
    assert (found.unit, found.known.tolist()) == (unit, [0.5])


def test_samples_outside_the_window_are_left_out() -> None:
    """The start belongs to it, the end does not; a resource with samples only outside is a row of NaN."""
    found = window(
        table(
            ("a", "cpu", -1, 9.0, "cores"),
            ("a", "cpu", 0, 1.0, "cores"),
            ("a", "cpu", 19.9, 2.0, "cores"),
            ("a", "cpu", 20, 9.0, "cores"),
            ("b", "cpu", 30, 9.0, "cores"),
        )
    )
    assert found.resources == ("a", "b")
    np.testing.assert_array_equal(found.values, np.array([[1, 2], [np.nan, np.nan]], dtype=np.float32))


def test_parts_with_other_codes_fall_into_the_same_rows() -> None:
    """A resource is its name, not its number in a part; the order asked for is kept, the unknown is NaN."""
    first, second = (
        table(("b", "cpu", 0, 1.0, "cores")),
        table(("a", "cpu", 0, 2.0, "cores"), ("b", "cpu", 10, 3.0, "cores")),
    )
    found = window(first, second, resources=["b", "x", "a"])
    np.testing.assert_array_equal(
        found.values, np.array([[1, 3], [np.nan] * 2, [2, np.nan]], dtype=np.float32)
    )
    assert found.of("b").tolist() == [1.0, 3.0]


def test_one_metric_in_two_units_is_refused() -> None:
    """Two sources called different things by one name."""
    parts = table(("a", "mine", 0, 1.0, "GiB")), table(("b", "mine", 0, 1.0, "s"))
    with pytest.raises(UsageError, match="metric 'mine' in bytes and seconds"):
        window(*parts, metric="mine")


def test_times_of_the_lake_fall_into_the_same_cells() -> None:
    """It keeps microseconds where the table has milliseconds."""
    part = table(("a", "cpu", 10, 1.0, "cores"))
    finer = part.set_column(2, "time", part.column("time").cast(pa.timestamp("us", tz="UTC")))
    np.testing.assert_array_equal(window(finer).values, window(part).values)
    assert window(finer).of("a")[1] == 1.0


def test_windows_become_the_table_that_they_were_made_of() -> None:
    """Gaps have no row, whatever the order of metrics."""
    lines = [("a", "cpu", 0, 1.0, "cores"), ("b", "cpu", 10, 2.0, "cores"), ("a", "memory", 10, 3.0, "bytes")]
    whole = table(*lines)
    assert samples([window(whole, metric=metric) for metric in ("memory", "cpu")]).equals(whole)
    assert samples([]).num_rows == 0


def test_a_metric_that_is_not_there_is_an_empty_window() -> None:
    """With no row and as many steps."""
    assert window(table(("a", "cpu", 0, 1.0, "cores")), metric="gpu").values.shape == (0, 2)


def test_a_span_that_is_no_whole_number_of_steps_is_wrong_use() -> None:
    """25 minutes are no steps of ten."""
    with pytest.raises(ValueError, match="no whole number of steps"):
        window(minutes=25)


def test_no_event_is_zero_only_where_somebody_counted() -> None:
    """Where CPU is known and no restart is told there was none; where nothing is known it stays unknown."""
    cpu = window(table(("a", "cpu", 0, 1.0, "cores"), ("b", "cpu", 10, 1.0, "cores")))
    events = window(
        table(("a", "restarts", 10, 2.0, "count"), ("z", "restarts", 0, 1.0, "count")), metric="restarts"
    )
    found = none_where_known(events, cpu)
    assert (found.resources, found.metric, found.unit) == (("a", "b"), "restarts", "count")
    np.testing.assert_array_equal(found.values, np.array([[0, 2], [np.nan, 0]], dtype=np.float32))
    with pytest.raises(ValueError, match="cpu counts no events"):
        none_where_known(cpu, cpu)
    with pytest.raises(ValueError, match="different spans"):
        none_where_known(window(metric="restarts", minutes=30), cpu)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.just("cpu"),
            st.integers(-3, 40),
            st.integers(0, 50).map(float),
            st.just("cores"),
        ),
        unique_by=lambda line: line[:3],
        max_size=40,
    )
)
def test_every_cell_is_the_mean_of_its_samples(lines: list[tuple[Any, ...]]) -> None:
    """Against a loop over cells, in one part or in two."""
    half = len(lines) // 2
    whole = window(table(*lines), minutes=30)
    parts = window(table(*lines[:half]), table(*lines[half:]), minutes=30)
    np.testing.assert_array_equal(whole.values, parts.values)
    for row, name in enumerate(whole.resources):
        for step in range(3):
            own = [line[3] for line in lines if line[0] == name and line[2] // 10 == step]
            wanted = np.float32(np.mean(own)) if own else np.float32(np.nan)
            np.testing.assert_allclose(whole.values[row, step], wanted, rtol=1e-6)
