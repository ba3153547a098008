"""The rate card: which rate holds at which site in which month, and what is no rate card."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.billing.rates_onprem import Rate, RateCard, document, number
from finops_lib.errors import SettingsError

HEADER = "Rate,Unit,Amount,Currency,ValidFrom,ValidUntil,Month,Site"


def card(folder: Path, text: str, name: str = "card.csv") -> RateCard:
    """Write and load a rate card."""
    path = folder / name
    path.write_text(text)
    return RateCard.load(path)


def test_a_site_has_its_own_rate_before_that_of_all(tmp_path: Path) -> None:
    """Berlin pays 0.30 from February on; before, and elsewhere, 0.25 holds until June."""
    found = card(
        tmp_path,
        f"{HEADER}\npower_kwh,kWh,0.25,EUR,2026-01,2026-07-01,,\nPower_kWh,,0.30,eur,,,2026-02,Berlin\n",
    )
    rates = [found.rate("power_kwh", site="Berlin", month=f"2026-0{month}") for month in (1, 2, 3, 7)]
    assert [rate and rate.amount for rate in rates] == [
        Decimal("0.25"), Decimal("0.30"), Decimal("0.25"), None,
    ]  # fmt: skip
    assert found.months == tuple(f"2026-0{month}" for month in range(1, 7))
    assert found.rate("power_kwh", site="", month="2026-02") == Rate("power_kwh", Decimal("0.25"), "EUR")


def test_a_year_ends_in_december(tmp_path: Path) -> None:
    """Months run over the turn of the year, also those between two rates."""
    text = f"{HEADER}\nstaff_hour,hour,60,EUR,,,2025-11,\nlicence:X,,1,USD,,,2026-01,\n"
    found = card(tmp_path, text)
    assert found.months == ("2025-11", "2025-12", "2026-01")
    assert found.rate("staff_hour", site="", month="2025-12") is None


@pytest.mark.parametrize("shape", ["[%s]", '{"rates": [%s]}'])
def test_json_is_the_same_card(tmp_path: Path, shape: str) -> None:
    """Its numbers are exact: a tenth is a tenth."""
    row = '{"Rate": "licence:Windows", "Amount": 0.1, "Currency": "EUR", "Month": "2026-01"}'
    found = card(tmp_path, shape % row, "card.json")
    assert found.rate("licence:windows", site="x", month="2026-01") == Rate(
        "licence:windows", Decimal("0.1"), "EUR"
    )


def test_a_factor_has_no_currency(tmp_path: Path) -> None:
    """The energy of a room is a multiple, in no money."""
    found = card(tmp_path, f"{HEADER}\npue,factor,1.4,EUR,,,2026-01,\n")
    assert found.rate("pue", site="", month="2026-01") == Rate("pue", Decimal("1.4"), "")


NAMES = "power_kwh, pue, space_rack_unit_month, staff_hour or licence:NAME, in as many cells as the header"
VALID = (
    "a rate holds from ValidFrom until before ValidUntil, or for one Month, within 2000 to 2100. "
    "Remedy: write YYYY-MM, as in 2026-01 and 2027-01."
)
AMOUNT = "a rate is a number from zero, below 1E12, with at most 12 decimals. Remedy: correct the number."


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("power,,1,EUR,,,2026-01,", f"rate 'power': a rate is one of {NAMES}. Remedy: correct the row."),
        ("licence:,,1,,,,2026-01,", f"rate 'licence:': a rate is one of {NAMES}. Remedy: correct the row."),
        ("pue,,1,,,,2026-01,,9", f"['9']: a rate is one of {NAMES}. Remedy: correct the row."),
        ("power_kwh,MWh,1,EUR,,,2026-01,", "unit 'mwh': power_kwh is a price per kwh. Remedy: convert it."),
        ("power_kwh,,-1,EUR,,,2026-01,", f"power_kwh: '-1': {AMOUNT}"),
        ("power_kwh,,,EUR,,,2026-01,", f"power_kwh: '': {AMOUNT}"),
        ('power_kwh,,"0,25",EUR,,,2026-01,', f"power_kwh: '0,25': {AMOUNT}"),
        ("power_kwh,,1E12,EUR,,,2026-01,", f"power_kwh: '1E12': {AMOUNT}"),
        ("power_kwh,,1E-13,EUR,,,2026-01,", f"power_kwh: '1E-13': {AMOUNT}"),
        ("pue,,0.9,,,,2026-01,", "pue 0.9: a room uses at least what its machines use. Remedy: correct it."),
        ("staff_hour,,1,EURO,,,2026-01,", "currency 'EURO': a price has an ISO 4217 currency. "
         "Remedy: name it, as in EUR."),
        ("staff_hour,,1,EUR,2026-01,,,", f"from '2026-01' until '': {VALID}"),
        ("staff_hour,,1,EUR,2026-02,2026-02,,", f"from '2026-02' until '2026-02': {VALID}"),
        ("staff_hour,,1,EUR,2026-01-15,2026-03,,", f"from '2026-01-15' until '2026-03': {VALID}"),
        ("staff_hour,,1,EUR,2026-01,2026-03,2026-01,", f"from '2026-01' until '2026-03': {VALID}"),
        ("staff_hour,,1,EUR,0001-01,2026-03,,", f"from '0001-01' until '2026-03': {VALID}"),
        ("staff_hour,,1,EUR,2026-01,2126-03,,", f"from '2026-01' until '2126-03': {VALID}"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_rate_is_refused(tmp_path: Path, row: str, message: str) -> None:
    """The file, the row and what is wrong in it are named."""
    with pytest.raises(SettingsError) as told:
        card(tmp_path, f"{HEADER}\n{row}\n")
    assert str(told.value).removeprefix("rate card card.csv, row 1").lstrip(":, ") == message


def test_a_rate_comes_once_for_a_month(tmp_path: Path) -> None:
    """Two rows whose months overlap would leave it open which holds."""
    rows = "staff_hour,,60,EUR,2026-01,2026-04,,\nstaff_hour,,70,EUR,2026-03,2026-05,,\n"
    with pytest.raises(SettingsError) as told:
        card(tmp_path, f"{HEADER}\n{rows}")
    assert str(told.value) == (
        "rate card card.csv, row 2: staff_hour of 2026-03: a rate comes once for each site and month. "
        "Remedy: take one of the two out."
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"{HEADER}\n", "it has no rate"),
        ("", "it lacks Rate, Amount"),
        ("Rate;Amount\npue;1\n", "it lacks Rate, Amount"),
        ("[1]", "it is a list of rates, or has one under 'rates'"),
        ('{"rates": {}}', "it is a list of rates, or has one under 'rates'"),
        ("[", "it is one JSON document"),
        ('[{"Amount": NaN}]', "it is one JSON document"),
        (f'{HEADER}\n"pue', "rates are UTF-8 CSV or JSON"),
    ],
)
def test_a_file_that_is_no_card_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    """The rule says what the file should be."""
    with pytest.raises(SettingsError) as told:
        card(tmp_path, text)
    assert told.value.rule == rule


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Neither another encoding nor a missing file is read."""
    path = tmp_path / "card.csv"
    path.write_bytes(b"\xff\xfeR\x00")
    for wrong in (path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match="rates are UTF-8 CSV or JSON"):
            RateCard.load(wrong)


@pytest.mark.parametrize("value", [True, None, "x", "1_0", [1], Decimal("Infinity"), -1])
def test_what_is_no_amount_is_refused(value: object) -> None:
    """True is not one, and a negative price is none."""
    with pytest.raises(SettingsError):
        number(value, "here")


def test_numbers_of_a_document_are_exact(tmp_path: Path) -> None:
    """A number keeps the digits that it was written with."""
    path = tmp_path / "model.json"
    path.write_text('{"value": 0.30000000000000000001}')
    assert document(path) == {"value": Decimal("0.30000000000000000001")}
