"""Manifests of Kubernetes in a repository, as resources with file and line.

Templates of charts are left out and counted, and so are files that an overlay renders: those are judged as
rendered. A file that cannot hold an object is not parsed; one that may and cannot be read is a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

from finops_lib.policy.inventory.files import folder_of, is_json, is_yaml, template_paths, values_name
from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.json_file import read_json
from finops_lib.policy.inventory.kustomizations import kustomizations
from finops_lib.policy.inventory.object_links import linked
from finops_lib.policy.inventory.objects import Origin, objects_in, resource_of, unique
from finops_lib.policy.inventory.tree import Tree
from finops_lib.policy.inventory.yaml_file import read_yaml
from finops_lib.records import Resource

_CHART_FILES = frozenset({"Chart.yaml", "requirements.yaml"})


def resources_of(tree: Tree) -> Found:
    r"""Which objects of Kubernetes do the manifests of this tree declare.

    Parameters
    ----------
    tree : Tree
        A repository at a commit.

    Returns
    -------
    Found
        ``skipped`` are the templates of charts.

    Examples
    --------
    >>> text = b"apiVersion: v1\nkind: Service\nmetadata: {name: shop, namespace: web}"
    >>> [service] = resources_of(Tree({"apps/shop.yaml": text})).resources
    >>> service.address, service.line
    ('apps/shop.yaml:web/Service/shop', 2)
    """
    overlays = kustomizations(tree)
    templates = template_paths(tree)
    resources: list[Resource] = []
    faults: list[Fault] = []
    for path in sorted(tree.files.keys() - overlays.files - templates):
        if _may_hold_objects(path, tree.files[path]):
            found = _of_file(path, tree.files[path])
            resources += found.resources
            faults += found.faults
    return Found(linked(resources), tuple(faults), tuple(sorted(_manifests(templates))))


def _manifests(paths: frozenset[str]) -> Iterator[str]:
    return (path for path in paths if is_yaml(path) or is_json(path))


def _may_hold_objects(path: str, content: bytes) -> bool:
    if values_name(path) is not None or path.rpartition("/")[2] in _CHART_FILES:
        return False
    # Letters can be written as escapes, so a file with a backslash is looked at, whatever its words are.
    telling = b"apiVersion" in content or (
        b"metadata" in content and (b"kind" in content or b"spec" in content)
    )
    if is_json(path):
        return telling
    return is_yaml(path) and (telling or b"\\" in content or not _is_text(content))


def _is_text(content: bytes) -> bool:
    """Whether the words of a file can be looked for: another encoding would hide them."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _of_file(path: str, content: bytes) -> Found:
    read = read_json(content, file=path) if is_json(path) else read_yaml(content, file=path)
    if is_json(path) and read.faults and b"apiVersion" not in content:
        return Found()  # settings of another program, which may have comments
    origin = Origin(
        "kubernetes", path, path, (*folder_of(path).split("/"), path.rpartition("/")[2].split(".")[0])
    )
    resources: list[Resource] = []
    faults = list(read.faults)
    for document in read.documents:
        objects, wrong = objects_in(document, path)
        resources += [resource_of(value, line, origin) for value, line in objects]
        faults += wrong
    apart, twice = unique(resources)
    return Found(tuple(apart), (*faults, *twice))
