"""The SQL of this room: one text a question, in DuckDB's dialect, names checked and values as parameters.

Nothing runs here; the engine executes. The texts keep to what sqlglot also translates for Spark.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from finops_lib.billing.tags import tag_column
from finops_lib.cost.exact import unlabel
from finops_lib.errors import QueryError
from finops_lib.records import Period

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

COSTS = ("ListCost", "ContractedCost", "EffectiveCost", "BilledCost")
GRAINS = ("day", "week", "month", "quarter", "year")

Where = Mapping[str, str | Sequence[str]]

SPEND = """
SELECT {selected}, sum({cost}) AS cost
FROM {relation}
WHERE {condition}
GROUP BY {groups}
ORDER BY {groups}
"""

FOUR_COSTS = """
SELECT {selected},
       sum("ListCost") AS list_cost, count(*) - count("ListCost") AS list_unknown,
       sum("ContractedCost") AS contracted_cost, count(*) - count("ContractedCost") AS contracted_unknown,
       sum("EffectiveCost") AS effective_cost, count(*) - count("EffectiveCost") AS effective_unknown,
       sum("BilledCost") AS billed_cost, count(*) - count("BilledCost") AS billed_unknown
FROM {relation}
WHERE {condition}
GROUP BY {groups}
ORDER BY {groups}
"""

SAVINGS = """
SELECT {selected},
       sum(CASE WHEN {priced} THEN "ListCost" END) AS list_cost,
       sum(CASE WHEN {priced} THEN "EffectiveCost" END) AS effective_cost,
       coalesce(sum(CASE WHEN {unused} THEN "EffectiveCost" END), 0) AS unused_cost,
       coalesce(sum(CASE WHEN NOT ({priced} OR {unused} OR {bought}) THEN "EffectiveCost" END), 0)
           AS unpriced_cost,
       count(CASE WHEN {unknown} THEN 1 END) AS rows_unknown
FROM {relation}
WHERE {condition}
GROUP BY {groups}
ORDER BY {groups}
"""

INVOICES = """
SELECT {selected}, sum("BilledCost") AS cost, count(*) AS row_count
FROM {relation}
WHERE {condition}
GROUP BY {groups}
ORDER BY {groups}
"""

INVOICED = """
SELECT "InvoiceId" AS invoice, strftime("BillingPeriodStart", '%Y-%m') AS month,
       "BillingCurrency" AS currency, sum("BilledCost") AS amount
FROM invoice_details
WHERE "InvoiceIssueStatus" IS DISTINCT FROM 'Voided'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
"""

# Committed usage counts at the contracted price; what is paid less, or more, is the commitment's doing.
LEAVES = """
SELECT {selected}, sum({cost}) AS cost,
       sum(CASE WHEN {used} AND {cost} IS NOT NULL THEN {base} END) AS usage_cost,
       sum(CASE WHEN {used} THEN {cost} - {base}
                WHEN {paid} AND {committed} THEN {cost} END) AS commitment_cost,
       sum(CASE WHEN "ChargeCategory" = 'Credit' THEN {cost} END) AS credit_cost,
       CASE WHEN count(CASE WHEN {used} THEN 1 END) = count(CASE WHEN {used} THEN "PricingQuantity" END)
             AND min("PricingUnit") IS NOT DISTINCT FROM max("PricingUnit")
             AND count("PricingUnit") IN (0, count(*))
            THEN sum(CASE WHEN {used} THEN {quantity} END) END AS quantity,
       count(*) - count({cost}) AS unknown
FROM {relation}
WHERE {condition}
GROUP BY {groups}
ORDER BY {groups}
"""

# Of a charge that lasts longer than a day: what its days up to one in the period come to, in doubles, less
# what those before the period come to. All days come to the charge itself, so that no digit is lost.
SHARE = """
(CASE WHEN {until} >= {days} THEN {amount}
      ELSE CAST(CAST({amount} * CAST({until} AS DOUBLE) / {days} AS DECIMAL(38, 10)) AS DECIMAL(38, 20)) END
 - CASE WHEN {before} <= 0 THEN 0
        ELSE CAST(CAST({amount} * CAST({before} AS DOUBLE) / {days} AS DECIMAL(38, 10)) AS DECIMAL(38, 20))
   END)
