"""All that is known of each resource, from bill, samples and inventory: the one place that the three meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np
import pandas as pd

from finops_lib.billing.prices import Instance, instance
from finops_lib.errors import QueryError
from finops_lib.optimize.inventory_file import Item
from finops_lib.optimize.rightsize.paid import Paid
from finops_lib.optimize.windows import FloatArray
from finops_lib.run.recommend_bill import FUNCTION, MACHINE, OTHER, OWN, VOLUME, WORKLOAD, Billed
from finops_lib.run.recommend_use import Used
from finops_lib.usage.join import key_of

MACHINES = ("instance", "database", "cache", "task")
_ITEM_KINDS: Mapping[str, str] = {
    **dict.fromkeys(MACHINES, MACHINE),
    "volume": VOLUME,
    "workload": WORKLOAD,
    "function": FUNCTION,
    "host": OWN,
}
_REQUESTS = ("cpu_request", "memory_request")
_GONE = timedelta(days=2)
_WORKLOAD_PARTS = 3  # of cluster/namespace/workload/container
GIB = 1024.0**3


@dataclass(frozen=True)
class World:
    """Resources by key: what the bill, the cluster's report, an inventory and the samples say of each.

    ``complete`` are the days whose bill is whole, ``reach`` the last day with a charge; ``cores`` those of
    machines of one's own.
    """

    used: Used
    billed: Mapping[str, Billed]
    allocated: Mapping[str, Billed]
    items: Mapping[str, Item]
    catalogue: pd.DataFrame
    complete: Sequence[date]
    reach: date | None
    cores: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def keys(self) -> list[str]:
        """Every resource that anything is known of, once, under the id that it has now."""
        later = self.used.later
        return sorted({*self.used.resources, *self.billed, *(key for key in self.items if key not in later)})

    def resource(self, key: str) -> str:
        """The id as the bill writes it, else the samples, else the inventory."""
        if key in self.billed:
            return self.billed[key].resource
        return self.used.resources.get(key) or self.items[key].resource

    def kind(self, key: str) -> str:
        """Which kind of resource is it: the inventory knows best, then the bill, then its metrics."""
        if key in self.items:
            return _ITEM_KINDS[self.items[key].kind]
        said = self.billed[key].kind if key in self.billed else OTHER
        if said != OTHER:
            return said
        metrics = self.used.metrics_of(key)
        if metrics & set(_REQUESTS):
            return WORKLOAD
        return VOLUME if "space" in metrics else OTHER

    def of_kind(self, kind: str) -> list[str]:
        """Which resources are of this kind."""
        return [key for key in self.keys if self.kind(key) == kind]

    def watched(self, key: str) -> bool:
        """Has it any sample in the window."""
        return key in self.used.resources

    def gone(self, key: str) -> date | None:
        """Since which day is it neither billed nor used; None where it is there."""
        end = self.used.period.end
        last = [_seen_until(self.used, key)] if self.watched(key) else []
        if self.kind(key) == OWN:
            return None  # billed by the month
        if key in self.billed and self.reach is not None:
            billed_until = max(self.billed[key].days)
            # A bill that ends early ends for all: it is held against its own reach.
            last.append(end if billed_until > self.reach - _GONE else _midnight(billed_until))
        newest = max(last, default=end)
        return newest.date() if newest < end - _GONE else None

    def paid(self, key: str) -> Paid | None:
        """What does it cost, after the bill, a cluster's report, or the inventory; None is unknown."""
        if key in self.billed:
            item = self.billed[key]
            return item.own_month() if item.kind == OWN else item.paid(self.complete)
        report = self.allocated.get("/".join(key.split("/")[:_WORKLOAD_PARTS]))
        if report is not None:
            return _part(report.paid(self.complete), self._share_of_workload(key))
        return self._listed(key)

    def _share_of_workload(self, key: str) -> Decimal:
        """Share a workload's cost over its containers, by what they request."""
        head = "/".join(key.split("/")[:_WORKLOAD_PARTS])
        alike = [other for other in self.used.resources if other == head or other.startswith(f"{head}/")]
        sizes = np.array([newest(self.used.of("cpu_request", [other])[0]) for other in alike])
        sizes = np.where(np.isfinite(sizes) & (sizes > 0), sizes, 0.0)
        if key not in alike or not sizes.sum():
            return Decimal(1) / max(len(alike), 1)
        return Decimal(repr(float(sizes[alike.index(key)] / sizes.sum())))

    def _listed(self, key: str) -> Paid | None:
        """Price it as the inventory does, for the members that ran on each day."""
        item = self.items.get(key)
        if item is None or item.usd_hour is None or not self.watched(key):
            return None
        days = self.members([key])[0].reshape(-1, 86_400 // self.used.step_seconds)
        seen = np.isfinite(days).any(axis=1)
        mean = np.where(seen, np.nansum(days, axis=1) / np.maximum(np.isfinite(days).sum(axis=1), 1), 0.0)
        cost = tuple(item.usd_hour * 24 * Decimal(repr(float(count))) for count in mean[seen])
        return Paid("USD", cost, listed=sum(cost, Decimal(0)))

    def members(self, keys: Sequence[str]) -> FloatArray:
        """How many members had each resource at each step: one where no count is known, NaN in gaps."""
        counts = self.used.of("replicas", keys)
        counted = np.asarray(np.isfinite(counts).any(axis=1))
        seen = np.where(np.isfinite(self.used.of("cpu", keys)), 1.0, np.nan)
        counts = np.where(counted[:, None], counts, seen)
        return np.where(counts > 0, counts, np.nan)

    def each(self, kind: str, keys: Sequence[str]) -> FloatArray:
        """What did one member use: the busiest, else the mean, else a share of its size."""
        busiest = self.used.of(f"{kind}_peak", keys)
        mean = self.used.of(kind, keys) / self.members(keys)
        found = np.where(np.isfinite(busiest), busiest, mean)
        if kind not in {"cpu", "memory"}:
            return found
        share = self.used.of(f"{kind}_share", keys) * self.capacity(kind, keys)[:, None]
        return np.where(np.isfinite(found), found, share)

    def capacity(self, kind: str, keys: Sequence[str]) -> FloatArray:
        """How much has one member, in cores or bytes, a pod up to its limit; NaN is unknown."""
        return np.array([self._capacity(kind, key) for key in keys], dtype=np.float64)

    def _capacity(self, kind: str, key: str) -> float:
        item = self.items.get(key)
        if self.kind(key) == WORKLOAD:
            limit = self.request(kind, key, limit=True)
            return limit if np.isfinite(limit) or kind == "cpu" else self.request(kind, key)
        told = None if self.kind(key) == OWN else self.type_of(key)
        if told is not None:
            amount = told.vcpu if kind == "cpu" else told.memory_gib
        else:
            amount = None if item is None else (item.vcpu if kind == "cpu" else item.memory_gib)
        own = self.cores.get(key) if amount is None and kind == "cpu" else amount
        return _above_zero(own, GIB if kind == "memory" else 1.0)

    def request(self, kind: str, key: str, *, limit: bool = False) -> float:
        """How much does a pod request, or may it have at most, in cores or bytes; NaN is unknown or none."""
        told = newest(self.used.of(f"{kind}_{'limit' if limit else 'request'}", [key])[0])
        if np.isfinite(told) and told > 0:
            return told
        item = self.items.get(key)
        if item is None:
            return float("nan")
        if kind == "cpu":
            return _above_zero(item.cpu_limit if limit else item.vcpu, 1.0)
        return _above_zero(item.memory_limit_gib if limit else item.memory_gib, GIB)

    def size(self, key: str) -> str:
        """Which instance type has it; empty is unknown."""
        item = self.items.get(key)
        return (item.size if item else "") or (self.billed[key].size if key in self.billed else "")

    def place(self, key: str) -> tuple[str, str]:
        """Of which provider and in which region is it."""
        item, told = self.items.get(key), self.billed.get(key)
        region = (told.region if told else "") or (item.region if item else "")
        provider = told.provider if told else "aws" if key.startswith("arn:aws") else ""
        return provider, region

    def type_of(self, key: str) -> Instance | None:
        """What does the catalogue say of its instance type; None where it does not know it."""
        provider, region = self.place(key)
        try:
            return instance(self.catalogue, provider=provider, region=region, instance_type=self.size(key))
        except QueryError:
            return None

    def owner(self, key: str) -> str:
        """Who answers for it."""
        told = self.billed[key].owner if key in self.billed else ""
        return told or (self.items[key].team if key in self.items else "")

    def evidence(self, key: str) -> tuple[str, ...]:
        """On which series and deliveries does it stand."""
        names = [self.resource(key), *(self.billed[key].follows if key in self.billed else ())]
        series = [f"usage:{name}" for name in names] if self.watched(key) else []
        if key in self.billed:
            return (*series, *(f"delivery:{name}" for name in self.billed[key].snapshots))
        return (*series, "price:inventory") if key in self.items else tuple(series)


def by_key(items: Sequence[Item]) -> dict[str, Item]:
    """Which item of the inventory stands for each key."""
    return {key_of(item.resource): item for item in items}


def newest(values: FloatArray) -> float:
    """What is the newest known value; NaN where none is."""
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def _above_zero(amount: Decimal | float | None, unit: float) -> float:
    return float(amount) * unit if amount is not None and amount > 0 else float("nan")


def _part(paid: Paid | None, share: Decimal) -> Paid | None:
    if paid is None:
        return None
    listed = None if paid.listed is None else paid.listed * share
    return Paid(paid.currency, tuple(day * share for day in paid.days), paid.committed * share, listed)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _seen_until(used: Used, key: str) -> datetime:
    """Say until when there are samples."""
    last = 0
    for metric in used.metrics_of(key):
        known = np.flatnonzero(np.isfinite(used.of(metric, [key])[0]))
        last = max(last, int(known[-1]) + 1 if len(known) else 0)
    return used.period.start + timedelta(seconds=last * used.step_seconds)
