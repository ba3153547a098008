"""AWS Cost and Usage Report, legacy and 2.0. A delivery overwrites its period.

Legacy columns (``lineItem/UnblendedCost``) are spelled as 2.0 does (``line_item_unblended_cost``), so
that both share one mapping. Billed cost is the unblended cost, except that usage covered by a Savings
Plan is billed zero: its on-demand price and the counter-entry (SavingsPlanNegation) cancel. Effective
cost follows AWS's amortised view. Fees and credits have no public price: their list cost is what is billed.

Source: AWS, "Data dictionary" of the Cost and Usage Report; amortised cost as documented for
``reservation/EffectiveCost`` and ``savingsPlan/SavingsPlanEffectiveCost``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.aws_services import service_category, service_subcategory
from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import kept, respelled, tags_in_columns

NEEDED = (
    "bill_billing_period_start_date",
    "bill_payer_account_id",
    "line_item_line_item_type",
    "line_item_unblended_cost",
    "line_item_usage_start_date",
)
_RENAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AvailabilityZone": ("line_item_availability_zone",),
        "BillingAccountId": ("bill_payer_account_id",),
        "BillingAccountName": ("bill_payer_account_name",),
        "BillingCurrency": ("line_item_currency_code",),
        "BillingPeriodEnd": ("bill_billing_period_end_date",),
        "BillingPeriodStart": ("bill_billing_period_start_date",),
        "ChargeDescription": ("line_item_line_item_description",),
        "ChargePeriodEnd": ("line_item_usage_end_date",),
        "ChargePeriodStart": ("line_item_usage_start_date",),
        "CommitmentDiscountId": ("savings_plan_savings_plan_a_r_n", "reservation_reservation_a_r_n"),
        "ContractedUnitPrice": ("line_item_unblended_rate",),
        "InvoiceId": ("bill_invoice_id",),
        "InvoiceIssuerName": ("bill_invoicing_entity",),
        "ListUnitPrice": ("pricing_public_on_demand_rate",),
        "PricingCurrency": ("pricing_currency",),
        "RegionId": ("product_region_code", "product_region"),
        "RegionName": ("product_location",),
        "ResourceId": ("line_item_resource_id",),
        "ServiceName": ("product_product_name", "product_servicename", "line_item_product_code"),
        "SkuId": ("product_sku",),
        "SkuPriceId": ("pricing_rate_code", "pricing_rate_id"),
        "SubAccountId": ("line_item_usage_account_id",),
        "SubAccountName": ("line_item_usage_account_name",),
        "x_LineItemType": ("line_item_line_item_type",),
        "x_Operation": ("line_item_operation",),
        "x_ProductCode": ("line_item_product_code",),
        "x_ProductFamily": ("product_product_family",),
        "x_PublisherName": ("line_item_legal_entity",),
        "x_UsageType": ("line_item_usage_type",),
    }
)
_NUMBERS = frozenset(
    {
        "line_item_unblended_cost",
        "line_item_unblended_rate",
        "line_item_usage_amount",
        "pricing_public_on_demand_cost",
        "pricing_public_on_demand_rate",
        "reservation_effective_cost",
        "reservation_unused_amortized_upfront_fee_for_billing_period",
        "reservation_unused_recurring_fee",
        "savings_plan_savings_plan_effective_cost",
        "savings_plan_total_commitment_to_date",
        "savings_plan_used_commitment",
    }
)
_TYPE = "line_item_line_item_type"
_COVERED, _RESERVED, _NEGATION = "SavingsPlanCoveredUsage", "DiscountedUsage", "SavingsPlanNegation"
_FEES = ("RIFee", "SavingsPlanRecurringFee")
_CATEGORY: Mapping[str, str] = MappingProxyType(
    {
        "Usage": "Usage",
        _RESERVED: "Usage",
        _COVERED: "Usage",
        "Fee": "Purchase",
        "RIFee": "Purchase",
        "SavingsPlanRecurringFee": "Purchase",
        "SavingsPlanUpfrontFee": "Purchase",
        "Tax": "Tax",
        "Credit": "Credit",
        "Refund": "Credit",
    }
)
_COMMITMENT: Mapping[str, str] = MappingProxyType({_COVERED: "Savings Plan", _RESERVED: "Reserved Instance"})
_COUNTED: Mapping[str, str] = MappingProxyType({"Savings Plan": "Spend", "Reserved Instance": "Usage"})
_USED = frozenset(
    {*_NUMBERS, _TYPE, "product", "resource_tags", *(name for names in _RENAMED.values() for name in names)}
)
_UPPER = re.compile(r"(?<=[a-z0-9A-Z])(?=[A-Z])")
_OTHER = re.compile(r"[^a-z0-9]+")
_LEGACY_TAG = re.compile(r"resourceTags/(?:user:)?(.+)", re.S)
_TAG = re.compile(r"resource_tags_(?:user_)?(.+)", re.S)
_TAG_OWNER = re.compile(r"^user[:_]", re.I)


def snake(name: str) -> str:
    """How does CUR 2.0 spell a column of the legacy report.

    Parameters
    ----------
    name : str
        A column of either report.

    Returns
    -------
    str

    Examples
    --------
    >>> snake("lineItem/UnblendedCost"), snake("savingsPlan/SavingsPlanARN"), snake("bill_invoice_id")
    ('line_item_unblended_cost', 'savings_plan_savings_plan_a_r_n', 'bill_invoice_id')
    """
    return _OTHER.sub("_", _UPPER.sub("_", name).lower()).strip("_") if "/" in name else name


def tag_key(name: str) -> str | None:
    """Which tag does this column hold, if it holds one.

    Parameters
    ----------
    name : str
        A column of either report.

    Returns
    -------
    str or None

    Examples
    --------
    >>> tag_key("resourceTags/user:team"), tag_key("resource_tags_user_team"), tag_key("bill/InvoiceId")
    ('team', 'team', None)
    """
    found = _LEGACY_TAG.fullmatch(name) or _TAG.fullmatch(name)
    return found[1] if found else None


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed([snake(name) for name in header], NEEDED)


def _to_focus(raw: pa.Table) -> pa.Table:
    spelled = raw.rename_columns(respelled(raw.column_names, snake))
    rows = Rows(spelled)
    columns = {
        name: found for name, sources in _RENAMED.items() if (found := rows.first(sources)) is not None
    }
    columns |= {
        name: rows.constant("AWS") for name in ("ServiceProviderName", "HostProviderName", "x_ProviderName")
    }
    columns["ServiceCategory"] = rows.looked_up("line_item_product_code", service_category)
    columns["ServiceSubcategory"] = rows.looked_up("line_item_product_code", service_subcategory)
    columns["BillingAccountType"] = rows.looked_up("bill_payer_account_id", lambda _: "Payer Account")
    columns["SubAccountType"] = rows.looked_up("line_item_usage_account_id", lambda _: "Linked Account")
    named = rows.looked_up("product", lambda text: _mapped(text).get("product_name"))
    if named.null_count < len(named):
        columns["ServiceName"] = pc.coalesce(
            named.dictionary_decode(), _decoded(columns["ServiceName"])
        ).dictionary_encode()
    tags = _tags(raw, rows)
    columns |= _charge(rows) | _costs(rows) | ({"Tags": tags} if tags is not None else {})
    used = {name for name in spelled.column_names if name in _USED or tag_key(name)}
    return pa.table(columns | kept(spelled, used=used, taken=columns))


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _charge(rows: Rows) -> dict[str, pa.Array]:
    """What kind of charge each row is; discounts and counter-entries are adjustments."""
    return {
        "ChargeCategory": rows.looked_up(_TYPE, lambda kind: _CATEGORY.get(kind, "Adjustment")),
        "ChargeClass": rows.looked_up(_TYPE, lambda kind: "Correction" if kind == "Refund" else None),
        "ChargeFrequency": rows.looked_up(_TYPE, _frequency),
        "PricingCategory": rows.looked_up(_TYPE, _pricing),
        "CommitmentDiscountStatus": rows.looked_up(
            _TYPE, lambda kind: "Used" if kind in _COMMITMENT else None
        ),
        **_commitment(rows),
        **_amounts(rows),
        "ResourceType": _beside(rows, "product_product_family", "line_item_resource_id"),
        "SkuMeter": _beside(rows, "line_item_usage_type", "product_sku"),
    }


def _beside(rows: Rows, name: str, owner: str) -> pa.Array:
    """Return a column where another is not empty: FOCUS says nothing about what is not named."""
    named = pc.is_valid(rows.text(owner))
    return pc.if_else(named, rows.text(name), pa.scalar(None, pa.string())).dictionary_encode()


def _commitment(rows: Rows) -> dict[str, pa.Array]:
    """Of which kind a commitment is: used or paid for, a row names it."""
    kind = pc.coalesce(
        rows.looked_up(_TYPE, _COMMITMENT.get).dictionary_decode(),
        _named(rows, "savings_plan_savings_plan_a_r_n", "Savings Plan"),
        _named(rows, "reservation_reservation_a_r_n", "Reserved Instance"),
    )
    kinds = Rows(pa.table({"kind": kind}))
    return {
        "CommitmentDiscountCategory": kinds.looked_up("kind", _COUNTED.get),
        "CommitmentDiscountType": kind.dictionary_encode(),
    }


def _named(rows: Rows, name: str, word: str) -> pa.Array:
    return pc.if_else(pc.is_valid(rows.text(name)), pa.scalar(word), pa.scalar(None, pa.string()))


def _amounts(rows: Rows) -> dict[str, pa.Array]:
    """Quantities with their units; a tax has none, and 1 of no unit, as on discounts, is none either."""
    amount, unit = rows.text("line_item_usage_amount"), rows.text("pricing_unit")
    nothing = pa.scalar(None, pa.string())
    usage = rows.is_one_of(_TYPE, ("Usage", _COVERED, _RESERVED))
    kinds = [kind for kind, category in _CATEGORY.items() if category in {"Usage", "Purchase"}]
    counted = pc.or_(rows.is_one_of(_TYPE, kinds), pc.is_valid(unit))
    counted = pc.and_not(counted, rows.is_one_of(_TYPE, ("Tax",)))
    consumed, priced = pc.if_else(usage, amount, nothing), pc.if_else(counted, amount, nothing)
    return {
        "ConsumedQuantity": consumed,
        "ConsumedUnit": pc.if_else(pc.is_valid(consumed), unit, nothing).dictionary_encode(),
        "PricingQuantity": priced,
        "PricingUnit": pc.if_else(pc.is_valid(priced), unit, nothing).dictionary_encode(),
    }


def _frequency(kind: str) -> str:
    if kind in _FEES:
        return "Recurring"
    return "Usage-Based" if _CATEGORY.get(kind) == "Usage" else "One-Time"


def _pricing(kind: str) -> str | None:
    if kind in _COMMITMENT:
        return "Committed"
    return "Standard" if _CATEGORY.get(kind) in {"Usage", "Purchase"} else None


def _costs(rows: Rows) -> dict[str, pa.Array]:
    """The four costs as text, and the file's own cost beside them."""
    own, zero = rows.text("line_item_unblended_cost"), pa.scalar("0")
    covered, reserved = rows.is_one_of(_TYPE, (_COVERED,)), rows.is_one_of(_TYPE, (_RESERVED,))
    cancelled = pc.or_(covered, rows.is_one_of(_TYPE, (_NEGATION,)))
    billed = pc.if_else(cancelled, zero, own)
    bought = rows.is_one_of(_TYPE, ("SavingsPlanUpfrontFee",))
    reservation_fee = pc.and_(
        rows.is_one_of(_TYPE, ("Fee",)), pc.is_valid(rows.text("reservation_reservation_a_r_n"))
    )
    effective = pc.if_else(pc.or_(bought, reservation_fee), zero, billed)
    effective = pc.if_else(covered, rows.text("savings_plan_savings_plan_effective_cost"), effective)
    effective = pc.if_else(reserved, rows.text("reservation_effective_cost"), effective)
    effective = _with_fees(rows, effective)
    on_demand = rows.text("pricing_public_on_demand_cost")
    same = pc.equal(rows.text("pricing_currency"), rows.text("line_item_currency_code"))
    alone = [kind for kind, category in _CATEGORY.items() if category in {"Purchase", "Credit"}]
    unpriced = pc.if_else(rows.is_one_of(_TYPE, alone), billed, pa.scalar(None, pa.string()))
    return {
        "x_SourceCost": own,
        "BilledCost": billed,
        "EffectiveCost": effective,
        "PricingCurrencyEffectiveCost": pc.if_else(same, effective, pa.scalar(None, pa.string())),
        "ListCost": pc.coalesce(on_demand, unpriced),
        "ContractedCost": pc.if_else(covered, own, pc.if_else(reserved, on_demand, billed)),
    }


