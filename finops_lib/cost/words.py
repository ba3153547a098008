"""The words on a picture of cost: safe names, short amounts, and titles that say what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from finops_lib.cost.exact import share, total
from finops_lib.units import minor_digits, money_text, share_text

_LABEL_WIDTH = 34
_WHOLE_FROM = 100
_KEY = 24  # letters of a tag key in a title
_HALF = Decimal("0.5")
_THOUSANDS = 10_000


def plain_text(text: object, *, width: int = _LABEL_WIDTH) -> str:
    r"""How is a name from a bill drawn, so that nothing in it acts.

    Parameters
    ----------
    text : object
        Any name.
    width : int
        Longest text in characters; the middle of a longer one becomes an ellipsis.

    Returns
    -------
    str
        Dollar signs escaped for the drawing library, control and direction marks shown as a dot.

    Examples
    --------
    >>> plain_text("a$b$c"), plain_text("one\ntwo"), plain_text("0123456789", width=5)
    ('a\\$b\\$c', 'one two', '01…89')
    """
    letters = " ".join(str(text).split())
    letters = "".join(letter if letter.isprintable() else "·" for letter in letters)
    if len(letters) > width:
        tail = (width - 1) // 2
        letters = f"{letters[: width - 1 - tail]}…{letters[-tail:]}"
    return letters.replace("$", r"\$")


def short_money(amount: Decimal | None, *, currency: str, signed: bool = False) -> str:
    """How is an amount written beside a bar: whole units from 100 on, drawn as plain text.

    Parameters
    ----------
    amount : Decimal or None
        Money in ``currency``.
    currency : str
        ISO 4217 code.
    signed : bool
        Write a plus before what is above zero.

    Returns
    -------
    str

    Examples
    --------
    >>> amounts = (Decimal("1234.5"), Decimal("7.5"))
    >>> [short_money(amount, currency="EUR", signed=True) for amount in amounts]
    ['+€1,234', '+€7.50']
    """
    whole = amount is not None and abs(amount) >= _WHOLE_FROM
    text = money_text(amount, currency=currency, digits=0 if whole else None)
    return plain_text(("+" if signed and amount is not None and amount > 0 else "") + text)


def tick(value: float, *, currency: str, largest: float) -> str:
    """How is a mark of a money axis written, in thousands where the axis reaches ten of them.

    Parameters
    ----------
    value : float
        Place on the axis, in ``currency``.
    currency : str
        ISO 4217 code.
    largest : float
        How far the axis reaches from zero, so that all its marks are written alike.

    Returns
    -------
    str

    Examples
    --------
    >>> tick(2500.0, currency="EUR", largest=20000), tick(250.0, currency="EUR", largest=400)
    ('€2.5k', '€250')
    """
    if value == 0:
        return "0"
    thousands = largest >= _THOUSANDS
    shown = Decimal(repr(float(value))) / (1000 if thousands else 1)
    digits = max(0, -int(shown.normalize().as_tuple().exponent))
    least = minor_digits(currency) if digits and not thousands else digits
    text = money_text(shown, currency=currency, digits=max(digits, least))
    return plain_text(text) + ("k" if thousands else "")


def ranked(known: pd.DataFrame, *, by: str, n: int) -> list[tuple[str, Decimal]]:
    """Which lines cost most, and what do all others come to.

    Parameters
    ----------
    known : DataFrame
        From `spend` with no grain, costs all known, in one currency.
    by : str
        What it was asked for.
    n : int
        Lines to name.

    Returns
    -------
    list of tuple of str and Decimal
        Text to draw and amount, most first; the others last, as one.
    """
    lines = sorted(zip(known["cost"], known[by], strict=True), key=lambda line: (-line[0], line[1]))
    left = total(amount for amount, _ in lines[n:])
    shown = [(plain_text(name), amount) for amount, name in lines[:n]]
    return shown if left is None else [*shown, (others(len(lines) - n), left)]


def others(count: int) -> str:
    """Return the name of the line that stands for all lines without a name of their own.

    Parameters
    ----------
    count : int
        Lines in it.

    Returns
    -------
    str
    """
    return f"all other ({count})"


def trend_title(known: pd.DataFrame, *, by: str, grain: str, incomplete: frozenset[date]) -> str:
    """What was the usual cost, and what made most of it.

    Parameters
    ----------
    known : DataFrame
        From `spend` with a grain, costs all known, in one currency.
    by, grain : str
        What it was asked for.
    incomplete : frozenset of date
        Days that do not count.

    Returns
    -------
    str
    """
    settled = known[[moment.date() not in incomplete for moment in known["time"]]]
    if settled.empty:
        return f"Every {grain} shown is still filling up"
    whole, times = total(settled["cost"]) or Decimal(0), settled["time"].nunique()
    sums = settled.groupby(by)["cost"].agg(total)
    lead = max(sums.index, key=lambda name: (sums[name], name))
    mean = short_money(whole / times, currency=settled["BillingCurrency"].iloc[0])
    return f"{mean} a {grain} on average; {plain_text(lead)} is {share_text(share(sums[lead], whole))} of it"


def movers_title(whole: Mapping[str, Decimal | None], *, currency: str, month: str) -> str:
    """How much dearer or cheaper was this month than the one before.

    Parameters
    ----------
    whole : mapping
        From `change_of`.
    currency : str
        ISO 4217 code.
    month : str
        Name of the later month.

    Returns
    -------
    str

    Examples
    --------
    >>> whole = {"change": Decimal(-5), "change_share": Decimal("-0.1")}
    >>> movers_title(whole, currency="EUR", month="2026-07")
    '2026-07 cost €5.00 less than the month before (-10.0 %)'
    """
    change = whole["change"]
    if change is None:
        return f"The change to {month} is unknown: a month has no charges"
    if change == 0:
        return f"{month} cost as much as the month before"
    word = "more" if change > 0 else "less"
    part = "" if whole["change_share"] is None else f" ({share_text(whole['change_share'], signed=True)})"
    return f"{month} cost {short_money(abs(change), currency=currency)} {word} than the month before{part}"


def coverage_title(covered: pd.DataFrame) -> str:
    """Which tag is on most of the cost, and how many are on less than half of it.

    Parameters
    ----------
    covered : DataFrame
        From `tag_coverage`, best first, each with a known coverage.

    Returns
    -------
    str
    """
    best = covered.iloc[0]
    key = plain_text(best["Key"], width=_KEY)
    lead = f"The tag {key} is on {share_text(best['Coverage'])} of the usage cost"
    few = sum(share < _HALF for share in covered["Coverage"])
    return lead + (f"; {few} of {len(covered)} tags on under half" if few and len(covered) > 1 else "")


def scope_text(scope: Mapping[str, Sequence[str]]) -> str:
    """How is a scope written.

    Parameters
    ----------
    scope : mapping of str to sequence of str
        Column to values; an empty one is everything.

    Examples
    --------
    >>> scope_text({"tag:team": ("web", "api"), "RegionId": ("eu",)}), scope_text({})
    ('tag:team web or api, RegionId eu', 'everything')
    """
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in scope.items()) or "everything"
