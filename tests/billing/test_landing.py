"""A delivery that shrank does not take the place of the one in the lake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from finops_lib.billing.landing import discard, merged_flags, refuse_shrunken
from finops_lib.billing.schema import Written
from finops_lib.errors import RefusedDeliveryError
from finops_lib.records import RuleCount, Snapshot

REMEDY = "Remedy: check that the export is complete; if the provider did withdraw charges, use --force."


def delivery(
    first: str = "2026-07-01",
    last: str = "2026-07-20",
    *,
    cost: Mapping[str, str] | None = None,
    flags: tuple[RuleCount, ...] = (),
) -> Snapshot:
    """Make one delivery for July."""
    return Snapshot(
        provider="AWS",
        account="1",
        billing_period="2026-07",
        scope="",
        id="a",
        content="b",
        source="bill.csv",
        rows=1,
        quarantined=0,
        cost={code: Decimal(text) for code, text in (cost or {"USD": "100"}).items()},
        first_day=first,
        last_day=last,
        delivered=datetime(2026, 8, 1, tzinfo=UTC),
        flags=flags,
    )


@pytest.mark.parametrize(
    ("new", "days"),
    [
        (delivery(last="2026-07-19"), "2026-07-01 to 2026-07-19"),
        (delivery(first="2026-07-02"), "2026-07-02 to 2026-07-20"),
        (delivery("", ""), "no day"),
    ],
)
def test_fewer_days_are_refused(new: Snapshot, days: str) -> None:
    """Whether they lack at the start, at the end or everywhere."""
    with pytest.raises(RefusedDeliveryError) as caught:
        refuse_shrunken(new, delivery(), force=False)
    assert str(caught.value) == (
        f"delivery AWS 1 2026-07: it covers {days}, the one in place 2026-07-01 to 2026-07-20; "
        f"a new delivery covers at least the same days. {REMEDY}"
    )


@pytest.mark.parametrize(
    ("cost", "now"), [({"USD": "49.99"}, "49.99"), ({"EUR": "100"}, "0"), ({"USD": "-60"}, "-60")]
)
def test_less_than_half_of_the_cost_is_refused(cost: dict[str, str], now: str) -> None:
    """In each currency by itself; one that is gone costs nothing."""
    with pytest.raises(RefusedDeliveryError) as caught:
        refuse_shrunken(delivery(cost=cost), delivery(cost={"USD": "100.00"}), force=False)
    assert str(caught.value) == (
        f"delivery AWS 1 2026-07: it costs {now} USD, the one in place 100; "
        f"less than half is not believed. {REMEDY}"
    )


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (delivery(cost={"USD": "50"}), delivery()),
        (delivery(last="2026-07-31"), delivery()),
        (delivery(cost={"USD": "-500"}), delivery(cost={"USD": "-1"})),
        (delivery(), delivery("", "", cost={"USD": "0"})),
        (delivery("", ""), None),
    ],
)
def test_what_did_not_shrink_is_accepted(new: Snapshot, old: Snapshot | None) -> None:
    """Exactly half, more days, larger credits, anything after nothing, and a first delivery."""
    refuse_shrunken(new, old, force=False)


def test_force_accepts_what_shrank() -> None:
    """The reader has the last word."""
    refuse_shrunken(delivery("", "", cost={"USD": "1"}), delivery(), force=True)


def test_discarded_files_leave_the_others(tmp_path: Path) -> None:
    """Folders of staged files go, also with several files in one; other folders stay."""
    paths = [tmp_path / name for name in ("staged/1.parquet", "staged/2.parquet", "kept/1.parquet")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    discard([Written("charges", "a", path, 1, pa.schema([])) for path in paths[:2]])
    assert [item.name for item in tmp_path.iterdir()] == ["kept"]


def test_flags_of_several_deliveries_add_up() -> None:
    """Rows and cost by flag and detail, each currency to itself."""
    one = RuleCount("outside", "flag", 2, {"USD": Decimal("0.10")}, "x")
    two = RuleCount("outside", "flag", 3, {"USD": Decimal("0.20"), "EUR": Decimal(1)}, "x")
    other = RuleCount("outside", "flag", 1, {}, "y")
    assert merged_flags([delivery(flags=(one, other)), delivery(flags=(two,))]) == [
        RuleCount("outside", "flag", 5, {"USD": Decimal("0.30"), "EUR": Decimal(1)}, "x"),
        other,
    ]
