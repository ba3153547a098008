"""Each notebook still shows what it showed: stable cells against their reference outputs, by nbval."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.remake import CHECKED, HERE, REFERENCE, ROOT, prepared

NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def sources(path: Path) -> list[str]:
    """List the cells' texts, the parameters cell left out: the reference sets its own."""
    cells: list[dict[str, Any]] = json.loads(path.read_text())["cells"]
    kept = [cell for cell in cells if "parameters" not in cell["metadata"].get("tags", [])]
    return ["".join(cell["source"]) for cell in kept]


def test_there_are_notebooks_to_check() -> None:
    """The three of the spine and the forecast are there."""
    spine = {"00_start_here.ipynb", "01_data_quality.ipynb", "02_explore_cost.ipynb"}
    assert spine | {"05_forecast.ipynb"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_reference_is_of_the_notebook_as_it_is(name: str) -> None:
    """A changed notebook needs a new reference: python -m tests.notebooks.remake."""
    assert sources(REFERENCE / name) == sources(ROOT / "notebooks" / name)
    assert CHECKED in (REFERENCE / name).read_text()


def test_stable_cells_show_what_they_showed(tmp_path: Path) -> None:
    """Tables, sentences and summaries of all notebooks on the small bill are those of the reference."""
    environment = prepared(tmp_path)
    for name in NAMES:
        shutil.copy(REFERENCE / name, tmp_path / name)
    options = ["--nbval-lax", f"--nbval-sanitize-with={HERE / 'sanitize.cfg'}", "-q", "-c", "/dev/null"]
    plain = ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *plain, "--rootdir", str(tmp_path), *NAMES],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_a_changed_number_is_found(tmp_path: Path) -> None:
    """A reference with one other digit fails, so the comparison compares."""
    environment = prepared(tmp_path)
    text = (REFERENCE / "00_start_here.ipynb").read_text()
    assert "2026-07-31" in text
    (tmp_path / "00_start_here.ipynb").write_text(text.replace("2026-07-31", "2026-07-30"))
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-c", "/dev/null", "00_start_here.ipynb"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 1
