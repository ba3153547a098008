"""Which series belong to which group: a tree from the whole down to each series."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from finops_lib.cost.exact import label
from finops_lib.errors import QueryError
from finops_lib.forecast.panel import FloatArray, Panel

Node = tuple[str, ...]
WHOLE: Node = ()


@dataclass(frozen=True)
class Tree:
    """The whole, its groups at each level, and the series at the bottom.

    ``members`` maps the path of every node to its series, the whole first and each node before its parts.
    The path of a series is that of its last group and its own name.

    Examples
    --------
    >>> labels = pd.DataFrame({"team": ["web", "web", "ml"]}, index=["a", "b", "c"])
    >>> tree = Tree.of(labels)
    >>> [(path, len(series)) for path, series in tree.members.items() if len(path) < 2]
    [((), 3), (('ml',), 1), (('web',), 2)]
    >>> tree.parts(("web",))
    [('web', 'a'), ('web', 'b')]
    """

    members: Mapping[Node, tuple[str, ...]]
    levels: tuple[str, ...]

    @classmethod
    def of(cls, labels: pd.DataFrame) -> Tree:
        """Which tree do these labels make.

        Parameters
        ----------
        labels : DataFrame
            One row a series, its name as index; one column a level, the widest first (for example provider,
            team, service). A missing label is written as elsewhere, ``(none)`` or ``(untagged)``.

        Returns
        -------
        Tree

        Raises
        ------
        QueryError
            A series stands in two rows.
        """
        names = [str(name) for name in labels.index]
        twice = (
            sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        )
        if twice:
            raise QueryError(
                f"series {twice[0]!r} with labels in two rows",
                "a series stands at one place of the tree",
                "give each series one row",
            )
        levels = tuple(str(name) for name in labels.columns)
        members: dict[Node, list[str]] = {WHOLE: []}
        for name, row in zip(names, labels.itertuples(index=False, name=None), strict=True):
            path = (*(_word(value, level) for value, level in zip(row, levels, strict=True)), name)
            for depth in range(len(path) + 1):
                members.setdefault(path[:depth], []).append(name)
        return cls({path: tuple(members[path]) for path in sorted(members)}, levels)

    @property
    def series(self) -> tuple[str, ...]:
        """The names of all series, in the order of the tree."""
        return tuple(path[-1] for path in self.members if self.is_series(path))

    def is_series(self, path: Node) -> bool:
        """Whether this node is a series and not a group.

        Parameters
        ----------
        path : tuple of str
            Of a node.

        Returns
        -------
        bool
        """
        return len(path) == len(self.levels) + 1

    def parts(self, path: Node) -> list[Node]:
        """Which nodes make up this one, in the order of their names.

        Parameters
        ----------
        path : tuple of str
            Of a node; a series has no parts.

        Returns
        -------
        list of tuple of str
        """
        return [node for node in self.members if len(node) == len(path) + 1 and node[: len(path)] == path]

    def name(self, path: Node) -> str:
        """Under which name does this node stand in a panel: a series under its own, a group under its path.

        Parameters
        ----------
        path : tuple of str
            Of a node.

        Returns
        -------
        str
            For a group JSON, so that no label can look like another path.

        Examples
        --------
        >>> Tree.of(pd.DataFrame({"team": ["web"]}, index=["a"])).name(("web",))
        '["web"]'
        """
        return path[-1] if self.is_series(path) else json.dumps(path, ensure_ascii=False)

    def panel(self, panel: Panel) -> Panel:
        """What was the history of every node: each series, and for each group the sum of its series.

        A group begins with its first series; one that began later cost nothing before. A gap in a series
        is a gap in its groups. A group of one series is left out: it is that series.

        Parameters
        ----------
        panel : Panel
            With every series of the tree, all ending at one moment.

        Returns
        -------
        Panel
            The series as they are, then the groups.

        Raises
        ------
        QueryError
            A series is missing, ends at another moment, or is named like a group.
        """
        self._check(panel)
        place = {name: number for number, name in enumerate(panel.names)}
        groups = self.groups()
        values = [added([panel.values[place[name]] for name in self.members[path]]) for path in groups]
        bottom = panel.only(list(self.series))
        names = (*bottom.names, *(self.name(path) for path in groups))
        ends = None if bottom.ends is None else (bottom.ends[0],) * len(names)
        return Panel(names, (*bottom.values, *values), panel.step, panel.season, ends)

    def groups(self) -> list[Node]:
        """Which groups have a history of their own: of several series, and not the same as a wider group's.

        Returns
        -------
        list of tuple of str
        """
        seen: dict[tuple[str, ...], Node] = {}
        for path, series in self.members.items():
            if len(series) > 1:
                seen.setdefault(series, path)
        return list(seen.values())

    def _check(self, panel: Panel) -> None:
        place = {name: number for number, name in enumerate(panel.names)}
        lost = [name for name in self.series if name not in place]
        if lost:
            raise QueryError(
                f"series {lost[0]!r} ({len(lost)} in all)",
                "the panel has every series of the tree",
                "add them to the panel, or take them out of the tree",
            )
        if panel.ends is not None and len({panel.ends[place[name]] for name in self.series}) > 1:
            raise QueryError(
                "series that end at different moments",
                "a sum needs all its parts up to one moment",
                "fill the last steps with what is known of them, or leave the series out of the tree",
            )
        named = set(self.series) & {self.name(node) for node in self.groups()}
        if named:
            raise QueryError(f"series {min(named)!r}", "it is named like a group", "rename the series")


def _word(value: object, level: str) -> str:
    missing = value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
    return label(None, name=level) if missing else str(value)


def added(series: Sequence[FloatArray]) -> FloatArray:
    """What is the sum of series that end together; one that had not begun was nothing.

    Parameters
    ----------
    series : sequence of ndarray
        Oldest value first; NaN is a gap, also in the sum.

    Returns
    -------
    ndarray
        As long as the longest.

    Examples
    --------
    >>> added([np.array([1.0, 2.0]), np.array([5.0])]).tolist()
    [1.0, 7.0]
    """
    whole = np.zeros(max(len(values) for values in series))
    for values in series:
        whole[len(whole) - len(values) :] += values
    return whole
