"""The estate's repository before and after a change: what is declared, what differs, what belongs to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from finops_lib.policy.check.finding import ERROR, NOTE, Finding, Part, Ran
from finops_lib.policy.diff import Moved, moved
from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.read import Inventory
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource


@dataclass(frozen=True)
class States:
    """Two states of one repository: its files, what they declare, and the paths of files that differ."""

    trees: tuple[Tree, Tree]
    inventories: tuple[Inventory, Inventory]
    paths: frozenset[str]

    @cached_property
    def moves(self) -> tuple[Moved, ...]:
        """Resources that differ."""
        return moved(*(inventory.resources for inventory in self.inventories))

    @cached_property
    def known(self) -> tuple[Mapping[str, Resource], Mapping[str, Resource]]:
        """Resources of each state by address."""
        before, after = ({one.address: one for one in inventory.resources} for inventory in self.inventories)
        return before, after

    @cached_property
    def touched(self) -> frozenset[str]:
        """Addresses of resources that differ and are still there."""
        return frozenset(one.resource.address for one in self.moves) & self.known[1].keys()

    @cached_property
    def beside(self) -> frozenset[str]:
        """Addresses of resources that do not differ, but belong to one that does: a bucket, to its key."""
        differ = {one.resource.address for one in self.moves}
        near = {
            other for state in self.known for pair in _links(state.values()) for other in _ends(pair, differ)
        }
        return frozenset(near & self.known[1].keys()) - self.touched

    def files(self, place: int) -> dict[str, bytes]:
        """Take the files of one state (0 before, 1 after) that the change touches."""
        found = self.trees[place].files
        return {path: found[path] for path in sorted(self.paths) if path in found}


def _links(resources: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for one in resources:
        for other in one.links:
            yield one.address, other


def _ends(pair: tuple[str, str], differ: set[str]) -> Iterator[str]:
    one, other = pair
    if one in differ:
        yield other
    if other in differ:
        yield one


def read_part(states: States) -> Part:
    """Which files of the change could not be read.

    Parameters
    ----------
    states : States
        Before and after.

    Returns
    -------
    Part
        An error for each fault that the change brings or that stands in a file it touches, and for each of
        its files that is left out; a note for each that was there before.
    """
    before, after = states.inventories
    old = set(before.faults)
    found = [_fault(fault, fresh=fault not in old or fault.file in states.paths) for fault in after.faults]
    left = states.trees[1].left_out
    found += [
        Finding("inventory", "inventory/left-out", ERROR, f"not read: it is {left[path]}", path, 0)
        for path in sorted(states.paths & left.keys())
    ]
    return Part(tuple(found), (Ran("inventory", "finops", "", len(after.resources)),))


def _fault(fault: Fault, *, fresh: bool) -> Finding:
    level, before = (ERROR, "") if fresh else (NOTE, "as before: ")
    return Finding(
        "inventory", "inventory/unreadable", level, f"{before}{fault.reason}", fault.file, fault.line
    )
