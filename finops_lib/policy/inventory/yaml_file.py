"""Documents of a YAML file as plain JSON with lines; what could blow up or mean two things is refused.

An alias is followed only if the document stays small with each alias counted as often as it stands for
something, so a few lines can never become billions. A key that comes twice, a cycle, a tag that makes objects
of a program and a mapping with keys that are no text are refused. Tags of CloudFormation become its long
form: ``!Ref x`` is ``{"Ref": "x"}``, ``!Sub y`` is ``{"Fn::Sub": "y"}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.marked import (
    DEEPEST,
    MOST_NODES,
    Block,
    Document,
    Documents,
    Refused,
)
from finops_lib.policy.inventory.yaml_scalars import plain_value

MOST_ALIASES = 10  # levels of aliases within aliases
_MOST_IN_FILE = 2 * MOST_NODES
_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(_STANDARD + name for name in ("str", "int", "float", "bool", "null", "map", "seq"))
_BARE = frozenset({"!Ref", "!Condition", "!Rules"})
_FUNCTIONS = frozenset(
    "!And !Base64 !Cidr !Contains !EachMemberEquals !EachMemberIn !Equals !FindInMap !GetAtt !GetAZs !If "
    "!ImportValue !Join !Length !Not !Or !RefAll !Select !Split !Sub !ToJsonString !Transform !ValueOf "
    "!ValueOfAll".split()
)


def read_yaml(content: bytes, *, file: str) -> Documents:
    r"""Which documents does this file hold.

    Parameters
    ----------
    content : bytes
        UTF-8; a byte order mark is no content.
    file : str
        Its path, for faults.

    Returns
    -------
    Documents
        Those before the first fault, empty ones left out, and the fault.

    Examples
    --------
    >>> [document] = read_yaml(b"a: 1\n---\n", file="x.yaml").documents
    >>> document.value, document.value.lines
    ({'a': 1}, {'a': 1})
    >>> read_yaml(b"a: 1\na: 2", file="x.yaml").faults[0]
    Fault(file='x.yaml', line=2, reason="the key 'a' stands twice in one mapping")
    """
    found: list[Document] = []
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Documents((), (Fault(file, line, "it is not UTF-8"),))
    try:
        found.extend(_documents(text))
    except Refused as refused:
        return Documents(tuple(found), (Fault(file, refused.line, refused.reason + _hint(text)),))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        return Documents(tuple(found), (Fault(file, line, _complaint(error.problem, text)),))
    # The parser meets some hostile texts with errors of Python.
    except (YAMLError, ValueError, TypeError, AttributeError, LookupError, AssertionError) as error:
        return Documents(tuple(found), (Fault(file, 0, _complaint(error, text)),))
    return Documents(tuple(found))


def _complaint(problem: object, text: str) -> str:
    return f"it is no YAML: {in_words(problem or 'it ends too early')}{_hint(text)}"


def _hint(text: str) -> str:
    return "; it has template braces, so judge what is rendered from it" if "{{" in text else ""


def _documents(text: str) -> Iterator[Document]:
    events = YAML(typ="safe", pure=True).parse(text)
    nodes = 0
    for event in events:
        if not isinstance(event, DocumentStartEvent):
            continue
        builder = _Builder(events)
        start = next(events)
        value, _ = builder.value(start, 0)
        nodes += builder.nodes
        if nodes > _MOST_IN_FILE:
            raise Refused(_line(start), f"its documents have more than {_MOST_IN_FILE:,} values")
        if value is not None:
            yield Document(value, _line(start))


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


@dataclass
class _Builder:
    """Makes one document of events, and counts what it would be with every alias written out."""

    events: Iterator[Event]
    nodes: int = 0
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    def value(self, event: Event, depth: int) -> tuple[Any, int]:
        """Value that starts with this event, and how many levels of aliases it holds."""
        if isinstance(event, AliasEvent):
            return self._alias(event)
        self._count(1, event)
        if depth > DEEPEST:
            raise Refused(_line(event), f"it is nested more than {DEEPEST} levels deep")
        anchor, before = getattr(event, "anchor", None), self.nodes - 1
        self.open |= {anchor} if anchor else set()
        value, aliases = self._bare(event, depth)
        if anchor:
            self.open.discard(anchor)
            self.anchors[anchor] = (value, self.nodes - before, aliases)
        return value, aliases

    def _alias(self, event: AliasEvent) -> tuple[Any, int]:
        name = str(event.anchor)
        if name in self.open:
            raise Refused(_line(event), f"the alias {in_words(name)!r} stands within itself")
        if name not in self.anchors:
            raise Refused(_line(event), f"there is no anchor {in_words(name)!r}")
        value, size, aliases = self.anchors[name]
        self._count(size, event)
        if aliases >= MOST_ALIASES:
            raise Refused(_line(event), f"aliases are nested more than {MOST_ALIASES} levels deep")
        return value, aliases + 1

    def _count(self, more: int, event: Event) -> None:
        self.nodes += more
        if self.nodes > MOST_NODES:
            said = f"written out, the document has more than {MOST_NODES:,} values"
            raise Refused(_line(event), said)

    def _bare(self, event: Event, depth: int) -> tuple[Any, int]:
        tag = _tag(event)
        if isinstance(event, ScalarEvent):
            value: Any = event.value
            if (tag == "" and event.implicit[0]) or tag in _PLAIN_TAGS - {_STANDARD + "str"}:
                value = plain_value(event.value)
            aliases = 0
        elif isinstance(event, SequenceStartEvent):
            value, aliases = self._sequence(depth)
        else:
            value, aliases = self._mapping(depth)
        return (_long_form(tag, value, event) if tag.startswith("!") else value), aliases

    def _sequence(self, depth: int) -> tuple[list[Any], int]:
        items = []
        for event in iter(self.events.__next__, None):
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self.value(event, depth + 1))
        return [value for value, _ in items], max((aliases for _, aliases in items), default=0)

    def _mapping(self, depth: int) -> tuple[Block, int]:
        block, merged, deepest = Block({}, {}), Block({}, {}), 0
        for event in iter(self.events.__next__, None):
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event)
            value, aliases = self.value(next(self.events), depth + 1)
            deepest = max(deepest, aliases)
            if key == "<<" and isinstance(event, ScalarEvent) and event.implicit[0]:
                _merge(merged, value, event)
            elif key in block:
                raise Refused(_line(event), f"the key {in_words(key)!r} stands twice in one mapping")
            else:
                block[key] = value
                block.lines[key] = _line(event)
        both = Block({**merged, **block}, {**merged.lines, **block.lines})
        return (both if merged else block), deepest

    def _key(self, event: Event) -> str:
        if isinstance(event, AliasEvent):
            value, _ = self._alias(event)
            if isinstance(value, str):
                return value
        elif isinstance(event, ScalarEvent) and _tag(event) in {"", _STANDARD + "str"}:
            self._count(1, event)
            if event.anchor:
                self.anchors[event.anchor] = (event.value, 1, 0)
            return str(event.value)
        raise Refused(_line(event), "a key is a text")


def _merge(into: Block, value: object, event: Event) -> None:
    """Take over what ``<<`` names; the first that has a key wins."""
    for source in value if isinstance(value, list) else [value]:
        if not isinstance(source, Block):
            raise Refused(_line(event), "the key << names a mapping or a list of them")
        for key in source.keys() - into.keys():
            into[key], into.lines[key] = source[key], source.lines.get(key, _line(event))


def _tag(event: Event) -> str:
    """Tag as written, standard ones in full; empty where there is none."""
    tag = str(getattr(event, "tag", None) or "")
    if tag in {"", "!"} or tag in _PLAIN_TAGS:
        return _STANDARD + "str" if tag == "!" else tag
    if tag in _BARE or tag in _FUNCTIONS:
        return tag
    raise Refused(_line(event), f"the tag {in_words(tag)!r} is not known")


def _long_form(tag: str, value: Any, event: Event) -> Block:
    name = tag[1:] if tag in _BARE else f"Fn::{tag[1:]}"
    if tag == "!GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return Block({name: value}, {name: _line(event)})
