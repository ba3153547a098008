"""What does each row of an OpenShift report cost under a cost model, and what of a node did no pod take.

The rules are those of ``finops_lib.billing.formats.openshift``. Rows come with the columns ``span.start`` and
``span.end``: ISO 8601 in UTC, null where the row's interval cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT, MONEY, rounded
from finops_lib.billing.formats.openshift.labels import labels
from finops_lib.billing.formats.openshift.model import WORKING, CostModel, cost_of_span
from finops_lib.billing.formats.openshift.sums import WIDE, Groups, grouped, product, quantities, total
from finops_lib.billing.formats.rows import Rows
from finops_lib.errors import SettingsError
from finops_lib.records import Period

SPAN = ("span.start", "span.end")
CLAIM, NODE, CLUSTER = "persistentvolumeclaim", "node", "cluster_id"
USE_CPU, USE_RAM = "pod_{}_cpu_core_seconds", "pod_{}_memory_byte_seconds"
_HOUR, _GIB = Decimal(3600), Decimal(2**30)
_USES: Mapping[str, tuple[str, str, Decimal]] = MappingProxyType(
    {  # metric: what it is a part of, the column it prices, that column's units in one of the metric's
        "cpu_core_usage_per_hour": ("x_CpuCost", USE_CPU.format("usage"), _HOUR),
        "cpu_core_request_per_hour": ("x_CpuCost", USE_CPU.format("request"), _HOUR),
        "cpu_core_effective_usage_per_hour": ("x_CpuCost", USE_CPU.format("effective_usage"), _HOUR),
        "memory_gb_usage_per_hour": ("x_RamCost", USE_RAM.format("usage"), _HOUR * _GIB),
        "memory_gb_request_per_hour": ("x_RamCost", USE_RAM.format("request"), _HOUR * _GIB),
        "memory_gb_effective_usage_per_hour": ("x_RamCost", USE_RAM.format("effective_usage"), _HOUR * _GIB),
    }
)
_STORES: Mapping[str, str] = MappingProxyType(
    {
        "storage_gb_usage_per_month": "persistentvolumeclaim_usage_byte_seconds",
        "storage_gb_request_per_month": "volume_request_storage_byte_seconds",
    }
)
_CLAIMED = "pvc_cost_per_month"
_NODES = ("node_cost_per_month", "node_core_cost_per_month", "node_core_cost_per_hour")
_CORES = (*_NODES[1:], "cluster_core_cost_per_hour")
_CLUSTERS = ("cluster_cost_per_month", "cluster_cost_per_hour")
PRICED = (*_USES, *_STORES, _CLAIMED, _NODES[0], *_CORES, *_CLUSTERS)
_CAPACITY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "cpu": (USE_CPU.format("effective_usage"), "node_capacity_cpu_core_seconds"),
        "memory": (USE_RAM.format("effective_usage"), "node_capacity_memory_byte_seconds"),
    }
)
_VOLUME_LABELS = ("persistentvolume_labels", "persistentvolumeclaim_labels")
_LARGEST_SHARE = Decimal(10) ** 4  # money for a second of a core or a byte: more is no capacity at all
_LARGEST_COST = Decimal(10) ** 17
_NONE = pa.scalar(None, pa.string())


@dataclass
class Costs:
    """What rows cost: ``parts`` by column (null where unknown), what is wrong with a row (else null).

    ``idle`` and ``shared`` are amounts that stand in no row: by cluster, start, end, node and how often the
    node came before, and by cluster, start and end.
    """

    parts: dict[str, pa.Array]
    wrong: pa.Array
    idle: dict[tuple[str | None, ...], Decimal] = field(default_factory=dict)
    shared: dict[tuple[str | None, ...], Decimal] = field(default_factory=dict)


class Ledger:
    """Prices rows by one model and remembers, for one ingest, whose cost was given to a row already.

    Parameters
    ----------
    model : CostModel
        The prices.
    """

    def __init__(self, model: CostModel) -> None:
        self._model = model
        self._nodes: dict[tuple[str | None, ...], int] = {}
        self._clusters: set[tuple[str | None, ...]] = set()
        self._claims: set[tuple[str | None, ...]] = set()

    def pods(self, rows: Rows) -> Costs:
        """What does the use of pods cost, and what of their nodes did they leave.

        Parameters
        ----------
        rows : Rows
            A batch of the pod report.

        Returns
        -------
        Costs
        """
        self._require(*_USES, *_NODES, *_CORES, *_CLUSTERS, what="pods")
        groups = grouped(rows, ["pod_labels"])
        found: dict[str, list[pa.Array]] = {"x_CpuCost": [], "x_RamCost": []}
        wrong = []
        for metric in filter(self._model.has, _USES):
            part, name, unit = _USES[metric]
            used, odd = _used(rows, name)
            rates = [
                WORKING.divide(self._model.price(metric, labels(*cells)), unit) for cells in groups.cells
            ]
            found[part].append(product(used, rates, groups.codes))
            wrong.append(odd)
        count = len(groups.codes)
        costs = Costs({name: total(parts, count) for name, parts in found.items()}, _first(wrong, count))
        costs.wrong = _first([costs.wrong, *(_beyond(part) for part in costs.parts.values())], count)
        for name, column, unit in (
            ("x_CpuCoreHours", USE_CPU, _HOUR),
            ("x_RamGibHours", USE_RAM, _HOUR * _GIB),
        ):
            used, _ = _used(rows, column.format("effective_usage"))
            hours = WORKING.divide(Decimal(1), unit)
            costs.parts[name] = product(used, [hours], pa.array(np.zeros(count, np.int32)))
        costs.parts["x_SharedCost"] = pa.nulls(count, WIDE)
        if self._model.has(*_NODES, _CORES[-1]):
            self._share(rows, costs)
        if not self._model.has(*_USES):
            costs.parts["x_SharedCost"] = pc.fill_null(costs.parts["x_SharedCost"], Decimal(0))
        if self._model.has(*_CLUSTERS):
            self._share_cluster(rows, costs)
        return costs

    def _require(self, *metrics: str, what: str) -> None:
        if not self._model.has(*metrics):
            raise SettingsError(
                f"cost model {self._model.name}",
                f"it prices nothing that a report of {what} holds",
                f"add one of {', '.join(dict.fromkeys(metrics))}",
            )

    def _share(self, rows: Rows, costs: Costs) -> None:
        """Give each pod its part of its node, and keep what is left."""
        use, capacity = _CAPACITY[self._model.distribution]
        used, odd = _used(rows, use)
        groups = grouped(rows, [CLUSTER, *SPAN, NODE, capacity, "node_capacity_cpu_cores", "node_labels"])
        whole = [self._node(cells) for cells in groups.cells]
        factors = [_ratio(cost, _amount(cells[4])) for cost, cells in zip(whole, groups.cells, strict=True)]
        costs.wrong = _first([costs.wrong, odd, self._without_cores(groups)], len(groups.codes))
        share = product(used, factors, groups.codes)
        costs.wrong = _first([costs.wrong, _beyond(share)], len(groups.codes))
        share = pc.if_else(pc.is_null(costs.wrong), share, pa.scalar(None, WIDE))
        costs.parts["x_SharedCost"] = share
        taken = _sums(share, groups)
        keys: dict[tuple[str | None, ...], Decimal] = {}
        for cells, cost, gone in zip(groups.cells, whole, taken, strict=True):
            if cost is not None:
                key = cells[:4]
                before = keys.setdefault(key, Decimal(0) if key in self._nodes else cost)
                keys[key] = EXACT.subtract(before, gone)
        for key, left in keys.items():
            self._nodes[key] = self._nodes.get(key, 0) + 1
            if left or self._nodes[key] == 1:
                costs.idle[*key, str(self._nodes[key])] = left

    def _node(self, cells: tuple[str | None, ...]) -> Decimal | None:
        """Cost of a node in this interval; None where there is no node or no interval."""
        _, start, end, node, _, cores, told = cells
        if node is None or start is None or end is None:
            return None
        count, model, named = _amount(cores) or Decimal(0), self._model, labels(told)
        by_month = EXACT.add(
            model.price(_NODES[0], named), EXACT.multiply(count, model.price(_NODES[1], named))
        )
        by_hour = EXACT.multiply(count, sum((model.price(name, named) for name in _CORES[1:]), Decimal(0)))
        return _cost(by_month, by_hour, start, end)

    def _without_cores(self, groups: Groups) -> pa.Array:
        """Say where a price by core meets a node whose cores are not known."""
        if not self._model.has(*_CORES):
            return pa.nulls(len(groups.codes), pa.string())
        words = [
            f"node_capacity_cpu_cores {cells[5]}" if cells[3] and _amount(cells[5]) is None else None
            for cells in groups.cells
        ]
        return pa.array(words, pa.string()).take(groups.codes)

    def _share_cluster(self, rows: Rows, costs: Costs) -> None:
        month, hour = (self._model.price(name, {}) for name in _CLUSTERS)
        for key in grouped(rows, [CLUSTER, *SPAN]).cells:
            _, start, end = key
            if start is not None and end is not None and key not in self._clusters:
                self._clusters.add(key)
                costs.shared[key] = _cost(month, hour, start, end)

    def volumes(self, rows: Rows) -> Costs:
        """What do volumes cost: each claim once an interval, however many pods mount it.

        Parameters
        ----------
        rows : Rows
            A batch of the volume report.

        Returns
        -------
        Costs
        """
        self._require(*_STORES, _CLAIMED, what="volumes")
        names = [*SPAN, "storageclass", "persistentvolume_labels", "persistentvolumeclaim_labels"]
        groups = grouped(rows, names)
        parts, wrong = [], []
        for metric in filter(self._model.has, _STORES):
            used = quantities(rows, _STORES[metric])
            rates = [self._stored(metric, cells) for cells in groups.cells]
            parts.append(product(used.values, rates, groups.codes))
            wrong.append(used.odd)
        if self._model.has(_CLAIMED):
            fixed = [self._claimed(cells) for cells in groups.cells]
            parts.append(pa.array(fixed, WIDE).take(groups.codes))
        cost = total(parts, len(groups.codes))
        cost = pc.if_else(self._first_time(rows), cost, pa.scalar(Decimal(0), WIDE))
        return Costs({"x_PersistentVolumeCost": cost}, _first(wrong, len(groups.codes)))

    def _stored(self, metric: str, cells: tuple[str | None, ...]) -> Decimal | None:
        """Price of a byte-second: of a gigabyte in the month in which the interval starts."""
        if cells[0] is None:
            return None
        price = self._model.price(metric, _of_volume(cells))
        return WORKING.divide(price, _GIB * Decimal(Period.month(cells[0][:7]).days * 86_400))

    def _claimed(self, cells: tuple[str | None, ...]) -> Decimal | None:
        start, end = cells[:2]
        if start is None or end is None:
            return None
        return _cost(self._model.price(_CLAIMED, _of_volume(cells)), Decimal(0), start, end)

    def _first_time(self, rows: Rows) -> pa.Array:
        """Say of each row whether its claim comes for the first time in its interval."""
        groups = grouped(rows, [CLUSTER, *SPAN, "namespace", CLAIM])
        codes, places = np.unique(groups.codes.to_numpy(), return_index=True)
        first = np.zeros(len(groups.codes), bool)
        for code, place in zip(codes, places, strict=True):
            key = groups.cells[code]
            first[place] = key not in self._claims
            self._claims.add(key)
        return pc.or_(pa.array(first), pc.is_null(rows.text(CLAIM)))


def _of_volume(cells: tuple[str | None, ...]) -> Mapping[str, str]:
    """Labels of a claim, before those of its volume; the storage class stands as one of them."""
    own = labels(*cells[3:])
    return own if "storageclass" in own or not cells[2] else {**own, "storageclass": cells[2]}


def _used(rows: Rows, name: str) -> tuple[pa.Array, pa.Array]:
    """Use by row; effective use that a report does not have is the larger of use and request."""
    found = quantities(rows, name)
    if "effective_usage" not in name:
        return found.values, found.odd
    use, request = (
        quantities(rows, name.replace("effective_usage", other)) for other in ("usage", "request")
    )
    values = pc.coalesce(found.values, pc.max_element_wise(use.values, request.values))
    missing = pc.is_null(found.values)
    odd = [pc.if_else(missing, item.odd, _NONE) for item in (use, request)]
    return values.cast(MONEY), _first([found.odd, *odd], len(values))


def _first(texts: Sequence[pa.Array], rows: int) -> pa.Array:
    return pc.coalesce(*texts) if texts else pa.nulls(rows, pa.string())


def _beyond(part: pa.Array) -> pa.Array:
    """The text of an amount that no row can carry; null where it can."""
    return pc.if_else(pc.greater(part, pa.scalar(_LARGEST_COST, WIDE)), part.cast(pa.string()), _NONE)


def _sums(share: pa.Array, groups: Groups) -> list[Decimal]:
    """Add up by group, exactly."""
    table = pa.table({"code": groups.codes, "share": share.cast(pa.decimal256(76, MONEY.scale))})
    found = table.group_by("code").aggregate([("share", "sum")]).to_pydict()
    by_code = dict(zip(found["code"], found["share_sum"], strict=True))
    return [by_code.get(code) or Decimal(0) for code in range(len(groups.cells))]


def _ratio(cost: Decimal | None, capacity: Decimal | None) -> Decimal | None:
    if cost is None or not capacity:
        return None
    found = WORKING.divide(cost, capacity)
    return found if found < _LARGEST_SHARE else None


def _amount(text: str | None) -> Decimal | None:
    """Read a number of machines or seconds; None where it is none."""
    try:
        found = Decimal((text or "").strip().replace("_", "x"))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < Decimal(10) ** 18 else None


@lru_cache(maxsize=100_000)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@lru_cache(maxsize=100_000)
def _cost(by_month: Decimal, by_hour: Decimal, start: str, end: str) -> Decimal:
    """Cost of an interval at a price by month and one by hour."""
    first, last = _moment(start), _moment(end)
    seconds = Decimal((last - first).total_seconds())
    hours = rounded(WORKING.divide(EXACT.multiply(by_hour, seconds), _HOUR))
    return EXACT.add(cost_of_span(by_month, start=first, end=last), hours)
