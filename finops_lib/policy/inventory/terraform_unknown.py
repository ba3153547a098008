"""What is not known, beside what is: how it is kept in a value, and how it is listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

Value: TypeAlias = Any
Step: TypeAlias = "str | int"
MOST_NODES = 5_000  # of one value: texts, numbers, lists and objects in it
MOST_CHARACTERS = 1_000_000  # of one value
DEEPEST = 80
_LONGEST_PLACE = 5  # digits


class Unknown(NamedTuple):
    """A value that the files do not tell: how it was written, with ``${`` around it."""

    text: str


class Partly(dict[str, Any]):
    """An object of which more keys may exist, or other values, than the files tell."""


def reach(value: Value, key: Step) -> Value:
    """What is at this key or place of a value.

    Parameters
    ----------
    value : Value
        A list or an object.
    key : str or int
        A key, or a place from 0.

    Returns
    -------
    Value
        Unknown where there is none, or where more may be there than the files tell.

    Examples
    --------
    >>> reach({"a": [1, 2]}, "a"), reach([1, 2], 1), reach([1], "x")
    ([1, 2], 2, Unknown(text='${...}'))
    """
    if isinstance(value, Mapping) and not isinstance(value, Partly) and str(key) in value:
        return value[str(key)]
    place = int(key) if str(key).isdecimal() and len(str(key)) < _LONGEST_PLACE else -1
    if isinstance(value, list) and 0 <= place < len(value):
        return value[place]
    return Unknown("${...}")


def known(value: Value) -> bool:
    """Whether a value is known to its last part, and not too large to work with.

    Parameters
    ----------
    value : Value
        Any.

    Returns
    -------
    bool

    Examples
    --------
    >>> known([1, {"a": None}]), known([Unknown("${x}")])
    (True, False)
    """
    level, count, characters = [value], 0, 0
    for _ in range(DEEPEST):
        count += len(level)
        characters += sum(len(one) for one in level if isinstance(one, str))
        if not level or count > MOST_NODES or characters > MOST_CHARACTERS:
            return not level
        if any(isinstance(one, (Unknown, Partly)) for one in level):
            return False
        level = [inner for one in level for inner in _parts(one)]
    return False


def _parts(value: Value) -> Iterable[Value]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


class TooLarge(Exception):  # noqa: N818  caught where a resource is made: it becomes a fault
    """A value has more parts than are read."""


def settle(value: Value, *, at: str, left: Iterator[int]) -> tuple[Any, list[str]]:
    """How does a value stand in a resource, and which paths in it are not known.

    Parameters
    ----------
    value : Value
        Any.
    at : str
        Its own path.
    left : iterator of int
        One step for each part that may still be read.

    Returns
    -------
    (Any, list of str)
        Plain JSON; dotted paths.

    Raises
    ------
    TooLarge
        It has more parts than are left, or too many in each other.

    Examples
    --------
    >>> settle({"a": [1, Unknown("${x}")]}, at="tags", left=iter(range(9)))
    ({'a': [1, '${x}']}, ['tags.a.1'])
    """
    paths: list[str] = []
    return _settled(value, at, paths, left, 0), paths


def _settled(value: Value, at: str, paths: list[str], left: Iterator[int], depth: int) -> Any:
    if next(left, None) is None or depth > DEEPEST:
        raise TooLarge(at)
    if isinstance(value, Unknown):
        paths.append(at)
        return value.text
    if isinstance(value, Mapping):
        if isinstance(value, Partly):
            paths.append(at)
        return {key: _settled(one, f"{at}.{key}", paths, left, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_settled(one, f"{at}.{place}", paths, left, depth + 1) for place, one in enumerate(value)]
    return value
