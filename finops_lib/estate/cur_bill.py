"""The same bill as AWS Cost and Usage Report: legacy columns, or CUR 2.0 with its maps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from finops_lib.estate.calendar import Ints
from finops_lib.estate.charges import Block, Kind, Line
from finops_lib.estate.company import PAYER
from finops_lib.estate.focus_bill import sku, stamp, unit_price
from finops_lib.estate.table import QUANTITY_SCALE, ByLine, ByRow, ByTime, Field

_SELLER = "Amazon Web Services, Inc."
LINE_ITEM_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.USAGE: "Usage",
        Kind.PLAN_COVERED: "SavingsPlanCoveredUsage",
        Kind.NEGATION: "SavingsPlanNegation",
        Kind.RESERVED: "DiscountedUsage",
        Kind.PLAN_FEE: "SavingsPlanRecurringFee",
        Kind.RESERVATION_FEE: "RIFee",
        Kind.UPFRONT: "Fee",
        Kind.SUPPORT: "Fee",
        Kind.DISCOUNT: "EdpDiscount",
        Kind.CREDIT: "Credit",
        Kind.REFUND: "Refund",
        Kind.TAX: "Tax",
    }
)
_PRICED = frozenset({Kind.USAGE, Kind.PLAN_COVERED, Kind.RESERVED})
_PLAN = frozenset({Kind.PLAN_COVERED, Kind.NEGATION, Kind.PLAN_FEE})
_RESERVATION = frozenset({Kind.RESERVED, Kind.RESERVATION_FEE, Kind.UPFRONT})
_USED, _FEE, _COVERED, _PLAN_FEE = (
    frozenset({kind}) for kind in (Kind.RESERVED, Kind.RESERVATION_FEE, Kind.PLAN_COVERED, Kind.PLAN_FEE)
)
_UPPER = re.compile(r"(?<=[a-z0-9A-Z])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def as_cur(block: Block) -> Block:
    """Turn the truth into line items: no rows for what is unused, counter-entries for what a plan covers.

    Parameters
    ----------
    block : Block
        The truth.

    Returns
    -------
    Block
        With the amounts of CUR, 1e-10 dollars, and ``quantity``.
    """
    kinds = _kinds(block)
    items = _amounts(block.take(kinds != Kind.UNUSED))
    return _joined(items, _negations(items))


def fields(tag_keys: Sequence[str], *, version: str = "legacy", parquet: bool = False) -> tuple[Field, ...]:
    """Which columns does the report have.

    Parameters
    ----------
    tag_keys : sequence of str
        The tag keys in use; a legacy report has one column for each.
    version : str
        ``legacy`` or ``2.0``.
    parquet : bool
        Legacy Parquet spells its columns like CUR 2.0, but has no maps.

    Returns
    -------
    tuple of Field

    Examples
    --------
    >>> fields(["team"])[-1].name, fields(["team"], parquet=True)[-1].name, fields([], version="2.0")[-1].name
    ('resourceTags/user:team', 'resource_tags_user_team', 'resource_tags')
    """
    if version == "2.0":
        return (*(_renamed(field, snake(field.name)) for field in (*_COLUMNS, *_NAMES)), *_MAPS)
    columns = _merged(tag_keys) if parquet else {_prefixed(key): (key,) for key in tag_keys}
    wide = [*_COLUMNS, *(ByLine(name, _tag(keys)) for name, keys in columns.items())]
    return tuple(_renamed(field, snake(field.name)) for field in wide) if parquet else tuple(wide)


def snake(name: str) -> str:
    """How does CUR 2.0 spell a column of the legacy report.

    Parameters
    ----------
    name : str
        For example ``savingsPlan/SavingsPlanARN``.

    Returns
    -------
    str

    Examples
    --------
    >>> snake("savingsPlan/SavingsPlanARN"), snake("resourceTags/user:cost-center")
    ('savings_plan_savings_plan_a_r_n', 'resource_tags_user_cost_center')
    """
    return _OTHER.sub("_", _UPPER.sub("_", name).lower()).strip("_")


def _prefixed(key: str) -> str:
    return f"resourceTags/{key}" if key.startswith("aws:") else f"resourceTags/user:{key}"


def _merged(tag_keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Gather the tag keys that Parquet spells alike."""
    found: dict[str, tuple[str, ...]] = {}
    for key in tag_keys:
        name = snake(_prefixed(key))
        found[name] = (*found.get(name, ()), key)
    return found


def _tag(keys: Sequence[str]) -> Callable[[Line], str]:
    return lambda line: next((line.tags[key] for key in keys if key in line.tags), "")


def _renamed(field: Field, name: str) -> Field:
    return replace(field, name=name)


def _kinds(block: Block) -> np.ndarray:
    return np.array([line.kind for line in block.lines], dtype=object)[block.line]


