"""Which resources are there, and how large: an inventory that somebody keeps, read strictly.

CSV (UTF-8, commas) with a header. ``resource`` and ``kind`` are needed; ``kind`` is one of ``KINDS``. Known
besides, each may be empty, which means unknown:

- ``name``, ``team``, ``environment``, ``region``, ``site``, ``size`` (instance type), ``licence`` (one within
  the price), ``file`` (where it is declared), ``changed`` (day of its last change, ISO 8601);
- ``vcpu``, ``memory_gib``, ``space_gib``, ``gpus``: of one member, or the requests of a pod; ``cpu_limit``
  (cores) and ``memory_limit_gib``;
- ``usd_hour``: price of one member in an hour; ``licence_vcpu_hour``: USD for a vCPU;
- ``attached``: ``yes`` or ``no``;
- ``interruptible``: ``yes`` where it may run on spot, with ``interruptions_hour`` (how often such a machine
  is interrupted in an hour) and ``restart_hours`` (until it goes on), and for a job ``job_hours``,
  ``checkpoint_hours`` and ``deadline_hours``, or for a service ``members`` (how many must be up).

Other columns are let be.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_lib.cost.entries import choice, day, exact, label
from finops_lib.errors import SettingsError

KINDS = ("instance", "database", "cache", "task", "volume", "workload", "function", "host")
_TEXTS = ("name", "team", "environment", "region", "site", "size", "licence", "file")
_NUMBERS = (
    "vcpu",
    "memory_gib",
    "space_gib",
    "gpus",
    "cpu_limit",
    "memory_limit_gib",
    "usd_hour",
    "licence_vcpu_hour",
    "interruptions_hour",
    "restart_hours",
    "job_hours",
    "checkpoint_hours",
    "deadline_hours",
    "members",
)
_ANSWERS = ("attached", "interruptible")
_NEEDED = ("resource", "kind")
_LONGEST_ID = 1000
_SHOWN = 60


@dataclass(frozen=True)
class Item:
    """One resource of the inventory; an empty text and None are unknown. See the module for units."""

    resource: str
    kind: str
    name: str = ""
    team: str = ""
    environment: str = ""
    region: str = ""
    site: str = ""
    size: str = ""
    licence: str = ""
    file: str = ""
    vcpu: Decimal | None = None
    memory_gib: Decimal | None = None
    space_gib: Decimal | None = None
    gpus: Decimal | None = None
    cpu_limit: Decimal | None = None
    memory_limit_gib: Decimal | None = None
    usd_hour: Decimal | None = None
    licence_vcpu_hour: Decimal | None = None
    interruptions_hour: Decimal | None = None
    restart_hours: Decimal | None = None
    job_hours: Decimal | None = None
    checkpoint_hours: Decimal | None = None
    deadline_hours: Decimal | None = None
    members: Decimal | None = None
    changed: datetime | None = None
    attached: bool | None = None
    interruptible: bool | None = None


def parse(text: str, *, name: str) -> tuple[Item, ...]:
    r"""Which resources does this text list.

    Parameters
    ----------
    text : str
        CSV with a header.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Item
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no such CSV, a resource comes twice, or a cell breaks its rule; the row is named.

    Examples
    --------
    >>> [item] = parse("resource,kind,vcpu,gpus\ni-1,instance,4,\n", name="inventory.csv")
    >>> item.vcpu, item.gpus, item.team
    (Decimal('4'), None, '')
    """
    file = f"inventory {name}"
    found: dict[str, Item] = {}
    for place, row in _rows(text, file):
        item = _item(row, f"{file}, row {place}")
        if item.resource in found:
            said = f"{file}, row {place}: {item.resource[:_SHOWN]!r} twice"
            raise SettingsError(said, "a resource stands in one row", "take one of them out")
        found[item.resource] = item
    return tuple(found.values())


def _rows(text: str, file: str) -> list[tuple[int, Mapping[str, str]]]:
    try:
        reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
        lines = list(reader)
    except csv.Error as error:
        raise SettingsError(f"{file}: {error}", "it is CSV", "mend its quotes") from None
    missing = [column for column in _NEEDED if column not in (reader.fieldnames or ())]
    if missing:
        raise SettingsError(
            f"{file}: column {missing[0]}", "it has resource and kind", "add it to the header"
        )
    wanted = (*_NEEDED, *_TEXTS, *_NUMBERS, "changed", *_ANSWERS)
    return [
        (place, {name: str(line.get(name) or "").strip() for name in wanted})
        for place, line in enumerate(lines, start=1)
    ]


def _item(row: Mapping[str, str], where: str) -> Item:
    resource = row["resource"]
    if not resource or len(resource) > _LONGEST_ID or not resource.isprintable():
        rule = f"it is an id of 1 to {_LONGEST_ID} characters that can be printed"
        raise SettingsError(f"{where}: resource {resource[:_SHOWN]!r}", rule, "copy it from the bill")
    cells: dict[str, Any] = {key: label(row[key], key=key, where=where) for key in _TEXTS}
    cells |= {key: _amount(row[key], key, where) for key in _NUMBERS}
    cells |= {key: _answer(row[key], key, where) for key in _ANSWERS}
    return Item(
        resource,
        choice(row["kind"], of=KINDS, key="kind", where=where),
        **cells,
        changed=day(row["changed"], key="changed", where=where) if row["changed"] else None,
    )


def _answer(text: str, key: str, where: str) -> bool | None:
    return choice(text, of=("yes", "no"), key=key, where=where) == "yes" if text else None


def _amount(text: str, key: str, where: str) -> Decimal | None:
    if not text:
        return None
    found = exact(text)
    if found is None or found < 0:
        said = f"{where}: {key} {text[:_SHOWN]!r}"
        raise SettingsError(said, "it is a number from zero, with a point, or empty", "correct it")
    return found
