"""Rows that are no charges by their form alone."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.strays import strays

NAMES = ("Cost", "Day", "Who", "Region", "Service", "Account")
CHARGE = dict(zip(NAMES, ("1", "2026-07-01", "ann", "eu", "Compute", "7"), strict=True))
NUMERIC = ("Price", "Cost")  # a file need not have all of them


def rows(*lines: Mapping[str, str | None]) -> pa.Table:
    """Make text columns as a reader does: numbers plain, all else as dictionaries."""
    columns = {name: pa.array([line.get(name) for line in lines], pa.string()) for name in NAMES}
    return pa.table(
        {name: column if name in NUMERIC else column.dictionary_encode() for name, column in columns.items()}
    )


def found(*lines: Mapping[str, str | None]) -> list[str | None]:
    """Ask which rows are strays."""
    told = strays(rows(*lines), numeric=NUMERIC)
    return [None] * len(lines) if told is None else told.to_pylist()


HEADER = {name: name for name in NAMES}


@pytest.mark.parametrize(
    "line",
    [HEADER, HEADER | {"Day": " Day "}, HEADER | {"Who": None, "Region": None}],
    ids=["whole", "spaces", "cells missing"],
)
def test_the_header_again_is_no_charge(line: dict[str, str | None]) -> None:
    """Every cell that is filled says the name of its column; the rows around it are charges."""
    assert found(CHARGE, line, CHARGE) == [None, "header_repeated", None]


@pytest.mark.parametrize(
    "line",
    [HEADER | {"Day": "2026-07-01"}, {"Who": "Who"}, CHARGE | {"Who": "Who"}, {}],
    ids=["one cell differs", "no number's name", "a name like a column", "blank"],
)
def test_a_row_that_differs_from_the_header_stays(line: dict[str, str]) -> None:
    """Also beside a header that stands there again."""
    assert found(CHARGE, line) == [None, None]
    assert found(HEADER, line) == ["header_repeated", None]


@pytest.mark.parametrize(
    "word",
    "Total|TOTAL|total:|Grand Total|Subtotal|Sub-Total|InvoiceTotal|Statement Total|account_total|Totals|Sum"
    "|Summe|Gesamt|Gesamtsumme|Total general|Total général|Totale| Total cost |Total amount :".split("|"),
)
def test_a_row_of_a_word_and_an_amount_is_a_total(word: str) -> None:
    """In several languages, in any text column."""
    for column in ("Who", "Day"):
        assert found(CHARGE, {column: word, "Cost": "123"}) == [None, "summary_row"]


@pytest.mark.parametrize(
    "word", ["Total Recall", "Totally", "Totals of ann", "Summer", "Consumption", "x total", "", None]
)
def test_other_words_are_no_totals(word: str | None) -> None:
    """However few cells are filled."""
    assert found(CHARGE, {"Who": word, "Cost": "123"}) == [None, None]


@pytest.mark.parametrize(("filled", "rule"), [(1, "summary_row"), (4, "summary_row"), (5, None), (6, None)])
def test_a_total_has_at_most_four_cells(filled: int, rule: str | None) -> None:
    """A full row of a service named Total is a charge."""
    names = ["Who", *(name for name in NAMES if name != "Who")][:filled]
    line = {name: CHARGE[name] for name in names} | {"Who": "Total"}
    assert found(CHARGE, line) == [None, rule]


def test_a_narrow_file_may_name_things_total() -> None:
    """Where a file has four columns, a row of four cells is a charge, and one of three a total."""
    table = rows(CHARGE | {"Who": "Total"}, {"Who": "Total", "Cost": "1", "Day": "x"})
    told = strays(table.select(["Cost", "Day", "Who", "Region"]), numeric=NUMERIC)
    assert told.to_pylist() == [None, "summary_row"]


def test_several_strays_of_both_kinds_are_told_apart() -> None:
    """A header keeps its rule though totals are there too, and words in different columns count."""
    totals = ({"Who": "Total", "Cost": "9"}, {"Region": "Summe", "Cost": "9"})
    assert found(HEADER, CHARGE, *totals, HEADER) == [
        "header_repeated",
        None,
        "summary_row",
        "summary_row",
        "header_repeated",
    ]


@pytest.mark.parametrize("numeric", [(), ("Price",)])
def test_without_a_column_of_numbers_no_header_is_looked_for(numeric: tuple[str, ...]) -> None:
    """Names may then be words like others."""
    assert strays(rows(CHARGE, HEADER), numeric=numeric) is None


def test_no_rows_have_no_strays() -> None:
    """An empty batch is no error, and neither is one of charges alone: nothing is to be done."""
    assert strays(rows(), numeric=NUMERIC) is None
    assert strays(rows(CHARGE, CHARGE), numeric=NUMERIC) is None


def naive(line: Mapping[str, str | None]) -> str | None:
    """Judge one row cell by cell."""
    filled = {name: cell for name, cell in line.items() if cell is not None}
    if line.get("Cost") == "Cost" and all(cell.strip() == name for name, cell in filled.items()):
        return "header_repeated"
    said = any(cell == "Total" for name, cell in filled.items() if name != "Cost")
    return "summary_row" if said and len(filled) <= 4 else None


LINE = st.fixed_dictionaries({name: st.sampled_from([name, "Total", "1", None]) for name in NAMES})


@given(st.lists(LINE, max_size=8))
def test_columns_and_cells_give_the_same_answer(lines: list[dict[str, str | None]]) -> None:
    """Column by column is as row by row, cell by cell."""
    assert found(*lines) == [naive(line) for line in lines]
