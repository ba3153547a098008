"""What does a change cost a month: each resource it touches, priced before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from finops_lib.policy.check.pricing import Monthly, Price, Pricer
from finops_lib.records import Record, Resource

_TAGS = frozenset({"tags", "Tags", "labels", "tags_all", "metadata", "tag_specifications"})


@dataclass(frozen=True)
class CostRow(Record):
    """One resource: what it costs in a month before and after, None where it is not there or not known.

    ``change`` is ``added``, ``removed`` or ``changed``; ``delta`` is after less before at the planned number
    of members, ``delta_most`` at the most; both are None where a price is not known, and ``reason`` says why.
    """

    address: str
    change: str
    file: str
    line: int
    before: Monthly | None
    after: Monthly | None
    delta: Decimal | None
    delta_most: Decimal | None
    currency: str
    reason: str = ""


@dataclass(frozen=True)
class CostDelta(Record):
    """What a change costs a month: rows, the sums of known ones by currency, how many are not known.

    Examples
    --------
    >>> CostDelta().unknown, dict(CostDelta().total)
    (0, {})
    """

    rows: tuple[CostRow, ...] = ()
    total: Mapping[str, Decimal] = field(default_factory=dict)
    total_most: Mapping[str, Decimal] = field(default_factory=dict)
    unknown: int = 0


def cost_delta(
    before: Iterable[Resource], after: Iterable[Resource], *, price_before: Pricer, price_after: Pricer
) -> CostDelta:
    """What does the way from one state of the repository to another cost a month.

    Parameters
    ----------
    before, after : iterable of Resource
        All resources of both states; those of one address are the same thing.
    price_before, price_after : callable
        Resource to its price, each made of its own state: a group costs what its template says there.

    Returns
    -------
    CostDelta
        A row for each resource whose price moved, and for each that came, went or changed more than its tags
        while its price is not known. The largest movements first, then those not known.

    Raises
    ------
    ValueError
        Two resources of one state have the same address.
    """
    old, new = _by_address(before), _by_address(after)
    rows = [
        row
        for address in sorted(old.keys() | new.keys())
        for row in _rows(
            new.get(address) or old[address], old.get(address), new.get(address), price_before, price_after
        )
    ]
    rows.sort(key=lambda row: (row.delta is None, -_movement(row), row.address))
    known = [row for row in rows if row.delta is not None]
    return CostDelta(
        tuple(rows),
        _sums((row.currency, row.delta) for row in known),
        _sums((row.currency, row.delta_most) for row in known),
        len(rows) - len(known),
    )


def _movement(row: CostRow) -> Decimal:
    return max((abs(part) for part in (row.delta, row.delta_most) if part is not None), default=Decimal(0))


def _by_address(resources: Iterable[Resource]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for resource in resources:
        if found.setdefault(resource.address, resource) is not resource:
            raise ValueError(f"address {resource.address[:80]!r}: it comes twice in one inventory")
    return found


def _rows(
    stated: Resource,
    old: Resource | None,
    new: Resource | None,
    price_before: Pricer,
    price_after: Pricer,
) -> Sequence[CostRow]:
    """No row for what costs the same, and none for what cannot be priced and did not change."""
    before, after = price_before(old) if old else None, price_after(new) if new else None
    change = "changed" if old and new else "added" if new else "removed"
    reason = _reason(before, after)
    ends = _known(before), _known(after)
    if reason:
        same = old and new and ends == (None, None) and _priced_by(old) == _priced_by(new)
        row = CostRow(stated.address, change, stated.file, stated.line, *ends, None, None, "", reason)
        return () if same else (row,)
    return _moved(stated, change, *ends)


def _moved(stated: Resource, change: str, before: Monthly | None, after: Monthly | None) -> Sequence[CostRow]:
    nothing = Decimal(0)
    delta = (after.mid if after else nothing) - (before.mid if before else nothing)
    most = (after.high if after else nothing) - (before.high if before else nothing)
    if not delta and not most:
        return ()
    currency = next(part.currency for part in (after, before) if part)
    return (CostRow(stated.address, change, stated.file, stated.line, before, after, delta, most, currency),)


def _reason(before: Price | None, after: Price | None) -> str:
    """Why the difference is not known; empty where it is."""
    for when, price in (("after", after), ("before", before)):
        if price is not None and not isinstance(price, Monthly):
            return f"{when}: {price.reason}"
    currencies = {price.currency for price in (before, after) if isinstance(price, Monthly)}
    return f"{' and '.join(sorted(currencies))} are never subtracted" if len(currencies) > 1 else ""


def _known(price: Price | None) -> Monthly | None:
    return price if isinstance(price, Monthly) else None


def _priced_by(resource: Resource) -> tuple[object, ...]:
    """What of a resource can move its price: all but its tags and its place in the file."""
    properties: dict[str, Any] = {
        key: value for key, value in resource.properties.items() if key not in _TAGS
    }
    return resource.type, resource.region, properties, resource.unknown, resource.links


def _sums(parts: Iterable[tuple[str, Decimal | None]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for currency, amount in parts:
        total[currency] = total.get(currency, Decimal(0)) + (amount or Decimal(0))
    return dict(sorted(total.items()))
