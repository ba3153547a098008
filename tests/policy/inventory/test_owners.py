"""Who owns a file, and what is said of lines that cannot be read."""

from __future__ import annotations

import time

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.owners import CodeOwners, OwnerRule, owners_of
from finops_lib.policy.inventory.tree import Tree


def read(text: str | bytes) -> CodeOwners:
    return owners_of(Tree({"CODEOWNERS": text.encode() if isinstance(text, str) else text}))


def test_the_last_rule_that_fits_wins() -> None:
    """Its owners alone; a pattern without owners is nobody's; what no rule fits is nobody's either."""
    owners = read("/apps/ @org/apps @ana\n/apps/github\n*.tf infra@example.com\n\n# /apps/ @nobody\n")
    paths = ["apps/a.yaml", "apps/github", "apps/github/x", "apps/github/a.tf", "README.md"]
    assert [owners(path) for path in paths] == ["@org/apps @ana", "", "", "infra@example.com", ""]
    assert owners.rules[1] == OwnerRule("/apps/github", (), 2)
    assert owners.faults == ()


def test_a_line_may_have_a_comment_blanks_and_a_windows_end() -> None:
    """And the file the mark of UTF-8 in front."""
    text = "\ufeff* @all # not @me\r\n\t/a\\ b/\t@two   @three#\r\n"
    owners = read(text)
    assert (owners("x"), owners.faults) == (
        "@all",
        (Fault("CODEOWNERS", 2, "line left out: '@three#' is no @user, @organisation/team or address"),),
    )
    assert read(text.replace("three#", "three #"))("a b/c") == "@two @three"


@pytest.mark.parametrize(("held", "owner"), [
    (".github/CODEOWNERS CODEOWNERS docs/CODEOWNERS", "@a0"),
    ("CODEOWNERS docs/CODEOWNERS", "@a0"),
    ("docs/CODEOWNERS src/CODEOWNERS", "@a0"),
    ("src/CODEOWNERS", ""),
    ("", ""),
])  # fmt: skip
def test_the_first_file_counts(held: str, owner: str) -> None:
    """In the three places that GitHub looks at, in its order; no other."""
    tree = Tree({path: b"* @a%d" % number for number, path in enumerate(held.split())})
    owners = owners_of(tree)
    assert (owners("x"), owners.file) == (owner, held.split(maxsplit=1)[0] if owner else "")


def test_a_file_that_is_a_link_is_not_passed_over() -> None:
    """The next place does not stand in for it."""
    owners = owners_of(Tree({"CODEOWNERS": b"* @a"}, "", {".github/CODEOWNERS": "a link"}))
    assert owners("x") == ""
    assert owners.faults == (Fault(".github/CODEOWNERS", 0, "not read: a link"),)


@pytest.mark.parametrize(("line", "why"), [
    ("[Docs]", "sections are not known"),
    ("^[Docs][2] @a", "sections are not known"),
    ("!x @a", "'!' takes nothing back here"),
    ("x[ab] @a", "'[' and ']' are no ranges here"),
    (r"\#x @a", r"a pattern cannot begin with '\#'"),
    ("x @a ana", "'ana' is no @user, @organisation/team or address"),
    ("x @a/b/c", "'@a/b/c' is no @user, @organisation/team or address"),
    ("x @", "'@' is no @user, @organisation/team or address"),
    ("x \x1b[2J", "'?[2J' is no @user, @organisation/team or address"),
    ("x " + "y" * 999, f"'{'y' * 80}' is no @user, @organisation/team or address"),
    ("x " + "@a " * 700, "it has more than 2,000 characters"),
    (b"x\xff @a", "it is no UTF-8"),
])  # fmt: skip
def test_a_line_that_cannot_be_read_is_a_fault_and_owns_nothing(line: str | bytes, why: str) -> None:
    """The lines around it are read: x stays with the first."""
    raw = line if isinstance(line, bytes) else line.encode()
    owners = read(b"* @first\n" + raw + b"\nlast @last\n")
    assert owners.faults == (Fault("CODEOWNERS", 2, f"line left out: {why}"),)
    assert [owners(path) for path in ("x", "last")] == ["@first", "@last"]


def test_faults_are_bounded() -> None:
    """Of 2,000 bad lines a hundred are named."""
    owners = read("[\n" * 2000 + "* @a")
    assert (len(owners.faults), owners("x")) == (101, "@a")
    assert owners.faults[-1] == Fault("CODEOWNERS", 0, "1,900 more lines that cannot be read")


def test_with_too_many_rules_nobody_owns_anything() -> None:
    """5,000 are read; leaving out one more could name the wrong owner."""
    assert read("* @a\n" * 5000)("x") == "@a"
    owners = read("* @a\n" * 5001)
    assert (owners("x"), owners.rules) == ("", ())
    assert owners.faults == (Fault("CODEOWNERS", 0, "not read: 5,001 rules, and 5,000 are the most"),)


def test_the_owner_is_that_of_each_rule_asked_alone() -> None:
    """All rules in one expression say what a search from the last says."""
    patterns = ["*", "/a/", "a/**/c", "*.tf", "/a/b*", "b/", "**/c/?.tf", "a/*"]
    owners = read("".join(f"{pattern} @o{number}\n" for number, pattern in enumerate(patterns)))
    alone = [read(f"{pattern} @o{number}\n") for number, pattern in enumerate(patterns)]
    for path in ("x", "a/x", "a/b/c", "a/b/c/d.tf", "b/x", "x/b/y.tf", "a/bb", "c/c/x.tf", "a/x.tf"):
        expected = next(said for one in reversed(alone) if (said := one(path)))
        assert (path, owners(path)) == (path, expected)


def test_60_000_paths_and_500_rules_are_quick() -> None:
    """Rules of all kinds; the first of them, tried last, owns most paths."""
    kinds = ("/services/team-{}/", "/services/*/k8s-{}/*.yaml", "**/modules-{}/", "*.kind{}", "/live/{}/**/x")
    lines = [kinds[number % 5].format(number) + f" @team-{number}" for number in range(500)]
    owners = read("* @all\n" + "\n".join(lines))
    paths = [f"services/svc-{number}/deploy/base/file-{number}.yaml" for number in range(59_990)]
    paths += [f"services/team-{number}/deploy/x" for number in range(0, 50, 5)]
    begun = time.process_time()
    found = [owners(path) for path in paths]
    assert time.process_time() - begun < 20
    assert found == ["@all"] * 59_990 + [f"@team-{number}" for number in range(0, 50, 5)]
