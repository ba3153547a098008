"""The FOCUS datasets beside the sample's AWS bill: billing periods, invoices, commitments."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from finops_lib.billing import focus
from finops_lib.estate.company import HOURS_OF_YEAR, Commitment, Company
from finops_lib.estate.truth import Truth, dollars
from finops_lib.records import Period, plain

_ISSUERS = ("Amazon Web Services, Inc.", "Google Cloud", "Microsoft", "Oracle")
_AWS = _ISSUERS[0]
_CLOSES, _ISSUED, _DUE = timedelta(days=3), timedelta(days=2), timedelta(days=32)
_CENT = Decimal("0.01")
_VOIDED = "2024520000"  # an invoice that was made by mistake and taken back

Row = Mapping[str, str]


def write_datasets(folder: Path, who: Company, told: Truth) -> dict[str, int]:
    """Write ``billing_period.csv``, ``invoice_detail.csv`` and ``contract_commitment.csv``, FOCUS 1.4.

    Every month but the last is closed, three days after its end. Each AWS invoice comes to what the bill
    says, rounded to the cent; one more was voided.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    who : Company
        The company.
    told : Truth
        What its AWS bills come to.

    Returns
    -------
    dict of str to int
        Dataset to its rows, a count.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "Billing Period": list(_periods(told)),
        "Invoice Detail": list(_invoices(who, told)),
        "Contract Commitment": [_commitment(item) for item in (who.plan, who.reservation)],
    }
    for dataset, rows in tables.items():
        names = [column.name for column in focus.columns(dataset)]
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, names, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
        path = folder / f"{dataset.lower().replace(' ', '_')}.csv"
        path.write_text(file.getvalue(), encoding="utf-8")
    return {dataset: len(rows) for dataset, rows in tables.items()}


def _periods(told: Truth) -> Iterator[Row]:
    for month in told.months:
        period = Period.month(month)
        is_open = month == told.months[-1]
        for issuer in _ISSUERS:
            yield {
                "BillingPeriodCreated": _text(period.start),
                "BillingPeriodEnd": _text(period.end),
                "BillingPeriodLastUpdated": _text(period.start if is_open else period.end + _CLOSES),
                "BillingPeriodStart": _text(period.start),
                "BillingPeriodStatus": "Open" if is_open else "Closed",
                "InvoiceIssuerName": issuer,
            }


def _invoices(who: Company, told: Truth) -> Iterator[Row]:
    for month in told.months[:-1]:
        found = {number: Decimal(text) for number, text in told.invoices[month].items()}
        largest = max(found, key=lambda number: found[number])
        for number, cost in found.items():
            category = "Usage" if number == largest else "Purchase"
            yield _invoice(who, month, number, cost, category=category, status="Issued")
    yield _invoice(who, told.months[0], _VOIDED, Decimal("1234.56"), category="Usage", status="Voided")


def _invoice(who: Company, month: str, number: str, cost: Decimal, *, category: str, status: str) -> Row:
    period = Period.month(month)
    issued = _text(period.end + _ISSUED)
    return {
        "BilledCost": plain(cost.quantize(_CENT, rounding=ROUND_HALF_EVEN)),
        "BillingAccountId": who.payer.id,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _text(period.end),
        "BillingPeriodStart": _text(period.start),
        "ChargeCategory": category,
        "InvoiceDetailCreated": issued,
        "InvoiceDetailDescription": f"{category} of {month}",
        "InvoiceDetailGrain": json.dumps({"x_GroupedBy": "InvoiceId"}),
        "InvoiceDetailId": f"{number}-1",
        "InvoiceDetailLastUpdated": issued,
        "InvoiceId": number,
        "InvoiceIssueDate": issued,
        "InvoiceIssueStatus": status,
        "InvoiceIssuerName": _AWS,
        "PaymentDueDate": _text(period.end + _DUE),
        "PaymentTerms": "Net 30",
        "ReferenceInvoiceId": number,
    }


def _commitment(item: Commitment) -> Row:
    plan = item.covers == "plan"
    rate = 1 if plan else item.upfront_micro + item.recurring_micro
    return {
        "BillingCurrency": "USD",
        "ContractCommitmentApplicability": json.dumps({"IsComplexScope": False}),
        "ContractCommitmentBenefitCategory": "Discount",
        "ContractCommitmentCategory": "Spend" if plan else "Usage",
        "ContractCommitmentCost": dollars(item.hourly * rate * HOURS_OF_YEAR),
        "ContractCommitmentCreated": _text(item.start),
        "ContractCommitmentDescription": item.name,
        "ContractCommitmentDurationType": "1 Year",
        "ContractCommitmentFulfillmentInterval": "Hourly",
        "ContractCommitmentId": item.id,
        "ContractCommitmentLastUpdated": _text(item.start),
        "ContractCommitmentLifecycleStatus": "Active",
        "ContractCommitmentModel": "Continuous",
        "ContractCommitmentOfferCategory": "Public",
        "ContractCommitmentPaymentInterval": "Monthly",
        "ContractCommitmentPaymentModel": "No Upfront" if plan else "Partial Upfront",
        "ContractCommitmentPaymentUpfrontPercentage": "0" if plan else _upfront(item),
        "ContractCommitmentPeriodEnd": _text(item.end),
        "ContractCommitmentPeriodStart": _text(item.start),
        "ContractCommitmentQuantity": "" if plan else plain(Decimal(item.hourly).scaleb(-4) * HOURS_OF_YEAR),
        "ContractCommitmentType": item.kind,
        "ContractCommitmentUnit": "" if plan else "Hours",
        "ContractId": item.id,
        "ContractPeriodEnd": _text(item.end),
        "ContractPeriodStart": _text(item.start),
        "InvoiceIssuerName": _AWS,
        "ServiceProviderName": "AWS",
    }


def _upfront(item: Commitment) -> str:
    share = Decimal(item.upfront_micro) / (item.upfront_micro + item.recurring_micro)
    return plain((100 * share).quantize(_CENT))


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
