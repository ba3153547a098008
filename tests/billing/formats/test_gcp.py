"""Google's export in FOCUS words: golden cases worked by hand, and one export in five spellings."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.billing.conform import Conformer
from finops_lib.billing.formats import FORMATS
from finops_lib.billing.formats.gcp import GCP, NEEDED, snake
from finops_lib.billing.source import Reading, batches, open_source
from finops_lib.privacy import People

ROW: dict[str, Any] = {
    "billing_account_id": "01AAAA-02BBBB-03CCCC",
    "service": {"id": "6F81-5844-456A", "description": "Compute Engine"},
    "sku": {"id": "2E27-4F75-95CD", "description": "N1 Predefined Instance Core running in Americas"},
    "usage_start_time": "2022-07-31 23:00:00 UTC",
    "usage_end_time": "2022-08-01 00:00:00 UTC",
    "project": {
        "id": "web-shop",
        "number": "42",
        "name": "Web shop",
        "labels": [{"key": "team", "value": "shop"}, {"key": "env", "value": "prod"}],
        "ancestors": [{"resource_name": "projects/42", "display_name": None}],
    },
    "labels": [{"key": "team", "value": "web"}],
    "system_labels": [{"key": "compute.googleapis.com/cores", "value": "4"}],
    "location": {
        "location": "us-central1",
        "country": "US",
        "region": "us-central1",
        "zone": "us-central1-a",
    },
    "export_time": "2022-08-02 01:11:12.066000 UTC",
    "cost": 1.25,
    "currency": "USD",
    "usage": {"amount": 3600.0, "unit": "seconds", "amount_in_pricing_units": 1.0, "pricing_unit": "hour"},
    "credits": [
        {
            "name": "Sustained",
            "amount": -0.25,
            "full_name": None,
            "id": "sud",
            "type": "SUSTAINED_USAGE_DISCOUNT",
        },
        {"name": "Trial", "amount": -0.1, "full_name": "Free trial", "id": "t", "type": "PROMOTION"},
    ],
    "invoice": {"month": "202208", "publisher_type": "GOOGLE"},
    "cost_type": "regular",
    "tags": [{"key": "tier", "value": "gold", "inherited": True, "namespace": "111"}],
    "cost_at_list": 1.5,
    "price": {"effective_price": 1.25, "list_price": 1.5, "pricing_unit_quantity": 1},
}
BARE: dict[str, Any] = ROW | {
    "labels": [],
    "system_labels": [],
    "tags": [],
    "credits": [],
    "cost": 0.5,
    "project": {"id": None, "number": None, "name": None, "labels": [], "ancestors": []},
    "cost_type": "tax",
}


def flat(row: dict[str, Any], write: Any = json.dumps, dot: str = ".") -> dict[str, str | None]:
    """Write a row as a table of text does: objects become columns, lists text."""
    found: dict[str, str | None] = {}
    for name, value in row.items():
        parts = (
            {f"{name}{dot}{key}": item for key, item in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
        for key, item in parts.items():
            found[key] = item if item is None or isinstance(item, str) else write(item)
    return found


def focus(**change: Any) -> dict[str, str | None]:
    """Translate one row, changed."""
    cells = flat(ROW | change)
    raw = pa.table({name: pa.array([cell], pa.string()) for name, cell in cells.items()})
    return {name: column[0] for name, column in GCP.to_focus(raw).to_pydict().items()}


def test_one_row_worked_by_hand() -> None:
    """Cost 1.25 less 0.25 less 0.10 is 0.90; used in July, invoiced in August, exported on the 2nd."""
    found = focus()
    assert (
        Decimal(found.pop("BilledCost") or "") == Decimal(found.pop("EffectiveCost") or "") == Decimal("0.9")
    )
    assert json.loads(found.pop("Tags") or "") == {
        "team": "web",
        "tier": "gold",
        "env": "prod",
        "compute.googleapis.com/cores": "4",
    }
    assert [item["amount"] for item in json.loads(found.pop("x_Credits") or "")] == [-0.25, -0.1]
    assert {name: cell for name, cell in found.items() if cell is not None} == {
        "AvailabilityZone": "us-central1-a",
        "BillingAccountId": "01AAAA-02BBBB-03CCCC",
        "BillingAccountType": "Billing Account",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2022-09-01T00:00:00Z",
        "BillingPeriodStart": "2022-08-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": "N1 Predefined Instance Core running in Americas",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": "2022-08-01T00:00:00Z",
        "ChargePeriodStart": "2022-07-31T23:00:00Z",
        "ConsumedQuantity": "3600.0",
        "ConsumedUnit": "seconds",
        "ContractedCost": "1.25",
        "ContractedUnitPrice": "1.25",
        "HostProviderName": "Google Cloud",
        "InvoiceIssuerName": "Google Cloud",
        "ListCost": "1.5",
        "ListUnitPrice": "1.5",
        "PricingCategory": "Standard",
        "PricingCurrency": "USD",
        "PricingCurrencyEffectiveCost": "0.90000000000000000000",
        "PricingQuantity": "1.0",
        "PricingUnit": "hour",
        "RegionId": "us-central1",
        "RegionName": "Iowa",
        "ServiceCategory": "Compute",
        "ServiceName": "Compute Engine",
        "ServiceProviderName": "Google Cloud",
        "ServiceSubcategory": "Virtual Machines",
        "SkuId": "2E27-4F75-95CD",
        "SkuMeter": "N1 Predefined Instance Core running in Americas",
        "SubAccountId": "web-shop",
        "SubAccountName": "Web shop",
        "SubAccountType": "Project",
        "x_CreditCost": "-0.35",
        "x_ExportTime": "2022-08-02T01:11:12.066000Z",
        "x_ProviderName": "Google Cloud",
        "x_PublisherName": "Google",
        "x_Slice": "exported 2022-08-02",
        "x_SourceCost": "1.25",
        "x_cost_type": "regular",
        "x_invoice_publisher_type": "GOOGLE",
        "x_location_country": "US",
        "x_location_location": "us-central1",
        "x_price_effective_price": "1.25",
        "x_price_list_price": "1.5",
        "x_price_pricing_unit_quantity": "1",
        "x_project_ancestors": '[{"resource_name":"projects/42"}]',
        "x_project_number": "42",
        "x_service_id": "6F81-5844-456A",
    }


@pytest.mark.parametrize(
    ("change", "billed", "effective", "contracted"),
    [
        ({"credits": []}, "1.25", "1.25", "1.25"),
        ({"cost_type": "tax", "credits": []}, "1.25", "1.25", "1.25"),
        ({"cost": -3, "cost_type": "adjustment", "credits": []}, "-3", "-3", "-3"),
        # Covered by an older commitment: its on-demand cost and the credit cancel, and the fee of 0.8 stands
        # on a row of its own. Both together cost 0.8, in cash and in effect.
        ({"credits": [{"amount": -1.25, "type": "COMMITTED_USAGE_DISCOUNT"}]}, "0", "0", "1.25"),
        (
            {"cost": 0.8, "credits": [], "sku": {"id": "c", "description": "Commitment v1: Cpu"}},
            "0.8",
            "0.8",
            "0.8",
        ),
        # Covered by a consumption model: 0.8 is the discounted price of usage that costs 1.25 otherwise.
        (
            {
                "cost": 0.8,
                "credits": [],
                "cost_at_effective_price_default": 1.25,
                "consumption_model": {"id": "i", "description": "Compute Flexible CUD - 1 Year"},
            },
            "0.8",
            "0.8",
            "1.25",
        ),
        # Of its fee of 1.00 usage paid back 0.80: 0.20 was left unused.
        ({"cost": 1, "credits": [{"amount": -0.8, "type": "FEE_UTILIZATION_OFFSET"}]}, "0.2", "0.2", "1"),
        # What the default model would cost is not said: unknown, not the discounted cost.
        ({"credits": [], "consumption_model": {"id": "i", "description": "A CUD"}}, "1.25", "1.25", None),
    ],
)
def test_costs_of_each_kind(
    change: dict[str, Any], billed: str, effective: str, contracted: str | None
) -> None:
    """Billed is cost and credits, contracted is before credits and commitments, the file's cost is kept."""
    found = focus(**change)
    costs = [found[name] for name in ("BilledCost", "EffectiveCost", "ContractedCost")]
    expected = [billed, effective, contracted]
    assert [cost and Decimal(cost) for cost in costs] == [cost and Decimal(cost) for cost in expected]
    assert found["x_SourceCost"] == str((ROW | change)["cost"])


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("regular", None, None),
        ("regular", 3, "3"),
        ("tax", None, None),
        ("adjustment", None, "1.25"),
        ("rounding_error", None, "1.25"),
        ("adjustment", 3, "3"),
    ],
)
def test_an_adjustment_without_a_list_price_lists_its_cost(
    kind: str, said: int | None, expected: str | None
) -> None:
    """A tax follows from other charges, and usage without a price stays unknown."""
    assert focus(cost_type=kind, cost_at_list=said)["ListCost"] == expected


