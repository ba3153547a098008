"""What differs between two states of an estate, what kind of change that is, and how deep it cuts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from finops_lib.policy.diff import Moved, kind_of, largest_cut, moved
from finops_lib.records import Resource

WEB = Resource("a", "kubernetes", "kubernetes", "Deployment", "web", "a.yaml", 1, tags={"team": "shop"})


def declared(**properties: Any) -> Resource:
    return replace(WEB, properties=properties)


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[Moved, ...]:
    return moved([declared(**before)], [declared(**after)])


def test_what_is_new_gone_or_other_is_told_by_address() -> None:
    """A line or file that moved is no difference; a tag and what is not known any more are."""
    gone, new = replace(WEB, address="b"), replace(WEB, address="c")
    found = moved([WEB, gone], [replace(WEB, line=9, file="b.yaml", owner="@x"), new])
    assert [(one.resource.address, one.change) for one in found] == [("b", "removed"), ("c", "added")]
    [one] = moved([WEB], [replace(WEB, tags={"team": "ops"}, unknown=("size",))])
    assert (dict(one.before), dict(one.after)) == (
        {"tags.team": "shop"},
        {"tags.team": "ops", "unknown.size": True},
    )


def test_items_of_a_list_are_known_by_their_names() -> None:
    """One that moves to another place is no difference; without names the place counts."""
    main, side = {"name": "main", "cpu": 1}, {"name": "side", "cpu": 2}
    assert changed({"containers": [main, side]}, {"containers": [side, main]}) == ()
    [one] = changed({"containers": [main]}, {"containers": [{**main, "cpu": 2}]})
    assert dict(one.before) == {"containers[main].cpu": 1}
    [other] = changed({"ports": [1, 2]}, {"ports": [1, 3]})
    assert (dict(other.before), dict(other.after)) == ({"ports[1]": 2}, {"ports[1]": 3})


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"spec": {"replicas": 3}}, {"spec": {"replicas": 2}}, "replicas"),
        ({"spec": {"replicas": 3}}, {"spec": {"replicas": 0}}, "stop"),
        ({"spec": {"replicas": 0}}, {"spec": {"replicas": 3}}, "replicas"),
        ({"requests": {"cpu": 1}}, {"requests": {"cpu": "500m"}}, "rightsize"),
        ({"instance_type": "m5.large"}, {"instance_type": "m5.xlarge"}, "rightsize"),
        ({"replicas": 2, "cpu": 1}, {"replicas": 0, "cpu": 2}, "rightsize"),
        ({"image": "a:1"}, {"image": "a:2"}, "edit"),
        ({"cpu": 1, "image": "a"}, {"cpu": 2, "image": "b"}, "edit"),
    ],
)
def test_the_kind_is_what_all_differences_have_in_common(
    before: dict[str, Any], after: dict[str, Any], kind: str
) -> None:
    """A count that falls to nothing is a stop; a size with anything else is an edit."""
    assert kind_of(changed(before, after)) == kind


def test_anything_that_goes_makes_it_a_deletion_and_anything_new_an_edit() -> None:
    """Whatever else there is."""
    gone, new = moved([WEB], [])[0], moved([], [WEB])[0]
    assert (kind_of([gone, new]), kind_of([new]), kind_of([])) == ("delete", "edit", "edit")


@pytest.mark.parametrize(
    ("before", "after", "cut"),
    [
        ({"replicas": 4}, {"replicas": 3}, 25.0),
        ({"replicas": 4}, {"replicas": 5}, 0.0),
        ({"memory": "1Gi"}, {"memory": "512Mi"}, 50.0),
        ({"cpu": "1"}, {"cpu": "1000m"}, 0.0),
        ({"cpu": 2, "memory": "4Gi"}, {"cpu": 1, "memory": "1Gi"}, 75.0),
        ({"replicas": 3}, {"replicas": 0}, 100.0),
        ({"image": "a"}, {"image": "b"}, 0.0),
        ({"memory": "1Gi"}, {}, None),
        ({"memory": "1Gi"}, {"memory": "${var.x}"}, None),
        ({"cpu": 0}, {"cpu": 1}, 0.0),
    ],
)
def test_the_cut_is_the_largest_part_of_a_size_that_goes(
    before: dict[str, Any], after: dict[str, Any], cut: float | None
) -> None:
    """In per cent; where it cannot be known it is not zero."""
    assert largest_cut(changed(before, after), prices={}) == cut


def test_a_type_of_machine_is_as_large_as_it_is_dear() -> None:
    """Without a price the cut is not known; what goes is cut whole, what is new cuts nothing."""
    moves = changed({"instance_type": "m5.2xlarge"}, {"instance_type": "m5.large"})
    assert largest_cut(moves, prices={"a": (Decimal(280), Decimal(70))}) == 75.0
    assert largest_cut(moves, prices={"a": (Decimal(280), None)}) is None
    sized = declared(allocated_storage=100)
    assert largest_cut(moved([sized], []), prices={}) == 100.0
    assert largest_cut(moved([], [sized]), prices={}) == 0.0


def test_a_size_that_is_not_known_any_more_is_no_known_cut() -> None:
    """It stands in ``unknown``."""
    before, after = declared(instance_type="m5.large"), declared(instance_type="m5.large")
    moves = moved([before], [replace(after, unknown=("instance_type",))])
    assert largest_cut(moves, prices={}) is None
