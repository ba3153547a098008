"""A program that a check starts: no shell, nothing of our environment, a folder of its own, bounded time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from finops_lib.errors import PolicyError
from finops_lib.policy.check.words import clean

_LONGEST_ANSWER = 32 << 20  # bytes


class ProgramError(Exception):
    """A program did not end in time, could not be started, or said more than is read; the text says which."""


@dataclass(frozen=True)
class Answer:
    """What a program said, and its exit code."""

    code: int
    out: str
    err: str


@contextlib.contextmanager
def folder_of(files: Mapping[str, bytes]) -> Iterator[Path]:
    """In which folder of its own do these files lie, until the block ends.

    Parameters
    ----------
    files : mapping
        Relative path with ``/`` to content.

    Yields
    ------
    Path
        A folder that holds just these files.

    Raises
    ------
    PolicyError
        A path leads out of the folder or cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="finops-check-") as name:
        root = Path(name) / "tree"
        root.mkdir()
        for path, content in files.items():
            place = _inside(root, path)
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as target:
                    target.write(content)
            except (OSError, ValueError) as error:
                raise _refused(path) from error
        yield root


def _inside(root: Path, path: str) -> Path:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or "\0" in path or ".." in parts:
        raise _refused(path)
    return root.joinpath(*parts)


def _refused(path: str) -> PolicyError:
    return PolicyError(
        f"file {clean(path, longest=80)!r}",
        "a path of a repository leads into it and can be written to a folder",
        "rename the file",
    )


def run(words: Sequence[str], *, folder: Path, seconds: float, settings: Mapping[str, str]) -> Answer:
    """What does this program say in this folder.

    Parameters
    ----------
    words : sequence of str
        The program by its full path, and its arguments.
    folder : Path
        Where it runs; beside it stands its empty home.
    seconds : float
        Time that it has; then it and all that it started is killed.
    settings : mapping
        The environment besides ``PATH``, ``HOME`` and ``LC_ALL``: nothing of ours is passed on.

    Returns
    -------
    Answer

    Raises
    ------
    ProgramError
        It cannot be started, is too slow, or says too much.
    """
    with tempfile.TemporaryDirectory(prefix="finops-home-") as home:
        given = {"PATH": os.defpath, "HOME": home, "LC_ALL": "C.UTF-8", "TMPDIR": home, **settings}
        out, err = Path(home) / "out", Path(home) / "err"
        with out.open("wb") as to_out, err.open("wb") as to_err:
            try:
                process = subprocess.Popen(  # noqa: S603  fixed words, no shell
                    list(words),
                    cwd=folder,
                    env=given,
                    stdin=subprocess.DEVNULL,
                    stdout=to_out,
                    stderr=to_err,
                    start_new_session=True,
                )
            except OSError as error:
                raise ProgramError(f"it cannot be started ({error.strerror})") from error
            code = _ended(process, seconds)
        return Answer(code, _read(out), _read(err))


def _ended(process: subprocess.Popen[bytes], seconds: float) -> int:
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"it did not end within {seconds:g} s") from error
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(path: Path) -> str:
    if path.stat().st_size > _LONGEST_ANSWER:
        raise ProgramError(f"it said more than {_LONGEST_ANSWER} bytes")
    return path.read_bytes().decode("utf-8", "replace")
