"""Who owns a file: what CODEOWNERS says, read as GitHub reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.owner_patterns import expression_of, why_not
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Record

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MOST_RULES = 5_000
_LONGEST_LINE, _MOST_FAULTS = 2_000, 100
_WORD = re.compile(r"(?:\\.|\S)+")
_SECTION = re.compile(r"\^?\[[^\]]*\]")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class OwnerRule(Record):
    """Who owns the files that a pattern fits; nobody where ``owners`` is empty."""

    pattern: str
    owners: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class CodeOwners:
    """The rules of a repository, in the order of their file; the last that fits a path wins.

    Parameters
    ----------
    file : str
        Where they stand; empty where there is no such file.
    rules : tuple of OwnerRule
        Lines that can be read.
    faults : tuple of Fault
        Lines that cannot, and so own nothing.

    Examples
    --------
    >>> owners = CodeOwners(rules=(OwnerRule("*", ("@ops",), 1), OwnerRule("/apps/", ("@a", "@b"), 2)))
    >>> owners("README.md"), owners("apps/x/y.yaml")
    ('@ops', '@a @b')
    """

    file: str = ""
    rules: tuple[OwnerRule, ...] = ()
    faults: tuple[Fault, ...] = ()

    def __call__(self, path: str) -> str:
        """Who owns this file.

        Parameters
        ----------
        path : str
            With ``/``, from the top of the repository.

        Returns
        -------
        str
            Handles with blanks between them; empty where nobody does.
        """
        found = self._rule.match(path)
        if found is None or found.lastindex is None:
            return ""
        return " ".join(self.rules[-found.lastindex].owners)

    @cached_property
    def _rule(self) -> re.Pattern[str]:
        """One expression of all rules, the last first: the group that fits is counted from there."""
        parts = (rf"{expression_of(rule.pattern)}\Z()" for rule in reversed(self.rules))
        return re.compile("|".join(parts) or r"(?!)", re.DOTALL)


def owners_of(tree: Tree) -> CodeOwners:
    """Who owns which file of a repository.

    Parameters
    ----------
    tree : Tree
        The first of ``.github/CODEOWNERS``, ``CODEOWNERS`` and ``docs/CODEOWNERS`` counts, also if it cannot
        be read.

    Returns
    -------
    CodeOwners
        To be asked by path. Nobody owns anything where there is no such file, or one of more than 5,000
        rules.

    Examples
    --------
    >>> owners_of(Tree({"CODEOWNERS": b"*.tf @infra  # all of it"}))("live/a.tf")
    '@infra'
    """
    place = next((path for path in PLACES if path in tree.files or path in tree.left_out), "")
    if place in tree.left_out:
        return CodeOwners(place, (), (Fault(place, 0, f"not read: {tree.left_out[place]}"),))
    found = [*_lines(place, tree.files.get(place, b""))]
    rules = tuple(one for one in found if isinstance(one, OwnerRule))
    if len(rules) > MOST_RULES:
        fault = Fault(place, 0, f"not read: {len(rules):,} rules, and {MOST_RULES:,} are the most")
        return CodeOwners(place, (), (fault,))
    return CodeOwners(place, rules, _fewer(place, [one for one in found if isinstance(one, Fault)]))


def _fewer(file: str, faults: list[Fault]) -> tuple[Fault, ...]:
    more = len(faults) - _MOST_FAULTS
    rest = [Fault(file, 0, f"{more:,} more lines that cannot be read")] if more > 0 else []
    return (*faults[:_MOST_FAULTS], *rest)


def _lines(file: str, content: bytes) -> Iterator[OwnerRule | Fault]:
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = raw.decode("utf-8").strip()
        except UnicodeDecodeError:
            yield Fault(file, number, "line left out: it is no UTF-8")
            continue
        if text and not text.startswith("#"):
            yield _rule(file, number, text)


def _rule(file: str, number: int, text: str) -> OwnerRule | Fault:
    if len(text) > _LONGEST_LINE:
        return Fault(file, number, f"line left out: it has more than {_LONGEST_LINE:,} characters")
    if _SECTION.match(text):
        return Fault(file, number, "line left out: sections are not known")
    pattern, *words = _WORD.findall(text)
    owners = tuple(_before_comment(words))
    wrong = next((one for one in owners if not _OWNER.fullmatch(one)), None)
    why = why_not(pattern)
    if wrong is not None:
        why = f"{in_words(wrong)[:80]!r} is no @user, @organisation/team or address"
    return Fault(file, number, f"line left out: {why}") if why else OwnerRule(pattern, owners, number)


def _before_comment(words: list[str]) -> Iterator[str]:
    for word in words:
        if word.startswith("#"):
            return
        yield word
