"""The objects of a repository without its settings: no hook, filter, merge driver or attribute is in effect.

Git works in a folder of our own that borrows the repository's objects, so nothing is written there, and what
the repository's configuration, or that of the user, says has no effect on the answer.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from finops_lib.change.git import Git, environment
from finops_lib.errors import SettingsError
from finops_lib.policy.inventory.found import in_words

_SECONDS = 120.0
_LONGEST_NAME = 250
_LARGEST_SHALLOW = 16 * 1024**2  # bytes
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{7,64}")
# ':' and braces would ask for a path, a message or the clock; '*', '?' and '[' are no part of any name.
_NAME = re.compile(r"(?!-|\^)(?!.*\.\.)[^\x00-\x20\x7f:?*\[\\{}\ud800-\udfff]+")
_SETTINGS = """[core]
repositoryformatversion = 1
bare = true
commitGraph = false
attributesFile = /dev/null
[extensions]
objectFormat = {style}
"""


@dataclass(frozen=True)
class Objects:
    """What a repository holds, to be asked by ids alone.

    ``git`` answers in a folder of our own; ``repository`` is where the objects are from; ``cut`` are the
    commits behind which a shallow clone knows nothing.
    """

    git: Git
    repository: Git
    cut: frozenset[str] = frozenset()

    def commit(self, name: str) -> str:
        """Which commit does this name mean.

        Parameters
        ----------
        name : str
            An id, a branch or a tag, with ``~1`` or the like behind it or not.

        Returns
        -------
        str
            The full id.

        Raises
        ------
        SettingsError
            It is no name, means nothing or more than one thing.
        """
        return commit_id(self.repository, name)


@contextmanager
def objects_of(folder: Path) -> Iterator[Objects]:
    """Open the objects of a repository, for as long as they are asked.

    Parameters
    ----------
    folder : Path
        Anywhere in a work tree, or a bare repository.

    Yields
    ------
    Objects

    Raises
    ------
    SettingsError
        It is no repository, or git refuses it.
    """
    repository = Git(folder)
    asked = ("--is-shallow-repository", "--show-object-format", "--path-format=absolute", "--git-common-dir")
    shallow, style, common = repository.ask("rev-parse", *asked).split(b"\n", 2)
    theirs = Path(os.fsdecode(common[:-1]))
    with tempfile.TemporaryDirectory(prefix="finops-git-") as name:
        home = Path(name)
        _furnish(home, theirs, style.decode("ascii"))
        cut = _cut(home, theirs) if shallow == b"true" else frozenset[str]()
        yield Objects(Git(home, _bare(home), _SECONDS, folder), repository, cut)


def _bare(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in environment().items() if name != "XDG_CONFIG_HOME"}
    return kept | {
        "HOME": str(home),
        "GIT_DIR": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOC_LIMIT": "1g",  # one piece of memory; objects can be made to unfold
    }


def _furnish(home: Path, theirs: Path, style: str) -> None:
    """Make the least that git takes for a repository; the link keeps odd names out of git's files."""
    (home / "refs").mkdir()
    (home / "objects" / "info").mkdir(parents=True)
    (home / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii")
    (home / "config").write_text(_SETTINGS.format(style=style), encoding="ascii")
    (home / "theirs").symlink_to(theirs / "objects")
    (home / "objects" / "info" / "alternates").write_text("../theirs\n", encoding="ascii")


def _cut(home: Path, theirs: Path) -> frozenset[str]:
    with (theirs / "shallow").open("rb") as file:
        held = file.read(_LARGEST_SHALLOW).decode("ascii", "replace").split()
    cut = frozenset(filter(_ID.fullmatch, held))
    (home / "shallow").write_text("".join(f"{one}\n" for one in sorted(cut)), encoding="ascii")
    return cut


def commit_id(repository: Git, name: str) -> str:
    """Which commit does this name mean: an id, a branch or a tag.

    Parameters
    ----------
    repository : Git
        In a folder of the repository.
    name : str
        With ``~1`` or ``^2`` behind it or not; what depends on the clock or on a search is refused.

    Returns
    -------
    str
        The full id.

    Raises
    ------
    SettingsError
        It is no name, means nothing or more than one thing.
    """
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise SettingsError(
            f"commit {name[:80]!r}",
            "it is an id, a branch or a tag, with no '-' or '^' in front and no '..', ':', brace or blank",
            "take a name from git branch or git tag, or an id from git log --format=%H",
        )
    done = repository.run(["rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}"])
    said = done.stderr.decode("utf-8", "replace")
    if "ambiguous" in said:
        raise _ambiguous(name)
    if done.returncode and not any(words in said for words in ("Needed a single revision", "bad revision")):
        raise repository.refusal(in_words(said))
    full = done.stdout.decode("ascii").strip()
    if not _ID.fullmatch(full):
        raise SettingsError(
            f"commit {name!r}",
            f"it is a commit, branch or tag of the repository in {repository.folder}",
            "fetch the repository's history, or take another from git log",
        )
    # A branch may be named like a short commit id, and git would take the branch.
    if _SHORT.fullmatch(name) and not full.startswith(name):
        raise _ambiguous(name)
    return full


def _ambiguous(name: str) -> SettingsError:
    rule = "it means one commit, and not a branch or an id as well as something else"
    return SettingsError(f"commit {name!r}", rule, "write refs/heads/..., refs/tags/... or a full commit id")
