"""Take in the FOCUS datasets beside the bill: which periods are closed, what was invoiced and committed.

They are small, so they are read whole. A row whose key, date or amount cannot be read is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from finops_lib.billing import landing
from finops_lib.billing import source as files
from finops_lib.billing.cells import TimeReader
from finops_lib.billing.conform import RULES
from finops_lib.billing.datasets.cells import typed
from finops_lib.billing.datasets.sums import Taken, cost_of, exactly, known, split
from finops_lib.billing.formats import Format
from finops_lib.billing.lake import DECIDING, QUARANTINE, Lake
from finops_lib.billing.lake.log import edge
from finops_lib.billing.schema import Written
from finops_lib.billing.unreadable import no_rows
from finops_lib.errors import RefusedDeliveryError
from finops_lib.privacy import People
from finops_lib.records import Conformance, RuleCount, Snapshot, content_id


def take(
    sources: Sequence[files.Source],
    *,
    form: Format,
    lake: Lake,
    people: People,
    now: datetime,
    scope: str = "",
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
    scope : str
        Names a part that stands beside others instead of replacing them.
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
    taken = Taken()
    with lake.writing():
        lake.sweep()
        try:
            for item in sources:
                _read(item, form, taken, people, progress)
            if not force:
                landing.refuse_copies(taken.contents)
            if not taken.parts:
                raise _nothing(taken, sources[0])
            records = _land(taken, form=form, lake=lake, people=people, now=now, scope=scope, force=force)
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


def _nothing(taken: Taken, source: files.Source) -> Exception:
    if not taken.rows:
        return no_rows(source.path.name)
    broken = "; ".join(f"{rows} rows: {RULES[rule]}" for rule, (rows, _) in sorted(taken.rules.items()))
    return RefusedDeliveryError(
        f"file {source.path.name}", f"no row could be accepted ({broken})", "correct it, then ingest again"
    )


def _read(
    item: files.Source, form: Format, taken: Taken, people: People, progress: files.Progress | None
) -> None:
    reading = files.Reading()
    times = TimeReader()
    first = 1
    for raw in files.batches(item, numeric=form.numeric, reading=reading, progress=progress):
        named = form.to_focus(raw)
        rows, rule, exact = typed(named, form.kind, people, times)
        rows = rows.append_column("x_SourceRow", pa.array(range(first, first + raw.num_rows), pa.int64()))
        first += raw.num_rows
        taken.rows += raw.num_rows
        exactly(taken, exact, *cost_of(rows, form.kind), rule)
        split(taken, rows, named, rule, form.kind, item.path.name, people)
    taken.contents[item.path] = reading.digest
    if reading.bad_lines:
        raise RefusedDeliveryError(
            f"file {item.path.name}, row {reading.bad_lines[0][0]}",
            RULES[reading.bad_rule],
            "export the file again",
        )


def _land(
    taken: Taken, *, form: Format, lake: Lake, people: People, now: datetime, scope: str, force: bool
) -> list[Snapshot]:
    current = {item.key: item for item in lake.snapshots() if item.kind == form.kind}
    records, written = [], []
    for number, (key, parts) in enumerate(sorted(taken.parts.items())):
        rows = pa.concat_tables(parts, promote_options="default")
        place = (key[0] or "unknown", key[1], key[2], scope)
        record = _record(form, place, rows, taken, current, now=now, aside=number == 0)
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
    form: Format, place: tuple[str, str, str, str], rows: pa.Table, taken: Taken,
    current: Mapping[tuple[str, str, str, str], Snapshot], *, now: datetime, aside: bool,
) -> Snapshot:  # fmt: skip
    """Name the delivery; rows set aside go with the first one."""
    before = current.get(place)
    lines = rows.drop_columns(["x_SourceRow"]).to_pylist()
    set_aside = sum(table.num_rows for table in taken.aside) if aside else 0
    files_read = sorted(taken.contents.values()) if set_aside else []
    content = content_id([form.name, place, sorted(map(str, lines)), files_read])
    unchanged = before is not None and before.content == content
    cost, currency = cost_of(rows, form.kind)
    return Snapshot(
        *place,
        id=before.id if unchanged and before else content_id([content, now, before.id if before else ""]),
        content=content, source=form.name, rows=rows.num_rows, quarantined=set_aside,
        cost={} if cost is None else known(cost, currency), first_day="", last_day="",
        delivered=before.delivered if unchanged and before else now, unchanged=unchanged,
        replaces=before.id if before and not unchanged else "", kind=form.kind,
    )  # fmt: skip


def _written(lake: Lake, table: str, record: Snapshot, rows: pa.Table) -> list[Written]:
    with edge(lake.root), lake.parquet(table, record.id, rows.schema, 0) as writer:
        writer.write_table(rows)
    return [Written(table, record.id, lake.staged(table, record.id, 0), rows.num_rows, rows.schema)]
