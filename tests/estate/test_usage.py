from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from finops_lib.estate.calendar import Month, day_number, day_of, months
from finops_lib.estate.company import Slot, company
from finops_lib.estate.usage import event_factor, quantities, without_events

SPAN = {month.label: month for month in months(14, step_hours=24)}
HOURS = {month.label: month for month in months(14, step_hours=1)}


def slot(owner: str, product: str) -> Slot:
    found = (item for item in company(4, slots=1).slots if item.product.key == product)
    return next(item for item in found if item.account.key == owner)


def used(item: Slot, month: Month, *, first_delivery: bool = False) -> dict[date, int]:
    rng = np.random.default_rng(1)
    values = quantities([item], month, rng=rng, first_delivery=first_delivery)[0].tolist()
    return dict(zip([day_of(int(day)) for day in month.days], values, strict=True))


def test_an_instance_that_always_runs_uses_every_hour() -> None:
    """24 hours a day, in ten-thousandths."""
    assert set(used(slot("prod-core", "m6i.xlarge"), SPAN["2026-07"]).values()) == {240_000}


def test_an_office_machine_rests_at_night_and_at_weekends() -> None:
    """Twelve hours on a working day, none on Saturday 4 July 2026."""
    office = slot("dev", "t3.large")
    days = used(office, SPAN["2026-07"])
    assert (days[date(2026, 7, 3)], days[date(2026, 7, 4)]) == (120_000, 0)
    hours = without_events([office], HOURS["2026-07"], rng=np.random.default_rng(1))[0]
    assert hours[:24].tolist() == [0] * 7 + [10_000] * 12 + [0] * 5


def test_a_spike_multiplies_its_days_alone() -> None:
    """The gateway carries 6.5 times as much on 14 to 16 July."""
    factor = event_factor(slot("prod-data", "nat"), SPAN["2026-07"])
    assert factor[12:17].tolist() == [10_000, 65_000, 65_000, 65_000, 10_000]


def test_a_drift_grows_day_by_day_and_then_stays() -> None:
    """3 % of the start more each day, up to 60 days."""
    logs = slot("prod-data", "logs")
    assert event_factor(logs, SPAN["2026-06"])[:3].tolist() == [10_300, 10_600, 10_900]
    assert set(event_factor(logs, SPAN["2026-08"]).tolist()) == {28_000}


def test_the_new_region_begins_on_its_day() -> None:
    """Nothing in Sydney before 3 August 2026."""
    days = used(slot("sandbox", "c6i.2xlarge"), SPAN["2026-08"])
    assert [day for day, quantity in days.items() if not quantity] == [date(2026, 8, 1), date(2026, 8, 2)]


def test_late_days_are_missing_from_their_own_month() -> None:
    """The last two days of March are not in the bill of March."""
    days = used(slot("prod-web", "cloudfront"), SPAN["2026-03"])
    assert [day.day for day, quantity in days.items() if not quantity] == [30, 31]


def test_the_first_delivery_falls_short() -> None:
    """A quarter of the use from 9 to 22 May, all of it before and after."""
    table = slot("prod-core", "dynamodb")
    first, restated = (used(table, SPAN["2026-05"], first_delivery=flag) for flag in (True, False))
    short = [day.day for day in first if first[day] < restated[day]]
    assert short == list(range(9, 23))


def test_chance_does_not_hang_on_the_story() -> None:
    """A resource outside the story uses what it would have used anyway."""
    bucket = slot("prod-data", "s3-storage")
    plain = without_events([bucket], SPAN["2026-05"], rng=np.random.default_rng(1))[0].tolist()
    assert list(used(bucket, SPAN["2026-05"]).values()) == plain


def test_a_resource_lives_from_its_first_day_to_before_its_last() -> None:
    """Born on the 10th, gone on the 20th."""
    start, end = (day_number(date(2026, 7, day)) for day in (10, 20))
    short = replace(slot("prod-core", "m6i.xlarge"), first_day=start, last_day=end)
    assert [day.day for day, quantity in used(short, SPAN["2026-07"]).items() if quantity] == list(
        range(10, 20)
    )
