"""Pieces that several formats translate with: calendar months, tags in columns, columns kept as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import TimeReader
from finops_lib.billing.formats.rows import Rows

_BETWEEN = "\x1f"
_OVER_A_MONTH = pa.scalar(timedelta(days=32), pa.duration("us"))
_SPECIAL = frozenset(
    {"x_SourceCost", "x_Slice"}
)  # an x_ column that decides something must come from a format


def respelled(header: Sequence[str], spelled: Callable[[str], str]) -> list[str]:
    """How are these columns spelled in one way, so that no two share a name.

    Parameters
    ----------
    header : sequence of str
        Column names, each once.
    spelled : callable
        Gives the wanted name of a column.

    Returns
    -------
    list of str
        Of two columns that want one name, the one that has it already, else the first, gets it; the
        other stays as it is.

    Examples
    --------
    >>> respelled(["Cost", "cost", "Day"], str.lower)
    ['Cost', 'cost', 'day']
    """
    names: list[str] = []
    for name in header:
        wanted = spelled(name)
        free = wanted == name or (wanted not in header and wanted not in names)
        names.append(wanted if free else name)
    return names


def times(rows: Rows, name: str) -> pa.Array:
    """Which moments does a column name, read as a row's own dates are read.

    Parameters
    ----------
    rows : Rows
        A batch.
    name : str
        Column name.

    Returns
    -------
    pyarrow.TimestampArray
        In UTC; null where the text is null, unreadable or not in the years 2000 to 2100.

    Examples
    --------
    >>> rows = Rows(pa.table({"at": ["2023-11-13T12:00+02:00", "yesterday"]}))
    >>> iso(times(rows, "at")).to_pylist()
    ['2023-11-13T10:00:00Z', None]
    """
    return TimeReader().read(rows.text(name).dictionary_encode()).values


def iso(moments: pa.Array) -> pa.Array:
    """How are these moments written in ISO 8601, to the second.

    Parameters
    ----------
    moments : pyarrow.TimestampArray
        In UTC.

    Returns
    -------
    pyarrow.StringArray
    """
    return pc.strftime(moments.cast(pa.timestamp("s", "UTC"), safe=False), format="%Y-%m-%dT%H:%M:%SZ")


def billing_month(rows: Rows, name: str) -> dict[str, pa.Array]:
    """Which billing period has each row, where a period is the calendar month of a moment, in UTC.

    Parameters
    ----------
    rows : Rows
        A batch.
    name : str
        The column that names the moment.

    Returns
    -------
    dict of str to pyarrow.Array
        ``BillingPeriodStart`` (text that cannot be read stays, so that the row is set aside) and
        ``BillingPeriodEnd``.

    Examples
    --------
    >>> rows = Rows(pa.table({"at": ["2023-12-31T23:59Z", "2024-01-01T00:30+01:00"]}))
    >>> billing_month(rows, "at")["BillingPeriodEnd"].to_pylist()
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z']
    """
    first = pc.floor_temporal(times(rows, name), unit="month")
    following = pc.floor_temporal(pc.add(first, _OVER_A_MONTH), unit="month")
    return {
        "BillingPeriodStart": pc.coalesce(iso(first), rows.text(name)).dictionary_encode(),
        "BillingPeriodEnd": iso(following).dictionary_encode(),
    }


def combined(
    rows: Rows, names: Sequence[str], meaning: Callable[[Sequence[str | None]], str | None]
) -> pa.Array:
    """What do several cells of a row say together; equal combinations are asked once.

    Parameters
    ----------
    rows : Rows
        A batch.
    names : sequence of str
        Column names; an absent column is null, no name at all gives null in every row.
    meaning : callable
        Turns the cells, in the order of the names, into one; None and blank become null.

    Returns
    -------
    pyarrow.DictionaryArray
        Text.

    Examples
    --------
    >>> rows = Rows(pa.table({"a": ["1", None], "b": ["2", "3"]}))
    >>> combined(rows, ["a", "b"], lambda cells: str(cells)).to_pylist()
    ["['1', '2']", "[None, '3']"]
    """
    if not names:
        return rows.text("").dictionary_encode()
    cells = [pc.replace_substring(pc.fill_null(rows.text(name), ""), _BETWEEN, " ") for name in names]
    whole = pc.binary_join_element_wise(*cells, _BETWEEN).dictionary_encode()
    words = [
        meaning([cell or None for cell in text.split(_BETWEEN)]) or None
        for text in whole.dictionary.to_pylist()
    ]
    return pa.array(words, pa.string()).take(whole.indices).dictionary_encode()


def tags_in_columns(rows: Rows, keys: Mapping[str, str]) -> pa.Array | None:
    """Which tags has each row, where every key has a column of its own.

    Parameters
    ----------
    rows : Rows
        A batch.
    keys : mapping of str to str
        Column name to tag key.

    Returns
    -------
    pyarrow.DictionaryArray or None
        JSON objects as text, null for a row without tags; None where there are no keys.

    Examples
    --------
    >>> rows = Rows(pa.table({"tags/team": ["web", None], "tags/env": ["test", None]}))
    >>> tags_in_columns(rows, {"tags/team": "team", "tags/env": "env"}).to_pylist()
    ['{"team":"web","env":"test"}', None]
    """
    if not keys:
        return None
    pairs = [rows.looked_up(name, _pair(key)).dictionary_decode() for name, key in keys.items()]
    # Rows that are null in every column would be lost by the join: the empty text holds their place.
    joined = pc.binary_join_element_wise(pa.scalar(""), *pairs, "", null_handling="skip")
    whole = pc.binary_join_element_wise(pc.binary_replace_slice(joined, 0, 1, "{"), pa.scalar("}"), "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole).dictionary_encode()


def _pair(key: str) -> Callable[[str], str]:
    return lambda value: f",{orjson.dumps(key).decode()}:{orjson.dumps(value).decode()}"


def kept(raw: pa.Table, *, used: Collection[str], taken: Collection[str]) -> dict[str, pa.Array]:
    """Which columns of a batch has no one translated; they stay as they are, under ``x_`` and their name.

    Parameters
    ----------
    raw : pyarrow.Table
        Text columns.
    used : collection of str
        Columns that were translated.
    taken : collection of str
        Names that the translated columns have; a column that would take one of them, in any case of
        letters, gets a ``_`` more.

    Returns
    -------
    dict of str to pyarrow.Array
        Without those that are null in every row.

    Examples
    --------
    >>> raw = pa.table({"a": ["1"], "new": ["2"], "empty": pa.nulls(1, pa.string())})
    >>> list(kept(raw, used={"a"}, taken={"x_new"}))
    ['x_new_']
    """
    found: dict[str, pa.Array] = {}
    held = {name.lower() for name in (*taken, *_SPECIAL)}
    for name in raw.column_names:
        column = raw.column(name)
        if name in used or column.null_count == len(column):
            continue
        free = f"x_{name}"
        while free.lower() in held:
            free += "_"
        held.add(free.lower())
        found[free] = column.combine_chunks()
    return found