def _amounts(block: Block) -> Block:
    covered = np.array([line.kind is Kind.PLAN_COVERED for line in block.lines], bool)[block.line]
    part = [line.commitment for line in block.lines]
    upfront = np.array([item.upfront_micro if item else 0 for item in part], dtype=np.int64)[block.line]
    old = block.amounts
    rate = np.array([item.upfront_micro + item.recurring_micro if item else 0 for item in part])[block.line]
    unused = old["unused"] // np.maximum(rate, 1)
    amounts = {
        "quantity": old["quantity"],
        "unblended": np.where(covered, old["list"], old["billed"]),
        "list": old["list"],
        "effective": old["effective"],
        "amortised": old["quantity"] * upfront,
        "recurring": old["effective"] - old["quantity"] * upfront,
        "unused_hours": unused,
        "unused_upfront": unused * upfront,
        "unused_recurring": unused * (rate - upfront),
        "used_commitment": old["billed"] - old["unused"],
    }
    return replace(block, amounts=amounts)


def _negations(block: Block) -> Block:
    """One row for each account, product, region and step takes back what its covered rows were charged."""
    rows = block.take(np.array([line.kind is Kind.PLAN_COVERED for line in block.lines], bool)[block.line])
    keys = [(line.account, line.product, line.region) for line in block.lines]
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    place = np.array([first[key] for key in keys], dtype=np.int64)[rows.line]
    pairs, group = np.unique(np.stack([place, rows.start]), axis=1, return_inverse=True)
    sums = {name: _sums(group, values, pairs.shape[1]) for name, values in rows.amounts.items()}
    zero = np.zeros(pairs.shape[1], dtype=np.int64)
    amounts = dict.fromkeys(sums, zero) | {"unblended": -sums["unblended"], "quantity": -sums["quantity"]}
    length = int((rows.end - rows.start)[0]) if rows.rows else 0
    lines = tuple(_negation(line) for line in block.lines)
    return Block(lines, pairs[0], pairs[1], pairs[1] + length, amounts)


def _negation(line: Line) -> Line:
    text = f"SavingsPlanNegation used by AccountId : {line.account.id}"
    return replace(line, kind=Kind.NEGATION, slot=None, resource="", description=text)


def _sums(group: Ints, values: Ints, size: int) -> Ints:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, group.ravel(), values)
    return total


def _joined(first: Block, second: Block) -> Block:
    amounts = {name: np.concatenate([first.amounts[name], second.amounts[name]]) for name in first.amounts}
    places = np.concatenate([first.line, second.line + len(first.lines)])
    start, end = (np.concatenate([getattr(first, at), getattr(second, at)]) for at in ("start", "end"))
    return Block(first.lines + second.lines, places, start, end, amounts)


def _line_item_id(line: Line) -> str:
    words = (line.kind.value, line.account.id, line.resource, _usage_type(line), line.service.code)
    return hashlib.sha256("/".join((*words, line.description, line.month.label)).encode()).hexdigest()[:52]


def _commitment_id(kinds: frozenset[Kind]) -> Callable[[Line], str]:
    return lambda line: line.commitment.id if line.commitment and line.kind in kinds else ""


def _usage_type(line: Line) -> str:
    if line.kind is Kind.PLAN_FEE:
        return "ComputeSP:1yrNoUpfront"
    return f"{line.region.prefix}{line.product.usage_type}" if line.product else ""


def _bill_type(line: Line) -> str:
    kinds = {Kind.REFUND: "Refund", Kind.UPFRONT: "Purchase"}
    return kinds.get(line.kind, "Anniversary")


def _term(line: Line) -> str:
    if line.kind in (Kind.USAGE, Kind.PLAN_COVERED):
        return "OnDemand"
    return "Reserved" if line.commitment else ""


def _of_product(name: str) -> Callable[[Line], str]:
    return lambda line: str(getattr(line.product, name)) if line.product else ""


def _plan_rate(line: Line) -> str:
    covered = replace(line, kind=Kind.USAGE, list_micro=line.effective_micro)
    return unit_price(covered) if line.kind is Kind.PLAN_COVERED else ""


def _is_priced(line: Line) -> bool:
    return line.kind in _PRICED


def _regional(read: Callable[[Line], str]) -> Callable[[Line], str]:
    return lambda line: read(line) if line.product else ""


