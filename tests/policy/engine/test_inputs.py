"""What is sent to an engine is plain, bounded JSON with one digest; all else is refused before."""

from __future__ import annotations

import hashlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import PolicyError
from finops_lib.policy.engine.inputs import LARGEST, moment, prepared, subject_of, time_of


def nested(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = [found]
    return found


def test_equal_documents_have_one_text_and_digest() -> None:
    """Whatever the order of their keys."""
    one, other = prepared({"b": 1, "a": {"d": 2, "c": 3}}), prepared({"a": {"c": 3, "d": 2}, "b": 1})
    assert one.text == other.text == b'{"a":{"c":3,"d":2},"b":1}'
    assert one.sha256 == hashlib.sha256(one.text).hexdigest() == other.sha256


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "it is a JSON object"),
        (None, "it is a JSON object"),
        ({"a": math.nan}, "'a' nan: a number is finite"),
        ({"a": {"b": [math.inf]}}, r"'a\.b\.0' inf: a number is finite"),
        ({"a": 2**64}, "whole numbers of at most 64 bits"),
        ({"a": "x" * 65_537}, "a text has at most 65,536 bytes"),
        ({"a": "\u20ac" * 22_000}, "a text has at most 65,536 bytes"),
        ({"a": nested(70)}, "it is nested at most 64 deep"),
        ({"a": ["x" * 60_000] * 20}, f"it has at most {LARGEST:,} bytes"),
        ({1: "a"}, "each key is a text"),
        ({"a": {2: "b"}}, "each key is a text"),
        ({"a": b"x"}, "it holds texts, numbers, yes and no, lists and objects"),
        ({"a": {1, 2}}, "it holds texts, numbers"),
    ],
)
def test_what_is_not_plain_is_refused(document: object, said: str) -> None:
    """Where it stands is told."""
    with pytest.raises(PolicyError, match=said):
        prepared(document)


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), st.lists, max_leaves=5
        ),
        max_size=4,
    )
)
def test_small_plain_documents_are_always_sent(document: dict[str, Any]) -> None:
    """A lone half of a pair of code units is no text of JSON."""
    try:
        str(document).encode()
    except UnicodeEncodeError:
        return
    assert prepared(document).text


def test_subject_and_time_are_told_as_far_as_they_are_there() -> None:
    """Of wrong inputs too, and cut to a length."""
    assert subject_of({"resource": {"address": "a" * 2000}}) == "a" * 1000
    assert subject_of({"resource": {"address": 1}, "change": {"id": "c"}}) == "c"
    assert [time_of(one) for one in ({"time": "2026-01-01"}, {"time": 1}, [])] == ["", "", ""]
    assert time_of({"time": "2026-01-01T00:00:00+01:00"}) == "2026-01-01T00:00:00+01:00"
    assert moment("2026-01-01T00:00:00" + "0" * 40 + "Z") is None
