"""Why did it move: price, volume, mix, new and ended resources, commitments, credits, currency, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from itertools import repeat
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.drivers.effects import PARTS, effects
from finops_lib.cost.drivers.leaves import DETAIL, KINDS, keys_of, leaves, planned_leaves
from finops_lib.cost.drivers.turnover import pooled, replaced
from finops_lib.cost.exact import difference, total
from finops_lib.cost.sql import Where
from finops_lib.errors import CurrencyError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_ZERO = Decimal(0)
_WIDE = Context(prec=120)
_SUMMED = ("Previous", "Current", *PARTS)


def drivers(  # noqa: PLR0913 - one question, each part of it named by the caller
    engine: Engine,
    *,
    before: Period,
    after: Period,
    by: str | Sequence[str] = (),
    detail: Sequence[str] | None = None,
    cost: str = "EffectiveCost",
    axis: str = "charge",
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What made the cost of one period differ from that of another, in parts that add up to the difference.

    Parameters
    ----------
    engine : Engine
        The open lake.
    before, after : Period
        Any two spans, half-open, UTC; they need not be of one length.
    by : str or sequence of str
        FOCUS columns or ``tag:key`` to split the table by, to any depth.
    detail : sequence of str, optional
        What counts as one thing besides ``by``, as in `leaves`. None chooses: resources by SKU and unit, but
        for services whose resources are replaced by themselves, see `turnover.replaced`, SKU and unit alone.
    cost, axis, where, currency, rates
        As in `leaves`.

    Returns
    -------
    DataFrame
        As `bridge`.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    names = [by] if isinstance(by, str) else list(by)
    asked = {
        "by": names, "detail": DETAIL if detail is None else detail, "cost": cost, "axis": axis,
        "where": where, "currency": currency, "rates": rates,
    }  # fmt: skip
    first = leaves(engine, period=before, **asked)  # type: ignore[arg-type]  # one mapping, two periods
    second = leaves(engine, period=after, **asked)  # type: ignore[arg-type]  # as above
    services = replaced(first, second) if detail is None else ()
    return bridge(pooled(first, services=services), pooled(second, services=services), by=names)


def from_plan(  # noqa: PLR0913 - one question, each part of it named by the caller
    engine: Engine,
    plan: pd.DataFrame,
    *,
    period: Period,
    by: Sequence[str],
    amount: str,
    quantity: str = "",
    cost: str = "EffectiveCost",
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What made the cost of a period differ from what was planned or forecast for it.

    Parameters
    ----------
    engine : Engine
        The open lake.
    plan : DataFrame
        As `planned_leaves` takes it, for this period.
    period : Period
        Half-open, UTC.
    by : sequence of str
        FOCUS columns or ``tag:key`` by which it was planned; ``BillingCurrency`` alone is the whole.
    amount, quantity : str
        Columns of the plan: money, and if there is one the quantity in the unit that the bill prices.
    cost, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        As `bridge`, by ``by``: ``Previous`` is the plan. ``New`` was not planned, ``Ended`` did not come.
        With a quantity there are ``Price``, ``Volume`` and ``Mix``; else what differs is ``Unmeasured``.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend` and `planned_leaves`, and where plan and bill are in different currencies.
    """
    names = [name for name in by if name != "BillingCurrency"]
    first = planned_leaves(plan, by=names, amount=amount, quantity=quantity)
    second = leaves(engine, period=period, by=names, detail=(), cost=cost, currency=currency, rates=rates)
    codes = sorted({str(code) for side in (first, second) for code in side["BillingCurrency"]})
    if len(codes) > 1:
        raise CurrencyError(
            f"plan and bill in {', '.join(codes)}", "they are in one currency", "convert the plan"
        )
    return bridge(first, second, by=by)


