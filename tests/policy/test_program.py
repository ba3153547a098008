"""Programs that a check starts are kept in their place."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.program import Answer, ProgramError, folder_of, run


def say(code: str, folder: Path, *, seconds: float = 20) -> Answer:
    """Run a line of Python."""
    return run([sys.executable, "-I", "-c", code], folder=folder, seconds=seconds, settings={"OWN": "1"})


def test_files_lie_in_a_folder_of_their_own_until_the_end() -> None:
    """Folders are made; nothing stays behind."""
    with folder_of({"a/b/c.tf": b"x", "d": b""}) as folder:
        found = {
            str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
    assert found == {"a/b/c.tf": b"x", "d": b""}
    assert not folder.exists()


@pytest.mark.parametrize(
    "path", ["", "/etc/x", "../x", "a/../../x", "a\\b", "a\0b", "x" * 300, "\ud800", "a/b/.."]
)
def test_a_path_that_leads_out_or_cannot_be_written_is_refused(path: str) -> None:
    """Each with the same rule and remedy."""
    with pytest.raises(PolicyError, match="leads into it and can be written"), folder_of({path: b"x"}):
        pass


def test_a_file_where_a_folder_is_needed_is_refused() -> None:
    """One path is the folder of the other."""
    with pytest.raises(PolicyError, match="'a/b'"), folder_of({"a": b"", "a/b": b""}):
        pass


def test_nothing_of_our_environment_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of ours is not seen; what is set for the program is."""
    monkeypatch.setenv("FORGE_TOKEN", "secret")
    answer = say("import os; print(sorted(os.environ)); print(os.environ['HOME'])", tmp_path)
    names, home = answer.out.splitlines()
    assert names == "['HOME', 'LC_ALL', 'OWN', 'PATH', 'TMPDIR']"
    assert home != str(Path.home())
    assert not Path(home).exists()


def test_code_and_both_streams_are_told(tmp_path: Path) -> None:
    """What is no UTF-8 is replaced."""
    code = "import sys; sys.stdout.buffer.write(b'a\\xff'); sys.stderr.write('b'); sys.exit(3)"
    assert say(code, tmp_path) == Answer(3, "a\ufffd", "b")


def test_a_program_that_does_not_end_is_killed_with_its_children(tmp_path: Path) -> None:
    """The child would write a file a second later; it never does."""
    late = "import time; time.sleep(1); open('late', 'w')"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {late!r}]); time.sleep(60)"
    with pytest.raises(ProgramError, match=r"it did not end within 0\.5 s"):
        say(code, tmp_path, seconds=0.5)
    time.sleep(1.5)
    assert not (tmp_path / "late").exists()


def test_a_program_that_says_too_much_is_refused(tmp_path: Path) -> None:
    """More than 32 MiB is no answer."""
    with pytest.raises(ProgramError, match="it said more than 33554432 bytes"):
        say("import sys\nfor _ in range(33): sys.stdout.write('x' * (1 << 20))\nprint()", tmp_path)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    """With the reason of the system."""
    with pytest.raises(ProgramError, match="it cannot be started"):
        run([str(tmp_path / "none")], folder=tmp_path, seconds=1, settings={})
