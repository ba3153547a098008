"""Which overlays of Kustomize a tree holds, which files each needs, and what none may do: fetch.

Kustomize takes what is no file and no folder for an address on the network. So whatever an overlay names must
be in the tree, and one that names anything else is a fault before any program is started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finops_lib.policy.inventory.files import folder_of, joined, template_paths
from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.marked import Block, first_line, line_at, listed, mapping
from finops_lib.policy.inventory.tree import Tree
from finops_lib.policy.inventory.yaml_file import read_yaml

_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_FOLDERS = ("resources", "bases", "components")  # entries that may be folders
_PLUGINS = ("generators", "transformers", "validators")  # and these, or a file, or text
_FILES = ("crds", "configurations", "patchesStrategicMerge")
_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_CHARTS = ("helmCharts", "helmChartInflationGenerator", "helmGlobals")
_REMOTE = ("://", "git@", "github.com", "?ref=")


@dataclass(frozen=True, eq=False)
class Kustomization:
    """One folder with its file, what that says, which files it needs and which folders it builds on."""

    folder: str
    file: str
    value: Block
    files: tuple[str, ...]
    folders: tuple[str, ...]

    @property
    def is_component(self) -> bool:
        """Whether it is a part, which cannot be rendered on its own."""
        return bool(self.value.get("kind") == "Component")


@dataclass(frozen=True)
class Kustomizations:
    """Overlays to render with the files that each needs.

    ``files`` are those of all, ``skipped`` parts that none uses; ``every`` holds all of them by file, those
    that others build on too.
    """

    every: Mapping[str, Kustomization]
    overlays: Mapping[Kustomization, frozenset[str]]
    faults: tuple[Fault, ...]
    files: frozenset[str]
    skipped: tuple[str, ...]


def kustomizations(tree: Tree) -> Kustomizations:
    """Which overlays does this tree hold.

    Parameters
    ----------
    tree : Tree
        A repository at a commit.

    Returns
    -------
    Kustomizations
        A folder that another builds on is no overlay of its own.
    """
    found, faults = _all(tree)
    used = {folder for one in found.values() for folder in one.folders if folder != one.folder}
    overlays: dict[Kustomization, frozenset[str]] = {}
    reached: set[str] = set()
    for folder, one in found.items():
        if folder not in used and not one.is_component:
            folders = _reached(folder, found)
            reached |= folders
            files = {path for each in folders for path in (found[each].file, *found[each].files)}
            if not any(fault.file in files for fault in faults):
                overlays[one] = frozenset(files)
    circles = [
        Fault(one.file, 1, "it is built on itself, by way of others")
        for folder, one in found.items()
        if folder not in reached and not one.is_component
    ]
    parts = [one.file for folder, one in found.items() if folder not in reached and one.is_component]
    needed = {path for each in reached for path in found[each].files}
    own = {path for path in tree.files if path.rpartition("/")[2] in _NAMES}
    return Kustomizations(
        {one.file: one for one in found.values()},
        overlays,
        (*faults, *circles),
        frozenset(needed | own),
        tuple(parts),
    )


def _reached(folder: str, found: Mapping[str, Kustomization]) -> set[str]:
    seen: set[str] = set()
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        if one in found and one not in seen:
            seen.add(one)
            waiting.extend(found[one].folders)
    return seen


def _all(tree: Tree) -> tuple[dict[str, Kustomization], list[Fault]]:
    found: dict[str, Kustomization] = {}
    faults: list[Fault] = []
    paths = {path for path in tree.files if path.rpartition("/")[2] in _NAMES} - template_paths(tree)
    folders = {folder_of(path) for path in paths}
    for path in sorted(paths):
        if folder_of(path) in found:
            faults.append(Fault(path, 1, "its folder has two files of this kind"))
            continue
        one, wrong = _read(path, tree, folders)
        faults += wrong
        if one:
            found[one.folder] = one
    return found, faults


def _read(path: str, tree: Tree, folders: set[str]) -> tuple[Kustomization | None, list[Fault]]:
    read = read_yaml(tree.files[path], file=path)
    if read.faults:
        return None, list(read.faults)
    if len(read.documents) != 1 or not isinstance(read.documents[0].value, Block):
        return None, [Fault(path, 1, "it is no single mapping")]
    value, folder = read.documents[0].value, folder_of(path)
    faults: list[Fault] = []
    files: list[str] = []
    below: list[str] = []
    for text, line in _named(value):
        place = joined(folder, text)
        if place is not None and place in tree.files:
            files.append(place)
        elif place is not None and place in folders:
            below.append(place)
        else:
            faults.append(Fault(path, line, _why_not(text, place)))
    faults += [Fault(path, line_at(value, [key]), _chart(key)) for key in _CHARTS if value.get(key)]
    faults += _fetching(value, path, [tree.files[one] for one in files])
    return Kustomization(folder, path, value, tuple(files), tuple(below)), faults


def _chart(key: str) -> str:
    return f"{key} needs a chart rendered, which is not done here"


def _why_not(text: str, place: str | None) -> str:
    shown = in_words(text)[:100]
    if any(sign in text for sign in _REMOTE):
        return f"{shown!r} is elsewhere, and nothing is fetched"
    if place is None:
        return f"{shown!r} leads out of the repository"
    return f"{shown!r} is no file of the repository and no folder that can be rendered"


def _fetching(value: Block, path: str, contents: list[bytes]) -> list[Fault]:
    """Plugins are configured by files of their own, which could name addresses."""
    texts = [str(value.get(key) or "") for key in _PLUGINS]
    if any(texts) and ("://" in "".join(texts) or any(b"://" in content for content in contents)):
        line = min(line_at(value, [key]) for key in _PLUGINS if value.get(key))
        return [Fault(path, line, "a plugin with an address on the network is not run")]
    return []


def _named(value: Block) -> Iterator[tuple[str, int]]:
    """Each path that it names, with its line."""
    for key in (*_FOLDERS, *_PLUGINS, *_FILES):
        for text in _texts(value.get(key)):
            if "\n" not in text or key in _FOLDERS:
                yield text, line_at(value, [key])
    for key in _WITH_PATH:
        for place, one in enumerate(listed(value.get(key))):
            yield from _path(mapping(one).get("path"), line_at(value, [key, place]))
    yield from _path(mapping(value.get("openapi")).get("path"), line_at(value, ["openapi"]))
    for key in _GENERATORS:
        for place, one in enumerate(listed(value.get(key))):
            for text in _generated_from(mapping(one)):
                yield text, line_at(value, [key, place])


def _generated_from(generator: Mapping[str, Any]) -> Iterator[str]:
    for text in _texts(generator.get("files")):
        yield text.partition("=")[2] if "=" in text else text
    yield from _texts(generator.get("envs"))
    yield from _texts(generator.get("env"))


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [one if isinstance(one, str) else str(one) for one in values]


def _path(value: object, line: int) -> Iterator[tuple[str, int]]:
    if value is not None:
        yield str(value), line


def generator_line(one: Kustomization, name: str) -> int:
    """On which line is a rendered object of this name made.

    Parameters
    ----------
    one : Kustomization
        That makes it.
    name : str
        As rendered, with a hash behind it.

    Returns
    -------
    int
        Of the generator whose name is the longest within it, else of the first key.
    """
    made = [
        (len(own), line_at(one.value, [key, place]))
        for key in _GENERATORS
        for place, generator in enumerate(listed(one.value.get(key)))
        if isinstance(own := mapping(generator).get("name"), str) and own in name
    ]
    return max(made)[1] if made else first_line(one.value, 1)
