"""What do the company's Kubernetes clusters cost: answers of OpenCost's allocation API, one a month.

The nodes are machines of the AWS bill, joined by the identity of the instance. Each day is a window:
workloads by node, name space and controller, and what was idle. OpenCost estimates a node's price too high
and, when the bill is there, adjusts: cost and adjustments of a node's workloads and its idle row are then its
list price. A load balancer is beside that, in the rows of the ingress.

Source: OpenCost, API specification of the allocation answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from finops_lib.estate.calendar import UNTIL, Ints, Month, day_number
from finops_lib.estate.catalogue import FRANKFURT, price_micro
from finops_lib.estate.company import Company, Slot
from finops_lib.estate.others import ledger
from finops_lib.estate.others.files import json_number, json_text, moment, write_gzip
from finops_lib.estate.others.fleet import source, spike
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.estate.story import Event
from finops_lib.estate.truth import dollars

FOLDER, COST = "opencost", "totalCost"
_CLUSTERS: Mapping[str, str] = MappingProxyType(
    {"prod-core": "lantern-prod-eks", "staging": "lantern-staging-eks"}
)
_ANOMALY = ("tracking", "eta-worker")
_ONE = 10_000
_PLACES = 5  # decimals of the answer's money
_UNIT = 10**5  # of these, a hundred-thousandth of a dollar has so many 1e-10 dollars
_CPU_PERCENT = 68  # of a node's price, the rest is memory
_BALANCER = 54_000  # hundred-thousandths of a dollar a day
_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType({"m6i.xlarge": (4, 16), "r6i.4xlarge": (16, 128)})
_LOADS = (
    ("tracking", "eta-worker", "deployment", 30), ("checkout", "parcel-api", "deployment", 34),
    ("checkout", "label-printer", "deployment", 12), ("tracking", "route-planner", "deployment", 22),
    ("data", "kafka", "statefulset", 26), ("data", "invoice-export", "cronjob", 8),
    ("kube-system", "coredns", "deployment", 4), ("kube-system", "aws-node", "daemonset", 5),
    ("ingress", "ingress-nginx-controller", "deployment", 8), ("monitoring", "prometheus", "statefulset", 14),
    ("mobile", "push-sender", "deployment", 10), ("default", "debug-shell", "deployment", 6),
)  # fmt: skip
_UNLABELLED = ("default", "monitoring")
_WEEK = (104, 106, 105, 104, 107, 82, 74)  # Monday to Sunday, percent
_FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday
Row = dict[str, Any]


@dataclass(frozen=True)
class Load:
    """A workload on a node: its weight there, and the share of its requests that it uses, percent."""

    namespace: str
    controller: str
    kind: str
    weight: int
    used_percent: int

    @property
    def hours(self) -> tuple[int, int]:
        """First and last hour of the day in which it runs, the last one excluded."""
        return (2, 5) if self.kind == "cronjob" else (0, 24)


@dataclass
class _Cluster:
    """The cluster while its answers are written."""

    seed: int
    nodes: tuple[Slot, ...]
    loads: Mapping[Slot, tuple[Load, ...]]
    event: Event
    ranges: Ranges
    over_percent: int
    ledger: Ledger = field(default_factory=Ledger)
    charge: dict[str, int] = field(default_factory=dict)
    extra: int = 0


def write_opencost(
    folder: Path, who: Company, *, span: tuple[Month, ...], rows: int, ranges: Ranges
) -> dict[str, Any]:
    """Write ``opencost/<YYYY-MM>/allocation.json.gz`` for all months.

    Parameters
    ----------
    folder : Path
        Where to.
    who : Company
        The company of the AWS bill.
    span : tuple of Month
        Oldest first.
    rows : int
        About how many allocations there are in all.
    ranges : Ranges
        Bounds of what is planted.

    Returns
    -------
    dict
        The truth; ``node_charge`` is the nodes' list cost in the AWS bill.
    """
    days = sum(len(month.days) for month in span)
    cluster = _cluster(who, max(2, round(rows / days)), ranges)
    for month in span:
        file = f"{FOLDER}/{month.label}/allocation.json.gz"
        sets = [_window(cluster, month, day, file) for day in month.days.tolist()]
        answer = {"code": 200, "status": "success", "data": sets}
        write_gzip(folder / file, json_text(answer) + "\n")
    return _told(who, cluster)


def nodes(who: Company, most: int) -> tuple[Slot, ...]:
    """Which machines of the AWS bill are nodes: the most lasting ones of the two accounts with a cluster.

    Parameters
    ----------
    who : Company
        The company.
    most : int
        At most so many, a count.

    Returns
    -------
    tuple of Slot
        At least two.
    """
    fits = [
        slot for slot in who.slots
        if slot.account.key in _CLUSTERS and slot.region == FRANKFURT and slot.product.key in _SIZES
    ]  # fmt: skip
    return tuple(sorted(fits, key=lambda slot: (slot.first_day, -slot.last_day, slot.number))[:most])


def instance_id(who: Company, node: Slot) -> str:
    """Which instance of the AWS bill is this node, as Kubernetes knows it: the end of its ResourceId.

    Parameters
    ----------
    who : Company
        The company.
    node : Slot
        The machine.

    Returns
    -------
    str
        ``i-`` and 17 digits.
    """
    return node.resource_id(who.seed, 0).rpartition("/")[2]


def _cluster(who: Company, each_day: int, ranges: Ranges) -> _Cluster:
    machines = nodes(who, ranges.nodes)
    rng = source(FOLDER, who.seed)
    over = drawn(rng, ranges.estimate_percent)
    count = max(1, each_day - len(machines))
    loads: dict[Slot, list[Load]] = {node: [] for node in machines}
    for number in range(count):
        namespace, name, kind, weight = _LOADS[number % len(_LOADS)]
        again = number // len(_LOADS)
        used = int(rng.integers(8, 75))
        full = f"{name}-{again + 1}" if again else name
        loads[machines[number % len(machines)]].append(Load(namespace, full, kind, weight, used))
    told = {node: tuple(found) for node, found in loads.items()}
    return _Cluster(who.seed, machines, told, spike(FOLDER, who.seed, _ANOMALY, ranges), ranges, over)


def _window(cluster: _Cluster, month: Month, day: int, file: str) -> dict[str, Row]:
    found = {}
    for place, node in enumerate(cluster.nodes):
        if not node.first_day <= day < node.last_day:
            continue
        for row, kind, cost in _node(cluster, node, day, place):
            found[row["name"]] = row
            service = row["properties"].get("namespace", "__idle__")
            cluster.ledger.add(month.label, file, cost * _UNIT, service=service, kind=kind)
        full = _listed(node) * _UNIT
        cluster.charge[month.label] = cluster.charge.get(month.label, 0) + full
    return found


def _listed(node: Slot) -> int:
    """Give the node's list price of a day in hundred-thousandths of a dollar."""
    return 24 * _ONE * price_micro(node.product, node.region) // _UNIT


