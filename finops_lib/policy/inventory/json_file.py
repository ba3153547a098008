"""A JSON file as plain values with lines, read strictly: no key twice, no NaN, nothing behind the end."""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # has no stub
from typing import Any

from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.marked import (
    DEEPEST,
    LARGEST_WHOLE,
    MOST_NODES,
    Block,
    Document,
    Documents,
    Refused,
)

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"true|false|null")
_LONGEST_NUMBER = 40  # characters
_INFINITE = (float("inf"), float("-inf"))


def read_json(content: bytes, *, file: str, most: int = MOST_NODES) -> Documents:
    """Which value does this file hold.

    Parameters
    ----------
    content : bytes
        UTF-8; a byte order mark is no content.
    file : str
        Its path, for faults.
    most : int
        Values that it may have.

    Returns
    -------
    Documents
        One document, or a fault.

    Examples
    --------
    >>> [document] = read_json(b'{"a": [1, true]}', file="x.json").documents
    >>> document.value, document.value.lines
    ({'a': [1, True]}, {'a': 1})
    >>> read_json(b'{"a": 1, "a": 2}', file="x.json").faults[0].reason
    "the key 'a' stands twice in one object"
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Documents((), (Fault(file, line, "it is not UTF-8"),))
    reader = _Reader(text, most)
    try:
        return Documents((Document(reader.whole(), 1),))
    except Refused as refused:
        return Documents((), (Fault(file, refused.line, refused.reason),))


class _Reader:
    def __init__(self, text: str, most: int) -> None:
        self.text, self.most, self.nodes = text, most, 0
        self.ends = [match.start() for match in re.finditer("\n", text)]

    def line(self, place: int) -> int:
        return bisect_right(self.ends, place - 1) + 1

    def refuse(self, place: int, reason: str) -> Refused:
        return Refused(self.line(place), reason)

    def skip(self, place: int) -> int:
        found = _SPACE.match(self.text, place)
        return found.end() if found else place

    def whole(self) -> Any:
        value, place = self.value(self.skip(0), 0)
        if self.skip(place) != len(self.text):
            raise self.refuse(self.skip(place), "it is no JSON: something stands behind its end")
        return value

    def value(self, place: int, depth: int) -> tuple[Any, int]:
        self.nodes += 1
        if self.nodes > self.most:
            raise self.refuse(place, f"it has more than {self.most:,} values")
        if depth > DEEPEST:
            raise self.refuse(place, f"it is nested more than {DEEPEST} levels deep")
        match self.text[place : place + 1]:
            case "{":
                return self.object(place, depth)
            case "[":
                return self.array(place, depth)
            case '"':
                return self.string(place)
        return self.scalar(place)

    def string(self, place: int) -> tuple[str, int]:
        if self.text[place : place + 1] != '"':
            raise self.refuse(place, "it is no JSON: a text in double quotes is expected")
        try:
            value, end = scanstring(self.text, place + 1, True)
        except JSONDecodeError as error:
            raise self.refuse(error.pos, f"it is no JSON: {in_words(error.msg)}") from None
        # Half of a surrogate pair cannot be written as UTF-8 again.
        return value.encode("utf-8", "replace").decode("utf-8"), end

    def scalar(self, place: int) -> tuple[Any, int]:
        word = _WORD.match(self.text, place)
        if word:
            return _WORDS[word.group()], word.end()
        number = _NUMBER.match(self.text, place)
        if not number:
            raise self.refuse(place, "it is no JSON: a value is expected")
        text = number.group()
        whole = not (number.group(2) or number.group(3))
        value = (int(text) if whole else float(text)) if len(text) <= _LONGEST_NUMBER else text
        exact = (
            not isinstance(value, str)
            and value not in _INFINITE
            and (not whole or abs(value) <= LARGEST_WHOLE)
        )
        return (value if exact else text), number.end()

    def array(self, place: int, depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        place = self.skip(place + 1)
        if self.text[place : place + 1] == "]":
            return items, place + 1
        while True:
            item, place = self.value(place, depth + 1)
            items.append(item)
            more, place = self.more(place, "]")
            if not more:
                return items, place

    def object(self, place: int, depth: int) -> tuple[Block, int]:
        block = Block({}, {})
        place = self.skip(place + 1)
        if self.text[place : place + 1] == "}":
            return block, place + 1
        while True:
            key, after = self.string(place)
            if key in block:
                raise self.refuse(place, f"the key {in_words(key)!r} stands twice in one object")
            block.lines[key] = self.line(place)
            place = self.skip(after)
            if self.text[place : place + 1] != ":":
                raise self.refuse(place, "it is no JSON: a colon is expected")
            block[key], place = self.value(self.skip(place + 1), depth + 1)
            more, place = self.more(place, "}")
            if not more:
                return block, place

    def more(self, place: int, end: str) -> tuple[bool, int]:
        """Whether another item follows, and where."""
        place = self.skip(place)
        sign = self.text[place : place + 1]
        if sign not in {",", end} or not sign:
            raise self.refuse(place, f"it is no JSON: a comma or {end} is expected")
        return sign == ",", self.skip(place + 1) if sign == "," else place + 1
