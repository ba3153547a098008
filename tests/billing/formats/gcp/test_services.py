"""Which category a Google Cloud service falls into, and which kind a resource is."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.gcp.services import (
    _NAMES,
    _SERVICES,
    resource_type,
    service_category,
    service_subcategory,
)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Compute Engine", "Compute"),
        ("Cloud Run Functions", "Compute"),
        ("Kubernetes Engine", "Compute"),
        ("Cloud Storage", "Storage"),
        ("Storage Transfer Service", "Migration"),
        ("Cloud SQL", "Databases"),
        ("Spanner", "Databases"),
        ("Cloud Spanner", "Databases"),
        ("BigQuery Reservation API", "Databases"),
        ("Networking", "Networking"),
        ("Cloud Pub/Sub", "Integration"),
        ("Vertex AI", "AI and Machine Learning"),
        ("Cloud Dataflow", "Analytics"),
        ("Cloud Key Management Service (KMS)", "Security"),
        ("Identity Platform", "Identity"),
        ("Cloud Logging", "Management and Governance"),
        ("Support", "Management and Governance"),
        ("Google Workspace", "Business Applications"),
        ("Firebase Hosting", "Mobile"),
        ("Source Repository", "Developer Tools"),
    ],
)
def test_a_service_has_its_category(name: str, category: str) -> None:
    """The longest listed beginning counts, with or without the provider's name before it."""
    assert service_category(name) == category


@pytest.mark.parametrize("name", ["", "Unheard", "My Compute Engine", "Maps API"])
def test_what_is_not_listed_is_other(name: str) -> None:
    """Nothing is guessed from a word in the middle."""
    assert service_category(name) == "Other"


@pytest.mark.parametrize(
    ("name", "subcategory"),
    [
        ("Compute Engine", "Virtual Machines"),
        ("Cloud Run", "Serverless Compute"),
        ("Cloud Storage", "Object Storage"),
        ("Storage Transfer Service", "Data Migration"),
        ("Cloud SQL", "Relational Databases"),
        ("BigQuery Reservation API", "Data Warehouses"),
        ("Network Intelligence Center", "Network Connectivity"),
        ("Vertex AI", "AI Platforms"),
        ("Cloud Logging", "Observability"),
        ("Invoice", "Other (Other)"),
    ],
)
def test_a_service_has_its_subcategory(name: str, subcategory: str) -> None:
    """As its category: by the longest listed beginning."""
    assert service_subcategory(name) == subcategory


def test_every_subcategory_is_one_that_focus_allows() -> None:
    """No subcategory is made up."""
    assert all(map(focus.parent_category, _SERVICES))


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_no_beginning_hides_a_listed_name(name: str) -> None:
    """The order of the list does not matter."""
    assert service_subcategory(name) == _NAMES[name]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("//compute.googleapis.com/projects/1/zones/z/instances/7", "instances"),
        ("//storage.googleapis.com/projects/_/buckets/b", "buckets"),
        ("//example", None),
        ("//run.googleapis.com/service", None),
        ("projects/1/instances/7", None),
        ("", None),
    ],
)
def test_the_kind_is_the_last_collection_of_the_name(name: str, kind: str | None) -> None:
    """A name of another form has none."""
    assert resource_type(name) == kind
