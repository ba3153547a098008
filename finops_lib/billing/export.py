"""How do the lake's charges read as one FOCUS file: a version's columns, then what this lake adds.

The file has every column of the version, named and typed as FOCUS says, also where all cells are empty,
and behind them the lake's ``x_`` columns. What the version does not know is left out, and so are the
columns made of single tags: ``Tags`` holds them all.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

from finops_lib.billing import focus
from finops_lib.billing.engine import Engine
from finops_lib.errors import LakeError, QueryError

ROW_GROUP = 65_536  # rows; whatever the number of groups, memory stays within the engine's limit
_SOURCES = MappingProxyType(
    {  # gone with FOCUS 1.4, which names the provider of a service alone
        "ProviderName": ("x_ProviderName", "ServiceProviderName"),
        "PublisherName": ("x_PublisherName", "ServiceProviderName"),
    }
)


def export_columns(present: Sequence[str], *, version: str = "1.2") -> dict[str, tuple[str, ...]]:
    """Which columns does the file have, in order, and which of the lake's columns does each come from.

    Parameters
    ----------
    present : sequence of str
        Columns of the lake's charges, as ``Engine.columns``.
    version : str
        One of ``focus.VERSIONS``.

    Returns
    -------
    dict of str to tuple of str
        The first source that is not empty counts; none means that the whole column is empty.

    Raises
    ------
    ValueError
        The version is unknown.

    Examples
    --------
    >>> found = export_columns(["BilledCost", "ServiceProviderName", "x_Operation", "tag_team"])
    >>> found["ProviderName"], found["x_Operation"], found["InvoiceId"]
    (('ServiceProviderName',), ('x_Operation',), ())
    >>> len(found), "tag_team" in found, "ServiceProviderName" in found
    (58, False, False)
    """
    named = {item.name: _SOURCES.get(item.name, (item.name,)) for item in focus.columns(version=version)}
    taken = {source for name, sources in named.items() for source in sources if name in _SOURCES}
    extra = sorted(name for name in present if name.startswith("x_") and name not in taken)
    wanted = named | {name: (name,) for name in extra}
    return {name: tuple(item for item in sources if item in present) for name, sources in wanted.items()}


def export_focus(engine: Engine, path: Path, *, version: str = "1.2") -> int:
    """What was charged, as a FOCUS file that others can read: every current charge, in Parquet.

    Money keeps the 20 decimals of the lake, times are in UTC, empty cells stay empty. ``ProviderName`` and
    ``PublisherName`` are what the bill said, or the provider of the service where it did not. The file is
    written under another name beside its own and renamed when it is whole: a file that is there already
    is replaced at once or not at all.

    Parameters
    ----------
    engine : Engine
        The lake, now or at an earlier moment.
    path : Path
        The file; its folder exists.
    version : str
        One of ``focus.VERSIONS``.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    ValueError
        The version is unknown.
    QueryError
        The lake has no charge.
    LakeError
        The file cannot be written; one that was there stays as it was.
    """
    columns = export_columns(engine.columns, version=version)
    select = ", ".join(_column(name, sources) for name, sources in columns.items())
    unfinished = path.absolute().with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        rows = _written(engine, f"SELECT {select} FROM charges", unfinished)  # noqa: S608  # quoted
        if rows:
            unfinished.replace(path)
    except (QueryError, OSError) as error:
        rule = error.rule if isinstance(error, QueryError) else f"it can be written ({error.strerror})"
        raise LakeError(
            f"export {path}", rule, "name a file in a folder that has space, and see that the lake is whole"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    if not rows:
        raise QueryError("the lake has no charge", "an export holds at least one row", "ingest a bill first")
    return rows


def _column(name: str, sources: Sequence[str]) -> str:
    """Say in SQL where a column comes from."""
    found = ", ".join(_quoted(source) for source in sources)
    value = found if len(sources) == 1 else f"coalesce({found})" if sources else "CAST(NULL AS VARCHAR)"
    return f"{value} AS {_quoted(name)}"


def _written(engine: Engine, select: str, path: Path) -> int:
    """Let the engine write the answer itself, a group of rows after the other; say how many rows."""
    text = str(path).replace("'", "''")
    done = engine.table(
        f"COPY ({select}) TO '{text}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, RETURN_FILES)"
    )
    return int(done.column("Count")[0].as_py())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
