"""Sums, differences and shares of money that lose no digit, and the words for what has no value.

The lake keeps 38 digits; Python's usual decimal context keeps 28, so sums are made in a wider one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Context, Decimal

from finops_lib.records import plain

UNTAGGED = "(untagged)"
NONE = "(none)"
EMPTY = "(empty)"
_MARKS = frozenset({UNTAGGED, NONE, EMPTY})
_WIDE = Context(prec=120)
_SHARE = Context(prec=28)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """What do the known amounts add up to, exactly; None when not one is known.

    Parameters
    ----------
    amounts : iterable of Decimal or None
        Money in one currency; None is unknown and is left out.

    Returns
    -------
    Decimal or None

    Examples
    --------
    >>> total([Decimal("0.10"), None, Decimal("0.20")]), total([None])
    (Decimal('0.30'), None)
    """
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    result = Decimal(0)
    for amount in known:
        result = _WIDE.add(result, amount)
    return result


def difference(after: Decimal | None, before: Decimal | None) -> Decimal | None:
    """How much more is ``after`` than ``before``, exactly; None when either is unknown.

    Parameters
    ----------
    after, before : Decimal or None
        Money in one currency.

    Returns
    -------
    Decimal or None
    """
    return None if after is None or before is None else _WIDE.subtract(after, before)


def converted(amount: Decimal | None, rate: Decimal) -> Decimal | None:
    """What is this amount at this rate, exactly; None stays None.

    Parameters
    ----------
    amount : Decimal or None
        Money in the source currency.
    rate : Decimal
        Units of the target currency for one of the source.

    Returns
    -------
    Decimal or None
        Money in the target currency.
    """
    return None if amount is None else _WIDE.multiply(amount, rate)


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Which share of the whole is this part; None when either is unknown or the whole is zero.

    Parameters
    ----------
    part, whole : Decimal or None
        Money in one currency.

    Returns
    -------
    Decimal or None
        1 is all of it.

    Examples
    --------
    >>> share(Decimal(3), Decimal(4)), share(Decimal(1), Decimal(0))
    (Decimal('0.75'), None)
    """
    return None if part is None or whole is None or whole == 0 else _SHARE.divide(part, whole)


def null_mark(name: str) -> str:
    """Which word stands for "no value" in this column: a missing tag is said otherwise than a missing field.

    Parameters
    ----------
    name : str
        A FOCUS column or ``tag:key``.

    Returns
    -------
    str
    """
    return UNTAGGED if name.startswith("tag:") else NONE


def label(value: object, *, name: str) -> str:
    """How is a value of this column written in a table, so that no two values look the same.

    Parameters
    ----------
    value : object
        Text, number, time or None from the lake.
    name : str
        A FOCUS column or ``tag:key``.

    Returns
    -------
    str
        A value that spells like one of our own marks is put between quotes.

    Examples
    --------
    >>> label(None, name="tag:team"), label("(untagged)", name="tag:team"), label("", name="RegionId")
    ('(untagged)', '"(untagged)"', '(empty)')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT are the values unequal to themselves
        return null_mark(name)
    if isinstance(value, Decimal):
        return plain(value)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if text == "":
        return EMPTY
    return f'"{text}"' if text.strip('"') in _MARKS else text


def unlabel(text: str, *, name: str) -> str | None:
    """Which value of the lake does this text of a table stand for: the way back from `label`.

    Parameters
    ----------
    text : str
        As `label` writes it.
    name : str
        A FOCUS column or ``tag:key``.

    Returns
    -------
    str or None
        None where the column has no value.

    Examples
    --------
    >>> unlabel("(untagged)", name="tag:team"), unlabel('"(untagged)"', name="tag:team")
    (None, '(untagged)')
    """
    if text == null_mark(name):
        return None
    if text == EMPTY:
        return ""
    return text[1:-1] if text.strip('"') in _MARKS and text.startswith('"') else text
