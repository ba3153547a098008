"""The files at a commit and after a merge, of real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.change.tree import author_of, merged, tree_at
from finops_lib.errors import PolicyError, SettingsError
from finops_lib.policy.inventory.tree import LARGEST_FILE, tree_of
from tests.change.repositories import Repository, new

TEN_LINES = "".join(f"line {number}\n" for number in range(10))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return new(tmp_path / "tree")


def test_a_tree_is_that_of_its_commit(repository: Repository) -> None:
    """By branch, tag and id, whatever the work tree holds now."""
    first = repository.commit({"apps/a.yaml": "kind: A\r\n", "b": b"\0\xff"})
    repository.git("tag", "v1")
    second = repository.commit({"apps/a.yaml": None, "c": ""})
    (repository.folder / "c").write_text("changed", encoding="utf-8")
    tree = tree_at(repository.folder, "v1")
    assert (dict(tree.files), tree.commit) == ({"apps/a.yaml": b"kind: A\r\n", "b": b"\0\xff"}, first)
    assert tree_at(repository.folder, first[:10]) == tree
    now = tree_at(repository.folder / ".git", "main")
    assert (dict(now.files), now.commit) == ({"b": b"\0\xff", "c": b""}, second)


def test_a_tree_equals_that_of_a_work_tree(repository: Repository) -> None:
    """Files, a link, a file that is too large and an odd name: both ways of reading agree."""
    (repository.folder / "link").symlink_to("/etc")
    files = {"a": "1", "deep/er/ü b": "2", "large": b"x" * (LARGEST_FILE + 1), "largest": b"x" * LARGEST_FILE}
    first = repository.commit({**files, "back\\slash": "3"})
    here = tree_of(repository.folder, commit=first)
    assert tree_at(repository.folder, "HEAD") == here
    assert sorted(here.files) == ["a", "deep/er/ü b", "largest"]
    assert sorted(here.left_out) == ["back\\slash", "large", "link"]


def test_what_is_left_out_has_its_reason(repository: Repository) -> None:
    """Links, submodules, large files, names that lead out or cannot be read, and what is git's own."""
    blob, large = repository.object(b"x"), repository.object(b"x" * (LARGEST_FILE + 1))
    git = repository.tree(("100644", b"config", blob))
    root = repository.tree(
        ("40000", b"..", git),
        ("40000", b".GIT", git),
        ("100644", b"\xff", blob),
        ("100644", b"a\nb", blob),
        ("100644", b"good", blob),
        ("100644", b"large", large),
        ("120000", b"link", blob),
        ("160000", b"sub", "1" * 40),
    )
    tree = tree_at(repository.folder, repository.commit_tree(root))
    assert dict(tree.files) == {"good": b"x"}
    name = "its name cannot be read on every system"
    assert dict(tree.left_out) == {
        "../config": name,
        ".GIT/config": name,
        "\\xff": name,
        "a\\nb": name,
        "large": "larger than 2 MiB",
        "link": "a link",
        "sub": "a submodule",
    }


def test_too_much_is_refused_before_it_is_read(repository: Repository) -> None:
    """129 files of 2 MiB, all of one content."""
    blob = repository.object(b"x" * LARGEST_FILE)
    root = repository.tree(*(("100644", b"%03d" % number, blob) for number in range(129)))
    with pytest.raises(PolicyError, match="270,532,608 bytes: a tree has at most 268,435,456 bytes"):
        tree_at(repository.folder, repository.commit_tree(root))


def test_no_repository_and_no_commit_are_errors(repository: Repository, tmp_path: Path) -> None:
    """For each of the three questions."""
    for asked in (tree_at, author_of, lambda folder, name: merged(folder, name, name)):
        with pytest.raises(SettingsError, match="not a git repository"):
            asked(tmp_path, "main")
        with pytest.raises(SettingsError, match="commit 'main': it is a commit, branch or tag"):
            asked(repository.folder, "main")


