"""Notebooks that tests write themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

Writer = Callable[..., Path]


@pytest.fixture
def notebook(tmp_path: Path) -> Writer:
    """Return a function that writes a notebook: code cells, the first of which holds the parameters."""

    def write(*cells: str, name: str = "00_tiny.ipynb", folder: Path = tmp_path, tagged: bool = True) -> Path:
        codes = [nbformat.v4.new_code_cell(cell) for cell in cells]
        if tagged:
            codes[0].metadata["tags"] = ["parameters"]
        title = nbformat.v4.new_markdown_cell("# What is it?")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[title, *codes], metadata=KERNEL), path)
        return path

    return write


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