def test_only_prices_in_dollars_have_a_currency_that_is_known() -> None:
    """Of 0.9 euros the export does not say what they were priced in."""
    found = focus(currency="EUR")
    assert (found["PricingCurrency"], found["PricingCurrencyEffectiveCost"]) == (None, None)


def test_credits_that_cannot_be_read_set_the_row_aside(tmp_path: Path) -> None:
    """Billed cost is no number, effective cost and the credits' sum are unknown, the text is kept."""
    found = focus(credits="[{'amount': lots}]")
    assert (found["BilledCost"], found["EffectiveCost"]) == ("1.25 and credits that cannot be read", None)
    assert (found["x_CreditCost"], found["x_Credits"]) == (None, "[{'amount': lots}]")
    rules = conformed(table([ROW, ROW | {"credits": "?"}]), tmp_path).rule
    assert rules.to_pylist() == [None, "cost_not_a_number"]


def test_labels_that_cannot_be_read_are_kept_as_text(tmp_path: Path) -> None:
    """The row is accepted and flagged."""
    batch = conformed(table([ROW, ROW | {"labels": "team=web"}]), tmp_path)
    assert batch.rule is None
    assert batch.faults["tags_unreadable"].to_pylist() == [False, True]
    assert "team=web" in batch.table.column("Tags").to_pylist()[1]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"invoice": {"month": "202213"}}, "date_unreadable"),
        ({"usage_start_time": "soon"}, "date_unreadable"),
        ({"usage_start_time": None}, "date_missing"),
        ({"cost": None}, "cost_missing"),
        ({"cost": "much", "credits": []}, "cost_not_a_number"),
        ({"cost_type": "a new type"}, "charge_category_unknown"),
        ({"export_time": "soon"}, None),
        ({"usage_end_time": None}, None),
    ],
)
def test_what_decides_an_amount_or_a_period_must_be_readable(
    change: dict[str, Any], rule: str | None, tmp_path: Path
) -> None:
    """Else the row is set aside with the rule it broke."""
    batch = conformed(table([ROW | change]), tmp_path)
    assert (batch.rule.to_pylist() if batch.rule is not None else [None]) == [rule]


