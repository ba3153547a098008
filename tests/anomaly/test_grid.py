"""Frames become series: sums at every level, days without rows, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.anomaly.grid import Forest, labels_of, slab
from finops_lib.errors import CurrencyError, QueryError


def frame(**columns: object) -> pd.DataFrame:
    """Make a frame of two days and two teams."""
    told = {"time": pd.to_datetime(["2026-07-01", "2026-07-03"]), "team": ["a", "b"], "value": [1.0, 2.0]}
    return pd.DataFrame({**told, **columns})


def test_rows_of_one_day_are_added() -> None:
    """Two charges of a team on one day are one value; the day between has no row."""
    told = slab(pd.concat([frame(), frame()]), by=["team"])
    assert told.paths == (("a",), ("b",))
    np.testing.assert_array_equal(told.values, [[2.0, np.nan, np.nan], [np.nan, np.nan, 4.0]])
    assert told.known_days.tolist() == [True, False, True]
    assert told.first == date(2026, 7, 1)


def test_decimals_and_zones_are_read() -> None:
    """Money as Decimal, and a time with a zone counts by its UTC day."""
    times = pd.to_datetime(["2026-07-01T23:30:00-02:00", "2026-07-02T01:00:00-02:00"], utc=True)
    told = slab(frame(time=times, value=[Decimal("1.5"), Decimal("2")], team=["a", "a"]), by=["team"])
    assert (told.first, told.values.tolist()) == (date(2026, 7, 2), [[3.5]])


def test_one_unknown_amount_makes_the_day_unknown() -> None:
    """A day with 1 and None is not known, not 1."""
    times = pd.to_datetime(["2026-07-01", "2026-07-01"])
    told = slab(frame(time=times, team=["a", "a"], value=[1.0, None]), by=["team"])
    assert np.isnan(told.values).all()
    assert not told.absent.any()


def test_without_columns_there_is_the_whole() -> None:
    """No column: one series with the empty path."""
    assert slab(frame(), by=[]).paths == ((),)


def test_a_missing_name_has_a_name() -> None:
    """A row without a team belongs to (none), and its money is kept."""
    told = slab(frame(team=["a", None]), by=["team"])
    assert told.paths == (("a",), ("(none)",))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": ["x", 1.0]}, "no number"),
        ({"value": [np.inf, 1.0]}, "infinite"),
        ({"time": ["2026-07-01", "soon"]}, "'soon'"),
    ],
)
def test_what_cannot_be_read_is_refused(change: dict[str, object], words: str) -> None:
    """The error says what it was."""
    with pytest.raises(QueryError, match=words):
        slab(frame(**change), by=["team"])


def test_a_column_that_is_not_there_is_named() -> None:
    """A hierarchy over an unknown column is refused."""
    with pytest.raises(QueryError, match="'squad'"):
        slab(frame(), by=["squad"])


def test_currencies_are_not_mixed() -> None:
    """Euros and dollars are two series' worth of error."""
    with pytest.raises(CurrencyError, match="EUR, USD"):
        slab(frame(BillingCurrency=["EUR", "USD"]), by=["team"])


def test_an_empty_frame_has_no_series() -> None:
    """No rows: no parts, no days, no error."""
    told = slab(frame().iloc[:0], by=["team"])
    assert (told.paths, told.values.size) == ((), 0)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=6, unique=True)
)
def test_every_level_adds_up_to_the_whole(paths: list[tuple[str, str]]) -> None:
    """The sums of each level are equal to the whole."""
    forest = Forest()
    forest.add(paths)
    parts = np.arange(1.0, len(paths) + 1)[:, None]
    sums = forest.sums(parts, np.ones(parts.shape, dtype=bool))
    for depth in range(3):
        assert sums[forest.depths == depth].sum() == pytest.approx(parts.sum())


def test_a_part_that_has_not_begun_adds_nothing() -> None:
    """Before its first day a part is nothing to its sum; after it, an unknown day makes the sum unknown."""
    forest = Forest()
    forest.add([("a", "x"), ("a", "y")])
    parts = np.array([[1.0, 1.0, 1.0], [np.nan, 5.0, np.nan]])
    begun = np.array([[True, True, True], [False, True, True]])
    np.testing.assert_array_equal(forest.sums(parts, begun)[forest.nodes[("a",)]], [1.0, 6.0, np.nan])


def test_parts_are_taken_in_once() -> None:
    """The same part again adds no node; its sibling adds one."""
    forest = Forest()
    assert [forest.add([("a", "x")]), forest.add([("a", "x")]), forest.add([("a", "y")])] == [3, 0, 1]


def test_labels_name_the_steps() -> None:
    """A path of one step has the first column only, the whole has none."""
    assert labels_of(("a",), ["team", "app"]) == {"team": "a"}
    assert labels_of((), ["team"]) == {}