def _with_fees(rows: Rows, effective: pa.Array) -> pa.Array:
    """A recurring fee costs, in effect, what was left unused of it; used parts stand beside the usage."""
    fee = rows.is_one_of(_TYPE, _FEES)
    if not pc.any(fee).as_py():
        return effective
    kinds = rows.text(_TYPE).filter(fee).to_pylist()
    pairs = {
        "RIFee": (
            "reservation_unused_amortized_upfront_fee_for_billing_period",
            "reservation_unused_recurring_fee",
        ),
        "SavingsPlanRecurringFee": ("savings_plan_total_commitment_to_date", "savings_plan_used_commitment"),
    }
    texts = {name: rows.text(name).filter(fee).to_pylist() for pair in pairs.values() for name in pair}
    unused = [_unused(kind, *(texts[name][row] for name in pairs[kind])) for row, kind in enumerate(kinds)]
    return pc.replace_with_mask(effective, fee, pa.array(unused, pa.string()))


def _unused(kind: str, first: str | None, second: str | None) -> str | None:
    """Add what is unused of a reservation, subtract what is used of a plan; unknown stays unknown."""
    if first is None and second is None:
        return None
    try:
        one, two = Decimal(first or "0"), Decimal(second or "0")
        return str(one + two if kind == "RIFee" else one - two)
    except InvalidOperation:
        return f"{first} {second}"  # unreadable on purpose: the row goes to quarantine with both texts


def _mapped(text: str) -> dict[str, str]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _tags(raw: pa.Table, rows: Rows) -> pa.Array | None:
    """Tags as JSON text: from the map of 2.0, or from one column for each key."""
    if "resource_tags" in raw.column_names:
        return rows.looked_up("resource_tags", _plain_keys)
    return tags_in_columns(Rows(raw), {name: key for name in raw.column_names if (key := tag_key(name))})


def _plain_keys(text: str) -> str:
    found = _mapped(text)
    return (
        orjson.dumps({_TAG_OWNER.sub("", key, count=1): value for key, value in found.items()}).decode()
        if found
        else text
    )


AWS_CUR = Format(
    name="AWS Cost and Usage Report",
    delivery="overwrites",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: snake(name) in _NUMBERS,
    version=lambda _: "",
    to_focus=_to_focus,
    cancels=True,
)
