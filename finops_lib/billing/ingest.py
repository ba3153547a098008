"""Take a bill in: every row accepted or set aside, every delivery in the lake, or nothing at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import source as files
from finops_lib.billing.conform import RULES, Batch, Conformer
from finops_lib.billing.delivery import Delivery, Key, moved
from finops_lib.billing.flags import Costs, added, by_currency
from finops_lib.billing.formats import Format, recognise
from finops_lib.billing.lake import Lake
from finops_lib.billing.landing import discard, merged_flags, refuse_apart, refuse_copies, refuse_shrunken
from finops_lib.billing.schema import Written
from finops_lib.billing.setaside import quarantine_lines, quarantine_rows, residual_rows, split
from finops_lib.billing.unreadable import no_rows
from finops_lib.errors import RefusedDeliveryError, UnreadableBillError
from finops_lib.privacy import People, replace_addresses
from finops_lib.records import Conformance, RuleCount, Snapshot, content_id

_ROWS_IN_MEMORY = 200_000


def ingest(
    paths: Sequence[Path],
    *,
    lake: Lake,
    people: People,
    now: datetime,
    scope: str = "",
    force: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Conformance:
    """Put these files into the lake as deliveries, all in one atomic commit.

    The files of one call are parts of one export. A delivery (provider, billing account, billing period,
    scope) takes the place of the one in the lake; the same content again changes nothing.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of parts.
    lake : Lake
        The store.
    people : People
        Who gives pseudonyms.
    now : datetime
        The moment of delivery.
    scope : str
        Names a slice of a period that stands beside others instead of replacing them.
    force : bool
        Accept a delivery that covers fewer days or much less cost than the one in place, files of the
        same content, and one delivery in two folders.
    progress : callable, optional
        Told the file's name, bytes read and bytes in all.

    Returns
    -------
    Conformance

    Raises
    ------
    UnknownFormatError, UnreadableBillError, RefusedDeliveryError, LakeError, PrivacyError
        Nothing was changed.
    """
    folders = {part: path for path in paths if path.is_dir() for part in files.expand([path])}
    sources = [files.open_source(path) for path in files.expand(paths)]
    form = _one_format(sources)
    with lake.writing():
        lake.sweep()
        intake = _Intake(lake, people, form, folders)
        try:
            for item in sources:
                intake.read(item, progress)
            if not force:
                refuse_copies(intake.contents)
                refuse_apart({key: item.folders for key, item in intake.deliveries.items()})
            return intake.land(sources, now=now, scope=scope, force=force)
        except BaseException:
            people.rollback()
            intake.abandon()
            raise


def _one_format(sources: Sequence[files.Source]) -> Format:
    forms = {recognise(item).name: recognise(item) for item in sources}
    if len(forms) > 1:
        raise RefusedDeliveryError(
            f"files of {' and '.join(sorted(forms))}",
            "the files of one call are parts of one export",
            "ingest each export by itself",
        )
    return next(iter(forms.values()))


@dataclass
class _Intake:
    """What was read so far."""

    lake: Lake
    people: People
    form: Format
    folders: Mapping[Path, Path]
    deliveries: dict[Key, Delivery] = field(default_factory=dict)
    rows: int = 0
    source: Costs = field(default_factory=dict)
    quarantined: Costs = field(default_factory=dict)
    rounding: Costs = field(default_factory=dict)
    rules: dict[str, tuple[int, Costs]] = field(default_factory=dict)
    aside: list[tuple[Key | None, pa.Table]] = field(default_factory=list)
    contents: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.conformer = Conformer(self.people)

    def read(self, item: files.Source, progress: files.Progress | None) -> None:
        reading = files.Reading()
        seen: set[Key] = set()
        first = 1
        for raw in files.batches(item, numeric=self.form.numeric, reading=reading, progress=progress):
            named = self.form.to_focus(raw)
            batch = self.conformer.conform(named)
            numbers = pa.array(range(first, first + raw.num_rows), pa.int64())
            batch.table = batch.table.append_column("x_SourceRow", numbers)
            seen |= self._take(batch, named, item.path.name)
            first += raw.num_rows
        self._malformed(item.path.name, reading)
        self.contents[item.path] = reading.digest
        self.rows += first - 1
        for key in seen:
            self.deliveries[key].digests.append(reading.digest)
            if item.path in self.folders:
                self.deliveries[key].folders.add(self.folders[item.path])

    def _take(self, batch: Batch, raw: pa.Table, name: str) -> set[Key]:
        """Split a batch into accepted and set-aside rows, and these into deliveries."""
        self._count_source(batch)
        if batch.rule is not None:
            bad = pc.is_valid(batch.rule)
            self._set_aside(batch, bad, raw, name)
            batch = batch.only(pc.invert(bad))
        seen = set()
        for key, mask in split(batch.table):
            if key is not None:
                self._accept(key, batch if mask is None else batch.only(mask))
                seen.add(key)
        if sum(item.held_rows for item in self.deliveries.values()) >= _ROWS_IN_MEMORY:
            for item in self.deliveries.values():
                item.flush()
        return seen

    def _accept(self, key: Key, batch: Batch) -> None:
        item = self._delivery(key)
        currency = batch.table.column("BillingCurrency").combine_chunks()
        cost = by_currency(batch.table.column("BilledCost").combine_chunks(), currency)
        item.add(batch.table, cost=cost, source=by_currency(batch.source_cost, currency))
        item.flags.add(batch.table, batch.faults)

    def _delivery(self, key: Key) -> Delivery:
        if key not in self.deliveries:
            self.deliveries[key] = Delivery(self.lake, key, f"staged-{uuid.uuid4().hex}")
        return self.deliveries[key]

    def _count_source(self, batch: Batch) -> None:
        """Sum the file's own cost; what has more decimals than the lake keeps is made up exactly."""
        currency = batch.table.column("BillingCurrency").combine_chunks()
        self.source = added(self.source, by_currency(batch.source_cost, currency))
        for row, amount in batch.exact.items():
            kept = batch.source_cost[row].as_py() or Decimal(0)
            gap = {currency[row].as_py(): amount - kept}
            self.source = added(self.source, gap)
            if batch.rule is None or batch.rule[row].as_py() is None:
                self.rounding = added(self.rounding, gap)
            else:
                self.quarantined = added(self.quarantined, gap)
                self._rule(batch.rule[row].as_py(), 0, gap)

    def _rule(self, rule: str, rows: int, cost: Costs) -> None:
        before, held = self.rules.get(rule, (0, {}))
        self.rules[rule] = (before + rows, added(held, cost))

    def _set_aside(self, batch: Batch, bad: pa.Array, raw: pa.Table, name: str) -> None:
        aside = batch.only(bad)
        rows, rules, cost = aside.table, aside.rule, aside.source_cost
        currency = rows.column("BillingCurrency").combine_chunks()
        self.quarantined = added(self.quarantined, by_currency(cost, currency))
        for rule in pc.unique(rules).to_pylist():
            same = pc.equal(rules, rule)
            more = by_currency(cost.filter(same), currency.filter(same))
            self._rule(rule, pc.sum(same).as_py(), more)
        kept = quarantine_rows(rows, raw.filter(bad), rules=rules, file=name)
        self.aside += [(key, kept if mask is None else kept.filter(mask)) for key, mask in split(rows)]

    def _malformed(self, name: str, reading: files.Reading) -> None:
        """Rows whose cells do not match the header: their money cannot be read, so they are kept as text."""
        for number, text in reading.bad_lines:
            if "\n" in text.strip("\r\n"):
                raise UnreadableBillError(
                    f"file {name}, row {number}",
                    "a quote is opened and never closed, so rows run into one another",
                    "export the file again",
                )
        if reading.bad_lines:
            rule = "columns_do_not_match"
            texts = replace_addresses([text for _, text in reading.bad_lines], self.people)
            numbers = [number for number, _ in reading.bad_lines]
            self.rows += len(texts)
            self._rule(rule, len(texts), {})
            self.aside.append((None, quarantine_lines(name, numbers, texts, rule)))

    def land(self, sources: Sequence[files.Source], *, now: datetime, scope: str, force: bool) -> Conformance:
        """Close all deliveries, judge them against those in place, and make them current."""
        self._refuse_empty(sources)
        self._place_aside()
        self._settle_residuals()
        current = {item.key: item for item in self.lake.snapshots()}
        written: list[Written] = []
        records: list[Snapshot] = []
        for item in self.deliveries.values():
            closed = item.close()
            record = self._record(item, current, now=now, scope=scope)
            if record.unchanged:
                discard(closed)
            else:
                refuse_shrunken(record, current.get(record.key), force=force)
                written += moved(closed, record.id)
            records.append(record)
        fresh = [record for record in records if not record.unchanged]
        if fresh:
            self.people.commit()
            self.lake.land(
                written, records=fresh, replaced=[record.replaces for record in fresh if record.replaces]
            )
        return self._conformance(sources, records)

    def _refuse_empty(self, sources: Sequence[files.Source]) -> None:
        if not self.rows:
            raise no_rows(", ".join(item.path.name for item in sources[:3]))
        if not self.deliveries:
            broken = "; ".join(
                f"{rows} rows: {RULES[rule]}" for rule, (rows, _) in sorted(self.rules.items())
            )
            raise RefusedDeliveryError(
                f"file {sources[0].path.name}",
                f"no row could be accepted ({broken})",
                "correct the export, then ingest again",
            )

    def _place_aside(self) -> None:
        """Each row set aside stays with its delivery; one that names none goes with the largest."""
        largest = max(self.deliveries.values(), key=lambda item: item.rows)
        for key, rows in self.aside:
            item = self.deliveries.get(key, largest) if key else largest
            item.aside.append(rows)
            item.quarantined += rows.num_rows

    def _settle_residuals(self) -> None:
        """Where counter-entries do not cancel exactly, one adjustment row carries the difference."""
        for item in self.deliveries.values():
            gap = item.residual()
            if gap:
                rows = residual_rows(item.key, starts=item.starts, ends=item.ends, gap=gap, like=item.schema)
                item.add(rows, cost=gap, source={})
                item.flags.counts["counter_entries_do_not_cancel"] = (len(gap), gap)

    def _record(
        self, item: Delivery, current: dict[tuple[str, str, str, str], Snapshot], *, now: datetime, scope: str
    ) -> Snapshot:
        key = (*item.key, scope)
        before = current.get(key)
        content = content_id([self.form.name, key, sorted(item.digests)])
        unchanged = before is not None and before.content == content
        days = item.flags.days()
        variants = self.conformer.tags.spellings
        return Snapshot(
            *key,
            id=before.id if unchanged and before else content_id([content, now, before.id if before else ""]),
            content=content,
            source=self.form.name,
            rows=item.rows,
            quarantined=item.quarantined,
            cost=item.accepted,
            first_day=str(days[0]) if days else "",
            last_day=str(days[-1]) if days else "",
            days=len(days),
            delivered=before.delivered if unchanged and before else now,
            unchanged=unchanged,
            replaces=before.id if before and not unchanged else "",
            flags=item.flags.found(now=now, ends=item.ends, variants=variants),
        )

    def _conformance(self, sources: Sequence[files.Source], records: Sequence[Snapshot]) -> Conformance:
        accepted: Costs = {}
        for item in self.deliveries.values():
            accepted = added(accepted, item.accepted)
        broken = [
            RuleCount(rule, "quarantine", rows, cost, RULES[rule])
            for rule, (rows, cost) in sorted(self.rules.items())
        ]
        set_aside = sum(rows for rows, _ in self.rules.values())
        return Conformance(
            source=self.form.name,
            focus_version=self.form.version(sources[0].header),
            rows_read=self.rows,
            rows_accepted=self.rows - set_aside,
            rows_quarantined=set_aside,
            source_cost=self.source,
            accepted=accepted,
            quarantined=self.quarantined,
            rounding=self.rounding,
            snapshots=tuple(sorted(records, key=lambda record: record.key)),
            flags=(*broken, *merged_flags(records)),
        )

    def abandon(self) -> None:
        """Leave nothing behind of what was staged."""
        for item in self.deliveries.values():
            item.abandon()
        self.lake.sweep()
