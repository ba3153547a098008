from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from finops_lib.estate.company import company
from finops_lib.estate.demand import DAY_STEPS, Demand, demand
from finops_lib.estate.machines import Machine, TelemetryWorld, machines

WHO = company(11, slots=200)
WORLD = TelemetryWorld(most_resources=200)
MACHINES = machines(WHO, WORLD, start=date(2026, 7, 6), days=14)  # from a Monday on


def of(shape: str, planted: str = "") -> tuple[Machine, Demand]:
    found = next(item for item in MACHINES if item.shape == shape and planted in ("", item.planted))
    return found, demand(WHO, WORLD, found, first=found.first_day, last=found.last_day)


def test_a_batch_machine_works_in_its_job_only() -> None:
    """An hour and a half a day, four hours on Sunday, of which the rest is at most a tenth."""
    machine, asked = of("batch")
    cpu = asked.amounts["cpu"]
    busy = (cpu > machine.size.cpu_milli * machine.cpu_level // 1000 // 4).reshape(-1, DAY_STEPS).sum(axis=1)
    assert busy.tolist() == pytest.approx([18] * 6 + [48] + [18] * 6 + [48], abs=2)


def test_people_work_by_day_and_in_the_week() -> None:
    """At eleven more than twice as much as at three; Sunday's peak is lower."""
    cpu = of("web", "fitting")[1].amounts["cpu"].reshape(14, 24, 12).mean(axis=2)
    assert cpu[:5, 11].mean() > 2 * cpu[:5, 3].mean()
    assert cpu[6].max() < 0.85 * cpu[:5].max(axis=1).mean()


def test_a_leak_grows_until_the_kernel_steps_in() -> None:
    """Memory rises from sample to sample but where it starts again, soon after a kill."""
    machine, asked = of("leak")
    store = asked.amounts["store"] // asked.replicas
    fallen = np.flatnonzero(np.diff(store) < 0)
    assert len(fallen) in (1, 2, 3)
    assert store.max() > machine.limit.store_mib
    assert asked.ooms.sum() >= 1
    assert (asked.restarts >= asked.ooms).all()


def test_an_idle_machine_asks_for_next_to_nothing() -> None:
    """At most 8 % of its size, bursts and all."""
    for machine in MACHINES:
        if machine.planted == "idle" and machine.size.cpu_milli:
            asked = demand(WHO, WORLD, machine, first=machine.first_day, last=machine.last_day)
            assert (asked.amounts["cpu"] * 100 <= machine.size.cpu_milli * 8 * asked.replicas).all()


def test_a_gpu_is_busy_in_its_jobs() -> None:
    """Only the trainer has one; it is at most fully used."""
    trainer = next(item for item in MACHINES if item.gpus)
    gpu = demand(WHO, WORLD, trainer, first=trainer.first_day, last=trainer.last_day).amounts["gpu"]
    assert 0 == gpu.min() < gpu.max() <= 1000


def test_days_do_not_depend_on_the_window() -> None:
    """The second day asked for alone is the second day of two."""
    machine, _ = of("web")
    two = demand(WHO, WORLD, machine, first=machine.first_day, last=machine.first_day + 2)
    one = demand(WHO, WORLD, machine, first=machine.first_day + 1, last=machine.first_day + 2)
    assert two.amounts["cpu"][DAY_STEPS:].tolist() == one.amounts["cpu"].tolist()


def test_an_unattached_volume_moves_nothing() -> None:
    """No reads or writes at all; others have some in each step."""
    for machine in MACHINES:
        if machine.kind == "volume":
            asked = demand(WHO, WORLD, machine, first=machine.first_day, last=machine.last_day)
            assert bool(asked.amounts["disk"].any()) == (machine.planted != "idle")
