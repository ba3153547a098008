"""Patterns of CODEOWNERS fit what GitHub's documentation, git and a plain second way say."""

from __future__ import annotations

import re
import subprocess
import time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.inventory.owner_patterns import expression_of, why_not


def fits(pattern: str, path: str) -> bool:
    return re.fullmatch(expression_of(pattern), path, re.DOTALL) is not None


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("*", "a .github/x a/b/c.js", ""),
        ("*.js", "a.js a/b.js a.js/b", "a.jsx js"),
        ("/build/logs/", "build/logs/a build/logs/b/c", "build/logs x/build/logs/a"),
        ("docs/*", "docs/getting-started.md", "docs/build-app/troubleshooting.md x/docs/a docs"),
        ("apps/", "apps/a x/apps/b/c", "apps xapps/a"),
        ("/docs/", "docs/a docs/b/c", "docs x/docs/a"),
        ("**/logs", "build/logs/a scripts/logs/b deeply/nested/logs/x/y logs/a logs", "blogs/a"),
        ("/apps/github", "apps/github apps/github/a", "x/apps/github apps/githubs"),
        ("/apps/*.t?", "apps/a.tf apps/.ts apps/a.tf/b", "apps/b/a.tf apps/a.tfx apps/a.t"),
        ("a/**/b", "a/b a/x/b a/x/y/b a/b/c", "a/xb x/a/b"),
        ("a/**", "a/b a/b/c", "a ab"),
        ("**", "a a/b", ""),
        ("**/a/**/b/**/c.*", "a/b/c.x 1/a/2/b/3/c.d a/a/b/b/c. a/b/x/c.y/z", "a/b/c b/a/c.x"),
        ("a**b", "ab axb x/ab", "a/b"),
        (r"my\ file.m*", "my_file.md".replace("_", " "), "my-file.md"),
        (r"a\*", "a*", "ab"),
        ("ünï/数", "ünï/数 ünï/数/x", "unï/数"),
        ("a.b", "a.b", "axb"),
        ("/*/b", "a/b a/b/c", "a/a/b b /b"),
    ],
)
def test_a_pattern_fits_as_documented(pattern: str, inside: str, outside: str) -> None:
    """The examples of GitHub's page, and the corners it leaves to gitignore."""
    spaced = r"\ " in pattern
    for paths, expected in ((inside, True), (outside, False)):
        for path in [paths] if spaced else paths.split():
            assert (path, fits(pattern, path)) == (path, expected)


def plainly(parts: list[str], names: list[str]) -> bool:
    """Fit names by trying everything: slow, and easy to see that it is right."""
    if not parts:
        return not names
    if parts[0] == "**":
        return any(plainly(parts[1:], names[number:]) for number in range(len(names) + 1))
    return bool(names) and letters(parts[0], names[0]) and plainly(parts[1:], names[1:])


def letters(part: str, name: str) -> bool:
    if not part:
        return not name
    if part[0] == "*":
        return any(letters(part[1:], name[number:]) for number in range(len(name) + 1))
    return bool(name) and part[0] in {"?", name[0]} and letters(part[1:], name[1:])


def by_trying(pattern: str, path: str) -> bool:
    parts, names = pattern.strip("/").split("/"), path.split("/")
    if not pattern.startswith("/") and "/" not in pattern.rstrip("/"):
        parts = ["**", *parts]
    if pattern.endswith("/") or parts[-1] == "**":
        parts = [*parts[:-1], "**"] if parts[-1] == "**" else [*parts, "**"]
        return any(plainly([*parts[:-1], "*"], names[:number]) for number in range(1, len(names) + 1)) or (
            plainly([*parts[:-1], "*", "**"], names)
        )
    return plainly(parts, names) or (parts[-1] != "*" and plainly([*parts, "**"], names))


_PART = st.text("ab*?", min_size=1, max_size=6).filter(lambda part: "**" not in part) | st.just("**")
_PATTERN = st.builds(
    "{}{}{}".format, st.sampled_from(["", "/"]), st.lists(_PART, min_size=1, max_size=5).map("/".join),
    st.sampled_from(["", "/"]),
)  # fmt: skip
_PATH = st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=6).map("/".join)


@given(_PATTERN, _PATH)
def test_a_pattern_fits_what_trying_everything_fits(pattern: str, path: str) -> None:
    """Never trying again loses no fit."""
    assert fits(pattern, path) == by_trying(pattern, path)


def test_git_agrees(tmp_path: Path) -> None:
    """Its own rules for ignored files, where GitHub does not differ: 34 patterns on 340 paths."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    names = ["a", "b", "ab", "c.a"]
    paths = ["/".join(words) for size in range(1, 5) for words in product(names, repeat=size)]
    parts = ["a", "a*", "*b", "?", "*.a", "**"]
    patterns = [*parts[:-1], *(f"/{part}" for part in parts[:-1]), *(f"{part}/" for part in parts[:-1])]
    patterns += [f"{one}/{two}" for one, two in product(parts, ["a", "*b", "**"]) if one != two]
    patterns += ["a/**/b", "/**/a/b", "**/a/**/b", "a/*/b"]
    assert (len(paths), len(patterns)) == (340, 34)
    for pattern in patterns:
        (tmp_path / ".git" / "info" / "exclude").write_text(f"{pattern}\n", encoding="utf-8")
        words = ["git", "check-ignore", "--no-index", "--stdin"]
        said = subprocess.run(
            words, cwd=tmp_path, input="\n".join(paths), capture_output=True, text=True, check=False
        )
        assert (pattern, [path for path in paths if fits(pattern, path)]) == (pattern, said.stdout.split())


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("!a", "'!' takes nothing back here"),
        (r"\#a", r"a pattern cannot begin with '\#'"),
        ("a[bc]", "'[' and ']' are no ranges here"),
        ("a***", "'***' means nothing"),
        ("a\\", r"'\' stands at the end"),
        ("/", "an empty or '.' or '..' part fits no path"),
        ("a//b", "an empty or '.' or '..' part fits no path"),
        ("../a", "an empty or '.' or '..' part fits no path"),
        ("x" * 401, "a pattern has at most 400 characters"),
        ("*a" * 17, "a pattern has at most 16 wildcards"),
    ],
)
def test_what_is_no_pattern_has_a_reason(pattern: str, why: str) -> None:
    """What GitHub does not know, what fits nothing, what is too long."""
    assert why_not(pattern) == why


def test_the_longest_patterns_are_patterns() -> None:
    """And an escaped bracket is a letter."""
    assert [why_not(one) for one in ("x" * 400, "*a" * 16, r"a\[b\]", "**/a/**", ".github/")] == [""] * 5


def test_no_path_makes_a_pattern_slow() -> None:
    """Sixteen wildcards on a thousand letters: trying everything would not end before the sun."""
    begun = time.process_time()
    slow = ["*a" * 16 + "b", "**/*a" + "/**/*a" * 7 + "/b", "**/" * 8 + "?" * 8 + "/b", "a/" * 190 + "b"]
    for pattern in slow:
        for path in ("a" * 1000, "a/" * 499 + "a", "aa/" * 333 + "a"):
            assert not fits(pattern, path)
    assert time.process_time() - begun < 2
