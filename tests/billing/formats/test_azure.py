"""Azure exports in FOCUS words: the same bill in every spelling, and the columns around the costs."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.conform import Batch, Conformer
from finops_lib.billing.formats.azure import AZURE
from finops_lib.privacy import People

MACHINE = "/subscriptions/AB-1/resourceGroups/RG-Web/providers/Microsoft.Compute/virtualMachines/Web1"
BILL: dict[str, list[str | None]] = {
    "BillingAccountId": ["E1", "E1"],
    "BillingAccountName": ["Trey", "Trey"],
    "BillingPeriodStartDate": ["09/01/2023", "09/01/2023"],
    "BillingPeriodEndDate": ["09/30/2023", "09/30/2023"],
    "SubscriptionId": ["AB-1", "AB-1"],
    "SubscriptionName": ["Web", "Web"],
    "Date": ["09/04/2023", "09/21/2023"],
    "ProductName": ["D2 v3", "Reserved D2 v3"],
    "MeterCategory": ["Virtual Machines", "Virtual Machines"],
    "MeterName": ["D2 v3", "D2 v3"],
    "Quantity": ["24", "1"],
    "EffectivePrice": ["0.1", "50"],
    "CostInBillingCurrency": ["2.4", "50"],
    "UnitPrice": ["0.1", "50"],
    "PayGPrice": ["0.11", "0"],
    "BillingCurrency": ["USD", "USD"],
    "ResourceLocation": ["US East", "eastus"],
    "ConsumedService": ["Microsoft.Compute", "Microsoft.Capacity"],
    "ResourceId": [MACHINE, None],
    "ResourceGroup": ["RG-WEB", None],
    "Tags": ['"env": "prod"', None],
    "UnitOfMeasure": ["1 Hour", "1 Hour"],
    "ReservationId": [None, "R1"],
    "ChargeType": ["Usage", "Purchase"],
    "Frequency": ["UsageBased", "Recurring"],
    "PricingModel": ["OnDemand", "Reservation"],
    "AdditionalInfo": ['{"a":1}', None],
}
LOCAL = {
    "SubscriptionId": "Abonnement-ID",
    "CostInBillingCurrency": "Kosten",
    "Date": "Datum",
    "Tags": "Markierungen",
}
OLDER = {
    "SubscriptionId": "Subscription Guid",
    "Date": "UsageDateTime",
    "Quantity": "Consumed Quantity",
    "EffectivePrice": "ResourceRate",
    "CostInBillingCurrency": "PreTaxCost",
    "BillingCurrency": "Currency",
    "ResourceId": "Instance ID",
    "ProductName": "Product",
}
SPELLINGS: dict[str, dict[str, str]] = {
    "camel case": {name: name[0].lower() + name[1:] for name in BILL},
    "lower case": {name: name.lower() for name in BILL},
    "older": OLDER,
    "translated": {name: f"{LOCAL.get(name, 'Wort')} ({name})" for name in BILL},
    "byte order mark": {"BillingAccountId": "\ufeffBillingAccountId", "Quantity": "quantity "},
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Somebody to give pseudonyms."""
    folder: Path = tmp_path_factory.mktemp("people")
    return People.open(folder / "lake", {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2})


def table(columns: dict[str, list[str | None]], names: dict[str, str] | None = None) -> pa.Table:
    """A batch, its columns under other names."""
    return pa.table(
        {(names or {}).get(name, name): pa.array(cells, pa.string()) for name, cells in columns.items()}
    )


def focus(**change: str | None) -> dict[str, Any]:
    """Translate the first row with some cells changed."""
    row = {name: [cells[0]] for name, cells in BILL.items()} | {name: [cell] for name, cell in change.items()}
    return {name: column[0] for name, column in AZURE.to_focus(table(row)).to_pydict().items()}


