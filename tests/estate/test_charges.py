from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.charges import CHUNK_ROWS, Balances, Block, Kind, priced, usage_blocks, usage_line
from finops_lib.estate.company import company
from finops_lib.estate.fees import fee_block
from finops_lib.estate.truth import Tally

JULY = months(3, step_hours=24)[0]


def test_cost_is_quantity_times_price_exactly() -> None:
    """1.5 hours at 0.21888 dollars are 0.32832 dollars: 3 283 200 000 units of 1e-10."""
    who = company(4, slots=1)
    place = next(slot for slot in who.slots if slot.product.key == "m6i.xlarge")
    lines = (usage_line(who, JULY, place),)
    zero = np.zeros(1, dtype=np.int64)
    block = priced(lines, zero, np.array([15_000]), start=zero, end=zero + 3600)
    assert {name: int(values[0]) for name, values in block.amounts.items()} == {
        "quantity": 15_000, "list": 3_283_200_000, "contracted": 3_283_200_000, "billed": 3_283_200_000,
        "effective": 3_283_200_000, "unused": 0,
    }  # fmt: skip


def test_covered_use_is_billed_nothing_and_split_use_adds_up() -> None:
    """Rows of one resource and day together are what it used; the covered ones are billed 0."""
    who = company(4, slots=40)
    for block in usage_blocks(who, JULY, balances=Balances.of(who, JULY)):
        kinds = np.array([line.kind for line in block.lines], dtype=object)[block.line]
        covered = kinds != Kind.USAGE
        assert not block.amounts["billed"][covered].any()
        assert (block.amounts["effective"][covered] < block.amounts["list"][covered]).all()
        assert (block.amounts["billed"][~covered] == block.amounts["effective"][~covered]).all()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**31), hours=st.sampled_from([1, 24]))
def test_used_and_unused_make_up_the_commitment(seed: int, hours: int) -> None:
    """Over the rows of a month, effective cost used and unused is the commitment, to the last digit."""
    who, month = company(seed, slots=30), months(3, step_hours=hours)[0]
    tally, balances = Tally(), Balances.of(who, month)
    sums = {"plan": 0, "reservation": 0}
    blocks = [*usage_blocks(who, month, balances=balances)]
    for block in blocks:
        tally.add(block)
    for block in (*blocks, fee_block(who, month, balances=balances, on_demand=tally.on_demand)):
        for name, cost in effective_by_commitment(block):
            sums[name] += cost
    rate = who.reservation.upfront_micro + who.reservation.recurring_micro
    assert sums["plan"] == who.plan.hourly * 744
    assert sums["reservation"] == who.reservation.hourly * 744 * rate


def effective_by_commitment(block: Block) -> list[tuple[str, int]]:
    places, costs = block.line.tolist(), block.amounts["effective"].tolist()
    bound = [(block.lines[place].commitment, cost) for place, cost in zip(places, costs, strict=True)]
    return [(item.covers, cost) for item, cost in bound if item]


def test_blocks_stay_small_however_large_the_company() -> None:
    """An hourly month of 400 resources comes in blocks of at most the chunk and its split rows."""
    who, month = company(1, slots=400), months(3, step_hours=1)[0]
    sizes = [block.rows for block in usage_blocks(who, month, balances=Balances.of(who, month))]
    assert len(sizes) >= 3
    assert max(sizes) <= CHUNK_ROWS + 2 * 744


def test_the_last_days_of_an_open_month_are_incomplete() -> None:
    """About half of the rows of the last two delivered days are missing."""
    who, month = company(1, slots=400), months(1, step_hours=24)[0]
    (block,) = usage_blocks(who, month, balances=Balances.of(who, month))
    days = np.bincount((block.start - block.start.min()) // 86_400)
    assert len(days) == 17
    assert days[-2:].max() < 0.8 * days[2:5].min()


def test_compact_leaves_rows_as_they_are() -> None:
    """Lines without rows go, every row keeps its line."""
    who = company(1, slots=30)
    block = next(usage_blocks(who, JULY, balances=Balances.of(who, JULY)))
    small = block.compact()
    assert len(small.lines) < len(block.lines)
    assert all(
        small.lines[new] is block.lines[old]
        for new, old in zip(small.line.tolist(), block.line.tolist(), strict=True)
    )


@pytest.mark.parametrize(("months_back", "invoiced"), [(1, False), (2, True)])
def test_an_open_month_has_no_invoice_yet(months_back: int, invoiced: bool) -> None:
    """September is open, August is not."""
    who = company(1, slots=1)
    line = usage_line(who, months(months_back, step_hours=24)[0], who.slots[0])
    assert bool(line.invoice) is invoiced
