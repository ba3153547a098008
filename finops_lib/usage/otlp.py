"""What was used, from files of OpenTelemetry's protocol as JSON: metrics, counts of logs, and trace spans.

A file holds one request, or one a line as a collector writes it. A gauge is what it says. A sum becomes what
was added since the point before (CPU time: cores). A histogram becomes a count and a mean. Log records are
counted by severity, spans by resource, with their errors and durations, each for minutes.

Source: https://opentelemetry.io/docs/specs/otlp/ and https://opentelemetry.io/docs/specs/semconv/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from finops_lib.errors import UsageError
from finops_lib.usage.otlp_points import Row, amounts, minute_counts, spans_of
from finops_lib.usage.series import SCHEMA, TIME, series
from finops_lib.usage.units import unit_of

_REQUESTS: Mapping[str, Any] = MappingProxyType(
    {
        "resourceMetrics": ExportMetricsServiceRequest,
        "resourceLogs": ExportLogsServiceRequest,
        "resourceSpans": ExportTraceServiceRequest,
    }
)
_WORKLOADS = ("deployment", "statefulset", "daemonset", "cronjob", "job", "replicaset", "pod")
_SINGLE = ("cloud.resource_id", "aws.ecs.task.arn", "host.id", "faas.name", "service.name", "host.name")
_UNKNOWN = "unknown"


class Found(NamedTuple):
    """The table of a file, and notes on what was left out."""

    table: pa.Table
    notes: tuple[str, ...] = ()


def is_otlp(first: bytes) -> bool:
    """Whether the first bytes of a file say that it is such a request.

    Parameters
    ----------
    first : bytes
        Of the file.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_otlp(b'{"resourceMetrics": []}'), is_otlp(b"resource,metric")
    (True, False)
    """
    return first.lstrip()[:1] == b"{" and any(name.encode() in first for name in _REQUESTS)


def read_otlp(path: Path) -> Found:
    """What was used, after this file.

    Parameters
    ----------
    path : Path
        JSON: one request, or one a line.

    Returns
    -------
    Found
        The table is checked, see `finops_lib.usage.series`.

    Raises
    ------
    UsageError
        The file is no JSON, or a request in it is none of OTLP's.
    """
    found: dict[str, list[Any]] = {name: [] for name in _REQUESTS}
    for number, request in enumerate(_requests(path), start=1):
        for name, messages in found.items():
            if name in request:
                messages.append(_message(request, name, f"file {path.name}, request {number}"))
    return _table(_rows(found))


def _requests(path: Path) -> Iterator[Mapping[str, Any]]:
    text = path.read_bytes()
    try:
        yield _mapping(orjson.loads(text), path)
        return
    except orjson.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        try:
            yield _mapping(orjson.loads(line), path)
        except orjson.JSONDecodeError as error:
            raise UsageError(
                f"file {path.name}, line {number}", f"it is JSON ({error})", "write the file again"
            ) from error


def _mapping(found: object, path: Path) -> Mapping[str, Any]:
    if isinstance(found, dict) and any(name in found for name in _REQUESTS):
        return found
    raise UsageError(
        f"file {path.name}", f"it holds one of {', '.join(_REQUESTS)}", "export it by OTLP as JSON"
    )


def _message(request: Mapping[str, Any], name: str, where: str) -> Any:
    """Read one part of a request as the message that it is."""
    parse: Any = json_format.ParseDict
    try:
        # Bytes are base64 to protobuf and hexadecimal to OTLP; ids of traces are not used here.
        return parse({name: request[name]}, _REQUESTS[name](), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise UsageError(
            where, f"it is a request of OTLP ({' '.join(str(error)[:200].split())})", "write the file again"
        ) from error


def _rows(found: Mapping[str, list[Any]]) -> Iterator[Row]:
    """Make rows of all requests: what one counts goes on in the next."""
    metrics, logs, spans = (found[name] for name in ("resourceMetrics", "resourceLogs", "resourceSpans"))
    parts = [part for message in metrics for part in message.resource_metrics]
    yield from amounts(
        (resource_id(part.resource), metric)
        for part in parts
        for scope in part.scope_metrics
        for metric in scope.metrics
    )
    parts = [part for message in logs for part in message.resource_logs]
    yield from minute_counts(
        (resource_id(part.resource), record)
        for part in parts
        for scope in part.scope_logs
        for record in scope.log_records
    )
    parts = [part for message in spans for part in message.resource_spans]
    yield from spans_of(
        (resource_id(part.resource), span)
        for part in parts
        for scope in part.scope_spans
        for span in scope.spans
    )


def resource_id(resource: Any) -> str:
    """Which resource is it: that of the cloud, a workload of a cluster, a host or a service.

    Parameters
    ----------
    resource : opentelemetry.proto.resource.v1.resource_pb2.Resource
        With its attributes.

    Returns
    -------
    str
        ``unknown`` where nothing names it.
    """
    told = {item.key: item.value.string_value.strip() for item in resource.attributes}
    workload = next((told[name] for kind in _WORKLOADS if told.get(name := f"k8s.{kind}.name")), "")
    if workload and not told.get("cloud.resource_id"):
        parts = (told.get("k8s.cluster.name") or "cluster", told.get("k8s.namespace.name", ""), workload)
        return "/".join(part for part in (*parts, told.get("k8s.container.name", "")) if part)
    return next((told[name] for name in _SINGLE if told.get(name)), _UNKNOWN)


def _table(rows: Iterable[Row]) -> Found:
    """Make the table; what has a unit that is not known is left out and said."""
    kept, left = list[Row](), dict[str, int]()
    known: dict[str, bool] = {}
    for row in rows:
        if row.unit not in known:
            known[row.unit] = _is_unit(row.unit)
        if known[row.unit]:
            kept.append(row)
        else:
            why = f"{row.metric[:80]} in the unit {row.unit[:40]!r}"
            left[why] = left.get(why, 0) + 1
    columns = [list(column) for column in zip(*kept, strict=True)] or [[] for _ in SCHEMA]
    types = (pa.string(), pa.string(), pa.int64(), pa.float64(), pa.string())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    arrays[2] = arrays[2].cast(TIME)
    notes = tuple(f"{count:,} points left out: {why}" for why, count in sorted(left.items()))
    return Found(series(pa.table(arrays, names=SCHEMA.names)), notes)


def _is_unit(text: str) -> bool:
    try:
        return bool(unit_of(text))
    except UsageError:
        return False