def test_a_bill_in_focus_words() -> None:
    """One row of usage, each column as it stands in FOCUS."""
    found = focus()
    expected = {
        "BilledCost": "2.4",
        "EffectiveCost": "2.4",
        "ListCost": "2.64000000000000000000",  # 24 x 0.11
        "ContractedCost": "2.40000000000000000000",  # 24 x 0.1
        "x_SourceCost": "2.4",
        "x_CostView": None,
        "BillingPeriodStart": "2023-09-01T00:00:00Z",
        "BillingPeriodEnd": "2023-10-01T00:00:00Z",
        "ChargePeriodStart": "2023-09-04T00:00:00Z",
        "ChargePeriodEnd": "2023-09-05T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": "D2 v3",
        "BillingAccountId": "E1",
        "SubAccountId": "ab-1",
        "SubAccountName": "Web",
        "BillingCurrency": "USD",
        "RegionId": "eastus",
        "ServiceCategory": "Compute",
        "ServiceName": "Virtual Machines",
        "ResourceId": MACHINE.lower(),
        "x_ResourceId": MACHINE,
        "ResourceName": "Web1",
        "ResourceType": "microsoft.compute/virtualmachines",
        "x_ResourceGroupName": "rg-web",
        "Tags": '{"env":"prod"}',
        "ConsumedQuantity": "24",
        "PricingQuantity": "24",
        "PricingUnit": "1 Hour",
        "ServiceProviderName": "Microsoft",
        "InvoiceIssuerName": "Microsoft",
        "x_AdditionalInfo": '{"a":1}',
        "x_EffectiveUnitPrice": "0.1",
    }
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_same_bill_in_any_spelling_gives_the_same_rows(spelling: str) -> None:
    """Case, age, language and the byte order mark change no name and no cell."""
    raw = table(BILL, SPELLINGS[spelling])
    assert AZURE.fit(raw.column_names).share == 1
    assert AZURE.to_focus(raw).to_pydict() == AZURE.to_focus(table(BILL)).to_pydict()


def test_the_older_usage_details_are_read() -> None:
    """They name neither charge type nor period nor account: usage, its month, and the subscription."""
    older = {
        "SubscriptionGuid": ["ab-1"],
        "UsageDateTime": ["2021-02-02"],
        "MeterCategory": ["Load Balancer"],
        "UsageQuantity": ["3"],
        "ResourceRate": ["0.025"],
        "PreTaxCost": ["0.075"],
        "InstanceId": ["/subscriptions/ab-1/lb"],
        "Currency": ["USD"],
    }
    found = AZURE.to_focus(table({name: list(cells) for name, cells in older.items()})).to_pylist()[0]
    assert (found["BilledCost"], found["BillingCurrency"], found["ChargeCategory"]) == (
        "0.075",
        "USD",
        "Usage",
    )
    assert (found["BillingPeriodStart"], found["BillingPeriodEnd"]) == (
        "2021-02-01T00:00:00Z",
        "2021-03-01T00:00:00Z",
    )
    assert (found["BillingAccountId"], found["SubAccountId"]) == ("ab-1", "ab-1")
    assert (found["ListCost"], found["x_EffectiveUnitPrice"]) == (None, "0.025")


def test_the_two_views_of_a_month_are_told_apart_by_row(people: People) -> None:
    """Usage of 10 on demand and of a reservation of 50 a month, of which 30 are used and 20 not.

    Actual: 10 and the purchase of 50 are billed. Amortised: 10, 30 and 20 are what it costs in effect.
    """
    names = ("ChargeType", "PricingModel", "CostInBillingCurrency", "ReservationId")
    bought = ("Purchase", "Reservation", "50", "R1")
    on_demand = ("Usage", "OnDemand", "10", None)
    actual = [on_demand, ("Usage", "Reservation", "0", "R1"), bought]
    amortised = [
        on_demand,
        ("Usage", "Reservation", "30", "R1"),
        ("UnusedReservation", "Reservation", "20", "R1"),
    ]
    sums = []
    for view in (actual, amortised):
        row = {name: [BILL[name][0]] * 3 for name in BILL}
        row |= {name: list(cells) for name, cells in zip(names, zip(*view, strict=True), strict=True)}
        batch = conformed(table(row), people)
        sums.append([total(batch, name) for name in ("BilledCost", "EffectiveCost")])
        assert sum(batch.source_cost.to_pylist()) == 60
    assert sums == [[60, 10], [10, 60]]


def test_dictionaries_are_read_like_plain_text() -> None:
    """The reader of files gives most columns as dictionaries, some with nulls inside."""
    plain = table(BILL)
    coded = pa.table({name: plain[name].combine_chunks().dictionary_encode() for name in BILL})
    assert AZURE.to_focus(coded).to_pydict() == AZURE.to_focus(plain).to_pydict()


