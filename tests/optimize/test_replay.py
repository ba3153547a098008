"""Replays: measures by hand, no look at the future, and the strategy whose promise held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from finops_lib.optimize.price import Promise
from finops_lib.optimize.replay import MEASURES, Replay, held, replayed, table
from finops_lib.optimize.strategies.base import Allocation
from finops_lib.optimize.strategies.percentiles import Percentile
from finops_lib.optimize.windows import Histories


def replay(*breach: float, saving: float = 0.5) -> Replay:
    """Make a replay of one origin in which only breach and saving matter."""
    rest = [0.0] * len(breach)
    parts = [list(breach), rest, [saving] * len(breach), rest, rest]
    return Replay(tuple(f"w{number}" for number in range(len(breach))), np.array([parts]).transpose(0, 2, 1))


def test_measures_are_those_worked_by_hand() -> None:
    """Four known, two come; a size of 2 out of 4 against use of 1 and 3."""
    asked = Histories(("web",), np.array([[1.0, 2.0, 1.0, 1.0, 1.0, 3.0]]), 3600, np.array([4.0]), "cpu")
    found = replayed(asked, {"most": Percentile(level=1.0)}, horizon=2, cuts=[2], bound=0.5)["most"]
    measured = dict(zip(MEASURES, found.measured[0, 0], strict=True))
    assert measured == pytest.approx(
        {
            "breach": 0.5,
            "slack": 0.25,  # half of it idle at use 1, nothing at 3
            "saving": 0.5,
            "killed": 1.0,
            "regret": 0.0,  # half may lie above: the median of what came is 2
        }
    )


def test_no_strategy_sees_what_it_is_judged_by() -> None:
    """Use after an origin changes its measures and not the amounts, which saving shows."""
    use = np.random.default_rng(1).uniform(1, 2, (3, 60))
    asked = Histories(("a", "b", "c"), use, 3600, np.full(3, 4.0), "cpu")
    later = replace(asked, use=np.where(np.arange(60) >= 40, 3.9, use))
    first, second = (
        replayed(one, {"p": Percentile(level=0.9)}, horizon=10, cuts=[20])["p"] for one in (asked, later)
    )
    assert first.mean("saving") == second.mean("saving")
    assert second.mean("breach") == 1.0 > first.mean("breach")


def test_windows_without_answer_or_future_are_not_judged() -> None:
    """They are unknown, not without breach."""

    def silent(histories: Histories) -> Allocation:
        return Allocation(histories.workloads, np.array([np.nan, 1.0]), None, ("why", ""))

    use = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, np.nan]])
    asked = Histories(("a", "b"), use, 3600, np.full(2, 4.0), "cpu")
    found = replayed(asked, {"silent": silent}, horizon=1, cuts=[1])["silent"]
    assert np.isnan(found.measured).all()
    assert np.isnan(found.kept(0.02)) and held({"silent": found}) is None


def test_the_strategy_used_kept_its_promise_and_saved_most() -> None:
    """A bolder one that broke the mean, or the bound of too many workloads, is not used."""
    promise = Promise(mean=0.01, bound=0.02, kept=0.75)
    replays = {
        "mean_broken": replay(0.05, 0.0, 0.0, 0.0, saving=0.9),
        "bound_broken": replay(0.021, 0.0, 0.018, 0.0, saving=0.8),
        "kept": replay(0.0, 0.02, 0.0, 0.01, saving=0.7),
        "timid": replay(0.0, 0.0, 0.0, 0.0, saving=0.1),
    }
    replays["bound_broken"] = replay(0.021, 0.019, 0.0, 0.0, saving=0.8)
    assert held(replays, promise=promise) == "bound_broken"  # three of four kept: that is enough
    replays["bound_broken"] = replay(0.021, 0.019, 0.021, 0.0, saving=0.8)
    assert held(replays, promise=replace(promise, mean=0.02)) == "mean_broken"
    assert held(replays, promise=promise) == "kept"
    assert held({}, promise=promise) is None


def test_groups_are_told_apart() -> None:
    """Each strategy and group has a line with its own means and its count of windows."""
    found = table({"p": replay(0.1, 0.0, np.nan)}, groups=["x", "y", "y"], bound=0.02)
    assert found[["strategy", "group", "windows", "breach", "kept"]].values.tolist() == [
        ["p", "x", 1, 0.1, 0.0],
        ["p", "y", 1, 0.0, 1.0],
    ]
    assert table({"p": replay(0.1, 0.0)}, bound=0.02)["group"].tolist() == ["all"]
