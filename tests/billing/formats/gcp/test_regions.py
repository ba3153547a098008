"""What a region of Google Cloud is called."""

from __future__ import annotations

import re

import pytest

from finops_lib.billing.formats.gcp.regions import _NAMES, region_name


@pytest.mark.parametrize(
    ("region", "name"),
    [
        ("europe-west1", "Belgium"),
        ("US-East4 ", "Northern Virginia"),
        ("europe-west10", "Berlin"),
        ("europe", None),
        ("", None),
    ],
)
def test_a_region_has_its_name(region: str, name: str | None) -> None:
    """In any case; what is not listed is unknown."""
    assert region_name(region) == name


def test_every_id_is_one_and_no_two_regions_share_a_name() -> None:
    """As bills write them: small letters and a number."""
    assert all(re.fullmatch(r"[a-z]+-[a-z]+\d+", region) for region in _NAMES)
    assert len(set(_NAMES.values())) == len(_NAMES)
