"""Saved answers of Prometheus: counters become rates, pods their workloads, and what is odd is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import UsageError
from finops_lib.usage.prometheus.saved import is_answer, read_answer
from tests.usage.samples import told

START = 1_782_864_000  # 2026-07-01T00:00:00Z
STEP = 300


def one(values: list[float | None], **labels: str) -> dict[str, Any]:
    """Write a series; None is a moment without a sample."""
    names = {name.rstrip("_") if name != "__name__" else name: text for name, text in labels.items()}
    moments = [[START + STEP * place, str(value)] for place, value in enumerate(values) if value is not None]
    return {"metric": names, "values": moments}


def saved(folder: Path, *series: dict[str, Any], name: str = "range.json") -> Path:
    """Write an answer."""
    data = {"resultType": "matrix", "result": list(series)}
    (folder / name).write_text(json.dumps({"status": "success", "data": data}))
    return folder / name


def cpu(values: list[float | None], pod: str) -> dict[str, Any]:
    return one(values, __name__="container_cpu_usage_seconds_total", namespace="shop", pod=pod, container="c")


def owner(pod: str) -> dict[str, Any]:
    labels = {"namespace": "shop", "pod": pod, "owner_kind": "StatefulSet", "owner_name": "web"}
    return one([1.0], __name__="kube_pod_owner", owner_is_controller="true", **labels)


def test_a_counter_becomes_cores_and_its_pods_one_workload(tmp_path: Path) -> None:
    """150 s in 300 are half a core; a pod that began anew counts what it has since; a gap is no zero."""
    first = cpu([0.0, 150.0, 450.0, 30.0], "web-0")
    second = cpu([10.0, None, 40.0, 70.0], "web-1")
    found = read_answer(saved(tmp_path, first, second, owner("web-0"), owner("web-1")))
    rows = [row for row in told(found.table) if row[1] == "cpu"]
    # The step after the gap has no rate of the second pod: what came in it may be of the gap.
    assert [(row[0], row[2], round(row[3], 4)) for row in rows] == [
        ("cluster/shop/web/c", 0, 0.5),
        ("cluster/shop/web/c", 5, 1.0),
        ("cluster/shop/web/c", 10, 0.2),
    ]
    assert [row[3] for row in told(found.table) if row[1] == "replicas"] == [1.0, 1.0, 2.0]
    assert found.notes == ()


def test_gauges_and_requests_are_of_the_step_that_they_end(tmp_path: Path) -> None:
    """A sample at 00:05 is of the step from 00:00; a pod without an owner stands for itself."""
    labels = {"namespace": "shop", "pod": "a", "container": "c"}
    path = saved(
        tmp_path,
        one([1024.0, 2048.0], __name__="container_memory_working_set_bytes", **labels),
        one([0.5, 0.5], __name__="kube_pod_container_resource_requests", resource="cpu", **labels),
        one([4096.0, 4096.0], __name__="kube_pod_container_resource_limits", resource="memory", **labels),
    )
    found = read_answer(path, cluster="eu")
    by = {(row[1], row[2]): row[3] for row in told(found.table)}
    assert by["memory", 0] == 2048.0
    assert by["memory", -5] == 1024.0
    assert (by["cpu_request", 0], by["memory_limit", 0]) == (0.5, 4096.0)
    assert {row[0] for row in told(found.table)} == {"eu/shop/a/c"}
    assert found.notes == ("the owner of 1 pods is not known: each stands for itself",)


def test_a_query_without_a_name_is_what_the_file_is_called(tmp_path: Path) -> None:
    """``rate`` takes the name off: cpu.json holds cores as they are."""
    path = saved(tmp_path, one([0.25, 0.75], namespace="shop", pod="a", container="c"), name="cpu.json")
    assert [row[3] for row in told(read_answer(path).table) if row[1] == "cpu"] == [0.25, 0.75]


def test_events_of_a_counter_are_counted(tmp_path: Path) -> None:
    """Two kills in a step; steps without one have no row."""
    labels = {"namespace": "shop", "pod": "a", "container": "c"}
    path = saved(tmp_path, one([3.0, 3.0, 5.0], __name__="container_oom_events_total", **labels))
    assert [row[1:4] for row in told(read_answer(path).table)] == [("oom_kills", 5, 2.0)]


def test_what_is_not_known_is_left_out_and_said(tmp_path: Path) -> None:
    """A strange metric is named, with the way to say what it is."""
    path = saved(tmp_path, one([1.0, 2.0], __name__="up"), one([1.0, 2.0], pod="a"))
    found = read_answer(path)
    assert found.table.num_rows == 0
    assert found.notes[0].startswith(
        "2 series left out: up, without a name; where a query takes the name off"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "file x.json: unexpected end of data"),
        ('{"status": "error", "errorType": "timeout", "error": "slow"}', "Prometheus x.json: timeout: slow"),
        (
            '{"status": "success", "data": {"resultType": "vector", "result": []}}',
            "fewer than two moments: how long a step is cannot be told",
        ),
        (
            '{"status": "success", "data": {"resultType": "matrix", "result": '
            '[{"metric": {}, "values": [[0, "1"], [60, "1"], [130, "1"]]}]}}',
            "a sample at a moment that was not asked for",
        ),
        (
            '{"status": "success", "data": {"resultType": "matrix", "result": '
            '[{"metric": {}, "values": [[0, "1"], [0.2, "1"]]}]}}',
            "steps of 0.2 seconds: a second at least, a million of them",
        ),
        (
            '{"status": "success", "data": {"resultType": "matrix", "result": '
            '[{"metric": {}, "values": [[0, "one"], [60, "1"]]}]}}',
            "could not convert string to float: 'one'",
        ),
    ],
)
def test_a_file_that_is_no_answer_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The file, what is wrong with it, and how to save it again."""
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError) as refused:
        read_answer(tmp_path / "x.json")
    assert message in refused.value.value
    assert refused.value.remedy == "save it again with curl, from /api/v1/query_range"


def test_an_answer_is_told_from_its_first_bytes() -> None:
    """Rows and requests of OTLP are none."""
    assert is_answer(b' {"status":"success","data":{"resultType":"matrix","result":[]}}')
    assert not is_answer(b"resource,metric")
    assert not is_answer(b'{"resourceMetrics": []}')
