"""What is this expression worth: a plain value, or what cannot be known from the files.

Nothing is guessed. What is not known stays as text, ``${...}`` as it was written, and is listed by its path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

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
from finops_lib.policy.inventory.terraform_unknown import DEEPEST, Partly, Step, Unknown, Value, known, reach

_LONGEST = 65_536  # characters of a text, and a tenth of it items of a list
_SHOWN = 200


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
    if depth > DEEPEST:
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
