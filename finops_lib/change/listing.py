"""What a commit holds, listed and read piece by piece, so that no repository is too large to be refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from finops_lib.change.objects import Objects
from finops_lib.errors import PolicyError, SettingsError
from finops_lib.policy.inventory.tree import MOST_FILES, is_path, refuse_too_much

MOST_LISTED = 64 * 1024**2  # bytes of a list
_CHUNK = 64 * 1024
_FIELDS = 4


@dataclass(frozen=True)
class Entry:
    """A file, a link or a submodule: its mode as git writes it, the id of its content, bytes and path."""

    mode: str
    id: str
    size: int
    path: bytes


def entries(objects: Objects, tree: str) -> list[Entry]:
    """What is in this tree, below all its folders.

    Parameters
    ----------
    objects : Objects
        Of the repository.
    tree : str
        Id of a commit or a tree.

    Returns
    -------
    list of Entry
        In git's order.

    Raises
    ------
    PolicyError
        More than 60,000 files, or two of one path.
    SettingsError
        The clone lacks an object.
    """
    found: dict[bytes, Entry] = {}
    for line in records(objects, "ls-tree", "-r", "-z", "-l", "--full-tree", tree):
        entry = _entry(objects, line)
        if entry.path in found:
            rule = "a path stands in a tree once"
            raise PolicyError(f"{printable(entry.path)}, twice at {tree}", rule, "run git fsck")
        found[entry.path] = entry
    return list(found.values())


def _entry(objects: Objects, line: bytes) -> Entry:
    words, _, path = line.partition(b"\t")
    fields = words.decode("ascii", "replace").split()
    if len(fields) != _FIELDS or not (fields[3].isdecimal() or fields[3] == "-"):
        raise _lacking(objects, printable(path))
    return Entry(fields[0], fields[2], 0 if fields[3] == "-" else int(fields[3]), path)


def count(objects: Objects, tree: str) -> int:
    """How many files are in this tree; what was made to unfold without end is refused.

    Parameters
    ----------
    objects, tree
        As for `entries`.

    Returns
    -------
    int

    Raises
    ------
    PolicyError
        More than 60,000.
    """
    return sum(1 for _ in records(objects, "ls-tree", "-r", "-z", "--name-only", "--full-tree", tree))


def records(objects: Objects, *words: str, most: int = MOST_FILES) -> Iterator[bytes]:
    """What does git list, one after the other.

    Parameters
    ----------
    objects : Objects
        Of the repository.
    *words : str
        A command whose answers end with a zero byte each.
    most : int
        How many there may be.

    Yields
    ------
    bytes

    Raises
    ------
    PolicyError
        It is a longer list, or one of more than 64 MiB.
    """
    rest, size, number = b"", 0, 0
    with objects.git.streamed(*words) as answer:
        while chunk := answer.read(_CHUNK):
            size += len(chunk)
            *whole, rest = (rest + chunk).split(b"\0")
            number += len(whole)
            if number > most:
                refuse_too_much(number, 0)
            if size > MOST_LISTED:
                rule = f"the list of the files has at most {MOST_LISTED:,} bytes"
                raise PolicyError(f"more than {size:,} bytes of names", rule, "shorten the paths")
            yield from whole


def contents(objects: Objects, ids: Iterable[str]) -> dict[str, bytes]:
    """What do these files hold.

    Parameters
    ----------
    objects : Objects
        Of the repository.
    ids : iterable of str
        Of contents; the caller has seen to it that they are not too large.

    Returns
    -------
    dict
        Content by id, as committed: no line ending is converted, no filter run.

    Raises
    ------
    SettingsError
        The clone lacks one.
    """
    wanted = list(dict.fromkeys(ids))
    found: dict[str, bytes] = {}
    with tempfile.TemporaryFile() as names:
        names.write("".join(f"{one}\n" for one in wanted).encode("ascii"))
        names.seek(0)
        with objects.git.streamed("cat-file", "--batch", "--buffer", source=names) as answer:
            for one in wanted:
                content = _content(answer)
                if content is None:
                    break
                found[one] = content
            while answer.read(_CHUNK):  # to the end, or git would wait for a reader
                pass
    if len(found) < len(wanted):
        raise _lacking(objects, wanted[len(found)])
    return found


def _content(answer: IO[bytes]) -> bytes | None:
    fields = answer.readline(_CHUNK).split()
    if len(fields) != 3 or not fields[2].isdigit():  # noqa: PLR2004  id, kind and size
        return None
    size = int(fields[2])
    content = answer.read(size + 1)
    return content[:-1] if len(content) == size + 1 else None


def _lacking(objects: Objects, what: str) -> SettingsError:
    value = f"{what} in {objects.repository.folder}"
    return SettingsError(
        value, "the clone has all contents", "fetch them, for example by git fetch --refetch"
    )


def printable(path: bytes) -> str:
    r"""How is a path shown that git knows: as it is, what cannot be printed written as in Python.

    Parameters
    ----------
    path : bytes
        As git has it.

    Returns
    -------
    str

    Examples
    --------
    >>> printable("straße/a".encode()), printable(b"a\nb"), printable(b"\xff")
    ('straße/a', 'a\\nb', '\\xff')
    """
    text = path.decode("utf-8", "backslashreplace")
    if is_path(text):
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)
