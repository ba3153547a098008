"""To which other objects does an object of Kubernetes refer: by name, or by a selector of labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from finops_lib.policy.inventory.marked import at, listed, mapping
from finops_lib.policy.inventory.objects import pod_of
from finops_lib.records import Resource

_MOST_LINKS = 100  # of one object
_BY_SELECTOR = {
    "Service": ("spec", "selector"),
    "PodDisruptionBudget": ("spec", "selector", "matchLabels"),
    "NetworkPolicy": ("spec", "podSelector", "matchLabels"),
}
_SCALERS = {
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "ScaledObject": "scaleTargetRef",
    "VerticalPodAutoscaler": "targetRef",
}
_CLAIM, _ACCOUNT = "PersistentVolumeClaim", "ServiceAccount"


@dataclass(frozen=True)
class _Reference:
    kind: str
    name: str
    namespace: str


def linked(resources: Sequence[Resource]) -> tuple[Resource, ...]:
    """Which resources do these refer to, among themselves.

    Parameters
    ----------
    resources : sequence of Resource
        Objects of Kubernetes.

    Returns
    -------
    tuple of Resource
        The same with ``links``: an autoscaler its target, a service and a disruption budget the workloads
        that they select, a binding its role and accounts, a workload its account, claims, configuration and
        secrets. One that several files declare is looked for in the same file first, then the same folder.
    """
    index = _Index(resources)
    return tuple(
        replace(one, links=tuple(dict.fromkeys(index.links_of(one)))[:_MOST_LINKS]) for one in resources
    )


class _Index:
    def __init__(self, resources: Sequence[Resource]) -> None:
        self.named: dict[_Reference, list[Resource]] = defaultdict(list)
        self.labelled: dict[tuple[str, str, str], list[Resource]] = defaultdict(list)
        for one in resources:
            self.named[_Reference(one.type, one.name, _namespace(one))].append(one)
            for key, value in _pod_labels(one).items():
                self.labelled[_namespace(one), key, value].append(one)

    def links_of(self, one: Resource) -> Iterator[str]:
        for reference in _references(one):
            for target in _nearest(one, self.named.get(reference, [])):
                yield target.address
        path = _BY_SELECTOR.get(one.type)
        wanted = _labels(at(one.properties, *path)) if path else {}
        if wanted:
            for target in _nearest(one, self._selected(_namespace(one), wanted)):
                yield target.address

    def _selected(self, namespace: str, wanted: Mapping[str, str]) -> list[Resource]:
        sets = [self.labelled.get((namespace, *item), []) for item in wanted.items()]
        smallest = min(sets, key=len)
        return [one for one in smallest if wanted.items() <= _pod_labels(one).items()]


def _nearest(one: Resource, others: Sequence[Resource]) -> Sequence[Resource]:
    same_root = [other for other in others if _root(other) == _root(one)]
    same_file = [other for other in same_root if other.file == one.file]
    folder = one.file.rpartition("/")[0]
    return same_file or [other for other in same_root if other.file.rpartition("/")[0] == folder] or same_root


def _root(one: Resource) -> str:
    """Overlay or cluster of which an object is a part; manifests of all files are one."""
    return "" if one.source == "kubernetes" else one.address.partition(":")[0]


def _namespace(one: Resource) -> str:
    return str(at(one.properties, "metadata", "namespace") or "")


def _labels(value: object) -> dict[str, str]:
    return {key: one for key, one in mapping(value).items() if isinstance(one, str)}


def _pod_labels(one: Resource) -> dict[str, str]:
    return _labels(at(pod_of(one), "metadata", "labels"))


def _references(one: Resource) -> Iterator[_Reference]:
    space = _namespace(one)
    target = mapping(at(one.properties, "spec", _SCALERS.get(one.type, "-")))
    if target:
        yield _reference(target.get("kind"), target.get("name"), space)
    if one.type in {"RoleBinding", "ClusterRoleBinding"}:
        yield from _bound(one.properties, space)
    if one.type == "Ingress":
        yield from (_reference("Service", name, space) for name in _backends(one.properties.get("spec")))
    yield from _used(mapping(pod_of(one).get("spec")), space)


def _reference(kind: object, name: object, namespace: object) -> _Reference:
    return _Reference(str(kind), str(name), str(namespace or ""))


def _bound(binding: Mapping[str, Any], space: str) -> Iterator[_Reference]:
    role = mapping(binding.get("roleRef"))
    yield _reference(role.get("kind"), role.get("name"), "" if role.get("kind") == "ClusterRole" else space)
    for subject in map(mapping, listed(binding.get("subjects"))):
        yield _reference(subject.get("kind"), subject.get("name"), subject.get("namespace", space))


def _backends(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from (at(value, "service", "name"), value.get("serviceName"))
        for one in value.values():
            yield from _backends(one)
    elif isinstance(value, list):
        for one in value:
            yield from _backends(one)


def _used(pod: Mapping[str, Any], space: str) -> Iterator[_Reference]:
    if pod.get("serviceAccountName"):
        yield _reference(_ACCOUNT, pod["serviceAccountName"], space)
    for volume in map(mapping, listed(pod.get("volumes"))):
        yield _reference(_CLAIM, at(volume, "persistentVolumeClaim", "claimName"), space)
        yield _reference("ConfigMap", at(volume, "configMap", "name"), space)
        yield _reference("Secret", at(volume, "secret", "secretName"), space)
    containers = [*listed(pod.get("initContainers")), *listed(pod.get("containers"))]
    for one in map(mapping, containers):
        for source in map(mapping, listed(one.get("envFrom"))):
            yield _reference("ConfigMap", at(source, "configMapRef", "name"), space)
            yield _reference("Secret", at(source, "secretRef", "name"), space)
        for variable in map(mapping, listed(one.get("env"))):
            yield _reference("ConfigMap", at(variable, "valueFrom", "configMapKeyRef", "name"), space)
            yield _reference("Secret", at(variable, "valueFrom", "secretKeyRef", "name"), space)
