"""What is this expression worth: a plain value, or what cannot be known from the files.

Nothing is guessed. What is not known stays as text, ``${...}`` as it was written, and is listed by its path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from finops_lib.policy.inventory import terraform_functions
from finops_lib.policy.inventory.hcl_nodes import (
    Call,
    Choice,
    Items,
    Literal,
    Node,
    Opaque,
    Operation,
    Pairs,
    Reference,
    Template,
    within,
    written,
)

Value: TypeAlias = Any
Step: TypeAlias = "str | int"
MOST_NODES = 5_000  # of one value: texts, numbers, lists and objects in it
MOST_CHARACTERS = 1_000_000  # of one value
_DEEPEST = 80
_LONGEST = 65_536  # characters of a text, and a tenth of it items of a list
_SHOWN = 200


class Unknown(NamedTuple):
    """A value that the files do not tell: how it was written, with ``${`` around it."""

    text: str


class Partly(dict[str, Any]):
    """An object of which more keys may exist, or other values, than the files tell."""


class Names(Protocol):
    """Who knows what a name stands for."""

    def value(self, root: str, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        """Value of the name and the steps that still lead on from it."""
        ...


def evaluate(node: Node, names: Names, depth: int = 0) -> Value:
    """What is this expression worth.

    Parameters
    ----------
    node : Node
        An expression.
    names : Names
        For variables, locals and resources.
    depth : int
        How many evaluations this one stands in.

    Returns
    -------
    Value
        Plain JSON, with `Unknown` and `Partly` where it cannot be known.
    """
    if depth > _DEEPEST:
        return unknown(node)
    found: Value = None
    match node:
        case Literal(value):
            found = value
        case Template(parts):
            found = _template(
                node, [one if isinstance(one, str) else _in(one, names, depth) for one in parts]
            )
        case Items(items):
            found = [_in(one, names, depth) for one in items]
        case Pairs():
            found = _pairs(node, names, depth)
        case Reference():
            found = _reference(node, names, depth)
        case Choice():
            found = _choice(node, *(_in(one, names, depth) for one in within(node)))
        case Operation() | Call():
            found = _worked(node, [_in(one, names, depth) for one in within(node)])
        case Opaque(_, inner):
            for one in inner:  # it still refers to what it refers to
                _in(one, names, depth)
            found = unknown(node)
    return found


def _in(node: Node, names: Names, depth: int) -> Value:
    return node.value if isinstance(node, Literal) else evaluate(node, names, depth + 1)


def unknown(node: Node) -> Unknown:
    """How is it said that this expression is not known.

    Parameters
    ----------
    node : Node
        An expression.

    Returns
    -------
    Unknown

    Examples
    --------
    >>> unknown(Reference("var", ("size",)))
    Unknown(text='${var.size}')
    """
    return Unknown(f"${{{written(node)[:_SHOWN]}}}")


def _template(node: Template, parts: list[Value]) -> Value:
    texts = [one.text if isinstance(one, Unknown) else terraform_functions.as_text(one) for one in parts]
    if any(text is None for text in texts) or sum(len(text or "") for text in texts) > _LONGEST:
        return unknown(node)
    whole = "".join(text or "" for text in texts)
    return Unknown(whole) if any(isinstance(one, Unknown) for one in parts) else whole


def _pairs(node: Pairs, names: Names, depth: int) -> Value:
    found: dict[str, Value] = {}
    complete = True
    for key, value, _ in node.pairs:
        name = terraform_functions.as_text(_in(key, names, depth))
        worth = _in(value, names, depth)
        if name is None:
            complete = False
        else:
            found[name] = worth
    return found if complete else Partly(found)


def _reference(node: Reference, names: Names, depth: int) -> Value:
    steps = [one if isinstance(one, (str, int)) else _in(one, names, depth) for one in node.steps]
    keys = tuple(one if type(one) in {str, int} else None for one in steps)
    known = tuple(key for key in keys[: keys.index(None) if None in keys else len(keys)] if key is not None)
    if isinstance(node.root, str):
        value, rest = names.value(node.root, known, depth + 1)
    else:
        value, rest = _in(node.root, names, depth), known
    if len(known) < len(keys):
        return unknown(node)
    for key in rest:
        value = reach(value, key)
    return unknown(node) if isinstance(value, Unknown) else value


def reach(value: Value, key: Step) -> Value:
    """What is at this key or place of a value.

    Parameters
    ----------
    value : Value
        A list or an object.
    key : str or int
        A key, or a place from 0.

    Returns
    -------
    Value
        Unknown where there is none, or where more may be there than the files tell.

    Examples
    --------
    >>> reach({"a": [1, 2]}, "a"), reach([1, 2], 1), reach([1], "x")
    ([1, 2], 2, Unknown(text='${...}'))
    """
    if isinstance(value, Mapping) and not isinstance(value, Partly) and str(key) in value:
        return value[str(key)]
    place = int(key) if str(key).isdecimal() and len(str(key)) < len(str(_LONGEST)) else -1
    if isinstance(value, list) and 0 <= place < len(value):
        return value[place]
    return Unknown("${...}")


def _choice(node: Choice, condition: Value, yes: Value, no: Value) -> Value:
    answer = terraform_functions.as_bool(condition)
    if answer is not None:
        return yes if answer else no
    return yes if known(yes) and known(no) and yes == no and type(yes) is type(no) else unknown(node)


def _worked(node: Operation | Call, values: list[Value]) -> Value:
    if isinstance(node, Operation):
        found = terraform_functions.operate(node.operator, values) if all(map(known, values)) else None
    elif node.spread and not (values and type(values[-1]) is list):
        found = None
    else:
        given = [*values[:-1], *values[-1]] if node.spread else values
        found = _called(node.name, given)
    if found is None or (isinstance(found, (str, list)) and len(found) > _LONGEST):
        return None if found is None and _is_null(node, values) else unknown(node)
    return found


def _is_null(node: Operation | Call, values: list[Value]) -> bool:
    return isinstance(node, Call) and node.name in {"coalesce", "try"} and all(one is None for one in values)


def _called(name: str, values: list[Value]) -> Value:
    if name == "merge":
        return _merged(values)
    if name == "try":
        return values[0] if values and not isinstance(values[0], Unknown) else None
    if name in {"concat", "lookup", "tolist", "tomap"}:  # these need no look into what they hold
        return None if any(isinstance(one, (Unknown, Partly)) for one in values) else _call(name, values)
    return _call(name, values) if all(map(known, values)) else None


def _call(name: str, values: list[Value]) -> Value:
    work = terraform_functions.FUNCTIONS.get(name)
    try:
        return work(*values) if work else None
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return None


def _merged(values: list[Value]) -> Value:
    found: dict[str, Value] = {}
    complete = True
    for one in values:
        if isinstance(one, Mapping):
            found |= one
            complete &= not isinstance(one, Partly)
        elif one is not None:
            found = {key: Unknown(f"${{merge(...).{key}}}") for key in found}
            complete = False
    return found if complete else Partly(found)


def known(value: Value) -> bool:
    """Whether a value is known to its last part, and not too large to work with.

    Parameters
    ----------
    value : Value
        Any.

    Returns
    -------
    bool

    Examples
    --------
    >>> known([1, {"a": None}]), known([Unknown("${x}")])
    (True, False)
    """
    level, count, characters = [value], 0, 0
    for _ in range(_DEEPEST):
        count += len(level)
        characters += sum(len(one) for one in level if isinstance(one, str))
        if not level or count > MOST_NODES or characters > MOST_CHARACTERS:
            return not level
        if any(isinstance(one, (Unknown, Partly)) for one in level):
            return False
        level = [inner for one in level for inner in _parts(one)]
    return False


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


class TooLarge(Exception):  # noqa: N818  caught where a resource is made: it becomes a fault
    """A value has more parts than are read."""


def settle(value: Value, *, at: str, left: Iterator[int]) -> tuple[Any, list[str]]:
    """How does a value stand in a resource, and which paths in it are not known.

    Parameters
    ----------
    value : Value
        Any.
    at : str
        Its own path.
    left : iterator of int
        One step for each part that may still be read.

    Returns
    -------
    (Any, list of str)
        Plain JSON; dotted paths.

    Raises
    ------
    TooLarge
        It has more parts than are left, or too many in each other.

    Examples
    --------
    >>> settle({"a": [1, Unknown("${x}")]}, at="tags", left=iter(range(9)))
    ({'a': [1, '${x}']}, ['tags.a.1'])
    """
    paths: list[str] = []
    return _settled(value, at, paths, left, 0), paths


def _settled(value: Value, at: str, paths: list[str], left: Iterator[int], depth: int) -> Any:
    if next(left, None) is None or depth > _DEEPEST:
        raise TooLarge(at)
    if isinstance(value, Unknown):
        paths.append(at)
        return value.text
    if isinstance(value, Mapping):
        if isinstance(value, Partly):
            paths.append(at)
        return {key: _settled(one, f"{at}.{key}", paths, left, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_settled(one, f"{at}.{place}", paths, left, depth + 1) for place, one in enumerate(value)]
    return value