def test_the_billing_period_is_the_invoices_or_else_the_usages() -> None:
    """July's last hour on August's invoice; without an invoice month it is July's."""
    assert focus(invoice={"month": "202209"})["BillingPeriodStart"] == "2022-09-01T00:00:00Z"
    found = focus(invoice={"month": None})
    assert (found["BillingPeriodStart"], found["BillingPeriodEnd"]) == (
        "2022-07-01T00:00:00Z",
        "2022-08-01T00:00:00Z",
    )


def test_an_export_without_its_time_is_a_slice_of_its_own() -> None:
    """Each export is added once, by day; rows that do not say theirs stand together."""
    assert focus(export_time="1659402672066000")["x_Slice"] == "exported 2022-08-02"
    assert focus(export_time=None)["x_Slice"] == "exported unknown"


def test_a_price_for_many_units_is_no_unit_price() -> None:
    """A price of a million calls is carried, not taken for that of one."""
    found = focus(price={"effective_price": 0.4, "list_price": 0.5, "pricing_unit_quantity": 1000000.0})
    assert (found["ContractedUnitPrice"], found["ListUnitPrice"]) == (None, None)
    assert found["x_price_list_price"] == "0.5"
    assert focus(price={"list_price": 0.5, "pricing_unit_quantity": "x"})["ListUnitPrice"] is None


def test_third_parties_publish_and_google_invoices() -> None:
    """A marketplace seller is the publisher."""
    found = focus(seller_name="Some Seller Inc", transaction_type="THIRD_PARTY_AGENCY")
    assert (found["x_PublisherName"], found["InvoiceIssuerName"]) == ("Some Seller Inc", "Google Cloud")


def test_a_name_said_with_a_dot_and_without_is_no_crash() -> None:
    """The first counts, the other is kept."""
    raw = pa.table({"service.description": ["Cloud Storage"], "service_description": ["other"]})
    found = GCP.to_focus(raw).to_pydict()
    assert (found["ServiceName"], found["x_service_description_again"]) == (["Cloud Storage"], ["other"])


