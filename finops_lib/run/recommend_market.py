"""Other ways to pay for machines that stay: on spot where an interruption costs little, with own licences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from finops_lib.billing.prices import Instance
from finops_lib.optimize.commitments import licences, spot
from finops_lib.optimize.commitments.licence_file import Owned
from finops_lib.optimize.commitments.spot import Job, Market
from finops_lib.optimize.inventory_file import Item
from finops_lib.optimize.rightsize.paid import MONTH_HOURS, saving
from finops_lib.records import NoRecommendation, Recommendation
from finops_lib.run.recommend_world import World

Told = Recommendation | NoRecommendation
PROMISE = 0.99  # of a service on spot: share of the time in which enough members are up
LATE = 0.01  # largest chance of a job to miss its deadline


def spots(world: World, keys: Iterable[str]) -> list[Told]:
    """Which machines may run on spot, and what would that save.

    Parameters
    ----------
    world : World
        What is known of the resources.
    keys : iterable of str
        Machines that stay.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each that the inventory says may be interrupted; the others are not asked about.
    """
    return [
        _spot(world, key, item)
        for key in keys
        if (item := world.items.get(key)) is not None and item.interruptible
    ]


def _spot(world: World, key: str, item: Item) -> Told:
    name, paid, told = world.resource(key), world.paid(key), world.type_of(key)
    why = "its cost is not known: a saving cannot be told" if paid is None else paid.why_not()
    if not why and paid is not None and paid.committed:
        why = "a commitment pays for it: on spot it would be paid for twice"
    why = why or _no_market(told, item)
    if why or paid is None or told is None:
        return NoRecommendation(name, spot.KIND, why)
    market = _market(told, item)
    factor = _factor(name, item, market)
    if isinstance(factor, NoRecommendation):
        return factor
    chance = LATE if item.job_hours else 1 - PROMISE
    return Recommendation(
        name,
        spot.KIND,
        {"market": "on demand"},
        {"market": "spot"},
        saving(paid, Decimal(1) - Decimal(repr(factor))),
        round(chance, 4),
        {"interruptions_hour": market.interruptions, "discount": round(market.discount, 4)},
        f"it may be interrupted; at {market.price:g} instead of {market.on_demand:g} USD an hour it costs "
        f"{factor:.0%}, with the work that is lost or the members that are spare",
        world.evidence(key),
        "medium",
        world.owner(key),
    )


def _no_market(told: Instance | None, item: Item) -> str:
    if told is None or not told.usd_per_hour_on_demand:
        return "its type has no price in the catalogue"
    if told.usd_per_hour_spot is None:
        return "the price file has no spot price for its type"
    if item.interruptions_hour is None or item.restart_hours is None:
        return "how often it is interrupted is not known: name interruptions_hour and restart_hours"
    if item.job_hours and item.checkpoint_hours and item.deadline_hours:
        return ""
    return "" if item.members else "name job_hours, checkpoint_hours and deadline_hours, or members"


def _market(told: Instance, item: Item) -> Market:
    prices = (told.usd_per_hour_spot, told.usd_per_hour_on_demand, item.interruptions_hour)
    price, on_demand, interruptions = (float(value or 0) for value in prices)
    return Market(price, on_demand, interruptions)


def _factor(name: str, item: Item, market: Market) -> float | NoRecommendation:
    restart = float(item.restart_hours or 0)
    if item.job_hours and item.checkpoint_hours and item.deadline_hours:
        hours = [float(value) for value in (item.job_hours, item.checkpoint_hours, item.deadline_hours)]
        try:
            job = Job(hours[0], hours[1], restart, hours[2])
        except ValueError as error:
            return NoRecommendation(name, spot.KIND, f"its times cannot be used: {error}")
        return spot.job_factor(name, job, market, late=LATE)
    needed = int(item.members or 1)
    factor = spot.service_factor(needed, market, recovery_hours=restart, promise=PROMISE)
    if factor is None or factor >= 1:
        why = f"to keep {needed} up in {PROMISE:.0%} of the time takes more than spot saves"
        return NoRecommendation(name, spot.KIND, why)
    return factor


def brought(world: World, keys: Sequence[str], owned: Sequence[Owned]) -> list[Told]:
    """Which machines should bring a licence that is owned instead of paying for one within their price.

    Parameters
    ----------
    world : World
        What is known of the resources.
    keys : sequence of str
        Machines that stay.
    owned : sequence of Owned
        What is owned; none is no question.

    Returns
    -------
    list of Recommendation or NoRecommendation
        One for each machine with such a licence within its price.
    """
    found: list[Told] = []
    for one in owned:
        mine = [key for key in keys if _licence(world, key) == one.licence.lower()]
        reasons = {key: _no_licence(world, key, one) for key in mine}
        found += [
            NoRecommendation(world.resource(key), licences.KIND, why) for key, why in reasons.items() if why
        ]
        known = [key for key in mine if not reasons[key]]
        found += _brought(world, {key: _machine(world, key, one) for key in known}, one)
    return found


def _licence(world: World, key: str) -> str:
    item, told = world.items.get(key), world.billed.get(key)
    return ((item.licence if item else "") or (told.licence if told else "")).lower()


def _no_licence(world: World, key: str, one: Owned) -> str:
    item, paid = world.items.get(key), world.paid(key)
    if item is None or item.licence_vcpu_hour is None:
        return f"its price holds a licence ({one.licence[:60]}) whose own price is not known"
    if _cores(world, key) is None:
        return "how many cores it has is not known"
    if paid is None or paid.why_not():
        return "its cost is not known: a saving cannot be told" if paid is None else paid.why_not()
    return "" if paid.currency == one.currency else f"it is paid in {paid.currency}, and the licence not"


def _cores(world: World, key: str) -> Decimal | None:
    told, item = world.type_of(key), world.items.get(key)
    return (told.vcpu if told else None) or (item.vcpu if item else None)


def _machine(world: World, key: str, one: Owned) -> licences.Machine:
    item, paid, cores = world.items[key], world.paid(key), _cores(world, key)
    hour = float(paid.month / MONTH_HOURS) if paid else 0.0
    part = min(float((item.licence_vcpu_hour or 0) * (cores or 0)), hour)
    return licences.Machine(key, hour, hour - part, max(int(cores or 1), one.least_cores))


def _brought(world: World, machines: Mapping[str, licences.Machine], one: Owned) -> Iterable[Told]:
    price = None if one.core_month is None else float(one.core_month)
    table = licences.licences(list(machines.values()), owned=one.cores, price=price)
    for row in table.to_dict("records"):
        key, paid = str(row["machine"]), world.paid(str(row["machine"]))
        name = world.resource(key)
        if row["model"] == licences.INCLUDED or row["saving"] <= 0 or paid is None:
            why = "what is owned saves more elsewhere, and no further licence pays here"
            yield NoRecommendation(name, licences.KIND, why)
            continue
        share = min(Decimal(repr(float(row["saving"]))) / paid.month, Decimal(1))
        yield Recommendation(
            name,
            licences.KIND,
            {"licence": f"{one.licence} within the price"},
            {"licence": f"{one.licence} brought, {row['cores']} cores"},
            saving(paid, share),
            0.0,
            {},
            f"{one.cores} cores of {one.licence} are owned; here they save most",
            world.evidence(key),
            "medium",
            world.owner(key),
        )
