"""What does a resource really need: percentiles of its demand, which sizes hold, what is paid for nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from finops_lib.estate.calendar import Ints
from finops_lib.estate.demand import Demand, Flags
from finops_lib.estate.machines import IDLE, VOLUME, Machine, Size, TelemetryWorld
from finops_lib.estate.workloads import JVM, LEAK
from finops_lib.records import plain

_LIVE_PERCENT = 35  # of a heap, what survives a collection
_BOUGHT = 1000


def need(world: TelemetryWorld, machine: Machine, asked: Demand) -> dict[str, Any]:
    """What is true of this resource.

    Parameters
    ----------
    world : TelemetryWorld
        Says how often a size may be exceeded and still hold.
    machine : Machine
        The resource.
    asked : Demand
        Its demand over the days judged.

    Returns
    -------
    dict
        For JSON. ``cpu_p99_cores`` and ``memory_p99_gib`` are percentiles over five-minute steps of one
        member's demand, the smallest value that 99 % do not exceed; ``sizes`` says of each size how often
        it would be exceeded; ``smallest`` is the cheapest that holds, None where none does;
        ``waste_usd_month`` is what could be saved without a breach, as text.
    """
    cpu, store = per_member(asked)
    sizes = [_size(world, machine, asked, size) for size in machine.sizes]
    # A larger size only puts off the end of a leak.
    holding = [] if machine.shape == LEAK else [size for size in sizes if size["holds"]]
    unit = "space" if machine.kind == VOLUME else "memory"
    found = {
        "name": machine.name, "kind": machine.kind, "size": machine.size.name, "shape": machine.shape,
        "planted": machine.planted, "idle": machine.planted == IDLE, "leaks": machine.shape == LEAK,
        "monitored": machine.monitored, "days": machine.last_day - machine.first_day,
        "team": machine.team, "environment": machine.environment,
        "cpu_p99_cores": percentile(cpu, 99) / 1000, "cpu_max_cores": int(cpu.max(initial=0)) / 1000,
        f"{unit}_p99_gib": percentile(store, 99) / 1024, f"{unit}_max_gib": int(store.max(initial=0)) / 1024,
        "ooms": int(asked.ooms.sum()), "sizes": sizes, "smallest": holding[0]["size"] if holding else None,
        "usd_month": month_cost(machine, asked, _BOUGHT),
        "waste_usd_month": _waste(machine, asked, holding),
    }  # fmt: skip
    if machine.gpus:
        found["gpu_p99"] = percentile(asked.amounts["gpu"], 99) / 1000
    if machine.shape == JVM:
        found["live_gib"] = percentile(store, 99) * _LIVE_PERCENT / 100 / 1024
    return found


def per_member(asked: Demand) -> tuple[Ints, Ints]:
    """How much does one member ask for while it runs: thousandths of a core, and MiB.

    Parameters
    ----------
    asked : Demand
        Of all members together.

    Returns
    -------
    tuple of array
        Rounded up.
    """
    on: Flags = asked.running
    cpu, store = (-(-asked.amounts[name][on] // asked.replicas[on]) for name in ("cpu", "store"))
    return cpu, store


def percentile(values: Ints, percent: int) -> int:
    """Which value do ``percent`` of the values not exceed: the nearest rank, no interpolation.

    Parameters
    ----------
    values : array of int
        Any order; 0 if there is none.
    percent : int
        1 to 100.

    Returns
    -------
    int

    Examples
    --------
    >>> percentile(np.arange(1, 201), 99), percentile(np.array([7]), 99)
    (198, 7)
    """
    if not len(values):
        return 0
    rank = -(-len(values) * percent // 100)
    return int(np.sort(values)[rank - 1])


def month_cost(machine: Machine, asked: Demand, price: int) -> str:
    """What does the resource cost in a month of 730 hours at a size of this relative price.

    Parameters
    ----------
    machine : Machine
        With the price of one member's hour.
    asked : Demand
        Says how many members run at a time.
    price : int
        Thousandths of the price of the size bought.

    Returns
    -------
    str
        US dollars, two decimals at most.
    """
    members = asked.replicas[asked.running]
    micro = Decimal(machine.hour_micro) * machine.hours_month * int(members.sum()) / max(1, len(members))
    return plain((micro * price / 1000 / 1_000_000).quantize(Decimal("0.01")))


def _size(world: TelemetryWorld, machine: Machine, asked: Demand, size: Size) -> dict[str, Any]:
    cpu, store = per_member(asked)
    short = store > size.store_mib
    over = short if machine.kind == VOLUME else short | (cpu > size.cpu_milli)
    breaches, steps = int(over.sum()), max(1, len(over))
    return {
        "size": size.name, "usd_month": month_cost(machine, asked, size.price),
        "breach_share": round(breaches / steps, 6),
        "holds": breaches * 1000 <= world.tolerated * steps and not short.any(),
    }  # fmt: skip


def _waste(machine: Machine, asked: Demand, holding: list[dict[str, Any]]) -> str:
    now = Decimal(month_cost(machine, asked, _BOUGHT))
    if machine.planted == IDLE:
        return plain(now)
    if not holding:
        return "0"
    return plain(max(Decimal(0), now - Decimal(holding[0]["usd_month"])))
