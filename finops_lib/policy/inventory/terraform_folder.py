"""What does a folder of Terraform declare: variables and their settings, locals, resources, modules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_file import parse
from finops_lib.policy.inventory.hcl_nodes import Attribute, Block, Body, Items, Literal, Node, Pairs
from finops_lib.policy.inventory.tree import Tree

_DEEPEST = 60
_KNOWN = {  # type of block: how many labels
    "terraform": 0, "provider": 1, "variable": 1, "locals": 0, "output": 1, "resource": 2, "data": 2,
    "module": 1, "moved": 0, "import": 0, "removed": 0, "check": 1, "ephemeral": 2, "list": 2, "action": 2,
}  # fmt: skip
_KEPT = ("variable", "output", "resource", "data", "module")


class Place(NamedTuple):
    """A line of a file, from 1."""

    file: str
    line: int


class Declared(NamedTuple):
    """A block and the file it stands in."""

    file: str
    block: Block

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.file, self.block.line)


class Setting(NamedTuple):
    """A value, and where it is given."""

    place: Place
    node: Node


@dataclass
class Folder:
    """What the files of one folder say together.

    ``settings`` come from ``terraform.tfvars`` and ``*.auto.tfvars``; ``elsewhere`` are variables that
    another ``*.tfvars`` of the folder sets, which may or may not be used. ``is_root`` says that it is applied
    by itself: it configures a provider or a backend, or has settings. ``blocks`` maps a kind of block to
    those of it by name: ``type.name`` for resources and data.
    """

    path: str
    blocks: dict[str, dict[str, Declared]] = field(default_factory=lambda: {kind: {} for kind in _KEPT})
    local_values: dict[str, Setting] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    providers: list[Declared] = field(default_factory=list)
    is_root: bool = False


def folders_of(tree: Tree) -> tuple[dict[str, Folder], list[Fault]]:
    """Which folders of a repository hold Terraform, and what do they declare.

    Parameters
    ----------
    tree : Tree
        The repository.

    Returns
    -------
    (dict of str to Folder, list of Fault)
        Folders by path, "" for the top; what could not be read.

    Examples
    --------
    >>> tree = Tree({"a/main.tf": b'resource "aws_s3_bucket" "b" {}', "a/x.tf": b"x = 1"})
    >>> folders, faults = folders_of(tree)
    >>> list(folders["a"].blocks["resource"]), [fault.reason for fault in faults]
    (['aws_s3_bucket.b'], ['x stands outside of a block'])
    """
    found: dict[str, Folder] = {}
    faults = [
        Fault(path, 0, f"not read: {why}")
        for path, why in tree.left_out.items()
        if path.endswith((".tf", ".tf.json", ".tfvars", ".tfvars.json"))
    ]
    for path in sorted(path for path in tree.files if path.endswith((".tf", ".tf.json"))):
        place, _, name = path.rpartition("/")
        why = _why_not(name)
        body = Fault(path, 0, why) if why else parse(tree.files[path], file=path)
        folder = found.setdefault(place, Folder(place))
        faults += [body] if isinstance(body, Fault) else _take(body, path, folder)
    for path in sorted((path for path in tree.files if _is_settings(path)), key=_rank):
        place = path.rpartition("/")[0]
        if place in found:
            faults += _settle(found[place], path, tree.files[path])
    return found, faults


def settings_without_folder(tree: Tree, folders: Mapping[str, Folder]) -> tuple[str, ...]:
    """Which files of settings stand in a folder without Terraform, so that nothing says what they set.

    Parameters
    ----------
    tree : Tree
        The repository.
    folders : mapping of str to Folder
        Those that hold Terraform.

    Returns
    -------
    tuple of str
        Paths.
    """
    return tuple(
        path for path in sorted(tree.files) if _is_settings(path) and path.rpartition("/")[0] not in folders
    )


def _why_not(name: str) -> str:
    if name.endswith(".json"):
        return "Terraform written as JSON is not read"
    stem = name.removesuffix(".tf")
    if stem == "override" or stem.endswith("_override"):
        return "a file that overrides others is not read"
    return ""


def _is_settings(path: str) -> bool:
    return path.endswith((".tfvars", ".tfvars.json"))


def _rank(path: str) -> tuple[str, int, str]:
    """Terraform's order: the later one wins."""
    place, _, name = path.rpartition("/")
    order = {"terraform.tfvars": 0, "terraform.tfvars.json": 1}
    return place, order.get(name, 2), name


def _take(body: Body, file: str, folder: Folder) -> Iterator[Fault]:
    for name, attribute in body.attributes.items():
        yield Fault(file, attribute.line, f"{name[:80]} stands outside of a block")
    for block in body.blocks:
        if _KNOWN.get(block.type) != len(block.labels):
            yield Fault(
                file, block.line, f"a block {block.type[:80]} of {len(block.labels)} labels is not known"
            )
        elif block.type in _KEPT:
            yield from _keep(folder, Declared(file, block))
        elif block.type == "locals":
            yield from _keep_locals(folder, Declared(file, block))
        elif block.type == "provider":
            folder.providers.append(Declared(file, block))
            folder.is_root |= bool(block.body.attributes)
        elif block.type == "terraform":
            folder.is_root |= any(inner.type in {"backend", "cloud"} for inner in block.body.blocks)


def _keep(folder: Folder, found: Declared) -> Iterator[Fault]:
    name = ".".join(found.block.labels)
    if name in folder.blocks[found.block.type]:
        yield Fault(found.file, found.block.line, f"{found.block.type} {name[:160]} is declared twice")
        return
    folder.blocks[found.block.type][name] = found


def _keep_locals(folder: Folder, found: Declared) -> Iterator[Fault]:
    for name, attribute in found.block.body.attributes.items():
        if name in folder.local_values:
            yield Fault(found.file, attribute.line, f"local {name[:80]} is declared twice")
            continue
        folder.local_values[name] = Setting(Place(found.file, attribute.line), attribute.value)


def _settle(folder: Folder, path: str, content: bytes) -> Iterator[Fault]:
    folder.is_root = True
    body = _json_settings(content, path) if path.endswith(".json") else parse(content, file=path)
    if isinstance(body, Fault):
        yield body
        return
    yield from (Fault(path, block.line, "a block in a file of settings") for block in body.blocks)
    name = path.rpartition("/")[2].removesuffix(".json")
    used = name == "terraform.tfvars" or name.endswith(".auto.tfvars")
    for key, attribute in body.attributes.items():
        if used:
            folder.settings[key] = Setting(Place(path, attribute.line), attribute.value)
        else:
            folder.elsewhere.add(key)


def _json_settings(content: bytes, path: str) -> Body | Fault:
    try:
        found = json.loads(content.decode("utf-8"))
        if not isinstance(found, dict):
            return Fault(path, 1, "settings in JSON are an object")
        return Body({key: Attribute(0, _as_node(value, 0)) for key, value in found.items()}, ())
    except (ValueError, RecursionError):
        return Fault(path, 0, "no JSON that can be read")


def _as_node(value: Any, depth: int) -> Node:
    if depth > _DEEPEST:
        raise ValueError
    if isinstance(value, list):
        return Items(tuple(_as_node(one, depth + 1) for one in value))
    if isinstance(value, dict):
        return Pairs(tuple((Literal(key), _as_node(one, depth + 1), 0) for key, one in value.items()))
    return Literal(value)
