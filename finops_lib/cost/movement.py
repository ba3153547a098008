"""Why did it move: one month against the one before, and the lines that moved most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import difference, share, total
from finops_lib.cost.spend import spend
from finops_lib.cost.sql import Where
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_ZERO = Decimal(0)
REMAINDER = "remainder"


def month_over_month(
    engine: Engine,
    *,
    month: Period,
    by: str | Sequence[str] = (),
    cost: str = "EffectiveCost",
    axis: str = "charge",
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """How much more or less was spent in this month than in the one before, line by line.

    Parameters
    ----------
    engine : Engine
        The open lake.
    month : Period
        The month looked at; it is compared with `Period.previous_month`.
    by, cost, axis, where, currency, rates
        As in `spend`.

    Returns
    -------
    DataFrame
        The columns of ``by``, ``BillingCurrency``, ``Previous``, ``Current``, ``Change`` (exact Decimal),
        ``ChangeShare`` (of ``Previous``; None when that is zero or unknown) and ``State``: ``new``,
        ``ended``, ``stayed``, or ``unknown``. A line without a charge in one of two known months is zero
        there. When a whole month has no charge at all it is unknown: amounts and changes are None.

    Raises
    ------
    QueryError, CurrencyError
        As in `spend`.
    """
    asked = {"by": by, "cost": cost, "axis": axis, "where": where, "currency": currency, "rates": rates}
    current = spend(engine, period=month, **asked)  # type: ignore[arg-type]  # one mapping, two months
    previous = spend(engine, period=month.previous_month(), **asked)  # type: ignore[arg-type]  # as above
    keys = [name for name in current.columns if name != "cost"]
    joined = previous.rename(columns={"cost": "Previous"}).merge(
        current.rename(columns={"cost": "Current"}), on=keys, how="outer", indicator="Side"
    )
    return _compared(joined, keys=keys, previous_known=len(previous) > 0, current_known=len(current) > 0)


def top_movers(moves: pd.DataFrame, *, n: int = 10) -> pd.DataFrame:
    """Which lines moved most, up or down, and what is left, so that the table adds up to the whole change.

    Parameters
    ----------
    moves : DataFrame
        From `month_over_month`, in one currency.
    n : int
        Lines to name, a count.

    Returns
    -------
    DataFrame
        At most ``n`` lines by absolute change, largest first, then one with ``State`` ``remainder`` whose
        keys are ``(n more)`` when lines are left. The sum of ``Change`` is exactly that of ``moves``.
        Lines whose change is unknown are not movers.

    Examples
    --------
    >>> moves = pd.DataFrame({"ServiceName": ["a", "b", "c"], "BillingCurrency": "USD",
    ...     "Previous": [Decimal(9), Decimal(2), Decimal(1)], "Current": [Decimal(4), Decimal(3), Decimal(1)],
    ...     "Change": [Decimal(-5), Decimal(1), Decimal(0)], "ChangeShare": None, "State": "stayed"})
    >>> top_movers(moves, n=1)[["ServiceName", "Change", "State"]].values.tolist()
    [['a', Decimal('-5'), 'stayed'], ['(2 more)', Decimal('1'), 'remainder']]
    """
    if n < 1:
        raise ValueError(f"n {n}: name at least one line")
    known = moves[moves["Change"].notna()]
    order = sorted(range(len(known)), key=lambda row: (-abs(known["Change"].iloc[row]), row))
    ranked = known.iloc[order].reset_index(drop=True)
    top, rest = ranked.iloc[:n], ranked.iloc[n:]
    if rest.empty:
        return top
    return pd.concat([top, _remainder(rest)], ignore_index=True)


def change_of(moves: pd.DataFrame) -> dict[str, Decimal | None]:
    """How much is the whole month, the one before, and the change.

    Parameters
    ----------
    moves : DataFrame
        From `month_over_month`, in one currency.

    Returns
    -------
    dict
        ``previous``, ``current``, ``change`` (exact Decimal, None when unknown) and ``change_share``.
    """
    previous, current = total(moves["Previous"]), total(moves["Current"])
    change = difference(current, previous)
    return {
        "previous": previous,
        "current": current,
        "change": change,
        "change_share": share(change, previous),
    }


def _compared(
    joined: pd.DataFrame, *, keys: list[str], previous_known: bool, current_known: bool
) -> pd.DataFrame:
    previous = _side(joined, "Previous", missing="right_only", known=previous_known)
    current = _side(joined, "Current", missing="left_only", known=current_known)
    changes = [difference(after, before) for after, before in zip(current, previous, strict=True)]
    frame = joined[keys].copy()
    frame["Previous"] = pd.Series(previous, index=frame.index, dtype=object)
    frame["Current"] = pd.Series(current, index=frame.index, dtype=object)
    frame["Change"] = pd.Series(changes, index=frame.index, dtype=object)
    shares = [share(change, before) for change, before in zip(changes, previous, strict=True)]
    frame["ChangeShare"] = pd.Series(shares, index=frame.index, dtype=object)
    known = previous_known and current_known
    names = {"left_only": "ended", "right_only": "new", "both": "stayed"}
    frame["State"] = joined["Side"].astype("str").map(names) if known else "unknown"
    return frame.sort_values(keys, ignore_index=True)


def _side(joined: pd.DataFrame, name: str, *, missing: str, known: bool) -> list[Decimal | None]:
    absent = _ZERO if known else None
    return [
        absent if side == missing else (amount if isinstance(amount, Decimal) else None)
        for amount, side in zip(joined[name], joined["Side"], strict=True)
    ]


def _remainder(rest: pd.DataFrame) -> pd.DataFrame:
    money = ("Previous", "Current", "Change")
    keys = [name for name in rest.columns if name not in {*money, "ChangeShare", "State", "BillingCurrency"}]
    line: dict[str, object] = dict.fromkeys(keys, f"({len(rest)} more)")
    sums = {name: total(rest[name]) for name in money}
    line |= {"BillingCurrency": rest["BillingCurrency"].iloc[0], **sums}
    line |= {"ChangeShare": share(sums["Change"], sums["Previous"]), "State": REMAINDER}
    return pd.DataFrame([line], columns=rest.columns).astype(rest.dtypes.to_dict())
