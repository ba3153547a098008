"""How do charges become the rows of a file: fields by line, by row and by time, as CSV text or as Arrow.

Most columns of a bill say the same for all rows of a resource. Their text is made once for each line and
joined with its neighbours, so that a row is put together from a dozen pieces instead of sixty.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.estate.calendar import Ints
from finops_lib.estate.charges import Block, Kind, Line

MONEY_SCALE, QUANTITY_SCALE, PRICE_SCALE = 10, 4, 6
_PRECISION = 38
_ALL = frozenset(Kind)
_SPECIAL = frozenset(',"\r\n')


@dataclass(frozen=True)
class ByLine:
    """A column that says one thing for a line; ``kind`` is ``text``, ``number``, ``time`` or ``map``."""

    name: str
    read: Callable[[Line], str | Mapping[str, str]]
    kind: str = "text"


@dataclass(frozen=True)
class ByRow:
    """A column of whole numbers with ``scale`` decimals; empty for lines that are not of these ``kinds``."""

    name: str
    amount: str
    scale: int = MONEY_SCALE
    kinds: frozenset[Kind] = _ALL


@dataclass(frozen=True)
class ByTime:
    """A column of time stamps: ``start``, ``end`` or ``interval``, which is both with a slash between."""

    name: str
    which: str


Field = ByLine | ByRow | ByTime


def header(fields: Sequence[Field]) -> str:
    """Write the first line of a CSV file.

    Parameters
    ----------
    fields : sequence of Field
        The columns.

    Returns
    -------
    str
        With its line end.
    """
    return ",".join(_quoted(field.name) for field in fields) + "\n"


def csv_text(block: Block, fields: Sequence[Field]) -> memoryview:
    """Write the rows of a block as CSV.

    Parameters
    ----------
    block : Block
        The rows.
    fields : sequence of Field
        The columns; the last one is by line, which carries the line end.

    Returns
    -------
    memoryview
        UTF-8 bytes, a line end after each row.
    """
    if not isinstance(fields[-1], ByLine):
        raise ValueError(f"column {fields[-1].name}: the last column of a CSV file is one by line")
    if not block.rows:
        return memoryview(b"")
    rows = pc.binary_join_element_wise(*_pieces(block.compact(), fields), ",")
    _, offsets, data = rows.buffers()
    return memoryview(data)[: int(np.frombuffer(offsets, dtype=np.int32)[len(rows)])]


def arrow_table(block: Block, fields: Sequence[Field]) -> pa.Table:
    """Write the rows of a block as an Arrow table: decimals, time stamps in UTC, maps, dictionaries of text.

    Parameters
    ----------
    block : Block
        The rows.
    fields : sequence of Field
        The columns.

    Returns
    -------
    pyarrow.Table
    """
    rows = block.compact()
    return pa.table({field.name: _column(rows, field) for field in fields})


def decimals(values: Ints, scale: int) -> pa.Array:
    """Read whole numbers as decimals.

    Parameters
    ----------
    values : array of int
        Numbers of the last decimal place.
    scale : int
        Decimal places.

    Returns
    -------
    pyarrow.Array
        decimal128.

    Examples
    --------
    >>> decimals(np.array([-150]), 2)[0].as_py()
    Decimal('-1.50')
    """
    words = np.empty((len(values), 2), dtype=np.int64)
    words[:, 0], words[:, 1] = values, values >> 63
    return pa.Array.from_buffers(
        pa.decimal128(_PRECISION, scale), len(values), [None, pa.py_buffer(words)]
    )  # fmt: skip


def _pieces(block: Block, fields: Sequence[Field]) -> Iterable[pa.Array]:
    made: dict[object, pa.Array] = {}
    last = fields[-1]
    for by_line, group in groupby(fields, key=lambda field: isinstance(field, ByLine)):
        run = list(group)
        if by_line:
            yield _line_texts(block, run, end="\n" if run[-1] is last else "")
        for field in () if by_line else run:
            content = field.__class__, *list(vars(field).values())[1:]
            if content not in made:
                made[content] = _texts(block, field)
            yield made[content]


def _line_texts(block: Block, fields: Sequence[Field], *, end: str) -> pa.Array:
    reads = [field.read for field in fields if isinstance(field, ByLine)]
    texts = [",".join([_quoted(_text(read(line))) for read in reads]) + end for line in block.lines]
    return pa.array(texts, pa.string()).take(pa.array(block.line))


def _texts(block: Block, field: Field) -> pa.Array:
    if isinstance(field, ByRow):
        amount = block.amounts[field.amount]
        written = pc.cast(decimals(amount, field.scale), pa.string())
        plain = pc.if_else(pa.array(amount != 0), written, "0")  # Arrow writes 0E-10
        return plain if field.kinds == _ALL else pc.if_else(_mask(block, field), plain, "")
    if isinstance(field, ByTime):
        return _moments(block, field)
    raise ValueError(f"column {field.name}: a column by line is written with its neighbours")


def _mask(block: Block, field: ByRow) -> pa.Array:
    known = np.array([line.kind in field.kinds for line in block.lines])
    return pa.array(known[block.line])


def _moments(block: Block, field: ByTime) -> pa.Array:
    if field.which == "interval":
        both = (_moments(block, ByTime("", which)) for which in ("start", "end"))
        return pc.binary_join_element_wise(*both, "/")
    found = pa.array(getattr(block, field.which)).dictionary_encode()
    stamps = found.dictionary.cast(pa.timestamp("s"))
    return pc.strftime(stamps, format="%Y-%m-%dT%H:%M:%SZ").take(found.indices)


def _column(block: Block, field: Field) -> pa.Array:
    if isinstance(field, ByRow):
        values = decimals(block.amounts[field.amount], field.scale)
        return pc.if_else(_mask(block, field), values, pa.scalar(None, values.type))
    if isinstance(field, ByTime):
        if field.which == "interval":
            return _moments(block, field)
        seconds = pa.array(getattr(block, field.which)).cast(pa.timestamp("s", "UTC"))
        return seconds.cast(pa.timestamp("us", "UTC"))
    return _line_column(block, field)


def _line_column(block: Block, field: ByLine) -> pa.Array:
    values = [field.read(line) or None for line in block.lines]
    codes = pa.array(block.line)
    if field.kind == "text":
        texts = [_text(value) if value else None for value in values]
        found = pa.array(texts, pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(found.indices.take(codes), found.dictionary)
    return _typed(values, field.kind).take(codes)


def _typed(values: Sequence[str | Mapping[str, str] | None], kind: str) -> pa.Array:
    if kind == "number":
        numbers = [None if value is None else Decimal(str(value)) for value in values]
        return pa.array(numbers, pa.decimal128(_PRECISION, MONEY_SCALE))
    if kind == "time":
        return pa.array(values, pa.string()).cast(pa.timestamp("us", "UTC"))
    maps = [list(value.items()) if isinstance(value, Mapping) else [] for value in values]
    return pa.array(maps, pa.map_(pa.string(), pa.string()))


def _text(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":")) if value else ""


def _quoted(text: str) -> str:
    if _SPECIAL.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'
