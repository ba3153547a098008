"""Azure regions under their several names."""

from __future__ import annotations

import pytest

from finops_lib.billing.formats.azure.regions import _PREFIXES, _TURNED, region_id


@pytest.mark.parametrize(
    ("location", "region"),
    [
        ("eastus", "eastus"),
        ("EastUS2", "eastus2"),
        ("US East", "eastus"),
        ("US West 2", "westus2"),
        ("US South Central", "southcentralus"),
        ("EU West", "westeurope"),
        ("AP Southeast", "southeastasia"),
        ("IN Central", "centralindia"),
        ("CA Central", "canadacentral"),
        ("DE West Central", "germanywestcentral"),
        ("AU Central 2", "australiacentral2"),
        ("UK South", "uksouth"),
        ("west_europe", "westeurope"),
        ("Global", "global"),
        ("Unheard Of", "unheardof"),
    ],
)
def test_a_region_has_one_id(location: str, region: str) -> None:
    """Case, spaces and the older order of words do not matter; an unknown one is kept."""
    assert region_id(location) == region


@pytest.mark.parametrize("location", ["", " ", "None", "Unassigned", "Not applicable", "N/A"])
def test_a_word_for_no_region_is_none(location: str) -> None:
    """A resource without a place does not get one called None."""
    assert region_id(location) is None


def test_an_id_stays_what_it_is() -> None:
    """Asking twice changes nothing, also for ids that begin like a country."""
    ids = [*_TURNED.values(), *(f"{name}north" for name in _PREFIXES.values()), "norwayeast", "usgovvirginia"]
    assert [region_id(name) for name in ids] == ids
