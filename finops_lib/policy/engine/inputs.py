"""What may be asked: a JSON object within bounds, written in one way only, so that its digest names it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError

LONGEST_TEXT = 64 << 10  # bytes
DEEPEST = 64
LARGEST = 1 << 20  # bytes in all
_PLACE = 8  # steps of a path that an error shows
_LONGEST_SUBJECT, _LONGEST_TIME = 1000, 40


@dataclass(frozen=True)
class Asked:
    """An input as it is sent to an engine: canonical JSON, its sha256, what it is about and when it is asked.

    Examples
    --------
    >>> asked = prepared({"time": "2026-11-26T10:00:00Z", "resource": {"address": "a:b.c"}})
    >>> asked.subject, asked.time, asked.text[:14]
    ('a:b.c', '2026-11-26T10:00:00Z', b'{"resource":{"')
    """

    text: bytes
    sha256: str
    subject: str
    time: str


def prepared(document: object) -> Asked:
    """How is this input sent.

    Parameters
    ----------
    document : object
        A mapping of texts to what JSON can hold.

    Returns
    -------
    Asked
        Keys sorted, no spaces: two equal documents have one digest.

    Raises
    ------
    PolicyError
        It is no object; a number is not finite or has more than 64 bits, a text has more than 64 KiB, it is
        nested more than 64 deep, has more than 1 MiB in all, or holds what is no JSON.

    Examples
    --------
    >>> prepared({"b": 1, "a": [True, None]}).text
    b'{"a":[true,null],"b":1}'
    """
    if not isinstance(document, Mapping):
        raise _refused(shown(document), "it is a JSON object", "ask about one thing")
    _check(document)
    try:
        text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS, default=_plain)
    except (TypeError, ValueError, RecursionError) as error:
        raise _refused(
            shown(error), "it is JSON, with whole numbers of at most 64 bits", "write other values as text"
        ) from None
    if len(text) > LARGEST:
        raise _refused(f"{len(text):,} bytes", f"it has at most {LARGEST:,} bytes", "ask about less at once")
    return Asked(text, hashlib.sha256(text).hexdigest(), subject_of(document), time_of(document))


def subject_of(document: object) -> str:
    """What is this input about: the address of its resource, else the id of its change.

    Parameters
    ----------
    document : object
        Any input, also a wrong one.

    Returns
    -------
    str
        Empty where it does not say.

    Examples
    --------
    >>> subject_of({"change": {"id": "c1"}}), subject_of({"resource": 7}), subject_of([])
    ('c1', '', '')
    """
    for key, name in (("resource", "address"), ("change", "id")):
        part = document.get(key) if isinstance(document, Mapping) else None
        said = part.get(name) if isinstance(part, Mapping) else None
        if isinstance(said, str):
            return said[:_LONGEST_SUBJECT]
    return ""


def time_of(document: object) -> str:
    """Which moment does this input carry.

    Parameters
    ----------
    document : object
        Any input, also a wrong one.

    Returns
    -------
    str
        RFC 3339 as it stands there, or empty where it is no moment.

    Examples
    --------
    >>> time_of({"time": "2026-11-26T10:00:00Z"}), time_of({"time": "today"}), time_of({"time": 7})
    ('2026-11-26T10:00:00Z', '', '')
    """
    said = document.get("time") if isinstance(document, Mapping) else None
    return said if isinstance(said, str) and moment(said) is not None else ""


def moment(text: str) -> datetime | None:
    """Which moment is this text.

    Parameters
    ----------
    text : str
        RFC 3339, with a zone.

    Returns
    -------
    datetime or None
        None where it is none.

    Examples
    --------
    >>> moment("2026-11-26T10:00:00Z").hour, moment("2026-11-26T10:00:00"), moment("x")
    (10, None, None)
    """
    if len(text) > _LONGEST_TIME or "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _check(document: Mapping[str, Any]) -> None:
    """Refuse what is not plain, before it is written: the walk ends at the first fault, and at the bounds."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(document, ())]
    room = LARGEST
    while waiting:
        value, place = waiting.pop()
        room -= 1 + (len(value) if isinstance(value, str) else 0)
        if room < 0:
            raise _refused("it goes on", f"it has at most {LARGEST:,} bytes", "ask about less at once")
        if isinstance(value, Mapping):
            waiting += [(_key(key, place), place) for key in value]
            waiting += [(part, (*place, key)) for key, part in value.items() if not _is_fine(part)]
        elif isinstance(value, (list, tuple)):
            waiting += [(part, (*place, str(n))) for n, part in enumerate(value) if not _is_fine(part)]
        else:
            _check_one(value, place)
        if len(place) > DEEPEST:
            raise _refused(_at(place), f"it is nested at most {DEEPEST} deep", "flatten it")


def _is_fine(value: object) -> bool:
    return value is None or value is True or value is False


def _key(key: object, place: tuple[str, ...]) -> str:
    if not isinstance(key, str):
        raise _refused(f"{_at(place)} key {shown(key)}", "each key is a text", "put it in quotes")
    return key


def _check_one(value: object, place: tuple[str, ...]) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT or (
            len(value) > LONGEST_TEXT // 4 and len(value.encode("utf-8", "replace")) > LONGEST_TEXT
        ):
            rule = f"a text has at most {LONGEST_TEXT:,} bytes"
            raise _refused(f"{_at(place)} {shown(value)}", rule, "cut it, or name it by its digest")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(f"{_at(place)} {value}", "a number is finite", "leave it out, or say null")
    elif not isinstance(value, int):
        said = f"{_at(place)} {shown(type(value).__name__)}"
        raise _refused(said, "it holds texts, numbers, yes and no, lists and objects", "write it as text")


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _at(place: tuple[str, ...]) -> str:
    cut = [step[: _PLACE * 10] for step in place[:_PLACE]]
    return shown(".".join(cut)) if cut else "at its top"


def _refused(value: str, rule: str, remedy: str) -> PolicyError:
    return PolicyError(f"policy input: {value}", rule, remedy)
