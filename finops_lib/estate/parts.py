"""How does a bill get onto disk: part files of at most so many rows, the same bytes each time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import pyarrow.parquet as pq
from isal import isal_zlib

from finops_lib.estate.charges import Block
from finops_lib.estate.table import Field, arrow_table, csv_text, header

FILE_TYPES = ("csv.gz", "csv", "parquet")
_GZIP = 31  # zlib's word for a gzip frame; it writes no name and no time


class _Part(Protocol):
    def write(self, block: Block) -> None: ...

    def close(self) -> None: ...


@dataclass
class PartWriter:
    """Writes blocks of one delivery into ``part-00000`` and on.

    ``rows`` counts what was written. ``small`` packs tightly and slowly, otherwise loosely and fast.

    Raises
    ------
    ValueError
        The type of file is unknown or a part would hold no row.
    """

    folder: Path
    fields: Sequence[Field]
    file_type: str
    parts_rows: int
    convert: Callable[[Block], Block]
    small: bool = False
    rows: int = 0
    _part: _Part | None = field(default=None, repr=False)
    _room: int = 0
    _parts: int = 0

    def __post_init__(self) -> None:
        if self.file_type not in FILE_TYPES or self.parts_rows < 1:
            known = ", ".join(FILE_TYPES)
            raise ValueError(f"{self.file_type} in parts of {self.parts_rows} rows: {known}, 1 row or more")

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def write(self, truth: Block) -> Block:
        """Append these rows, in the order they come.

        Parameters
        ----------
        truth : Block
            Rows of the truth; turned into the bill's own.

        Returns
        -------
        Block
            The rows as written.
        """
        block = self.convert(truth)
        done = 0
        while done < block.rows:
            part = self._open()
            taken = block.take(slice(done, done + self._room))
            part.write(taken)
            done, self._room = done + taken.rows, self._room - taken.rows
        self.rows += block.rows
        return block

    def _open(self) -> _Part:
        if self._part is None or not self._room:
            self._end()
            path = self.folder / f"part-{self._parts:05d}.{self.file_type}"
            self._part = open_part(path, self.fields, small=self.small)
            self._parts, self._room = self._parts + 1, self.parts_rows
        return self._part

    def _end(self) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None


def open_part(path: Path, fields: Sequence[Field], *, small: bool = False) -> _Part:
    """Open one file of a bill; its name says how it is written.

    Parameters
    ----------
    path : Path
        Ends in ``.csv.gz``, ``.csv`` or ``.parquet``.
    fields : sequence of Field
        The columns.
    small : bool
        Pack tightly.

    Returns
    -------
    object
        With ``write(block)`` and ``close()``.
    """
    if path.suffix == ".parquet":
        return _ParquetPart(path, fields)
    return _CsvPart(path, fields, packer=_packer(path, small=small))


def _packer(path: Path, *, small: bool) -> Any:
    if path.suffix != ".gz":
        return None
    if small:
        return zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return isal_zlib.compressobj(1, zlib.DEFLATED, _GZIP)


class _CsvPart:
    def __init__(self, path: Path, fields: Sequence[Field], *, packer: Any) -> None:
        self._file = path.open("wb")
        self._fields = fields
        self._packer = packer
        self._put(header(fields).encode())

    def write(self, block: Block) -> None:
        self._put(csv_text(block, self._fields))

    def close(self) -> None:
        if self._packer is not None:
            self._file.write(self._packer.flush())
        self._file.close()

    def _put(self, data: bytes | memoryview) -> None:
        self._file.write(data if self._packer is None else self._packer.compress(data))


class _ParquetPart:
    def __init__(self, path: Path, fields: Sequence[Field]) -> None:
        self._path = path
        self._fields = fields
        self._writer: Any = None

    def write(self, block: Block) -> None:
        table = arrow_table(block, self._fields)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
