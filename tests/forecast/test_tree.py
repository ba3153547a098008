"""A tree holds each series once, sums histories that end together, and refuses what would lose money."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from finops_lib.errors import QueryError
from finops_lib.forecast.panel import Panel
from finops_lib.forecast.tree import WHOLE, Tree

END = datetime(2026, 7, 1, tzinfo=UTC)


def tree_of(**places: tuple[str | None, ...]) -> Tree:
    """Make a tree of provider and team from the labels of each series."""
    frame = pd.DataFrame(list(places.values()), index=list(places), columns=["ProviderName", "tag:team"])
    return Tree.of(frame)


def panel_of(*ends: datetime, **values: list[float]) -> Panel:
    """Make a panel of days."""
    arrays = tuple(np.array(series, dtype=float) for series in values.values())
    return Panel(tuple(values), arrays, "day", 7, ends or (END,) * len(values))


def test_every_node_has_its_series_and_its_parts() -> None:
    """Two providers, three teams: the same team name under two providers is two nodes."""
    tree = tree_of(a=("aws", "web"), b=("aws", "ml"), c=("gcp", "web"))
    assert tree.parts(WHOLE) == [("aws",), ("gcp",)]
    assert tree.parts(("aws",)) == [("aws", "ml"), ("aws", "web")]
    assert tree.members["aws", "web"] == ("a",)
    assert tree.series == ("b", "a", "c")
    assert [node for node in tree.members if tree.is_series(node)] == [
        ("aws", "ml", "b"), ("aws", "web", "a"), ("gcp", "web", "c"),
    ]  # fmt: skip


def test_missing_labels_are_named_and_kept() -> None:
    """A series without a team stands under (untagged), one without a provider under (none)."""
    tree = tree_of(a=("aws", None), b=(None, "web"))
    assert set(tree.parts(WHOLE)) == {("aws",), ("(none)",)}
    assert tree.parts(("aws",)) == [("aws", "(untagged)")]


def test_groups_begin_with_their_first_series_and_keep_gaps() -> None:
    """Older history is the older series alone; a gap in one is a gap in the sum, not a zero."""
    tree = tree_of(a=("aws", "web"), b=("aws", "web"), c=("gcp", "ml"))
    panel = tree.panel(panel_of(a=[1, 2, 3], b=[10, np.nan], c=[100]))
    values = dict(zip(panel.names, panel.values, strict=True))
    np.testing.assert_array_equal(values['["aws"]'], [1, 12, np.nan])
    np.testing.assert_array_equal(values["[]"], [1, 12, np.nan])
    assert values["a"].tolist() == [1, 2, 3]
    assert panel.ends == (END,) * 5


def test_a_group_that_is_another_node_is_not_forecast_twice() -> None:
    """The team of the only two series of a provider is that provider; a group of one is its series."""
    tree = tree_of(a=("aws", "web"), b=("aws", "web"), c=("gcp", "ml"))
    assert tree.groups() == [WHOLE, ("aws",)]


def test_labels_with_separators_do_not_meet() -> None:
    """Groups whose labels only look alike once joined have names of their own."""
    first = tree_of(a=('x", "y', "z"), b=('x", "y', "z"))
    second = tree_of(a=("x", 'y", "z'), b=("x", 'y", "z'))
    assert first.name(('x", "y', "z")) != second.name(("x", 'y", "z'))


def test_what_would_lose_or_double_money_is_refused() -> None:
    """Two rows of one series, a series that the panel lacks, two ends, a series named like a group."""
    frame = pd.DataFrame({"team": ["web", "ml"]}, index=["a", "a"])
    with pytest.raises(QueryError, match="labels in two rows"):
        Tree.of(frame)
    tree = tree_of(a=("aws", "web"), b=("aws", "web"))
    with pytest.raises(QueryError, match="every series of the tree"):
        tree.panel(panel_of(a=[1]))
    with pytest.raises(QueryError, match="one moment"):
        tree.panel(panel_of(END, END.replace(day=2), a=[1], b=[1]))
    named = Tree.of(pd.DataFrame({"team": ["web", "ml"]}, index=["[]", "b"]))
    with pytest.raises(QueryError, match="named like a group"):
        named.panel(Panel(("[]", "b"), (np.ones(1), np.ones(1)), "day", 7))
