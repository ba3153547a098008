"""What do files that are to land share with those in place: SQL over Parquet, before anything is current."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.parquet as pq

from finops_lib.billing.engine import connected, rows_of


def repeated(column: str, *, staged: Sequence[str], current: Sequence[str]) -> tuple[int, str]:
    """Which values of this column do new files share with each other or with those in place.

    Parameters
    ----------
    column : str
        A column; files that lack it have no such value.
    staged, current : sequence of str
        Parquet files: the new ones, and those in place.

    Returns
    -------
    tuple of int and str
        How many values stand there more than once, and one of them.
    """
    name = '"' + column.replace('"', '""') + '"'
    new, old = (
        [path for path in files if column in pq.read_schema(path).names] for files in (staged, current)
    )
    if not new:
        return 0, ""
    held = [f"SELECT {name} AS k, true AS fresh FROM {rows_of(new)}"]  # noqa: S608  # quoted
    held += [f"SELECT {name} AS k, false AS fresh FROM {rows_of(old)}"] if old else []  # noqa: S608  # quoted
    sql = f"SELECT k FROM ({' UNION ALL '.join(held)}) WHERE k IS NOT NULL GROUP BY k"  # noqa: S608  # quoted
    with connected() as connection:
        found = connection.execute(
            f"SELECT count(*), min(k) FROM ({sql} HAVING count(*) > 1 AND bool_or(fresh))"  # noqa: S608  # quoted
        ).fetchall()
    rows, example = found[0]
    return int(rows), str(example or "")


def lost(column: str, *, staged: Sequence[str], current: Sequence[str]) -> list[str]:
    """Which values of this column, of rows that cost something, have the files in place and not the new ones.

    Parameters
    ----------
    column : str
        A column of text.
    staged, current : sequence of str
        Parquet files: the new ones, and those in place.

    Returns
    -------
    list of str
        In order.
    """
    name = '"' + column.replace('"', '""') + '"'
    old = f"SELECT {name} AS k FROM {rows_of(current)} GROUP BY k HAVING sum(abs(BilledCost)) > 0"  # noqa: S608  # quoted
    new = f"SELECT DISTINCT {name} AS k FROM {rows_of(staged)}"  # noqa: S608  # quoted
    with connected() as connection:
        found = connection.execute(f"SELECT k FROM ({old}) ANTI JOIN ({new}) USING (k) ORDER BY k").fetchall()  # noqa: S608  # quoted
    return [str(row[0]) for row in found if row[0] is not None]


_CELLS = """
SELECT SubAccountId AS a, CAST(ChargePeriodStart AS DATE) AS d, ServiceName AS s, BillingCurrency AS c,
       sum(BilledCost) AS cost
FROM {rows} WHERE SubAccountId IS NOT NULL GROUP BY ALL HAVING sum(BilledCost) <> 0
"""


def same_cells(*, staged: Sequence[str], current: Sequence[str]) -> tuple[int, int]:
    """How many days of a service and sub-account cost in new files just what they cost in those in place.

    Parameters
    ----------
    staged, current : sequence of str
        Parquet files of charges: the new ones, and those in place.

    Returns
    -------
    tuple of int
        Such days with the same cost, and all days of the new files that cost something.
    """
    new, old = (_CELLS.format(rows=rows_of(files)) for files in (staged, current))
    sql = f"""
        SELECT count(old.cost), count(*) FROM ({new}) new
        LEFT JOIN ({old}) old
        ON new.a = old.a AND new.d = old.d AND new.c = old.c AND new.cost = old.cost
        AND new.s IS NOT DISTINCT FROM old.s
    """  # noqa: S608  # quoted
    with connected() as connection:
        same, whole = connection.execute(sql).fetchall()[0]
    return int(same), int(whole)
