"""Cells between any usual mark, and numbers with decimal commas."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.billing.source import Reading, batches, csv_rows, open_source

UNCLEAR = " (decimal point or thousands?)"


def read(path: Path, text: str) -> dict[str, list[str | None]]:
    """Write a file and read it whole; ``Cost`` and ``Price`` are its numeric columns."""
    path.write_bytes(text.encode())
    parts = batches(open_source(path), numeric=lambda name: name in {"Cost", "Price"}, reading=Reading())
    return pa.concat_tables(list(parts), promote_options="default").to_pydict()


def costs(path: Path, *cells: str) -> list[str | None]:
    """Read these cells of a file between semicolons."""
    return read(path, "Cost;Name\n" + "".join(f"{cell};a\n" for cell in cells))["Cost"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_usual_mark_separates_cells(tmp_path: Path, mark: str) -> None:
    """A quoted cell or name may hold it, and every other one, and its quotes."""
    name = f"a{mark}b"
    text = f'"{name}"{mark}Cost{mark}Name\n"x{mark}y"{mark}1{mark}"one, ""two""; three|four"\n'
    assert read(tmp_path / "bill", text) == {
        name: [f"x{mark}y"],
        "Cost": ["1"],
        "Name": ['one, "two"; three|four'],
    }


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_line_above_the_header_names_the_mark(tmp_path: Path, mark: str, ends: str) -> None:
    """A spreadsheet's first line is obeyed, even where another mark would make more columns."""
    text = ends.join([f"\ufeffsep={mark}", f'"a,b;c|d\te"{mark}Cost', f"x{mark}7", ""])
    assert read(tmp_path / "bill", text) == {"a,b;c|d\te": ["x"], "Cost": ["7"]}


@pytest.mark.parametrize("mark", ["é", '"', "x", ""])
def test_an_unusual_mark_is_no_mark(tmp_path: Path, mark: str) -> None:
    """Such a first line is the header itself, whatever it says."""
    path = tmp_path / "bill"
    path.write_text(f"sep={mark}\nCost;Name\n")
    found = open_source(path)
    assert (found.header, found.separator, found.above) == ((f"sep={mark}",), ",", 0)


@pytest.mark.parametrize(
    ("header", "mark", "columns"), [("Cost, net;Day;Name", ";", 3), ("Cost", ",", 1), ('"a;b;c",d', ",", 2)]
)
def test_the_mark_that_makes_the_most_columns_separates(
    tmp_path: Path, header: str, mark: str, columns: int
) -> None:
    """Marks inside quotes do not count; without any mark there is one column."""
    path = tmp_path / "bill"
    path.write_text(f"{header}\n")
    assert (open_source(path).separator, len(open_source(path).header)) == (mark, columns)


@pytest.mark.parametrize("above", ["", "sep=,\n"])
def test_last_cells_that_every_row_lacks_are_null(tmp_path: Path, above: str) -> None:
    """Some exports name more columns than their rows have; a wider row below is told and not read."""
    few = f"{above}Cost,Name,Day,More\n" + "1,a\n" * 25
    assert read(tmp_path / "bill", few) == {"Cost": ["1"] * 25, "Name": ["a"] * 25}
    reading = Reading()
    (tmp_path / "bill").write_text(f"{few}2,b,c,d\n")
    parts = batches(open_source(tmp_path / "bill"), numeric=lambda _: False, reading=reading)
    assert [part.num_rows for part in parts] == [25]
    assert [text for _, text in reading.bad_lines] == ["2,b,c,d"]


def test_a_long_cell_in_the_first_rows_is_read(tmp_path: Path) -> None:
    """Longer than Python's own reader of CSV takes."""
    long = "x" * 200_000
    assert read(tmp_path / "bill", f"Cost,Name\n1,a\n2,{long}\n") == {"Cost": ["1", "2"], "Name": ["a", long]}


