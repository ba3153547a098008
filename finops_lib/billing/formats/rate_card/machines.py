"""What does a machine of one's own cost in a month, component by component.

The rules are those of ``finops_lib.billing.formats.rate_card``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TypeVar

from finops_lib.billing.cells import EXACT, rounded
from finops_lib.billing.rates_onprem import Rate, RateCard
from finops_lib.errors import RefusedDeliveryError
from finops_lib.records import Period
from finops_lib.units import cents

_DAY = timedelta(days=1)
_LARGEST = Decimal(10) ** 15
_LONGEST_LIFE = 1200
_HOURS = 24
_DATE_LENGTH = len("2026-07-31")
_FIRST, _LAST = 1950, 2100
_Found = TypeVar("_Found")


class OddCellError(ValueError):
    """A cell of the inventory cannot be read: its column and its text."""


@dataclass(frozen=True)
class Charge:
    """One component's cost in one month, in ``currency``.

    ``quantity`` of ``unit`` at ``unit_price`` is ``cost``; they are None for a write-off and where there is
    no price of a unit. The span from ``start`` to ``end`` is half-open, in UTC.
    """

    component: str
    month: Period
    start: datetime
    end: datetime
    cost: Decimal
    currency: str
    category: str = "Usage"
    frequency: str = "Recurring"
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True)
class Machine:
    """One row of the inventory: money in ``currency``, ``watts`` on average, ``staff_hours`` a month.

    What the inventory does not say is None; ``decommissioned`` is the first day out of service.
    """

    id: str
    site: str
    currency: str
    cost: Decimal
    residual: Decimal
    acquired: datetime
    life_months: int
    decommissioned: datetime | None = None
    watts: Decimal | None = None
    rack_units: Decimal | None = None
    staff_hours: Decimal | None = None
    licences: Mapping[str, Decimal] | None = None

    @classmethod
    def read(cls, line: Mapping[str, str | None]) -> Machine:
        """Which machine does this row describe.

        Parameters
        ----------
        line : mapping of str to str or None
            Cells by the inventory's columns.

        Returns
        -------
        Machine

        Raises
        ------
        OddCellError
            A cell is missing, no number from zero, or no date, or the row contradicts itself.

        Examples
        --------
        >>> row = {"MachineId": "m1", "AcquisitionCost": "3600", "AcquisitionDate": "2026-01-01",
        ...        "LifeMonths": "36", "Currency": "EUR"}
        >>> Machine.read(row).residual
        Decimal('0')
        """
        cost = _needed(_number(line, "AcquisitionCost"), "AcquisitionCost")
        life = _needed(_number(line, "LifeMonths"), "LifeMonths")
        found = cls(
            id=_needed(line.get("MachineId"), "MachineId"),
            site=(line.get("Site") or "").strip(),
            currency=_needed(line.get("Currency"), "Currency").strip().upper(),
            cost=cost,
            residual=_number(line, "ResidualValue") or Decimal(0),
            acquired=_needed(_date(line, "AcquisitionDate"), "AcquisitionDate"),
            life_months=int(life),
            decommissioned=_date(line, "DecommissionDate"),
            watts=_number(line, "PowerWatts"),
            rack_units=_number(line, "RackUnits"),
            staff_hours=_number(line, "StaffHoursMonth"),
            licences=_licences(line.get("Licences")),
        )
        if life != found.life_months or not 1 <= life <= _LONGEST_LIFE:
            raise OddCellError(f"LifeMonths {life}")
        if found.residual > cost:
            raise OddCellError(f"ResidualValue {found.residual} above AcquisitionCost {cost}")
        if found.decommissioned and found.decommissioned <= found.acquired:
            raise OddCellError(f"DecommissionDate {line['DecommissionDate']} not after AcquisitionDate")
        return found

    @property
    def end_of_life(self) -> datetime:
        """The day on which the machine is written off, as the day of the month on which it was acquired."""
        months = self.acquired.year * 12 + self.acquired.month - 1 + self.life_months
        month = Period.month(f"{months // 12:04d}-{months % 12 + 1:02d}")
        return min(month.start + _DAY * (self.acquired.day - 1), month.end - _DAY)

    def written_off(self, day: datetime) -> Decimal:
        """How much of the machine's cost is depreciated before this day.

        Parameters
        ----------
        day : datetime
            Midnight in UTC.

        Returns
        -------
        Decimal
            To the cent of the currency; all of cost - residual from the end of life on.

        Examples
        --------
        >>> start = datetime(2026, 1, 1, tzinfo=UTC)
        >>> machine = Machine("m", "", "EUR", Decimal(100), Decimal(0), start, 3)
        >>> [str(machine.written_off(start.replace(month=month))) for month in (1, 2, 3, 4)]
        ['0.00', '33.33', '66.67', '100']
        """
        base = EXACT.subtract(self.cost, self.residual)
        share = (_place(day) - _place(self.acquired)) / self.life_months
        if share >= 1:
            return base
        exact = Fraction(base) * max(share, Fraction(0))
        due = EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        return cents(due, currency=self.currency)


def charges(machine: Machine, card: RateCard, *, month: str) -> Iterator[Charge]:
    """What does this machine cost in this month.

    Parameters
    ----------
    machine : Machine
        From the inventory.
    card : RateCard
        The rates.
    month : str
        ``YYYY-MM``.

    Yields
    ------
    Charge
        One a component; none where the machine is not in service.

    Raises
    ------
    RefusedDeliveryError
        The card has no rate for a component of the machine in this month.
    """
    period = Period.month(month)
    start, end = max(machine.acquired, period.start), min(machine.decommissioned or period.end, period.end)
    if start < end:
        yield from _depreciation(machine, period, start, end)
        yield from _running(machine, card, period, start, end)
    out = machine.decommissioned
    if out and period.start <= out < period.end:
        left = EXACT.subtract(EXACT.subtract(machine.cost, machine.residual), machine.written_off(out))
        if left:
            yield Charge(
                "write-off", period, out, out + _DAY, left, machine.currency, "Adjustment", "One-Time"
            )


def _depreciation(machine: Machine, period: Period, start: datetime, end: datetime) -> Iterator[Charge]:
    last = min(end, machine.end_of_life)
    if start < last:
        until = machine.written_off(end)
        cost = EXACT.subtract(until, machine.written_off(start))
        yield Charge("depreciation", period, start, last, cost, machine.currency)


def _running(
    machine: Machine, card: RateCard, period: Period, start: datetime, end: datetime
) -> Iterator[Charge]:
    days = (end - start).days
    share = Fraction(days, period.days)

    def priced(component: str, amount: Decimal, *, rate: str, unit: str, part: Fraction) -> Charge:
        found = _rate(machine, card, period, component, rate)
        quantity = rounded(_times(amount, part))
        cost = rounded(_times(EXACT.multiply(amount, found.amount), part))
        bought = component.startswith("licence:")
        return Charge(
            component,
            period,
            period.start if bought else start,
            period.end if bought else end,
            cost,
            found.currency,
            "Purchase" if bought else "Usage",
            "Usage-Based" if component == "power" else "Recurring",
            quantity,
            unit,
            found.amount,
        )

    if machine.watts is not None:
        pue = _rate(machine, card, period, "power", "pue").amount
        energy = EXACT.multiply(EXACT.multiply(machine.watts, pue), Decimal(days * _HOURS)).scaleb(-3, EXACT)
        yield priced("power", energy, rate="power_kwh", unit="kWh", part=Fraction(1))
    if machine.rack_units is not None:
        yield priced(
            "space", machine.rack_units, rate="space_rack_unit_month", unit="rack unit-month", part=share
        )
    for name, count in (machine.licences or {}).items():
        yield priced(f"licence:{name}", count, rate=f"licence:{name}", unit="licence-month", part=Fraction(1))
    if machine.staff_hours is not None:
        yield priced("staff", machine.staff_hours, rate="staff_hour", unit="hour", part=share)


def _rate(machine: Machine, card: RateCard, period: Period, component: str, name: str) -> Rate:
    found = card.rate(name, site=machine.site, month=period.label)
    if found is None:
        at = f" for site {machine.site!r}" if machine.site else ""
        raise RefusedDeliveryError(
            f"machine {machine.id!r}, {component}, month {period.label}",
            f"the rate card has no rate {name}{at}",
            "add it to the rate card, then ingest again",
        )
    return found


def _times(amount: Decimal, part: Fraction) -> Decimal:
    return EXACT.divide(EXACT.multiply(amount, Decimal(part.numerator)), Decimal(part.denominator))


def _place(day: datetime) -> Fraction:
    """Months since year 0, with the days of the month as its part."""
    month = Period.month(f"{day:%Y-%m}")
    return Fraction(day.year * 12 + day.month) + Fraction(day.day - 1, month.days)


def _needed(value: _Found | None, column: str) -> _Found:
    if value is None or value == "":
        raise OddCellError(f"{column} missing")
    return value


def _number(line: Mapping[str, str | None], column: str) -> Decimal | None:
    text = line.get(column)
    if text is None or not text.strip():
        return None
    return _amount(text, column)


def _amount(text: str, column: str) -> Decimal:
    try:
        found = Decimal(text.strip().replace("_", "x"))
    except InvalidOperation:
        raise OddCellError(f"{column} {text}") from None
    if not (found.is_finite() and 0 <= found < _LARGEST and found == rounded(found)):
        raise OddCellError(f"{column} {text}")
    return found


def _date(line: Mapping[str, str | None], column: str) -> datetime | None:
    text = (line.get(column) or "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text[:_DATE_LENGTH]).replace(tzinfo=UTC)
    except ValueError:
        raise OddCellError(f"{column} {text}") from None
    if len(text) < _DATE_LENGTH or not _FIRST <= found.year <= _LAST:
        raise OddCellError(f"{column} {text}")
    return found


def _licences(text: str | None) -> dict[str, Decimal] | None:
    """Read counts by name, as in ``windows:16|vsphere:2``."""
    if not text or not text.strip():
        return None
    found: dict[str, Decimal] = {}
    for part in text.split("|"):
        name, _, count = part.rpartition(":")
        name = name.strip().lower()
        if not name or name in found:
            raise OddCellError(f"Licences {text}")
        found[name] = _amount(count, "Licences")
    return found
