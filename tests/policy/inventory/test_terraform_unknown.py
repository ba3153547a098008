"""What is not known is found at its path, however a value is nested."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_unknown import (
    MOST_NODES,
    Partly,
    TooLarge,
    Unknown,
    known,
    reach,
    settle,
)


def test_known_is_known_to_the_last_part() -> None:
    """One part that is not, or an object in part, is enough."""
    assert known({"a": [1, None, "x", {"b": True}]})
    assert not known({"a": [Unknown("${x}")]})
    assert not known([Partly()])


def test_a_value_that_shares_its_parts_is_not_walked_for_ever() -> None:
    """Sixty lists that hold the next one twice are 2 to the 60 parts: too many to be known or settled."""
    value: Any = ["x", "x"]
    for _ in range(59):
        value = [value, value]
    assert not known(value)
    with pytest.raises(TooLarge):
        settle(value, at="v", left=iter(range(1000)))


def test_sizes_up_to_the_limit_are_known() -> None:
    """One part more is not; nor are more than a million characters."""
    assert known([0] * (MOST_NODES - 1))
    assert not known([0] * MOST_NODES)
    assert known(["x" * 1_000_000])
    assert not known(["x" * 1_000_001])


def test_settling_lists_every_path_that_is_not_known() -> None:
    """Keys and places with dots between; an object with more keys by its own path."""
    value = {"a": [1, Unknown("${x}")], "b": Partly({"c": Unknown("${y}")})}
    assert settle(value, at="p", left=iter(range(99))) == (
        {"a": [1, "${x}"], "b": {"c": "${y}"}},
        ["p.a.1", "p.b", "p.b.c"],
    )


def test_a_value_too_deep_is_refused() -> None:
    """More than 80 lists in each other are not taken."""
    value: Any = 1
    for _ in range(82):
        value = [value]
    with pytest.raises(TooLarge):
        settle(value, at="v", left=iter(range(1000)))


def test_a_step_leads_only_where_something_is() -> None:
    """A text as a place, a place beyond the end, a huge one, a step into a text."""
    assert reach(["a"], "0") == "a"
    assert reach({"0": 1}, 0) == 1
    for value, key in ((["a"], 1), (["a"], "9" * 99), (["a"], -1), ("text", 0), (None, "a")):
        assert reach(value, key) == Unknown("${...}")
