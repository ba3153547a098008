"""Rows of JSON: lines, lists and answers, to the last digit; what is broken is told or refused."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.billing.source import Reading, batches, json_rows, open_source
from finops_lib.errors import UnreadableBillError

DIGITS = "123456789012345678.123456789012"  # 30: more than a binary float holds
REMEDY = "Remedy: download or export it again."


def read(path: Path, content: bytes | str) -> tuple[dict[str, list[str | None]], list[tuple[int, str]]]:
    """Write a file and read it whole; ``Cost`` is its numeric column."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = Reading()
    parts = list(batches(open_source(path), numeric=lambda name: name == "Cost", reading=reading))
    table = pa.concat_tables(parts, promote_options="default")
    assert not reading.bad_lines or reading.bad_rule == "line_is_no_object"
    return table.to_pydict(), reading.bad_lines


def refused(path: Path, content: bytes | str) -> str:
    """Read a file that is refused, and return what is said."""
    with pytest.raises(UnreadableBillError) as caught:
        read(path, content)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"Cost": 1, "Name": "a"}\n{"Cost": 2, "Name": "b"}\n',
        '{"Cost": 1, "Name": "a"}\n\n{"Cost": 2, "Name": "b"}',
        '\ufeff{"Cost": 1, "Name": "a"}\r\n{"Cost": 2, "Name": "b"}\r\n',
        '[{"Cost": 1, "Name": "a"}, {"Cost": 2, "Name": "b"}]',
        '[\n{"Cost": 1, "Name": "a"},\n{"Cost": 2, "Name": "b"}\n]\n',
        '[[{"Cost": 1, "Name": "a"}], [{"Cost": 2, "Name": "b"}]]',
        '{"code": 200, "data": [{"a": {"Cost": 1, "Name": "a"}, "b": {"Cost": 2, "Name": "b"}}]}',
        '{"data": [{"Cost": 1, "Name": "a"}, {"Cost": 2, "Name": "b"}]}',
        '{"data": {"sets": [{"allocations": {"x": {"Cost": 1, "Name": "a"}}},'
        ' {"allocations": {"x": {"Cost": 2, "Name": "b"}}}]}}',
        '{\n"sets": [{"allocations":\n{"x": {"Cost": 1, "Name": "a"}, "y": {"Cost": 2, "Name": "b"}}}]}',
    ],
    ids=["lines", "blank", "mark", "list", "listed", "lists", "answer", "data", "sets", "spread"],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_rows_are_found_in_every_form(tmp_path: Path, text: str, zipped: bool) -> None:
    """The same two rows come from lines, lists and answers, packed or not."""
    content = gzip.compress(text.encode()) if zipped else text
    assert read(tmp_path / "bill", content) == ({"Cost": ["1", "2"], "Name": ["a", "b"]}, [])


def test_numbers_keep_the_text_they_have_in_the_file(tmp_path: Path) -> None:
    """No digit, exponent or sign is changed, and what is no number is not made null."""
    cells = [DIGITS, "-0.10", "1e-7", "1E+400", "0", "NaN", "-Infinity", "9" * 5000]
    text = "".join(f'{{"Cost": {cell}}}\n' for cell in cells)
    assert read(tmp_path / "bill", text)[0] == {"Cost": cells}


def test_a_long_number_in_the_first_row_is_no_error(tmp_path: Path) -> None:
    """More digits than Python makes a whole number of are still text."""
    assert read(tmp_path / "bill", f'{{"Cost": {"9" * 5000}}}\n')[0] == {"Cost": ["9" * 5000]}


def test_null_blank_and_the_word_null_are_null(tmp_path: Path) -> None:
    """As in a CSV; false and an empty list are none of them."""
    text = '{"a": null, "b": "", "c": "NULL", "d": false, "e": [], "f": "null"}\n'
    found = read(tmp_path / "bill", text)[0]
    assert found == {"a": [None], "b": [None], "c": [None], "d": ["false"], "e": ["[]"], "f": ["null"]}


def test_an_object_in_a_row_is_columns_of_their_own(tmp_path: Path) -> None:
    """One level deep; deeper objects, lists, and what is named like tags or labels stay JSON."""
    row = {
        "service": {"id": "a", "more": {"x": [True, None]}},
        "labels": {"team": "web"},
        "resource_tags": {"é": "ü"},
        "list": [{"key": "k"}],
    }
    assert read(tmp_path / "bill", json.dumps(row))[0] == {
        "service.id": ["a"],
        "service.more": ['{"x": [true, null]}'],
        "labels": ['{"team": "web"}'],
        "resource_tags": ['{"é": "ü"}'],
        "list": ['[{"key": "k"}]'],
    }


def test_names_lose_their_outer_spaces(tmp_path: Path) -> None:
    """The cells stand under the name that the header has."""
    assert read(tmp_path / "bill", '{" Cost ": 1, "a": {"b ": 2}}\n')[0] == {"Cost": ["1"], "a.b": ["2"]}


