from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.estate.calendar import months
from finops_lib.estate.commitments import Balance
from finops_lib.estate.company import company


def balance(*committed: int) -> Balance:
    offered = np.array(committed, dtype=np.int64)
    return Balance(offered, np.zeros_like(offered), np.zeros(len(offered), bool))


def covered_by_hand(offer: int, needs: list[tuple[int, int]]) -> tuple[list[int], int]:
    """Go through the resources one by one, in plain whole numbers."""
    left, parts, open_ = offer, [], True
    for quantity, rate in needs:
        part = min(quantity, left // rate) if rate and open_ else 0
        if open_ and quantity * rate > left:
            open_, left = False, (0 if part else left)
        else:
            left -= part * rate
        parts.append(part)
    return parts, left


@given(
    offer=st.integers(0, 10**6),
    needs=st.lists(st.tuples(st.integers(0, 10**4), st.integers(0, 300)), min_size=1, max_size=12),
)
def test_cover_goes_through_resources_in_order(offer: int, needs: list[tuple[int, int]]) -> None:
    """The vectorised cover gives what a loop over the resources gives."""
    one = balance(offer)
    quantity = np.array([[amount] for amount, _ in needs], dtype=np.int64)
    covered, beyond = one.cover(quantity, rate=np.array([rate for _, rate in needs], dtype=np.int64))
    parts, left = covered_by_hand(offer, needs)
    assert covered[:, 0].tolist() == parts
    assert one.unused.tolist() == [left]
    assert (beyond >= 0).all()


def test_what_one_block_used_is_gone_for_the_next() -> None:
    """Ten hours offered, six used at first, so four of the next six are covered."""
    one = balance(10)
    rate = np.array([1])
    assert one.cover(np.array([[6]]), rate=rate)[0].tolist() == [[6]]
    assert one.cover(np.array([[6]]), rate=rate)[0].tolist() == [[4]]
    assert one.unused.tolist() == [0]


def test_a_commitment_offers_nothing_before_it_starts() -> None:
    """The plan begins in October 2025, the reservation in December."""
    who, span = company(2, slots=40), months(14, step_hours=24)
    offered = [int(Balance.of(who.plan, month).committed.sum()) for month in span[:4]]
    assert offered[:2] == [0, 0]
    assert offered[2] == who.plan.hourly * 744
    assert [bool(Balance.of(who.reservation, month).committed.any()) for month in span[3:5]] == [False, True]
