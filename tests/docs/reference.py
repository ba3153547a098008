"""Write the parts of the README that the program and the catalogue know best.

``python -m tests.docs.reference`` rewrites them; a test compares them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from finops_lib.run.cli import app as program

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
CATALOG = ROOT / "notebooks" / "catalog.toml"


def commands(app: typer.Typer, *, name: str = "finops") -> dict[str, Any]:
    """Which commands does this program have: their full name, and what Typer knows of them."""
    return dict(_walk(typer.main.get_command(app), name))


def _walk(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for word, inner in command.commands.items():
            yield from _walk(inner, f"{name} {word}")
    elif not command.hidden:
        yield name, command


def silent(app: typer.Typer) -> list[str]:
    """Which commands, arguments and options say nothing about themselves."""
    found = []
    for name, command in commands(app).items():
        found += [] if command.help else [name]
        found += [f"{name} {param.name}" for param in command.params if not getattr(param, "help", None)]
    return found


def render(app: typer.Typer) -> str:
    """How does the program read as Markdown: one heading and one table a command."""
    return "\n".join(_command(name, command) for name, command in commands(app).items())


def _command(name: str, command: Any) -> str:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    lines = [f"### `{' '.join([name, *map(_usage, arguments)])}`", "", _line(command.help), ""]
    if command.params:
        lines += ["| | meaning | default |", "|---|---|---|", *map(_row, command.params), ""]
    return "\n".join(lines)


def _usage(param: Any) -> str:
    word = (param.metavar or param.name.upper()).strip("[].") + ("..." if param.nargs == -1 else "")
    return word if param.required else f"[{word}]"


def _row(param: Any) -> str:
    option = param.param_type_name == "option"
    names = [*param.opts, *param.secondary_opts] if option else [_usage(param)]
    meaning = _line(getattr(param, "help", "")).replace("|", r"\|")
    return f"| {', '.join(f'`{name}`' for name in names)} | {meaning} | {_default(param)} |"


def _default(param: Any) -> str:
    value = param.default
    if param.required or callable(value) or value in (None, False, "", (), []):
        return ""
    return f"`{getattr(value, 'value', value)}`"


def _line(text: str | None) -> str:
    return " ".join((text or "").split("\f")[0].split())


def notebooks(catalog: Path = CATALOG) -> list[dict[str, Any]]:
    """Which notebooks does the catalogue list; none while there is no catalogue."""
    return list(tomllib.loads(catalog.read_text()).get("notebook", [])) if catalog.exists() else []


def notebook_table(entries: list[dict[str, Any]]) -> str:
    """How do the notebooks read as Markdown: file and question."""
    rows = [
        f"| [{entry['file']}](notebooks/{entry['file']}) | {_line(entry['question'])} |" for entry in entries
    ]
    return "\n".join(["| notebook | question |", "|---|---|", *rows, ""])


def between(text: str, name: str) -> str:
    r"""What stands between the two markers of this name.

    Examples
    --------
    >>> between("a\n<!-- x:start -->\nb\n<!-- x:end -->\n", "x")
    'b\n'
    """
    return _span(text, name)[1]


def replaced(text: str, name: str, content: str) -> str:
    r"""Put this content between the two markers of this name.

    Examples
    --------
    >>> print(replaced("a\n<!-- x:start -->\nb\n<!-- x:end -->", "x", "c\n"))
    a
    <!-- x:start -->
    c
    <!-- x:end -->
    """
    before, _, after = _span(text, name)
    return before + content + after


def _span(text: str, name: str) -> tuple[str, str, str]:
    match = re.fullmatch(rf"(.*<!-- {name}:start -->\n)(.*)(<!-- {name}:end -->.*)", text, re.DOTALL)
    if match is None:
        raise ValueError(f"markers {name}: the text has no such pair")
    return match[1], match[2], match[3]


def main() -> int:
    """Rewrite both parts of the README."""
    text = replaced(README.read_text(), "commands", render(program))
    README.write_text(replaced(text, "notebooks", notebook_table(notebooks())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
