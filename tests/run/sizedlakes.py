"""A small lake of machines, a volume, a workload and a function, whose numbers can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from finops_lib.billing.lake import Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.run.desk import Desk, open_desk
from finops_lib.usage.series import series
from tests.cost.conftest import delivered, write_line

START, DAYS = datetime(2026, 7, 1, tzinfo=UTC), 21
END = START + timedelta(days=DAYS)
HOURS = DAYS * 24
NOW = datetime(2026, 8, 20, tzinfo=UTC)
GIB = 1024.0**3
UNITS = {
    "cpu": "cores", "memory": "bytes", "space": "bytes", "network": "bytes/s", "disk": "bytes/s",
    "cpu_share": "ratio", "gpu": "gpus", "replicas": "count", "cpu_request": "cores",
    "memory_request": "bytes", "oom_kills": "count",
    "duration": "seconds", "total_memory": "bytes", "used_memory_max": "bytes", "invocations": "count",
}  # fmt: skip
BUSY, IDLE, OLD, NEW, BLIND, GONE = (
    "i-0aaaaaaa1",
    "i-0aaaaaaa2",
    "i-0aaaaaaa3",
    "i-0aaaaaaa4",
    "i-0aaaaaaa5",
    "i-0aaaaaaa6",
)
VOLUME, POD, FUNCTION = "vol-0bbbbbbb1", "prod/shop/web", "arn:aws:lambda:us-east-1:1:function:mail"
ARN = "arn:aws:ec2:us-east-1:1:instance/"
HALF = 10  # days after which the old machine became the new one
SIZE = "BoxUsage:m5.xlarge"


def line(day: int, resource: str, meter: str, cost: str, **more: str) -> dict[str, str]:
    """Write a day's charge of one resource."""
    told = {
        "ResourceId": resource,
        "SkuMeter": meter,
        "RegionId": "us-east-1",
        "ProviderName": "AWS",
        "ServiceSubcategory": "Virtual Machines",
    }
    text = f"{START + timedelta(days=day):%Y-%m-%d}"
    return write_line(day=text, cost=cost, **{**told, **more})


def bill() -> Iterator[Mapping[str, str]]:
    """Write a machine of 4.608 a day (list price of m5.xlarge) in each part, a volume and a function."""
    for day in range(DAYS):
        for name in (BUSY, IDLE, BLIND):
            yield line(day, f"{ARN}{name}", SIZE, "4.608", tags={"owner": "web"})
        yield line(day, f"{ARN}{OLD if day < HALF else NEW}", SIZE, "4.608", tags={"team": "ml"})
        yield line(day, VOLUME, "EBS:VolumeUsage.gp3", "1")
        yield line(day, FUNCTION, "Lambda-GB-Second", "2", ServiceSubcategory="Serverless Compute")
        yield line(day, f"{ARN}{BUSY}", "DataTransfer-Out-Bytes", "9")
        if day < 3:
            yield line(day, f"{ARN}{GONE}", SIZE, "4.608", tags={"team": "gone"})


def day_and_night(low: float, high: float) -> np.ndarray:
    """Give hours that go from low at night to high by day."""
    hour = np.arange(HOURS) % 24
    return np.where((hour >= 8) & (hour < 18), high, low)


def use() -> dict[tuple[str, str], np.ndarray]:
    """Give what was used, hour by hour; NaN is no sample."""
    old, new = day_and_night(0.5, 1.0), day_and_night(0.5, 1.0)
    old[HALF * 24 :], new[: HALF * 24] = np.nan, np.nan
    gone = day_and_night(0.5, 1.0)
    gone[3 * 24 :] = np.nan
    memory = np.where(np.arange(HOURS) % 2, 512 * 1024.0**2, 1024.0**3)
    return {
        (BUSY, "cpu"): day_and_night(0.6, 1.2), (BUSY, "memory"): day_and_night(3 * GIB, 5 * GIB),
        (BUSY, "network"): np.full(HOURS, 1e6),
        (IDLE, "cpu"): np.full(HOURS, 0.01), (IDLE, "network"): np.full(HOURS, 900.0),
        (OLD, "cpu"): old, (NEW, "cpu"): new, (GONE, "cpu"): gone,
        (VOLUME, "space"): np.full(HOURS, 100 * GIB), (VOLUME, "disk"): np.full(HOURS, 2e6),
        (POD, "cpu"): 2 * day_and_night(0.1, 0.2), (POD, "memory"): day_and_night(GIB, 2 * GIB),
        (POD, "replicas"): np.full(HOURS, 2.0), (POD, "cpu_request"): np.full(HOURS, 1.0),
        (POD, "memory_request"): np.full(HOURS, 4 * GIB),
        (FUNCTION, "duration"): np.full(HOURS, 0.2), (FUNCTION, "total_memory"): memory,
        (FUNCTION, "used_memory_max"): np.full(HOURS, 100 * 1024.0**2),
        (FUNCTION, "invocations"): np.full(HOURS, 60.0),
    }  # fmt: skip


def table(used: Mapping[tuple[str, str], np.ndarray]) -> pa.Table:
    """Make the long table of these hours."""
    rows = [
        (resource, metric, START + timedelta(hours=hour), float(value), UNITS[metric])
        for (resource, metric), values in used.items()
        for hour, value in enumerate(values)
        if np.isfinite(value)
    ]
    names = ("resource", "metric", "time", "value", "unit")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return series(pa.table({**columns, "time": pa.array(columns["time"], pa.timestamp("ms", tz="UTC"))}))


def lake_of(
    folder: Path,
    *,
    lines: list[Mapping[str, str]] | None = None,
    used: Mapping[tuple[str, str], np.ndarray] | None = None,
) -> Lake:
    """Take bill and use in and name the lake."""
    lake = delivered(folder, list(bill()) if lines is None else lines)
    told = use() if used is None else used
    if told:
        UsageTable(lake).land([table(told)], scope="test", start=START, end=END, now=NOW)
    return lake


def desk_of(lake: Lake, **asked: Any) -> Desk:
    """Open the lake in August, when July is closed."""
    return open_desk(str(lake.root), **{"now": f"{NOW:%Y-%m-%d}", **asked})
