"""What do the cells of a column mean: names compared by their letters, equal cells asked once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pyarrow as pa

from finops_lib.billing.formats.rows import Rows


def plain(name: str) -> str:
    """What is left of a name when only letters and digits count.

    Parameters
    ----------
    name : str
        A column name, or a word of a cell.

    Returns
    -------
    str

    Examples
    --------
    >>> plain("Meter Sub-Category"), plain("meter_subcategory"), plain("Coût")
    ('metersubcategory', 'metersubcategory', 'cout')
    """
    return "".join(letter for letter in unicodedata.normalize("NFKD", name).casefold() if letter.isalnum())


def each(column: pa.Array, meaning: Callable[[str], str | None]) -> pa.Array:
    """What does each cell mean; equal cells are asked once, null stays null.

    Parameters
    ----------
    column : pyarrow.Array
        Text, plain or as a dictionary.
    meaning : callable
        Translates one text; None and blank become null.

    Returns
    -------
    pyarrow.Array
        Plain text.

    Examples
    --------
    >>> each(pa.array(["a", None]), str.upper).to_pylist()
    ['A', None]
    """
    cells = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    words = [None if text is None else meaning(text) or None for text in cells.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(cells.indices)


def coded(rows: Rows, name: str) -> pa.Array:
    """What does a column hold, in the form in which its distinct cells are soonest asked.

    Parameters
    ----------
    rows : Rows
        A batch.
    name : str
        Column name.

    Returns
    -------
    pyarrow.Array
        A dictionary where the batch has one, else plain text; all null where the column is absent.

    Examples
    --------
    >>> rows = Rows(pa.table({"a": pa.array(["x"]).dictionary_encode()}))
    >>> pa.types.is_dictionary(coded(rows, "a").type), coded(rows, "b").to_pylist()
    (True, [None])
    """
    found = rows.first([name])
    return rows.text(name) if found is None else found
