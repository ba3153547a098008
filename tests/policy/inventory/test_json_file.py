"""JSON with lines; the standard library's reader is the oracle."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.policy.inventory.json_file import read_json
from finops_lib.policy.inventory.marked import line_at

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_all_json_is_read_as_the_standard_library_reads_it(
    value: object, indent: int, ascii_only: bool
) -> None:
    """Compact or indented, escaped or not."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    [document] = read_json(text.encode("utf-8", "surrogatepass"), file="x").documents
    assert document.value == value


@settings(deadline=None)
@given(st.text(alphabet='{}[]:,"0123.-eE+truefalsn \n\\u', max_size=30))
def test_what_the_standard_library_refuses_is_a_fault(text: str) -> None:
    """And the other way round, but for keys that come twice."""
    try:
        json.loads(text)
        good = True
    except ValueError:
        good = False
    read = read_json(text.encode(), file="x")
    twice = any("twice" in one.reason for one in read.faults)
    assert (not read.faults) == good or twice


def test_each_key_knows_its_line() -> None:
    """Carriage returns and a byte order mark do not shift them."""
    text = '\ufeff{\r\n "a": [\r\n  {"b": 1,\r\n   "c": 2}]\r\n}\r\n'
    [document] = read_json(text.encode(), file="x").documents
    assert document.value == {"a": [{"b": 1, "c": 2}]}
    assert [line_at(document.value, path) for path in (["a"], ["a", 0, "b"], ["a", 0, "c"])] == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "it is no JSON: a value is expected"),
        (b'{"a": 1,\n "a": 2}', 2, "the key 'a' stands twice in one object"),
        (b'{"a": 1}\n\n{}', 3, "it is no JSON: something stands behind its end"),
        (b'{"a"\n 1}', 2, "it is no JSON: a colon is expected"),
        (b"[1,\n 2\n 3]", 3, "it is no JSON: a comma or ] is expected"),
        (b"[1, 2", 1, "it is no JSON: a comma or ] is expected"),
        (b"[1,]", 1, "it is no JSON: a value is expected"),
        (b"{a: 1}", 1, "it is no JSON: a text in double quotes is expected"),
        (b'{"a": NaN}', 1, "it is no JSON: a value is expected"),
        (b'// note\n{"a": 1}', 1, "it is no JSON: a value is expected"),
        (b'["\n"]', 1, "it is no JSON: Invalid control character at"),
        (b'["\\x"]', 1, "it is no JSON: Invalid \\escape"),
        (b'["open', 1, "it is no JSON: Unterminated string starting at"),
        (b"\n\xff", 2, "it is not UTF-8"),
        (b"[" * 50, 1, "it is nested more than 48 levels deep"),
        (b"[" * 100_000, 1, "it is nested more than 48 levels deep"),
    ],
)
def test_what_is_no_json_is_a_fault_with_its_line(content: bytes, line: int, reason: str) -> None:
    """Never an exception."""
    read = read_json(content, file="x.json")
    assert read.documents == ()
    assert [(one.file, one.line, one.reason) for one in read.faults] == [("x.json", line, reason)]


def test_numbers_that_json_cannot_hold_exactly_stay_text() -> None:
    """Beyond 2**53, without an end, and longer than any number is."""
    text = f"[9007199254740992, 9007199254740993, 1e999, -1e999, {'9' * 5000}, 1.5e3, -0]"
    [document] = read_json(text.encode(), file="x").documents
    expected = [9007199254740992, "9007199254740993", "1e999", "-1e999", "9" * 5000, 1500.0, 0]
    assert document.value == expected


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """A whole pair is one character."""
    [document] = read_json(rb'["\ud83d\ude00", "\ud83d"]', file="x").documents
    assert document.value == ["\U0001f600", "?"]


def test_the_number_of_values_is_bounded() -> None:
    """The list counts, and so does each of its items."""
    assert read_json(b"[1, 2]", file="x", most=3).faults == ()
    [found] = read_json(b"[1,\n2,\n3]", file="x", most=3).faults
    assert (found.line, found.reason) == (3, "it has more than 3 values")


def test_two_mebibytes_are_read_in_seconds() -> None:
    """Lines are found by halving, so a long file costs no more a value than a short one."""
    content = json.dumps([{"key": number} for number in range(45_000)], indent=1).encode()
    started = time.process_time()
    assert len(read_json(content, file="x").documents[0].value) == 45_000
    assert time.process_time() - started < 5