"""
_FIRST = 'CAST("ChargePeriodStart" AS DATE)'
_LAST = f'greatest({_FIRST}, CAST("ChargePeriodEnd" - INTERVAL 1 MICROSECOND AS DATE))'
_DAYS = f"(date_diff('day', {_FIRST}, {_LAST}) + 1)"
_UNTIL = f"date_diff('day', {_FIRST}, CAST($period_end AS DATE))"
_BEFORE = f"date_diff('day', {_FIRST}, CAST($period_start AS DATE))"

CURRENCIES = """
SELECT DISTINCT "BillingCurrency" AS currency
FROM daily
ORDER BY currency
"""

_CUBE_COLUMNS = frozenset(
    {
        "x_ProviderName",
        "ServiceCategory",
        "ServiceName",
        "ChargeCategory",
        "ChargeClass",
        "BillingCurrency",
        "BillingPeriodStart",
    }
)
_TIME_COLUMNS = frozenset({"BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"})
_NUMBER_ENDINGS = ("Cost", "Price", "Quantity", "x_SourceRow")


@dataclass(frozen=True)
class Question:
    """What is asked of the lake, before it is SQL: groups, time axis and grain, period, filters.

    ``axis`` is ``charge`` (when it was used, accrual) or ``billing`` (when it was billed, cash);
    ``rate_grain`` adds the day or month for which an exchange rate is looked up. ``overlapping`` asks for all
    charges that have a day in the period, whose amounts are then to be cut by `share_of_days`.
    """

    by: Sequence[str] = ()
    axis: str = "charge"
    grain: str | None = None
    period: Period | None = None
    where: Where = field(default_factory=dict)
    currency: str | None = None
    rate_grain: str | None = None
    overlapping: bool = False

    def __post_init__(self) -> None:
        if self.axis not in {"charge", "billing"}:
            raise ValueError(f"axis {self.axis!r}: it is 'charge' or 'billing'")
        if self.grain is not None and self.grain not in GRAINS:
            raise ValueError(f"grain {self.grain!r}: it is one of {', '.join(GRAINS)} or None")

    def in_cube(self) -> bool:
        """Whether the daily cube holds everything that is asked for."""
        midnight = self.period is None or all(
            moment.astimezone(UTC).time() == time() for moment in (self.period.start, self.period.end)
        )
        return midnight and {*self.by, *self.where} <= _CUBE_COLUMNS


def statement(
    engine: Engine, *, template: str, question: Question, cube: bool = False, **parts: str
) -> tuple[str, dict[str, object]]:
    """Which SQL text and parameters ask this question.

    Parameters
    ----------
    engine : Engine
        Only its column names are read.
    template : str
        One of this module's texts.
    question : Question
        What is asked.
    cube : bool
        Whether the daily cube may answer when it holds everything asked for.
    **parts : str
        Further parts of the template: names of columns already quoted, or conditions of this room.

    Returns
    -------
    tuple of str and dict
        The columns are ``t`` (when there is a grain), ``k0``, ``k1``, …, ``rate_day``, ``currency`` and
        those of the template.

    Raises
    ------
    QueryError
        A column or tag key is not in the lake.
    """
    daily = cube and question.in_cube()
    condition, parameters = _condition(engine, question, daily=daily)
    selected = _selected(engine, question, daily=daily)
    text = template.format(
        selected=", ".join(selected),
        groups=", ".join(str(number + 1) for number in range(len(selected))),
        relation="daily" if daily else "charges",
        condition=condition,
        **parts,
    )
    return text, parameters


def column(engine: Engine, name: str) -> str:
    """Which quoted column holds this FOCUS column or ``tag:key``.

    Parameters
    ----------
    engine : Engine
        Only its column names are read.
    name : str
        As a user writes it.

    Returns
    -------
    str
        A quoted identifier.

    Raises
    ------
    QueryError
        The lake has no such column; the nearest names are given.
    """
    is_tag = name.startswith("tag:")
    found = tag_column(name.removeprefix("tag:")) if is_tag else name
    if found not in engine.columns:
        known = [f"tag:{key}" for key in engine.tag_keys] if is_tag else list(engine.columns)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known[:3]
        raise QueryError(
            f"column {name!r}",
            "a question names a column or tag key that the lake has",
            f"try {', '.join(near)}" if near else "write a FOCUS column or tag:KEY",
        )
    return quoted(found)


def quoted(name: str) -> str:
    """Return the identifier between double quotes, those inside it doubled.

    Parameters
    ----------
    name : str
        A column name.

    Returns
    -------
    str
    """
    return '"' + name.replace('"', '""') + '"'


def share_of_days(amount: str) -> str:
    """How much of an amount falls on the days of the period, each day of its charge taking as much.

    Parameters
    ----------
    amount : str
        A quoted column of money or quantity.

    Returns
    -------
    str
        An expression for an ``overlapping`` question. What it gives for periods that follow one another adds
        up to the amount, to the last digit.
    """
    return SHARE.format(amount=amount, days=_DAYS, until=_UNTIL, before=_BEFORE).strip()


def _clock(question: Question, *, daily: bool) -> str:
    if question.axis == "billing":
        return '"BillingPeriodStart"'
    return '"ChargeDate"' if daily else '"ChargePeriodStart"'


def _truncated(clock: str, grain: str) -> str:
    day = f"CAST({clock} AS DATE)"
    # Spark's trunc knows no days and would give NULL.
    return day if grain == "day" else f"CAST(date_trunc('{grain}', {day}) AS DATE)"


def _selected(engine: Engine, question: Question, *, daily: bool) -> list[str]:
    clock = _clock(question, daily=daily)
    times = [] if question.grain is None else [f"{_truncated(clock, question.grain)} AS t"]
    keys = [f"{column(engine, name)} AS k{number}" for number, name in enumerate(question.by)]
    rates = [] if question.rate_grain is None else [f"{_truncated(clock, question.rate_grain)} AS rate_day"]
    return [*times, *keys, *rates, '"BillingCurrency" AS currency']


def _condition(engine: Engine, question: Question, *, daily: bool) -> tuple[str, dict[str, object]]:
    terms, parameters = ["1 = 1"], dict[str, object]()
    if question.period is not None and question.overlapping:
        terms.append(f"{_FIRST} < CAST($period_end AS DATE) AND {_LAST} >= CAST($period_start AS DATE)")
        parameters |= {"period_start": question.period.start, "period_end": question.period.end}
    elif question.period is not None:
        clock = _clock(question, daily=daily)
        terms.append(f"{clock} >= $period_start AND {clock} < $period_end")
        dates = clock == '"ChargeDate"'
        parameters["period_start"] = _moment(question.period.start, dates=dates)
        parameters["period_end"] = _moment(question.period.end, dates=dates)
    if question.currency is not None:
        terms.append('"BillingCurrency" = $currency')
        parameters["currency"] = question.currency
    for number, (name, values) in enumerate(question.where.items()):
        wanted = [values] if isinstance(values, str) else list(values)
        term, bound = _filter(column(engine, name), name, wanted, number)
        terms.append(term)
        parameters |= bound
    return "\n  AND ".join(terms), parameters


def _moment(moment: datetime, *, dates: bool) -> object:
    return moment.astimezone(UTC).date() if dates else moment


def _filter(identifier: str, name: str, wanted: list[str], number: int) -> tuple[str, dict[str, object]]:
    plain = [unlabel(text, name=name) for text in wanted]
    bound: dict[str, object] = {
        f"w{number}_{place}": text for place, text in enumerate(text for text in plain if text is not None)
    }
    terms = [f"{identifier} IS NULL"] if None in plain else []
    if bound:
        terms.append(f"{identifier} IN ({', '.join(_parameter(name, key) for key in bound)})")
    return (f"({' OR '.join(terms)})" if terms else "1 = 0"), bound


def _parameter(name: str, key: str) -> str:
    if name in _TIME_COLUMNS:
        return f"CAST(${key} AS TIMESTAMPTZ)"
    if name.endswith(_NUMBER_ENDINGS) and not name.startswith("tag:"):
        return f"CAST(${key} AS DECIMAL(38, 20))"
    return f"${key}"
