"""Does the lake agree with the invoices: billed cost by invoice, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import pandas as pd

from finops_lib.cost.exact import difference, total
from finops_lib.cost.spend import question, tidy
from finops_lib.cost.sql import INVOICED, INVOICES, Where, statement
from finops_lib.errors import SettingsError
from finops_lib.records import Period
from finops_lib.units import cents

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

_NO_FILTER: Mapping[str, str] = {}
_KEYS = ["InvoiceId", "BillingPeriod", "BillingCurrency"]
AGREES, DIFFERS, NO_INVOICE, NOT_IN_LAKE = "agrees", "differs", "no invoice given", "not in the lake"


def invoice_totals(
    engine: Engine, *, period: Period | None = None, where: Where = _NO_FILTER, currency: str | None = None
) -> pd.DataFrame:
    """What does each invoice come to by the lake's own rows.

    Parameters
    ----------
    engine : Engine
        The open lake.
    period : Period, optional
        Billing periods that start in it; None is all.
    where : mapping
        As in `spend`.
    currency : str, optional
        Only invoices in this currency.

    Returns
    -------
    DataFrame
        ``InvoiceId`` (``(none)`` where the provider gives none), ``BillingPeriod`` (YYYY-MM),
        ``BillingCurrency``, ``BilledCost`` (exact), ``Billed`` (rounded once, to the cent) and ``Rows``, a
        count. Amounts are never converted: an invoice is paid in its own currency.

    Raises
    ------
    QueryError
        A column is not in the lake.
    """
    asked = question(
        by=("InvoiceId",), axis="billing", grain="month", period=period, where=where, currency=currency,
        rates=None,
    )  # fmt: skip
    sql, parameters = statement(engine, template=INVOICES, question=asked)
    frame = tidy(
        engine, engine.query(sql, parameters), question=asked, amounts={"cost": "BilledCost"},
        counts={"row_count": "Rows"}, currency=currency, rates=None, mixed=True,
    )  # fmt: skip
    frame["BillingPeriod"] = frame.pop("time").dt.strftime("%Y-%m").astype("str")
    rounded = [
        None if amount is None else cents(amount, currency=code)
        for amount, code in zip(frame["BilledCost"], frame["BillingCurrency"], strict=True)
    ]
    frame["Billed"] = pd.Series(rounded, index=frame.index, dtype=object)
    return frame[[*_KEYS, "BilledCost", "Billed", "Rows"]]


def reconcile(
    engine: Engine, *, invoices: pd.DataFrame, period: Period | None = None, currency: str | None = None
) -> pd.DataFrame:
    """Which invoices agree with the lake to the cent, and by how much do the others differ.

    Parameters
    ----------
    engine : Engine
        The open lake.
    invoices : DataFrame
        One line for each invoice or part of it: ``InvoiceId``, ``BillingPeriod`` (YYYY-MM),
        ``BillingCurrency``, ``Amount`` (Decimal, whole number or decimal text).
    period : Period, optional
        Billing periods looked at, on both sides.
    currency : str, optional
        Only invoices in this currency.

    Returns
    -------
    DataFrame
        ``InvoiceId``, ``BillingPeriod``, ``BillingCurrency``, ``Billed`` (by the lake), ``Invoiced``,
        ``Difference`` (billed less invoiced; None when one side is missing), all to the cent, and
        ``Status``: ``agrees``, ``differs``, ``no invoice given`` or ``not in the lake``.

    Raises
    ------
    SettingsError
        The invoices lack a column, or an amount is no number.
    """
    ours = invoice_totals(engine, period=period, currency=currency)[[*_KEYS, "Billed"]]
    theirs = _in_scope(_invoiced(invoices), period=period, currency=currency)
    joined = ours.merge(theirs, on=_KEYS, how="outer", sort=True, indicator="Side")
    lines = [
        _status(*line) for line in zip(joined["Billed"], joined["Invoiced"], joined.pop("Side"), strict=True)
    ]
    columns = ["Billed", "Invoiced", "Difference", "Status"]
    return joined[_KEYS].join(pd.DataFrame(lines, columns=columns, index=joined.index, dtype=object))


def invoiced(engine: Engine) -> pd.DataFrame:
    """What do the invoices come to that the lake holds as the FOCUS dataset Invoice Detail.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    DataFrame
        ``InvoiceId``, ``BillingPeriod`` (YYYY-MM), ``BillingCurrency``, ``Amount`` (exact), as `reconcile`
        takes them; voided invoices are left out.
    """
    found = engine.query(INVOICED)
    return found.rename(columns=dict(zip(found.columns, [*_KEYS, "Amount"], strict=True)))


def agreement(reconciled: pd.DataFrame) -> str:
    """Does everything that could be compared agree, in one word.

    Parameters
    ----------
    reconciled : DataFrame
        From `reconcile`.

    Returns
    -------
    str
        ``agrees``, ``differs``, ``partly`` (what was compared agrees, but a side is missing for some) or
        ``not checked`` (nothing could be compared).
    """
    found = set(reconciled["Status"])
    if DIFFERS in found:
        return DIFFERS
    if AGREES not in found:
        return "not checked"
    return AGREES if found == {AGREES} else "partly"


def _invoiced(invoices: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in [*_KEYS, "Amount"] if name not in invoices]
    if missing:
        raise SettingsError(
            f"invoices without the column {', '.join(missing)}",
            "invoice totals have InvoiceId, BillingPeriod, BillingCurrency, Amount",
            "add the column",
        )
    frame = invoices[_KEYS].astype("str")
    frame["Amount"] = pd.Series(
        [_amount(value) for value in invoices["Amount"]], index=frame.index, dtype=object
    )
    summed: pd.DataFrame = frame.groupby(_KEYS, as_index=False).agg({"Amount": total})
    rounded = [
        cents(amount, currency=code)
        for amount, code in zip(summed["Amount"], summed["BillingCurrency"], strict=True)
    ]
    summed["Invoiced"] = pd.Series(rounded, index=summed.index, dtype=object)
    return summed[[*_KEYS, "Invoiced"]]


def _amount(value: object) -> Decimal:
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise SettingsError(
            f"invoice amount {value!r}", "an amount is a decimal number", "write, for example, 1234.56"
        )
    return amount


def _in_scope(invoiced: pd.DataFrame, *, period: Period | None, currency: str | None) -> pd.DataFrame:
    months = pd.Series([_starts_in(month, period) for month in invoiced["BillingPeriod"]], dtype=bool)
    wanted = months & ((invoiced["BillingCurrency"] == currency) | (currency is None))
    return invoiced[wanted.to_numpy(dtype=bool)]


def _starts_in(month: str, period: Period | None) -> bool:
    start = Period.month(month).start
    return period is None or period.start <= start < period.end


def _status(
    billed: object, invoiced: object, side: str
) -> tuple[Decimal | None, Decimal | None, Decimal | None, str]:
    ours = billed if isinstance(billed, Decimal) else None
    theirs = invoiced if isinstance(invoiced, Decimal) else None
    gap = difference(ours, theirs)
    if gap is not None:
        return ours, theirs, gap, AGREES if gap == 0 else DIFFERS
    return ours, theirs, None, NO_INVOICE if side == "left_only" else NOT_IN_LAKE
