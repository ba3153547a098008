from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.estate.company import account, company, is_reserved
from finops_lib.estate.story import EVENTS, LATE, REFUND, RESTATEMENT


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**31), slots=st.integers(1, 200))
def test_every_company_has_what_its_story_needs(seed: int, slots: int) -> None:
    """Each planted event finds a resource of its product in its account, however small the company."""
    found = {(slot.account.key, slot.product.key) for slot in company(seed, slots=slots).slots}
    assert {(item.account, item.product) for item in (*EVENTS, LATE, REFUND, RESTATEMENT)} <= found


def test_resources_are_named_once() -> None:
    """No two places share an id in a month, and parts of one company share none."""
    parts = [company(3, slots=500, part=part) for part in (0, 1)]
    ids = [slot.resource_id(3, 24_300) for part in parts for slot in part.slots]
    assert len(ids) == len(set(ids)) == 1000
    assert parts[0].accounts == parts[1].accounts


def test_autoscaled_resources_are_new_each_month() -> None:
    """An id of a renewed product lasts a month, any other stays."""
    slots = company(3, slots=100).slots
    changed = {slot.product.renewed for slot in slots if slot.resource_id(3, 1) != slot.resource_id(3, 2)}
    stayed = {slot.product.renewed for slot in slots if slot.resource_id(3, 1) == slot.resource_id(3, 2)}
    assert (changed, stayed) == ({True}, {False})


def test_an_account_number_may_begin_with_zero() -> None:
    """Twelve digits, never a number; one of them is lost by careless readers."""
    numbers = [item.id for item in company(1, slots=1).accounts]
    assert {len(number) for number in numbers} == {12}
    assert account("sandbox").id.startswith("0")


def test_the_reservation_is_one_larger_than_its_use() -> None:
    """Something stays unused, so that utilisation is worth a look."""
    found = company(5, slots=300)
    running = sum(is_reserved(slot) for slot in found.slots)
    assert 0 < found.reservation.hourly <= (running + 1) * 10_000


def test_an_unknown_account_is_refused() -> None:
    """The message lists the known ones."""
    with pytest.raises(ValueError, match="known are payer"):
        account("piggy-bank")
