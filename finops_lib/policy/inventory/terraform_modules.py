"""What do names stand for in a folder of Terraform, and in the local modules that it calls."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.hcl_nodes import Literal, Node, Pairs, Reference
from finops_lib.policy.inventory.terraform_documents import policy_document
from finops_lib.policy.inventory.terraform_folder import Declared, Folder, Place, Setting
from finops_lib.policy.inventory.terraform_functions import as_bool, as_number, as_text
from finops_lib.policy.inventory.terraform_unknown import (
    Partly,
    Step,
    Unknown,
    Value,
)
from finops_lib.policy.inventory.terraform_values import evaluate

_DEEPEST = 20  # modules in each other
_MOST_CALLS = 20_000
_META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_CONVERSIONS = {"bool": as_bool, "number": as_number, "string": as_text}


@dataclass
class World:
    """What all modules of one reading share: the folders, the faults, and the links found just now."""

    folders: Mapping[str, Folder]
    faults: dict[Fault, None] = field(default_factory=dict)
    calls: int = 0
    called: set[str] = field(default_factory=set)
    links: list[set[str]] = field(default_factory=lambda: [set()])

    def fault(self, place: Place, reason: str) -> None:
        """Say once that something could not be read."""
        self.faults[Fault(place.file, place.line, reason)] = None


class _Nothing:
    """Names of a file of settings: there are none."""

    def value(self, root: str, _steps: tuple[Step, ...], _depth: int) -> tuple[Value, tuple[Step, ...]]:
        """Nothing is known."""
        return Unknown(f"${{{root}}}"), ()


class Module:
    """A folder as it is applied or called once: its names have values.

    ``prefix`` is ``module.x.`` within a module, ``call`` the block that calls it, and ``chain`` the folders
    that it stands in, from the one that is applied on.
    """

    def __init__(
        self, world: World, folder: Folder, *, parent: Module | None = None, call: Declared | None = None
    ):
        self.world, self.folder, self.parent, self.call = world, folder, parent, call
        name = f"module.{call.block.labels[0]}." if call else ""
        self.prefix: str = (parent.prefix if parent else "") + name
        self.root: str = parent.root if parent else folder.path
        self.chain: tuple[str, ...] = (*(parent.chain if parent else ()), folder.path)
        self._known: dict[tuple[str, ...], tuple[Value, frozenset[str]]] = {}
        self._busy: set[tuple[str, ...]] = set()
        self._children: dict[str, Module | None] = {}
        world.called.add(folder.path)

    def address(self, key: str) -> str:
        """Which address has this resource: ``type.name`` of this module, behind its folder."""
        return f"{self.root}:{self.prefix}{key}" if self.root else f"{self.prefix}{key}"

    @property
    def outermost(self) -> Declared | None:
        """The call in the folder that is applied."""
        return self.parent.outermost or self.call if self.parent else self.call

    def value(self, root: str, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        """Value of a name, and the steps that still lead on from it."""
        if not steps:
            return Unknown(f"${{{root}}}"), ()
        name, rest = str(steps[0]), steps[1:]
        if root == "var":
            return self._once(("var", name), depth), rest
        if root == "local":
            return self._once(("local", name), depth), rest
        if root == "module":
            return self._output(name, rest, depth)
        if root == "data":
            return self._data(steps, depth)
        return self._attribute(f"{root}.{name}", rest, depth)

    def _once(self, key: tuple[str, ...], depth: int) -> Value:
        """Value of a key, worked out once; what it links to counts for whoever asks."""
        if key in self._busy:
            self.world.fault(self._place(key), f"{'.'.join(key)[:160]} refers to itself")
            return Unknown(f"${{{'.'.join(key)}}}")
        if key not in self._known:
            self._busy.add(key)
            self.world.links.append(set())
            try:
                value = self._worth(key, depth)
            finally:
                links = frozenset(self.world.links.pop())
                self._busy.discard(key)
            self._known[key] = value, links
        value, links = self._known[key]
        self.world.links[-1].update(links)
        return value

    def _place(self, key: tuple[str, ...]) -> Place:
        kind, name = key[0], key[1]
        if kind == "local":
            return self.folder.local_values[name].place
        return self.folder.blocks[{"var": "variable"}.get(kind, kind)][name].place

    def _worth(self, key: tuple[str, ...], depth: int) -> Value:
        kind, name = key[0], key[1]
        if kind == "var":
            return self._variable(name, depth)
        if kind == "local":
            found = self.folder.local_values.get(name)
            return evaluate(found.node, self, depth) if found else Unknown(f"${{local.{name}}}")
        if kind == "data":
            return policy_document(self.folder.blocks["data"][name].block, self, depth)
        attribute = self.folder.blocks[kind][name].block.body.attributes.get(key[2])
        return evaluate(attribute.value, self, depth) if attribute else Unknown(f"${{{'.'.join(key[1:])}}}")

    def given(self, name: str) -> tuple[Setting, Module | _Nothing] | None:
        """What sets this variable, and whose names it uses; None for its default or nothing."""
        if self.call and self.parent:
            attribute = self.call.block.body.attributes.get(name) if name not in _META else None
            place = Place(self.call.file, attribute.line) if attribute else None
            return (Setting(place, attribute.value), self.parent) if attribute and place else None
        found = self.folder.settings.get(name)
        return (found, _Nothing()) if found else None

    def _variable(self, name: str, depth: int) -> Value:
        declared = self.folder.blocks["variable"].get(name)
        attributes = declared.block.body.attributes if declared else {}
        secret = attributes.get("sensitive")
        ambiguous = self.call is None and name in self.folder.elsewhere
        if declared is None or ambiguous or (secret and secret.value != Literal(False)):
            return Unknown(f"${{var.{name}}}")
        found = self.given(name)
        if found:
            value = evaluate(found[0].node, found[1], depth)
        elif "default" in attributes:
            value = evaluate(attributes["default"].value, _Nothing(), depth)
        else:
            return Unknown(f"${{var.{name}}}")
        kind = attributes["type"].value if "type" in attributes else None
        convert = _CONVERSIONS.get(str(kind.root)) if isinstance(kind, Reference) and not kind.steps else None
        converted = convert(value) if convert else None
        return value if converted is None else converted

    def _output(self, name: str, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        declared = self.folder.blocks["module"].get(name)
        if declared and {"count", "for_each"} & set(declared.block.body.attributes):
            steps = steps[1:]
        child = self.child(name, depth)
        output = str(steps[0]) if steps else ""
        if child is None or output not in child.folder.blocks["output"]:
            return Unknown(f"${{module.{name}.{output}}}"), ()
        return child._once(("output", output, "value"), depth), steps[1:]

    def _data(self, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        key = ".".join(map(str, steps[:2]))
        declared = self.folder.blocks["data"].get(key)
        if declared and steps[0] == "aws_iam_policy_document" and steps[2:] == ("json",):
            return self._once(("data", key), depth), ()
        return Unknown(f"${{data.{key}}}"), ()

    def _attribute(self, key: str, steps: tuple[Step, ...], depth: int) -> tuple[Value, tuple[Step, ...]]:
        declared = self.folder.blocks["resource"].get(key)
        if declared is None:
            return Unknown(f"${{{key}}}"), ()
        self.world.links[-1].add(self.address(key))
        if {"count", "for_each"} & set(declared.block.body.attributes):
            steps = steps[1:]
        if not steps:
            return Unknown(f"${{{key}}}"), ()
        return self._once(("resource", key, str(steps[0])), depth), steps[1:]

    def child(self, name: str, depth: int = 0) -> Module | None:
        """Which module does this call give; None where it is not read, which then is a fault."""
        if name not in self._children:
            self._children[name] = None  # so that a call that needs itself ends
            declared = self.folder.blocks["module"].get(name)
            if declared:
                if how_many(declared.block.body.attributes, self, depth) == 0:
                    self._pass(declared)
                else:
                    self._children[name] = self._open(declared)
        return self._children[name]

    def _pass(self, call: Declared) -> None:
        """A module that is never made is not applied by itself either."""
        source = call.block.body.attributes.get("source")
        folder, _ = self.source(source.value if source else None)
        if folder:
            self.world.called.add(folder.path)

    def _open(self, call: Declared) -> Module | None:
        source = call.block.body.attributes.get("source")
        folder, why = self.source(source.value if source else None)
        self.world.calls += 1
        if folder and folder.path in self.chain:
            why = f"module {call.block.labels[0][:80]} calls itself"
        elif len(self.chain) > _DEEPEST:
            why = f"more than {_DEEPEST} modules in each other"
        elif self.world.calls > _MOST_CALLS:
            why = f"more than {_MOST_CALLS:,} calls of modules"
        if why or folder is None:
            self.world.fault(call.place, why)
            return None
        return Module(self.world, folder, parent=self, call=call)

    def source(self, source: Node | None) -> tuple[Folder | None, str]:
        """Which folder is this source, or why is it not read."""
        if not isinstance(source, Literal) or not isinstance(source.value, str):
            return None, "a module without a source that can be read"
        if not source.value.startswith(("./", "../")) and source.value not in {".", ".."}:
            return None, f"not read: the module {source.value[:160]!r} is not in the repository"
        path = posixpath.normpath(posixpath.join(self.folder.path or ".", source.value))
        if path == ".." or path.startswith(("../", "/")):
            return None, f"the source {source.value[:160]!r} leads out of the repository"
        folder = self.world.folders.get("" if path == "." else path)
        return folder, "" if folder else f"no Terraform at the source {source.value[:160]!r}"

    def trace(self, node: Node, left: int = _DEEPEST) -> tuple[Place, ...]:
        """Where is the value given that this variable or local stands for, from the nearest place on."""
        if (
            left <= 0
            or not isinstance(node, Reference)
            or node.root not in {"var", "local"}
            or not node.steps
        ):
            return ()
        name = str(node.steps[0])
        if node.root == "local":
            local = self.folder.local_values.get(name)
            found: tuple[Setting, Module | _Nothing] | None = (local, self) if local else None
        else:
            found = self._setting(name)
        if found is None:
            return ()
        setting, names = found
        inner, line = _step_into(setting.node, node.steps[1:], setting.place.line)
        further = names.trace(inner, left - 1) if isinstance(names, Module) else ()
        return (Place(setting.place.file, line), *further)

    def _setting(self, name: str) -> tuple[Setting, Module | _Nothing] | None:
        declared = self.folder.blocks["variable"].get(name)
        default = declared.block.body.attributes.get("default") if declared else None
        found = self.given(name)
        if found or not declared or not default:
            return found
        return Setting(Place(declared.file, default.line), default.value), _Nothing()


def _step_into(node: Node, steps: tuple[Step | Node, ...], line: int) -> tuple[Node, int]:
    for step in steps:
        key = step if isinstance(step, Literal) else Literal(step)
        found = (
            [(value, at) for name, value, at in node.pairs if name == key] if isinstance(node, Pairs) else []
        )
        if not found:
            return node, line
        node, line = found[-1]
    return node, line


def how_many(attributes: Mapping[str, object], names: Module, depth: int = 0) -> int | None:
    """How often is this resource or module made: the worth of ``count``, or the size of ``for_each``.

    Parameters
    ----------
    attributes : mapping of str to Attribute
        Of its block.
    names : Module
        Where it stands.
    depth : int
        How many evaluations this one stands in.

    Returns
    -------
    int or None
        1 without either; None if it cannot be known.
    """
    for key in ("count", "for_each"):
        found = getattr(attributes.get(key), "value", None)
        if found is not None:
            value = evaluate(found, names, depth)
            if isinstance(value, (dict, list)) and key == "for_each" and not isinstance(value, Partly):
                return len(value)
            number = as_number(value) if key == "count" else None
            return int(number) if number is not None else None
    return 1
