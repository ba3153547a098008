"""What was planned for each month: a table of amounts, by as many columns of the bill as it names.

CSV with a header and a row for each month and combination:

- ``month``: ``YYYY-MM``;
- ``amount``: money with a point, which may be below zero for a credit; ``currency``: its ISO 4217 code;
- ``quantity``, if there is one: how much was planned, in the unit that the bill prices;
- any other column names a column of the bill, as ``ServiceName``, or a tag, as ``tag:team``.

An amount that is not known has no row. The summary of a report on the forecast (JSON) is a plan, too: what it
said that each month would come to as a whole, in the middle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from finops_lib.cost import entries
from finops_lib.cost.csv_entries import rows
from finops_lib.errors import QueryError, SettingsError
from finops_lib.records import Period

_NEEDED, _OPTIONAL = ("month", "amount", "currency"), ("quantity",)
_WHOLE = ("BillingCurrency",)  # where it names no column
AMOUNT, QUANTITY = "Amount", "Quantity"


@dataclass(frozen=True)
class Plan:
    """Amounts by month: ``table`` has ``Month`` (its first day), the columns of ``by``, and money."""

    table: pd.DataFrame
    by: tuple[str, ...]
    quantity: str = ""

    def within(self, period: Period) -> pd.DataFrame:
        """What was planned for this time.

        Parameters
        ----------
        period : Period
            Of whole months.

        Returns
        -------
        DataFrame
            Rows of these months.

        Raises
        ------
        QueryError
            The period is not of whole months, or the plan says nothing of one of them.
        """
        start, end = (pd.Timestamp(edge).tz_localize(None) for edge in (period.start, period.end))
        months = pd.date_range(start, end, freq="MS", inclusive="left")
        if start.day != 1 or end.day != 1:
            raise QueryError(
                f"{start:%Y-%m-%d} to {end:%Y-%m-%d}", "a plan is by month", "compare whole months with it"
            )
        lost = [month for month in months if month not in set(self.table["Month"])]
        if lost:
            raise QueryError(f"plan of {lost[0]:%Y-%m}", "the plan has each month asked for", "add its rows")
        inside = (self.table["Month"] >= start) & (self.table["Month"] < end)
        return self.table[inside].reset_index(drop=True)


def parse(text: str, *, name: str) -> Plan:
    r"""Which plan does this text state.

    Parameters
    ----------
    text : str
        CSV; JSON where the name ends in ``.json``.
    name : str
        Of the file, for errors.

    Returns
    -------
    Plan

    Raises
    ------
    SettingsError
        The text is no such CSV, a row is no plan, or two say the same thing; the line is named.

    Examples
    --------
    >>> plan = parse("month,amount,currency,ServiceName\n2026-07,120.50,EUR,Compute\n", name="plan.csv")
    >>> plan.by, plan.within(Period.month("2026-07"))["Amount"].tolist()
    (('ServiceName',), [Decimal('120.50')])
    """
    if name.lower().endswith(".json"):
        return _of_report(text, f"plan file {name}")
    found = rows(text, needed=_NEEDED, optional=_OPTIONAL, file=f"plan file {name}")
    with_quantity = "quantity" in found.lines[0][1]
    said: dict[tuple[str, ...], dict[str, object]] = {}
    for where, cells in found.lines:
        key = (cells["month"], cells["currency"], *(cells[column] for column in found.scope))
        if key in said:
            raise SettingsError(
                f"{where}: {', '.join(key)[:80]!r} twice", "each combination has one amount", "add them up"
            )
        said[key] = _line(cells, found.scope, where, with_quantity=with_quantity)
    table = pd.DataFrame(list(said.values())).astype({AMOUNT: object})
    return Plan(table, found.scope or _WHOLE, QUANTITY if with_quantity else "")


def _of_report(text: str, file: str) -> Plan:
    """Read the months of a forecast's summary, those that it could not tell left out."""
    try:
        told = [one for one in json.loads(text)["months"] if one["whole"] is not None]
        cells = [
            {"month": one["month"], "amount": one["whole"]["mid"], "currency": one["whole"]["currency"]}
            for one in told
        ]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        rule = "it is the summary.json of a report on the forecast"
        raise SettingsError(f"{file}: {str(error)[:80]!r}", rule, "name such a file, or a CSV") from None
    lines = [_line(one, (), f"{file}, month {place}") for place, one in enumerate(cells, start=1)]
    if not lines:
        raise SettingsError(f"{file}: no month", "it forecasts one at least", "ask for a longer horizon")
    return Plan(pd.DataFrame(lines).astype({AMOUNT: object}), _WHOLE)


def _line(
    cells: Mapping[str, str], scope: tuple[str, ...], where: str, *, with_quantity: bool = False
) -> dict[str, object]:
    try:
        month = Period.month(cells["month"]).start
    except QueryError as error:
        raise SettingsError(f"{where}: month: {error.value}", error.rule, error.remedy) from error
    empty = [column for column in scope if not cells[column]]
    if empty:
        raise SettingsError(f"{where}: no {empty[0]}", "a row names its part", "write its value")
    line: dict[str, object] = {
        "Month": pd.Timestamp(month).tz_localize(None),
        "BillingCurrency": entries.currency(cells["currency"], where=where),
        **{column: cells[column] for column in scope},
        AMOUNT: entries.number(cells["amount"], key="amount", where=where),
    }
    if with_quantity:
        line[QUANTITY] = entries.number(
            cells["quantity"], key="quantity", where=where, least=Decimal("-1E-15")
        )
    return line
