"""Google Cloud Billing export from BigQuery, standard and detailed. It is appended to, export by export.

Columns may be written ``service.id`` or ``service_id``; nested cells as JSON or as Python prints them.
Billed cost is the cost and all credits, for that is what Google invoices; the file's own cost stays beside
it as ``x_SourceCost``, the sum of the credits as ``x_CreditCost``. Effective cost is the same amount:
commitments are paid for the hours they cover, so its sum is right. With consumption models each row is
right too: usage costs its discounted price, and a fee what was left unused of it. The older model sets a
fee beside credits and does not say which part of it a row used: there the fee is the effective cost of
its own row, and the rows it covered say ``on its own row`` in ``x_CommitmentFee``. Contracted cost is the
negotiated price without commitments, before any credit; list cost is only what Google says, but for fees
and adjustments, which without a price cost what they cost.

The invoice's month is the billing period (in UTC, though Google cuts it at midnight in California); it may
differ from that of the usage. The slice of a row is the day it was exported.

Source: Google Cloud, "Structure of Detailed data export" and "Structure of Standard data export"; the
total of an invoice as in its example queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.base import Fit, Format
from finops_lib.billing.formats.gcp.charge import charge_columns, model_column
from finops_lib.billing.formats.gcp.credits import CreditColumns, credit_columns, with_credits
from finops_lib.billing.formats.gcp.labels import tags_column
from finops_lib.billing.formats.gcp.regions import region_name
from finops_lib.billing.formats.gcp.repr_text import UNREADABLE, canonical, parsed
from finops_lib.billing.formats.gcp.services import resource_type, service_category, service_subcategory
from finops_lib.billing.formats.gcp.times import export_slice, invoice_start, moment, month_end, month_of
from finops_lib.billing.formats.rows import Rows

NEEDED = (
    "billing_account_id",
    "service.id",
    "sku.id",
    "usage_start_time",
    "cost",
    "currency",
    "credits",
)
_RENAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "AvailabilityZone": ("location_zone",),
        "BillingAccountId": ("billing_account_id",),
        "BillingCurrency": ("currency",),
        "ChargeDescription": ("sku_description",),
        "PricingQuantity": ("usage_amount_in_pricing_units",),
        "PricingUnit": ("usage_pricing_unit",),
        "RegionId": ("location_region",),
        "ResourceId": ("resource_global_name", "resource_name"),
        "ResourceName": ("resource_name",),
        "ServiceName": ("service_description",),
        "SubAccountId": ("project_id",),
        "SubAccountName": ("project_name",),
    }
)
_LABELS = ("labels", "tags", "project_labels", "system_labels")  # strongest first
_TRANSLATED = frozenset(
    {name for names in _RENAMED.values() for name in names}
    | {"sku_id", "cost_at_list"}
    | {"cost", "credits", "export_time", "invoice_month", "usage_start_time", "usage_end_time"}
    | {"cost_at_effective_price_default", "usage_amount", "usage_unit", "project_ancestors", *_LABELS}
)
_NUMBERS = frozenset(
    {"cost", "cost_at_effective_price_default", "cost_at_list", "cost_at_list_consumption_model"}
    | {"currency_conversion_rate", "usage_amount", "usage_amount_in_pricing_units"}
    | {"price_effective_price", "price_effective_price_default", "price_list_price"}
    | {"price_list_price_consumption_model", "price_pricing_unit_quantity", "price_tier_start_amount"}
)
_GOOGLE = "Google Cloud"
_NO_TEXT = pa.scalar(None, pa.string())


def snake(name: str) -> str:
    """How is this column spelled without dots.

    Parameters
    ----------
    name : str
        A column of the export.

    Returns
    -------
    str

    Examples
    --------
    >>> snake("usage.amount_in_pricing_units")
    'usage_amount_in_pricing_units'
    """
    return name.replace(".", "_")


def _spelled(names: Sequence[str]) -> list[str]:
    """Spell names without dots; where two would meet, the later one gets another name."""
    found: dict[str, None] = {}
    for name in names:
        key = snake(name)
        while key in found:
            key += "_again"
        found[key] = None
    return list(found)


def _fit(header: Sequence[str]) -> Fit:
    have = {snake(name) for name in header}
    missing = tuple(name for name in NEEDED if snake(name) not in have)
    return Fit(1 - len(missing) / len(NEEDED), missing)


def _to_focus(raw: pa.Table) -> pa.Table:
    table = raw.rename_columns(_spelled(raw.column_names))
    rows = Rows(table)
    columns = {
        name: found for name, sources in _RENAMED.items() if (found := rows.first(sources)) is not None
    }
    names = ("ServiceProviderName", "HostProviderName", "x_ProviderName", "InvoiceIssuerName")
    columns |= {name: rows.constant(_GOOGLE) for name in names}
    columns["ServiceCategory"] = rows.looked_up("service_description", service_category)
    columns["ServiceSubcategory"] = rows.looked_up("service_description", service_subcategory)
    columns["BillingAccountType"] = rows.looked_up("billing_account_id", lambda _: "Billing Account")
    columns["PricingCurrency"] = rows.looked_up("currency", _priced_in)
    columns["RegionName"] = rows.looked_up("location_region", region_name)
    columns["ResourceType"] = rows.looked_up("resource_global_name", resource_type)
    columns["SubAccountType"] = rows.looked_up("project_id", lambda _: "Project")
    columns["x_PublisherName"] = pc.fill_null(rows.text("seller_name"), "Google")
    columns["Tags"] = tags_column([rows.text(name) for name in _LABELS])
    credit = credit_columns(rows.text("credits"))
    times = _times(rows)
    charge = charge_columns(rows, credit, times["BillingPeriodStart"])
    return pa.table(
        _carried(table, rows) | columns | times | charge | _costs(rows, credit, charge["ChargeCategory"])
    )


def _carried(table: pa.Table, rows: Rows) -> dict[str, pa.Array]:
    """What is not translated is kept under ``x_`` and its name."""
    names = [name for name in table.column_names if name not in _TRANSLATED]
    kept = {f"x_{name}": rows.text(name) for name in names if table.column(name).null_count < table.num_rows}
    ancestors = rows.looked_up("project_ancestors", _as_json)
    return kept | ({"x_project_ancestors": ancestors} if ancestors.null_count < len(ancestors) else {})


def _as_json(text: str) -> str | None:
    found = parsed(text)
    return text if found is UNREADABLE else canonical(found) if found else None


def _times(rows: Rows) -> dict[str, pa.Array]:
    """Billing period from the invoice's month (where it is not said, the usage's), charge period, export."""
    invoiced = rows.looked_up("invoice_month", invoice_start).dictionary_decode()
    started = rows.looked_up("usage_start_time", month_of).dictionary_decode()
    period = pc.coalesce(invoiced, started)
    exported = pc.fill_null(rows.text("export_time"), "")
    return {
        "BillingPeriodStart": period,
        "BillingPeriodEnd": Rows(pa.table({"start": period})).looked_up("start", month_end),
        "ChargePeriodStart": rows.looked_up("usage_start_time", moment),
        "ChargePeriodEnd": rows.looked_up("usage_end_time", moment),
        "x_ExportTime": rows.looked_up("export_time", moment),
        "x_Slice": Rows(pa.table({"time": exported})).looked_up("time", export_slice),
    }


def _priced_in(currency: str) -> str | None:
    """Prices are set in US dollars; of another currency the export does not say whether it has its own."""
    return "USD" if currency.strip().upper() == "USD" else None


def _costs(rows: Rows, credit: CreditColumns, category: pa.Array) -> dict[str, pa.Array]:
    """The costs as text; what a price buys is said only where it is the price of one unit."""
    own = rows.text("cost")
    billed = with_credits(own, credit.total)
    plain = pc.is_null(model_column(rows))
    one = pc.is_valid(pc.if_else(pc.is_null(rows.text("price_pricing_unit_quantity")), "one", _ones(rows)))
    price = pc.coalesce(
        rows.text("price_effective_price_default"),
        pc.if_else(plain, rows.text("price_effective_price"), _NO_TEXT),
    )
    effective = pc.if_else(pc.is_null(credit.total), _NO_TEXT, billed)
    in_dollars = pc.is_valid(rows.looked_up("currency", _priced_in).dictionary_decode())
    alone = pc.is_in(category, pa.array(["Purchase", "Adjustment"]))
    return {
        "x_SourceCost": own,
        "x_CreditCost": credit.total,
        "x_Credits": credit.text,
        "BilledCost": billed,
        "EffectiveCost": effective,
        "PricingCurrencyEffectiveCost": pc.if_else(in_dollars, effective, _NO_TEXT),
        "ListCost": pc.coalesce(rows.text("cost_at_list"), pc.if_else(alone, own, _NO_TEXT)),
        "ContractedCost": pc.coalesce(
            rows.text("cost_at_effective_price_default"), pc.if_else(plain, own, _NO_TEXT)
        ),
        "ContractedUnitPrice": pc.if_else(one, price, _NO_TEXT),
        "ListUnitPrice": pc.if_else(one, rows.text("price_list_price"), _NO_TEXT),
    }


def _ones(rows: Rows) -> pa.Array:
    return rows.looked_up("price_pricing_unit_quantity", _one).dictionary_decode()


def _one(text: str) -> str | None:
    try:
        return "one" if Decimal(text) == 1 else None
    except InvalidOperation:
        return None


GCP = Format(
    name="Google Cloud billing export",
    delivery="appends",
    needed=NEEDED,
    fit=_fit,
    numeric=lambda name: snake(name) in _NUMBERS,
    version=lambda _: "",
    to_focus=_to_focus,
)