def _node(cluster: _Cluster, node: Slot, day: int, place: int) -> Iterator[tuple[Row, str, int]]:
    rng = source(FOLDER, cluster.seed, place + 2, day)
    whole = _listed(node)
    final = np.array([whole * _CPU_PERCENT // 100, whole - whole * _CPU_PERCENT // 100])
    asked = final * (100 + cluster.over_percent) // 100
    settled = day < day_number(UNTIL.date()) - cluster.ranges.reconciled_days
    left, estimate = (final if settled else asked).copy(), asked.copy()
    shares, usual = _shares(cluster, node, day, rng)
    for load, share, before in zip(cluster.loads[node], shares, usual, strict=True):
        cost, first = (final if settled else asked) * share // _ONE, asked * share // _ONE
        left, estimate = left - cost, estimate - first
        cluster.extra += int(cost.sum() * (share - before) // max(share, 1))
        balancer = _BALANCER if load.namespace == "ingress" else 0
        row = _row(cluster, node, day, load) | _costs(first, cost - first, balancer)
        yield row | _sizes(node, load, share), ledger.USAGE, int(cost.sum()) + balancer
    row = _row(cluster, node, day, None) | _costs(estimate, left - estimate, 0)
    yield row | _sizes(node, None, max(0, _ONE - sum(shares))), ledger.IDLE, int(left.sum())


def _shares(cluster: _Cluster, node: Slot, day: int, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Give each workload its share of the node, in ten-thousandths: with the anomaly and without it."""
    loads = cluster.loads[node]
    busy = _ONE - drawn(rng, cluster.ranges.idle_percent) * 100
    week = _WEEK[(day + _FIRST_WEEKDAY) % 7]
    weights = [load.weight * int(rng.integers(90, 111)) for load in loads]
    whole = sum(weights) or 1
    usual = [busy * weight * week // (110 * whole) for weight in weights]
    event = cluster.event
    if not day_number(event.start) <= day < day_number(event.end):
        return usual, usual
    spare = _ONE - sum(usual)
    jumped = [
        share + min(spare, share * (event.percent - 100) // 100)
        if (load.namespace, load.controller) == (event.account, event.product) else share
        for load, share in zip(loads, usual, strict=True)
    ]  # fmt: skip
    return jumped, usual


def _row(cluster: _Cluster, node: Slot, day: int, load: Load | None) -> Row:
    place = cluster.nodes.index(node)
    name = f"ip-10-20-{place}-{17 + place * 31}.eu-central-1.compute.internal"
    first, last = load.hours if load else (0, 24)
    properties: Row = {"cluster": _CLUSTERS[node.account.key], "node": name}
    if load:
        properties |= {
            "controller": load.controller,
            "controllerKind": load.kind,
            "namespace": load.namespace,
        }
        properties |= _labels(load)
    properties["providerID"] = node.resource_id(cluster.seed, 0).rpartition("/")[2]
    path = f"{load.namespace}/{load.kind}:{load.controller}" if load else "__idle__"
    start, end = moment(day, first * 3600), moment(day, last * 3600)
    return {
        "name": f"{name}/{path}", "properties": properties,
        "window": {"start": _stamp(moment(day)), "end": _stamp(moment(day + 1))},
        "start": _stamp(start), "end": _stamp(end), "minutes": (last - first) * 60,
    }  # fmt: skip


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _labels(load: Load) -> Row:
    if load.namespace in _UNLABELLED:
        return {"namespaceLabels": {"kubernetes_io_metadata_name": load.namespace}}
    team = "platform" if load.namespace in ("kube-system", "ingress") else load.namespace
    return {
        "labels": {"app": load.controller, "team": team},
        "namespaceLabels": {"kubernetes_io_metadata_name": load.namespace},
    }


def _costs(estimate: Ints, change: Ints, balancer: int) -> Row:
    parts = [int(part) for part in (*estimate, *change)]
    cpu, ram, cpu_change, ram_change = (json_number(part, _PLACES) for part in parts)
    return {
        "cpuCost": cpu, "cpuCostAdjustment": cpu_change, "gpuCount": 0, "gpuHours": 0, "gpuCost": 0,
        "gpuCostAdjustment": 0, "networkCost": 0, "networkCostAdjustment": 0,
        "loadBalancerCost": json_number(balancer, _PLACES), "loadBalancerCostAdjustment": 0, "pvBytes": 0,
        "pvByteHours": 0, "pvCost": 0, "pvs": None, "pvCostAdjustment": 0, "ramCost": ram,
        "ramCostAdjustment": ram_change, "externalCost": 0, "sharedCost": 0,
        COST: json_number(sum(parts) + balancer, _PLACES),
    }  # fmt: skip


def _sizes(node: Slot, load: Load | None, share: int) -> Row:
    """Say how much of the node that is: cores, memory, and what of it was used."""
    cores, gib = _SIZES[node.product.key]
    first, last = load.hours if load else (0, 24)
    hours, used = last - first, load.used_percent if load else 0
    # A day's share of the node, taken in the hours in which the workload runs.
    cpu, ram = cores * share * 24 // hours, gib * 2**30 * share // _ONE * 24 // hours
    return {
        "cpuCores": json_number(cpu, 4), "cpuCoreRequestAverage": json_number(cpu if load else 0, 4),
        "cpuCoreUsageAverage": json_number(cpu * used // 100, 4), "cpuCoreHours": json_number(cpu * hours, 4),
        "cpuEfficiency": json_number(used, 2), "ramBytes": ram, "ramByteRequestAverage": ram if load else 0,
        "ramByteUsageAverage": ram * used // 100, "ramByteHours": ram * hours,
        "ramEfficiency": json_number(used, 2), "totalEfficiency": json_number(used, 2),
    }  # fmt: skip


def _told(who: Company, cluster: _Cluster) -> dict[str, Any]:
    event, found = cluster.event, cluster.ledger
    kinds = [month.kinds for month in found.months.values()]
    idle = sum(kind[ledger.IDLE] for kind in kinds)
    whole = sum(kind[ledger.IDLE] + kind[ledger.USAGE] for kind in kinds)
    anomaly = {
        "kind": event.kind, "namespace": event.account, "controller": event.product,
        "start": str(event.start), "end": str(event.end), "percent": event.percent,
        "extra_cost": dollars(cluster.extra * _UNIT),
    }  # fmt: skip
    return {
        "folder": FOLDER, "cost_column": COST, "currency": "USD", **found.told(),
        "clusters": sorted({_CLUSTERS[node.account.key] for node in cluster.nodes}),
        "unlabelled": list(_UNLABELLED),
        "nodes": [
            {"instance": instance_id(who, node), "resource": node.resource_id(who.seed, 0)}
            for node in cluster.nodes
        ],
        "node_charge": ledger.written(cluster.charge), "idle_cost": dollars(idle),
        "idle_ten_thousandths": idle * _ONE // whole, "anomaly": anomaly if cluster.extra else {},
        "estimate_percent": 100 + cluster.over_percent,
    }  # fmt: skip
