r"""Oracle Cloud cost report (cost-csv). Every file is a slice of its own, added once.

Cost. ``cost/myCost`` is billed quantity times unit price and includes the overage: ``myCostOverage``
says how much of it lies beyond the commitment, and is never added. Billed, effective and contracted cost
are ``myCost``, as in Oracle's own FOCUS report; prices are in the currency of the cost, and the report knows
no list price. Usage that a commitment of
Universal Credits pays for has its cost too, so the sum may differ from an invoice, as may taxes. A cost
of 0 (free tier, own licences) is 0, a blank one is unknown. ``attributedCost`` splits a row's cost among
databases: it is kept and not added.

Corrections. A row with ``isCorrection`` rolls back or amends the row that ``backreferenceNo`` names. It is
one more row: amounts add up, nothing is replaced. It belongs to the month of its usage, as in Oracle's
FOCUS report, for no column says when it was made; the file that brought it is its slice. Only
``isCorrection`` decides: rows that correct nothing may have a ``backreferenceNo`` as well.

Names of columns are told apart without regard to case, since Oracle spells some of them in two ways. The
account is the subscription, the sub-account the tenancy; compartments are in ``x_CompartmentId``. The key
of a tag is ``namespace.key`` as the column says it, backslashes included.

Source: Oracle, "Cost Reports": the schemas of the proprietary and of the FOCUS report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.base import Fit, Format, fit_needed
from finops_lib.billing.formats.oci_regions import region_name
from finops_lib.billing.formats.oci_services import service_category, service_subcategory
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.translate import billing_month, kept, respelled, tags_in_columns

NEEDED = (
    "lineItem/referenceNo",
    "lineItem/tenantId",
    "lineItem/intervalUsageStart",
    "product/service",
    "cost/myCost",
    "cost/currencyCode",
)
_START, _COST, _CORRECTION = "lineItem/intervalUsageStart", "cost/myCost", "lineItem/isCorrection"
_QUANTITY, _UNITS = "usage/billedQuantity", ("cost/skuUnitDescription", "cost/billingUnitReadable")
_RENAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AvailabilityZone": ("product/availabilityDomain",),
        "BilledCost": (_COST,),
        "BillingAccountId": ("cost/subscriptionId", "lineItem/tenantId"),
        "BillingCurrency": ("cost/currencyCode",),
        "ChargeDescription": ("product/Description",),
        "ChargePeriodEnd": ("lineItem/intervalUsageEnd",),
        "ChargePeriodStart": (_START,),
        "ConsumedQuantity": (_QUANTITY,),
        "ConsumedUnit": _UNITS,
        "ContractedCost": (_COST,),
        "ContractedUnitPrice": ("cost/unitPrice",),
        "EffectiveCost": (_COST,),
        "PricingCurrency": ("cost/currencyCode",),
        "PricingCurrencyEffectiveCost": (_COST,),
        "PricingQuantity": (_QUANTITY,),
        "PricingUnit": _UNITS,
        "RegionId": ("product/region",),
        "ResourceId": ("product/resourceId",),
        "ServiceName": ("product/service",),
        "SkuId": ("cost/productSku",),
        "SubAccountId": ("lineItem/tenantId",),
        "x_AttributedCost": ("cost/attributedCost",),
        "x_AttributedUsage": ("usage/attributedUsage",),
        "x_BackreferenceNo": ("lineItem/backreferenceNo",),
        "x_BilledQuantityOverage": ("usage/billedQuantityOverage",),
        "x_BillingUnit": ("cost/billingUnitReadable",),
        "x_CompartmentId": ("product/compartmentId",),
        "x_CompartmentName": ("product/compartmentName",),
        "x_CostOverage": ("cost/myCostOverage",),
        "x_OverageFlag": ("cost/overageFlag",),
        "x_ReferenceNo": ("lineItem/referenceNo",),
        "x_UnitPriceOverage": ("cost/unitPriceOverage",),
    }
)
_USED = frozenset(name for names in _RENAMED.values() for name in names) | {_CORRECTION}
_SPELLED = {name.lower(): name for name in _USED} | {"lineitem/backreference": "lineItem/backreferenceNo"}
_NUMBERS = frozenset(
    {
        _QUANTITY,
        _COST,
        "usage/billedQuantityOverage",
        "usage/attributedUsage",
        "cost/unitPrice",
        "cost/unitPriceOverage",
        "cost/myCostOverage",
        "cost/attributedCost",
    }
)
_PROVIDER = "Oracle"
_PROVIDERS = ("ServiceProviderName", "HostProviderName", "x_ProviderName", "InvoiceIssuerName")
_OCID = re.compile(r"ocid\d+\.([a-z0-9_-]+)\..*", re.S)
_TAGS = "tags/"
_NOTHING = pa.scalar(None, pa.string())


def spelled(name: str) -> str:
    """How is this column spelled in most reports; unknown names stay as they are.

    Parameters
    ----------
    name : str
        A column of a report.

    Returns
    -------
    str

    Examples
    --------
    >>> spelled("lineItem/TenantId"), spelled("product/description"), spelled("tags/Team")
    ('lineItem/tenantId', 'product/Description', 'tags/Team')
    """
    return _SPELLED.get(name.lower(), name)


def resource_type(identifier: str) -> str | None:
    """What kind of resource has this identifier, if the identifier says it.

    Parameters
    ----------
    identifier : str
        An Oracle Cloud identifier (OCID), or another name.

    Returns
    -------
    str or None

    Examples
    --------
    >>> resource_type("ocid1.bootvolume.oc1.us-sanjose-1.abzw"), resource_type("oci_vcn")
    ('bootvolume', None)
    """
    found = _OCID.fullmatch(identifier)
    return found[1] if found else None


def _fit(header: Sequence[str]) -> Fit:
    return fit_needed([spelled(name) for name in header], NEEDED)


def _respelled(raw: pa.Table) -> pa.Table:
    """Spell the columns as one report."""
    return raw.rename_columns(respelled(raw.column_names, spelled))


def _to_focus(raw: pa.Table) -> pa.Table:
    raw = _respelled(raw)
    rows = Rows(raw)
    columns = {
        name: found for name, sources in _RENAMED.items() if (found := rows.first(sources)) is not None
    }
    columns |= {name: rows.constant(_PROVIDER) for name in _PROVIDERS}
    columns |= billing_month(rows, _START) | _charge(rows)
    keys = {name: name[len(_TAGS) :] for name in raw.column_names if name.lower().startswith(_TAGS)}
    if (tags := tags_in_columns(rows, keys)) is not None:
        columns["Tags"] = tags
    return pa.table(columns | kept(raw, used=_USED | keys.keys(), taken=columns))


def _charge(rows: Rows) -> dict[str, pa.Array]:
    tenancy = rows.looked_up("lineItem/tenantId", lambda _: "Tenancy").dictionary_decode()
    return {
        "ChargeCategory": rows.constant("Usage"),
        "ChargeClass": rows.looked_up(
            _CORRECTION, lambda text: "Correction" if text.strip().lower() == "true" else None
        ),
        "ChargeFrequency": rows.constant("Usage-Based"),
        "BillingAccountType": pc.coalesce(
            rows.looked_up("cost/subscriptionId", lambda _: "Subscription").dictionary_decode(), tenancy
        ).dictionary_encode(),
        "SubAccountType": tenancy.dictionary_encode(),
        "SkuMeter": pc.if_else(
            pc.is_valid(rows.text("cost/productSku")), rows.text("product/Description"), _NOTHING
        ).dictionary_encode(),
        "RegionName": rows.looked_up("product/region", region_name),
        "ResourceType": rows.looked_up("product/resourceId", resource_type),
        "ServiceCategory": rows.looked_up("product/service", service_category),
        "ServiceSubcategory": rows.looked_up("product/service", service_subcategory),
    }


OCI = Format(
    name="Oracle Cloud cost report",
    delivery="appends",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: spelled(name) in _NUMBERS,
    version=lambda _: "",
    to_focus=_to_focus,
    row_key="x_ReferenceNo",
)
