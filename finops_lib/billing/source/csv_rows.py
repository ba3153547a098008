"""Rows of a CSV: which mark separates its cells, whether its numbers have decimal commas, and its text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from finops_lib.billing.source.base import NULLS, TEXT, Numeric, Progress, Reading, Source, content
from finops_lib.billing.unreadable import BLOCK

_BLOCKS_A_BATCH = 12
_SEPARATORS = (",", ";", "\t", "|")
_NAMED = re.compile(r"sep=([,;\t|])")  # spreadsheets write it above the header
_COMMA = r"^\s*[+-]?(\d{1,3}(\.\d{3})+|\d*),\d+([eE][+-]?\d+)?\s*$"  # points stand before three digits
_POINT = r"^\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*$"
_UNCLEAR = " (decimal point or thousands?)"


def header_of(path: Path, lines: Sequence[str], *, gzipped: bool) -> Source:
    """Which columns has this CSV, and what separates them.

    Parameters
    ----------
    path : Path
        The file.
    lines : sequence of str
        Its first lines.
    gzipped : bool
        Whether it is packed.

    Returns
    -------
    Source
        With its header as it stands there; the mark that makes the most columns is the separator. Where
        all rows seen lack the same last cells, these columns are taken as absent.

    Examples
    --------
    >>> header_of(Path("a"), ["sep=;", "Cost;Date"], gzipped=False).header
    ('Cost', 'Date')
    """
    named = _NAMED.fullmatch(lines[0].strip(" \r\n"))
    line, *below = lines[1:] if named and len(lines) > 1 else lines
    marks = (named[1],) if named else _SEPARATORS
    cells, mark = max(((_cells(line, mark), mark) for mark in marks), key=lambda found: len(found[0]))
    short = _short(below, mark, len(cells))
    return Source(path, "csv", gzipped, tuple(cells), separator=mark, above=1 if named else 0, short=short)


def _short(below: Sequence[str], mark: str, columns: int) -> int:
    """Count the last cells that every row lacks; none where rows differ, are long or go over lines."""
    filled = [line for line in below if line]
    if any(line.count('"') % 2 or len(line) > csv.field_size_limit() for line in filled):
        return 0
    widths = {len(_cells(line, mark)) for line in filled}
    return max(0, columns - widths.pop()) if len(widths) == 1 and len(filled) > 1 else 0


def _cells(line: str, mark: str) -> list[str]:
    return next(csv.reader([line], delimiter=mark), [])


def rows(
    source: Source, *, numeric: Numeric, reading: Reading, progress: Progress | None
) -> Iterator[pa.Table]:
    """Which rows does this CSV hold, a batch at a time.

    Parameters
    ----------
    source : Source
        A CSV.
    numeric : callable
        Says of a column name whether its text is a number.
    reading : Reading
        Filled while reading.
    progress : callable or None
        Told how far the file is read.

    Yields
    ------
    pyarrow.Table
        Text. In a file between semicolons whose numbers have decimal commas, they have points; a number
        with a point in such a file could mean either and is marked, so that it is no number.
    """
    there = source.header[: len(source.header) - source.short]
    types = {name: pa.string() if numeric(name) else TEXT for name in there}

    def bad_line(row: pa_csv.InvalidRow) -> str:
        reading.bad_lines.append((row.number or 0, row.text))
        return "skip"

    commas = _Commas([name for name in there if numeric(name)])
    with content(source, progress=progress) as stream:
        parts = pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(
                block_size=BLOCK,
                use_threads=False,
                column_names=list(there),
                skip_rows=1 + source.above,
            ),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=bad_line, delimiter=source.separator
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=types, null_values=NULLS, strings_can_be_null=True
            ),
        )
        for part in _gathered(parts):
            yield commas.pointed(part) if source.separator == ";" else part
        reading.digest = stream.sha256.hexdigest()


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


@dataclass
class _Commas:
    """Remembers over the batches of a file whether its numbers have decimal commas."""

    names: list[str]
    seen: bool = False

    def pointed(self, part: pa.Table) -> pa.Table:
        """Write numbers with points."""
        columns = {name: part.column(name).combine_chunks() for name in self.names}
        self.seen = self.seen or any(
            pc.any(pc.match_substring_regex(column, _COMMA)).as_py() for column in columns.values()
        )
        for name, column in columns.items() if self.seen else ():
            part = part.set_column(part.schema.get_field_index(name), name, _pointed(column))
        return part


def _pointed(column: pa.Array) -> pa.Array:
    comma, point = (pc.match_substring_regex(column, pattern) for pattern in (_COMMA, _POINT))
    plain = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
    unclear = pc.binary_join_element_wise(column, _UNCLEAR, "")
    return pc.if_else(comma, plain, pc.if_else(point, unclear, column))
