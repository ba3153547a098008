"""How a table of services is read, and which entry a name falls under."""

from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.billing.formats.subcategories import OTHER, beginning, by_name

NAMES = by_name({"Object Storage": "Storage", "Data Migration": "Storage Transfer|Move"})


def test_every_name_has_its_subcategory() -> None:
    """Names are split, begun and lowered as asked."""
    assert dict(NAMES) == {
        "Storage": "Object Storage",
        "Storage Transfer": "Data Migration",
        "Move": "Data Migration",
    }
    assert dict(by_name({"Search": "Find|SEEK"}, prefix="my.", lower=True)) == {
        "my.find": "Search",
        "my.seek": "Search",
    }


@pytest.mark.parametrize("lower", [False, True])
def test_a_name_that_stands_twice_is_refused(lower: bool) -> None:
    """Also where only the case of letters differs, if case does not count."""
    with pytest.raises(ValueError, match="not Search and Bots"):
        by_name({"Search": "a", "Bots": "A" if lower else "a"}, lower=lower)


@pytest.mark.parametrize(
    ("name", "subcategory"),
    [
        ("Storage", "Object Storage"),
        ("Storage Account", "Object Storage"),
        ("Storage Transfer Service", "Data Migration"),
        ("My Storage", OTHER),
        ("Stor", OTHER),
        ("", OTHER),
    ],
)
def test_the_longest_beginning_counts(name: str, subcategory: str) -> None:
    """Whatever the order of the table; nothing is guessed from a word in the middle."""
    assert beginning(NAMES, name) == subcategory
    assert beginning(dict(reversed(NAMES.items())), name) == subcategory


def test_other_is_one_that_focus_allows() -> None:
    """What no table lists is in the category that FOCUS has for it."""
    assert focus.parent_category(OTHER) == "Other"
