"""How well a header fits a format."""

from __future__ import annotations

import pytest

from finops_lib.billing.formats.base import Fit, fit_needed

NEEDED = ("d", "a", "c", "b")


@pytest.mark.parametrize(
    ("header", "share", "missing"),
    [
        (["a", "b", "c", "d"], 1, ()),
        (["d", "c", "b"], 0.75, ("a",)),
        (["a", "b"], 0.5, ("d", "c")),
        ([], 0, NEEDED),
    ],
)
def test_share_and_missing_columns(header: list[str], share: float, missing: tuple[str, ...]) -> None:
    """The share counts what is there; the missing ones stand in the order of the format."""
    assert fit_needed(header, NEEDED) == Fit(share, missing)


def test_other_columns_do_not_count() -> None:
    """Columns the format does not need neither help nor harm."""
    assert fit_needed([*NEEDED, "x", "y"], NEEDED) == Fit(1, ())


def test_a_column_that_stands_twice_counts_once() -> None:
    """A repeated name does not stand in for a missing one."""
    assert fit_needed(["a", "a", "a", "a"], NEEDED) == Fit(0.25, ("d", "c", "b"))


def test_names_are_compared_as_they_are_spelled() -> None:
    """Case is for the format to settle."""
    assert fit_needed(["A", "B", "C", "D"], NEEDED) == Fit(0, NEEDED)
