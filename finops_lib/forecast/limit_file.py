"""Which capacity limits does a file state: of a commitment, a quota, a disk or machines of one's own.

TOML with ``[[limit]]`` tables of the keys

- ``name`` and ``owner``: what is limited and who answers for it;
- ``kind``: ``commitment``, ``quota``, ``disk`` or ``hardware``;
- ``amount`` a day (above zero, with a point), and either ``currency`` (ISO 4217), if the daily cost is
  limited, or ``unit`` (a ``ConsumedUnit`` of the lake), if the daily use is;
- ``scope``: what counts, columns or ``tag:key`` with their values; without it everything counts;
- ``then``: a list of ``{ from, amount }``: from this day on another amount holds, for example that of
  machines on order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from finops_lib.cost import entries
from finops_lib.errors import SettingsError
from finops_lib.forecast.panel import FloatArray
from finops_lib.records import Record

KINDS = ("commitment", "quota", "disk", "hardware")
_KEYS = ("name", "owner", "kind", "amount", "currency", "unit", "scope", "then")
_NEEDED = ("name", "owner", "kind", "amount")
_STEP = ("from", "amount")


@dataclass(frozen=True)
class Limit(Record):
    """How much a day can be used, or spent, of what.

    ``unit`` is an ISO 4217 code where ``is_cost``, else a unit of use. ``then`` are days and the amounts that
    hold from them on, ascending. ``scope`` maps columns or ``tag:key`` to the values that count.

    Examples
    --------
    >>> more = ((datetime(2026, 10, 2), Decimal(9)),)
    >>> limit = Limit("Rack", "ann", "hardware", Decimal(5), "Cores", is_cost=False, then=more)
    >>> limit.by_day(pd.date_range("2026-10-01", periods=3)).tolist()
    [5.0, 9.0, 9.0]
    """

    name: str
    owner: str
    kind: str
    amount: Decimal
    unit: str
    is_cost: bool
    then: tuple[tuple[datetime, Decimal], ...] = ()
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by_day(self, days: pd.DatetimeIndex) -> FloatArray:
        """Which amount holds on each of these days.

        Parameters
        ----------
        days : DatetimeIndex
            UTC, without a zone.

        Returns
        -------
        ndarray
            In ``unit``.
        """
        found = np.full(len(days), float(self.amount))
        for moment, amount in self.then:
            found[days >= pd.Timestamp(moment.replace(tzinfo=None))] = float(amount)
        return found


def parse(text: str, *, name: str) -> tuple[Limit, ...]:
    """Which limits does this text state.

    Parameters
    ----------
    text : str
        Of a TOML file.
    name : str
        Of the file, for errors.

    Returns
    -------
    tuple of Limit
        In the order of the file.

    Raises
    ------
    SettingsError
        The text is no TOML, an entry is no limit, or two have one name.

    Examples
    --------
    >>> text = '''[[limit]]
    ... name = "Disk"
    ... owner = "ann"
    ... kind = "disk"
    ... amount = 512
    ... unit = "GiB"'''
    >>> limit = parse(text, name="limits.toml")[0]
    >>> limit.amount, limit.unit, limit.is_cost
    (Decimal('512'), 'GiB', False)
    """
    file = f"limits file {name}"
    found = tuple(
        _limit(entry, f"{file}, entry {place}")
        for place, entry in enumerate(entries.tables(text, key="limit", file=file), start=1)
    )
    entries.refuse_twice([limit.name for limit in found], kind="limit", file=file)
    return found


def _limit(entry: Mapping[str, Any], where: str) -> Limit:
    entries.check_keys(entry, known=_KEYS, needed=_NEEDED, where=where)
    is_cost = bool(str(entry.get("currency", "")).strip())
    unit = str(entry.get("unit", "")).strip()
    if is_cost == bool(unit):
        raise SettingsError(
            f"{where}: currency {entry.get('currency', '')!r} and unit {unit!r}",
            "a limit is on the cost, in a currency, or on the use, in a unit",
            "give one of the two",
        )
    return Limit(
        name=entries.label(entry["name"], key="name", where=where),
        owner=entries.label(entry["owner"], key="owner", where=where),
        kind=entries.choice(entry["kind"], of=KINDS, key="kind", where=where),
        amount=entries.number(entry["amount"], key="amount", where=where, least=Decimal(0)),
        unit=entries.currency(entry["currency"], where=where)
        if is_cost
        else entries.label(unit, key="unit", where=where),
        is_cost=is_cost,
        then=_then(entry.get("then", []), where),
        scope=entries.scope(entry.get("scope", {}), where=where),
    )


def _then(found: object, where: str) -> tuple[tuple[datetime, Decimal], ...]:
    steps = []
    for given in found if isinstance(found, list) else [found]:
        step: Mapping[str, Any] = given if isinstance(given, dict) else {}
        entries.check_keys(step, known=_STEP, needed=_STEP, where=where)
        amount = entries.number(step["amount"], key="then amount", where=where, least=Decimal(0))
        steps.append((entries.day(step["from"], key="then from", where=where), amount))
    if any(after <= before for (before, _), (after, _) in pairwise(steps)):
        raise SettingsError(f"{where}: then", "its days ascend, each once", "put them in order")
    return tuple(steps)
