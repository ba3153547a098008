"""Prices of parts are found back from prices of wholes."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from finops_lib.errors import QueryError
from finops_lib.optimize.rightsize.shares import Parts, parts


def _catalogue(rows: list[tuple[str, int, int, int, str]]) -> pd.DataFrame:
    columns = ["instance_type", "vcpu", "memory_gib", "gpu", "usd_per_hour_on_demand"]
    return pd.DataFrame(
        [(name, *map(Decimal, (cpu, gib, gpu, price))) for name, cpu, gib, gpu, price in rows],
        columns=columns,
        dtype=object,
    )


EXACT = [
    ("a.1", 2, 4, 0, "0.10"),  # 2 x .03 + 4 x .01
    ("a.2", 2, 8, 0, "0.14"),
    ("a.3", 4, 8, 0, "0.20"),
    ("a.4", 8, 64, 0, "0.88"),
    ("g.1", 4, 16, 1, "0.78"),  # and .50 for the GPU
]


def test_exact_prices_are_found_back() -> None:
    """A core at 3 cents, a GiB at 1 and a GPU at 50 are what the five types cost."""
    found = parts(_catalogue(EXACT))
    assert [round(float(part), 9) for part in (found.core, found.gib, found.gpu)] == [0.03, 0.01, 0.5]


def test_types_that_lend_their_cpu_do_not_count() -> None:
    """A lent core at a tenth of the price changes nothing."""
    lent = [*EXACT, ("t3.micro", 2, 1, 0, "0.007"), ("Standard_B2ms", 2, 1, 0, "0.007")]
    assert parts(_catalogue(lent)) == parts(_catalogue(EXACT))


def test_one_relation_of_core_to_memory_prices_nothing() -> None:
    """Five sizes of one family say what both cost together, not each: no answer."""
    family = [(f"m.{size}", size, 4 * size, 0, f"0.{size}") for size in range(1, 6)]
    with pytest.raises(QueryError, match="a catalogue with 5 types of known size and price"):
        parts(_catalogue(family))


def test_parts_add_up() -> None:
    """Two cores at 10, 4 GiB at 1 and half a GPU at 6 come to 27."""
    assert Parts(Decimal(10), Decimal(1), Decimal(6)).of(cores=2, memory_gib=4, gpus=0.5) == 27
    assert Parts(Decimal(10), Decimal(1)).of(cores=2, memory_gib=4, gpus=1) is None
