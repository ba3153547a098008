"""Parameters are values: read without running anything, refused when unknown or of another type."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import ParameterError, RunError
from finops_lib.run.parameters import Declared, checked, declared, pairs

CELL = '''"""The defaults."""
month: str = ""  # a comment
days = 3
share: float = 0.5
force: bool = False
names: list[str] = ["a"]
rates: dict = {}
top: int | None = None
owner = None
'''


@pytest.fixture
def known(notebook: Callable[..., Path]) -> dict[str, Declared]:
    """Read the parameters of one of each type."""
    return declared(notebook(CELL))


def test_types_come_from_annotation_or_default(known: dict[str, Declared]) -> None:
    """In the order of the cell; None without a type is a text that may be missing."""
    found = [(item.name, item.kind, item.optional) for item in known.values()]
    assert found == [
        ("month", "str", False), ("days", "int", False), ("share", "float", False), ("force", "bool", False),
        ("names", "list", False), ("rates", "dict", False), ("top", "int", True), ("owner", "str", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("month", "2026-07", "2026-07"),
        ("month", "'; import os #", "'; import os #"),
        ("days", "-4", -4),
        ("share", "1", 1.0),
        ("force", "True", True),
        ("names", '["b", "c"]', ["b", "c"]),
        ("rates", '{"a": 1}', {"a": 1}),
        ("top", "7", 7),
    ],
)
def test_a_typed_text_becomes_a_value(known: dict[str, Declared], name: str, text: str, value: Any) -> None:
    """A text stays as it is, whatever it looks like."""
    assert checked({name: text}, known, notebook="x", texts=True) == {name: value}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("days", "3.5"), ("days", "three"), ("days", ""), ("share", "nan"), ("share", "inf"),
        ("share", "1e999"),
        ("force", "yes"), ("force", "1"), ("names", "a"), ("names", '{"a": 1}'), ("rates", "[]"),
        ("top", "x"),
    ],
)  # fmt: skip
def test_a_text_of_another_type_is_refused(known: dict[str, Declared], name: str, text: str) -> None:
    """The name, what was given and the type are told."""
    with pytest.raises(ParameterError, match=rf"parameter {name} = .*it is of type {known[name].kind}"):
        checked({name: text}, known, notebook="x", texts=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("month", 7),
        ("days", "3"),
        ("days", True),
        ("days", 3.0),
        ("share", True),
        ("force", 1),
        ("month", None),
    ],
)
def test_a_value_of_another_type_is_refused(known: dict[str, Declared], name: str, value: Any) -> None:
    """A schedule's parameters are values already; True is no number."""
    with pytest.raises(ParameterError, match="it is of type"):
        checked({name: value}, known, notebook="x")


def test_none_and_whole_numbers_are_taken_where_they_fit(known: dict[str, Declared]) -> None:
    """None where the notebook allows it; 1 for a float is 1.0."""
    assert checked({"top": None, "share": 1}, known, notebook="x") == {"top": None, "share": 1.0}


def test_an_unknown_name_lists_the_known_ones(known: dict[str, Declared]) -> None:
    """Nothing is passed on that the notebook does not have."""
    with pytest.raises(ParameterError) as caught:
        checked({"mnth": "2026-07"}, known, notebook="explore_cost", texts=True)
    assert "parameter mnth of explore_cost" in str(caught.value)
    assert "use one of month, days, share, force, names, rates, top, owner" in str(caught.value)


def test_a_long_value_is_cut_in_the_message(known: dict[str, Declared]) -> None:
    """A megabyte in a parameter does not fill the terminal."""
    with pytest.raises(ParameterError) as caught:
        checked({"days": "9" * 3 + "x" * 1_000_000}, known, notebook="x", texts=True)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "cell",
    [
        "month = open('x').read()", "a = b = 1", "a, b = 1, 2", "import os", "a: str", "def f(): ...",
        "a: Path = 'x'", "a: int | str = 1", "x.y = 1", "a = 1 +", "a = (1, 2)", "print(1)",
    ],
)  # fmt: skip
def test_a_parameters_cell_with_anything_else_is_refused(notebook: Callable[..., Path], cell: str) -> None:
    """Names with literal defaults, nothing that would have to be run to be known."""
    with pytest.raises(ParameterError, match="it holds only names with literal defaults"):
        declared(notebook(cell))


def test_a_notebook_without_or_with_two_parameters_cells_is_refused(notebook: Callable[..., Path]) -> None:
    """A run of it would ignore what it is told."""
    with pytest.raises(ParameterError, match="one cell tagged parameters"):
        declared(notebook("a = 1", tagged=False))
    path = notebook("a = 1", "b = 1")
    content = json.loads(path.read_text())
    content["cells"][2]["metadata"]["tags"] = ["parameters"]
    path.write_text(json.dumps(content))
    with pytest.raises(ParameterError, match="one cell tagged parameters"):
        declared(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": 3}', "\xff"])
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, text: str) -> None:
    """Whatever it holds instead."""
    path = tmp_path / "x.ipynb"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"x\.ipynb.*notebook of format 4"):
        declared(path)


@pytest.mark.parametrize("words", [["month"], ["=3"], ["a=1", "a=2"]])
def test_a_word_that_is_no_pair_is_refused(words: list[str]) -> None:
    """No sign, no name, a name twice."""
    with pytest.raises(ParameterError, match="name=value"):
        pairs(words)


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.text()))
def test_pairs_come_back_whatever_the_values_hold(values: dict[str, str]) -> None:
    """Equals signs, quotes and line ends in a value are its own."""
    assert pairs([f"{name}={value}" for name, value in values.items()]) == values
