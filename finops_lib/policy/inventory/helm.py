"""The values of Helm charts, with those of each variant merged over them: what is asked for, where it stands.

Templates are not rendered: they are programs. What a chart's values say of replicas, images and resources is
what its objects will ask for, in every chart whose templates take them from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from finops_lib.policy.inventory.environments import environment_in_path, environment_named
from finops_lib.policy.inventory.files import charts, folder_of, is_yaml, template_paths, values_name
from finops_lib.policy.inventory.found import Fault, Found
from finops_lib.policy.inventory.marked import Block, mapping
from finops_lib.policy.inventory.objects import container, shortened, text_tags
from finops_lib.policy.inventory.tree import Tree
from finops_lib.policy.inventory.yaml_file import read_yaml
from finops_lib.records import Resource

SOURCE, TYPE = "helm", "HelmValues"
_COUNTS = ("replicas", "replicaCount")
_LABELS = ("labels", "commonLabels", "podLabels")
_DEEPEST = 12


@dataclass(frozen=True)
class _Values:
    """Values of one file: its path, what it says, and where."""

    path: str
    value: Block


def resources_of(tree: Tree) -> Found:
    r"""Which workloads do the values of the charts in this tree ask for.

    Parameters
    ----------
    tree : Tree
        A repository at a commit.

    Returns
    -------
    Found
        One resource for each mapping with ``resources`` and an image or a number of replicas, in the values
        of a chart (``values.yaml``) and of each variant (``values-NAME.yaml`` over it). It stands in the
        file and on the line that says it last. ``skipped`` are templates.

    Examples
    --------
    >>> values = b"web:\n  image: shop:1\n  replicas: 2\n  resources: {requests: {cpu: 1}}\n"
    >>> found = resources_of(Tree({"c/Chart.yaml": b"name: c", "c/values.yaml": values})).resources
    >>> found[0].address, found[0].line, found[0].properties["replicas"]
    ('c/values.yaml:web', 1, 2)
    """
    resources: list[Resource] = []
    faults: list[Fault] = []
    for chart in sorted(charts(tree)):
        base, variants, wrong = _read(tree, chart)
        faults += wrong
        for one in variants:
            layers = [base, one] if base and one is not base else [one]
            resources += _workloads(layers)
    skipped = tuple(sorted(path for path in template_paths(tree) if is_yaml(path)))
    return Found(tuple(resources), tuple(faults), skipped)


def _read(tree: Tree, chart: str) -> tuple[_Values | None, list[_Values], list[Fault]]:
    """Read the values of a chart: its own, those of all variants with them, and what cannot be read."""
    found: dict[str, _Values] = {}
    faults: list[Fault] = []
    for path in sorted(tree.files):
        name = values_name(path)
        if name is None or folder_of(path) != chart:
            continue
        read = read_yaml(tree.files[path], file=path)
        faults += read.faults
        values = [one.value for one in read.documents]
        if values and not (len(values) == 1 and isinstance(values[0], Block)):
            faults.append(Fault(path, read.documents[0].line, "values are one mapping"))
        elif values:
            found[name] = _Values(path, values[0])
    return found.get(""), list(found.values()), faults


def _workloads(layers: Sequence[_Values]) -> Iterator[Resource]:
    """Go through the mappings of all layers; take those that are workloads in what they come to."""
    waiting: list[tuple[tuple[str, ...], list[tuple[str, Block, int]]]] = [
        ((), [(layer.path, layer.value, 1) for layer in layers])
    ]
    while waiting:
        keys, parts = waiting.pop()
        merged = _merged([value for _, value, _ in parts])
        if _is_workload(merged):
            yield _resource(keys, parts, merged, layers)
        if len(keys) < _DEEPEST:
            names = dict.fromkeys(name for _, value, _ in parts for name in value)
            waiting += [
                ((*keys, name), below)
                for name in reversed(names)
                if (
                    below := [
                        (path, value[name], value.lines[name])
                        for path, value, _ in parts
                        if isinstance(value.get(name), Block)
                    ]
                )
            ]


def _merged(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put later values over earlier ones as Helm does: mappings key by key, and null takes a key away."""
    found: dict[str, Any] = {}
    for value in values:
        for key, one in value.items():
            if one is None and key in found:
                del found[key]
            elif isinstance(one, Mapping) and isinstance(found.get(key), Mapping):
                found[key] = _merged([found[key], one])
            else:
                found[key] = one
    return found


def _is_workload(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("resources"), Mapping) and any(key in value for key in ("image", *_COUNTS))


def _resource(
    keys: Sequence[str],
    parts: Sequence[tuple[str, Block, int]],
    merged: Mapping[str, Any],
    layers: Sequence[_Values],
) -> Resource:
    said_last = parts[-1]
    variant = layers[-1].path
    dotted = ".".join(keys)
    counts = [merged[key] for key in _COUNTS if key in merged]
    replicas = (
        counts[0] if counts and isinstance(counts[0], int) and not isinstance(counts[0], bool) else None
    )
    image = merged.get("image")
    written = (
        image
        if isinstance(image, str)
        else ":".join(str(mapping(image)[key]) for key in ("repository", "tag") if mapping(image).get(key))
    )
    namespace = merged.get("namespace")
    properties, unknown = shortened(
        {
            "replicas": replicas,
            "image": written,
            "namespace": namespace if isinstance(namespace, str) else "",
            "resources": merged["resources"],
            "workload": {
                "namespace": namespace if isinstance(namespace, str) else "",
                "replicas": replicas,
                "containers": [container(keys[-1] if keys else "", {**merged, "image": written})],
            },
        }
    )
    return Resource(
        address=f"{variant}:{dotted}",
        source=SOURCE,
        provider="kubernetes",
        type=TYPE,
        name=keys[-1] if keys else folder_of(variant).rpartition("/")[2],
        file=said_last[0],
        line=said_last[2],
        environment=environment_named([values_name(variant) or ""])
        or environment_in_path(folder_of(variant) + "/x"),
        tags={key: one for name in _LABELS for key, one in text_tags(merged.get(name)).items()},
        properties=properties,
        unknown=unknown,
    )
