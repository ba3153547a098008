"""Workloads whose use does not tell their need, each planted, and plain ones left alone."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize import screen
from finops_lib.optimize.windows import Histories

STEPS = 7 * 24


def looked(use: np.ndarray, *, kind: str = "cpu", capacity: float = 4.0, **asked: object) -> screen.Look:
    """Look at one workload of hourly steps."""
    table = Histories(("web",), np.atleast_2d(use), 3600, np.array([capacity]), kind)
    return screen.looks(table, **asked)[0]  # type: ignore[arg-type]


def wave(low: float = 1.0, high: float = 2.0) -> np.ndarray:
    """Make a week of days."""
    return low + (high - low) * (1 + np.sin(2 * np.pi * np.arange(STEPS) / 24)) / 2


def test_plain_workloads_are_left_alone_by_all_kinds() -> None:
    """A daily wave below capacity is plain, of any kind of resource."""
    for kind in ("cpu", "memory", "gpu", "disk", "network"):
        assert looked(wave(), kind=kind) == screen.Look("web", screen.PLAIN)


def test_autoscaled_is_said_first() -> None:
    """It holds whatever else the use looks like, and for the named workload only."""
    assert looked(np.full(5, 4.0), autoscaled={"web"}).kind == screen.AUTOSCALED
    assert looked(wave(), autoscaled={"db"}).kind == screen.PLAIN


def test_young_workloads_say_what_is_there() -> None:
    """Two days, or three days with too few samples; no sample and no step at all."""
    two_days = np.where(np.arange(STEPS) >= STEPS - 48, 1.0, np.nan)
    assert looked(two_days).reason == "2.0 days, 48 samples: 3 days, 100 samples are needed"
    assert looked(np.full(96, 1.0)).kind == screen.YOUNG  # four days, but 96 samples
    assert looked(np.full(STEPS, np.nan)).reason.startswith("0.0 days, 0 samples")
    assert looked(np.empty((1, 0))).kind == screen.YOUNG


def test_plateaus_at_capacity_hide_the_need() -> None:
    """Runs of three steps at capacity count, single peaks do not, and memory is no such kind."""
    plateau, peaks = wave(), wave()
    plateau[50:56] = 4.0
    peaks[::28] = 4.0
    look = looked(plateau)
    assert (look.kind, look.reason[:2]) == (screen.THROTTLED, "4%")  # 6 of 168
    assert looked(peaks).kind == screen.PLAIN
    assert looked(plateau, kind="memory").kind == screen.PLAIN


def test_plateaus_at_an_unknown_capacity_are_not_guessed() -> None:
    """Without a capacity nothing is at it."""
    assert looked(np.full(STEPS, 4.0), capacity=np.nan).kind == screen.PLAIN


@pytest.mark.parametrize(("level", "kind"), [(3.6, screen.CEILING), (2.0, screen.PLAIN)])
def test_flat_memory_is_a_heap_only_where_it_is_high(level: float, kind: str) -> None:
    """At 90 % of what it has it is, at half of it it is not."""
    assert looked(np.full(STEPS, level), kind="memory").kind == kind


def test_batch_runs_again_and_again_for_less_than_half_of_the_time() -> None:
    """Six hours a day are batch; one long run is not; what is a gap is off."""
    hours = np.arange(STEPS)
    job = np.where(hours % 24 < 6, 2.0, 0.01)
    look = looked(job)
    assert (look.kind, look.reason) == (
        screen.BATCH,
        "on for 25% of the time, begun 7 times: sized by when it runs",
    )
    assert looked(np.where(hours < 60, 2.0, 0.01)).kind == screen.PLAIN
    gaps = np.where(hours % 24 < 17, np.where(hours % 24 < 6, 2.0, 0.01), np.nan)
    assert looked(gaps).kind == screen.BATCH


def test_running_time_alone_sizes_a_job() -> None:
    """Percentiles of what remains are those of the runs."""
    table = Histories(("job",), np.array([[0.0, 5.0, 4.0, 0.1]]), 3600, np.array([8.0]), "cpu")
    np.testing.assert_array_equal(screen.while_running(table).use, [[np.nan, 5.0, 4.0, np.nan]])


def test_kinds_without_a_size_are_named() -> None:
    """Batch and plain workloads have one."""
    assert {screen.BATCH, screen.PLAIN}.isdisjoint(screen.SILENT)
    assert len(screen.SILENT) == 4
