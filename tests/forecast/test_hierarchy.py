"""Teams, services and the whole: parts add up, intervals hold at every level, gaps are named."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from finops_lib.errors import QueryError
from finops_lib.forecast.hierarchy import best_method, coherent, compared, forecasts
from finops_lib.forecast.panel import Outlook, Panel
from finops_lib.forecast.reconcile import METHODS, gathered
from finops_lib.forecast.tree import WHOLE, Tree
from finops_lib.records import Forecast, NoForecast, Period

TREE = Tree.of(pd.DataFrame({"team": ["web", "web", "ml"]}, index=["a", "b", "c"]))
NODES = ("a", "b", "c", '["web"]', "[]")  # the order of the panel does not matter
SUMS = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]])
END = datetime(2026, 7, 1, tzinfo=UTC)


def base_outlook(seed: int = 1, *, origins: int = 5, steps: int = 4) -> Outlook:
    """Forecast all five nodes, incoherently; bottom series of the tree's order c, a, b stand as a, b, c."""
    random = np.random.default_rng(seed)
    bottom = random.uniform(50, 150, size=(3, steps))
    mid = SUMS @ bottom + random.normal(size=(5, steps)) * 5
    errors = random.normal(size=(origins, 5, steps)) * np.array([3.0, 4, 5, 6, 7])[:, None]
    panel = Panel(NODES, tuple(np.full(20, 9.0) for _ in NODES), "day", 7, (END,) * 5)
    return Outlook(panel, mid, errors, np.ones(5), pd.DataFrame(), {})


def by_node(answers: list[Forecast | NoForecast]) -> Mapping[tuple[str, ...], Any]:
    """Find an answer by its path."""
    return {answer.path: answer for answer in answers}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_forecast_and_errors_are_projected_by_the_formula(method: str) -> None:
    """The middle by weights of all origins; the errors of each origin by weights of the others alone."""
    base = base_outlook()
    found = coherent(base, TREE, method=method).outlook
    rows = [found.panel.names.index(name) for name in "abc"]
    weights = gathered(SUMS, method=method, errors=base.errors, scale=base.scale)
    np.testing.assert_allclose(found.mid[rows], weights @ base.mid)
    for origin in range(5):
        others = np.delete(base.errors, origin, axis=0)
        blind = gathered(SUMS, method=method, errors=others, scale=base.scale)
        np.testing.assert_allclose(found.errors[origin, rows], blind @ base.errors[origin])


def test_the_names_of_the_bottom_are_the_trees_order() -> None:
    """Groups are gone, series are left, and each keeps its own scale."""
    base = dataclasses.replace(base_outlook(), scale=np.array([1.0, 2, 3, 4, 5]))
    found = coherent(base, TREE).outlook
    assert dict(zip(found.panel.names, found.scale.tolist(), strict=True)) == {"a": 1, "b": 2, "c": 3}


def test_bottom_up_needs_no_groups() -> None:
    """The series' own forecasts are what comes out."""
    base = base_outlook()
    alone = dataclasses.replace(
        base, panel=base.panel.only(["a", "b", "c"]), mid=base.mid[:3], errors=base.errors[:, :3],
        scale=base.scale[:3],
    )  # fmt: skip
    found = coherent(alone, TREE, method="bottom_up").outlook
    np.testing.assert_allclose(found.mid[found.panel.names.index("c")], base.mid[2])


def test_a_group_with_an_unknown_series_takes_no_part() -> None:
    """C is missing: the whole, whose history holds c, must not push c's money into a and b."""
    base = base_outlook()
    kept = ["a", "b", '["web"]', "[]"]
    rows = [NODES.index(name) for name in kept]
    lost = dataclasses.replace(
        base, panel=base.panel.only(kept), mid=base.mid[rows], errors=base.errors[:, rows],
        scale=base.scale[rows], missing={"c": "three days of history"},
    )  # fmt: skip
    found = coherent(lost, TREE, method="wls_structural")
    gap = base.mid[3] - base.mid[0] - base.mid[1]  # the group of two against its parts: variances 1, 1, 2
    np.testing.assert_allclose(found.outlook.mid[found.outlook.panel.names.index("a")], base.mid[0] + gap / 4)
    answers = by_node(forecasts(found, currency="EUR"))
    named = NoForecast(("ml", "c"), "three days of history")
    assert answers["ml", "c"] == named
    assert answers["ml",] == NoForecast(("ml",), "three days of history")
    assert answers[WHOLE].without == (named,)
    assert answers["web",].without == ()
    assert answers[WHOLE].amount.mid == answers["web",].amount.mid


