"""How much do the pods of a Kubernetes object request together, in cores and GiB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_WORKLOADS = frozenset("Deployment StatefulSet ReplicaSet ReplicationController Pod".split())
_QUANTITY = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi|e\d|E\d)?", re.ASCII)
_MOST = 100_000  # replicas
_GIB = Decimal(2) ** 30
_SCALE = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", start=1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", start=1)},
}


@dataclass(frozen=True)
class Requested:
    """What all replicas request together."""

    cores: Decimal
    memory_gib: Decimal


def quantity(value: object) -> Decimal:
    """Which number does a quantity of Kubernetes stand for.

    Parameters
    ----------
    value : object
        Text such as ``500m`` or ``2Gi``, or a number.

    Returns
    -------
    Decimal
        Cores, or bytes.

    Raises
    ------
    ValueError
        It is no quantity.

    Source: Kubernetes API reference, resource.Quantity.

    Examples
    --------
    >>> quantity("500m"), quantity("1Ki"), quantity(2), quantity("1e3")
    (Decimal('0.500'), Decimal('1024'), Decimal('2'), Decimal('1000'))
    """
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError("a request is no quantity")
    number, unit = Decimal(found[1]), found[2] or ""
    return number * (10 ** int(unit[1:]) if unit[:1] in {"e", "E"} else _SCALE[unit])


def requested(kind: str, properties: Mapping[str, Any]) -> Requested:
    """How much do the pods of this object request together.

    Parameters
    ----------
    kind : str
        Kind of the object.
    properties : mapping
        The object as it is declared.

    Returns
    -------
    Requested
        A pod requests the sum of its containers, or its largest init container where that is more.

    Raises
    ------
    ValueError
        It has no pods whose number is declared, or a container has no request; the text says which.

    Source: Kubernetes, Init Containers, "Resource sharing within containers".

    Examples
    --------
    >>> container = {"name": "web", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    >>> requested("Deployment", {"spec": {"replicas": 3, "template": {"spec": {"containers": [container]}}}})
    Requested(cores=Decimal('1.500'), memory_gib=Decimal('3'))
    """
    if kind not in _WORKLOADS:
        raise ValueError(f"a {kind[:60]} has no pods whose number is declared")
    spec = _mapping(properties.get("spec"))
    pod = spec if kind == "Pod" else _mapping(_mapping(spec.get("template")).get("spec"))
    replicas = 1 if kind == "Pod" or spec.get("replicas") is None else spec["replicas"]
    if not isinstance(replicas, int) or isinstance(replicas, bool) or not 0 <= replicas <= _MOST:
        raise ValueError(f"replicas is no count from 0 to {_MOST}")
    containers = _list(pod.get("containers"))
    if not containers:
        raise ValueError("it has no containers")
    cores, memory = (
        max(
            sum((_request(container, name) for container in containers), Decimal(0)),
            *(_request(first, name) for first in _list(pod.get("initContainers"))),
            Decimal(0),
        )
        for name in ("cpu", "memory")
    )
    return Requested(cores * replicas, memory * replicas / _GIB)


def _request(container: object, name: str) -> Decimal:
    """Request of one container: its limit stands for a request that is not declared."""
    resources = _mapping(_mapping(container).get("resources"))
    for part in ("requests", "limits"):
        value = _mapping(resources.get(part)).get(name)
        if value is not None:
            return quantity(value)
    raise ValueError(f"a container has no request for {name}")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
