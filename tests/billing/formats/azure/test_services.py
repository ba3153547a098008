"""Which category an Azure meter or resource provider falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.azure.services import (
    _METERS,
    _PROVIDERS,
    meter_service,
    provider_service,
)


@pytest.mark.parametrize(
    ("meter", "category"),
    [
        ("Virtual Machines", "Compute"),
        ("virtual machines licenses", "Compute"),
        ("Storage", "Storage"),
        ("SQL Managed Instance", "Databases"),
        ("Bandwidth", "Networking"),
        ("Azure App Service", "Web"),
        ("Azure Databricks", "Analytics"),
        ("Key Vault", "Security"),
        ("Log Analytics", "Management and Governance"),
        (" Event Hubs ", "Integration"),
    ],
)
def test_a_meter_category_has_its_category(meter: str, category: str) -> None:
    """In any case and with outer spaces."""
    assert meter_service(meter) == category


@pytest.mark.parametrize(
    ("provider", "category"),
    [
        ("Microsoft.Compute", "Compute"),
        ("microsoft.network", "Networking"),
        ("MICROSOFT.DBFORPOSTGRESQL", "Databases"),
        ("Microsoft.Web", "Web"),
        ("Microsoft.Devices", "Internet of Things"),
    ],
)
def test_a_resource_provider_has_its_category(provider: str, category: str) -> None:
    """In any case."""
    assert provider_service(provider) == category


@pytest.mark.parametrize(
    "name", ["", "Unassigned", "Virtual", "My Virtual Machines", "compute", "Microsoft."]
)
def test_what_is_not_listed_is_unknown(name: str) -> None:
    """Nothing is guessed from a part, so that the other of the two is asked."""
    assert meter_service(name) is None
    assert provider_service(name) is None


@pytest.mark.parametrize("table", [_METERS, _PROVIDERS])
def test_every_category_is_one_that_focus_allows(table: dict[str, str]) -> None:
    """No category is made up, and no name stands in two."""
    assert set(table) <= set(focus.column("ServiceCategory").allowed)
    names = [name.lower() for text in table.values() for name in text.split("|")]
    assert len(names) == len(set(names))
