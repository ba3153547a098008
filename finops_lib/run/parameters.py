"""Which parameters does a notebook take, and is this value one of them: values only, never code.

The ``parameters`` cell is read as text; nothing in it is run. A parameter is a plain name with a literal
default; its type is the annotation, or else the type of the default.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finops_lib.errors import ParameterError, RunError

_KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
_TRUTH = {"true": True, "false": False}
_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Declared:
    """One parameter of a notebook: its name, the name of its type, whether None will do, and its default."""

    name: str
    kind: str
    optional: bool
    default: Any

    def accept(self, value: Any) -> Any:
        """Is this a value of the parameter's type.

        Parameters
        ----------
        value : Any
            As JSON knows values.

        Returns
        -------
        Any
            The value; a whole number given for a ``float`` becomes one.

        Raises
        ------
        ParameterError
            It is of another type, or no finite number.
        """
        if value is None and self.optional:
            return None
        if self.kind == "float" and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        right = isinstance(value, _KINDS[self.kind]) and (self.kind == "bool" or not isinstance(value, bool))
        if not right or (isinstance(value, float) and not math.isfinite(value)):
            raise self._wrong(value)
        return value

    def read(self, text: str) -> Any:
        """Which value does this text, typed by a person, stand for.

        Parameters
        ----------
        text : str
            A number, ``true`` or ``false``, JSON for a list or a table; for ``str`` the text as it is.

        Returns
        -------
        Any

        Raises
        ------
        ParameterError
            The text is no value of the parameter's type.
        """
        if self.kind == "str":
            return text
        try:
            value = _TRUTH[text.lower()] if self.kind == "bool" else _number_or_json(text, self.kind)
        except (ValueError, KeyError) as error:
            raise self._wrong(text) from error
        return self.accept(value)

    def _wrong(self, value: Any) -> ParameterError:
        shown = repr(value)
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
        return ParameterError(
            f"parameter {self.name} = {shown}",
            f"it is of type {self.kind}",
            f"give a {self.kind}, such as {self.default!r}",
        )


def _number_or_json(text: str, kind: str) -> Any:
    return int(text) if kind == "int" else float(text) if kind == "float" else json.loads(text)


def declared(path: Path) -> dict[str, Declared]:
    """Which parameters does this notebook take.

    Parameters
    ----------
    path : Path
        A notebook.

    Returns
    -------
    dict of str to Declared
        In the order of its ``parameters`` cell.

    Raises
    ------
    ParameterError
        It has no ``parameters`` cell, or one that holds anything but names with literal defaults.
    RunError
        The file cannot be read as a notebook.
    """
    sources = [_source(cell) for cell in _cells(path) if _is_parameters(cell)]
    if len(sources) != 1:
        raise ParameterError(
            f"notebook {path.name}", "it has one cell tagged parameters", "tag the cell with the defaults"
        )
    try:
        statements = ast.parse(sources[0]).body
        found = [_declared(statement) for statement in statements if not _is_docstring(statement)]
    except (SyntaxError, ValueError) as error:
        raise ParameterError(
            f"notebook {path.name}: parameters cell: {error}",
            "it holds only names with literal defaults",
            "move all else to the next cell",
        ) from error
    return {item.name: item for item in found}


def checked(
    values: Mapping[str, Any], known: Mapping[str, Declared], *, notebook: str, texts: bool = False
) -> dict[str, Any]:
    """Are these parameters that the notebook has, each of its type.

    Parameters
    ----------
    values : mapping of str to Any
        Name to value.
    known : mapping of str to Declared
        What the notebook takes.
    notebook : str
        Its name, for the message.
    texts : bool
        Whether the values are texts that a person typed.

    Returns
    -------
    dict of str to Any

    Raises
    ------
    ParameterError
        A name is unknown (the known ones are listed) or a value of another type.
    """
    unknown = [name for name in values if name not in known]
    if unknown:
        raise ParameterError(
            f"parameter {', '.join(unknown)} of {notebook}",
            "the notebook has no such parameter",
            f"use one of {', '.join(known)}",
        )
    return {
        name: known[name].read(value) if texts else known[name].accept(value)
        for name, value in values.items()
    }


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Which names and values do words such as ``month=2026-07`` give.

    Parameters
    ----------
    words : sequence of str
        One a parameter.

    Returns
    -------
    dict of str to str

    Raises
    ------
    ParameterError
        A word has no ``=``, or a name comes twice.

    Examples
    --------
    >>> pairs(["month=2026-07", "by=tag:team=x"])
    {'month': '2026-07', 'by': 'tag:team=x'}
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or name in found:
            raise ParameterError(
                f"parameter {word!r}", "a parameter is name=value, each name once", "write it so"
            )
        found[name] = value
    return found


def _cells(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"notebook {path.name}: {error!r}", "it is a notebook of format 4", "save it anew"
        ) from error


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return "parameters" in cell.get("metadata", {}).get("tags", [])


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _declared(statement: ast.stmt) -> Declared:
    target: ast.expr
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target, default = statement.target, ast.literal_eval(statement.value)
        names = [part.strip() for part in ast.unparse(statement.annotation).split("|")]
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, default = statement.targets[0], ast.literal_eval(statement.value)
        names = ["str", "None"] if default is None else [type(default).__name__]
    else:
        raise ValueError(f"line {statement.lineno} is no name with a default")
    kinds = [name.split("[")[0] for name in names if name != "None"]
    if not isinstance(target, ast.Name) or len(kinds) != 1 or kinds[0] not in _KINDS:
        raise ValueError(f"line {statement.lineno}: the type is one of {', '.join(_KINDS)}")
    return Declared(target.id, kinds[0], "None" in names, default)
