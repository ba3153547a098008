"""The files of a bundle, read once and within bounds; and its YAML, as plain JSON without surprises."""

from __future__ import annotations

import hashlib
import math
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from finops_lib.cost.entry_texts import shown
from finops_lib.errors import PolicyError

MOST_FILES, MOST_BYTES = 500, 4 << 20
MOST_YAML = 512 << 10  # bytes of one file
_MOST_VALUES = 100_000  # of one file, its aliases written out
_KINDS = {".rego", ".yaml", ".md"}


def files_of(folder: Path) -> dict[str, bytes]:
    """What does this folder hold, in all the folders below it.

    Parameters
    ----------
    folder : Path
        Of a bundle.

    Returns
    -------
    dict
        Path with ``/`` below the folder to content, sorted.

    Raises
    ------
    PolicyError
        It cannot be read, holds a link or another kind of file than Rego, YAML and Markdown, or too much.
    """
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        for count, path in enumerate(_walked(folder), start=1):
            if count > MOST_FILES:
                raise _refused(
                    f"{folder}: more than {MOST_FILES} files", f"it has at most {MOST_FILES}", "split it"
                )
            content = _content(path, left)
            left -= len(content)
            found[path.relative_to(folder).as_posix()] = content
    except OSError as error:
        raise _refused(
            f"{folder}: {type(error).__name__}", "it is a folder that can be read", "check it"
        ) from None
    return dict(sorted(found.items()))


def digest(files: Mapping[str, bytes]) -> str:
    """Which content is this: the sha256 over all paths and contents, each behind its length.

    Parameters
    ----------
    files : mapping
        Path to content.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest({"ab": b"c"}) == digest({"a": b"bc"}), digest({})[:8]
    (False, 'e3b0c442')
    """
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        for part in (path.encode(), content):
            whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def yaml_of(content: bytes, *, where: str) -> Any:
    """Which values does this YAML hold.

    Parameters
    ----------
    content : bytes
        Of a file.
    where : str
        Its name, for errors.

    Returns
    -------
    object
        What JSON can hold.

    Raises
    ------
    PolicyError
        It is no YAML, is too large or grows too large by aliases, or holds what is no JSON, such as a date.

    Examples
    --------
    >>> yaml_of(b"a: [1, yes, '2026-11-26']", where="x.yaml")
    {'a': [1, 'yes', '2026-11-26']}
    """
    if len(content) > MOST_YAML:
        raise _refused(f"{where}: {len(content):,} bytes", f"it has at most {MOST_YAML:,}", "split it")
    try:
        text = content.decode()
        node = YAML(typ="safe", pure=True).compose(text)
        if node is None:
            return None
        _weigh(node, where, {})
        value = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:  # also text that is not UTF-8
        raise _refused(
            f"{where}: {shown(' '.join(str(error).split()))}", "it is YAML in UTF-8", "mend it"
        ) from None
    _check_plain(value, where)
    return value


def _walked(folder: Path) -> Iterator[Path]:
    waiting, seen = [folder], 0
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                path, seen = Path(entry.path), seen + 1
                if entry.is_symlink():
                    raise _refused(
                        f"{shown(path)} is a link", "a bundle holds its files itself", "copy the file"
                    )
                if entry.is_dir(follow_symlinks=False) and seen <= MOST_FILES:
                    waiting.append(path)
                else:
                    yield path


def _content(path: Path, left: int) -> bytes:
    if path.suffix not in _KINDS or path.name.startswith("."):
        raise _refused(shown(path), "it holds files .rego, .yaml and .md", "take this one out")
    # No link is followed, and a named pipe keeps nobody waiting.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _refused(shown(path), "it is a file", "take it out")
        content = file.read(left + 1)
    if len(content) > left:
        raise _refused(
            f"{shown(path)}: too much", f"a bundle has at most {MOST_BYTES:,} bytes", "make it smaller"
        )
    return content


def _weigh(node: Node, where: str, known: dict[int, int], around: frozenset[int] = frozenset()) -> int:
    """Count the values, aliases written out, and refuse what they would blow up before it is built."""
    if id(node) in around:
        raise _refused(f"{where}: an alias within itself", "it holds plain values", "write the value out")
    if id(node) not in known:
        inside = around | {id(node)}
        known[id(node)] = 1 + sum(_weigh(part, where, known, inside) for part in _parts(node))
    if known[id(node)] > _MOST_VALUES:
        rule = f"it has at most {_MOST_VALUES:,} values, its aliases written out"
        raise _refused(f"{where}: too many values", rule, "use fewer aliases")
    return known[id(node)]


def _parts(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _check_plain(value: object, where: str) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            wrong = next((key for key in one if not isinstance(key, str)), None)
            if wrong is not None:
                raise _refused(f"{where}: key {shown(wrong)}", "each key is a text", "put it in quotes")
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif not (one is None or isinstance(one, (str, int, float))) or (
            isinstance(one, float) and not math.isfinite(one)
        ):
            rule = "it holds texts, finite numbers, true, false, null, lists and mappings"
            raise _refused(f"{where}: {shown(one)}", rule, "put a date or time in quotes")


def _refused(value: str, rule: str, remedy: str) -> PolicyError:
    return PolicyError(f"policy bundle {value}", rule, remedy)
