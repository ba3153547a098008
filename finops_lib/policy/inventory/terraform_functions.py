"""What do Terraform's operators and functions give on values that are known.

Only those are here that need no clock, no disk and no chance, and whose answer is the same in every version.
A function that is not here gives no value, and what it stands in is unknown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MOST_ITEMS = 10_000
_MOST_DISTINCT = 300
_LONGEST = 65_536  # characters of a text
_BOTH = 2


def as_text(value: Any) -> str | None:
    """How is this value written in a text.

    Parameters
    ----------
    value : Any
        Of an expression.

    Returns
    -------
    str or None
        None for what has no text: lists, objects, null and what is not known.

    Examples
    --------
    >>> as_text(True), as_text(2.0), as_text(2.5), as_text("a"), as_text(None), as_text([])
    ('true', '2', '2.5', 'a', None, None)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (str, int, float)) else None


def as_bool(value: Any) -> bool | None:
    """Which truth is this value: true, false, or the texts of them.

    Parameters
    ----------
    value : Any
        Of an expression.

    Returns
    -------
    bool or None
        None for anything else.

    Examples
    --------
    >>> as_bool("true"), as_bool(False), as_bool(1)
    (True, False, None)
    """
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else _truth(value)


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def as_number(value: Any) -> int | float | None:
    """Which number is this value, or the text of it.

    Parameters
    ----------
    value : Any
        Of an expression.

    Returns
    -------
    int, float or None
        None for anything else.

    Examples
    --------
    >>> as_number("3"), as_number(2.5), as_number("x"), as_number(True)
    (3, 2.5, None, None)
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or len(value) > len(str(_MOST_ITEMS)) * 4 or not value.isascii():
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    whole = value.removeprefix("-").isdecimal()
    return int(value) if whole else found if found - found == 0 else None


def operate(operator: str, values: list[Any]) -> Any:
    """What does this operator give.

    Parameters
    ----------
    operator : str
        As in HCL.
    values : list
        One or two, known.

    Returns
    -------
    Any
        None where it has no answer.

    Examples
    --------
    >>> operate("+", [1, 2]), operate("!", [True]), operate("==", ["1", 1]), operate("/", [1, 0])
    (3, False, False, None)
    """
    if operator in {"==", "!="}:
        same = same_value(*values)
        return same if operator == "==" else not same
    if operator in {"&&", "||", "!"}:
        return _logic(operator, [as_bool(one) for one in values])
    numbers = [one for one in map(as_number, values) if one is not None]
    if len(numbers) < len(values):
        return None
    try:
        return -numbers[0] if len(numbers) < _BOTH else _plain(_ARITHMETIC[operator](*numbers))
    except ArithmeticError:
        return None


def same_value(one: Any, other: Any) -> bool:
    """Whether two known values are equal for Terraform: a number is no text and no truth.

    Parameters
    ----------
    one, other : Any
        Plain JSON.

    Returns
    -------
    bool

    Examples
    --------
    >>> same_value(1, 1.0), same_value(1, True), same_value([1], [1])
    (True, False, True)
    """
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _logic(operator: str, truths: list[bool | None]) -> bool | None:
    if None in truths:
        return None
    if operator == "!":
        return not truths[0]
    return all(truths) if operator == "&&" else any(truths)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: a - b * int(a / b),
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def _concat(*lists: list[Any]) -> list[Any] | None:
    if sum(map(len, lists)) > _MOST_ITEMS or not all(isinstance(one, list) for one in lists):
        return None
    return [item for one in lists for item in one]


def _lookup(table: Mapping[str, Any], key: str, otherwise: Any = None) -> Any:
    return table.get(key, otherwise)


def _element(items: list[Any], place: int) -> Any:
    return items[place % len(items)]


def _coalesce(*values: Any) -> Any:
    return next((one for one in values if one not in (None, "")), None)


def _flatten(items: list[Any]) -> list[Any]:
    return [inner for one in items for inner in (_flatten(one) if isinstance(one, list) else [one])]


def _distinct(items: list[Any]) -> list[Any]:
    if len(items) > _MOST_DISTINCT:
        raise ValueError
    found: list[Any] = []
    for one in items:
        if not any(same_value(one, other) for other in found):
            found.append(one)
    return found


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _joined(between: str, items: list[Any]) -> str:
    texts = [_text(one) for one in items]
    _refuse_long(len(between) * len(texts) + sum(map(len, texts)))
    return between.join(texts)


def _refuse_long(length: int) -> None:
    if length > _LONGEST:
        raise ValueError


def _text(value: Any) -> str:
    found = as_text(value)
    if found is None:
        raise ValueError
    return found


def _formatted(pattern: str, *values: Any) -> str | None:
    pieces = pattern.split("%s")
    if "%" in "".join(pieces) or len(pieces) != len(values) + 1:
        return None
    texts = [_text(one) for one in values]
    _refuse_long(sum(map(len, texts)))
    return "".join(piece + text for piece, text in zip(pieces, [*texts, ""], strict=True))


def _replaced(text: str, old: str, new: str) -> str | None:
    pattern = len(old) > 1 and old.startswith("/") and old.endswith("/")
    _refuse_long(len(text) + text.count(old) * len(new))
    return None if pattern or not old else text.replace(old, new)


def _extreme(
    choose: Callable[[list[int | float]], int | float], numbers: Sequence[Any]
) -> int | float | None:
    found = [one for one in map(as_number, numbers) if one is not None]
    return choose(found) if len(found) == len(numbers) else None


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": abs,
    "coalesce": _coalesce,
    "compact": lambda items: [one for one in items if one not in (None, "")],
    "concat": _concat,
    "contains": lambda items, value: any(same_value(one, value) for one in items),
    "distinct": _distinct,
    "element": _element,
    "endswith": lambda text, end: text.endswith(end),
    "flatten": _flatten,
    "format": _formatted,
    "join": _joined,
    "jsondecode": json.loads,
    "jsonencode": _json,
    "keys": sorted,
    "length": len,
    "lookup": _lookup,
    "lower": lambda text: text.lower(),
    "max": lambda *numbers: _extreme(max, numbers),
    "min": lambda *numbers: _extreme(min, numbers),
    "nonsensitive": lambda value: value,
    "replace": _replaced,
    "split": lambda between, text: text.split(between),
    "startswith": lambda text, start: text.startswith(start),
    "tobool": as_bool,
    "tolist": lambda items: items if isinstance(items, list) else None,
    "tomap": lambda table: table if isinstance(table, dict) else None,
    "tonumber": as_number,
    "toset": lambda items: sorted({_text(one) for one in items}),
    "tostring": as_text,
    "trimprefix": lambda text, start: text.removeprefix(start),
    "trimspace": lambda text: text.strip(),
    "trimsuffix": lambda text, end: text.removesuffix(end),
    "upper": lambda text: text.upper() if len(text.upper()) == len(text) else None,  # "ß" stays in Terraform
    "values": lambda table: [table[key] for key in sorted(table)],
}
