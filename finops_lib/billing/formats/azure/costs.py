"""What does each row of an Azure export cost, and which commitment does it belong to.

Each row is judged by itself, so that actual and amortised exports need no telling apart:

=====================================  ===========  =============  ==========
row                                    BilledCost   EffectiveCost  x_CostView
=====================================  ===========  =============  ==========
usage under a commitment, with cost    0            cost           amortized
usage under a commitment, at cost 0    0            unknown        zero
unused reservation or savings plan     0            cost           amortized
purchase or refund of a commitment     cost         0              actual
all else                               cost         cost
=====================================  ===========  =============  ==========

Cost 0 mostly means the actual view, but an amortised cost may be rounded down to it; where no quantity
was used, it holds in both. A pricing model that is named
(``OnDemand``, ``Spot``) decides; without one a reservation or benefit id does. A refund is, as in
Microsoft's own FOCUS mapping, a ``Purchase`` of negative cost with ChargeClass ``Correction``.

A purchase, refund, credit or rounding without a price has the billed cost as list and as contracted cost.

Source: Microsoft, "Convert Cost Management data to FOCUS"; FOCUS 1.4, definitions of the four costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.azure.cells import coded, each, plain
from finops_lib.billing.formats.azure.prices import is_zero, priced_cost, prices
from finops_lib.billing.formats.rows import Rows

_CATEGORY: Mapping[str, str] = MappingProxyType(
    {
        "usage": "Usage",
        "unusedreservation": "Usage",
        "unusedsavingsplan": "Usage",
        "purchase": "Purchase",
        "refund": "Purchase",
        "tax": "Tax",
        "credit": "Credit",
    }
)
_FREQUENCY: Mapping[str, str] = MappingProxyType(
    {"onetime": "One-Time", "recurring": "Recurring", "monthly": "Recurring", "usagebased": "Usage-Based"}
)
_MODELS: Mapping[str, str] = MappingProxyType(
    {"ondemand": "Standard", "spot": "Dynamic", "reservation": "Committed", "savingsplan": "Committed"}
)
_ALONE = ("purchase", "refund", "credit", "roundingadjustment")
_UNUSED = ("unusedreservation", "unusedsavingsplan")
_SELLERS = ("microsoftcapacity", "microsoftbillingbenefits")
_NO_ID = frozenset({"", "none", "na", "notapplicable", "unassigned", "0" * 32})
_PLAN_PROVIDER = "microsoft.billingbenefits"
_NOTHING = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class Kinds:
    """Which rows are usage under a commitment, unused commitment, and a commitment's purchase or refund.

    ``kind`` is the charge type and ``model`` the pricing model in plain letters, null where not said;
    ``plan`` marks what belongs to a savings plan.
    """

    kind: pa.Array
    model: pa.Array
    covered: pa.BooleanArray
    unused: pa.BooleanArray
    bought: pa.BooleanArray
    plan: pa.BooleanArray


def kinds(rows: Rows) -> Kinds:
    """What kind of charge is each row.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.

    Returns
    -------
    Kinds
        A file without the column ``ChargeType`` holds usage alone.
    """
    kind = each(coded(rows, "ChargeType"), plain)
    kind = kind if rows.first(["ChargeType"]) is not None else pa.repeat(pa.scalar("usage"), len(kind))
    model = each(coded(rows, "PricingModel"), plain)
    named = pc.or_(*(pc.is_valid(_identified(coded(rows, name))) for name in ("BenefitId", "ReservationId")))
    ours = pc.or_(_among(model, ("reservation", "savingsplan")), pc.and_(pc.is_null(model), named))
    seller = _among(each(coded(rows, "ConsumedService"), plain), _SELLERS)
    plan = pc.or_(
        _among(model, ("savingsplan",)),
        pc.or_(_among(kind, ("unusedsavingsplan",)), _contains(rows.text("BenefitId"), _PLAN_PROVIDER)),
    )
    return Kinds(
        kind=kind,
        model=model,
        covered=pc.and_(_among(kind, ("usage",)), ours),
        unused=_among(kind, _UNUSED),
        bought=pc.and_(_among(kind, ("purchase", "refund")), pc.or_(ours, seller)),
        plan=plan,
    )


def _among(column: pa.Array, values: Sequence[str]) -> pa.BooleanArray:
    return pc.is_in(column, pa.array(values, pa.string()))


def _contains(column: pa.Array, part: str) -> pa.BooleanArray:
    return pc.fill_null(pc.match_substring(column, part, ignore_case=True), fill_value=False)


def _identified(column: pa.Array) -> pa.Array:
    """Ids of commitments in lower case, for Azure ids do not mind it; a word for none is none."""
    return each(column, lambda text: None if plain(text) in _NO_ID else text.strip().lower())


def charges(rows: Rows, found: Kinds) -> dict[str, pa.Array]:
    """What is each row in FOCUS words, and which commitment does it belong to.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.
    found : Kinds
        What kind of charge each row is.

    Returns
    -------
    dict of str to pyarrow.Array
    """
    usage = each(found.kind, lambda kind: "Usage-Based" if _CATEGORY.get(kind) == "Usage" else None)
    model = each(found.model, _MODELS.get)
    spot = pc.and_(_among(found.kind, ("usage",)), _contains(rows.text("MeterName"), " spot"))
    said = pc.coalesce(
        model, pc.if_else(found.covered, "Committed", pc.if_else(spot, pa.scalar("Dynamic"), _NOTHING))
    )
    columns = {
        "ChargeCategory": each(found.kind, lambda kind: _CATEGORY.get(kind, "Adjustment")),
        "ChargeClass": each(found.kind, lambda kind: "Correction" if kind == "refund" else None),
        "ChargeFrequency": pc.coalesce(
            each(coded(rows, "Frequency"), lambda text: _FREQUENCY.get(plain(text))), usage
        ),
        # A commitment's own purchase is not made under one.
        "PricingCategory": pc.if_else(found.bought, "Standard", said),
    }
    columns |= _commitment(rows, found)
    return {name: column.dictionary_encode() for name, column in columns.items()}


def _commitment(rows: Rows, found: Kinds) -> dict[str, pa.Array]:
    ours = pc.or_(found.bought, pc.or_(found.covered, found.unused))
    name = pc.coalesce(rows.text("BenefitName"), rows.text("ReservationName"))
    known = pc.coalesce(*(_identified(coded(rows, column)) for column in ("BenefitId", "ReservationId")))
    status = pc.if_else(
        found.unused, pa.scalar("Unused"), pc.if_else(found.covered, pa.scalar("Used"), _NOTHING)
    )
    columns = {
        "CommitmentDiscountId": known,
        "CommitmentDiscountName": name,
        "CommitmentDiscountStatus": status,
        "CommitmentDiscountCategory": pc.if_else(found.plan, "Spend", "Usage"),
        "CommitmentDiscountType": pc.if_else(found.plan, "Savings Plan", "Reservation"),
    }
    return {column: pc.if_else(ours, values, _NOTHING) for column, values in columns.items()}


def costs(rows: Rows, found: Kinds) -> dict[str, pa.Array]:
    """What does each row cost: the four costs as text, the file's own beside them, and its view.

    Parameters
    ----------
    rows : Rows
        A batch under the names of this package.
    found : Kinds
        What kind of charge each row is.

    Returns
    -------
    dict of str to pyarrow.Array
    """
    own, nought = rows.text("CostInBillingCurrency"), pa.scalar("0")
    nothing = pc.if_else(pc.is_valid(own), nought, _NOTHING)
    zero, idle = is_zero(own), is_zero(rows.text("Quantity"))
    hidden = pc.and_(found.covered, pc.and_(zero, pc.invert(idle)))
    shown = pc.or_(found.unused, pc.and_(found.covered, pc.and_(pc.is_valid(own), pc.invert(zero))))

    def in_effect(cost: pa.Array) -> pa.Array:
        none = pc.if_else(pc.is_valid(cost), nought, _NOTHING)
        return pc.if_else(hidden, _NOTHING, pc.if_else(found.bought, none, cost))

    view = pc.if_else(found.bought, "actual", pc.if_else(hidden, pa.scalar("zero"), _NOTHING))
    return {
        "x_SourceCost": own,
        "BilledCost": pc.if_else(pc.or_(found.covered, found.unused), nothing, own),
        "EffectiveCost": in_effect(own),
        "PricingCurrencyEffectiveCost": in_effect(priced_cost(rows)),
        "x_CostView": pc.if_else(shown, "amortized", view).dictionary_encode(),
    } | _at_prices(rows, found, free=pc.and_(zero, pc.invert(found.covered)))


def _at_prices(rows: Rows, found: Kinds, *, free: pa.BooleanArray) -> dict[str, pa.Array]:
    """List and contracted cost; a charge that stands alone and has no price costs what is billed."""
    columns = prices(rows, free=free, used=pc.invert(found.unused))
    billed = pc.if_else(_among(found.kind, _ALONE), rows.text("CostInBillingCurrency"), _NOTHING)
    return columns | {name: pc.coalesce(columns[name], billed) for name in ("ListCost", "ContractedCost")}
