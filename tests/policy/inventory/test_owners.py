"""Who owns a file: each rule of the pattern language as forges document it, and hostile files."""

from __future__ import annotations

import time

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.owners import CodeOwners, owners_of
from finops_lib.policy.inventory.tree import Tree


def owners(text: str, *, file: str = "CODEOWNERS") -> CodeOwners:
    return owners_of(Tree({file: text.encode()}))


@pytest.mark.parametrize(
    ("pattern", "fits", "not_"),
    [
        ("*", ["a", "a/b/c.tf"], []),
        ("*.js", ["x.js", "a/b/x.js"], ["x.jsx", "x.ts"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["x/build/logs/a", "build/logs"]),
        ("docs/*", ["docs/a.md"], ["docs/build/a.md", "x/docs/a.md"]),
        ("apps/", ["apps/a", "x/apps/b/c"], ["apps"]),
        ("/docs/", ["docs/a"], ["x/docs/a"]),
        ("**/logs", ["logs/x", "build/logs/x", "deeply/nested/logs/y/z"], ["mylogs/x"]),
        ("/apps/github", ["apps/github", "apps/github/x"], ["apps/githubs"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["ab", "a/xb"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a/c"]),
        ("a?c", ["abc", "x/abc"], ["a/c", "abbc"]),
        ("main.tf", ["main.tf", "a/main.tf"], ["mainxtf", "xmain.tf"]),
        (r"a\ b/", ["a b/c"], ["a/c"]),
    ],
)
def test_a_pattern_fits_what_forges_say_it_fits(pattern: str, fits: list[str], not_: list[str]) -> None:
    """Anchors, folders, stars within a folder and through folders, a point that is a point."""
    found = owners(f"{pattern} @o\n")
    assert [path for path in fits if found.of(path) != "@o"] == []
    assert [path for path in not_ if found.of(path)] == []


def test_the_last_line_that_fits_decides_and_one_without_owners_takes_them_away() -> None:
    """Comments and blank lines say nothing."""
    found = owners("# all\n* @o/all # ours\n\n/a/ @o/a ann@example.com\n/a/free/\n")
    assert [found.of(path) for path in ("x", "a/b", "a/free/b")] == ["@o/all", "@o/a ann@example.com", ""]
    assert found.names == {"@o/all", "@o/a", "ann@example.com"}


def test_the_first_place_holds() -> None:
    """Others are not looked at."""
    tree = Tree({".github/CODEOWNERS": b"* @first", "CODEOWNERS": b"* @second"})
    assert (owners_of(tree).of("x"), owners_of(tree).file) == ("@first", ".github/CODEOWNERS")
    assert owners_of(Tree({"a": b""})).of("x") == ""


def test_what_cannot_be_read_is_a_fault_with_its_line() -> None:
    """And no line: it gives nothing to anybody."""
    found = owners("!a @o\n[Team] @o\nb[0-9] @o\nc nobody\n* @o\n" + "*" * 13 + " @x\n")
    assert found.lines == (("*", "@o"),)
    assert found.faults == (
        Fault("CODEOWNERS", 1, "a pattern has no ! and no [ ]"),
        Fault("CODEOWNERS", 2, "sections are not known here"),
        Fault("CODEOWNERS", 3, "a pattern has no ! and no [ ]"),
        Fault("CODEOWNERS", 4, "'nobody' is no @name, @organisation/team or address"),
        Fault("CODEOWNERS", 6, "a pattern has at most 300 letters, 12 stars and 3 **"),
    )
    broken = owners_of(Tree({"CODEOWNERS": b"\xff"}))
    assert [fault.line for fault in broken.faults] == [0]
    assert broken.faults[0].reason.startswith("it is no UTF-8: ")


def test_many_lines_end_in_bounded_time() -> None:
    """Lines beyond the limit are told; hostile stars are not tried over and over."""
    found = owners("\n".join(f"/a{place}/**/b*/x{place} @o" for place in range(5_001)))
    assert found.faults == (Fault("CODEOWNERS", 5_001, "more than 5,000 lines are not read"),)
    hostile = owners("\n".join("**/a*a*a*a*a*a/**/b*a*c @o" for _ in range(500)))
    start = time.process_time()
    assert all(hostile.of("/".join(["a" * 40] * 5) + f"/{place}") == "" for place in range(100))
    assert time.process_time() - start < 5
