"""How much of a leaf's change is price, how much volume, mix, currency: the arithmetic of the bridge.

Divisions are rounded to 20 decimals once, and the last part of each split is what remains, so that parts add
up to the change to the last digit.

Source: L. Shapley, "A Value for n-Person Games", 1953, for the two players of quantity times price: volume is
dq (p0 + p1) / 2 and price dp (q0 + q1) / 2. Quantity is again share times total of its group: volume moves
all in step, mix shifts shares. Currency is split from the rest in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import pandas as pd

from finops_lib.cost.drivers.leaves import KINDS
from finops_lib.cost.exact import null_mark, total

PARTS = (
    "New", "Ended", "Price", "Volume", "Mix", "Unmeasured", "Commitments", "Credits", "Currency", "Other",
)  # fmt: skip
_WIDE = Context(prec=120)
_UNIT = Decimal(1).scaleb(-20)
_ZERO, _ONE, _HALF = Decimal(0), Decimal(1), Decimal("0.5")
_UNIT_FACTOR = Decimal(500)  # no price of a SKU moves so far; units differ by 1,000 or 1,024
_WITHIN = ("ResourceId", "SkuId")  # what shifts within a group
_LOCAL = {name: f"Local{name}" for name in KINDS}


@dataclass(frozen=True)
class Group:
    """How much did resources that stayed use together, before and after, in one unit."""

    before: Decimal
    after: Decimal


def effects(joined: pd.DataFrame, *, keys: list[str]) -> pd.DataFrame:
    """Which part of each leaf's change has which cause.

    Parameters
    ----------
    joined : DataFrame
        Leaves of both periods side by side, with the suffixes 0 (before) and 1 (after); one that is missing
        in a period is NaN there.
    keys : list of str
        The columns that tell leaves apart.

    Returns
    -------
    DataFrame
        Exact Decimal. ``New`` and ``Ended``: usage of resources that were used in one period only. For those
        that stayed: ``Price``, ``Volume`` (all of a place, service and unit in step), ``Mix`` (shifts between
        resources and SKUs of one place; a place is what leaves are told apart by besides) and ``Unmeasured``
        (usage whose quantity is not known, is zero, or is in another unit than before, as a price that moved
        500-fold says). ``Commitments`` (discounts, fees, unused parts), ``Credits`` and ``Other`` (tax,
        adjustments, other purchases) whatever they belong to. ``Currency``: exchange rates, on leaves billed
        in both periods.
    """
    lines = [_clean(line) for line in joined.to_dict("records")]
    rates = _rates(lines)
    stayed = _resources(lines, keys, "0") & _resources(lines, keys, "1")
    stays = [_resource(line, keys) in stayed for line in lines]
    groups = _groups((line for line, kept in zip(lines, stays, strict=True) if kept), keys)
    told = [
        _parts(line, stays=kept, rate=rates[line["BillingCurrency"]], group=groups.get(_group(line, keys)))
        for line, kept in zip(lines, stays, strict=True)
    ]
    return pd.DataFrame(told, columns=list(PARTS), index=joined.index, dtype=object)


def quantity_effect(
    cost: tuple[Decimal, Decimal], quantity: tuple[Decimal, Decimal], *, group: Group
) -> tuple[Decimal, Decimal] | None:
    """How much of a cost's change is volume and how much is mix; what is left is price.

    Parameters
    ----------
    cost, quantity : tuple of Decimal
        Before and after. A side without quantity takes the other side's price.
    group : Group
        All quantities that move in step.

    Returns
    -------
    tuple of Decimal or None
        Volume and mix, in the unit of cost, rounded to 20 decimals; None when there is no price to tell.

    Examples
    --------
    The group grows from 10 to 20, this leaf from 2 to 8 at a price of 1: in step it would have grown by
    10 * (0.2 + 0.4) / 2 = 3; the other 3 are mix.

    >>> sides = (Decimal(2), Decimal(8))
    >>> volume, mix = quantity_effect(sides, sides, group=Group(Decimal(10), Decimal(20)))
    >>> volume.normalize(), mix.normalize()
    (Decimal('3'), Decimal('3'))
    """
    prices = [_WIDE.divide(c, q) for c, q in zip(cost, quantity, strict=True) if q]
    if not prices or any(c and not q for c, q in zip(cost, quantity, strict=True)):
        return None
    price = _WIDE.divide(_sum(prices), Decimal(len(prices)))
    moved = _rounded(_product(_less(quantity[1], quantity[0]), price))
    if group.before <= 0 or group.after <= 0:
        return moved, _ZERO
    shares = _WIDE.divide(quantity[0], group.before), _WIDE.divide(quantity[1], group.after)
    step = _product(_less(group.after, group.before), _product(_sum(shares), _HALF))
    volume = _rounded(_product(step, price))
    return volume, _less(moved, volume)


def _parts(line: Mapping[str, Any], *, stays: bool, rate: Decimal, group: Group | None) -> dict[str, Decimal]:
    told = dict.fromkeys(PARTS, _ZERO)
    local = {kind: _local_change(line, kind, rate) for kind in KINDS}
    billed_twice = line["Both"]
    for kind in ("Commitments", "Credits", "Other"):
        told[kind] = local[kind] if billed_twice else _change(line, kind)
    if not stays:
        told["Ended" if line["Used0"] else "New"] = _change(line, "Usage")
    else:
        moved = local["Usage"] if billed_twice else _change(line, "Usage")
        told |= _usage(line, moved, rate=rate, group=group)
    told["Currency"] = _less(_sum(_change(line, kind) for kind in KINDS), _sum(told.values()))
    return told


def _usage(
    line: Mapping[str, Any], moved: Decimal, *, rate: Decimal, group: Group | None
) -> dict[str, Decimal]:
    quantity = line["Quantity0"], line["Quantity1"]
    local = line["LocalUsage0"], line["LocalUsage1"]
    found = None
    if group is not None and None not in quantity:
        found = quantity_effect(local, quantity, group=group)
    if found is None:
        return {"Unmeasured": moved}
    volume, mix = (_rounded(_product(part, rate)) for part in found)
    return {"Volume": volume, "Mix": mix, "Price": _less(moved, _sum([volume, mix]))}


def _clean(line: Mapping[Any, Any]) -> dict[str, Any]:
    """Say nothing is zero: no line in a period, or no usage on it, is no money and no quantity."""
    told = dict(line)
    for side in ("0", "1"):
        there = bool(pd.notna(line[f"Used{side}"]))
        told[f"Used{side}"] = there and bool(line[f"Used{side}"])
        for name in (*KINDS, *_LOCAL.values()):
            told[f"{name}{side}"] = line[f"{name}{side}"] if there else _ZERO
        quantity = line[f"Quantity{side}"] if told[f"Used{side}"] else _ZERO
        told[f"Quantity{side}"] = quantity if isinstance(quantity, Decimal) else None
    if _other_unit(told):
        told["Quantity0"] = told["Quantity1"] = None
    told["Both"] = bool(pd.notna(line["Used0"]) and pd.notna(line["Used1"]))
    return told


def _other_unit(line: Mapping[str, Any]) -> bool:
    """Tell whether one SKU's price moved so far that its quantity must be counted in another unit."""
    quantity, cost = ([line[f"{name}{side}"] for side in "01"] for name in ("Quantity", "LocalUsage"))
    if None in quantity or min(*quantity, *cost) <= 0:
        return False
    factor = _WIDE.divide(_product(cost[0], quantity[1]), _product(cost[1], quantity[0]))
    return not 1 / _UNIT_FACTOR < factor < _UNIT_FACTOR


