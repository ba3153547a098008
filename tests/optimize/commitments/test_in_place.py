"""What is in place is worked out from the bill: paid an hour, saved, covered, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from finops_lib.optimize.commitments.in_place import InPlace, in_place, left_to_cover

UNTIL = datetime(2026, 7, 1, tzinfo=UTC)
SCOPE = "AWS / Compute / x"


def covered(*rows: tuple[str, str, int, Any, Any], days: int = 28) -> pd.DataFrame:
    """Write days before July: commitment, status, days ago, paid and listed of a day."""
    lines = []
    for name, status, ago, paid, listed in rows:
        start = UNTIL - timedelta(days=ago)
        lines.append(
            {"commitment": name, "kind": "Savings Plan", "status": status, "scope": SCOPE, "start": start,
             "end": start + timedelta(days=1), "paid": paid, "listed": listed,
             "unpaid": int(paid is None), "unlisted": int(listed is None), "currency": "USD"}
        )  # fmt: skip
    assert days
    return pd.DataFrame(lines)


def placed(table: pd.DataFrame, **terms: Any) -> tuple[InPlace, ...]:
    return in_place(table, until=UNTIL, ends=terms.get("ends", {}), months=terms.get("months", {}))


def month(paid: Any = 12, listed: Any = 24) -> list[tuple[str, str, int, Any, Any]]:
    return [("p", "Used", ago, paid, listed) for ago in range(1, 29)]


def test_paid_saved_and_covered() -> None:
    """12 used and 12 unused of a plan a day are 1 an hour; 24 listed for 12 is half; 1 an hour is covered."""
    rows = [*month(), *[("p", "Unused", ago, 12, None) for ago in range(1, 29)]]
    table = covered(*rows)
    table.loc[table["status"] == "Unused", "unlisted"] = 0
    [found] = placed(table, months={"p": 36})
    assert (found.hourly, dict(found.discounts), dict(found.covers)) == (1.0, {SCOPE: 0.5}, {SCOPE: 1.0})
    assert (found.ends, found.months, found.spread) == (None, 36, True)
    held = found.held(UNTIL)
    assert held is not None
    assert held.active(UNTIL, weeks=300).tolist() == [1.0] * 300  # an end that nobody knows is none


def test_what_has_ended_or_gone_quiet_is_not_in_place() -> None:
    """An end that is over, and a week without a charge."""
    assert placed(covered(*month()), ends={"p": UNTIL}) == ()
    assert placed(covered(*[("p", "Used", ago, 12, 24) for ago in range(8, 29)])) == ()
    [found] = placed(covered(*month()), ends={"p": UNTIL + timedelta(days=1)})
    assert found.ends == UNTIL + timedelta(days=1)


@pytest.mark.parametrize(("paid", "listed"), [(0, 24), (None, 24), (12, None), (30, 24)])
def test_what_the_bill_does_not_spread_saves_what_nobody_knows(paid: Any, listed: Any) -> None:
    """Cost left on the fee, unknown costs, and more than the list price: no discount is guessed."""
    [found] = placed(covered(*month(paid, listed)))
    assert not found.discounts
    assert not found.spread
    assert found.held(UNTIL) is None


def test_use_under_an_unknown_price_is_left_out_of_what_may_be_bought() -> None:
    """24 of 100 listed are under it: 76 are left; under a known price all 100 stay."""
    charges = pd.DataFrame(
        {"scope": [SCOPE], "start": [UNTIL - timedelta(days=1)], "end": [UNTIL], "amount": [100],
         "unknown": [0], "currency": ["USD"]}
    )  # fmt: skip
    hidden, known = covered(*month(0, 24)), covered(*month())
    left = left_to_cover(charges, hidden, placed(hidden))
    assert left["amount"].sum() == 100 - 24 * 28
    assert left_to_cover(charges, known, placed(known)) is charges


def test_charges_longer_than_the_window_count_with_their_part() -> None:
    """A charge over 56 days of 56 * 24 is 1 an hour in the last 28."""
    table = covered(("p", "Used", 56, 56 * 24, 56 * 48))
    table["end"] = [UNTIL]
    [found] = placed(table)
    assert found.hourly == pytest.approx(1.0)
    assert found.covers[SCOPE] == pytest.approx(2.0)
