"""How the command line answers: one JSON object, or lines and tables for a person; exit codes of errors.

Text of a bill reaches the terminal without control characters.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from finops_lib.errors import FinOpsError, ParameterError

REFUSED, WRONG_USE = 1, 2


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object, and nothing else, on standard output."""
    sys.stdout.write(json.dumps(content, ensure_ascii=True, allow_nan=False) + "\n")


def print_lines(*lines: str) -> None:
    """Print these lines on standard output as they are, but for control characters."""
    sys.stdout.write("".join(f"{printable(line)}\n" for line in lines))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table on standard output; numbers stand to the right."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, column in enumerate(columns):
        right = bool(rows) and all(isinstance(row[number], int) for row in rows)
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console().print(table)


def printable(text: str) -> str:
    r"""Which text may go to a terminal: one without control characters.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str

    Examples
    --------
    >>> printable("red \x1b[31m")
    'red ·[31m'
    """
    return "".join(letter if letter.isprintable() else "·" for letter in text)


@contextmanager
def answering(*, as_json: bool) -> Iterator[None]:
    """Turn what the world got wrong into a message and an exit code: 1 refused, 2 wrong use."""
    try:
        yield
    except FinOpsError as error:
        _complain(error, as_json=as_json)
        raise typer.Exit(WRONG_USE if isinstance(error, ParameterError) else REFUSED) from error
    except OSError as error:
        told = FinOpsError(
            f"{error.filename or 'a file'}: {error.strerror or error}",
            "files can be read and written",
            "check path, rights and free space",
        )
        _complain(told, as_json=as_json)
        raise typer.Exit(REFUSED) from error


def error_content(error: FinOpsError) -> dict[str, Any]:
    """How does an error read as JSON: type, value, rule and remedy.

    Parameters
    ----------
    error : FinOpsError
        Any.

    Returns
    -------
    dict
    """
    return {"type": type(error).__name__, "value": error.value, "rule": error.rule, "remedy": error.remedy}


def _complain(error: FinOpsError, *, as_json: bool) -> None:
    sys.stderr.write(f"{printable(str(error))}\n")
    if as_json:
        print_json({"error": error_content(error)})


@contextmanager
def byte_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each file on standard error while it is read; give the function that moves it."""
    with _moving(DownloadColumn()) as move:
        yield move


@contextmanager
def count_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar on standard error for what is done one by one; give the function that moves it."""
    with _moving(MofNCompleteColumn(), one=True) as move:
        yield move


@contextmanager
def _moving(counter: Any, *, one: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each name, or one whose name changes."""
    with _bars(counter) as bars:
        tasks: dict[str, Any] = {}

        def move(name: str, done: int, total: int) -> None:
            key = "" if one else name
            if key not in tasks:
                tasks[key] = bars.add_task(_label(name), total=total)
            bars.update(tasks[key], description=_label(name), completed=done, total=total)

        yield move


@contextmanager
def step_progress(total: int) -> Iterator[Callable[[str], None]]:
    """Show one bar over so many steps on standard error; give the function that names the next step."""
    with _bars(MofNCompleteColumn()) as bars:
        task = bars.add_task("", total=total)
        begun = 0

        def move(name: str) -> None:
            nonlocal begun
            bars.update(task, description=_label(name), completed=begun)
            begun += 1

        yield move
        bars.update(task, description="done", completed=total)


def _bars(counter: Any) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), counter, TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _label(name: str) -> str:
    return printable(name)[-50:]


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else printable(str(value))
