"""Columns of a batch by name; an absent one is all null."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats.rows import Rows

PLAIN = pa.array(["x", None, "y"])
BOTH = pytest.mark.parametrize("column", [PLAIN, PLAIN.dictionary_encode()], ids=["plain", "dictionary"])


@BOTH
def test_text_is_plain(column: pa.Array) -> None:
    """Plain or as a dictionary, a column comes back as plain text."""
    assert Rows(pa.table({"a": column})).text("a").equals(PLAIN)


def test_an_absent_column_is_all_null() -> None:
    """It has as many rows as the batch, and is text."""
    assert Rows(pa.table({"a": PLAIN})).text("b").equals(pa.nulls(3, pa.string()))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ["x", "q", "y"]),
        (["b", "a"], ["p", "q", "y"]),
        (["a"], ["x", None, "y"]),
        (["nowhere", "a"], ["x", None, "y"]),
    ],
)
def test_the_first_that_is_not_null(names: list[str], expected: list[str | None]) -> None:
    """Row by row, in the order asked; absent columns are passed over."""
    found = Rows(pa.table({"a": PLAIN, "b": pa.array(["p", "q", None])})).first(names)
    assert found is not None
    assert found.to_pylist() == expected


@pytest.mark.parametrize("names", [[], ["nowhere"]])
def test_none_of_the_columns_is_none(names: list[str]) -> None:
    """A batch that has none of them gives no column at all."""
    assert Rows(pa.table({"a": PLAIN})).first(names) is None


@pytest.mark.parametrize("count", [0, 3])
def test_a_constant_says_the_same_in_every_row(count: int) -> None:
    """As often as the batch has rows, also where it has none."""
    assert Rows(pa.table({"a": PLAIN[:count]})).constant("AWS").to_pylist() == ["AWS"] * count


@BOTH
def test_a_looked_up_null_stays_null(column: pa.Array) -> None:
    """Values are translated in their place."""
    assert Rows(pa.table({"a": column})).looked_up("a", str.upper).to_pylist() == ["X", None, "Y"]


def test_each_distinct_value_is_asked_once() -> None:
    """Four rows of two values are two questions; null is none."""
    asked: list[str] = []

    def ask(value: str) -> str:
        asked.append(value)
        return value

    Rows(pa.table({"a": ["x", "y", "x", None, "x"]})).looked_up("a", ask)
    assert asked == ["x", "y"]


@pytest.mark.parametrize("meaning", [None, ""])
def test_no_meaning_is_null(meaning: str | None) -> None:
    """None and blank are both null."""
    assert Rows(pa.table({"a": ["x"]})).looked_up("a", lambda _: meaning).to_pylist() == [None]


def test_an_absent_column_looks_up_to_null() -> None:
    """Nothing is asked where there is no column."""
    assert Rows(pa.table({"a": PLAIN})).looked_up("b", str.upper).to_pylist() == [None] * 3


@BOTH
def test_a_null_cell_is_none_of_them(column: pa.Array) -> None:
    """Membership is true or false, never unknown."""
    assert Rows(pa.table({"a": column})).is_one_of("a", ("x", "z")).to_pylist() == [True, False, False]


def test_no_cell_of_an_absent_column_is_one_of_them() -> None:
    """All rows are false."""
    assert Rows(pa.table({"a": PLAIN})).is_one_of("b", ("x",)).to_pylist() == [False] * 3
