"""What was used comes as arrays over the newest days, renewed resources as one row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from finops_lib.billing.engine import Engine
from finops_lib.billing.lake import Lake
from finops_lib.run.recommend_use import Used, used
from tests.run.sizedlakes import BUSY, END, GIB, HOURS, NEW, OLD, POD, START, VOLUME, lake_of, use


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake_of(tmp_path_factory.mktemp("use") / "x")


def _of(lake: Lake, *, days: int = 28) -> Used:
    with Engine(lake) as engine:
        found = used(engine, lake, days=days)
    assert found is not None
    return found


def test_the_window_begins_with_the_first_sample(lake: Lake) -> None:
    """28 days were asked, 21 are there: in steps of the hour that samples are apart."""
    found = _of(lake)
    assert (found.period.start, found.period.end, found.step_seconds) == (START, END, 3600)
    assert found.steps == HOURS


def test_fewer_days_are_the_newest(lake: Lake) -> None:
    """Seven days end with the newest sample's day."""
    found = _of(lake, days=7)
    assert found.period.start == END - timedelta(days=7)
    assert found.of("cpu", [BUSY])[0].tolist() == pytest.approx(use()[BUSY, "cpu"][-168:].tolist())


def test_what_came_later_is_not_looked_at(lake: Lake) -> None:
    """Until July 11 there are ten days; before July 1 there is nothing."""
    until = START + timedelta(days=10)
    with Engine(lake) as engine:
        found = used(engine, lake, days=28, until=until)
        assert used(engine, lake, days=28, until=START) is None
    assert found is not None
    assert (found.period.start, found.period.end, found.steps) == (START, until, 240)


def test_rows_come_in_the_order_asked_and_unknown_is_nan(lake: Lake) -> None:
    """A resource without the metric is a row of NaN, one with it has its values."""
    found = _of(lake).of("space", [BUSY, VOLUME])
    assert np.isnan(found[0]).all()
    assert (found[1] == 100 * GIB).all()
    assert np.isnan(_of(lake).of("no such metric", [BUSY])).all()


def test_a_renewed_resource_is_one_row(lake: Lake) -> None:
    """Under its new id the machine has the samples of both, without a gap; the old id is gone."""
    found = replace(_of(lake), later={OLD: NEW})
    assert np.isfinite(found.of("cpu", [NEW])[0]).all()
    assert OLD not in found.resources
    assert found.resources[NEW] == NEW


def test_metrics_of_a_resource_are_known(lake: Lake) -> None:
    """The workload has requests, the volume has space."""
    found = _of(lake)
    assert {"cpu_request", "memory_request", "replicas"} <= found.metrics_of(POD)
    assert found.metrics_of(VOLUME) == {"space", "disk"}


def test_a_lake_without_samples_has_no_window(tmp_path: Path) -> None:
    """Nothing was used that is known of."""
    empty = lake_of(tmp_path / "x", used={})
    with Engine(empty) as engine:
        assert used(engine, empty, days=28) is None


def test_a_single_sample_is_a_window_of_a_day(tmp_path: Path) -> None:
    """One sample tells no step: the finest is taken, and the day has it."""
    one = np.full(HOURS, np.nan)
    one[5] = 2.0
    lone = lake_of(tmp_path / "x", used={(BUSY, "cpu"): one})
    found = _of(lone)
    assert (found.step_seconds, found.steps) == (300, 288)
    assert np.nansum(found.of("cpu", [BUSY])) == 2.0
