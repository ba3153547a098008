"""What does the store hold, now and at any earlier moment. The only owner of Delta.

Folders: ``cost_and_usage`` (the charges), one for each FOCUS dataset beside them, ``daily`` (a cube of
days), ``quarantine`` and ``deliveries``. All are partitioned by the delivery's id, and one table decides
what is current: a delivery is there when, and only when, the Delta log of the charges, or of its
dataset, names a file of it. The other three are written before that one commit, so a crash leaves
either the old state or the new one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Field, Schema
from filelock import FileLock

from finops_lib.billing.lake.log import (
    added_file,
    edge,
    landed,
    place_of,
    properties,
    removed_file,
    version_at,
)
from finops_lib.billing.schema import KEY, Written, stored_schema
from finops_lib.records import ALLOCATION_KIND, CHARGES_KIND, Snapshot, content_id

CHARGES, DAILY, QUARANTINE, DELIVERIES = "cost_and_usage", "daily", "quarantine", "deliveries"
CONTRACTS, PERIODS, INVOICES = "contract_commitment", "billing_period", "invoice_detail"
TABLES = (CHARGES, CONTRACTS, PERIODS, INVOICES, DAILY, QUARANTINE, DELIVERIES)
DECIDING = MappingProxyType(
    {
        CHARGES_KIND: CHARGES,
        ALLOCATION_KIND: CHARGES,
        **{table: table for table in (CONTRACTS, PERIODS, INVOICES)},
    }
)  # which table decides whether a delivery of this kind is current
_DECIDE = tuple(dict.fromkeys(DECIDING.values()))
KEEP_FOR_EVER = {
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
_RECORD = pa.schema([("Record", pa.string())])


class Lake:
    """The store in one folder.

    Parameters
    ----------
    root : Path
        The folder; made at the first delivery.

    Examples
    --------
    >>> Lake(Path("nowhere")).snapshots()
    ()
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def snapshots(self, *, as_of: datetime | None = None) -> tuple[Snapshot, ...]:
        """Which deliveries are current, by provider, account, period and scope.

        Parameters
        ----------
        as_of : datetime, optional
            An earlier moment; none means now.

        Returns
        -------
        tuple of Snapshot

        Raises
        ------
        LakeError
            The store cannot be read.
        """
        current = set(self._current(as_of))
        found = (item for item in self._records() if item.id in current)
        return tuple(sorted(found, key=lambda item: item.key))

    def history(self) -> tuple[Snapshot, ...]:
        """Which deliveries ever landed, oldest first.

        Returns
        -------
        tuple of Snapshot
        """
        known = {key for table in _DECIDE for key in landed(self._table(table))}
        found = (item for item in self._records() if item.id in known)
        return tuple(sorted(found, key=lambda item: item.delivered))

    def digest(self, *, as_of: datetime | None = None) -> str:
        """Which state is this: a content id of the current deliveries.

        Parameters
        ----------
        as_of : datetime, optional
            An earlier moment.

        Returns
        -------
        str
        """
        return content_id(sorted(self._current(as_of)))

    def files(
        self, table: str, *, as_of: datetime | None = None, of: Collection[str] | None = None
    ) -> list[str]:
        """Which Parquet files hold the current rows of a table.

        Parameters
        ----------
        table : str
            One of ``TABLES``.
        as_of : datetime, optional
            An earlier moment.
        of : collection of str, optional
            Ids of the deliveries wanted; None is all.

        Returns
        -------
        list of str
            Paths; the partition folder names the delivery.
        """
        current = {key: paths for key, paths in self._current(as_of).items() if of is None or key in of}
        if table in _DECIDE:
            own = self.root / table
            return [path for paths in current.values() for path in paths if Path(path).is_relative_to(own)]
        named = self._files_by_snapshot(table, self._table(table))
        return [path for snapshot in current for path in named.get(snapshot, [])]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lake for one writer; the lock stands beside the lake, not in it.

        Yields
        ------
        None

        Raises
        ------
        LakeError
            The folder cannot be made or written.
        """
        with edge(self.root):
            self.root.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root.with_name(f".{self.root.name}.lock"))
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def parquet(
        self, table: str, snapshot: str, schema: pa.Schema, number: int
    ) -> Iterator[pq.ParquetWriter]:
        """Write one file of a delivery, not yet visible to anybody.

        Parameters
        ----------
        table : str
            One of ``TABLES``.
        snapshot : str
            A provisional or final id.
        schema : pyarrow.Schema
            Columns of the file.
        number : int
            Which file of the delivery.

        Yields
        ------
        pyarrow.parquet.ParquetWriter
        """
        path = self.staged(table, snapshot, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            edge(self.root),
            pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer,
        ):
            yield writer

    def staged(self, table: str, snapshot: str, number: int) -> Path:
        """Where does this file of a delivery lie.

        Parameters
        ----------
        table, snapshot : str
            Table and delivery.
        number : int
            Which file.

        Returns
        -------
        Path
        """
        return self.root / table / f"{KEY}={snapshot}" / f"part-{number:05d}.parquet"

    def land(self, files: Sequence[Written], *, records: Sequence[Snapshot], replaced: Sequence[str]) -> None:
        """Make deliveries current in one commit; those they replace stay readable as of earlier.

        Parameters
        ----------
        files : sequence of Written
            Files of all tables.
        records : sequence of Snapshot
            The deliveries.
        replaced : sequence of str
            Ids of the deliveries that are current no more.

        Raises
        ------
        LakeError
            The store cannot be written; it stays as it was.
        """
        with edge(self.root):
            noted = [self._note(item) for item in records]
            moment = max(item.delivered for item in records)
            for table in (DAILY, QUARANTINE, DELIVERIES):
                self._commit(table, [item for item in (*files, *noted) if item.table == table], (), moment)
            for table in _DECIDE:
                deciding = [item for item in files if item.table == table]
                self._commit(table, deciding, replaced if deciding else (), moment)

    def sweep(self) -> None:
        """Remove what a crash left behind: folders of deliveries that no log ever named."""
        with edge(self.root):
            for table in TABLES:
                named = landed(self._table(table))
                for folder in (self.root / table).glob(f"{KEY}=*"):
                    if folder.name.partition("=")[2] not in named:
                        shutil.rmtree(folder)

    def _note(self, record: Snapshot) -> Written:
        schema, path = _RECORD, self.staged(DELIVERIES, record.id, 0)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"Record": [json.dumps(record.to_json())]}, schema=schema), path)
        return Written(DELIVERIES, record.id, path, 1, schema)

    def _commit(self, table: str, files: Sequence[Written], gone: Sequence[str], moment: datetime) -> None:
        if not files and not gone:
            return
        delta = self._made(table, files)
        adds = [added_file(item) for item in files]
        held = self._files_by_snapshot(table, delta)
        removes = [removed_file(key, Path(path)) for key in gone for path in held.get(key, [])]
        delta.create_write_transaction(
            [*adds, *removes],
            mode="append",
            schema=delta.schema(),
            partition_by=[KEY],
            commit_properties=properties({item.snapshot for item in files}, moment),
        )

    def _made(self, table: str, files: Sequence[Written]) -> DeltaTable:
        """Open the table, or make it; columns that are new to it are added."""
        wanted = Schema.from_arrow(stored_schema([item.schema for item in files]))
        place = place_of(self.root / table)
        if not DeltaTable.is_deltatable(place):
            return DeltaTable.create(place, wanted, partition_by=[KEY], configuration=KEEP_FOR_EVER)
        delta = DeltaTable(place)
        known = {field.name.lower() for field in delta.schema().fields}  # the table knows no case
        fresh: list[Field] = [field for field in wanted.fields if field.name.lower() not in known]
        if fresh:
            delta.alter.add_columns(fresh)
            delta = DeltaTable(place)
        return delta

    def _table(self, table: str) -> DeltaTable | None:
        place = place_of(self.root / table)
        with edge(self.root):
            return DeltaTable(place) if DeltaTable.is_deltatable(place) else None

    def _current(self, as_of: datetime | None) -> dict[str, list[str]]:
        return {key: paths for table in _DECIDE for key, paths in self._decided(table, as_of).items()}

    def _decided(self, table: str, as_of: datetime | None) -> dict[str, list[str]]:
        delta = self._table(table)
        if delta is None:
            return {}
        if as_of is not None:
            version = version_at(delta, as_of)
            if version is None:
                return {}
            delta.load_as_version(version)
        return self._files_by_snapshot(table, delta)

    def _files_by_snapshot(self, table: str, delta: DeltaTable | None) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for uri in sorted(delta.file_uris()) if delta else []:
            folder, name = uri.split("/")[-2:]  # what stands before may be escaped or not
            found.setdefault(folder.partition("=")[2], []).append(str(self.root / table / folder / name))
        return found

    def _records(self) -> list[Snapshot]:
        paths = self._files_by_snapshot(DELIVERIES, self._table(DELIVERIES))
        texts = [
            pq.ParquetFile(path).read().column("Record")[0].as_py()
            for item in paths.values()
            for path in item
        ]
        return [Snapshot.from_json(json.loads(text)) for text in texts]
