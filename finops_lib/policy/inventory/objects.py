"""One object of Kubernetes as a resource, wherever it was read: a manifest, a rendered overlay, a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from finops_lib.policy.inventory.environments import environment_named, environment_tagged
from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.marked import (
    Document,
    at,
    first_line,
    line_at,
    listed,
    mapping,
)
from finops_lib.policy.inventory.quantities import cpu_milli, memory_mib
from finops_lib.records import Resource

HIDDEN = "(hidden)"
_LONGEST_TEXT = 16 * 1024  # characters: longer ones are files, of which no policy reads the text
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_POD_AT = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"),
        ("spec", "template", "spec"),
    ),
}
_GPU = "gpu"


@dataclass(frozen=True)
class Origin:
    """Where an object was read: the source's name, the file, and what its address starts with."""

    source: str
    file: str
    prefix: str
    names: tuple[str, ...] = ()  # that may tell the environment, the outermost first


def objects_in(document: Document, file: str) -> tuple[list[tuple[Mapping[str, Any], int]], list[Fault]]:
    """Which objects does this document hold.

    Parameters
    ----------
    document : Document
        Of a YAML or JSON file.
    file : str
        Its path, for faults.

    Returns
    -------
    list of tuple, list of Fault
        Objects with the line of their ``kind``, those of a list one by one; none for a document that is
        nothing of Kubernetes. An object that lacks its kind, version or name is a fault.
    """
    value = document.value
    if not isinstance(value, Mapping):
        return [], []
    if not (
        "apiVersion" in value or {"kind", "metadata"} <= value.keys() or {"metadata", "spec"} <= value.keys()
    ):
        return [], []
    line = line_at(value, ["kind"], default=first_line(value, document.line))
    kind = value.get("kind")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(value.get("items"), list):
        return _items(value["items"], file, line)
    fault = _fault(value)
    return ([], [Fault(file, line, fault)]) if fault else ([(value, line)], [])


def _items(
    items: Sequence[Any], file: str, line: int
) -> tuple[list[tuple[Mapping[str, Any], int]], list[Fault]]:
    found: list[tuple[Mapping[str, Any], int]] = []
    faults: list[Fault] = []
    for item in items:
        place = line_at(item, ["kind"], default=first_line(item, line))
        fault = _fault(item) if isinstance(item, Mapping) else "an item of a list is no object"
        if fault:
            faults.append(Fault(file, place, fault))
        else:
            found.append((item, place))
    return found, faults


def _fault(value: Mapping[str, Any]) -> str:
    for key in ("kind", "apiVersion"):
        if not (isinstance(value.get(key), str) and value[key]):
            return f"an object without {key}"
    if not isinstance(value.get("metadata", {}), Mapping):
        return "an object whose metadata is no mapping"
    return "" if _name(value) else f"an object of kind {in_words(value['kind'])!r} without a name"


def _name(value: Mapping[str, Any]) -> str:
    name = at(value, "metadata", "name")
    begin = at(value, "metadata", "generateName")
    return name if isinstance(name, str) and name else f"{begin}*" if isinstance(begin, str) and begin else ""


def resource_of(value: Mapping[str, Any], line: int, origin: Origin) -> Resource:
    """Which resource is this object.

    Parameters
    ----------
    value : mapping
        One that `objects_in` gave.
    line : int
        Of its ``kind``.
    origin : Origin
        Where it was read.

    Returns
    -------
    Resource
        ``properties`` is the object without its status and without values of a Secret, and ``workload`` with
        ``namespace``, ``replicas`` and ``containers`` (thousandths of a core, MiB, gpus) where it runs pods.

    Examples
    --------
    >>> made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "shop"}, "spec": {}}
    >>> resource_of(made, 2, Origin("kubernetes", "a.yaml", "a.yaml")).address
    'a.yaml:shop/Pod/a'
    """
    namespace = str(at(value, "metadata", "namespace") or "")
    name, kind = _name(value), str(value["kind"])
    tags = text_tags(at(value, "metadata", "labels"))
    properties, unknown = _properties(value)
    workload = _workload(value, namespace)
    return Resource(
        address=f"{origin.prefix}:{'/'.join(filter(None, (namespace, kind, name)))}",
        source=origin.source,
        provider="kubernetes",
        type=kind,
        name=name,
        file=origin.file,
        line=line,
        environment=environment_tagged(tags) or environment_named([*origin.names, namespace]),
        tags=tags,
        properties=properties | ({"workload": workload} if workload else {}),
        unknown=unknown,
    )


