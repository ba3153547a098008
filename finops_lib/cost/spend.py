"""What do we spend: by any FOCUS column or tag, for each of the four costs, one currency at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import converted, label, total
from finops_lib.cost.sql import COSTS, CURRENCIES, FOUR_COSTS, SPEND, Question, Where, quoted, statement
from finops_lib.errors import CurrencyError, QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine
    from finops_lib.units import Rates

_NO_FILTER: Mapping[str, str] = {}
_COST_COLUMNS = {
    "list_cost": "ListCost",
    "contracted_cost": "ContractedCost",
    "effective_cost": "EffectiveCost",
    "billed_cost": "BilledCost",
}
_UNKNOWN_COLUMNS = {
    "list_unknown": "ListRowsUnknown",
    "contracted_unknown": "ContractedRowsUnknown",
    "effective_unknown": "EffectiveRowsUnknown",
    "billed_unknown": "BilledRowsUnknown",
}


def spend(  # noqa: PLR0913 - one question, each part of it named by the caller
    engine: Engine,
    *,
    by: str | Sequence[str] = (),
    cost: str = "EffectiveCost",
    axis: str = "charge",
    grain: str | None = None,
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """How much was spent, on what and when.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by : str or sequence of str
        FOCUS columns or ``tag:key`` to group by.
    cost : str
        ``ListCost``, ``ContractedCost``, ``EffectiveCost`` or ``BilledCost``; never mixed.
    axis : str
        ``charge`` places money where it was used (accrual), ``billing`` where it was billed (cash).
    grain : str, optional
        ``day``, ``week`` (from Monday), ``month``, ``quarter``, ``year``; None is no time column.
    period : Period, optional
        Half-open, UTC, on the same axis; None is everything in the lake.
    where : mapping of str to str or sequence of str
        Column or ``tag:key`` and the values wanted, written as this function writes them:
        ``(untagged)``, ``(none)`` and ``(empty)`` stand for a missing tag, a missing value and no text.
    currency : str, optional
        Only charges in this currency, or with ``rates`` the currency to convert to.
    rates : Rates, optional
        Explicit exchange rates, taken at the charge's day (or billing period's start).

    Returns
    -------
    DataFrame
        ``time`` (UTC, if there is a grain), the columns of ``by`` as text, ``BillingCurrency``, ``cost``
        (exact Decimal; None where not one row of the group has this cost). Times without a charge have no
        row: nothing is filled with zero. Sorted by time, then by label.

    Raises
    ------
    QueryError
        A column, tag key or currency is not in the lake.
    CurrencyError
        The answer would mix currencies, or a rate is missing.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: it is one of {', '.join(COSTS)}")
    asked = question(
        by=by, axis=axis, grain=grain, period=period, where=where, currency=currency, rates=rates
    )
    sql, parameters = statement(engine, template=SPEND, question=asked, cube=True, cost=quoted(cost))
    answer = engine.query(sql, parameters)
    return tidy(engine, answer, question=asked, amounts={"cost": "cost"}, currency=currency, rates=rates)


def four_costs(
    engine: Engine,
    *,
    by: str | Sequence[str] = (),
    axis: str = "charge",
    grain: str | None = None,
    period: Period | None = None,
    where: Where = _NO_FILTER,
    currency: str | None = None,
    rates: Rates | None = None,
) -> pd.DataFrame:
    """What are the four costs side by side, and how many rows do not say each of them.

    Parameters
    ----------
    engine : Engine
        The open lake.
    by, axis, grain, period, where, currency, rates
        As in `spend`; without ``currency`` there is one row for each currency.

    Returns
    -------
    DataFrame
        The columns of `spend` with ``ListCost``, ``ContractedCost``, ``EffectiveCost``, ``BilledCost``
        (exact Decimal or None) instead of ``cost``, and counts of rows ``ListRowsUnknown``,
        ``ContractedRowsUnknown``, ``EffectiveRowsUnknown``, ``BilledRowsUnknown``: a missing cost is
        counted here and is never taken for zero.

    Raises
    ------
    QueryError
        A column, tag key or currency is not in the lake.
    CurrencyError
        A rate is missing.
    """
    asked = question(
        by=by, axis=axis, grain=grain, period=period, where=where, currency=currency, rates=rates
    )
    sql, parameters = statement(engine, template=FOUR_COSTS, question=asked)
    answer = engine.query(sql, parameters)
    return tidy(
        engine, answer, question=asked, amounts=_COST_COLUMNS, counts=_UNKNOWN_COLUMNS,
        currency=currency, rates=rates, mixed=True,
    )  # fmt: skip


def currencies(engine: Engine) -> tuple[str, ...]:
    """In which currencies is the lake billed.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    tuple of str
        Sorted ISO 4217 codes, or names of virtual currencies.
    """
    answer = engine.query(CURRENCIES)
    return tuple(label(code, name="BillingCurrency") for code in answer["currency"])


