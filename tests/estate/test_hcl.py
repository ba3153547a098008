from __future__ import annotations

from dataclasses import replace

import pytest

from finops_lib.estate.company import company
from finops_lib.estate.hcl import declared_tags, ids, label, missing_tags, quoted

WHO = company(5, slots=60)
SLOT = replace(WHO.slots[0], number=7, tags={"application": "配送予測", "aws:createdBy": "x", "Team": "data"})


@pytest.mark.parametrize(("tag", "expected"), [("配送予測", "unnamed_007"), ("parcel-api", "parcel_api_007")])
def test_labels_are_plain_letters(tag: str, expected: str) -> None:
    """Other alphabets have no letters that code may use."""
    assert label(replace(SLOT, tags={"application": tag})) == expected


def test_templates_in_a_tag_do_not_start() -> None:
    """A dollar before a brace is doubled, and so is a percent sign."""
    assert quoted("${a} %{b} \\") == '"$${a} %%{b} \\\\"'


def test_a_renewed_resource_has_an_id_each_month() -> None:
    """Fourteen, against one."""
    counts = {slot.product.renewed: len(ids(WHO, slot)) for slot in WHO.slots}
    assert counts == {True: 14, False: 1}


def test_tags_of_the_provider_are_not_written_and_required_ones_are_missed() -> None:
    """A key in another spelling counts, an empty value does not."""
    assert declared_tags(SLOT) == {"application": "配送予測", "Team": "data"}
    assert missing_tags(SLOT.tags | {"environment": " "}) == ["environment", "cost-center"]
