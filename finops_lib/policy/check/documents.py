"""Which objects are in the YAML and JSON files of an estate, with the line of each field, safely read.

A file is read as the tools of the estate read it, by YAML 1.1 (``yes`` is a truth value, ``0644`` an octal
number), and is bounded before anything is built: its size, its depth, and how large it grows once aliases
are followed. No object of any kind but mappings, lists, texts, numbers, truth values and null comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode

LARGEST_FILE = 1 << 20  # bytes, the most that CloudFormation takes
_DEEPEST, _MOST_NODES, _LONGEST_NUMBER = 60, 300_000, 100
Path = tuple[str | int, ...]


class UnreadableError(Exception):
    """A file that cannot be read: the reason, and the line where it is known, else 0."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class Document:
    """One document of a file: its value, the line where it starts, and the line of each field by its path."""

    value: Any
    line: int
    lines: Mapping[Path, int]

    def line_of(self, path: Path) -> int:
        """In which line stands this field, or the nearest one around it that the file has.

        Parameters
        ----------
        path : tuple
            Keys and places from the top, such as ``("spec", "containers", 0, "image")``.

        Returns
        -------
        int
            Counted from 1.
        """
        return next(
            (self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), self.line
        )


def documents(content: bytes, *, tags: bool = False) -> tuple[Document, ...]:
    r"""Which documents does this file hold.

    Parameters
    ----------
    content : bytes
        YAML or JSON in UTF-8.
    tags : bool
        Whether tags of its own (``!Ref``) are allowed; what they stand before is read without them.

    Returns
    -------
    tuple of Document
        In the order of the file, without empty ones.

    Raises
    ------
    UnreadableError
        It is no UTF-8, no YAML, too large or too deep, has a key twice, a key that is no text, or a tag.

    Examples
    --------
    >>> [one] = documents(b"kind: Pod\nspec:\n  hostNetwork: yes\n")
    >>> one.value, one.line_of(("spec", "hostNetwork"))
    ({'kind': 'Pod', 'spec': {'hostNetwork': True}}, 3)
    """
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"it has {len(content)} bytes, more than {LARGEST_FILE}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"byte {error.start} is no UTF-8", content[: error.start].count(b"\n") + 1
        ) from error
    try:
        found = tuple(_Reader(text, tags=tags).documents())
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise UnreadableError(f"it is no YAML: {error.problem}", mark.line + 1 if mark else 0) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError("it is no YAML") from error
    return tuple(document for document in found if document.value is not None)


def _whole(text: str) -> int | str:
    digits = text.replace("_", "")
    if ":" in digits:  # sixties of YAML 1.1 are a text to the tools of a cluster
        return text
    sign, bare = (-1, digits[1:]) if digits[:1] == "-" else (1, digits.removeprefix("+"))
    octal = len(bare) > 1 and bare[0] == "0" and bare[1].isdigit()
    return sign * int(bare, 8 if octal else 0)


def _broken(text: str) -> float | str:
    return text if ":" in text else float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))


_CORE = "tag:yaml.org,2002:"
_TAGS = frozenset(f"{_CORE}{name}" for name in "str seq map null bool int float timestamp binary".split())
_TRUE = frozenset({"true", "yes", "on", "y"})
_PLAIN: Mapping[str, Callable[[str], Any]] = {
    f"{_CORE}null": lambda _: None,
    f"{_CORE}bool": lambda text: text in _TRUE,
    f"{_CORE}int": _whole,
    f"{_CORE}float": _broken,
}


class _Reader:
    """Builds plain values from the events of a file, counting what it builds."""

    def __init__(self, text: str, *, tags: bool) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.yaml.version = (1, 1)
        self.events = self.yaml.parse(text)
        self.tags, self.nodes = tags, 0
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.lines: dict[Path, int] = {}

    def documents(self) -> Iterator[Document]:
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self.anchors, self.lines = {}, {}
                first = next(self.events)
                value, size = self._value(first, ())
                self.nodes = _bounded(self.nodes + size, first.start_mark.line + 1)
                yield Document(value, first.start_mark.line + 1, self.lines)

    def _value(self, event: Any, path: Path) -> tuple[Any, int]:
        """Value at this place, and of how many nodes it consists once aliases are followed."""
        line = event.start_mark.line + 1
        if len(path) > _DEEPEST:
            raise UnreadableError(f"it is nested deeper than {_DEEPEST}", line)
        self.lines.setdefault(path, line)
        if isinstance(event, AliasEvent):
            return self._alias(event, line)
        self._check_tag(event, line)
        if isinstance(event, ScalarEvent):
            found = self._scalar(event, line), 1
        elif isinstance(event, SequenceStartEvent):
            found = self._list(path, line)
        elif isinstance(event, MappingStartEvent):
            found = self._mapping(path, line)
        else:
            raise UnreadableError("it is no YAML", line)
        if event.anchor:
            self.anchors[event.anchor] = found
        return found

    def _alias(self, event: AliasEvent, line: int) -> tuple[Any, int]:
        if event.anchor not in self.anchors:
            raise UnreadableError("an alias names no anchor before it", line)
        return self.anchors[event.anchor]

    def _check_tag(self, event: Any, line: int) -> None:
        tag = str(event.tag or "")
        if tag and tag != "!" and tag not in _TAGS and (tag.startswith(_CORE) or not self.tags):
            raise UnreadableError("it has a tag of its own", line)

    def _list(self, path: Path, line: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        nodes = 1
        while not isinstance(event := next(self.events), SequenceEndEvent):
            value, size = self._value(event, (*path, len(found)))
            found.append(value)
            nodes = _bounded(nodes + size, line)
        return found, nodes

    def _mapping(self, path: Path, line: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        nodes = 1
        while not isinstance(event := next(self.events), MappingEndEvent):
            here = event.start_mark.line + 1
            key = self._key(event, here)
            if key in found:
                raise UnreadableError("a key comes twice in one mapping", here)
            self.lines[(*path, key)] = here
            value, size = self._value(next(self.events), (*path, key))
            nodes = _bounded(nodes + size + 1, line)
            if key == "<<" and not event.style:
                merged = _merged(merged, value, here)
            else:
                found[key] = value
        return {**merged, **found}, nodes

    def _key(self, event: Any, line: int) -> str:
        if not isinstance(event, ScalarEvent):
            raise UnreadableError("a key is no text", line)
        return str(event.value)

    def _scalar(self, event: ScalarEvent, line: int) -> Any:
        resolver = self.yaml.resolver
        own = str(event.tag or "") if str(event.tag or "").startswith(_CORE) else ""
        tag = own or str(resolver.resolve(ScalarNode, event.value, event.implicit))
        if tag not in _PLAIN or event.tag == "!":
            return event.value
        if len(event.value) > _LONGEST_NUMBER:
            raise UnreadableError(f"a number has more than {_LONGEST_NUMBER} digits", line)
        try:
            return _PLAIN[tag](event.value.lower())
        except (ValueError, KeyError) as error:
            raise UnreadableError("a value is not what its tag says", line) from error


def _bounded(nodes: int, line: int) -> int:
    if nodes > _MOST_NODES:
        raise UnreadableError(
            f"it grows to more than {_MOST_NODES} values once its aliases are followed", line
        )
    return nodes


def _merged(before: dict[str, Any], value: Any, line: int) -> dict[str, Any]:
    """Join what ``<<`` brings in: of several mappings the first wins."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise UnreadableError("<< merges mappings alone", line)
    for part in parts:
        before = {**part, **before}
    return before
