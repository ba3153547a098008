"""What a machine costs in a month: cases worked by hand, and a life that adds up."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.rate_card.machines import Charge, Machine, OddCellError, charges
from finops_lib.billing.rates_onprem import Rate, RateCard
from finops_lib.errors import RefusedDeliveryError

ROW = {
    "MachineId": "m1",
    "AcquisitionCost": "3700",
    "ResidualValue": "100",
    "AcquisitionDate": "2026-01-16",
    "LifeMonths": "36",
    "Currency": "EUR",
}
RATES = {
    "power_kwh": Rate("power_kwh", Decimal("0.25"), "EUR"),
    "pue": Rate("pue", Decimal("1.5"), ""),
    "space_rack_unit_month": Rate("space_rack_unit_month", Decimal(31), "EUR"),
    "licence:windows": Rate("licence:windows", Decimal(12), "USD"),
    "staff_hour": Rate("staff_hour", Decimal(62), "EUR"),
}


def months(first: int, last: int) -> list[str]:
    """Name the months of some years."""
    return [f"{year}-{month:02d}" for year in range(first, last + 1) for month in range(1, 13)]


@cache
def card(*, without: str = "") -> RateCard:
    """Make a card with the same rates from 2020 on."""
    held = months(2020, 2045)
    rates = {(name, "", month): rate for name, rate in RATES.items() for month in held if name != without}
    return RateCard(rates, tuple(held))


def costs(month: str, **change: str | None) -> dict[str, tuple[Decimal, str]]:
    """Say what each component costs."""
    found = charges(Machine.read({**ROW, **change}), card(), month=month)
    return {item.component: (item.cost, item.currency) for item in found}


def test_each_component_of_a_part_of_a_month() -> None:
    """Bought on 16 January: 16 of 31 days, 384 hours.

    By hand: (3700 - 100) / 36 = 100 a month, x 16/31 = 51.61. 400 W x 1.5 x 384 h = 230.4 kWh, x 0.25 =
    57.60. 2 rack units x 31 x 16/31 = 32. 3 hours x 62 x 16/31 = 96. 16 licences x 12 = 192, a whole month.
    """
    found = costs("2026-01", PowerWatts="400", RackUnits="2", Licences="Windows:16", StaffHoursMonth="3")
    assert found == {
        "depreciation": (Decimal("51.61"), "EUR"),
        "power": (Decimal("57.60"), "EUR"),
        "space": (Decimal(32), "EUR"),
        "licence:windows": (Decimal(192), "USD"),
        "staff": (Decimal(96), "EUR"),
    }


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2025-12", None),
        ("2026-02", "100.00"),
        # 3600 less 51.61 and 35 months of 100: what is left of the life, 15/31 of a month.
        ("2029-01", "48.39"),
        ("2029-02", None),
    ],
)
def test_depreciation_starts_and_ends_with_the_life(month: str, expected: str | None) -> None:
    """The first and the last month count by their days."""
    found = costs(month)
    assert found == ({"depreciation": (Decimal(expected), "EUR")} if expected else {})


def test_what_runs_on_after_its_life_still_takes_power() -> None:
    """744 hours of January 2030 x 1 kW x 1.5 = 1116 kWh, and nothing else."""
    assert costs("2030-01", PowerWatts="1000") == {"power": (Decimal("279.00"), "EUR")}


def test_a_machine_that_goes_early_is_written_off() -> None:
    """Gone on 11 February: 10 of 28 days of its 100 and 240 hours, then the rest of 3600.

    By hand: 51.61 in January; on 11 February 51.61 + 35.71 = 87.33 are written off, to the cent of the sum
    (16/31 + 10/28) x 100 = 87.3272; February has 35.72, and 3600 - 87.33 = 3512.67 are left.
    """
    found = costs("2026-02", PowerWatts="1000", DecommissionDate="2026-02-11")
    assert found == {
        "depreciation": (Decimal("35.72"), "EUR"),
        "power": (Decimal("90.0"), "EUR"),
        "write-off": (Decimal("3512.67"), "EUR"),
    }
    assert costs("2026-03", DecommissionDate="2026-02-11") == {}


def test_a_charge_says_its_days_and_its_quantity() -> None:
    """Power from 16 January on; a licence is bought for the whole month."""
    found = charges(
        Machine.read({**ROW, "PowerWatts": "400", "Licences": "windows:1"}), card(), month="2026-01"
    )
    by_name: dict[str, Charge] = {item.component: item for item in found}
    power, licence = by_name["power"], by_name["licence:windows"]
    start, middle, end = (datetime(2026, *day, tzinfo=UTC) for day in ((1, 1), (1, 16), (2, 1)))
    assert (power.start, power.end, power.category, power.frequency) == (middle, end, "Usage", "Usage-Based")
    assert (power.quantity, power.unit, power.unit_price) == (Decimal("230.4"), "kWh", Decimal("0.25"))
    assert (licence.start, licence.end, licence.category) == (start, end, "Purchase")
    assert (licence.quantity, licence.unit, licence.frequency) == (Decimal(1), "licence-month", "Recurring")
    assert by_name["depreciation"].quantity is None


def test_an_empty_cell_makes_no_charge_and_a_zero_one_of_nothing() -> None:
    """Unknown and zero differ."""
    found = costs("2026-02", PowerWatts="", StaffHoursMonth="0")
    assert found == {"depreciation": (Decimal("100.00"), "EUR"), "staff": (Decimal(0), "EUR")}


@pytest.mark.parametrize(
    ("without", "component"),
    [
        ("pue", "power"),
        ("power_kwh", "power"),
        ("space_rack_unit_month", "space"),
        ("licence:windows", "licence:windows"),
        ("staff_hour", "staff"),
    ],
)
def test_a_missing_rate_is_refused(without: str, component: str) -> None:
    """Machine, component, month, rate and site are named."""
    more = {
        "PowerWatts": "1",
        "RackUnits": "1",
        "StaffHoursMonth": "1",
        "Licences": "windows:1",
        "Site": "Berlin",
    }
    with pytest.raises(RefusedDeliveryError) as told:
        list(charges(Machine.read({**ROW, **more}), card(without=without), month="2026-03"))
    assert str(told.value) == (
        f"machine 'm1', {component}, month 2026-03: the rate card has no rate {without} for site 'Berlin'. "
        "Remedy: add it to the rate card, then ingest again."
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"MachineId": None}, "MachineId missing"),
        ({"AcquisitionCost": " "}, "AcquisitionCost missing"),
        ({"Currency": ""}, "Currency missing"),
        ({"AcquisitionCost": "1 000"}, "AcquisitionCost 1 000"),
        ({"AcquisitionCost": "-1"}, "AcquisitionCost -1"),
        ({"AcquisitionCost": "NaN"}, "AcquisitionCost NaN"),
        ({"AcquisitionCost": "1E15"}, "AcquisitionCost 1E15"),
        ({"PowerWatts": "1E-21"}, "PowerWatts 1E-21"),
        ({"ResidualValue": "3701"}, "ResidualValue 3701 above AcquisitionCost 3700"),
        ({"AcquisitionDate": "16.01.2026"}, "AcquisitionDate 16.01.2026"),
        ({"AcquisitionDate": "2026-02-30"}, "AcquisitionDate 2026-02-30"),
        ({"AcquisitionDate": "20260116"}, "AcquisitionDate 20260116"),
        ({"AcquisitionDate": "0016-01-16"}, "AcquisitionDate 0016-01-16"),
        ({"LifeMonths": "0"}, "LifeMonths 0"),
        ({"LifeMonths": "1.5"}, "LifeMonths 1.5"),
        ({"LifeMonths": "1201"}, "LifeMonths 1201"),
        ({"DecommissionDate": "2026-01-16"}, "DecommissionDate 2026-01-16 not after AcquisitionDate"),
        ({"Licences": "windows"}, "Licences windows"),
        ({"Licences": "a:1|A:2"}, "Licences a:1|A:2"),
        ({"Licences": "a:x"}, "Licences x"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(change: dict[str, str | None], message: str) -> None:
    """Its column and its text."""
    with pytest.raises(OddCellError) as told:
        Machine.read({**ROW, **change})
    assert str(told.value) == message


MONEY = st.integers(0, 10**9).map(lambda number: Decimal(number).scaleb(-3))


@given(
    cost=MONEY,
    share=st.integers(0, 100),
    bought=st.dates(datetime(2020, 1, 1).date(), datetime(2024, 12, 31).date()),  # noqa: DTZ001  # days
    life=st.integers(1, 120),
    kept=st.integers(1, 4000),
    gone=st.booleans(),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_a_life_adds_up(  # what hypothesis draws
    cost: Decimal, share: int, bought: datetime, life: int, kept: int, gone: bool, currency: str
) -> None:
    """Depreciation and write-off of a life are cost - residual exactly, whenever it starts and ends."""
    start = datetime(bought.year, bought.month, bought.day, tzinfo=UTC)
    residual = cost * share / 100
    out = datetime.fromtimestamp(start.timestamp() + kept * 86_400, UTC) if gone else None
    machine = Machine("m", "", currency, cost, residual, start, life, out)
    made = [charge for month in months(2020, 2036) for charge in charges(machine, card(), month=month)]
    assert sum((charge.cost for charge in made), Decimal(0)) == cost - residual
    assert all(charge.start < charge.end for charge in made)
    ends = [(charge.end, charge.start) for charge in made]
    assert all(before[0] == after[1] for before, after in pairwise(ends))


@given(
    watts=st.integers(0, 5000), day=st.integers(1, 28), month=st.integers(1, 12), year=st.integers(2020, 2024)
)
def test_power_is_counted_hour_by_hour(watts: int, day: int, month: int, year: int) -> None:
    """A naive sum over the hours of the month is the same energy."""
    row = {**ROW, "AcquisitionDate": f"{year}-{month:02d}-{day:02d}", "PowerWatts": str(watts)}
    found = {item.component: item for item in charges(Machine.read(row), card(), month=f"{year}-{month:02d}")}
    hours = 24 * (monthrange(year, month)[1] - day + 1)
    assert (
        found["power"].cost
        == sum((Decimal(watts) / 1000 * Decimal("1.5") for _ in range(hours)), Decimal(0)) / 4
    )
