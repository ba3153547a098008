"""Small tables of usage whose numbers can be worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from finops_lib.usage.series import series

DAY = datetime(2026, 7, 1, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Give the moment so many minutes into the day."""
    return DAY + timedelta(minutes=minutes)


def rows(*lines: tuple[Any, ...]) -> pa.Table:
    """Make a raw table of (resource, metric, minutes, value, unit)."""
    columns: list[list[Any]] = [list(column) for column in zip(*lines, strict=True)] or [[] for _ in range(5)]
    return pa.table(
        {
            "resource": pa.array(columns[0], pa.string()),
            "metric": pa.array(columns[1], pa.string()),
            "time": pa.array([at(minutes) for minutes in columns[2]], pa.timestamp("ms", tz="UTC")),
            "value": pa.array(columns[3], pa.float64()),
            "unit": pa.array(columns[4], pa.string()),
        }
    )


def table(*lines: tuple[Any, ...]) -> pa.Table:
    """Make a checked table of the same."""
    return series(rows(*lines))


def told(found: pa.Table) -> list[tuple[Any, ...]]:
    """Say a table as (resource, metric, minutes, value, unit), values to six digits."""
    return [
        (
            row["resource"],
            row["metric"],
            (row["time"] - DAY) / timedelta(minutes=1),
            float(f"{row['value']:.6g}"),
            row["unit"],
        )
        for row in found.to_pylist()
    ]
