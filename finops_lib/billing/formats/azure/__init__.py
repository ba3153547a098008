"""Azure Cost Management, actual and amortised cost. A delivery overwrites its period.

All families of names are read: Enterprise, Customer and Partner Agreement, Cloud Solution Provider,
pay-as-you-go and the older usage details, in any spelling and language (see ``azure_header``). The two
views of one month hold the same usage twice: ``x_CostView`` says of a row which of them it can only come
from (see ``azure_costs``).

An account is the billing profile where there is one, which is what an invoice is written for: the
enrollment under an Enterprise Agreement; without any account column it is the subscription. Azure takes
upper and lower case of resource ids as the same, and exports mix them, so that ids and resource groups
are kept in lower case and one resource stays one; the id as it came is in ``x_ResourceId`` where it differs.

Source: Microsoft, "Understand cost details fields" and "Convert Cost Management data to FOCUS".
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing import focus
from finops_lib.billing.formats.azure.cells import coded, each, plain
from finops_lib.billing.formats.azure.costs import charges, costs, kinds
from finops_lib.billing.formats.azure.dates import spans
from finops_lib.billing.formats.azure.header import NEEDED, fit, is_number, renamed, targets
from finops_lib.billing.formats.azure.prices import is_zero
from finops_lib.billing.formats.azure.regions import region_id
from finops_lib.billing.formats.azure.services import meter_subcategory, provider_subcategory
from finops_lib.billing.formats.azure.tags import tags_json
from finops_lib.billing.formats.base import Format
from finops_lib.billing.formats.rows import Rows
from finops_lib.billing.formats.subcategories import OTHER

_NO_NAME = frozenset({"", "none", "na", "unassigned", "others", "notapplicable"})
_PROVIDER = "Microsoft"
_PROVIDERS = "/providers/"
_NOTHING = pa.scalar(None, pa.string())


def _to_focus(raw: pa.Table) -> pa.Table:
    rows, unknown = renamed(raw)
    found = kinds(rows)
    copied = {
        target: column
        for name, target in targets().items()
        if (column := rows.first([name])) is not None and column.null_count < raw.num_rows
    }
    columns = copied | _who(rows) | _what(rows, found.kind) | spans(rows) | charges(rows, found)
    return pa.table(unknown | columns | costs(rows, found))


def _who(rows: Rows) -> dict[str, pa.Array]:
    """Provider, account and subscription."""
    subscription = each(coded(rows, "SubscriptionGuid"), lambda text: text.strip().lower().rpartition("/")[2])
    profile, account = rows.text("BillingProfileId"), rows.text("BillingAccountId")
    names = pc.if_else(pc.is_valid(profile), rows.text("BillingProfileName"), rows.text("BillingAccountName"))
    has_account = rows.first(["BillingProfileId", "BillingAccountId"]) is not None
    sub_type = pc.if_else(pc.is_valid(subscription), pa.scalar("Subscription"), _NOTHING)
    own_type = pc.if_else(pc.is_valid(account), pa.scalar("Billing Account"), _NOTHING)
    own_type = pc.if_else(pc.is_valid(profile), "Billing Profile", own_type)
    issuer = pc.fill_null(rows.text("PartnerName"), _PROVIDER)
    same = {
        name: rows.constant(_PROVIDER)
        for name in ("ServiceProviderName", "HostProviderName", "x_ProviderName")
    }
    columns = {
        "BillingAccountId": pc.coalesce(profile, account) if has_account else subscription,
        "BillingAccountType": own_type if has_account else sub_type,
        "BillingAccountName": pc.coalesce(names, rows.text("BillingAccountName")),
        "InvoiceIssuerName": issuer,
        "SubAccountId": subscription,
        "SubAccountType": sub_type,
        "x_RootBillingAccountId": account,
    }
    return same | {name: column.dictionary_encode() for name, column in columns.items()}


def _what(rows: Rows, kind: pa.Array) -> dict[str, pa.Array]:
    """Service, resource, quantity and tags."""
    quantity, unit = rows.text("Quantity"), rows.text("UnitOfMeasure")
    used = pc.equal(kind, "usage")
    meter, emitter = (each(coded(rows, name), _named) for name in ("MeterCategory", "ConsumedService"))
    subcategory = pc.coalesce(each(meter, meter_subcategory), each(emitter, provider_subcategory), OTHER)
    # A rounding of the invoice has no product, and 0 of no unit is no quantity.
    said = pc.if_else(used, _NOTHING, rows.text("ChargeType"))
    priced = pc.if_else(pc.and_(is_zero(quantity), pc.is_null(unit)), _NOTHING, quantity)
    columns = {
        "ChargeDescription": pc.coalesce(rows.text("ProductName"), rows.text("MeterName"), said),
        "ServiceCategory": each(subcategory, focus.parent_category),
        "ServiceSubcategory": subcategory,
        "ServiceName": pc.coalesce(meter, rows.text("ServiceName"), emitter),
        "SkuId": pc.coalesce(rows.text("ProductId"), rows.text("PartNumber")),
        "RegionId": each(coded(rows, "ResourceLocation"), region_id),
        "Tags": each(coded(rows, "Tags"), tags_json),
        "ConsumedUnit": pc.if_else(used, unit, _NOTHING),
        "PricingUnit": unit,
    } | _resource(rows)
    numbers = {
        "ConsumedQuantity": pc.if_else(used, quantity, _NOTHING),
        "PricingQuantity": priced,
    }
    return numbers | {name: column.dictionary_encode() for name, column in columns.items()}


def _resource(rows: Rows) -> dict[str, pa.Array]:
    given = rows.text("ResourceId")
    bare = each(given, _resource_id)
    return {
        "ResourceId": bare,
        "x_ResourceId": pc.if_else(pc.equal(bare, given), _NOTHING, given),
        "ResourceName": pc.coalesce(each(coded(rows, "ResourceName"), _named), each(given, _last_name)),
        "ResourceType": pc.coalesce(each(coded(rows, "ResourceType"), _named), each(bare, _type)),
        "x_ResourceGroupName": each(
            each(coded(rows, "ResourceGroup"), _named), lambda text: text.strip().lower()
        ),
    }


def _named(text: str) -> str | None:
    """Exports write a word where there is no name."""
    return None if plain(text) in _NO_NAME else text


def _resource_id(text: str) -> str:
    return text.lower() if text.startswith("/") else text


def _last_name(text: str) -> str | None:
    return text.rpartition("/")[2] if text.startswith("/") else None


def _type(text: str) -> str | None:
    """The type in a resource id: the provider, then every other part."""
    _, mark, path = text.rpartition(_PROVIDERS)
    provider, *parts = path.strip("/").split("/")
    return "/".join([provider, *parts[::2]]) if mark and parts else None


def _version(_: Sequence[str]) -> str:
    return ""


AZURE = Format(
    name="Azure Cost Management",
    delivery="overwrites",
    needed=NEEDED,
    fit=fit,
    numeric=is_number,
    version=_version,
    to_focus=_to_focus,
)
