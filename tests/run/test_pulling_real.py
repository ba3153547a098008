"""A pull from a real Prometheus into a lake: twice is once, and stays as it was when the server is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.errors import PrometheusError
from finops_lib.run.pulling import asked, from_prometheus, lines
from finops_lib.usage.windows import windows
from tests.usage.prometheus.oracle import rate, worked_out
from tests.usage.prometheus.real import START, World, running
from tests.usage.samples import DAY

NOW = datetime(2026, 8, 1, tzinfo=UTC)
STEP = 300


def test_a_pull_lands_once_and_survives_its_server(tmp_path: Path) -> None:
    """An hour of four workloads; again with nothing new; then without a server, from the lake."""
    world, wanted = World(workloads=4, hours=1), asked(DAY, DAY + timedelta(hours=1))
    place = {"lake_root": tmp_path / "lake", "environ": {}}
    with running(world, tmp_path / "prometheus") as there:
        (told,) = from_prometheus(there.url, wanted, now=NOW, **place)
        (again,) = from_prometheus(there.url, wanted, now=NOW + timedelta(minutes=1), **place)
    assert (told["unchanged"], again["unchanged"], told["rows"]) == (False, True, again["rows"])
    assert told["scope"] == f"prometheus {there.name} cluster"
    assert (told["pods_known"], told["pods_seen"], told["pods_missing"], told["notes"]) == (7, 7, 0, [])
    assert {item["metric"] for item in told["metrics"]} >= {"cpu", "memory", "network", "disk", "cpu_request"}
    assert lines(again)[0].endswith("samples; the lake had all of it already")
    with pytest.raises(PrometheusError, match="ConnectionRefusedError"):
        from_prometheus(there.url, wanted, now=NOW + timedelta(minutes=2), **place)
    ends = range(START + STEP, START + 3601, STEP)
    expected = worked_out(world, ["container_cpu_usage_seconds_total"], rate, sum, ends=ends, step=STEP)
    parts = UsageTable(Lake(tmp_path / "lake")).read(metrics=["cpu"])
    found = windows(parts, metric="cpu", start=wanted.start, end=wanted.end, step_seconds=STEP)
    assert np.isfinite(found.values).sum() == len(expected)
    for (name, start), value in expected.items():
        assert found.of(name)[(start - START) // STEP] == pytest.approx(value, rel=2e-6)
