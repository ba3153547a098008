"""Whose cost is it: coverage by hand, by a loop, and what does not count."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops_lib.cost.tags import tag_coverage, untagged
from finops_lib.errors import QueryError

MANY = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def engine(lake_of: Any, line: Any) -> Any:
    """Usage of 10, of which 6 have a team and 1 an env; a tax that no tag can be on."""
    return lake_of(
        [
            line(cost="5", tags={"team": "web"}, ServiceName="A"),
            line(cost="1", tags={"team": "web", "env": "prod"}, ServiceName="B"),
            line(cost="3", tags={"team": ""}, ServiceName="C"),
            line(cost="1", ServiceName="A"),
            line(cost="90", ChargeCategory="Tax", ServiceName="T"),
        ]
    )


def test_coverage_is_weighed_by_money(engine: Any) -> None:
    """6 of 10 carry a team (an empty value is none), 1 of 10 an env; tax does not count."""
    covered = tag_coverage(engine)
    columns = ["Key", "Tagged", "Untagged", "Total", "Coverage"]
    assert covered[columns].to_numpy().tolist() == [
        ["team", Decimal(6), Decimal(4), Decimal(10), Decimal("0.6")],
        ["env", Decimal(1), Decimal(9), Decimal(10), Decimal("0.1")],
    ]


def test_keys_can_be_named(engine: Any) -> None:
    """One key asked, one line; a key that no row has is refused."""
    assert list(tag_coverage(engine, keys=["env"])["Key"]) == ["env"]
    with pytest.raises(QueryError, match="tag:owner2"):
        tag_coverage(engine, keys=["owner2"])


def test_untagged_money_is_ranked(engine: Any) -> None:
    """Without a team: C 3 (three quarters), A 1."""
    found = untagged(engine, key="team")
    assert found[["ServiceName", "cost", "Share"]].to_numpy().tolist() == [
        ["C", Decimal(3), Decimal("0.75")],
        ["A", Decimal(1), Decimal("0.25")],
    ]


def test_another_category_can_be_asked_for(engine: Any) -> None:
    """The tax is untagged in full when it is asked about."""
    covered = tag_coverage(engine, keys=["team"], where={"ChargeCategory": "Tax"})
    assert list(covered["Untagged"]) == [Decimal(90)]
    assert list(covered["Coverage"]) == [Decimal(0)]


def test_no_usage_has_no_coverage(lake_of: Any, line: Any) -> None:
    """A total of zero has no share; no usage at all has no line."""
    assert list(tag_coverage(lake_of([line(cost="0", tags={"a": "b"})]))["Coverage"]) == [None]
    assert tag_coverage(lake_of([line(ChargeCategory="Tax", tags={"a": "b"})])).empty


@MANY
@given(st.lists(st.tuples(st.integers(1, 1000), st.sampled_from(["x", "", None])), min_size=1, max_size=20))
def test_coverage_equals_a_loop(lake_of: Any, line: Any, charges: Sequence[tuple[int, str | None]]) -> None:
    """Tagged over all by hand."""
    lines = [line(cost=str(cost), tags={} if tag is None else {"team": tag}) for cost, tag in charges]
    engine = lake_of([*lines, line(day="2026-06-01", ChargeCategory="Tax", tags={"team": "x"})])
    tagged = sum(cost for cost, tag in charges if tag)
    found = tag_coverage(engine).iloc[0]
    assert (found["Tagged"], found["Total"]) == (tagged, sum(cost for cost, _ in charges))
    assert found["Untagged"] == untagged(engine, key="team")["cost"].sum()
