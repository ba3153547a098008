"""Which category an Azure meter or resource provider falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.azure.services import (
    _METERS,
    _PROVIDERS,
    meter_subcategory,
    provider_subcategory,
)


@pytest.mark.parametrize(
    ("meter", "subcategory"),
    [
        ("Virtual Machines", "Virtual Machines"),
        ("virtual machines licenses", "Virtual Machines"),
        ("Storage", "Storage Platforms"),
        ("SQL Managed Instance", "Relational Databases"),
        ("Bandwidth", "Network Connectivity"),
        ("Azure App Service", "Application Platforms"),
        ("Azure Databricks", "Analytics Platforms"),
        ("Key Vault", "Secret Management"),
        ("Log Analytics", "Observability"),
        (" Event Hubs ", "Messaging"),
    ],
)
def test_a_meter_category_has_its_subcategory(meter: str, subcategory: str) -> None:
    """In any case and with outer spaces."""
    assert meter_subcategory(meter) == subcategory


@pytest.mark.parametrize(
    ("provider", "subcategory"),
    [
        ("Microsoft.Compute", "Virtual Machines"),
        ("microsoft.network", "Network Infrastructure"),
        ("MICROSOFT.DBFORPOSTGRESQL", "Relational Databases"),
        ("Microsoft.Web", "Application Platforms"),
        ("Microsoft.Devices", "IoT Platforms"),
    ],
)
def test_a_resource_provider_has_its_subcategory(provider: str, subcategory: str) -> None:
    """In any case."""
    assert provider_subcategory(provider) == subcategory


@pytest.mark.parametrize(
    "name", ["", "Unassigned", "Virtual", "My Virtual Machines", "compute", "Microsoft."]
)
def test_what_is_not_listed_is_unknown(name: str) -> None:
    """Nothing is guessed from a part, so that the other of the two is asked."""
    assert meter_subcategory(name) is None
    assert provider_subcategory(name) is None


@pytest.mark.parametrize("table", [_METERS, _PROVIDERS])
def test_every_subcategory_is_one_that_focus_allows(table: dict[str, str]) -> None:
    """No subcategory is made up."""
    assert all(map(focus.parent_category, table))
