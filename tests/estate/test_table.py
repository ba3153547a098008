from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.charges import Block, Kind, usage_line
from finops_lib.estate.company import company
from finops_lib.estate.table import ByLine, ByRow, ByTime, arrow_table, csv_text, decimals, header

WHO = company(1, slots=1)
LINE = usage_line(WHO, months(1, step_hours=24)[0], WHO.slots[0])
FIELDS = (
    ByTime("From", "start"),
    ByTime("Span", "interval"),
    ByRow("Cost", "billed"),
    ByRow("Tax", "billed", kinds=frozenset({Kind.TAX})),
    ByLine("Said", lambda line: line.description),
    ByLine("Tags", lambda line: {"a": line.description}, "map"),
)


def block(text: str = "plain", cost: int = 15 * 10**9) -> Block:
    zero = np.zeros(1, dtype=np.int64)
    return Block((replace(LINE, description=text),), zero, zero, zero + 3600, {"billed": zero + cost})


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")))
def test_any_text_comes_back_from_csv(text: str) -> None:
    """Quotes, commas, line ends and other alphabets survive."""
    written = header(FIELDS) + bytes(csv_text(block(text), FIELDS)).decode()
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert row["Said"] == text


def test_a_row_is_written_column_by_column() -> None:
    """Times in UTC, money with ten decimals, empty where a column is not for this kind of charge."""
    assert bytes(csv_text(block(), FIELDS)).decode() == (
        '1970-01-01T00:00:00Z,1970-01-01T00:00:00Z/1970-01-01T01:00:00Z,1.5000000000,,plain,"{""a"":""plain""}"\n'
    )


def test_zero_is_written_as_zero() -> None:
    """Not as 0E-10."""
    assert b",0,," in bytes(csv_text(block(cost=0), FIELDS))


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_become_exact_decimals(values: list[int]) -> None:
    """The same digits with the point ten places further left."""
    found = decimals(np.array(values, dtype=np.int64), 10).to_pylist()
    assert found == [Decimal(value).scaleb(-10) for value in values]


def test_the_arrow_table_has_types() -> None:
    """Decimals, time stamps in UTC, maps; a missing amount is null."""
    table = arrow_table(block(), FIELDS)
    assert table.to_pylist() == [
        {"From": datetime(1970, 1, 1, tzinfo=UTC), "Span": "1970-01-01T00:00:00Z/1970-01-01T01:00:00Z",
         "Cost": Decimal("1.5"), "Tax": None, "Said": "plain", "Tags": [("a", "plain")]},
    ]  # fmt: skip


def test_no_rows_are_no_text() -> None:
    """An empty block writes nothing."""
    none = np.zeros(0, dtype=np.int64)
    assert bytes(csv_text(Block((), none, none, none, {"billed": none}), FIELDS)) == b""


def test_a_row_ends_with_a_column_by_line() -> None:
    """The line end stands in the text of the last column."""
    with pytest.raises(ValueError, match="the last column"):
        csv_text(block(), FIELDS[:3])
