"""Which changes are known to come: launches, merged changes, prices and ends that a file states.

TOML with ``[[change]]`` tables of the keys

- ``name``: what happens, and perhaps ``why``: for example the merged change or the contract that says so;
- ``kind``: ``step`` (from a day on), ``ramp`` (grows evenly until a day and stays), ``end`` (an amount falls
  away, or all of the scope) or ``price`` (all is multiplied);
- ``from`` (a day), and for a ramp ``until``; for the others the first day on which it no longer holds;
- ``amount`` a day with its ``currency`` (ISO 4217), or ``factor`` (0 or more): a step or ramp has one of
  them, a price a factor, an end at most an amount, above zero;
- ``scope``: what it happens to, columns or ``tag:key`` with their values; without it everything. A new thing
  belongs to the scope that it will be charged under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from finops_lib.cost import entries
from finops_lib.errors import SettingsError
from finops_lib.forecast.changes import KINDS
from finops_lib.records import Record

_KEYS = ("name", "why", "kind", "from", "until", "amount", "currency", "factor", "scope")
_NEEDED = ("name", "kind", "from")


@dataclass(frozen=True)
class Planned(Record):
    """One change that is known to come: ``amount`` a day in ``currency``, or ``factor``, from ``start`` on.

    ``kind`` is one of `changes.KINDS`; ``until`` is the end of a ramp, else the moment after the change.
    ``scope`` maps columns or ``tag:key`` to the values that it happens to; an empty one means everything.
    """

    name: str
    kind: str
    start: datetime
    until: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""
    factor: Decimal | None = None
    why: str = ""
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def parse(text: str, *, name: str) -> tuple[Planned, ...]:
    """Which changes does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Planned
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no TOML, or an entry is no change.

    Examples
    --------
    >>> text = '''[[change]]
    ... name = "New price list"
    ... kind = "price"
    ... from = 2026-11-01
    ... factor = 1.04'''
    >>> change = parse(text, name="changes.toml")[0]
    >>> change.kind, change.factor, f"{change.start:%Y-%m-%d}"
    ('price', Decimal('1.04'), '2026-11-01')
    """
    file = f"changes file {name}"
    found = entries.tables(text, key="change", file=file)
    return tuple(_planned(entry, f"{file}, entry {place}") for place, entry in enumerate(found, start=1))


def _planned(entry: Mapping[str, Any], where: str) -> Planned:
    entries.check_keys(entry, known=_KEYS, needed=_NEEDED, where=where)
    kind = entries.choice(entry["kind"], of=KINDS, key="kind", where=where)
    amount, factor = _amounts(entry, kind, where)
    start = entries.day(entry["from"], key="from", where=where)
    until = entries.day(entry["until"], key="until", where=where) if "until" in entry else None
    if (kind == "ramp" and until is None) or (until is not None and until <= start):
        raise SettingsError(
            f"{where}: until {entry.get('until', 'is missing')!s:.80}",
            "a ramp says by when it is full, and an end lies after its beginning",
            "write a later day",
        )
    return Planned(
        name=entries.label(entry["name"], key="name", where=where),
        kind=kind,
        start=start,
        until=until,
        amount=amount,
        currency="" if amount is None else entries.currency(entry.get("currency"), where=where),
        factor=factor,
        why=entries.label(entry.get("why", ""), key="why", where=where),
        scope=entries.scope(entry.get("scope", {}), where=where),
    )


def _amounts(entry: Mapping[str, Any], kind: str, where: str) -> tuple[Decimal | None, Decimal | None]:
    there = {key for key in ("amount", "factor") if key in entry}
    allowed: tuple[set[str], ...] = ({"amount"}, {"factor"})
    if kind == "price":
        allowed = ({"factor"},)
    elif kind == "end":
        allowed = (set(), {"amount"})
    if there not in allowed:
        raise SettingsError(
            f"{where}: kind {kind} with {' and '.join(sorted(there)) or 'neither amount nor factor'}",
            "a step or ramp has an amount or a factor, a price a factor, an end at most an amount",
            "give what its kind needs",
        )
    amount = factor = None
    if "amount" in there:
        least = Decimal(0) if kind == "end" else None
        amount = entries.number(entry["amount"], key="amount", where=where, least=least)
    if "factor" in there:
        factor = entries.number(entry["factor"], key="factor", where=where)
    if factor is not None and factor < 0:
        raise SettingsError(f"{where}: factor {factor}", "a factor is 0 or more", "write 1.04 for 4 % more")
    return amount, factor
