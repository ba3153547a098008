"""Which tags does this cell hold: the three ways in which Azure exports write them, as one JSON object.

Newer exports write a JSON object, those of an Enterprise Agreement the same without its outer braces,
older ones ``key:value;key:value``. A cell that is none of them is left as it came, so that it is flagged
and nothing is lost.

Source: Microsoft, "Understand cost details fields" (Tags).
"""

from __future__ import annotations

import json
from functools import partial

import orjson

_EMPTY = frozenset({"", "{}", "null", "none"})
_JSON_STARTS = ("{", '"', "[")
_exactly = partial(json.loads, parse_int=str, parse_float=str, parse_constant=str)


def tags_json(text: str) -> str | None:
    """Which tags are these, as a JSON object whose values are text.

    Parameters
    ----------
    text : str
        A cell of the column ``Tags``.

    Returns
    -------
    str or None
        None without tags; the cell itself where it cannot be read.

    Examples
    --------
    >>> tags_json('"env": "prod","org": "trey"'), tags_json("env:prod;url:http://a;b")
    ('{"env":"prod","org":"trey"}', '{"env":"prod","url":"http://a;b"}')
    """
    bare = text.strip()
    if bare.lower() in _EMPTY:
        return None
    found = _object(bare) or _object("{" + bare.strip(",") + "}")
    if found is None and not bare.startswith(_JSON_STARTS):
        found = _pairs(bare)
    return text if found is None else orjson.dumps(found).decode()


def _object(text: str) -> dict[str, str] | None:
    try:
        found = orjson.loads(text)
        if not isinstance(found, dict):
            return None
        if not all(isinstance(value, str) for value in found.values()):
            found = _exactly(text)  # numbers keep every digit
    except (ValueError, RecursionError):
        return None
    return {key: _word(value) for key, value in found.items()}


def _word(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()


def _pairs(text: str) -> dict[str, str] | None:
    """Read ``key:value;key:value``; a part without a colon belongs to the value before it."""
    found: dict[str, str] = {}
    last = ""
    for part in text.split(";"):
        key, colon, value = part.partition(":")
        if colon and key.strip():
            last = key.strip()
            found[last] = f"{found[last]};{value.strip()}" if last in found else value.strip()
        elif last and part.strip():
            found[last] += f";{part}"
        elif part.strip():
            return None
    return found or None
