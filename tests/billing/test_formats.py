"""Which export a file is, told from its columns; an unknown one is told what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.billing.formats import FORMATS, recognise
from finops_lib.billing.formats.aws_cur import AWS_CUR
from finops_lib.billing.formats.base import Format
from finops_lib.billing.formats.focus import FOCUS
from finops_lib.billing.source import Source, open_source
from finops_lib.errors import UnknownFormatError

LEGACY = (
    "bill/BillingPeriodStartDate",
    "bill/PayerAccountId",
    "lineItem/LineItemType",
    "lineItem/UnblendedCost",
    "lineItem/UsageStartDate",
)


def source(*header: str, name: str = "bill.csv") -> Source:
    """Name a file with this header."""
    return Source(Path(name), "csv", False, header)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_what_a_format_needs_is_enough(form: Format) -> None:
    """Its needed columns, in any order and among others, name it."""
    assert recognise(source("mine", *reversed(form.needed))) is form


def test_the_legacy_report_is_the_aws_report() -> None:
    """Both spellings of the report are one format."""
    assert recognise(source(*LEGACY)) is AWS_CUR


@pytest.mark.parametrize(
    ("name", "header", "form"),
    [("focus.csv", AWS_CUR.needed, AWS_CUR), ("aws_cur.parquet", FOCUS.needed, FOCUS)],
)
def test_content_decides_not_the_name(
    tmp_path: Path, name: str, header: tuple[str, ...], form: Format
) -> None:
    """A file that is called like the other format is what its columns say."""
    path = tmp_path / name
    path.write_text(",".join(header) + "\n", encoding="utf-8")
    assert recognise(open_source(path)) is form


@pytest.mark.parametrize(
    ("form", "lost"),
    [
        (FOCUS, ("ChargeCategory",)),
        (FOCUS, ("BillingPeriodStart", "ChargePeriodStart")),
        (AWS_CUR, ("line_item_unblended_cost",)),
    ],
)
def test_an_unknown_file_names_the_nearest_format_and_what_is_missing(
    form: Format, lost: tuple[str, ...]
) -> None:
    """The file, the format it nearly is, and just the columns it lacks."""
    header = [name for name in form.needed if name not in lost]
    with pytest.raises(UnknownFormatError) as caught:
        recognise(source(*header))
    assert f"it is nearest to {form.name}, but lacks {', '.join(lost)}" in str(caught.value)
    assert "bill.csv" in str(caught.value)


def test_the_nearest_has_the_larger_share() -> None:
    """Two of the four FOCUS columns are less than four of the five of AWS."""
    with pytest.raises(UnknownFormatError, match="nearest to AWS Cost and Usage Report"):
        recognise(source(*FOCUS.needed[:2], *AWS_CUR.needed[:4]))


@pytest.mark.parametrize("header", [(), ("name", "age")])
def test_a_file_that_is_no_bill_is_told_all_known_formats(header: tuple[str, ...]) -> None:
    """No column fits: every known export is named, and what one of them would need."""
    with pytest.raises(UnknownFormatError) as caught:
        recognise(source(*header))
    assert all(form.name in str(caught.value) for form in FORMATS)
    assert ", ".join(FOCUS.needed) in str(caught.value)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_cells_may_be_separated_by_any_usual_mark(tmp_path: Path, mark: str) -> None:
    """The mark that makes the most columns separates them."""
    path = tmp_path / "bill.csv"
    path.write_text(mark.join(FOCUS.needed) + "\n")
    assert recognise(open_source(path)) is FOCUS


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        (("name", "rates", "source_type"), "it is a cost model: prices without usage"),
        (
            ("invoicedCost.cost", "amortizedCost.cost"),
            "it is an OpenCost summary of cloud bills, whose money they hold already",
        ),
    ],
)
def test_what_is_known_to_be_no_bill_is_refused_with_its_reason(columns: tuple[str, ...], rule: str) -> None:
    """The rule says what the file is instead."""
    with pytest.raises(UnknownFormatError) as caught:
        recognise(source(*columns))
    assert caught.value.rule == rule
