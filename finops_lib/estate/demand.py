"""How much does a resource ask for, every five minutes: levels, days and weeks, bursts, jobs, leaks.

All is whole numbers drawn from a seed for each resource and day, so that any window of days cuts the same
series, on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from finops_lib.estate.calendar import DAY_SECONDS, Ints, Month, day_of
from finops_lib.estate.catalogue import OFFICE
from finops_lib.estate.company import Company
from finops_lib.estate.machines import IDLE, UNITS, VOLUME, Machine, TelemetryWorld
from finops_lib.estate.usage import without_events
from finops_lib.estate.workloads import BATCH, JVM, LEAK, SCALED
from finops_lib.records import Period

ONE = 10_000
STEP_SECONDS = 300
DAY_STEPS = DAY_SECONDS // STEP_SECONDS
_HOURS = (3100, 2800, 2600, 2600, 2900, 3600, 4800, 6400, 8100, 9300, 9800, 9900,
          9500, 9600, 10_000, 9900, 9500, 9000, 8500, 8200, 7700, 6600, 5200, 4000)  # fmt: skip
_WEEKDAYS = (9800, 10_000, 10_000, 9900, 10_000, 7200, 6300)  # Monday to Sunday
_QUIET = 400  # of a batch machine between its jobs
_JOB_STEPS = 18
_SUNDAY_STEPS = 48  # once a week the job takes four hours
_SUNDAY, _TUESDAY, _WORKDAYS = 6, 1, 5
_OFFICE_STEPS = (7 * 12, 19 * 12)
_LEAK_STEPS = (4 * DAY_STEPS, 9 * DAY_STEPS)
_LEAK_PEAK = 1040  # thousandths of the memory, when the kernel steps in
_DEPLOYED = 10 * 12  # ten o'clock
_GROWTH = 12  # ten-thousandths a day that a volume fills up
_MONDAY_1970 = 3  # weekday of day 0

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Demand:
    """What one resource asked for in each step of five minutes, and what befell it.

    ``starts`` are seconds since 1970; ``running`` says where it was switched on. ``amounts`` holds ``cpu``
    (thousandths of a core), ``store`` (MiB of memory, or of space), ``network`` and ``disk`` (KiB a
    second) and ``gpu`` (thousandths of one), each for all members together; ``replicas`` counts members.
    ``ooms`` and ``restarts`` count events.
    """

    starts: Ints
    running: Flags
    replicas: Ints
    amounts: Mapping[str, Ints]
    ooms: Ints
    restarts: Ints


def demand(who: Company, world: TelemetryWorld, machine: Machine, *, first: int, last: int) -> Demand:
    """How much does this resource ask for on these days, whether or not it gets it.

    Parameters
    ----------
    who : Company
        The company.
    world : TelemetryWorld
        How usage is drawn.
    machine : Machine
        The resource.
    first, last : int
        Days since 1970, the last one excluded.

    Returns
    -------
    Demand
        Not capped at the size of the resource.
    """
    days = np.arange(first, last)
    steps = np.arange(first * DAY_STEPS, last * DAY_STEPS, dtype=np.int64)
    key = [who.seed, world.seed, machine.number]
    draws = [_draws(machine, np.random.default_rng([*key, int(day)])) for day in days]
    factor, calm, shift = (np.concatenate(parts) for parts in zip(*draws, strict=True))
    shape = _shape(machine, steps, shift=int(np.random.default_rng(key).integers(0, 5 * 12)))
    replicas = _replicas(machine, steps, shape, key=key)
    cpu = _cpu(machine, shape, factor) * replicas
    store = _store(machine, steps, shape, calm, key=key) * replicas
    amounts = {"cpu": cpu, "store": store, **_traffic(machine, cpu, shift), "gpu": _gpu(machine, shape, calm)}
    over = store > machine.limit.store_mib * replicas
    ooms = (over & ~np.concatenate([[False], over[:-1]])).astype(np.int64)
    restarts = np.maximum(ooms, _deployed(machine, steps))
    return Demand(steps * STEP_SECONDS, _running(machine, steps), replicas, amounts, ooms, restarts)


def _weekday(steps: Ints) -> Ints:
    return (steps // DAY_STEPS + _MONDAY_1970) % 7


def _draws(machine: Machine, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Draw a day's factors around one: lively with bursts, calm, and a loose one for traffic."""
    fast = rng.integers(-ONE, ONE + 1, size=(3, DAY_STEPS))
    slow = np.repeat(rng.integers(-ONE, ONE + 1, size=24), 12)
    lively = ONE + (fast[0] + slow) * machine.noise // 2000
    places = rng.integers(0, DAY_STEPS, size=8)
    lengths = rng.integers(1, 7, size=8)
    for place, length in zip(places[: machine.bursts].tolist(), lengths.tolist(), strict=False):
        lively[place : place + length] = lively[place : place + length] * machine.burst_height // 1000
    return lively, ONE + fast[1] // 100, ONE + fast[2] // 4