def text_tags(labels: object) -> dict[str, str]:
    """Which labels are these, as texts; what is no mapping has none.

    Parameters
    ----------
    labels : object
        As a file gives them.

    Examples
    --------
    >>> text_tags({"team": "shop", "tier": 1, "on": True, "no": None})
    {'team': 'shop', 'tier': '1', 'on': 'true', 'no': ''}
    """
    return {key: _text(value) for key, value in mapping(labels).items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _properties(value: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    kept = {key: one for key, one in value.items() if key != "status"}
    metadata = {key: one for key, one in mapping(kept.get("metadata")).items() if key != "managedFields"}
    notes = mapping(metadata.get("annotations"))
    if _LAST_APPLIED in notes:
        metadata["annotations"] = {key: one for key, one in notes.items() if key != _LAST_APPLIED}
    kept["metadata"] = metadata
    for key in ("data", "stringData"):
        if value["kind"] == "Secret" and key in kept:
            kept[key] = dict.fromkeys(mapping(kept[key]), HIDDEN)
    return shortened(kept)


def shortened(properties: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Which properties are left when texts as long as files are taken out.

    Parameters
    ----------
    properties : mapping
        Plain JSON.

    Returns
    -------
    dict, tuple of str
        With None for a text of more than 16,384 characters, and the dotted paths of those.

    Examples
    --------
    >>> shortened({"data": {"a": "x" * 20_000, "b": "y"}})
    ({'data': {'a': None, 'b': 'y'}}, ('data.a',))
    """
    long: list[str] = []
    return {key: _short(one, key, long) for key, one in properties.items()}, tuple(long)


def _short(value: Any, path: str, long: list[str]) -> Any:
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        long.append(path)
        return None
    if isinstance(value, Mapping):
        return {key: _short(one, f"{path}.{key}", long) for key, one in value.items()}
    if isinstance(value, list):
        return [_short(one, f"{path}.{place}", long) for place, one in enumerate(value)]
    return value


def _workload(value: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    if value["kind"] not in _POD_AT:
        return {}
    pod = mapping(at(value, *_POD_AT[value["kind"]]))
    replicas = at(value, "spec", "replicas")
    return {
        "namespace": namespace,
        "replicas": replicas if isinstance(replicas, int) and not isinstance(replicas, bool) else None,
        "containers": [
            container(str(one.get("name") or ""), one)
            for key in ("initContainers", "containers")
            for one in listed(pod.get(key))
            if isinstance(one, Mapping)
        ],
    }


def container(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """What does a container ask for and may it use.

    Parameters
    ----------
    name : str
        Of the container.
    value : mapping
        With ``image`` and ``resources``.

    Returns
    -------
    dict
        ``requests`` and ``limits`` each have ``cpu_milli``, ``memory_mib`` and ``gpus``, None where nothing,
        or no quantity, is declared.

    Examples
    --------
    >>> container("main", {"resources": {"requests": {"cpu": "500m"}}})["requests"]
    {'cpu_milli': 500.0, 'memory_mib': None, 'gpus': None}
    """
    image = value.get("image")
    return {
        "name": name,
        "image": image if isinstance(image, str) else "",
        "requests": _amounts(at(value, "resources", "requests")),
        "limits": _amounts(at(value, "resources", "limits")),
    }


def _amounts(value: object) -> dict[str, float | None]:
    asked = mapping(value)
    gpus = [cpu_milli(amount) for name, amount in asked.items() if name.rpartition("/")[2] == _GPU]
    known = [amount / 1000 for amount in gpus if amount is not None]
    return {
        "cpu_milli": cpu_milli(asked.get("cpu")),
        "memory_mib": memory_mib(asked.get("memory")),
        "gpus": sum(known) if known else None,
    }


def pod_of(resource: Resource) -> Mapping[str, Any]:
    """Which pod does this resource run; empty for what runs none.

    Parameters
    ----------
    resource : Resource
        Made by `resource_of`.

    Returns
    -------
    mapping
        With ``spec`` and perhaps ``metadata``.
    """
    path = _POD_AT.get(resource.type)
    return mapping(at(resource.properties, *path[:-1])) if path else {}


def unique(resources: Sequence[Resource]) -> tuple[list[Resource], list[Fault]]:
    """Which addresses tell these resources apart, and which things are declared twice.

    Parameters
    ----------
    resources : sequence of Resource
        Made by `resource_of`.

    Returns
    -------
    list of Resource, list of Fault
        The second of two with one address has ``#2`` behind it, and so on. It is a fault too, unless the two
        are of different groups of the API.
    """
    seen: dict[str, list[object]] = {}
    found: list[Resource] = []
    faults: list[Fault] = []
    for resource in resources:
        group = str(resource.properties.get("apiVersion", "")).rpartition("/")[0]
        before = seen.setdefault(resource.address, [])
        if group in before:
            said = f"{in_words(resource.address.rpartition(':')[2])} is declared twice"
            faults.append(Fault(resource.file, resource.line, said))
        before.append(group)
        address = f"{resource.address}#{len(before)}" if len(before) > 1 else resource.address
        found.append(replace(resource, address=address))
    return found, faults
