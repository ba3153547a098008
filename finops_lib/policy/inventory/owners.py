"""Who owns a file: CODEOWNERS, as forges read it; the last line that fits a path decides.

A pattern that begins with ``/`` or has one inside is anchored at the top, any other fits at every depth; one
that ends with ``/`` is a folder with all in it, and so is a name without an ending ``*`` that a folder has.
``*`` and ``?`` stay within a folder, ``**`` goes through them. There is no ``!`` and no ``[``. A line without
owners takes the owners away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from finops_lib.policy.inventory.found import Fault, in_words
from finops_lib.policy.inventory.tree import Tree

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_MOST_LINES, _LONGEST_PATTERN, _MOST_STARS, _MOST_DEEP = 5_000, 300, 12, 3
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*|[^\s@<>]+@[^\s@<>]+", re.ASCII)


@dataclass(frozen=True)
class CodeOwners:
    r"""Patterns with their owners in the order of the file; what could not be read are ``faults``.

    Examples
    --------
    >>> owners = owners_of(Tree({"CODEOWNERS": b"* @shop/all\n/terraform/ @shop/platform @shop/finops\n"}))
    >>> owners.of("terraform/a/main.tf"), owners.of("docs/terraform/x")
    ('@shop/platform @shop/finops', '@shop/all')
    """

    file: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()

    def of(self, path: str) -> str:
        """Who owns the file at this path; separated by spaces, empty where nobody does.

        Parameters
        ----------
        path : str
            In the repository, with ``/``.
        """
        return next((owners for fits, owners in self._compiled if fits.fullmatch(path)), "")

    @property
    def names(self) -> frozenset[str]:
        """All who own something."""
        return frozenset(name for _, owners in self.lines for name in owners.split())

    @cached_property
    def _compiled(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(_expression(pattern)), owners) for pattern, owners in reversed(self.lines)]


def owners_of(tree: Tree) -> CodeOwners:
    """Which owners does a repository name.

    Parameters
    ----------
    tree : Tree
        Its files; the first of ``.github/CODEOWNERS``, ``CODEOWNERS``, ``docs/CODEOWNERS`` and
        ``.gitlab/CODEOWNERS`` holds.

    Returns
    -------
    CodeOwners
        A line that cannot be read is a fault, and no line.
    """
    file = next((place for place in PLACES if place in tree.files), "")
    if not file:
        return CodeOwners()
    try:
        written = tree.files[file].decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        return CodeOwners(file, (), (Fault(file, 0, f"it is no UTF-8: {in_words(error)}"),))
    lines: list[tuple[str, str]] = []
    faults = []
    for number, line in enumerate(written[:_MOST_LINES], start=1):
        words = _words(line)
        if not words:
            continue
        why = _why_not(words)
        if why:
            faults.append(Fault(file, number, why))
        else:
            lines.append((words[0], " ".join(words[1:])))
    if len(written) > _MOST_LINES:
        faults.append(Fault(file, _MOST_LINES + 1, f"more than {_MOST_LINES:,} lines are not read"))
    return CodeOwners(file, tuple(lines), tuple(faults))


def _words(line: str) -> list[str]:
    """Split a line at blanks that no backslash goes before; what follows ``#`` is a comment."""
    found = [word.replace("\\ ", " ") for word in re.findall(r"(?:\\.|[^\s\\])+", line)]
    start = next((place for place, word in enumerate(found) if word.startswith("#")), len(found))
    return found[:start]


def _why_not(words: list[str]) -> str:
    pattern, *owners = words
    if pattern.startswith(("[", "^[")):
        return "sections are not known here"
    if pattern.startswith("!") or "[" in pattern or "]" in pattern:
        return "a pattern has no ! and no [ ]"
    if (
        len(pattern) > _LONGEST_PATTERN
        or pattern.count("*") > _MOST_STARS
        or pattern.split("/").count("**") > _MOST_DEEP
    ):
        return f"a pattern has at most {_LONGEST_PATTERN} letters, {_MOST_STARS} stars and {_MOST_DEEP} **"
    wrong = [owner for owner in owners if not _OWNER.fullmatch(owner)]
    return f"{in_words(wrong[0])[:80]!r} is no @name, @organisation/team or address" if wrong else ""


def _expression(pattern: str) -> str:
    body = pattern.strip("/") or "**"
    anchored = pattern.startswith("/") or "/" in body
    *folders, last = body.split("/")
    start = "" if anchored else "(?:.*/)?"
    way = "".join("(?:.*/)?" if folder == "**" else f"{_part(folder)}/" for folder in folders)
    name = ".*" if last == "**" else _part(last)
    if pattern.endswith("/"):
        return f"{start}{way}{name}/.*"
    # A pattern such as docs/* is the files of the folder alone; a name may be a folder, with all in it.
    below = "" if anchored and last.endswith(("*", "?")) else "(?:/.*)?"
    return f"{start}{way}{name}{below}"


def _part(name: str) -> str:
    """Write one name: where a piece fits first is as good as any later place, so none is tried again."""
    first, *pieces = name.split("*")
    if not pieces:
        return _plain(first)
    between = "".join(f"(?>[^/]*?{_plain(piece)})" for piece in pieces[:-1] if piece)
    return f"{_plain(first)}{between}[^/]*{_plain(pieces[-1])}"


def _plain(text: str) -> str:
    return "".join("[^/]" if letter == "?" else re.escape(letter) for letter in text)
