"""Requests of OpenTelemetry's protocol as a collector writes them: camel case, times as text, ids in hex."""

from __future__ import annotations

from typing import Any

from tests.usage.samples import at


def nanos(minutes: float) -> str:
    """Say a moment of the day as text."""
    return str(round(at(minutes).timestamp() * 1e9))


def attributes(**told: str) -> list[dict[str, Any]]:
    """Write attributes; two underscores are a point."""
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in told.items()]


def resource(**told: str) -> dict[str, Any]:
    """Write a resource."""
    return {"attributes": attributes(**(told or {"service__name": "shop"}))}


def metrics(*found: dict[str, Any], **told: str) -> dict[str, Any]:
    """Write a request of metrics."""
    scope = {"scope": {"name": "s"}, "metrics": list(found)}
    return {"resourceMetrics": [{"resource": resource(**told), "scopeMetrics": [scope]}]}


def number(minutes: float, value: float, *, start: float = 0, **told: str) -> dict[str, Any]:
    """Write a point of a gauge or a sum."""
    times = {"timeUnixNano": nanos(minutes), "startTimeUnixNano": nanos(start)}
    return {**times, "asDouble": value, "attributes": attributes(**told)}


def total(
    name: str, unit: str, *points: dict[str, Any], temporality: int = 2, monotonic: bool = True
) -> dict[str, Any]:
    """Write a sum, counting on where nothing else is said."""
    data = {"dataPoints": list(points), "aggregationTemporality": temporality, "isMonotonic": monotonic}
    return {"name": name, "unit": unit, "sum": data}
