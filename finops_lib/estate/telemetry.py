"""Write what the company's resources used: one long Parquet table, an inventory, prices, and the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from finops_lib.estate.calendar import DAY_SECONDS, UNTIL, Ints
from finops_lib.estate.company import Company
from finops_lib.estate.demand import DAY_STEPS, Demand, Flags, demand
from finops_lib.estate.machines import IDLE, VOLUME, WORKLOAD, Machine, TelemetryWorld, machines
from finops_lib.estate.need import need
from finops_lib.estate.pricelist import pricelist
from finops_lib.records import plain

DAYS, STEP_MINUTES = 28, 15
STEPS = (5, 10, 15, 30, 60)
SERIES_FILE, INVENTORY_FILE, PRICES_FILE = "usage.parquet", "inventory.csv", "prices.csv"
SCHEMA = pa.schema([
    ("resource", pa.dictionary(pa.int32(), pa.string())), ("metric", pa.dictionary(pa.int32(), pa.string())),
    ("time", pa.timestamp("ms", tz="UTC")), ("value", pa.float64()),
    ("unit", pa.dictionary(pa.int32(), pa.string())),
])  # fmt: skip
UNITS: Mapping[str, str] = MappingProxyType({
    "cpu": "cores", "memory": "GiB", "space": "GiB", "network": "MiB/s", "disk": "MiB/s", "gpu": "GPUs",
    "replicas": "count", "oom_kills": "count", "restarts": "count",
})  # fmt: skip
"""Metric to its unit. Events are counted in the step they fall in and have no row where there was none."""
_EVENTS = ("oom_kills", "restarts")
_HOLDOUT = "after"
Truths = Mapping[str, Mapping[str, Any]]


def write_telemetry(
    folder: Path, who: Company, *, world: TelemetryWorld | None = None, start: date | None = None,
    days: int = DAYS, step_minutes: int = STEP_MINUTES,
) -> dict[str, Any]:  # fmt: skip
    """Write usage, inventory and price file for a window of days, and say what is true of them.

    The table is long: resource (the bill's ResourceId), metric, time (start of the step, UTC), value, unit,
    sorted by the first three. A step holds the mean of its five-minute samples, of memory and space the
    highest. What a resource asks for beyond its size does not show; lost samples have no row.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    who : Company
        The company whose bill it is.
    world : TelemetryWorld, optional
        How usage is drawn.
    start : date, optional
        First day; by default the window ends with the bills.
    days : int
        Length of the window.
    step_minutes : int
        5, 10, 15, 30 or 60.

    Returns
    -------
    dict
        The truth, for JSON: the window, each resource's real need in it and on as many days after it, idle
        resources, waste in US dollars a month (as text), rows.

    Raises
    ------
    ValueError
        The step is none of these, or the window has no day or ends after the bills.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from finops_lib.estate.company import company
    >>> with TemporaryDirectory() as place:
    ...     truth = write_telemetry(Path(place), company(7, slots=1), days=2)
    >>> truth["start"], truth["end"]
    ('2026-09-16', '2026-09-18')
    """
    if step_minutes not in STEPS:
        raise ValueError(f"steps of {step_minutes} minutes: known are {', '.join(map(str, STEPS))}")
    world = world or TelemetryWorld()
    start = start or UNTIL.date() - timedelta(days=days)
    found = machines(who, world, start=start, days=days)
    tables, truths = [], {}
    for machine in sorted(found, key=lambda item: item.resource):
        asked = demand(who, world, machine, first=machine.first_day, last=machine.last_day)
        truths[machine.resource] = _truth(who, world, machine, asked)
        if machine.monitored:
            tables.append(_table(machine, asked, _kept(who, world, machine), width=step_minutes // 5))
    rows = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    folder.mkdir(parents=True, exist_ok=True)
    _save(rows, folder / SERIES_FILE)
    (folder / INVENTORY_FILE).write_text(inventory(found), encoding="utf-8", newline="")
    (folder / PRICES_FILE).write_text(pricelist(who), encoding="utf-8", newline="")
    window = {"start": str(start), "end": str(start + timedelta(days=days)), "step_minutes": step_minutes}
    return {**window, "rows": rows.num_rows, **_summary(truths, days), "resources": truths}


def inventory(found: tuple[Machine, ...]) -> str:
    """Which resources are there, and how large: what anybody may know of them, as CSV.

    Parameters
    ----------
    found : tuple of Machine
        The resources.

    Returns
    -------
    str
        With a header. ``usd_hour`` is one member's price.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(
        "resource kind name team environment region size vcpu memory_gib space_gib gpus usd_hour".split()
    )
    for machine in sorted(found, key=lambda item: item.resource):
        gib = plain(Decimal(machine.size.store_mib) / 1024)
        memory, space = ("", gib) if machine.kind == VOLUME else (gib, "")
        lines.writerow([
            machine.resource, machine.kind, machine.name, machine.team, machine.environment, machine.region,
            machine.size.name, plain(Decimal(machine.size.cpu_milli) / 1000), memory, space, machine.gpus,
            plain(Decimal(machine.hour_micro).scaleb(-6)),
        ])  # fmt: skip
    return text.getvalue()


