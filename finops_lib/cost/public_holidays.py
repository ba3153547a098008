"""Which days are public holidays of a country: the one place that knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import holidays
from holidays.registry import COUNTRIES

from finops_lib.errors import QueryError


def public_holidays(country: str, *, years: Iterable[int]) -> frozenset[date]:
    """Which days of these years are public holidays there.

    Parameters
    ----------
    country : str
        ISO 3166 code.
    years : iterable of int
        Calendar years; none only checks the country.

    Returns
    -------
    frozenset of date

    Raises
    ------
    QueryError
        The country is not known.

    Examples
    --------
    >>> date(2026, 12, 25) in public_holidays("DE", years=[2026])
    True
    """
    if not any(country in codes for _, *codes in COUNTRIES.values()):
        raise QueryError(
            f"country {country!r}", "holidays are known by ISO 3166 code", "write DE, US or another code"
        )
    return frozenset(holidays.country_holidays(country, years=sorted(set(years))))
