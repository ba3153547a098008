"""Money between people and machines: cents, currency signs and exchange rates from a file.

No rate is built in and none is derived: a pair that the file does not name is an error, also when the
file has its inverse, because the two are different numbers in every bank's books.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from finops_lib.errors import CurrencyError, QueryError, SettingsError
from finops_lib.records import Period, plain

_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_NO_MINOR = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_MINOR = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_EXACT = Context(prec=100)
_DAY_LENGTH, _MONTH_LENGTH = len("2026-07-31"), len("2026-07")


def minor_digits(currency: str) -> int:
    """How many decimals does an invoice in this currency show.

    Parameters
    ----------
    currency : str
        ISO 4217 code; a code that is not known here (also a virtual currency) has two.

    Returns
    -------
    int
        Digits after the point, a count.

    Source: ISO 4217, table A.1, minor units.

    Examples
    --------
    >>> minor_digits("USD"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)
    """
    if currency in _NO_MINOR:
        return 0
    return 3 if currency in _THREE_MINOR else 2


def cents(amount: Decimal, *, currency: str) -> Decimal:
    """What does this exact amount become on an invoice: rounded half to even to the minor unit.

    Parameters
    ----------
    amount : Decimal
        Exact money in ``currency``.
    currency : str
        ISO 4217 code.

    Returns
    -------
    Decimal
        With exactly as many decimals as the currency shows.

    Examples
    --------
    >>> cents(Decimal("2.345"), currency="USD"), cents(Decimal("2.5"), currency="JPY")
    (Decimal('2.34'), Decimal('2'))
    """
    unit = Decimal(1).scaleb(-minor_digits(currency))
    return amount.quantize(unit, rounding=ROUND_HALF_EVEN, context=_EXACT) + 0


def money_text(amount: Decimal | None, *, currency: str, digits: int | None = None) -> str:
    """How does a person read this amount.

    Parameters
    ----------
    amount : Decimal or None
        Money in ``currency``; None is said as unknown, never as zero.
    currency : str
        ISO 4217 code; dollar, euro and pound get their sign, others keep the code.
    digits : int, optional
        Decimals to show instead of the currency's own.

    Returns
    -------
    str

    Examples
    --------
    >>> money_text(Decimal("-1234.565"), currency="USD"), money_text(Decimal(7), currency="CHF")
    ('-$1,234.56', 'CHF 7.00')
    >>> money_text(None, currency="EUR")
    'unknown'
    """
    if amount is None:
        return "unknown"
    shown = minor_digits(currency) if digits is None else digits
    rounded = amount.quantize(Decimal(1).scaleb(-shown), rounding=ROUND_HALF_EVEN, context=_EXACT)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{_SIGNS.get(currency, currency + ' ')}{abs(rounded):,f}"


def share_text(share: Decimal | None, *, signed: bool = False) -> str:
    """How does a person read this share of one.

    Parameters
    ----------
    share : Decimal or None
        0.25 is a quarter; None is unknown.
    signed : bool
        Write a plus before what is above zero.

    Returns
    -------
    str
        Per cent with one decimal.

    Examples
    --------
    >>> share_text(Decimal("0.125")), share_text(Decimal("0.5"), signed=True), share_text(None)
    ('12.5 %', '+50.0 %', 'unknown')
    """
    if share is None:
        return "unknown"
    return f"{share * 100:{'+' if signed else ''},.1f} %"


@dataclass(frozen=True)
class Rates:
    """Exchange rates that one file names, by day or by month.

    ``table`` maps (date text, from, to) to how much of ``to`` one unit of ``from`` is; the date text is
    ``YYYY-MM-DD`` or ``YYYY-MM``. A day's own rate goes before its month's. ``sha256`` is that of the file.

    Examples
    --------
    >>> rates = Rates({("2026-07", "EUR", "USD"): Decimal("1.10")})
    >>> rates.rate(day=date(2026, 7, 31), source="EUR", target="USD")
    Decimal('1.10')
    """

    table: Mapping[tuple[str, str, str], Decimal]
    file: str = ""
    sha256: str = ""

    @classmethod
    def load(cls, path: Path) -> Rates:
        """Which rates does this file state.

        Parameters
        ----------
        path : Path
            CSV with the columns ``date,from,to,rate`` or TOML with ``[[rate]]`` tables of the same keys.

        Returns
        -------
        Rates

        Raises
        ------
        SettingsError
            The file cannot be read, or a line of it is no rate or states a pair and date twice.
        """
        try:
            content = path.read_bytes()
            lines = list(_lines(path, content.decode("utf-8-sig")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
            raise SettingsError(
                f"rates file {path}: {error}", "rates are UTF-8 CSV or TOML", _SHAPE
            ) from error
        return cls(_table(path, lines), str(path), hashlib.sha256(content).hexdigest())

    @property
    def daily(self) -> bool:
        """Whether the file has rates for single days, so that money has to be converted day by day."""
        return any(len(day) == _DAY_LENGTH for day, _, _ in self.table)

    def rate(self, *, day: date, source: str, target: str) -> Decimal:
        """How much of ``target`` is one unit of ``source`` on this day.

        Parameters
        ----------
        day : date
            The day in UTC.
        source, target : str
            ISO 4217 codes.

        Returns
        -------
        Decimal
            Units of ``target`` for one of ``source``.

        Raises
        ------
        CurrencyError
            The file has no rate for this pair and date.
        """
        if source == target:
            return Decimal(1)
        for key in (day.isoformat(), day.isoformat()[:_MONTH_LENGTH]):
            if (key, source, target) in self.table:
                return self.table[key, source, target]
        raise CurrencyError(
            f"{source} to {target} on {day}",
            f"the rates file {self.file or '(none)'} has no rate for this pair and date",
            f"add the line {day.isoformat()[:_MONTH_LENGTH]},{source},{target},RATE",
        )


_SHAPE = "write the columns date,from,to,rate, for example 2026-07,EUR,USD,1.0834"


def _lines(path: Path, text: str) -> Iterable[Mapping[str, Any]]:
    if path.suffix.lower() == ".toml":
        found = tomllib.loads(text, parse_float=Decimal).get("rate", [])
        return [line if isinstance(line, dict) else {} for line in found] if isinstance(found, list) else [{}]
    return list(csv.DictReader(text.splitlines()))


def _table(path: Path, lines: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    table: dict[tuple[str, str, str], Decimal] = {}
    for number, line in enumerate(lines, start=1):
        try:
            key, rate = _entry(line)
        except (KeyError, ValueError, InvalidOperation, QueryError) as error:
            raise SettingsError(f"rates file {path}, entry {number}: {dict(line)}", _RULE, _SHAPE) from error
        if key in table:
            raise SettingsError(
                f"rates file {path}, entry {number}: {key}", "a pair and date come once", _SHAPE
            )
        table[key] = rate
    if not table:
        raise SettingsError(f"rates file {path}: no rate", _RULE, _SHAPE)
    return table


_RULE = "a rate has a date (YYYY-MM-DD or YYYY-MM), two currency codes and a number above zero"


def _entry(line: Mapping[str, Any]) -> tuple[tuple[str, str, str], Decimal]:
    day, source, target = (str(line[name]).strip() for name in ("date", "from", "to"))
    rate = Decimal(str(line["rate"]).strip())
    _check_day(day)
    if not (rate.is_finite() and rate > 0 and source and target and source != target):
        raise ValueError(plain(rate) if rate.is_finite() else "rate")
    return (day, source, target), rate


def _check_day(text: str) -> None:
    if len(text) == _MONTH_LENGTH:
        Period.month(text)
    elif len(text) != _DAY_LENGTH or date.fromisoformat(text).isoformat() != text:
        raise ValueError(text)
