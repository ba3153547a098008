"""Plain JSON values of which each mapping still knows on which line its keys stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finops_lib.policy.inventory.found import Fault

DEEPEST = 48  # nested mappings and lists
MOST_NODES = 100_000  # of one document, with each alias counted as often as it stands for something
LARGEST_WHOLE = 2**53  # beyond, numbers of JSON are no longer exact


class Block(dict[str, Any]):
    """A mapping; ``lines`` gives the line, from 1, of each of its keys."""

    def __init__(self, values: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        super().__init__(values)
        self.lines = dict(lines)


@dataclass(frozen=True)
class Document:
    """One document of a file: its value and the line, from 1, on which it starts."""

    value: Any
    line: int


@dataclass(frozen=True)
class Documents:
    """The documents of a file, and why what follows them could not be read."""

    documents: tuple[Document, ...]
    faults: tuple[Fault, ...] = ()


class Refused(Exception):  # noqa: N818  caught where it is thrown, and told as a fault
    """What is wrong, and the line from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


def line_at(value: object, path: Sequence[str | int], *, default: int = 0) -> int:
    """On which line does the key at this path stand.

    Parameters
    ----------
    value : object
        Of a document.
    path : sequence of str or int
        Keys, and places in lists from 0.
    default : int
        The answer where no part of the path knows its line.

    Returns
    -------
    int
        Of the deepest key on the path that exists.

    Examples
    --------
    >>> pod = Block({"spec": Block({"replicas": 3}, {"replicas": 7})}, {"spec": 6})
    >>> line_at(pod, ["spec", "replicas"]), line_at(pod, ["spec", "absent"]), line_at(pod, ["absent"])
    (7, 6, 0)
    """
    line = default
    for step in path:
        if isinstance(value, Block) and isinstance(step, str) and step in value:
            line, value = value.lines.get(step, line), value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
            line = min(value.lines.values(), default=line) if isinstance(value, Block) else line
        else:
            break
    return line


def first_line(value: object, default: int) -> int:
    """On which line does this value start: that of its first key.

    Parameters
    ----------
    value : object
        Of a document.
    default : int
        The answer for what is no mapping, or an empty one.

    Returns
    -------
    int

    Examples
    --------
    >>> first_line(Block({"b": 1, "a": 2}, {"b": 4, "a": 5}), 1)
    4
    """
    return min(value.lines.values(), default=default) if isinstance(value, Block) else default


def at(value: object, *path: str) -> Any:
    """What stands at this path of mappings; None where nothing does.

    Parameters
    ----------
    value : object
        Of a document.
    *path : str
        Keys.

    Examples
    --------
    >>> at({"a": {"b": 1}}, "a", "b"), at({"a": []}, "a", "b")
    (1, None)
    """
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: object) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def texts(value: object) -> Iterator[str]:
    """Yield each text within this value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
