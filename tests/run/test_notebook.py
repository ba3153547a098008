"""The engine: a lost wake-up costs a slice, parameters arrive as values, what a cell raises is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from finops_lib.run.notebook import SlicedClient, in_slices, run


def test_a_lost_wake_up_costs_one_slice() -> None:
    """The socket says nothing for three slices although the message is there; the fourth look finds it."""
    asked: list[float] = []

    async def deaf(timeout: float) -> str:
        asked.append(timeout)
        if len(asked) < 4:
            raise Empty
        return "reply"

    assert asyncio.run(in_slices(deaf, slice_seconds=0.5)(timeout=None)) == "reply"
    assert asked == [0.5] * 4


def test_the_callers_own_limit_is_kept() -> None:
    """With a limit of 0.3 s, waits of 0.1 s end in Empty after 0.3 s; with none left, one look is taken."""

    async def silent(timeout: float) -> str:
        await asyncio.sleep(timeout)
        raise Empty

    for limit in (0.3, 0.0):
        started = time.monotonic()
        with pytest.raises(Empty):
            asyncio.run(in_slices(silent, slice_seconds=0.1)(timeout=limit))
        assert limit <= time.monotonic() - started < limit + 0.25


def test_papermill_calls_our_start_and_not_nbclients() -> None:
    """The name that Papermill calls is bound anew; without that, nothing would be wrapped."""
    assert SlicedClient.start_new_kernel_client is not NotebookClient.start_new_kernel_client


def test_parameters_arrive_as_values_never_as_code(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """Quotes, backslashes, line ends and text that looks like code come out as they went in."""
    values: dict[str, Any] = {
        "text": '"""\'; raise SystemExit #\\ {x} \n\u2028é \N{GRINNING FACE}',
        "whole": -3,
        "part": 0.1,
        "yes": True,
        "names": ["a'b", 'c"d'],
        "none": None,
    }
    folder = tmp_path / "a {brace}"
    source = notebook(
        "text = ''\nwhole = 0\npart = 0.0\nyes = False\nnames = []\nnone = None",
        "import json\nprint(json.dumps([text, whole, part, yes, names, none]))",
        folder=folder,
    )
    assert run(source, output=folder / "out.ipynb", parameters=values) == {"status": "done"}
    executed = nbformat.read(folder / "out.ipynb", as_version=4)
    assert json.loads(executed.cells[-1].outputs[0].text) == list(values.values())
    assert "input_path" not in executed.metadata.papermill
    assert "output_path" not in executed.metadata.papermill


def test_what_a_cell_raises_is_told_with_its_number(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """Two cells ran, the second raised; the notebook keeps its traceback."""
    source = notebook("a = 1", "1 / 0", "print('never')")
    result = run(source, output=tmp_path / "out.ipynb", parameters={})
    assert result == {"status": "raised", "cell": 2, "name": "ZeroDivisionError", "text": "division by zero"}
    assert "ZeroDivisionError" in (tmp_path / "out.ipynb").read_text()
