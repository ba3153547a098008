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
CUBE = """
SELECT BillingPeriodStart, CAST(ChargePeriodStart AS DATE) AS ChargeDate, x_ProviderName, ServiceCategory,
    ServiceName, ChargeCategory, ChargeClass, BillingCurrency, COUNT(*) AS RowCount,
    SUM(BilledCost) AS BilledCost, SUM(EffectiveCost) AS EffectiveCost,
    SUM(ListCost) AS ListCost, SUM(ContractedCost) AS ContractedCost
FROM rows
GROUP BY BillingPeriodStart, CAST(ChargePeriodStart AS DATE), x_ProviderName, ServiceCategory, ServiceName,
    ChargeCategory, ChargeClass, BillingCurrency
"""
