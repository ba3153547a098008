"""A run that hangs is ended from outside, and cells with Output widgets do not hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from finops_lib.errors import RunError
from finops_lib.run.runner import execute

LIMIT_MB = 4096
WIDGETS = """
import ipywidgets
shown = ipywidgets.Output()
display(shown)
with shown:
    for number in range(3):
        print(number)
shown.clear_output()
"""


def alive(pids: list[int]) -> list[int]:
    """List the processes of these numbers that still run."""
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


@pytest.mark.parametrize("number", range(3))
def test_cells_with_output_widgets_run_to_the_end(
    notebook: Callable[..., Path], tmp_path: Path, number: int
) -> None:
    """Forty such cells one after the other: none is lost, in any of three runs, at the first try."""
    source = notebook(f"number: int = {number}", *[WIDGETS] * 40, "'the end'")
    done = execute(source, output=tmp_path / "out.ipynb", parameters={}, limit_seconds=60, limit_mb=LIMIT_MB)
    assert done.attempts == 1
    executed = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "'the end'"
    assert [cell.metadata.papermill.status for cell in executed.cells] == ["completed"] * 43


def test_an_endless_cell_is_ended_with_its_kernel_and_tried_once_more(
    notebook: Callable[..., Path], tmp_path: Path
) -> None:
    """Twice six seconds, no more; kernel and children are gone; the notebook says what became of it."""
    seen = tmp_path / "pids"
    cell = f"""
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
with open({str(seen)!r}, "a") as file:
    print(os.getpid(), child.pid, file=file)
while True: pass
"""
    output = tmp_path / "out.ipynb"
    started = time.monotonic()
    with pytest.raises(RunError, match=r"ended twice: more than 6 s.*wall_clock_seconds"):
        execute(
            notebook("a: int = 1", cell), output=output, parameters={}, limit_seconds=6, limit_mb=LIMIT_MB
        )
    assert time.monotonic() - started < 20
    pids = [int(pid) for line in seen.read_text().splitlines() for pid in line.split()]
    assert len(pids) == 4
    assert alive(pids) == []
    executed = nbformat.read(output, as_version=4)
    assert executed.metadata["finops"]["status"] == "killed"
    assert executed.metadata["finops"]["attempts"] == 2
    assert executed.cells[-1].metadata.papermill.status == "killed"


def test_a_kernel_that_dies_is_tried_once_more(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """The first kernel ends itself, the second finds its trace and goes on."""
    trace = tmp_path / "trace"
    died = "if not trace.exists():\n    trace.touch()\n    os._exit(9)"
    cell = f"import os, pathlib\ntrace = pathlib.Path({str(trace)!r})\n{died}"
    output = tmp_path / "out.ipynb"
    done = execute(notebook("a = 1", cell), output=output, parameters={}, limit_seconds=60, limit_mb=LIMIT_MB)
    assert done.attempts == 2
    assert "finops" not in nbformat.read(output, as_version=4).metadata


def test_a_run_that_takes_too_much_memory_is_ended(notebook: Callable[..., Path], tmp_path: Path) -> None:
    """A gigabyte where 400 MiB are allowed: ended at the first try, for the next would take as much."""
    cell = "import time\nheld = bytearray(1_000_000_000)\ntime.sleep(60)"
    with pytest.raises(RunError, match=r"MiB of 400 MiB.*memory_limit_mb"):
        execute(
            notebook("a = 1", cell),
            output=tmp_path / "o.ipynb",
            parameters={},
            limit_seconds=60,
            limit_mb=400,
        )


def test_nothing_is_left_in_the_temporary_folder(
    notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Job, log, connection file and profile go when the run ends."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    execute(
        notebook("a = 1"), output=tmp_path / "o.ipynb", parameters={}, limit_seconds=60, limit_mb=LIMIT_MB
    )
    assert list((tmp_path / "temporary").iterdir()) == []
