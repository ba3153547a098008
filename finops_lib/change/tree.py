"""The files of a repository at a commit, or as they would be after a merge, read without a work tree."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from finops_lib.change.listing import Entry, contents, count, entries, printable, records
from finops_lib.change.objects import Objects, objects_of
from finops_lib.errors import PolicyError
from finops_lib.policy.inventory.found import in_words
from finops_lib.policy.inventory.tree import (
    BAD_NAME,
    LARGEST_FILE,
    LINK,
    MOST_FILES,
    TOO_LARGE,
    Tree,
    is_path,
    refuse_too_much,
)

SUBMODULE = "a submodule"
_FILES = ("100644", "100755", "100664")
_OTHERS = {"120000": LINK, "160000": SUBMODULE}
_NAMED = 10  # conflicts that an error names
_LONGEST_AUTHOR = 4096  # bytes


@dataclass(frozen=True)
class Merge:
    """What a repository would hold after a merge.

    ``tree`` are its files. ``base`` and ``head`` are full ids of the commits; ``merge_base`` is the one where
    they part (the first, should there be several). ``changed`` are the paths that the merge changes, adds to
    ``base`` or takes away, sorted.
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
        Anywhere in a work tree, or a bare repository.
    commit : str
        An id, a branch or a tag.

    Returns
    -------
    Tree
        Content as committed. Links, submodules, files of more than 2 MiB and those whose name cannot be read
        on every system stand in ``left_out``.

    Raises
    ------
    SettingsError
        It is no repository, has no such commit or lacks a file of it.
    PolicyError
        The commit holds more than a tree may.
    """
    with objects_of(folder) as objects:
        full = objects.commit(commit)
        return _tree(objects, full, full)


def merged(folder: Path, base: str, head: str) -> Merge:
    """Which files would a repository hold if one commit were merged into another.

    Attributes such as merge drivers and settings of the repository or the user have no effect, and nothing is
    written to the repository.

    Parameters
    ----------
    folder : Path
        Anywhere in a work tree, or a bare repository.
    base, head : str
        Ids, branches or tags: what is merged into, and what is merged.

    Returns
    -------
    Merge
        Where ``base`` is an ancestor of ``head``, the files are those of ``head``.

    Raises
    ------
    SettingsError
        As for `tree_at`.
    PolicyError
        The two do not merge without a person, have no history in common, or the clone does not hold it; or
        the result holds more than a tree may.
    """
    with objects_of(folder) as objects:
        ours, theirs = objects.commit(base), objects.commit(head)
        parted = _parted(objects, ours, theirs)
        for one in dict.fromkeys([ours, theirs, *parted]):
            count(objects, one)
        result = theirs if ours in parted else _merge(objects, ours, theirs)
        tree = _tree(objects, result, theirs if result == theirs else "")
        return Merge(tree, ours, theirs, parted[0], _changed(objects, ours, result))


def author_of(folder: Path, commit: str) -> str:
    """Who wrote this commit, as the commit itself says: it proves nothing.

    Parameters
    ----------
    folder : Path
        Anywhere in a work tree, or a bare repository.
    commit : str
        An id, a branch or a tag.

    Returns
    -------
    str
        ``name <email>``, on one line and printable.

    Raises
    ------
    SettingsError
        It is no repository or has no such commit.
    """
    with objects_of(folder) as objects:
        words = ("log", "--max-count=1", "--format=%an <%ae>", "--end-of-options", objects.commit(commit))
        with objects.git.streamed(*words) as answer:
            said = answer.read(_LONGEST_AUTHOR)
            while answer.read(_LONGEST_AUTHOR):
                pass
    return in_words(said.decode("utf-8", "replace"))


def _tree(objects: Objects, tree: str, commit: str) -> Tree:
    kept: dict[str, Entry] = {}
    left_out: dict[str, str] = {}
    for entry in entries(objects, tree):
        path = printable(entry.path)
        why = _why_not(entry, path)
        if why:
            left_out[path] = why
        else:
            kept[path] = entry
    refuse_too_much(len(kept), sum(entry.size for entry in kept.values()))
    held = contents(objects, (entry.id for entry in kept.values()))
    return Tree({path: held[entry.id] for path, entry in kept.items()}, commit, left_out)


def _why_not(entry: Entry, path: str) -> str:
    if entry.mode not in _FILES:
        return _OTHERS.get(entry.mode, "no plain file")
    # A backslash or what stands for bytes is no path, so no other file can be taken for this one.
    if not is_path(path) or ".git" in path.lower().split("/"):
        return BAD_NAME
    return TOO_LARGE if entry.size > LARGEST_FILE else ""


def _parted(objects: Objects, base: str, head: str) -> list[str]:
    """Best common ancestors, of which the clone is known to hold all."""
    done = objects.git.run(["merge-base", "--all", base, head])
    parted = done.stdout.decode("ascii").split()
    if done.returncode not in {0, 1}:
        raise objects.repository.refusal(in_words(done.stderr.decode("utf-8", "replace")))
    if objects.cut and (not parted or _passes_cut(objects, parted, base, head)):
        raise PolicyError(
            f"{base[:12]} and {head[:12]}, in a shallow clone",
            "the history back to where they part is here",
            "run git fetch --unshallow",
        )
    if not parted:
        rule = "what is merged has history in common"
        raise PolicyError(f"{base[:12]} and {head[:12]}", rule, "start the branch from the other one")
    return parted


def _passes_cut(objects: Objects, parted: list[str], base: str, head: str) -> bool:
    """Whether a commit since then has parents that the clone does not know, maybe better ancestors."""
    since = objects.git.ask("rev-list", base, head, "--not", *parted).decode("ascii").split()
    return not objects.cut.isdisjoint(since)


def _merge(objects: Objects, base: str, head: str) -> str:
    done = objects.git.run(["merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", base, head])
    tree, *names = done.stdout.split(b"\0")
    if done.returncode == 0:
        return tree.decode("ascii").strip()
    if done.returncode != 1:
        raise objects.repository.refusal(in_words(done.stderr.decode("utf-8", "replace")))
    files = sorted({printable(name) for name in names if name})
    more = f" and {len(files) - _NAMED:,} more" if len(files) > _NAMED else ""
    raise PolicyError(
        f"{', '.join(one[:100] for one in files[:_NAMED])}{more}",
        f"{head[:12]} merges into {base[:12]} without a conflict",
        "merge or rebase the branch and solve the conflict there",
    )


def _changed(objects: Objects, base: str, result: str) -> tuple[str, ...]:
    words = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-ext-diff", base, result)
    return tuple(sorted(map(printable, records(objects, *words, most=2 * MOST_FILES))))