_COLUMNS: tuple[Field, ...] = (
    ByLine("identity/LineItemId", _line_item_id),
    ByTime("identity/TimeInterval", "interval"),
    ByLine("bill/InvoiceId", lambda line: line.invoice),
    ByLine("bill/InvoicingEntity", lambda _: _SELLER),
    ByLine("bill/BillingEntity", lambda _: "AWS"),
    ByLine("bill/BillType", _bill_type),
    ByLine("bill/PayerAccountId", lambda _: PAYER.id),
    ByLine("bill/BillingPeriodStartDate", lambda line: stamp(line, "start"), "time"),
    ByLine("bill/BillingPeriodEndDate", lambda line: stamp(line, "end"), "time"),
    ByLine("lineItem/UsageAccountId", lambda line: line.account.id),
    ByLine("lineItem/LineItemType", lambda line: LINE_ITEM_TYPES[line.kind]),
    ByTime("lineItem/UsageStartDate", "start"),
    ByTime("lineItem/UsageEndDate", "end"),
    ByLine("lineItem/ProductCode", lambda line: line.service.code),
    ByLine("lineItem/UsageType", _usage_type),
    ByLine("lineItem/Operation", _of_product("operation")),
    ByLine("lineItem/AvailabilityZone", lambda _: ""),
    ByLine("lineItem/ResourceId", lambda line: line.resource),
    ByRow("lineItem/UsageAmount", "quantity", QUANTITY_SCALE),
    ByLine("lineItem/CurrencyCode", lambda _: "USD"),
    ByLine("lineItem/UnblendedRate", lambda line: unit_price(line, contracted=True), "number"),
    ByRow("lineItem/UnblendedCost", "unblended"),
    ByLine("lineItem/LineItemDescription", lambda line: line.description),
    ByLine("lineItem/TaxType", lambda line: "VAT" if line.kind is Kind.TAX else ""),
    ByLine("lineItem/LegalEntity", lambda _: _SELLER),
    ByLine("product/ProductName", lambda line: line.service.name),
    ByLine("product/instanceType", _of_product("instance")),
    ByLine("product/location", _regional(lambda line: line.region.name)),
    ByLine("product/productFamily", _of_product("family")),
    ByLine("product/regionCode", _regional(lambda line: line.region.id)),
    ByLine("product/servicecode", lambda line: line.service.code),
    ByLine("product/servicename", lambda line: line.service.name),
    ByLine("product/sku", sku),
    ByLine("product/usagetype", _usage_type),
    ByLine("pricing/RateCode", lambda line: f"{sku(line)}.JRTCKXETXF.6YS6EN2CT7" if line.product else ""),
    ByLine("pricing/currency", lambda _: "USD"),
    ByRow("pricing/publicOnDemandCost", "list", kinds=_PRICED),
    ByLine("pricing/publicOnDemandRate", lambda line: unit_price(line) if _is_priced(line) else "", "number"),
    ByLine("pricing/term", _term),
    ByLine("pricing/unit", _of_product("unit")),
    ByLine("pricing/PurchaseOption", lambda line: "Partial Upfront" if line.kind in _RESERVATION else ""),
    ByRow("reservation/AmortizedUpfrontCostForUsage", "amortised", kinds=_USED),
    ByRow("reservation/AmortizedUpfrontFeeForBillingPeriod", "amortised", kinds=_FEE),
    ByRow("reservation/EffectiveCost", "effective", kinds=_USED),
    ByRow("reservation/RecurringFeeForUsage", "recurring", kinds=_USED),
    ByLine("reservation/ReservationARN", _commitment_id(_RESERVATION)),
    ByRow("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "unused_upfront", kinds=_FEE),
    ByRow("reservation/UnusedQuantity", "unused_hours", QUANTITY_SCALE, _FEE),
    ByRow("reservation/UnusedRecurringFee", "unused_recurring", kinds=_FEE),
    ByRow("savingsPlan/TotalCommitmentToDate", "unblended", kinds=_PLAN_FEE),
    ByLine("savingsPlan/SavingsPlanARN", _commitment_id(_PLAN)),
    ByLine("savingsPlan/SavingsPlanRate", _plan_rate, "number"),
    ByRow("savingsPlan/UsedCommitment", "used_commitment", kinds=_PLAN_FEE),
    ByRow("savingsPlan/SavingsPlanEffectiveCost", "effective", kinds=_COVERED),
    ByRow("savingsPlan/RecurringCommitmentForBillingPeriod", "unblended", kinds=_PLAN_FEE),
    ByLine("savingsPlan/OfferingType", lambda line: "ComputeSavingsPlans" if line.kind in _PLAN else ""),
)
_NAMES: tuple[Field, ...] = (
    ByLine("bill/PayerAccountName", lambda _: PAYER.name),
    ByLine("lineItem/UsageAccountName", lambda line: line.account.name),
)


def _product_map(line: Line) -> Mapping[str, str]:
    return {"product_name": line.service.name, **({"sku": sku(line)} if line.product else {})}


def _tag_map(line: Line) -> Mapping[str, str]:
    return {snake(_prefixed(key)).removeprefix("resource_tags_"): value for key, value in line.tags.items()}


_MAPS: tuple[Field, ...] = (
    ByLine("cost_category", lambda _: {}, "map"),
    ByLine("discount", lambda _: {}, "map"),
    ByLine("product", _product_map, "map"),
    ByLine("resource_tags", _tag_map, "map"),
)
