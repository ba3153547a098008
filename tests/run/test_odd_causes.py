"""Causes of an anomaly: cells against the same weekdays before, in cents that add up to its money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.change_events import Change
from finops_lib.records import Anomaly
from finops_lib.run.odd_causes import Cube, changes_near, weights
from tests.anomaly.odd import day, odd

SERVICES, REGIONS = ("a", "b", "c", "d"), ("x", "y", "z")
JUNE, DAYS = pd.Timestamp("2026-06-01"), 40


def cube(*, planted: Mapping[tuple[str, str], float], weekly: bool = False) -> Cube:
    """Cost 10 a day in each of 12 parts (4 on weekends where it is weekly), more on July 3 where planted."""
    rows = []
    for number in range(DAYS):
        time = JUNE + pd.Timedelta(days=number)
        base = 4.0 if weekly and time.weekday() >= 5 else 10.0
        for service in SERVICES:
            for region in REGIONS:
                more = planted.get((service, region), 0.0) if time == pd.Timestamp("2026-07-03") else 0.0
                rows.append((time, service, region, "EUR", base + more))
    frame = pd.DataFrame(rows, columns=["time", "ServiceName", "RegionId", "BillingCurrency", "value"])
    return Cube(frame, ("ServiceName", "RegionId"), "EUR")


def told(found: Cube, one: Anomaly) -> list[tuple[dict[str, str], str]]:
    """Read the causes."""
    return [(dict(cause.cell), f"{cause.amount:.2f}") for cause in found.causes(one)]


def test_the_planted_cell_is_first_and_the_rest_is_what_is_left() -> None:
    """Service b rose by 20 in each of 3 regions; the anomaly is told as 61.50, of which 1.50 is no cell's."""
    planted = {("b", region): 20.0 for region in REGIONS}
    assert told(cube(planted=planted), odd(mid="61.50")) == [({"ServiceName": "b"}, "60.00"), ({}, "1.50")]


def test_a_cell_names_its_series_too() -> None:
    """Within region y, service b alone rose; the region is part of the cell."""
    found = told(cube(planted={("b", "y"): 20.0}), odd(mid=20, labels={"RegionId": "y"}))
    assert found == [({"RegionId": "y", "ServiceName": "b"}, "20.00")]


def test_weekdays_are_held_against_weekdays() -> None:
    """July 3 is a Friday: Fridays before cost 10 each though weekends cost 4, so nothing is left over."""
    found = told(cube(planted={("b", "y"): 20.0}, weekly=True), odd(mid=20))
    assert found == [({"ServiceName": "b", "RegionId": "y"}, "20.00")]


def test_what_goes_the_way_of_the_whole_comes_first() -> None:
    """-50 in one cell and +30 in another: of a rise the +30 is first, though it is smaller."""
    planted = {("a", "x"): -9.0, ("b", "y"): 5.0}
    found = told(cube(planted=planted), odd(mid=5))
    assert [amount for _, amount in found] == ["5.00", "-9.00", "9.00"]


def test_where_all_moved_alike_the_series_is_the_cell() -> None:
    """Every part rose by 10; nothing stands apart, and the whole has no cell but the rest."""
    every = {(service, region): 10.0 for service in SERVICES for region in REGIONS}
    assert told(cube(planted=every), odd(mid=120)) == [({}, "120.00")]
    labelled = told(cube(planted=every), odd(mid=30, labels={"ServiceName": "a"}))
    assert labelled == [({"ServiceName": "a"}, "30.00")]


def test_one_line_is_its_own_cell() -> None:
    """A series of one part names that part's region."""
    found = told(cube(planted={("b", "y"): 20.0}), odd(mid=20, labels={"ServiceName": "b", "RegionId": "y"}))
    assert found == [({"ServiceName": "b", "RegionId": "y"}, "20.00")]


def test_what_is_new_is_held_against_nothing() -> None:
    """30 on the day, though there were 10 before: all of it is what the new thing cost."""
    one = odd("new", mid=30, labels={"ServiceName": "b", "RegionId": "y"})
    assert told(cube(planted={("b", "y"): 20.0}), one)[0][1] == "30.00"


@pytest.mark.parametrize("labels", [{"ServiceName": "nobody"}, {"Team": "web"}])
def test_a_series_that_is_not_there_is_all_rest(labels: Mapping[str, str]) -> None:
    """Its money is not lost."""
    assert told(cube(planted={}), odd(mid=5, labels=labels)) == [({}, "5.00")]


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from(SERVICES), st.sampled_from(REGIONS)), st.floats(-9.0, 900.0), max_size=5
    ),
    st.decimals("-9999.99", "9999.99", places=2),
)
def test_causes_always_add_up(planted: dict[tuple[str, str], float], mid: Decimal) -> None:
    """Whatever moved and whatever was told, to the cent."""
    found = cube(planted=planted).causes(odd(mid=mid))
    assert sum(cause.amount for cause in found) == mid
    assert all(cause.amount == cause.amount.quantize(Decimal("0.01")) for cause in found)


def test_weights_reach_back_before_the_event() -> None:
    """The second week of an event of ten days is held against weeks before it, not against its first days."""
    now, before = weights(30, 40, days=45)
    assert np.flatnonzero(now).tolist() == list(range(30, 40))
    assert before[30:].sum() == 0
    assert before.sum() == pytest.approx(10)
    assert before[23] == pytest.approx(0.5)  # the 30th and the 37th day, a quarter each


def test_without_days_before_nothing_was_usual() -> None:
    """An event on the first day."""
    now, before = weights(0, 2, days=10)
    assert (now.sum(), before.sum()) == (2.0, 0.0)


def near(*scopes: Mapping[str, Sequence[str]], hours: int = 0) -> list[Change]:
    """State changes on July 3."""
    moment = datetime(2026, 7, 3, hours, tzinfo=UTC)
    return [
        Change(f"c{place}", moment, {name: tuple(values) for name, values in scope.items()})
        for place, scope in enumerate(scopes)
    ]


def test_changes_near_it_are_named() -> None:
    """One of everything, one of its service, one whose column it does not say; not one of another service."""
    one = odd(labels={"ServiceName": "b"}, causes=[({"RegionId": "y"}, 90)])
    changes = near(
        {}, {"ServiceName": ["b", "c"]}, {"ServiceName": ["a"]}, {"tag:team": ["web"]}, {"RegionId": ["x"]}
    )
    assert changes_near(one, changes) == ("c0 (2026-07-03)", "c1 (2026-07-03)", "c3 (2026-07-03)")


def test_changes_far_from_it_are_not() -> None:
    """Three days before are near, four are not; the nearest is first."""
    changes = [Change(name, day(number)) for name, number in (("three", 0), ("four", -1), ("after", 4))]
    assert changes_near(odd(first=3), changes) == ("after (2026-07-04)", "three (2026-06-30)")