def conformed(raw: pa.Table, people: People) -> Batch:
    """Translate and type a batch."""
    return Conformer(people).conform(AZURE.to_focus(raw))


def total(batch: Batch, name: str) -> Decimal:
    """The sum of a column; unknown adds nothing."""
    return sum((value for value in batch.table[name].to_pylist() if value is not None), Decimal(0))


def test_a_bill_conforms(people: People) -> None:
    """No row is set aside, and the file's own cost is the sum of its cells."""
    batch = conformed(table(BILL), people)
    assert batch.rule is None
    assert batch.faults == {}
    assert sum(batch.source_cost.to_pylist()) == Decimal("52.4")
    assert batch.table["x_CostView"].to_pylist() == [None, "actual"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"CostInBillingCurrency": "abc"}, "cost_not_a_number"),
        ({"CostInBillingCurrency": None}, "cost_missing"),
        ({"CostInBillingCurrency": "abc", "PricingModel": "Reservation"}, "cost_not_a_number"),
        ({"CostInBillingCurrency": None, "PricingModel": "Reservation"}, "cost_missing"),
        ({"Date": "31/31/2023"}, "date_unreadable"),
        ({"Date": None}, "date_missing"),
        ({"BillingPeriodEndDate": "x"}, "date_unreadable"),
        ({"ChargeType": None}, "charge_category_unknown"),
        ({"BillingCurrency": "EURO"}, "currency_unknown"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(
    change: dict[str, str | None], rule: str, people: People
) -> None:
    """Whatever is wrong, the row is named and counted nowhere."""
    row = {name: [cells[0]] for name, cells in BILL.items()} | {name: [cell] for name, cell in change.items()}
    batch = conformed(table(row), people)
    assert batch.rule is not None
    assert batch.rule.to_pylist() == [rule]


def test_the_account_is_the_billing_profile() -> None:
    """An invoice is written for the profile; the name is that of the same thing."""
    profile = {"BillingProfileId": "P1", "BillingProfileName": "Europe"}
    found = focus(**profile)
    assert (found["BillingAccountId"], found["BillingAccountName"]) == ("P1", "Europe")
    assert found["x_RootBillingAccountId"] == "E1"
    found = focus(**dict.fromkeys(profile))
    assert (found["BillingAccountId"], found["BillingAccountName"]) == ("E1", "Trey")


def test_the_partner_issues_the_invoice() -> None:
    """Under a partner agreement it is not Microsoft; a publisher is kept beside it."""
    found = focus(PartnerName="Contoso", PublisherName="Databricks")
    assert (found["InvoiceIssuerName"], found["x_PublisherName"]) == ("Contoso", "Databricks")
    assert found["ServiceProviderName"] == "Microsoft"


@pytest.mark.parametrize(
    ("given_id", "resource", "kept"),
    [
        (MACHINE, MACHINE.lower(), MACHINE),
        (MACHINE.lower(), MACHINE.lower(), None),
        ("arn:aws:s3:::Mine", "arn:aws:s3:::Mine", None),
        (None, None, None),
    ],
)
def test_one_resource_has_one_id(given_id: str | None, resource: str | None, kept: str | None) -> None:
    """Azure ids do not mind case, those of others do; what was changed stays beside it."""
    found = focus(ResourceId=given_id)
    assert (found["ResourceId"], found["x_ResourceId"]) == (resource, kept)


@pytest.mark.parametrize(
    ("resource", "name", "kind"),
    [
        (f"{MACHINE}/extensions/Probe", "Probe", "microsoft.compute/virtualmachines/extensions"),
        ("/providers/Microsoft.Capacity/reservationOrders/1/reservations/", None,
         "microsoft.capacity/reservationorders/reservations"),
        ("/subscriptions/ab-1", "ab-1", None),
        ("web1", None, None),
    ],
)  # fmt: skip
def test_name_and_type_are_read_from_the_id(resource: str, name: str | None, kind: str | None) -> None:
    """Where the file gives neither."""
    found = focus(ResourceId=resource)
    assert (found["ResourceName"], found["ResourceType"]) == (name, kind)


@pytest.mark.parametrize("word", ["Unassigned", "None", "Not applicable", "Others", "N/A"])
def test_a_word_for_nothing_is_null(word: str) -> None:
    """Nothing is grouped under a name that is none; the other column tells the service."""
    found = focus(MeterCategory=word, ResourceGroup=word, ResourceName=word, ResourceLocation=word)
    assert (found["x_ResourceGroupName"], found["ResourceName"]) == (None, "Web1")
    assert found["ServiceName"] == "Microsoft.Compute"
    assert found["ServiceCategory"] == "Compute"


def test_quantity_is_consumed_by_usage_alone() -> None:
    """Of a purchase it is what was bought."""
    found = focus(ChargeType="Purchase")
    assert (found["ConsumedQuantity"], found["PricingQuantity"]) == (None, "24")
    assert found["ConsumedUnit"] is None


def test_a_column_that_is_new_is_kept() -> None:
    """Under x_ and its own name; one that is empty is not."""
    found = focus(BrandNew="1", Void=None)
    assert found["x_BrandNew"] == "1"
    assert "x_Void" not in found


@given(texts=st.lists(st.text(), min_size=1, max_size=5))
def test_no_tag_text_crashes_or_moves_money(texts: list[str], people: People) -> None:
    """Whatever stands in the cells of the tags, the costs are those of the file."""
    row = {name: [cells[0]] * len(texts) for name, cells in BILL.items()} | {"Tags": [*texts]}
    batch = conformed(table(row), people)
    assert total(batch, "BilledCost") == Decimal("2.4") * len(texts)
    for tags in batch.table["Tags"].to_pylist():
        assert tags is None or tags in texts or isinstance(json.loads(tags), dict)


@given(st.sampled_from(sorted(BILL)), st.text(max_size=30))
def test_no_cell_crashes_the_translation(name: str, text: str) -> None:
    """Every column can hold anything; the row is still there."""
    assert focus(**{name: text})["x_SourceCost"] == (text if name == "CostInBillingCurrency" else "2.4")


def test_an_empty_batch_stays_empty() -> None:
    """A part of an export can have a header alone; the format speaks no version of FOCUS."""
    assert AZURE.to_focus(table({name: [] for name in BILL})).num_rows == 0
    assert AZURE.version(list(BILL)) == ""


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({}, ("Billing Account", "Subscription")),
        ({"BillingProfileId": "P1"}, ("Billing Profile", "Subscription")),
        ({"SubscriptionId": None}, ("Billing Account", None)),
        ({"BillingAccountId": None}, (None, "Subscription")),
    ],
)
def test_accounts_say_of_which_kind_they_are(change: dict[str, str | None], kinds: tuple[str | None]) -> None:
    """The invoice is written for the profile where there is one; what is not named has no kind."""
    found = focus(**change)
    assert (found["BillingAccountType"], found["SubAccountType"]) == kinds


