"""JSON of Terraform is read strictly, and what is sensitive is hidden."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_written import (
    LARGEST,
    Refused,
    listed,
    loaded,
    mapping,
    marked,
    without,
)

NESTED = "more than can be read in each other"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff", "not UTF-8"),
        (b"1", "not an object"),
        (b'{"a": NaN}', "no JSON: NaN is no number"),
        (b'{"a": [{"b": 1, "b": 2}]}', "no JSON: a key stands twice in an object"),
        (b"[" * 100_000, NESTED),
        (b" " * (LARGEST + 1), "67,108,865 bytes: a plan or state of at most 67,108,864 is read"),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, reason: str) -> None:
    """With the reason."""
    with pytest.raises(Refused) as error:
        loaded(content)
    assert str(error.value) == reason


def test_a_number_of_too_many_digits_is_refused() -> None:
    """Python would not write it again."""
    with pytest.raises(Refused, match="no JSON: Exceeds the limit"):
        loaded(b'{"a": ' + b"9" * 5000 + b"}")


@pytest.mark.parametrize("value", [None, 0, "", [], False])
def test_an_object_is_no_other_empty_thing(value: Any) -> None:
    """Nothing is taken for an empty object."""
    with pytest.raises(Refused, match="an object was expected where another value stands"):
        mapping(value)


@pytest.mark.parametrize("value", [0, "", {}, False])
def test_a_list_is_no_other_empty_thing(value: Any) -> None:
    """Only null is an empty list."""
    assert listed(None) == []
    with pytest.raises(Refused, match="a list was expected where another value stands"):
        listed(value)


def test_marks_are_paths() -> None:
    """The whole is the empty path; only true is a mark."""
    assert marked(True) == [""]
    assert marked({"a": {"b": True, "c": [False, True]}, "d": 1, "e": "true"}) == ["a.b", "a.c.1"]
    assert marked(None) == marked(False) == []


def test_what_is_marked_is_hidden() -> None:
    """A whole object, a part of a list, or all."""
    values = {"a": {"b": 1}, "c": [1, {"d": 2}], "e": 3}
    found = without(values, ["a", "c.1.d"])
    assert found == {"a": "(sensitive)", "c": [1, {"d": "(sensitive)"}], "e": 3}
    assert without(values, [""]) == dict.fromkeys(values, "(sensitive)")
    assert values["a"] == {"b": 1}


def test_what_is_nested_too_deeply_is_refused() -> None:
    """Marks and values alike."""
    deep: Any = True
    for _ in range(70):
        deep = [deep]
    with pytest.raises(Refused, match=NESTED):
        marked(deep)
    with pytest.raises(Refused, match=NESTED):
        without({"a": deep}, [])
