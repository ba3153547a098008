"""Which resources of the bill have usage series, how large are they, and what is planted in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np

from finops_lib.estate.calendar import UNTIL, day_number, day_of
from finops_lib.estate.catalogue import OFFICE, price_micro
from finops_lib.estate.company import Company, Slot
from finops_lib.estate.workloads import (
    BATCH,
    JVM,
    LEAK,
    SCALED,
    WEB,
    WORKLOADS,
    Workload,
    cluster,
    cluster_account,
    resource_id,
)

IDLE, OVERSIZED, FITTING, HOT = "idle", "oversized", "fitting", "hot"
MONTH_HOURS = 730
OFFICE_HOURS = MONTH_HOURS * 12 * 5 // (24 * 7)
VOLUME, WORKLOAD, STORE = "volume", "workload", "store"
Range = tuple[int, int]


@dataclass(frozen=True)
class TelemetryWorld:
    """How the usage of the company is drawn; shares and levels are thousandths, ranges include both ends.

    ``idle``, ``oversized``, ``hot`` and ``leak`` are shares of the machines, the rest fits; ``jvm`` and
    ``batch`` are shares of those that run all day; ``unmonitored`` ones have no sample at all. Levels
    ``*_cpu`` and ``*_memory`` are the usual peak against the size bought, ``noise`` the spread around it,
    ``bursts`` how many a day and ``burst_height`` their factor. ``gap`` is the chance of an outage of the
    monitoring in a day, ``lost`` that of one lost sample. ``tolerated`` is the share of five-minute
    samples that may exceed a size that still holds.
    """

    seed: int = 1
    most_resources: int = 100
    idle: int = 110
    oversized: int = 420
    hot: int = 90
    leak: int = 30
    jvm: int = 200
    batch: int = 130
    unmonitored: int = 60
    idle_cpu: Range = (3, 15)
    oversized_cpu: Range = (40, 180)
    fitting_cpu: Range = (430, 680)
    hot_cpu: Range = (900, 1200)
    idle_memory: Range = (60, 220)
    oversized_memory: Range = (120, 320)
    fitting_memory: Range = (520, 840)
    hot_memory: Range = (900, 1005)
    noise: Range = (40, 220)
    bursts: Range = (0, 4)
    burst_height: Range = (1200, 1900)
    gap: int = 40
    lost: int = 2
    tolerated: int = 10


@dataclass(frozen=True)
class Size:
    """One size of a ladder: thousandths of a core, MiB of memory (of space, for a volume), relative price.

    ``price`` is thousandths of what the size bought costs.
    """

    name: str
    cpu_milli: int
    store_mib: int
    price: int


@dataclass(frozen=True)
class Machine:
    """A resource with series: what it is, what it costs, and how its load is made.

    ``first_day`` and ``last_day`` (excluded) bound its life inside the window, days since 1970.
    ``limit`` is where the kernel steps in: the size bought, or the limits of a workload.
    ``hour_micro`` is micro-dollars for an hour of one member, ``hours_month`` how long it is on.
    """

    resource: str
    number: int
    kind: str
    name: str
    team: str
    environment: str
    region: str
    slot: Slot | None
    size: Size
    limit: Size
    sizes: tuple[Size, ...]
    shape: str
    planted: str
    cpu_level: int
    store_level: int
    noise: int
    bursts: int
    burst_height: int
    hour_micro: int
    hours_month: int
    first_day: int
    last_day: int
    replicas: int = 1
    most_replicas: int = 1
    gpus: int = 0
    monitored: bool = True


def _ladder(*rows: tuple[str, int, int, int]) -> tuple[Size, ...]:
    return tuple(Size(name, cores * 1000, gib * 1024, price) for name, cores, gib, price in rows)


LADDERS: Mapping[str, tuple[Size, ...]] = MappingProxyType({
    "m6i.xlarge": _ladder(("m6i.large", 2, 8, 500), ("m6i.xlarge", 4, 16, 1000),
                          ("m6i.2xlarge", 8, 32, 2000)),
    "r6i.4xlarge": _ladder(("r6i.large", 2, 16, 125), ("r6i.xlarge", 4, 32, 250), ("r6i.2xlarge", 8, 64, 500),
                           ("r6i.4xlarge", 16, 128, 1000), ("r6i.8xlarge", 32, 256, 2000)),
    "c6i.2xlarge": _ladder(("c6i.large", 2, 4, 250), ("c6i.xlarge", 4, 8, 500), ("c6i.2xlarge", 8, 16, 1000),
                           ("c6i.4xlarge", 16, 32, 2000)),
    "t3.large": _ladder(("t3.small", 2, 2, 250), ("t3.medium", 2, 4, 500), ("t3.large", 2, 8, 1000),
                        ("t3.xlarge", 4, 16, 2000)),
    "r6g.large": _ladder(("db.r6g.large", 2, 16, 1000), ("db.r6g.xlarge", 4, 32, 2000)),
    "m6g.2xlarge": _ladder(("db.m6g.large", 2, 8, 250), ("db.m6g.xlarge", 4, 16, 500),
                           ("db.m6g.2xlarge", 8, 32, 1000), ("db.m6g.4xlarge", 16, 64, 2000)),
    "cache": _ladder(("cache.r6g.large", 2, 13, 1000), ("cache.r6g.xlarge", 4, 26, 2000)),
    "fargate": _ladder(("1 vCPU 2 GiB", 1, 2, 250), ("2 vCPU 4 GiB", 2, 4, 500),
                       ("4 vCPU 8 GiB", 4, 8, 1000)),
})  # fmt: skip
"""By product: the sizes that the company could buy instead, small to large; the one at 1000 is bought."""
UNITS: Mapping[str, int] = MappingProxyType({"fargate": 4})
"""How many billed units one member is, where it is not one: a task has four vCPU."""
_KINDS = {"AmazonEC2": "instance", "AmazonRDS": "database", "AmazonElastiCache": "cache", "AmazonECS": "task"}
_BOUGHT = 1000
_QUARTERS = (250, 500, _BOUGHT)


def machines(who: Company, world: TelemetryWorld, *, start: date, days: int) -> tuple[Machine, ...]:
    """Which resources have usage series in this window.

    Parameters
    ----------
    who : Company
        The company.
    world : TelemetryWorld
        How usage is drawn.
    start : date
        First day of the window.
    days : int
        Its length, at least 1.

    Returns
    -------
    tuple of Machine
        Workloads of the cluster, then machines in the bill's order, then volumes, at most
        ``world.most_resources``. A renewed resource of two months comes as two.

    Raises
    ------
    ValueError
        The window has no day or ends after the bills do.
    """
    first = day_number(start)
    if days < 1 or first + days > day_number(UNTIL.date()):
        rule = f"at least one day, none after the bills end on {UNTIL.date()}"
        raise ValueError(f"{days} days from {start}: {rule}")
    window = (first, first + days)
    found = [_workload(who, world, item, window=window) for item in WORKLOADS]
    slots = sorted(who.slots, key=lambda slot: slot.product.key == "ebs")
    for slot in slots:
        if slot.product.key in LADDERS or slot.product.key == "ebs":
            found += [_machine(who, world, slot, life=life) for life in _lives(slot, window)]
    return tuple(found[: world.most_resources])


def _lives(slot: Slot, window: Range) -> Iterator[Range]:
    """Cut the days a place is filled at the months' ends, where its id changes there."""
    first, last = max(window[0], slot.first_day), min(window[1], slot.last_day)
    while first < last:
        month = day_of(first).replace(day=1)
        after = day_number(date(month.year + month.month // 12, month.month % 12 + 1, 1))
        end = min(last, after) if slot.product.renewed else last
        yield first, end
        first = end


def _machine(who: Company, world: TelemetryWorld, slot: Slot, *, life: Range) -> Machine:
    rng = np.random.default_rng([who.seed, world.seed, slot.number, 1])
    rolls = [int(roll) for roll in rng.integers(0, 1000, size=4)]
    day = day_of(life[0])
    sizes, hour = bought(slot)
    size = next(size for size in sizes if size.price == _BOUGHT)
    planted = _planted(world, rolls[0], volume=slot.product.key == "ebs")
    planted = FITTING if planted == LEAK and slot.product.renewed else planted
    shape = LEAK if planted == LEAK else _shape(world, slot, rolls[1])
    return Machine(
        resource=slot.resource_id(who.seed, day.year * 12 + day.month - 1),
        number=slot.number,
        kind=VOLUME if slot.product.key == "ebs" else _KINDS[slot.product.service.code],
        name=f"{slot.tags.get('application', 'unnamed')}-{slot.number:03d}",
        team=slot.account.team, environment=slot.account.environment, region=slot.region.id,
        slot=slot, size=size, limit=size, sizes=sizes,
        shape=shape, planted=planted, **_levels(world, planted, rng, jvm=shape == JVM),
        hour_micro=hour, hours_month=OFFICE_HOURS if slot.product.shape == OFFICE else MONTH_HOURS,
        first_day=life[0], last_day=life[1], monitored=rolls[2] >= world.unmonitored,
    )  # fmt: skip


def bought(slot: Slot) -> tuple[tuple[Size, ...], int]:
    """Which sizes could this machine or volume have, and what does an hour of the one bought cost.

    Parameters
    ----------
    slot : Slot
        Its product has a ladder, or is a volume.

    Returns
    -------
    tuple
        Sizes, small to large, and micro-dollars an hour of one member.
    """
    listed = price_micro(slot.product, slot.region)
    if slot.product.key != "ebs":
        return LADDERS[slot.product.key], listed * UNITS.get(slot.product.key, 1)
    gib = slot.product.volume * slot.percent * MONTH_HOURS // 1_000_000
    sizes = tuple(Size(f"{gib * part // 1000} GiB", 0, gib * 1024 * part // 1000, part) for part in _QUARTERS)
    return sizes, listed * gib // MONTH_HOURS


def _planted(world: TelemetryWorld, roll: int, *, volume: bool) -> str:
    bounds = np.cumsum([world.idle, world.oversized, 0 if volume else world.hot, 0 if volume else world.leak])
    names = (IDLE, OVERSIZED, HOT, LEAK, FITTING)
    return names[int(np.searchsorted(bounds, roll, side="right"))]


def _shape(world: TelemetryWorld, slot: Slot, roll: int) -> str:
    if slot.product.key == "ebs":
        return STORE
    if slot.product.renewed:
        return SCALED
    if slot.product.shape == OFFICE:
        return OFFICE
    return JVM if roll < world.jvm else BATCH if roll < world.jvm + world.batch else WEB


def _levels(world: TelemetryWorld, planted: str, rng: np.random.Generator, *, jvm: bool) -> dict[str, int]:
    kind = FITTING if planted == LEAK else planted
    cpu, memory = getattr(world, f"{kind}_cpu"), getattr(world, f"{kind}_memory")
    # A heap is as large as somebody set it, whatever the machine does.
    ranges = (cpu, world.fitting_memory if jvm else memory, world.noise, world.bursts, world.burst_height)
    names = ("cpu_level", "store_level", "noise", "bursts", "burst_height")
    drawn = [int(rng.integers(low, high + 1)) for low, high in ranges]
    return dict(zip(names, drawn, strict=True))


def _workload(who: Company, world: TelemetryWorld, item: Workload, *, window: Range) -> Machine:
    sizes = tuple(
        Size(f"{item.cpu_milli * part // 1000}m {item.memory_mib * part // 1000}Mi",
             item.cpu_milli * part // 1000, item.memory_mib * part // 1000, part)
        for part in (125, *_QUARTERS, 2000)
    )  # fmt: skip
    return Machine(
        resource=resource_id(who, item), number=10_000_000 + WORKLOADS.index(item), kind=WORKLOAD,
        name=item.name, team=item.team, environment=cluster_account().environment,
        region=cluster(who).region.id, slot=None, size=sizes[3],
        limit=Size("limits", item.cpu_limit_milli, item.memory_limit_mib, 0), sizes=sizes, shape=item.shape,
        planted=item.planted, cpu_level=item.cpu_level, store_level=item.memory_level,
        noise=sum(world.noise) // 2, bursts=world.bursts[0], burst_height=world.burst_height[0],
        hour_micro=item.hour_micro, hours_month=MONTH_HOURS, first_day=window[0], last_day=window[1],
        replicas=item.replicas, most_replicas=item.most_replicas, gpus=item.gpus,
    )  # fmt: skip
