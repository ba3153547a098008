"""The files of a bundle: bounded, no links, and YAML without surprises."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle_files import MOST_BYTES, digest, files_of, yaml_of


def test_files_are_sorted_and_their_digest_is_that_of_paths_and_contents(tmp_path: Path) -> None:
    """Each behind its length of eight bytes, worked out here by hand."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.rego").write_bytes(b"two")
    (tmp_path / "a.yaml").write_bytes(b"one")
    found = files_of(tmp_path)
    assert found == {"a.yaml": b"one", "b/x.rego": b"two"}
    parts = (b"a.yaml", b"one", b"b/x.rego", b"two")
    whole = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    assert digest(found) == hashlib.sha256(whole).hexdigest()


def test_links_pipes_and_other_files_are_refused(tmp_path: Path) -> None:
    """A link may lead anywhere; a pipe would keep the reader waiting."""
    link, other, pipe = (tmp_path / name for name in ("link", "other", "pipe"))
    for folder in (link, other, pipe):
        folder.mkdir()
    (link / "a.yaml").symlink_to("/etc/passwd")
    (other / "run.sh").touch()
    os.mkfifo(pipe / "a.yaml")
    with pytest.raises(PolicyError, match="a bundle holds its files itself"):
        files_of(link)
    with pytest.raises(PolicyError, match=r"it holds files \.rego, \.yaml and \.md"):
        files_of(other)
    with pytest.raises(PolicyError, match="it is a file"):
        files_of(pipe)
    with pytest.raises(PolicyError, match="it is a folder that can be read"):
        files_of(tmp_path / "gone")


def test_too_many_files_or_bytes_are_refused(tmp_path: Path) -> None:
    """More than 500 files, and more than 4 MiB."""
    many, large = tmp_path / "many", tmp_path / "large"
    many.mkdir()
    large.mkdir()
    for number in range(501):
        (many / f"{number}.yaml").touch()
    (large / "a.md").write_bytes(b"x" * (MOST_BYTES + 1))
    with pytest.raises(PolicyError, match=r"it has at most 500\. Remedy: split it"):
        files_of(many)
    with pytest.raises(PolicyError, match="a bundle has at most 4,194,304 bytes"):
        files_of(large)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [1]\nb: [" + ", ".join(["*a"] * 60_000) + "]", "it has at most 100,000 values"),
        ("a: &a [*a]", "an alias within itself"),
        ("a: 2026-11-26", "put a date or time in quotes"),
        ("1: x", "each key is a text"),
        ("a: .inf", "finite numbers"),
        ("a: !!python/object:os.system x", "it is YAML in UTF-8"),
        ("a: 1\na: 2", "it is YAML in UTF-8"),
        ("x" * 600_000, "it has at most 524,288"),
    ],
)
def test_yaml_that_blows_up_or_means_something_else_is_refused(text: str, said: str) -> None:
    """Aliases, dates, tags, double keys and sizes."""
    with pytest.raises(PolicyError, match=said):
        yaml_of(text.encode(), where="x.yaml")


def test_plain_yaml_is_plain_values() -> None:
    """Words stay words, an alias stands for its value, and an empty file is nothing."""
    assert yaml_of(b"a: &a [1, 2.5, yes, null]\nb: *a", where="x") == {
        "a": [1, 2.5, "yes", None],
        "b": [1, 2.5, "yes", None],
    }
    assert yaml_of(b"", where="x") is None
