"""Operators and functions give what the console of Terraform gives, or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from finops_lib.policy.inventory.terraform_functions import (
    FUNCTIONS,
    as_bool,
    as_number,
    as_text,
    operate,
    same_value,
)


@pytest.mark.parametrize(
    ("value", "text", "truth", "number"),
    [
        (True, "true", True, None), ("true", "true", True, None), ("x", "x", None, None),
        (2.0, "2", None, 2.0),
        ("2.5", "2.5", None, 2.5), ("-3", "-3", None, -3), ("nan", "nan", None, None),
        ("inf", "inf", None, None),
        ("9" * 500, "9" * 500, None, None), (None, None, None, None), ([1], None, None, None),
        ("٣", "٣", None, None),
    ],
)  # fmt: skip
def test_values_are_converted_as_terraform_does(value: Any, text: Any, truth: Any, number: Any) -> None:
    """To text, truth and number; None where there is no such value."""
    assert (as_text(value), as_bool(value), as_number(value)) == (text, truth, number)


@pytest.mark.parametrize(
    ("operator", "values", "found"),
    [
        ("+", [1, "2"], 3), ("-", [5, 3], 2), ("*", [2, 2.5], 5), ("/", [10, 4], 2.5), ("%", [-7, 3], -1),
        ("-", [4], -4), ("<", [1, 2], True), (">=", [1, 2], False), (">", [2, 1], True),
        ("<=", [2, 1], False),
        ("==", [1, 1.0], True), ("==", ["1", 1], False), ("==", [1, True], False), ("!=", ["a", "b"], True),
        ("&&", [True, "true"], True), ("&&", [True, False], False), ("||", [False, True], True),
        ("!", [True], False), ("!", [1], None), ("&&", [True, None], None), ("+", [1, "x"], None),
        ("/", [1, 0], None), ("%", [1, 0], None), ("<", [[], 1], None),
    ],
)  # fmt: skip
def test_operators(operator: str, values: list[Any], found: Any) -> None:
    """Numbers, comparisons and logic; None without an answer."""
    assert operate(operator, values) == found
    assert type(operate(operator, values)) is type(found)


def test_a_truth_is_no_number() -> None:
    """Python would say that they are equal."""
    assert not same_value(True, 1)
    assert same_value({"a": [1]}, {"a": [1]})


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("abs", [-3], 3), ("coalesce", ["", None, "b"], "b"), ("compact", [["a", "", None]], ["a"]),
        ("concat", [[1], ["a"]], [1, "a"]), ("contains", [["a"], "a"], True),
        ("contains", [[1], True], False),
        ("distinct", [[1, 1, 2]], [1, 2]), ("element", [["a", "b"], 3], "b"), ("endswith", ["ab", "b"], True),
        ("flatten", [[[1, [2]], [3]]], [1, 2, 3]), ("format", ["%s-%s", "a", 1], "a-1"),
        ("format", ["%d", 1], None),
        ("join", [",", ["a", 1]], "a,1"), ("jsondecode", ['{"a":1}'], {"a": 1}),
        ("jsonencode", [{"b": [1, True, None], "a": "<x>"}], '{"a":"\\u003cx\\u003e","b":[1,true,null]}'),
        ("keys", [{"b": 1, "a": 2}], ["a", "b"]), ("length", ["héé"], 3), ("lookup", [{"a": 1}, "a", 0], 1),
        ("lookup", [{"a": 1}, "b", 0], 0), ("lower", ["AB"], "ab"), ("max", [1, 5, "3"], 5),
        ("min", [1, 2], 1),
        ("max", [1, "x"], None), ("nonsensitive", ["a"], "a"), ("replace", ["a.b", ".", "-"], "a-b"),
        ("replace", ["abc", "/b/", "x"], None), ("split", [",", "a,b"], ["a", "b"]),
        ("startswith", ["ab", "a"], True),
        ("tobool", ["true"], True), ("tolist", [[1]], [1]), ("tomap", [{"a": 1}], {"a": 1}),
        ("tomap", [[1]], None),
        ("tolist", ["a"], None), ("tonumber", ["3"], 3), ("toset", [["b", "a", "b"]], ["a", "b"]),
        ("tostring", [1.5], "1.5"), ("trimprefix", ["abc", "a"], "bc"), ("trimspace", [" a "], "a"),
        ("trimsuffix", ["abc", "c"], "ab"), ("upper", ["ab"], "AB"), ("upper", ["ß"], None),
        ("values", [{"b": 1, "a": 2}], [2, 1]),
    ],
)  # fmt: skip
def test_functions(name: str, values: list[Any], found: Any) -> None:
    """Each gives what Terraform's console gives, or nothing."""
    assert FUNCTIONS[name](*values) == found


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("join", ["x" * 70_000, ["a"]]), ("replace", ["a" * 60_000, "a", "b" * 60_000]),
        ("join", [",", [[1]]]),
        ("distinct", [list(range(301))]), ("format", ["%s", "x" * 70_000]),
    ],
)  # fmt: skip
def test_what_would_grow_or_has_no_text_is_refused(name: str, values: list[Any]) -> None:
    """A text has at most 65,536 characters."""
    with pytest.raises(ValueError, match=r"^$"):
        FUNCTIONS[name](*values)


def test_lists_do_not_grow_without_end() -> None:
    """More than 10,000 items are not put together."""
    assert FUNCTIONS["concat"]([0] * 6_000, [0] * 6_000) is None
    assert FUNCTIONS["concat"]([0], "text") is None
