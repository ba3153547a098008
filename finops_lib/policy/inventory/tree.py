"""The files of a repository at one commit, in memory: bounded, and with nothing that leads out of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from finops_lib.errors import PolicyError

MOST_FILES = 60_000
LARGEST_FILE = 2 * 1024**2  # bytes
LARGEST_TREE = 256 * 1024**2  # bytes
LINK, TOO_LARGE, BAD_NAME = "a link", "larger than 2 MiB", "its name cannot be read on every system"
_LONGEST_PATH, _SHOWN = 1000, 80
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\\ud800-\udfff]+")
_SKIPPED_FOLDERS = frozenset({".git"})


@dataclass(frozen=True)
class Tree:
    """Files by their path with ``/``; no links among them.

    ``commit`` says where they are from, if that is known. ``left_out`` maps the path of what is in the
    repository but not here (a link, a submodule, a file that is too large) to the reason.

    Raises
    ------
    PolicyError
        A path leads out or cannot be read on every system, or there is too much.

    Examples
    --------
    >>> Tree({"apps/a.yaml": b"kind: Service"}).files["apps/a.yaml"]
    b'kind: Service'
    """

    files: Mapping[str, bytes]
    commit: str = ""
    left_out: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        refuse_too_much(len(self.files), sum(map(len, self.files.values())))
        for path, content in self.files.items():
            if not is_path(path):
                rule = (
                    "a path in a tree is relative, has no empty, '.' or '..' part, no '\\' and can be printed"
                )
                raise PolicyError(f"path {path[:_SHOWN]!r}", rule, "rename the file")
            if len(content) > LARGEST_FILE:
                rule = f"a file of a tree has at most {LARGEST_FILE:,} bytes"
                raise PolicyError(
                    f"{path[:_SHOWN]}, {len(content):,} bytes", rule, "split it or leave it out"
                )


def is_path(path: str) -> bool:
    """Whether this names a file of a tree: relative, normalised, readable everywhere.

    Parameters
    ----------
    path : str
        With ``/`` between its parts.

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_path(one) for one in ("a/b.tf", "../b.tf", "/b.tf", "a//b.tf", "C:/b.tf")]
    [True, False, False, False, False]
    """
    parts = path.split("/")
    return (
        len(path) <= _LONGEST_PATH
        and _PLAIN.fullmatch(path) is not None
        and ":" not in parts[0]
        and not any(part in {"", ".", ".."} for part in parts)
    )


def refuse_too_much(count: int, size: int) -> None:
    """Refuse what is more than a tree holds.

    Parameters
    ----------
    count : int
        Files.
    size : int
        Bytes in all.

    Raises
    ------
    PolicyError
        More than 60,000 files or 256 MiB.
    """
    if count > MOST_FILES:
        rule = f"a tree has at most {MOST_FILES:,} files"
        raise PolicyError(f"{count:,} files", rule, "judge a part of the repository")
    if size > LARGEST_TREE:
        rule = f"a tree has at most {LARGEST_TREE:,} bytes"
        raise PolicyError(f"{size:,} bytes", rule, "judge a part of the repository")


def tree_of(folder: Path, *, commit: str = "") -> Tree:
    """Which files does this folder hold.

    Parameters
    ----------
    folder : Path
        A repository's work tree, or a copy of one. Its ``.git`` is no part of it.
    commit : str
        Where the files are from, if that is known.

    Returns
    -------
    Tree
        Links are not followed but stand in ``left_out``, as do files that are too large.

    Raises
    ------
    PolicyError
        It is no folder, cannot be read, or holds too much.
    """
    files: dict[str, bytes] = {}
    left_out: dict[str, str] = {}
    size = 0
    for path in _entries(folder):
        name = path.relative_to(folder).as_posix()
        why = _why_not(path, name)
        if why:
            left_out[name] = why
            continue
        try:
            files[name] = path.read_bytes()[: LARGEST_FILE + 1]
        except OSError as error:
            raise PolicyError(f"{name}: {error.strerror}", "a tree can be read", "allow it") from error
        size += len(files[name])
        refuse_too_much(len(files), size)
    return Tree(files, commit, left_out)


def _entries(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        raise PolicyError(f"{folder}", "a tree is a folder", "name the folder of a repository")
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=_refuse, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        found += [Path(place) / name for name in sorted([*names, *links]) if name not in _SKIPPED_FOLDERS]
        refuse_too_much(len(found), 0)
    return found


def _refuse(error: OSError) -> None:
    raise PolicyError(f"{error.filename}: {error.strerror}", "a tree can be read", "allow it") from error


def _why_not(path: Path, name: str) -> str:
    if path.is_symlink() or not path.is_file():
        return LINK if path.is_symlink() else "no plain file"
    if not is_path(name):
        return BAD_NAME
    return TOO_LARGE if path.stat().st_size > LARGEST_FILE else ""
