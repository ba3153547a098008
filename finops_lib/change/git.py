"""Plain ``git``, asked with fixed words and never through a shell: the one place where it is started.

Nothing here asks for a password, runs a hook or reads more of the environment than the search path and the
home folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import SettingsError

SECONDS = 30
COMMIT = re.compile(r"[0-9a-f]{7,40}")
NOTHING_THERE = ("not a git repository", "expected commit type")
_NAME = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]{1,250}")
# What a repository's own configuration could have git start, or hide.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--literal-pathspecs", "--no-pager")


def ask(folder: Path, *words: str, outside: bytes | None = None) -> bytes:
    """What does git answer.

    Parameters
    ----------
    folder : Path
        In a repository.
    *words : str
        Of the command; whatever comes from people follows ``--`` or cannot be an option.
    outside : bytes, optional
        The answer where there is no repository or no such commit.

    Returns
    -------
    bytes

    Raises
    ------
    SettingsError
        Git is not there, does not end, or refuses.
    """
    done = run(folder, words)
    if done.returncode == 0:
        return done.stdout
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if outside is not None and (not complaint or any(words in complaint for words in NOTHING_THERE)):
        return outside
    raise SettingsError(
        f"git in {folder}: {complaint}",
        "git can read the repository",
        "follow what git says, or move the file",
    )


def run(
    folder: Path, words: Sequence[str], *, told: bytes | None = None, seconds: float = SECONDS
) -> subprocess.CompletedProcess[bytes]:
    """Let git work, and return how it ended.

    Parameters
    ----------
    folder : Path
        In a repository.
    words : sequence of str
        As for `ask`.
    told : bytes, optional
        What it reads.
    seconds : float
        Time that it has.

    Raises
    ------
    SettingsError
        Git is not there, or does not end.
    """
    program = shutil.which("git")
    if program is None:
        raise SettingsError("git", "it is installed where the program can find it", "install the package git")
    try:
        return subprocess.run(  # noqa: S603  fixed words, no shell; names follow "--" or "./"
            [program, *_SAFE, *words],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            timeout=seconds,
            check=False,
            input=told or b"",
        )
    except subprocess.TimeoutExpired as error:
        raise SettingsError(
            f"git in {folder}", f"it answers within {seconds:g} s", "check the disk or the network share"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"git in {folder}: {error.strerror}", "the folder can be entered", "name another folder"
        ) from error


def commit_named(folder: Path, name: str) -> str:
    """Which commit has this name.

    Parameters
    ----------
    folder : Path
        In a repository.
    name : str
        A branch, a tag, ``HEAD`` or a commit id; ``~`` and ``^`` with a number may follow.

    Returns
    -------
    str
        40 hexadecimal digits.

    Raises
    ------
    SettingsError
        The name could be an option, a range or a path, or no commit has it.
    """
    plain = re.sub(r"[~^][0-9]{0,4}", "", name)
    if name.startswith("-") or ".." in name or "@{" in name or not _NAME.fullmatch(plain):
        raise SettingsError(
            f"commit {shown(name)}",
            "it is the name of a branch or tag, or a commit id",
            "take one from git log or git branch",
        )
    found = ask(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", outside=b""
    )
    if not found:
        raise SettingsError(
            f"commit {shown(name)}",
            f"it is in the repository at {folder}",
            "fetch it (a shallow clone lacks older ones: git fetch --unshallow), or name another",
        )
    return found.decode("ascii").strip()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CONFIG_HOME") if name in os.environ}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
