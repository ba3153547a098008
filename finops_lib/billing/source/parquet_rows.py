"""Rows of a Parquet file: typed cells are written as a CSV would write them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finops_lib.billing.source.base import NULLS, Numeric, Progress, Reading, Source, unique

_ROWS = 65_536
WHOLE = re.compile(r"tags|labels", re.I)  # their keys are data, not columns


def header_of(path: Path) -> Source:
    """Which columns has this Parquet file; the fields of a record are columns of their own.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Source
    """
    names = [name for field in pq.read_schema(path) for name in _names(field)]
    return Source(path, "parquet", False, unique(path, names))


def _names(field: pa.Field) -> list[str]:
    name = field.name.strip()
    return [f"{name}.{child.name}" for child in field.type] if _is_record(field) else [name]


def _is_record(field: pa.Field) -> bool:
    return pa.types.is_struct(field.type) and not WHOLE.search(field.name)


def rows(
    source: Source, *, numeric: Numeric, reading: Reading, progress: Progress | None
) -> Iterator[pa.Table]:
    """Which rows does this Parquet file hold, a batch at a time.

    Parameters
    ----------
    source : Source
        A Parquet file.
    numeric : callable
        Says of a column name whether its text is a number.
    reading : Reading
        Filled while reading.
    progress : callable or None
        Told how far the file is read.

    Yields
    ------
    pyarrow.Table
        Text.
    """
    with source.path.open("rb") as raw:
        reading.digest = hashlib.file_digest(raw, "sha256").hexdigest()
    size = source.path.stat().st_size
    with pq.ParquetFile(source.path) as file:
        total, done = max(file.metadata.num_rows, 1), 0
        for part in file.iter_batches(batch_size=_ROWS):
            part.validate(full=True)  # its text may be no UTF-8
            done += part.num_rows
            if progress:
                progress(source.path.name, size * done // total, size)
            pairs = zip(source.header, _columns(part), strict=True)
            yield pa.table(
                [_as_text(column, numeric(name)) for name, column in pairs], names=list(source.header)
            )


def _columns(part: pa.RecordBatch) -> Iterator[pa.Array]:
    for field, column in zip(part.schema, part.columns, strict=True):
        yield from column.flatten() if _is_record(field) else [column]


def _as_text(column: pa.Array, numeric: bool) -> pa.Array:
    """Write a typed cell as a CSV would: shortest decimals, ISO times in UTC, maps as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_nested(kind):
        column = _json(column)
    elif pa.types.is_timestamp(kind):
        column = pc.strftime(_microseconds(column), "%Y-%m-%dT%H:%M:%SZ")
    elif kind != pa.string():
        column = column.cast(pa.string())
    blank = pc.is_in(column, pa.array(NULLS))
    column = pc.if_else(blank, pa.scalar(None, pa.string()), column) if pc.any(blank).as_py() else column
    return column if numeric else column.dictionary_encode()


def _microseconds(column: pa.Array) -> pa.Array:
    """Read moments in UTC; what is finer than a microsecond is cut off."""
    kind = column.type
    return column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=kind.unit != "ns")


def _json(column: pa.Array) -> pa.Array:
    rows = column.to_pylist(maps_as_pydicts="lossy") if pa.types.is_map(column.type) else column.to_pylist()
    if _is_pairs(column.type):
        rows = [row and {item["key"]: item["value"] for item in row if item} for row in rows]
    return pa.array([None if row is None else _dumped(row) for row in rows], pa.string())


def _dumped(row: object) -> str:
    """Write JSON; what has keys that JSON cannot have is kept as text."""
    try:
        return orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return str(row)


def _is_pairs(kind: pa.DataType) -> bool:
    """Whether this is a map as some writers spell it: a list of key and value."""
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(
        kind.value_type
    ):
        return False
    return {field.name for field in kind.value_type} == {"key", "value"}
