"""The columns of an Azure export under all their names."""

from __future__ import annotations

import pyarrow as pa
import pytest

from finops_lib.billing.formats import AWS_CUR, FOCUS
from finops_lib.billing.formats.azure.cells import plain
from finops_lib.billing.formats.azure.header import (
    _table,
    azure_column,
    fit,
    is_number,
    renamed,
    targets,
)

ENTERPRISE = ["SubscriptionId", "Date", "MeterCategory", "CostInBillingCurrency", "BillingCurrencyCode"]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("CostInBillingCurrency", "CostInBillingCurrency"),
        ("costinbillingcurrency", "CostInBillingCurrency"),
        ("cost_in_billing_currency", "CostInBillingCurrency"),
        ("PreTaxCost", "CostInBillingCurrency"),
        ("Kosten (Cost)", "CostInBillingCurrency"),
        ("Coût (Cost)", "CostInBillingCurrency"),
        ("PreTaxCost (PreTaxCost)", "CostInBillingCurrency"),
        ("\ufeffSubscriptionGuid", "SubscriptionGuid"),
        ("Abonnement-GUID (SubscriptionGuid)", "SubscriptionGuid"),
        ("Guid d'abonnement (SubscriptionGuid)", "SubscriptionGuid"),
        ("Subscription Guid", "SubscriptionGuid"),
        ("ID d'instance (InstanceId)", "ResourceId"),
        ("Catégorie du compteur", "MeterCategory"),
        ("Meter Sub-Category", "MeterSubCategory"),
        ("UsageDateTime", "Date"),
        ("Fecha", "Date"),
        ("日付", "Date"),
        ("Währung", "BillingCurrency"),
        ("Consumed Quantity", "Quantity"),
        ("ResourceRate", "EffectivePrice"),
        ("Cost (USD)", "CostInUsd"),
        ("Cost (EUR)", None),
        ("BilledCost", None),
        ("", None),
    ],
)
def test_a_name_means_its_column(name: str, column: str | None) -> None:
    """Case, spaces, marks, accents and language do not matter, the currency in brackets does."""
    assert azure_column(name) == column


def test_no_name_means_two_columns() -> None:
    """A name that stood in two rows of the table would be decided by their order."""
    owner: dict[str, str] = {}
    for row in _table():
        for name in {plain(name) for name in (row["column"], *row["also"].split("|")) if name}:
            assert owner.setdefault(name, row["column"]) == row["column"], name


def test_no_two_columns_are_copied_to_one() -> None:
    """The second would overwrite the first."""
    assert len(set(targets().values())) == len(targets())


def test_numbers_are_told_from_text() -> None:
    """A cost is read as a number under any of its names; a currency never."""
    assert [is_number(name) for name in ("preTaxCost", "Kosten (Cost)", "UsageQuantity")] == [True] * 3
    assert [is_number(name) for name in ("Currency", "Date", "unheard")] == [False] * 3


@pytest.mark.parametrize(
    "header",
    [
        ENTERPRISE,
        ["subscriptionid", "UsageDateTime", "MeterCategory", "costinbillingcurrency", "InstanceId"],
        ["subscriptionName", "servicePeriodStartDate", "consumedService", "costInBillingCurrency"],
        ["Abonnement-GUID (SubscriptionGuid)", "Datum (Date)", "ID (MeterId)", "Kosten (Cost)"],
        ["\ufeffサブスクリプション ID", "日付", "測定カテゴリ", "コスト"],
    ],
)
def test_every_family_of_names_fits(header: list[str]) -> None:
    """A cost, a date, a meter or service and a subscription are enough."""
    assert fit(header).share == 1


@pytest.mark.parametrize(
    "header",
    [
        [*FOCUS.needed, "BillingAccountId", "BillingCurrency", "SubAccountId", "Tags", "ResourceId"],
        ["x_SkuMeterCategory", "x_SkuMeterId", "BilledCost", "ChargePeriodStart", "ProviderName"],
        list(AWS_CUR.needed),
        ["billing_account_id", "service.id", "sku.id", "usage_start_time", "cost", "currency", "labels"],
        ["lineItem/referenceNo", "lineItem/intervalUsageStart", "cost/myCost", "product/service"],
    ],
)
def test_other_exports_do_not_fit(header: list[str]) -> None:
    """FOCUS, of Microsoft too, AWS, Google Cloud and Oracle have not even half of what is needed."""
    assert fit(header).share < 0.5


def test_fit_names_what_is_missing() -> None:
    """The reader of the error must know what to export."""
    assert fit(ENTERPRISE[1:]).missing == ("SubscriptionId",)


def test_of_two_names_of_a_column_the_better_counts_row_by_row() -> None:
    """The GUID comes before the old number, and the number where there is no GUID."""
    raw = pa.table({"SubscriptionId": ["17", "18"], "SubscriptionGuid": ["a-b", None]})
    rows, unknown = renamed(raw)
    assert rows.text("SubscriptionGuid").to_pylist() == ["a-b", "18"]
    assert unknown == {}


def test_unknown_columns_are_kept_unless_empty() -> None:
    """A new column of Microsoft's is not lost; an x_ name of the file cannot pass for one of ours."""
    raw = pa.table({"New": ["1"], "Void": pa.nulls(1, pa.string()), "x_SourceCost": ["9"], "Slice": ["s"]})
    _, unknown = renamed(raw)
    assert {name: column.to_pylist() for name, column in unknown.items()} == {
        "x_New": ["1"],
        "x_x_SourceCost": ["9"],
        "x_azure_Slice": ["s"],
    }


def test_a_second_byte_order_mark_is_taken_off() -> None:
    """Some exports repeat it before the first row; a cell that was only the mark is empty."""
    rows, _ = renamed(pa.table({"\ufeffInvoiceId": ["\ufeffI1", "I2"]}))
    assert rows.text("InvoiceId").to_pylist() == ["I1", "I2"]
    rows, _ = renamed(pa.table({"InvoiceId": pa.array(["\ufeff"]).dictionary_encode(), "Date": ["d"]}))
    assert rows.text("InvoiceId").to_pylist() == [None]


def test_a_batch_without_known_columns_keeps_its_length() -> None:
    """Rows of JSON lines may lack what others have."""
    rows, _ = renamed(pa.table({"Other": ["1", "2"]}))
    assert rows.text("Date").to_pylist() == [None, None]


def test_a_column_without_a_type_is_empty() -> None:
    """Parquet and JSON can say that a column holds nothing, not even text."""
    rows, unknown = renamed(pa.table({"Date": pa.nulls(2), "Other": pa.nulls(2)}))
    assert (rows.text("Date").type, rows.text("Date").null_count, unknown) == (pa.string(), 2, {})
