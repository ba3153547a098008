"""Which resources does a repository's Terraform declare: by folder, local modules where they are called.

A folder is applied by itself unless another one calls it as a module. A resource of a module stands on the
line of the outermost call, with what the call makes of it; `places_of` tells where each attribute stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import length_hint

from finops_lib.policy.inventory.found import Found
from finops_lib.policy.inventory.terraform_folder import (
    Declared,
    Folder,
    Place,
    folders_of,
    settings_without_folder,
)
from finops_lib.policy.inventory.terraform_functions import as_text
from finops_lib.policy.inventory.terraform_modules import Module, World, how_many
from finops_lib.policy.inventory.terraform_properties import declared, places
from finops_lib.policy.inventory.terraform_providers import cloud_of, provider_of, region_of, tags_of
from finops_lib.policy.inventory.terraform_unknown import (
    TooLarge,
    Value,
    settle,
)
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource

SOURCE = "terraform"
_MOST_PARTS = 20_000  # of one resource
_MOST_IN_ALL = 10_000_000
_ENVIRONMENT = frozenset({"environment", "env", "stage"})


@dataclass(frozen=True)
class _One:
    """A resource as one module makes it."""

    module: Module
    key: str
    declared: Declared


def resources_of(tree: Tree) -> Found:
    r"""Which resources does the Terraform in this repository declare.

    Parameters
    ----------
    tree : Tree
        The repository.

    Returns
    -------
    Found
        Resources in the order of folders and files, what could not be read, and files of settings that stand
        in no folder with Terraform.

    Examples
    --------
    >>> found = resources_of(Tree({"a/main.tf": b'variable "n" { default = "x" }\n'
    ...     b'resource "aws_s3_bucket" "b" {\n  bucket = "${var.n}-logs"\n}'}))
    >>> found.resources[0].address, found.resources[0].line, dict(found.resources[0].properties)
    ('a:aws_s3_bucket.b', 2, {'bucket': 'x-logs'})
    """
    folders, faults = folders_of(tree)
    world = World(folders)
    resources: list[Resource] = []
    left = _MOST_IN_ALL
    for one in _all(world):
        parts = iter(range(min(_MOST_PARTS, left)))
        try:
            resources.append(_resource(one, parts))
        except (TooLarge, RecursionError):
            world.fault(one.declared.place, f"{one.key[:160]} has too many parts to be read")
        left -= min(_MOST_PARTS, left) - length_hint(parts)
    return Found(tuple(resources), (*faults, *world.faults), settings_without_folder(tree, folders))


def places_of(tree: Tree) -> Mapping[str, Mapping[str, tuple[Place, ...]]]:
    r"""On which line of which file does each attribute of each resource stand.

    Parameters
    ----------
    tree : Tree
        The repository.

    Returns
    -------
    mapping of str to mapping of str to tuple of Place
        By address and dotted path: the attribute, then what gives its value (argument of the call, default,
        line of a ``*.tfvars``). The path "" is the block that declares the resource; for a resource of a
        module ``module`` is the outermost call, and ``module.x`` its argument ``x``.

    Examples
    --------
    >>> tree = Tree({"a/main.tf": b'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}'})
    >>> places_of(tree)["a:aws_s3_bucket.b"]["bucket"]
    (Place(file='a/main.tf', line=2),)
    """
    folders, _ = folders_of(tree)
    return {
        one.module.address(one.key): {
            "": (one.declared.place,),
            **places(one.declared.block.body, one.declared.file, one.module),
            **dict(_of_call(one.module.outermost)),
        }
        for one in _all(World(folders))
    }


def _of_call(call: Declared | None) -> Iterator[tuple[str, tuple[Place, ...]]]:
    if call is not None:
        yield "module", (call.place,)
        for key, attribute in call.block.body.attributes.items():
            yield f"module.{key}", (Place(call.file, attribute.line),)


def _all(world: World) -> Iterator[_One]:
    """Every resource, from the folders that are applied; then from those that only call each other."""
    sources = {path for folder in world.folders.values() for path in _called(world, folder)}
    roots = [path for path, folder in sorted(world.folders.items()) if folder.is_root or path not in sources]
    for path in roots:
        yield from _of(Module(world, world.folders[path]))
    for path in sorted(world.folders):
        if path not in world.called:
            yield from _of(Module(world, world.folders[path]))


def _called(world: World, folder: Folder) -> Iterator[str]:
    probe = Module(World(world.folders), folder)
    for call in folder.blocks["module"].values():
        source = call.block.body.attributes.get("source")
        found, _ = probe.source(source.value if source else None)
        if found is not None and found is not folder:
            yield found.path


def _of(module: Module) -> Iterator[_One]:
    for key, found in module.folder.blocks["resource"].items():
        if how_many(found.block.body.attributes, module) != 0:
            yield _One(module, key, found)
    for name in module.folder.blocks["module"]:
        child = module.child(name)
        if child is not None:
            yield from _of(child)


def _resource(one: _One, parts: Iterator[int]) -> Resource:
    module, block = one.module, one.declared.block
    module.world.links.append(set())
    try:
        worth, unknown = declared(block, module, parts)
        provider = provider_of(block, module)
    finally:
        links = module.world.links.pop()
    properties = {}
    for key, value in worth.items():
        properties[key], paths = settle(value, at=key, left=parts)
        unknown += paths
    tags, paths = _tags(tags_of(worth, provider, kind=block.labels[0]), parts)
    place = (module.outermost or one.declared).place
    address = module.address(one.key)
    return Resource(
        address=address, source=SOURCE, provider=cloud_of(block.labels[0]), type=block.labels[0],
        name=block.labels[1], file=place.file, line=place.line, environment=environment_of(tags),
        region=region_of(properties, provider), account=provider.account, tags=tags, properties=properties,
        unknown=tuple(dict.fromkeys([*unknown, *paths, *_counted(module)])),
        links=tuple(sorted(links - {address})),
    )  # fmt: skip


def _tags(worth: Value, parts: Iterator[int]) -> tuple[dict[str, str], list[str]]:
    plain, paths = settle(worth, at="tags", left=parts)
    texts = {key: as_text(value) for key, value in plain.items()} if isinstance(plain, dict) else {}
    return {key: text for key, text in texts.items() if text is not None}, paths


def _counted(module: Module) -> Iterator[str]:
    """What is not known of how often a module is called."""
    while module.call is not None and module.parent is not None:
        attributes = module.call.block.body.attributes
        if how_many(attributes, module.parent) is None:
            yield from (key for key in ("count", "for_each") if key in attributes)
        module = module.parent


def environment_of(tags: Mapping[str, str]) -> str:
    """Which environment do tags name.

    Parameters
    ----------
    tags : mapping of str to str
        As declared.

    Returns
    -------
    str
        In small letters, without blanks around it; "" where none is named.

    Examples
    --------
    >>> environment_of({" Environment": "Prod "}), environment_of({"team": "data"})
    ('prod', '')
    """
    named = (value for key, value in tags.items() if key.strip().lower() in _ENVIRONMENT)
    return next(named, "").strip().lower()
