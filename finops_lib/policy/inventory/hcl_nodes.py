"""The words of HCL after reading: blocks, attributes and expressions, each with the line where it starts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias


class Literal(NamedTuple):
    """A text without a template, a number, true, false or null."""

    value: Any


class Template(NamedTuple):
    """A text with ``${...}`` in it: its pieces in order, each a text or an expression."""

    parts: tuple[str | Node, ...]


class Items(NamedTuple):
    """A list."""

    items: tuple[Node, ...]


class Pairs(NamedTuple):
    """An object: key, value and line of each pair."""

    pairs: tuple[tuple[Node, Node, int], ...]


class Reference(NamedTuple):
    """What is reached from a name, or from an expression, by attributes and indices."""

    root: str | Node
    steps: tuple[str | int | Node, ...]


class Call(NamedTuple):
    """A function with its arguments; ``spread`` says that the last one ends in ``...``."""

    name: str
    arguments: tuple[Node, ...]
    spread: bool


class Choice(NamedTuple):
    """``condition ? yes : no``."""

    condition: Node
    yes: Node
    no: Node


class Operation(NamedTuple):
    """An operator between two expressions, or before one, where ``left`` is None."""

    operator: str
    left: Node | None
    right: Node


class Opaque(NamedTuple):
    """What is kept but not worked out: ``for``, splats and directives. ``inner`` are its expressions."""

    kind: str
    inner: tuple[Node, ...]


Node: TypeAlias = Literal | Template | Items | Pairs | Reference | Call | Choice | Operation | Opaque


class Attribute(NamedTuple):
    """``name = value``, without the name."""

    line: int
    value: Node


class Block(NamedTuple):
    """``type "label" { ... }``."""

    type: str
    labels: tuple[str, ...]
    line: int
    body: Body


class Body(NamedTuple):
    """What stands between the braces of a block, or in a file."""

    attributes: Mapping[str, Attribute]
    blocks: tuple[Block, ...]


def written(node: Node) -> str:
    """How would this expression be written, in short.

    Parameters
    ----------
    node : Node
        An expression.

    Returns
    -------
    str
        One line; what is not worked out is its kind.

    Examples
    --------
    >>> written(Reference("var", ("sizes", Literal("a"), 0)))
    'var.sizes["a"][0]'
    """
    match node:
        case Literal(value):
            text = json.dumps(value, ensure_ascii=False)
        case Template(parts):
            text = f'"{"".join(one if isinstance(one, str) else f"${{{written(one)}}}" for one in parts)}"'
        case Items(items):
            text = f"[{', '.join(map(written, items))}]"
        case Pairs(pairs):
            text = "{" + ", ".join(f"{written(key)} = {written(value)}" for key, value, _ in pairs) + "}"
        case Reference(root, steps):
            text = (root if isinstance(root, str) else f"({written(root)})") + "".join(map(_step, steps))
        case Call(name, arguments, spread):
            text = f"{name}({', '.join(map(written, arguments))}{'...' if spread else ''})"
        case Choice(condition, yes, no):
            text = f"{written(condition)} ? {written(yes)} : {written(no)}"
        case Operation(operator, left, right):
            text = f"{written(left)} {operator} " if left is not None else operator
            text += written(right)
        case Opaque(kind, _):
            text = kind
    return text


def _step(step: str | int | Node) -> str:
    if isinstance(step, str):
        return f".{step}"
    return f"[{step if isinstance(step, int) else written(step)}]"


def within(node: Node) -> Iterator[Node]:
    """Which expressions stand directly in this one.

    Parameters
    ----------
    node : Node
        An expression.

    Yields
    ------
    Node

    Examples
    --------
    >>> list(within(Choice(Literal(True), Literal(1), Literal(2)))) == [Literal(True), Literal(1), Literal(2)]
    True
    """
    match node:
        case Template(parts):
            yield from (one for one in parts if not isinstance(one, str))
        case Items(inner) | Opaque(_, inner) | Call(_, inner, _):
            yield from inner
        case Pairs(pairs):
            for key, value, _ in pairs:
                yield key
                yield value
        case Reference(root, steps):
            yield from (one for one in (root, *steps) if not isinstance(one, (str, int)))
        case Choice(condition, yes, no):
            yield from (condition, yes, no)
        case Operation(_, left, right):
            yield from (one for one in (left, right) if one is not None)
