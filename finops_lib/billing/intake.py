"""What was read of an export so far: its rows in deliveries, what was set aside, and all counts and money."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import focus
from finops_lib.billing import source as files
from finops_lib.billing.conform import Batch, Conformer
from finops_lib.billing.delivery import Delivery
from finops_lib.billing.flags import Costs, added, by_currency
from finops_lib.billing.formats import Format
from finops_lib.billing.lake import Lake
from finops_lib.billing.setaside import (
    SLICE,
    Key,
    quarantine_lines,
    quarantine_rows,
    residual_rows,
    split,
)
from finops_lib.billing.strays import strays
from finops_lib.errors import UnreadableBillError
from finops_lib.privacy import People, replace_addresses

_ROWS_IN_MEMORY = 200_000
_APPENDS = "appends"
_SCOPE = 16  # hexadecimal digits of a content's sha256 that name its slice


@dataclass
class Intake:
    """What was read so far.

    ``scope`` names a slice for all rows; without it, rows of an appending format stand in the slice that
    they name, or in that of their file. ``folders`` are the folders that parts came from.
    """

    lake: Lake
    people: People
    form: Format
    folders: Mapping[Path, Path]
    scope: str = ""
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

    def read(self, item: files.Source, *, progress: files.Progress | None) -> None:
        """Take all rows of one file.

        Parameters
        ----------
        item : Source
            The file.
        progress : callable or None
            Told how far it is read.

        Raises
        ------
        UnreadableBillError
            The file is damaged.
        """
        reading = files.Reading()
        seen: set[Key] = set()
        first = 1
        for raw in files.batches(item, numeric=self.form.numeric, reading=reading, progress=progress):
            named = self.form.to_focus(raw)
            batch = self.conformer.conform(named, strays=self._strays(item, raw, named))
            numbers = pa.array(range(first, first + named.num_rows), pa.int64())
            batch.table = batch.table.append_column("x_SourceRow", numbers)
            seen |= self._take(batch, named, item.path)
            first += named.num_rows
        self._malformed(item.path.name, reading)
        self.contents[item.path] = reading.digest
        self.rows += first - 1
        for key in seen:
            if key[3] == str(item.path):
                self.deliveries[key].rest()
            self.deliveries[key].digests.append(reading.digest)
            if item.path in self.folders:
                self.deliveries[key].folders.add(self.folders[item.path])

    def _strays(self, item: files.Source, raw: pa.Table, named: pa.Table) -> pa.Array | None:
        """Ask for rows that are none by their form; rows that the format added are."""
        if self.form.several:
            return None
        found = strays(raw, numeric=tuple(name for name in item.header if self.form.numeric(name)))
        if found is None or named.num_rows == raw.num_rows:
            return found
        return pa.concat_arrays([found, pa.nulls(named.num_rows - raw.num_rows, pa.string())])

    def _take(self, batch: Batch, raw: pa.Table, path: Path) -> set[Key]:
        """Split a batch into accepted and set-aside rows, and these into deliveries."""
        self._count_source(batch)
        if batch.rule is not None:
            bad = pc.is_valid(batch.rule)
            self._set_aside(batch, bad, raw, path)
            batch = batch.only(pc.invert(bad))
        seen = set()
        for found, mask in split(batch.table):
            key = self._placed(found, path)
            if key is not None:
                self._accept(key, batch if mask is None else batch.only(mask))
                seen.add(key)
        if sum(item.held_rows for item in self.deliveries.values()) >= _ROWS_IN_MEMORY:
            for item in self.deliveries.values():
                item.flush()
        return seen

    def _placed(self, key: Key | None, path: Path) -> Key | None:
        """Name the slice: the one asked for, the rows' own, or, where the format appends, the file."""
        if key is None:
            return None
        own = (key[3] or str(path)) if self.form.delivery == _APPENDS else ""
        return (*key[:3], self.scope or own)

    def _accept(self, key: Key, batch: Batch) -> None:
        item = self._delivery(key)
        currency = batch.table.column("BillingCurrency").combine_chunks()
        cost = by_currency(batch.table.column("BilledCost").combine_chunks(), currency)
        rows = batch.table.drop_columns([SLICE]) if SLICE in batch.table.column_names else batch.table
        item.add(rows, cost=cost, source=by_currency(batch.source_cost, currency))
        item.flags.add(rows, batch.faults)

    def _delivery(self, key: Key) -> Delivery:
        if key not in self.deliveries:
            self.deliveries[key] = Delivery(self.lake, key, f"staged-{uuid.uuid4().hex}", kind=self.form.kind)
        return self.deliveries[key]

    def _count_source(self, batch: Batch) -> None:
        """Sum the file's own cost; what has more decimals than the lake keeps is made up exactly."""
        currency = batch.table.column("BillingCurrency").combine_chunks()
        self.source = added(self.source, _told(by_currency(batch.source_cost, currency)))
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

    def _set_aside(self, batch: Batch, bad: pa.Array, raw: pa.Table, path: Path) -> None:
        aside = batch.only(bad)
        rows, rules, cost = aside.table, aside.rule, aside.source_cost
        currency = rows.column("BillingCurrency").combine_chunks()
        self.quarantined = added(self.quarantined, _told(by_currency(cost, currency)))
        for rule in pc.unique(rules).to_pylist():
            same = pc.equal(rules, rule)
            more = _told(by_currency(cost.filter(same), currency.filter(same)))
            self._rule(rule, pc.sum(same).as_py(), more)
        kept = quarantine_rows(rows, raw.filter(bad), rules=rules, file=path.name, people=self.people)
        self.aside += [
            (self._placed(key, path), kept if mask is None else kept.filter(mask))
            for key, mask in split(rows)
        ]

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
            rule = reading.bad_rule
            texts = replace_addresses([text for _, text in reading.bad_lines], self.people)
            numbers = [number for number, _ in reading.bad_lines]
            self.rows += len(texts)
            self._rule(rule, len(texts), {})
            self.aside.append((None, quarantine_lines(name, numbers, texts, rule)))

    def settle(self) -> None:
        """Bring in place what could not be while reading: rows set aside, differences, names of slices."""
        self._place_aside()
        if self.form.cancels:
            self._settle_residuals()
        scopes = {str(path): digest[:_SCOPE] for path, digest in self.contents.items()}
        taken = {item.key for item in self.deliveries.values() if item.key[3] not in scopes}
        for number, item in enumerate(self.deliveries.values()):
            if item.key[3] in scopes:
                key = (*item.key[:3], scopes[item.key[3]])
                item.key = (*key[:3], f"{key[3]}-{number}") if key in taken else key
                taken.add(item.key)

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

    def abandon(self) -> None:
        """Leave nothing behind of what was staged."""
        for item in self.deliveries.values():
            item.abandon()
        self.lake.sweep()


def _told(costs: Costs) -> Costs:
    """Leave out what is no currency where it costs nothing: a header that stands there again."""
    return {code: cost for code, cost in costs.items() if cost or focus.is_currency(code)}
