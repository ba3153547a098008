"""The cut of the cost into series: the largest keep their name, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops_lib.run.cut import OTHER, Cut, cut, default_group

LAST = pd.Timestamp("2026-07-10")


def days_of(rows: list[tuple[str, str, str, float | None]]) -> pd.DataFrame:
    """Write days of team, service and cost."""
    frame = pd.DataFrame(rows, columns=["time", "tag:team", "ServiceName", "cost"])
    return frame.assign(time=pd.to_datetime(frame["time"]), BillingCurrency="EUR")


def both(rows: list[tuple[str, str, str, float | None]], **more: Any) -> Cut:
    """Cut by team and service."""
    return cut(days_of(rows), **{"by": ["tag:team", "ServiceName"], "last": LAST, "largest": 4, **more})


def test_small_parts_are_counted_together_in_their_group() -> None:
    """Of six parts four keep their name; the two smallest of web are web's other ones."""
    rows = [("2026-07-09", "web", name, cost) for name, cost in zip("abcd", (9, 8, 1, 2), strict=True)]
    rows += [("2026-07-09", "ml", name, 5.0) for name in "xy"]
    found = both(rows)
    assert sorted(found.labels) == ["ml / x", "ml / y", f"web / {OTHER}", "web / a", "web / b"]
    assert found.folded == 2
    values = found.frame().set_index(["series", "time"])["value"]
    assert values[f"web / {OTHER}", pd.Timestamp("2026-07-09")] == 3.0


def test_a_part_alone_keeps_its_name() -> None:
    """An (other) of one thing would only hide its name: five parts of four wanted stay five."""
    found = both([("2026-07-09", "web", name, 1.0) for name in "abcde"])
    assert len(found.labels) == 5
    assert found.folded == 0


def test_small_groups_are_one_group_unless_they_are_wanted() -> None:
    """Two groups of five keep their name, the largest of the last 90 days; one more has a budget."""
    rows = [("2026-07-09", team, "s", cost) for team, cost in zip("abcde", (5, 4, 3, 2, 1), strict=True)]
    rows += [("2026-01-01", "e", "s", 1000.0)]
    assert {labels[0] for labels in both(rows).labels.values()} == {"a", "b", OTHER}
    assert {labels[0] for labels in both(rows, wanted=["d"]).labels.values()} == {"a", "b", "d", OTHER}


def test_days_after_the_last_are_left_out_and_gaps_are_not_filled() -> None:
    """The 9th cost web nothing, because ml was charged; on the 8th nobody was: unknown."""
    rows = [("2026-07-07", "web", "s", 1.0), ("2026-07-09", "ml", "s", 2.0), ("2026-07-11", "web", "s", 9.0)]
    frame = both(rows).frame()
    web = frame[frame["series"] == "web / s"]["value"].tolist()
    assert web[0] == 1.0
    assert web[1] != web[1]
    assert web[2] == 0.0
    assert len(web) == 4


def test_an_unknown_cost_is_no_zero() -> None:
    """A day whose charges say no cost is a gap of its series."""
    frame = both([("2026-07-09", "web", "s", 1.0), ("2026-07-10", "web", "s", None)]).frame()
    assert frame["value"].isna().tolist() == [False, True]


HOSTILE = ["", "(other)", "a / b", "a", "b / c", "[", '["a"]', "budget a", "limit a", "=1+1", "\x00", "c"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE), st.integers(-9, 99)), min_size=1)
)
def test_the_parts_add_up_whatever_they_are_called(rows: list[tuple[str, str, int]]) -> None:
    """Series have names of their own, lie in one group each, and come to the whole."""
    found = both([("2026-07-10", team, name, float(cost)) for team, name, cost in rows], largest=3)
    frame = found.frame()
    assert frame["value"].sum() == pytest.approx(sum(row[2] for row in rows))
    assert set(frame["series"]) == set(found.labels) == set(found.tree.series)
    assert len(found.labels) <= 3 + 2 * len(HOSTILE)
    assert not any(name.startswith(("budget ", "limit ")) for name in found.labels)


def test_the_recent_cost_of_a_series_counts_what_was_folded_into_it() -> None:
    """Of the last two days, 8 of the parts under web's other make 4 a day; other groups do not count."""
    rows = [("2026-07-09", "web", name, cost) for name, cost in zip("abcd", (9, 8, 1, 2), strict=True)]
    found = both([*rows, *[("2026-07-09", "web", name, 7.0) for name in "ef"]])
    part = days_of(
        [("2026-07-09", "web", "c", 5.0), ("2026-07-10", "web", "d", 3.0), ("2026-07-01", "web", "c", 9.0)]
    )
    assert found.recent(part, days=2) == {f"web / {OTHER}": 4.0}


def test_groups_alone_have_one_series_each() -> None:
    """With one column the series are the groups, and the tree has them both."""
    frame = days_of([("2026-07-10", "web", "s", 1.0), ("2026-07-10", "ml", "s", 2.0)]).drop(
        columns="ServiceName"
    )
    found = cut(frame, by=["tag:team"], last=LAST, largest=10)
    assert list(found.tree.members) == [(), ("ml",), ("ml", "ml"), ("web",), ("web", "web")]
    assert found.series_of(["web"]) == ["web"]
    assert found.shown("web") == "web"


def test_teams_are_told_apart_by_their_tag_where_there_is_one() -> None:
    """Without a tag of that name, by sub-account."""

    class Engine:
        tag_keys = ("env", "team")

    assert default_group(Engine()) == "tag:team"  # type: ignore[arg-type]
    Engine.tag_keys = ("env",)
    assert default_group(Engine()) == "SubAccountName"  # type: ignore[arg-type]
