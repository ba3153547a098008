"""Cents, currency signs and rates: golden values, properties, and every way a rates file can be wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import CurrencyError, SettingsError
from finops_lib.units import Rates, cents, minor_digits, money_text, share_text

AMOUNTS = st.decimals(min_value=-(10**17), max_value=10**17, places=20)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "USD", "0.00"),
        ("0.015", "USD", "0.02"),
        ("-0.015", "USD", "-0.02"),
        ("-0.001", "USD", "0.00"),
        ("1234.5", "JPY", "1234"),
        ("1.2345", "KWD", "1.234"),
        ("1.005", "CREDITS", "1.00"),
    ],
)
def test_cents_round_half_to_even(amount: str, currency: str, expected: str) -> None:
    """Halves go to the even neighbour, in the currency's own unit; zero has no sign."""
    assert str(cents(Decimal(amount), currency=currency)) == expected


@given(AMOUNTS, st.sampled_from(["USD", "JPY", "KWD"]))
def test_rounding_moves_no_more_than_half_a_unit(amount: Decimal, currency: str) -> None:
    """The distance is at most half the minor unit, and rounding again changes nothing."""
    rounded = cents(amount, currency=currency)
    assert abs(rounded - amount) * 2 <= Decimal(1).scaleb(-minor_digits(currency))
    assert cents(rounded, currency=currency) == rounded


@pytest.mark.parametrize(
    ("amount", "currency", "digits", "expected"),
    [
        ("1234.56", "USD", None, "$1,234.56"),
        ("-0.001", "USD", None, "$0.00"),
        ("-1234567.891", "EUR", None, "-€1,234,567.89"),
        ("5", "GBP", 0, "£5"),
        ("5", "JPY", None, "JPY 5"),
        ("5", "CHF", None, "CHF 5.00"),
    ],
)
def test_money_is_written_for_people(amount: str, currency: str, digits: int | None, expected: str) -> None:
    """A sign for dollar, euro and pound, the code for others."""
    assert money_text(Decimal(amount), currency=currency, digits=digits) == expected


def test_unknown_is_a_word() -> None:
    """None is never written as a number."""
    assert (money_text(None, currency="USD"), share_text(None)) == ("unknown", "unknown")


CSV = "date,from,to,rate\n2026-07,EUR,USD,1.10\n2026-07-04,EUR,USD,1.25\n"
TOML = """
[[rate]]
date = "2026-07"
from = "EUR"
to = "USD"
rate = 1.10
[[rate]]
date = "2026-07-04"
from = "EUR"
to = "USD"
rate = "1.25"
"""


@pytest.mark.parametrize(("name", "text"), [("rates.csv", CSV), ("rates.toml", TOML)])
def test_both_forms_of_a_rates_file_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    """A day's own rate goes before its month's; no digit passes through a float."""
    path = tmp_path / name
    path.write_text(text)
    rates = Rates.load(path)
    assert rates.rate(day=date(2026, 7, 4), source="EUR", target="USD") == Decimal("1.25")
    assert rates.rate(day=date(2026, 7, 5), source="EUR", target="USD") == Decimal("1.10")
    assert rates.daily
    assert len(rates.sha256) == 64


def test_no_rate_is_derived() -> None:
    """Neither the inverse, nor another date, nor a chain of two is taken; the same currency is one."""
    rates = Rates({("2026-07", "EUR", "USD"): Decimal("1.1"), ("2026-07", "USD", "GBP"): Decimal("0.8")})
    assert not rates.daily
    assert rates.rate(day=date(2026, 7, 1), source="USD", target="USD") == 1
    for day, source, target in [(7, "USD", "EUR"), (8, "EUR", "USD"), (7, "EUR", "GBP")]:
        with pytest.raises(CurrencyError, match=f"{source} to {target} on 2026-0{day}-01"):
            rates.rate(day=date(2026, day, 1), source=source, target=target)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "date,from,to,rate\n",
        "date,from,to\n2026-07,EUR,USD\n",
        "date,from,to,rate\n2026-13,EUR,USD,1\n",
        "date,from,to,rate\n2026-07-32,EUR,USD,1\n",
        "date,from,to,rate\n20260704,EUR,USD,1\n",
        "date,from,to,rate\n2026-07,EUR,USD,0\n",
        "date,from,to,rate\n2026-07,EUR,USD,-1\n",
        "date,from,to,rate\n2026-07,EUR,USD,NaN\n",
        "date,from,to,rate\n2026-07,EUR,USD,much\n",
        "date,from,to,rate\n2026-07,EUR,EUR,1\n",
        "date,from,to,rate\n2026-07,,USD,1\n",
        "date,from,to,rate\n2026-07,EUR,USD,1\n2026-07,EUR,USD,2\n",
    ],
)
def test_a_wrong_rates_file_is_refused(tmp_path: Path, text: str) -> None:
    """The file is named, and so is what a rate looks like."""
    path = tmp_path / "rates.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"rates\.csv"):
        Rates.load(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[[rate]\n", b"rate = 1\n", b"rate = [1]\n"])
def test_an_unreadable_rates_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Another encoding, broken TOML and another shape are data errors, not crashes."""
    path = tmp_path / "rates.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"rates\.toml"):
        Rates.load(path)


def test_a_rates_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(SettingsError, match=r"none\.csv"):
        Rates.load(tmp_path / "none.csv")
