"""Files of the lake's table ``usage``: one scope and day each, named by day and content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finops_lib.billing.cells import TIME
from finops_lib.billing.schema import KEY, Written

USAGE = "usage"
USAGE_SCHEMA = pa.schema(
    [
        ("resource", pa.string()),
        ("metric", pa.string()),
        ("time", TIME),
        ("value", pa.float32()),
        ("unit", pa.string()),
    ]
)
_WORDS = ["resource", "metric", "unit"]
_ENCODED = pa.schema(
    [
        (name, pa.dictionary(pa.int32(), pa.string()) if name in _WORDS else kind)
        for name, kind in zip(USAGE_SCHEMA.names, USAGE_SCHEMA.types, strict=True)
    ]
)


def midnight(day: date) -> datetime:
    """When does this day begin in UTC."""
    return datetime.combine(day, time(), UTC)


def day_of(path: Path) -> date:
    """Of which day does this file hold samples."""
    return date.fromisoformat(path.name[:10])


def staged(folder: Path, part: pa.Table, *, start: datetime, end: datetime) -> Iterator[Written]:
    """Write one part of a pull, a file a day, that no log names yet.

    Parameters
    ----------
    folder : Path
        The scope's; made where missing.
    part : pyarrow.Table
        With at least the columns of ``USAGE_SCHEMA``.
    start, end : datetime
        The pull's span.

    Yields
    ------
    Written

    Raises
    ------
    ValueError
        A sample lies outside the span.
    """
    if not part.num_rows:
        return
    folder.mkdir(parents=True, exist_ok=True)
    rows = part.select(USAGE_SCHEMA.names).cast(_ENCODED)
    bounds = pc.min_max(rows.column("time")).as_py()
    if bounds["min"] < start or bounds["max"] >= end:
        raise ValueError(f"samples from {bounds['min']} to {bounds['max']}: outside {start} to {end}")
    day = bounds["min"].date()
    while day <= bounds["max"].date():
        found = _between(rows, midnight(day), midnight(day + timedelta(days=1)))
        if found.num_rows:
            yield _saved(folder, day, found)
        day += timedelta(days=1)


def _between(rows: pa.Table, start: datetime, end: datetime) -> pa.Table:
    moment = pc.field("time")
    return rows.filter((moment >= pa.scalar(start, TIME)) & (moment < pa.scalar(end, TIME)))


def _saved(folder: Path, day: date, rows: pa.Table) -> Written:
    """Write a file and name it by its content, so that the same content is the same file."""
    draft = folder / f"{day}-draft.parquet"
    pq.write_table(
        rows,
        draft,
        compression="zstd",
        use_dictionary=_WORDS,
        column_encoding={"time": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"},
        store_schema=False,
    )
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    path = draft.rename(folder / f"{day}-{digest}.parquet")
    return Written(USAGE, folder.name.partition("=")[2], path, rows.num_rows, USAGE_SCHEMA)


def replaced(
    held: Iterable[Path], *, start: datetime, end: datetime
) -> tuple[list[Path], list[Written]]:
    """Which files go where a span is replaced; what they hold besides the span is written anew.

    Parameters
    ----------
    held : iterable of Path
        The scope's files.
    start, end : datetime
        The span.

    Returns
    -------
    tuple
        Files that go, and files that hold the rest of them.
    """
    gone: list[Path] = []
    kept: list[Written] = []
    for path in held:
        first = midnight(day_of(path))
        last = first + timedelta(days=1)
        if last <= start or first >= end:
            continue
        gone.append(path)
        if first < start or last > end:
            rows, moment = stored(path), pc.field("time")
            outside = (moment < pa.scalar(start, TIME)) | (moment >= pa.scalar(end, TIME))
            rest = rows.filter(outside)
            kept += [_saved(path.parent, day_of(path), rest)] if rest.num_rows else []
    return gone, kept


def stored(path: Path) -> pa.Table:
    """What stands in this file: columns of ``USAGE_SCHEMA``, text as dictionaries."""
    return pq.ParquetFile(path, read_dictionary=_WORDS).read().cast(_ENCODED)
