from __future__ import annotations

import pytest

from finops_lib.billing import focus
from finops_lib.estate import catalogue


def test_products_are_named_once_and_every_service_is_known() -> None:
    """A key names one product; no price is zero."""
    keys = [item.key for item in catalogue.PRODUCTS]
    assert len(keys) == len(set(keys)) == 21
    assert all(item.price_micro > 0 and item.volume > 0 for item in catalogue.PRODUCTS)


def test_services_stand_in_categories_that_focus_has() -> None:
    """Category and subcategory come from the allowed values."""
    assert {item.category for item in catalogue.SERVICES} <= set(focus.column("ServiceCategory").allowed)
    assert {item.subcategory for item in catalogue.SERVICES} <= set(
        focus.column("ServiceSubcategory").allowed
    )


def test_a_dearer_region_costs_more() -> None:
    """0.192 dollars an hour in Virginia are 0.21888 in Frankfurt."""
    item = catalogue.product("m6i.xlarge")
    assert catalogue.price_micro(item, catalogue.VIRGINIA) == 192_000
    assert catalogue.price_micro(item, catalogue.FRANKFURT) == 218_880


def test_an_unknown_product_is_refused() -> None:
    """The message lists the known ones."""
    with pytest.raises(ValueError, match=r"known are m6i\.xlarge"):
        catalogue.product("abacus")
