"""Which export is this, told from its columns and never from its name."""

from __future__ import annotations

from finops_lib.billing.formats.aws_cur import AWS_CUR
from finops_lib.billing.formats.azure import AZURE
from finops_lib.billing.formats.base import Fit, Format
from finops_lib.billing.formats.focus import FOCUS
from finops_lib.billing.formats.focus_datasets import BILLING_PERIOD, CONTRACT_COMMITMENT, INVOICE_DETAIL
from finops_lib.billing.formats.gcp import GCP
from finops_lib.billing.formats.oci import OCI
from finops_lib.billing.formats.opencost import OPENCOST
from finops_lib.billing.formats.openshift import OPENSHIFT
from finops_lib.billing.formats.rate_card import RATE_CARD
from finops_lib.billing.source import Source
from finops_lib.errors import UnknownFormatError

FORMATS: tuple[Format, ...] = (
    FOCUS,
    AWS_CUR,
    AZURE,
    GCP,
    OCI,
    OPENCOST,
    OPENSHIFT,
    RATE_CARD,
    BILLING_PERIOD,
    INVOICE_DETAIL,
    CONTRACT_COMMITMENT,
)
_NEAR = 0.3  # share of the needed columns below which no export is meant
_NO_BILLS = (
    (
        ("rates", "source_type"),
        "it is a cost model: prices without usage",
        "name the usage report, and this file with --rates",
    ),
    (
        ("invoicedCost.cost", "amortizedCost.cost"),
        "it is an OpenCost summary of cloud bills, whose money they hold already",
        "name the bills themselves",
    ),
)
__all__ = ["FORMATS", "Fit", "Format", "recognise"]


def recognise(source: Source) -> Format:
    """Which known format does this file have.

    Parameters
    ----------
    source : Source
        A file with its header.

    Returns
    -------
    Format

    Raises
    ------
    UnknownFormatError
        None fits; names the nearest format and what is missing.
    """
    fits = [(form.fit(source.header), form) for form in FORMATS]
    best, form = max(fits, key=lambda pair: pair[0].share)
    if best.share == 1:
        return form
    known = ", ".join(item.name for item in FORMATS)
    value = f"file {source.path.name}"
    for columns, rule, remedy in _NO_BILLS:
        if set(columns) <= set(source.header):
            raise UnknownFormatError(value, rule, remedy)
    if best.share < _NEAR:
        raise UnknownFormatError(
            value,
            f"its columns are those of no known export ({known}); "
            f"the first, {FORMATS[0].name}, needs {', '.join(FORMATS[0].needed)}",
            "name a bill, not another file",
        )
    raise UnknownFormatError(
        value,
        f"it is nearest to {form.name}, but lacks {', '.join(best.missing)}",
        "export it again with these columns",
    )
