"""Which category an AWS product code falls into."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.aws_services import _CODES, _PREFIXES, service_category, service_subcategory
from finops_lib.billing.formats.subcategories import OTHER
from finops_lib.estate.catalogue import SERVICES


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


@pytest.mark.parametrize(
    ("code", "subcategory"),
    [(item.code, item.subcategory) for item in SERVICES] + [("AmazonEFS", "File Storage"), ("", OTHER)],
)
def test_a_code_has_the_subcategory_that_focus_bills_state(code: str, subcategory: str) -> None:
    """A service of the sample company is the same in both reports."""
    assert service_subcategory(code) == subcategory


def test_every_subcategory_is_one_that_focus_allows() -> None:
    """No subcategory is made up."""
    assert all(map(focus.parent_category, {*_CODES, OTHER}))


@pytest.mark.parametrize("code", sorted(_PREFIXES))
def test_no_beginning_hides_a_listed_code(code: str) -> None:
    """The longest entry wins, so the order of the list does not matter."""
    assert service_subcategory(code) == _PREFIXES[code]
