"""Which delivery does a row belong to, and how is a row kept that cannot be accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.cells import MONEY, TIME, rounded
from finops_lib.billing.daily import QUARANTINE_SCHEMA
from finops_lib.billing.flags import Costs
from finops_lib.privacy import People, replace_addresses

Key = tuple[str, str, str, str]  # provider, account, billing period, scope
SLICE = "x_Slice"
_PROVIDERS = ("x_ProviderName", "ServiceProviderName", "InvoiceIssuerName")
_UNKNOWN = "unknown"
_UNTYPED = (MONEY, TIME)


def split(rows: pa.Table) -> Iterator[tuple[Key | None, pa.Array | None]]:
    """Which delivery does each row belong to.

    Parameters
    ----------
    rows : pyarrow.Table
        Typed charges.

    Yields
    ------
    tuple of Key or None, and pyarrow.BooleanArray or None
        Provider, account, billing period (None where a row has none) and the slice that it names (empty
        where it names none), and its rows (None: all).
    """
    if not rows.num_rows:
        return
    parts = [_provider(rows), _text(rows, "BillingAccountId"), _period(rows)]
    parts += [_text(rows, SLICE)] if SLICE in rows.column_names else []
    found = [pc.unique(part).to_pylist() for part in parts]
    if all(len(values) == 1 for values in found):
        yield _key(*(values[0] for values in found)), None
        return
    joined = pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in parts), "\x1f")
    for text in pc.unique(joined).to_pylist():
        yield _key(*text.split("\x1f")), pc.equal(joined, text)


def _key(
    provider: str | None, account: str | None, period: str | None, part: str | None = None
) -> Key | None:
    return (provider or _UNKNOWN, account or _UNKNOWN, period, part or "") if period else None


def _provider(rows: pa.Table) -> pa.Array:
    return pc.coalesce(*(_text(rows, name) for name in _PROVIDERS if name in rows.column_names))


def _text(rows: pa.Table, name: str) -> pa.Array:
    found = rows.column(name).combine_chunks()
    plain = found.dictionary_decode() if pa.types.is_dictionary(found.type) else found
    return pc.replace_substring(plain, "\x1f", " ")


def _period(rows: pa.Table) -> pa.Array:
    coded = rows.column("BillingPeriodStart").combine_chunks().dictionary_encode()
    return pc.strftime(coded.dictionary, "%Y-%m").take(coded.indices)


def quarantine_rows(rows: pa.Table, raw: pa.Table, *, rules: pa.Array, file: str, people: People) -> pa.Table:
    """Keep rows as they came, with the rule each broke; names of people are pseudonyms already.

    Parameters
    ----------
    rows : pyarrow.Table
        Typed columns, people replaced.
    raw : pyarrow.Table
        The same rows as text.
    rules : pyarrow.Array
        The rule each row broke.
    file : str
        Name of the file.
    people : People
        Who gives pseudonyms, for addresses in cells that should hold an amount or a date.

    Returns
    -------
    pyarrow.Table
        With ``QUARANTINE_SCHEMA``.
    """
    shown = {
        name: raw.column(name) if _as_came(rows, raw, name) else rows.column(name)
        for name in rows.column_names
    }
    shown |= {"x_SourceCost": raw.column("x_SourceCost")} if "x_SourceCost" in raw.column_names else {}
    lines = pa.table(
        {name: column for name, column in shown.items() if not name.startswith("tag_")}
    ).to_pylist()
    texts = [{name: value for name, value in line.items() if value is not None} for line in lines]
    own = "x_SourceCost" if "x_SourceCost" in raw.column_names else "BilledCost"
    return pa.table(
        {
            "SourceFile": pa.repeat(pa.scalar(file), rows.num_rows),
            "SourceRow": rows.column("x_SourceRow"),
            "Rule": rules,
            "BilledCostText": _nameless(raw.column(own).cast(pa.string()).to_pylist(), people),
            "BillingCurrency": rows.column("BillingCurrency").cast(pa.string()),
            "RowJson": _nameless([orjson.dumps(line, default=str).decode() for line in texts], people),
        },
        schema=QUARANTINE_SCHEMA,
    )


def _nameless(texts: Sequence[str | None], people: People) -> list[str | None]:
    safe = replace_addresses([text or "" for text in texts], people)
    return [None if text is None else clean for text, clean in zip(texts, safe, strict=True)]


def _as_came(rows: pa.Table, raw: pa.Table, name: str) -> bool:
    return name in raw.column_names and rows.schema.field(name).type in _UNTYPED


def quarantine_lines(file: str, numbers: Sequence[int], texts: Sequence[str], rule: str) -> pa.Table:
    """Keep lines whose cells do not match the header, as text.

    Parameters
    ----------
    file : str
        Name of the file.
    numbers : sequence of int
        Their places in the file.
    texts : sequence of str
        The lines.
    rule : str
        The rule they broke.

    Returns
    -------
    pyarrow.Table
        With ``QUARANTINE_SCHEMA``.
    """
    rows = [
        {
            "SourceFile": file,
            "SourceRow": number,
            "Rule": rule,
            "RowJson": orjson.dumps({"Line": text}).decode(),
        }
        for number, text in zip(numbers, texts, strict=True)
    ]
    return pa.Table.from_pylist(rows, schema=QUARANTINE_SCHEMA)


def residual_rows(
    key: Key, *, starts: datetime | None, ends: datetime | None, gap: Costs, like: pa.Schema
) -> pa.Table:
    """Make one adjustment for each currency whose counter-entries do not cancel.

    Parameters
    ----------
    key : tuple of str
        Provider, account and billing period.
    starts, ends : datetime or None
        The billing period.
    gap : dict of str to Decimal
        The file's own cost that no row carries.
    like : pyarrow.Schema
        Columns of the delivery.

    Returns
    -------
    pyarrow.Table
    """
    said = {
        "ServiceProviderName": key[0],
        "x_ProviderName": key[0],
        "BillingAccountId": key[1],
        "ChargeCategory": "Adjustment",
        "ChargeDescription": "Savings Plan counter-entries that do not cancel with the usage they cover",
        "x_LineItemType": "Residual",
    }
    spans = {
        "BillingPeriodStart": starts,
        "BillingPeriodEnd": ends,
        "ChargePeriodStart": starts,
        "ChargePeriodEnd": ends,
    }
    rows = [
        said | spans | {"BillingCurrency": code, "BilledCost": rounded(amount)}
        for code, amount in gap.items()
    ]
    plain = pa.schema([(field.name, _plain(field.type)) for field in like])
    return pa.Table.from_pylist(rows, schema=plain).cast(like)


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_dictionary(kind) else kind
