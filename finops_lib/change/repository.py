"""Which commit is this file at, and what did it hold at another: asked of git, and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path

from finops_lib.change.git import Git
from finops_lib.errors import SettingsError

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_CHANGED = "+changes"


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
    if Git(folder).ask("rev-parse", "--is-inside-work-tree", outside=b"") != b"true\n":
        return None
    commit = Git(folder).ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}", outside=b"")
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
        40 hexadecimal digits, with ``+changes`` behind them if the file's bytes differ from what is
        committed; None outside Git and for a file that no commit has.

    Raises
    ------
    SettingsError
        Git refuses to answer.
    """
    folder, name = _place(path)
    if head(folder) is None:
        return None
    commit = Git(folder).ask("rev-list", "--max-count=1", "HEAD", "--", name).decode("ascii").strip()
    if not commit:
        return None
    return commit if _is_committed(folder, name) else commit + _CHANGED


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
    full = Git(folder).ask("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}", outside=b"")
    # A branch may be named like a short commit id, and git would take the branch.
    if not full.decode("ascii").startswith(commit):
        raise SettingsError(
            f"commit {commit!r}",
            f"it is a commit of the repository that holds {path}",
            "fetch the repository's history, or take another commit from git log",
        )
    content = Git(folder).run(["cat-file", "blob", f"{full.decode('ascii').strip()}:./{name}"])
    if content.returncode:
        raise SettingsError(
            f"{path} at commit {commit}",
            "the file exists at that commit",
            f"run git log -- {path.name} for others",
        )
    return content.stdout


def _is_committed(folder: Path, name: str) -> bool:
    """Compare bytes: ``git status`` would run the filters that the repository's settings name."""
    held = Git(folder).run(["cat-file", "blob", f"HEAD:./{name}"])
    here = folder / name
    return held.returncode == 0 and here.is_file() and here.read_bytes() == held.stdout


def _place(path: Path) -> tuple[Path, str]:
    """Nearest folder that exists, and the way from there to the file."""
    real = path.resolve()
    folder = next(parent for parent in real.parents if parent.is_dir())
    return folder, real.relative_to(folder).as_posix()
