"""The company's own data centres: an inventory of machines and a card of rates.

``inventory.csv`` has a row for each machine. ``rate_card.csv`` has what a kilowatt hour, a rack unit, a
licence and an hour of work cost, from ``ValidFrom`` to before ``ValidUntil``, at one site or, with none
named, at all. The planted anomaly is a month of dear power at one site. Everything starts and ends with a
month, so that no rule for parts of a month is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops_lib.estate import tagging
from finops_lib.estate.calendar import Month
from finops_lib.estate.others.files import csv_text, number
from finops_lib.estate.others.fleet import month_before, source
from finops_lib.estate.others.ranges import Ranges, drawn
from finops_lib.records import plain

FOLDER, CURRENCY = "onprem", "USD"
INVENTORY = tuple(
    "MachineId Name Kind Site tag:team tag:environment AcquisitionCost AcquisitionDate LifeMonths "
    "ResidualValue PowerWatts RackUnits Cores Licences StaffHoursMonth Currency DecommissionDate".split()
)
RATE_CARD = tuple("Rate Unit Amount Currency ValidFrom ValidUntil Site".split())
SITES = ("FRA1", "HAM2")
_POWER_CENTS = {"FRA1": 21, "HAM2": 19}
_PUE_PERCENT = {"FRA1": 138, "HAM2": 152}
_WINTER, _SUMMER = (10, 11, 12, 1, 2, 3), (6, 7, 8)
_FIXED = (("space_rack_unit_month", "rack unit-month", 1850), ("staff_hour", "hour", 6400),
          ("licence:windows", "licence-month", 410), ("licence:vsphere", "licence-month", 9600))  # fmt: skip
_SPARE = "spare"
# Kind, price in dollars for each month of its life, watts, rack units, cores, hours of work.
_MODELS = (
    ("server", 190, 420, 2, 48, 3), ("server", 260, 610, 2, 96, 3), ("storage", 410, 880, 4, 24, 5),
    ("network", 120, 210, 1, 0, 2), ("database", 350, 700, 2, 64, 6),
)  # fmt: skip
Row = dict[str, str]


@dataclass(frozen=True)
class Machine:
    """A machine: money in whole dollars; it stands from ``bought`` to before ``gone``."""

    id: str
    name: str
    kind: str
    site: str
    tags: dict[str, str]
    monthly: int
    residual: int
    life_months: int
    bought: date
    gone: date | None
    watts: int
    rack_units: int
    cores: int
    licences: tuple[tuple[str, int], ...]
    staff_hours: int

    def stands(self, month: Month) -> bool:
        """Say whether the machine stands in this month.

        Parameters
        ----------
        month : Month
            The month.

        Returns
        -------
        bool
        """
        start = month.period.start.date()
        return self.bought <= start and (self.gone is None or start < self.gone)


def write_onprem(
    folder: Path, *, seed: int, span: tuple[Month, ...], rows: int, ranges: Ranges
) -> dict[str, Any]:
    """Write ``onprem/inventory.csv`` and ``onprem/rate_card.csv``.

    Parameters
    ----------
    folder : Path
        Where to.
    seed : int
        The source of chance.
    span : tuple of Month
        Months for which there are rates, oldest first; the last one in full.
    rows : int
        About how many costs there are in all: five for each machine and month.
    ranges : Ranges
        Bounds of what is planted.

    Returns
    -------
    dict
        The truth: cost of whole months by component.
    """
    found = machines(seed, count=max(12, rows // (5 * len(span))), ranges=ranges)
    jump = _jump(seed, ranges)
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    rates = [row for month in span for row in _monthly_rates(month, jump)]
    fixed = [row for name, unit, cents in _FIXED for row in _fixed_rate(name, unit, cents, span)]
    for name, columns, lines in (
        ("inventory.csv", INVENTORY, [_line(machine) for machine in found]),
        ("rate_card.csv", RATE_CARD, [*rates, *fixed]),
    ):
        (place / name).write_bytes(csv_text(columns, lines).encode())
    return _told(found, span, jump)


def machines(seed: int, *, count: int, ranges: Ranges) -> tuple[Machine, ...]:
    """Which machines does the company own.

    Parameters
    ----------
    seed : int
        The source of chance.
    count : int
        Machines, at least 3: one of them is a spare that nobody needs, one is new and one goes.
    ranges : Ranges
        Shares of what is planted.

    Returns
    -------
    tuple of Machine
    """
    return tuple(_machine(seed, number, ranges) for number in range(count))


def _machine(seed: int, number: int, ranges: Ranges) -> Machine:
    rng = source(FOLDER, seed, 2, number)
    kind, monthly, watts, units, cores, hours = _MODELS[int(rng.integers(len(_MODELS)))]
    kind = _SPARE if number == 0 else kind
    team = tagging.TEAMS[int(rng.integers(len(tagging.TEAMS)))]
    untagged = int(rng.integers(0, 100)) < ranges.untagged_percent or number == 0
    tags = {} if untagged else {"team": team, "environment": ("prod", "staging", "dev")[int(rng.integers(3))]}
    life = (48, 60, 72)[int(rng.integers(3))]
    bought, gone = _life(number, int(rng.integers(20, 40)), life)
    scale = drawn(rng, ranges.size_percent)
    site = SITES[int(rng.integers(len(SITES)))]
    licences = (("windows", cores), ("vsphere", 2)) if kind == "server" and rng.integers(2) else ()
    return Machine(
        f"LF-{1001 + number}", f"{site.lower()}-{kind}-{number:03d}", kind, site, tags,
        max(1, monthly * scale // 100), monthly * int(rng.integers(0, 3)), life, bought, gone,
        watts * (60 + scale // 3) // 100, units, cores, licences, hours,
    )  # fmt: skip


def _life(number: int, age: int, life: int) -> tuple[date, date | None]:
    """The second machine is new in May 2026, the third goes in March 2026 when it is written off."""
    if number == 1:
        return month_before(4).start.date(), None
    if number == 2:  # noqa: PLR2004 (the third one)
        return month_before(6 + life).start.date(), month_before(6).start.date()
    return month_before(age).start.date(), None


def _line(machine: Machine) -> Row:
    return {
        "MachineId": machine.id, "Name": machine.name, "Kind": machine.kind, "Site": machine.site,
        "tag:team": machine.tags.get("team", ""), "tag:environment": machine.tags.get("environment", ""),
        "AcquisitionCost": f"{machine.monthly * machine.life_months + machine.residual}.00",
        "AcquisitionDate": str(machine.bought), "LifeMonths": str(machine.life_months),
        "ResidualValue": f"{machine.residual}.00", "PowerWatts": str(machine.watts),
        "RackUnits": str(machine.rack_units), "Cores": str(machine.cores),
        "Licences": "|".join(f"{name}:{count}" for name, count in machine.licences),
        "StaffHoursMonth": str(machine.staff_hours), "Currency": CURRENCY,
        "DecommissionDate": str(machine.gone) if machine.gone else "",
    }  # fmt: skip


@dataclass(frozen=True)
class _Jump:
    """The month of dear power at a site."""

    site: str
    label: str
    percent: int

    def hits(self, month: Month, site: str) -> bool:
        return (month.label, site) == (self.label, self.site)


def _jump(seed: int, ranges: Ranges) -> _Jump:
    rng = source(FOLDER, seed, 1)
    label = month_before(drawn(rng, ranges.power_jump_ago_months)).label
    return _Jump(SITES[int(rng.integers(len(SITES)))], label, drawn(rng, ranges.power_jump_percent))


def _power(month: Month, site: str) -> int:
    """Price of a kilowatt hour in hundredths of a cent: dearer in winter, four percent more each year."""
    usual = _POWER_CENTS[site] * 100 + (250 if month.period.start.month in _WINTER else 0)
    return usual * (100 + 4 * (month.period.start.year - 2025)) // 100


def _pue(month: Month, site: str) -> int:
    """Power of the whole site for each unit at the machines, in percent: more in summer."""
    return _PUE_PERCENT[site] + (6 if month.period.start.month in _SUMMER else 0)


def _monthly_rates(month: Month, jump: _Jump) -> Iterator[Row]:
    for site in SITES:
        price = _power(month, site) * (jump.percent if jump.hits(month, site) else 100) // 100
        for name, unit, amount in (
            ("power_kwh", "kWh", number(price, 4)), ("pue", "factor", number(_pue(month, site), 2)),
        ):  # fmt: skip
            yield {
                "Rate": name, "Unit": unit, "Amount": amount, "Site": site, **_valid(month, month),
                "Currency": "" if name == "pue" else CURRENCY,
            }  # fmt: skip


def _fixed_rate(name: str, unit: str, cents: int, span: tuple[Month, ...]) -> Iterator[Row]:
    yield {
        "Rate": name, "Unit": unit, "Amount": number(cents, 2), "Currency": CURRENCY, "Site": "",
        **_valid(span[0], span[-1]),
    }  # fmt: skip


def _valid(first: Month, last: Month) -> Row:
    return {"ValidFrom": f"{first.period.start:%Y-%m-%d}", "ValidUntil": f"{last.period.end:%Y-%m-%d}"}


def costs(machine: Machine, month: Month, power_price: int) -> dict[str, Decimal]:
    """What does a machine cost in a whole month, by component, in dollars.

    Straight-line depreciation; power is watts times hours times the site's factor.

    Parameters
    ----------
    machine : Machine
        It stands in the month.
    month : Month
        The month.
    power_price : int
        Hundredths of a cent for a kilowatt hour.

    Returns
    -------
    dict
    """
    rates = {name: Decimal(cents) / 100 for name, _, cents in _FIXED}
    hours = Decimal(month.period.days * 24)
    energy = machine.watts * hours / 1000 * Decimal(_pue(month, machine.site)) / 100
    licences = sum((count * rates[f"licence:{name}"] for name, count in machine.licences), Decimal(0))
    return {
        "depreciation": Decimal(machine.monthly), "power": energy * Decimal(power_price) / 10_000,
        "space": machine.rack_units * rates["space_rack_unit_month"], "licences": licences,
        "staff": machine.staff_hours * rates["staff_hour"],
    }  # fmt: skip


def _told(found: tuple[Machine, ...], span: tuple[Month, ...], jump: _Jump) -> dict[str, Any]:
    months, extra, waste = {}, Decimal(0), Decimal(0)
    for month in span:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        standing = [machine for machine in found if machine.stands(month)]
        for machine in standing:
            usual = _power(month, machine.site)
            price = usual * jump.percent // 100 if jump.hits(month, machine.site) else usual
            parts = costs(machine, month, price)
            extra += parts["power"] - costs(machine, month, usual)["power"]
            waste += sum(parts.values()) * (machine.kind == _SPARE)
            for name, cost in parts.items():
                sums[name] += cost
        months[month.label] = {
            "rows": len(standing), "cost": plain(sum(sums.values(), Decimal(0))),
            "services": {name: plain(cost) for name, cost in sums.items()},
        }  # fmt: skip
    written = jump.label in months
    anomaly = {
        "kind": "price", "rate": "power_kwh", "site": jump.site, "month": jump.label,
        "percent": jump.percent, "extra_cost": plain(extra),
    }  # fmt: skip
    return {
        "folder": FOLDER, "currency": CURRENCY, "months": months, "machines": len(found),
        "anomaly": anomaly if written else {}, "waste": {"machine": found[0].id, "cost": plain(waste)},
        "untagged": sum(not machine.tags for machine in found),
    }  # fmt: skip
