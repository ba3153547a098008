"""A run knows no key and no user's start-up file; a cell that raises is not tried again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from finops_lib.errors import RunError
from finops_lib.keys import FILE_VARIABLE, KEY_VARIABLE
from finops_lib.run.runner import execute

LIMITS = {"limit_seconds": 60, "limit_mb": 4096}


def test_a_cell_that_raises_is_reported_and_not_tried_again(
    notebook: Callable[..., Path], tmp_path: Path
) -> None:
    """Cell number, exception and its text; one line in the trace is one try."""
    trace = tmp_path / "trace"
    cell = f"open({str(trace)!r}, 'a').write('x')\nraise KeyError('no such month')"
    with pytest.raises(RunError, match=r"00_tiny\.ipynb: cell \[2\]: KeyError: 'no such month'"):
        execute(notebook("a = 1", cell), output=tmp_path / "out.ipynb", parameters={}, **LIMITS)
    assert trace.read_text() == "x"
    assert "finops" not in nbformat.read(tmp_path / "out.ipynb", as_version=4).metadata


def test_a_run_is_marked_and_knows_no_key(
    notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key stays with the program that ingests; the run works in the folder of the caller."""
    monkeypatch.setenv(KEY_VARIABLE, "s" * 40)
    monkeypatch.setenv(FILE_VARIABLE, "somewhere")
    monkeypatch.chdir(tmp_path)
    names = [KEY_VARIABLE, FILE_VARIABLE, "FINOPS_RUN"]
    told = f"[[os.environ.get(name) for name in {names!r}], os.getcwd()]"
    cell = f"import os, json\nprint(json.dumps({told}))"
    done = execute(notebook("a = 1", cell), output=Path("out.ipynb"), parameters={}, **LIMITS)
    assert done.attempts == 1
    assert 0 < done.seconds < 60
    printed = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs[0].text
    assert json.loads(printed) == [[None, None, "1"], str(tmp_path)]
