"""Rows that are no rows of the export: its header again, or a total below the charges."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

HEADER, SUMMARY = "header_repeated", "summary_row"
_TOTAL = (
    r"(?i)^\s*((grand|sub|invoice|statement|account)[\s_-]*)?"
    r"(total|totals|sum|summe|gesamt|gesamtsumme|totaal|totale)( general| générale?| amount| cost)?\s*:?\s*$"
)
_MOST_OF_A_TOTAL = 4  # cells filled; a charge has more


def strays(raw: pa.Table, *, numeric: tuple[str, ...]) -> pa.Array | None:
    """Which rows are no charges by their form alone.

    Parameters
    ----------
    raw : pyarrow.Table
        Text columns as in the file.
    numeric : tuple of str
        Names of the columns that hold numbers.

    Returns
    -------
    pyarrow.Array or None
        ``header_repeated`` (every cell that is filled holds the name of its column), ``summary_row`` (at
        most four cells are filled, one says total) or null, as long as ``raw``; None where all are charges.

    Examples
    --------
    >>> who = pa.array(["a", "Who", "Total"]).dictionary_encode()
    >>> rows = pa.table({"Cost": ["1", "Cost", "9"], "Day": ["2026-07-01", "Day", None], "Who": who})
    >>> strays(rows, numeric=("Cost",)).to_pylist()
    [None, 'header_repeated', 'summary_row']
    """
    header = _header(raw, numeric)
    total = _summary(raw, numeric)
    if header is None and total is None:
        return None
    none = pa.nulls(raw.num_rows, pa.string())
    rules = none if total is None else pc.if_else(total, SUMMARY, none)
    return rules if header is None else pc.if_else(header, HEADER, rules)


def _header(raw: pa.Table, numeric: tuple[str, ...]) -> pa.Array | None:
    """Ask one numeric column first: a number is never the name of its column."""
    asked = next((name for name in numeric if name in raw.column_names), None)
    if asked is None:
        return None
    found = pc.fill_null(pc.equal(_text(raw, asked), asked), fill_value=False)
    if not pc.any(found).as_py():
        return None
    for name in raw.column_names:
        said = pc.equal(pc.utf8_trim_whitespace(_text(raw, name)), name)
        found = pc.and_(found, pc.fill_null(said, fill_value=True))
    return found


def _summary(raw: pa.Table, numeric: tuple[str, ...]) -> pa.Array | None:
    told = None
    for name in raw.column_names:
        column = raw.column(name).combine_chunks()
        if name not in numeric and pa.types.is_dictionary(column.type):
            words = pc.match_substring_regex(column.dictionary, _TOTAL)
            if pc.any(words).as_py():
                here = pc.fill_null(words.take(column.indices), fill_value=False)
                told = here if told is None else pc.or_(told, here)
    return None if told is None else pc.and_(told, _sparse(raw))


def _sparse(raw: pa.Table) -> pa.Array:
    """Whether few cells of a row are filled, and not all."""
    filled = pa.repeat(pa.scalar(0, pa.int32()), raw.num_rows)
    for name in raw.column_names:
        filled = pc.add(filled, pc.cast(pc.is_valid(raw.column(name).combine_chunks()), pa.int32()))
    return pc.less_equal(filled, min(_MOST_OF_A_TOTAL, raw.num_columns - 1))


def _text(raw: pa.Table, name: str) -> pa.Array:
    found = raw.column(name).combine_chunks()
    return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found
