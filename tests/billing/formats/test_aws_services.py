"""Which category an AWS product code falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.aws_services import _PREFIXES, service_category


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("AmazonEC2", "Compute"),
        ("ComputeSavingsPlans", "Compute"),
        ("AmazonS3", "Storage"),
        ("AmazonRDS", "Databases"),
        ("AWSELB", "Networking"),
        ("AWSQueueService", "Integration"),
        ("AmazonBedrock", "AI and Machine Learning"),
        ("ElasticMapReduce", "Analytics"),
        ("awskms", "Security"),
        ("AmazonCognito", "Identity"),
    ],
)
def test_a_listed_code_has_its_category(code: str, category: str) -> None:
    """One code of each category."""
    assert service_category(code) == category


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ("AWSSupportBusiness", "Management and Governance"),
        ("AmazonS3GlacierDeepArchive", "Storage"),
        ("AmazonKinesisFirehose", "Analytics"),
        ("AmazonECRPublic", "Compute"),
    ],
)
def test_a_longer_code_falls_under_its_beginning(code: str, category: str) -> None:
    """A variant of a service belongs where the service does."""
    assert service_category(code) == category


@pytest.mark.parametrize("code", ["", "Unheard", "Amazon", "amazonec2", "MyAmazonEC2", " AmazonEC2"])
def test_what_is_not_listed_is_other(code: str) -> None:
    """Nothing is guessed from a part, another case or a code in the middle."""
    assert service_category(code) == "Other"


def test_every_category_is_one_that_focus_allows() -> None:
    """No category is made up."""
    assert {*_PREFIXES.values(), "Other"} <= set(focus.column("ServiceCategory").allowed)


@pytest.mark.parametrize("code", sorted(_PREFIXES))
def test_no_beginning_hides_a_listed_code(code: str) -> None:
    """An exact entry wins over a shorter one before it, so the order of the list does not matter."""
    assert service_category(code) == _PREFIXES[code]