def _truth(who: Company, world: TelemetryWorld, machine: Machine, asked: Demand) -> dict[str, Any]:
    """Judge the window, and the same number of days after it, which nobody has seen."""
    length = machine.last_day - machine.first_day
    later = demand(who, world, machine, first=machine.last_day, last=machine.last_day + length)
    after = need(world, machine, later)
    kept = ("cpu_p99_cores", "memory_p99_gib", "space_p99_gib", "smallest", "sizes")
    return need(world, machine, asked) | {_HOLDOUT: {name: after[name] for name in kept if name in after}}


def _summary(truths: Truths, days: int) -> dict[str, Any]:
    """Add up, each resource by its share of the days: a renewed one is there for a part of them."""
    return {
        "usd_month": _mean(truths, "usd_month", days),
        "waste_usd_month": _mean(truths, "waste_usd_month", days),
        "idle": sorted(name for name, item in truths.items() if item["planted"] == IDLE),
        "unmonitored": sorted(name for name, item in truths.items() if not item["monitored"]),
    }  # fmt: skip


def _mean(truths: Truths, name: str, days: int) -> str:
    total = sum((Decimal(item[name]) * item["days"] for item in truths.values()), Decimal(0))
    return plain((total / days).quantize(Decimal("0.01")))


def _kept(who: Company, world: TelemetryWorld, machine: Machine) -> Flags:
    """Lose samples: some days for hours, and now and then one."""
    days = machine.last_day - machine.first_day
    rng = np.random.default_rng([who.seed, world.seed, machine.number, machine.first_day, 4])
    kept: Flags = rng.integers(0, 1000, size=days * DAY_STEPS) >= world.lost
    out = rng.integers(0, 1000, size=days) < world.gap
    starts, lengths = rng.integers(0, DAY_STEPS, size=days), rng.integers(12, 145, size=days)
    for day in np.flatnonzero(out).tolist():
        begin = day * DAY_STEPS + int(starts[day])
        kept[begin : begin + int(lengths[day])] = False
    return kept


def _table(machine: Machine, asked: Demand, kept: Flags, *, width: int) -> pa.Table:
    """Rows of one resource: steps without a sample left out, each metric in its unit."""
    seen = (kept & asked.running).reshape(-1, width)
    full, times = seen.any(axis=1), asked.starts[::width]
    parts = []
    for metric, values, scale in sorted(_metrics(machine, asked), key=lambda item: item[0]):
        steps = _stepped(values.reshape(-1, width), seen, metric)
        rows = full & (steps > 0) if metric in _EVENTS else full
        parts.append(_rows(machine.resource, metric, times[rows], np.round(steps[rows] / scale, 3)))
    return pa.concat_tables(parts)


def _metrics(machine: Machine, asked: Demand) -> Iterator[tuple[str, Ints, int]]:
    """Name each series that monitoring sees, cut at the size, with the divisor to its unit."""
    store = np.minimum(asked.amounts["store"], machine.limit.store_mib * asked.replicas)
    if machine.kind == VOLUME:
        yield "space", store, 1024
    else:
        yield "cpu", np.minimum(asked.amounts["cpu"], machine.limit.cpu_milli * asked.replicas), 1000
        yield "memory", store, 1024
    if machine.kind != WORKLOAD:
        yield "disk", asked.amounts["disk"], 1024
    if machine.kind not in (VOLUME, WORKLOAD):
        yield "network", asked.amounts["network"], 1024
    if machine.gpus:
        yield "gpu", asked.amounts["gpu"], 1000
    if machine.replicas > 1 or machine.shape == "scaled":
        yield "replicas", asked.replicas, 1
    yield "oom_kills", asked.ooms, 1
    yield "restarts", asked.restarts, 1


def _stepped(values: Ints, seen: Flags, metric: str) -> Any:
    """One value a step from the samples that were not lost; 0 where all were."""
    if metric in _EVENTS:
        return (values * seen).sum(axis=1)
    if metric in ("memory", "space"):
        return (values * seen).max(axis=1)
    return (values * seen).sum(axis=1) / np.maximum(1, seen.sum(axis=1))


def _rows(resource: str, metric: str, times: Ints, values: Any) -> pa.Table:
    count = len(times)
    texts = [
        pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text]))
        for text in (resource, metric, UNITS[metric])
    ]
    stamps = pa.array(times * 1000).cast(pa.timestamp("ms", tz="UTC"))
    return pa.table([texts[0], texts[1], stamps, pa.array(values), texts[2]], schema=SCHEMA)


def _save(rows: pa.Table, path: Path) -> None:
    pq.write_table(
        rows, path, compression="zstd", compression_level=19,
        use_dictionary=["resource", "metric", "unit", "value"],
        column_encoding={"time": "DELTA_BINARY_PACKED"}, write_statistics=["time"],
        row_group_size=len(STEPS) * DAY_SECONDS,
    )  # fmt: skip