def _shape(machine: Machine, steps: Ints, *, shift: int) -> Ints:
    inside, weekday = steps % DAY_STEPS, _weekday(steps)
    if machine.shape == BATCH:
        length = np.where(weekday == _SUNDAY, _SUNDAY_STEPS, _JOB_STEPS)
        return np.where((inside >= shift) & (inside < shift + length), ONE, _QUIET)
    if machine.planted == IDLE or machine.shape == SCALED:
        return np.full(len(steps), ONE, dtype=np.int64)
    hour, part = inside // 12, inside % 12
    table = np.array([*_HOURS, _HOURS[0]], dtype=np.int64)
    hours = table[hour] + (table[hour + 1] - table[hour]) * part // 12
    shape: Ints = hours * np.array(_WEEKDAYS, dtype=np.int64)[weekday] // ONE
    return shape


def _running(machine: Machine, steps: Ints) -> Flags:
    if machine.shape != OFFICE:
        return np.ones(len(steps), dtype=bool)
    inside = steps % DAY_STEPS
    first, last = _OFFICE_STEPS
    return (inside >= first) & (inside < last) & (_weekday(steps) < _WORKDAYS)


def _replicas(machine: Machine, steps: Ints, shape: Ints, *, key: list[int]) -> Ints:
    """Count members: as many as are billed, or as the autoscaler of a workload keeps."""
    if machine.slot is not None and machine.shape == SCALED:
        return _billed(machine, steps, key=key)
    if machine.most_replicas > machine.replicas:
        hours = np.array(_HOURS, dtype=np.int64)[steps % DAY_STEPS // 12]
        return machine.replicas + (machine.most_replicas - machine.replicas) * hours // ONE
    return np.full(len(shape), machine.replicas, dtype=np.int64)


def _billed(machine: Machine, steps: Ints, *, key: list[int]) -> Ints:
    """Follow the load that the bill follows, at the bill's volume, to whole members."""
    days, parts = np.unique(steps // DAY_STEPS), []
    for year, month in sorted({(day.year, day.month) for day in map(day_of, days.tolist())}):
        period = Period.month(date(year, month, 1).strftime("%Y-%m"))
        calendar = Month(period, period.end, 1)
        rng = np.random.default_rng([*key, calendar.ordinal, 2])
        hours = without_events([machine.slot], calendar, rng=rng)[0] if machine.slot else np.zeros(0)
        parts.append(hours[np.isin(calendar.days, days)])
    unit = ONE * UNITS.get(machine.slot.product.key if machine.slot else "", 1)
    members = np.maximum(1, (np.concatenate(parts) + unit // 2) // unit)
    return np.repeat(members, 12).astype(np.int64)


def _cpu(machine: Machine, shape: Ints, factor: Ints) -> Ints:
    asked: Ints = machine.size.cpu_milli * machine.cpu_level * shape // ONE * factor // ONE // 1000
    return np.maximum(0, asked)


def _store(machine: Machine, steps: Ints, shape: Ints, calm: Ints, *, key: list[int]) -> Ints:
    usual = machine.size.store_mib * machine.store_level
    if machine.kind == VOLUME:
        day = steps // DAY_STEPS - machine.first_day
        return np.full(len(steps), usual, dtype=np.int64) * (ONE + _GROWTH * day) // ONE // 1000
    if machine.shape == LEAK:
        low, high = _LEAK_STEPS
        period = int(np.random.default_rng([*key, 3]).integers(low, high))
        rise = (machine.limit.store_mib * _LEAK_PEAK - usual) * (steps % period) // period
        return (usual + rise) // 1000
    least = ONE if machine.shape == JVM else 4000 if machine.shape == BATCH else 7500
    form = least + (ONE - least) * shape // ONE
    wander = ONE + (calm - ONE) // (8 if machine.shape == JVM else 1)
    store: Ints = usual * form // ONE * wander // ONE // 1000
    return store


def _traffic(machine: Machine, cpu: Ints, loose: Ints) -> dict[str, Ints]:
    """Let network and disk follow the work; a volume that nobody attached has none."""
    if machine.kind == VOLUME:
        work = np.zeros_like(loose) if machine.planted == IDLE else loose * machine.cpu_level // ONE
        return {"network": np.zeros_like(loose), "disk": work * 4}
    return {"network": cpu * loose // ONE * 3 // 2, "disk": cpu * loose // ONE // 3}


def _gpu(machine: Machine, shape: Ints, calm: Ints) -> Ints:
    busy = np.where(shape == ONE, 880 * calm // ONE, 0)
    return (machine.gpus * busy).astype(np.int64)


def _deployed(machine: Machine, steps: Ints) -> Ints:
    """Restart what serves people on Tuesdays, with the release."""
    served = machine.shape == SCALED or (machine.shape == JVM and machine.planted != IDLE)
    hit = (steps % DAY_STEPS == _DEPLOYED) & (_weekday(steps) == _TUESDAY)
    restarts: Ints = (hit & served).astype(np.int64)
    return restarts
