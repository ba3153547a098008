"""What stands in this file: bytes of an export become batches of text columns, or a clear error.

Nothing is interpreted here. Text columns come as dictionaries (most columns of a bill repeat few
values), the columns a format names as numeric come as plain text, so that no digit is lost.
Memory: about 64 MiB of text at a time, however large the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import pyarrow as pa

from finops_lib.billing.source import csv_rows, json_rows, parquet_rows
from finops_lib.billing.source.base import Progress, Reading, Source, decoded, text_of, unique
from finops_lib.billing.unreadable import BLOCK, edge, encoding
from finops_lib.errors import UnreadableBillError

_LINES_SEEN = 20  # of a CSV, to tell its form
_SEEN_BY_NOBODY = (".", "_")
_NOT_BILLS = (".md", ".yml", ".yaml", ".pdf", ".crc", ".sha256")
_MANIFEST = ".json"  # beside other parts it describes them; alone it is the bill
_READERS = {"csv": csv_rows.rows, "json": json_rows.rows, "parquet": parquet_rows.rows}
__all__ = ["Progress", "Reading", "Source", "batches", "expand", "open_source"]


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
            parts = _parts(path)
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


def _parts(root: Path) -> list[Path]:
    found = [part for part in sorted(root.rglob("*")) if _is_part(part, root)]
    return [part for part in found if part.suffix.lower() != _MANIFEST] or found


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
            return parquet_rows.header_of(path)
        raw.seek(0)
        with decoded(raw, gzipped=gzipped) as stream:
            first, *others = (_line(path, stream) for _ in range(_LINES_SEEN))
        start = text_of(path, first)
        if start.lstrip()[:1] in {"{", "["}:
            return json_rows.header_of(path, first, gzipped=gzipped)
        lines = [start.rstrip("\r\n"), *map(_lenient, others)]
        found = csv_rows.header_of(path, lines, gzipped=gzipped)
        return replace(found, header=unique(path, found.header))


def _line(path: Path, stream: IO[bytes]) -> bytes:
    data = stream.readline(BLOCK)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise encoding(path)
    if b"\x00" in data:
        raise UnreadableBillError(
            f"file {path.name}", "it is neither CSV, JSON nor Parquet", "export the bill as one of these"
        )
    return data if len(data) < BLOCK else data[: codecs.utf_8_decode(data, "ignore", False)[1]]


def _lenient(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")


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
        yield from _READERS[source.kind](source, numeric=numeric, reading=reading, progress=progress)
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
