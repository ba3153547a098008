"""YAML and JSON of somebody else: the values, the lines, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.policy.check.documents import UnreadableError, documents


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True),
        ("off", False),
        ("'yes'", "yes"),
        ("0644", 420),
        ("-0x1F", -31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("+1.5", 1.5),
        ("-.inf", float("-inf")),
        ("22:22", "22:22"),
        ("2026-11-26", "2026-11-26"),
        ("~", None),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("|\n  a\n  b", "a\nb"),
    ],
)
def test_a_value_is_read_as_the_tools_of_a_cluster_read_it(written: str, value: object) -> None:
    """YAML 1.1: yes is true and a leading zero is octal; days and sixties stay texts."""
    [found] = documents(f"a: {written}".encode())
    assert found.value == {"a": value}
    assert type(found.value["a"]) is type(value)


def test_each_field_has_its_line() -> None:
    """Also in the second document, in flow style and behind a merge."""
    text = b"---\na: 1\n---\nb: &x {c: 1,\n  d: 2}\ne:\n  - f\n  - <<: *x\n    c: 5\n"
    first, second = documents(text)
    assert (first.line, first.line_of(("a",))) == (2, 2)
    assert second.value == {"b": {"c": 1, "d": 2}, "e": ["f", {"c": 5, "d": 2}]}
    places: list[tuple[str | int, ...]] = [("b", "d"), ("e", 0), ("e", 1, "c"), ("e", 1, "d"), ("none",), ()]
    assert [second.line_of(place) for place in places] == [5, 7, 9, 8, 4, 4]


def test_of_several_merges_the_first_wins() -> None:
    """And what the mapping says itself wins over both, wherever it stands."""
    text = b"- &a {x: 1, y: 1}\n- &b {x: 2, z: 2}\n- {z: 3, <<: [*a, *b]}\n"
    assert documents(text)[0].value[2] == {"x": 1, "y": 1, "z": 3}


def test_tags_of_its_own_are_passed_where_they_are_allowed() -> None:
    """A short tag of CloudFormation is read as what stands behind it."""
    [found] = documents(b"a: !Sub '${x}'\nb: !If [c, !Ref d, 1]\n", tags=True)
    assert found.value == {"a": "${x}", "b": ["c", "d", 1]}


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
)
MANY_BOMBS = "\n---\n".join(["\n".join(BOMB.splitlines()[:5])] * 3)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        (BOMB.encode(), "it grows to more than 300000 values once its aliases are followed", 6),
        (MANY_BOMBS.encode(), "it grows to more than 300000 values once its aliases are followed", 13),
        (b"[" * 10_000, "it is nested deeper than 60", 1),
        (b"a: *b", "an alias names no anchor before it", 1),
        (b"a: &a\n  - *a", "an alias names no anchor before it", 2),
        (b"x: &x 1\n---\ny: *x", "an alias names no anchor before it", 3),
        (b"a: !x 1", "it has a tag of its own", 1),
        (b"a: !!python/object/apply:os.system [ls]", "it has a tag of its own", 1),
        (b"a: 1\nb: 2\na: 3", "a key comes twice in one mapping", 3),
        (b"a: 1\n\xff: 2", "byte 5 is no UTF-8", 2),
        (b"? [a]\n: b", "a key is no text", 1),
        (b"a: " + b"9" * 101, "a number has more than 100 digits", 1),
        (b"a: !!int x", "a value is not what its tag says", 1),
        (b"<<: 5", "<< merges mappings alone", 1),
        (b"a: [\n", "it is no YAML: expected the node content, but found '<stream end>'", 2),
        (b"a: \x00", "it is no YAML", 0),
        (b"a" * (1 << 20) + b"a", "it has 1048577 bytes, more than 1048576", 0),
    ],
)
def test_what_is_not_read_says_why_and_where(text: bytes, reason: str, line: int) -> None:
    """Bombs, cycles, objects, doubles and broken files each have their reason."""
    with pytest.raises(UnreadableError) as caught:
        documents(text)
    assert (caught.value.reason, caught.value.line) == (reason, line)


def test_a_tag_that_makes_objects_is_refused_also_where_tags_are_allowed() -> None:
    """Only short tags of their own pass; those of the core that build more than plain values do not."""
    with pytest.raises(UnreadableError, match="it has a tag of its own"):
        documents(b"a: !!set {b}", tags=True)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc 1:-#'\"", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    """Whatever JSON holds comes back as it was; null alone is no document."""
    found = [document.value for document in documents(json.dumps({"v": value}).encode())]
    assert found == [{"v": value}]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """No other error ever comes of a file."""
    try:
        assert isinstance(documents(content), tuple)
    except UnreadableError as error:
        assert error.reason
