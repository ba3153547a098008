"""Rows and money of a dataset while it is read: by the delivery they belong to, or set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import EXACT
from finops_lib.billing.conform import NO_CURRENCY
from finops_lib.billing.datasets.cells import COST, TEXT
from finops_lib.billing.flags import Costs, added, by_currency
from finops_lib.billing.setaside import quarantine_rows
from finops_lib.privacy import People

_ISSUERS = ("InvoiceIssuerName", "ServiceProviderName")

Key = tuple[str, str, str]  # issuer, account, billing period; empty where the dataset has none


@dataclass
class Taken:
    """Rows of one dataset by the delivery they belong to, and what was set aside."""

    rows: int = 0
    source: Costs = field(default_factory=dict)
    accepted: Costs = field(default_factory=dict)
    quarantined: Costs = field(default_factory=dict)
    rounding: Costs = field(default_factory=dict)
    rules: dict[str, tuple[int, Costs]] = field(default_factory=dict)
    parts: dict[Key, list[pa.Table]] = field(default_factory=dict)
    aside: list[pa.Table] = field(default_factory=list)
    contents: dict[Path, str] = field(default_factory=dict)


def exactly(
    taken: Taken, exact: Mapping[int, Decimal], cost: pa.Array, currency: pa.Array, rule: pa.Array
) -> None:
    """Make up for amounts that the lake cannot keep to the last decimal.

    Parameters
    ----------
    taken : Taken
        Changed in place.
    exact : mapping of int to Decimal
        Row to its exact cost.
    cost, currency, rule : pyarrow.Array
        The rows' costs as kept, their currencies, and the rules they break.
    """
    for row, amount in exact.items():
        gap = EXACT.subtract(amount, cost[row].as_py() or Decimal(0))
        more, told = {currency[row].as_py() or NO_CURRENCY: gap}, rule[row].as_py()
        taken.source = added(taken.source, more)
        if told is None:
            taken.rounding = added(taken.rounding, more)
            continue
        taken.quarantined = added(taken.quarantined, more)
        rows, held = taken.rules.get(told, (0, {}))
        taken.rules[told] = (rows, added(held, more))


def known(cost: pa.Array, currency: pa.Array) -> Costs:
    """How much is said, by currency; a cost that is not said is not zero.

    Parameters
    ----------
    cost, currency : pyarrow.Array
        Equally long.

    Returns
    -------
    dict of str to Decimal
    """
    said = pc.is_valid(cost)
    return by_currency(cost.filter(said), currency.filter(said))


def split(
    taken: Taken, rows: pa.Table, raw: pa.Table, rule: pa.Array, kind: str, name: str, people: People
) -> None:
    """Put rows with the delivery they belong to, or aside with the rule they break, and add up their money.

    Parameters
    ----------
    taken : Taken
        Changed in place.
    rows, raw : pyarrow.Table
        The rows, typed and as they came.
    rule : pyarrow.Array
        The rule that each breaks, null where none.
    kind : str
        Which dataset.
    name : str
        Name of the file.
    people : People
        Who gives pseudonyms.
    """
    cost, currency = cost_of(rows, kind)
    good, bad = pc.is_null(rule), pc.is_valid(rule)
    if cost is not None:
        taken.source = added(taken.source, known(cost, currency))
        taken.accepted = added(taken.accepted, known(cost.filter(good), currency.filter(good)))
        taken.quarantined = added(taken.quarantined, known(cost.filter(bad), currency.filter(bad)))
    if pc.any(bad).as_py():
        taken.aside.append(_aside(rows.filter(bad), raw.filter(bad), rule.filter(bad), name, people))
        for told in pc.unique(rule.filter(bad)).to_pylist():
            same = pc.fill_null(pc.equal(rule, told), fill_value=False)
            more = known(cost.filter(same), currency.filter(same)) if cost is not None else {}
            before, held = taken.rules.get(told, (0, {}))
            taken.rules[told] = (before + pc.sum(same).as_py(), added(held, more))
    kept = rows.filter(good)
    keys = list(zip(*(_words(kept, names) for names in _key_columns(kind)), strict=True))
    for key in dict.fromkeys(keys):
        mask = pa.array([other == key for other in keys], pa.bool_())
        taken.parts.setdefault(key, []).append(kept.filter(mask))


def _aside(rows: pa.Table, raw: pa.Table, rules: pa.Array, name: str, people: People) -> pa.Table:
    """Keep rows as they came; the quarantine asks for a cost and a currency that some datasets lack."""
    for column in ("BilledCost", "BillingCurrency"):
        if column not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, pa.string()))
        if column not in raw.column_names:
            raw = raw.append_column(column, pa.nulls(raw.num_rows, pa.string()))
    return quarantine_rows(rows, raw, rules=rules, file=name, people=people)


def cost_of(rows: pa.Table, kind: str) -> tuple[pa.Array | None, pa.Array]:
    """Which amounts and currencies have these rows.

    Parameters
    ----------
    rows : pyarrow.Table
        Typed rows.
    kind : str
        Which dataset.

    Returns
    -------
    tuple of pyarrow.Array or None, and pyarrow.Array
        None where the dataset has no money.
    """
    name = COST.get(kind)
    if name is None:
        return None, pa.nulls(0, TEXT)
    currency = rows.column("BillingCurrency").combine_chunks().dictionary_encode()
    return rows.column(name).combine_chunks(), currency


def _key_columns(kind: str) -> tuple[tuple[str, ...], ...]:
    account = ("BillingAccountId",) if kind == "invoice_detail" else ()
    period = () if kind == "contract_commitment" else ("BillingPeriodStart",)
    return (_ISSUERS, account, period)


def _words(rows: pa.Table, names: Sequence[str]) -> list[str]:
    """Return, row by row, the first of these columns that says something; a time is its month."""
    found = [
        pc.strftime(column, "%Y-%m") if pa.types.is_timestamp(column.type) else column
        for column in (rows.column(name).combine_chunks() for name in names if name in rows.column_names)
    ]
    return pc.fill_null(pc.coalesce(*found), "").to_pylist() if found else [""] * rows.num_rows
