"""Who could own untagged money: evidence worked by hand, the strongest first, and sums that hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.cost.allocation.owners import NOBODY, candidates, ownerless, ranked_owners
from finops_lib.cost.exact import total
from finops_lib.errors import CurrencyError, QueryError

EVIDENCE = (("ResourceId",), ("SubAccountId",))
COLUMNS = ["ResourceId", "SubAccountId", "tag:team", "cost"]


def lines(*rows: tuple[str, str, str, Any]) -> pd.DataFrame:
    """Write lines of resource, account, team and cost."""
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype=object)
    costs = [Decimal(str(cost)) if cost is not None else None for cost in frame["cost"]]
    return frame.assign(BillingCurrency="USD", cost=pd.Series(costs, dtype=object))


def found(*rows: tuple[str, str, str, Any]) -> list[tuple[str, Decimal, str]]:
    """Give owner, amount and evidence."""
    table = candidates(lines(*rows), key="team", evidence=EVIDENCE)
    return [(line.Owner, line.Amount, line.Evidence) for line in table.itertuples()]


def test_the_same_resource_speaks_before_the_account() -> None:
    """The disk was data's on other days, though most of the account is web's."""
    assert found(("disk", "1", "(untagged)", 8), ("disk", "1", "data", 1), ("vm", "1", "web", 99)) == [
        ("data", 8, "ResourceId")
    ]


def test_an_account_speaks_in_proportion_to_cost() -> None:
    """Web 3, data 1 of the account: 6 and 2 of 8."""
    assert found(
        ("new", "1", "(untagged)", 8), ("a", "1", "data", 1), ("b", "1", "web", 3), ("c", "2", "ml", 99)
    ) == [("web", 6, "SubAccountId"), ("data", 2, "SubAccountId")]


@pytest.mark.parametrize("tag", ["(untagged)", "(empty)"])
def test_nothing_speaks_for_nobody(tag: str) -> None:
    """No tagged neighbour; a missing resource or account is nothing in common."""
    assert found(("(none)", "(none)", tag, 8), ("(none)", "(none)", "web", 9)) == [(NOBODY, 8, "none")]


def app(resource: str, account: str, app_: str, team: str, cost: int) -> dict[str, Any]:
    """Write a line that also says its application."""
    names = {"ResourceId": resource, "SubAccountId": account, "tag:app": app_, "tag:team": team}
    return {**names, "BillingCurrency": "USD", "cost": Decimal(cost)}


def test_evidence_that_is_right_more_often_is_asked_first() -> None:
    """Neighbours by account name the wrong team for all 4 resources, those by application the right one."""
    table = candidates(
        pd.DataFrame(
            [
                app("a1", "1", "x", "web", 1),
                app("a2", "2", "x", "web", 1),
                app("b1", "1", "y", "data", 1),
                app("b2", "2", "y", "data", 1),
                app("new", "1", "y", "(untagged)", 8),
                app("old", "1", "(untagged)", "(untagged)", 4),
                app("b1", "2", "x", "(untagged)", 2),
            ]
        ),
        key="team",
        evidence=[["ResourceId"], ["SubAccountId"], ["tag:app"]],
    )
    assert table[["ResourceId", "Owner", "Evidence", "Reliability"]].to_numpy().tolist() == [
        ["new", "data", "tag:app", 1],
        ["old", "data", "SubAccountId", 0],
        ["old", "web", "SubAccountId", 0],
        ["b1", "data", "ResourceId", None],
    ]


def test_reliability_is_weighed_by_money() -> None:
    """Each tagged resource is asked whom the others would have named, and counts with its cost."""
    told = [app("a", "1", "x", "web", 3), app("b", "1", "x", "web", 2), app("c", "1", "x", "data", 5)]
    bare = app("d", "1", "x", "(untagged)", 1)
    table = candidates(pd.DataFrame([*told, bare]), key="team", evidence=[["ResourceId"], ["tag:app"]])
    # Without a: web 2, data 5, wrong. Without b: web 3, data 5, wrong. Without c: web 5, wrong.
    assert set(table["Reliability"]) == {0}
    more = app("e", "1", "x", "web", 10)
    table = candidates(pd.DataFrame([*told, more, bare]), key="team", evidence=[["ResourceId"], ["tag:app"]])
    # Without a: web 12 to 5; without b: 13 to 5; without e: 5 to 5, web by name; without c: web, wrong.
    assert set(table["Reliability"]) == {Decimal("0.75")}


def test_neighbours_without_cost_say_nothing() -> None:
    """Zero, or less: the next evidence is asked."""
    assert found(
        ("disk", "1", "(untagged)", 8),
        ("disk", "2", "data", 0),
        ("disk", "2", "ml", -3),
        ("vm", "1", "web", 1),
    ) == [("web", 8, "SubAccountId")]


def test_money_is_ranked_with_the_bounds_of_the_evidence() -> None:
    """Web alone speaks for 8; of 4 and a credit of 2 it may have a half, all or nothing."""
    table = candidates(
        lines(
            ("disk", "1", "(untagged)", 8),
            ("disk", "1", "web", 1),
            ("x", "2", "(untagged)", 4),
            ("y", "2", "(untagged)", -2),
            ("z", "2", "web", 1),
            ("z", "2", "data", 1),
            ("q", "3", "(untagged)", 100),
        ),
        key="team",
        evidence=EVIDENCE,
    )
    ranked = ranked_owners(table)
    assert ranked[["Owner", "Low", "Mid", "High", "Lines"]].to_numpy().tolist() == [
        ["web", 6, 9, 12, 3],
        ["data", -2, 1, 4, 2],
        [NOBODY, 100, 100, 100, 1],
    ]
    assert list(table["cost"])[:2] == [100, 8]


def test_an_owner_that_spells_like_nobody_is_told_apart() -> None:
    """The tag says (nobody): it is somebody."""
    assert found(("a", "1", "(untagged)", 2), ("b", "1", "(nobody)", 1)) == [
        ('"(nobody)"', 2, "SubAccountId")
    ]


def test_unknown_costs_are_left_out() -> None:
    """They are no evidence and no money."""
    assert found(("a", "1", "(untagged)", None), ("b", "1", "(untagged)", 2), ("c", "1", "web", None)) == [
        (NOBODY, 2, "none")
    ]


def test_nothing_untagged_has_no_owner_to_find() -> None:
    """Empty tables with their columns."""
    table = candidates(lines(("a", "1", "web", 1)), key="team", evidence=EVIDENCE)
    assert table.empty
    assert list(ranked_owners(table)) == ["Owner", "BillingCurrency", "Low", "Mid", "High", "Lines"]


def test_what_cannot_be_ranked_is_refused() -> None:
    """A column that is not there, and currencies that would be added."""
    with pytest.raises(QueryError, match="RegionId"):
        candidates(lines(), key="team", evidence=[["RegionId"]])
    mixed = lines(("a", "1", "web", 1), ("b", "1", "x", 1)).assign(BillingCurrency=["USD", "EUR"])
    with pytest.raises(CurrencyError):
        candidates(mixed, key="team", evidence=EVIDENCE)


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "(none)"]),
        st.sampled_from(["1", "2", "(none)"]),
        st.sampled_from(["web", "data", "(untagged)", "(nobody)"]),
        st.decimals(-100, 100, places=6),
    ),
    max_size=12,
)


@settings(deadline=None)
@given(ROWS)
def test_owners_share_all_of_the_untagged_money(rows: list[Any]) -> None:
    """Amounts of a line add up to it, the ranking to all, and low, mid and high stand in order."""
    frame = lines(*rows)
    table = candidates(frame, key="team", evidence=EVIDENCE)
    bare = [cost for tag, cost in zip(frame["tag:team"], frame["cost"], strict=True) if tag == "(untagged)"]
    assert (total(table["Amount"]) or 0) == (total(bare) or 0)
    ranked = ranked_owners(table)
    assert (total(ranked["Mid"]) or 0) == (total(bare) or 0)
    assert all(line.Low <= line.Mid <= line.High for line in ranked.itertuples())


def test_the_lake_is_asked_for_usage(lake_of: Any, line: Any) -> None:
    """A database of web's account without a tag; tax is nobody's to tag."""
    engine = lake_of(
        [
            line(cost="5", tags={"team": "web"}),
            line(cost="4", ResourceId="db", ServiceName="Database"),
            line(cost="90", ChargeCategory="Tax"),
        ]
    )
    table = ownerless(engine, key="team")
    assert table[["Owner", "Amount", "Evidence"]].to_numpy().tolist() == [["web", 4, "SubAccountId"]]
    with pytest.raises(QueryError, match="tag:owner"):
        ownerless(engine, key="owner")


def test_other_tags_of_the_lake_are_evidence(lake_of: Any, line: Any) -> None:
    """The bucket has no team, but the cost centre of data, in web's account."""
    engine = lake_of(
        [
            line(cost="5", tags={"team": "web", "centre": "1"}, ResourceId="a"),
            line(cost="5", tags={"team": "data", "centre": "2"}, ResourceId="b", SubAccountId="2"),
            line(cost="4", tags={"centre": "2"}, ResourceId="bucket"),
        ]
    )
    table = ownerless(engine, key="team")
    assert table[["Owner", "Amount", "Evidence"]].to_numpy().tolist() == [["data", 4, "tag:centre"]]
