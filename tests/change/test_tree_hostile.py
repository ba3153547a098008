"""A repository that means ill is read without starting anything, in bounded time, or refused."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from finops_lib.change.tree import author_of, merged, tree_at
from finops_lib.errors import PolicyError, SettingsError
from tests.change.repositories import Repository, new
from tests.policy.hostile_repository import (
    BOMBS,
    LINES,
    LINKS,
    NAMES,
    UNREADABLE,
    Hostile,
    hostile,
    many_files,
    unfolding,
)

MAIN = "refs/heads/main"


@pytest.fixture
def trapped(tmp_path: Path) -> Hostile:
    return hostile(tmp_path)


def test_reading_starts_nothing(trapped: Hostile) -> None:
    """No hook, filter, driver, monitor, helper or program to check a signature, for all three questions."""
    folder = trapped.repository.folder
    tree_at(folder, MAIN)
    merged(folder, MAIN, "topic")
    merged(folder, "here", "topic")
    assert author_of(folder, MAIN) == "$(touch x) <-x@example.com>"
    with pytest.raises(SettingsError):
        tree_at(folder, "none")
    assert trapped.sprung() == []
    assert not list(folder.rglob("x"))


def test_the_traps_are_real(trapped: Hostile) -> None:
    """Git itself, asked the same in the repository, starts what the settings name."""
    git = trapped.repository.git
    (trapped.repository.folder / "shared.yaml").write_text("changed\n", encoding="utf-8")
    git("status", fails=True)
    git("log", "-1", MAIN, fails=True)
    git("log", "-p", "-1", "topic", fails=True)
    git("merge-tree", "--write-tree", "here", "topic", fails=True)
    git("cat-file", "blob", "2" * 40, fails=True)
    expected = {"core.fsmonitor", "filter.trap.clean", "gpg.program", "merge.trap.driver"}
    assert expected | {"diff.trap.textconv", "remote.origin.uploadpack"} <= set(trapped.sprung())


def test_names_are_names_and_links_are_left_out(trapped: Hostile) -> None:
    """Shell words, options and patterns are files; what cannot be read or leads out is not."""
    tree = tree_at(trapped.repository.folder, MAIN)
    assert {name.decode() for name in NAMES} | set(BOMBS) < set(tree.files)
    assert sorted(tree.left_out) == sorted(
        [
            *(name.decode() for name in LINKS),
            "sub",
            *(r"a\nb \xff\xfe back\slash \x1b[2J tab\t :(top)".split()),
        ]
    )
    assert len(UNREADABLE) == 6
    assert tree.left_out["Chart.yaml"] == tree.left_out["etc"] == "a link"


def test_content_is_that_of_the_commit_whatever_attributes_say(trapped: Hostile) -> None:
    """No filter changed it, and the merge is the plain one of both ends."""
    folder = trapped.repository.folder
    assert tree_at(folder, "topic").files["shared.yaml"] == f"{LINES}topic\n".encode()
    merge = merged(folder, "here", "topic")
    assert merge.tree.files["shared.yaml"] == f"here\n{LINES}topic\n".encode()
    assert merge.changed == ("shared.yaml",)


@pytest.mark.parametrize("name", ["--output=x", "-rf", "$(x)", "HEAD"])
def test_branches_with_odd_names_are_branches_or_nothing(trapped: Hostile, name: str) -> None:
    """By their full name at most; ``HEAD`` alone is not the branch of that name."""
    repository = trapped.repository
    if name != "$(x)":
        with pytest.raises(SettingsError, match="commit '"):
            tree_at(repository.folder, name)
    assert tree_at(repository.folder, f"refs/heads/{name}").commit == repository.git("rev-parse", MAIN)
    assert trapped.sprung() == []


def test_a_work_tree_elsewhere_has_no_effect(trapped: Hostile) -> None:
    """The setting points to the root of the disk."""
    before = tree_at(trapped.repository.folder, MAIN)
    trapped.repository.git("config", "core.worktree", "/")
    assert tree_at(trapped.repository.folder, MAIN) == before


def test_folders_that_unfold_are_refused(tmp_path: Path) -> None:
    """A million million files in 13 objects: at a commit, and at each end of a merge and where they part."""
    made = new(tmp_path / "tree")
    small = made.commit({"a": "1"})
    bomb = made.commit_tree(unfolding(made, b"1"), small)
    fair = [made.commit_tree(made.tree(("100644", name, made.object(b"1"))), bomb) for name in (b"a", b"b")]
    begun = time.monotonic()
    for base, head in ((small, bomb), (bomb, small), (fair[0], fair[1])):
        with pytest.raises(PolicyError, match="a tree has at most 60,000 files"):
            merged(made.folder, base, head)
    with pytest.raises(PolicyError, match="a tree has at most 60,000 files"):
        tree_at(made.folder, bomb)
    assert time.monotonic() - begun < 60


def test_very_deep_folders_are_left_out_or_refused(tmp_path: Path) -> None:
    """Six hundred, one in the other: the path is longer than any that is read."""
    made = new(tmp_path / "tree")
    tree = made.tree(("100644", b"f", made.object(b"1")))
    for _ in range(600):
        tree = made.tree(("40000", b"d", tree))
    found = tree_at(made.folder, made.commit_tree(tree))
    assert (dict(found.files), list(found.left_out)) == ({}, ["d/" * 600 + "f"])


def test_a_damaged_store_is_an_error(tmp_path: Path) -> None:
    """The folder of objects leads in a circle, or is gone."""
    made = new(tmp_path / "tree")
    made.commit({"a": "1"})
    objects = made.folder / ".git" / "objects"
    (objects / "info" / "alternates").write_text(f"{objects}\n{objects}/../objects\n", encoding="utf-8")
    assert dict(tree_at(made.folder, "main").files) == {"a": b"1"}
    objects.rename(tmp_path / "away")
    with pytest.raises(SettingsError):
        tree_at(made.folder, "main")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = new(tmp_path_factory.mktemp("many") / "tree")
    many_files(made, 50_000)
    return made


def test_50_000_files_are_read_in_half_a_minute(many: Repository) -> None:
    """Each with a content of its own."""
    begun = time.monotonic()
    tree = tree_at(many.folder, "main")
    assert time.monotonic() - begun < 30
    assert (len(tree.files), len(tree.left_out)) == (50_000, 0)
    assert tree.files["apps/99/49999.yaml"] == b"kind: Service\nmetadata:\n  name: svc-49999\n"


def test_a_merge_of_50_000_files_takes_no_longer(many: Repository) -> None:
    """One file changed at each end, and one taken away."""
    many.git("read-tree", "main")
    ends = {}
    for name, path in {"one": "apps/0/0.yaml", "two": "apps/99/49999.yaml"}.items():
        many.git("update-index", "--cacheinfo", f"100644,{many.object(name.encode())},{path}")
        ends[name] = many.commit_tree(many.git("write-tree"), "main")
        many.git("read-tree", "main")
    begun = time.monotonic()
    merge = merged(many.folder, ends["one"], ends["two"])
    assert time.monotonic() - begun < 30
    assert merge.changed == ("apps/99/49999.yaml",)
    assert [merge.tree.files[path] for path in ("apps/0/0.yaml", "apps/99/49999.yaml")] == [b"one", b"two"]
