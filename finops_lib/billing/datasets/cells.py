"""Cells of a dataset beside the bill by their FOCUS types; what must be there and is not breaks a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import focus
from finops_lib.billing.cells import Cells, TimeReader, amounts
from finops_lib.billing.conform import extra_names
from finops_lib.billing.formats.focus_datasets import DATASETS
from finops_lib.billing.schema import dataset_schema
from finops_lib.privacy import People, is_person_key, replace_addresses

COST = MappingProxyType({"invoice_detail": "BilledCost", "contract_commitment": "ContractCommitmentCost"})
_MUST = MappingProxyType(
    {
        "billing_period": ("InvoiceIssuerName", "BillingPeriodStart", "BillingPeriodStatus"),
        "invoice_detail": ("InvoiceId", "BillingPeriodStart", "BilledCost", "BillingCurrency"),
        "contract_commitment": (
            "ContractCommitmentId", "ContractCommitmentPeriodStart", "ContractCommitmentPeriodEnd",
        ),
    }
)  # fmt: skip
TEXT = pa.dictionary(pa.int32(), pa.string())


def typed(
    raw: pa.Table, kind: str, people: People, times: TimeReader
) -> tuple[pa.Table, pa.Array, Mapping[int, Decimal]]:
    """What does each row say, and which rule does it break.

    Parameters
    ----------
    raw : pyarrow.Table
        Text columns with FOCUS names.
    kind : str
        Which dataset.
    people : People
        Who gives pseudonyms.
    times : TimeReader
        Reads times.

    Returns
    -------
    tuple of pyarrow.Table, pyarrow.Array and dict of int to Decimal
        Typed columns, the rule that each row breaks (null where none), and exact costs, by row, that the
        lake cannot keep to the last decimal.
    """
    columns: dict[str, pa.Array] = {}
    exact: Mapping[int, Decimal] = {}
    rule = pa.nulls(raw.num_rows, pa.string())
    for item in focus.columns(DATASETS[kind]):
        found = _cells(raw, item, people, times)
        columns[item.name] = found.values
        exact = (found.exact or {}) if item.name == COST.get(kind) else exact
        if found.odd is not None:
            told = pc.binary_join_element_wise("cost_" if item.kind == "decimal" else "date_", found.odd, "")
            rule = pc.coalesce(rule, told)
    for name in _MUST[kind]:
        rule = pc.coalesce(rule, pc.if_else(pc.is_null(columns[name]), "value_missing", None))
    if kind in COST:
        columns["BillingCurrency"], rule = _currency(columns["BillingCurrency"], rule)
    extra = [name for name in raw.column_names if name not in columns]
    names = extra_names(extra)
    for name in extra:
        columns[names[name]] = _text(raw.column(name).combine_chunks(), name, people)
    return pa.table(columns), rule, exact


def _cells(raw: pa.Table, item: focus.Column, people: People, times: TimeReader) -> Cells:
    field = dataset_schema((item,)).field(0)
    if item.name not in raw.column_names:
        return Cells(pa.nulls(raw.num_rows, field.type))
    column = raw.column(item.name).combine_chunks()
    if item.kind == "decimal":
        return amounts(column.dictionary_decode() if pa.types.is_dictionary(column.type) else column)
    if item.kind == "datetime":
        return times.read(column.cast(TEXT))
    text = _text(column, item.name, people)
    return Cells(_spelled(text, item.allowed) if item.allowed else text)


def _spelled(column: pa.Array, allowed: Sequence[str]) -> pa.Array:
    """Spell allowed values as FOCUS does; another one stays as it is."""
    right = {value.lower(): value for value in allowed}
    words = column.dictionary_encode()
    said = [right.get(word.strip().lower(), word) for word in words.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(words.indices)


def _currency(column: pa.Array, rule: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Capital letters; what is no ISO 4217 code breaks a rule."""
    codes = pc.utf8_upper(pc.utf8_trim_whitespace(column))
    odd = [code for code in pc.unique(codes).to_pylist() if code and not focus.is_currency(code)]
    unknown = pc.is_in(codes, pa.array(odd, pa.string()))
    return codes, pc.coalesce(rule, pc.if_else(unknown, "currency_unknown", None))


def _text(column: pa.Array, name: str, people: People) -> pa.Array:
    """Text without people: names under a person's column, addresses anywhere."""
    words = column.cast(pa.string()).dictionary_encode()
    given = [word or "" for word in words.dictionary.to_pylist()]
    safe = people.pseudonyms(given) if is_person_key(name) else replace_addresses(given, people)
    return pa.array(safe, pa.string()).take(words.indices)
