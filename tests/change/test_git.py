"""Git is asked, and what it answers, refuses or never says comes back as it should."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from finops_lib.change.git import Git, environment
from finops_lib.errors import SettingsError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    named = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *named, "commit", "-q", "--allow-empty", "-m", "a"], cwd=folder, check=True)
    return folder


def slow_git(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another program of the name, first in the search path."""
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_git_sees_five_things_of_the_environment_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of git's own, no token; the search path and the home folder stay."""
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "touch x")
    monkeypatch.setenv("TOKEN", "secret")
    seen = environment()
    assert {"GIT_DIR", "GIT_SSH_COMMAND", "TOKEN"}.isdisjoint(seen)
    assert {"PATH", "GIT_NO_REPLACE_OBJECTS", "GIT_ALLOW_PROTOCOL"} <= set(seen)


def test_an_answer_is_returned_and_a_refusal_is_git_s_own_words(repository: Path) -> None:
    """An unknown object is an error; where the caller says so, no repository is an answer."""
    assert Git(repository).ask("rev-list", "--count", "main") == b"1\n"
    with pytest.raises(SettingsError, match=r"git in .*Needed a single revision: git can read the rep"):
        Git(repository).ask("rev-parse", "--verify", "none")
    assert Git(repository.parent).ask("rev-parse", "HEAD", outside=b"none") == b"none"


def test_a_repository_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no repository would be an answer."""
    slow_git(tmp_path, monkeypatch, "echo 'fatal: detected dubious ownership in repository' >&2; exit 128")
    with pytest.raises(SettingsError, match=r"dubious ownership.*Remedy: follow what git says"):
        Git(tmp_path).ask("rev-parse", "HEAD", outside=b"none")


def test_a_complaint_is_one_printable_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control characters of a terminal do not reach it, and it has at most 300 characters."""
    slow_git(tmp_path, monkeypatch, r"printf 'a\033[2Jb\nc%0999d' 0 >&2; exit 1")
    with pytest.raises(SettingsError) as caught:
        Git(tmp_path).ask("rev-parse")
    assert f"{tmp_path}: a?[2Jb c0000" in caught.value.value
    assert len(caught.value.value) == len(f"git in {tmp_path}: ") + 300


@pytest.mark.parametrize("streamed", [False, True])
def test_who_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streamed: bool) -> None:
    """Half a second and not the minute that it sleeps."""
    slow_git(tmp_path, monkeypatch, "echo begun; exec sleep 60")
    git, begun = Git(tmp_path, seconds=0.5), time.monotonic()
    with pytest.raises(SettingsError, match=r"it answers within 0\.5 s"):
        if streamed:
            with git.streamed("log") as answer:
                assert answer.read() == b"begun\n"
        else:
            git.ask("log")
    assert time.monotonic() - begun < 20


def test_a_stream_gives_the_answer_and_reads_what_it_is_given(repository: Path) -> None:
    """Names in, objects out."""
    (repository / "names").write_bytes(b"main\nnone\n")
    with (
        (repository / "names").open("rb") as names,
        Git(repository).streamed("cat-file", "--batch-check=%(objecttype)", source=names) as answer,
    ):
        assert answer.read() == b"commit\nnone missing\n"


def test_who_stops_reading_ends_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer without end is left after two bytes; the reader's own error is what remains."""
    slow_git(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/id; exec yes")
    with pytest.raises(ValueError, match="y"), Git(tmp_path).streamed("log") as answer:
        raise ValueError(answer.read(2))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def test_a_stream_that_fails_says_so_at_its_end(repository: Path) -> None:
    """What was read before is not taken for the whole."""
    with (
        pytest.raises(SettingsError, match=r"none.*git can read the repository"),
        Git(repository).streamed("ls-tree", "none") as answer,
    ):
        assert answer.read() == b""


@pytest.mark.parametrize("streamed", [False, True])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, streamed: bool) -> None:
    """As is a name with a zero byte."""
    for folder in (tmp_path / "no", tmp_path / "a\0b"):
        with pytest.raises(SettingsError, match="name a folder of the repository"):
            if streamed:
                with Git(folder).streamed("log"):
                    raise AssertionError
            else:
                Git(folder).run(["log"])


def test_a_clone_that_lacks_objects_fetches_nothing(repository: Path, tmp_path: Path) -> None:
    """The program that its configuration names for fetching does not run."""
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/caught\n", encoding="utf-8")
    trap.chmod(0o700)
    settings = {"extensions.partialclone": "o", "remote.o.promisor": "true", "remote.o.uploadpack": f"{trap}"}
    for name, value in (settings | {"remote.o.url": f"file://{repository}"}).items():
        subprocess.run(["git", "config", name, value], cwd=repository, check=True)
    with pytest.raises(SettingsError, match="git can read the repository"):
        Git(repository).ask("cat-file", "blob", "1" * 40)
    assert not (tmp_path / "caught").exists()
    subprocess.run(["git", "cat-file", "blob", "1" * 40], cwd=repository, capture_output=True, check=False)
    assert (tmp_path / "caught").exists()
