"""Columns of a batch by name, for formats whose columns must be translated: an absent column is all null."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc


class Rows:
    """The columns of one batch.

    Parameters
    ----------
    table : pyarrow.Table
        Text columns, plain or as dictionaries.

    Examples
    --------
    >>> rows = Rows(pa.table({"a": ["x", None], "b": ["y", "z"]}))
    >>> rows.first(["a", "b"]).to_pylist(), rows.text("c").to_pylist()
    (['x', 'z'], [None, None])
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def text(self, name: str) -> pa.Array:
        """Return a column as plain text.

        Parameters
        ----------
        name : str
            Column name.

        Returns
        -------
        pyarrow.Array
        """
        if name not in self._table.column_names:
            return pa.nulls(self._table.num_rows, pa.string())
        found = self._table.column(name).combine_chunks()
        return found.dictionary_decode() if pa.types.is_dictionary(found.type) else found

    def first(self, names: Sequence[str]) -> pa.Array | None:
        """Return, row by row, the first of these columns that is not null.

        Parameters
        ----------
        names : sequence of str
            Column names, best first.

        Returns
        -------
        pyarrow.Array or None
            None where the batch has none of them.
        """
        present = [name for name in names if name in self._table.column_names]
        if len(present) == 1:
            return self._table.column(present[0]).combine_chunks()
        return pc.coalesce(*map(self.text, present)).dictionary_encode() if present else None

    def constant(self, value: str) -> pa.Array:
        """Return a column that says the same in every row.

        Parameters
        ----------
        value : str
            Its text.

        Returns
        -------
        pyarrow.Array
        """
        return pa.repeat(pa.scalar(value), self._table.num_rows).dictionary_encode()

    def looked_up(self, name: str, meaning: Callable[[str], str | None]) -> pa.Array:
        """Return a column translated; each distinct value is asked once, null stays null.

        Parameters
        ----------
        name : str
            Column name.
        meaning : callable
            Translates one value; None and blank become null.

        Returns
        -------
        pyarrow.Array
        """
        coded = self.text(name).dictionary_encode()
        words = [meaning(value) or None for value in coded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(coded.indices).dictionary_encode()

    def is_one_of(self, name: str, values: Sequence[str]) -> pa.Array:
        """Say of each row whether its cell is one of these.

        Parameters
        ----------
        name : str
            Column name.
        values : sequence of str
            Wanted values.

        Returns
        -------
        pyarrow.BooleanArray
            Null cells are none of them.
        """
        return pc.is_in(self.text(name), pa.array(values, pa.string()))
