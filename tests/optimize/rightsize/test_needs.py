"""Needs are those of the rule that kept its promise; scaling, breach and past are told beside them."""

from __future__ import annotations

import numpy as np
import pytest

from finops_lib.optimize.rightsize.needs import (
    backtest_of,
    breach_of,
    follows_use,
    horizon_of,
    needs,
    strategies,
    strategies_told,
)
from finops_lib.optimize.sizing import Size
from finops_lib.optimize.windows import Histories

HOUR = 3600


def _fleet(seed: int, *, days: int = 21) -> Histories:
    rng = np.random.default_rng(seed)
    day = 1.0 + 0.5 * np.sin(np.arange(days * 24) * 2 * np.pi / 24)
    use = rng.uniform(0.2, 1.0, size=(24, 1)) * day * rng.lognormal(0.0, 0.1, size=(24, days * 24))
    return Histories(tuple(f"w{row}" for row in range(24)), use, HOUR, np.full(24, 4.0), "cpu")


def test_sizes_hold_in_the_week_after() -> None:
    """Over 5 fleets of 24, the week that nobody saw lies above the size in at most 1 % of its samples."""
    shares = []
    for seed in range(5):
        whole = _fleet(seed, days=28)
        found = needs(whole.last(21 * 24, before=7 * 24))
        for row, name in enumerate(whole.names):
            amount = found[name].amount
            assert amount is not None and amount < 4.0
            shares.append(float((whole.use[row, -7 * 24 :] > amount).mean()))
    assert np.mean(shares) <= 0.01


def test_young_ones_get_no_size() -> None:
    """One sample is no history: the reason says what is missing."""
    use = np.full((1, 300), np.nan)
    use[0, -1] = 1.0
    found = needs(Histories(("new",), use, HOUR, np.array([2.0]), "cpu"))
    assert found["new"].amount is None
    assert found["new"].reason == "0.0 days, 1 samples: 3 days, 100 samples are needed"


def test_a_table_without_a_step_has_its_reason() -> None:
    """A window without any sample sizes nothing, and does not fail."""
    found = needs(Histories(("new",), np.empty((1, 0)), HOUR, np.array([2.0]), "cpu"))
    assert found["new"].reason


def test_the_number_follows_use_where_members_are_busy_and_their_number_moves() -> None:
    """Busy and varying: scaled. Calm, constant, or of no known capacity alone: as far as is known, not."""
    use = np.array([[1.8, 1.9], [0.2, 0.3], [1.8, 1.9], [1.8, 1.9]])
    names = ("scaled", "calm", "constant", "alone")
    asked = Histories(names, use, HOUR, np.full(4, 2.0), "cpu")
    counts = {"scaled": [2, np.nan, 5], "calm": [2, 5], "constant": [3, 3, 3]}
    assert follows_use(asked, counts) == {"scaled"}


def test_a_member_of_unknown_capacity_may_follow_use() -> None:
    """Where the share of the capacity cannot be told, a number that moves is taken to follow use."""
    asked = Histories(("web",), np.array([[0.1, 0.2]]), HOUR, np.array([np.nan]), "cpu")
    assert follows_use(asked, {"web": [1, 2]}) == {"web"}


@pytest.mark.parametrize(("days", "expected"), [(28, 168), (8, 48), (4, 24), (0, 1)])
def test_a_size_has_to_last_a_week_or_a_quarter(days: int, expected: int) -> None:
    """28 days are judged by weeks, 4 by days; an empty table by one step."""
    assert horizon_of(days * 24, 24) == expected


def test_the_rules_of_the_field_are_candidates() -> None:
    """Ours stands beside the named ones; the memory rule of each gives an answer."""
    found = strategies(steps=336, steps_a_day=24)
    named = {"krr", "vpa", "autopilot", "azure like", "compute optimizer like", "predictive"}
    assert named <= set(found)


def test_breach_adds_up_and_is_not_known_where_a_part_is_not() -> None:
    """A machine is too small where one of its parts is: 1 % and 2 % come to 3 %, and never above 1.

    A rule without a promise is taken at its past, 2.5 % in 2 windows, and one more of 1 %: 2 %.
    """
    past = {"breach": 0.025, "windows": 2.0}
    cpu, memory = Size("a", "plain", 1.0, breach=0.01), Size("a", "plain", 1.0, backtest=past)
    assert breach_of([cpu, memory]) == pytest.approx(0.03)
    assert breach_of([Size("a", "plain", 1.0, backtest={"breach": 0.0, "windows": 4.0})]) == pytest.approx(
        0.002
    )
    assert breach_of([cpu, Size("a", "plain", 1.0)]) is None
    assert breach_of([]) is None
    assert breach_of([Size("a", "plain", 1.0, breach=0.7)] * 2) == 1.0


def test_the_past_is_told_by_kind() -> None:
    """Measures bear the kind; a size without an answer has no past that counts."""
    sizes = {
        "cpu": Size("a", "plain", 1.0, strategy="krr", backtest={"breach": 0.1}),
        "memory": Size("a", "plain", reason="flat"),
    }
    assert backtest_of(sizes) == {"cpu_breach": 0.1}
    assert strategies_told(sizes) == "cpu by krr"
