"""One delivery while it is read: its rows on their way into the lake, its counts and its money."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from finops_lib.billing.daily import DAILY_SCHEMA, QUARANTINE_SCHEMA
from finops_lib.billing.engine import cube, merged
from finops_lib.billing.flags import Costs, Flags, added
from finops_lib.billing.lake import CHARGES, DAILY, QUARANTINE, Lake
from finops_lib.billing.lake.log import edge
from finops_lib.billing.schema import Written
from finops_lib.billing.setaside import Key
from finops_lib.errors import LakeError
from finops_lib.records import CHARGES_KIND


@dataclass
class Delivery:
    """Rows of one provider, account, billing period and slice, written as they come.

    ``staged`` is the provisional id under which its files lie until all is read; ``kind`` is that of the
    format. ``exported`` holds the first and last moment of export, where rows tell it, and ``views`` the
    views of cost (``actual``, ``amortized``) that rows can only come from.
    """

    lake: Lake
    key: Key
    staged: str
    kind: str = CHARGES_KIND
    rows: int = 0
    quarantined: int = 0
    starts: datetime | None = None
    ends: datetime | None = None
    accepted: Costs = field(default_factory=dict)
    source: Costs = field(default_factory=dict)
    exported: tuple[datetime, datetime] | None = None
    views: set[str] = field(default_factory=set)
    digests: list[str] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)
    flags: Flags = field(default_factory=Flags)
    held: list[pa.Table] = field(default_factory=list)
    files: list[Written] = field(default_factory=list)
    cubes: list[pa.Table] = field(default_factory=list)
    aside: list[pa.Table] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _writer: pq.ParquetWriter | None = None
    _written: int = 0

    @property
    def schema(self) -> pa.Schema:
        """Columns of the rows taken last."""
        return self.held[-1].schema if self.held else self.files[-1].schema

    @property
    def held_rows(self) -> int:
        """Rows in memory, a count."""
        return sum(table.num_rows for table in self.held)

    def add(self, rows: pa.Table, *, cost: Costs, source: Costs) -> None:
        """Take accepted rows.

        Parameters
        ----------
        rows : pyarrow.Table
            Typed charges.
        cost, source : dict of str to Decimal
            Their BilledCost as kept, and the file's own cost, by currency.
        """
        self.rows += rows.num_rows
        self.accepted, self.source = added(self.accepted, cost), added(self.source, source)
        self.held.append(rows)
        if self.starts is None:
            self.starts = pc.min(rows.column("BillingPeriodStart")).as_py()
        self.ends = max(
            filter(None, (self.ends, pc.max(rows.column("BillingPeriodEnd")).as_py())), default=None
        )
        self._note(rows)

    def _note(self, rows: pa.Table) -> None:
        """Remember when the rows were exported and which view of cost they are."""
        if "x_ExportTime" in rows.column_names:
            found = pc.min_max(rows.column("x_ExportTime")).as_py()
            moments = [moment for moment in (*(self.exported or ()), *found.values()) if moment]
            self.exported = (min(moments), max(moments)) if moments else None
        if "x_CostView" in rows.column_names:
            self.views.update(filter(None, pc.unique(rows.column("x_CostView")).to_pylist()))

    def flush(self) -> None:
        """Write what is held as one row group; a new tag column starts a new file."""
        if not self.held:
            return
        rows = pa.concat_tables(self.held, promote_options="default").unify_dictionaries().combine_chunks()
        self.held = []
        if self.kind == CHARGES_KIND:
            self.cubes.append(cube(rows))
        if self._writer is None or set(rows.column_names) - set(self._writer.schema.names):
            self._begin(rows.schema)
        assert self._writer is not None  # noqa: S101  # just begun
        schema = self._writer.schema
        with edge(self.lake.root):
            self._writer.write_table(_aligned(rows, schema))
        self._written += rows.num_rows

    def _begin(self, schema: pa.Schema) -> None:
        self._end()
        known = self._known()
        wider = pa.unify_schemas([known, schema]) if known is not None else schema
        number = len(self.files)
        self.files.append(
            Written(CHARGES, self.staged, self.lake.staged(CHARGES, self.staged, number), 0, wider)
        )
        self._writer = self._open.enter_context(self.lake.parquet(CHARGES, self.staged, wider, number))

    def _known(self) -> pa.Schema | None:
        return self.files[-1].schema if self.files else None

    def _end(self) -> None:
        self._open.close()
        if self._writer is not None:
            self.files[-1] = replace(self.files[-1], rows=self._written)
        self._writer, self._written = None, 0

    def rest(self) -> None:
        """Write what is held and close its file: more rows would start another."""
        self.flush()
        self._end()

    def close(self) -> list[Written]:
        """Write all that is left: charges, their cube, and the rows set aside.

        Returns
        -------
        list of Written
        """
        self.rest()
        return [
            *self.files,
            *self._side(DAILY, DAILY_SCHEMA, [merged(self.cubes)] if self.cubes else []),
            *self._side(QUARANTINE, QUARANTINE_SCHEMA, self.aside),
        ]

    def _side(self, table: str, schema: pa.Schema, parts: list[pa.Table]) -> list[Written]:
        if not parts:
            return []
        with self.lake.parquet(table, self.staged, schema, 0) as writer:
            for part in parts:
                writer.write_table(part)
        rows = sum(part.num_rows for part in parts)
        return [Written(table, self.staged, self.lake.staged(table, self.staged, 0), rows, schema)]

    def abandon(self) -> None:
        """Close files that will never be current; on a full disk even that may fail."""
        with suppress(LakeError):
            self._open.close()

    def residual(self) -> Costs:
        """Which part of the file's own cost no accepted row carries: zero where all is well.

        Returns
        -------
        dict of str to Decimal
        """
        codes = self.source.keys() | self.accepted.keys()
        gaps = {
            code: self.source.get(code, Decimal(0)) - self.accepted.get(code, Decimal(0)) for code in codes
        }
        return {code: gap for code, gap in gaps.items() if gap}


def _aligned(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    have = set(rows.column_names)
    columns = [
        rows.column(item.name) if item.name in have else pa.nulls(rows.num_rows, item.type) for item in schema
    ]
    return pa.table(columns, schema=schema)


def moved(files: list[Written], snapshot: str) -> list[Written]:
    """Give a delivery's files their final place.

    Parameters
    ----------
    files : list of Written
        Under the provisional id.
    snapshot : str
        The final id.

    Returns
    -------
    list of Written
    """
    for folder in {item.path.parent for item in files}:
        folder.rename(_final(folder, snapshot))
    return [
        replace(item, snapshot=snapshot, path=_final(item.path.parent, snapshot) / item.path.name)
        for item in files
    ]


def _final(folder: Path, snapshot: str) -> Path:
    return folder.with_name(f"{folder.name.partition('=')[0]}={snapshot}")
