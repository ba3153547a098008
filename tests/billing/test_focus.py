"""What FOCUS has in which version, checked by hand against the published versions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing import focus

ADDED = {
    "1.1": "CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity "
    "CommitmentDiscountUnit ServiceSubcategory SkuMeter SkuPriceDetails",
    "1.2": "BillingAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice SubAccountType",
    "1.3": "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags "
    "ContractApplied HostProviderName ServiceProviderName",
    "1.4": "CommitmentProgramEligibilityDetails InvoiceDetailId",
}
EVERY = [item for dataset in focus.DATASETS for version in focus.VERSIONS
         for item in focus.columns(dataset, version=version)]  # fmt: skip


def names(version: str, dataset: str = "Cost and Usage") -> set[str]:
    return {item.name for item in focus.columns(dataset, version=version)}


def mandatory(version: str) -> set[str]:
    return {item.name for item in focus.columns(version=version) if item.is_mandatory(version)}


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "1.4"])
def test_each_version_adds_its_columns_and_only_1_4_removes(version: str) -> None:
    """What a version has is what the one before had, plus its additions, less the two removed in 1.4."""
    before = names(focus.VERSIONS[focus.VERSIONS.index(version) - 1])
    removed = {"ProviderName", "PublisherName"} if version == "1.4" else set()
    assert (before | set(ADDED[version].split())) - removed == names(version)


@pytest.mark.parametrize(("dataset", "counts"), [
    ("Cost and Usage", [43, 50, 57, 65, 65]),
    ("Contract Commitment", [0, 0, 0, 13, 30]),
    ("Billing Period", [0, 0, 0, 0, 6]),
    ("Invoice Detail", [0, 0, 0, 0, 22]),
])  # fmt: skip
def test_every_dataset_has_its_number_of_columns(dataset: str, counts: list[int]) -> None:
    """The counts are those of the specification, and a dataset does not exist before its version."""
    assert counts == [len(focus.columns(dataset, version=version)) for version in focus.VERSIONS]


def test_the_lake_keeps_the_65_columns_of_the_newest_version() -> None:
    """The lake's columns are those of 1.4: without ProviderName, with InvoiceDetailId."""
    kept = {item.name for item in focus.lake_columns()}
    assert (len(kept), "ProviderName" in kept, "InvoiceDetailId" in kept) == (65, False, True)


def test_since_and_until_are_the_ends_of_the_versions_listed() -> None:
    """Since is the first version with a level, until the last unless that is the newest; no gaps."""
    for item in EVERY:
        listed = list(item.level)
        last = "" if listed[-1] == "1.4" else listed[-1]
        span = focus.VERSIONS[focus.VERSIONS.index(listed[0]) : focus.VERSIONS.index(listed[-1]) + 1]
        assert (item.since, item.until, tuple(listed)) == (listed[0], last, span), item.name
        assert item.level.keys() == item.nullable.keys()


def test_facts_use_only_known_words() -> None:
    """Kinds and levels come from closed lists."""
    assert set(focus.KINDS) == {item.kind for item in EVERY}
    assert {level for item in EVERY for level in item.level.values()} <= set(focus.LEVELS)


@pytest.mark.parametrize(("name", "kind", "level", "nullable"), [
    ("BilledCost", "decimal", "Mandatory", False),
    ("ChargeClass", "string", "Mandatory", True),
    ("ChargeFrequency", "string", "Recommended", False),
    ("ChargePeriodStart", "datetime", "Mandatory", False),
    ("Tags", "json", "Conditional", True),
    ("ServiceSubcategory", "string", "Recommended", False),
    ("PricingCurrencyEffectiveCost", "decimal", "Conditional", False),
    ("HostProviderName", "string", "Mandatory", True),
])  # fmt: skip
def test_facts_of_1_4_columns(name: str, kind: str, level: str, nullable: bool) -> None:
    """Golden facts of 1.4."""
    item = focus.column(name)
    assert (kind, level, nullable) == (item.kind, item.level["1.4"], item.nullable["1.4"])


def test_level_may_change_between_versions() -> None:
    """InvoiceId was recommended in 1.2 and is conditional in 1.4; PricingCurrency could be null in 1.2."""
    invoice, currency = focus.column("InvoiceId"), focus.column("PricingCurrency")
    assert (invoice.level["1.2"], invoice.level["1.4"]) == ("Recommended", "Conditional")
    assert (currency.nullable["1.2"], currency.nullable["1.4"]) == (True, False)


@pytest.mark.parametrize(("name", "allowed"), [
    ("ChargeCategory", {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}),
    ("ChargeClass", {"Correction"}),
    ("ChargeFrequency", {"One-Time", "Recurring", "Usage-Based"}),
    ("PricingCategory", {"Standard", "Dynamic", "Committed", "Other"}),
    ("CommitmentDiscountCategory", {"Spend", "Usage"}),
    ("CommitmentDiscountStatus", {"Used", "Unused"}),
    ("CapacityReservationStatus", {"Used", "Unused"}),
    ("ServiceName", set()),
])  # fmt: skip
def test_allowed_values(name: str, allowed: set[str]) -> None:
    """Closed lists are complete, open columns have none."""
    assert allowed == set(focus.column(name).allowed)


