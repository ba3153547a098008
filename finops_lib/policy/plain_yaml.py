"""YAML that people keep beside policies, as plain JSON: no aliases, tags or keys twice, moments as text."""

from __future__ import annotations

import math
import stat
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError

LARGEST_FILE = 4 << 20  # bytes
DEEPEST = 32
_LARGEST_NUMBER = 1e15
_LONGEST_ERROR = 300


class _TextMoments(SafeConstructor):
    """Leaves a moment as the text that was written, so that it means the same to every reader."""


_TextMoments.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_yaml_file(path: Path, *, kind: str) -> Any:
    """What does this YAML file hold.

    Parameters
    ----------
    path : Path
        A regular file of at most 4 MiB, UTF-8.
    kind : str
        Of the file, for errors, such as ``cases``.

    Returns
    -------
    object
        Plain JSON.

    Raises
    ------
    PolicyError
        It cannot be read, is a link, or is not such YAML.
    """
    where = f"{kind} {path.name}"
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise PolicyError(where, "it is a regular file, no link", "put the file itself there")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PolicyError(f"{where}: {error.strerror}", "it can be read", "correct path or rights") from error
    if len(content) > LARGEST_FILE:
        raise PolicyError(where, f"it has at most {LARGEST_FILE} bytes", "cut it into smaller files")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{where}: byte {error.start}", "it is UTF-8", "save it as UTF-8") from error
    return read_yaml_text(text, where=where)


def read_yaml_text(text: str, *, where: str) -> Any:
    """What does this YAML text hold.

    Parameters
    ----------
    text : str
        One document.
    where : str
        Kind and name of the file, for errors.

    Returns
    -------
    object
        Mappings with texts as keys, lists, texts, finite numbers, booleans and nulls.

    Raises
    ------
    PolicyError
        It is no YAML, or has an alias, a tag, more than one document, a key twice or that is no text, a
        number that is not finite or too large, or more than 32 levels.

    Examples
    --------
    >>> read_yaml_text("{a: 1, at: 2026-11-26}", where="x.yaml")
    {'a': 1, 'at': '2026-11-26'}
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _TextMoments
    try:
        _refuse_tricks(text, where)
        found = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        said = f"{where}{line}: {str(error.problem)[:_LONGEST_ERROR]}"
        raise PolicyError(said, "it is one YAML document", "correct the file") from error
    # The parser meets some hostile texts with errors of Python.
    except (YAMLError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        said = f"{where}: {str(error)[:_LONGEST_ERROR]}"
        raise PolicyError(said, "it is one YAML document", "correct the file") from error
    _check(found, where)
    return found


def _refuse_tricks(text: str, where: str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise PolicyError(where, f"it has at most {DEEPEST} levels", "make it flatter")
        place = f"{where}, line {event.start_mark.line + 1}"
        if isinstance(event, AliasEvent):
            raise PolicyError(f"{place}: an alias", "it has no aliases", "write the value out")
        tag = getattr(event, "tag", None) if isinstance(event, NodeEvent) else None
        if tag is not None and str(tag) != "!":
            raise PolicyError(f"{place}: tag {shown(tag)}", "it has no tags", "take the tag out")


def _check(value: object, where: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise PolicyError(f"{where}: key {shown(key)}", "a key is a text", "put it in quotes")
            _check(item, where)
    elif isinstance(value, list):
        for item in value:
            _check(item, where)
    elif isinstance(value, (int, float)) and not (math.isfinite(value) and abs(value) <= _LARGEST_NUMBER):
        raise PolicyError(f"{where}: {shown(value)}", "a number is at most 1e15", "correct the number")
    elif not isinstance(value, (str, int, float, bool, type(None))):
        raise PolicyError(f"{where}: {shown(value)}", "it is plain JSON", "put it in quotes")
