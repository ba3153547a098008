"""Run the notebooks on the small bill beside this file and keep what they show as the reference.

``python -m tests.notebooks.remake`` writes ``reference/``; look at the difference before you keep it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import nbformat

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.keys import KEY_VARIABLE
from finops_lib.privacy import People

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REFERENCE = HERE / "reference"
KEY = "a key for the reference alone, no secret"
DELIVERED = datetime(2026, 8, 20, tzinfo=UTC)
NOW = "2026-08-20T00:00:00Z"
CHECKED = "nbval-check-output"
UNSTABLE = ("draw_", "explore", "ahead.")  # pictures, and numbers whose last digits are a machine's own


def prepared(folder: Path) -> dict[str, str]:
    """Make the lake and the invoices in this folder; return the environment that a run there needs."""
    lake = Lake(folder / "lake")
    people = People.open(lake.root, {KEY_VARIABLE: KEY})
    ingest([HERE / "bill.csv"], lake=lake, people=people, now=DELIVERED)
    shutil.copy(HERE / "invoices.csv", folder / "invoices.csv")
    places = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    run = {"FINOPS_RUN": "1", "PYTHONPATH": os.pathsep.join(places), "IPYTHONDIR": str(folder / "ipython")}
    return os.environ | run


def told(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Set what a reference must not leave to the clock, and mark the cells whose output is stable."""
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += f'\nnow = "{NOW}"'
            if "invoices" in cell.source:
                cell.source += '\ninvoices = "invoices.csv"'
        elif cell.cell_type == "code" and not any(word in cell.source for word in UNSTABLE):
            cell.metadata["tags"] = [CHECKED]
    return notebook


def main() -> None:
    """Run each notebook and write it, with its outputs, to the reference folder."""
    REFERENCE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = prepared(folder)
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            nbformat.write(told(nbformat.read(path, as_version=4)), folder / path.name)
            command = [
                sys.executable,
                "-m",
                "nbconvert",
                "--to",
                "notebook",
                "--inplace",
                "--execute",
                path.name,
            ]
            subprocess.run(command, cwd=folder, env=environment, check=True)
            kept = without_pictures(nbformat.read(folder / path.name, as_version=4))
            nbformat.write(kept, REFERENCE / path.name)


def without_pictures(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop the outputs that are not compared, and what differs from run to run."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code" and CHECKED not in cell.metadata.get("tags", []):
            cell.outputs = []
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    return notebook


if __name__ == "__main__":
    main()
