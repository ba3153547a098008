"""Which tags does a row of Google's export carry: labels, resource tags, project labels, system labels.

Of one key the strongest says its value: the resource's label, then its tag (bound to it before inherited),
then the label of the project, then the system's own. Keys keep their names (``compute.googleapis.com/cores``
names its owner already). A tag whose short name is taken stands under ``namespace/key``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import orjson
import pyarrow as pa

from finops_lib.billing.formats.gcp.repr_text import UNREADABLE, canonical, parsed

Pairs = list[tuple[str, str]]


def label_pairs(text: str) -> Pairs | None:
    """Which keys and values does this cell list, strongest first.

    Parameters
    ----------
    text : str
        A list of objects with ``key`` and ``value`` (tags: also ``namespace`` and ``inherited``), or an
        object of keys and values; JSON or as Python prints it.

    Returns
    -------
    list of tuple of str and str, or None
        None where it cannot be read.

    Examples
    --------
    >>> label_pairs("[{'key': 'team', 'value': 'web'}]"), label_pairs('{"team": "web"}')
    ([('team', 'web')], [('team', 'web')])
    """
    value = parsed(text)
    if value is None:
        return []
    if isinstance(value, dict):
        return [(key, _word(item)) for key, item in value.items()]
    if value is UNREADABLE or not isinstance(value, list):
        return None
    items = [item for item in value if isinstance(item, dict) and isinstance(item.get("key"), str)]
    return _listed(items) if len(items) == len(value) else None


def _listed(items: Sequence[dict[str, object]]) -> Pairs:
    found: Pairs = []
    taken: set[str] = set()
    for item in sorted(items, key=lambda item: _word(item.get("inherited")).lower() == "true"):
        key, value, owner = str(item["key"]), _word(item.get("value")), _word(item.get("namespace"))
        full = f"{owner}/{key}" if owner and key in taken else key
        taken.add(full)
        found.append((full, value))
    return found


def _word(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else canonical(value)


def merged(texts: Sequence[str | None]) -> str | None:
    """Which tags do these cells make together.

    Parameters
    ----------
    texts : sequence of str or None
        Cells of one row, strongest first.

    Returns
    -------
    str or None
        JSON; None where there is no tag. Where one cell cannot be read, all of them as they came: a text
        that is no JSON object.

    Examples
    --------
    >>> merged(["[{'key': 'team', 'value': 'web'}]", '[{"key": "team", "value": "all"}]'])
    '{"team":"web"}'
    """
    told = [text for text in texts if text is not None]
    found = [label_pairs(text) for text in told]
    if any(pairs is None for pairs in found):
        return " ".join(["unreadable:", *told])
    tags: dict[str, str] = {}
    for pairs in found:
        for key, value in pairs or ():
            tags.setdefault(key, value)
    return orjson.dumps(tags).decode() if tags else None


def tags_column(columns: Sequence[pa.Array]) -> pa.Array:
    """Which tags does each row carry; equal rows are read once.

    Parameters
    ----------
    columns : sequence of pyarrow.StringArray
        Cells, strongest first; at least one column.

    Returns
    -------
    pyarrow.DictionaryArray
        JSON text.
    """
    told = [column for column in columns if column.null_count < len(column)]
    return _once(told, merged) if told else pa.nulls(len(columns[0]), pa.string()).dictionary_encode()


def _once(columns: Sequence[pa.Array], meaning: Callable[[Sequence[str | None]], str | None]) -> pa.Array:
    """Ask once for each combination of cells that occurs."""
    coded = [column.dictionary_encode(null_encoding="encode") for column in columns]
    codes = np.zeros(len(columns[0]), np.int64)
    for column in coded:
        codes = codes * max(len(column.dictionary), 1) + column.indices.to_numpy()
        codes = np.unique(codes, return_inverse=True)[1]  # small again, so that no product overflows
    rows = np.unique(codes, return_index=True)[1]
    words = [meaning(cells) for cells in _rows(coded, rows)]
    return pa.array(words, pa.string()).take(pa.array(codes)).dictionary_encode()


def _rows(coded: Sequence[pa.DictionaryArray], rows: np.ndarray) -> Iterator[Sequence[str | None]]:
    taken = pa.array(rows)
    return zip(*(column.take(taken).dictionary_decode().to_pylist() for column in coded), strict=True)
