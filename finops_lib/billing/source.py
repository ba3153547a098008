"""What stands in this file: bytes of an export become batches of text columns, or a clear error.

Nothing is interpreted here. Text columns come as dictionaries (most columns of a bill repeat few
values), the columns a format names as numeric come as plain text, so that no digit is lost.
Memory: about 64 MiB of text at a time, however large the file.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from isal import igzip

from finops_lib.billing.unreadable import BLOCK, edge, encoding
from finops_lib.errors import UnreadableBillError

_BLOCKS_A_BATCH = 12
_PARQUET_ROWS = 65_536
_TEXT = pa.dictionary(pa.int32(), pa.string())
_NULLS = ["", "NULL"]
_SEEN_BY_NOBODY = (".", "_")
_NOT_BILLS = (".json", ".md", ".yml", ".yaml", ".pdf", ".crc", ".sha256")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Source:
    """One readable file: its path, ``csv`` or ``parquet``, whether gzipped, and its column names."""

    path: Path
    kind: str
    gzipped: bool
    header: tuple[str, ...]


@dataclass
class Reading:
    """What reading found: the content's sha256, and the rows whose cells do not match the header."""

    digest: str = ""
    bad_lines: list[tuple[int, str]] = field(default_factory=list)


def expand(paths: Sequence[Path]) -> list[Path]:
    """Which files are meant: a folder stands for all its parts, in order of name.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders; manifests (JSON) and hidden files inside a folder are passed over.

    Returns
    -------
    list of Path
        Each file once.

    Raises
    ------
    UnreadableBillError
        A path does not exist, or a folder has no file.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            parts = [part for part in sorted(path.rglob("*")) if _is_part(part, path)]
            if not parts:
                raise UnreadableBillError(
                    f"folder {path}", "it holds no export file", "name the folder of the parts"
                )
            found.update(dict.fromkeys(parts))
        elif path.exists():
            found[path] = None
        else:
            raise UnreadableBillError(f"file {path}", "it does not exist", "check the path")
    return list(found)


def _is_part(path: Path, root: Path) -> bool:
    hidden = any(name.startswith(_SEEN_BY_NOBODY) for name in path.relative_to(root).parts)
    return path.is_file() and not hidden and not path.name.lower().endswith(_NOT_BILLS)


def open_source(path: Path) -> Source:
    """What kind of file is this, told from its content and never from its name.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    Source

    Raises
    ------
    UnreadableBillError
        Empty, unreadable, binary, in another encoding, or its header repeats a name.
    """
    with edge(path), path.open("rb") as raw:
        magic = raw.read(4)
        gzipped = magic[:2] == b"\x1f\x8b"
        if not magic:
            raise UnreadableBillError(f"file {path.name}", "it is empty", "export it again")
        if magic == b"PAR1":
            return Source(path, "parquet", False, _unique(path, pq.read_schema(path).names))
        raw.seek(0)
        with _decoded(raw, gzipped) as stream:
            line = _first_line(path, stream)
    return Source(path, "csv", gzipped, _unique(path, next(csv.reader([line]), [])))


def _first_line(path: Path, stream: IO[bytes]) -> str:
    data = stream.readline(BLOCK)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise encoding(path)
    if b"\x00" in data:
        raise UnreadableBillError(
            f"file {path.name}", "it is neither CSV nor Parquet", "export the bill as one of these"
        )
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise encoding(path) from None


def _unique(path: Path, names: Sequence[str]) -> tuple[str, ...]:
    clean = tuple(name.strip() for name in names)
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice:
        listed = ", ".join(repr(name[:80]) for name in twice[:5])
        raise UnreadableBillError(
            f"header of {path.name}",
            f"the column name {listed} stands there more than once",
            "keep one of them",
        )
    return clean


def batches(
    source: Source, *, numeric: Callable[[str], bool], reading: Reading, progress: Progress | None = None
) -> Iterator[pa.Table]:
    """Which rows does the file hold, a batch at a time.

    Parameters
    ----------
    source : Source
        From ``open_source``.
    numeric : callable
        Says of a column name whether its text is a number.
    reading : Reading
        Filled while reading; whole when the last batch was taken.
    progress : callable, optional
        Told the file's name, bytes read and bytes in all.

    Yields
    ------
    pyarrow.Table
        Text as dictionaries, numbers as plain text; blank cells and ``NULL`` are null.

    Raises
    ------
    UnreadableBillError
        The file is truncated, damaged, not UTF-8, or changed while it was read.
    """
    before = _state(source.path)
    with edge(source.path):
        yield from (_parquet if source.kind == "parquet" else _csv)(source, numeric, reading, progress)
        after = _state(source.path)
    if after != before:
        raise UnreadableBillError(
            f"file {source.path.name}",
            "it changed while it was read",
            "wait until the export is complete, then ingest again",
        )


def _state(path: Path) -> tuple[int, int, int]:
    with edge(path):
        found = path.stat()
    return (found.st_size, found.st_mtime_ns, found.st_ino)


class _Digesting(io.RawIOBase):
    """Hashes what is read through it and tells how far the file is read."""

    def __init__(self, stream: IO[bytes], told: Callable[[], None]) -> None:
        super().__init__()
        self._stream, self._told = stream, told
        self.sha256 = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.sha256.update(data)
        self._told()
        return data


def _csv(
    source: Source, numeric: Callable[[str], bool], reading: Reading, progress: Progress | None
) -> Iterator[pa.Table]:
    types = {name: pa.string() if numeric(name) else _TEXT for name in source.header}
    size = source.path.stat().st_size

    def bad_line(row: pa_csv.InvalidRow) -> str:
        reading.bad_lines.append((row.number or 0, row.text))
        return "skip"

    with source.path.open("rb") as raw, _decoded(raw, source.gzipped) as stream:
        told = _Digesting(stream, lambda: progress(source.path.name, raw.tell(), size) if progress else None)
        parts = pa_csv.open_csv(
            told,
            read_options=pa_csv.ReadOptions(
                block_size=BLOCK, use_threads=False, column_names=list(source.header), skip_rows=1
            ),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=bad_line),
            convert_options=pa_csv.ConvertOptions(
                column_types=types, null_values=_NULLS, strings_can_be_null=True
            ),
        )
        yield from _gathered(parts)
        reading.digest = told.sha256.hexdigest()


def _gathered(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Join small batches: dictionaries are unified once for many rows."""
    held: list[pa.RecordBatch] = []
    for part in parts:
        held.append(part)
        if len(held) == _BLOCKS_A_BATCH:
            yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()
            held = []
    if held:
        yield pa.Table.from_batches(held).unify_dictionaries().combine_chunks()


