"""Which services replace their resources: by money and by number, and what is then counted together."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from finops_lib.cost.drivers.leaves import leaves
from finops_lib.cost.drivers.turnover import pooled, replaced
from finops_lib.records import Period

JULY = Period.month("2026-07")


def period(*groups: tuple[Iterable[str], int], service: str = "vm", used: bool = True) -> pd.DataFrame:
    """Write resources and what each of them cost."""
    lines = [(name, service, used, Decimal(cost)) for names, cost in groups for name in names]
    return pd.DataFrame(lines, columns=["ResourceId", "ServiceName", "Used", "Usage"])


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (period(("abc", 10), ("s", 31)), period(("xyz", 10), ("s", 31)), "30 of 61 is less than half"),
        (period(("abc", 10)), period(("xyz", 4)), "12 of 30 on the smaller side is less than half"),
        (period(("ab", 10)), period(("xy", 10)), "two machines are told one by one"),
        (period(("abc", 10)), period(("abc", 12)), "nobody came or went"),
        (period(("abc", 10)), period(("abcxyz", 10)), "growth is no replacement"),
        (period(("abc", 0)), period(("xyz", 0)), "nothing was paid"),
        (period(("abc", 10), used=False), period(("xyz", 10)), "tax and credits are no usage"),
        (period(("abc", 10)), period(("xyz", 10), service="disk"), "another service"),
        (period(), period(("xyz", 10)), "a period without any line"),
        (period((["(none)"] * 3, 10)), period(("xyz", 10)), "what has no name did not end"),
    ],
)
def test_resources_are_told_one_by_one_where(before: pd.DataFrame, after: pd.DataFrame, why: str) -> None:
    """Each case lacks one thing that makes a turnover."""
    assert replaced(before, after) == (), why


def test_half_of_the_money_and_three_resources_are_a_turnover() -> None:
    """30 of 60 ended and 30 began; the service beside it stays as it is; refunds count by their size."""
    quiet = period(("q", 100), service="disk")
    before = pd.concat([period(("abc", 10), ("s", 30)), quiet])
    after = pd.concat([period(("xyz", -10), ("s", 30)), quiet])
    assert replaced(before, after) == ("vm",)
    assert replaced(before, after, least_resources=4) == ()
    assert replaced(before, after, least_share=0.51) == ()


def test_pooling_keeps_every_cent_and_tells_units_apart(lake_of: Any, line: Any) -> None:
    """Three machines in hours become one line of 6.00 for 3 h, a fourth in GB another; disks stay."""
    rows = [line(ResourceId=name, cost="2") for name in "abc"]
    rows += [line(ResourceId="d", cost="5", PricingUnit="GB"), line(ResourceId="e", ServiceName="Disks")]
    table = leaves(lake_of(rows), period=JULY)
    found = pooled(table, services=("Compute Engine",))
    shown = found[["ResourceId", "PricingUnit", "Usage", "Quantity"]].to_numpy().tolist()
    assert shown == [
        ["e", "Hours", Decimal(1), Decimal(1)],
        ["(none)", "GB", Decimal(5), Decimal(1)],
        ["(none)", "Hours", Decimal(6), Decimal(3)],
    ]
    assert list(found.columns) == list(table.columns)
    assert pooled(table, services=()) is table
