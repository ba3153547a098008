"""What a region of Oracle Cloud is called."""

from __future__ import annotations

import re

import pytest

from finops_lib.billing.formats.oci_regions import _NAMES, region_name


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("eu-frankfurt-1", "Germany Central (Frankfurt)"),
        ("US-Phoenix-1", "US West (Phoenix)"),
        ("eu-frankfurt", None),
        ("", None),
    ],
)
def test_a_region_has_its_name(region: str, name: str | None) -> None:
    """In any case; what is not listed is unknown."""
    assert region_name(region) == name


def test_every_id_is_one_and_no_two_regions_share_a_name() -> None:
    """As bills write them: small letters and a number."""
    assert all(re.fullmatch(r"[a-z]{2}-[a-z]+-\d", region) for region in _NAMES)
    assert len(set(_NAMES.values())) == len(_NAMES)