def test_a_column_may_appear_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the header was read, in a later part: it is there, and null where it was not."""
    monkeypatch.setattr(json_rows, "_LOOKED_AT", 2)
    monkeypatch.setattr(json_rows, "_ROWS", 2)
    text = "".join(f'{{"Cost": {number}}}\n' for number in range(4)) + '{"Cost": 4, "New": "v"}\n'
    found, _ = read(tmp_path / "bill", text)
    assert found == {"Cost": ["0", "1", "2", "3", "4"], "New": [None, None, None, None, "v"]}
    assert open_source(tmp_path / "bill").header == ("Cost",)


@pytest.mark.parametrize(
    "line",
    [
        '{"Cost":',
        "[1]",
        "5",
        "Cost",
        '{"Cost": 1, "Cost": 2}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": "\\ud800"}',
        '{"a": "' + "[" * 10 + "}",
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
    ids=["cut", "list", "number", "word", "twice", "deep twice", "half a letter", "quote", "bomb", "objects"],
)
def test_a_line_that_is_no_object_is_told_and_the_others_are_read(tmp_path: Path, line: str) -> None:
    """Its place and its text are kept; a line break within a row cannot be."""
    found, bad = read(tmp_path / "bill", f'{{"Cost": 1}}\n\n{line}\r\n{{"Cost": 2}}\n')
    assert found == {"Cost": ["1", "2"]}
    assert bad == [(3, line)]


def test_letters_of_two_halves_are_whole(tmp_path: Path) -> None:
    """Escaped as two halves, a letter beyond the first 65,536 is itself."""
    assert read(tmp_path / "bill", '{"Name": "\\ud83d\\ude00"}\n')[0] == {"Name": ["\U0001f600"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Cost": 1}\n{"Cost": ', "file bad: its last line is cut off. Remedy: download it again."),
        (
            '[{"Cost": 1},\n{"Cost": ',
            f"file bad: it is no whole JSON (Expecting value: line 2 column 10 (char 23)). {REMEDY}",
        ),
        (
            '{"Cost": 1, "Cost": 2}\n{"Cost": 3}\n',
            f"file bad: it is no whole JSON (the name 'Cost' stands there more than once). {REMEDY}",
        ),
        (
            '[{"Cost": 1}, {"a": {"b": 1, "c": 2, "b": 3}}]',
            f"file bad: it is no whole JSON (the name 'b' stands there more than once). {REMEDY}",
        ),
        (
            '{"Cost": 1}\n{"a.b": 1, "a": {"b": 2}}\n',
            "header of bad: the column name 'a.b' stands there more than once. Remedy: keep one of them.",
        ),
        (
            '[{"Cost": 1}, {"a": "\\udfff"}]',
            f"file bad: it is no whole JSON (half of a letter stands there alone). {REMEDY}",
        ),
    ],
    ids=["cut line", "cut list", "twice", "deep twice", "twice when flat", "half a letter"],
)
def test_what_is_not_whole_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The error says which rule is broken, and nothing is guessed."""
    assert refused(tmp_path / "bad", text) == said


@pytest.mark.parametrize(
    "text", ["[]", "{}", "[1, 2]", "[[], {}]", '{"code": 200, "data": [{}]}', '{"data": [[]]}']
)
def test_json_without_rows_is_said_to_hold_none(tmp_path: Path, text: str) -> None:
    """An empty list or an empty answer is no bill of another format."""
    assert refused(tmp_path / "bad", text) == (
        "file bad: it holds no rows. Remedy: export a period that has charges."
    )


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000, '[{"a":' * 100_000]
)
def test_a_bomb_of_brackets_is_refused(tmp_path: Path, text: str) -> None:
    """However deep it is, it ends in an error and not in a crash."""
    said = refused(tmp_path / "bad", text)
    assert said.startswith("file bad: it is no whole JSON (maximum recursion depth exceeded")
    assert said.endswith(REMEDY)


@pytest.mark.parametrize("depth", range(850, 1010, 10))
def test_any_depth_is_read_or_refused(tmp_path: Path, depth: int) -> None:
    """Where the limit lies does not matter: no depth leads to anything else."""
    for text in (
        "[" * depth + '{"Cost": 1}' + "]" * depth,
        f'[{{"Cost": 1, "a": {"[" * depth}{"]" * depth}}}]',
    ):
        try:
            assert read(tmp_path / "bad", text)[0]["Cost"] == ["1"]
        except UnreadableBillError as error:
            assert "maximum recursion depth exceeded" in error.rule


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Also where only a later line is none."""
    said = refused(tmp_path / "bad", '{"Cost": 1}\n{"Name": "é"}\n'.encode("latin-1"))
    assert said == "file bad: its text is not UTF-8. Remedy: save or export it as UTF-8."


def test_a_torn_gzip_is_refused(tmp_path: Path) -> None:
    """Its rows before the tear are not taken."""
    said = refused(tmp_path / "bad", gzip.compress(b'{"Cost": 1}\n' * 9)[:-9])
    assert said.startswith("file bad: the gzip stream is truncated or damaged")


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.none(),
)


def written(cell: str | Decimal | None) -> str:
    """Write a cell as JSON, a number with the digits that it has."""
    return str(cell) if isinstance(cell, Decimal) else json.dumps(cell)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), CELLS, min_size=1), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_lines_and_list_give_the_same_rows(
    tmp_path: Path, rows: list[dict[str, str | Decimal | None]]
) -> None:
    """Each cell is its text or null; a list of the lines is read as the lines are."""
    lines = [
        "{" + ", ".join(f'"{name}": {written(cell)}' for name, cell in row.items()) + "}" for row in rows
    ]
    names = {name for row in rows for name in row}
    expected = {
        name: [None if row.get(name) in {None, "", "NULL"} else str(row[name]) for row in rows]
        for name in names
    }
    assert read(tmp_path / "bill", "\n".join(lines)) == (expected, [])
    assert read(tmp_path / "bill", f"[{','.join(lines)}]") == (expected, [])
