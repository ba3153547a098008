"""A FOCUS bill needs no translation but its spelling."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.focus import FOCUS, NEEDED, spelled


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("BilledCost", "BilledCost"),
        ("SkuPriceid", "SkuPriceId"),
        ("BILLEDCOST", "BilledCost"),
        ("providername", "ProviderName"),
        ("x_Mine", "x_Mine"),
        ("billed_cost", "billed_cost"),
    ],
)
def test_a_name_is_spelled_as_focus_does(name: str, expected: str) -> None:
    """Any case, also of a column removed since; an unknown name stays as it is."""
    assert spelled(name) == expected


@pytest.mark.parametrize("version", focus.VERSIONS)
def test_a_column_of_every_version_is_known(version: str) -> None:
    """Lower case leads back to the name in each version."""
    names = [item.name for item in focus.columns(version=version)]
    assert [spelled(name.lower()) for name in names] == names


def test_case_does_not_hinder_the_fit() -> None:
    """A header in lower case is whole; one that lacks a column lacks it by its proper name."""
    lower = [name.lower() for name in NEEDED]
    assert FOCUS.fit(lower).share == 1
    assert FOCUS.fit(lower[1:]).missing == ("BilledCost",)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("BilledCost", True),
        ("effectivecost", True),
        ("ConsumedQuantity", True),
        ("ChargePeriodStart", False),
        ("Tags", False),
        ("x_Cost", False),
    ],
)
def test_which_columns_are_numbers(name: str, number: bool) -> None:
    """Decimals of FOCUS in any case; what it does not know is text."""
    assert FOCUS.numeric(name) is number


@pytest.mark.parametrize(
    ("header", "version"),
    [
        (["BilledCost"], "1.0"),
        (["BilledCost", "SkuMeter"], "1.1"),
        (["billedcost", "skumeter"], "1.1"),
    ],
)
def test_the_version_is_told_from_the_header(header: list[str], version: str) -> None:
    """The newest version that brought a column present, in any case."""
    assert FOCUS.version(header) == version


def test_only_names_change() -> None:
    """Rows, their order and unknown columns stay, and so do nulls."""
    raw = pa.table({"billedcost": ["1.50", None], "x_Mine": ["b", "a"]})
    assert FOCUS.to_focus(raw).to_pydict() == {"BilledCost": ["1.50", None], "x_Mine": ["b", "a"]}


def test_a_delivery_overwrites() -> None:
    """A new export replaces its whole period."""
    assert FOCUS.delivery == "overwrites"


def test_an_older_name_stands_for_the_newer_one_where_that_is_absent() -> None:
    """Oracle writes names from before 1.0; beside the newer name the older one is a column of its own."""
    header = ["Provider", "Publisher", "InvoiceIssuer", "UsageQuantity", "UsageUnit", "Region"]
    wanted = [
        "ProviderName",
        "PublisherName",
        "InvoiceIssuerName",
        "ConsumedQuantity",
        "ConsumedUnit",
        "Region",
    ]
    assert FOCUS.to_focus(pa.table({name: ["1"] for name in header})).column_names == wanted
    assert [name for name in header if FOCUS.numeric(name)] == ["UsageQuantity"]
    both = pa.table({"Provider": ["old"], "providername": ["new"]})
    assert FOCUS.to_focus(both).to_pydict() == {"Provider": ["old"], "ProviderName": ["new"]}


def test_no_two_columns_share_a_name_and_none_is_another_cost() -> None:
    """Twins in another case stay apart and the right one counts; the cost is BilledCost and no other."""
    names = ["billedcost", "BilledCost", "x_SourceCost", "x_SourceCost_"]
    raw = pa.table({name: [name] for name in names})
    found = FOCUS.to_focus(raw).to_pydict()
    assert found["BilledCost"] == ["BilledCost"]
    assert list(found) == ["billedcost", "BilledCost", "x_SourceCost__", "x_SourceCost_"]