def test_without_an_account_the_subscription_is_one() -> None:
    """A pay-as-you-go file has subscriptions alone."""
    bare = {name: cells for name, cells in BILL.items() if not name.startswith("BillingAccount")}
    assert set(AZURE.to_focus(table(bare)).column("BillingAccountType").to_pylist()) == {"Subscription"}


@pytest.mark.parametrize(
    ("meter", "emitter", "service"),
    [
        ("Storage", "Microsoft.Compute", ("Storage", "Storage Platforms")),
        ("Unheard", "Microsoft.KeyVault", ("Security", "Secret Management")),
        ("Unheard", "Contoso.Things", ("Other", "Other (Other)")),
        (None, None, ("Other", "Other (Other)")),
    ],
)
def test_the_meter_says_the_service_or_else_the_provider(
    meter: str | None, emitter: str | None, service: tuple[str, str]
) -> None:
    """Category and subcategory come from one table."""
    found = focus(MeterCategory=meter, ConsumedService=emitter)
    assert (found["ServiceCategory"], found["ServiceSubcategory"]) == service


def test_a_rounding_of_the_invoice_has_a_description_and_no_quantity() -> None:
    """It has no product, and 0 of no unit is none; 0 hours, and 2 of no unit, are quantities."""
    nothing = dict.fromkeys(("ProductName", "MeterName", "UnitOfMeasure"))
    found = focus(ChargeType="RoundingAdjustment", Quantity="0", **nothing)
    assert (found["ChargeDescription"], found["PricingQuantity"]) == ("RoundingAdjustment", None)
    assert focus(Quantity="0")["PricingQuantity"] == "0"
    assert focus(Quantity="2", UnitOfMeasure=None)["PricingQuantity"] == "2"
    assert focus(**nothing)["ChargeDescription"] is None
