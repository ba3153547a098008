"""Which resources run at another provider, and how much does each use on each day, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from finops_lib.estate import tagging
from finops_lib.estate.calendar import INCOMPLETE_DAYS, LAST_MONTH, UNTIL, Ints, Month, day_number
from finops_lib.estate.catalogue import OFFICE, STEADY, Product, price_micro
from finops_lib.estate.company import Account, Slot
from finops_lib.estate.others import meters
from finops_lib.estate.others.ledger import Ledger
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.estate.story import SPIKE, Event
from finops_lib.estate.truth import dollars
from finops_lib.estate.usage import without_events
from finops_lib.records import Period

_MISSING_PERCENT = 40  # of the rows of the last days of an open month
_BIRTH, _FOREVER = day_number(date(2020, 1, 1)), day_number(date(2040, 1, 1))
_DAYS_SEEN = 413  # fourteen months up to the last day
_SECOND_REGION = 20  # percent of the resources


@dataclass(frozen=True)
class Use:
    """What a resource used on a day: ten-thousandths of a unit, and how many of them the anomaly added."""

    slot: Slot
    day: int
    quantity: int
    extra: int

    @property
    def cost(self) -> int:
        """Cost at list price, 1e-10 dollars."""
        return self.quantity * price_micro(self.slot.product, self.slot.region)

    @property
    def extra_cost(self) -> int:
        """Cost at list price that the anomaly added, 1e-10 dollars."""
        return self.extra * price_micro(self.slot.product, self.slot.region)


@dataclass(frozen=True)
class Fleet:
    """The company at one provider: resources, the planted anomaly, and a source of chance."""

    cloud: str
    seed: int
    slots: tuple[Slot, ...]
    event: Event

    def rng(self, *path: int) -> np.random.Generator:
        """Give the chance of one matter, the same whatever else was drawn.

        Parameters
        ----------
        *path : int
            Which matter.

        Returns
        -------
        numpy.random.Generator
        """
        return source(self.cloud, self.seed, *path)

    def resource(self, slot: Slot) -> str:
        """Name the resource in this place.

        Parameters
        ----------
        slot : Slot
            The place.

        Returns
        -------
        str
        """
        return f"{slot.product.resource}{meters.digits(f'{self.cloud}/{self.seed}/{slot.number}', 8)}"

    def hit(self, slot: Slot) -> bool:
        """Say whether the anomaly is planted in this resource.

        Parameters
        ----------
        slot : Slot
            The place.

        Returns
        -------
        bool
        """
        return (slot.account.key, slot.product.key) == (self.event.account, self.event.product)

    @property
    def waste(self) -> Slot:
        """The resource that nobody needs."""
        return next(slot for slot in self.slots if slot.product.key == meters.WASTE)

    @property
    def core(self) -> Slot:
        """The first resource of all, which is always there."""
        return self.slots[0]


def source(cloud: str, seed: int, *path: int) -> np.random.Generator:
    """Give the chance of one matter at one provider.

    Parameters
    ----------
    cloud : str
        Any name; it is mixed into the seed.
    seed : int
        The company's seed.
    *path : int
        Which matter.

    Returns
    -------
    numpy.random.Generator
    """
    return np.random.default_rng([seed, int(meters.digits(cloud, 8), 16), *path])


def fleet(cloud: str, *, seed: int, rows: int, days: int, ranges: Ranges) -> Fleet:
    """Which resources does the company have at this provider.

    Parameters
    ----------
    cloud : str
        ``azure``, ``gcp`` or ``oci``.
    seed : int
        The source of chance.
    rows : int
        About how many rows of use the bill has in all.
    days : int
        Days of the bill.
    ranges : Ranges
        Bounds of what is planted.

    Returns
    -------
    Fleet

    Examples
    --------
    >>> small = fleet("oci", seed=7, rows=1, days=30, ranges=Ranges())
    >>> len(small.slots), small.waste.tags
    (11, {})
    """
    rng = source(cloud, seed)
    catalogue = meters.meters(cloud)
    core = [
        _slot(rng, cloud, (meters.account(cloud, key), item), ranges)
        for item, keys in catalogue.items() for key in keys
    ]  # fmt: skip
    slots = [_lasting(slot, cloud) for slot in core]
    choice = [item for item in catalogue for _ in range(item.frequency)]
    owners = meters.accounts(cloud)
    for _ in range(round(rows / days / 0.9) - len(core)):
        owner, item = owners[int(rng.integers(len(owners)))], choice[int(rng.integers(len(choice)))]
        slots.append(_slot(rng, cloud, (owner, item), ranges))
    numbered = tuple(replace(slot, number=number) for number, slot in enumerate(slots))
    return Fleet(cloud, seed, numbered, spike(cloud, seed, meters.ANOMALIES[cloud], ranges))


def _lasting(slot: Slot, cloud: str) -> Slot:
    tags = {} if slot.product.key == meters.WASTE else slot.tags
    return replace(
        slot, region=meters.REGIONS[cloud][0], tags=tags, first_day=_BIRTH, last_day=_FOREVER
    )  # fmt: skip


def _slot(rng: np.random.Generator, cloud: str, what: tuple[Account, Product], ranges: Ranges) -> Slot:
    owner, item = what
    single = item.shape in (STEADY, OFFICE)
    size, noise = drawn(rng, ranges.size_percent), drawn(rng, ranges.noise)
    growth = drawn(rng, ranges.growth)
    tags = tagging.tags(rng, environment=owner.environment, team=owner.team)
    untagged, second, life = (int(roll) for roll in rng.integers(0, 100, size=3))
    first, last = _life(life, int(rng.integers(_DAYS_SEEN)), ranges)
    return Slot(
        number=0,
        account=owner,
        product=item,
        region=meters.REGIONS[cloud][second < _SECOND_REGION and not item.plan_percent],
        tags={} if untagged < ranges.untagged_percent else tags,
        percent=100 if single else size,
        noise=0 if single else noise,
        growth=0 if single else growth,
        first_day=first,
        last_day=last,
    )


def _life(roll: int, day: int, ranges: Ranges) -> tuple[int, int]:
    moment = day_number(UNTIL.date()) - day
    if roll < ranges.new_percent:
        return moment, _FOREVER
    return _BIRTH, moment if roll < ranges.new_percent + ranges.gone_percent else _FOREVER


def spike(name: str, seed: int, cell: tuple[str, str], ranges: Ranges) -> Event:
    """When does the planted anomaly happen, and how large is it.

    Parameters
    ----------
    name : str
        The provider.
    seed : int
        The source of chance.
    cell : tuple of str
        Account and product.
    ranges : Ranges
        Its bounds.

    Returns
    -------
    Event
    """
    rng = source(name, seed, 1)
    start = UNTIL.date() - timedelta(days=drawn(rng, ranges.anomaly_ago_days))
    end = start + timedelta(days=drawn(rng, ranges.anomaly_days))
    return Event(SPIKE, *cell, start, end, drawn(rng, ranges.anomaly_percent))


def month_before(count: int) -> Period:
    """Which month lies so many months before the last one.

    Parameters
    ----------
    count : int
        0 is the last month itself.

    Returns
    -------
    Period

    Examples
    --------
    >>> month_before(2).label
    '2026-07'
    """
    period = LAST_MONTH
    for _ in range(count):
        period = period.previous_month()
    return period


def uses(who: Fleet, month: Month, *, thin: bool = True) -> Iterator[Use]:
    """How much is used in a month, day by day, each day in the order of the resources.

    Parameters
    ----------
    who : Fleet
        The resources.
    month : Month
        The month, in days.
    thin : bool
        In an open month rows of the last days are still missing.

    Yields
    ------
    Use
        Only where something was used.
    """
    rng = who.rng(2, month.ordinal)
    usual = without_events(who.slots, month, rng=rng)
    quantity = usual * _factor(who, month) // 100
    if month.open and thin:
        missing = rng.integers(0, 100, size=quantity.shape) < _MISSING_PERCENT
        quantity[missing & (month.days >= month.days[-1] - INCOMPLETE_DAYS + 1)] = 0
    for place, slot in np.argwhere(quantity.T).tolist():
        amount = int(quantity[slot, place])
        yield Use(who.slots[slot], int(month.days[place]), amount, max(0, amount - int(usual[slot, place])))


def _factor(who: Fleet, month: Month) -> Ints:
    hit = np.array([who.hit(slot) for slot in who.slots])[:, None]
    start, end = day_number(who.event.start), day_number(who.event.end)
    during = (month.days >= start) & (month.days < end)
    return np.where(hit & during, who.event.percent, 100)


def note(ledger: Ledger, month: str, use: Use, *, who: Fleet) -> None:
    """Add up what a use says of the anomaly, of waste and of tags.

    Parameters
    ----------
    ledger : Ledger
        Adds up.
    month : str
        Month of the use.
    use : Use
        The use.
    who : Fleet
        The resources.
    """
    ledger.extra[month] += use.extra_cost
    ledger.waste[month] += use.cost * (use.slot == who.waste)
    ledger.untagged[month] += use.cost * (not use.slot.tags)


def anomaly(who: Fleet, months: Mapping[str, int]) -> dict[str, Any]:
    """Tell of the planted anomaly: its cells and what it added.

    Parameters
    ----------
    who : Fleet
        The resources.
    months : mapping
        Month to the list cost that it added, 1e-10 dollars.

    Returns
    -------
    dict
        Empty when it lies outside the months written.
    """
    hits = [slot for slot in who.slots if who.hit(slot)]
    if not sum(months.values()):
        return {}
    item = hits[0].product
    return {
        "kind": who.event.kind, "account": hits[0].account.id, "service": item.service.name,
        "meter": item.usage_type, "resources": [who.resource(slot) for slot in hits],
        "start": str(who.event.start), "end": str(who.event.end), "percent": who.event.percent,
        "extra_list_cost": dollars(sum(months.values())),
    }  # fmt: skip
