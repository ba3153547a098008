"""Nested cells, as JSON and as Python prints them: one value, and never a program that runs."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.gcp.repr_text import UNREADABLE, canonical, parsed

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",)), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def exact(value: object) -> object:
    """Say what a value must be read as: numbers become the decimals of their shortest text."""
    if isinstance(value, dict):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


@given(VALUES)
def test_what_is_written_as_json_or_printed_is_read_back(value: object) -> None:
    """Both ways of writing give the value, to the last digit."""
    assert parsed(json.dumps(value)) == exact(value)
    assert parsed(repr(value)) == exact(value)


@given(VALUES)
def test_both_ways_of_writing_have_one_canonical_text(value: object) -> None:
    """It is JSON, and the same for both."""
    text = canonical(parsed(repr(value)))
    assert text == canonical(parsed(json.dumps(value)))
    json.loads(text)


@given(st.text(max_size=60) | st.text("[]{}()'\":,=\\xuN0123456789.eE+- naTrue", max_size=60))
def test_no_text_crashes_the_reader(text: str) -> None:
    """It is read, or it is unreadable; what is read can be written."""
    found = parsed(text)
    assert found is UNREADABLE or canonical(found).encode()


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').getcwd()",
        "[x for x in (1,)]",
        "open('/etc/hostname')",
        "Decimal('1', open=exec('1'))",
        "1 + 1",
        "{'a': 1, 'a': 2}",
        '{"a": 1, "a": 2}',
        "[1 2]",
        "['a' 'b']",
        "{'a' 1}",
        "{'a': 1 'b': 2}",
        "{1: 'a'}",
        "[1, 2",
        "{'a': 1",
        "[inf]",
        "[-Infinity]",
        "2022-08-01",
        "'half",
        "[1]]",
        "array([1]",
        "array([1], 2)",
        "",
        "...",
        '["\\ud800"]',
        "'\\N{no such name}'",
        "1e99999999999999999999",
        "[" * 21 + "]" * 21,
        '{"a":' * 300 + "1" + "}" * 300,
        "(" * 60_000,
        "-" * 60_000,
        "[" + "1," * 40_000 + "]",
    ],
)
def test_what_is_no_value_is_unreadable(text: str) -> None:
    """Calls, sums, names said twice, half values and hostile sizes are refused, and nothing is run."""
    assert parsed(text) is UNREADABLE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("array([{'a': 1}], dtype=object)", [{"a": Decimal(1)}]),
        ("np.array([], dtype='object')", []),
        ("[{'a': 1}\n {'a': 2}]", [{"a": Decimal(1)}, {"a": Decimal(2)}]),
        ("[Decimal('0.10'), np.float64(0.5)]", ["0.10", Decimal("0.5")]),
        ("('a',)", ["a"]),
        ("[nan, None, True]", [None, None, True]),
        (r"'it\'s \q \u00e9'", "it's \\q é"),
        ("[0.10000000000000000001]", [Decimal("0.10000000000000000001")]),
        ("[0.10000000000000000001, None]", [Decimal("0.10000000000000000001"), None]),
        ("[" * 20 + "]" * 20, eval("[" * 20 + "]" * 20)),  # noqa: S307  # a text of brackets alone
    ],
)
def test_what_numpy_and_python_print_is_read(text: str, value: object) -> None:
    """Arrays, decimals, missing commas between objects; no digit is lost."""
    assert parsed(text) == value


def test_digits_and_order_are_one_whatever_the_file() -> None:
    """Names are sorted, names without a value fall away, trailing zeros stay."""
    assert (
        canonical(parsed("[{'b': 1.50, 'a': None, 'c': 'é', 'd': True}]")) == '[{"b":1.50,"c":"é","d":true}]'
    )
