"""How do rules move money: each takes parts of lines and hands them on, and every step is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from finops_lib.cost.allocation.clusters import Weights, cluster_weights
from finops_lib.cost.allocation.rules import Rule
from finops_lib.cost.allocation.weights import Grounds, Split, split_of
from finops_lib.cost.split import Counts, parted

Places = NDArray[np.int64]

_NOBODY = 0  # code of money that no rule has placed


@dataclass(frozen=True)
class Step:
    """What one rule did to the lines of one key: who got how much of each.

    ``lines`` are places in the bill, ``taken`` the units taken from ``source`` (empty: not placed before),
    ``given`` one column of units for each team of ``split``; it has none where ``split`` gives a reason.
    """

    rule: Rule
    key: str
    source: str
    split: Split
    lines: Places
    taken: Counts
    given: Counts


class Desk:
    """The money on its way: who holds how much of which line now.

    Parameters
    ----------
    lines : DataFrame
        The bill, with every column that rules look at.
    line : array of int
        Places in the bill of the lines whose cost is known.
    count : array of int
        Their costs, in units.
    usage, clusters, seed
        As in `allocate`.
    """

    def __init__(
        self,
        lines: pd.DataFrame,
        *,
        line: Places,
        count: Counts,
        usage: pd.DataFrame | None,
        clusters: pd.DataFrame | None,
        seed: int,
    ) -> None:
        self.line, self.count = line, count
        self._holder = np.zeros(len(line), dtype=np.int64)
        self._names = [""]
        self.steps: list[Step] = []
        self._codes: dict[str | None, int] = {None: _NOBODY}
        self._lines, self._clusters, self._seed = lines, clusters, seed
        self._usage = pd.DataFrame(columns=["consumer", "metric", "value"]) if usage is None else usage

    @property
    def team(self) -> NDArray[np.object_]:
        """The team that holds each part; None where no rule has placed it."""
        names = np.array([None, *self._names[1:]], dtype=object)
        return names[self._holder]

    def apply(self, rule: Rule) -> None:
        """Take what the rule is for, split it, and put the parts in its place.

        Parameters
        ----------
        rule : Rule
            The next one of the file.
        """
        source = self._codes.get(rule.source or None)
        if source is None:
            return
        chosen = np.flatnonzero(self._wanted(rule) & (self._holder == source))
        grounds = Grounds(self._held(), self._usage, self._weights(rule), self._seed)
        groups: dict[str, list[int]] = {}
        for place, key in zip(chosen.tolist(), self._keys(rule, chosen), strict=True):
            groups.setdefault(key, []).append(place)
        moved = [self._split(rule, key, np.array(places), grounds) for key, places in groups.items()]
        self._replace([step for step in moved if step is not None])

    def _wanted(self, rule: Rule) -> NDArray[np.bool_]:
        fits = np.ones(len(self._lines), dtype=bool)
        for column, values in rule.where.items():
            fits &= self._lines[column].isin(values).to_numpy()
        return fits[self.line]

    def _keys(self, rule: Rule, chosen: Places) -> list[str]:
        if not rule.by:
            return [""] * len(chosen)
        return [str(value) for value in self._lines[rule.by].to_numpy(dtype=object)[self.line[chosen]]]

    def _held(self) -> dict[str, int]:
        sums = np.zeros(len(self._names), dtype=object)
        np.add.at(sums, self._holder, self.count)
        return {name: int(sums[code]) for code, name in enumerate(self._names) if code != _NOBODY}

    def _weights(self, rule: Rule) -> Mapping[str, Weights]:
        if rule.method != "cluster" or self._clusters is None:
            return {}
        scope = "ResourceId" if rule.by == "ResourceId" else "Cluster"
        return cluster_weights(self._clusters, scope=scope, level=rule.level, idle=rule.idle)

    def _split(self, rule: Rule, key: str, chosen: Places, grounds: Grounds) -> tuple[Places, Step] | None:
        split = split_of(rule, key, grounds)
        taken = self.count[chosen]
        given = parted(taken, split.parts) if split.parts else np.empty((len(chosen), 0), dtype=object)
        step = Step(rule, key, rule.source, split, self.line[chosen], taken, given)
        self.steps.append(step)
        return (chosen, step) if split.parts else None

    def _code(self, team: str | None) -> int:
        if team not in self._codes:
            self._codes[team] = len(self._names)
            self._names.append(str(team))
        return self._codes[team]

    def _replace(self, moved: Sequence[tuple[Places, Step]]) -> None:
        """Put parts where their wholes were; what one team holds of one line is one part."""
        kept = np.ones(len(self.line), dtype=bool)
        lines, holders, counts = [], [], []
        for chosen, step in moved:
            kept[chosen] = False
            codes = [self._code(team) for team in step.split.teams]
            lines.append(np.repeat(step.lines, len(codes)))
            holders.append(np.tile(codes, len(step.lines)))
            counts.append(step.given.ravel())
        line = np.concatenate([self.line[kept], *lines])
        holder = np.concatenate([self._holder[kept], *holders])
        count = np.concatenate([self.count[kept], *counts])
        pairs, back = np.unique(line * len(self._names) + holder, return_inverse=True)
        self.count = np.zeros(len(pairs), dtype=object)
        np.add.at(self.count, back, count)
        self.line, self._holder = pairs // len(self._names), pairs % len(self._names)
