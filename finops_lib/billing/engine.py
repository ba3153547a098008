"""What does the lake answer: the one place where analytic SQL runs.

Relations: ``charges`` (every current row), ``daily`` (cost by day and service), ``allocations`` (rows
that explain charges and stand in no total), ``billing_periods``, ``invoice_details`` and
``contract_commitments`` (the FOCUS datasets beside the bill), ``quarantine``, and ``usage``
(samples of what was used).
Cost: ``daily`` has about 3 % of the rows of ``charges``; ask it where it has the columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import duckdb
import pandas as pd
import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.daily import CUBE, DAILY_SCHEMA, MERGED, QUARANTINE_SCHEMA
from finops_lib.billing.lake import CHARGES, CONTRACTS, DAILY, INVOICES, PERIODS, QUARANTINE, Lake
from finops_lib.billing.lake.usage import UsageTable
from finops_lib.billing.lake.usage_files import USAGE, USAGE_SCHEMA
from finops_lib.billing.schema import KEY, charge_schema, dataset_schema
from finops_lib.errors import QueryError
from finops_lib.records import CHARGES_KIND, Snapshot

_EMPTY = {
    "charges": charge_schema(),
    "allocations": charge_schema(),
    "billing_periods": dataset_schema(focus.columns("Billing Period")),
    "invoice_details": dataset_schema(focus.columns("Invoice Detail")),
    "contract_commitments": dataset_schema(focus.columns("Contract Commitment")),
    "daily": DAILY_SCHEMA,
    "quarantine": QUARANTINE_SCHEMA,
    USAGE: USAGE_SCHEMA,
}
_GLOB = re.compile(r"([*?\[])")  # a folder may be named so; to DuckDB it would be a pattern
_STORED = {
    "charges": CHARGES,
    "allocations": CHARGES,
    "billing_periods": PERIODS,
    "invoice_details": INVOICES,
    "contract_commitments": CONTRACTS,
    "daily": DAILY,
    "quarantine": QUARANTINE,
}


class Engine:
    """DuckDB over the files of one state of the lake.

    Parameters
    ----------
    lake : Lake
        The store.
    as_of : datetime, optional
        An earlier moment; none means now.
    memory_limit_mb : int
        Above it, DuckDB spills to disk.
    threads : int, optional
        Processor threads; none means all.
    """

    def __init__(
        self,
        lake: Lake,
        *,
        as_of: datetime | None = None,
        memory_limit_mb: int = 2048,
        threads: int | None = None,
    ) -> None:
        held = lake.snapshots(as_of=as_of)
        self.snapshots: tuple[Snapshot, ...] = tuple(item for item in held if item.kind == CHARGES_KIND)
        self.beside: tuple[Snapshot, ...] = tuple(item for item in held if item.kind != CHARGES_KIND)
        self._connection = connected(memory_limit_mb=memory_limit_mb, threads=threads)
        of_kind = {"charges": self.snapshots, "daily": self.snapshots, "allocations": self.beside}
        for relation, table in _STORED.items():
            wanted = {item.id for item in of_kind.get(relation, held)}
            self._show(relation, lake.files(table, as_of=as_of, of=wanted))
        self._show(USAGE, UsageTable(lake).files(as_of=as_of))
        described = self._connection.execute("DESCRIBE charges").fetchall()
        self.columns: tuple[str, ...] = tuple(row[0] for row in described)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release memory and files."""
        self._connection.close()

    @property
    def tag_keys(self) -> tuple[str, ...]:
        """Tag keys that have a column, as written after ``tag:``."""
        told = {name: key for item in self.snapshots for name, key in item.tag_columns.items()}
        tags = (name for name in self.columns if name.startswith("tag_"))
        return tuple(told.get(name, name.removeprefix("tag_")) for name in tags)

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> pd.DataFrame:
        """Ask in SQL.

        Parameters
        ----------
        sql : str
            DuckDB's dialect; values as ``$name``.
        parameters : mapping, optional
            Values by name.

        Returns
        -------
        pandas.DataFrame
            Money as ``decimal.Decimal``.

        Raises
        ------
        QueryError
            The question names what the lake does not have, or cannot be answered.
        """
        frame: pd.DataFrame = self.table(sql, parameters).to_pandas(date_as_object=True)
        return frame

    def table(self, sql: str, parameters: Mapping[str, object] | None = None) -> pa.Table:
        """Ask in SQL and take the answer as Arrow.

        Parameters
        ----------
        sql : str
            DuckDB's dialect; values as ``$name``.
        parameters : mapping, optional
            Values by name.

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        QueryError
            The question names what the lake does not have, or cannot be answered.
        """
        try:
            return self._connection.sql(sql, params=dict(parameters or {})).to_arrow_table()
        except duckdb.Error as error:
            text = str(error).splitlines()[0]
            raise QueryError("the query", text, "check its columns against those of the lake") from error

    def _show(self, relation: str, files: list[str]) -> None:
        """Make the files a relation; without files it is empty and has its columns all the same."""
        empty = _EMPTY[relation].append(pa.field(KEY, pa.string())).empty_table()
        self._connection.register(f"empty_{relation}", empty)
        rows = rows_of(files) if files else f"empty_{relation}"
        self._connection.execute(f"CREATE VIEW {relation} AS SELECT * FROM {rows}")  # noqa: S608  # quoted


def rows_of(files: Sequence[str]) -> str:
    """Which SQL text reads these Parquet files as one relation, whatever their paths hold.

    Parameters
    ----------
    files : sequence of str
        Paths.

    Returns
    -------
    str
    """
    listed = ", ".join("'" + _GLOB.sub(r"[\1]", path).replace("'", "''") + "'" for path in files)
    return (
        f"read_parquet([{listed}], union_by_name=true, hive_partitioning=true, "
        f"hive_types={{'{KEY}': VARCHAR}})"
    )


def connected(*, memory_limit_mb: int = 2048, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open an empty database whose days are days in UTC, wherever it runs.

    Parameters
    ----------
    memory_limit_mb : int
        Above it, DuckDB spills to disk.
    threads : int, optional
        Processor threads; none means all.

    Returns
    -------
    duckdb.DuckDBPyConnection
    """
    config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{memory_limit_mb}MB"}
    connection = duckdb.connect(config=config | ({"threads": threads} if threads else {}))
    # Not among the settings of connect(): they are read before time zones are known.
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def cube(rows: pa.Table) -> pa.Table:
    """How much did each day cost by service: the rows of the daily cube for these charges.

    Parameters
    ----------
    rows : pyarrow.Table
        Typed charges.

    Returns
    -------
    pyarrow.Table
        With ``DAILY_SCHEMA``.
    """
    wanted = [name for name in DAILY_SCHEMA.names if name in rows.column_names]
    asked = rows.select([*wanted, "ChargePeriodStart"])
    if "x_ProviderName" not in wanted:  # FOCUS 1.4 has it no more
        asked = asked.append_column("x_ProviderName", rows.column("ServiceProviderName"))
    return _aggregated(CUBE, asked)


def merged(cubes: list[pa.Table]) -> pa.Table:
    """Which one cube do these parts of a delivery make.

    Parameters
    ----------
    cubes : list of pyarrow.Table
        From ``cube``.

    Returns
    -------
    pyarrow.Table
        With ``DAILY_SCHEMA``.
    """
    return _aggregated(MERGED, pa.concat_tables(cubes))


def _aggregated(sql: str, rows: pa.Table) -> pa.Table:
    with connected(threads=1) as connection:
        connection.register("rows", rows)
        return connection.sql(sql).to_arrow_table().cast(DAILY_SCHEMA)
