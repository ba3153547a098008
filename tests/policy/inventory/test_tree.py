"""A tree holds files only, each below its root, and not too many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.inventory.tree import LARGEST_FILE, Tree, is_path, tree_of


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        "a\\b",
        "a\nb",
        "a\x7f",
        "C:/a",
        "\udcff",
        "x" * 1001,
    ],
)
def test_a_path_that_leads_out_or_is_unreadable_is_refused(path: str) -> None:
    """Absolute, upwards, not normalised, another system's separator, control characters, too long."""
    assert not is_path(path)
    with pytest.raises(PolicyError, match="a path in a tree is relative"):
        Tree({path: b""})


def test_ordinary_paths_are_taken() -> None:
    """Dots in names, spaces and other alphabets are no fault."""
    paths = ["a", ".github/CODEOWNERS", "a b/..c", "straße/数.yaml", "x" * 1000]
    assert list(Tree(dict.fromkeys(paths, b"")).files) == paths


def test_a_file_of_more_than_2_mib_is_refused() -> None:
    """The largest that is taken has 2,097,152 bytes."""
    assert len(Tree({"a": b"x" * 2_097_152}).files["a"]) == 2_097_152
    with pytest.raises(PolicyError, match="a, 2,097,153 bytes: a file of a tree has at most 2,097,152 bytes"):
        Tree({"a": b"x" * 2_097_153})


def test_60_000_files_are_a_tree_and_one_more_is_not() -> None:
    """The number of files is bounded."""
    files = {f"{number}": b"" for number in range(60_000)}
    assert len(Tree(files).files) == 60_000
    with pytest.raises(PolicyError, match="60,001 files: a tree has at most 60,000 files"):
        Tree(files | {"more": b""})


def test_256_mib_in_all_are_a_tree_and_one_byte_more_is_not() -> None:
    """128 files of 2 MiB fill it (one content, held once)."""
    block = b"x" * LARGEST_FILE
    files = {f"{number}": block for number in range(128)}
    assert len(Tree(files).files) == 128
    with pytest.raises(PolicyError, match="268,435,457 bytes: a tree has at most 268,435,456 bytes"):
        Tree(files | {"more": b"x"})


def test_a_folder_is_read_without_following_links(tmp_path: Path) -> None:
    """Links to a file outside, to a folder outside and to itself stand in left_out; .git is no part."""
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "root"
    (root / "apps" / "deep").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("[core]")
    (root / "apps" / "deep" / "a.yaml").write_bytes(b"kind: Service\r\n")
    (root / "apps" / "out.yaml").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (root / "large").write_bytes(b"x" * (LARGEST_FILE + 1))
    os.mkfifo(root / "pipe")
    tree = tree_of(root, commit="c0ffee")
    assert (dict(tree.files), tree.commit) == ({"apps/deep/a.yaml": b"kind: Service\r\n"}, "c0ffee")
    assert tree.left_out == {
        "apps/out.yaml": "a link",
        "large": "larger than 2 MiB",
        "pipe": "no plain file",
        "up": "a link",
    }


def test_a_name_that_is_not_readable_everywhere_is_left_out(tmp_path: Path) -> None:
    """It is named with its reason, and the rest is read."""
    (tmp_path / "a\nb").touch()
    (tmp_path / "b").touch()
    tree = tree_of(tmp_path)
    names = list(tree.files), dict(tree.left_out)
    assert names == (
        ["b"],
        {"a\nb": "its name cannot be read on every system"},
    )


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    """Nothing there, a file, and a link to a folder."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("none", "file", "link"):
        with pytest.raises(PolicyError, match="a tree is a folder"):
            tree_of(tmp_path / name)
