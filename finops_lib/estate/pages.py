"""How is a repository put together: pages of text that know in which line each thing stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
_MARK = re.compile(r"§([\w.]+)$")


@dataclass
class Page:
    """One file of the repository: its path with forward slashes, and its lines so far."""

    path: str
    lines: list[str] = field(default_factory=list)

    def add(self, text: str) -> dict[str, int]:
        """Append lines; a line that ends in ``§name`` is remembered under this name.

        Parameters
        ----------
        text : str
            One line or more.

        Returns
        -------
        dict
            Name to line, counted from 1. The mark itself is not written.

        Examples
        --------
        >>> page = Page("a.yaml")
        >>> page.add("kind: Pod"), page.add("spec:§spec")
        ({}, {'spec': 2})
        >>> page.lines
        ['kind: Pod', 'spec:']
        """
        found = {}
        for line in text.split("\n"):
            mark = _MARK.search(line)
            self.lines.append(line[: mark.start()] if mark else line)
            if mark:
                found[mark.group(1)] = len(self.lines)
        return found


@dataclass
class Book:
    """All pages, where each resource of the bill stands in them, and what was planted.

    ``resources`` maps a ResourceId to ``path``, ``line``, ``address`` and the lines of its attributes;
    ``planted`` lists what is wrong, each with ``kind``, ``path``, ``line`` and what it is about.
    """

    pages: dict[str, Page] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    planted: list[dict[str, Any]] = field(default_factory=list)

    def page(self, path: str) -> Page:
        """Open the page at this path, new or begun.

        Parameters
        ----------
        path : str
            With forward slashes.

        Returns
        -------
        Page
        """
        return self.pages.setdefault(path, Page(path))

    def place(self, ids: Sequence[str], page: Page, marks: dict[str, int], *, address: str) -> None:
        """Say that these ids of the bill are declared here.

        Parameters
        ----------
        ids : sequence of str
            More than one where a renewed resource has an id each month.
        page : Page
            Where.
        marks : dict
            Lines; ``block`` is where the declaration begins, the others are its attributes.
        address : str
            What the tool calls it, for example ``aws_instance.web_003``.
        """
        attributes = {name: line for name, line in marks.items() if name != "block"}
        for resource in ids:
            where = {"path": page.path, "line": marks["block"], "address": address, "attributes": attributes}
            self.resources[resource] = where

    def plant(self, kind: str, page: Page, line: int, **about: Any) -> None:
        """Note something that is wrong on purpose.

        Parameters
        ----------
        kind : str
            For example ``unencrypted_bucket``.
        page : Page
            Where.
        line : int
            Counted from 1.
        **about
            What else is true of it, for JSON.
        """
        self.planted.append({"kind": kind, "path": page.path, "line": line, **about})

    def write(self, folder: Path) -> None:
        """Write all pages below this folder, UTF-8 with line feeds, the same on any machine.

        Parameters
        ----------
        folder : Path
            Made where missing; files with other names are left alone.
        """
        for path, page in sorted(self.pages.items()):
            file = folder.joinpath(*path.split("/"))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(("\n".join(page.lines) + "\n").encode())


def some(rng: np.random.Generator, items: Sequence[T], permille: int) -> list[T]:
    """Which of these are hit: each with this chance, but at least one where there are any.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of chance; one number an item is drawn.
    items : sequence
        Candidates.
    permille : int
        Thousandths; with 0 none is hit.

    Returns
    -------
    list
        In their order.

    Examples
    --------
    >>> some(np.random.default_rng(1), "abc", 0), some(np.random.default_rng(1), "abc", 1000)
    ([], ['a', 'b', 'c'])
    """
    rolls = rng.integers(0, 1000, size=len(items))
    bound = max(permille, int(rolls.min()) + 1) if permille and len(items) else 0
    return [item for item, roll in zip(items, rolls.tolist(), strict=True) if roll < bound]
