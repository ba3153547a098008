"""One long table: sorted, each sample once, one unit a metric, gaps absent, and what is refused."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import UsageError
from finops_lib.usage.series import METRICS, SCHEMA, series
from finops_lib.usage.units import unit_of
from tests.usage.samples import DAY, rows, table, told


def test_units_are_converted_each_by_its_factor() -> None:
    """Two GiB and 512 MiB are bytes, 250 millicores a quarter core, 40 % 0.4; whatever the order of rows."""
    found = table(
        ("b", "memory", 5, 512.0, "MiB"),
        ("a", "memory", 5, 2.0, "GiB"),
        ("a", "cpu", 0, 250.0, "MilliCores"),
        ("a", "cpu_share", 0, 40.0, "Percent"),
        ("a", "memory", 0, 3.0, "bytes"),
    )
    assert found.schema == SCHEMA
    assert told(found) == [
        ("a", "cpu", 0, 0.25, "cores"),
        ("a", "cpu_share", 0, 0.4, "ratio"),
        ("a", "memory", 0, 3.0, "bytes"),
        ("a", "memory", 5, 2147480000.0, "bytes"),
        ("b", "memory", 5, 536871000.0, "bytes"),
    ]


def test_a_gap_has_no_row_and_zero_has_one() -> None:
    """Null, NaN and infinity say nothing; 0 says that nothing was used. Who has no sample is gone."""
    found = table(
        ("a", "cpu", 0, 0.0, "cores"),
        ("a", "cpu", 5, None, "cores"),
        ("a", "cpu", 10, float("nan"), "cores"),
        ("b", "cpu", 0, float("inf"), "cores"),
    )
    assert told(found) == [("a", "cpu", 0, 0.0, "cores")]
    assert found.column("resource").chunk(0).dictionary.to_pylist() == ["a"]


def test_an_empty_table_is_one() -> None:
    """No rows are no error: what that means is for who asked."""
    assert series(rows()).num_rows == 0


def test_a_sample_told_twice_in_the_same_words_counts_once() -> None:
    """Also if one of the two is told in another unit."""
    found = table(
        ("a", "memory", 0, 1.0, "KiB"), ("a", "memory", 0, 1024.0, "bytes"), ("a", "memory", 5, 1.0, "KiB")
    )
    assert [line[2:4] for line in told(found)] == [(0, 1024.0), (5, 1024.0)]


def test_two_values_of_one_moment_are_refused() -> None:
    """The message has resource, metric, moment and both values."""
    with pytest.raises(UsageError, match=r"cpu of 'a' at 2026-07-01T00:05:00Z: 1 and 2") as found:
        table(("a", "cpu", 5, 2.0, "cores"), ("a", "cpu", 0, 1.0, "cores"), ("a", "cpu", 5, 1.0, "cores"))
    assert found.value.rule == "a resource has one value of a metric at one time"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([("a", "memory", 0, 1.0, "GiB"), ("b", "memory", 0, 50.0, "Percent")], "'GiB' and 'Percent'"),
        ([("a", "memory", 0, 1.0, "Percent")], r"metric 'memory' in 'Percent': here it is kept in bytes"),
        ([("a", "mine", 0, 1.0, "GiB"), ("b", "mine", 0, 1.0, "s")], "metric 'mine' in 'GiB' and 's'"),
        ([("a", "cpu", 0, 1.0, "bogomips")], "unit 'bogomips'"),
        ([(" ", "cpu", 0, 1.0, "cores")], "column resource"),
        ([(None, "cpu", 0, 1.0, "cores")], "column resource"),
        ([("x" * 1001, "cpu", 0, 1.0, "cores")], "column resource: each row has one of 1 to 1000 characters"),
        ([("a", "", 0, 1.0, "cores")], "column metric"),
        ([(f"{n}", f"m{n}", 0, 1.0, "cores") for n in range(128)], "128 metrics: a table has at most 127"),
    ],
)
def test_what_contradicts_itself_is_refused(lines: list[tuple[object, ...]], text: str) -> None:
    """Mixed units, empty names and too many metrics are named, and no table is made."""
    with pytest.raises(UsageError, match=text):
        table(*lines)


def test_a_metric_of_ones_own_is_kept_in_its_unit() -> None:
    """It needs no entry in the list of metrics."""
    assert told(table(("a", "queue_age", 0, 1500.0, "ms"))) == [("a", "queue_age", 0, 1.5, "seconds")]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"value": pa.array(["1"])}, "column value of type string: it holds numbers"),
        ({"time": pa.array([DAY.replace(tzinfo=None)])}, "each row has a moment with a time zone"),
        ({"time": pa.array([0])}, "column time of type int64"),
        ({"time": pa.array([None], pa.timestamp("ms", tz="UTC"))}, "column time"),
    ],
)
def test_a_column_of_another_type_is_refused(changed: dict[str, pa.Array], text: str) -> None:
    """Text is no number, and a time without a zone is no moment."""
    good = rows(("a", "cpu", 0, 1.0, "cores"))
    bad = pa.table({name: changed.get(name, good.column(name)) for name in good.column_names})
    with pytest.raises(UsageError, match=text):
        series(bad)


def test_a_missing_column_is_named() -> None:
    """With all that there should be."""
    with pytest.raises(UsageError, match="columns value, unit: a table of usage has resource, metric, time"):
        series(rows().select(["resource", "metric", "time"]))


def test_every_metric_is_kept_in_a_unit_of_the_list() -> None:
    """Else nothing could ever be brought into it."""
    assert {name: unit_of(item.unit) for name, item in METRICS.items()} == {
        name: (item.unit, 1.0) for name, item in METRICS.items()
    }


LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "ü/😀", "x\ny"]),
        st.sampled_from(["cpu", "mine"]),
        st.integers(0, 5),
        st.integers(0, 100).map(float),
        st.just("cores"),
    ),
    unique_by=lambda line: line[:3],
    max_size=30,
)


@given(LINES)
def test_every_sample_is_there_once_and_in_order(lines: list[tuple[object, ...]]) -> None:
    """Against sorting in plain Python; and to check a checked table changes nothing."""
    found = table(*lines)
    wanted = sorted(lines, key=lambda line: (line[1], str(line[0]).encode(), line[2]))
    assert told(found) == wanted
    assert series(found).equals(found)
