"""What stands in a table's Delta log: which files a commit adds and takes away, and when it was."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from finops_lib.billing.schema import KEY, Written
from finops_lib.errors import LakeError

_ESCAPED = re.compile("[#?]|%[0-9A-Fa-f]{2}")  # what Delta cannot find again in a URL


def landed(delta: DeltaTable | None) -> set[str]:
    """Which deliveries did a commit ever name; a table has at least the commit that made it.

    Parameters
    ----------
    delta : DeltaTable or None
        None where there is no table yet.

    Returns
    -------
    set of str

    Raises
    ------
    LakeError
        The table's history cannot be read.
    """
    commits = delta.history() if delta else []
    if delta and not commits:
        raise LakeError(f"lake table {delta.table_uri}", "its history can be read", "restore its _delta_log")
    return {found for commit in commits for found in commit.get("deliveries", [])}


def version_at(delta: DeltaTable, moment: datetime) -> int | None:
    """Which version was the newest at this moment of delivery.

    Parameters
    ----------
    delta : DeltaTable
        The charges.
    moment : datetime
        With a time zone.

    Returns
    -------
    int or None
        None before the first delivery.
    """
    told = {item["version"]: item["delivered"] for item in delta.history() if "delivered" in item}
    return max((key for key, text in told.items() if datetime.fromisoformat(text) <= moment), default=None)


def properties(landed: set[str], moment: datetime) -> CommitProperties:
    """What does a commit say of itself: the deliveries in it and their moment.

    Parameters
    ----------
    landed : set of str
        Ids of deliveries.
    moment : datetime
        When they came.

    Returns
    -------
    CommitProperties
    """
    said: dict[str, Any] = {"deliveries": sorted(landed), "delivered": moment.astimezone(UTC).isoformat()}
    return CommitProperties(custom_metadata=said)


def place_of(folder: Path) -> str:
    """Name the folder as a URL: a bare path would be read as one, with %20 for a space.

    Parameters
    ----------
    folder : Path
        A table's folder.

    Returns
    -------
    str

    Raises
    ------
    LakeError
        Delta would not find the folder again.

    Examples
    --------
    >>> place_of(Path("/bills of ours/lake"))
    'file:///bills%20of%20ours/lake'
    """
    if _ESCAPED.search(str(folder)):
        raise LakeError(
            f"lake {folder}", "no #, no ? and no % with two digits stand in its path", "name another"
        )
    return folder.absolute().as_uri()


def _relative(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def added_file(item: Written) -> AddAction:
    """Which action makes this file a part of its table.

    Parameters
    ----------
    item : Written
        A file that lies in the table's folder.

    Returns
    -------
    AddAction
    """
    found = item.path.stat()
    return AddAction(
        _relative(item.path),
        found.st_size,
        {KEY: item.snapshot},
        int(found.st_mtime * 1000),
        True,  # deltalake's own argument: the commit changes data
        json.dumps({"numRecords": item.rows}),
    )


def removed_file(snapshot: str, path: Path) -> RemoveAction:
    """Which action takes this file out of what is current; it stays readable as of earlier.

    Parameters
    ----------
    snapshot : str
        The delivery it belongs to.
    path : Path
        The file.

    Returns
    -------
    RemoveAction
    """
    return RemoveAction(
        _relative(path),
        data_change=True,
        deletion_timestamp=time.time_ns() // 1_000_000,
        size=path.stat().st_size,
        partition_values={KEY: snapshot},
    )


@contextmanager
def edge(root: Path) -> Iterator[None]:
    """Translate what the file system and Delta raise into one error, a LakeError."""
    try:
        yield
    except (OSError, DeltaError) as error:
        raise LakeError(
            f"lake {root}",
            f"it cannot be read or written ({error})",
            "check free disk space and permissions; nothing was changed",
        ) from error
