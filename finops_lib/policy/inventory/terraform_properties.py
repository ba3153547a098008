"""What does a resource declare: its attributes and inner blocks as values, and on which line each stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from finops_lib.policy.inventory.hcl_nodes import Block, Body, Reference, within
from finops_lib.policy.inventory.terraform_folder import Place
from finops_lib.policy.inventory.terraform_modules import Module
from finops_lib.policy.inventory.terraform_unknown import (
    Partly,
    Step,
    TooLarge,
    Unknown,
    Value,
)
from finops_lib.policy.inventory.terraform_values import Names, evaluate

_META = frozenset({"provider", "depends_on"})
_LEFT_OUT = frozenset({"provisioner", "connection"})
_KEPT_OF_LIFECYCLE = frozenset({"prevent_destroy", "create_before_destroy"})
_MOST_PARTS = 1_000


class _Bound:
    """Names inside of a ``dynamic`` block: those around it, and its iterator."""

    def __init__(self, names: Names, name: str, value: Value) -> None:
        self._names, self._name, self._value = names, name, value

    def value(self, root: str, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        """Value of a name, and the steps that still lead on from it."""
        return (self._value, steps) if root == self._name else self._names.value(root, steps, depth)


def declared(block: Block, names: Names, left: Iterator[int]) -> tuple[dict[str, Value], list[str]]:
    """What does this resource declare.

    Parameters
    ----------
    block : Block
        The resource.
    names : Names
        Where it stands.
    left : iterator of int
        One step for each inner block that may still be read.

    Returns
    -------
    (dict of str to Value, list of str)
        Attributes by name, and inner blocks as a list under their type; paths of blocks of which nobody knows
        how many there are.

    Raises
    ------
    TooLarge
        It has more inner blocks than are left.
    """
    for key in _META & set(block.body.attributes):
        evaluate(block.body.attributes[key].value, names)  # for what it refers to
    reading = _Reading(left, [])
    kept = {key: one for key, one in block.body.attributes.items() if key not in _META}
    return _worth(Body(kept, block.body.blocks), names, reading, ""), reading.paths


class _Reading(NamedTuple):
    """How many inner blocks may still be read, and the paths of those whose number nobody knows."""

    left: Iterator[int]
    paths: list[str]


def _worth(body: Body, names: Names, reading: _Reading, at: str) -> dict[str, Value]:
    if next(reading.left, None) is None:
        raise TooLarge(at)
    found = {key: evaluate(one.value, names) for key, one in body.attributes.items()}
    blocks: dict[str, list[Value]] = {}
    for kind, inner, bound in _inner(body, names, reading, at):
        listed = blocks.setdefault(kind, [])
        listed.append(_worth(inner, bound, reading, f"{at}{kind}.{len(listed)}."))
    reading.paths.extend(
        f"{at}{kind}" for kind in blocks if kind in found
    )  # Terraform takes only one of them
    return found | blocks


def _inner(body: Body, names: Names, reading: _Reading, at: str) -> Iterator[tuple[str, Body, Names]]:
    """Inner blocks with their type and names; in the place of ``dynamic`` ones what they stand for."""
    for block in body.blocks:
        if not at and block.type in _LEFT_OUT:
            _refer(block.body, names)
        elif block.type == "dynamic" and len(block.labels) == 1:
            bodies, complete = _dynamic(block, names)
            reading.paths.extend([] if complete else [f"{at}{block.labels[0]}"])
            yield from ((block.labels[0], inner, bound) for inner, bound in bodies)
        elif not at and block.type == "lifecycle":
            yield block.type, _lifecycle(block.body), names
        else:
            yield block.type, block.body, names


def _lifecycle(body: Body) -> Body:
    return Body({key: one for key, one in body.attributes.items() if key in _KEPT_OF_LIFECYCLE}, ())


def _refer(body: Body, names: Names) -> None:
    for one in body.attributes.values():
        evaluate(one.value, names)
    for block in body.blocks:
        _refer(block.body, names)


def _dynamic(block: Block, names: Names) -> tuple[list[tuple[Body, Names]], bool]:
    """Bodies that a ``dynamic`` block stands for, with their names, and whether these are all of them."""
    attributes = block.body.attributes
    content = next((inner.body for inner in block.body.blocks if inner.type == "content"), Body({}, ()))
    iterator = attributes["iterator"].value if "iterator" in attributes else None
    name = str(iterator.root) if isinstance(iterator, Reference) else block.labels[0]
    over = evaluate(attributes["for_each"].value, names) if "for_each" in attributes else Unknown("${...}")
    pairs: list[tuple[Value, Value]] = []
    if isinstance(over, Mapping) and not isinstance(over, Partly):
        pairs = list(over.items())
    elif isinstance(over, list):
        pairs = list(enumerate(over))
    complete = isinstance(over, (dict, list)) and not isinstance(over, Partly) and len(pairs) <= _MOST_PARTS
    if not complete:
        pairs = [(Unknown(f"${{{name}.key}}"), Unknown(f"${{{name}.value}}"))]
    return [(content, _Bound(names, name, {"key": key, "value": value})) for key, value in pairs], complete


def places(body: Body, file: str, module: Module, *, at: str = "") -> dict[str, tuple[Place, ...]]:
    """On which line does each attribute stand, and where is its value given.

    Parameters
    ----------
    body : Body
        Of the resource.
    file : str
        That it stands in.
    module : Module
        Whose names it uses.
    at : str
        Path of the body, with a dot behind it.

    Returns
    -------
    dict of str to tuple of Place
        By dotted path: the attribute itself; then, where it is a variable or a local, what sets that.
    """
    found: dict[str, tuple[Place, ...]] = {}
    for key, attribute in body.attributes.items():
        node = attribute.value
        sources = module.trace(node) or tuple(place for one in within(node) for place in module.trace(one))
        found[f"{at}{key}"] = (Place(file, attribute.line), *sources)
    counts: dict[str, int] = {}
    for block in body.blocks:
        place = counts[block.type] = counts.get(block.type, -1) + 1
        found[f"{at}{block.type}.{place}"] = (Place(file, block.line),)
        found |= places(block.body, file, module, at=f"{at}{block.type}.{place}.")
    return found
