"""Which commit is this file at: plain ``git``, asked with fixed words and never through a shell.

Nothing here writes, asks for a password, runs a hook or reads more of the environment than the search path
and the home folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from finops_lib.errors import SettingsError

_SECONDS = 30
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_CHANGED = "+changes"
_NOTHING_THERE = ("not a git repository", "expected commit type")
# What a repository's own configuration could have git start, or hide.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--literal-pathspecs", "--no-pager")


def head(folder: Path) -> str | None:
    """Which commit is checked out in this folder.

    Parameters
    ----------
    folder : Path
        Anywhere in a work tree.

    Returns
    -------
    str or None
        40 hexadecimal digits; None outside Git and where nothing was committed yet.

    Raises
    ------
    SettingsError
        Git refuses to answer, for example because the repository belongs to somebody else.
    """
    if _ask(folder, "rev-parse", "--is-inside-work-tree", outside=b"") != b"true\n":
        return None
    commit = _ask(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", outside=b"")
    return commit.decode("ascii").strip() or None


def commit_of(path: Path) -> str | None:
    """Which commit last touched this file.

    Parameters
    ----------
    path : Path
        A file; a link is followed.

    Returns
    -------
    str or None
        40 hexadecimal digits, with ``+changes`` behind them if the file differs from what is committed; None
        outside Git and for a file that no commit has.

    Raises
    ------
    SettingsError
        Git refuses to answer.
    """
    folder, name = _place(path)
    if head(folder) is None:
        return None
    commit = _ask(folder, "rev-list", "--max-count=1", "HEAD", "--", name).decode("ascii").strip()
    if not commit:
        return None
    status = _ask(folder, "status", "--porcelain", "--ignored", "--", name)
    return commit + _CHANGED if status else commit


def read_at(path: Path, commit: str) -> bytes:
    """What did this file hold at a commit.

    Parameters
    ----------
    path : Path
        The file, as it is found today; it may be gone.
    commit : str
        7 to 40 hexadecimal digits. Names of branches are no answer to which content was used.

    Returns
    -------
    bytes
        As committed: no line ending is converted.

    Raises
    ------
    SettingsError
        The commit is no commit id, is not in this repository or does not have the file.
    """
    if not _COMMIT.fullmatch(commit):
        raise SettingsError(
            f"commit {commit!r}",
            "a commit is 7 to 40 hexadecimal digits",
            "take one from git log --format=%H",
        )
    folder, name = _place(path)
    full = _ask(folder, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", outside=b"")
    # A branch may be named like a short commit id, and git would take the branch.
    if not full.decode("ascii").startswith(commit):
        raise SettingsError(
            f"commit {commit!r}",
            f"it is a commit of the repository that holds {path}",
            "fetch the repository's history, or take another commit from git log",
        )
    content = _run(folder, ["cat-file", "blob", f"{full.decode('ascii').strip()}:./{name}"])
    if content.returncode:
        raise SettingsError(
            f"{path} at commit {commit}",
            "the file exists at that commit",
            f"run git log -- {path.name} for others",
        )
    return content.stdout


def _place(path: Path) -> tuple[Path, str]:
    """Nearest folder that exists, and the way from there to the file."""
    real = path.resolve()
    folder = next(parent for parent in real.parents if parent.is_dir())
    return folder, real.relative_to(folder).as_posix()


def _ask(folder: Path, *words: str, outside: bytes | None = None) -> bytes:
    """Answer of git; ``outside`` where it has none because there is no repository or no such commit."""
    done = _run(folder, words)
    if done.returncode == 0:
        return done.stdout
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if outside is not None and (not complaint or any(words in complaint for words in _NOTHING_THERE)):
        return outside
    raise SettingsError(
        f"git in {folder}: {complaint}",
        "git can read the repository",
        "follow what git says, or move the file",
    )


def _run(folder: Path, words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("git")
    if program is None:
        raise SettingsError("git", "it is installed where the program can find it", "install the package git")
    try:
        return subprocess.run(  # noqa: S603  fixed words, no shell; names follow "--" or "./"
            [program, *_SAFE, *words],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SettingsError(
            f"git in {folder}", f"it answers within {_SECONDS} s", "check the disk or the network share"
        ) from error


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
