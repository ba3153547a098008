"""Records become JSON and come back, ids follow content, months and money keep their rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.errors import QueryError
from finops_lib.records import (
    Money,
    Period,
    RuleCount,
    Snapshot,
    content_id,
    plain,
)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=12))
def test_a_plain_amount_is_the_same_number_without_exponent(amount: Decimal) -> None:
    """Digits only, no trailing zeros, nothing lost."""
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert text != "-0"
    assert "." not in text or text[-1] not in "0."


def test_an_id_follows_the_content_and_not_its_order() -> None:
    """Keys in another order, and one moment in two time zones, are the same content."""
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    there = moment.astimezone(timezone(timedelta(hours=2)))
    assert content_id({"a": Decimal("1.0"), "b": moment}) == content_id({"b": there, "a": Decimal(1)})
    assert content_id({"a": 1}) != content_id({"a": 2})


def test_a_month_is_half_open_and_knows_the_one_before() -> None:
    """December ends with the year; the month before January is December."""
    month = Period.month("2025-12")
    assert month.end == datetime(2026, 1, 1, tzinfo=UTC)
    assert (month.days, month.label) == (31, "2025-12")
    assert Period.month("2026-01").previous_month() == month


@pytest.mark.parametrize("text", ["2026-13", "2026-7", "2026-07\n", "0000-01", "9999-12", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    """A text that is no month of the years 0001 to 9998 is the world's mistake."""
    with pytest.raises(QueryError, match="month"):
        Period.month(text)


def test_wrong_ends_and_two_currencies_are_wrong_code() -> None:
    """A period needs time zones and an order; dollars and euros are never added."""
    start = datetime(2026, 7, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="time zone"):
        Period(start.replace(tzinfo=None), start)
    with pytest.raises(ValueError, match="after the start"):
        Period(start, start)
    with pytest.raises(ValueError, match="USD and EUR"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


def test_a_snapshot_comes_back_from_its_json_unchanged() -> None:
    """Decimals keep all their digits on the way through text."""
    exact = Decimal("0.12345678901234567891")
    found = Snapshot(
        provider="Cloud",
        account="1",
        billing_period="2026-07",
        scope="",
        id="i",
        content="c",
        source="bill.csv",
        rows=2,
        quarantined=1,
        cost={"USD": exact},
        first_day="2026-07-01",
        last_day="2026-07-02",
        delivered=datetime(2026, 8, 4, tzinfo=UTC),
        flags=(RuleCount("rule", "flag", 1, {"USD": exact}),),
    )
    assert Snapshot.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert found.key == ("Cloud", "1", "2026-07", "")
