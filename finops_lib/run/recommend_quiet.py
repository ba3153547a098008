"""What idle resources, volumes, functions, machines of one's own and schedules are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from finops_lib.backtest import origins
from finops_lib.optimize.idle import QUIET, QUIET_CONNECTIONS, QUIET_VOLUME, Activity, Candidate, Trust, trust
from finops_lib.optimize.rightsize.hosts import Host
from finops_lib.optimize.rightsize.needs import horizon_of
from finops_lib.optimize.rightsize.serverless import Function, Measured
from finops_lib.optimize.rightsize.volumes import Volume, daily_most
from finops_lib.optimize.schedule import Runs
from finops_lib.optimize.windows import FloatArray
from finops_lib.run.recommend_bill import MACHINE, VOLUME, WORKLOAD
from finops_lib.run.recommend_parts import Questions
from finops_lib.run.recommend_world import GIB, World, newest

_HOUR = 3600
_MIB = 1024.0**2
_MOST_ORIGINS = 5
_BUSY_VOLUME = 10_000.0  # bytes a second: some speed is used


@dataclass(frozen=True)
class Quiet:
    """The questions about what may be off, smaller or elsewhere, over the same world as `Questions`."""

    asked: Questions

    @property
    def world(self) -> World:
        """All that is known."""
        return self.asked.world

    @cached_property
    def keys(self) -> list[str]:
        """Resources that may be idle and have samples."""
        world = self.world
        return [
            key for key in world.keys if world.kind(key) in {MACHINE, VOLUME, WORKLOAD} and world.watched(key)
        ]

    @cached_property
    def activity(self) -> Activity:
        """How loud was each signal of each of them, over what counts as quiet."""
        world, keys = self.world, self.keys
        volume = np.array([world.kind(key) == VOLUME for key in keys], dtype=bool)[:, None]
        cpu = _above_zero(self._cpu_size())[:, None]
        gpus = _above_zero(np.array([self.asked.gpus_allotted(key) for key in keys]))[:, None]
        disk = world.each("disk", keys)
        levels = {
            "cpu": world.each("cpu", keys) / (QUIET["cpu"] * cpu),
            "network": world.each("network", keys) / (QUIET["network"] * cpu),
            "disk": np.where(
                volume, world.used.of("disk", keys) / QUIET_VOLUME, disk / (QUIET["disk"] * cpu)
            ),
            "gpu": world.used.of("gpu", keys) / (QUIET["gpu"] * gpus),
            "connections": world.used.of("connections", keys) / QUIET_CONNECTIONS,
        }
        known = {kind: level for kind, level in levels.items() if np.isfinite(level).any()}
        return Activity(tuple(keys), known, self.asked.steps_a_day)

    def _cpu_size(self) -> FloatArray:
        """Take what a pod requests, or a machine has."""
        world = self.world
        requests = np.array([world.request("cpu", key) for key in self.keys], dtype=np.float64)
        pods = np.array([world.kind(key) == WORKLOAD for key in self.keys], dtype=bool)
        return np.where(pods, requests, world.capacity("cpu", self.keys))

    @cached_property
    def trust(self) -> Trust:
        """How often was what had been quiet used soon after."""
        steps, day = self.activity.steps, self.asked.steps_a_day
        horizon = horizon_of(steps, day)
        cuts = origins(
            length=steps,
            horizon=horizon,
            stride=max(horizon // 2, 1),
            count=_MOST_ORIGINS,
            history=max(steps // 3, 1),
        )
        return trust(self.activity, cuts=cuts, horizon=horizon)

    def candidates(self) -> list[Candidate]:
        """What else is known of those that may be idle."""
        return [self._candidate(key) for key in self.keys]

    def _candidate(self, key: str) -> Candidate:
        world, item = self.world, self.world.items.get(key)
        changed = None if item is None or item.changed is None else _days(item.changed, world.used.period.end)
        return Candidate(
            key,
            world.kind(key),
            world.paid(key),
            None if item is None else item.attached,
            changed,
            world.owner(key),
            world.evidence(key),
        )

    def runs(self, keys: Sequence[str]) -> list[Runs]:
        """In which hours was each of these used, by its loudest signal."""
        world, row = self.world, {name: place for place, name in enumerate(self.activity.names)}
        loudest = self._hourly()
        return [
            Runs(key, loudest[row[key]], world.paid(key), world.owner(key), world.evidence(key))
            for key in keys
            if key in row
        ]

    def _hourly(self) -> FloatArray:
        levels = list(self.activity.levels.values())
        if not levels:
            return np.empty((len(self.keys), 0))
        step = max(_HOUR // self.world.used.step_seconds, 1)
        loudest = np.fmax.reduce(levels)
        whole = loudest[:, loudest.shape[1] % step :]
        return np.asarray(np.fmax.reduce(whole.reshape(len(whole), -1, step), axis=2))

    def volume(self, key: str) -> Volume:
        """What is this volume, and what did it hold."""
        world, item = self.world, self.world.items.get(key)
        told = world.billed.get(key)
        size = float(item.space_gib) * GIB if item is not None and item.space_gib else None
        disk = world.used.of("disk", [key])[0]
        busy = not np.isfinite(disk).any() or float(np.nanmax(disk)) > _BUSY_VOLUME
        held = daily_most(world.used.of("space", [key]), steps_a_day=self.asked.steps_a_day)[0]
        return Volume(
            world.resource(key),
            size,
            told.meter if told else "",
            world.paid(key),
            held,
            busy,
            world.owner(key),
            world.evidence(key),
        )

    def host(self, key: str) -> Host:
        """What is this machine of one's own, and what does it carry."""
        world, item = self.world, self.world.items.get(key)
        sizes = {kind: float(world.capacity(kind, [key])[0]) for kind in ("cpu", "memory")}
        load = {kind: world.each(kind, [key])[0] for kind in sizes}
        known = {kind: size for kind, size in sizes.items() if kind == "cpu" or np.isfinite(load[kind]).any()}
        site = (item.site if item else "") or world.place(key)[1]
        return Host(world.resource(key), site, known, load, world.paid(key), world.evidence(key))

    def function(self, key: str) -> Function:
        """What is this function, and how long did it take at which memory."""
        world = self.world
        metrics = ("total_memory", "used_memory_max", "duration", "invocations")
        memory, most, seconds, runs = (world.used.of(metric, [key])[0] for metric in metrics)
        memory, most = memory / _MIB, most / _MIB
        return Function(
            world.resource(key),
            newest(memory),
            float(np.nanmax(most)) if np.isfinite(most).any() else None,
            _by_size(memory, seconds, runs),
            world.paid(key),
            owner=world.owner(key),
            evidence=world.evidence(key),
        )


def _by_size(memory: FloatArray, seconds: FloatArray, runs: FloatArray) -> tuple[Measured, ...]:
    """Average durations by memory, weighted by runs; a step without a count of runs counts as one."""
    weight = np.where(np.isfinite(runs), runs, 1.0)
    known = np.isfinite(memory) & np.isfinite(seconds) & (weight > 0)
    found = []
    for size in np.unique(memory[known]):
        at = known & (memory == size)
        mean = float((seconds[at] * weight[at]).sum() / weight[at].sum())
        found.append(Measured(float(size), mean, float(weight[at].sum())))
    return tuple(found)


def _above_zero(values: FloatArray) -> FloatArray:
    return np.where(values > 0, values, np.nan)


def _days(moment: datetime, end: datetime) -> float:
    return (end - moment).total_seconds() / 86_400
