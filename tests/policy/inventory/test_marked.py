"""Values that know their lines."""

from __future__ import annotations

from finops_lib.policy.inventory.marked import Block, at, first_line, line_at, listed, mapping, texts

INNER = Block({"name": "main", "cpu": 1}, {"name": 9, "cpu": 8})
VALUE = Block({"spec": Block({"containers": [INNER, "text"]}, {"containers": 5})}, {"spec": 4})


def test_a_line_is_that_of_the_deepest_key_that_exists() -> None:
    """An item of a list stands where its first key stands; a text in a list where the list stands."""
    path = ["spec", "containers", 0, "cpu"]
    assert [line_at(VALUE, path[:length]) for length in range(5)] == [0, 4, 5, 8, 8]
    assert line_at(VALUE, ["spec", "containers", 0, "name"]) == 9
    assert line_at(VALUE, ["spec", "containers", 1]) == 5
    assert line_at(VALUE, ["spec", "containers", 7, "name"], default=2) == 5
    assert line_at(VALUE, ["nothing"], default=2) == 2
    assert line_at("text", ["a"], default=3) == 3


def test_a_mapping_starts_at_its_first_key() -> None:
    """Whatever order the keys are in; what has no keys starts where it is said."""
    assert [first_line(one, 1) for one in (INNER, Block({}, {}), "text")] == [8, 1, 1]


def test_a_path_that_leads_nowhere_gives_nothing() -> None:
    """Through a list, through a text, and past the end."""
    assert at(VALUE, "spec", "containers") == [INNER, "text"]
    assert [at(VALUE, *path) for path in (("spec", "containers", "a"), ("no", "no"))] == [None, None]
    assert (mapping([1]), mapping({"a": 1}), listed({"a": 1}), listed([1])) == ({}, {"a": 1}, [], [1])


def test_all_texts_are_met_and_no_keys() -> None:
    """However deep they stand."""
    assert list(texts(VALUE)) == ["main", "text"]
