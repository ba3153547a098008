"""What can a change reach: which cases, and which part of a bundle is enough to try it on.

A policy is mostly tried without the others, which is faster. What it says then takes the place of what it
said in the whole, and this is believed of a case only where it gives the whole for the unchanged policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from finops_lib.policy.cases import Case
from finops_lib.policy.judge import Said, Written
from finops_lib.policy.mutations import Mutation
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

FEW = 5  # cases that are tried though they do not reach the change


@dataclass(frozen=True)
class Whole:
    """What all policies together said of one case."""

    deny: frozenset[str]
    approve: frozenset[str]
    evaluated: frozenset[str]


@dataclass(frozen=True)
class Known:
    """A bundle whose cases all pass: what each case said, the lines it reached, and all lines that can be."""

    written: Written
    cases: tuple[Case, ...]
    wholes: tuple[Whole, ...]
    reached: tuple[Mapping[str, frozenset[int]], ...]
    lines: Mapping[str, frozenset[int]]

    @cached_property
    def named(self) -> frozenset[str]:
        """Files of policies that another module names, and so may depend on."""
        found = set()
        for file in self.written.policies.values():
            name = f"rules.{file.removesuffix('.rego').replace('/', '.')}"
            texts = (text for other, text in self.written.modules.items() if other != file)
            if any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts):
                found.add(file)
        return frozenset(found)

    def part(self, file: str) -> Mapping[str, str]:
        """Return the modules that are enough to try this one; empty if it takes them all."""
        policies = set(self.written.policies.values())
        if file not in policies or file in self.named:
            return {}
        left_out = policies - self.named - {file}
        return {name: text for name, text in self.written.modules.items() if name not in left_out}

    def places(self, change: Mutation) -> Mapping[str, frozenset[int]]:
        """Lines of each file at which the change can be noticed; empty if that is not known."""
        if not change.path:
            return {change.file: frozenset(range(change.lines[0], change.lines[1] + 1))}
        return readers(self.written.modules, change.path)

    def tries(self, places: Mapping[str, frozenset[int]]) -> list[int]:
        """Places of the cases to try, those first that reach the change."""
        everyone = range(len(self.cases))
        if not places or any(lines.isdisjoint(self.lines.get(file, ())) for file, lines in places.items()):
            return list(everyone)
        hit = [i for i in everyone if self._reaches(i, places)]
        others = sorted(set(everyone) - set(hit))
        return hit + others[:: max(1, len(others) // FEW)][:FEW]

    def _reaches(self, place: int, places: Mapping[str, frozenset[int]]) -> bool:
        reached = self.reached[place]
        return any(not lines.isdisjoint(reached.get(file, ())) for file, lines in places.items())


def readers(modules: Mapping[str, str], path: Sequence[str | int]) -> dict[str, frozenset[int]]:
    """On which lines is a value of the data read.

    Parameters
    ----------
    modules : mapping
        Path to Rego text.
    path : sequence
        Keys from the top of the data.

    Returns
    -------
    dict
        File to lines that name the value, or something that holds it.

    Examples
    --------
    >>> text = chr(10).join(["a := data.limits.cost", "b := data.limits.cost.most", "c := data.limits.costs"])
    >>> readers({"a.rego": text}, ("limits", "cost", "most", 0))
    {'a.rego': frozenset({1, 2})}
    """
    found = {}
    wanted = _holders(path)
    for file, text in modules.items():
        lines = frozenset(
            number
            for number, line in enumerate(text.splitlines(), start=1)
            if any(one in wanted for one in re.findall(r"\bdata(?:\.\w+)*", line))
        )
        if lines:
            found[file] = lines
    return found


def _holders(path: Sequence[str | int]) -> set[str]:
    names = ["data", *map(str, path)]
    return {".".join(names[:length]) for length in range(1, len(names) + 1)}


def composed(whole: Whole, part: Whole, policy: str, others: frozenset[str]) -> Said:
    """What would all policies say if one of them said this.

    Parameters
    ----------
    whole : Whole
        What they said.
    part : Whole
        What the one said, perhaps with others that were beside it.
    policy : str
        Its id.
    others : frozenset of str
        Ids of those beside it.

    Returns
    -------
    Said

    Examples
    --------
    >>> whole = Whole(frozenset("A"), frozenset("B"), frozenset("AB"))
    >>> composed(whole, Whole(frozenset(), frozenset("A"), frozenset("A")), "A", frozenset())
    Said(outcome='needs_approval', rules=('A', 'B'))
    """
    own = {policy}
    evaluated = (whole.evaluated - own) | (part.evaluated - others)
    if not whole.evaluated or not evaluated:
        deny, approve = part.deny, part.approve
    else:
        mine = part if part.evaluated else Whole(frozenset(), frozenset(), frozenset())
        deny = (whole.deny - own) | (mine.deny - others)
        approve = (whole.approve - own) | (mine.approve - others)
    outcome = DENY if deny else NEEDS_APPROVAL if approve else ALLOW
    return Said(outcome, tuple(sorted(deny | approve)))
