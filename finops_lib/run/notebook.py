"""Run one notebook in this process: the one owner of Papermill, with an engine that does not hang.

A cell that writes into an Output widget makes nbclient send on the very socket whose answer it awaits, and
the wake-up for that answer can be lost; the stock client then waits for ever. Ours asks the socket again at
least once a second.

``python -m finops_lib.run.notebook JOB.json`` is how `finops_lib.run.runner` starts it, as a process.

Source: the lost wake-up is reported as nbclient issue 312.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook
from papermill.log import logger

_ENGINE = "finops"
_START_SECONDS = 120
_OWN_PATHS = ("input_path", "output_path")


def in_slices(
    get_message: Callable[..., Awaitable[Any]], *, slice_seconds: float = 1.0
) -> Callable[..., Awaitable[Any]]:
    """Wait for a message in short slices, so that a lost wake-up costs one slice and not the run.

    Parameters
    ----------
    get_message : callable
        Takes ``timeout`` in seconds or None, raises ``Empty`` when it has passed.
    slice_seconds : float
        The longest single wait, seconds.

    Returns
    -------
    callable
        With the same promise about ``timeout``.
    """

    async def sliced(timeout: float | None = None) -> Any:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = slice_seconds if end is None else max(0.0, end - time.monotonic())
            try:
                return await get_message(timeout=min(slice_seconds, left))
            except Empty:
                if end is not None and time.monotonic() >= end:
                    raise

    return sliced


class SlicedClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill ships no types
    """Papermill's client, asking the kernel's shell channel in slices."""

    async def async_start_new_kernel_client(self) -> Any:
        """Start the client, then wrap its shell channel."""
        client = await super().async_start_new_kernel_client()
        client.shell_channel.get_msg = in_slices(client.shell_channel.get_msg)
        return client

    # Papermill calls this name, and nbclient has bound it to the method of its own class.
    start_new_kernel_client = run_sync(async_start_new_kernel_client)


class SlicedEngine(NBClientEngine):  # type: ignore[misc]  # papermill ships no types
    """Papermill's engine with the client above."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the cells one by one; a cell has no time limit here, the run has one outside."""
        client = SlicedClient(
            nb_man, kernel_name=kernel_name, startup_timeout=_START_SECONDS, timeout=None, log=logger
        )
        return client.execute()


def run(source: Path, *, output: Path, parameters: dict[str, Any]) -> dict[str, Any]:
    """Run this notebook with these parameters and write it, with its outputs, after each cell.

    Parameters
    ----------
    source : Path
        The notebook.
    output : Path
        Where the executed notebook goes; written also when a cell raises.
    parameters : dict of str to Any
        Checked by `finops_lib.run.parameters.checked`.

    Returns
    -------
    dict
        ``status`` is ``done``, ``raised`` (with ``cell``, ``name``, ``text`` of the exception) or ``died``.
    """
    papermill_engines.register(_ENGINE, SlicedEngine)
    try:
        execute_notebook(
            _literal(source), _literal(output), parameters=parameters, engine_name=_ENGINE, progress_bar=False
        )
        result = {"status": "done"}
    except PapermillExecutionError as error:
        result = {"status": "raised", "cell": error.exec_count, "name": error.ename, "text": error.evalue}
    except DeadKernelError:
        result = {"status": "died"}
    _forget_paths(output)
    return result


def _literal(path: Path) -> str:
    """Papermill fills in what stands in braces of a path; a folder may have braces in its name."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _forget_paths(output: Path) -> None:
    notebook = nbformat.read(output, as_version=4)
    for name in _OWN_PATHS:
        notebook.metadata.get("papermill", {}).pop(name, None)
    nbformat.write(notebook, output)


def _end_with_starter() -> None:
    """Standard input closes when whoever started this process is gone, however that came; go too."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    """Run the job whose file is named on the command line and write its result beside it.

    Returns
    -------
    int
        0 when the result was written, whatever it is.
    """
    threading.Thread(target=_end_with_starter, daemon=True).start()
    path = Path(sys.argv[1])
    job = json.loads(path.read_text(encoding="utf-8"))
    result = run(Path(job["source"]), output=Path(job["output"]), parameters=job["parameters"])
    path.with_name("result.json").write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
