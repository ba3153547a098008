"""What the command line says about bills that came in and deliveries that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import Lake
from finops_lib.errors import LakeError
from finops_lib.privacy import People
from finops_lib.records import ALLOCATION_KIND, Conformance, Snapshot, plain


def take_in(
    paths: Sequence[Path],
    *,
    lake_root: Path,
    environ: Mapping[str, str],
    now: datetime,
    scope: str = "",
    force: bool = False,
    rates: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Conformance, str]:
    """What became of these bills.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of parts.
    lake_root : Path
        The lake's folder, made where there is none.
    environ : mapping of str to str
        Where the privacy key may stand.
    now : datetime
        Moment of delivery.
    scope : str
        Names the slice that an appending export covers.
    force : bool
        Whether a delivery that shrank may take over.
    rates : Path, optional
        Prices, for usage that comes without.
    progress : callable, optional
        Told file name, bytes done and bytes in all.

    Returns
    -------
    tuple of Conformance and str
        The second says where a key was kept that had to be made, or is empty.

    Raises
    ------
    BillError
        A bill is refused; the lake is as it was.
    """
    lake = Lake(lake_root)
    people = People.open(lake_root, environ)
    told = ingest(
        paths, lake=lake, people=people, now=now, scope=scope, force=force, rates=rates, progress=progress
    )
    return told, people.notice


def ingest_content(told: Conformance) -> dict[str, Any]:
    """How does an ingest read as JSON.

    Parameters
    ----------
    told : Conformance
        What became of the bills.

    Returns
    -------
    dict
        Amounts are decimal strings by currency; ``billed_cost`` has accepted, quarantined, rounding and
        beside.
    """
    content = told.to_json()
    costs = {name: content.pop(name) for name in ("accepted", "quarantined", "rounding", "beside")}
    whole = ("source", "focus_version", "rows_read", "rows_accepted", "rows_quarantined", "source_cost")
    head = {name: content[name] for name in whole}
    return {
        **head,
        "billed_cost": costs,
        **{name: content[name] for name in ("snapshots", "flags", "kind")},
    }


def ingest_lines(told: Conformance) -> list[str]:
    """How does an ingest read in words.

    Parameters
    ----------
    told : Conformance
        What became of the bills.

    Returns
    -------
    list of str
    """
    version = f" ({told.focus_version})" if told.focus_version else ""
    lines = [
        f"{told.source}{version}: {told.rows_read:,} rows, {told.rows_accepted:,} accepted, "
        f"{told.rows_quarantined:,} set aside",
        f"cost in the file {_amounts(told.source_cost)}; accepted {_amounts(told.accepted)}; "
        f"set aside {_amounts(told.quarantined)}",
    ]
    if told.beside:
        lines.append(f"billed besides the file's own cost column: {_amounts(told.beside)}")
    if told.kind == ALLOCATION_KIND:
        lines.append("these rows explain charges of other bills and stand in no total")
    flags = [
        f"{item.action} {item.rule}: {item.rows:,} rows, {_amounts(item.cost)} {item.detail}".rstrip()
        for item in told.flags
    ]
    changed = sum(not item.unchanged for item in told.snapshots)
    return [*lines, *flags, f"{len(told.snapshots)} deliveries, {changed} new or changed"]


def _amounts(costs: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{plain(amount)} {currency}" for currency, amount in sorted(costs.items())) or "nothing"


def delivery_lines(lake_root: Path, *, as_of: datetime | None) -> list[dict[str, Any]]:
    """Which deliveries did the lake get, and which of them count.

    Parameters
    ----------
    lake_root : Path
        The lake's folder.
    as_of : datetime, optional
        Look at the lake as it was then.

    Returns
    -------
    list of dict
        Oldest first; a Snapshot's fields and ``current``.

    Raises
    ------
    LakeError
        There is no lake.
    """
    lake = existing(lake_root)
    counting = {_identity(item) for item in lake.snapshots(as_of=as_of)}
    known = [item for item in lake.history() if as_of is None or item.delivered <= as_of]
    return [{**item.to_json(), "current": _identity(item) in counting} for item in known]


def _identity(item: Snapshot) -> tuple[object, ...]:
    return (*item.key, item.id, item.delivered)


def existing(lake_root: Path) -> Lake:
    """Which lake is here, with at least one delivery.

    Parameters
    ----------
    lake_root : Path
        The lake's folder.

    Returns
    -------
    Lake

    Raises
    ------
    LakeError
        There is none, or nothing was brought in yet.
    """
    lake = Lake(lake_root) if lake_root.is_dir() else None
    if lake is None or not lake.snapshots():
        raise LakeError(
            f"lake {lake_root}",
            "it holds at least one delivery",
            "bring in a bill with finops ingest, or name --lake",
        )
    return lake