def test_a_clone_without_contents_is_refused(repository: Repository, tmp_path: Path) -> None:
    """A partial clone would fetch them from where its configuration says; reading fetches nothing."""
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit({"a": "1"})
    address = f"file://{repository.folder}"
    repository.git("clone", "-q", "--no-checkout", "--filter=blob:none", address, f"{tmp_path}/part")
    with pytest.raises(SettingsError, match=r"a in .*/part: the clone has all contents"):
        tree_at(tmp_path / "part", "main")


def test_a_merge_holds_what_both_changed(repository: Repository) -> None:
    """One file changed at both ends, one taken away, one moved there and changed here, one new."""
    start = repository.commit({"both": TEN_LINES, "gone": "1", "old": TEN_LINES * 2, "same": "1"})
    repository.git("switch", "-q", "-c", "topic")
    head = repository.commit({"both": f"{TEN_LINES}head\n", "gone": None, "old": None, "new": TEN_LINES * 2})
    repository.git("switch", "-q", "main")
    base = repository.commit({"both": f"base\n{TEN_LINES}", "old": f"base\n{TEN_LINES * 2}", "only": "1"})
    merge = merged(repository.folder, "main", "topic")
    assert dict(merge.tree.files) == {
        "both": f"base\n{TEN_LINES}head\n".encode(),
        "new": f"base\n{TEN_LINES * 2}".encode(),
        "only": b"1",
        "same": b"1",
    }
    assert (merge.base, merge.head, merge.merge_base, merge.tree.commit) == (base, head, start, "")
    assert merge.changed == ("both", "gone", "new", "old")
    assert repository.git("status", "--porcelain") == ""


def test_a_merge_equals_that_of_git_itself(repository: Repository) -> None:
    """After criss-cross merges, where two commits are best common ancestors."""
    repository.commit({"a": TEN_LINES, "b": TEN_LINES})
    repository.git("branch", "topic")
    one = repository.commit({"a": f"{TEN_LINES}main\n"})
    repository.git("switch", "-q", "topic")
    other = repository.commit({"b": f"topic\n{TEN_LINES}"})
    repository.git("merge", "-q", "-m", "cross", one)
    repository.commit({"a": f"topic\n{TEN_LINES}main\n"})
    repository.git("switch", "-q", "main")
    repository.git("merge", "-q", "-m", "cross", other)
    repository.commit({"b": f"topic\n{TEN_LINES}main\n"})
    merge = merged(repository.folder, "main", "topic")
    repository.git("merge", "-q", "-m", "the real one", "topic")
    assert merge.tree.files == tree_at(repository.folder, "main").files
    assert merge.merge_base in {one, other}
    assert merge.changed == ("a",)


def test_what_follows_the_base_is_taken_as_it_is(repository: Repository) -> None:
    """A fast-forward; the other way round there is nothing to merge, as with itself."""
    first = repository.commit({"a": "1", "b": "1"})
    second = repository.commit({"a": "2", "b": None, "c": "1"})
    forward = merged(repository.folder, first, "main")
    assert forward.tree == tree_at(repository.folder, second)
    assert (forward.merge_base, forward.changed) == (first, ("a", "b", "c"))
    for head in (first, second):
        none = merged(repository.folder, second, head)
        assert (none.tree.files, none.changed) == (forward.tree.files, ())


def test_a_conflict_names_the_files(repository: Repository) -> None:
    """A line that both changed, a file that one changed and the other took away; not the one that merges."""
    repository.commit({"a": "1\n", "b": "1\n", "c": TEN_LINES})
    repository.git("switch", "-q", "-c", "topic")
    repository.commit({"a": "2\n", "b": None, "c": f"{TEN_LINES}2\n"})
    repository.git("switch", "-q", "main")
    repository.commit({"a": "3\n", "b": "3\n", "c": f"3\n{TEN_LINES}"})
    with pytest.raises(PolicyError, match=r"^a, b: \w{12} merges into \w{12} without a conflict.*rebase"):
        merged(repository.folder, "main", "topic")