def test_a_series_that_nobody_forecast_is_named_too() -> None:
    """Neither in the panel nor among the missing ones."""
    base = base_outlook()
    alone = dataclasses.replace(
        base, panel=base.panel.only(["a"]), mid=base.mid[:1], errors=base.errors[:, :1], scale=base.scale[:1]
    )
    answers = by_node(forecasts(coherent(alone, TREE), currency="EUR"))
    assert answers["web", "b"].reason == "it was not among the series that were forecast"
    assert len(answers[WHOLE].without) == 2


def test_nothing_forecast_is_a_tree_of_reasons() -> None:
    """No node has an amount, and each says why."""
    base = base_outlook()
    empty = dataclasses.replace(
        base, panel=base.panel.only([]), mid=base.mid[:0], errors=base.errors[:, :0], scale=base.scale[:0],
        missing={"a": "new", "b": "new", "c": "a gap"},
    )  # fmt: skip
    answers = forecasts(coherent(empty, TREE), currency="EUR")
    assert [answer.path for answer in answers] == list(TREE.members)
    assert all(isinstance(answer, NoForecast) for answer in answers)
    assert by_node(answers)[WHOLE].reason == "a gap; new"


def test_an_origin_without_one_series_uses_the_others() -> None:
    """B was unknown at the newest origin: a and c still have errors there, without b's groups."""
    base = base_outlook()
    errors = base.errors.copy()
    errors[0, 1] = np.nan
    found = coherent(dataclasses.replace(base, errors=errors), TREE, method="wls_variance").outlook
    rows = {name: found.errors[0, found.panel.names.index(name)] for name in "abc"}
    assert np.isnan(rows["b"]).all()
    np.testing.assert_allclose(rows["a"], errors[0, 0])
    np.testing.assert_allclose(rows["c"], errors[0, 2])
    assert np.isfinite(found.errors[1:]).all()


def test_what_never_was_negative_is_not_forecast_below_zero() -> None:
    """A whole far below its parts pulls c under zero; a credit series may go there."""
    base = base_outlook()
    mid = np.array([100.0, 100, 1, 200, 120])[:, None].repeat(4, axis=1)
    pulled = dataclasses.replace(base, mid=mid)
    found = coherent(pulled, TREE, method="wls_structural").outlook
    row = found.panel.names.index("c")
    assert found.mid[row].tolist() == [0.0] * 4
    values = list(base.panel.values)
    values[2] = np.array([-5.0, 9.0])
    credit = dataclasses.replace(pulled, panel=dataclasses.replace(base.panel, values=tuple(values)))
    assert (coherent(credit, TREE, method="wls_structural").outlook.mid[row] < 0).all()


def test_a_series_without_a_place_is_refused() -> None:
    """Its money would be in no node."""
    other = Tree.of(pd.DataFrame({"team": ["web", "ml"]}, index=["a", "c"]))
    with pytest.raises(QueryError, match="its place in the tree"):
        coherent(base_outlook(), other)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_parts_add_up_to_the_cent_and_levels_are_nested(method: str) -> None:
    """Every node is the sum of its parts; 80 % lies within 95 %; the middle lies in both."""
    found = coherent(base_outlook(seed=3, origins=12), TREE, method=method)
    narrow, wide = (by_node(forecasts(found, currency="EUR", level=level)) for level in (0.8, 0.95))
    for node in TREE.members:
        parts = TREE.parts(node)
        assert not parts or sum(narrow[part].amount.mid for part in parts) == narrow[node].amount.mid
        inner, outer = narrow[node].amount, wide[node].amount
        assert outer.low <= inner.low <= inner.mid == outer.mid <= inner.high <= outer.high
        assert inner.mid.as_tuple().exponent == -2


@pytest.mark.usefixtures("plain_intervals")
def test_the_interval_of_a_group_is_that_of_its_own_sum() -> None:
    """Errors of a and b that cancel leave the team certain, although each of its series is not."""
    errors = np.zeros((4, 3, 1))
    errors[:, 0, 0], errors[:, 1, 0] = [5, -5, 3, -3], [-5, 5, -3, 3]
    panel = Panel(("a", "b", "c"), (np.ones(9),) * 3, "day", 7, (END,) * 3)
    outlook = Outlook(panel, np.full((3, 1), 10.0), errors, np.ones(3), pd.DataFrame(), {})
    answers = by_node(forecasts(coherent(outlook, TREE, method="bottom_up"), currency="EUR"))
    team = answers["web",].amount
    assert team.low == team.mid == team.high == Decimal("20.00")
    assert answers["web", "a"].amount.high > Decimal("13")


