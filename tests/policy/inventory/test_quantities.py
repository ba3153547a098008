"""Quantities of Kubernetes as numbers: each suffix worked out by hand, and what is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finops_lib.policy.inventory.quantities import cpu_milli, memory_mib, quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100m", "0.1"),
        (2, "2"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("1k", "1000"),
        ("1Ki", "1024"),
        ("2Gi", "2147483648"),
        ("1e3", "1000"),
        ("3M", "3000000"),
        ("5u", "0.000005"),
    ],
)
def test_a_quantity_is_its_number(text: object, number: str) -> None:
    """Decimal and binary suffixes, exponents and bare numbers."""
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "two", "1 Gi", "1gi", "--1", "1e999", None, True, [], {}, "\u0661"])
def test_what_is_no_quantity_is_none(text: object) -> None:
    """Never zero: what is not known is not nothing."""
    assert quantity(text) is None


def test_cores_and_memory_in_the_units_of_the_inventory() -> None:
    """Thousandths of a core, and MiB."""
    assert (cpu_milli("250m"), cpu_milli(2), cpu_milli("x")) == (250.0, 2000.0, None)
    assert (memory_mib("512Mi"), memory_mib("1Gi"), memory_mib("1048576"), memory_mib(None)) == (
        512.0,
        1024.0,
        1.0,
        None,
    )
