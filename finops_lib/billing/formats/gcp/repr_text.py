"""What does this nested cell hold: JSON, or what Python prints of lists and objects, read without running it.

Tools that write tables of nested cells as CSV leave them as JSON, as ``repr`` of lists and dictionaries
(``None``, ``True``, ``Decimal('0.1')``), or as numpy prints arrays (``array([...], dtype=object)``, no
commas between objects). Numbers are exact decimals; a name said twice in one object is unreadable.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Final, NoReturn

UNREADABLE: Final = object()
_LONGEST = 65_536  # characters of one cell
_DEEPEST = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"""
    r"""|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)|(?P<mark>[\[\](){}:,=]))""",
    re.S,
)
_WORDS: Mapping[str, bool | None] = MappingProxyType(
    {"None": None, "null": None, "nan": None, "NaN": None, "True": True, "true": True}
    | {"False": False, "false": False}
)
_WRAPPERS = frozenset({"array", "Decimal", "float64", "int64", "str_", "bool_"})


class _OddError(Exception):
    """The text is neither; never leaves this module."""


def parsed(text: str) -> object:
    """Which value does this text stand for.

    Parameters
    ----------
    text : str
        JSON, or what Python prints.

    Returns
    -------
    object
        Lists, dictionaries with text keys, text, `decimal.Decimal`, bool or None (also for ``nan``); or
        ``UNREADABLE``, also for more than 65,536 characters or 20 levels.

    Examples
    --------
    >>> parsed("[{'amount': -0.10, 'id': None}]") == parsed('[{"amount": -0.10, "id": null}]')
    True
    >>> parsed("array([Decimal('0.1')], dtype=object)"), parsed("__import__('os')") is UNREADABLE
    (['0.1'], True)
    """
    if len(text) > _LONGEST:
        return UNREADABLE
    try:
        found = _json(text) if text.lstrip("[{ ")[:1] != "'" else _Reader(text).whole()
    except (ValueError, ArithmeticError, RecursionError, _OddError):
        try:
            found = _Reader(text).whole()
        except (_OddError, ArithmeticError):
            return UNREADABLE
    return found if "\\" not in text or _is_text(found) else UNREADABLE


def canonical(value: object) -> str:
    """How is this value written as JSON, the same whatever file it came from.

    Parameters
    ----------
    value : object
        From `parsed`.

    Returns
    -------
    str
        Names in order of the alphabet, those that say nothing left out, digits of numbers as they came.

    Examples
    --------
    >>> canonical(parsed("[{'b': 1.50, 'a': None}]"))
    '[{"b":1.50}]'
    """
    if isinstance(value, dict):
        kept = sorted((name, item) for name, item in value.items() if item is not None)
        return "{" + ",".join(f"{canonical(name)}:{canonical(item)}" for name, item in kept) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    if isinstance(value, str):
        return encode_basestring(value)
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def _json(text: str) -> object:
    found = json.loads(
        text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_named
    )
    if text.count("[") + text.count("{") >= _DEEPEST and _is_deep(found, 1):
        raise _OddError
    return found


def _is_deep(value: object, depth: int) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > _DEEPEST or any(_is_deep(item, depth + 1) for item in inside)


def _refuse(_: str) -> NoReturn:
    raise _OddError


def _named(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Refuse an object in which one name stands twice: which of them counts is unknown."""
    listed = list(pairs)
    found = dict(listed)
    if len(found) < len(listed):
        raise _OddError
    return found


def _is_text(value: object) -> bool:
    """Half a character, as an escape can make one, can be written nowhere."""
    try:
        canonical(value).encode()
    except UnicodeEncodeError:
        return False
    return True


class _Reader:
    """Reads printed Python from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text.strip())
        self._next = 0

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, place = [], 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found or not found.lastgroup:
                raise _OddError
            tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        return tokens

    def whole(self) -> object:
        found = self._value(1)
        if self._peek()[0]:
            raise _OddError
        return found

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("", "")

    def _take(self) -> tuple[str, str]:
        self._next += 1
        return self._tokens[self._next - 1] if self._next <= len(self._tokens) else ("", "")

    def _takes(self, mark: str) -> bool:
        found = self._peek() == ("mark", mark)
        self._next += found
        return found

    def _value(self, depth: int) -> object:
        kind, text = self._take()
        if depth > _DEEPEST:
            raise _OddError
        if kind == "string":
            return _unquoted(text)
        if kind == "number":
            return Decimal(text)
        if kind == "name":
            return self._word(text, depth)
        if kind == "mark" and text in "[(":
            return self._items("]" if text == "[" else ")", depth)
        if kind == "mark" and text == "{":
            return _named(self._pairs(depth))
        raise _OddError

    def _word(self, text: str, depth: int) -> object:
        if text in _WORDS:
            return _WORDS[text]
        if text.rpartition(".")[2] not in _WRAPPERS or not self._takes("("):
            raise _OddError
        found = self._value(depth + 1)
        while self._takes(","):  # dtype=object and its like
            if self._take()[0] != "name" or not self._takes("=") or self._take()[0] not in {"name", "string"}:
                raise _OddError
        if not self._takes(")"):
            raise _OddError
        return found

    def _items(self, end: str, depth: int) -> list[object]:
        found: list[object] = []
        while not self._takes(end):
            found.append(self._value(depth + 1))
            if not self._takes(",") and self._peek() not in {("mark", end), ("mark", "{")}:
                raise _OddError
        return found

    def _pairs(self, depth: int) -> Iterable[tuple[str, object]]:
        while not self._takes("}"):
            kind, text = self._take()
            if kind != "string" or not self._takes(":"):
                raise _OddError
            yield _unquoted(text), self._value(depth + 1)
            if not self._takes(",") and self._peek() != ("mark", "}"):
                raise _OddError


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text[1:-1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python does not know stays as it is
            return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        raise _OddError from None
