"""The daily cube and the quarantine: their columns, and the one SQL text that makes the cube."""

from __future__ import annotations

import pyarrow as pa

from finops_lib.billing.cells import MONEY, TIME

DAILY_SCHEMA = pa.schema(
    [
        ("BillingPeriodStart", TIME),
        ("ChargeDate", pa.date32()),
        ("x_ProviderName", pa.string()),
        ("ServiceCategory", pa.string()),
        ("ServiceName", pa.string()),
        ("ChargeCategory", pa.string()),
        ("ChargeClass", pa.string()),
        ("BillingCurrency", pa.string()),
        ("RowCount", pa.int64()),
        ("BilledCost", MONEY),
        ("EffectiveCost", MONEY),
        ("ListCost", MONEY),
        ("ContractedCost", MONEY),
    ]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("SourceFile", pa.string()),
        ("SourceRow", pa.int64()),
        ("Rule", pa.string()),
        ("BilledCostText", pa.string()),
        ("BillingCurrency", pa.string()),
        ("RowJson", pa.string()),
    ]
)
_DIMENSIONS = (
    "BillingPeriodStart, {day}, x_ProviderName, ServiceCategory, ServiceName, "
    "ChargeCategory, ChargeClass, BillingCurrency"
)
_TEXT = """
SELECT {named}, {count} AS RowCount, SUM(BilledCost) AS BilledCost, SUM(EffectiveCost) AS EffectiveCost,
    SUM(ListCost) AS ListCost, SUM(ContractedCost) AS ContractedCost
FROM rows
GROUP BY {grouped}
"""
_DAY = "CAST(ChargePeriodStart AS DATE)"
CUBE = _TEXT.format(
    named=_DIMENSIONS.format(day=f"{_DAY} AS ChargeDate"),
    count="COUNT(*)",
    grouped=_DIMENSIONS.format(day=_DAY),
)
MERGED = _TEXT.format(
    named=_DIMENSIONS.format(day="ChargeDate"),
    count="CAST(SUM(RowCount) AS BIGINT)",
    grouped=_DIMENSIONS.format(day="ChargeDate"),
)
