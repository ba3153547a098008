"""The files of a repository at a commit, and as a merge would leave them: read, never checked out.

Git works in a repository of our own, made for the moment, that borrows the objects of the one in question. So
no setting, hook, filter, merge driver, attribute or replacement of a hostile repository has any effect, and
nothing is written to it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from finops_lib.change.git import ask, commit_named, run
from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError, SettingsError
from finops_lib.policy.inventory.tree import (
    BAD_NAME,
    LARGEST_FILE,
    LARGEST_TREE,
    LINK,
    MOST_FILES,
    TOO_LARGE,
    Tree,
    is_path,
)

SUBMODULE = "a submodule"
_LINK, _SUBMODULE = b"120000", b"160000"
_SECONDS = 120
_MOST_NAMED = 10


@dataclass(frozen=True)
class Merge:
    """What a merge of ``head`` into ``base`` would leave: files, and which differ from ``base``.

    The commits have 40 hexadecimal digits; ``merge_base`` is the newest that both have.
    """

    tree: Tree
    base: str
    head: str
    merge_base: str
    changed: tuple[str, ...]


def tree_at(folder: Path, commit: str) -> Tree:
    """Which files does a repository hold at a commit.

    Parameters
    ----------
    folder : Path
        In the repository.
    commit : str
        A branch, tag or commit id.

    Returns
    -------
    Tree
        Links, submodules and files that are too large or whose name is not readable everywhere stand in
        ``left_out``.

    Raises
    ------
    SettingsError
        There is no such repository or commit, or git refuses.
    PolicyError
        It holds too much.
    """
    full = commit_named(_checked(folder), commit)
    with _apart(folder) as place:
        return _tree(place, full, full)


def merged(folder: Path, base: str, head: str) -> Merge:
    """What would a merge leave.

    Parameters
    ----------
    folder : Path
        In the repository.
    base, head : str
        Branches, tags or commit ids: what is merged into, and what is merged.

    Returns
    -------
    Merge
        Where ``base`` is a part of the history of ``head``, just the files of ``head``.

    Raises
    ------
    SettingsError
        A commit is not there, the two have no history in common, or they conflict; the files are named.
    PolicyError
        The result holds too much.
    """
    _checked(folder)
    old, new = commit_named(folder, base), commit_named(folder, head)
    with _apart(folder) as place:
        common = _common(place, old, new, folder)
        told = run(place, ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", old, new])
        result, *names = told.stdout.split(b"\0")
        if told.returncode == 1:
            raise _conflict([name for name in names if name], base, head)
        if told.returncode:
            complaint = told.stderr.decode("utf-8", "replace").strip()
            raise SettingsError(
                f"git in {folder}: {complaint}", "base and head can be merged", "merge them by hand"
            )
        written = result.decode("ascii")
        changed = ask(place, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old, written)
        paths = tuple(sorted(_text(name) for name in changed.split(b"\0") if name))
        return Merge(_tree(place, written, new), old, new, common, paths)


def author_of(folder: Path, commit: str) -> str:
    """Who wrote a commit, as it says itself: nobody has checked it.

    Parameters
    ----------
    folder : Path
        In the repository.
    commit : str
        A branch, tag or commit id.

    Returns
    -------
    str
        Name and address, such as ``Ana <ana@example.com>``; letters that cannot be printed are left out.

    Raises
    ------
    SettingsError
        There is no such commit.
    """
    full = commit_named(_checked(folder), commit)
    with _apart(folder) as place:
        said = ask(place, "log", "-1", "--no-show-signature", "--no-mailmap", "--format=%an <%ae>", full)
    text = " ".join(said.decode("utf-8", "replace").split())
    return "".join(letter for letter in text if letter.isprintable())[:200]


def _checked(folder: Path) -> Path:
    if not folder.is_dir():
        raise SettingsError(f"repository {folder}", "it is a folder", "name the folder of a repository")
    if ask(folder, "rev-parse", "--git-dir", outside=b"") == b"":
        raise SettingsError(
            f"repository {folder}", "it is a git repository", "name the folder of a clone, or run git init"
        )
    return folder


@contextmanager
def _apart(folder: Path) -> Iterator[Path]:
    """Make a repository that borrows the objects of another, and none of its settings."""
    words = ("rev-parse", "--path-format=absolute", "--git-path")
    objects, shallow = (
        Path(ask(folder, *words, name).decode("utf-8", "surrogateescape").rstrip("\n"))
        for name in ("objects", "shallow")
    )
    kind = ask(folder, "rev-parse", "--show-object-format").decode("ascii").strip()
    with tempfile.TemporaryDirectory(prefix="finops-git-") as name:
        place = Path(name)
        ask(place, "init", "-q", "--bare", "--template=", f"--object-format={kind}", ".")
        (place / "borrowed").symlink_to(objects)
        (place / "objects" / "info").mkdir(exist_ok=True)
        (place / "objects" / "info" / "alternates").write_text("../borrowed\n", encoding="ascii")
        if shallow.is_file():
            (place / "shallow").write_bytes(shallow.read_bytes())
        yield place


def _common(place: Path, old: str, new: str, folder: Path) -> str:
    found = run(place, ["merge-base", old, new])
    if found.returncode:
        raise SettingsError(
            f"commits {old[:12]} and {new[:12]} of {folder}",
            "they have history in common",
            "fetch all of it (git fetch --unshallow), or name a base that the head grew from",
        )
    return found.stdout.decode("ascii").strip()


def _conflict(names: Sequence[bytes], base: str, head: str) -> SettingsError:
    every = list(dict.fromkeys(map(_text, names)))
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return SettingsError(
        f"merge of {shown(head)} into {shown(base)}: {', '.join(map(shown, every[:_MOST_NAMED]))}{more}",
        "what is judged is the merge result, so there is no conflict",
        "merge the base into the branch, or rebase it",
    )


def _tree(place: Path, treeish: str, commit: str) -> Tree:
    listed = ask(place, "ls-tree", "-r", "-z", "-l", "--full-tree", treeish)
    wanted: list[tuple[str, bytes]] = []
    left_out: dict[str, str] = {}
    size = 0
    for entry in listed.split(b"\0")[:-1]:
        about, _, name = entry.partition(b"\t")
        mode, _, digest, length = about.split()
        path = _text(name)
        why = _why_not(mode, path, length)
        if why:
            left_out[path] = why
            continue
        wanted.append((path, digest))
        size += int(length)
    _refuse_too_much(len(wanted), size)
    return Tree(dict(_contents(place, wanted)), commit, left_out)


def _why_not(mode: bytes, path: str, length: bytes) -> str:
    if mode in {_LINK, _SUBMODULE}:
        return LINK if mode == _LINK else SUBMODULE
    if not is_path(path):
        return BAD_NAME
    return TOO_LARGE if int(length) > LARGEST_FILE else ""


def _refuse_too_much(count: int, size: int) -> None:
    for found, most, kind in ((count, MOST_FILES, "files"), (size, LARGEST_TREE, "bytes")):
        if found > most:
            rule = f"a tree has at most {most:,} {kind}"
            raise PolicyError(f"{found:,} {kind}", rule, "judge a part of the repository")


def _contents(place: Path, wanted: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Read all files in one process."""
    told = b"".join(digest + b"\n" for _, digest in wanted)
    done = run(place, ["cat-file", "--batch"], told=told, seconds=_SECONDS)
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip()
        raise SettingsError(f"git: {complaint}", "git can read the repository", "run git fsck on it")
    start = 0
    for path, _ in wanted:
        line = done.stdout.index(b"\n", start)
        words = done.stdout[start:line].split()
        if words[-1] == b"missing":
            raise SettingsError(
                f"file {shown(path)}", "its content is in the repository", "fetch it: git fetch --refetch"
            )
        length = int(words[2])
        yield path, done.stdout[line + 1 : line + 1 + length]
        start = line + 2 + length


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
