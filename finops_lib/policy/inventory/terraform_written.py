"""What Terraform writes as JSON, read strictly, and without what it marks as sensitive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

LARGEST = 64 * 1024**2  # bytes
HIDDEN = "(sensitive)"
DEEPEST = 60
_TOO_DEEP = "more than can be read in each other"


class Refused(Exception):  # noqa: N818  caught where a file is read: a refusal becomes a fault
    """A plan or state is not read, and why."""


def loaded(content: bytes) -> Mapping[str, Any]:
    """Which object is in this file.

    Parameters
    ----------
    content : bytes
        JSON in UTF-8.

    Returns
    -------
    mapping

    Raises
    ------
    Refused
        It is too large, no JSON, no object, or has a key twice.

    Examples
    --------
    >>> loaded(b'{"version": 4}')
    {'version': 4}
    """
    if len(content) > LARGEST:
        raise Refused(f"{len(content):,} bytes: a plan or state of at most {LARGEST:,} is read")
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    except RecursionError:
        raise Refused(_TOO_DEEP) from None
    except ValueError as error:
        raise Refused(f"no JSON: {str(error)[:160]}") from None
    if not isinstance(found, dict):
        raise Refused("not an object")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in an object")
    return found


def mapping(value: Any) -> Mapping[str, Any]:
    """The object that this is.

    Parameters
    ----------
    value : Any
        Of a document.

    Returns
    -------
    mapping

    Raises
    ------
    Refused
        It is none.
    """
    if not isinstance(value, dict):
        raise Refused("an object was expected where another value stands")
    return value


def listed(value: Any) -> list[Any]:
    """The list that this is; an empty one for null.

    Parameters
    ----------
    value : Any
        Of a document.

    Returns
    -------
    list

    Raises
    ------
    Refused
        It is none.
    """
    if value is not None and not isinstance(value, list):
        raise Refused("a list was expected where another value stands")
    return value or []


def marked(marks: Any) -> list[str]:
    """At which dotted paths does a tree of marks say true.

    Parameters
    ----------
    marks : Any
        ``after_unknown`` or ``after_sensitive`` of a change.

    Returns
    -------
    list of str
        "" for the whole.

    Raises
    ------
    Refused
        The marks are nested too deeply.

    Examples
    --------
    >>> marked({"id": True, "rule": [{"key": True, "name": False}]})
    ['id', 'rule.0.key']
    """
    return list(_marked(marks, "", 0))


def _marked(value: Any, at: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise Refused(_TOO_DEEP)
    if value is True:
        yield at
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _marked(inner, f"{at}.{key}" if at else str(key), depth + 1)


def without(values: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Which values are left when what is sensitive is hidden.

    Parameters
    ----------
    values : mapping
        Of a resource.
    paths : iterable of str
        Dotted; "" hides all.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    Refused
        The values are nested too deeply.

    Examples
    --------
    >>> without({"user": "a", "password": "b"}, ["password"])
    {'user': 'a', 'password': '(sensitive)'}
    """
    hidden = set(paths)
    return {key: HIDDEN if "" in hidden else _hide(one, key, hidden, 0) for key, one in values.items()}


def _hide(value: Any, at: str, hidden: set[str], depth: int) -> Any:
    if depth > DEEPEST:
        raise Refused(_TOO_DEEP)
    if at in hidden:
        return HIDDEN
    if isinstance(value, dict):
        return {key: _hide(one, f"{at}.{key}", hidden, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_hide(one, f"{at}.{place}", hidden, depth + 1) for place, one in enumerate(value)]
    return value
