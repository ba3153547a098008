"""The Oracle Cloud cost report in FOCUS words: golden cases worked by hand for each kind of row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.formats.oci import NEEDED, OCI, resource_type, spelled

BASE: Mapping[str, str | None] = {
    "lineItem/referenceNo": "a1",
    "lineItem/tenantId": "ocid1.tenancy.oc1..t",
    "lineItem/intervalUsageStart": "2026-07-31T23:00Z",
    "lineItem/intervalUsageEnd": "2026-08-01T00:00:00Z",
    "product/service": "BLOCK_STORAGE",
    "product/compartmentId": "ocid1.compartment.oc1..c",
    "product/region": "eu-frankfurt-1",
    "product/resourceId": "ocid1.bootvolume.oc1.eu-frankfurt-1.b",
    "usage/billedQuantity": "4",
    "usage/billedQuantityOverage": None,
    "cost/subscriptionId": "s1",
    "cost/productSku": "B91961",
    "cost/unitPrice": "0.5",
    "cost/unitPriceOverage": None,
    "cost/myCost": "2",
    "cost/myCostOverage": None,
    "cost/currencyCode": "EUR",
    "cost/billingUnitReadable": "1 GiB MONTHS STORAGE_SIZE",
    "cost/skuUnitDescription": "GB Months",
    "cost/overageFlag": "false",
    "lineItem/isCorrection": "false",
    "lineItem/backreferenceNo": None,
}
COSTS = ("BilledCost", "EffectiveCost", "ContractedCost")


def table(*changes: Mapping[str, str | None]) -> pa.Table:
    """Translate one row for each set of changes."""
    rows = [{**BASE, **change} for change in changes]
    names = dict.fromkeys(name for row in rows for name in row)
    return OCI.to_focus(
        pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})
    )


def focus(change: Mapping[str, str | None] = BASE) -> dict[str, str | None]:
    """Translate one row."""
    return {name: column[0] for name, column in table(change).to_pydict().items()}


def test_a_row_of_usage() -> None:
    """Four GB months at 0.5 are 2 euros; the hour ends in August, but the month is that of its start."""
    found = focus()
    wanted = {
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "ChargePeriodStart": "2026-07-31T23:00Z",
        "ChargePeriodEnd": "2026-08-01T00:00:00Z",
        "BillingAccountId": "s1",
        "SubAccountId": "ocid1.tenancy.oc1..t",
        "BillingCurrency": "EUR",
        "BillingAccountType": "Subscription",
        "SubAccountType": "Tenancy",
        "PricingCurrency": "EUR",
        "PricingCurrencyEffectiveCost": "2",
        "PricingQuantity": "4",
        "PricingUnit": "GB Months",
        "ContractedUnitPrice": "0.5",
        "RegionName": "Germany Central (Frankfurt)",
        "ResourceType": "bootvolume",
        "ServiceCategory": "Storage",
        "ServiceSubcategory": "Block Storage",
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ServiceProviderName": "Oracle",
        "x_ReferenceNo": "a1",
        "x_CompartmentId": "ocid1.compartment.oc1..c",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert [found[name] for name in COSTS] == ["2", "2", "2"]
    assert not {"ListCost", "ListUnitPrice", "x_SourceCost", "x_Slice"} & found.keys()


def test_overage_is_part_of_the_cost() -> None:
    """Of 2 euros 0.75 lie beyond the commitment: the row costs 2, neither 2.75 nor 0.75."""
    found = focus(
        {"cost/myCostOverage": "0.75", "usage/billedQuantityOverage": "1.5", "cost/overageFlag": "true"}
    )
    assert [found[name] for name in COSTS] == ["2", "2", "2"]
    assert (found["x_CostOverage"], found["x_BilledQuantityOverage"], found["x_OverageFlag"]) == (
        "0.75",
        "1.5",
        "true",
    )


def test_a_correction_is_one_more_row_of_the_month_of_its_usage() -> None:
    """Of 2 euros 2 are rolled back and 1.5 charged anew: the rows add up to 1.5, all of them in July."""
    back = {"lineItem/isCorrection": "true", "lineItem/backreferenceNo": "a1", "cost/myCost": "-2"}
    again = {**back, "cost/myCost": "1.5", "lineItem/backreferenceNo": "a2"}
    found = table(
        {}, {**back, "lineItem/referenceNo": "a2"}, {**again, "lineItem/referenceNo": "a3"}
    ).to_pydict()
    assert sum(map(Decimal, found["BilledCost"])) == Decimal("1.5")
    assert found["ChargeClass"] == [None, "Correction", "Correction"]
    assert found["ChargeCategory"] == ["Usage"] * 3
    assert found["BillingPeriodStart"] == ["2026-07-01T00:00:00Z"] * 3
    assert found["x_BackreferenceNo"] == [None, "a1", "a2"]
    assert found["x_ReferenceNo"] == ["a1", "a2", "a3"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [("true", "Correction"), ("TRUE ", "Correction"), ("false", None), (None, None), ("17053", None)],
)
def test_only_the_flag_makes_a_correction(said: str | None, expected: str | None) -> None:
    """A row may have a back reference and correct nothing."""
    found = focus({"lineItem/isCorrection": said, "lineItem/backreferenceNo": "17053"})
    assert (found["ChargeClass"], found["x_BackreferenceNo"]) == (expected, "17053")


@pytest.mark.parametrize("cost", ["0", "-3.25", "6.97E-9", "0.000000000000000000", None, "free"])
def test_the_cost_stays_as_it_is_said(cost: str | None) -> None:
    """Free is zero, blank is unknown, and no digit is lost or made up."""
    assert [focus({"cost/myCost": cost})[name] for name in COSTS] == [cost] * 3


def test_the_subscription_is_the_account_or_else_the_tenancy() -> None:
    """Each row by itself."""
    found = table({}, {"cost/subscriptionId": None}).to_pydict()
    assert found["BillingAccountId"] == ["s1", "ocid1.tenancy.oc1..t"]
    assert found["BillingAccountType"] == ["Subscription", "Tenancy"]


def test_the_description_is_the_meter_of_a_sku() -> None:
    """Where no SKU is named there is no meter either."""
    found = table(
        {"product/Description": "Block Volume"}, {"product/Description": "Odd", "cost/productSku": None}
    ).to_pydict()
    assert found["SkuMeter"] == ["Block Volume", None]
    assert found["ChargeDescription"] == ["Block Volume", "Odd"]


def test_the_unit_is_that_of_the_price() -> None:
    """Older reports have only the readable unit."""
    older = focus({"cost/skuUnitDescription": None})
    assert older["PricingUnit"] == older["x_BillingUnit"] == "1 GiB MONTHS STORAGE_SIZE"


def test_tags_are_read_from_their_columns() -> None:
    """A backslash in a namespace, a quote in a value, a free tag and a row without any."""
    escaped, free = "tags/DevRel\\lab-4cb4.release", "tags/team"
    found = table({escaped: "1.0", free: 'the "web"'}, {}).column("Tags").to_pylist()
    assert [text and json.loads(text) for text in found] == [
        {"DevRel\\lab-4cb4.release": "1.0", "team": 'the "web"'},
        None,
    ]


def test_a_new_column_is_kept() -> None:
    """Under its own name; one that says nothing is not."""
    found = focus({"cost/newThing": "7", "cost/nothing": None})
    assert found["x_cost/newThing"] == "7"
    assert "x_cost/nothing" not in found


def test_columns_of_documentation_and_of_reports_are_the_same() -> None:
    """Oracle writes TenantId and tenantId, Description and description."""
    assert [spelled(name) for name in ("lineItem/TenantId", "lineItem/backReferenceNo", "other")] == [
        "lineItem/tenantId",
        "lineItem/backreferenceNo",
        "other",
    ]
    found = focus({"product/description": "Block Volume"})
    assert found["ChargeDescription"] == "Block Volume"


@pytest.mark.parametrize("names", [["cost/mycost", "cost/MyCost"], ["cost/MyCost"]])
def test_the_column_spelled_best_counts(names: list[str]) -> None:
    """A second column of nearly the same name takes nothing from it, and is kept."""
    found = focus(dict.fromkeys(names, "999"))
    assert found["BilledCost"] == "2"
    assert [value for name, value in found.items() if name.lower().startswith("x_cost/mycost")] == [
        "999"
    ] * len(names)


def test_usage_without_costs_does_not_fit() -> None:
    """The usage report lacks what a bill needs, and that is said by name."""
    usage = [name for name in BASE if not name.startswith("cost/")]
    assert OCI.fit(usage).missing == ("cost/myCost", "cost/currencyCode")
    assert OCI.fit([name.upper() for name in NEEDED]).share == 1


def test_amounts_are_read_as_numbers_and_names_are_not() -> None:
    """Also where the case of a name differs."""
    assert [OCI.numeric(name) for name in ("cost/MYCOST", "usage/billedQuantity", "cost/productSku")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("identifier", ["oci_vcn", "abc/Data", "", "ocid1", "xocid1.instance.oc1..a"])
def test_what_is_no_ocid_names_no_type(identifier: str) -> None:
    """Names of metrics and buckets stand in the same column."""
    assert resource_type(identifier) is None


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*BASE, "tags/a.b", "X", "x_Slice"]), st.none() | st.text()),
        min_size=1,
        max_size=4,
    )
)
def test_no_cell_breaks_a_batch(changes: list[dict[str, str | None]]) -> None:
    """Whatever stands in the cells, there are as many rows as before, with the costs they had."""
    found = table(*changes)
    assert found.column("BilledCost").to_pylist() == [{**BASE, **change}["cost/myCost"] for change in changes]


@given(
    st.lists(
        st.sampled_from([*BASE, "Tags", "BilledCost", "tags/", "x_ReferenceNo", "COST/mycost"]), unique=True
    )
)
def test_no_header_breaks_a_batch(names: list[str]) -> None:
    """Whatever columns are absent or look like others, names stay unique and rows stay."""
    found = OCI.to_focus(pa.table({name: pa.array(["1"]) for name in ["one", *names]}))
    assert len(set(found.column_names)) == len(found.column_names)
    assert found.num_rows == 1
