"""Offers and commitments in place: read from tables, refused by name, priced with the cost of capital."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from finops_lib.errors import QueryError
from finops_lib.optimize.commitments.offers import Held, Offer, held, offers

OFFER = {"offer": "plan", "scope": "vm", "months": 12, "payment": "none", "discount": 0.28}
HELD = {"commitment": "ri", "scope": "vm", "discount": 0.4, "hourly": 2.5, "ends": "2026-09-01T00:00:00Z"}


def test_a_table_of_offers_is_read() -> None:
    """Rows of one offer are its scopes; payment becomes the share paid at once."""
    rows = [OFFER, {**OFFER, "scope": "db", "discount": 0.2}, {**OFFER, "offer": "all", "payment": "all"}]
    assert offers(pd.DataFrame(rows)) == (
        Offer("all", {"vm": 0.28}, 12, 1.0),
        Offer("plan", {"vm": 0.28, "db": 0.2}, 12, 0.0),
    )


@pytest.mark.parametrize(
    "change",
    [{"payment": "later"}, {"discount": 1.0}, {"discount": 0.0}, {"discount": None}, {"months": 0},
     {"months": 999}],
)  # fmt: skip
def test_offers_that_cannot_be_are_refused_by_name(change: dict[str, object]) -> None:
    """A free or unknown commitment would be bought without end."""
    with pytest.raises(QueryError, match="plan"):
        offers(pd.DataFrame([{**OFFER, **change}]))


def test_an_offer_has_one_term_and_a_scope_once() -> None:
    """Otherwise its price would depend on the order of rows."""
    for other in ({**OFFER, "scope": "db", "months": 36}, OFFER):
        with pytest.raises(QueryError, match="one term"):
            offers(pd.DataFrame([OFFER, other]))
    with pytest.raises(QueryError, match="discount"):
        offers(pd.DataFrame([OFFER]).drop(columns="discount"))


def test_what_is_in_place_is_read_or_refused() -> None:
    """What is committed to already cannot be guessed."""
    (found,) = held(pd.DataFrame([HELD]))
    assert found == Held("ri", {"vm": 0.4}, 2.5, datetime(2026, 9, 1, tzinfo=UTC))
    for change in ({"ends": None}, {"hourly": -1.0}, {"discount": float("nan")}, {"discount": 1.0}):
        with pytest.raises(QueryError, match="ri"):
            held(pd.DataFrame([{**HELD, **change}]))


def test_a_commitment_covers_until_it_ends() -> None:
    """Ten and a half days from Monday: one week, then half of the next, then nothing."""
    found = Held("ri", {"vm": 0.4}, 1.0, datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert found.active(datetime(2026, 1, 5, tzinfo=UTC), weeks=3).tolist() == [1.0, 0.5, 0.0]
    assert found.active(datetime(2026, 3, 2, tzinfo=UTC), weeks=2).tolist() == [0.0, 0.0]


def test_paying_early_costs_capital() -> None:
    """One month, paid at once, at 12 % a year: 1.12 ** (1/12); half of it costs half of the difference."""
    whole = Offer("o", {"vm": 0.3}, 1, 1.0).burden(capital=0.12)
    assert whole == pytest.approx(1.12 ** (1 / 12))
    assert Offer("o", {"vm": 0.3}, 1, 0.5).burden(capital=0.12) == pytest.approx((1 + whole) / 2)
    assert Offer("o", {"vm": 0.3}, 36, 1.0).burden(capital=0.12) > whole
    assert Offer("o", {"vm": 0.3}, 36, 0.0).burden(capital=0.12) == 1.0
