"""Which category a service of Oracle Cloud falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.oci_services import _PREFIXES, service_category


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


def test_every_category_is_one_that_focus_allows() -> None:
    """No category is made up."""
    assert set(_PREFIXES.values()) <= set(focus.column("ServiceCategory").allowed)


@pytest.mark.parametrize("prefix", sorted(_PREFIXES))
def test_no_beginning_hides_another(prefix: str) -> None:
    """The order of the list does not matter."""
    assert service_category(prefix) == _PREFIXES[prefix]
