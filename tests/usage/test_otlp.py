"""Files of OpenTelemetry: one request or many, whose resources are known, and what is none refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import UsageError
from finops_lib.usage.otlp import is_otlp, read_otlp
from tests.usage.otel import attributes, metrics, nanos, number, resource, total
from tests.usage.samples import told


def read(folder: Path, *requests: Any) -> Any:
    """Write requests, one a line, and read them."""
    (folder / "f.json").write_text("\n".join(json.dumps(item) for item in requests))
    return read_otlp(folder / "f.json")


def gauge(name: str, unit: str, *points: dict[str, Any]) -> dict[str, Any]:
    """Write a gauge."""
    return {"name": name, "unit": unit, "gauge": {"dataPoints": list(points)}}


def test_a_counter_goes_on_from_line_to_line(tmp_path: Path) -> None:
    """600 s of CPU in ten minutes are one core, 300 s in five too; the first point says nothing."""
    points = [(0, 1000.0), (10, 1600.0), (15, 1900.0)]
    found = read(tmp_path, *[metrics(total("container.cpu.time", "s", number(m, v))) for m, v in points])
    assert told(found.table) == [("shop", "cpu", 10, 1.0, "cores"), ("shop", "cpu", 15, 1.0, "cores")]


def test_a_document_over_several_lines_is_one_request(tmp_path: Path) -> None:
    """Written for people; integers come as text, unknown fields are passed over."""
    point = {"timeUnixNano": nanos(5), "asInt": "1048576", "newField": 1}
    request = metrics(gauge("container.memory.working_set", "By", point))
    (tmp_path / "f").write_text(json.dumps(request, indent=2))
    assert told(read_otlp(tmp_path / "f").table) == [("shop", "memory", 5, 1048580.0, "bytes")]


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ({"cloud__resource_id": "arn:x", "service__name": "shop"}, "arn:x"),
        (
            {
                "k8s__cluster__name": "eu",
                "k8s__namespace__name": "n",
                "k8s__pod__name": "web-1",
                "k8s__deployment__name": "web",
                "k8s__container__name": "main",
                "host__id": "i-1",
            },
            "eu/n/web/main",
        ),
        ({"k8s__pod__name": "web-1"}, "cluster/web-1"),
        ({"host__id": "i-1", "host__name": "h"}, "i-1"),
        ({"other": "x"}, "unknown"),
    ],
)
def test_a_resource_has_the_id_that_a_bill_or_a_cluster_knows(
    tmp_path: Path, named: dict[str, str], wanted: str
) -> None:
    """The cloud's own id first, then the workload, the host, the service."""
    found = read(tmp_path, metrics(gauge("cpu", "{cpu}", number(0, 1)), **named))
    assert told(found.table)[0][0] == wanted


def test_a_unit_that_is_not_known_is_left_out_and_said(tmp_path: Path) -> None:
    """The others are kept."""
    points = (gauge("heat", "Cel", number(0, 20), number(5, 21)), gauge("cpu", "{cpu}", number(0, 1)))
    found = read(tmp_path, metrics(*points))
    assert told(found.table) == [("shop", "cpu", 0, 1.0, "cores")]
    assert found.notes == ("2 points left out: heat in the unit 'Cel'",)


def test_logs_and_spans_are_counted_by_minute(tmp_path: Path) -> None:
    """Ids in hexadecimal are no trouble."""
    ids = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}
    span = {
        **ids,
        "name": "get",
        "startTimeUnixNano": nanos(0.5),
        "endTimeUnixNano": nanos(0.75),
        "status": {"code": 2},
    }
    record = {**ids, "timeUnixNano": nanos(2.2), "severityNumber": 17, "body": {"stringValue": "<b>"}}
    found = read(
        tmp_path,
        {"resourceSpans": [{"resource": resource(), "scopeSpans": [{"spans": [span]}]}]},
        {"resourceLogs": [{"resource": resource(), "scopeLogs": [{"logRecords": [record, record]}]}]},
    )
    assert told(found.table) == [
        ("shop", "logs.error", 2, 2.0, "count"),
        ("shop", "spans.count", 0, 1.0, "count"),
        ("shop", "spans.duration", 0, 15.0, "seconds"),
        ("shop", "spans.duration_peak", 0, 15.0, "seconds"),
        ("shop", "spans.errors", 0, 1.0, "count"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: it is JSON"),
        ('{"resourceMetrics": []}\nno', "line 2: it is JSON"),
        ("[]", "it holds one of resourceMetrics, resourceLogs, resourceSpans"),
        ('{"a": 1}', "it holds one of resourceMetrics"),
        ('{"resourceMetrics": 7}', "request 1: it is a request of OTLP"),
        (
            '{"resourceSpans": [{"scopeSpans": [{"spans": [{"endTimeUnixNano": "soon"}]}]}]}',
            "request 1: it is a request",
        ),
    ],
)
def test_what_is_no_request_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The file and the place in it are named."""
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(UsageError) as found:
        read_otlp(tmp_path / "f.json")
    assert "file f.json" in str(found.value)
    assert message in str(found.value)


def test_a_request_is_told_from_its_first_bytes() -> None:
    """A CSV and another JSON are none; attributes are no reason."""
    assert is_otlp(json.dumps(metrics(), indent=1).encode())
    assert not is_otlp(b'{"status": "success"}')
    assert not is_otlp(b"resourceMetrics,b")
    assert attributes(a__b="c") == [{"key": "a.b", "value": {"stringValue": "c"}}]
