"""Which commitments can be bought, and which are in place until when: checked once, at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from finops_lib.errors import QueryError
from finops_lib.optimize.windows import FloatArray
from finops_lib.records import Record

UPFRONT = {"none": 0.0, "partial": 0.5, "all": 1.0}
MONTHS_A_YEAR = 12
MONTH_HOURS = 730.5
_OFFERED = ("offer", "scope", "months", "payment", "discount")
_HELD = ("commitment", "scope", "discount", "hourly", "ends")
_MOST_MONTHS = 120


@dataclass(frozen=True)
class Offer(Record):
    """A commitment that can be bought: what it saves on each scope it covers, for how long, paid when.

    ``discounts`` are shares of the on-demand price, ``months`` the term, ``upfront`` the share of the price
    paid at the beginning (0 to 1), ``unit`` the money an hour of the smallest piece, 0 where any amount can
    be bought.

    Examples
    --------
    >>> Offer("plan", {"vm": 0.28}, 12).factor("vm")
    0.72
    """

    name: str
    discounts: Mapping[str, float]
    months: int
    upfront: float = 0.0
    unit: float = 0.0

    def __post_init__(self) -> None:
        fine = all(0 < share < 1 for share in self.discounts.values()) and self.discounts
        if not (fine and 0 < self.months <= _MOST_MONTHS and 0 <= self.upfront <= 1 and self.unit >= 0):
            raise ValueError(
                f"offer {self.name!r}: discounts between 0 and 1, a term of 1 to {_MOST_MONTHS} months, "
                "an upfront share of 0 to 1"
            )

    def factor(self, scope: str) -> float:
        """What is paid for a unit of on-demand use that it covers, by the price list.

        Parameters
        ----------
        scope : str
            One that it covers.
        """
        return 1.0 - self.discounts[scope]

    def burden(self, *, capital: float) -> float:
        """By how much does paying early make it dearer than paying month by month, as a factor of the price.

        Parameters
        ----------
        capital : float
            Cost of capital a year, as 0.08.

        Returns
        -------
        float
            1 where nothing is paid early or capital costs nothing.

        Notes
        -----
        Paid in equal parts at the end of each month, a price of 1 is worth the mean of v ** month today, with
        v = (1 + capital) ** (-1 / 12). What is paid at once is worth itself.

        Examples
        --------
        >>> Offer("plan", {"vm": 0.3}, 12, upfront=1.0).burden(capital=0.0)
        1.0
        >>> round(Offer("plan", {"vm": 0.3}, 12, upfront=1.0).burden(capital=0.10), 4)
        1.0526
        """
        month = np.arange(1, self.months + 1)
        later = float(np.mean((1.0 + capital) ** (-month / MONTHS_A_YEAR)))
        return (1.0 - self.upfront) + self.upfront / later


@dataclass(frozen=True)
class Held(Record):
    """A commitment in place: ``hourly`` is money paid an hour, ``ends`` when it no longer covers.

    Examples
    --------
    >>> from datetime import UTC
    >>> old = Held("ri-1", {"vm": 0.5}, 4.0, datetime(2026, 3, 1, tzinfo=UTC))
    >>> old.active(datetime(2026, 2, 1, tzinfo=UTC), weeks=6).tolist()  # the fifth week begins on 1 March
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """

    name: str
    discounts: Mapping[str, float]
    hourly: float
    ends: datetime

    def active(self, start: datetime, *, weeks: int) -> FloatArray:
        """In which share of each week to come does it cover.

        Parameters
        ----------
        start : datetime
            Begin of the first week, UTC.
        weeks : int
            How many.
        """
        left = (self.ends - start).total_seconds() / (7 * 86_400)
        return np.clip(left - np.arange(weeks), 0.0, 1.0)


def offers(found: pd.DataFrame) -> tuple[Offer, ...]:
    """Which offers does this table hold.

    Parameters
    ----------
    found : DataFrame
        ``offer``, ``scope``, ``months``, ``payment`` (none, partial or all) and ``discount`` (share of the
        on-demand price, 0 to 1), and ``unit`` where pieces are sold. One row for each scope of an offer.

    Returns
    -------
    tuple of Offer

    Raises
    ------
    QueryError
        A column is missing, or an offer breaks its own rules.

    Examples
    --------
    >>> row = {"offer": "plan", "scope": "vm", "months": 12, "payment": "all", "discount": 0.3}
    >>> offers(pd.DataFrame([row]))[0].upfront
    1.0
    """
    _need(found, _OFFERED)
    read = []
    for name, rows in found.groupby("offer", sort=True):
        terms = rows[[part for part in ("months", "payment", "unit") if part in rows]].drop_duplicates()
        if len(terms) != 1 or terms["payment"].iloc[0] not in UPFRONT or rows["scope"].duplicated().any():
            raise QueryError(
                f"offer {name!r}",
                "it has one term, unit and payment (none, partial or all), and a scope once",
                "write different terms as different offers",
            )  # fmt: skip
        unit = float(rows["unit"].iloc[0]) if "unit" in rows else 0.0
        shares = dict(zip(rows["scope"], rows["discount"].astype(float), strict=True))
        try:
            term = int(terms["months"].iloc[0])
            read.append(Offer(str(name), shares, term, UPFRONT[terms["payment"].iloc[0]], unit))
        except ValueError as error:
            raise QueryError(
                f"offer {name!r}", str(error), "correct its row in the table of offers"
            ) from error
    return tuple(read)


def held(found: pd.DataFrame) -> tuple[Held, ...]:
    """Which commitments in place does this table hold.

    Parameters
    ----------
    found : DataFrame
        ``commitment``, ``scope``, ``discount``, ``hourly`` (money paid an hour) and ``ends`` (UTC). One row
        for each scope of a commitment.

    Returns
    -------
    tuple of Held

    Raises
    ------
    QueryError
        A column is missing, or a value is not known: what is committed already cannot be guessed.
    """
    _need(found, _HELD)
    unknown = found[list(_HELD)].isna().any(axis=1)
    wrong = unknown | ~found["discount"].between(0, 1, inclusive="left") | ~(found["hourly"] >= 0)
    if wrong.any():
        name = found.loc[wrong, "commitment"].iloc[0]
        raise QueryError(
            f"commitment {name!r}", "its discount, its price an hour and its end are known",
            "add them, or leave the commitment and its scope out",
        )  # fmt: skip
    return tuple(
        Held(
            str(name),
            dict(zip(rows["scope"], rows["discount"].astype(float), strict=True)),
            float(rows["hourly"].iloc[0]),
            pd.Timestamp(rows["ends"].iloc[0]).to_pydatetime(),
        )
        for name, rows in found.groupby("commitment", sort=True)
    )


def _need(found: pd.DataFrame, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise QueryError(f"columns {missing}", f"the table has {', '.join(names)}", "add what is missing")
