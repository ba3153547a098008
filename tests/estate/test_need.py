from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.estate.company import company
from finops_lib.estate.demand import Demand
from finops_lib.estate.machines import LADDERS, TelemetryWorld, machines
from finops_lib.estate.need import month_cost, need, per_member, percentile

WORLD = TelemetryWorld()
FOUND = machines(company(5, slots=60), WORLD, start=date(2026, 8, 3), days=1)
BOX = replace(
    next(item for item in FOUND if item.size.name == "m6i.xlarge"),
    planted="oversized", shape="web", hour_micro=200_000,
)  # fmt: skip


def asked(cpu: list[int], store: list[int], members: int = 1) -> Demand:
    count = len(cpu)
    amounts = {"cpu": np.array(cpu), "store": np.array(store)}
    zero = np.zeros(count, dtype=np.int64)
    return Demand(zero, np.ones(count, dtype=bool), zero + members, amounts, zero, zero)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=150), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(
    values: list[int], percent: int
) -> None:
    """And no smaller one has that, found by counting."""
    enough = [v for v in values if sum(other <= v for other in values) * 100 >= percent * len(values)]
    assert percentile(np.array(values), percent) == min(enough)


def test_half_the_size_is_half_the_money() -> None:
    """0.2 dollars by 730 hours are 146; 2 of 4 cores and 8 of 16 GiB would do, so 73 are waste."""
    told = need(WORLD, BOX, asked([1900] * 100, [8000] * 100))
    assert (told["usd_month"], told["smallest"], told["waste_usd_month"]) == ("146", "m6i.large", "73")


def test_one_sample_in_a_hundred_may_exceed_the_cores_but_none_the_memory() -> None:
    """Two in a hundred may not; a single sample above the memory breaks the size."""
    one = need(WORLD, BOX, asked([2100] + [1900] * 99, [8000] * 100))
    two = need(WORLD, BOX, asked([2100] * 2 + [1900] * 98, [8000] * 100))
    memory = need(WORLD, BOX, asked([1900] * 100, [8193] + [8000] * 99))
    assert [told["smallest"] for told in (one, two, memory)] == ["m6i.large", "m6i.xlarge", "m6i.xlarge"]
    assert [size["breach_share"] for size in two["sizes"]] == [0.02, 0, 0]


def test_where_no_size_holds_nothing_is_waste() -> None:
    """Nine cores fit no size of the ladder; a leak fits none either."""
    told = need(WORLD, BOX, asked([9000] * 10, [100] * 10))
    leak = need(WORLD, replace(BOX, shape="leak"), asked([10] * 10, [10] * 10))
    assert (told["smallest"], told["waste_usd_month"]) == (None, "0")
    assert (leak["smallest"], leak["leaks"], leak["waste_usd_month"]) == (None, True, "0")


def test_an_idle_machine_is_all_waste_and_members_share_the_load() -> None:
    """Three members at 0.2 dollars cost 438; 5 cores among 3 are 1.667 each."""
    told = need(WORLD, replace(BOX, planted="idle"), asked([10] * 10, [10] * 10, members=3))
    assert told["waste_usd_month"] == told["usd_month"] == "438"
    assert per_member(asked([5000], [9], members=3))[0].tolist() == [1667]
    assert month_cost(BOX, asked([1], [1]), 500) == "73"
    assert len(told["sizes"]) == len(LADDERS["m6i.xlarge"])
