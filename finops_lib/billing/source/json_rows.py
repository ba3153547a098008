"""Rows of JSON: one object a line, a list of objects, or an answer that holds them by name.

Objects within a row are columns of their own, named with a dot (``service.id``); lists, deeper objects,
objects of objects and whatever is named like tags or labels stay JSON text. Numbers keep the text that
they have in the file.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from finops_lib.billing.source.base import (
    NULLS,
    Numeric,
    Progress,
    Reading,
    Source,
    content,
    decoded,
    text_of,
    unique,
)
from finops_lib.billing.source.parquet_rows import WHOLE
from finops_lib.billing.unreadable import BLOCK
from finops_lib.errors import UnreadableBillError

_ROWS, _LOOKED_AT = 20_000, 200
_HOLDERS = ("data", "sets", "allocations", "cloudCosts")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # one of the two halves of a rare letter; alone it is no text
BAD_LINE = "line_is_no_object"

Row = dict[str, str | None]


def header_of(path: Path, first: bytes, *, gzipped: bool) -> Source:
    """Which columns have these JSON rows: those of the first two hundred.

    Parameters
    ----------
    path : Path
        The file.
    first : bytes
        Its first line.
    gzipped : bool
        Whether it is packed.

    Returns
    -------
    Source

    Raises
    ------
    UnreadableBillError
        It is no whole JSON, an object names a field twice, or there are no rows.
    """
    lines = _is_row(text_of(path, first))
    with path.open("rb") as raw, decoded(raw, gzipped=gzipped) as stream:
        if lines:
            texts = [line for line in islice(stream, _LOOKED_AT) if line.strip()]
            found: Sequence[Mapping[str, Any]] = [item for item in map(_object, texts) if item is not None]
        else:
            found = _document(path, stream.read())[:_LOOKED_AT]
    names = dict.fromkeys(name for item in found for name in _flat(path, item))
    if not names:
        raise UnreadableBillError(f"file {path.name}", "it holds no rows", "export a period that has charges")
    return Source(path, "json", gzipped, unique(path, list(names)), lines=lines)


def _is_row(line: str) -> bool:
    """Whether the first line is an object of its own, and not an answer that holds them all."""
    found = _object(line.encode())
    if found is None or ("data" in found and "code" in found):
        return False
    return not any(_holds(found.get(name)) for name in _HOLDERS)


def _holds(value: Any) -> bool:
    """Whether these are rows: objects in a list, or by name."""
    items = list(value.values()) if isinstance(value, dict) else value
    return isinstance(items, list) and bool(items) and all(isinstance(item, (dict, list)) for item in items)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = _parsed(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _parsed(text: str) -> Any:
    found = json.loads(
        text, object_pairs_hook=_named_once, parse_float=str, parse_int=str, parse_constant=str
    )
    if _HALF.search(text):
        _refuse_halves(found)
    return found


def _refuse_halves(found: Any) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("half of a letter stands there alone") from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands there twice: which of the two values is meant cannot be known."""
    found = dict(pairs)
    if len(found) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the name {name[:80]!r} stands there more than once")
    return found


def _document(path: Path, data: bytes) -> list[Mapping[str, Any]]:
    try:
        return list(_records(_parsed(text_of(path, data))))
    except (ValueError, RecursionError) as error:
        raise UnreadableBillError(
            f"file {path.name}", f"it is no whole JSON ({str(error)[:120]})", "download or export it again"
        ) from None


def _records(found: Any) -> Iterator[Mapping[str, Any]]:
    """Find the rows of a document: objects in lists, under known names, or by name in an object."""
    if isinstance(found, list):
        for item in found:
            yield from _records(item)
    elif isinstance(found, dict):
        holders = [name for name in _HOLDERS if isinstance(found.get(name), (list, dict))]
        if holders:
            for name in holders:
                yield from _records(found[name])
        elif {"code", "data"} <= found.keys():
            return  # an answer without rows
        elif found and all(isinstance(item, dict) and len(item) > 1 for item in found.values()):
            yield from found.values()
        elif found:
            yield found


def _flat(path: Path, record: Mapping[str, Any]) -> Row:
    row: Row = {}
    for name, value in record.items():
        for key, item in _fields(name, value):
            if key in row:
                unique(path, [key, key])  # refuses it
            row[key] = _text(item)
    return row


def _fields(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    by_name = isinstance(value, dict) and value and all(isinstance(item, dict) for item in value.values())
    if isinstance(value, dict) and not by_name and not WHOLE.search(name):
        return ((f"{name}.{key}".strip(), item) for key, item in value.items())
    return ((name.strip(), value),)


def _text(value: Any) -> str | None:
    if value is None or value in NULLS:
        return None
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def rows(
    source: Source, *, numeric: Numeric, reading: Reading, progress: Progress | None
) -> Iterator[pa.Table]:
    """Which rows does this JSON file hold, a batch at a time.

    Parameters
    ----------
    source : Source
        A JSON file.
    numeric : callable
        Says of a column name whether its text is a number.
    reading : Reading
        Filled while reading; a line that is no object is noted.
    progress : callable or None
        Told how far the file is read.

    Yields
    ------
    pyarrow.Table
        Text. A batch has the columns that its rows have.

    Raises
    ------
    UnreadableBillError
        The last line is cut off, or the document is no whole JSON.
    """
    reading.bad_rule = BAD_LINE
    with content(source, progress=progress) as stream:
        if source.lines:
            found: Iterator[Mapping[str, Any]] = _line_by_line(source.path, stream, reading)
        else:
            found = iter(_document(source.path, stream.read()))
        while part := list(islice(found, _ROWS)):
            yield _table([_flat(source.path, item) for item in part], source, numeric)
        reading.digest = stream.sha256.hexdigest()


def _line_by_line(path: Path, stream: io.RawIOBase, reading: Reading) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(io.BufferedReader(stream, BLOCK), start=1):
        found = _object(line)
        if found is not None:
            yield found
        elif line.strip() and not line.endswith(b"\n"):
            raise UnreadableBillError(f"file {path.name}", "its last line is cut off", "download it again")
        elif line.strip():
            reading.bad_lines.append((number, text_of(path, line).rstrip("\r\n")))


def _table(part: list[Row], source: Source, numeric: Numeric) -> pa.Table:
    names = dict.fromkeys((*source.header, *(name for row in part for name in row)))
    columns = {name: pa.array([row.get(name) for row in part], pa.string()) for name in names}
    return pa.table(
        {name: column if numeric(name) else column.dictionary_encode() for name, column in columns.items()}
    )
