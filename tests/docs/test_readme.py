"""The README says what is so: commands, make targets, notebooks, links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
import typer

from finops_lib.run.cli import app
from tests.docs.reference import (
    README,
    ROOT,
    between,
    commands,
    notebook_table,
    notebooks,
    render,
    replaced,
    silent,
)

CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b(?!=)")
RULE = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
VARIABLE = re.compile(r"\bFINOPS_[A-Z_]+\b")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def targets_said(text: str) -> set[str]:
    """Collect the make targets that stand in code."""
    return {target for code in CODE.findall(text) for target in TARGET.findall(code)}


def broken_links(text: str, root: Path) -> list[str]:
    """List the relative links that lead nowhere."""
    links = [link for link in LINK.findall(text) if "://" not in link]
    return [link for link in links if not (root / link).exists()]


def commands_said(text: str) -> set[str]:
    """Collect the first word after finops, wherever a command stands in code."""
    return {word for code in CODE.findall(text) for word in re.findall(r"\bfinops ([a-z]+)", code)}


def sample_app() -> typer.Typer:
    """Make a program of two commands, one of them in a group and silent."""
    program, group = typer.Typer(), typer.Typer()

    @program.command()
    def take(
        paths: Annotated[list[Path], typer.Argument(help="What to take.")],
        lake: Annotated[Path, typer.Option("--lake", "-l", help="Where | to.")] = Path("lake"),
        fast: Annotated[bool, typer.Option("--fast", help="Hurry.")] = False,
    ) -> None:
        """Take it
        in.
        """

    @group.command()
    def tell(month: str = "") -> None:
        pass

    program.add_typer(group, name="group")
    return program


def test_the_command_reference_is_the_programs_own() -> None:
    """After a change of the command line, `make reference` brings the README up to date."""
    assert between(README.read_text(), "commands") == render(app)


def test_every_command_and_option_has_help() -> None:
    """Nothing in `finops --help` is left without words."""
    assert silent(app) == []
    assert commands(app), "the program has no commands"


def test_a_command_reads_as_a_heading_and_a_table() -> None:
    """Arguments, short names, defaults and bars inside a help text come out as Markdown."""
    expected = (
        "### `finops take PATHS...`\n\nTake it in.\n\n| | meaning | default |\n|---|---|---|\n"
        "| `PATHS...` | What to take. |  |\n"
        "| `--lake`, `-l` | Where \\| to. | `lake` |\n"
        "| `--fast` | Hurry. |  |\n\n"
        "### `finops group tell`\n\n\n\n| | meaning | default |\n|---|---|---|\n| `--month` |  |  |\n"
    )
    assert render(sample_app()) == expected


def test_a_silent_command_and_option_are_found() -> None:
    """A command in a group counts, and so does each of its options."""
    assert silent(sample_app()) == ["finops group tell", "finops group tell month"]


def test_every_command_that_the_readme_names_exists() -> None:
    """No sentence tells a reader to type what the program does not know."""
    known = {name.split()[1] for name in commands(app)}
    assert commands_said(README.read_text()) <= known


def test_commands_are_read_from_code_alone() -> None:
    """A word of prose is no command."""
    assert commands_said("the finops team runs `finops ingest x`\n```\n$ finops lab\n```") == {
        "ingest",
        "lab",
    }


def test_every_make_target_in_the_readme_exists() -> None:
    """What the README tells a reader to make can be made."""
    said = targets_said(README.read_text())
    assert {"demo", "test", "lab", "check"} <= said
    assert said <= set(RULE.findall((ROOT / "Makefile").read_text()))


def test_targets_are_read_from_code_alone() -> None:
    """A sentence may make sense; only code names targets, and a variable is none."""
    text = "they make sense: `make demo`\n```\nmake bench-setup\nmake lab\n```"
    assert targets_said(text) == {"demo", "bench-setup", "lab"}


def test_every_link_in_the_readme_leads_somewhere() -> None:
    """Each relative link names a file of the project."""
    assert broken_links(README.read_text(), ROOT) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """Addresses and anchors are no files; a missing file is told by name."""
    (tmp_path / "here.md").touch()
    text = "[a](here.md) [b](here.md#part) [c](gone.md) [d](https://spdx.org) [e](#top)"
    assert broken_links(text, tmp_path) == ["gone.md"]


def test_the_notebook_table_is_the_catalogues() -> None:
    """Every notebook of the catalogue stands in the README with its question."""
    assert between(README.read_text(), "notebooks") == notebook_table(notebooks())


def test_notebooks_come_from_the_catalogue(tmp_path: Path) -> None:
    """A listed notebook becomes a row; no catalogue, no row."""
    catalog = tmp_path / "catalog.toml"
    assert notebooks(catalog) == []
    catalog.write_text('[[notebook]]\nfile = "07_x.ipynb"\nquestion = "What\\n now?"\n')
    assert notebook_table(notebooks(catalog)).splitlines()[2:] == [
        "| [07_x.ipynb](notebooks/07_x.ipynb) | What now? |"
    ]


def test_the_variables_of_the_readme_are_the_programs() -> None:
    """Each FINOPS_ variable that the README explains is one that the package knows."""
    source = "".join(path.read_text() for path in (ROOT / "finops_lib").rglob("*.py"))
    said = set(VARIABLE.findall(README.read_text()))
    assert {"FINOPS_PRIVACY_KEY", "FINOPS_PRIVACY_KEY_FILE"} <= said
    assert said <= set(VARIABLE.findall(source))


def test_missing_markers_are_said() -> None:
    """A README that lost a marker is not silently left as it is."""
    with pytest.raises(ValueError, match="markers x: the text has no such pair"):
        replaced("<!-- x:start -->", "x", "")
