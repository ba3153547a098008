"""Take in the FOCUS datasets beside the bill: which periods are closed, what was invoiced and committed.

They are small, so they are read whole. A row whose key, date or amount cannot be read is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import focus, landing
from finops_lib.billing import source as files
from finops_lib.billing.cells import EXACT, Cells, TimeReader, amounts
from finops_lib.billing.conform import NO_CURRENCY, RULES, extra_names
from finops_lib.billing.flags import Costs, added, by_currency
from finops_lib.billing.formats import Format
from finops_lib.billing.formats.focus_datasets import DATASETS
from finops_lib.billing.lake import DECIDING, QUARANTINE, Lake
from finops_lib.billing.lake.log import edge
from finops_lib.billing.schema import Written, dataset_schema
from finops_lib.billing.setaside import quarantine_rows
from finops_lib.billing.unreadable import no_rows
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People, is_person_key, replace_addresses
from finops_lib.records import Conformance, RuleCount, Snapshot, content_id

_COST = MappingProxyType({"invoice_detail": "BilledCost", "contract_commitment": "ContractCommitmentCost"})
_MUST = MappingProxyType(
    {
        "billing_period": ("InvoiceIssuerName", "BillingPeriodStart", "BillingPeriodStatus"),
        "invoice_detail": ("InvoiceId", "BillingPeriodStart", "BilledCost", "BillingCurrency"),
        "contract_commitment": (
            "ContractCommitmentId", "ContractCommitmentPeriodStart", "ContractCommitmentPeriodEnd",
        ),
    }
)  # fmt: skip
_ISSUERS = ("InvoiceIssuerName", "ServiceProviderName")
_TEXT = pa.dictionary(pa.int32(), pa.string())

Key = tuple[str, str, str]


@dataclass
class _Taken:
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


def take(
    sources: Sequence[files.Source],
    *,
    form: Format,
    lake: Lake,
    people: People,
    now: datetime,
    force: bool = False,
    progress: files.Progress | None = None,
) -> Conformance:
    """Put a dataset beside the bill into the lake; what it names takes the place of what is there.

    Parameters
    ----------
    sources : sequence of Source
        Files of one dataset.
    form : Format
        One whose ``kind`` is a dataset.
    lake : Lake
        The store.
    people : People
        Who gives pseudonyms.
    now : datetime
        The moment of delivery.
    force : bool
        Accept an invoice that shrank to less than half, and files of the same content.
    progress : callable, optional
        Told how far a file is read.

    Returns
    -------
    Conformance
        ``source_cost`` is what was invoiced or committed, empty for billing periods.

    Raises
    ------
    UnreadableBillError, RefusedDeliveryError, LakeError
        Nothing was changed.
    """
    taken = _Taken()
    with lake.writing():
        lake.sweep()
        try:
            for item in sources:
                _read(item, form, taken, people, progress)
            if not force:
                landing.refuse_copies(taken.contents)
            if not taken.parts:
                raise _nothing(taken, sources[0])
            records = _land(taken, form=form, lake=lake, people=people, now=now, force=force)
        except BaseException:
            people.rollback()
            lake.sweep()
            raise
    broken = tuple(
        RuleCount(rule, "quarantine", rows, cost, RULES[rule])
        for rule, (rows, cost) in sorted(taken.rules.items())
    )
    aside = sum(rows for rows, _ in taken.rules.values())
    return Conformance(
        source=form.name, focus_version=form.version(sources[0].header), rows_read=taken.rows,
        rows_accepted=taken.rows - aside, rows_quarantined=aside, source_cost=taken.source,
        accepted=taken.accepted, quarantined=taken.quarantined, rounding=taken.rounding,
        snapshots=tuple(records), flags=broken, kind=form.kind,
    )  # fmt: skip


def _nothing(taken: _Taken, source: files.Source) -> Exception:
    if not taken.rows:
        return no_rows(source.path.name)
    broken = "; ".join(f"{rows} rows: {RULES[rule]}" for rule, (rows, _) in sorted(taken.rules.items()))
    return RefusedDeliveryError(
        f"file {source.path.name}", f"no row could be accepted ({broken})", "correct it, then ingest again"
    )


def _read(
    item: files.Source, form: Format, taken: _Taken, people: People, progress: files.Progress | None
) -> None:
    reading = files.Reading()
    times = TimeReader()
    first = 1
    for raw in files.batches(item, numeric=form.numeric, reading=reading, progress=progress):
        named = form.to_focus(raw)
        rows, rule, exact = _typed(named, form.kind, people, times)
        rows = rows.append_column("x_SourceRow", pa.array(range(first, first + raw.num_rows), pa.int64()))
        first += raw.num_rows
        taken.rows += raw.num_rows
        _exactly(taken, exact, *_cost(rows, form.kind), rule)
        _split(taken, rows, named, rule, form.kind, item.path.name)
    taken.contents[item.path] = reading.digest
    if reading.bad_lines:
        raise RefusedDeliveryError(
            f"file {item.path.name}, row {reading.bad_lines[0][0]}",
            RULES[reading.bad_rule],
            "export the file again",
        )


def _typed(
    raw: pa.Table, kind: str, people: People, times: TimeReader
) -> tuple[pa.Table, pa.Array, Mapping[int, Decimal]]:
    """Read each column by its FOCUS type; a row that lacks what its dataset must have breaks a rule."""
    columns: dict[str, pa.Array] = {}
    exact: Mapping[int, Decimal] = {}
    rule = pa.nulls(raw.num_rows, pa.string())
    for item in focus.columns(DATASETS[kind]):
        found = _cells(raw, item, people, times)
        columns[item.name] = found.values
        exact = (found.exact or {}) if item.name == _COST.get(kind) else exact
        if found.odd is not None:
            told = pc.binary_join_element_wise("cost_" if item.kind == "decimal" else "date_", found.odd, "")
            rule = pc.coalesce(rule, told)
    for name in _MUST[kind]:
        rule = pc.coalesce(rule, pc.if_else(pc.is_null(columns[name]), "value_missing", None))
    if kind in _COST:
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
        return times.read(column.cast(_TEXT))
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


def _exactly(
    taken: _Taken, exact: Mapping[int, Decimal], cost: pa.Array, currency: pa.Array, rule: pa.Array
) -> None:
    """Make up for amounts that the lake cannot keep to the last decimal."""
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


def _known(cost: pa.Array, currency: pa.Array) -> Costs:
    """Sum by currency what is said; a cost that is not said is not zero."""
    said = pc.is_valid(cost)
    return by_currency(cost.filter(said), currency.filter(said))


def _split(taken: _Taken, rows: pa.Table, raw: pa.Table, rule: pa.Array, kind: str, name: str) -> None:
    cost, currency = _cost(rows, kind)
    good, bad = pc.is_null(rule), pc.is_valid(rule)
    if cost is not None:
        taken.source = added(taken.source, _known(cost, currency))
        taken.accepted = added(taken.accepted, _known(cost.filter(good), currency.filter(good)))
        taken.quarantined = added(taken.quarantined, _known(cost.filter(bad), currency.filter(bad)))
    if pc.any(bad).as_py():
        taken.aside.append(_aside(rows.filter(bad), raw.filter(bad), rule.filter(bad), name))
        for told in pc.unique(rule.filter(bad)).to_pylist():
            same = pc.fill_null(pc.equal(rule, told), fill_value=False)
            more = _known(cost.filter(same), currency.filter(same)) if cost is not None else {}
            before, held = taken.rules.get(told, (0, {}))
            taken.rules[told] = (before + pc.sum(same).as_py(), added(held, more))
    kept = rows.filter(good)
    keys = list(zip(*(_words(kept, names) for names in _key_columns(kind)), strict=True))
    for key in dict.fromkeys(keys):
        mask = pa.array([other == key for other in keys], pa.bool_())
        taken.parts.setdefault(key, []).append(kept.filter(mask))


def _aside(rows: pa.Table, raw: pa.Table, rules: pa.Array, name: str) -> pa.Table:
    """Keep rows as they came; the quarantine asks for a cost and a currency that some datasets lack."""
    for column in ("BilledCost", "BillingCurrency"):
        if column not in rows.column_names:
            rows = rows.append_column(column, pa.nulls(rows.num_rows, pa.string()))
        if column not in raw.column_names:
            raw = raw.append_column(column, pa.nulls(raw.num_rows, pa.string()))
    return quarantine_rows(rows, raw, rules=rules, file=name)


def _cost(rows: pa.Table, kind: str) -> tuple[pa.Array | None, pa.Array]:
    name = _COST.get(kind)
    if name is None:
        return None, pa.nulls(0, _TEXT)
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


def _land(
    taken: _Taken, *, form: Format, lake: Lake, people: People, now: datetime, force: bool
) -> list[Snapshot]:
    current = {item.key: item for item in lake.snapshots() if item.kind == form.kind}
    records, written = [], []
    for number, (key, parts) in enumerate(sorted(taken.parts.items())):
        rows = pa.concat_tables(parts, promote_options="default")
        record = _record(form, key, rows, taken, current, now=now, aside=number == 0)
        if not record.unchanged:
            landing.refuse_shrunken(record, current.get(record.key), force=force)
            written += _written(lake, DECIDING[form.kind], record, rows)
            if record.quarantined:
                written += _written(lake, QUARANTINE, record, pa.concat_tables(taken.aside))
        records.append(record)
    fresh = [record for record in records if not record.unchanged]
    if fresh:
        people.commit()
        lake.land(written, records=fresh, replaced=[record.replaces for record in fresh if record.replaces])
    return records


def _record(
    form: Format, key: Key, rows: pa.Table, taken: _Taken,
    current: Mapping[tuple[str, str, str, str], Snapshot], *, now: datetime, aside: bool,
) -> Snapshot:  # fmt: skip
    """Name the delivery; rows set aside go with the first one."""
    place = (key[0] or "unknown", key[1], key[2], "")
    before = current.get(place)
    lines = rows.drop_columns(["x_SourceRow"]).to_pylist()
    set_aside = sum(table.num_rows for table in taken.aside) if aside else 0
    files_read = sorted(taken.contents.values()) if set_aside else []
    content = content_id([form.name, place, sorted(map(str, lines)), files_read])
    unchanged = before is not None and before.content == content
    cost, currency = _cost(rows, form.kind)
    return Snapshot(
        *place,
        id=before.id if unchanged and before else content_id([content, now, before.id if before else ""]),
        content=content, source=form.name, rows=rows.num_rows, quarantined=set_aside,
        cost={} if cost is None else _known(cost, currency), first_day="", last_day="",
        delivered=before.delivered if unchanged and before else now, unchanged=unchanged,
        replaces=before.id if before and not unchanged else "", kind=form.kind,
    )  # fmt: skip


def _written(lake: Lake, table: str, record: Snapshot, rows: pa.Table) -> list[Written]:
    with edge(lake.root), lake.parquet(table, record.id, rows.schema, 0) as writer:
        writer.write_table(rows)
    return [Written(table, record.id, lake.staged(table, record.id, 0), rows.num_rows, rows.schema)]