@pytest.mark.parametrize("rows", ["1,a\n1,a,b,c\n", "1,a\n", '1,"a\n,b,c"\n2,"a\n,b,c"\n'])
def test_rows_of_several_widths_are_measured_by_the_header(tmp_path: Path, rows: str) -> None:
    """One row proves nothing, and a cell that goes over lines is no short row."""
    path = tmp_path / "bill"
    path.write_text(f"Cost,Name,Day,More\n{rows}")
    assert open_source(path).short == 0


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("1,5", "1.5"),
        ("1.234,56", "1234.56"),
        ("-1.234.567,89", "-1234567.89"),
        ("+0,00000000000000000001", "+0.00000000000000000001"),
        ("1,5E-7", "1.5E-7"),
        ("1234567,5", "1234567.5"),
        (",5", ".5"),
        ("7", "7"),
        ("1.5", f"1.5{UNCLEAR}"),
        ("1.234", f"1.234{UNCLEAR}"),
        ("-1.5E-7", f"-1.5E-7{UNCLEAR}"),
        ("1.234.567", "1.234.567"),
        ('"1,234.56"', "1,234.56"),
        ("12.34,5", "12.34,5"),
        ("1234.567,8", "1234.567,8"),
        ("1.,5", "1.,5"),
        ("", None),
    ],
)
def test_a_number_has_its_point_or_is_none(tmp_path: Path, cell: str, read_as: str | None) -> None:
    """Beside a decimal comma, points go before three digits; what may mean two things is no number."""
    assert costs(tmp_path / "bill", "0,1", cell) == ["0.1", read_as]


@pytest.mark.parametrize("cells", [["1234.56", "1.5", "7"], ["1.234", "-.5", "1E-7"]])
def test_a_file_between_semicolons_may_have_points(tmp_path: Path, cells: list[str]) -> None:
    """Without a decimal comma anywhere, a point is a decimal point."""
    assert costs(tmp_path / "bill", *cells) == cells


def test_one_comma_in_any_number_speaks_for_all(tmp_path: Path) -> None:
    """A price with a comma makes a cost with a point unclear; text keeps its commas."""
    found = read(tmp_path / "bill", "Cost;Price;Name\n1.5;2,5;3,5\n4;5;a.b,c\n")
    assert found == {"Cost": [f"1.5{UNCLEAR}", "4"], "Price": ["2.5", "5"], "Name": ["3,5", "a.b,c"]}


def test_a_comma_is_remembered_over_the_parts_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later rows of a long file are read as its first ones."""
    monkeypatch.setattr(csv_rows, "BLOCK", 64)
    monkeypatch.setattr(csv_rows, "_BLOCKS_A_BATCH", 1)
    found = costs(tmp_path / "bill", "1,5", *["22"] * 60, "1.5")
    assert found == ["1.5", *["22"] * 60, f"1.5{UNCLEAR}"]


def test_commas_between_other_marks_are_left_alone(tmp_path: Path) -> None:
    """Between commas, a quoted number with a comma is no number that can be read."""
    assert read(tmp_path / "bill", 'Cost,Name\n"1,5",a\n')["Cost"] == ["1,5"]


@given(
    amounts=st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=4), min_size=1, max_size=8),
    grouped=st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_decimal_commas_lose_no_digit(tmp_path: Path, amounts: list[Decimal], grouped: bool) -> None:
    """Any amount written with a decimal comma, with points between thousands or without, is read back."""
    texts = [f"{amount:,f}" if grouped else f"{amount:f}" for amount in amounts]
    swapped = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    found = costs(tmp_path / "bill", *swapped)
    assert [Decimal(cell or "") for cell in found] == amounts


@given(
    rows=st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=6)] * 3),
        min_size=1,
        max_size=6,
    ),
    mark=st.sampled_from(",;\t|"),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_what_a_writer_wrote_is_read(tmp_path: Path, rows: list[tuple[str, ...]], mark: str) -> None:
    """Cells of any text come back, whatever stands between them; blank and ``NULL`` are null."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerows([("A", "B", "C"), *rows])
    found = read(tmp_path / "bill", file.getvalue())
    expected = [tuple(None if cell in {"", "NULL"} else cell for cell in row) for row in rows]
    assert list(zip(*found.values(), strict=True)) == expected