def _resource(line: Mapping[str, Any], keys: list[str]) -> tuple[str, ...]:
    """Name the resource of a leaf; a leaf without one stands for itself."""
    name = line.get("ResourceId")
    if isinstance(name, str) and name != null_mark("ResourceId"):
        return ("ResourceId", name)
    return tuple(str(line[key]) for key in keys)


def _resources(lines: Iterable[Mapping[str, Any]], keys: list[str], side: str) -> set[tuple[str, ...]]:
    return {_resource(line, keys) for line in lines if line[f"Used{side}"]}


def _group(line: Mapping[str, Any], keys: list[str]) -> tuple[str, ...]:
    """Name what moves in step: the resources and SKUs of one place, service and unit.

    A place is what the leaves are told apart by besides; without a known unit, a leaf moves alone.
    """
    names = [name for name in keys if name not in _WITHIN] if "PricingUnit" in keys else keys
    return tuple(str(line.get(name)) for name in names)


def _groups(lines: Iterable[Mapping[str, Any]], keys: list[str]) -> dict[tuple[str, ...], Group]:
    sums: dict[tuple[str, ...], Group] = {}
    for line in lines:
        if line["Quantity0"] is not None and line["Quantity1"] is not None:
            name = _group(line, keys)
            held = sums.get(name, Group(_ZERO, _ZERO))
            sums[name] = Group(_sum([held.before, line["Quantity0"]]), _sum([held.after, line["Quantity1"]]))
    return sums


def _rates(lines: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Tell for each currency the mean of its rates before and after, each weighted by the money converted."""
    sums: dict[str, list[Decimal]] = {}
    for line in lines:
        held = sums.setdefault(line["BillingCurrency"], [_ZERO] * 4)
        for place, (kinds, side) in enumerate(
            ((KINDS, "0"), (_LOCAL.values(), "0"), (KINDS, "1"), (_LOCAL.values(), "1"))
        ):
            held[place] = _sum([held[place], *(abs(line[f"{kind}{side}"]) for kind in kinds)])
    told = {}
    for currency, (paid0, local0, paid1, local1) in sums.items():
        known = [_WIDE.divide(paid, local) for paid, local in ((paid0, local0), (paid1, local1)) if local]
        told[currency] = _rounded(_WIDE.divide(_sum(known), Decimal(len(known)))) if known else _ONE
    return told


def _change(line: Mapping[str, Any], kind: str) -> Decimal:
    return _less(line[f"{kind}1"], line[f"{kind}0"])


def _local_change(line: Mapping[str, Any], kind: str, rate: Decimal) -> Decimal:
    """Convert the change in the currency billed at the mean rate."""
    return _rounded(_product(_change(line, _LOCAL[kind]), rate))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return total(amounts) or _ZERO


def _less(amount: Decimal, other: Decimal) -> Decimal:
    return _WIDE.subtract(amount, other)


def _product(amount: Decimal, factor: Decimal) -> Decimal:
    return _WIDE.multiply(amount, factor)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_UNIT, context=_WIDE)
