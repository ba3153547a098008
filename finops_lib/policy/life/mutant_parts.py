"""What can a change reach: which cases, and which part of a bundle is enough to try it on.

A policy is mostly tried without the others, which is faster. What it says then takes the place of what it
said in the whole, and this is believed of a case only where it gives the whole for the unchanged policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from finops_lib.errors import PolicyError
from finops_lib.policy.judge import Said, Written
from finops_lib.policy.life.cases import Case
from finops_lib.policy.life.mutations import Mutation
from finops_lib.policy.life.rego_tokens import NAME, tokens_of
from finops_lib.records.policy import ALLOW, DENY, NEEDS_APPROVAL

MAIN = "main.rego"
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

    def places(self, change: Mutation) -> Mapping[str, frozenset[int]]:
        """Lines of each file at which the change can be noticed; empty if that is not known."""
        if not change.path:
            return {change.file: frozenset(range(change.lines[0], change.lines[1] + 1))}
        return readers(self.written.modules, change.path)

    def tries(self, places: Mapping[str, frozenset[int]]) -> list[int]:
        """Places of the cases to try: those that reach the change, and a few more."""
        everyone = range(len(self.cases))
        if not places or any(lines.isdisjoint(self.lines.get(file, ())) for file, lines in places.items()):
            return self._turns(everyone, places)
        hit = [place for place in everyone if self._reaches(place, places)]
        others = sorted(set(everyone) - set(hit))
        return self._turns(hit, places) + others[:: max(1, len(others) // FEW)][:FEW]

    def _turns(self, cases: Sequence[int], places: Mapping[str, frozenset[int]]) -> list[int]:
        """Take turns between what reaches most of a file and what reaches least: they kill more."""
        deep = sorted(cases, key=lambda place: -self._depth(place, places))
        turns = [place for pair in zip(deep, reversed(deep), strict=True) for place in pair]
        return list(dict.fromkeys(turns))

    def _depth(self, place: int, places: Mapping[str, frozenset[int]]) -> int:
        return sum(len(self.reached[place].get(file, ())) for file in places)

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
    wanted = _holders(path)
    found: dict[str, frozenset[int]] = {}
    for file, text in modules.items():
        lines = frozenset(line for name, line in _names(text, file) if name in wanted)
        if lines:
            found[file] = lines
    return found


def _holders(path: Sequence[str | int]) -> set[str]:
    names = ["data", *map(str, path)]
    return {".".join(names[:length]) for length in range(1, len(names) + 1)}


def _names(text: str, file: str) -> Iterator[tuple[str, int]]:
    """Give each name that starts at ``data``, with dots as far as it goes, and its line."""
    tokens = tokens_of(text, file=file)
    for place, token in enumerate(tokens):
        if token.text != "data" or token.kind != NAME or (place and tokens[place - 1].text == "."):
            continue
        name, after = "data", place + 1
        while after + 1 < len(tokens) and tokens[after].text == "." and tokens[after + 1].kind == NAME:
            name, after = f"{name}.{tokens[after + 1].text}", after + 2
        yield name, token.line


def composed(whole: Whole, part: Whole, policy: str) -> Said:
    """What would all policies say if one of them said this.

    Parameters
    ----------
    whole : Whole
        What they said.
    part : Whole
        What the one said.
    policy : str
        Its id before anything was changed.

    Returns
    -------
    Said

    Raises
    ------
    PolicyError
        No policy is left that was evaluated, which every engine refuses.

    Examples
    --------
    >>> whole = Whole(frozenset("A"), frozenset("B"), frozenset("AB"))
    >>> composed(whole, Whole(frozenset(), frozenset("A"), frozenset("A")), "A")
    Said(outcome='needs_approval', rules=('A', 'B'))
    """
    if not (whole.evaluated - {policy}) | part.evaluated:
        raise PolicyError(f"policy {policy}", "some policy applies to each input", "mend applies")
    deny = (whole.deny - {policy}) | part.deny
    approve = (whole.approve - {policy}) | part.approve
    outcome = DENY if deny else NEEDS_APPROVAL if approve else ALLOW
    evaluated = (whole.evaluated - {policy}) | part.evaluated
    return Said(outcome, tuple(sorted(deny | approve)), tuple(sorted(evaluated)))


def alone(written: Written, file: str) -> Mapping[str, str]:
    """Which modules are enough to try this one.

    Parameters
    ----------
    written : Written
        The bundle.
    file : str
        A module of it.

    Returns
    -------
    mapping
        The module, what policies share, and whatever these name; empty where only the whole will do, because
        the module is no policy, or one that others than the main rule name.
    """
    policies, modules = set(written.policies.values()), written.modules
    named = {one for one in policies if _namers(one, modules) - {MAIN}}
    if file not in policies - named:
        return {}
    taken = {name for name in modules if name not in policies and name != MAIN} | {file}
    while more := {one for one in modules if _namers(one, modules) & taken} - taken:
        taken |= more
    return {name: text for name, text in modules.items() if name in taken}


def package_of(file: str) -> str:
    """Where do the rules of a policy stand.

    Parameters
    ----------
    file : str
        Of the policy, such as ``tags/team.rego``.

    Returns
    -------
    str

    Examples
    --------
    >>> package_of("tags/team.rego")
    'data.finops.rules.tags.team'
    """
    return f"data.finops.rules.{file.removesuffix('.rego').replace('/', '.')}"


def _namers(file: str, modules: Mapping[str, str]) -> set[str]:
    """Find the other modules that name this one, by its package."""
    name = re.compile(rf"{re.escape('data.finops.main' if file == MAIN else package_of(file))}\b")
    return {other for other, text in modules.items() if other != file and name.search(text)}
