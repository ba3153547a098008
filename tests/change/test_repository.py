"""What Git says about a file, asked of real repositories, kind and hostile."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from finops_lib.change.repository import commit_of, head, read_at
from finops_lib.errors import SettingsError

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in ``tmp_path/tree``, a new repository; answers with what git printed."""
    tree = tmp_path / "tree"
    tree.mkdir()

    def run(*words: str) -> str:
        named = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *named, *words], cwd=tree, check=True, capture_output=True, text=True
        ).stdout.strip()

    run("init", "-q", "-b", "main")
    return run


def commit(git: Git, path: Path, content: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    git("--literal-pathspecs", "add", "--", str(path))
    git("commit", "-q", "-m", f"{path.name} is {content!r}")
    return git("rev-parse", "HEAD")


def test_outside_git_there_is_no_commit(tmp_path: Path) -> None:
    """Neither of a file nor of a folder; a file that is not there is no error."""
    (tmp_path / "file").touch()
    assert [head(tmp_path), commit_of(tmp_path / "file"), commit_of(tmp_path / "no" / "file")] == [None] * 3


def test_before_the_first_commit_there_is_none(git: Git, tmp_path: Path) -> None:
    """A repository that is empty, with a file that is not added yet."""
    (tmp_path / "tree" / "file").touch()
    assert (head(tmp_path / "tree"), commit_of(tmp_path / "tree" / "file")) == (None, None)


def test_a_file_has_the_commit_that_last_touched_it(git: Git, tmp_path: Path) -> None:
    """Not the newest commit of the repository; the folder has that one, also from below."""
    tree = tmp_path / "tree"
    first = commit(git, tree / "deep" / "rates.toml", "1")
    second = commit(git, tree / "other", "2")
    assert commit_of(tree / "deep" / "rates.toml") == first
    assert (head(tree), head(tree / "deep")) == (second, second)


@pytest.mark.parametrize("staged", [False, True])
def test_a_changed_file_says_so(git: Git, tmp_path: Path, staged: bool) -> None:
    """Whether the change is only written or also added; a change elsewhere does not count."""
    tree = tmp_path / "tree"
    first = commit(git, tree / "rates.toml", "1")
    other = commit(git, tree / "other", "1")
    (tree / "rates.toml").write_text("2", encoding="utf-8")
    if staged:
        git("add", "rates.toml")
    assert (commit_of(tree / "rates.toml"), commit_of(tree / "other")) == (f"{first}+changes", other)


def test_a_file_that_is_gone_or_ignored_is_changed(git: Git, tmp_path: Path) -> None:
    """Deleted in the work tree; or deleted in a commit and there again, ignored."""
    tree = tmp_path / "tree"
    first = commit(git, tree / "gone", "1")
    commit(git, tree / "back", "1")
    git("rm", "-q", "back")
    last = commit(git, tree / ".gitignore", "back\n")
    (tree / "back").write_text("2", encoding="utf-8")
    (tree / "gone").unlink()
    assert (commit_of(tree / "gone"), commit_of(tree / "back")) == (
        f"{first}+changes",
        f"{last}+changes",
    )


def test_a_file_that_was_never_committed_has_no_commit(git: Git, tmp_path: Path) -> None:
    """It lies in a repository, which knows nothing of it."""
    commit(git, tmp_path / "tree" / "other", "1")
    (tmp_path / "tree" / "new").touch()
    assert commit_of(tmp_path / "tree" / "new") is None


def test_a_link_leads_to_the_file_that_is_read(git: Git, tmp_path: Path) -> None:
    """A link from outside the repository: the commit is that of the content."""
    first = commit(git, tmp_path / "tree" / "rates.toml", "1")
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path / "tree" / "rates.toml")
    assert (commit_of(link), read_at(link, first)) == (first, b"1")


def test_the_content_is_that_of_the_commit(git: Git, tmp_path: Path) -> None:
    """Byte for byte, by a full and a short id, also when the file and its folder are gone."""
    path = tmp_path / "tree" / "deep" / "er" / "rates.toml"
    first = commit(git, path, "1\r\n€\n")
    second = commit(git, path, "2")
    path.unlink()
    path.parent.rmdir()
    assert (read_at(path, first), read_at(path, second[:7])) == ("1\r\n€\n".encode(), b"2")


