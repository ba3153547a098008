"""A notebook is prose with calls: one question, one parameters cell, short cells, no outputs in git."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LONGEST_CELL = 10
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)


def text_of(cell: dict[str, Any]) -> str:
    """Join the lines of a cell; nbformat keeps them as a list or as one text."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def titles(cells: list[dict[str, Any]]) -> list[str]:
    """List the top headings in the order they stand."""
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in text_of(cell).splitlines()]
    return [line[2:].strip() for line in lines if line.startswith("# ")]


def code_faults(source: str) -> list[str]:
    """List what a code cell should leave to the library."""
    lines = source.splitlines()
    plain = "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))
    logic = {type(node).__name__ for node in ast.walk(ast.parse(plain)) if isinstance(node, LOGIC)}
    found = [f"holds a {name}" for name in sorted(logic)]
    return found + ([f"has {len(lines)} lines"] if len(lines) > LONGEST_CELL else [])


def faults(notebook: dict[str, Any]) -> list[str]:
    """List all that is wrong with this notebook."""
    cells = notebook["cells"]
    heads = titles(cells)
    asks = len(heads) == 1 and heads[0].endswith("?")
    found = [] if asks else [f"its title is no single question: {heads}"]
    count = sum("parameters" in cell.get("metadata", {}).get("tags", []) for cell in cells)
    found += [] if count == 1 else [f"has {count} parameters cells"]
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            found += [f"cell {number} {fault}" for fault in code_faults(text_of(cell))]
            found += [f"cell {number} keeps outputs"] if cell["outputs"] or cell["execution_count"] else []
    return found


def test_notebooks_are_prose_with_calls() -> None:
    """Each notebook in the folder keeps the rules."""
    found = {path.name: faults(json.loads(path.read_text())) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def code(source: str, *, tags: tuple[str, ...] = (), outputs: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make a code cell."""
    cell = {"cell_type": "code", "source": source, "outputs": list(outputs), "execution_count": None}
    return cell | {"metadata": {"tags": list(tags)}}


def words(source: str) -> dict[str, Any]:
    """Make a markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}


GOOD = [
    words("# What was spent?\n\n## So"),
    code("month = '2026-07'", tags=("parameters",)),
    code("%matplotlib\nf()"),
]


def test_a_good_notebook_has_no_fault() -> None:
    """A question, parameters and a call: nothing to say."""
    assert faults({"cells": GOOD}) == []


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (words("# More"), "its title is no single question: ['What was spent?', 'More']"),
        (code("a = 1", tags=("parameters",)), "has 2 parameters cells"),
        (code("for a in b:\n    c(a)"), "cell 3 holds a For"),
        (code("def f():\n    return 1"), "cell 3 holds a FunctionDef"),
        (code("a = 1\n" * 11), "cell 3 has 11 lines"),
        (code("a", outputs=("1",)), "cell 3 keeps outputs"),
    ],
)
def test_a_fault_in_a_notebook_is_found(cell: dict[str, Any], fault: str) -> None:
    """One bad cell behind a good notebook gives exactly its own fault."""
    assert faults({"cells": [*GOOD, cell]}) == [fault]


def test_a_title_that_asks_nothing_is_found() -> None:
    """A heading without a question mark is no question."""
    assert faults({"cells": [words("# Spend"), *GOOD[1:]]}) == ["its title is no single question: ['Spend']"]
