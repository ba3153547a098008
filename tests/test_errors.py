"""Every error says what is wrong, which rule it breaks and what to do; all are one tree."""

from __future__ import annotations

import pytest

from finops_lib import errors
from finops_lib.errors import BillError, FinOpsError, RefusedDeliveryError, RunError

KINDS = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, Exception)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_keeps_value_rule_and_remedy(kind: type[FinOpsError]) -> None:
    """The message is one sentence made of the three, which can also be read one by one."""
    error = kind("month '2026-13'", "a month is YYYY-MM", "write 2026-12")
    assert str(error) == "month '2026-13': a month is YYYY-MM. Remedy: write 2026-12."
    assert (error.value, error.rule, error.remedy) == (
        "month '2026-13'",
        "a month is YYYY-MM",
        "write 2026-12",
    )


def test_the_world_is_apart_from_wrong_code() -> None:
    """All errors are FinOpsErrors and none is a ValueError; a refused delivery is an error of its bill."""
    assert all(issubclass(kind, FinOpsError) and not issubclass(kind, ValueError) for kind in KINDS)
    assert issubclass(RefusedDeliveryError, BillError)
    assert not issubclass(RunError, BillError)


def test_the_tree_in_the_docstring_is_whole() -> None:
    """Each class stands in the module's own drawing of the tree."""
    assert [kind.__name__ for kind in KINDS if kind.__name__ not in (errors.__doc__ or "")] == []
