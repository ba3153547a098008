"""What one provider sold: names that can be told apart, and a reason for each scope that gets nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from finops_lib.optimize.commitments.in_place import InPlace
from finops_lib.optimize.commitments.offers import Offer
from finops_lib.optimize.commitments.sold import NO_OFFER, Asked, offered, short_names, sold

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
NOTHING = pd.DataFrame(
    {name: [] for name in ("commitment", "kind", "status", "scope", "start", "end", "paid", "listed",
                           "unpaid", "unlisted", "currency")}
)  # fmt: skip


def charges(days: int, *, quiet: int = 0) -> pd.DataFrame:
    """Write 24 a day of two scopes; the second stops some days before the end."""
    rows = []
    for ago in range(1, days + 1):
        start = UTC and UNTIL - timedelta(days=ago)
        for scope, there in (("a", True), ("b", ago > quiet)):
            if there:
                rows.append((scope, start, start + timedelta(days=1), 24, "USD", 0))
    return pd.DataFrame(rows, columns=["scope", "start", "end", "amount", "currency", "unknown"])


def test_scopes_without_a_purchase_say_why() -> None:
    """One has no offer, one no use of late, one too short a history."""
    offers = (Offer("year", {"b": 0.3}, 12),)
    found = sold(charges(200, quiet=21), NOTHING, Asked(UNTIL, offers))
    assert {item.resource: item.reason for item in found.silent} == {
        "a": NO_OFFER,
        "b": "no use in the last 2 weeks",
    }
    young = sold(charges(40), NOTHING, Asked(UNTIL, offers))
    assert {item.resource: item.reason for item in young.silent}["b"].startswith(
        "5 whole weeks known; a term"
    )


def test_what_is_not_whole_is_left_out() -> None:
    """Days after the bill's end are none of the history."""
    found = sold(charges(200), NOTHING, Asked(UNTIL - timedelta(days=10)))
    assert found.gross.end == UNTIL - timedelta(days=10)
    assert found.currency == "USD"


def test_a_flat_use_is_bought_whole() -> None:
    """1 an hour at 30 % off is .7 an hour, and saves 219.15 a month."""
    found = sold(charges(400), NOTHING, Asked(UNTIL, (Offer("year", {"a": 0.3, "b": 0.3}, 12),)))
    [one] = found.recommendations
    assert one.resource == "a + b"
    assert float(one.to["year"].split()[0]) == pytest.approx(1.4, rel=0.01)
    assert float(one.saving_month.mid) == pytest.approx(2 * 0.3 * 730.5, rel=0.01)


def test_offers_are_cut_to_what_is_asked_for() -> None:
    """Longer terms and other scopes go; what is in place can be renewed on its own terms."""
    placed = InPlace("x:ri", "RI", "USD", {"a": 0.4, "b": 0.0}, 1.0, {"a": 1.0}, months=36)
    asked = Asked(
        UNTIL, (Offer("y", {"a": 0.3, "z": 0.3}, 12), Offer("t", {"a": 0.5}, 36)), (placed,), longest=36
    )
    found = {one.name: (dict(one.discounts), one.months) for one in offered(asked, ["a"])}
    assert found == {"y": ({"a": 0.3}, 12), "t": ({"a": 0.5}, 36), "renewal of ri": ({"a": 0.4}, 36)}
    short = offered(Asked(UNTIL, asked.offers, longest=12), ["a"])
    assert [one.name for one in short] == ["y"]


def test_ends_of_ids_that_are_alike_stay_whole() -> None:
    """Two that end in 1, and one that ends in a colon."""
    assert short_names(["a:1", "b:1", "c:2", "d:"]) == {"a:1": "a:1", "b:1": "b:1", "c:2": "2", "d:": "d:"}
