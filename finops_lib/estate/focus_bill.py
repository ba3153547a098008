"""The bill as FOCUS: which column says what about a charge."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from finops_lib.billing import focus
from finops_lib.estate.charges import Block, Kind, Line
from finops_lib.estate.company import PAYER
from finops_lib.estate.table import MONEY_SCALE, QUANTITY_SCALE, ByLine, ByRow, ByTime, Field
from finops_lib.records import plain

_TO_MONEY = 10 ** (MONEY_SCALE - QUANTITY_SCALE)
_SELLER = "Amazon Web Services, Inc."
_PRICED = frozenset({Kind.USAGE, Kind.PLAN_COVERED, Kind.RESERVED})
_FEES = frozenset({Kind.PLAN_FEE, Kind.RESERVATION_FEE, Kind.UPFRONT})
_COMMITTED = frozenset({Kind.PLAN_COVERED, Kind.RESERVED, Kind.UNUSED})
CATEGORIES: Mapping[Kind, str] = MappingProxyType(
    {
        **dict.fromkeys((*_PRICED, Kind.UNUSED), "Usage"),
        **dict.fromkeys((*_FEES, Kind.SUPPORT), "Purchase"),
        Kind.DISCOUNT: "Adjustment",
        Kind.CREDIT: "Credit",
        Kind.REFUND: "Credit",
        Kind.TAX: "Tax",
    }
)
_ONCE = frozenset({Kind.UPFRONT, Kind.CREDIT, Kind.REFUND})
_RECURRING = frozenset({Kind.PLAN_FEE, Kind.RESERVATION_FEE, Kind.SUPPORT})
_STATUS: Mapping[Kind, str] = MappingProxyType(
    {Kind.PLAN_COVERED: "Used", Kind.RESERVED: "Used", Kind.UNUSED: "Unused"}
)


def fields(version: str = "1.2") -> tuple[Field, ...]:
    """Which columns does the bill have in this version of FOCUS.

    Parameters
    ----------
    version : str
        ``1.0`` to ``1.4``.

    Returns
    -------
    tuple of Field
        By name; columns that AWS leaves empty are there and empty.

    Examples
    --------
    >>> [len(fields(version)) for version in ("1.0", "1.2", "1.4")]
    [43, 57, 65]
    """
    kinds = {"string": "text", "json": "text", "decimal": "number", "datetime": "time"}
    wide = {**_ROWS, **_TIMES}
    return tuple(
        wide.get(item.name) or ByLine(item.name, _LINES.get(item.name, _nothing), kinds[item.kind])
        for item in focus.columns(version=version)
    )


def as_focus(block: Block) -> Block:
    """Add what each row takes of its commitment, in 1e-10 of the commitment's unit (dollars or hours).

    Parameters
    ----------
    block : Block
        The truth.

    Returns
    -------
    Block
        With the amount ``bound``.
    """
    plan = np.array(
        [line.commitment is not None and line.commitment.covers == "plan" for line in block.lines], bool
    )
    dollars = block.amounts["billed"] + block.amounts["effective"]
    hours = block.amounts["quantity"] * _TO_MONEY
    bound = np.where(plan[block.line], dollars, hours) if block.rows else hours
    return replace(block, amounts={**block.amounts, "bound": bound})


def sku(line: Line) -> str:
    """Which SKU is charged: 16 letters and digits that depend on product and region.

    Parameters
    ----------
    line : Line
        The charge.

    Returns
    -------
    str
        Empty where nothing is priced by the unit.
    """
    if line.product is None:
        return ""
    name = f"{line.product.key}/{line.region.id}"
    return hashlib.sha256(name.encode()).hexdigest()[:16].upper()


def stamp(line: Line, which: str) -> str:
    """Write an end of the billing period.

    Parameters
    ----------
    line : Line
        The charge.
    which : str
        ``start`` or ``end``.

    Returns
    -------
    str
        For example ``2026-07-01T00:00:00Z``.
    """
    return f"{getattr(line.month.period, which):%Y-%m-%dT%H:%M:%SZ}"


def unit_price(line: Line, *, contracted: bool = False) -> str:
    """What does one unit cost, in dollars.

    Parameters
    ----------
    line : Line
        The charge.
    contracted : bool
        After negotiation instead of at the list price.

    Returns
    -------
    str
        Empty where there is no unit price.
    """
    if line.kind in _PRICED:
        return plain(Decimal(line.contract_micro if contracted else line.list_micro).scaleb(-6))
    if line.kind is Kind.PLAN_FEE and line.commitment:
        return plain(Decimal(line.commitment.hourly).scaleb(-10))
    if line.kind is Kind.RESERVATION_FEE and line.commitment:
        return plain(Decimal(line.commitment.recurring_micro).scaleb(-6))
    return ""


def _nothing(_: Line) -> str:
    return ""


def _always(text: str) -> Callable[[Line], str]:
    return lambda _: text


def _frequency(line: Line) -> str:
    return "One-Time" if line.kind in _ONCE else "Recurring" if line.kind in _RECURRING else "Usage-Based"


def _pricing_category(line: Line) -> str:
    if line.kind in _COMMITTED:
        return "Committed"
    return "Standard" if line.kind in _PRICED or line.kind in _FEES else ""


def _commitment(read: Callable[[Line], str]) -> Callable[[Line], str]:
    return lambda line: read(line) if line.commitment else ""


def _of_plan(plan: str, reservation: str) -> Callable[[Line], str]:
    return _commitment(
        lambda line: plan if line.commitment and line.commitment.covers == "plan" else reservation
    )


def _pricing_unit(line: Line) -> str:
    if line.kind in _PRICED and line.product:
        return line.product.unit
    if line.kind is Kind.SUPPORT:
        return "Months"
    return "Instances" if line.kind is Kind.UPFRONT else "Hrs" if line.commitment else ""


def _details(line: Line) -> Mapping[str, str]:
    instance = line.product.instance if line.product else ""
    return {"InstanceType": instance, "OperatingSystem": "Linux"} if instance else {}


def _resource_type(line: Line) -> str:
    return line.product.family if line.resource and line.product else ""


def _zone(line: Line) -> str:
    return (
        f"{line.region.id}{'abc'[line.slot.number % 3]}"
        if line.slot and line.product and line.product.instance
        else ""
    )


_LINES: Mapping[str, Callable[[Line], str | Mapping[str, str]]] = MappingProxyType(
    {
        "AvailabilityZone": _zone,
        "BillingAccountId": _always(PAYER.id),
        "BillingAccountName": _always(PAYER.name),
        "BillingAccountType": _always("Payer Account"),
        "BillingCurrency": _always("USD"),
        "BillingPeriodEnd": lambda line: stamp(line, "end"),
        "BillingPeriodStart": lambda line: stamp(line, "start"),
        "ChargeCategory": lambda line: CATEGORIES[line.kind],
        "ChargeClass": lambda line: "Correction" if line.corrects else "",
        "ChargeDescription": lambda line: line.description,
        "ChargeFrequency": _frequency,
        "CommitmentDiscountCategory": _of_plan("Spend", "Usage"),
        "CommitmentDiscountId": _commitment(lambda line: line.commitment.id if line.commitment else ""),
        "CommitmentDiscountName": _commitment(lambda line: line.commitment.name if line.commitment else ""),
        "CommitmentDiscountStatus": lambda line: _STATUS.get(line.kind, ""),
        "CommitmentDiscountType": _commitment(lambda line: line.commitment.kind if line.commitment else ""),
        "CommitmentDiscountUnit": _of_plan("USD", "Hrs"),
        "ConsumedUnit": lambda line: _pricing_unit(line) if line.kind in _PRICED else "",
        "ContractedUnitPrice": lambda line: unit_price(line, contracted=True),
        "HostProviderName": _always("AWS"),
        "InvoiceId": lambda line: line.invoice,
        "InvoiceIssuerName": _always(_SELLER),
        "ListUnitPrice": unit_price,
        "PricingCategory": _pricing_category,
        "PricingCurrency": _always("USD"),
        "PricingCurrencyContractedUnitPrice": lambda line: unit_price(line, contracted=True),
        "PricingCurrencyListUnitPrice": unit_price,
        "PricingUnit": _pricing_unit,
        "ProviderName": _always("AWS"),
        "PublisherName": _always(_SELLER),
        "RegionId": lambda line: line.region.id if line.product else "",
        "RegionName": lambda line: line.region.name if line.product else "",
        "ResourceId": lambda line: line.resource,
        "ResourceType": _resource_type,
        "ServiceCategory": lambda line: line.service.category,
        "ServiceName": lambda line: line.service.name,
        "ServiceProviderName": _always("AWS"),
        "ServiceSubcategory": lambda line: line.service.subcategory,
        "SkuId": sku,
        "SkuMeter": lambda line: line.product.usage_type if line.product else "",
        "SkuPriceDetails": _details,
        "SkuPriceId": lambda line: f"{sku(line)}.JRTCKXETXF.6YS6EN2CT7" if line.product else "",
        "SubAccountId": lambda line: line.account.id,
        "SubAccountName": lambda line: line.account.name,
        "SubAccountType": _always("Linked Account"),
        "Tags": lambda line: line.tags,
    }
)
_BOUND = _COMMITTED | _FEES
_COUNTED = _PRICED | _FEES | {Kind.UNUSED, Kind.SUPPORT}
_MONEY = {
    "BilledCost": "billed", "EffectiveCost": "effective", "ListCost": "list", "ContractedCost": "contracted",
    "PricingCurrencyEffectiveCost": "effective",
}  # fmt: skip
_ROWS: Mapping[str, Field] = MappingProxyType(
    {
        **{name: ByRow(name, amount) for name, amount in _MONEY.items()},
        "ConsumedQuantity": ByRow("ConsumedQuantity", "quantity", QUANTITY_SCALE, _PRICED),
        "PricingQuantity": ByRow("PricingQuantity", "quantity", QUANTITY_SCALE, _COUNTED),
        "CommitmentDiscountQuantity": ByRow("CommitmentDiscountQuantity", "bound", kinds=_BOUND),
    }
)
_TIMES: Mapping[str, Field] = MappingProxyType(
    {
        "ChargePeriodStart": ByTime("ChargePeriodStart", "start"),
        "ChargePeriodEnd": ByTime("ChargePeriodEnd", "end"),
    }
)