@pytest.mark.usefixtures("plain_intervals")
def test_chosen_steps_have_their_own_period_and_sum() -> None:
    """The second and third day of four."""
    base = base_outlook()
    found = coherent(base, TREE)
    answer = by_node(forecasts(found, currency="EUR", steps=range(1, 3)))[WHOLE]
    assert answer.period == Period(datetime(2026, 7, 2, tzinfo=UTC), datetime(2026, 7, 4, tzinfo=UTC))
    assert float(answer.amount.mid) == pytest.approx(found.outlook.mid[:, 1:3].sum(), abs=0.01)
    no_calendar = dataclasses.replace(base, panel=dataclasses.replace(base.panel, ends=None))
    assert by_node(forecasts(coherent(no_calendar, TREE), currency="EUR"))[WHOLE].period is None


@pytest.mark.usefixtures("plain_intervals")
def test_measures_are_asked_for_each_node_and_kept() -> None:
    """The function sees the node's series that have a forecast."""
    found = coherent(base_outlook(), TREE)
    answers = forecasts(found, currency="EUR", measures=lambda names: {"mase": float(len(names))})
    assert {answer.path: answer.mase for answer in answers if isinstance(answer, Forecast)}[WHOLE] == 3.0


def simulated(seed: int, *, origins: int) -> tuple[Outlook, np.ndarray]:
    """Draw base errors of all nodes at past origins and now: series err alone and with their team."""
    random = np.random.default_rng(seed)
    shared = random.normal(size=(origins + 1, 1, 6)) * 2
    bottom = random.normal(size=(origins + 1, 3, 6)) * np.array([2.0, 3.0, 4.0])[:, None] + shared
    groups = random.normal(size=(origins + 1, 2, 6)) * 3 + shared * np.array([2.0, 3.0])[:, None]
    errors = np.concatenate([bottom, groups], axis=1)
    actual = SUMS @ random.uniform(50, 90, size=(3, 6))
    panel = Panel(NODES, tuple(np.full(20, 9.0) for _ in NODES), "day", 7, (END,) * 5)
    return Outlook(panel, actual - errors[0], errors[1:], np.ones(5), pd.DataFrame(), {}), actual


@pytest.mark.usefixtures("plain_intervals")
@pytest.mark.parametrize("method", sorted(METHODS))
def test_intervals_hold_at_every_level(method: str) -> None:
    """300 draws, 40 origins, 80 % intervals of sums over six days: each level holds in 73 to 85 per cent.

    Plain quantiles of 40 errors hold in about 78 per cent; the standard error is 2.4 points for the whole.
    """
    held: dict[int, list[bool]] = {0: [], 1: [], 2: []}
    for seed in range(300):
        base, actual = simulated(seed, origins=40)
        for answer in forecasts(coherent(base, TREE, method=method), currency="EUR"):
            assert isinstance(answer, Forecast)
            inside = [NODES.index(name) for name in TREE.members[answer.path]]
            came = Decimal(float(actual[inside].sum()))
            held[len(answer.path)].append(answer.amount.low <= came <= answer.amount.high)
    assert all(0.73 <= np.mean(level) <= 0.85 for level in held.values())


def test_methods_are_compared_by_what_the_other_origins_chose() -> None:
    """Bottom-up against itself is 1; where groups are known better, minimum trace wins at the whole."""
    base, _ = simulated(1, origins=60)
    errors = base.errors.copy()
    errors[:, 3:] *= 0.05
    frame = compared(dataclasses.replace(base, errors=errors), TREE).set_index(["method", "depth"])
    assert (frame.loc["bottom_up", "against_bottom_up"] == 1).all()
    assert best_method(frame.reset_index()) == "mint"
    assert frame.loc[("mint", 0), "against_bottom_up"] < 0.5
    by_hand = np.abs(errors[:, :3].sum(axis=1)).mean()
    assert frame.loc[("bottom_up", 0), "mean_absolute_error"] == pytest.approx(by_hand)


def test_without_errors_nothing_can_be_compared() -> None:
    """The table says that it does not know."""
    base = base_outlook()
    frame = compared(dataclasses.replace(base, errors=np.full_like(base.errors, np.nan)), TREE)
    assert frame["mean_absolute_error"].isna().all()
    assert best_method(frame) == "wls_variance"
