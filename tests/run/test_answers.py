"""Answers: one JSON object or plain lines, and an exit code that says whose mistake it was."""

from __future__ import annotations

import json

import pytest
import typer

from finops_lib.errors import BillError, FinOpsError, ParameterError
from finops_lib.run.answers import (
    answering,
    byte_progress,
    print_json,
    print_lines,
    print_table,
    step_progress,
)


def test_json_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """Letters and escapes come back as they went in; what is no JSON number is refused."""
    print_json({"name": "Zoë \x1b[31m"})
    text = capsys.readouterr().out
    assert text.isascii()
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert json.loads(text) == {"name": "Zoë \x1b[31m"}
    with pytest.raises(ValueError, match="not JSON compliant"):
        print_json({"cost": float("nan")})


def test_a_bill_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes and line ends inside a text become dots, in lines and in tables; markup stays text."""
    print_lines("a\x1b[2Jb\nc", "Zoë")
    assert capsys.readouterr().out == "a·[2Jb·c\nZoë\n"
    print_table(["name", "rows"], [["[red]x[/red]\x1b", 1234], ["y", 5]])
    head, first, second = (line.rstrip() for line in capsys.readouterr().out.splitlines())
    assert head.split() == ["name", "rows"]
    assert first.split() == ["[red]x[/red]·", "1,234"]
    assert len(first) == len(second)


@pytest.mark.parametrize(("kind", "code"), [(BillError, 1), (ParameterError, 2)])
def test_an_error_is_told_with_its_code(
    kind: type[FinOpsError], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the world got wrong is 1, wrong use is 2; value, rule and remedy are told."""
    with pytest.raises(typer.Exit) as end, answering(as_json=True):
        raise kind("row 3\x1b", "it has a cost", "mend it")
    told = capsys.readouterr()
    assert end.value.exit_code == code
    assert told.err == "row 3·: it has a cost. Remedy: mend it.\n"
    wanted = {"type": kind.__name__, "value": "row 3\x1b", "rule": "it has a cost", "remedy": "mend it"}
    assert json.loads(told.out) == {"error": wanted}


def test_a_full_disk_is_an_error_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of the system names the file, ends with 1 and prints no JSON where none was asked for."""
    with pytest.raises(typer.Exit) as end, answering(as_json=False):
        raise OSError(28, "No space left on device", "lake/x")
    told = capsys.readouterr()
    assert (end.value.exit_code, told.out) == (1, "")
    assert told.err.startswith("lake/x: No space left on device: ")


def test_a_bug_is_not_dressed_up() -> None:
    """What is no mistake of the world passes as it is."""
    with pytest.raises(ZeroDivisionError), answering(as_json=True):
        raise ZeroDivisionError


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output stays free for the answer, and nothing is drawn into a log."""
    with byte_progress() as move:
        move("bill.csv", 1, 2)
        move("bill.csv", 2, 2)
    with step_progress(2) as step:
        step("one")
        step("two")
    told = capsys.readouterr()
    assert (told.out, told.err.strip()) == ("", "")
