"""YAML beside policies is plain, or it is refused with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.plain_yaml import DEEPEST, LARGEST_FILE, read_yaml_file, read_yaml_text


def test_plain_values_keep_their_type() -> None:
    """Numbers, truth values and null are JSON's; a moment stays the text that was written."""
    text = "a: 1\nb: 1.5\nc: true\nd: null\ne: 2026-11-26T10:00:00Z\nf: no\ng: !!1\n".replace("g: !!1\n", "")
    found = {"a": 1, "b": 1.5, "c": True, "d": None, "e": "2026-11-26T10:00:00Z", "f": "no"}
    assert read_yaml_text(text, where="x") == found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1\nb: *x", "x, line 2: an alias: it has no aliases"),
        ("a: 1\nb: !!python/object:os.system {}", "line 2: tag .*: it has no tags"),
        ("a: 1\na: 2", "x, line 2: found duplicate key"),
        ("a: 1\n---\nb: 2", "it is one YAML document"),
        ("a: [1", "it is one YAML document"),
        ("1: a", "key '1': a key is a text"),
        ("a: .inf", "a number is at most 1e15"),
        ("a: -1e16", "a number is at most 1e15"),
        ("a: 1e999", "a number is at most 1e15"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "it has at most 32 levels"),
        ("\x00", "it is one YAML document"),
    ],
)
def test_a_trick_is_refused(text: str, fault: str) -> None:
    """Aliases, tags, double keys, more documents, strange numbers and depth are named."""
    with pytest.raises(PolicyError, match=fault):
        read_yaml_text(text, where="x")


def test_the_deepest_that_is_let_in() -> None:
    """32 levels are read."""
    found = read_yaml_text("[" * DEEPEST + "]" * DEEPEST, where="x")
    for _ in range(DEEPEST - 1):
        [found] = found
    assert found == []


def test_a_file_is_read(tmp_path: Path) -> None:
    """A byte order mark is no content."""
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml_file(tmp_path / "a.yaml", kind="cases") == {"a": 1}


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """A link, a folder, what is not there, too large or no UTF-8 has its own words."""
    (tmp_path / "real.yaml").write_text("a: 1")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"a: \xff")
    (tmp_path / "large.yaml").write_bytes(b"#" * (LARGEST_FILE + 1))
    for name, fault in [
        ("link.yaml", "it is a regular file, no link"),
        (".", "it is a regular file, no link"),
        ("gone.yaml", "No such file or directory: it can be read"),
        ("bytes.yaml", "byte 3: it is UTF-8"),
        ("large.yaml", "at most 4194304 bytes"),
    ]:
        with pytest.raises(PolicyError, match=fault):
            read_yaml_file(tmp_path / name, kind="cases")