@pytest.mark.parametrize("name", ["-rf", "--output=x", ":(top)x", "a b\nc", "*", "ü", "$(touch x)", "HEAD"])
def test_names_are_only_names(git: Git, tmp_path: Path, name: str) -> None:
    """Options, patterns, shell words and refs as file names mean the file and nothing else."""
    tree = tmp_path / "tree"
    first = commit(git, tree / name, "1")
    commit(git, tree / "other", "2")
    assert (commit_of(tree / name), read_at(tree / name, first)) == (first, b"1")
    assert sorted(path.name for path in tree.iterdir()) == sorted([".git", name, "other"])


@pytest.mark.parametrize("text", [
    "", "main", "HEAD", "--output=x", "abc", "g" * 40, "a" * 41, "ABCDEF0", "abcdef0\n", "abcdef0^",
])  # fmt: skip
def test_only_commit_ids_name_a_commit(git: Git, tmp_path: Path, text: str) -> None:
    """A branch moves and an option acts: both are refused by name, and nothing is written."""
    commit(git, tmp_path / "tree" / "file", "1")
    with pytest.raises(SettingsError, match=r"a commit is 7 to 40 hexadecimal digits.*git log") as caught:
        read_at(tmp_path / "tree" / "file", text)
    assert caught.value.value == f"commit {text!r}"
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == [".git", "file"]


def test_a_commit_that_is_not_there_is_refused(git: Git, tmp_path: Path) -> None:
    """The error names it, and where it was looked for."""
    commit(git, tmp_path / "tree" / "file", "1")
    with pytest.raises(SettingsError, match="commit '0123456789': it is a commit of the repository"):
        read_at(tmp_path / "tree" / "file", "0123456789")


def test_a_branch_named_like_a_commit_is_not_taken_for_one(git: Git, tmp_path: Path) -> None:
    """Git itself would follow the branch."""
    commit(git, tmp_path / "tree" / "file", "1")
    git("branch", "abcdef0")
    with pytest.raises(SettingsError, match="commit 'abcdef0'"):
        read_at(tmp_path / "tree" / "file", "abcdef0")


def test_the_id_of_something_else_than_a_commit_is_refused(git: Git, tmp_path: Path) -> None:
    """A file's own object id is no commit."""
    commit(git, tmp_path / "tree" / "file", "1")
    with pytest.raises(SettingsError, match="it is a commit of the repository"):
        read_at(tmp_path / "tree" / "file", git("rev-parse", "HEAD:file"))


def test_a_commit_without_the_file_is_said(git: Git, tmp_path: Path) -> None:
    """The file came later."""
    first = commit(git, tmp_path / "tree" / "old", "1")
    commit(git, tmp_path / "tree" / "new", "1")
    with pytest.raises(SettingsError, match=f"new at commit {first}: the file exists at that commit"):
        read_at(tmp_path / "tree" / "new", first)


def test_outside_git_no_content_can_be_read(tmp_path: Path) -> None:
    """The commit is refused, with the file that was asked for."""
    with pytest.raises(SettingsError, match=f"repository that holds {tmp_path}/file"):
        read_at(tmp_path / "file", "0123456789")


def test_a_repository_cannot_start_programs(git: Git, tmp_path: Path) -> None:
    """Its configuration names a file-system monitor, a pager and a filter; none runs."""
    tree = tmp_path / "tree"
    first = commit(git, tree / "file", "1")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/caught\n", encoding="utf-8")
    trap.chmod(0o700)
    git("config", "core.fsmonitor", str(trap))
    git("config", "core.pager", str(trap))
    git("config", "filter.trap.clean", str(trap))
    (tree / ".git" / "info" / "attributes").write_text("* filter=trap", encoding="ascii")
    (tree / "file").write_text("1", encoding="utf-8")
    (tmp_path / "caught").unlink(missing_ok=True)
    assert (commit_of(tree / "file"), read_at(tree / "file", first), head(tree)) == (first, b"1", first)
    assert not (tmp_path / "caught").exists()


def test_variables_of_git_do_not_lead_astray(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a hook GIT_DIR points to another repository: the file's own one answers."""
    first = commit(git, tmp_path / "tree" / "file", "1")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert commit_of(tmp_path / "tree" / "file") == first


def test_a_damaged_repository_is_an_error(git: Git, tmp_path: Path) -> None:
    """Not silence: the reader is told what git says."""
    commit(git, tmp_path / "tree" / "file", "1")
    (tmp_path / "tree" / ".git" / "config").write_text("[broken", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"bad config.*git can read the repository"):
        commit_of(tmp_path / "tree" / "file")


def test_without_git_the_remedy_is_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty search path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="Remedy: install the package git"):
        head(tmp_path)
