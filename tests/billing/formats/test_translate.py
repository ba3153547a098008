"""Pieces shared by formats: months, cells read together, tags in columns, columns kept as they are."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import billing_month, combined, iso, kept, tags_in_columns, times


def rows(**columns: list[str | None]) -> Rows:
    return Rows(pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2023-11-13T10:00Z", "2023-11-01T00:00:00Z", "2023-12-01T00:00:00Z"),
        ("2023-12-31T23:59:59Z", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        # Half past midnight in Paris is still the year before in UTC.
        ("2024-01-01T00:30+01:00", "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        # A spreadsheet wrote the date its own way; the month is the same.
        ("11/13/2023 10:00", "2023-11-01T00:00:00Z", "2023-12-01T00:00:00Z"),
        ("2024-02-29", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("yesterday", "yesterday", None),
        ("9999-12-31T23:59Z", "9999-12-31T23:59Z", None),
        (None, None, None),
    ],
)
def test_the_month_of_a_moment(text: str | None, start: str | None, end: str | None) -> None:
    """It is the calendar month in UTC, half-open; what cannot be read stays as it is."""
    found = billing_month(rows(at=[text]), "at")
    assert (found["BillingPeriodStart"].to_pylist(), found["BillingPeriodEnd"].to_pylist()) == (
        [start],
        [end],
    )


def test_an_absent_column_names_no_moment() -> None:
    """Each row is null."""
    assert iso(times(rows(a=["x", "y"]), "at")).to_pylist() == [None, None]


def test_a_moment_is_written_to_the_second() -> None:
    """Parts of a second are cut off."""
    found = iso(times(rows(at=["2026-07-01T10:00:00.999Z"]), "at"))
    assert found.to_pylist() == ["2026-07-01T10:00:00Z"]


def test_equal_combinations_are_asked_once() -> None:
    """Three rows of two combinations are two questions, and each row gets its answer."""
    asked: list[list[str | None]] = []

    def joined(cells: list[str | None]) -> str | None:
        asked.append(cells)
        return cells[1] and f"{cells[0]}+{cells[1]}"

    found = combined(rows(a=["1", "1", "1"], b=["2", None, "2"]), ["a", "b"], joined)
    assert (found.to_pylist(), asked) == (["1+2", None, "1+2"], [["1", "2"], ["1", None]])


def test_no_names_say_nothing() -> None:
    """Each row is null and nothing is asked."""
    assert combined(rows(a=["1", "2"]), [], lambda _: "asked").to_pylist() == [None, None]


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_a_cell_never_moves_into_its_neighbour(cells: list[tuple[str, str]]) -> None:
    """Whatever separators a cell holds, as many cells are handed over as there are columns."""
    batch = rows(a=[first for first, _ in cells], b=[second for _, second in cells])
    found = combined(batch, ["a", "b"], lambda both: str(len(both)))
    assert found.to_pylist() == ["2"] * len(cells)


@given(st.dictionaries(st.text(min_size=1), st.none() | st.text(min_size=1), min_size=1, max_size=4))
def test_tags_come_back_as_they_went_in(tags: dict[str, str | None]) -> None:
    """Quotes, backslashes and line ends in keys and values are the tag's own; null is no tag."""
    batch = rows(**{f"c{number}": [value] for number, value in enumerate(tags.values())})
    keys = {f"c{number}": key for number, key in enumerate(tags)}
    found = tags_in_columns(batch, keys)
    assert found is not None
    said = {key: value for key, value in tags.items() if value is not None}
    assert [text and json.loads(text) for text in found.to_pylist()] == [said or None]


def test_without_tag_columns_there_are_no_tags() -> None:
    """None, and not a column of nulls."""
    assert tags_in_columns(rows(a=["1"]), {}) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["new"], ["x_new"]),
        (["used"], []),
        (["Mine"], ["x_Mine_"]),
        (["mine", "Mine"], ["x_mine_", "x_Mine__"]),
        (["SourceCost", "Slice"], ["x_SourceCost_", "x_Slice_"]),
    ],
)
def test_a_column_is_kept_and_takes_no_name_that_means_something(
    names: list[str], expected: list[str]
) -> None:
    """Names taken by a translation, also in other letters, and names that decide something are passed by."""
    raw = pa.table({name: ["1"] for name in names})
    assert list(kept(raw, used={"used"}, taken={"x_Mine"})) == expected


def test_a_column_that_says_nothing_is_left_out() -> None:
    """One cell is enough to keep it."""
    raw = pa.table({"none": pa.nulls(2, pa.string()), "one": pa.array([None, "1"])})
    assert {name: column.to_pylist() for name, column in kept(raw, used=(), taken=()).items()} == {
        "x_one": [None, "1"]
    }
