from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from finops_lib.estate.catalogue import price_micro
from finops_lib.estate.company import company
from finops_lib.estate.machines import LADDERS, OFFICE_HOURS, TelemetryWorld, bought, machines

START = date(2026, 8, 21)


def test_a_renewed_resource_of_two_months_comes_as_two() -> None:
    """Eleven days of August and seventeen of September, with the ids of these months."""
    who = company(5, slots=60)
    found = machines(who, TelemetryWorld(), start=START, days=28)
    groups = [item for item in found if item.slot and item.slot.product.renewed]
    lasting = [slot.number for slot in who.slots if slot.first_day < 20_600 and slot.last_day > 20_720]
    whole = [item for item in groups if item.number in lasting]
    assert {item.last_day - item.first_day for item in whole} == {11, 17}
    for item in groups:
        month = 2026 * 12 + (7 if item.first_day < 20_697 else 8)
        assert item.slot is not None
        assert item.resource == item.slot.resource_id(5, month)


def test_the_size_bought_is_the_one_billed() -> None:
    """In each ladder exactly one size has the price 1000; prices rise with the sizes."""
    for key, ladder in LADDERS.items():
        prices = [size.price for size in ladder]
        assert prices == sorted(prices), key
        assert prices.count(1000) == 1


def test_a_volume_is_as_large_as_billed() -> None:
    """0.6849 GB-months an hour times 730 hours are 500 at full size; its hour costs a 730th of them."""
    slot = next(slot for slot in company(5, slots=200).slots if slot.product.key == "ebs")
    sizes, hour = bought(slot)
    gib = 6849 * slot.percent * 730 // 1_000_000
    assert [size.name for size in sizes][-1] == f"{gib} GiB"
    assert hour == price_micro(slot.product, slot.region) * gib // 730


def test_shares_of_the_world_are_met() -> None:
    """Of many machines about a half is idle and a half oversized, if the world says so."""
    world = TelemetryWorld(idle=500, oversized=500, hot=0, leak=0, most_resources=2000)
    found = machines(company(5, slots=1000), world, start=START, days=7)
    counts = Counter(item.planted for item in found if item.slot)
    assert set(counts) == {"idle", "oversized"}
    assert counts["idle"] / counts.total() == pytest.approx(0.5, abs=0.08)


def test_office_hours_are_five_days_of_twelve() -> None:
    """730 hours of a month, a half of them by day, five sevenths in the week: 260."""
    assert OFFICE_HOURS == 260


@pytest.mark.parametrize(("start", "days"), [(START, 0), (START, 29)])
def test_windows_outside_the_bills_are_refused(start: date, days: int) -> None:
    """No day, or a day that is not billed yet."""
    with pytest.raises(ValueError, match="none after the bills end on 2026-09-18"):
        machines(company(5, slots=1), TelemetryWorld(), start=start, days=days)