def test_a_header_without_credits_is_refused() -> None:
    """Their absence would make every amount wrong; names are given as Google writes them."""
    assert GCP.fit([name.replace(".", "_") for name in NEEDED]).share == GCP.fit(NEEDED).share == 1
    assert GCP.fit([name for name in NEEDED if name != "credits"]).missing == ("credits",)
    assert GCP.fit([name for name in NEEDED if name != "sku.id"]).missing == ("sku.id",)


def test_no_other_format_takes_this_header_for_its_own() -> None:
    """And this one takes none that another needs."""
    header = [*flat(ROW)]
    others = [form for form in FORMATS if form.name != GCP.name]
    assert all(form.fit(header).share < 1 for form in others)
    assert all(GCP.fit(form.needed).share < 1 for form in others)


def test_amounts_and_prices_are_numbers() -> None:
    """In both spellings; ids are text."""
    numbers = ["cost", "usage.amount", "usage_amount_in_pricing_units", "price.list_price", "cost_at_list"]
    assert [GCP.numeric(name) for name in [*numbers, "sku.id", "credits", "invoice.month"]] == [True] * 5 + [
        False
    ] * 3
    assert (GCP.version(NEEDED), GCP.delivery, snake("a.b")) == ("", "appends", "a_b")


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Put rows into a batch of text."""
    cells = [flat(row) for row in rows]
    names = dict.fromkeys(name for row in cells for name in row)
    return pa.table({name: pa.array([row.get(name) for row in cells], pa.string()) for name in names})


def conformed(raw: pa.Table, folder: Path) -> Any:
    """Judge the rows of a batch."""
    people = People.open(folder / "lake", {"FINOPS_PRIVACY_KEY": "a key for these tests alone, no secret"})
    return Conformer(people).conform(GCP.to_focus(raw))


def write_csv(path: Path, rows: list[dict[str, Any]], write: Any, dot: str) -> None:
    """Write rows as CSV, nested cells in one spelling."""
    cells = [flat(row, write, dot) for row in rows]
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, list(cells[0]))
        out.writeheader()
        out.writerows(cells)


def read(path: Path, folder: Path) -> dict[str, list[Any]]:
    """Read, translate and judge a whole file."""
    source = open_source(path)
    assert GCP.fit(source.header).share == 1
    (raw,) = batches(source, numeric=GCP.numeric, reading=Reading())
    batch = conformed(raw, folder)
    assert batch.rule is None
    found: dict[str, list[Any]] = batch.table.to_pydict()
    return {name: cells for name, cells in found.items() if cells != [None, None]}


def test_one_export_is_the_same_in_every_spelling(tmp_path: Path) -> None:
    """CSV with JSON or Python's repr, dots or none, JSON lines and Parquet give equal rows, to the digit."""
    rows = [ROW, BARE]
    write_csv(tmp_path / "json.csv", rows, json.dumps, ".")
    write_csv(tmp_path / "repr.csv", rows, repr, ".")
    write_csv(tmp_path / "snake.csv", rows, repr, "_")
    (tmp_path / "lines.json").write_text("\n".join(map(json.dumps, rows)))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "bill.parquet")
    names = ["repr.csv", "snake.csv", "lines.json", "bill.parquet"]
    first = read(tmp_path / "json.csv", tmp_path)
    assert first["BilledCost"] == [Decimal("0.9"), Decimal("0.5")]
    assert first["Tags"][1] is None
    for name in names:
        assert read(tmp_path / name, tmp_path) == first, name


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_stands_in_the_cells_billed_is_cost_and_credits_or_the_row_is_set_aside(
    data: st.DataObject,
) -> None:
    """Any text in three cells of a row: no crash, and no amount that is not cost and credits."""
    cells = flat(ROW)
    text = (
        st.none()
        | st.text(min_size=1, max_size=30)
        | st.sampled_from(["nan", "[]", "-0", "1e9", "{}", "[{}]"])
    )
    for name in data.draw(st.lists(st.sampled_from(sorted(cells)), max_size=3)):
        cells[name] = data.draw(text)
    raw = pa.table({name: pa.array([cell], pa.string()) for name, cell in cells.items()})
    with TemporaryDirectory() as folder:
        batch = conformed(raw, Path(folder))
    if batch.rule is None or batch.rule[0].as_py() is None:
        row = GCP.to_focus(raw).to_pylist()[0]
        billed, own, credit = (Decimal(row[name]) for name in ("BilledCost", "x_SourceCost", "x_CreditCost"))
        assert billed - own == credit
