"""The FOCUS datasets beside the bill are told from their columns, in any case and of either version."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats import Format, recognise
from finops_lib.billing.formats.focus_datasets import (
    BILLING_PERIOD,
    CONTRACT_COMMITMENT,
    DATASETS,
    INVOICE_DETAIL,
)
from finops_lib.billing.source import Source
from finops_lib.errors import UnknownFormatError

FORMS = (BILLING_PERIOD, INVOICE_DETAIL, CONTRACT_COMMITMENT)
# FOCUS 1.3 has one dataset beside the bill, and it has thirteen columns.
COMMITMENT_1_3 = (
    "BillingCurrency",
    "ContractCommitmentCategory",
    "ContractCommitmentCost",
    "ContractCommitmentDescription",
    "ContractCommitmentId",
    "ContractCommitmentPeriodEnd",
    "ContractCommitmentPeriodStart",
    "ContractCommitmentQuantity",
    "ContractCommitmentType",
    "ContractCommitmentUnit",
    "ContractId",
    "ContractPeriodEnd",
    "ContractPeriodStart",
)


def headed(*header: str) -> Source:
    """Make a source with this header."""
    return Source(Path("export.csv"), "csv", gzipped=False, header=header)


def names(form: Format) -> list[str]:
    """List every column of a form's dataset."""
    return [item.name for item in focus.columns(DATASETS[form.kind])]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_each_dataset_is_recognised_by_all_its_columns(form: Format) -> None:
    """The full header of a dataset is that dataset's, of 1.4, and its rows replace what they name."""
    found = recognise(headed(*names(form)))
    assert found is form
    assert (found.version(names(form)), found.delivery) == ("1.4", "overwrites")
    assert found.kind == next(kind for kind, dataset in DATASETS.items() if found.name == f"FOCUS {dataset}")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_the_needed_columns_are_enough_in_any_case(form: Format) -> None:
    """Lower-case needed columns are recognised and come out as FOCUS spells them."""
    lower = [name.lower() for name in form.needed]
    assert recognise(headed(*lower)) is form
    raw = pa.table({name: ["1"] for name in [*lower, "Own"]})
    assert form.to_focus(raw).column_names == [*form.needed, "Own"]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.kind)
def test_a_needed_column_that_is_missing_is_named(form: Format) -> None:
    """Without one of its needed columns the file is not of this form, and that column is said."""
    for gone in form.needed:
        fit = form.fit([name for name in names(form) if name != gone])
        assert fit.missing == (gone,)
        assert fit.share == pytest.approx(1 - 1 / len(form.needed))


def test_a_commitment_of_1_3_has_fewer_columns() -> None:
    """The thirteen columns of 1.3 are recognised, without issuer or lifecycle, and are said to be 1.3."""
    form = recognise(headed(*COMMITMENT_1_3))
    assert form is CONTRACT_COMMITMENT
    assert form.version(COMMITMENT_1_3) == "1.3"
    assert form.version([*COMMITMENT_1_3, "InvoiceIssuerName"]) == "1.4"


def test_a_whole_bill_is_a_bill_and_one_that_lacks_a_column_is_no_invoice() -> None:
    """A bill has InvoiceId and InvoiceDetailId too; without ChargeCategory it is refused, not an invoice."""
    bill = [item.name for item in focus.columns()]
    assert recognise(headed(*bill)).name == "FOCUS"
    with pytest.raises(UnknownFormatError, match="lacks"):
        recognise(headed(*(name for name in bill if name != "ChargeCategory")))


def test_two_columns_that_differ_by_case_stay_two() -> None:
    """The one FOCUS spells so keeps its name, the other its own; two wrong spellings are neither."""
    raw = pa.table({"invoiceid": ["mine"], "InvoiceId": ["INV-1"]})
    assert INVOICE_DETAIL.to_focus(raw).to_pydict() == {"invoiceid": ["mine"], "InvoiceId": ["INV-1"]}
    header = [*(name for name in INVOICE_DETAIL.needed if name != "InvoiceId"), "invoiceid", "INVOICEID"]
    assert INVOICE_DETAIL.fit(header).missing == ("InvoiceId",)


def test_only_amounts_are_numbers() -> None:
    """Money and quantities are read as numbers in any case; ids, dates and unknown columns are text."""
    assert INVOICE_DETAIL.numeric("billedcost")
    assert INVOICE_DETAIL.numeric("PaymentCurrencyBilledCost")
    assert CONTRACT_COMMITMENT.numeric("ContractCommitmentQuantity")
    text = ("InvoiceId", "BillingPeriodStart", "x_Amount", "ContractCommitmentCost")
    assert not any(INVOICE_DETAIL.numeric(name) for name in text)
    assert not any(BILLING_PERIOD.numeric(name) for name in names(BILLING_PERIOD))


def test_values_are_not_touched() -> None:
    """Translating renames columns only: a digit or a formula in a cell stays as it is."""
    raw = pa.table({"BilledCost": ["1.230"], "invoiceid": ["=cmd()"]})
    assert INVOICE_DETAIL.to_focus(raw).to_pydict() == {"BilledCost": ["1.230"], "InvoiceId": ["=cmd()"]}
