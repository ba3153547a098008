"""What was committed to: the commitments that contracts name, beside the charges that used them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from finops_lib.billing.engine import Engine

NO_CONTRACT, NEVER_USED = "no contract names it", "no charge names it"

COMMITMENTS = """
WITH contracts AS (
    SELECT "ContractCommitmentId" AS id, any_value("ContractCommitmentType") AS kind,
           any_value("ContractCommitmentLifecycleStatus") AS status,
           min("ContractCommitmentPeriodStart") AS starts, max("ContractCommitmentPeriodEnd") AS ends,
           "BillingCurrency" AS currency, sum("ContractCommitmentCost") AS committed
    FROM contract_commitments
    GROUP BY "ContractCommitmentId", "BillingCurrency"
), used AS (
    SELECT "CommitmentDiscountId" AS id, any_value("CommitmentDiscountType") AS kind,
           "BillingCurrency" AS currency,
           sum("EffectiveCost") AS used, min("ChargePeriodStart") AS first, max("ChargePeriodEnd") AS last
    FROM charges
    WHERE "CommitmentDiscountId" IS NOT NULL
    GROUP BY "CommitmentDiscountId", "BillingCurrency"
)
SELECT coalesce(contracts.id, used.id) AS id, coalesce(contracts.kind, used.kind) AS kind, status,
       starts, ends, coalesce(contracts.currency, used.currency) AS currency, committed, used,
       contracts.id IS NULL AS no_contract, used.id IS NULL AS never_used
FROM contracts FULL JOIN used
    ON contracts.id = used.id AND coalesce(contracts.currency, used.currency) = used.currency
ORDER BY ends NULLS LAST, id, currency
"""
_COLUMNS = [
    "CommitmentId", "Type", "Status", "Start", "End", "BillingCurrency", "Committed", "EffectiveCost",
    "Finding",
]  # fmt: skip


def commitments(engine: Engine) -> pd.DataFrame:
    """Which commitments are there, until when, and what did charges under them cost.

    Parameters
    ----------
    engine : Engine
        The open lake.

    Returns
    -------
    DataFrame
        One row for each commitment and currency, the one that ends first on top: ``CommitmentId``,
        ``Type``, ``Status``, ``Start`` and ``End`` (days, UTC), ``BillingCurrency``, ``Committed`` (cost of
        the whole term by the Contract Commitment dataset), ``EffectiveCost`` (exact sum over the charges
        that name it) and ``Finding``: empty, ``no contract names it`` or ``no charge names it``. What is
        not said is None.
    """
    found = engine.query(COMMITMENTS)
    finding = [
        NO_CONTRACT if no_contract else NEVER_USED if never_used else ""
        for no_contract, never_used in zip(found["no_contract"], found["never_used"], strict=True)
    ]
    lines = zip(
        found["id"], _said(found["kind"]), _said(found["status"]), _days(found["starts"]),
        _days(found["ends"]), _said(found["currency"]), found["committed"], found["used"], finding,
        strict=True,
    )  # fmt: skip
    return pd.DataFrame(list(lines), columns=_COLUMNS, dtype=object)


def _said(words: pd.Series) -> list[str | None]:
    return [None if pd.isna(word) else str(word) for word in words]


def _days(moments: pd.Series) -> list[str | None]:
    return [None if pd.isna(moment) else f"{moment:%Y-%m-%d}" for moment in moments]
