"""What machines, workloads and GPUs are asked about, put together from all that is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from finops_lib.billing.prices import catalogue
from finops_lib.errors import QueryError
from finops_lib.optimize.leaks import leaks
from finops_lib.optimize.rightsize.gpus import Gpus
from finops_lib.optimize.rightsize.kubernetes import Pod
from finops_lib.optimize.rightsize.machines import Machine, Use
from finops_lib.optimize.rightsize.needs import follows_use, needs, tried
from finops_lib.optimize.rightsize.shares import Parts, parts
from finops_lib.optimize.sizing import Size, Trial
from finops_lib.optimize.windows import FloatArray, Histories, IntArray
from finops_lib.run.recommend_bill import MACHINE, WORKLOAD
from finops_lib.run.recommend_world import World, newest

_DAY = 86_400


@dataclass(frozen=True)
class Questions:
    """The questions that the optimize room answers, about one world."""

    world: World

    @property
    def steps_a_day(self) -> int:
        """Steps in a day."""
        return max(_DAY // self.world.used.step_seconds, 1)

    @cached_property
    def sized_keys(self) -> list[str]:
        """Machines and workloads that have samples."""
        return [
            key
            for key in self.world.keys
            if self.world.kind(key) in {MACHINE, WORKLOAD} and self.world.watched(key)
        ]

    def histories(self, kind: str) -> Histories:
        """What did one member of each machine and workload use, of those that have this kind of samples."""
        world, keys = self.world, self.sized_keys
        use, capacity = world.each(kind, keys), world.capacity(kind, keys)
        found = Histories(tuple(keys), _clean(use), world.used.step_seconds, capacity, kind)
        return found.rows(np.asarray(np.isfinite(use).any(axis=1)))

    @cached_property
    def trials(self) -> dict[str, Trial]:
        """How would each rule have done on the past of machines and workloads, by kind of use."""
        found = {}
        for kind in ("cpu", "memory"):
            asked = self.histories(kind)
            if asked.names:
                scaled = self._scaled(asked) if kind == "cpu" else ()
                found[kind] = tried(asked, autoscaled=scaled, kills=self._kills(asked))
        return found

    @cached_property
    def sizes(self) -> dict[str, dict[str, Size]]:
        """What does each machine and workload need, by resource and kind of use."""
        found: dict[str, dict[str, Size]] = {}
        for kind, trial in self.trials.items():
            for size in trial.sizes():
                found.setdefault(size.name, {})[kind] = size
        return found

    def _scaled(self, asked: Histories) -> Sequence[str]:
        """Find those whose number follows their CPU, held against what a pod requests."""
        world, keys = self.world, asked.names
        request = [world.request("cpu", key) if world.kind(key) == WORKLOAD else np.nan for key in keys]
        capacity = np.where(np.isfinite(request), request, asked.capacity)
        against = Histories(asked.names, asked.use, asked.step_seconds, capacity, "cpu")
        counts = world.used.of("replicas", keys)
        most = world.used.of("autoscaled", keys)
        varied = {
            key: [*counts[row], *([0.0] if np.isfinite(most[row]).any() else [])]
            for row, key in enumerate(keys)
        }
        return tuple(follows_use(against, varied))

    def _kills(self, asked: Histories) -> IntArray | None:
        if asked.kind != "memory":
            return None
        return np.nan_to_num(self.world.used.of("oom_kills", asked.names)).astype(np.int64)

    @cached_property
    def leaking(self) -> dict[str, str]:
        """Which machines and workloads leak memory, and how that shows."""
        asked = self.histories("memory")
        return {name: told for name, told in zip(asked.names, leaks(asked), strict=True) if told}

    def machine(self, key: str) -> Machine:
        """What is this machine."""
        world = self.world
        provider, region = world.place(key)
        item, told = world.items.get(key), world.billed.get(key)
        return Machine(
            world.resource(key),
            provider,
            region,
            world.size(key),
            world.paid(key),
            (item.licence if item else "") or (told.licence if told else ""),
            item.licence_vcpu_hour if item else None,
            self.leaking.get(key, ""),
            world.owner(key),
            world.evidence(key),
        )

    def use(self, key: str) -> Use:
        """What does this machine need."""
        world = self.world
        peaks = {kind: _peak(world.each(kind, [key])[0]) for kind in ("network", "disk")}
        known = {kind: peak for kind, peak in peaks.items() if peak is not None}
        return Use(self.sizes.get(key, {}), known)

    @cached_property
    def parts(self) -> Parts | None:
        """What do cores, memory and GPUs cost against one another; None where the catalogue cannot tell.

        A price file without GPUs takes their relation to a core from the shipped selection.
        """
        try:
            own, shipped = parts(self.world.catalogue), parts(catalogue())
        except QueryError:
            return None
        if own.gpu is None and shipped.gpu is not None and shipped.core > 0:
            return replace(own, gpu=shipped.gpu * own.core / shipped.core)
        return own

    def pod(self, key: str) -> Pod:
        """What has one pod of this workload."""
        world = self.world
        cpu, memory = (_known(world.request(kind, key)) for kind in ("cpu", "memory"))
        limits = [_known(world.request(kind, key, limit=True)) for kind in ("cpu", "memory")]
        prices = self.parts
        return Pod(
            world.resource(key),
            cpu,
            memory,
            world.paid(key),
            prices or Parts(Decimal(0), Decimal(0)),
            limits[0],
            limits[1],
            self.gpus_allotted(key),
            self.leaking.get(key, "") or ("" if prices else "the catalogue cannot tell what a core costs"),
            world.owner(key),
            world.evidence(key),
        )

    def gpus_allotted(self, key: str) -> float:
        """How many GPUs has one member; 0 where nothing says so."""
        told = newest(self.world.used.of("gpu_allocated", [key])[0])
        item = self.world.items.get(key)
        listed = float(item.gpus) if item is not None and item.gpus is not None else 0.0
        kind = self.world.type_of(key)
        typed = float(kind.gpu) if kind is not None and kind.gpu is not None else 0.0
        return told if np.isfinite(told) else listed or typed

    def gpu(self, key: str) -> Gpus:
        """What did the GPUs of this resource do, all members together."""
        world, each = self.world, self.gpus_allotted(key)
        members = newest(world.members([key])[0])
        allotted = each * (members if np.isfinite(members) else 1.0)
        return Gpus(
            world.resource(key),
            allotted,
            world.used.of("gpu", [key])[0],
            world.paid(key),
            self._gpu_part(key),
            owner=world.owner(key),
            evidence=world.evidence(key),
        )

    def gpu_sizes(self, keys: Sequence[str]) -> dict[str, Size]:
        """How many GPUs does each of these need, all members together, by the id that a reader knows."""
        world, busy = self.world, self.world.used.of("gpu", keys)
        capacity = np.array([self.gpu(key).allocated for key in keys], dtype=np.float64)
        capacity = np.where(capacity > 0, capacity, np.nan)
        asked = Histories(tuple(keys), _clean(busy), world.used.step_seconds, capacity, "gpu")
        asked = asked.rows(np.asarray(np.isfinite(busy).any(axis=1)))
        found = needs(asked) if asked.names else {}
        return {world.resource(key): size for key, size in found.items()}

    def _gpu_part(self, key: str) -> Decimal:
        """Which share of the cost are the GPUs: all of a machine's, which comes as a whole."""
        pod = self.pod(key) if self.world.kind(key) == WORKLOAD else None
        prices = self.parts
        if pod is None or prices is None or not pod.price:
            return Decimal(1)
        return (prices.of(cores=0, memory_gib=0, gpus=pod.gpus) or Decimal(0)) / pod.price


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _peak(values: FloatArray) -> float | None:
    return float(np.nanmax(values)) if np.isfinite(values).any() else None


def _clean(use: FloatArray) -> FloatArray:
    """What lies below zero is not known."""
    return np.where(use >= 0, use, np.nan)
