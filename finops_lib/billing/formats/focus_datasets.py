"""FOCUS 1.3 and 1.4, the datasets beside the bill: Billing Period, Invoice Detail, Contract Commitment.

A delivery overwrites what it names: a billing period of an invoice issuer, the invoices of an account's
period, the commitments of a provider. Their rows stand in tables of their own and in no total.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import pyarrow as pa

from finops_lib.billing import focus
from finops_lib.billing.formats.base import Format, fit_needed

DATASETS = MappingProxyType(
    {
        "billing_period": "Billing Period",
        "invoice_detail": "Invoice Detail",
        "contract_commitment": "Contract Commitment",
    }
)
_NEEDED = MappingProxyType(
    {
        "billing_period": ("BillingPeriodStart", "BillingPeriodStatus", "InvoiceIssuerName"),
        # The status is in no bill, and tells a voided invoice from one that is to be paid.
        "invoice_detail": (
            "BilledCost",
            "BillingPeriodStart",
            "InvoiceDetailId",
            "InvoiceId",
            "InvoiceIssueStatus",
        ),
        "contract_commitment": (
            "ContractCommitmentId",
            "ContractCommitmentPeriodEnd",
            "ContractCommitmentPeriodStart",
        ),
    }
)


def _format(kind: str) -> Format:
    dataset, needed = DATASETS[kind], _NEEDED[kind]
    spelled = {item.name.lower(): item.name for item in focus.columns(dataset)}
    numbers = {item.name for item in focus.columns(dataset) if item.kind == "decimal"}

    def named(header: Sequence[str]) -> list[str]:
        """Spell columns as FOCUS does, but no two of them alike."""
        right = [spelled.get(name.lower(), name) for name in header]
        return [new if right.count(new) == 1 else name for name, new in zip(header, right, strict=True)]

    def to_focus(raw: pa.Table) -> pa.Table:
        return raw.rename_columns(named(raw.column_names))

    return Format(
        name=f"FOCUS {dataset}",
        delivery="overwrites",
        needed=needed,
        fit=lambda header: fit_needed(named(header), needed),
        numeric=lambda name: spelled.get(name.lower()) in numbers,
        version=lambda header: focus.version_of(named(header), dataset=dataset),
        to_focus=to_focus,
        kind=kind,
    )


BILLING_PERIOD = _format("billing_period")
INVOICE_DETAIL = _format("invoice_detail")
CONTRACT_COMMITMENT = _format("contract_commitment")