def test_every_subcategory_has_a_parent_among_the_categories() -> None:
    """The 19 categories are exactly the parents of the subcategories."""
    children = focus.column("ServiceSubcategory").allowed
    assert len(set(children)) == len(children)
    assert set(focus.column("ServiceCategory").allowed) == {
        focus.parent_category(child) for child in children
    }
    assert (
        focus.parent_category("Caching"),
        focus.parent_category("Other (Other)"),
    ) == ("Databases", "Other")


@pytest.mark.parametrize("version", focus.VERSIONS)
def test_a_full_header_speaks_its_version(version: str) -> None:
    """All columns of a version, with a provider's own column beside them."""
    assert version == focus.version_of([*names(version), "x_Own"])


@pytest.mark.parametrize(("header", "version"), [
    ([], "1.0"),
    (["BilledCost"], "1.0"),
    (["x_Own", "identity/LineItemId"], "1.0"),
    (["BilledCost", "ProviderName"], "1.0"),
    (["BilledCost", "CommitmentDiscountUnit"], "1.1"),
    (["InvoiceId"], "1.2"),
    (["SkuMeter", "SubAccountType", "ProviderName"], "1.2"),
    (["ServiceProviderName", "PublisherName"], "1.3"),
    (["BilledCost", "HostProviderName"], "1.3"),
    (["InvoiceDetailId"], "1.4"),
    (["CommitmentProgramEligibilityDetails", "PublisherName"], "1.3"),
])  # fmt: skip
def test_a_sparse_header_speaks_the_newest_version_it_shows(header: list[str], version: str) -> None:
    """The newest column decides, unless a removed column holds the header back."""
    assert version == focus.version_of(header)


def test_a_1_4_bill_without_conditional_columns_is_not_taken_for_1_3() -> None:
    """All mandatory columns of 1.4 and neither removed name: 1.3 would have had both."""
    assert focus.version_of(mandatory("1.4")) == "1.4"
    assert focus.version_of(mandatory("1.4") | {"ProviderName", "PublisherName"}) == "1.3"


@pytest.mark.parametrize("dataset", focus.DATASETS)
def test_a_full_header_belongs_to_its_dataset(dataset: str) -> None:
    """Every dataset of 1.4 is recognised and lacks nothing."""
    match = focus.dataset_of(names("1.4", dataset))
    assert (dataset, "1.4", 1.0, ()) == (match.dataset, match.version, match.share, match.missing)


def test_the_1_3_contract_commitments_are_recognised() -> None:
    """The dataset of 13 columns is 1.3, not an incomplete 1.4."""
    match = focus.dataset_of(names("1.3", "Contract Commitment"))
    assert (match.dataset, match.version, match.missing) == ("Contract Commitment", "1.3", ())


def test_what_a_header_lacks_is_named() -> None:
    """A bill of 1.0 without its two most important columns misses just these."""
    match = focus.dataset_of(names("1.0") - {"BilledCost", "BillingCurrency", "Tags"})
    assert (match.dataset, match.missing) == ("Cost and Usage", ("BilledCost", "BillingCurrency"))
    assert len(mandatory("1.0")) - 2 == round(match.share * len(mandatory("1.0")))


def test_nothing_known_fits_nothing() -> None:
    """A file of another kind has no known column."""
    match = focus.dataset_of(["a", "b"])
    assert (match.known, match.share) == (0, 0.0)


@given(st.sets(st.sampled_from(sorted(names("1.3") | names("1.4")))))
def test_a_found_version_agrees_with_the_removed_columns(header: set[str]) -> None:
    """Whatever the header, every removed column it has exists in the version found."""
    version = focus.version_of(header)
    assert all(version in focus.column(name).level for name in header & {"ProviderName", "PublisherName"})


@given(st.permutations(sorted(names("1.2"))))
def test_order_of_the_header_does_not_matter(header: list[str]) -> None:
    """A shuffled header speaks the same version and dataset."""
    assert (focus.version_of(header), focus.dataset_of(header).dataset) == ("1.2", "Cost and Usage")


def test_currencies_follow_iso_4217() -> None:
    """Real, special and invented codes; the number of decimals where there is one."""
    assert [focus.is_currency(code) for code in ("USD", "CHF", "XXX", "usd", "US$", "")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    digits = {code: focus.minor_digits(code) for code in ("EUR", "JPY", "KWD", "CLF", "XXX", "ZZZ")}
    assert digits == {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "XXX": None, "ZZZ": None}


def test_a_column_is_a_record_and_a_set_member() -> None:
    """Columns become JSON and can be collected in sets."""
    item = focus.column("ChargeClass")
    assert json.loads(json.dumps(item.to_json()))["level"]["1.0"] == "Mandatory"
    assert len({item, focus.column("ChargeClass")}) == 1


@pytest.mark.parametrize("wrong", [
    lambda: focus.columns("Costs"),
    lambda: focus.columns(version="2.0"),
    lambda: focus.column("Cost"),
    lambda: focus.column("BilledCost", dataset="Billing Period"),
])  # fmt: skip
def test_unknown_names_are_wrong_arguments(wrong: object) -> None:
    """A name that FOCUS does not have is a mistake in the code that asks."""
    with pytest.raises(ValueError, match="FOCUS"):
        wrong()  # type: ignore[operator]
