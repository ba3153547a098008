"""Objects are read without the repository's settings, and names mean one commit or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.change.git import Git
from finops_lib.change.objects import commit_id, objects_of
from finops_lib.errors import SettingsError
from tests.change.repositories import Repository, new


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new(tmp_path / "tree")


def id_of(repository: Repository, name: str) -> str:
    return commit_id(Git(repository.folder), name)


def test_a_commit_has_many_names(repository: Repository) -> None:
    """Ids long and short, branches, tags with a message or without, of a server, and steps back."""
    first, second = repository.commit({"a": "1"}), repository.commit({"a": "2"})
    repository.git("tag", "plain")
    repository.git("tag", "-a", "v1", "-m", "a tag")
    repository.git("branch", "straße/ü", first)
    repository.git("update-ref", "refs/remotes/origin/main", first)
    names = [second, second[:7], "HEAD", "@", "main", "refs/heads/main", "heads/main", "plain", "v1"]
    assert {id_of(repository, name) for name in names} == {second}
    names = ["HEAD~1", "main^", "v1~", "straße/ü", "origin/main", "refs/remotes/origin/main"]
    assert {id_of(repository, name) for name in names} == {first}


@pytest.mark.parametrize(
    "name",
    [
        *("", "-1", "--output=x", "--all", "^main", "main..HEAD", "main...HEAD", "..", "a b", "a\nb", "a\0b"),
        *("main:a", ":/a change", "main^{/a}", "main@{1}", "@{-1}", "@{yesterday}", "ma*", "ma?n", "m[a]in"),
        *("a\\b", "\x7f", "\udcff", "x" * 251),
    ],
)
def test_what_is_no_name_is_refused_before_git_sees_it(repository: Repository, name: str) -> None:
    """Options, ranges, searches, what depends on the clock, and what no branch is called."""
    repository.commit({"a": "1"})
    with pytest.raises(SettingsError, match=r"it is an id, a branch or a tag.*Remedy: take a name") as caught:
        id_of(repository, name)
    assert caught.value.value == f"commit {name[:80]!r}"
    assert sorted(path.name for path in repository.folder.iterdir()) == [".git", "a"]


@pytest.mark.parametrize(
    "name", ["none", "a", "main~7", "main^2", "main^@", "main^!", "0" * 40, "f" * 64, "/"]
)
def test_what_means_no_commit_is_said(repository: Repository, name: str) -> None:
    """No such branch, a file, before the first commit, several commits, ids that are not there."""
    repository.commit({"a": "1"})
    with pytest.raises(SettingsError, match=r"is a commit, branch or tag of the repository in .*fetch"):
        id_of(repository, name)


def test_the_id_of_a_file_is_no_commit(repository: Repository) -> None:
    """It exists, and is something else."""
    repository.commit({"a": "1"})
    with pytest.raises(SettingsError, match="is a commit, branch or tag"):
        id_of(repository, repository.git("rev-parse", "HEAD:a"))


def test_a_name_of_two_commits_is_refused(repository: Repository) -> None:
    """Git would take the tag; who may push a tag could choose what is judged. Warnings off do not help."""
    first, second = repository.commit({"a": "1"}), repository.commit({"a": "2"})
    repository.git("tag", "main", first)
    repository.git("config", "core.warnAmbiguousRefs", "false")
    for name in ("main", "main~1"):
        with pytest.raises(SettingsError, match=r"it means one commit.*write refs/heads"):
            id_of(repository, name)
    assert [id_of(repository, f"refs/{kind}/main") for kind in ("heads", "tags")] == [second, first]


def test_a_branch_named_like_an_id_is_not_taken_for_one(repository: Repository) -> None:
    """Neither where such a commit is, nor where none is."""
    first, second = repository.commit({"a": "1"}), repository.commit({"a": "2"})
    repository.git("branch", "abcdef0", first)
    repository.git("branch", first[:9], second)
    for name in ("abcdef0", first[:9]):
        with pytest.raises(SettingsError, match="it means one commit"):
            id_of(repository, name)


def test_a_branch_named_like_an_option_is_a_branch(repository: Repository) -> None:
    """By its full name; its short one is refused above."""
    first = repository.commit({"a": "1"})
    repository.git("update-ref", "refs/heads/--output=x", first)
    assert id_of(repository, "refs/heads/--output=x") == first


def test_outside_a_repository_git_says_so(tmp_path: Path) -> None:
    """For names as for objects."""
    with pytest.raises(SettingsError, match="not a git repository"):
        commit_id(Git(tmp_path), "main")
    with pytest.raises(SettingsError, match="not a git repository"), objects_of(tmp_path):
        raise AssertionError


@pytest.mark.parametrize("style", ["sha1", "sha256"])
def test_objects_are_borrowed_and_nothing_is_written(tmp_path: Path, style: str) -> None:
    """What git stores while it answers goes with the folder; a folder with odd characters is no fault."""
    repository = new(tmp_path / 'a "b\n#c:d', f"--object-format={style}")
    first = repository.commit({"a": "1"})
    before = repository.git("count-objects", "-v")
    with objects_of(repository.folder) as objects:
        assert objects.commit("main") == first
        assert objects.git.ask("cat-file", "blob", f"{first}:a") == b"1"
        objects.git.ask("hash-object", "-w", "config")
        home = objects.git.folder
    assert (repository.git("count-objects", "-v"), home.exists()) == (before, False)


@pytest.mark.parametrize("kind", ["bare", "worktree", "below", "clone"])
def test_objects_are_found_from_everywhere(tmp_path: Path, kind: str) -> None:
    """A bare repository, a second work tree, a folder below, a clone that itself borrows."""
    made = new(tmp_path / "tree")
    first = made.commit({"deep/a": "1"})
    made.git("clone", "-q", "--bare", ".", f"{tmp_path}/bare")
    made.git("worktree", "add", "-q", f"{tmp_path}/worktree", "--detach")
    made.git("clone", "-q", "--shared", ".", f"{tmp_path}/clone")
    folder = made.folder / "deep" if kind == "below" else tmp_path / kind
    with objects_of(folder) as objects:
        assert objects.git.ask("cat-file", "blob", f"{objects.commit('HEAD')}:deep/a") == b"1"
        assert objects.commit("HEAD") == first


def test_a_shallow_clone_says_where_it_is_cut(tmp_path: Path) -> None:
    """At its second commit of three; a whole one is cut nowhere."""
    made = new(tmp_path / "tree")
    _, second, _ = (made.commit({"a": f"{number}"}) for number in range(3))
    made.git("clone", "-q", "--depth=2", f"file://{made.folder}", f"{tmp_path}/shallow")
    with objects_of(made.folder) as whole, objects_of(tmp_path / "shallow") as part:
        assert (whole.cut, part.cut) == (frozenset(), {second})
        assert part.git.ask("rev-list", "--count", part.commit("main")) == b"2\n"


def test_settings_of_the_repository_and_the_user_are_not_seen(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each; the user's own are read where the repository itself is asked."""
    repository.commit({"a": "1"})
    repository.git("config", "finops.there", "1")
    (tmp_path / ".gitconfig").write_text("[finops]\nuser = 1\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    with objects_of(repository.folder) as objects:
        assert b"finops.user" in objects.repository.ask("config", "--list")
        assert b"finops" not in objects.git.ask("config", "--list")


def test_replacements_and_grafts_have_no_effect(repository: Repository) -> None:
    """Another content for a commit, and another history; git itself would follow the first."""
    first, second = repository.commit({"a": "1"}), repository.commit({"a": "2"})
    other = repository.commit_tree(repository.tree())
    repository.git("replace", second, other)
    (repository.folder / ".git" / "info" / "grafts").write_text(f"{second}\n", encoding="ascii")
    with objects_of(repository.folder) as objects:
        assert objects.git.ask("cat-file", "blob", f"{objects.commit('main')}:a") == b"2"
        assert objects.commit("main~1") == first
        assert objects.git.ask("rev-list", "--count", second) == b"2\n"
    assert repository.git("ls-tree", second) == ""