def question(
    *,
    by: str | Sequence[str],
    axis: str,
    grain: str | None,
    period: Period | None,
    where: Where,
    currency: str | None,
    rates: Rates | None,
) -> Question:
    """Which `Question` do these arguments ask; the common front of every function of this room.

    Parameters
    ----------
    by, axis, grain, period, where, currency, rates
        As in `spend`.

    Returns
    -------
    Question
    """
    if rates is not None and currency is None:
        raise ValueError("rates without currency: name the currency to convert to")
    names = [by] if isinstance(by, str) else [name for name in by if name != "BillingCurrency"]
    return Question(
        by=tuple(dict.fromkeys(names)),
        axis=axis,
        grain=grain,
        period=period,
        where=where,
        currency=None if rates is not None else currency,
        rate_grain=None if rates is None else ("day" if rates.daily else "month"),
    )


def tidy(
    engine: Engine,
    answer: pd.DataFrame,
    *,
    question: Question,
    amounts: Mapping[str, str],
    counts: Mapping[str, str] | None = None,
    currency: str | None,
    rates: Rates | None,
    mixed: bool = False,
) -> pd.DataFrame:
    """What does the engine's answer look like for a reader: labels for keys, one currency, known names.

    Parameters
    ----------
    engine : Engine
        Asked for its currencies when a wanted one is not in the answer.
    answer : DataFrame
        Columns ``t``, ``k0``…, ``rate_day``, ``currency`` and those of ``amounts`` and ``counts``.
    question : Question
        What was asked.
    amounts, counts : mapping of str to str
        Columns of money and of row counts in the answer, and their names for the reader.
    currency : str, optional
        The wanted currency.
    rates : Rates, optional
        Used to convert every amount to ``currency``.
    mixed : bool
        Whether rows of several currencies may stand under each other; they are never added.

    Returns
    -------
    DataFrame

    Raises
    ------
    CurrencyError
        Several currencies and no rule which to take, or a missing rate.
    QueryError
        The wanted currency is not in the lake.
    """
    counts = counts or {}
    named = _named(answer, question=question, amounts=amounts, counts=counts)
    if rates is not None and currency is not None:
        named = _in_one_currency(named, amounts=amounts, counts=counts, currency=currency, rates=rates)
    elif not mixed and currency is None:
        refuse_mixture(named)
    if named.empty and currency is not None and rates is None:
        _refuse_unknown(engine, currency)
    return named.drop(columns="rate_day", errors="ignore")


def _named(
    answer: pd.DataFrame, *, question: Question, amounts: Mapping[str, str], counts: Mapping[str, str]
) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for name in ("t", "rate_day"):
        if name in answer:
            columns["time" if name == "t" else name] = pd.to_datetime(answer[name]).astype("datetime64[us]")
    for number, name in enumerate(question.by):
        columns[name] = _text(answer[f"k{number}"], name)
    columns["BillingCurrency"] = _text(answer["currency"], "BillingCurrency")
    columns |= {name: _amounts(answer[column]) for column, name in amounts.items()}
    columns |= {name: answer[column].fillna(0).astype("int64") for column, name in counts.items()}
    return pd.DataFrame(columns).reset_index(drop=True)


def _text(values: pd.Series, name: str) -> pd.Series:
    return pd.Series([label(value, name=name) for value in values], index=values.index, dtype="str")


def _amounts(values: pd.Series) -> pd.Series:
    known = [value if isinstance(value, Decimal) and value.is_finite() else None for value in values]
    return pd.Series(known, index=values.index, dtype=object)


def _in_one_currency(
    named: pd.DataFrame,
    *,
    amounts: Mapping[str, str],
    counts: Mapping[str, str],
    currency: str,
    rates: Rates,
) -> pd.DataFrame:
    known = [
        rates.rate(day=day.date(), source=source, target=currency)
        for day, source in zip(named["rate_day"], named["BillingCurrency"], strict=True)
    ]
    changed = named.assign(BillingCurrency=currency)
    for name in amounts.values():
        values = [converted(amount, rate) for amount, rate in zip(named[name], known, strict=True)]
        changed[name] = pd.Series(values, index=named.index, dtype=object)
    kept = [*amounts.values(), *counts.values()]
    keys = [name for name in changed.columns if name not in {*kept, "rate_day"}]
    adders = dict.fromkeys(amounts.values(), total) | dict.fromkeys(counts.values(), "sum")
    return changed.groupby(keys, as_index=False, sort=True).agg(adders) if len(changed) else changed


def refuse_mixture(named: pd.DataFrame) -> None:
    """Stop when amounts of several currencies would be added.

    Parameters
    ----------
    named : DataFrame
        With ``BillingCurrency``.

    Raises
    ------
    CurrencyError
        There are several; they are named.
    """
    found = sorted(set(named["BillingCurrency"]))
    if len(found) > 1:
        raise CurrencyError(
            f"currencies {', '.join(found)}",
            "amounts of different currencies are never added",
            f"ask for one, for example -p currency={found[0]}, or give a rates file",
        )


def _refuse_unknown(engine: Engine, currency: str) -> None:
    known = currencies(engine)
    if currency not in known:
        raise QueryError(
            f"currency {currency!r}",
            "a question names a currency that the lake is billed in",
            f"try {', '.join(known) or 'another lake: this one is empty'}",
        )
