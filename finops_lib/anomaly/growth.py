"""Has an alert grown so much since it was told that its team has to hear of it once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from finops_lib.anomaly.incidents import Incident
from finops_lib.anomaly.priority import Priority
from finops_lib.records import Record

_TIMES = 3  # as much as was told
_LONGER = 7  # days, by which a longer one is news


@dataclass(frozen=True)
class Size(Record):
    """How large an alert was when it was told: money so far in ``currency``, what a day of it was, its days.

    Examples
    --------
    >>> Size(Decimal(90), Decimal(45), 2, "EUR").to_json()
    {'money': '90', 'daily': '45', 'days': 2, 'currency': 'EUR'}
    """

    money: Decimal
    daily: Decimal
    days: int
    currency: str

    @classmethod
    def of(cls, incident: Incident, worth: Priority) -> Self:
        """How large is this incident.

        Parameters
        ----------
        incident : Incident
        worth : Priority
            What it is worth.

        Returns
        -------
        Size
        """
        return cls(incident.impact.mid, worth.daily, incident.days, worth.currency)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read a size back from what `to_json` gave."""
        return cls(**{**found, "money": Decimal(found["money"]), "daily": Decimal(found["daily"])})


def grew(told: Size, now: Size) -> bool:
    """Say whether what is known now is so much more than what was told that it is news.

    Parameters
    ----------
    told, now : Size
        Of one alert.

    Returns
    -------
    bool
        It costs three times as much a day, or three times as much in all and lasts a week longer. What only
        goes on as it was told is no news in its first week; nor is what is in another currency.

    Examples
    --------
    >>> told = Size(Decimal(20), Decimal(20), 1, "EUR")
    >>> [grew(told, Size(Decimal(20 * days), Decimal(20), days, "EUR")) for days in (3, 7, 8)]
    [False, False, True]
    >>> grew(told, Size(Decimal(120), Decimal(60), 2, "EUR"))
    True
    """
    if told.currency != now.currency or (told.money >= 0) != (now.money >= 0):
        return False
    dearer = bool(told.daily) and abs(now.daily) >= _TIMES * abs(told.daily)
    longer = now.days >= told.days + _LONGER and abs(now.money) >= _TIMES * abs(told.money)
    return dearer or longer
