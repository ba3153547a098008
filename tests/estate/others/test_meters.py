from __future__ import annotations

import uuid

import pytest

from finops_lib.estate.others import meters


@pytest.mark.parametrize("cloud", meters.CLOUDS)
def test_every_cloud_has_its_story_in_its_catalogue(cloud: str) -> None:
    """The anomaly's meter and the waste are always there; keys are unique; something can be drawn."""
    catalogue = meters.meters(cloud)
    owner, key = meters.ANOMALIES[cloud]
    core = {item.key: keys for item, keys in catalogue.items()}
    assert len(core) == len(catalogue)
    assert owner in core[key]
    assert core[meters.WASTE] == ("sandbox",)
    assert sum(item.frequency for item in catalogue) > 20
    assert all(item.price_micro > 0 and item.volume > 0 for item in catalogue)


def test_accounts_differ_in_every_cloud() -> None:
    """Four in each, twelve in all."""
    assert len({item.id for cloud in meters.CLOUDS for item in meters.accounts(cloud)}) == 12


def test_a_guid_can_be_read_as_one() -> None:
    """By the standard library."""
    assert str(uuid.UUID(meters.guid("x"))) == meters.guid("x")