def test_of_many_conflicts_ten_are_named(repository: Repository) -> None:
    """Twelve files, with a line end in the name of the first."""
    names = ["a\nb", *(f"f{number:02}" for number in range(11))]
    repository.commit(dict.fromkeys(names, "1"))
    repository.git("switch", "-q", "-c", "topic")
    repository.commit(dict.fromkeys(names, "2"))
    repository.git("switch", "-q", "main")
    repository.commit(dict.fromkeys(names, "3"))
    with pytest.raises(PolicyError) as caught:
        merged(repository.folder, "main", "topic")
    assert caught.value.value == r"a\nb, f00, f01, f02, f03, f04, f05, f06, f07, f08 and 2 more"


def test_histories_without_a_common_commit_are_refused(repository: Repository) -> None:
    """Two first commits."""
    repository.commit({"a": "1"})
    other = repository.commit_tree(repository.tree())
    with pytest.raises(PolicyError, match="what is merged has history in common"):
        merged(repository.folder, "main", other)


def branches(repository: Repository) -> None:
    """Three commits, from the second of which a branch with one more goes off."""
    for number in range(3):
        repository.commit({"a": f"{number}"})
    repository.git("switch", "-q", "-c", "topic", "main~1")
    repository.commit({"b": "1"})


@pytest.mark.parametrize(("depth", "held"), [(1, False), (2, True), (9, True)])
def test_a_shallow_clone_must_hold_the_common_commit(
    repository: Repository, tmp_path: Path, depth: int, held: bool
) -> None:
    """With two commits of each branch it does; with one the remedy is to fetch the rest."""
    branches(repository)
    address = f"file://{repository.folder}"
    repository.git("clone", "-q", f"--depth={depth}", "--no-single-branch", address, f"{tmp_path}/part")
    if held:
        merge = merged(tmp_path / "part", "origin/main", "origin/topic")
        assert dict(merge.tree.files) == {"a": b"2", "b": b"1"}
        return
    with pytest.raises(PolicyError, match=r"in a shallow clone.*Remedy: run git fetch --unshallow"):
        merged(tmp_path / "part", "origin/main", "origin/topic")


def test_a_shallow_clone_may_not_hide_a_better_common_commit(repository: Repository, tmp_path: Path) -> None:
    """One common commit is here, but a merge since then has a parent that is cut off behind itself."""
    root = repository.commit({"a": "1"})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    side = repository.commit_tree(tree, root)
    late = repository.commit_tree(tree, repository.commit_tree(tree, side))
    for name, parents in {"one": (root, late), "two": (root, side)}.items():
        repository.git("branch", name, repository.commit_tree(tree, *parents))
    assert merged(repository.folder, "one", "two").merge_base == side
    (repository.folder / ".git" / "shallow").write_text(f"{late}\n", encoding="ascii")
    assert repository.git("merge-base", "one", "two") == root
    with pytest.raises(PolicyError, match="the history back to where they part is here"):
        merged(repository.folder, "one", "two")


def test_the_author_is_whom_the_commit_names(repository: Repository) -> None:
    """Not whom a file of the repository would make of them; another writing is read as it says."""
    repository.commit({".mailmap": "Boss <boss@example.com> <ana@example.com>\n"})
    assert author_of(repository.folder, "main") == "Ana <ana@example.com>"
    words = ("-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-m", "a")
    repository.git(*words, "--author", b"J\xfcrgen <j@example.com>".decode("utf-8", "surrogateescape"))
    assert author_of(repository.folder, "main") == "Jürgen <j@example.com>"


def test_an_author_is_one_printable_line(repository: Repository) -> None:
    """Made by hand: controls of a terminal, a name that runs on; 300 characters are kept."""
    tree = repository.tree().encode()
    name = b"A\x1b[2J\x07" + b"x" * 100_000
    line = b"%s <a@example.com> 1700000000 +0000" % name
    commit = repository.object(b"tree %s\nauthor %s\ncommitter %s\n\nm\n" % (tree, line, line), "commit")
    assert author_of(repository.folder, commit) == ("A?[2J?" + "x" * 300)[:300]
