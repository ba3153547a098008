"""What kind of charge is a row of Google's export: usage, the fee of a commitment, tax, a correction.

Fees of commitments are purchases; usage that a commitment covers is told by its credits (the older model) or
by its consumption model. Negative usage stays usage, as the rows that correct it do.

Source: Google Cloud, "Structure of Detailed data export", ``cost_type``, ``adjustment_info``,
``consumption_model``; spend-based and resource-based commitments as its invoices name them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from finops_lib.billing.formats.gcp.credits import CreditColumns
from finops_lib.billing.formats.gcp.times import month_of
from finops_lib.billing.formats.rows import Rows

_CATEGORY: Mapping[str, str] = MappingProxyType(
    {"regular": "Usage", "tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}
)
_CORRECTIONS = ("PARTIAL_CORRECTION", "COMPLETE_NEGATION_WITH_REMONETIZATION", "COMPLETE_NEGATION")
_FEE = re.compile(r"\s*commitment\b", re.I)
_SPEND_FEE = re.compile(r"\s*commitment\s*-\s*dollar", re.I)
_MODEL = re.compile(r"\bCUDs?\b|commit", re.I)
_DEFAULT_MODELS = ("default", "7754-699e-0ebf")
_MODEL_ID = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}", re.I)
_NO_TEXT = pa.scalar(None, pa.string())


def charge_columns(rows: Rows, credit: CreditColumns, period: pa.Array) -> dict[str, pa.Array]:
    """What kind of charge is each row, and which commitment did it use or pay.

    Parameters
    ----------
    rows : Rows
        Columns spelled without dots.
    credit : CreditColumns
        What the rows' credits say.
    period : pyarrow.StringArray
        When their billing periods start.

    Returns
    -------
    dict of str to pyarrow.Array
        FOCUS columns, and ``x_CommitmentFee``.
    """
    category = _category(rows, credit)
    usage, fee = pc.equal(category, "Usage"), pc.equal(category, "Purchase")
    model = model_column(rows)
    covered = pc.and_(usage, pc.or_(pc.is_valid(credit.category), _equal(model, "Committed")))
    priced = pc.if_else(covered, "Committed", pc.fill_null(model, "Standard"))
    return {
        "ChargeCategory": category,
        "ChargeClass": _class(rows, period),
        "ChargeFrequency": pc.if_else(usage, "Usage-Based", pc.if_else(fee, "Recurring", "One-Time")),
        "PricingCategory": pc.if_else(usage, priced, pc.if_else(fee, pa.scalar("Standard"), _NO_TEXT)),
        "ConsumedQuantity": pc.if_else(usage, _consumed(rows, "usage_amount"), _NO_TEXT),
        "ConsumedUnit": pc.if_else(usage, _consumed(rows, "usage_unit"), _NO_TEXT),
        **_sku(rows, category),
        **_commitment(rows, credit, covered=covered, fee=fee),
    }


def _sku(rows: Rows, category: pa.Array) -> dict[str, pa.Array]:
    """What was priced, by id and in words; by FOCUS a tax has none."""
    sku = pc.if_else(_equal(category, "Tax"), _NO_TEXT, rows.text("sku_id"))
    return {
        "SkuId": sku,
        "SkuMeter": pc.if_else(pc.is_valid(sku), rows.text("sku_description"), _NO_TEXT),
    }


def _consumed(rows: Rows, name: str) -> pa.Array:
    """Return amount or unit of use; byte-seconds, too many for the lake, in units of pricing instead."""
    vast = pc.fill_null(pc.equal(rows.text("usage_unit"), "byte-seconds"), fill_value=False)
    pricing = {"usage_amount": "usage_amount_in_pricing_units", "usage_unit": "usage_pricing_unit"}[name]
    return pc.if_else(vast, rows.text(pricing), rows.text(name))


def _category(rows: Rows, credit: CreditColumns) -> pa.Array:
    """Usage, unless the type of cost, the SKU or a credit that pays back a fee says otherwise."""
    known = rows.looked_up("cost_type", lambda kind: _CATEGORY.get(kind.strip().lower().replace(" ", "_")))
    unsaid = pc.is_null(rows.text("cost_type"))
    category = pc.if_else(unsaid, pa.scalar("Usage"), known.dictionary_decode())
    bought = rows.looked_up("sku_description", lambda text: "fee" if _FEE.match(text) else None)
    fee = pc.or_(pc.is_valid(bought.dictionary_decode()), credit.offset)
    return pc.if_else(pc.and_(_equal(category, "Usage"), fee), "Purchase", category)


def _class(rows: Rows, period: pa.Array) -> pa.Array:
    """A correction is one of a month that was invoiced before; goodwill and the like correct nothing."""
    kind = _looked(rows, ("adjustment_info_type", "adjustment_info_mode"), _correction)
    started = rows.looked_up("usage_start_time", month_of).dictionary_decode()
    closed = pc.fill_null(pc.less(started, period), fill_value=False)
    return pc.if_else(pc.and_(pc.is_valid(kind), closed), "Correction", _NO_TEXT)


def _correction(text: str) -> str | None:
    return "Correction" if text.endswith("_CORRECTION") or text in _CORRECTIONS else None


def model_column(rows: Rows) -> pa.Array:
    """Which PricingCategory does each row's consumption model mean.

    Parameters
    ----------
    rows : Rows
        Columns spelled without dots.

    Returns
    -------
    pyarrow.StringArray
        Null where the model is the default one or not said.
    """
    return _looked(rows, ("consumption_model_description", "consumption_model_id"), _model)


def _model(text: str) -> str | None:
    """Which PricingCategory has a consumption model; those without a description are commitments."""
    if text.strip().lower() in _DEFAULT_MODELS:
        return None
    return "Committed" if _MODEL.search(text) or _MODEL_ID.fullmatch(text.strip()) else "Other"


def _commitment(
    rows: Rows, credit: CreditColumns, *, covered: pa.Array, fee: pa.Array
) -> dict[str, pa.Array]:
    """Which commitment a row used or pays; what has no name at all is none."""
    model_id = pc.if_else(covered, rows.text("consumption_model_id"), _NO_TEXT)
    model_name = pc.if_else(covered, rows.text("consumption_model_description"), _NO_TEXT)
    bound = pc.or_(covered, fee)
    found = pc.coalesce(rows.text("subscription_instance_id"), credit.id, model_id)
    named = pc.if_else(bound, found, _NO_TEXT)
    known = pc.is_valid(named)
    sold = rows.looked_up("sku_description", lambda text: "Spend" if _SPEND_FEE.match(text) else "Usage")
    kind = pc.if_else(fee, pc.coalesce(credit.category, sold.dictionary_decode()), credit.category)
    apart = pc.and_(covered, pc.is_valid(credit.category))
    return {
        "CommitmentDiscountId": named,
        "CommitmentDiscountName": pc.if_else(known, pc.coalesce(credit.name, model_name), _NO_TEXT),
        "CommitmentDiscountCategory": pc.if_else(known, pc.fill_null(kind, "Spend"), _NO_TEXT),
        "CommitmentDiscountType": pc.if_else(known, pa.scalar("Committed Use Discount"), _NO_TEXT),
        "CommitmentDiscountStatus": pc.if_else(pc.and_(known, covered), pa.scalar("Used"), _NO_TEXT),
        "x_CommitmentFee": pc.if_else(apart, pa.scalar("on its own row"), _NO_TEXT),
    }


def _looked(rows: Rows, names: Sequence[str], meaning: Callable[[str], str | None]) -> pa.Array:
    """Translate the first of these columns that says something."""
    texts = pc.coalesce(*map(rows.text, names))
    return Rows(pa.table({"text": texts})).looked_up("text", meaning).dictionary_decode()


def _equal(column: pa.Array, word: str) -> pa.Array:
    return pc.fill_null(pc.equal(column, word), fill_value=False)
