"""Run one notebook in a process of its own, with limits on time and memory that the notebook cannot escape.

The kernel leads a process group of its own, so ending the worker's group is not enough: every descendant
seen while the run lasted is ended, with its group.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil  # type: ignore[import-untyped]  # ships no types

from finops_lib.errors import RunError
from finops_lib.keys import FILE_VARIABLE, KEY_VARIABLE
from finops_lib.run.app import RUN_VARIABLE

ATTEMPTS = 2
_LOOK_SECONDS = 0.2
_MIB = 1024 * 1024
_LOG_CHARACTERS = 400


@dataclass(frozen=True)
class Executed:
    """A notebook that ran to its end: how often it was tried, and how long the last try took, seconds."""

    attempts: int
    seconds: float


@dataclass(frozen=True)
class _Ended:
    """How one try ended: ``done``, ``raised``, ``died``, ``too long`` or ``too large``, and what to say."""

    status: str
    said: str = ""
    seconds: float = 0.0


def execute(
    source: Path, *, output: Path, parameters: Mapping[str, Any], limit_seconds: float, limit_mb: int
) -> Executed:
    """Run this notebook to its end, or end it.

    A run that hangs or whose kernel dies is tried once more; a cell that raises is not: it would raise again.

    Parameters
    ----------
    source : Path
        The notebook; it runs in the current folder.
    output : Path
        Where the executed notebook goes. After a failure it holds the cells as far as they came; the metadata
        of one that was ended says so.
    parameters : mapping of str to Any
        Checked values.
    limit_seconds : float
        Wall clock for one try, seconds.
    limit_mb : int
        Resident memory of the run with all its processes, MiB.

    Returns
    -------
    Executed

    Raises
    ------
    RunError
        A cell raised (its number and exception are named), or the run was ended twice.
    """
    ended = _Ended("died")
    for attempt in range(1, ATTEMPTS + 1):
        ended = _try(source, output, dict(parameters), limit_seconds, limit_mb)
        if ended.status == "done":
            return Executed(attempt, ended.seconds)
        if ended.status in {"raised", "too large"}:
            break
    if ended.status != "raised":
        _mark(output, source=source, reason=f"{ended.status}: {ended.said}", attempts=attempt)
    raise _failure(source.name, ended, attempt)


def _try(
    source: Path, output: Path, parameters: dict[str, Any], limit_seconds: float, limit_mb: int
) -> _Ended:
    with tempfile.TemporaryDirectory(prefix="finops-run-", ignore_cleanup_errors=True) as name:
        job = Path(name) / "job.json"
        content = {"source": str(source.resolve()), "output": str(output.resolve()), "parameters": parameters}
        job.write_text(json.dumps(content), encoding="utf-8")
        started = time.monotonic()
        stopped = _supervised(job, limit_seconds, limit_mb)
        seconds = round(time.monotonic() - started, 3)
        return _Ended(*stopped, seconds) if stopped else _result(job, seconds)


def _supervised(job: Path, limit_seconds: float, limit_mb: int) -> tuple[str, str] | None:
    """Watch the worker; say why it was ended, or None if it ended by itself."""
    with job.with_name("log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  our own words
            [sys.executable, "-m", "finops_lib.run.notebook", str(job)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=_environment(job.parent),
        )
        family = _Family(process.pid)
        try:
            return _watched(process, family, limit_seconds, limit_mb)
        finally:
            family.end()
            process.wait()
            if process.stdin:
                process.stdin.close()


def _watched(
    process: subprocess.Popen[bytes], family: _Family, limit_seconds: float, limit_mb: int
) -> tuple[str, str] | None:
    end = time.monotonic() + limit_seconds
    while process.poll() is None:
        used = family.look() / _MIB
        if used > limit_mb:
            return "too large", f"{used:.0f} MiB of {limit_mb} MiB"
        left = end - time.monotonic()
        if left <= 0:
            return "too long", f"more than {limit_seconds:g} s"
        with suppress(subprocess.TimeoutExpired):
            process.wait(min(_LOOK_SECONDS, left))
    return None


class _Family:
    """A process and everything that was ever seen to descend from it."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._seen: set[Any] = {self._root}

    def look(self) -> int:
        """Meet new descendants; return the resident memory of all, bytes."""
        with suppress(psutil.Error):
            self._seen |= set(self._root.children(recursive=True))
        return sum(_resident(member) for member in self._seen)

    def end(self) -> None:
        """End everybody, at once and for good."""
        with suppress(psutil.Error):
            self._root.suspend()  # so that it starts nobody while its children are counted
        self.look()
        for member in self._seen:
            _end(member)
        psutil.wait_procs([member for member in self._seen if member != self._root], timeout=5)


