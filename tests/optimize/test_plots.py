"""Pictures show the numbers that they are given, and no text of a bill becomes a formula."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from finops_lib.optimize.plots import axes, rules, savings, use_and_size
from finops_lib.records import Estimate, Recommendation


def _change(resource: str, mid: int) -> Recommendation:
    money = Estimate(Decimal(mid - 5), Decimal(mid), Decimal(mid + 5), 0.8, "USD")
    return Recommendation(resource, "idle", {}, {}, money, 0.01, {}, "r")


def test_bars_are_as_long_as_the_savings() -> None:
    """A saving and a cost: two bars of their middles, the cost hatched; 15 of 20 are drawn."""
    drawn = savings([_change("arn:aws:x:$\\frac$", 30), _change("b", -10)], ax=axes(), currency="USD")
    bars = [(round(bar.get_width()), bar.get_hatch()) for bar in drawn.patches]
    assert bars == [(30, ""), (-10, "////")]
    assert drawn.get_title(loc="left").startswith("$20") or "20" in drawn.get_title(loc="left")
    many = savings([_change(str(n), n) for n in range(40, 20, -1)], ax=axes(), currency="USD")
    assert len(many.patches) == 15


def test_nothing_to_save_is_said() -> None:
    """No change makes an empty picture with words."""
    assert savings([], ax=axes(), currency="USD").get_title(loc="left").startswith("Nothing a month")


def test_use_falls_from_its_highest() -> None:
    """Four samples, one unknown: the curve is 3, 2, 1 over thirds of the time."""
    drawn = use_and_size(
        np.array([1.0, 3.0, np.nan, 2.0]), ax=axes(), name="a", unit="cores", now=4.0, then=3.5
    )
    curve = drawn.lines[0]
    assert np.asarray(curve.get_ydata()).tolist() == [3.0, 2.0, 1.0]
    assert np.asarray(curve.get_xdata()).round(3).tolist() == [0.333, 0.667, 1.0]
    assert [float(np.asarray(line.get_ydata())[0]) for line in drawn.lines[1:]] == [4.0, 3.5]


def test_rules_that_broke_are_hollow() -> None:
    """Two rules at 0.5 and 3 %: one kept a promise of 1 %."""
    table = pd.DataFrame({"strategy": ["ours", "krr"], "breach": [0.005, 0.03], "saving": [0.5, 0.7]})
    drawn = rules(table, ax=axes(), bound=0.01)
    assert drawn.get_title(loc="left") == "1 of 2 rules kept the promise"
    assert [line.get_fillstyle() for line in drawn.lines[:2]] == ["full", "none"]


def test_a_rule_below_the_mean_may_still_have_broken_its_promise() -> None:
    """Where the table says who kept the whole promise, that counts and not the mean alone."""
    told = {
        "strategy": ["ours", "krr"],
        "breach": [0.005, 0.006],
        "saving": [0.5, 0.7],
        "held": [True, False],
    }
    drawn = rules(pd.DataFrame(told), ax=axes(), bound=0.01)
    assert drawn.get_title(loc="left") == "1 of 2 rules kept the promise"
    assert [line.get_fillstyle() for line in drawn.lines[:2]] == ["full", "none"]
