"""Which category a service of Oracle Cloud falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.oci_services import (
    _PREFIXES,
    _SERVICES,
    service_category,
    service_subcategory,
)
from finops_lib.billing.formats.subcategories import OTHER


@pytest.mark.parametrize(
    ("service", "category"),
    [
        ("COMPUTE", "Compute"),
        ("BLOCK_STORAGE", "Storage"),
        ("OBJECTSTORE", "Storage"),
        ("Object Storage", "Storage"),
        ("DATABASE", "Databases"),
        ("MYSQL", "Databases"),
        ("NETWORK", "Networking"),
        ("TELEMETRY", "Management and Governance"),
        ("ORACLE_STREAMING_SERVICE", "Analytics"),
        ("DATA_SCIENCE", "AI and Machine Learning"),
        ("API_GATEWAY", "Integration"),
    ],
)
def test_a_listed_service_has_its_category(service: str, category: str) -> None:
    """As a code or in words."""
    assert service_category(service) == category


@pytest.mark.parametrize("service", ["", "UNHEARD", "MY_COMPUTE", "ORACLE"])
def test_what_is_not_listed_is_other(service: str) -> None:
    """Nothing is guessed from a word in the middle."""
    assert service_category(service) == "Other"


@pytest.mark.parametrize(
    ("service", "subcategory"),
    [
        ("COMPUTE", "Virtual Machines"),
        ("Block Storage", "Block Storage"),
        ("LOAD_BALANCER", "Application Networking"),
        ("NETWORK", "Network Connectivity"),
        ("FUNCTIONS", "Serverless Compute"),
        ("ANALYTICS", "Business Intelligence"),
        ("UNHEARD", "Other (Other)"),
    ],
)
def test_a_service_has_its_subcategory(service: str, subcategory: str) -> None:
    """As a code or in words."""
    assert service_subcategory(service) == subcategory


def test_every_subcategory_is_one_that_focus_allows() -> None:
    """No subcategory is made up."""
    assert all(map(focus.parent_category, {*_SERVICES, OTHER}))


@pytest.mark.parametrize("prefix", sorted(_PREFIXES))
def test_no_beginning_hides_another(prefix: str) -> None:
    """The order of the list does not matter."""
    assert service_subcategory(prefix) == _PREFIXES[prefix]
