"""The inventory in FOCUS words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.conform import Conformer
from finops_lib.billing.formats.rate_card import NEEDED, RATE_CARD
from finops_lib.errors import RefusedDeliveryError, UnreadableBillError
from finops_lib.privacy import People

CARD = """Rate,Unit,Amount,Currency,ValidFrom,ValidUntil,Site
power_kwh,kWh,0.25,EUR,2026-01,2026-03,
pue,factor,1.5,,2026-01,2026-03,
licence:windows,licence-month,12,EUR,2026-01,2026-03,
"""
MACHINE = {
    "MachineId": "m1",
    "Name": "db-1",
    "AcquisitionCost": "3600",
    "AcquisitionDate": "2026-01-01",
    "LifeMonths": "36",
    "Currency": "EUR",
    "Site": "Berlin",
    "PowerWatts": "1000",
    "tag:team": "web",
    "Cores": "64",
}
Row = dict[str, str | None]


def focus(folder: Path, *batches: list[Row]) -> list[list[Row]]:
    """Translate batches of one inventory."""
    path = folder / "card.csv"
    path.write_text(CARD)
    assert RATE_CARD.priced is not None
    priced = RATE_CARD.priced(path)
    return [priced(table(batch)).to_pylist() for batch in batches]


def table(rows: list[Row]) -> pa.Table:
    """Make a batch of text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names})


def test_a_machine_has_a_charge_a_component_and_month(tmp_path: Path) -> None:
    """Two months of depreciation and power, in order; 744 and 672 hours x 1 kW x 1.5 x 0.25."""
    [found] = focus(tmp_path, [MACHINE])
    told = [(row["BillingPeriodStart"], row["SkuMeter"], row["BilledCost"]) for row in found]
    assert told == [
        ("2026-01-01T00:00:00Z", "depreciation", "100.00"),
        ("2026-01-01T00:00:00Z", "power", "279.00000000000000000000"),
        ("2026-02-01T00:00:00Z", "depreciation", "100.00"),
        ("2026-02-01T00:00:00Z", "power", "252.00000000000000000000"),
    ]


def test_a_charge_in_focus_words(tmp_path: Path) -> None:
    """Power is usage of the machine, billed by its site; own machines have no list price."""
    row = focus(tmp_path, [{**MACHINE, "SiteOwner": "Hall Ltd", "Kind": "storage"}])[0][1]
    said = {
        "BilledCost": row["EffectiveCost"],
        "ContractedCost": row["EffectiveCost"],
        "ListCost": None,
        "PricingCurrencyEffectiveCost": row["EffectiveCost"],
        "BillingAccountId": "Berlin",
        "BillingAccountType": "Site",
        "BillingCurrency": "EUR",
        "PricingCurrency": "EUR",
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodEnd": "2026-02-01T00:00:00Z",
        "ConsumedUnit": "kWh",
        "ContractedUnitPrice": "0.25",
        "RegionId": "Berlin",
        "ResourceId": "m1",
        "ResourceName": "db-1",
        "ServiceCategory": "Storage",
        "ServiceName": "Storage power",
        "ServiceSubcategory": "Other (Storage)",
        "SkuId": "power",
        "SkuMeter": "power",
        "ServiceProviderName": "Hall Ltd",
        "x_Cores": "64",
        "x_ProviderName": "Hall Ltd",
    }
    assert {name: row.get(name) for name in said} == said
    assert json.loads(row["Tags"] or "") == {"team": "web"}


def test_a_licence_is_a_purchase(tmp_path: Path) -> None:
    """It is bought by the month; nothing is consumed."""
    row = focus(tmp_path, [{**MACHINE, "PowerWatts": None, "Licences": "windows:2"}])[0][1]
    told = [row[name] for name in ("ChargeCategory", "ChargeFrequency", "ServiceName", "PricingQuantity")]
    assert told == ["Purchase", "Recurring", "Server licence", "2.00000000000000000000"]
    assert row["ConsumedQuantity"] is None


def test_a_machine_that_cannot_be_read_is_set_aside_whole(tmp_path: Path) -> None:
    """One row says why; the machines before and after keep theirs."""
    rows = [{**MACHINE, "MachineId": name} for name in ("a", "b", "c")]
    rows[1]["LifeMonths"] = "long"
    [found] = focus(tmp_path, rows)
    assert Counter(row["ResourceId"] for row in found) == {"a": 4, "b": 1, "c": 4}
    assert found[4]["BilledCost"] == "LifeMonths long"
    assert [row["x_LifeMonths"] for row in found] == ["36"] * 4 + ["long"] + ["36"] * 4
    batch = Conformer(People.open(tmp_path / "lake", {})).conform(pa.Table.from_pylist(found))
    assert batch.rule is not None
    assert batch.rule.to_pylist() == [None] * 4 + ["cost_not_a_number"] + [None] * 4


@pytest.mark.parametrize("apart", [True, False])
def test_a_machine_stands_in_one_row(tmp_path: Path, apart: bool) -> None:
    """Twice would be charged twice, also where the second comes in another batch."""
    batches = [[MACHINE], [MACHINE]] if apart else [[MACHINE, MACHINE]]
    with pytest.raises(RefusedDeliveryError) as told:
        focus(tmp_path, *batches)
    assert str(told.value) == (
        "machine 'm1': an inventory has one row a machine. Remedy: take one of its rows out."
    )


def test_a_row_that_cannot_be_read_may_come_again(tmp_path: Path) -> None:
    """A header in between, twice, is set aside twice and refuses nothing; its currency is what it says."""
    header: Row = {name: name for name in MACHINE}
    [found] = focus(tmp_path, [header, MACHINE, header])
    assert Counter(row["ResourceId"] for row in found) == {"MachineId": 2, "m1": 4}
    assert found[0]["BillingCurrency"] == "Currency"


def test_an_inventory_of_other_months_is_refused(tmp_path: Path) -> None:
    """No row at all would look like an empty file."""
    with pytest.raises(RefusedDeliveryError) as told:
        focus(tmp_path, [{**MACHINE, "AcquisitionDate": "2026-03-01"}])
    assert str(told.value) == (
        "an inventory of 1 machines: none is in service from 2026-01 to 2026-02, which the rate card covers. "
        "Remedy: give a rate card for the months in which they run."
    )


def test_without_a_rate_card_nothing_is_priced() -> None:
    """The remedy names the option."""
    with pytest.raises(UnreadableBillError) as told:
        RATE_CARD.to_focus(table([MACHINE]))
    assert str(told.value) == (
        "an inventory of 1 machines: an inventory has no prices. "
        "Remedy: give the rate card with --rates FILE."
    )


def test_it_is_told_by_its_columns() -> None:
    """Each needed column counts."""
    assert RATE_CARD.fit(NEEDED).share == 1
    assert RATE_CARD.fit(NEEDED[1:]).missing == ("MachineId",)
    assert RATE_CARD.numeric("PowerWatts")
    assert not RATE_CARD.numeric("MachineId")