def bridge(before: pd.DataFrame, after: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """What made the leaves of one table cost other than those of another, in parts that add up exactly.

    Parameters
    ----------
    before, after : DataFrame
        From `leaves` or `planned_leaves`, with the same keys: two periods, or a forecast and the actual.
    by : sequence of str
        Key columns to split the table by; none is one line.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``Previous``, ``Current``, ``Change`` and the parts named in `effects.PARTS`,
        exact Decimal. On each line the parts add up to ``Change`` to the last digit, and so do the lines of
        any depth to those above. ``RowsUnknown`` counts rows of both that state no cost and add nothing. A
        table without any leaf stands for a period of which nothing is known: its amounts, the changes and the
        parts are None.

    Raises
    ------
    ValueError
        The two tables have other key columns.

    Examples
    --------
    3 hours at 2.00 become 4 hours at 2.50: 6.00 to 10.00, of which price 0.50 * 3.5 and volume 1 * 2.25.

    >>> from finops_lib.cost.drivers.leaves import planned_leaves
    >>> def table(hours, cost):
    ...     line = {"Team": "a", "BillingCurrency": "USD", "Cost": Decimal(cost), "Hours": Decimal(hours)}
    ...     return planned_leaves(pd.DataFrame([line]), by=["Team"], amount="Cost", quantity="Hours")
    >>> told = bridge(table("3", "6.00"), table("4", "10.00")).iloc[0]
    >>> str(told["Change"]), str(told["Price"].normalize()), str(told["Volume"].normalize())
    ('4.00', '1.75', '2.25')
    """
    keys = keys_of(before)
    if keys != keys_of(after):
        raise ValueError(
            f"key columns {keys} and {keys_of(after)}: both tables are made with one by and detail"
        )
    known = len(before) > 0 and len(after) > 0
    joined = before.merge(after, on=keys, how="outer", suffixes=("0", "1"), sort=True)
    parts = effects(joined, keys=keys) if known else pd.DataFrame(index=joined.index, columns=list(PARTS))
    lines = joined[list(by)].copy()
    lines["Previous"] = pd.Series(
        _whole(joined, "0") if len(before) else None, index=joined.index, dtype=object
    )
    lines["Current"] = pd.Series(
        _whole(joined, "1") if len(after) else None, index=joined.index, dtype=object
    )
    unknown = joined[["RowsUnknown0", "RowsUnknown1"]].fillna(0).sum(axis=1).astype("int64")
    return roll_up(pd.concat([lines, parts, unknown.rename("RowsUnknown")], axis=1), by=by)


def roll_up(table: pd.DataFrame, *, by: Sequence[str] = ()) -> pd.DataFrame:
    """What does a deep table of parts come to at a lesser depth.

    Parameters
    ----------
    table : DataFrame
        From `bridge`.
    by : sequence of str
        Some of its key columns; none is one line.

    Returns
    -------
    DataFrame
        As `bridge`.
    """
    sums = _sums(table, by=by) or ({} if by else {(): [None] * len(_SUMMED)})
    lines = [
        (*key, *amounts[:2], difference(amounts[1], amounts[0]), *amounts[2:])
        for key, amounts in sorted(sums.items(), key=lambda item: item[0])
    ]
    columns = [*by, "Previous", "Current", "Change", *PARTS]
    frame = pd.DataFrame(lines, columns=columns).astype(dict.fromkeys(columns[len(by) :], object))
    grouped = table.groupby(list(by), sort=True)["RowsUnknown"].sum() if by else [table["RowsUnknown"].sum()]
    return frame.assign(RowsUnknown=list(grouped))


def waterfall(table: pd.DataFrame) -> pd.DataFrame:
    """Which steps lead from the amount before to the amount after.

    Parameters
    ----------
    table : DataFrame
        From `bridge`, of any depth, in one currency.

    Returns
    -------
    DataFrame
        ``Step`` and ``Amount`` (exact Decimal or None): ``Previous``, parts that are not zero, ``Current``.
    """
    sums = [(name, total(_known(table[name]))) for name in ("Previous", *PARTS, "Current")]
    shown = [(name, amount) for name, amount in sums if amount or name in {"Previous", "Current"}]
    return pd.DataFrame(shown, columns=["Step", "Amount"]).astype({"Amount": object})


def _whole(joined: pd.DataFrame, side: str) -> list[Decimal]:
    columns = [joined[f"{name}{side}"] for name in KINDS]
    return [total(_known(line)) or _ZERO for line in zip(*columns, strict=True)]


def _sums(table: pd.DataFrame, *, by: Sequence[str]) -> dict[tuple[str, ...], list[Decimal | None]]:
    """Add up the amounts of each group, in one pass over the lines."""
    keys = zip(*(table[name] for name in by), strict=True) if by else repeat((), len(table))
    sums: dict[tuple[str, ...], list[Decimal | None]] = {}
    for key, *line in zip(keys, *(_known(table[name]) for name in _SUMMED), strict=True):
        held = sums.setdefault(key, [None] * len(_SUMMED))
        held[:] = [_more(so_far, amount) for so_far, amount in zip(held, line, strict=True)]
    return sums


def _more(so_far: Decimal | None, amount: Decimal | None) -> Decimal | None:
    if so_far is None or amount is None:
        return amount if so_far is None else so_far
    return _WIDE.add(so_far, amount)


def _known(amounts: Iterable[object]) -> list[Decimal | None]:
    return [amount if isinstance(amount, Decimal) else None for amount in amounts]
