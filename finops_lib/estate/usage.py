"""How much is used: level, growth, season, weekday, hour, noise and the planted story, in whole numbers.

Whole numbers make the same bill on every machine; factors are ten-thousandths.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from finops_lib.estate.calendar import DAY_SECONDS, Ints, Month, day_number
from finops_lib.estate.catalogue import LOAD, OFFICE, STEADY, STORAGE, SYDNEY
from finops_lib.estate.company import Slot
from finops_lib.estate.story import DRIFT, EVENTS, LATE, NEW_REGION, RESTATEMENT, Event

if TYPE_CHECKING:
    from finops_lib.estate.charges import Block

ONE = 10_000
# Parcels peak before Christmas; January to December.
_SEASON = (9200, 9400, 9700, 9900, 10_000, 10_100, 9800, 9700, 10_200, 10_500, 11_600, 12_300)
_WEEK = (10_300, 10_600, 10_500, 10_400, 10_800, 8600, 7700)  # Monday to Sunday
_DAY = (5200, 4700, 4400, 4300, 4600, 5600, 7600, 9800, 11_800, 13_000, 13_600, 13_700,
        13_300, 13_500, 13_600, 13_300, 12_900, 12_600, 12_300, 11_900, 11_200, 9700, 7800, 6200)  # fmt: skip
_SATURDAY = 5
_OFFICE_HOURS = range(7, 19)
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()
_FIRST_DAY = day_number(date(2025, 8, 1))


def quantities(
    slots: Sequence[Slot], month: Month, *, rng: np.random.Generator, first_delivery: bool = False
) -> Ints:
    """How much does each resource use in each step of the month.

    Parameters
    ----------
    slots : sequence of Slot
        The resources' places.
    month : Month
        The month with its steps.
    rng : numpy.random.Generator
        Source of the noise.
    first_delivery : bool
        As first delivered, before the month was restated.

    Returns
    -------
    array of int
        Resources by steps, ten-thousandths of the product's unit.
    """
    usual = without_events(slots, month, rng=rng)
    factors = np.stack([event_factor(slot, month) for slot in slots])
    if first_delivery:
        factors = factors * np.stack([_restated(slot, month) for slot in slots]) // ONE
    late = np.stack([_is_late(slot, month) for slot in slots])
    return np.where(late, 0, usual * factors // ONE)


def without_events(slots: Sequence[Slot], month: Month, *, rng: np.random.Generator) -> Ints:
    """How much would each resource use if nothing odd had happened.

    Parameters
    ----------
    slots, month, rng
        As in `quantities`.

    Returns
    -------
    array of int
        Resources by steps, ten-thousandths of the product's unit.
    """
    shapes = {shape: _shape(shape, month) for shape in (STEADY, OFFICE, LOAD, STORAGE)}
    shape = np.stack([shapes[slot.product.shape] for slot in slots])
    base = np.array([slot.product.volume * slot.percent // 100 * month.step_hours for slot in slots])
    noise = np.array([slot.noise for slot in slots])[:, None]
    chance = rng.integers(-ONE, ONE + 1, size=(2, *shape.shape)).sum(axis=0)
    yearly = np.array([slot.growth for slot in slots])[:, None]
    growth = ONE + yearly * (month.days - _FIRST_DAY)[None, :] // 365
    factor = shape * (ONE + noise * chance // (2 * ONE)) // ONE * growth // ONE
    return np.where(_alive(slots, month), base[:, None] * factor // ONE, 0)


def _alive(slots: Sequence[Slot], month: Month) -> np.ndarray:
    first = np.array([slot.first_day for slot in slots])[:, None]
    last = np.array([slot.last_day for slot in slots])[:, None]
    return (month.days >= first) & (month.days < last)


def _shape(shape: str, month: Month) -> Ints:
    days = month.days
    weekday = (days + _EPOCH_WEEKDAY) % 7
    hour = month.starts % DAY_SECONDS // 3600
    hourly = month.step_hours == 1
    if shape == LOAD:
        in_day = np.array(_DAY)[hour] if hourly else ONE
        week: Ints = np.array(_WEEK)[weekday]
        return _season(month) * week // ONE * in_day // ONE
    if shape == OFFICE:
        in_hours = np.isin(hour, _OFFICE_HOURS) * ONE if hourly else ONE * len(_OFFICE_HOURS) // 24
        return np.where(weekday < _SATURDAY, in_hours, 0).astype(np.int64)
    return np.full(len(days), ONE, dtype=np.int64)


def _season(month: Month) -> Ints:
    """Go in a straight line from this month's factor to the next one's."""
    number = month.period.start.month - 1
    now, after = _SEASON[number], _SEASON[(number + 1) % 12]
    factor: Ints = now + (after - now) * (month.days - month.days[0]) // month.period.days
    return factor


def event_factor(slot: Slot, month: Month) -> Ints:
    """By how much do planted anomalies multiply this resource's use, in ten-thousandths.

    Parameters
    ----------
    slot : Slot
        The resource's place.
    month : Month
        The month.

    Returns
    -------
    array of int
        One factor a step.
    """
    factor = np.full(len(month.days), ONE, dtype=np.int64)
    for event in EVENTS:
        if event.kind != NEW_REGION and _hits(event, slot):
            factor = factor * _factor(event, month.days) // ONE
    return factor


def _factor(event: Event, days: Ints) -> Ints:
    start, end = day_number(event.start), day_number(event.end)
    if event.kind == DRIFT:
        grown = np.clip(days - start + 1, 0, event.grows_days)
        percent = 100 + (event.percent - 100) * grown
    else:
        percent = np.full(len(days), event.percent, dtype=np.int64)
    return np.where((days >= start) & (days < end), percent * 100, ONE)


def event_extra(block: Block, event: Event) -> int:
    """How much list cost did a planted anomaly add to these rows, in 1e-10 dollars.

    Parameters
    ----------
    block : Block
        Rows of usage.
    event : Event
        The anomaly.

    Returns
    -------
    int
        The cost less what it would have been; all of it in a new region.
    """
    hit = [line.slot is not None and not line.corrects and _hits(event, line.slot) for line in block.lines]
    rows = block.take(np.array(hit, bool)[block.line])
    factor, cost = _factor(event, rows.start // DAY_SECONDS), rows.amounts["list"]
    usual = np.zeros_like(cost) if event.kind == NEW_REGION else cost * ONE // np.maximum(factor, 1)
    return int((cost - usual).sum())


def _hits(event: Event, slot: Slot) -> bool:
    own = (slot.account.key, slot.product.key) == (event.account, event.product)
    return own and (event.kind != NEW_REGION or slot.region == SYDNEY)


def _restated(slot: Slot, month: Month) -> Ints:
    story = RESTATEMENT
    days = month.days
    hit = (days >= day_number(story.start)) & (days < day_number(story.end))
    own = (slot.account.key, slot.product.key) == (story.account, story.product)
    return np.where(hit & own, story.percent * 100, ONE)


def _is_late(slot: Slot, month: Month) -> np.ndarray:
    days = month.days
    own = (slot.account.key, slot.product.key) == (LATE.account, LATE.product)
    return (days >= day_number(LATE.start)) & (days < day_number(LATE.end)) & own
