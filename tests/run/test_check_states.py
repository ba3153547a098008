"""Before and after a change: what differs, what belongs to it, and what could not be read."""

from __future__ import annotations

from finops_lib.policy.check.finding import ERROR, NOTE
from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.read import Inventory
from finops_lib.policy.inventory.tree import Tree
from finops_lib.records import Resource
from finops_lib.run.check_states import States, read_part


def thing(address: str, *links: str, size: int = 1) -> Resource:
    return Resource(
        address, "terraform", "aws", "x", address, "a.tf", 1, properties={"size": size}, links=links
    )


def states(
    before: list[Resource],
    after: list[Resource],
    *,
    faults: tuple[tuple[Fault, ...], ...] = ((), ()),
    paths: str = "a.tf",
) -> States:
    trees = (
        Tree({"a.tf": b"old", "b.tf": b"same"}),
        Tree({"a.tf": b"new", "b.tf": b"same"}, "", {"l": "a link"}),
    )
    inventories = (Inventory(tuple(before), faults[0]), Inventory(tuple(after), faults[1]))
    return States(trees, inventories, frozenset(paths.split()))


def test_touched_are_those_that_differ_and_are_still_there() -> None:
    """One that goes is told as a move, and cannot be judged any more."""
    found = states([thing("a"), thing("b"), thing("gone")], [thing("a", size=2), thing("b"), thing("new")])
    assert [one.resource.address for one in found.moves] == ["a", "gone", "new"]
    assert found.touched == {"a", "new"}
    assert found.beside == frozenset()


def test_beside_are_those_that_belonged_or_belong_to_what_differs() -> None:
    """Either way, before or after; what differs itself is not beside."""
    before = [thing("bucket"), thing("key", "bucket"), thing("far"), thing("user", "key")]
    after = [thing("bucket"), thing("far"), thing("user", "key", size=2), thing("log", "far")]
    found = states(before, after)
    assert found.touched == {"user", "log"}
    assert found.beside == {"bucket", "far"}


def test_files_are_those_of_one_state_that_the_change_touches() -> None:
    """A path that is gone after is not there."""
    found = states([], [], paths="a.tf gone.tf")
    assert (found.files(0), found.files(1)) == ({"a.tf": b"old"}, {"a.tf": b"new"})


def test_what_could_not_be_read_fails_the_change_where_it_is_of_it() -> None:
    """New, or in a file it touches; what was there before is a note. A link it brings is not passed over."""
    old, same, new = Fault("b.tf", 1, "old"), Fault("a.tf", 2, "same"), Fault("b.tf", 3, "new")
    found = read_part(states([], [], faults=((old, same), (old, same, new)), paths="a.tf l"))
    assert [(one.file, one.line, one.level, one.message) for one in found.findings] == [
        ("b.tf", 1, NOTE, "as before: old"),
        ("a.tf", 2, ERROR, "same"),
        ("b.tf", 3, ERROR, "new"),
        ("l", 0, ERROR, "not read: it is a link"),
    ]
    assert found.ran[0].looked_at == 0
