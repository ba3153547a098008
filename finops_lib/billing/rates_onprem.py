"""What does a month of power, space, licences and work cost in one's own machine room: the rate card.

A rate card is CSV (commas, decimal points) or JSON (a list of objects, or an object with a list ``rates``),
one row a rate:

- ``Rate`` and its ``Unit``: ``power_kwh`` (kWh), ``pue`` (factor: energy of the room over energy of the
  machines, at least 1), ``space_rack_unit_month`` (rack unit-month), ``licence:NAME`` (licence-month),
  ``staff_hour`` (hour). An empty unit means this one; any other is refused.
- ``Amount``: the price of one unit in ``Currency`` (ISO 4217); ``pue`` has no currency.
- ``ValidFrom`` and ``ValidUntil``, the first month it holds and the first it does not, as ``YYYY-MM`` or the
  first day ``YYYY-MM-01``; or ``Month`` (``YYYY-MM``) for one month. A card covers the months from the
  earliest start to the latest end, so both ends are needed.
- ``Site``: the machine room; a rate without one holds for every site that has none of its own.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from finops_lib.billing import focus
from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Period

_UNITS = {
    "power_kwh": "kwh",
    "pue": "factor",
    "space_rack_unit_month": "rack unit-month",
    "staff_hour": "hour",
}
_LICENCE = "licence:"
_COLUMNS = ("Rate", "Unit", "Amount", "Currency", "ValidFrom", "ValidUntil", "Month", "Site")
_LARGEST = Decimal(10) ** 12
_SMALLEST_EXPONENT = -12
_FIRST, _LAST = "2000-01", "2101-01"


@dataclass(frozen=True)
class Rate:
    """The price of one unit of ``name``; ``currency`` is empty for a factor."""

    name: str
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class RateCard:
    """Rates by name, site (empty for every site) and month; ``months`` are those it covers, in order."""

    rates: Mapping[tuple[str, str, str], Rate]
    months: tuple[str, ...]

    @classmethod
    def load(cls, path: Path) -> RateCard:
        """Which rates does this file state.

        Parameters
        ----------
        path : Path
            CSV or JSON as the module says.

        Returns
        -------
        RateCard

        Raises
        ------
        SettingsError
            The file cannot be read, a row is no rate, or two rows state one rate for one month.
        """
        rates: dict[tuple[str, str, str], Rate] = {}
        for place, cells in enumerate(_card_rows(path), start=1):
            where = f"rate card {path.name}, row {place}"
            rate, site = _rate(cells, where), _cell(cells, "site")
            for month in _months(cells, where):
                if rates.setdefault((rate.name, site, month), rate) is not rate:
                    raise SettingsError(
                        f"{where}: {rate.name} of {month}",
                        "a rate comes once for each site and month",
                        "take one of the two out",
                    )
        if not rates:
            raise SettingsError(f"rate card {path.name}", "it has no rate", "write one row a rate")
        held = [month for _, _, month in rates]
        return cls(rates, tuple(_run(min(held), _next(max(held)))))

    def rate(self, name: str, *, site: str, month: str) -> Rate | None:
        """What does one unit cost at this site in this month.

        Parameters
        ----------
        name : str
            As in the column ``Rate``.
        site : str
            Its own rate goes before that of every site.
        month : str
            ``YYYY-MM``.

        Returns
        -------
        Rate or None
            None where the card does not say.

        Examples
        --------
        >>> rate = Rate("staff_hour", Decimal(60), "EUR")
        >>> card = RateCard({("staff_hour", "", "2026-07"): rate}, ("2026-07",))
        >>> card.rate("staff_hour", site="Berlin", month="2026-07").amount
        Decimal('60')
        """
        return self.rates.get((name, site, month)) or self.rates.get((name, "", month))


def number(value: object, where: str) -> Decimal:
    """Which amount does a file of rates state here.

    Parameters
    ----------
    value : object
        Text, or a number of a JSON file read as Decimal or int.
    where : str
        Names the file and the place.

    Returns
    -------
    Decimal

    Raises
    ------
    SettingsError
        It is no number, or is negative, too large or of more than 12 decimals.

    Examples
    --------
    >>> number("0.25", "rate card")
    Decimal('0.25')
    """
    try:
        found = Decimal("NaN" if isinstance(value, bool) else str(value).strip().replace("_", "x"))
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and 0 <= found < _LARGEST:
        exponent = found.normalize().as_tuple().exponent
        if isinstance(exponent, int) and exponent >= _SMALLEST_EXPONENT:
            return found
    raise SettingsError(
        f"{where}: {str(value)[:80]!r}",
        "a rate is a number from zero, below 1E12, with at most 12 decimals",
        "correct the number",
    )


def document(path: Path) -> Any:  # whatever the file holds
    """What does this JSON file hold, with every number exact.

    Parameters
    ----------
    path : Path
        UTF-8 JSON.

    Returns
    -------
    object
        Lists, dictionaries and texts; numbers are Decimal or int.

    Raises
    ------
    SettingsError
        It cannot be read or is no JSON.
    """
    return _parsed(path, _text(path))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"rates file {path}: {error}", "rates are UTF-8 CSV or JSON", "check the path, or save it again"
        ) from error


def _parsed(path: Path, text: str) -> Any:  # whatever the file holds
    def no_number(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"rates file {path}: {error}", "it is one JSON document", "correct the file"
        ) from error


def _card_rows(path: Path) -> Iterable[Mapping[str, object]]:
    """Rows of either kind of file, with column names in small letters."""
    text = _text(path)
    if not text.lstrip().startswith(("[", "{")):
        return _csv_rows(path, text)
    found = _parsed(path, text)
    rows = found.get("rates") if isinstance(found, dict) else found
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise SettingsError(
            f"rate card {path.name}", "it is a list of rates, or has one under 'rates'", "correct the file"
        )
    return [{name.strip().lower(): cell for name, cell in row.items()} for row in rows]


def _csv_rows(path: Path, text: str) -> list[Mapping[str, object]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), restkey="surplus", strict=True)
        _check_header([(name or "").strip() for name in reader.fieldnames or []], path)
        return [{name.strip().lower(): cell for name, cell in line.items() if name} for line in reader]
    except csv.Error as error:
        raise SettingsError(
            f"rates file {path}: {error}", "rates are UTF-8 CSV or JSON", "check the path, or save it again"
        ) from error


def _check_header(names: list[str], path: Path) -> None:
    missing = [name for name in ("Rate", "Amount") if name.lower() not in {item.lower() for item in names}]
    if missing:
        raise SettingsError(
            f"header of rate card {path.name}",
            f"it lacks {', '.join(missing)}",
            f"write the columns {','.join(_COLUMNS)}, separated by commas",
        )


def _cell(cells: Mapping[str, object], name: str) -> str:
    value = cells.get(name)
    return "" if value is None else str(value).strip()


def _rate(cells: Mapping[str, object], where: str) -> Rate:
    name, unit = _cell(cells, "rate").lower(), _cell(cells, "unit").lower()
    right = "licence-month" if name.startswith(_LICENCE) and name != _LICENCE else _UNITS.get(name)
    if right is None or "surplus" in cells:
        raise SettingsError(
            f"{where}: rate {name[:80]!r}" if right is None else f"{where}: {cells['surplus']}",
            f"a rate is one of {', '.join(_UNITS)} or licence:NAME, in as many cells as the header",
            "correct the row",
        )
    if unit not in {"", right}:
        raise SettingsError(f"{where}: unit {unit[:80]!r}", f"{name} is a price per {right}", "convert it")
    amount, currency = number(_cell(cells, "amount"), f"{where}, {name}"), _cell(cells, "currency").upper()
    if name == "pue" and amount < 1:
        raise SettingsError(
            f"{where}: pue {amount}", "a room uses at least what its machines use", "correct it"
        )
    if name != "pue" and not focus.is_currency(currency):
        raise SettingsError(
            f"{where}: currency {currency[:80]!r}", "a price has an ISO 4217 currency", "name it, as in EUR"
        )
    return Rate(name, amount, "" if name == "pue" else currency)


def _months(cells: Mapping[str, object], where: str) -> Iterable[str]:
    first, last = _cell(cells, "validfrom"), _cell(cells, "validuntil")
    single = _cell(cells, "month")
    try:
        start = _month(single or first)
        end = _next(start) if single else _month(last)
    except QueryError:
        start = end = ""
    if not _FIRST <= start < end <= _LAST or (single and (first or last)):
        raise SettingsError(
            f"{where}: from {single or first!r} until {last!r}",
            "a rate holds from ValidFrom until before ValidUntil, or for one Month, within 2000 to 2100",
            "write YYYY-MM, as in 2026-01 and 2027-01",
        )
    return _run(start, end)


def _month(text: str) -> str:
    return Period.month(text.removesuffix("-01") if len(text) > len("2026-01") else text).start.strftime(
        "%Y-%m"
    )


def _next(month: str) -> str:
    return Period.month(month).end.strftime("%Y-%m")


def _run(start: str, end: str) -> Iterable[str]:
    month = start
    while month < end:
        yield month
        month = _next(month)