def _parquet(
    source: Source, numeric: Callable[[str], bool], reading: Reading, progress: Progress | None
) -> Iterator[pa.Table]:
    with source.path.open("rb") as raw:
        reading.digest = hashlib.file_digest(raw, "sha256").hexdigest()
    size = source.path.stat().st_size
    with pq.ParquetFile(source.path) as file:
        total, done = max(file.metadata.num_rows, 1), 0
        for part in file.iter_batches(batch_size=_PARQUET_ROWS):
            done += part.num_rows
            if progress:
                progress(source.path.name, size * done // total, size)
            columns = [
                _as_text(column, numeric(name))
                for name, column in zip(source.header, part.columns, strict=True)
            ]
            yield pa.table(columns, names=list(source.header))


def _as_text(column: pa.Array, numeric: bool) -> pa.Array:
    """Write a typed cell as a CSV would: shortest decimals, ISO times in UTC, maps as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_nested(kind):
        column = _json(column)
    elif pa.types.is_timestamp(kind):
        column = pc.strftime(column.cast(pa.timestamp("us", kind.tz)), "%Y-%m-%dT%H:%M:%SZ")
    elif kind != pa.string():
        column = column.cast(pa.string())
    blank = pc.is_in(column, pa.array(_NULLS))
    column = pc.if_else(blank, pa.scalar(None, pa.string()), column) if pc.any(blank).as_py() else column
    return column if numeric else column.dictionary_encode()


def _json(column: pa.Array) -> pa.Array:
    rows = column.to_pylist(maps_as_pydicts="lossy") if pa.types.is_map(column.type) else column.to_pylist()
    if _is_pairs(column.type):
        rows = [row and {item["key"]: item["value"] for item in row if item} for row in rows]
    return pa.array(
        [None if row is None else orjson.dumps(row, default=str).decode() for row in rows], pa.string()
    )


def _is_pairs(kind: pa.DataType) -> bool:
    """Whether this is a map as some writers spell it: a list of key and value."""
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(
        kind.value_type
    ):
        return False
    return {field.name for field in kind.value_type} == {"key", "value"}


@contextmanager
def _decoded(raw: IO[bytes], gzipped: bool) -> Iterator[IO[bytes]]:
    if not gzipped:
        yield raw
        return
    with igzip.IGzipFile(fileobj=raw) as stream:  # type: ignore[no-untyped-call]  # typed in part only
        yield cast("IO[bytes]", stream)