def _resident(member: Any) -> int:
    try:
        return int(member.memory_info().rss)
    except psutil.Error:
        return 0


def _end(member: Any) -> None:
    """End this process and the group that it leads; a number that was given anew is left alone."""
    with suppress(psutil.Error, ProcessLookupError, PermissionError):
        if member.is_running():
            if os.getpgid(member.pid) == member.pid:
                os.killpg(member.pid, signal.SIGKILL)
            member.kill()


def _environment(folder: Path) -> dict[str, str]:
    """What a run knows of its surroundings: no key of ours, no start-up files of the user's."""
    kept = {name: value for name, value in os.environ.items() if name not in {KEY_VARIABLE, FILE_VARIABLE}}
    package = str(Path(__file__).resolve().parents[2])
    installed = package in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    places = [] if installed else [package]
    return kept | {
        RUN_VARIABLE: "1",
        "PYTHONPATH": os.pathsep.join([*places, *filter(None, [kept.get("PYTHONPATH")])]),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def _result(job: Path, seconds: float) -> _Ended:
    try:
        found = json.loads(job.with_name("result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        log = job.with_name("log.txt").read_text(encoding="utf-8", errors="replace").strip()
        return _Ended("died", log[-_LOG_CHARACTERS:].splitlines()[-1] if log else "no word", seconds)
    said = f"cell [{found['cell']}]: {found['name']}: {found['text']}" if found["status"] == "raised" else ""
    return _Ended(found["status"], said or "the kernel ended", seconds)


def _failure(name: str, ended: _Ended, attempts: int) -> RunError:
    times = "twice" if attempts == ATTEMPTS else "once"
    what, rule, remedy = {
        "raised": (
            "",
            "every cell of a notebook runs without an exception",
            "do what the message says, or open the notebook at that cell",
        ),
        "died": (f"died {times}: ", "a run keeps its kernel", "see whether memory or a library ended it"),
        "too long": (
            f"ended {times}: ",
            "a run keeps its time limit",
            "ask for less, or raise wall_clock_seconds under [run] in finops.toml",
        ),
        "too large": (
            "ended: ",
            "a run keeps its memory limit",
            "ask for less, or raise memory_limit_mb under [run] in finops.toml",
        ),
    }[ended.status]
    return RunError(f"notebook {name}: {what}{ended.said}", rule, remedy)


def _mark(output: Path, *, source: Path, reason: str, attempts: int) -> None:
    """Say in the notebook that it was ended: it still says that it runs, or was cut off while written."""
    try:
        notebook = nbformat.read(output, as_version=4)
    except (OSError, ValueError):
        notebook = nbformat.read(source, as_version=4)
    notebook.metadata["finops"] = {"status": "killed", "reason": reason, "attempts": attempts}
    notebook.metadata.setdefault("papermill", {})["exception"] = True
    for cell in notebook.cells:
        state = cell.metadata.get("papermill", {})
        if state.get("status") == "running":
            state.update(status="killed", exception=True)
    for name in ("input_path", "output_path"):
        notebook.metadata["papermill"].pop(name, None)
    nbformat.write(notebook, output)
