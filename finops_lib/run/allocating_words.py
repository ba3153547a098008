"""The words of an allocation: sentences, and cells that are no plain money."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from finops_lib.cost.allocation.allocate import UNALLOCATED
from finops_lib.cost.allocation.owners import NOBODY
from finops_lib.cost.exact import share, total
from finops_lib.records import plain
from finops_lib.units import money_text, share_text

_DIGITS = 4  # of a small amount that are shown
_SMALL = Decimal(1)


def unit_money(amount: Decimal | None, *, currency: str) -> str:
    """How is the cost of a unit written: in cents from 1 on, below with four digits that count.

    Parameters
    ----------
    amount : Decimal or None
        Money for one unit.
    currency : str
        ISO 4217 code.

    Returns
    -------
    str

    Examples
    --------
    >>> unit_money(Decimal("5.317"), currency="USD"), unit_money(Decimal("0.0000123456"), currency="USD")
    ('$5.32', '$0.00001235')
    """
    if amount is None or amount == 0 or abs(amount) >= _SMALL:
        return money_text(amount, currency=currency)
    return money_text(amount, currency=currency, digits=_DIGITS - 1 - amount.adjusted())


def quantity(value: Decimal | None) -> str:
    """How is a quantity written, with at most two decimals.

    Parameters
    ----------
    value : Decimal or None
        In any unit.

    Returns
    -------
    str

    Examples
    --------
    >>> quantity(Decimal("1234.500")), quantity(None)
    ('1,234.5', 'unknown')
    """
    if value is None:
        return "unknown"
    return f"{Decimal(plain(round(value, 2))):,}"


def answer(shown: pd.DataFrame, *, month: str, currency: str) -> list[str]:
    """Who pays most, and how much is nobody's, in sentences.

    Parameters
    ----------
    shown : DataFrame
        From `showback`, the dearest team first.
    month, currency : str
        ``YYYY-MM`` and ISO 4217 code.

    Returns
    -------
    list of str
    """
    if shown.empty:
        return [f"{month} has no charge to share out."]
    teams = shown[shown["Team"] != UNALLOCATED]
    whole = total(shown["Cost"]) or Decimal(0)
    said = [
        f"{month} cost {money_text(whole, currency=currency)}; teams and nobody add up to it, to the cent."
    ]
    if len(teams):
        most = teams.iloc[0]
        amount = money_text(most["Cost"], currency=currency)
        said.append(f"{most['Team']} pays most: {amount}, {share_text(most['Share'])} of the bill.")
    left = total(shown.loc[shown["Team"] == UNALLOCATED, "Cost"]) or Decimal(0)
    text = f"{money_text(left, currency=currency)}, {share_text(share(left, whole))}"
    return [*said, f"{text}, is allocated to nobody." if left else "Nothing is left unallocated."]


def owned(owners: pd.DataFrame, *, currency: str) -> list[str]:
    """Who could own most of what nobody has, in a sentence.

    Parameters
    ----------
    owners : DataFrame
        From `ranked_owners`.
    currency : str
        ISO 4217 code.

    Returns
    -------
    list of str
        Without one where nobody could.
    """
    named = owners[owners["Owner"] != NOBODY]
    if named.empty:
        return []
    most = named.iloc[0]
    low, mid, high = (money_text(most[end], currency=currency) for end in ("Low", "Mid", "High"))
    return [f"Most of the unallocated money could be {most['Owner']}'s: {mid} ({low} to {high})."]


def carded(card: pd.DataFrame, *, currency: str) -> list[str]:
    """How the commitments do, in a sentence.

    Parameters
    ----------
    card : DataFrame
        From `finops_lib.cost.commitments.scorecard`.
    currency : str
        ISO 4217 code.

    Returns
    -------
    list of str
        One for each currency of the month.
    """
    return [_carded(line, currency=currency) for line in card.to_dict("records")]


def _carded(line: Mapping[Hashable, Any], *, currency: str) -> str:
    rate = f"The effective savings rate is {share_text(line['SavingsRate'])}."
    if line["Coverage"] is None and line["Utilisation"] is None:
        return f"No commitment covers anything. {rate}"
    return (
        f"Commitments cover {share_text(line['Coverage'])} of what they could and were used to"
        f" {share_text(line['Utilisation'])}; {money_text(line['Unused'], currency=currency)} of them was not"
        f" used. {rate}"
    )


def reasons(found: Sequence[str]) -> str:
    """Which reasons a rule had for placing nothing, the first of them and how many more.

    Parameters
    ----------
    found : sequence of str
        Not empty texts.

    Returns
    -------
    str

    Examples
    --------
    >>> reasons(["no usage of m", "no usage of m", "no report"]), reasons([])
    ('no usage of m, and 1 other', '')
    """
    each = list(dict.fromkeys(found))
    more = f", and {len(each) - 1} other{'s' if len(each) > 2 else ''}" if len(each) > 1 else ""  # noqa: PLR2004
    return each[0] + more if each else ""
